// libFuzzer's entry. The first byte chooses the device.
#include "ring_player.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	static const struct ring_player_target *const targets[] = {
		&ring_player_plain,
		&ring_player_input,
		&ring_player_gpu,
	};
	if (size > 0) {
		ring_player_run(targets[bytes[0] % 3], bytes + 1, size - 1);
	}
	return 0;
}

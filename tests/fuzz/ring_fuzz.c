// libFuzzer's entry. The first byte chooses the device.
#include "ring_player.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	if (size > 0) {
		ring_player_run(bytes[0] % 2 == 0 ? &ring_player_plain : &ring_player_input,
			bytes + 1, size - 1);
	}
	return 0;
}

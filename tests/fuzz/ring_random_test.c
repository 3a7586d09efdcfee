// Games of the ring player that are the same in every run, a hundred for each device.
#include <stdlib.h>

#include "fake_cmocka.h"
#include "fake_socket.h"
#include "ring_player.h"

#define GAMES 100
#define MOVES 1500 // bytes of a game
#define COMMAND_MOVES 4000 // of one that is made of whole commands

// xorshift64*: the same numbers everywhere.
static uint8_t next(uint64_t *state) {
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint8_t)((*state * UINT64_C(0x2545f4914f6cdd1d)) >> 56);
}

static void play(const struct ring_player_target *target) {
	static uint8_t bytes[COMMAND_MOVES];
	const unsigned moves = target->command != NULL ? COMMAND_MOVES : MOVES;
	const char *one = getenv("REDECHO_TEST_SEED");
	unsigned before = fake_socket_count_fds();
	for (uint64_t seed = 1; seed <= GAMES; seed++) {
		uint64_t state = one != NULL ? strtoull(one, NULL, 10) : seed;
		for (unsigned i = 0; i < moves; i++) {
			bytes[i] = next(&state);
		}
		ring_player_run(target, bytes, moves);
		if (fake_socket_count_fds() != before) {
			print_error("seed %llu leaks fds\n", (unsigned long long)seed);
			fail();
		}
	}
}

static void test_plain(void **state) {
	play(&ring_player_plain);
}

static void test_input(void **state) {
	play(&ring_player_input);
}

static void test_gpu(void **state) {
	play(&ring_player_gpu);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_gpu),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

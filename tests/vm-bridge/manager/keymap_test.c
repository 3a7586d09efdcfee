#include <cmocka.h>
#include <errno.h>
#include <linux/input-event-codes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keymap.h"

static uint32_t at(const uint8_t *table, int code, int level) {
	const uint8_t *entry = table + 8 + (code * KEYMAP_LEVELS + level) * 4;
	return entry[0] | (uint32_t)entry[1] << 8 | (uint32_t)entry[2] << 16 |
		(uint32_t)entry[3] << 24;
}

static void test_header(void **state) {
	uint8_t table[KEYMAP_SIZE_BYTES];
	static const uint8_t header[] = {'G', 'K', 'M', '1', 1, 0, 0, 1};
	assert_int_equal(keymap_write(table, "us", "", ""), 0);
	assert_memory_equal(table, header, sizeof(header));
	assert_int_equal(KEYMAP_SIZE_BYTES, 8 + 256 * 16);
}

static void test_us(void **state) {
	uint8_t table[KEYMAP_SIZE_BYTES];
	assert_int_equal(keymap_write(table, "us", NULL, NULL), 0);
	assert_int_equal(at(table, KEY_A, 0), 'a');
	assert_int_equal(at(table, KEY_A, 1), 'A');
	assert_int_equal(at(table, KEY_1, 1), '!');
	assert_int_equal(at(table, KEY_SPACE, 0), ' ');
	assert_int_equal(at(table, KEY_KP7, 0), '7');
	// Their keycodes say what they are.
	assert_int_equal(at(table, KEY_ENTER, 0), 0);
	assert_int_equal(at(table, KEY_BACKSPACE, 0), 0);
	assert_int_equal(at(table, KEY_DELETE, 0), 0);
	assert_int_equal(at(table, KEY_LEFTSHIFT, 0), 0);
	assert_int_equal(at(table, 0, 0), 0);
}

static void test_de(void **state) {
	uint8_t table[KEYMAP_SIZE_BYTES];
	assert_int_equal(keymap_write(table, "de", "", ""), 0);
	assert_int_equal(at(table, KEY_Y, 0), 'z');
	assert_int_equal(at(table, KEY_SEMICOLON, 0), 0xf6); // o with diaeresis
	assert_int_equal(at(table, KEY_SEMICOLON, 1), 0xd6);
	assert_int_equal(at(table, KEY_Q, 2), '@');
	assert_int_equal(at(table, KEY_E, 2), 0x20ac); // euro sign
	assert_int_equal(at(table, KEY_EQUAL, 0), KEYMAP_DEAD | 0x0301); // acute
	assert_int_equal(at(table, KEY_EQUAL, 1), KEYMAP_DEAD | 0x0300); // grave
	assert_int_equal(at(table, KEY_S, 3), 0x1e9e); // capital sharp s
}

static void test_first_of_several(void **state) {
	uint8_t table[KEYMAP_SIZE_BYTES];
	assert_int_equal(keymap_write(table, "ru,us", ",", "grp:alt_shift_toggle"), 0);
	assert_int_equal(at(table, KEY_F, 0), 0x0430);
	assert_int_equal(at(table, KEY_F, 1), 0x0410);
}

static void test_unknown(void **state) {
	uint8_t table[KEYMAP_SIZE_BYTES] = {0xaa};
	assert_int_equal(keymap_write(table, "no-such-layout", "", ""), -EINVAL);
	assert_int_equal(table[0], 0xaa);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_us),
		cmocka_unit_test(test_de),
		cmocka_unit_test(test_first_of_several),
		cmocka_unit_test(test_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

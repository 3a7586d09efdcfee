#include "core/keyboard.h"
#include "gk/key.h"
#include "unit.h"

#define KEY_1 2
#define KEY_EQUAL 13
#define KEY_Q 16
#define KEY_E 18
#define KEY_DOT 52
#define GRAVE 0x0300
#define ACUTE 0x0301

static struct gk_event press(struct keyboard *keyboard, uint32_t code) {
	struct gk_event event = {0};
	assert_true(keyboard_key(keyboard, code, true, 0, &event));
	return event;
}

static void release(struct keyboard *keyboard, uint32_t code) {
	struct gk_event event;
	assert_true(keyboard_key(keyboard, code, false, 0, &event));
	assert_int_equal(event.key.text[0], 0);
}

// Press and release; what is typed.
static uint32_t type(struct keyboard *keyboard, uint32_t code) {
	struct gk_event event = press(keyboard, code);
	release(keyboard, code);
	assert_int_equal(event.key.text[2], 0);
	return event.key.text[0];
}

static void types_us(void **state) {
	struct keyboard keyboard;
	keyboard_init(&keyboard);
	assert_int_equal(type(&keyboard, GK_KEY_A), 'a');
	press(&keyboard, GK_KEY_RIGHT_SHIFT);
	assert_int_equal(type(&keyboard, GK_KEY_A), 'A');
	assert_int_equal(type(&keyboard, KEY_1), '!');
	release(&keyboard, GK_KEY_RIGHT_SHIFT);
	assert_int_equal(type(&keyboard, KEY_DOT), '.');
	assert_int_equal(type(&keyboard, GK_KEY_SPACE), ' ');
	assert_int_equal(type(&keyboard, GK_KEY_ENTER), 0);
	type(&keyboard, GK_KEY_CAPS_LOCK);
	assert_int_equal(type(&keyboard, GK_KEY_A), 'A');
	assert_int_equal(type(&keyboard, KEY_1), '1');
	press(&keyboard, GK_KEY_LEFT_SHIFT);
	assert_int_equal(type(&keyboard, GK_KEY_A), 'a');
}

static void num_lock_makes_digits(void **state) {
	struct keyboard keyboard;
	keyboard_init(&keyboard);
	assert_int_equal(type(&keyboard, GK_KEY_KEYPAD_7), '7');
	type(&keyboard, GK_KEY_NUM_LOCK);
	assert_int_equal(type(&keyboard, GK_KEY_KEYPAD_7), 0);
}

static void control_types_nothing(void **state) {
	struct keyboard keyboard;
	keyboard_init(&keyboard);
	press(&keyboard, GK_KEY_LEFT_CONTROL);
	struct gk_event event = press(&keyboard, GK_KEY_A);
	assert_int_equal(event.key.text[0], 0);
	assert_int_equal(event.modifiers, GK_MODIFIER_CONTROL);
}

static void a_key_is_pressed_once(void **state) {
	struct keyboard keyboard;
	struct gk_event event;
	keyboard_init(&keyboard);
	press(&keyboard, GK_KEY_A);
	assert_false(keyboard_key(&keyboard, GK_KEY_A, true, 0, &event));
	assert_false(keyboard_key(&keyboard, KEY_Q, false, 0, &event));
	assert_false(keyboard_key(&keyboard, 0, true, 0, &event));
	assert_false(keyboard_key(&keyboard, KEYMAP_KEYS, true, 0, &event));
	assert_false(keyboard_key(&keyboard, UINT32_MAX, true, 0, &event));
}

static void repeats_the_last_key(void **state) {
	struct keyboard keyboard;
	struct gk_event event;
	keyboard_init(&keyboard);
	assert_int_equal(keyboard_deadline_ns(&keyboard), GK_NEVER);
	press(&keyboard, GK_KEY_A);
	uint64_t at = keyboard_deadline_ns(&keyboard);
	assert_int_equal(at, KEYBOARD_REPEAT_DELAY_NS);
	assert_false(keyboard_repeat(&keyboard, at - 1, &event));
	assert_true(keyboard_repeat(&keyboard, at, &event));
	assert_int_equal(event.key.state, GK_KEY_REPEATED);
	assert_int_equal(event.key.text[0], 'a');
	assert_int_equal(keyboard_deadline_ns(&keyboard), at + KEYBOARD_REPEAT_INTERVAL_NS);
	press(&keyboard, GK_KEY_LEFT_SHIFT); // changes what repeats, not that it does
	assert_true(keyboard_repeat(&keyboard, UINT64_C(9000000000), &event));
	assert_int_equal(event.key.text[0], 'A');
	release(&keyboard, GK_KEY_A);
	assert_int_equal(keyboard_deadline_ns(&keyboard), GK_NEVER);
}

static void set_key(uint8_t *table, uint32_t code, const uint32_t levels[4]) {
	for (int level = 0; level < 4; level++) {
		for (int byte = 0; byte < 4; byte++) {
			table[8 + code * 16 + (uint32_t)(level * 4 + byte)] =
				(uint8_t)(levels[level] >> 8 * byte);
		}
	}
}

// A layout with what is hard: dead keys, AltGr, Backspace on Caps Lock.
static const uint8_t *make_table(void) {
	static uint8_t table[8 + 256 * 16] = {'G', 'K', 'M', '1', 1, 0, 0, 1};
	set_key(table, GK_KEY_A, (const uint32_t[4]){'a', 'A', 0xe6, 0xc6});
	set_key(table, KEY_E, (const uint32_t[4]){'e', 'E', 0x20ac, 0});
	set_key(table, KEY_Q, (const uint32_t[4]){'q', 'Q', '@', 0});
	set_key(table, KEY_EQUAL,
		(const uint32_t[4]){KEYMAP_DEAD | ACUTE, KEYMAP_DEAD | GRAVE, 0, 0});
	set_key(table, GK_KEY_SPACE, (const uint32_t[4]){' ', ' ', ' ', ' '});
	set_key(table, GK_KEY_ENTER, (const uint32_t[4]){'\r', '\r', '\r', '\r'});
	set_key(table, GK_KEY_CAPS_LOCK, (const uint32_t[4]){'\b', '\b', '\b', '\b'});
	set_key(table, KEY_1, (const uint32_t[4]){0xd800, 0x110000, 0, 0});
	return table;
}

static void init_host(struct keyboard *keyboard) {
	keyboard_init(keyboard);
	assert_true(keymap_decode(&keyboard->keymap, make_table(), 8 + 256 * 16));
}

static void applies_the_hosts_layout(void **state) {
	struct keyboard keyboard;
	init_host(&keyboard);
	assert_int_equal(type(&keyboard, KEY_Q), 'q');
	assert_int_equal(type(&keyboard, KEY_1), 0); // no characters: left out
	press(&keyboard, GK_KEY_RIGHT_ALT);
	assert_int_equal(type(&keyboard, KEY_Q), '@');
	assert_int_equal(type(&keyboard, KEY_E), 0x20ac);
	press(&keyboard, GK_KEY_LEFT_SHIFT);
	assert_int_equal(type(&keyboard, GK_KEY_A), 0xc6);
	release(&keyboard, GK_KEY_LEFT_SHIFT);
	release(&keyboard, GK_KEY_RIGHT_ALT);
	struct gk_event event = press(&keyboard, GK_KEY_CAPS_LOCK);
	assert_int_equal(event.key.code, GK_KEY_BACKSPACE);
	release(&keyboard, GK_KEY_CAPS_LOCK);
	assert_int_equal(type(&keyboard, GK_KEY_A), 'a'); // it locks nothing here
}

static void composes_dead_keys(void **state) {
	struct keyboard keyboard;
	init_host(&keyboard);
	assert_int_equal(type(&keyboard, KEY_EQUAL), 0);
	assert_int_equal(type(&keyboard, KEY_E), 0xe9);
	assert_int_equal(type(&keyboard, KEY_E), 'e');
	type(&keyboard, KEY_EQUAL);
	assert_int_equal(type(&keyboard, GK_KEY_SPACE), 0xb4);
	type(&keyboard, KEY_EQUAL);
	assert_int_equal(type(&keyboard, KEY_EQUAL), 0xb4);
	type(&keyboard, KEY_EQUAL);
	struct gk_event event = press(&keyboard, KEY_Q); // there is no such letter: both
	assert_int_equal(event.key.text[0], 0xb4);
	assert_int_equal(event.key.text[1], 'q');
	release(&keyboard, KEY_Q);
	press(&keyboard, GK_KEY_LEFT_SHIFT);
	type(&keyboard, KEY_EQUAL);
	assert_int_equal(type(&keyboard, GK_KEY_A), 0xc0);
}

static void refuses_broken_tables(void **state) {
	uint8_t table[8 + 256 * 16];
	memcpy(table, make_table(), sizeof(table));
	struct keymap keymap, before;
	keymap_init_us(&keymap);
	before = keymap;
	for (size_t size = 0; size < sizeof(table); size++) {
		assert_false(keymap_decode(&keymap, table, size));
	}
	for (int byte = 0; byte < 6; byte++) {
		table[byte] ^= 1;
		assert_false(keymap_decode(&keymap, table, sizeof(table)));
		table[byte] ^= 1;
	}
	table[7] = 0xff; // more keys than there are
	assert_false(keymap_decode(&keymap, table, sizeof(table)));
	assert_memory_equal(&keymap, &before, sizeof(keymap));
	table[7] = 0; // none: a keymap on which nothing types
	assert_true(keymap_decode(&keymap, table, 8));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_us),
		cmocka_unit_test(num_lock_makes_digits),
		cmocka_unit_test(control_types_nothing),
		cmocka_unit_test(a_key_is_pressed_once),
		cmocka_unit_test(repeats_the_last_key),
		cmocka_unit_test(applies_the_hosts_layout),
		cmocka_unit_test(composes_dead_keys),
		cmocka_unit_test(refuses_broken_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

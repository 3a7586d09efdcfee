// Several keyboards, several layouts, and keys that must not stick.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_seat.h>

#include "desk.h"
#include "desk_devices.h"
#include "keyboard_group.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"

// Presses less releases that the client has heard of.
static int held(const struct test_client *client, uint32_t key) {
	int count = 0;
	for (size_t i = 0; i < client->keys_len; i++) {
		if (client->keys[i].key == key) {
			count += client->keys[i].state == 1 ? 1 : -1;
		}
	}
	return count;
}

static size_t times(const struct test_client *client, uint32_t key) {
	size_t count = 0;
	for (size_t i = 0; i < client->keys_len; i++) {
		count += client->keys[i].key == key;
	}
	return count;
}

static uint32_t modifiers(const struct desk *desk) {
	return wlr_keyboard_get_modifiers(wlr_seat_get_keyboard(desk->server->seat->wlr_seat));
}

static void test_two_keyboards_are_one(void **state) {
	const struct desk_options options = {.config = "mod Alt\nbind Mod+z nop\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct wlr_keyboard *second = desk_add_keyboard(desk, "second");
	// A key on both is down until it is up on both.
	desk_key(desk, KEY_A, true);
	desk_key_on(desk, second, KEY_A, true);
	desk_key(desk, KEY_A, false);
	assert_int_equal(held(client, KEY_A), 1);
	desk_key_on(desk, second, KEY_A, false);
	assert_int_equal(held(client, KEY_A), 0);
	assert_int_equal(times(client, KEY_A), 2);
	// The modifier of one counts for the key of the other.
	desk_key_on(desk, second, KEY_LEFTALT, true);
	desk_tap(desk, KEY_Z);
	assert_int_equal(times(client, KEY_Z), 0);
	// Unplugged with keys held: they come up, and the modifier is gone.
	desk_key_on(desk, second, KEY_B, true);
	desk_remove_keyboard(desk, second);
	assert_int_equal(held(client, KEY_B), 0);
	assert_int_equal(held(client, KEY_LEFTALT), 0);
	assert_int_equal(modifiers(desk), 0);
	desk_tap(desk, KEY_Z);
	assert_int_equal(times(client, KEY_Z), 2);
	desk_destroy(desk);
}

// A device that says what it has said already changes nothing.
static void test_repeated_events(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_key(desk, KEY_A, true);
	desk_key(desk, KEY_A, true);
	assert_int_equal(times(client, KEY_A), 1);
	desk_key(desk, KEY_A, false);
	desk_key(desk, KEY_A, false);
	assert_int_equal(times(client, KEY_A), 2);
	desk_key(desk, 5000, true);
	desk_key(desk, 5000, false);
	assert_int_equal(client->keys_len, 2);
	desk_destroy(desk);
}

static void test_own_layout(void **state) {
	const struct desk_options options = {
		.config = "mod Alt\nbind Mod+y nop\n"
			  "input {\n layout us\n}\n"
			  "input \"*german*\" {\n layout de\n repeat-rate 7\n}\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct wlr_keyboard *german = desk_add_keyboard(desk, "a german keyboard");
	struct seat *seat = desk->server->seat;
	assert_int_equal(wl_list_length(&seat->groups), 2);
	// Where Z is on one, Y is on the other.
	desk_key(desk, KEY_LEFTALT, true);
	desk_tap(desk, KEY_Z);
	desk_key(desk, KEY_LEFTALT, false);
	assert_int_equal(times(client, KEY_Z), 2);
	desk_key_on(desk, german, KEY_LEFTALT, true);
	desk_key_on(desk, german, KEY_Z, true);
	desk_key_on(desk, german, KEY_Z, false);
	desk_key_on(desk, german, KEY_LEFTALT, false);
	assert_int_equal(times(client, KEY_Z), 2);
	assert_string_equal(keyboard_group_layout_name(keyboard_group_current(seat), 0), "German");
	assert_int_equal(wlr_seat_get_keyboard(seat->wlr_seat)->repeat_info.rate, 7);
	// Two with one key: the client hears of one press, and the first release ends it.
	desk_key(desk, KEY_A, true);
	desk_key_on(desk, german, KEY_A, true);
	desk_key(desk, KEY_A, false);
	desk_key_on(desk, german, KEY_A, false);
	assert_int_equal(times(client, KEY_A), 2);
	assert_int_equal(held(client, KEY_A), 0);
	// It joins the others while a key of it is held, and that key comes up.
	desk_key_on(desk, german, KEY_B, true);
	desk_run(desk, "input *german* layout us");
	desk_run(desk, "input *german* repeat-rate 25");
	assert_int_equal(held(client, KEY_B), 0);
	assert_int_equal(wl_list_length(&seat->groups), 1);
	desk_key_on(desk, german, KEY_B, false);
	assert_int_equal(times(client, KEY_B), 2);
	desk_remove_keyboard(desk, german);
	desk_destroy(desk);
}

static void assert_layout(struct desk *desk, const char *name) {
	struct keyboard_group *group = keyboard_group_current(desk->server->seat);
	const struct wlr_keyboard *keyboard = wlr_seat_get_keyboard(desk->server->seat->wlr_seat);
	assert_string_equal(keyboard_group_layout_name(group, group->layout), name);
	assert_int_equal(keyboard->modifiers.group, group->layout);
}

static void test_layouts(void **state) {
	const struct desk_options options = {
		.config = "mod Alt\nbind Mod+y nop\n"
			  "input {\n layout us,de,ru\n options grp:caps_toggle\n}\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	assert_layout(desk, "English (US)");
	desk_key(desk, KEY_A, true);
	desk_run(desk, "keyboard-layout next");
	assert_layout(desk, "German");
	desk_key(desk, KEY_A, false);
	assert_int_equal(held(client, KEY_A), 0);
	// Bindings go by the layout that is on.
	desk_key(desk, KEY_LEFTALT, true);
	desk_tap(desk, KEY_Z);
	desk_key(desk, KEY_LEFTALT, false);
	assert_int_equal(times(client, KEY_Z), 0);
	// XKB's own key, and both ends of the row.
	desk_tap(desk, KEY_CAPSLOCK);
	assert_layout(desk, "Russian");
	desk_run(desk, "keyboard-layout next");
	assert_layout(desk, "English (US)");
	desk_run(desk, "keyboard-layout previous");
	assert_layout(desk, "Russian");
	desk_run(desk, "keyboard-layout 2");
	assert_layout(desk, "German");
	// Another keyboard is of the same group, and switches nothing.
	struct wlr_keyboard *second = desk_add_keyboard(desk, "second");
	desk_key_on(desk, second, KEY_B, true);
	assert_layout(desk, "German");
	desk_remove_keyboard(desk, second);
	assert_layout(desk, "German");
	assert_int_equal(held(client, KEY_B), 0);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_keyboards_are_one),
		cmocka_unit_test(test_repeated_events),
		cmocka_unit_test(test_own_layout),
		cmocka_unit_test(test_layouts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// Every key but one to one window: whoever turned it on, and however it ends.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "passthrough.h"
#include "redecho-manager-v1-protocol.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "test_input.h"
#include "tile.h"
#include "workspace.h"

#define CONFIG "mod Logo\nbind Mod+x workspace 2\nbind Mod+button:left workspace 3\n"

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

static void press_mod_x(struct desk *desk) {
	desk_key(desk, KEY_LEFTMETA, true);
	desk_tap(desk, KEY_X);
	desk_key(desk, KEY_LEFTMETA, false);
}

static void press_chord(struct desk *desk) {
	desk_key(desk, KEY_LEFTMETA, true);
	desk_key(desk, KEY_LEFTCTRL, true);
	desk_tap(desk, KEY_ESC);
	desk_key(desk, KEY_LEFTCTRL, false);
	desk_key(desk, KEY_LEFTMETA, false);
}

static bool is_on(const struct desk *desk) {
	return passthrough_tile(desk->server->seat) != NULL;
}

static int workspace(const struct desk *desk) {
	return workspace_active(desk->server)->number;
}

static void assert_released(const struct test_client *client) {
	const uint32_t keys[] = {KEY_LEFTMETA, KEY_LEFTCTRL, KEY_LEFTALT, KEY_X, KEY_ESC};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_int_equal(held(client, keys[i]), 0);
	}
}

static void test_chord(void **state) {
	const struct desk_options options = {.config = CONFIG};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	press_chord(desk);
	assert_true(is_on(desk));
	assert_int_equal(times(client, KEY_ESC), 0);
	press_mod_x(desk);
	assert_int_equal(times(client, KEY_X), 2);
	assert_int_equal(workspace(desk), 1);
	desk_move_to(desk, 600, 400);
	desk_key(desk, KEY_LEFTMETA, true);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	desk_key(desk, KEY_LEFTMETA, false);
	assert_int_equal(client->buttons, 2);
	assert_int_equal(workspace(desk), 1);
	// What is built in stays the desk's: a screen that one cannot leave is a trap.
	press_chord(desk);
	assert_false(is_on(desk));
	assert_int_equal(times(client, KEY_ESC), 0);
	assert_released(client);
	press_mod_x(desk);
	assert_int_equal(workspace(desk), 2);
	assert_int_equal(times(client, KEY_X), 2);
	// Here is no window.
	press_chord(desk);
	assert_false(is_on(desk));
	desk_destroy(desk);
}

static void test_builtin_keys(void **state) {
	const struct desk_options options = {
		.config = "passthrough {\n builtin-keys no\n key Ctrl+F12\n}\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct test_input *input = test_input_create(client);
	desk_settle(desk);
	desk_key(desk, KEY_LEFTCTRL, true);
	desk_tap(desk, KEY_F12);
	assert_true(is_on(desk));
	desk_key(desk, KEY_LEFTALT, true);
	desk_tap(desk, KEY_BACKSPACE);
	assert_false(desk->server->exiting);
	assert_int_equal(times(client, KEY_BACKSPACE), 2);
	desk_tap(desk, KEY_F12); // with Alt it is another one
	assert_true(is_on(desk));
	desk_key(desk, KEY_LEFTALT, false);
	desk_tap(desk, KEY_F12);
	assert_false(is_on(desk));
	desk_run(desk, "passthrough on");
	assert_true(is_on(desk));
	desk_run(desk, "passthrough");
	assert_false(is_on(desk));
	// A client that asks does not get those.
	desk_key(desk, KEY_LEFTCTRL, false);
	struct test_client *other = desk_connect_shown(desk, "b");
	struct test_input *asking = test_input_create(other);
	desk_settle(desk);
	test_input_inhibit(asking);
	desk_settle(desk);
	assert_true(asking->inhibits);
	desk_key(desk, KEY_LEFTCTRL, true);
	desk_key(desk, KEY_LEFTALT, true);
	desk_tap(desk, KEY_BACKSPACE);
	assert_true(desk->server->exiting);
	assert_int_equal(times(other, KEY_BACKSPACE), 0);
	test_input_destroy(asking);
	test_input_destroy(input);
	desk_destroy(desk);
}

static void test_ends_with_focus(void **state) {
	const struct desk_options options = {.config = CONFIG};
	struct desk *desk = desk_create(&options);
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	desk_run(desk, "passthrough on");
	desk_key(desk, KEY_X, true);
	desk_run(desk, "focus left");
	assert_false(is_on(desk));
	desk_key(desk, KEY_X, false);
	desk_run(desk, "focus right");
	assert_false(is_on(desk));
	// The lock, and what the host asks.
	desk_run(desk, "passthrough on");
	const struct seat_claim claim = {0};
	seat_claim(desk->server->seat, SEAT_CLAIM_LOCK, &claim);
	assert_false(is_on(desk));
	press_chord(desk);
	assert_false(is_on(desk));
	seat_unclaim(desk->server->seat, SEAT_CLAIM_LOCK);
	assert_false(is_on(desk));
	desk_run(desk, "passthrough on");
	desk_run(desk, "launcher");
	assert_false(is_on(desk));
	desk_tap(desk, KEY_ESC);
	// The window goes.
	desk_run(desk, "passthrough on");
	desk_disconnect(desk, right);
	assert_false(is_on(desk));
	left->keys_len = 0;
	press_mod_x(desk);
	assert_int_equal(workspace(desk), 2);
	assert_int_equal(times(left, KEY_X), 0);
	desk_destroy(desk);
}

static void test_inhibit(void **state) {
	const struct desk_options options = {.config = CONFIG};
	struct desk *desk = desk_create(&options);
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	struct test_input *input = test_input_create(left);
	desk_settle(desk);
	// It waits for the keyboard, and has it as often as it has the keyboard.
	test_input_inhibit(input);
	desk_settle(desk);
	assert_false(input->inhibits);
	desk_run(desk, "focus left");
	assert_true(input->inhibits);
	press_mod_x(desk);
	assert_int_equal(times(left, KEY_X), 2);
	desk_run(desk, "focus right");
	assert_false(input->inhibits);
	press_mod_x(desk);
	assert_int_equal(workspace(desk), 2);
	assert_int_equal(times(right, KEY_X), 0);
	desk_run(desk, "workspace 1");
	desk_run(desk, "focus left");
	assert_true(input->inhibits);
	// The key ends it, and a second request changes nothing.
	press_chord(desk);
	assert_false(input->inhibits);
	test_input_release(input);
	test_input_inhibit(input);
	desk_settle(desk);
	assert_false(input->inhibits);
	desk_run(desk, "focus right");
	desk_run(desk, "focus left");
	assert_false(input->inhibits);
	// Only the user turns it on again.
	press_chord(desk);
	assert_true(input->inhibits);
	test_input_release(input);
	desk_settle(desk);
	assert_true(is_on(desk)); // the user did
	assert_released(left);
	test_input_destroy(input);
	desk_destroy(desk);
}

static void test_client_gives_up(void **state) {
	const struct desk_options options = {.config = CONFIG};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct test_input *input = test_input_create(client);
	desk_settle(desk);
	test_input_inhibit(input);
	desk_settle(desk);
	assert_true(input->inhibits);
	desk_key(desk, KEY_LEFTMETA, true);
	test_input_release(input);
	desk_settle(desk);
	assert_false(is_on(desk));
	desk_tap(desk, KEY_X);
	desk_key(desk, KEY_LEFTMETA, false);
	assert_int_equal(workspace(desk), 2);
	assert_int_equal(times(client, KEY_X), 0);
	test_input_destroy(input);
	desk_destroy(desk);
}

static void test_machine(void **state) {
	struct desk *desk = desk_machine_create();
	desk_configure(desk, CONFIG);
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	fake_machine_state(machine, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	press_chord(desk);
	assert_false(is_on(desk)); // there is only a placeholder
	struct test_client *bridge = desk_machine_show(desk, machine);
	struct test_input *input = test_input_create(bridge);
	desk_settle(desk);
	test_input_inhibit(input);
	desk_settle(desk);
	assert_false(input->inhibits);
	press_mod_x(desk);
	assert_int_equal(workspace(desk), 2);
	desk_run(desk, "workspace 1");
	// The user lets machines ask.
	desk_configure(desk, CONFIG "passthrough {\n machines-may-ask yes\n}\n");
	desk_settle(desk);
	assert_true(input->inhibits);
	press_mod_x(desk);
	assert_int_equal(times(bridge, KEY_X), 2);
	desk_configure(desk, CONFIG);
	desk_settle(desk);
	assert_false(input->inhibits);
	// The user turns it on, and the machine ends.
	press_chord(desk);
	assert_true(is_on(desk));
	test_input_destroy(input);
	fake_machine_end(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED, "it crashed");
	desk_disconnect(desk, bridge);
	assert_false(is_on(desk));
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chord),
		cmocka_unit_test(test_builtin_keys),
		cmocka_unit_test(test_ends_with_focus),
		cmocka_unit_test(test_inhibit),
		cmocka_unit_test(test_client_gives_up),
		cmocka_unit_test(test_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

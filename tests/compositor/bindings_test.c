// What is bound to what: modes, buttons and wheels by place, switches, gestures.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "desk_devices.h"
#include "input_mode.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "workspace.h"

static size_t times(const struct test_client *client, uint32_t key) {
	size_t count = 0;
	for (size_t i = 0; i < client->keys_len; i++) {
		count += client->keys[i].key == key;
	}
	return count;
}

static int workspace(const struct desk *desk) {
	return workspace_active(desk->server)->number;
}

static void assert_mode(const struct desk *desk, const char *name) {
	assert_string_equal(input_mode_name(desk->server->seat), name);
}

static void test_mode(void **state) {
	const struct desk_options options = {
		.config = "mod Alt\nbind Mod+r mode other\nbind Mod+x workspace 2\n"
			  "mode other {\n bind x workspace 3\n bind q mode default\n}\n"
			  "bind-switch lid:on workspace 4\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct wlr_switch *lid = desk_add_switch(desk);
	desk_key(desk, KEY_LEFTALT, true);
	desk_tap(desk, KEY_R);
	assert_mode(desk, "other");
	// The default mode's bindings do not count, and what is not bound is the client's.
	desk_tap(desk, KEY_X);
	assert_int_equal(workspace(desk), 1);
	desk_key(desk, KEY_LEFTALT, false);
	assert_int_equal(times(client, KEY_X), 2);
	desk_tap(desk, KEY_X);
	assert_int_equal(workspace(desk), 3);
	desk_run(desk, "workspace 1");
	assert_int_equal(times(client, KEY_X), 2);
	// The lid is shut in any mode.
	desk_lid(desk, lid, true);
	assert_int_equal(workspace(desk), 4);
	desk_run(desk, "workspace 1");
	desk_tap(desk, KEY_Q);
	assert_mode(desk, "default");
	desk_tap(desk, KEY_Q);
	assert_int_equal(times(client, KEY_Q), 2);
	// A mode that the new configuration does not have is left.
	desk_run(desk, "mode other");
	desk_configure(desk, "mode else {\n bind y nop\n}\n");
	assert_mode(desk, "default");
	desk_remove_switch(desk, lid);
	desk_destroy(desk);
}

// A key that is held when the mode changes comes up where it went down.
static void test_mode_changes_while_held(void **state) {
	const struct desk_options options = {
		.config = "mode other {\n bind x nop\n bind --release y workspace 2\n}\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_key(desk, KEY_X, true);
	desk_key(desk, KEY_Y, true);
	desk_run(desk, "mode other");
	desk_key(desk, KEY_X, false);
	desk_key(desk, KEY_Y, false);
	assert_int_equal(times(client, KEY_X), 2);
	assert_int_equal(times(client, KEY_Y), 2);
	assert_int_equal(workspace(desk), 1);
	desk_key(desk, KEY_X, true);
	desk_run(desk, "mode default");
	desk_key(desk, KEY_X, false);
	assert_int_equal(times(client, KEY_X), 2);
	desk_destroy(desk);
}

static void test_release(void **state) {
	const struct desk_options options = {
		.config = "mod Alt\nbind --release Mod+z workspace 2\n"
			  "bind --release Super_L workspace 3\nbind Logo+x workspace 4\n"
			  "bind Logo+button:left workspace 5\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	// Whichever of them comes up first.
	desk_key(desk, KEY_LEFTALT, true);
	desk_key(desk, KEY_Z, true);
	assert_int_equal(workspace(desk), 1);
	desk_key(desk, KEY_LEFTALT, false);
	desk_key(desk, KEY_Z, false);
	assert_int_equal(workspace(desk), 2);
	// A modifier for itself, but not after it was used as one.
	desk_tap(desk, KEY_LEFTMETA);
	assert_int_equal(workspace(desk), 3);
	desk_key(desk, KEY_LEFTMETA, true);
	desk_tap(desk, KEY_X);
	desk_key(desk, KEY_LEFTMETA, false);
	assert_int_equal(workspace(desk), 4);
	desk_key(desk, KEY_LEFTMETA, true);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	desk_key(desk, KEY_LEFTMETA, false);
	assert_int_equal(workspace(desk), 5);
	assert_int_equal(client->keys_len, 2); // the Alt
	desk_destroy(desk);
}

static void test_places(void **state) {
	const struct desk_options options = {
		.config = "bind --titlebar button:middle workspace 2\n"
			  "bind --border button:middle workspace 3\n"
			  "bind --desk button:middle workspace 4\n"
			  "bind --whole-window Ctrl+button:right workspace 5\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	desk_settle(desk);
	const struct tile *tile = desk_tile(desk, "a");
	const struct {
		double lx, ly;
		int workspace, buttons;
	} cases[] = {
		{tile->box.x + 100, tile->box.y + 12, 2, 0},
		{tile->box.x + 1, tile->box.y + 300, 3, 0},
		{tile->box.x + 300, tile->box.y + 300, 1, 2},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		client->buttons = 0;
		desk_move_to(desk, cases[i].lx, cases[i].ly);
		desk_button(desk, BTN_MIDDLE, true);
		desk_button(desk, BTN_MIDDLE, false);
		assert_int_equal(workspace(desk), cases[i].workspace);
		assert_int_equal(client->buttons, cases[i].buttons);
		desk_run(desk, "workspace 1");
	}
	desk_key(desk, KEY_LEFTCTRL, true);
	desk_button(desk, BTN_RIGHT, true);
	desk_button(desk, BTN_RIGHT, false);
	desk_key(desk, KEY_LEFTCTRL, false);
	assert_int_equal(workspace(desk), 5);
	assert_int_equal(client->buttons, 2);
	// There is nothing here.
	desk_button(desk, BTN_MIDDLE, true);
	desk_button(desk, BTN_MIDDLE, false);
	assert_int_equal(workspace(desk), 4);
	desk_destroy(desk);
}

// Two mice with one button: down at the first press, up at the first release.
static void test_button_twice(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	desk_settle(desk);
	desk_move_to(desk, 600, 400);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, true);
	assert_int_equal(client->buttons, 1);
	desk_button(desk, BTN_LEFT, false);
	desk_button(desk, BTN_LEFT, false);
	assert_int_equal(client->buttons, 2);
	desk_button(desk, BTN_RIGHT, false);
	assert_int_equal(client->buttons, 2);
	desk_destroy(desk);
}

static void test_scroll(void **state) {
	const struct desk_options options = {
		.config = "bind Ctrl+scroll:down resize right 40\n"
			  "bind Ctrl+scroll:right workspace 5\n"
			  "input type:pointer {\n scroll-factor 2\n}\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	desk_settle(desk);
	desk_move_to(desk, 300, 400);
	desk_scroll_by(desk, false, 7.5, 60);
	assert_int_equal(client->axis_value120, 120);
	desk_connect_shown(desk, "b");
	desk_run(desk, "focus left");
	const struct tile *tile = desk_tile(desk, "a");
	int width = tile->box.width;
	desk_key(desk, KEY_LEFTCTRL, true);
	client->axis_value120 = 0;
	// Half a step, and another half; up is not bound.
	desk_scroll_by(desk, false, 7.5, 60);
	assert_int_equal(tile->box.width, width);
	desk_scroll_by(desk, false, -7.5, -60);
	assert_int_equal(client->axis_value120, -120);
	desk_scroll_by(desk, false, 7.5, 60);
	assert_int_equal(tile->box.width, width);
	desk_scroll_by(desk, false, 7.5, 60);
	assert_int_equal(tile->box.width, width + 40);
	// Two fingers: as far as a step.
	for (int i = 0; i < 4; i++) {
		assert_int_equal(tile->box.width, width + 40);
		desk_scroll_by(desk, false, 10, 0);
	}
	assert_int_equal(tile->box.width, width + 80);
	desk_scroll_by(desk, true, 15, 120);
	assert_int_equal(workspace(desk), 5);
	desk_key(desk, KEY_LEFTCTRL, false);
	assert_int_equal(client->axis_value120, -120);
	desk_destroy(desk);
}

static void test_switch(void **state) {
	const struct desk_options options = {
		.config = "bind-switch lid:on workspace 2\nbind-switch lid:off workspace 3\n"};
	struct desk *desk = desk_create(&options);
	struct wlr_switch *lid = desk_add_switch(desk);
	desk_lid(desk, lid, true);
	assert_int_equal(workspace(desk), 2);
	// On a locked screen as well.
	const struct seat_claim claim = {0};
	seat_claim(desk->server->seat, SEAT_CLAIM_LOCK, &claim);
	desk_lid(desk, lid, false);
	assert_int_equal(workspace(desk), 3);
	seat_unclaim(desk->server->seat, SEAT_CLAIM_LOCK);
	desk_remove_switch(desk, lid);
	desk_destroy(desk);
}

static void test_gestures(void **state) {
	const struct desk_options options = {
		.config = "bind-gesture swipe:3:left workspace 2\n"
			  "bind-gesture swipe:3:right workspace 1\n"
			  "bind-gesture pinch:2:inward+clockwise workspace 7\n"
			  "bind-gesture pinch:2:outward workspace 8\n"
			  "bind-gesture hold:4 workspace 9\n"
			  "bind-gesture Ctrl+swipe:4:up workspace 10\n"};
	struct desk *desk = desk_create(&options);
	desk_swipe(desk, 3, -200, 20, false);
	assert_int_equal(workspace(desk), 2);
	desk_swipe(desk, 3, 200, 190, false);
	assert_int_equal(workspace(desk), 1);
	// Too short, given up, other fingers, another way.
	desk_swipe(desk, 3, -10, 0, false);
	desk_swipe(desk, 3, -200, 0, true);
	desk_swipe(desk, 4, -200, 0, false);
	desk_swipe(desk, 3, 0, -200, false);
	desk_swipe(desk, 4, 0, -200, false);
	assert_int_equal(workspace(desk), 1);
	desk_key(desk, KEY_LEFTCTRL, true);
	desk_swipe(desk, 4, 0, -200, false);
	desk_key(desk, KEY_LEFTCTRL, false);
	assert_int_equal(workspace(desk), 10);
	desk_pinch(desk, 2, 0.5, 40);
	assert_int_equal(workspace(desk), 7);
	desk_pinch(desk, 2, 1.6, -40);
	assert_int_equal(workspace(desk), 8);
	desk_pinch(desk, 2, 1.01, 2);
	desk_hold(desk, 4, true);
	assert_int_equal(workspace(desk), 8);
	desk_hold(desk, 4, false);
	assert_int_equal(workspace(desk), 9);
	desk_destroy(desk);
}

// What another script's key is in the first layout.
static void test_other_script(void **state) {
	const struct desk_options options = {
		.config = "mod Alt\nbind Mod+z workspace 2\nbind --to-code Mod+q workspace 3\n"
			  "input {\n layout us,ru,de\n}\n"};
	struct desk *desk = desk_create(&options);
	desk_run(desk, "keyboard-layout 2");
	desk_key(desk, KEY_LEFTALT, true);
	desk_tap(desk, KEY_Z);
	assert_int_equal(workspace(desk), 2);
	// German has a z, elsewhere, and that counts; but not with --to-code.
	desk_run(desk, "workspace 1");
	desk_run(desk, "keyboard-layout 3");
	desk_tap(desk, KEY_Z);
	assert_int_equal(workspace(desk), 1);
	desk_tap(desk, KEY_Y);
	assert_int_equal(workspace(desk), 2);
	desk_tap(desk, KEY_Q);
	assert_int_equal(workspace(desk), 3);
	desk_key(desk, KEY_LEFTALT, false);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_mode_changes_while_held),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_button_twice),
		cmocka_unit_test(test_scroll),
		cmocka_unit_test(test_switch),
		cmocka_unit_test(test_gestures),
		cmocka_unit_test(test_other_script),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

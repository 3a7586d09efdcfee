// Keys and pointer: what a client hears, and above all what it does not.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <wayland-client.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_seat.h>

#include "desk.h"
#include "keyboard.h"
#include "pointer-constraints-unstable-v1-client-protocol.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"
#include "xdg-shell-client-protocol.h"

static bool heard(const struct test_client *client, uint32_t key) {
	for (size_t i = 0; i < client->keys_len; i++) {
		if (client->keys[i].key == key) {
			return true;
		}
	}
	return false;
}

// Presses less releases.
static int held(const struct test_client *client, uint32_t key) {
	int count = 0;
	for (size_t i = 0; i < client->keys_len; i++) {
		if (client->keys[i].key == key) {
			count += client->keys[i].state == 1 ? 1 : -1;
		}
	}
	return count;
}

static bool entered_with(const struct test_client *client, uint32_t key) {
	for (size_t i = 0; i < client->entered_keys_len; i++) {
		if (client->entered_keys[i] == key) {
			return true;
		}
	}
	return false;
}

static void test_plain_key(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	assert_true(client->has_keyboard_focus);
	desk_tap(desk, KEY_A);
	assert_int_equal(client->keys_len, 2);
	assert_int_equal(client->keys[0].key, KEY_A);
	assert_int_equal(client->keys[0].state, 1);
	assert_int_equal(client->keys[1].state, 0);
	desk_destroy(desk);
}

static void test_bound_key(void **state) {
	const struct desk_options options = {.config = "mod Alt\nbind Mod+z nop\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_key(desk, KEY_LEFTALT, true);
	desk_key(desk, KEY_Z, true);
	desk_key(desk, KEY_Z, false);
	desk_key(desk, KEY_LEFTALT, false);
	assert_false(heard(client, KEY_Z));
	assert_int_equal(held(client, KEY_LEFTALT), 0);
	// Let go in the other order, the key is still the desk's.
	desk_key(desk, KEY_LEFTALT, true);
	desk_key(desk, KEY_Z, true);
	desk_key(desk, KEY_LEFTALT, false);
	desk_key(desk, KEY_Z, false);
	assert_false(heard(client, KEY_Z));
	// Without the modifier it is the client's.
	desk_tap(desk, KEY_Z);
	assert_true(heard(client, KEY_Z));
	desk_destroy(desk);
}

static void test_layout_reload(void **state) {
	const struct desk_options options = {.config = "mod Alt\nbind Mod+y nop\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_key(desk, KEY_LEFTALT, true);
	desk_tap(desk, KEY_Z);
	assert_true(heard(client, KEY_Z));
	desk_key(desk, KEY_LEFTALT, false);
	// In this layout Y and Z have changed places.
	FILE *file = fopen(desk->config, "w");
	assert_non_null(file);
	fputs("mod Alt\nbind Mod+y nop\ninput {\n\tlayout de\n}\n", file);
	fclose(file);
	assert_true(server_reload(desk->server));
	client->keys_len = 0;
	desk_key(desk, KEY_LEFTALT, true);
	desk_tap(desk, KEY_Z);
	desk_tap(desk, KEY_Y);
	desk_key(desk, KEY_LEFTALT, false);
	assert_false(heard(client, KEY_Z));
	assert_true(heard(client, KEY_Y));
	assert_int_equal(held(client, KEY_LEFTALT), 0);
	desk_destroy(desk);
}

static void test_keycode(void **state) {
	const struct desk_options options = {.config = "mod Alt\nbind Mod+code:44 nop\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_key(desk, KEY_LEFTALT, true);
	desk_tap(desk, KEY_Z);
	desk_key(desk, KEY_LEFTALT, false);
	assert_false(heard(client, KEY_Z));
	desk_destroy(desk);
}

// A binding moves the focus while its key is down: the new client must not see it held,
// nor hear it come up.
static void test_bound_key_moves_focus(void **state) {
	const struct desk_options options = {.config = "mod Alt\nbind Mod+z focus left\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	assert_true(right->has_keyboard_focus);
	desk_key(desk, KEY_LEFTALT, true);
	desk_key(desk, KEY_Z, true);
	assert_true(left->has_keyboard_focus);
	assert_false(right->has_keyboard_focus);
	assert_false(entered_with(left, KEY_Z));
	assert_true(entered_with(left, KEY_LEFTALT));
	desk_key(desk, KEY_Z, false);
	desk_key(desk, KEY_LEFTALT, false);
	assert_false(heard(left, KEY_Z));
	assert_false(heard(right, KEY_Z));
	desk_destroy(desk);
}

// A key is held while the focus goes elsewhere: leave releases it in the old client, and
// its release goes to the one that has it in its enter.
static void test_held_key_and_focus(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	desk_key(desk, KEY_A, true);
	assert_int_equal(held(right, KEY_A), 1);
	desk_run(desk, "focus left");
	assert_false(right->has_keyboard_focus);
	assert_true(entered_with(left, KEY_A));
	desk_key(desk, KEY_A, false);
	assert_int_equal(held(right, KEY_A), 1); // the leave said it all
	assert_int_equal(held(left, KEY_A), -1);
	// Back, with nothing held.
	desk_run(desk, "focus right");
	assert_int_equal(right->entered_keys_len, 0);
	desk_destroy(desk);
}

static void test_window_goes_while_held(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	desk_key(desk, KEY_A, true);
	desk_disconnect(desk, right);
	assert_true(left->has_keyboard_focus);
	desk_key(desk, KEY_A, false);
	desk_tap(desk, KEY_B);
	assert_int_equal(held(left, KEY_B), 0);
	assert_true(heard(left, KEY_B));
	desk_destroy(desk);
}

static void test_menu_and_focus(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	desk_key(desk, KEY_A, true);
	test_client_open_menu(right, 50, 50);
	desk_settle(desk);
	test_client_show_popup(right);
	desk_settle(desk);
	desk_key(desk, KEY_A, false);
	assert_int_equal(right->popup_dones, 0);
	desk_run(desk, "focus left");
	assert_int_equal(right->popup_dones, 1);
	assert_true(left->has_keyboard_focus);
	desk_tap(desk, KEY_B);
	assert_true(heard(left, KEY_B));
	assert_false(heard(right, KEY_B));
	desk_destroy(desk);
}

static void test_emergency_exit(void **state) {
	const struct desk_options options = {.config = "unbind all\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_key(desk, KEY_LEFTCTRL, true);
	desk_key(desk, KEY_LEFTALT, true);
	assert_false(desk->server->exiting);
	desk_key(desk, KEY_BACKSPACE, true);
	assert_true(desk->server->exiting);
	assert_false(heard(client, KEY_BACKSPACE));
	desk_destroy(desk);
}

static void test_repeat(void **state) {
	const struct desk_options options = {
		.config = "mod Alt\nbind Mod+z resize left 10\n"
			  "input {\n\trepeat-rate 100\n\trepeat-delay 10\n}\n",
	};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "left");
	desk_connect_shown(desk, "right");
	int before = tile_focused(desk->server)->box.width;
	desk_key(desk, KEY_LEFTALT, true);
	desk_key(desk, KEY_Z, true);
	desk_until(desk, tile_focused(desk->server)->box.width >= before + 50);
	desk_key(desk, KEY_Z, false);
	desk_key(desk, KEY_LEFTALT, false);
	int after = tile_focused(desk->server)->box.width;
	int64_t until_ms = desk_now_ms() + 50;
	desk_until(desk, desk_now_ms() > until_ms);
	assert_int_equal(tile_focused(desk->server)->box.width, after);
	desk_destroy(desk);
}

static bool repeats(struct desk *desk, uint32_t key) {
	const struct seat *seat = desk->server->seat;
	desk_key(desk, KEY_LEFTALT, true);
	desk_key(desk, key, true);
	const struct keyboard *keyboard = wlr_seat_get_keyboard(seat->wlr_seat)->data;
	bool repeating = keyboard->repeating;
	desk_key(desk, key, false);
	desk_key(desk, KEY_LEFTALT, false);
	assert_false(keyboard->repeating);
	return repeating;
}

// A key that is held starts one machine, not a dozen.
static void test_repeat_by_command(void **state) {
	const struct desk_options options = {
		.config = "mod Alt\n"
			  "bind Mod+a spawn clock\nbind Mod+b exec true\nbind Mod+c floating\n"
			  "bind Mod+d focus last\nbind Mod+e {\n focus left\n fullscreen\n}\n"
			  "bind --no-repeat Mod+f focus left\n"
			  "bind Mod+g focus left\nbind Mod+h {\n focus right\n move left\n}\n"
			  "bind Mod+i workspace next\nbind --repeat Mod+j exec true\n"
			  "bind --repeat Mod+k fullscreen\n"
			  "input {\n\trepeat-rate 100\n\trepeat-delay 10\n}\n",
	};
	static const uint32_t once[] = {KEY_A, KEY_B, KEY_C, KEY_D, KEY_E, KEY_F};
	static const uint32_t again[] = {KEY_G, KEY_H, KEY_I, KEY_J};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
		assert_false(repeats(desk, once[i]));
	}
	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
		assert_true(repeats(desk, again[i]));
	}
	// What is to repeat does.
	desk_key(desk, KEY_LEFTALT, true);
	desk_key(desk, KEY_K, true);
	bool first = tile_focused(desk->server)->fullscreen;
	desk_until(desk, tile_focused(desk->server)->fullscreen != first);
	desk_until(desk, tile_focused(desk->server)->fullscreen == first);
	desk_key(desk, KEY_K, false);
	desk_destroy(desk);
}

// --- pointer ------------------------------------------------------------------------------

static void test_click_to_focus(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	struct wlr_box content = desk_tile(desk, "left")->content;
	test_client_show(left, 1, 1);
	test_client_show(right, 1, 1);
	desk_settle(desk);
	desk_move_to(desk, content.x + 40, content.y + 30);
	assert_true(left->has_pointer_focus);
	assert_true(left->sx == 40 && left->sy == 30);
	assert_true(right->has_keyboard_focus);
	desk_button(desk, BTN_LEFT, true);
	assert_true(left->has_keyboard_focus);
	assert_int_equal(left->buttons, 1);
	// The button keeps the pointer with the surface it went down on.
	desk_move_to(desk, 1000, content.y + 30);
	assert_false(right->has_pointer_focus);
	assert_true(left->sx == 1000 - content.x);
	desk_button(desk, BTN_LEFT, false);
	assert_true(right->has_pointer_focus);
	assert_int_equal(left->buttons, 2);
	assert_int_equal(right->buttons, 0);
	desk_destroy(desk);
}

static void follow(const char *how, bool also_moved_under) {
	char config[64];
	snprintf(config, sizeof(config), "focus-follows-pointer %s\n", how);
	const struct desk_options options = {.config = config};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	desk_move_to(desk, 1000, 400);
	desk_move_to(desk, 300, 400);
	assert_true(desk_tile(desk, "a")->focused);
	desk_move_to(desk, 1000, 400);
	assert_true(desk_tile(desk, "b")->focused);
	// The other window comes under a pointer that rests.
	desk_run(desk, "move left");
	desk_connect_shown(desk, "c");
	desk_run(desk, "move left");
	desk_run(desk, "workspace 2");
	desk_run(desk, "workspace 1");
	struct tile *under = tile_at(desk->server, 1000, 400);
	assert_string_equal(tile_title(under), "a");
	assert_int_equal(under->focused, also_moved_under);
	desk_move_by(desk, 1, 0);
	assert_int_equal(under->focused, also_moved_under);
	desk_destroy(desk);
}

static void test_follow(void **state) {
	follow("yes", false);
	follow("always", true);
}

static void test_tile_moves_under_the_pointer(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	test_client_show(left, 1, 1);
	test_client_show(right, 1, 1);
	desk_settle(desk);
	desk_move_to(desk, 300, 400);
	assert_true(left->has_pointer_focus);
	desk_run(desk, "move left");
	assert_true(right->has_pointer_focus);
	assert_false(left->has_pointer_focus);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	assert_int_equal(right->buttons, 2);
	assert_int_equal(left->buttons, 0);
	desk_destroy(desk);
}

static void test_surface_moves_under_the_pointer(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	desk_settle(desk);
	desk_move_to(desk, 640, 400);
	double sx = client->sx, sy = client->sy;
	int frames = client->pointer_frames;
	// The client cuts its shadow off: the rest of its surface goes left and up.
	xdg_surface_set_window_geometry(client->xdg_surface, 10, 20, 100, 100);
	wl_surface_commit(client->surface);
	desk_settle(desk);
	assert_true(client->sx == sx + 10 && client->sy == sy + 20);
	assert_int_equal(client->pointer_frames, frames + 1);
	// What moves nothing is no news.
	wl_surface_commit(client->surface);
	desk_settle(desk);
	assert_int_equal(client->pointer_frames, frames + 1);
	desk_destroy(desk);
}

static void test_popup_under_the_pointer(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	test_client_open_popup(client, 5, 5, 50, 50);
	desk_settle(desk);
	test_client_show_popup(client);
	desk_settle(desk);
	const struct tile *tile = desk_tile(desk, "a");
	desk_move_to(desk, tile->content.x + client->popup_x + 0.5,
		tile->content.y + client->popup_y + 0.5);
	assert_true(client->sx == 0.5 && client->sy == 0.5);
	// The popup wants no input any more: there is the window again.
	struct wl_region *nothing = wl_compositor_create_region(client->compositor);
	wl_surface_set_input_region(client->popup_surface, nothing);
	wl_region_destroy(nothing);
	test_client_show_popup(client);
	desk_until(desk, client->sx == client->popup_x + 0.5);
	desk_destroy(desk);
}

static void test_title_click(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *left = desk_connect_shown(desk, "left");
	desk_connect_shown(desk, "right");
	struct wlr_box box = desk_tile(desk, "left")->box;
	desk_move_to(desk, box.x + 50, box.y + 12);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	assert_true(left->has_keyboard_focus);
	assert_int_equal(left->buttons, 0);
	desk_destroy(desk);
}

static void test_drag_edge(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	struct tile *tile = desk_tile(desk, "left");
	int width = tile->box.width;
	int left_width = left->width, right_width = right->width;
	desk_move_to(desk, tile->box.x + width, 400);
	desk_button(desk, BTN_LEFT, true);
	desk_move_by(desk, 100, 0);
	desk_button(desk, BTN_LEFT, false);
	assert_int_equal(tile->box.width, width + 100);
	assert_int_equal(left->width, left_width + 100);
	assert_int_equal(right->width, right_width - 100);
	assert_int_equal(left->buttons + right->buttons, 0);
	desk_destroy(desk);
}

static void test_scroll(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	desk_settle(desk);
	desk_move_to(desk, 640, 400);
	desk_scroll(desk, 30);
	desk_scroll(desk, 30);
	assert_int_equal(client->axis_value120, 60);
	desk_destroy(desk);
}

// Not only from the surface's next commit on.
static void test_confine(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	desk_settle(desk);
	desk_move_to(desk, 640, 400);
	struct zwp_confined_pointer_v1 *confined = zwp_pointer_constraints_v1_confine_pointer(
		client->constraints, client->surface, client->pointer, NULL,
		ZWP_POINTER_CONSTRAINTS_V1_LIFETIME_PERSISTENT);
	desk_settle(desk);
	double sx = client->sx;
	desk_move_by(desk, 25, 0);
	assert_true(client->sx == sx + 25);
	desk_move_by(desk, 5000, 0);
	assert_true(client->has_pointer_focus);
	assert_true(client->sx > client->width - 2 && client->sx < client->width);
	zwp_confined_pointer_v1_destroy(confined);
	desk_destroy(desk);
}

static void test_lock(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	desk_settle(desk);
	desk_move_to(desk, 640, 400);
	test_client_lock_pointer(client);
	desk_settle(desk);
	assert_true(client->locked);
	double sx = client->sx;
	desk_move_by(desk, 25, -5);
	assert_true(client->relative_dx == 25 && client->relative_dy == -5);
	assert_true(client->sx == sx);
	// Another window takes the keyboard: the pointer is free again.
	desk_connect_shown(desk, "b");
	assert_false(client->locked);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_key),
		cmocka_unit_test(test_bound_key),
		cmocka_unit_test(test_layout_reload),
		cmocka_unit_test(test_keycode),
		cmocka_unit_test(test_bound_key_moves_focus),
		cmocka_unit_test(test_held_key_and_focus),
		cmocka_unit_test(test_window_goes_while_held),
		cmocka_unit_test(test_menu_and_focus),
		cmocka_unit_test(test_emergency_exit),
		cmocka_unit_test(test_repeat),
		cmocka_unit_test(test_repeat_by_command),
		cmocka_unit_test(test_click_to_focus),
		cmocka_unit_test(test_follow),
		cmocka_unit_test(test_tile_moves_under_the_pointer),
		cmocka_unit_test(test_surface_moves_under_the_pointer),
		cmocka_unit_test(test_popup_under_the_pointer),
		cmocka_unit_test(test_title_click),
		cmocka_unit_test(test_drag_edge),
		cmocka_unit_test(test_scroll),
		cmocka_unit_test(test_confine),
		cmocka_unit_test(test_lock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// Machines: the placeholder, the window that takes its place, the ways in which both end,
// and what a bridge may see.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/render/pixman.h>
#include <wlr/types/wlr_scene.h>

#include "backend_info.h"
#include "desk.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "keyboard.h"
#include "machine.h"
#include "placeholder.h"
#include "pointer.h"
#include "redecho-machine-v1-client-protocol.h"
#include "redecho-manager-v1-protocol.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "toplevel.h"
#include "xdg-shell-client-protocol.h"

static void test_placeholder_at_once(void **state) {
	struct desk *desk = desk_machine_create();
	assert_int_equal(desk_machine_tiles(desk), 0);
	assert_non_null(machine_spawn(desk->server, "clock"));
	// Before redecho-vmd has heard of it: the tile, its name and label are there.
	assert_int_equal(desk_machine_tiles(desk), 1);
	struct tile *tile = desk_tile(desk, "Clock");
	assert_non_null(tile->placeholder);
	assert_string_equal(tile_label(tile), "personal");
	assert_true(tile->focused);
	assert_int_equal(tile->box.width, 1280);
	desk_destroy(desk);
}

static void test_becomes_the_window(void **state) {
	struct desk *desk = desk_machine_create();
	desk_connect_shown(desk, "other");
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct tile *tile = desk_tile(desk, "Clock");
	struct wlr_box box = tile->box, content = tile->content;
	struct test_client *bridge = desk_machine_connect(desk, machine);
	assert_non_null(bridge->machine);

	test_client_open(bridge, "a title that the guest chose");
	desk_settle(desk);
	// The first configure has the tile's size already.
	assert_int_equal(bridge->configures, 1);
	assert_int_equal(bridge->width, content.width);
	assert_int_equal(bridge->height, content.height);
	assert_true(bridge->activated);
	assert_non_null(tile->placeholder);
	assert_false(bridge->has_keyboard_focus);

	redecho_machine_v1_set_stage(bridge->machine, REDECHO_MACHINE_V1_STAGE_BOOTING);
	desk_settle(desk);
	assert_string_equal(machine_state_name(tile->machine), "booting");
	assert_non_null(tile->placeholder);

	redecho_machine_v1_set_stage(bridge->machine, REDECHO_MACHINE_V1_STAGE_RUNNING);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	assert_null(tile->placeholder);
	assert_non_null(toplevel_surface(tile->toplevel));
	assert_true(bridge->has_keyboard_focus);
	assert_int_equal(desk_machine_tiles(desk), 2);
	// Without a jump, and without another configure.
	assert_memory_equal(&tile->box, &box, sizeof(box));
	assert_memory_equal(&tile->content, &content, sizeof(content));
	assert_int_equal(bridge->configures, 1);
	// What the guest says does not become its name.
	assert_string_equal(tile_title(tile), "Clock");
	desk_destroy(desk);
}

static void test_crash_and_restart(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_connect(desk, machine);
	test_client_open(bridge, "x");
	desk_settle(desk);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	struct tile *tile = desk_tile(desk, "Clock");
	struct wlr_box box = tile->box;

	fake_machine_end(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED, "signal\n11");
	desk_until(desk, bridge->dead);
	assert_non_null(tile->placeholder);
	assert_string_equal(machine_cause_name(tile->machine), "crashed");
	assert_string_equal(tile->machine->message, "signal 11");
	assert_memory_equal(&tile->box, &box, sizeof(box));

	// What was still meant for the machine does nothing.
	desk_tap(desk, KEY_R);
	desk_settle(desk);
	assert_int_equal(machine->restarts, 0);
	assert_string_equal(machine_cause_name(tile->machine), "crashed");
	desk_machine_hear(desk, tile->machine);
	desk_tap(desk, KEY_R);
	desk_until(desk, machine->restarts == 1);
	fake_machine_state(machine, REDECHO_MANAGED_MACHINE_V1_STATE_STARTING);
	desk_settle(desk);
	assert_string_equal(machine_state_name(tile->machine), "starting");
	assert_null(tile->machine->message);

	desk_disconnect(desk, bridge);
	bridge = desk_machine_connect(desk, machine);
	test_client_open(bridge, "x");
	desk_settle(desk);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	assert_null(tile->placeholder);
	assert_memory_equal(&tile->box, &box, sizeof(box));
	desk_destroy(desk);
}

static void test_dismiss(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	desk_tap(desk, KEY_ESC);
	assert_int_equal(desk_machine_tiles(desk), 1); // it runs
	fake_machine_end(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_START_FAILED, "no kernel");
	desk_settle(desk);
	assert_int_equal(desk_machine_tiles(desk), 1);
	desk_machine_hear(desk, desk_tile(desk, "Clock")->machine);
	desk_tap(desk, KEY_ESC);
	assert_int_equal(desk_machine_tiles(desk), 0);
	assert_int_equal(wl_list_length(&desk->server->machines), 0);
	desk_until(desk, machine->resource == NULL);
	desk_destroy(desk);
}

static void test_close(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	desk_run(desk, "close");
	desk_until(desk, machine->power_offs == 1);
	fake_machine_state(machine, REDECHO_MANAGED_MACHINE_V1_STATE_STOPPING);
	desk_run(desk, "close");
	desk_until(desk, machine->power_offs == 2);
	desk_run(desk, "kill");
	desk_until(desk, machine->kills == 1);
	// Asked for: nothing is left to look at.
	fake_machine_end(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_SHUTDOWN, "");
	desk_until(desk, desk_machine_tiles(desk) == 0);
	desk_destroy(desk);
}

static void test_shutdown_from_inside(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	fake_machine_end(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_SHUTDOWN, "");
	desk_settle(desk);
	// Not asked for: the tile says so, and nothing else moves.
	assert_int_equal(desk_machine_tiles(desk), 1);
	assert_string_equal(machine_cause_name(desk_tile(desk, "Clock")->machine), "shutdown");
	desk_destroy(desk);
}

static void test_duplicate(void **state) {
	struct desk *desk = desk_machine_create();
	desk_machine_spawn(desk, "clock", "clock");
	struct tile *first = desk_tile(desk, "Clock");
	desk_connect_shown(desk, "other");
	assert_false(first->focused);
	desk_run(desk, "spawn clock");
	desk_until(desk, desk->manager->machines_len == 2);
	fake_machine_duplicate(&desk->manager->machines[1], "clock");
	desk_settle(desk);
	assert_int_equal(desk_machine_tiles(desk), 2);
	assert_true(first->focused);
	desk_destroy(desk);
}

static void test_manager_dies_and_returns(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_connect(desk, machine);
	test_client_open(bridge, "x");
	desk_settle(desk);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	struct tile *tile = desk_tile(desk, "Clock");

	desk->manager->announce_machines = true;
	fake_manager_drop_client(desk->manager);
	desk_until(desk, tile->machine->managed == NULL);
	// The machine runs on, and is seen.
	assert_null(tile->placeholder);
	assert_false(bridge->dead);
	desk_until(desk, desk->manager->binds == 2 && tile->machine->managed != NULL);
	desk_settle(desk);
	assert_int_equal(desk_machine_tiles(desk), 1);
	assert_int_equal(wl_list_length(&desk->server->machines), 1);
	assert_null(tile->placeholder);
	desk_run(desk, "close");
	desk_until(desk, desk->manager->machines[0].power_offs == 1);
	desk_destroy(desk);
}

static void test_manager_forgets(void **state) {
	struct desk *desk = desk_machine_create();
	desk_machine_spawn(desk, "clock", "clock");
	struct tile *tile = desk_tile(desk, "Clock");
	fake_manager_drop_client(desk->manager);
	desk_until(desk, desk->manager->binds == 2);
	desk_until(desk, machine_cause_name(tile->machine) != NULL);
	assert_non_null(strstr(tile->machine->message, "does not know it"));
	// Restarted, it is asked for anew.
	desk_machine_hear(desk, tile->machine);
	desk_tap(desk, KEY_R);
	desk_until(desk, desk->manager->machines_len == 2);
	assert_string_equal(desk->manager->machines[1].program, "clock");
	assert_int_equal(desk_machine_tiles(desk), 1);
	desk_destroy(desk);
}

static void test_adopted(void **state) {
	struct desk *desk = desk_machine_create();
	desk_machine_spawn(desk, "clock", "clock");
	// As a new compositor finds it: machines are announced on bind.
	desk->manager->announce_machines = true;
	desk_restart_server(desk);
	desk_until(desk, desk->manager->binds == 2);
	desk_until(desk, desk_machine_tiles(desk) == 1);
	assert_string_equal(desk_tile(desk, "Clock")->machine->name, "clock");
	desk_destroy(desk);
}

static void test_missing_manager(void **state) {
	const struct desk_options options = {.missing_manager = true};
	struct desk *desk = desk_create(&options);
	desk_run(desk, "spawn clock");
	struct tile *tile = desk_tile(desk, "clock");
	desk_until(desk, machine_cause_name(tile->machine) != NULL);
	assert_string_equal(machine_cause_name(tile->machine), "start_failed");
	assert_non_null(strstr(tile->machine->message, "redecho-vmd cannot be started"));
	desk_destroy(desk);
}

static void test_exit(void **state) {
	struct desk *desk = desk_machine_create();
	desk_machine_spawn(desk, "clock", "clock");
	server_exit(desk->server);
	desk_until(desk, desk->manager->shutdowns == 1);
	assert_true(desk->server->exiting);
	assert_int_equal(desk->manager->grace_ms, 10000);
	fake_manager_drop_client(desk->manager);
	// The loop ends by itself; were it not so, the test's time limit would tell.
	assert_int_equal(server_run(desk->server), 0);
	desk_destroy(desk);
}

static void test_keyboard_layout(void **state) {
	const struct desk_options options = {
		.with_manager = true,
		.config = "input {\n\tlayout de\n\tvariant nodeadkeys\n}\n",
	};
	struct desk *desk = desk_create(&options);
	desk_until(desk, desk->manager->layout[0] != '\0');
	assert_string_equal(desk->manager->layout, "de");
	assert_string_equal(desk->manager->variant, "nodeadkeys");
	desk_destroy(desk);
}

static void test_render_node(void **state) {
	const struct desk_options options = {.with_manager = true};
	struct desk *desk = desk_create(&options);
	desk_until(desk, strcmp(desk->manager->render_node, "unset") != 0);
	// Whatever the desk draws with here.
	char *node = backend_info_render_node(desk->server);
	assert_string_equal(desk->manager->render_node, node != NULL ? node : "");
	assert_true(node == NULL || strncmp(node, "/dev/dri/render", 15) == 0);
	assert_true(node == NULL || !wlr_renderer_is_pixman(desk->server->renderer));
	free(node);
	desk_destroy(desk);

	const struct desk_options older = {.with_manager = true, .manager_version = 2};
	desk = desk_create(&older);
	desk_until(desk, desk->manager->binds > 0);
	desk_settle(desk);
	assert_string_equal(desk->manager->render_node, "unset");
	desk_destroy(desk);
}

// --- what a bridge may --------------------------------------------------------------------

static void test_globals(void **state) {
	static const char *const allowed[] = {"wl_compositor", "wl_subcompositor", "wl_shm",
		"wl_seat", "wl_output", "xdg_wm_base", "wp_viewporter",
		"wp_fractional_scale_manager_v1", "wp_presentation",
		"wp_single_pixel_buffer_manager_v1", "zwp_linux_dmabuf_v1",
		"zwp_pointer_constraints_v1", "zwp_relative_pointer_manager_v1",
		"wp_cursor_shape_manager_v1", "zwp_keyboard_shortcuts_inhibit_manager_v1",
		"redecho_machine_v1"};
	static const char *const public[] = {"zwlr_screencopy_manager_v1",
		"ext_image_copy_capture_manager_v1", "ext_output_image_capture_source_manager_v1",
		"zwp_virtual_keyboard_manager_v1", "zwlr_virtual_pointer_manager_v1",
		"zxdg_output_manager_v1", "zxdg_decoration_manager_v1", "wl_data_device_manager",
		"zwp_primary_selection_device_manager_v1", "ext_foreign_toplevel_list_v1",
		"wp_viewporter", "wp_presentation", "wp_cursor_shape_manager_v1"};
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_connect(desk, machine);
	struct test_client *client = desk_connect(desk);
	const size_t allowed_len = sizeof(allowed) / sizeof(allowed[0]);
	for (size_t i = 0; i < bridge->globals_len; i++) {
		bool found = false;
		for (size_t j = 0; j < allowed_len; j++) {
			found = found || strcmp(allowed[j], bridge->globals[i]) == 0;
		}
		if (!found) {
			fail_msg("a bridge sees %s", bridge->globals[i]);
		}
	}
	for (size_t j = 0; j < allowed_len; j++) {
		// pixman has no dmabufs
		if (strcmp(allowed[j], "zwp_linux_dmabuf_v1") != 0 &&
			!test_client_sees(bridge, allowed[j])) {
			fail_msg("a bridge does not see %s", allowed[j]);
		}
	}
	for (size_t j = 0; j < sizeof(public) / sizeof(public[0]); j++) {
		if (!test_client_sees(client, public[j])) {
			fail_msg("a client does not see %s", public[j]);
		}
	}
	assert_false(test_client_sees(client, "redecho_machine_v1"));
	desk_destroy(desk);
}

static void test_hidden_global_cannot_be_bound(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	for (uint32_t name = 1; name < 64; name++) {
		struct test_client *bridge = desk_machine_connect(desk, machine);
		assert_false(test_client_sees(bridge, "zwlr_screencopy_manager_v1"));
		test_client_bind_hidden(bridge, name, "zwlr_screencopy_manager_v1");
		desk_until(desk, bridge->dead);
		desk_disconnect(desk, bridge);
	}
	desk_destroy(desk);
}

static void test_no_popup_no_fullscreen(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_connect(desk, machine);
	test_client_open(bridge, "x");
	desk_settle(desk);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	test_client_open_popup(bridge, 10, 10, 100, 100);
	desk_until(desk, bridge->popup_dones == 1);
	xdg_toplevel_set_fullscreen(bridge->toplevel, NULL);
	desk_settle(desk);
	assert_false(bridge->fullscreen);
	assert_false(desk_tile(desk, "Clock")->fullscreen);
	// The user may.
	desk_run(desk, "fullscreen");
	assert_true(bridge->fullscreen);
	assert_int_equal(bridge->width, 1280);
	assert_int_equal(bridge->height, 720 - 4); // below the strip in its label's colour
	desk_destroy(desk);
}

static void test_second_window_takes_no_focus(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_connect(desk, machine);
	test_client_open(bridge, "x");
	desk_settle(desk);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	struct test_client *other = desk_connect_shown(desk, "other");
	assert_true(other->has_keyboard_focus);
	test_client_forget_window(bridge);
	test_client_open(bridge, "y");
	desk_settle(desk);
	test_client_show(bridge, 10, 10);
	desk_settle(desk);
	assert_int_equal(desk_machine_tiles(desk), 3);
	assert_true(other->has_keyboard_focus);
	for (int i = 0; i < 20; i++) {
		test_client_forget_window(bridge);
		test_client_open(bridge, "z");
	}
	desk_until(desk, bridge->dead);
	assert_int_equal(desk_machine_tiles(desk), 2);
	desk_destroy(desk);
}

static void count_outside(struct wlr_scene_buffer *buffer, int sx, int sy, void *data) {
	struct wlr_box *box = data;
	bool inside = sx >= box->x && sy >= box->y &&
		sx + buffer->dst_width <= box->x + box->width &&
		sy + buffer->dst_height <= box->y + box->height;
	if (!inside) {
		fail_msg("%dx%d at %d,%d is outside of the tile", buffer->dst_width,
			buffer->dst_height, sx, sy);
	}
}

static void test_cannot_leave_its_tile(void **state) {
	struct desk *desk = desk_machine_create();
	desk_connect_shown(desk, "other");
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_connect(desk, machine);
	test_client_open(bridge, "x");
	desk_settle(desk);
	bridge->width = 5000; // whatever it was told
	bridge->height = 5000;
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	struct tile *tile = desk_tile(desk, "Clock");
	wlr_scene_node_for_each_buffer(&tile->tree->node, count_outside, &tile->box);
	desk_destroy(desk);
}

static void test_broken_reason_is_filtered(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_connect(desk, machine);
	char reason[1000];
	memset(reason, 'x', sizeof(reason));
	memcpy(reason, "\033[2J\n\xff", 6);
	reason[sizeof(reason) - 1] = '\0';
	redecho_machine_v1_set_broken(bridge->machine, reason);
	redecho_machine_v1_set_stage(bridge->machine, 77);
	desk_settle(desk);
	const struct machine *known = desk_tile(desk, "Clock")->machine;
	assert_non_null(known->message);
	assert_true(strlen(known->message) <= 200);
	assert_null(strchr(known->message, '\033'));
	assert_null(strchr(known->message, '\n'));
	assert_int_equal(known->stage, REDECHO_MACHINE_V1_STAGE_STARTING);
	desk_destroy(desk);
}

static void test_pointer_mode(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_connect(desk, machine);
	desk_run(desk, "pointer-mode");
	assert_int_equal(bridge->pointer_modes, 1);
	assert_int_equal(bridge->pointer_mode, REDECHO_MACHINE_V1_POINTER_MODE_RELATIVE);
	desk_run(desk, "pointer-mode");
	assert_int_equal(bridge->pointer_mode, REDECHO_MACHINE_V1_POINTER_MODE_ABSOLUTE);
	desk_destroy(desk);
}

// --- keys of a virtual keyboard -----------------------------------------------------------

// As wtype makes one: keys in any order, each with one keysym.
static const char odd_keymap[] =
	"xkb_keymap {\n"
	"xkb_keycodes \"odd\" { minimum = 8; maximum = 12; <K1> = 9; <K2> = 10; <K3> = 11; };\n"
	"xkb_types \"odd\" { include \"complete\" };\n"
	"xkb_compatibility \"odd\" { include \"complete\" };\n"
	"xkb_symbols \"odd\" { key <K1> {[Q]}; key <K2> {[z]}; key <K3> {[U4e16]}; };\n"
	"};\n";

static const struct wlr_keyboard_impl odd_impl = {.name = "odd"};

static void send_odd(struct desk *desk, struct wlr_keyboard *keyboard, uint32_t key, bool down) {
	struct wlr_keyboard_key_event event = {
		.keycode = key,
		.state = down ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED,
	};
	wlr_keyboard_notify_key(keyboard, &event);
	desk_settle(desk);
}

static void assert_heard(
	const struct test_client *client, size_t at, uint32_t key, uint32_t state) {
	assert_true(client->keys_len > at);
	assert_int_equal(client->keys[at].key, key);
	assert_int_equal(client->keys[at].state, state);
}

static void test_virtual_keyboard(void **state) {
	// In this layout Y and Z have changed places.
	const struct desk_options options = {
		.with_manager = true,
		.config = "input {\n\tlayout de\n}\n",
	};
	struct desk *desk = desk_create(&options);
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_connect(desk, machine);
	test_client_open(bridge, "x");
	desk_settle(desk);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);

	struct wlr_keyboard odd;
	wlr_keyboard_init(&odd, &odd_impl, "odd");
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	struct xkb_keymap *keymap = xkb_keymap_new_from_string(
		context, odd_keymap, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
	assert_non_null(keymap);
	assert_true(wlr_keyboard_set_keymap(&odd, keymap));
	keyboard_create(desk->server->seat, &odd, NULL);

	send_odd(desk, &odd, 1, true);
	send_odd(desk, &odd, 1, false);
	assert_int_equal(bridge->keys_len, 4);
	assert_heard(bridge, 0, KEY_LEFTSHIFT, 1);
	assert_heard(bridge, 1, KEY_Q, 1);
	assert_heard(bridge, 2, KEY_LEFTSHIFT, 0);
	assert_heard(bridge, 3, KEY_Q, 0);
	// What is held is held as keys.
	wlr_keyboard_notify_modifiers(&odd, WLR_MODIFIER_CTRL, 0, 0, 0);
	send_odd(desk, &odd, 2, true);
	send_odd(desk, &odd, 2, false);
	wlr_keyboard_notify_modifiers(&odd, 0, 0, 0, 0);
	desk_settle(desk);
	assert_int_equal(bridge->keys_len, 8);
	assert_heard(bridge, 4, KEY_LEFTCTRL, 1);
	assert_heard(bridge, 5, KEY_Y, 1);
	assert_heard(bridge, 6, KEY_Y, 0);
	assert_heard(bridge, 7, KEY_LEFTCTRL, 0);
	// What the layout does not have is not typed as something else.
	send_odd(desk, &odd, 3, true);
	send_odd(desk, &odd, 3, false);
	assert_int_equal(bridge->keys_len, 8);
	// An ordinary client gets the keys as they are, with their keymap.
	struct test_client *client = desk_connect_shown(desk, "other");
	send_odd(desk, &odd, 2, true);
	send_odd(desk, &odd, 2, false);
	assert_heard(client, 0, 2, 1);
	assert_heard(client, 1, 2, 0);
	assert_int_equal(bridge->keys_len, 8);

	wlr_keyboard_finish(&odd);
	xkb_keymap_unref(keymap);
	xkb_context_unref(context);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_placeholder_at_once),
		cmocka_unit_test(test_becomes_the_window),
		cmocka_unit_test(test_crash_and_restart),
		cmocka_unit_test(test_dismiss),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_shutdown_from_inside),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_manager_dies_and_returns),
		cmocka_unit_test(test_manager_forgets),
		cmocka_unit_test(test_adopted),
		cmocka_unit_test(test_missing_manager),
		cmocka_unit_test(test_exit),
		cmocka_unit_test(test_keyboard_layout),
		cmocka_unit_test(test_render_node),
		cmocka_unit_test(test_globals),
		cmocka_unit_test(test_hidden_global_cannot_be_bound),
		cmocka_unit_test(test_no_popup_no_fullscreen),
		cmocka_unit_test(test_second_window_takes_no_focus),
		cmocka_unit_test(test_cannot_leave_its_tile),
		cmocka_unit_test(test_broken_reason_is_filtered),
		cmocka_unit_test(test_pointer_mode),
		cmocka_unit_test(test_virtual_keyboard),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

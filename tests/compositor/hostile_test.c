// Clients that mean no good, and objects that go at the worst moment: the desk and everybody
// else go on.

#include <dirent.h>
#include <linux/input-event-codes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wlr/types/wlr_ext_foreign_toplevel_list_v1.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_seat.h>

#include "desk_check.h"
#include "desk_machine.h"
#include "foreign.h"
#include "machine.h"
#include "output.h"
#include "redecho-machine-v1-client-protocol.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "test_layer.h"
#include "tile.h"
#include "toplevel.h"
#include "viewporter-client-protocol.h"
#include "wlr-layer-shell-unstable-v1-client-protocol.h"
#include "xdg-shell-client-protocol.h"

// --- floods --------------------------------------------------------------------------------

struct counter {
	struct wl_listener change;
	int changes, notices;
};

static void handle_change(struct wl_listener *listener, void *data) {
	struct counter *counter = wl_container_of(listener, counter, change);
	const struct server_change *change = data;
	counter->notices += change->subject == SERVER_NOTICE;
	counter->changes += change->subject == SERVER_WINDOW || change->subject == SERVER_MACHINE;
}

static void count_changes(struct desk *desk, struct counter *counter) {
	*counter = (struct counter){.change.notify = handle_change};
	wl_signal_add(&desk->server->events.change, &counter->change);
}

static void test_title_flood(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct counter counter;
	count_changes(desk, &counter);
	for (int i = 0; i < 3000; i++) {
		char title[16];
		snprintf(title, sizeof(title), "%d", i);
		xdg_toplevel_set_title(client->toplevel, title);
		xdg_toplevel_set_app_id(client->toplevel, title);
	}
	desk_settle(desk);
	assert_string_equal(tile_title(desk_tile(desk, "2999")), "2999");
	assert_string_equal(desk_tile(desk, "2999")->foreign->listed->title, "2999");
	assert_true(counter.changes > 0 && counter.changes < 100);
	wl_list_remove(&counter.change.link);
	desk_destroy(desk);
}

static void test_long_title(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	char title[4000];
	memset(title, 'x', sizeof(title));
	memcpy(title, "\033]0;\n", 5);
	title[sizeof(title) - 1] = '\0';
	xdg_toplevel_set_title(client->toplevel, title);
	xdg_toplevel_set_app_id(client->toplevel, title);
	desk_settle(desk);
	assert_false(client->dead);
	struct tile *tile = wl_container_of(desk->server->tiles.next, tile, link);
	// What is told to others is text, and not too much of it.
	const struct wlr_ext_foreign_toplevel_handle_v1 *foreign = tile->foreign->listed;
	assert_true(strlen(foreign->title) <= 512 && strlen(foreign->app_id) <= 512);
	assert_null(strchr(foreign->title, '\033'));
	// What is no text at all: it may be told so, nobody else hears of it.
	struct test_client *other = desk_connect_shown(desk, "other");
	title[10] = '\xff';
	xdg_toplevel_set_title(client->toplevel, title);
	desk_settle(desk);
	wl_list_for_each (tile, &desk->server->tiles, link) {
		assert_null(strchr(tile->foreign->listed->title, '\xff'));
	}
	assert_false(other->dead);
	desk_destroy(desk);
}

static void test_broken_flood(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, fake);
	struct counter counter;
	count_changes(desk, &counter);
	redecho_machine_v1_set_broken(bridge->machine, "queue 0: a loop");
	for (uint32_t i = 0; i < 3000; i++) {
		char reason[32];
		snprintf(reason, sizeof(reason), "reason %u", i);
		redecho_machine_v1_set_broken(bridge->machine, reason);
		redecho_machine_v1_set_stage(bridge->machine, 1 + i % 2);
	}
	desk_settle(desk);
	struct tile *tile = desk_tile(desk, "Clock");
	assert_string_equal(tile->machine->message, "queue 0: a loop");
	assert_int_equal(counter.notices, 1);
	assert_true(counter.changes > 0 && counter.changes < 100);
	// It stands in the tile, although the window is shown.
	assert_null(tile->placeholder);
	assert_non_null(strstr(tile->title_key, "queue 0: a loop"));
	// The next bridge has a clean slate.
	desk_disconnect(desk, bridge);
	desk_machine_show(desk, fake);
	assert_null(tile->machine->message);
	wl_list_remove(&counter.change.link);
	desk_destroy(desk);
}

static void test_bridge_goes_with_news_pending(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, fake);
	redecho_machine_v1_set_stage(bridge->machine, REDECHO_MACHINE_V1_STAGE_BOOTING);
	xdg_toplevel_set_title(bridge->toplevel, "gone");
	desk_disconnect(desk, bridge);
	struct test_client *client = desk_connect_shown(desk, "a");
	xdg_toplevel_set_title(client->toplevel, "gone");
	test_client_close(client);
	desk_settle(desk);
	assert_int_equal(desk_machine_tiles(desk), 1);
	desk_destroy(desk);
}

// --- sizes ---------------------------------------------------------------------------------

static void test_sizes(void **state) {
	static const int32_t sizes[][4] = {
		{INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX},
		{INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX},
		{-5, -7, 3, 2},
		{0, 0, 32767, 32767},
		{40, 40, 1, 1},
	};
	struct desk *desk = desk_create(NULL);
	struct test_client *other = desk_connect_shown(desk, "other");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct test_client *client = desk_connect_shown(desk, "a");
		xdg_surface_set_window_geometry(
			client->xdg_surface, sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
		client->width = sizes[i][2];
		client->height = sizes[i][3];
		test_client_show(client, 1, 1);
		desk_settle(desk);
		desk_move_to(desk, 900, 300);
		desk_button(desk, BTN_LEFT, true);
		desk_button(desk, BTN_LEFT, false);
		desk_run(desk, "fullscreen");
		desk_run(desk, "fullscreen");
		desk_disconnect(desk, client);
		assert_int_equal(desk_machine_tiles(desk), 1);
	}
	assert_false(other->dead);
	desk_destroy(desk);
}

static void test_no_geometry_at_all(void **state) {
	static const int32_t wrong[][2] = {{0, 0}, {-1, 5}, {5, INT32_MIN}};
	struct desk *desk = desk_create(NULL);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct test_client *client = desk_connect_shown(desk, "a");
		xdg_surface_set_window_geometry(
			client->xdg_surface, 0, 0, wrong[i][0], wrong[i][1]);
		wl_surface_commit(client->surface);
		desk_until(desk, client->dead);
		desk_disconnect(desk, client);
	}
	assert_int_equal(desk_machine_tiles(desk), 0);
	desk_destroy(desk);
}

static void test_buffer_before_configure(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect(desk);
	test_client_open(client, "a");
	test_client_show(client, 10, 10);
	desk_until(desk, client->dead);
	assert_int_equal(desk_machine_tiles(desk), 0);
	desk_destroy(desk);
}

// The pool says that it is larger than its file, or the file is cut afterwards.
static void show_short_file(struct test_client *client, bool cut_later) {
	const int width = 640, height = 480, stride = 4 * width;
	int fd = memfd_create("short", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, cut_later ? stride * height : 4096), 0);
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, stride * height);
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(
		pool, 0, width, height, stride, WL_SHM_FORMAT_XRGB8888);
	xdg_surface_ack_configure(client->xdg_surface, client->serial);
	wl_surface_attach(client->surface, buffer, 0, 0);
	wp_viewport_set_destination(client->viewport, client->width, client->height);
	wl_surface_damage_buffer(client->surface, 0, 0, width, height);
	wl_surface_commit(client->surface);
	if (cut_later) {
		assert_int_equal(ftruncate(fd, 0), 0);
	}
	wl_shm_pool_destroy(pool);
	wl_buffer_destroy(buffer);
	close(fd);
}

static void test_short_pool(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *other = desk_connect_shown(desk, "other");
	for (int round = 0; round < 2; round++) {
		struct test_client *client = desk_connect(desk);
		test_client_open(client, "a");
		desk_until(desk, client->configures > 0);
		show_short_file(client, round == 1);
		// It may be refused at once, or when it is drawn; a SIGBUS would end the test.
		desk_settle(desk);
		struct output *output = wl_container_of(desk->server->outputs.next, output, link);
		wlr_output_schedule_frame(output->wlr_output);
		desk_settle(desk);
		desk_disconnect(desk, client);
	}
	assert_false(other->dead);
	assert_int_equal(desk_machine_tiles(desk), 1);
	desk_destroy(desk);
}

// --- orders in which things go -------------------------------------------------------------

static void test_window_goes_while_dragged(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	const struct tile *tile = desk_tile(desk, "left");
	desk_move_to(desk, tile->box.x + tile->box.width, 400);
	desk_button(desk, BTN_LEFT, true);
	desk_move_by(desk, 10, 0);
	desk_disconnect(desk, left);
	desk_move_by(desk, 10, 0);
	desk_disconnect(desk, right);
	desk_move_by(desk, 10, 0);
	desk_button(desk, BTN_LEFT, false);
	desk_destroy(desk);
}

static void test_window_goes_with_lock_and_menu(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	desk_settle(desk);
	desk_move_to(desk, 640, 400);
	test_client_lock_pointer(client);
	desk_tap(desk, KEY_A);
	test_client_open_menu(client, 50, 50);
	desk_settle(desk);
	test_client_show_popup(client);
	desk_settle(desk);
	desk_button(desk, BTN_LEFT, true);
	desk_run(desk, "fullscreen");
	desk_disconnect(desk, client);
	desk_move_by(desk, 5, 5);
	desk_button(desk, BTN_LEFT, false);
	assert_int_equal(desk_machine_tiles(desk), 0);
	desk_destroy(desk);
}

// Who types into a window sees it: another one cannot cover it by asking for the whole screen.
static void test_fills_the_screen_unasked(void **state) {
	const struct desk_options options = {.config = "focus-new no\n"};
	struct desk *desk = desk_create(NULL);
	struct test_client *other = desk_connect_shown(desk, "other");
	struct test_client *typed = desk_connect_shown(desk, "typed");
	struct tile *tile = desk_tile(desk, "other");
	xdg_toplevel_set_fullscreen(other->toplevel, NULL);
	desk_settle(desk);
	assert_false(tile->fullscreen);
	assert_int_not_equal(tile->urgent, 0);
	assert_true(typed->has_keyboard_focus);
	desk_check(desk);
	// Where nobody has what is covered it may; and so it may with the focus.
	desk_run(desk, "workspace 2");
	xdg_toplevel_set_fullscreen(other->toplevel, NULL);
	desk_settle(desk);
	assert_true(tile->fullscreen);
	desk_run(desk, "workspace 1");
	desk_check(desk);
	assert_true(other->has_keyboard_focus);
	xdg_toplevel_unset_fullscreen(other->toplevel);
	desk_settle(desk);
	assert_false(tile->fullscreen);
	// The user may fill it with whichever: then the keys go there.
	tile_focus(desk_tile(desk, "typed"));
	tile_set_fullscreen(tile, true);
	desk_settle(desk);
	assert_true(other->has_keyboard_focus);
	desk_check(desk);
	// In no scratchpad.
	desk_run(desk, "fullscreen off");
	desk_run(desk, "scratchpad move");
	xdg_toplevel_set_fullscreen(other->toplevel, NULL);
	desk_settle(desk);
	desk_check(desk);
	desk_destroy(desk);
	// One that comes up so, where new windows do not get the focus.
	desk = desk_create(&options);
	typed = desk_connect_shown(desk, "typed");
	tile_focus(desk_tile(desk, "typed"));
	desk_settle(desk);
	other = desk_connect(desk);
	test_client_open(other, "other");
	xdg_toplevel_set_fullscreen(other->toplevel, NULL);
	wl_surface_commit(other->surface);
	desk_settle(desk);
	test_client_show(other, 1, 1);
	desk_settle(desk);
	assert_true(typed->has_keyboard_focus);
	assert_false(desk_tile(desk, "other")->fullscreen);
	desk_check(desk);
	desk_destroy(desk);
}

static void handle_data_offer(
	void *data, struct wl_data_device *device, struct wl_data_offer *offer) {
	*(struct wl_data_offer **)data = offer;
}

static void handle_data_enter(void *data, struct wl_data_device *device, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t sx, wl_fixed_t sy, struct wl_data_offer *offer) {}

static void handle_data_leave(void *data, struct wl_data_device *device) {}

static void handle_data_motion(void *data, struct wl_data_device *device, uint32_t time_ms,
	wl_fixed_t sx, wl_fixed_t sy) {}

static void handle_data_drop(void *data, struct wl_data_device *device) {}

static void handle_selection(
	void *data, struct wl_data_device *device, struct wl_data_offer *offer) {}

static const struct wl_data_device_listener data_listener = {
	.data_offer = handle_data_offer,
	.enter = handle_data_enter,
	.leave = handle_data_leave,
	.motion = handle_data_motion,
	.drop = handle_data_drop,
	.selection = handle_selection,
};

// What is dragged would lie before the dialog.
static void test_drag_before_a_dialog(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	struct wl_data_device_manager *manager = test_client_bind(
		client, &wl_data_device_manager_interface, 3);
	struct wl_data_device *device = wl_data_device_manager_get_data_device(
		manager, client->seat);
	struct wl_data_offer *offer = NULL;
	wl_data_device_add_listener(device, &data_listener, &offer);
	desk_settle(desk);
	desk_move_to(desk, 640, 400);
	desk_button(desk, BTN_LEFT, true);
	const struct wlr_seat *seat = desk->server->seat->wlr_seat;
	for (int i = 0; i < 2; i++) {
		struct wl_data_source *source = wl_data_device_manager_create_data_source(manager);
		desk_run(desk, i == 0 ? "hotkeys" : "nop");
		wl_data_device_start_drag(
			device, source, client->surface, NULL, client->button_serial);
		desk_settle(desk);
		assert_int_equal(seat->drag != NULL, i == 1);
		desk_tap(desk, KEY_ESC);
		wl_data_source_destroy(source);
	}
	desk_button(desk, BTN_LEFT, false);
	assert_non_null(offer);
	wl_data_offer_destroy(offer);
	wl_data_device_destroy(device);
	wl_data_device_manager_destroy(manager);
	desk_destroy(desk);
}

static void test_output_goes_in_its_frame(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	struct output *output = wl_container_of(desk->server->outputs.next, output, link);
	desk_run(desk, "fullscreen");
	wlr_output_schedule_frame(output->wlr_output);
	wlr_output_destroy(output->wlr_output);
	desk_settle(desk);
	output = wl_container_of(desk->server->outputs.next, output, link);
	wlr_output_schedule_frame(output->wlr_output);
	wlr_output_destroy(output->wlr_output);
	desk_settle(desk);
	desk_move_by(desk, 5, 5);
	desk_tap(desk, KEY_A);
	desk_add_output(desk, 640, 480);
	assert_int_equal(client->width, 640);
	assert_true(client->fullscreen);
	desk_destroy(desk);
}

// The role object goes, the xdg_surface stays: what belonged to the first must not be found there.
static void test_popup_of_a_window_that_is_gone(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *clients[] = {
		desk_connect_shown(desk, "a"), desk_machine_show(desk, fake)};
	for (size_t i = 0; i < 2; i++) {
		xdg_toplevel_destroy(clients[i]->toplevel);
		clients[i]->toplevel = NULL;
		test_client_open_popup(clients[i], 5, 5, 50, 50);
		desk_settle(desk);
		assert_true(clients[i]->dead || clients[i]->popup_dones == 1);
	}
	desk_destroy(desk);
}

// wlroots puts a popup that grabs into a list, and looks not whether it is there.
static void test_popup_grabs_twice(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct test_client *other = desk_connect_shown(desk, "b");
	desk_run(desk, "focus left");
	desk_tap(desk, KEY_A);
	test_client_open_menu(client, 50, 50);
	xdg_popup_grab(client->popup, client->seat, client->key_serial);
	desk_settle(desk);
	// What ends the grab walks the list.
	desk_run(desk, "focus right");
	assert_int_equal(client->popup_dones, 1);
	assert_true(other->has_keyboard_focus);
	desk_destroy(desk);
}

// The popup of a window that was hidden is no more, and wlroots asks its parent all the same.
static void test_bar_takes_a_popup_that_is_gone(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct test_client *other = desk_connect_shown(desk, "b");
	struct test_layer *bar = test_layer_create(client, ZWLR_LAYER_SHELL_V1_LAYER_TOP);
	test_client_open_popup(client, 5, 5, 50, 50);
	desk_settle(desk);
	test_client_hide(client);
	desk_settle(desk);
	assert_int_equal(client->popup_dones, 1);
	assert_false(client->dead);
	zwlr_layer_surface_v1_get_popup(bar->layer, client->popup);
	desk_until(desk, client->dead);
	desk_settle(desk);
	assert_false(other->dead);
	test_layer_destroy(bar);
	desk_destroy(desk);
}

// Of what was a popup, and of a bar that is not its parent: each would be found in its own list.
static void test_popup_of_itself(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct test_client *other = desk_connect_shown(desk, "b");
	test_client_open_popup(client, 5, 5, 50, 50);
	desk_settle(desk);
	xdg_popup_destroy(client->popup);
	struct xdg_positioner *positioner = xdg_wm_base_create_positioner(client->wm_base);
	xdg_positioner_set_size(positioner, 50, 50);
	xdg_positioner_set_anchor_rect(positioner, 0, 0, 1, 1);
	client->popup = xdg_surface_get_popup(
		client->popup_xdg_surface, client->popup_xdg_surface, positioner);
	desk_until(desk, client->dead);
	desk_settle(desk);
	xdg_positioner_destroy(positioner);

	struct test_client *third = desk_connect_shown(desk, "c");
	struct test_layer *bar = test_layer_create(third, ZWLR_LAYER_SHELL_V1_LAYER_TOP);
	test_client_open_popup(third, 5, 5, 50, 50);
	desk_settle(desk);
	zwlr_layer_surface_v1_get_popup(bar->layer, third->popup);
	desk_until(desk, third->dead);
	desk_settle(desk);
	assert_false(other->dead);
	test_layer_destroy(bar);
	desk_destroy(desk);
}

// A popup without a parent may get one by layer-shell. A machine has no layers, and its popup is not
// to take the keyboard meanwhile.
static void test_bridge_has_no_popups(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, fake);
	struct xdg_positioner *positioner = xdg_wm_base_create_positioner(bridge->wm_base);
	xdg_positioner_set_size(positioner, 50, 50);
	xdg_positioner_set_anchor_rect(positioner, 0, 0, 1, 1);
	struct wl_surface *surface = wl_compositor_create_surface(bridge->compositor);
	struct xdg_surface *window = xdg_wm_base_get_xdg_surface(bridge->wm_base, surface);
	struct xdg_popup *popup = xdg_surface_get_popup(window, NULL, positioner);
	xdg_popup_grab(popup, bridge->seat, bridge->key_serial);
	desk_settle(desk);
	assert_false(bridge->dead);
	assert_false(wlr_seat_keyboard_has_grab(desk->server->seat->wlr_seat));
	xdg_popup_destroy(popup);
	xdg_surface_destroy(window);
	wl_surface_destroy(surface);
	xdg_positioner_destroy(positioner);
	desk_destroy(desk);
}

// --- many desks in one process -------------------------------------------------------------

static int open_files(void) {
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	int len = 0;
	while (readdir(folder) != NULL) {
		len++;
	}
	closedir(folder);
	return len;
}

static void test_many_desks(void **state) {
	int before = 0;
	for (int round = 0; round < 20; round++) {
		struct desk *desk = desk_machine_create();
		desk_connect_shown(desk, "a");
		struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
		if (round % 2 == 0) {
			desk_machine_show(desk, fake);
		}
		desk_run(desk, "fullscreen");
		desk_destroy(desk);
		// The first one has filled the caches of fonts and cursors.
		before = round == 0 ? open_files() : before;
		assert_int_equal(open_files(), before);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_title_flood),
		cmocka_unit_test(test_long_title),
		cmocka_unit_test(test_broken_flood),
		cmocka_unit_test(test_bridge_goes_with_news_pending),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_no_geometry_at_all),
		cmocka_unit_test(test_buffer_before_configure),
		cmocka_unit_test(test_short_pool),
		cmocka_unit_test(test_window_goes_while_dragged),
		cmocka_unit_test(test_window_goes_with_lock_and_menu),
		cmocka_unit_test(test_fills_the_screen_unasked),
		cmocka_unit_test(test_drag_before_a_dialog),
		cmocka_unit_test(test_output_goes_in_its_frame),
		cmocka_unit_test(test_popup_of_a_window_that_is_gone),
		cmocka_unit_test(test_popup_grabs_twice),
		cmocka_unit_test(test_bar_takes_a_popup_that_is_gone),
		cmocka_unit_test(test_popup_of_itself),
		cmocka_unit_test(test_bridge_has_no_popups),
		cmocka_unit_test(test_many_desks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

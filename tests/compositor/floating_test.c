// What floats: places and sizes, through commands as keys run them, and what clients say to it.

#include <stdio.h>
#include <string.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>

#include "command.h"
#include "desk.h"
#include "desk_machine.h"
#include "layout.h"
#include "machine.h"
#include "output.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "workspace.h"
#include "xdg-shell-client-protocol.h"

static void assert_refused(struct desk *desk, const char *line) {
	char error[COMMAND_ERROR_MAX] = "";
	if (command_run_line(desk->server, NULL, line, error)) {
		fail_msg("%s: was done", line);
	}
	desk_settle(desk);
}

static void assert_box(struct wlr_box box, int x, int y, int width, int height) {
	if (box.x != x || box.y != y || box.width != width || box.height != height) {
		fail_msg("%d,%d %dx%d is not %d,%d %dx%d", box.x, box.y, box.width, box.height, x,
			y, width, height);
	}
}

static const char *focused_title(const struct desk *desk) {
	const struct tile *tile = tile_focused(desk->server);
	return tile != NULL ? tile_title(tile) : "";
}

static struct output *second_output(const struct desk *desk) {
	struct output *output = wl_container_of(desk->server->outputs.prev, output, link);
	return output;
}

static bool is_visible(const struct tile *tile) {
	int lx, ly;
	return wlr_scene_node_coords(&tile->body->node, &lx, &ly);
}

static void test_toggle(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	struct test_client *client = desk_connect_shown(desk, "b");
	struct tile *a = desk_tile(desk, "a"), *b = desk_tile(desk, "b");
	desk_run(desk, "floating");
	assert_true(b->floating.on);
	assert_null(b->node);
	assert_int_equal(a->box.width, 1280); // the tiles close ranks
	// The size that it drew at first, in the middle.
	assert_int_equal(client->width, 200);
	assert_int_equal(client->height, 100);
	int title = b->title.height, border = b->content.x - b->box.x;
	assert_box(b->box, (1280 - 200) / 2 - border, (720 - 100 - title - 2 * border) / 2,
		200 + 2 * border, 100 + title + 2 * border);
	assert_true(client->has_keyboard_focus);

	desk_run(desk, "floating off");
	assert_false(b->floating.on);
	assert_int_equal(b->box.width, 640);
	// It remembers where it floated.
	desk_run(desk, "floating on");
	desk_run(desk, "move position 10 20");
	desk_run(desk, "floating off");
	desk_run(desk, "floating on");
	assert_box(b->box, 10, 20, 200 + 2 * border, 100 + title + 2 * border);
	desk_destroy(desk);
}

static void test_keyboard(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct tile *a = desk_tile(desk, "a");
	assert_refused(desk, "move position 1 1");
	desk_run(desk, "floating");
	int border = a->content.x - a->box.x, title = a->title.height;
	desk_run(desk, "move position 100 100");
	desk_run(desk, "move left 20");
	desk_run(desk, "move down");
	assert_box(a->box, 80, 110, 200 + 2 * border, 100 + title + 2 * border);
	desk_run(desk, "resize set 400 300");
	assert_int_equal(client->width, 400);
	assert_int_equal(client->height, 300);
	struct wlr_box content = a->content;
	desk_run(desk, "resize grow left 40");
	assert_box(a->content, content.x - 40, content.y, 440, 300);
	desk_run(desk, "resize shrink width 40");
	assert_box(a->content, content.x - 20, content.y, 400, 300);
	desk_run(desk, "resize down 25");
	assert_box(a->content, content.x - 20, content.y, 400, 325);
	desk_run(desk, "resize left 100");
	assert_box(a->content, content.x - 20, content.y, 300, 325);
	desk_run(desk, "resize set width 50%");
	assert_int_equal(a->content.width, 640);
	assert_int_equal(a->content.height, 325);
	desk_run(desk, "move position 25% 50ppt");
	assert_int_equal(a->box.x, 320);
	assert_int_equal(a->box.y, 360);
	// Off the screen nothing can be moved.
	desk_run(desk, "move position -5000 -5000");
	assert_int_equal(a->box.y, 0);
	assert_true(a->box.x + a->box.width > 0);
	desk_run(desk, "move position center");
	desk_run(desk, "resize set 9000 9000");
	assert_box(a->box, 0, 0, 1280, 720);
	assert_refused(desk, "split vertical");
	assert_refused(desk, "layout tabbed");
	assert_refused(desk, "focus parent");
	assert_refused(desk, "resize grow sideways 10");
	assert_refused(desk, "move position 1");
	desk_destroy(desk);
}

static void test_tiled_sizes(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	desk_connect_shown(desk, "c");
	desk_run(desk, "focus left");
	struct tile *b = desk_tile(desk, "b");
	struct wlr_box before = b->box;
	desk_run(desk, "resize grow width 40");
	assert_box(b->box, before.x - 20, 0, before.width + 40, 720);
	desk_run(desk, "resize shrink right 10");
	assert_box(b->box, before.x - 20, 0, before.width + 30, 720);
	desk_run(desk, "resize set width 50%");
	assert_int_equal(b->box.width, 640);
	// At the desk's edge the other side does all of it.
	desk_run(desk, "focus right");
	struct tile *c = desk_tile(desk, "c");
	desk_run(desk, "resize set width 400");
	assert_int_equal(c->box.width, 400);
	assert_int_equal(c->box.x + c->box.width, 1280);
	desk_destroy(desk);
}

static void test_focus_and_order(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	desk_run(desk, "floating");
	desk_run(desk, "move position 100 100");
	desk_connect_shown(desk, "c");
	desk_run(desk, "floating");
	desk_run(desk, "move position 120 120");
	struct tile *b = desk_tile(desk, "b"), *c = desk_tile(desk, "c");
	assert_ptr_equal(tile_at(desk->server, 200, 200), c);
	desk_run(desk, "focus left");
	assert_string_equal(focused_title(desk), "b");
	assert_ptr_equal(tile_at(desk->server, 200, 200), b); // raised
	desk_run(desk, "focus right");
	assert_string_equal(focused_title(desk), "c");
	desk_run(desk, "focus mode-toggle");
	assert_string_equal(focused_title(desk), "a");
	assert_ptr_equal(tile_at(desk->server, 200, 200), c); // a tile never covers what floats
	desk_run(desk, "focus mode-toggle");
	assert_string_equal(focused_title(desk), "c");
	desk_run(desk, "focus tiled");
	desk_run(desk, "focus floating");
	assert_string_equal(focused_title(desk), "c");
	// A new window is tiled beside what was tiled.
	desk_connect_shown(desk, "d");
	assert_false(desk_tile(desk, "d")->floating.on);
	assert_string_equal(focused_title(desk), "d");
	// What had the focus last gets it, floating or not.
	desk_run(desk, "focus floating");
	desk_run(desk, "workspace 2");
	assert_false(is_visible(c));
	desk_run(desk, "workspace 1");
	assert_string_equal(focused_title(desk), "c");
	assert_true(is_visible(c));
	desk_destroy(desk);
}

static void test_other_workspace(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "a");
	desk_run(desk, "floating");
	desk_run(desk, "move position 200 100");
	struct tile *a = desk_tile(desk, "a");
	struct wlr_box box = a->box;
	desk_run(desk, "move workspace 5");
	assert_false(is_visible(a));
	desk_run(desk, "workspace 5");
	assert_true(a->floating.on);
	assert_box(a->box, box.x, box.y, box.width, box.height);
	// On an output beside it is where it was on its own one.
	desk_run(desk, "move right 10000");
	assert_int_equal(a->workspace->number, 5);
	struct output *other = second_output(desk);
	char line[64];
	desk_run(desk, "move position 200 100");
	snprintf(line, sizeof(line), "move output %s", other->wlr_output->name);
	desk_run(desk, line);
	assert_box(a->box, other->box.x + box.x, box.y, box.width, box.height);
	desk_destroy(desk);
}

// Its place is kept when the screen becomes too small for it.
static void test_screen_changes(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	desk_run(desk, "floating");
	desk_run(desk, "resize set 900 500");
	desk_run(desk, "move position 300 100");
	struct tile *a = desk_tile(desk, "a");
	struct wlr_box box = a->box;
	struct output *output = desk->server->active_output;
	struct wlr_output_state mode;
	wlr_output_state_init(&mode);
	wlr_output_state_set_custom_mode(&mode, 640, 480, 0);
	assert_true(wlr_output_commit_state(output->wlr_output, &mode));
	desk_settle(desk);
	assert_int_equal(output->usable.width, 640);
	assert_true(a->box.width <= 640 && a->box.height <= 480);
	assert_true(a->box.y >= 0);
	wlr_output_state_set_custom_mode(&mode, 1280, 720, 0);
	assert_true(wlr_output_commit_state(output->wlr_output, &mode));
	wlr_output_state_finish(&mode);
	desk_settle(desk);
	assert_box(a->box, box.x, box.y, box.width, box.height);
	// The screen goes, another one comes.
	wlr_output_destroy(output->wlr_output);
	desk_settle(desk);
	desk_run(desk, "resize grow width 10");
	desk_run(desk, "move left 5");
	desk_add_output(desk, 1280, 720);
	assert_true(is_visible(a));
	assert_int_equal(a->content.width, 910);
	desk_destroy(desk);
}

static void test_fullscreen(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	struct tile *a = desk_tile(desk, "a"), *b = desk_tile(desk, "b");
	desk_run(desk, "floating");
	struct wlr_box box = b->box;
	desk_run(desk, "fullscreen");
	assert_box(b->box, 0, 0, 1280, 720);
	desk_run(desk, "fullscreen");
	assert_box(b->box, box.x, box.y, box.width, box.height);
	assert_true(b->floating.on);
	// Under a full screen tile nothing floats, and calling it ends the full screen.
	desk_run(desk, "focus tiled");
	desk_run(desk, "fullscreen");
	assert_false(is_visible(b));
	desk_run(desk, "focus floating");
	assert_false(a->fullscreen);
	assert_true(is_visible(b));
	desk_destroy(desk);
}

// --- dialogs and sizes of clients ---------------------------------------------------------

// Another window of the same client; it is the one that test_client_*() act on from now on.
static struct tile *open_second(
	struct desk *desk, struct test_client *client, const char *title, bool child) {
	struct test_client first = *client;
	client->width = client->height = 0;
	test_client_open(client, title);
	if (child) {
		xdg_toplevel_set_parent(client->toplevel, first.toplevel);
	}
	test_client_forget_window(&first);
	desk_settle(desk);
	test_client_show(client, 300, 200);
	desk_settle(desk);
	return desk_tile(desk, title);
}

static void test_dialog(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	desk_run(desk, "focus left");
	struct tile *a = desk_tile(desk, "a");
	struct tile *dialog = open_second(desk, client, "dialog", true);
	assert_true(dialog->floating.on);
	assert_true(dialog->focused);
	assert_int_equal(dialog->content.width, 300);
	// Over its parent.
	int middle = a->box.x + a->box.width / 2;
	assert_int_equal(dialog->box.x + dialog->box.width / 2, middle);
	// Above a parent that is full screen, which stays so.
	tile_focus(a);
	desk_run(desk, "fullscreen");
	assert_true(is_visible(dialog));
	assert_ptr_equal(tile_at(desk->server, middle, dialog->box.y + 40), dialog);
	tile_focus(dialog);
	assert_true(a->fullscreen);
	struct tile *second = open_second(desk, client, "second", true);
	assert_true(second->focused);
	assert_true(a->fullscreen && is_visible(second));
	tile_focus(a);
	desk_run(desk, "fullscreen");
	// Above a parent that floats and is raised.
	desk_run(desk, "floating");
	desk_run(desk, "resize set 1000 600");
	desk_run(desk, "focus right");
	tile_focus(a);
	assert_ptr_equal(
		tile_at(desk->server, middle, dialog->box.y + 40)->workspace, a->workspace);
	assert_ptr_not_equal(tile_at(desk->server, dialog->box.x + 50, dialog->box.y + 40), a);
	desk_destroy(desk);
}

static void test_dialog_opens_with_its_parent(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_run(desk, "workspace 2");
	desk_connect_shown(desk, "b");
	struct tile *dialog = open_second(desk, client, "dialog", true);
	assert_int_equal(dialog->workspace->number, 1);
	assert_string_equal(focused_title(desk), "b");
	desk_destroy(desk);
}

static void test_limits(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect(desk);
	test_client_open(client, "fixed");
	xdg_toplevel_set_min_size(client->toplevel, 321, 123);
	xdg_toplevel_set_max_size(client->toplevel, 321, 123);
	desk_settle(desk);
	test_client_show(client, 321, 123);
	desk_settle(desk);
	struct tile *fixed = desk_tile(desk, "fixed");
	assert_true(fixed->floating.on);
	assert_int_equal(fixed->content.width, 321);
	desk_run(desk, "resize set 700 700");
	assert_int_equal(fixed->content.width, 321);
	assert_int_equal(fixed->content.height, 123);
	// It is the user who decides.
	desk_run(desk, "floating off");
	assert_int_equal(fixed->box.width, 1280);
	desk_run(desk, "floating on");

	client->width = client->height = 0;
	test_client_forget_window(client);
	test_client_open(client, "limited");
	xdg_toplevel_set_min_size(client->toplevel, 200, 100);
	xdg_toplevel_set_max_size(client->toplevel, 500, 0);
	desk_settle(desk);
	test_client_show(client, 300, 200);
	desk_settle(desk);
	struct tile *limited = desk_tile(desk, "limited");
	assert_false(limited->floating.on);
	desk_run(desk, "floating on");
	desk_run(desk, "resize set 10 10");
	assert_int_equal(limited->content.width, 200);
	assert_int_equal(limited->content.height, 100);
	desk_run(desk, "resize set 900 600");
	assert_int_equal(limited->content.width, 500);
	assert_int_equal(limited->content.height, 600);
	desk_destroy(desk);
}

// A client that rounds its size, as a terminal does to whole letters.
static void test_size_of_the_client(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_run(desk, "floating");
	desk_run(desk, "resize right 205");
	desk_run(desk, "resize down 207");
	struct tile *a = desk_tile(desk, "a");
	struct wlr_box content = a->content;
	test_client_show_size(client, 400, 300);
	desk_settle(desk);
	assert_box(a->content, content.x, content.y, 400, 300);
	assert_int_equal(client->width, 400);
	// Grown to the left its right edge stays.
	int right = a->content.x + a->content.width;
	desk_run(desk, "resize grow left 45");
	test_client_show_size(client, 440, 300);
	desk_settle(desk);
	assert_int_equal(a->content.x + a->content.width, right);
	assert_int_equal(a->content.width, 440);
	// More than the screen has no client gets.
	test_client_show_size(client, 5000, 5000);
	desk_settle(desk);
	assert_true(a->box.width <= 1280 && a->box.height <= 720);
	// A tile is not the client's to size.
	desk_run(desk, "floating off");
	test_client_show_size(client, 100, 100);
	desk_settle(desk);
	assert_int_equal(a->box.width, 1280);
	desk_destroy(desk);
}

// --- machines -----------------------------------------------------------------------------

static void test_machine(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct tile *tile = desk_tile(desk, "Clock");
	// The placeholder already.
	desk_run(desk, "floating");
	assert_int_equal(tile->content.width, 640);
	assert_int_equal(tile->content.height, 540);
	struct test_client *bridge = desk_machine_connect(desk, machine);
	test_client_open(bridge, "x");
	// What a bridge says of its size decides nothing.
	xdg_toplevel_set_min_size(bridge->toplevel, 50, 50);
	xdg_toplevel_set_max_size(bridge->toplevel, 50, 50);
	desk_settle(desk);
	assert_int_equal(bridge->width, 640);
	assert_int_equal(bridge->height, 540);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	desk_run(desk, "resize set 500 400");
	assert_int_equal(bridge->width, 500);
	assert_int_equal(bridge->height, 400);
	test_client_show_size(bridge, 320, 200);
	desk_settle(desk);
	assert_int_equal(tile->content.width, 500);
	assert_int_equal(bridge->width, 500);
	// Out of sight it keeps its size, and its connection.
	desk_run(desk, "scratchpad move");
	assert_false(is_visible(tile));
	assert_int_equal(bridge->width, 500);
	assert_false(bridge->has_keyboard_focus);
	desk_run(desk, "scratchpad show");
	assert_true(bridge->has_keyboard_focus);
	assert_false(bridge->dead);
	desk_destroy(desk);
}

static void test_bridge_cannot_float(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, machine);
	struct test_client first = *bridge;
	test_client_open(bridge, "y");
	xdg_toplevel_set_parent(bridge->toplevel, first.toplevel);
	test_client_forget_window(&first);
	xdg_toplevel_set_min_size(bridge->toplevel, 50, 50);
	xdg_toplevel_set_max_size(bridge->toplevel, 50, 50);
	desk_settle(desk);
	test_client_show(bridge, 50, 50);
	desk_settle(desk);
	assert_int_equal(desk_machine_tiles(desk), 2);
	struct tile *tile;
	wl_list_for_each (tile, &desk->server->tiles, link) {
		assert_false(tile->floating.on);
	}
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_toggle),
		cmocka_unit_test(test_keyboard),
		cmocka_unit_test(test_tiled_sizes),
		cmocka_unit_test(test_focus_and_order),
		cmocka_unit_test(test_other_workspace),
		cmocka_unit_test(test_screen_changes),
		cmocka_unit_test(test_fullscreen),
		cmocka_unit_test(test_dialog),
		cmocka_unit_test(test_dialog_opens_with_its_parent),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_size_of_the_client),
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_bridge_cannot_float),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

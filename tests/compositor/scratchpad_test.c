// What is sticky, and what is in a scratchpad, through commands as keys run them.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>

#include "command.h"
#include "desk.h"
#include "output.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

static void assert_refused(struct desk *desk, const char *line) {
	char error[COMMAND_ERROR_MAX] = "";
	if (command_run_line(desk->server, NULL, line, error)) {
		fail_msg("%s: was done", line);
	}
	desk_settle(desk);
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

// --- sticky -------------------------------------------------------------------------------

static void test_sticky(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "s");
	desk_run(desk, "sticky");
	struct tile *s = desk_tile(desk, "s");
	assert_true(s->sticky);
	desk_run(desk, "workspace 3");
	assert_false(is_visible(s)); // a tile does not stick
	desk_run(desk, "workspace 1");
	desk_run(desk, "floating");
	desk_run(desk, "workspace 3");
	assert_true(is_visible(s));
	assert_int_equal(s->workspace->number, 3);
	assert_string_equal(focused_title(desk), "s"); // nothing else is there
	desk_connect_shown(desk, "b");
	desk_run(desk, "workspace 1");
	assert_true(is_visible(s));
	assert_string_equal(focused_title(desk), "a");
	desk_run(desk, "workspace 3");
	assert_string_equal(focused_title(desk), "b");
	// To its own output's workspaces only.
	struct output *other = second_output(desk);
	desk_run(desk, "focus floating");
	workspace_show(other->workspace);
	desk_run(desk, "workspace 8");
	assert_ptr_equal(desk->server->active_output, other);
	assert_int_equal(s->workspace->number, 3);
	assert_true(is_visible(s));
	desk_run(desk, "workspace 3");
	desk_run(desk, "focus floating");
	desk_run(desk, "sticky off");
	desk_run(desk, "workspace 1");
	assert_false(is_visible(s));
	desk_destroy(desk);
}

// The last one on its workspace takes nothing with it.
static void test_sticky_alone(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "s");
	desk_run(desk, "floating");
	desk_run(desk, "sticky on");
	desk_run(desk, "workspace 7");
	assert_null(workspace_find(desk->server, 1));
	assert_true(desk_tile(desk, "s")->focused);
	desk_run(desk, "workspace 1");
	assert_null(workspace_find(desk->server, 7));
	desk_destroy(desk);
}

// --- scratchpad ---------------------------------------------------------------------------

static void test_scratchpad(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	assert_refused(desk, "scratchpad show");
	desk_connect_shown(desk, "b");
	desk_run(desk, "scratchpad move");
	struct tile *b = desk_tile(desk, "b");
	assert_false(is_visible(b));
	assert_string_equal(focused_title(desk), "a");
	desk_connect_shown(desk, "c");
	desk_run(desk, "scratchpad move");
	// The one that is out of sight for longest, then the next.
	desk_run(desk, "scratchpad show");
	assert_string_equal(focused_title(desk), "b");
	assert_true(is_visible(b) && b->floating.on);
	desk_run(desk, "scratchpad show");
	assert_false(is_visible(b));
	assert_string_equal(focused_title(desk), "a");
	desk_run(desk, "scratchpad show");
	assert_string_equal(focused_title(desk), "c");
	// In sight, but without the focus: it gets the focus.
	desk_run(desk, "focus tiled");
	desk_run(desk, "scratchpad show");
	assert_string_equal(focused_title(desk), "c");
	// In sight elsewhere: it comes.
	desk_run(desk, "workspace 2");
	desk_run(desk, "scratchpad show");
	assert_string_equal(focused_title(desk), "c");
	assert_int_equal(desk_tile(desk, "c")->workspace->number, 2);
	// Tiled it belongs to no scratchpad.
	desk_run(desk, "floating off");
	assert_null(desk_tile(desk, "c")->scratchpad);
	desk_run(desk, "scratchpad show");
	assert_string_equal(focused_title(desk), "b");
	desk_destroy(desk);
}

static void test_named_scratchpads(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "mail");
	desk_run(desk, "scratchpad move mail");
	desk_connect_shown(desk, "music");
	desk_run(desk, "scratchpad move music");
	assert_refused(desk, "scratchpad show");
	assert_refused(desk, "scratchpad show news");
	for (int i = 0; i < 2; i++) {
		desk_run(desk, "scratchpad show music");
		assert_string_equal(focused_title(desk), "music");
		desk_run(desk, "scratchpad show mail");
		assert_string_equal(focused_title(desk), "mail");
		desk_run(desk, "scratchpad show mail");
		desk_run(desk, "scratchpad show music");
		assert_false(is_visible(desk_tile(desk, "music")));
		assert_string_equal(focused_title(desk), "a");
	}
	// By its id as well.
	char line[32];
	snprintf(line, sizeof(line), "focus window %u", desk_tile(desk, "mail")->id);
	desk_run(desk, line);
	assert_string_equal(focused_title(desk), "mail");
	assert_true(is_visible(desk_tile(desk, "mail")));
	desk_destroy(desk);
}

// By its number, or by a menu that was open before: it comes, to fill the screen.
static void test_fullscreen_calls(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "s");
	struct tile *s = desk_tile(desk, "s");
	desk_run(desk, "menu");
	char error[COMMAND_ERROR_MAX];
	assert_true(command_run_line(desk->server, s, "scratchpad move", error));
	assert_false(is_visible(s));
	assert_true(command_run_line(desk->server, s, "fullscreen off", error));
	assert_false(is_visible(s));
	desk_tap(desk, KEY_F);
	assert_true(is_visible(s));
	assert_true(s->fullscreen);
	assert_ptr_equal(s->workspace, workspace_active(desk->server));
	desk_destroy(desk);
}

static void test_scratchpad_window_goes(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_run(desk, "scratchpad move");
	desk_disconnect(desk, client);
	assert_refused(desk, "scratchpad show");
	assert_true(wl_list_empty(&desk->server->tiles));
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sticky),
		cmocka_unit_test(test_sticky_alone),
		cmocka_unit_test(test_scratchpad),
		cmocka_unit_test(test_named_scratchpads),
		cmocka_unit_test(test_fullscreen_calls),
		cmocka_unit_test(test_scratchpad_window_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

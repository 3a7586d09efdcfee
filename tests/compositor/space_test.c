// Workspaces by their names, the outputs that they belong to, and who had the focus before.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "command.h"
#include "desk.h"
#include "output.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "workspace.h"

static const char *active_name(struct desk *desk) {
	return workspace_active(desk->server)->name;
}

static void assert_active(struct desk *desk, const char *name) {
	assert_string_equal(active_name(desk), name);
}

static void assert_refused(struct desk *desk, const char *line, const char *error) {
	char text[COMMAND_ERROR_MAX];
	assert_false(command_run_line(desk->server, NULL, line, text));
	if (strstr(text, error) == NULL) {
		fail_msg("%s: %s", line, text);
	}
}

static void assert_focused(struct desk *desk, const char *title) {
	struct tile *tile = tile_focused(desk->server);
	assert_non_null(tile);
	assert_string_equal(tile_title(tile), title);
}

static struct output *output_number(struct desk *desk, int number) {
	struct output *output;
	wl_list_for_each (output, &desk->server->outputs, link) {
		if (number-- == 0) {
			return output;
		}
	}
	fail_msg("no such output");
	return NULL;
}

static const char *output_name(struct desk *desk, int number) {
	return output_number(desk, number)->wlr_output->name;
}

// A window on a workspace, so that it stays.
static void populate(struct desk *desk, const char *workspace, const char *title) {
	char line[128];
	snprintf(line, sizeof(line), "workspace %s", workspace);
	desk_run(desk, line);
	desk_connect_shown(desk, title);
}

// --- names --------------------------------------------------------------------------------

static void test_names(void **state) {
	struct desk *desk = desk_create(NULL);
	assert_active(desk, "1");
	populate(desk, "mail", "post");
	assert_active(desk, "mail");
	assert_int_equal(workspace_active(desk->server)->number, 0);
	populate(desk, "3", "page");
	assert_active(desk, "3");
	// A number is one workspace, whatever follows it; the first name stays.
	desk_run(desk, "workspace 3:web");
	assert_active(desk, "3:web");
	assert_focused(desk, "page");
	desk_run(desk, "workspace mail");
	desk_run(desk, "workspace number 3");
	assert_active(desk, "3:web");
	desk_run(desk, "workspace 3:else");
	assert_active(desk, "3:web");
	assert_focused(desk, "page");
	assert_int_equal(workspace_active(desk->server)->number, 3);

	assert_refused(desk, "workspace 11:far", "workspaces are 1 to 10");
	assert_refused(desk, "workspace number mail", "usage");
	assert_refused(desk, "workspace a b", "usage");
	assert_refused(desk, "workspace \"\"", "usage");
	assert_refused(desk, "workspace \"a\tb\"", "usage");
	assert_refused(desk, "workspace to", "usage");
	char line[128] = "workspace ";
	memset(line + strlen(line), 'x', 65);
	assert_refused(desk, line, "usage");
	desk_destroy(desk);
}

static void test_rename(void **state) {
	struct desk *desk = desk_create(NULL);
	populate(desk, "1", "one");
	populate(desk, "mail", "post");
	desk_run(desk, "rename workspace to 2:post");
	assert_active(desk, "2:post");
	assert_ptr_equal(workspace_find(desk->server, 2), workspace_active(desk->server));
	assert_null(workspace_find_named(desk->server, "mail"));
	desk_run(desk, "rename workspace 1 to home");
	assert_null(workspace_find(desk->server, 1));
	// The one before is followed through its new name.
	desk_run(desk, "workspace back-and-forth");
	assert_active(desk, "home");
	assert_refused(desk, "rename workspace to 2", "there is a workspace 2 already");
	assert_refused(desk, "rename workspace nine to 9", "there is no workspace nine");
	assert_refused(desk, "rename workspace home 9", "usage");
	desk_run(desk, "rename workspace to home");
	assert_active(desk, "home");
	desk_destroy(desk);
}

static void test_beside(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	// 1 and 2 are shown; made on the output of 1, numbers come before names.
	desk_run(desk, "workspace 1");
	populate(desk, "mail", "post");
	desk_run(desk, "workspace 1");
	populate(desk, "5", "five");
	desk_run(desk, "workspace 2");
	populate(desk, "7", "seven");
	desk_run(desk, "workspace 5");
	desk_run(desk, "workspace next");
	assert_active(desk, "7");
	desk_run(desk, "workspace next");
	assert_active(desk, "mail");
	desk_run(desk, "workspace next");
	assert_active(desk, "5");
	desk_run(desk, "workspace previous");
	assert_active(desk, "mail");
	desk_run(desk, "workspace next-on-output");
	assert_active(desk, "5");
	desk_run(desk, "workspace next_on_output");
	assert_active(desk, "mail");
	desk_run(desk, "workspace prev");
	assert_active(desk, "7");
	desk_run(desk, "workspace previous-on-output");
	assert_active(desk, "7");
	desk_destroy(desk);
}

static void test_back_and_forth(void **state) {
	struct desk *desk = desk_create(NULL);
	assert_refused(desk, "workspace back-and-forth", "no other workspace before");
	desk_run(desk, "workspace mail");
	desk_run(desk, "workspace back-and-forth");
	assert_active(desk, "1");
	// "mail" was empty, and is made again.
	desk_run(desk, "workspace back-and-forth");
	assert_active(desk, "mail");
	desk_run(desk, "workspace mail");
	assert_active(desk, "mail");
	desk_configure(desk, "auto-back-and-forth yes\n");
	desk_run(desk, "workspace mail");
	assert_active(desk, "1");
	desk_destroy(desk);
}

// --- moving -------------------------------------------------------------------------------

static void test_move(void **state) {
	static const struct {
		const char *line, *name;
	} moves[] = {
		{"move workspace 3:web", "3:web"},
		{"move container to workspace mail", "mail"},
		{"move window workspace number 3", "3:web"},
		{"move to workspace 4", "4"},
		{"move workspace previous", "3:web"},
		{"move workspace next", "9"},
		{"move workspace back-and-forth", "3:web"},
	};
	struct desk *desk = desk_create(NULL);
	populate(desk, "3", "a"); // so that 3 and 9 stay
	populate(desk, "9", "b");
	populate(desk, "1", "wanderer");
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		desk_run(desk, moves[i].line);
		assert_string_equal(desk_tile(desk, "wanderer")->workspace->name, moves[i].name);
		char line[64];
		snprintf(line, sizeof(line), "workspace %s", moves[i].name);
		desk_run(desk, line);
		tile_focus(desk_tile(desk, "wanderer"));
		desk_settle(desk);
	}
	assert_refused(desk, "move workspace 12", "workspaces are 1 to 10");
	assert_refused(desk, "move workspace", "usage");
	assert_refused(desk, "move container left", "usage");
	assert_refused(desk, "move output nowhere", "there is no output nowhere");
	assert_refused(desk, "move workspace to mail", "usage");
	desk_destroy(desk);
}

static void test_outputs(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	struct output *left = output_number(desk, 0), *right = output_number(desk, 1);
	char line[128];
	desk_run(desk, "focus output left");
	assert_ptr_equal(desk->server->active_output, left);
	desk_run(desk, "focus output right");
	assert_ptr_equal(desk->server->active_output, right);
	desk_run(desk, "focus output next");
	assert_ptr_equal(desk->server->active_output, left);
	snprintf(line, sizeof(line), "focus output %s", right->wlr_output->name);
	desk_run(desk, line);
	assert_ptr_equal(desk->server->active_output, right);
	desk_run(desk, "focus output right"); // the edge of the desk
	assert_ptr_equal(desk->server->active_output, right);
	assert_refused(desk, "focus output nowhere", "there is no output nowhere");
	assert_refused(desk, "focus output", "usage");

	// A window goes, the focus stays.
	desk_connect_shown(desk, "a");
	desk_run(desk, "move output left");
	assert_ptr_equal(desk_tile(desk, "a")->workspace->output, left);
	assert_ptr_equal(desk->server->active_output, right);
	snprintf(line, sizeof(line), "move container to output %s", right->wlr_output->name);
	desk_run(desk, "focus output left");
	desk_run(desk, line);
	assert_ptr_equal(desk_tile(desk, "a")->workspace->output, right);
	desk_destroy(desk);
}

static void test_move_workspace_to_output(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	struct output *left = output_number(desk, 0), *right = output_number(desk, 1);
	populate(desk, "1", "a");
	assert_ptr_equal(desk->server->active_output, left);
	desk_run(desk, "move workspace to output right");
	struct workspace *moved = desk_tile(desk, "a")->workspace;
	assert_ptr_equal(moved->output, right);
	assert_ptr_equal(right->workspace, moved);
	assert_ptr_equal(desk->server->active_output, right);
	assert_focused(desk, "a");
	assert_int_equal(desk_tile(desk, "a")->box.x, 1280);
	// The other output shows something, and not what was empty on the right.
	assert_non_null(left->workspace);
	assert_ptr_not_equal(left->workspace, moved);
	assert_true(wl_list_empty(&left->workspace->tiles));

	// It belongs there now: it goes when that output goes, and comes back with it.
	assert_string_equal(moved->home, right->wlr_output->name);
	desk_run(desk, "move workspace output left");
	assert_ptr_equal(moved->output, left);
	assert_refused(desk, "move workspace to output nowhere", "there is no output nowhere");
	assert_refused(desk, "move workspace to output", "usage");
	desk_destroy(desk);
}

// The headless backend counts its outputs on, over desks: this is the name of the next one.
static void next_name(struct desk *desk, char *name, size_t size) {
	int last = 0;
	struct output *output;
	wl_list_for_each (output, &desk->server->outputs, link) {
		int number = 0;
		assert_int_equal(sscanf(output->wlr_output->name, "HEADLESS-%d", &number), 1);
		last = number > last ? number : last;
	}
	snprintf(name, size, "HEADLESS-%d", last + 1);
}

static void test_configured(void **state) {
	struct desk *desk = desk_create(NULL);
	populate(desk, "1", "here");
	populate(desk, "4", "four");
	char later[64], config[512];
	next_name(desk, later, sizeof(later));
	snprintf(config, sizeof(config),
		"workspace 4 {\n\toutput %s %s\n}\n"
		"workspace 3:web {\n\toutput nowhere %s\n}\n"
		"workspace 6 {\n\toutput %s\n}\n",
		later, output_name(desk, 0), later, later);
	desk_configure(desk, config);
	assert_active(desk, "4");
	populate(desk, "3", "web");
	assert_active(desk, "3:web"); // as the configuration has it
	desk_run(desk, "workspace 1");
	assert_ptr_equal(desk_tile(desk, "web")->workspace->output, output_number(desk, 0));

	// The output comes: what belongs there goes there, and what is shown stays.
	desk_add_output(desk, 800, 600);
	struct output *second = output_find(desk->server, later);
	assert_non_null(second);
	assert_ptr_equal(desk_tile(desk, "four")->workspace->output, second);
	assert_ptr_equal(desk_tile(desk, "web")->workspace->output, second);
	assert_ptr_not_equal(desk_tile(desk, "here")->workspace->output, second);
	assert_active(desk, "1");
	assert_false(wl_list_empty(&second->workspace->tiles));
	// New ones are made where they belong.
	desk_run(desk, "workspace 6");
	assert_ptr_equal(desk->server->active_output, second);
	desk_run(desk, "focus output previous");
	desk_run(desk, "workspace 5");
	assert_ptr_equal(desk->server->active_output, output_number(desk, 0));
	desk_destroy(desk);
}

// What is shown and has the focus returns as well, and the focus with it.
static void test_shown_returns(void **state) {
	struct desk *desk = desk_create(NULL);
	populate(desk, "1", "here");
	populate(desk, "2", "there");
	char later[64];
	next_name(desk, later, sizeof(later));
	struct workspace *there = desk_tile(desk, "there")->workspace;
	free(there->home);
	there->home = strdup(later);
	desk_add_output(desk, 800, 600);
	struct output *second = output_find(desk->server, later);
	assert_ptr_equal(there->output, second);
	assert_ptr_equal(second->workspace, there);
	assert_ptr_equal(desk->server->active_output, second);
	assert_focused(desk, "there");
	assert_ptr_equal(output_number(desk, 0)->workspace, desk_tile(desk, "here")->workspace);
	assert_true(desk_tile(desk, "there")->box.width == 800);
	desk_destroy(desk);
}

// A new output begins with the lowest number that is its own.
static void test_first_number(void **state) {
	struct desk *desk = desk_create(NULL);
	char later[64], config[256];
	next_name(desk, later, sizeof(later));
	snprintf(config, sizeof(config),
		"workspace 8 {\n\toutput %s\n}\nworkspace 7 {\n\toutput %s\n}\n"
		"workspace 2 {\n\toutput nowhere\n}\n",
		later, later);
	desk_configure(desk, config);
	desk_add_output(desk, 800, 600);
	assert_string_equal(output_number(desk, 1)->workspace->name, "7");
	// 2 is somebody else's.
	desk_add_output(desk, 800, 600);
	assert_string_equal(output_number(desk, 2)->workspace->name, "3");
	desk_destroy(desk);
}

// --- history ------------------------------------------------------------------------------

static void test_last(void **state) {
	struct desk *desk = desk_create(NULL);
	assert_refused(desk, "focus last", "no other window");
	populate(desk, "1", "a");
	assert_refused(desk, "focus last", "no other window");
	assert_refused(desk, "focus older", "no other window");
	populate(desk, "2", "b");
	populate(desk, "3", "c");
	desk_run(desk, "focus last");
	assert_focused(desk, "b");
	assert_active(desk, "2");
	desk_run(desk, "focus last");
	assert_focused(desk, "c");
	desk_disconnect(desk, desk->clients[1]);
	desk_run(desk, "focus last");
	assert_focused(desk, "a");
	desk_destroy(desk);
}

static void press_tab(struct desk *desk) {
	desk_tap(desk, KEY_TAB);
}

static void test_walk(void **state) {
	struct desk *desk = desk_create(NULL);
	for (int i = 0; i < 4; i++) {
		char workspace[8], title[8];
		snprintf(workspace, sizeof(workspace), "%d", i + 1);
		snprintf(title, sizeof(title), "%c", 'a' + i);
		populate(desk, workspace, title);
	}
	desk_key(desk, KEY_LEFTMETA, true);
	press_tab(desk);
	assert_focused(desk, "c");
	press_tab(desk);
	assert_focused(desk, "b");
	press_tab(desk);
	assert_focused(desk, "a");
	press_tab(desk);
	assert_focused(desk, "d"); // in a circle
	press_tab(desk);
	press_tab(desk);
	desk_key(desk, KEY_LEFTSHIFT, true);
	press_tab(desk);
	desk_key(desk, KEY_LEFTSHIFT, false);
	assert_focused(desk, "c");
	press_tab(desk);
	assert_focused(desk, "b");
	desk_key(desk, KEY_LEFTMETA, false);
	// The walk has ended: what it went past keeps its place.
	desk_run(desk, "focus last");
	assert_focused(desk, "d");
	desk_run(desk, "workspace back-and-forth");
	assert_active(desk, "2");
	desk_key(desk, KEY_LEFTMETA, true);
	press_tab(desk);
	assert_focused(desk, "d");
	press_tab(desk);
	assert_focused(desk, "c");
	// Something else ends it, too.
	desk_run(desk, "workspace 1");
	desk_run(desk, "focus last");
	assert_focused(desk, "c");
	desk_key(desk, KEY_LEFTMETA, false);
	desk_destroy(desk);
}

static void test_window_goes_in_a_walk(void **state) {
	struct desk *desk = desk_create(NULL);
	populate(desk, "1", "a");
	populate(desk, "2", "b");
	populate(desk, "3", "c");
	desk_key(desk, KEY_LEFTMETA, true);
	press_tab(desk);
	assert_focused(desk, "b");
	desk_disconnect(desk, desk->clients[1]);
	press_tab(desk);
	assert_focused(desk, "c");
	press_tab(desk);
	assert_focused(desk, "a");
	desk_key(desk, KEY_LEFTMETA, false);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_rename),
		cmocka_unit_test(test_beside),
		cmocka_unit_test(test_back_and_forth),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_move_workspace_to_output),
		cmocka_unit_test(test_configured),
		cmocka_unit_test(test_shown_returns),
		cmocka_unit_test(test_first_number),
		cmocka_unit_test(test_last),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_window_goes_in_a_walk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

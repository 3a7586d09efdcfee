// Tabs and stacks: what a click and the wheel do, what a container's tab says, and the commands.

#include <linux/input-event-codes.h>
#include <string.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>

#include "command.h"
#include "desk.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "layout.h"
#include "output.h"
#include "server.h"
#include "tab.h"
#include "test_client.h"
#include "tile.h"
#include "workspace.h"

static struct workspace *active(const struct desk *desk) {
	return workspace_active(desk->server);
}

static const char *focused_title(const struct desk *desk) {
	return tile_title(tile_focused(desk->server));
}

static enum layout_kind kind_around(struct desk *desk, const char *title) {
	return layout_kind_around(desk_tile(desk, title)->node);
}

static void click(struct desk *desk, double lx, double ly) {
	desk_move_to(desk, lx, ly);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
}

// T[a V[b c] d]
static struct desk *tabbed(void) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	desk_connect_shown(desk, "d");
	desk_run(desk, "layout tabbed");
	desk_run(desk, "focus previous");
	desk_run(desk, "split vertical");
	desk_connect_shown(desk, "c");
	return desk;
}

static const struct tab *only_tab(const struct desk *desk) {
	const struct workspace *workspace = active(desk);
	assert_int_equal(wl_list_length(&workspace->tabs), 1);
	const struct tab *tab = wl_container_of(workspace->tabs.next, tab, link);
	assert_non_null(tab->buffer->buffer);
	return tab;
}

static void assert_says(const struct tab *tab, const char *text) {
	if (strncmp(tab->key, text, strlen(text)) != 0 || tab->key[strlen(text)] != '\n') {
		fail_msg("the tab is made of \"%s\", not of %s", tab->key, text);
	}
}

static void test_container_tab(void **state) {
	struct desk *desk = tabbed();
	const struct tab *tab = only_tab(desk);
	assert_int_equal(tab->buffer->node.x, 426);
	assert_int_equal(tab->buffer->node.y, 0);
	assert_says(tab, "b, c");
	// A click focuses what had the focus last in it.
	click(desk, 100, 10);
	assert_string_equal(focused_title(desk), "a");
	click(desk, 640, 10);
	assert_string_equal(focused_title(desk), "c");
	desk_run(desk, "focus up");
	click(desk, 1200, 10);
	assert_string_equal(focused_title(desk), "d");
	click(desk, 640, 10);
	assert_string_equal(focused_title(desk), "b");
	// It goes with its windows, and its container.
	desk_run(desk, "move workspace 2");
	assert_true(wl_list_empty(&active(desk)->tabs));
	assert_string_equal(tile_title(tile_at(desk->server, 640, 10)), "c");
	desk_destroy(desk);
}

static void test_windows_come_and_go(void **state) {
	struct desk *desk = tabbed();
	desk_disconnect(desk, desk->clients[3]); // c
	assert_true(wl_list_empty(&active(desk)->tabs));
	desk_run(desk, "split horizontal");
	desk_connect_shown(desk, "e");
	assert_says(only_tab(desk), "b, e");
	// Without an output nothing is left that could point to a window that is gone.
	wlr_output_destroy(desk->server->active_output->wlr_output);
	desk_settle(desk);
	desk_disconnect(desk, desk->clients[1]); // b
	desk_add_output(desk, 800, 600);
	assert_true(wl_list_empty(&active(desk)->tabs));
	desk_run(desk, "split vertical");
	desk_connect_shown(desk, "f");
	assert_says(only_tab(desk), "e, f");
	desk_run(desk, "floating");
	assert_true(wl_list_empty(&active(desk)->tabs));
	desk_destroy(desk);
}

static void test_wheel(void **state) {
	struct desk *desk = tabbed();
	struct test_client *c = desk->clients[3];
	desk_move_to(desk, 100, 10);
	desk_scroll(desk, 120);
	assert_string_equal(focused_title(desk), "d");
	desk_scroll(desk, 120); // the last one
	assert_string_equal(focused_title(desk), "d");
	desk_scroll(desk, -60);
	assert_string_equal(focused_title(desk), "d");
	desk_scroll(desk, -60);
	assert_string_equal(focused_title(desk), "c");
	desk_scroll(desk, -120);
	desk_scroll(desk, -120);
	assert_string_equal(focused_title(desk), "a");
	// Over a window it is the window's.
	desk_scroll(desk, 120);
	test_client_show(c, 1, 1);
	desk_settle(desk);
	desk_move_to(desk, 640, 600);
	desk_scroll(desk, 120);
	assert_string_equal(focused_title(desk), "c");
	assert_int_equal(c->axis_value120, 120);
	desk_destroy(desk);
}

static void test_labels(void **state) {
	struct desk *desk = desk_machine_create();
	desk_machine_spawn(desk, "clock", "one");
	desk_run(desk, "layout tabbed");
	desk_machine_spawn(desk, "clock", "two");
	desk_run(desk, "split vertical");
	desk_machine_spawn(desk, "clock", "three");
	const struct tab *tab = only_tab(desk);
	// Both are what the label says.
	assert_non_null(strstr(tab->key, "Clock, Clock\npersonal\n"));
	struct fake_machine *machine = &desk->manager->machines[2];
	fake_machine_identity(machine, "three", "Clock", "work");
	desk_settle(desk);
	assert_non_null(strstr(tab->key, "Clock, Clock\n\n"));
	desk_destroy(desk);
}

static void test_layout_command(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	static const struct {
		const char *line;
		enum layout_kind kind;
	} steps[] = {
		{"layout toggle split", LAYOUT_VERTICAL},
		{"layout toggle split", LAYOUT_HORIZONTAL},
		{"layout toggle split", LAYOUT_VERTICAL},
		{"layout toggle", LAYOUT_STACKED},
		{"layout toggle", LAYOUT_TABBED},
		{"layout toggle", LAYOUT_VERTICAL},
		{"layout tabbed", LAYOUT_TABBED},
		{"layout default", LAYOUT_VERTICAL},
		{"layout tabbed", LAYOUT_TABBED},
		{"layout toggle split", LAYOUT_VERTICAL},
		{"layout toggle all", LAYOUT_STACKED},
		{"layout toggle all", LAYOUT_TABBED},
		{"layout toggle all", LAYOUT_HORIZONTAL},
		{"layout toggle all", LAYOUT_VERTICAL},
		{"layout toggle tabbed split", LAYOUT_TABBED},
		{"layout toggle tabbed split", LAYOUT_VERTICAL},
		{"layout toggle tabbed horizontal stacked", LAYOUT_TABBED},
		{"layout toggle tabbed horizontal stacked", LAYOUT_HORIZONTAL},
		{"layout toggle tabbed horizontal stacked", LAYOUT_STACKED},
		{"layout toggle tabbed horizontal stacked", LAYOUT_TABBED},
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		desk_run(desk, steps[i].line);
		if (kind_around(desk, "a") != steps[i].kind) {
			fail_msg("step %d, %s: %d", (int)i, steps[i].line, kind_around(desk, "a"));
		}
	}
	char error[COMMAND_ERROR_MAX];
	assert_false(command_run_line(desk->server, NULL, "layout toggle round", error));
	assert_false(command_run_line(desk->server, NULL, "layout tabbed tabbed", error));
	assert_false(command_run_line(desk->server, NULL, "split", error));
	desk_destroy(desk);
}

static void test_split_command(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	desk_run(desk, "split toggle");
	assert_int_equal(kind_around(desk, "b"), LAYOUT_VERTICAL);
	assert_int_equal(kind_around(desk, "a"), LAYOUT_HORIZONTAL);
	desk_run(desk, "split none");
	assert_int_equal(kind_around(desk, "b"), LAYOUT_HORIZONTAL);
	desk_run(desk, "split toggle");
	desk_connect_shown(desk, "c");
	assert_int_equal(desk_tile(desk, "c")->box.x, 640);
	assert_int_equal(desk_tile(desk, "c")->box.y, 360);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_container_tab),
		cmocka_unit_test(test_windows_come_and_go),
		cmocka_unit_test(test_wheel),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_layout_command),
		cmocka_unit_test(test_split_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

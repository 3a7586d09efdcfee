// Gaps and borders: on the grid, where one tile is alone, by configuration and by command.

#include <stdio.h>
#include <string.h>
#include <wlr/types/wlr_scene.h>

#include "command.h"
#include "config.h"
#include "desk.h"
#include "desk_machine.h"
#include "gaps.h"
#include "layout.h"
#include "output.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

static void assert_box(struct wlr_box box, int x, int y, int width, int height) {
	if (box.x != x || box.y != y || box.width != width || box.height != height) {
		fail_msg("%d,%d %dx%d is not %d,%d %dx%d", box.x, box.y, box.width, box.height, x,
			y, width, height);
	}
}

static void test_area(void **state) {
	const struct wlr_box usable = {0, 30, 1000, 600};
	struct layout_style style = {.border = 3, .title = 23, .grid = 1};
	struct gaps gaps = {.inner = 10, .left = 5, .bottom = -4};
	assert_box(gaps_area(&usable, &gaps, &style), 15, 40, 975, 584);
	gaps.bottom = -30; // never over the edge
	assert_box(gaps_area(&usable, &gaps, &style), 15, 40, 975, 590);
	gaps.inner = 600; // no room
	assert_box(gaps_area(&usable, &gaps, &style), 0, 30, 1000, 600);

	// Every gap and every grid: contents at the edges are on it, and the gap is hardly wider.
	for (int grid = 1; grid <= 8; grid++) {
		for (int width = 1; width < 40; width++) {
			style.grid = grid;
			gaps = (struct gaps){.inner = width};
			struct wlr_box area = gaps_area(&usable, &gaps, &style);
			assert_int_equal((area.x + 3) % grid, 0);
			assert_int_equal((area.y + 26) % grid, 0);
			assert_int_equal((area.x + area.width - 3) % grid, 0);
			assert_int_equal((area.y + area.height - 3) % grid, 0);
			assert_true(area.x >= width && area.x < width + grid);
			assert_true(1000 - area.x - area.width >= width);
			assert_true(1000 - area.x - area.width < width + grid);
		}
	}
	gaps = (struct gaps){10, 1, 2, 3, 4};
	assert_int_equal(gaps_apply_smart(&gaps, GAPS_SMART_YES, 1).inner, 0);
	assert_int_equal(gaps_apply_smart(&gaps, GAPS_SMART_YES, 1).top, 0);
	assert_int_equal(gaps_apply_smart(&gaps, GAPS_SMART_YES, 2).inner, 10);
	assert_int_equal(gaps_apply_smart(&gaps, GAPS_SMART_INVERSE, 2).left, 0);
	assert_int_equal(gaps_apply_smart(&gaps, GAPS_SMART_INVERSE, 2).inner, 10);
	assert_int_equal(gaps_apply_smart(&gaps, GAPS_SMART_INVERSE, 1).left, 4);
}

static void test_configured(void **state) {
	const struct desk_options options = {
		.config = "gaps inner 10\ngaps outer 5\ngaps horizontal 20\n"};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "a");
	assert_box(desk_tile(desk, "a")->box, 30, 15, 1220, 690);
	desk_connect_shown(desk, "b");
	assert_box(desk_tile(desk, "a")->box, 30, 15, 605, 690);
	assert_box(desk_tile(desk, "b")->box, 645, 15, 605, 690);
	// Full screen is full screen, and what floats goes everywhere.
	desk_run(desk, "fullscreen");
	assert_box(desk_tile(desk, "b")->box, 0, 0, 1280, 720);
	desk_run(desk, "fullscreen");
	desk_run(desk, "floating");
	desk_run(desk, "move position 0 0");
	assert_int_equal(desk_tile(desk, "b")->box.x, 0);
	desk_destroy(desk);
}

static void test_command(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	struct tile *a = desk_tile(desk, "a");
	desk_run(desk, "gaps inner 10");
	assert_box(a->box, 10, 10, 1260, 700);
	desk_run(desk, "gaps inner +5");
	assert_box(a->box, 15, 15, 1250, 690);
	desk_run(desk, "gaps left all -15");
	assert_box(a->box, 0, 15, 1265, 690);
	desk_run(desk, "gaps inner -500");
	assert_box(a->box, 0, 0, 1280, 720);
	desk_run(desk, "gaps outer 8");
	desk_run(desk, "gaps outer current 20");
	assert_box(a->box, 20, 20, 1240, 680);
	desk_run(desk, "workspace 2");
	desk_connect_shown(desk, "b");
	assert_box(desk_tile(desk, "b")->box, 8, 8, 1264, 704);
	// What is configured holds again.
	desk_run(desk, "reload");
	assert_box(desk_tile(desk, "b")->box, 0, 0, 1280, 720);
	assert_box(a->box, 0, 0, 1280, 720);
	static const char *const wrong[] = {"gaps inner", "gaps inner x", "gaps middle 5",
		"gaps inner all", "gaps inner 5000", "gaps inner +", "gaps inner 1 2",
		"border thick"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char error[COMMAND_ERROR_MAX];
		if (command_run_line(desk->server, NULL, wrong[i], error)) {
			fail_msg("%s was done", wrong[i]);
		}
	}
	desk_destroy(desk);
}

static void test_smart(void **state) {
	const struct desk_options options = {
		.config = "gaps inner 10\nsmart-gaps yes\nsmart-borders no-gaps\n"};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "a");
	struct tile *a = desk_tile(desk, "a");
	int title = a->title.height;
	// Alone: neither gaps nor a border, but its title.
	assert_box(a->box, 0, 0, 1280, 720);
	assert_box(a->content, 0, title, 1280, 720 - title);
	desk_connect_shown(desk, "b");
	assert_int_equal(a->box.x, 10);
	assert_int_equal(a->content.x, 13);
	// Of tabs one is seen.
	desk_run(desk, "layout tabbed");
	assert_int_equal(desk_tile(desk, "b")->content.x, 0);
	desk_run(desk, "layout horizontal");
	assert_int_equal(desk_tile(desk, "b")->content.x, 648);
	// What floats does not count, and has its border.
	desk_run(desk, "floating");
	assert_int_equal(a->content.x, 0);
	assert_int_equal(desk_tile(desk, "b")->content.x - desk_tile(desk, "b")->box.x, 3);
	desk_destroy(desk);
}

static void test_smart_borders_with_gaps(void **state) {
	const struct desk_options options = {.config = "gaps inner 10\nsmart-borders no-gaps\n"};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "a");
	assert_int_equal(desk_tile(desk, "a")->content.x, 13);
	desk_run(desk, "gaps inner 0");
	assert_int_equal(desk_tile(desk, "a")->content.x, 0);
	desk_destroy(desk);
}

static void test_border(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	struct tile *b = desk_tile(desk, "b");
	struct wlr_box box = b->box;
	desk_run(desk, "border pixel");
	assert_box(b->content, box.x + 3, 3, box.width - 6, 714);
	assert_int_equal(b->title.height, 0);
	assert_true(b->frame->node.enabled);
	desk_run(desk, "border none");
	assert_box(b->content, box.x, 0, box.width, 720);
	assert_false(b->frame->node.enabled);
	desk_run(desk, "floating");
	assert_true(wlr_box_equal(&b->box, &b->content));
	desk_run(desk, "border toggle");
	assert_int_equal(b->content.y - b->box.y, desk_tile(desk, "a")->content.y);
	assert_true(b->frame->node.enabled);
	desk_destroy(desk);
}

// Nothing takes from a machine's window what tells whose it is.
static void test_machine_keeps_its_frame(void **state) {
	struct desk *desk = desk_machine_create();
	desk_machine_spawn(desk, "clock", "clock");
	struct tile *tile = desk_tile(desk, "Clock");
	char error[COMMAND_ERROR_MAX];
	assert_false(command_run_line(desk->server, NULL, "border none", error));
	assert_non_null(strstr(error, "whose it is"));
	assert_false(command_run_line(desk->server, NULL, "border pixel", error));
	assert_int_equal(tile->content.x, 3);
	assert_true(tile->title.height > 0);
	// Alone it may lack the border while it has a title bar.
	desk->server->config->windows.smart_borders = CONFIG_SMART_BORDERS_YES;
	workspace_arrange(tile->workspace);
	assert_int_equal(tile->content.x, 0);
	assert_true(tile->title.height > 0);
	desk->server->config->border.titles = false;
	workspace_arrange(tile->workspace);
	assert_int_equal(tile->title.height, 0);
	assert_int_equal(tile->content.x, 3);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_area),
		cmocka_unit_test(test_configured),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_smart),
		cmocka_unit_test(test_smart_borders_with_gaps),
		cmocka_unit_test(test_border),
		cmocka_unit_test(test_machine_keeps_its_frame),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

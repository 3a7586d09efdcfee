// Machines with several displays: a window for each, which comes, goes and is told apart.

#include <stdio.h>
#include <string.h>

#include "desk_machine.h"
#include "fake_manager.h"
#include "machine.h"
#include "redecho-machine-v1-client-protocol.h"
#include "redecho-manager-v1-protocol.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"

/** The bridge shows one more window, as a display of so many. */
static void show(struct desk *desk, struct test_client *bridge, uint32_t display, uint32_t count) {
	if (bridge->toplevel != NULL) {
		test_client_forget_window(bridge);
	}
	test_client_open(bridge, "x");
	redecho_machine_v1_set_display(bridge->machine, bridge->surface, display, count);
	desk_settle(desk);
	test_client_show(bridge, 10, 10);
	desk_settle(desk);
}

static struct test_client *begin(struct desk *desk, struct fake_machine **machine) {
	*machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_connect(desk, *machine);
	fake_machine_state(*machine, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	test_client_open(bridge, "x");
	redecho_machine_v1_set_display(bridge->machine, bridge->surface, 1, 3);
	desk_settle(desk);
	test_client_show(bridge, 10, 10);
	desk_settle(desk);
	return bridge;
}

static void test_titles_and_places(void **state) {
	struct desk *desk = desk_machine_create_with(
		"rule {\n\tmatch title \"Clock - display 3\"\n\tworkspace 7\n}\n");
	struct fake_machine *machine;
	struct test_client *bridge = begin(desk, &machine);
	struct tile *first = desk_tile(desk, "Clock - display 1");
	assert_ptr_equal(first->machine->tile, first);
	assert_int_equal(first->machine->displays, 3);
	assert_int_equal(bridge->width, first->content.width);

	// It opens where its machine is, and not in the user's way.
	desk_run(desk, "workspace 4");
	struct test_client *other = desk_connect_shown(desk, "other");
	show(desk, bridge, 2, 3);
	struct tile *second = desk_tile(desk, "Clock - display 2");
	assert_ptr_equal(second->workspace, first->workspace);
	assert_int_equal(second->display, 2);
	assert_true(other->has_keyboard_focus);
	assert_string_equal(tile_label(second), "personal");
	// Each has its own tile's size.
	assert_int_equal(bridge->width, second->content.width);
	assert_true(second->content.width < 1280 * 6 / 10);
	show(desk, bridge, 3, 3);
	assert_int_equal(desk_tile(desk, "Clock - display 3")->workspace->number, 7);
	// A machine that gets another title gives it to all.
	fake_machine_identity(machine, "clock", "Watch", "personal");
	desk_settle(desk);
	assert_non_null(desk_tile(desk, "Watch - display 1"));
	assert_non_null(desk_tile(desk, "Watch - display 3"));
	desk_destroy(desk);
}

/** A display that the guest turns off and on, as to save power, comes back where it was. */
static void test_comes_back(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine;
	struct test_client *bridge = begin(desk, &machine);
	show(desk, bridge, 2, 3);
	tile_move_to_workspace(
		desk_tile(desk, "Clock - display 2"), workspace_get_named(desk->server, "5"));
	for (int i = 0; i < 3; i++) {
		test_client_close(bridge);
		desk_settle(desk);
		assert_int_equal(desk_machine_tiles(desk), 1);
		show(desk, bridge, 2, 3);
		assert_int_equal(desk_tile(desk, "Clock - display 2")->workspace->number, 5);
	}
	// They end with their machine.
	show(desk, bridge, 3, 3);
	assert_int_equal(desk_machine_tiles(desk), 3);
	fake_machine_end(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED, "signal 11");
	desk_until(desk, bridge->dead);
	assert_int_equal(desk_machine_tiles(desk), 1);
	desk_destroy(desk);
}

static void test_close(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake;
	struct test_client *bridge = begin(desk, &fake);
	struct machine *machine = desk_tile(desk, "Clock - display 1")->machine;
	show(desk, bridge, 2, 3);
	struct tile *second = desk_tile(desk, "Clock - display 2");
	// Its plug is pulled: the machine goes on.
	tile_focus(second);
	desk_run(desk, "close");
	assert_int_equal(bridge->closes, 1);
	assert_false(machine->closing);
	test_client_close(bridge);
	desk_settle(desk);
	assert_int_equal(desk_machine_tiles(desk), 1);
	desk_run(desk, "show-displays");
	assert_int_equal(bridge->show_displays, 1);

	// A bridge that does not care is closed as any machine is.
	show(desk, bridge, 2, 3);
	tile_focus(desk_tile(desk, "Clock - display 2"));
	desk_run(desk, "close");
	assert_int_equal(bridge->closes, 2);
	assert_false(machine->closing);
	desk_run(desk, "close");
	assert_int_equal(bridge->closes, 2);
	assert_true(machine->closing);
	desk_until(desk, fake->power_offs == 1);
	desk_destroy(desk);
}

static void test_first_is_the_machine(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake;
	struct test_client *bridge = begin(desk, &fake);
	show(desk, bridge, 2, 3);
	tile_focus(desk_tile(desk, "Clock - display 1"));
	desk_run(desk, "close");
	desk_until(desk, fake->power_offs == 1);
	assert_int_equal(bridge->closes, 0);
	desk_destroy(desk);
}

static void test_untrusted_numbers(void **state) {
	static const uint32_t numbers[][2] = {
		{0, 2}, {3, 2}, {1, 1}, {17, 17}, {16, 17}, {UINT32_MAX, UINT32_MAX}, {0, 0}};
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, fake);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		redecho_machine_v1_set_display(
			bridge->machine, bridge->surface, numbers[i][0], numbers[i][1]);
		desk_settle(desk);
		assert_int_equal(desk_tile(desk, "Clock")->display, 0);
	}
	struct wl_surface *plain = wl_compositor_create_surface(bridge->compositor);
	redecho_machine_v1_set_display(bridge->machine, plain, 2, 2);
	desk_settle(desk);
	assert_int_equal(desk_tile(desk, "Clock")->machine->displays, 0);
	// Once said it stays.
	redecho_machine_v1_set_display(bridge->machine, bridge->surface, 1, 2);
	redecho_machine_v1_set_display(bridge->machine, bridge->surface, 2, 2);
	desk_settle(desk);
	assert_int_equal(desk_tile(desk, "Clock - display 1")->display, 1);
	assert_false(bridge->dead);
	wl_surface_destroy(plain);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_titles_and_places),
		cmocka_unit_test(test_comes_back),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_first_is_the_machine),
		cmocka_unit_test(test_untrusted_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

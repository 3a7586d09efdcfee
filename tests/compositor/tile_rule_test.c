// Rules on a desk: windows come up where they say, machines with their placeholder already.

#include <stdio.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "desk.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "machine.h"
#include "output.h"
#include "redecho-manager-v1-protocol.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"
#include "xdg-shell-client-protocol.h"

static struct test_client *show(struct desk *desk, const char *title, const char *app_id) {
	struct test_client *client = desk_connect(desk);
	test_client_open(client, title);
	xdg_toplevel_set_app_id(client->toplevel, app_id);
	desk_settle(desk);
	test_client_show(client, 200, 100);
	desk_settle(desk);
	return client;
}

static void test_programs(void **state) {
	const struct desk_options options = {
		.config = "rule {\n\tmatch app-id calculator\n\tfloating yes\n\tsize 50% 300\n"
			  "\tposition 10 20\n}\n"
			  "rule {\n\tmatch app-id \"mail*\"\n\tworkspace 4:mail\n}\n"
			  "rule {\n\tmatch title \"* - quiet\"\n\tfocus no\n}\n"
			  "rule {\n\tmatch title loud\n\tworkspace 5\n\tfocus yes\n}\n"
			  "rule {\n\tmatch app-id panel\n\tfloating yes\n\tsticky yes\n"
			  "\tborder none\n\tposition 0 0\n}\n"
			  "rule {\n\tmatch app-id notes\n\tscratchpad notes\n\tsize 400 200\n}\n"};
	struct desk *desk = desk_create(&options);
	show(desk, "first", "x");
	struct test_client *calculator = show(desk, "calc", "calculator");
	struct tile *tile = desk_tile(desk, "calc");
	assert_true(tile->floating.on && tile->focused);
	assert_int_equal(calculator->width, 640);
	assert_int_equal(calculator->height, 300);
	assert_int_equal(tile->box.x, 10);
	assert_int_equal(tile->box.y, 20);
	assert_int_equal(desk_tile(desk, "first")->box.width, 1280);

	// Elsewhere: it does not take the focus.
	show(desk, "inbox", "mailer");
	tile = desk_tile(desk, "inbox");
	assert_int_equal(tile->workspace->number, 4);
	assert_string_equal(tile->workspace->name, "4:mail");
	assert_string_equal(tile_title(tile_focused(desk->server)), "calc");
	show(desk, "x - quiet", "x");
	assert_false(desk_tile(desk, "x - quiet")->focused);
	// Unless it is to.
	show(desk, "loud", "x");
	assert_true(desk_tile(desk, "loud")->focused);
	assert_int_equal(workspace_active(desk->server)->number, 5);

	show(desk, "bar", "panel");
	tile = desk_tile(desk, "bar");
	assert_true(tile->sticky && tile->floating.on);
	assert_int_equal(tile->content.x, 0);
	assert_int_equal(tile->content.y, 0);
	desk_run(desk, "workspace 6");
	assert_ptr_equal(tile->workspace, workspace_active(desk->server));

	struct test_client *notes = show(desk, "todo", "notes");
	tile = desk_tile(desk, "todo");
	assert_ptr_equal(tile->workspace, desk->server->shelf);
	assert_false(tile->focused);
	desk_run(desk, "scratchpad show notes");
	assert_true(tile->focused);
	assert_int_equal(notes->width, 400);
	assert_int_equal(notes->height, 200);
	desk_destroy(desk);
}

static void test_fullscreen(void **state) {
	const struct desk_options options = {
		.config = "rule {\n\tmatch app-id video\n\tfullscreen yes\n}\n"
			  "rule {\n\tmatch app-id game\n\tfullscreen no\n}\n"};
	struct desk *desk = desk_create(&options);
	show(desk, "film", "video");
	assert_true(desk_tile(desk, "film")->fullscreen);
	struct test_client *game = desk_connect(desk);
	test_client_open(game, "game");
	xdg_toplevel_set_app_id(game->toplevel, "game");
	xdg_toplevel_set_fullscreen(game->toplevel, NULL);
	desk_settle(desk);
	test_client_show(game, 200, 100);
	desk_settle(desk);
	assert_false(desk_tile(desk, "game")->fullscreen);
	xdg_toplevel_unset_fullscreen(game->toplevel);
	xdg_toplevel_set_fullscreen(game->toplevel, NULL);
	desk_settle(desk);
	assert_false(desk_tile(desk, "game")->fullscreen);
	desk_destroy(desk);
}

static void test_dialogs(void **state) {
	const struct desk_options options = {
		.config = "rule {\n\tmatch title tiled\n\tfloating no\n}\n"
			  "rule {\n\tmatch title far\n\tworkspace 2\n}\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *client = show(desk, "a", "x");
	struct test_client first = *client;
	static const char *const titles[] = {"tiled", "far"};
	for (int i = 0; i < 2; i++) {
		client->width = client->height = 0;
		if (i > 0) {
			test_client_forget_window(client);
		}
		test_client_open(client, titles[i]);
		xdg_toplevel_set_parent(client->toplevel, first.toplevel);
		desk_settle(desk);
		test_client_show(client, 300, 200);
		desk_settle(desk);
	}
	assert_false(desk_tile(desk, "tiled")->floating.on);
	assert_true(desk_tile(desk, "far")->floating.on);
	assert_int_equal(desk_tile(desk, "far")->workspace->number, 2);
	test_client_forget_window(&first);
	desk_destroy(desk);
}

static void test_outputs(void **state) {
	struct desk *desk = desk_create(&(struct desk_options){.outputs = 2});
	struct output *second = wl_container_of(desk->server->outputs.prev, second, link);
	FILE *file = fopen(desk->config, "w");
	assert_non_null(file);
	fprintf(file,
		"rule {\n\tmatch title far\n\toutput %s\n}\n"
		"rule {\n\tmatch title nowhere\n\toutput NONE-9\n}\n",
		second->wlr_output->name);
	fclose(file);
	desk_run(desk, "reload");
	show(desk, "far", "x");
	assert_ptr_equal(desk_tile(desk, "far")->workspace, second->workspace);
	// It is seen, and takes the focus with it as new windows do.
	assert_true(desk_tile(desk, "far")->focused);
	show(desk, "nowhere", "x");
	assert_ptr_equal(desk_tile(desk, "nowhere")->workspace, second->workspace);
	desk_destroy(desk);
}

// --- machines -----------------------------------------------------------------------------

static struct desk *create(const char *config) {
	const struct desk_options options = {.with_manager = true, .config = config};
	struct desk *desk = desk_create(&options);
	desk->manager->program = "clock";
	desk->manager->title = "Clock";
	desk->manager->label = "personal";
	desk_run(desk, "reload");
	desk_until(desk, desk->manager->reloads == 1 && !wl_list_empty(&desk->server->programs));
	return desk;
}

static void test_machine_from_its_placeholder(void **state) {
	struct desk *desk = create("rule {\n\tmatch program clock\n\tmatch label personal\n"
				   "\tfloating yes\n\tsize 500 400\n\tposition 100 100\n}\n");
	desk_run(desk, "spawn clock");
	// Before redecho-vmd has said a word.
	struct tile *tile = desk_tile(desk, "Clock");
	assert_non_null(tile->placeholder);
	assert_true(tile->floating.on);
	assert_int_equal(tile->content.width, 500);
	assert_int_equal(tile->box.x, 100);
	assert_true(tile->focused);
	desk_until(desk, desk->manager->machines_len == 1);
	struct fake_machine *machine = &desk->manager->machines[0];
	fake_machine_identity(machine, "clock", "Clock", "personal");
	struct test_client *bridge = desk_machine_show(desk, machine);
	assert_int_equal(bridge->width, 500);
	assert_int_equal(bridge->height, 400);
	desk_destroy(desk);
}

// What is known only when redecho-vmd has told it is followed then.
static void test_machine_known_later(void **state) {
	struct desk *desk = create("rule {\n\tmatch machine clock-2\n\tworkspace 3\n}\n"
				   "rule {\n\tmatch label late\n\tfloating yes\n"
				   "\tsize 300 200\n}\n"
				   "rule {\n\tmatch title Hidden\n\tscratchpad\n}\n");
	desk_machine_spawn(desk, "clock", "clock");
	assert_int_equal(desk_tile(desk, "Clock")->workspace->number, 1);
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock-2");
	struct tile *tile = machine_find(desk->server, "clock-2")->tile;
	assert_int_equal(tile->workspace->number, 3);
	desk_run(desk, "spawn clock");
	desk_until(desk, desk->manager->machines_len == 3);
	machine = &desk->manager->machines[2];
	fake_machine_identity(machine, "clock-3", "Clock", "late");
	desk_settle(desk);
	tile = machine_find(desk->server, "clock-3")->tile;
	assert_true(tile->floating.on);
	assert_int_equal(tile->content.width, 300);
	// Once: what the user has done since stays.
	desk_run(desk, "floating off");
	fake_machine_identity(machine, "clock-3", "Hidden", "late");
	desk_settle(desk);
	assert_false(tile->floating.on);
	assert_null(tile->scratchpad);
	desk_destroy(desk);
}

// Neither title nor app_id of a bridge are anything.
static void test_guest_cannot_choose(void **state) {
	struct desk *desk = create("rule {\n\tmatch title trusted\n\tworkspace 7\n}\n"
				   "rule {\n\tmatch app-id \"*\"\n\tworkspace 7\n\tfocus yes\n"
				   "\tfullscreen yes\n}\n"
				   "rule {\n\tmatch kind machine\n\tborder none\n}\n");
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_connect(desk, machine);
	test_client_open(bridge, "trusted");
	xdg_toplevel_set_app_id(bridge->toplevel, "trusted");
	desk_settle(desk);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	// A second window of its.
	test_client_forget_window(bridge);
	test_client_open(bridge, "trusted");
	xdg_toplevel_set_app_id(bridge->toplevel, "trusted");
	desk_settle(desk);
	test_client_show(bridge, 50, 50);
	desk_settle(desk);
	assert_int_equal(desk_machine_tiles(desk), 2);
	const struct tile *tile;
	wl_list_for_each (tile, &desk->server->tiles, link) {
		assert_int_equal(tile->workspace->number, 1);
		assert_false(tile->fullscreen);
		assert_int_equal(tile->border, TILE_BORDER_NORMAL);
	}
	desk_destroy(desk);
}

static void test_fullscreen_machine(void **state) {
	struct desk *desk = create("rule {\n\tmatch program clock\n\tfullscreen yes\n}\n");
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	assert_true(desk_tile(desk, "Clock")->fullscreen);
	struct test_client *bridge = desk_machine_show(desk, machine);
	assert_int_equal(bridge->width, 1280);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_fullscreen),
		cmocka_unit_test(test_dialogs),
		cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_machine_from_its_placeholder),
		cmocka_unit_test(test_machine_known_later),
		cmocka_unit_test(test_guest_cannot_choose),
		cmocka_unit_test(test_fullscreen_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

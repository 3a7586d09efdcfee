// Outputs, workspaces and tiles: who is where, and at which size.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wayland-client.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "command.h"
#include "config.h"
#include "desk.h"
#include "globals.h"
#include "output.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"
#include "xdg-decoration-unstable-v1-client-protocol.h"
#include "xdg-shell-client-protocol.h"

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

// The tiles of a workspace fill its output: no gap, no overlap, by area.
static void assert_tiled(struct desk *desk, struct workspace *workspace) {
	int64_t area = 0;
	struct tile *tile;
	wl_list_for_each (tile, &workspace->tiles, workspace_link) {
		area += (int64_t)tile->box.width * tile->box.height;
	}
	const struct wlr_box *box = &workspace->output->box;
	assert_int_equal(area, (int64_t)box->width * box->height);
}

static void test_tiled(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *clients[3];
	const char *const titles[] = {"a", "b", "c"};
	for (int i = 0; i < 3; i++) {
		clients[i] = desk_connect_shown(desk, titles[i]);
		assert_tiled(desk, workspace_active(desk->server));
	}
	for (int i = 0; i < 3; i++) {
		struct tile *tile = desk_tile(desk, titles[i]);
		assert_int_equal(clients[i]->width, tile->content.width);
		assert_int_equal(clients[i]->height, tile->content.height);
		assert_true(tile->content.height < 720 - 6); // the title bar
	}
	desk_disconnect(desk, clients[1]);
	assert_tiled(desk, workspace_active(desk->server));
	desk_destroy(desk);
}

static void test_all_outputs_lost(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	struct test_client *first = desk_connect_shown(desk, "first");
	desk_run(desk, "workspace 2");
	struct test_client *second = desk_connect_shown(desk, "second");
	assert_int_equal(desk_tile(desk, "second")->workspace->number, 2);

	wlr_output_destroy(output_number(desk, 0)->wlr_output);
	desk_settle(desk);
	assert_int_equal(wl_list_length(&desk->server->outputs), 1);
	assert_ptr_equal(desk_tile(desk, "first")->workspace->output, output_number(desk, 0));
	wlr_output_destroy(output_number(desk, 0)->wlr_output);
	desk_settle(desk);
	assert_int_equal(wl_list_length(&desk->server->outputs), 0);
	assert_false(first->dead || second->dead);
	assert_int_equal(first->closes + second->closes, 0);

	// A window that comes meanwhile is there as well.
	struct test_client *third = desk_connect_shown(desk, "third");
	desk_tap(desk, KEY_A);

	desk_add_output(desk, 800, 600);
	assert_int_equal(wl_list_length(&desk->server->tiles), 3);
	struct tile *tile;
	wl_list_for_each (tile, &desk->server->tiles, link) {
		assert_non_null(tile->workspace->output);
	}
	assert_tiled(desk, workspace_active(desk->server));
	assert_int_equal(third->width, desk_tile(desk, "third")->content.width);
	assert_true(third->width > 1 && third->width < 800);
	desk_destroy(desk);
}

// With two workspaces on it, of which the one that is shown is empty.
static void test_last_output_goes_with_a_hidden_window(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_run(desk, "workspace mail");
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_run(desk, "workspace back-and-forth");
	wlr_output_destroy(output_number(desk, 0)->wlr_output);
	desk_settle(desk);
	assert_null(desk_tile(desk, "a")->workspace->output);
	assert_false(client->dead);
	desk_add_output(desk, 800, 600);
	assert_non_null(desk_tile(desk, "a")->workspace->output);
	desk_destroy(desk);
}

static void test_output_returns(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	struct output *second = output_number(desk, 1);
	desk_run(desk, "workspace 2");
	assert_ptr_equal(desk->server->active_output, second);
	desk_connect_shown(desk, "there");
	desk_run(desk, "workspace 1");
	desk_connect_shown(desk, "here");
	// The backend counts its outputs on; this is the name of the next one.
	int last = 0;
	struct output *output;
	wl_list_for_each (output, &desk->server->outputs, link) {
		int number = 0;
		assert_int_equal(sscanf(output->wlr_output->name, "HEADLESS-%d", &number), 1);
		last = number > last ? number : last;
	}
	char name[64];
	snprintf(name, sizeof(name), "HEADLESS-%d", last + 1);
	wlr_output_destroy(second->wlr_output);
	desk_settle(desk);
	struct workspace *workspace = desk_tile(desk, "there")->workspace;
	assert_ptr_equal(workspace->output, output_number(desk, 0));
	assert_false(workspace_is_visible(workspace));
	free(workspace->home);
	workspace->home = strdup(name);
	desk_add_output(desk, 1024, 768);
	assert_string_equal(workspace->output->wlr_output->name, name);
	assert_true(workspace_is_visible(desk_tile(desk, "there")->workspace));
	assert_int_equal(desk_tile(desk, "there")->box.width, 1024);
	desk_destroy(desk);
}

static void test_mode(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct wlr_output_state output_state;
	wlr_output_state_init(&output_state);
	wlr_output_state_set_custom_mode(&output_state, 1000, 500, 0);
	assert_true(wlr_output_commit_state(output_number(desk, 0)->wlr_output, &output_state));
	wlr_output_state_finish(&output_state);
	desk_settle(desk);
	assert_int_equal(desk_tile(desk, "a")->box.width, 1000);
	assert_int_equal(desk_tile(desk, "a")->box.height, 500);
	assert_int_equal(client->width, desk_tile(desk, "a")->content.width);
	desk_destroy(desk);
}

static void test_fractional_scale(void **state) {
	const struct desk_options options = {
		.config = "output * {\n\tscale 1.25\n\tmode 1280x800\n}\n",
	};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	desk_connect_shown(desk, "c");
	struct tile *tile;
	wl_list_for_each (tile, &desk->server->tiles, link) {
		// 4 logical pixels are 5 physical ones.
		assert_int_equal(tile->content.x % 4, 0);
		assert_int_equal(tile->content.y % 4, 0);
		assert_int_equal(tile->content.width % 4, 0);
		assert_int_equal(tile->content.height % 4, 0);
	}
	assert_int_equal(output_number(desk, 0)->box.width, 1024);
	assert_tiled(desk, workspace_active(desk->server));
	desk_destroy(desk);
}

static void write_config(struct desk *desk, const char *text) {
	FILE *file = fopen(desk->server->config_path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_reload(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	int width = client->width;
	write_config(desk, "border {\n\twidth 10\n}\n");
	assert_true(server_reload(desk->server));
	desk_settle(desk);
	assert_int_equal(client->width, 1280 - 20);
	// One mistake, and nothing of the file applies.
	const struct config *config = desk->server->config;
	write_config(desk, "border {\n\twidth 20\n}\nbind Mod+x fly\n");
	assert_false(server_reload(desk->server));
	desk_settle(desk);
	assert_ptr_equal(desk->server->config, config);
	assert_int_equal(client->width, 1280 - 20);
	write_config(desk, "");
	assert_true(server_reload(desk->server));
	desk_settle(desk);
	assert_int_equal(client->width, width);
	desk_destroy(desk);
}

static void test_output_disabled_and_back(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	write_config(desk, "output * {\n\tdisable\n}\n");
	assert_true(server_reload(desk->server));
	desk_settle(desk);
	assert_int_equal(wl_list_length(&desk->server->outputs), 0);
	assert_false(client->dead);
	write_config(desk, "output * {\n\tmode 640x480\n}\n");
	assert_true(server_reload(desk->server));
	desk_settle(desk);
	assert_int_equal(wl_list_length(&desk->server->outputs), 1);
	assert_int_equal(desk_tile(desk, "a")->box.width, 640);
	desk_destroy(desk);
}

static void test_workspaces(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	assert_int_equal(workspace_active(desk->server)->number, 1);
	desk_run(desk, "workspace 3");
	assert_int_equal(workspace_active(desk->server)->number, 3);
	assert_false(client->has_keyboard_focus);
	assert_false(client->activated);
	desk_run(desk, "workspace 1");
	assert_true(client->has_keyboard_focus);
	assert_null(workspace_find(desk->server, 3)); // nothing is in it
	desk_run(desk, "move workspace 5");
	assert_int_equal(workspace_active(desk->server)->number, 1);
	assert_int_equal(desk_tile(desk, "a")->workspace->number, 5);
	assert_false(client->has_keyboard_focus);
	desk_run(desk, "workspace 5");
	assert_true(client->has_keyboard_focus);
	char error[COMMAND_ERROR_MAX];
	assert_false(command_run_line(desk->server, NULL, "workspace 99", error));
	desk_destroy(desk);
}

static void test_two_outputs(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "left");
	struct output *left = output_number(desk, 0), *right = output_number(desk, 1);
	assert_int_equal(right->box.x, 1280);
	assert_int_not_equal(left->workspace->number, right->workspace->number);
	desk_run(desk, "move right");
	assert_ptr_equal(desk_tile(desk, "left")->workspace->output, right);
	assert_true(desk_tile(desk, "left")->focused);
	assert_int_equal(desk_tile(desk, "left")->box.x, 1280);
	desk_run(desk, "focus left");
	assert_ptr_equal(desk->server->active_output, left);
	assert_null(tile_focused(desk->server));
	desk_connect_shown(desk, "new");
	assert_ptr_equal(desk_tile(desk, "new")->workspace->output, left);
	desk_run(desk, "focus right");
	assert_true(desk_tile(desk, "left")->focused);
	desk_destroy(desk);
}

static void test_fullscreen(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *other = desk_connect_shown(desk, "other");
	struct test_client *client = desk_connect_shown(desk, "a");
	int width = client->width;
	desk_run(desk, "fullscreen");
	assert_true(client->fullscreen);
	assert_int_equal(client->width, 1280);
	assert_int_equal(client->height, 720);
	// What comes up meanwhile takes no focus away.
	struct test_client *late = desk_connect_shown(desk, "late");
	assert_true(client->has_keyboard_focus);
	assert_false(late->has_keyboard_focus || other->has_keyboard_focus);
	desk_run(desk, "fullscreen");
	assert_false(client->fullscreen);
	assert_true(client->width <= width);
	// And by the client's own wish.
	xdg_toplevel_set_fullscreen(client->toplevel, NULL);
	desk_settle(desk);
	assert_true(client->fullscreen);
	desk_disconnect(desk, client);
	assert_null(workspace_active(desk->server)->fullscreen);
	assert_tiled(desk, workspace_active(desk->server));
	desk_destroy(desk);
}

static void test_popup_stays_on_the_output(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "left");
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_open_popup(client, client->width - 10, client->height - 10, 300, 200);
	desk_settle(desk);
	const struct tile *tile = desk_tile(desk, "a");
	assert_int_equal(client->popup_dones, 0);
	assert_true(tile->content.x + client->popup_x + 300 <= 1280);
	assert_true(tile->content.y + client->popup_y + 200 <= 720);
	desk_destroy(desk);
}

// Who asks whether to save lives on however often they are asked to close; who hangs does not.
static void test_close(void **state) {
	struct desk *desk = desk_create(NULL);
	desk->server->globals->xdg_shell->ping_timeout = 20;
	struct test_client *client = desk_connect_shown(desk, "a");
	const struct toplevel *toplevel = desk_tile(desk, "a")->toplevel;
	for (int i = 1; i <= 3; i++) {
		desk_run(desk, "close");
		desk_settle(desk);
		assert_int_equal(client->closes, i);
	}
	client->hangs = true;
	desk_run(desk, "close");
	desk_until(desk, toplevel->unresponsive);
	assert_false(client->dead);
	test_client_show_size(client, 30, 30); // it was only busy
	desk_until(desk, !toplevel->unresponsive);
	desk_run(desk, "close");
	assert_int_equal(client->closes, 5);
	desk_until(desk, toplevel->unresponsive);
	assert_false(client->dead);
	desk_run(desk, "close");
	desk_until(desk, client->dead);
	assert_int_equal(wl_list_length(&desk->server->tiles), 0);
	desk_destroy(desk);
}

static void test_hide_and_show(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_hide(client);
	desk_settle(desk);
	assert_int_equal(wl_list_length(&desk->server->tiles), 0);
	test_client_close(client);
	test_client_open(client, "again");
	desk_settle(desk);
	test_client_show(client, 10, 10);
	desk_settle(desk);
	assert_true(client->has_keyboard_focus);
	desk_destroy(desk);
}

static void test_tabbed(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *a = desk_connect_shown(desk, "a");
	struct test_client *b = desk_connect_shown(desk, "b");
	desk_run(desk, "layout tabbed");
	assert_int_equal(desk_tile(desk, "a")->box.width, desk_tile(desk, "b")->box.width);
	desk_run(desk, "focus left");
	assert_true(a->has_keyboard_focus);
	assert_false(b->has_keyboard_focus);
	desk_destroy(desk);
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct zxdg_decoration_manager_v1 **manager = data;
	if (strcmp(interface, zxdg_decoration_manager_v1_interface.name) == 0) {
		*manager = wl_registry_bind(
			registry, name, &zxdg_decoration_manager_v1_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static void handle_decoration(
	void *data, struct zxdg_toplevel_decoration_v1 *decoration, uint32_t mode) {
	uint32_t *told = data;
	*told = mode;
}

static void test_decoration_is_the_desks(void **state) {
	static const struct wl_registry_listener registry_listener = {
		.global = handle_global, .global_remove = handle_global_remove};
	static const struct zxdg_toplevel_decoration_v1_listener listener = {
		.configure = handle_decoration};
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect(desk);
	struct zxdg_decoration_manager_v1 *manager = NULL;
	struct wl_registry *registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(registry, &registry_listener, &manager);
	desk_until(desk, manager != NULL);
	test_client_open(client, "a");
	uint32_t mode = 0;
	struct zxdg_toplevel_decoration_v1 *decoration =
		zxdg_decoration_manager_v1_get_toplevel_decoration(manager, client->toplevel);
	zxdg_toplevel_decoration_v1_add_listener(decoration, &listener, &mode);
	desk_until(desk, mode != 0);
	assert_int_equal(mode, ZXDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	// Whatever it asks for.
	test_client_show(client, 1, 1);
	zxdg_toplevel_decoration_v1_set_mode(
		decoration, ZXDG_TOPLEVEL_DECORATION_V1_MODE_CLIENT_SIDE);
	desk_settle(desk);
	assert_int_equal(mode, ZXDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	zxdg_toplevel_decoration_v1_destroy(decoration);
	zxdg_decoration_manager_v1_destroy(manager);
	wl_registry_destroy(registry);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tiled),
		cmocka_unit_test(test_all_outputs_lost),
		cmocka_unit_test(test_last_output_goes_with_a_hidden_window),
		cmocka_unit_test(test_output_returns),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_fractional_scale),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_output_disabled_and_back),
		cmocka_unit_test(test_workspaces),
		cmocka_unit_test(test_two_outputs),
		cmocka_unit_test(test_fullscreen),
		cmocka_unit_test(test_popup_stays_on_the_output),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_hide_and_show),
		cmocka_unit_test(test_tabbed),
		cmocka_unit_test(test_decoration_is_the_desks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

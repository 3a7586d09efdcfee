// Protocols that no program here uses, by a client in the test's process.

#include <stdio.h>
#include <string.h>
#include <wayland-client.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "alpha-modifier-v1-client-protocol.h"
#include "content-type-v1-client-protocol.h"
#include "desk.h"
#include "hints.h"
#include "test_client.h"
#include "tile.h"
#include "toplevel.h"
#include "xdg-dialog-v1-client-protocol.h"
#include "xdg-foreign-unstable-v1-client-protocol.h"
#include "xdg-foreign-unstable-v2-client-protocol.h"
#include "xdg-toplevel-tag-v1-client-protocol.h"

static int start_desk(void **state) {
	*state = desk_create(NULL);
	return 0;
}

static int stop_desk(void **state) {
	desk_destroy(*state);
	return 0;
}

// --- alpha-modifier -----------------------------------------------------------------------

static void find_opacity(struct wlr_scene_buffer *buffer, int sx, int sy, void *data) {
	*(float *)data = buffer->opacity;
}

static void test_alpha_modifier(void **state) {
	struct desk *desk = *state;
	struct test_client *client = desk_connect_shown(desk, "glass");
	struct wp_alpha_modifier_v1 *modifier = test_client_bind(
		client, &wp_alpha_modifier_v1_interface, 1);
	struct wp_alpha_modifier_surface_v1 *surface = wp_alpha_modifier_v1_get_surface(
		modifier, client->surface);
	wp_alpha_modifier_surface_v1_set_multiplier(surface, UINT32_MAX / 2);
	wl_surface_commit(client->surface);
	desk_settle(desk);
	float opacity = -1;
	wlr_scene_node_for_each_buffer(
		&desk_tile(desk, "glass")->toplevel->tree->node, find_opacity, &opacity);
	assert_true(opacity > 0.49f && opacity < 0.51f);
	wp_alpha_modifier_surface_v1_destroy(surface);
	wp_alpha_modifier_v1_destroy(modifier);
}

// --- xdg-foreign --------------------------------------------------------------------------

static void handle_exported_v1(void *data, struct zxdg_exported_v1 *exported, const char *handle) {
	snprintf(data, 64, "%s", handle);
}

static const struct zxdg_exported_v1_listener exported_v1_listener = {.handle = handle_exported_v1};

static void handle_exported_v2(void *data, struct zxdg_exported_v2 *exported, const char *handle) {
	snprintf(data, 64, "%s", handle);
}

static const struct zxdg_exported_v2_listener exported_v2_listener = {.handle = handle_exported_v2};

// A portal's dialog belongs to a window of another program, and floats over it.
static void assert_is_dialog(struct desk *desk, struct test_client *dialog, const char *parent) {
	test_client_show(dialog, 100, 50);
	desk_settle(desk);
	const struct tile *tile = desk_tile(desk, "dialog");
	assert_ptr_equal(tile->toplevel->xdg->parent, desk_tile(desk, parent)->toplevel->xdg);
	assert_true(tile->floating.on);
}

static void test_foreign_v1(void **state) {
	struct desk *desk = *state;
	char handle[64] = "";
	struct test_client *owner = desk_connect_shown(desk, "owner");
	struct test_client *dialog = desk_connect(desk);
	struct zxdg_exporter_v1 *exporter = test_client_bind(owner, &zxdg_exporter_v1_interface, 1);
	struct zxdg_exported_v1 *exported = zxdg_exporter_v1_export(exporter, owner->surface);
	zxdg_exported_v1_add_listener(exported, &exported_v1_listener, handle);
	test_client_open(dialog, "dialog");
	desk_settle(desk);
	assert_int_not_equal(strlen(handle), 0);
	struct zxdg_importer_v1 *importer = test_client_bind(
		dialog, &zxdg_importer_v1_interface, 1);
	struct zxdg_imported_v1 *imported = zxdg_importer_v1_import(importer, handle);
	zxdg_imported_v1_set_parent_of(imported, dialog->surface);
	assert_is_dialog(desk, dialog, "owner");
	zxdg_imported_v1_destroy(imported);
	zxdg_importer_v1_destroy(importer);
	zxdg_exported_v1_destroy(exported);
	zxdg_exporter_v1_destroy(exporter);
}

static void test_foreign_v2(void **state) {
	struct desk *desk = *state;
	char handle[64] = "";
	struct test_client *owner = desk_connect_shown(desk, "owner");
	struct test_client *dialog = desk_connect(desk);
	struct zxdg_exporter_v2 *exporter = test_client_bind(owner, &zxdg_exporter_v2_interface, 1);
	struct zxdg_exported_v2 *exported = zxdg_exporter_v2_export_toplevel(
		exporter, owner->surface);
	zxdg_exported_v2_add_listener(exported, &exported_v2_listener, handle);
	test_client_open(dialog, "dialog");
	desk_settle(desk);
	assert_int_not_equal(strlen(handle), 0);
	struct zxdg_importer_v2 *importer = test_client_bind(
		dialog, &zxdg_importer_v2_interface, 1);
	struct zxdg_imported_v2 *imported = zxdg_importer_v2_import_toplevel(importer, handle);
	zxdg_imported_v2_set_parent_of(imported, dialog->surface);
	assert_is_dialog(desk, dialog, "owner");
	zxdg_imported_v2_destroy(imported);
	zxdg_importer_v2_destroy(importer);
	zxdg_exported_v2_destroy(exported);
	zxdg_exporter_v2_destroy(exporter);
}

// --- what a window says of itself ---------------------------------------------------------

static void test_dialog(void **state) {
	struct desk *desk = *state;
	struct test_client *client = desk_connect(desk);
	struct xdg_wm_dialog_v1 *manager = test_client_bind(client, &xdg_wm_dialog_v1_interface, 1);
	test_client_open(client, "asks");
	struct xdg_dialog_v1 *dialog = xdg_wm_dialog_v1_get_xdg_dialog(manager, client->toplevel);
	xdg_dialog_v1_set_modal(dialog);
	desk_settle(desk);
	test_client_show(client, 100, 50);
	desk_settle(desk);
	const struct tile *tile = desk_tile(desk, "asks");
	assert_true(tile->floating.on);
	assert_true(hints_is_modal(tile->toplevel));
	xdg_dialog_v1_unset_modal(dialog);
	desk_settle(desk);
	assert_false(hints_is_modal(tile->toplevel));
	desk_connect_shown(desk, "no dialog");
	tile = desk_tile(desk, "no dialog");
	assert_false(tile->floating.on || hints_is_modal(tile->toplevel));
	// The window goes before what it said of itself.
	test_client_close(client);
	xdg_dialog_v1_set_modal(dialog);
	desk_settle(desk);
	assert_false(client->dead);
	xdg_dialog_v1_destroy(dialog);
	xdg_wm_dialog_v1_destroy(manager);
}

static void test_content_type(void **state) {
	struct desk *desk = *state;
	struct test_client *client = desk_connect_shown(desk, "film");
	struct wlr_surface *surface = toplevel_surface(desk_tile(desk, "film")->toplevel);
	struct wp_content_type_manager_v1 *manager = test_client_bind(
		client, &wp_content_type_manager_v1_interface, 1);
	struct wp_content_type_v1 *type = wp_content_type_manager_v1_get_surface_content_type(
		manager, client->surface);
	assert_string_equal(hints_content_type(desk->server, surface), "none");
	wp_content_type_v1_set_content_type(type, WP_CONTENT_TYPE_V1_TYPE_VIDEO);
	desk_settle(desk);
	assert_string_equal(hints_content_type(desk->server, surface), "none");
	wl_surface_commit(client->surface);
	desk_settle(desk);
	assert_string_equal(hints_content_type(desk->server, surface), "video");
	wp_content_type_v1_destroy(type);
	wp_content_type_manager_v1_destroy(manager);
}

static void test_tag(void **state) {
	struct desk *desk = *state;
	struct test_client *client = desk_connect_shown(desk, "tagged");
	const struct toplevel *toplevel = desk_tile(desk, "tagged")->toplevel;
	struct xdg_toplevel_tag_manager_v1 *manager = test_client_bind(
		client, &xdg_toplevel_tag_manager_v1_interface, 1);
	char longest[2000];
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	xdg_toplevel_tag_manager_v1_set_toplevel_tag(manager, client->toplevel, "main\x1b window");
	xdg_toplevel_tag_manager_v1_set_toplevel_description(manager, client->toplevel, longest);
	desk_settle(desk);
	assert_string_equal(toplevel->tag, "main window");
	assert_int_equal(strlen(toplevel->description), 256);
	xdg_toplevel_tag_manager_v1_destroy(manager);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_alpha_modifier, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_content_type, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_dialog, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_foreign_v1, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_foreign_v2, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_tag, start_desk, stop_desk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

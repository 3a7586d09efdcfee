// Protocols that no program here uses, by a client in the test's process.

#include <string.h>
#include <wayland-client.h>
#include <wlr/types/wlr_scene.h>

#include "alpha-modifier-v1-client-protocol.h"
#include "desk.h"
#include "test_client.h"
#include "tile.h"
#include "toplevel.h"

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

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_alpha_modifier, start_desk, stop_desk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

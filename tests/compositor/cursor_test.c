// The cursor of a machine: it is drawn above everything, so it stays small and at the pointer.

#include <wayland-client.h>

#include "desk_machine.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"
#include "single-pixel-buffer-v1-client-protocol.h"
#include "test_client.h"
#include "tile.h"
#include "viewporter-client-protocol.h"

struct cursor {
	struct test_client *client;
	struct wl_surface *surface;
	struct wp_viewport *viewport;
};

static void point_at(struct desk *desk, const char *title) {
	const struct wlr_box *content = &desk_tile(desk, title)->content;
	desk_move_to(desk, content->x + content->width / 2, content->y + content->height / 2);
}

static void cursor_create(struct cursor *cursor, struct test_client *client) {
	cursor->client = client;
	cursor->surface = wl_compositor_create_surface(client->compositor);
	cursor->viewport = wp_viewporter_get_viewport(client->viewporter, cursor->surface);
}

static void commit(struct cursor *cursor, int size) {
	struct wl_buffer *buffer = wp_single_pixel_buffer_manager_v1_create_u32_rgba_buffer(
		cursor->client->pixels, 0, UINT32_MAX, 0, UINT32_MAX);
	wp_viewport_set_destination(cursor->viewport, size, size);
	wl_surface_attach(cursor->surface, buffer, 0, 0);
	wl_surface_damage_buffer(cursor->surface, 0, 0, 1, 1);
	wl_surface_commit(cursor->surface);
	wl_buffer_destroy(buffer);
}

static bool is_shown(struct desk *desk, struct cursor *cursor, int hotspot_x, int hotspot_y) {
	wl_pointer_set_cursor(cursor->client->pointer, 0, cursor->surface, hotspot_x, hotspot_y);
	desk_settle(desk);
	return desk->server->seat->pointer->image != NULL;
}

static void cursor_destroy(struct cursor *cursor) {
	wp_viewport_destroy(cursor->viewport);
	wl_surface_destroy(cursor->surface);
}

static void test_machine(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, fake);
	const struct pointer *pointer = desk->server->seat->pointer;
	point_at(desk, "Clock");
	assert_true(bridge->has_pointer_focus);
	struct cursor cursor;
	cursor_create(&cursor, bridge);
	commit(&cursor, 64);
	assert_true(is_shown(desk, &cursor, 0, 0));
	assert_true(is_shown(desk, &cursor, 64, 64));
	// Over the label in its title bar, or in its neighbour's.
	const int away[][2] = {{300, 10}, {10, 300}, {-300, 10}, {10, -300}, {INT32_MIN, 0}};
	for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++) {
		assert_false(is_shown(desk, &cursor, away[i][0], away[i][1]));
		assert_string_equal(pointer->shape, "default");
		assert_true(is_shown(desk, &cursor, 10, 10));
	}
	// Step by step.
	for (int i = 0; i < 3; i++) {
		wl_surface_offset(cursor.surface, 0, -100);
		commit(&cursor, 64);
		desk_settle(desk);
	}
	assert_null(pointer->image);
	assert_string_equal(pointer->shape, "default");
	// Larger than it was.
	assert_true(is_shown(desk, &cursor, 10, 10));
	commit(&cursor, 129);
	desk_settle(desk);
	assert_null(pointer->image);
	cursor_destroy(&cursor);
	desk_destroy(desk);
}

static void test_program(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	desk_settle(desk);
	point_at(desk, "a");
	struct cursor cursor;
	cursor_create(&cursor, client);
	commit(&cursor, 256);
	assert_true(is_shown(desk, &cursor, 200, 200));
	cursor_destroy(&cursor);
	desk_settle(desk);
	assert_null(desk->server->seat->pointer->image);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

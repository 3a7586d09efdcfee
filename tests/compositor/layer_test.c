// Layer-shell surfaces: where they lie, what they leave for windows, who has the keyboard.

#include <linux/input-event-codes.h>
#include <wayland-client.h>
#include <wlr/types/wlr_output.h>

#include "desk.h"
#include "layer.h"
#include "output.h"
#include "scene_owner.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "test_layer.h"
#include "tile.h"
#include "wlr-layer-shell-unstable-v1-client-protocol.h"
#include "xdg-shell-client-protocol.h"

#define TOP ZWLR_LAYER_SHELL_V1_LAYER_TOP
#define OVERLAY ZWLR_LAYER_SHELL_V1_LAYER_OVERLAY
#define ANCHOR(edge) ZWLR_LAYER_SURFACE_V1_ANCHOR_##edge
#define KEYS(kind) ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_##kind

// A bar of that height along the upper edge.
static struct test_layer *open_bar(struct desk *desk, struct test_client *client, int height) {
	struct test_layer *bar = test_layer_create(client, TOP);
	zwlr_layer_surface_v1_set_size(bar->layer, 0, (uint32_t)height);
	zwlr_layer_surface_v1_set_anchor(bar->layer, ANCHOR(TOP) | ANCHOR(LEFT) | ANCHOR(RIGHT));
	zwlr_layer_surface_v1_set_exclusive_zone(bar->layer, height);
	wl_surface_commit(bar->surface);
	desk_settle(desk);
	test_layer_show(bar);
	desk_settle(desk);
	return bar;
}

// A square of 100 in the middle that asks for keys in this way.
static struct test_layer *open_square(
	struct desk *desk, struct test_client *client, uint32_t kind, uint32_t keys) {
	struct test_layer *square = test_layer_create(client, kind);
	zwlr_layer_surface_v1_set_size(square->layer, 100, 100);
	zwlr_layer_surface_v1_set_keyboard_interactivity(square->layer, keys);
	wl_surface_commit(square->surface);
	desk_settle(desk);
	test_layer_show(square);
	desk_settle(desk);
	return square;
}

static struct layer *layer_at(struct desk *desk, double lx, double ly) {
	return layer_from_owner(scene_owner_at(desk->server, lx, ly));
}

static void test_bar(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *window = desk_connect_shown(desk, "a");
	struct test_client *client = desk_connect(desk);
	struct test_layer *bar = open_bar(desk, client, 30);
	assert_int_equal(bar->width, 1280);
	assert_int_equal(bar->height, 30);
	assert_int_equal(bar->configures, 1);
	const struct tile *tile = desk_tile(desk, "a");
	assert_int_equal(tile->box.y, 30);
	assert_int_equal(tile->box.height, 690);
	assert_int_equal(window->height, tile->content.height);
	assert_non_null(layer_at(desk, 640, 15));
	assert_ptr_equal(tile_at(desk->server, 640, 40), tile);
	// Above the window, but below one that is full screen.
	desk_run(desk, "fullscreen");
	assert_null(layer_at(desk, 640, 15));
	assert_int_equal(window->height, 720);
	desk_run(desk, "fullscreen");
	assert_non_null(layer_at(desk, 640, 15));
	// The zone goes with the surface, and comes back with it.
	test_layer_hide(bar);
	desk_settle(desk);
	assert_int_equal(tile->box.y, 0);
	wl_surface_commit(bar->surface);
	desk_settle(desk);
	test_layer_show(bar);
	desk_settle(desk);
	assert_int_equal(tile->box.y, 30);
	zwlr_layer_surface_v1_set_exclusive_zone(bar->layer, 0);
	wl_surface_commit(bar->surface);
	desk_settle(desk);
	assert_int_equal(tile->box.y, 0);
	test_layer_destroy(bar);
	desk_settle(desk);
	assert_null(layer_at(desk, 640, 15));
	desk_destroy(desk);
}

static void test_layers_lie_in_order(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect(desk);
	struct test_layer *layers[4];
	const uint32_t order[4] = {OVERLAY, ZWLR_LAYER_SHELL_V1_LAYER_BACKGROUND, TOP,
		ZWLR_LAYER_SHELL_V1_LAYER_BOTTOM};
	for (size_t i = 0; i < 4; i++) {
		layers[i] = open_square(desk, client, order[i], KEYS(NONE));
	}
	assert_string_equal(layer_kind_name(layer_at(desk, 640, 360)), "overlay");
	test_layer_hide(layers[0]);
	desk_settle(desk);
	assert_string_equal(layer_kind_name(layer_at(desk, 640, 360)), "top");
	zwlr_layer_surface_v1_set_layer(layers[2]->layer, ZWLR_LAYER_SHELL_V1_LAYER_BACKGROUND);
	wl_surface_commit(layers[2]->surface);
	desk_settle(desk);
	assert_string_equal(layer_kind_name(layer_at(desk, 640, 360)), "bottom");
	desk_connect_shown(desk, "a");
	assert_null(layer_at(desk, 640, 360));
	for (size_t i = 0; i < 4; i++) {
		test_layer_destroy(layers[i]);
	}
	desk_destroy(desk);
}

static void test_exclusive_keyboard(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *window = desk_connect_shown(desk, "a");
	struct test_client *client = desk_connect(desk), *other = desk_connect(desk);
	struct test_layer *launcher = open_square(desk, client, TOP, KEYS(EXCLUSIVE));
	assert_true(client->has_keyboard_focus);
	assert_false(window->has_keyboard_focus);
	desk_tap(desk, KEY_A);
	assert_int_equal(client->keys_len, 2);
	assert_int_equal(window->keys_len, 0);
	// Nothing but its own end takes the keyboard from it.
	desk_move_to(desk, 10, 300);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	struct test_client *late = desk_connect_shown(desk, "b");
	assert_true(client->has_keyboard_focus);
	assert_false(late->has_keyboard_focus);
	// The upper layer goes first.
	struct test_layer *dialog = open_square(desk, other, OVERLAY, KEYS(EXCLUSIVE));
	assert_true(other->has_keyboard_focus);
	assert_false(client->has_keyboard_focus);
	test_layer_destroy(dialog);
	desk_settle(desk);
	assert_true(client->has_keyboard_focus);
	zwlr_layer_surface_v1_set_keyboard_interactivity(launcher->layer, KEYS(NONE));
	wl_surface_commit(launcher->surface);
	desk_settle(desk);
	assert_false(client->has_keyboard_focus);
	assert_true(late->has_keyboard_focus);
	test_layer_destroy(launcher);
	desk_destroy(desk);
}

static void test_keyboard_on_demand(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *window = desk_connect_shown(desk, "a");
	struct test_client *client = desk_connect(desk);
	struct test_layer *launcher = open_square(desk, client, TOP, KEYS(ON_DEMAND));
	assert_true(client->has_keyboard_focus);
	// A window that goes changes nothing; the user turning to one does.
	struct test_client *second = desk_connect_shown(desk, "b");
	assert_true(second->has_keyboard_focus);
	desk_move_to(desk, 640, 360);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	assert_int_equal(client->buttons, 2);
	assert_true(client->has_keyboard_focus);
	desk_disconnect(desk, second);
	assert_true(client->has_keyboard_focus);
	desk_move_to(desk, 10, 300);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	assert_true(window->has_keyboard_focus);
	test_layer_destroy(launcher);
	desk_settle(desk);
	// Below the windows it does not begin with the keyboard.
	launcher = open_square(desk, client, ZWLR_LAYER_SHELL_V1_LAYER_BOTTOM, KEYS(EXCLUSIVE));
	assert_true(window->has_keyboard_focus);
	desk_disconnect(desk, window);
	assert_false(client->has_keyboard_focus);
	desk_move_to(desk, 640, 361);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	assert_true(client->has_keyboard_focus);
	desk_run(desk, "workspace 2");
	assert_false(client->has_keyboard_focus);
	test_layer_destroy(launcher);
	desk_destroy(desk);
}

static void test_popup(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	struct test_client *client = desk_connect(desk);
	struct test_layer *bar = open_bar(desk, client, 30);
	test_layer_open_popup(bar, 1270, 20, 300, 200);
	desk_settle(desk);
	// It is kept on the output, and drawn over the window.
	assert_int_equal(bar->popup_x, 1280 - 300);
	assert_int_equal(bar->popup_y, 21);
	assert_ptr_equal(layer_at(desk, 980, 21), layer_at(desk, 640, 15));
	assert_non_null(layer_at(desk, 980, 21));
	test_layer_hide(bar);
	desk_settle(desk);
	assert_int_equal(bar->popup_dones, 1);
	test_layer_destroy(bar);
	desk_destroy(desk);
}

static struct wl_output *bind_output(struct test_client *client) {
	return test_client_bind(client, &wl_output_interface, 4);
}

static void test_outputs(void **state) {
	const struct desk_options options = {.outputs = -1};
	struct desk *desk = desk_create(&options);
	struct test_client *client = desk_connect(desk);
	// Without an output there is no place for it.
	struct test_layer *early = test_layer_create(client, TOP);
	desk_settle(desk);
	assert_true(early->closed);
	test_layer_destroy(early);

	struct wlr_output *first = desk_add_output(desk, 1280, 720);
	struct wl_output *first_output = bind_output(client);
	struct wlr_output *second = desk_add_output(desk, 800, 600);
	struct output *active = desk->server->active_output;
	assert_ptr_equal(active->wlr_output, first);
	struct test_layer *bar = open_bar(desk, client, 30);
	assert_int_equal(active->usable.y, 30);
	assert_int_equal(((struct output *)second->data)->usable.y, 0);
	// A change of mode is followed.
	struct wlr_output_state output_state;
	wlr_output_state_init(&output_state);
	wlr_output_state_set_custom_mode(&output_state, 1000, 500, 0);
	assert_true(wlr_output_commit_state(first, &output_state));
	wlr_output_state_finish(&output_state);
	desk_settle(desk);
	assert_int_equal(bar->width, 1000);
	assert_int_equal(active->usable.width, 1000);
	assert_int_equal(active->usable.height, 470);
	// Its output goes.
	struct test_layer *named = test_layer_create_on(client, OVERLAY, first_output);
	zwlr_layer_surface_v1_set_size(named->layer, 10, 10);
	wl_surface_commit(named->surface);
	desk_settle(desk);
	wlr_output_destroy(first);
	desk_settle(desk);
	assert_true(bar->closed && named->closed);
	assert_false(client->dead);
	test_layer_destroy(bar);
	test_layer_destroy(named);
	wl_output_release(first_output);
	desk_destroy(desk);
}

static void test_wild_numbers(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	const struct tile *tile = desk_tile(desk, "a");
	struct test_client *client = desk_connect(desk);
	struct test_layer *bar = open_bar(desk, client, 30);
	const int32_t numbers[] = {INT32_MAX, INT32_MIN, 100000, -100000, 30};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		int32_t number = numbers[i];
		zwlr_layer_surface_v1_set_exclusive_zone(bar->layer, number);
		zwlr_layer_surface_v1_set_margin(bar->layer, number, number, number, number);
		zwlr_layer_surface_v1_set_size(bar->layer, 0, (uint32_t)INT32_MAX);
		wl_surface_commit(bar->surface);
		desk_settle(desk);
		assert_false(client->dead);
		assert_true(tile->box.y >= 0 && tile->box.height >= 64);
		assert_true(tile->box.y + tile->box.height <= 720);
	}
	test_layer_destroy(bar);
	desk_destroy(desk);
}

// To leave a size to the desk both edges of it have to be anchored.
static void test_no_size(void **state) {
	static const uint32_t anchors[] = {0, ZWLR_LAYER_SURFACE_V1_ANCHOR_TOP,
		ZWLR_LAYER_SURFACE_V1_ANCHOR_LEFT | ZWLR_LAYER_SURFACE_V1_ANCHOR_TOP |
			ZWLR_LAYER_SURFACE_V1_ANCHOR_BOTTOM};
	struct desk *desk = desk_create(NULL);
	for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++) {
		struct test_client *client = desk_connect(desk);
		struct test_layer *layer = test_layer_create(client, TOP);
		zwlr_layer_surface_v1_set_anchor(layer->layer, anchors[i]);
		zwlr_layer_surface_v1_set_size(layer->layer, 0, i < 2 ? 50 : 0);
		wl_surface_commit(layer->surface);
		desk_until(desk, client->dead);
		assert_int_equal(layer->configures, 0);
		test_layer_destroy(layer);
		desk_disconnect(desk, client);
	}
	desk_destroy(desk);
}

// The client goes without destroying anything: its popup, its keyboard, its zone with it.
static void test_client_goes(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *window = desk_connect_shown(desk, "a");
	struct test_client *client = desk_connect(desk);
	struct test_layer *bar = open_bar(desk, client, 30);
	struct test_layer *launcher = open_square(desk, client, OVERLAY, KEYS(EXCLUSIVE));
	test_layer_open_popup(bar, 10, 10, 100, 100);
	desk_settle(desk);
	assert_false(window->has_keyboard_focus);
	wl_client_destroy(
		wl_client_from_link(wl_display_get_client_list(desk->server->display)->prev));
	desk_until(desk, client->dead);
	desk_settle(desk);
	assert_true(window->has_keyboard_focus);
	assert_int_equal(desk_tile(desk, "a")->box.y, 0);
	test_layer_destroy(launcher);
	test_layer_destroy(bar);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bar),
		cmocka_unit_test(test_layers_lie_in_order),
		cmocka_unit_test(test_exclusive_keyboard),
		cmocka_unit_test(test_keyboard_on_demand),
		cmocka_unit_test(test_popup),
		cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_wild_numbers),
		cmocka_unit_test(test_no_size),
		cmocka_unit_test(test_client_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

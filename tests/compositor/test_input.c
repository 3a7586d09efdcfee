#include "test_input.h"

#include <stdlib.h>
#include <string.h>
#include <wayland-client.h>

#include "keyboard-shortcuts-inhibit-unstable-v1-client-protocol.h"
#include "test_client.h"

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct test_input *input = data;
	const struct {
		const struct wl_interface *interface;
		uint32_t version;
		void **object;
	} wanted[] = {
		{&zwp_keyboard_shortcuts_inhibit_manager_v1_interface, 1, (void **)&input->inhibit},
	};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strcmp(interface, wanted[i].interface->name) == 0) {
			*wanted[i].object = wl_registry_bind(
				registry, name, wanted[i].interface, wanted[i].version);
		}
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

struct test_input *test_input_create(struct test_client *client) {
	struct test_input *input = calloc(1, sizeof(*input));
	if (input == NULL) {
		abort();
	}
	input->client = client;
	input->registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(input->registry, &registry_listener, input);
	return input;
}

void test_input_destroy(struct test_input *input) {
	void *proxies[] = {input->touch, input->inhibitor, input->inhibit, input->registry};
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++) {
		if (proxies[i] != NULL) {
			wl_proxy_destroy(proxies[i]);
		}
	}
	free(input);
}

// --- keyboard-shortcuts-inhibit -----------------------------------------------------------

static void handle_active(void *data, struct zwp_keyboard_shortcuts_inhibitor_v1 *inhibitor) {
	struct test_input *input = data;
	input->inhibits = true;
}

static void handle_inactive(void *data, struct zwp_keyboard_shortcuts_inhibitor_v1 *inhibitor) {
	struct test_input *input = data;
	input->inhibits = false;
}

static const struct zwp_keyboard_shortcuts_inhibitor_v1_listener inhibitor_listener = {
	.active = handle_active,
	.inactive = handle_inactive,
};

void test_input_inhibit(struct test_input *input) {
	input->inhibitor = zwp_keyboard_shortcuts_inhibit_manager_v1_inhibit_shortcuts(
		input->inhibit, input->client->surface, input->client->seat);
	zwp_keyboard_shortcuts_inhibitor_v1_add_listener(
		input->inhibitor, &inhibitor_listener, input);
}

void test_input_release(struct test_input *input) {
	zwp_keyboard_shortcuts_inhibitor_v1_destroy(input->inhibitor);
	input->inhibitor = NULL;
	input->inhibits = false;
}

// --- touch --------------------------------------------------------------------------------

static void touched(struct test_input *input, int32_t id, wl_fixed_t sx, wl_fixed_t sy) {
	input->touch_id = id;
	input->touch_sx = wl_fixed_to_double(sx);
	input->touch_sy = wl_fixed_to_double(sy);
}

static void handle_touch_down(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time_ms,
	struct wl_surface *surface, int32_t id, wl_fixed_t sx, wl_fixed_t sy) {
	struct test_input *input = data;
	input->downs++;
	touched(input, id, sx, sy);
}

static void handle_touch_up(
	void *data, struct wl_touch *touch, uint32_t serial, uint32_t time_ms, int32_t id) {
	struct test_input *input = data;
	input->ups++;
	input->touch_id = id;
}

static void handle_touch_motion(void *data, struct wl_touch *touch, uint32_t time_ms, int32_t id,
	wl_fixed_t sx, wl_fixed_t sy) {
	struct test_input *input = data;
	input->motions++;
	touched(input, id, sx, sy);
}

static void handle_touch_frame(void *data, struct wl_touch *touch) {
	struct test_input *input = data;
	input->frames++;
}

static void handle_touch_cancel(void *data, struct wl_touch *touch) {
	struct test_input *input = data;
	input->cancels++;
}

static void handle_touch_shape(
	void *data, struct wl_touch *touch, int32_t id, wl_fixed_t major, wl_fixed_t minor) {}

static void handle_touch_orientation(
	void *data, struct wl_touch *touch, int32_t id, wl_fixed_t orientation) {}

static const struct wl_touch_listener touch_listener = {
	.down = handle_touch_down,
	.up = handle_touch_up,
	.motion = handle_touch_motion,
	.frame = handle_touch_frame,
	.cancel = handle_touch_cancel,
	.shape = handle_touch_shape,
	.orientation = handle_touch_orientation,
};

void test_input_take_touch(struct test_input *input) {
	input->touch = wl_seat_get_touch(input->client->seat);
	wl_touch_add_listener(input->touch, &touch_listener, input);
}

#include "test_tablet.h"

#include <stdlib.h>
#include <string.h>
#include <wayland-client.h>

#include "tablet-v2-client-protocol.h"
#include "test_client.h"

// --- tools --------------------------------------------------------------------------------

static void handle_type(void *data, struct zwp_tablet_tool_v2 *tool, uint32_t type) {}

static void handle_serial(
	void *data, struct zwp_tablet_tool_v2 *tool, uint32_t high, uint32_t low) {}

static void handle_wacom(void *data, struct zwp_tablet_tool_v2 *tool, uint32_t high, uint32_t low) {
}

static void handle_capability(void *data, struct zwp_tablet_tool_v2 *tool, uint32_t capability) {}

static void handle_tool_done(void *data, struct zwp_tablet_tool_v2 *tool) {}

static void handle_tool_removed(void *data, struct zwp_tablet_tool_v2 *tool) {
	struct test_tablet *test = data;
	test->near = false;
}

static void handle_proximity_in(void *data, struct zwp_tablet_tool_v2 *tool, uint32_t serial,
	struct zwp_tablet_v2 *tablet, struct wl_surface *surface) {
	struct test_tablet *test = data;
	test->near = true;
}

static void handle_proximity_out(void *data, struct zwp_tablet_tool_v2 *tool) {
	struct test_tablet *test = data;
	test->near = false;
}

static void handle_down(void *data, struct zwp_tablet_tool_v2 *tool, uint32_t serial) {
	struct test_tablet *test = data;
	test->downs++;
}

static void handle_up(void *data, struct zwp_tablet_tool_v2 *tool) {
	struct test_tablet *test = data;
	test->ups++;
}

static void handle_motion(
	void *data, struct zwp_tablet_tool_v2 *tool, wl_fixed_t sx, wl_fixed_t sy) {
	struct test_tablet *test = data;
	test->motions++;
	test->sx = wl_fixed_to_double(sx);
	test->sy = wl_fixed_to_double(sy);
}

static void handle_pressure(void *data, struct zwp_tablet_tool_v2 *tool, uint32_t pressure) {
	struct test_tablet *test = data;
	test->pressure = pressure;
}

static void handle_distance(void *data, struct zwp_tablet_tool_v2 *tool, uint32_t distance) {}

static void handle_tilt(void *data, struct zwp_tablet_tool_v2 *tool, wl_fixed_t x, wl_fixed_t y) {
	struct test_tablet *test = data;
	test->tilt_x = wl_fixed_to_double(x);
	test->tilt_y = wl_fixed_to_double(y);
}

static void handle_rotation(void *data, struct zwp_tablet_tool_v2 *tool, wl_fixed_t degrees) {}

static void handle_slider(void *data, struct zwp_tablet_tool_v2 *tool, int32_t slider) {}

static void handle_wheel(
	void *data, struct zwp_tablet_tool_v2 *tool, wl_fixed_t degrees, int32_t clicks) {}

static void handle_button(void *data, struct zwp_tablet_tool_v2 *tool, uint32_t serial,
	uint32_t button, uint32_t state) {
	struct test_tablet *test = data;
	test->buttons++;
}

static void handle_frame(void *data, struct zwp_tablet_tool_v2 *tool, uint32_t time_ms) {}

static const struct zwp_tablet_tool_v2_listener tool_listener = {
	.type = handle_type,
	.hardware_serial = handle_serial,
	.hardware_id_wacom = handle_wacom,
	.capability = handle_capability,
	.done = handle_tool_done,
	.removed = handle_tool_removed,
	.proximity_in = handle_proximity_in,
	.proximity_out = handle_proximity_out,
	.down = handle_down,
	.up = handle_up,
	.motion = handle_motion,
	.pressure = handle_pressure,
	.distance = handle_distance,
	.tilt = handle_tilt,
	.rotation = handle_rotation,
	.slider = handle_slider,
	.wheel = handle_wheel,
	.button = handle_button,
	.frame = handle_frame,
};

// --- pads ---------------------------------------------------------------------------------

static void handle_group(
	void *data, struct zwp_tablet_pad_v2 *pad, struct zwp_tablet_pad_group_v2 *group) {
	wl_proxy_destroy((struct wl_proxy *)group);
}

static void handle_path(void *data, struct zwp_tablet_pad_v2 *pad, const char *path) {}

static void handle_buttons(void *data, struct zwp_tablet_pad_v2 *pad, uint32_t buttons) {}

static void handle_pad_done(void *data, struct zwp_tablet_pad_v2 *pad) {}

static void handle_pad_button(void *data, struct zwp_tablet_pad_v2 *pad, uint32_t time_ms,
	uint32_t button, uint32_t state) {
	struct test_tablet *test = data;
	test->pad_buttons++;
}

static void handle_enter(void *data, struct zwp_tablet_pad_v2 *pad, uint32_t serial,
	struct zwp_tablet_v2 *tablet, struct wl_surface *surface) {
	struct test_tablet *test = data;
	test->has_pad = true;
}

static void handle_leave(
	void *data, struct zwp_tablet_pad_v2 *pad, uint32_t serial, struct wl_surface *surface) {
	struct test_tablet *test = data;
	test->has_pad = false;
}

static void handle_pad_removed(void *data, struct zwp_tablet_pad_v2 *pad) {
	struct test_tablet *test = data;
	test->has_pad = false;
}

static const struct zwp_tablet_pad_v2_listener pad_listener = {
	.group = handle_group,
	.path = handle_path,
	.buttons = handle_buttons,
	.done = handle_pad_done,
	.button = handle_pad_button,
	.enter = handle_enter,
	.leave = handle_leave,
	.removed = handle_pad_removed,
};

// --- the seat -----------------------------------------------------------------------------

static void handle_tablet_added(
	void *data, struct zwp_tablet_seat_v2 *seat, struct zwp_tablet_v2 *tablet) {
	struct test_tablet *test = data;
	test->tablet = tablet;
}

static void handle_tool_added(
	void *data, struct zwp_tablet_seat_v2 *seat, struct zwp_tablet_tool_v2 *tool) {
	struct test_tablet *test = data;
	test->tool = tool;
	zwp_tablet_tool_v2_add_listener(tool, &tool_listener, test);
}

static void handle_pad_added(
	void *data, struct zwp_tablet_seat_v2 *seat, struct zwp_tablet_pad_v2 *pad) {
	struct test_tablet *test = data;
	test->pad = pad;
	zwp_tablet_pad_v2_add_listener(pad, &pad_listener, test);
}

static const struct zwp_tablet_seat_v2_listener seat_listener = {
	.tablet_added = handle_tablet_added,
	.tool_added = handle_tool_added,
	.pad_added = handle_pad_added,
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct test_tablet *test = data;
	if (strcmp(interface, zwp_tablet_manager_v2_interface.name) == 0) {
		test->manager = wl_registry_bind(
			registry, name, &zwp_tablet_manager_v2_interface, 1);
		test->seat = zwp_tablet_manager_v2_get_tablet_seat(
			test->manager, test->client->seat);
		zwp_tablet_seat_v2_add_listener(test->seat, &seat_listener, test);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

struct test_tablet *test_tablet_create(struct test_client *client) {
	struct test_tablet *test = calloc(1, sizeof(*test));
	if (test == NULL) {
		abort();
	}
	test->client = client;
	test->registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(test->registry, &registry_listener, test);
	return test;
}

void test_tablet_destroy(struct test_tablet *test) {
	void *proxies[] = {
		test->pad, test->tool, test->tablet, test->seat, test->manager, test->registry};
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++) {
		if (proxies[i] != NULL) {
			wl_proxy_destroy(proxies[i]);
		}
	}
	free(test);
}

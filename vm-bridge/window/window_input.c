#include "window_input.h"

#include <linux/input-event-codes.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "cursor-shape-v1-client-protocol.h"
#include "pointer-constraints-unstable-v1-client-protocol.h"
#include "relative-pointer-unstable-v1-client-protocol.h"
#include "window_private.h"

/** Surface-local units that a touchpad scrolls for what a wheel does in one detent. */
#define UNITS_PER_DETENT 15.0
/** More than any wheel turns in one group, in 1/120 detents. */
#define MAX_TURN120 1e6

struct wheel {
	double value120; // of this wl_pointer.frame
	bool has_value120;
	double units; // of this wl_pointer.frame, for sources without detents
	double rest120; // not sent yet
};

struct window_input {
	struct window_client *client;
	struct window_input_devices devices;
	struct wl_listener tablet_ready; // virtio_input.events.ready
	struct wl_listener mouse_ready; // virtio_input.events.ready
	bool prefers_relative; // the user's word

	// Of the connection; each may be NULL.
	struct wl_seat *seat;
	struct wl_keyboard *keyboard;
	struct wl_pointer *pointer;
	struct wp_cursor_shape_device_v1 *shape_device;
	struct zwp_relative_pointer_v1 *relative_pointer;
	struct zwp_locked_pointer_v1 *locked_pointer;

	struct window *locked_window; // of locked_pointer; may be NULL
	struct window *inside; // the window that the pointer is in; may be NULL
	uint32_t enter_serial;
	struct wheel wheels[2]; // by enum wl_pointer_axis
};

static bool is_ready(const struct virtio_input *device) {
	return device != NULL && device->ready;
}

static bool is_relative(const struct window_input *input) {
	if (!is_ready(input->devices.mouse)) {
		return false;
	}
	return input->prefers_relative || !is_ready(input->devices.tablet);
}

/** The device that gets buttons and wheels. */
static struct virtio_input *pointing_device(const struct window_input *input) {
	return is_relative(input) ? input->devices.mouse : input->devices.tablet;
}

static void release_pointing(struct window_input *input) {
	if (input->devices.tablet != NULL) {
		virtio_input_release_all(input->devices.tablet);
	}
	if (input->devices.mouse != NULL) {
		virtio_input_release_all(input->devices.mouse);
	}
}

// --- keyboard ----------------------------------------------------------------------------

static void handle_keymap(
	void *data, struct wl_keyboard *keyboard, uint32_t format, int32_t fd, uint32_t size) {
	close(fd); // the guest has its own
}

static void handle_keyboard_enter(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	struct wl_surface *surface, struct wl_array *keys) {
	// Keys that are down already were not meant for the guest.
}

static void handle_keyboard_leave(
	void *data, struct wl_keyboard *keyboard, uint32_t serial, struct wl_surface *surface) {
	struct window_input *input = data;
	if (input->devices.keyboard != NULL) {
		virtio_input_release_all(input->devices.keyboard);
	}
}

static void handle_key(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time_ms,
	uint32_t key, uint32_t state) {
	struct window_input *input = data;
	if (input->devices.keyboard == NULL) {
		return;
	}
	virtio_input_key(input->devices.keyboard, key, state != WL_KEYBOARD_KEY_STATE_RELEASED);
	virtio_input_frame(input->devices.keyboard);
}

static void handle_modifiers(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	uint32_t depressed, uint32_t latched, uint32_t locked, uint32_t group) {
	// The guest has its own.
}

static void handle_repeat_info(
	void *data, struct wl_keyboard *keyboard, int32_t rate, int32_t delay_ms) {
	// The guest repeats keys by itself.
}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = handle_keymap,
	.enter = handle_keyboard_enter,
	.leave = handle_keyboard_leave,
	.key = handle_key,
	.modifiers = handle_modifiers,
	.repeat_info = handle_repeat_info,
};

// --- pointer lock ------------------------------------------------------------------------

static void set_locked(struct window_input *input, struct window *window) {
	input->locked_window = window;
	for (unsigned i = 0; i < input->client->count; i++) {
		window_cursor_set_locked(input->client->windows[i]->cursor, window != NULL);
	}
}

static void unlock_pointer(struct window_input *input) {
	if (input->locked_pointer != NULL) {
		zwp_locked_pointer_v1_destroy(input->locked_pointer);
		input->locked_pointer = NULL;
		set_locked(input, NULL);
		if (input->client->connection != NULL) {
			window_connection_flush(input->client->connection);
		}
	}
}

static void lock_pointer(struct window_input *input) {
	struct window_connection *connection = input->client->connection;
	struct window *window = input->inside;
	if (window == NULL) {
		window = input->locked_window != NULL ? input->locked_window
						      : input->client->windows[0];
	}
	if (input->locked_window == window || connection == NULL || input->pointer == NULL ||
		connection->globals.pointer_constraints == NULL || window->toplevel == NULL) {
		return;
	}
	unlock_pointer(input);
	input->locked_pointer = zwp_pointer_constraints_v1_lock_pointer(
		connection->globals.pointer_constraints,
		window->toplevel->surfaces.toplevel_surface, input->pointer, NULL,
		ZWP_POINTER_CONSTRAINTS_V1_LIFETIME_PERSISTENT);
	set_locked(input, window);
	window_connection_flush(connection);
}

void window_input_set_pointer_mode(struct window_input *input, enum window_pointer_mode mode) {
	const bool relative = mode == WINDOW_POINTER_RELATIVE;
	if (!is_ready(relative ? input->devices.mouse : input->devices.tablet)) {
		if (!relative) {
			unlock_pointer(input); // the way out of a locked pointer always works
		}
		return;
	}
	release_pointing(input);
	input->prefers_relative = relative;
	if (relative) {
		lock_pointer(input);
	} else {
		unlock_pointer(input);
	}
}

static void handle_relative_motion(void *data, struct zwp_relative_pointer_v1 *relative_pointer,
	uint32_t time_hi, uint32_t time_lo, wl_fixed_t dx, wl_fixed_t dy, wl_fixed_t dx_unaccel,
	wl_fixed_t dy_unaccel) {
	struct window_input *input = data;
	if (!is_relative(input)) {
		return;
	}
	virtio_input_motion(input->devices.mouse, wl_fixed_to_double(dx_unaccel),
		wl_fixed_to_double(dy_unaccel));
	if (input->inside == NULL || input->locked_pointer != NULL) {
		virtio_input_frame(input->devices.mouse);
	}
}

static const struct zwp_relative_pointer_v1_listener relative_pointer_listener = {
	.relative_motion = handle_relative_motion,
};

// --- pointer -----------------------------------------------------------------------------

/**
 * A frame's pixel as a tablet's axis; rounded so that the guest gets the same pixel back. The frame
 * begins at start of whole pixels, and a pixel beside it counts as its last one.
 */
static uint32_t to_axis(double pixel, int32_t pixels, int32_t start, int32_t whole) {
	pixel = start + fmin(fmax(pixel, 0), nextafter(pixels, 0));
	if (whole < start + pixels) {
		whole = start + pixels; // the frame is not yet the one that the guest has set
	}
	const double value = ceil(pixel * (VIRTIO_INPUT_ABS_MAX + 1) / whole);
	return value > VIRTIO_INPUT_ABS_MAX ? VIRTIO_INPUT_ABS_MAX : (uint32_t)value;
}

static void move_to(struct window_input *input, wl_fixed_t sx, wl_fixed_t sy) {
	const struct window_toplevel *toplevel = input->inside != NULL ? input->inside->toplevel
								       : NULL;
	if (toplevel == NULL || is_relative(input) || input->devices.tablet == NULL ||
		!toplevel->has_frame) {
		return;
	}
	const double x = window_place_to_frame(
		&toplevel->place_x, wl_fixed_to_double(sx), toplevel->scale120);
	const double y = window_place_to_frame(
		&toplevel->place_y, wl_fixed_to_double(sy), toplevel->scale120);
	const struct window_area *area = &input->inside->area;
	const struct pixman_box32 *source = &toplevel->source;
	virtio_input_position(input->devices.tablet,
		to_axis(x, source->x2 - source->x1, area->x, area->whole_width),
		to_axis(y, source->y2 - source->y1, area->y, area->whole_height));
}

static void end_group(struct window_input *input) {
	struct virtio_input *device = pointing_device(input);
	for (int axis = 0; axis < 2; axis++) {
		struct wheel *wheel = &input->wheels[axis];
		wheel->rest120 += wheel->has_value120 ? wheel->value120
						      : wheel->units * 120 / UNITS_PER_DETENT;
		wheel->rest120 = fmax(-MAX_TURN120, fmin(wheel->rest120, MAX_TURN120));
		const int32_t whole = (int32_t)wheel->rest120;
		wheel->rest120 -= whole;
		wheel->value120 = 0;
		wheel->has_value120 = false;
		wheel->units = 0;
		if (whole != 0 && device != NULL) {
			virtio_input_wheel(device,
				axis == WL_POINTER_AXIS_VERTICAL_SCROLL
					? VIRTIO_INPUT_WHEEL_VERTICAL
					: VIRTIO_INPUT_WHEEL_HORIZONTAL,
				whole);
		}
	}
	if (device != NULL) {
		virtio_input_frame(device);
	}
}

/** Seats before version 5 do not group events. */
static void end_single(struct window_input *input) {
	if (wl_pointer_get_version(input->pointer) < WL_POINTER_FRAME_SINCE_VERSION) {
		end_group(input);
	}
}

/** The window of a surface, which may be NULL: destroyed meanwhile. */
static struct window *find_window(struct window_input *input, const struct wl_surface *surface) {
	for (unsigned i = 0; i < input->client->count; i++) {
		struct window *window = input->client->windows[i];
		if (surface != NULL && window->toplevel != NULL &&
			window->toplevel->surfaces.toplevel_surface == surface) {
			return window;
		}
	}
	return NULL;
}

static void handle_pointer_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t sx, wl_fixed_t sy) {
	struct window_input *input = data;
	input->inside = find_window(input, surface);
	input->enter_serial = serial;
	if (input->inside != NULL) {
		window_input_update_cursor(input, input->inside);
	}
	move_to(input, sx, sy);
	end_single(input);
}

static void handle_pointer_leave(
	void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface) {
	struct window_input *input = data;
	input->inside = NULL;
	release_pointing(input);
}

static void handle_motion(
	void *data, struct wl_pointer *pointer, uint32_t time_ms, wl_fixed_t sx, wl_fixed_t sy) {
	struct window_input *input = data;
	move_to(input, sx, sy);
	end_single(input);
}

static void handle_button(void *data, struct wl_pointer *pointer, uint32_t serial, uint32_t time_ms,
	uint32_t button, uint32_t state) {
	struct window_input *input = data;
	struct virtio_input *device = pointing_device(input);
	if (is_relative(input)) {
		lock_pointer(input);
	}
	if (device != NULL) {
		virtio_input_key(device, button, state == WL_POINTER_BUTTON_STATE_PRESSED);
	}
	end_single(input);
}

static void handle_axis(
	void *data, struct wl_pointer *pointer, uint32_t time_ms, uint32_t axis, wl_fixed_t value) {
	struct window_input *input = data;
	if (axis <= WL_POINTER_AXIS_HORIZONTAL_SCROLL) {
		input->wheels[axis].units += wl_fixed_to_double(value);
	}
	end_single(input);
}

static void handle_axis_value120(
	void *data, struct wl_pointer *pointer, uint32_t axis, int32_t value120) {
	struct window_input *input = data;
	if (axis <= WL_POINTER_AXIS_HORIZONTAL_SCROLL) {
		input->wheels[axis].has_value120 = true;
		input->wheels[axis].value120 += value120;
	}
}

static void handle_axis_discrete(
	void *data, struct wl_pointer *pointer, uint32_t axis, int32_t discrete) {
	if (discrete > -1000 && discrete < 1000) {
		handle_axis_value120(data, pointer, axis, discrete * 120);
	}
}

static void handle_axis_source(void *data, struct wl_pointer *pointer, uint32_t source) {
	// Units and detents tell the sources apart.
}

static void handle_axis_stop(
	void *data, struct wl_pointer *pointer, uint32_t time_ms, uint32_t axis) {
	struct window_input *input = data;
	if (axis <= WL_POINTER_AXIS_HORIZONTAL_SCROLL) {
		input->wheels[axis].rest120 = 0;
	}
}

static void handle_pointer_frame(void *data, struct wl_pointer *pointer) {
	end_group(data);
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = handle_pointer_enter,
	.leave = handle_pointer_leave,
	.motion = handle_motion,
	.button = handle_button,
	.axis = handle_axis,
	.frame = handle_pointer_frame,
	.axis_source = handle_axis_source,
	.axis_stop = handle_axis_stop,
	.axis_discrete = handle_axis_discrete,
	.axis_value120 = handle_axis_value120,
};

void window_input_update_cursor(struct window_input *input, struct window *window) {
	struct wl_pointer *pointer = input->inside == window ? input->pointer : NULL;
	window_cursor_apply(window->cursor, pointer, input->shape_device, input->enter_serial);
}

// --- seat --------------------------------------------------------------------------------

static void drop_pointer(struct window_input *input) {
	const bool locked = input->locked_pointer != NULL;
	void *proxies[] = {input->locked_pointer, input->relative_pointer, input->shape_device,
		input->pointer};
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++) {
		if (proxies[i] != NULL) {
			wl_proxy_destroy(proxies[i]);
		}
	}
	input->locked_pointer = NULL;
	input->relative_pointer = NULL;
	input->shape_device = NULL;
	input->pointer = NULL;
	input->inside = NULL;
	release_pointing(input);
	if (locked) {
		set_locked(input, NULL);
	}
}

void window_input_forget(struct window_input *input, const struct window *window) {
	if (input->locked_window == window) {
		unlock_pointer(input);
	}
	if (input->inside == window) {
		input->inside = NULL;
		release_pointing(input);
	}
}

static void drop_keyboard(struct window_input *input) {
	if (input->keyboard != NULL) {
		wl_proxy_destroy((struct wl_proxy *)input->keyboard);
		input->keyboard = NULL;
	}
	if (input->devices.keyboard != NULL) {
		virtio_input_release_all(input->devices.keyboard);
	}
}

static void take_pointer(struct window_input *input) {
	const struct window_globals *globals = &input->client->connection->globals;
	input->pointer = wl_seat_get_pointer(input->seat);
	wl_pointer_add_listener(input->pointer, &pointer_listener, input);
	if (globals->relative_pointer != NULL) {
		input->relative_pointer = zwp_relative_pointer_manager_v1_get_relative_pointer(
			globals->relative_pointer, input->pointer);
		zwp_relative_pointer_v1_add_listener(
			input->relative_pointer, &relative_pointer_listener, input);
	}
	if (globals->cursor_shape != NULL) {
		input->shape_device = wp_cursor_shape_manager_v1_get_pointer(
			globals->cursor_shape, input->pointer);
	}
}

static void handle_capabilities(void *data, struct wl_seat *seat, uint32_t capabilities) {
	struct window_input *input = data;
	const bool has_keyboard = (capabilities & WL_SEAT_CAPABILITY_KEYBOARD) != 0;
	const bool has_pointer = (capabilities & WL_SEAT_CAPABILITY_POINTER) != 0;
	if (has_keyboard && input->keyboard == NULL) {
		input->keyboard = wl_seat_get_keyboard(seat);
		wl_keyboard_add_listener(input->keyboard, &keyboard_listener, input);
	} else if (!has_keyboard && input->keyboard != NULL) {
		drop_keyboard(input);
	}
	if (has_pointer && input->pointer == NULL) {
		take_pointer(input);
	} else if (!has_pointer && input->pointer != NULL) {
		drop_pointer(input);
	}
	window_connection_flush(input->client->connection);
}

static void handle_name(void *data, struct wl_seat *seat, const char *name) {
	// One seat is like another.
}

static const struct wl_seat_listener seat_listener = {
	.capabilities = handle_capabilities,
	.name = handle_name,
};

void window_input_add_seat(struct window_input *input, struct wl_seat *seat) {
	if (input->seat != NULL) {
		wl_seat_destroy(seat);
		return;
	}
	input->seat = seat;
	wl_seat_add_listener(seat, &seat_listener, input);
}

void window_input_disconnect(struct window_input *input) {
	drop_pointer(input);
	drop_keyboard(input);
	if (input->seat != NULL) {
		wl_proxy_destroy((struct wl_proxy *)input->seat);
		input->seat = NULL;
	}
}

// --- devices -----------------------------------------------------------------------------

static void handle_device_ready(struct window_input *input) {
	if (!is_relative(input)) {
		unlock_pointer(input);
	}
}

static void handle_tablet_ready(struct wl_listener *listener, void *data) {
	struct window_input *input = wl_container_of(listener, input, tablet_ready);
	handle_device_ready(input);
}

static void handle_mouse_ready(struct wl_listener *listener, void *data) {
	struct window_input *input = wl_container_of(listener, input, mouse_ready);
	handle_device_ready(input);
}

struct window_input *window_input_create(struct window_client *client) {
	struct window_input *input = calloc(1, sizeof(*input));
	if (input == NULL) {
		return NULL;
	}
	input->client = client;
	input->devices = client->options.devices;
	wl_list_init(&input->tablet_ready.link);
	wl_list_init(&input->mouse_ready.link);
	if (input->devices.tablet != NULL) {
		input->tablet_ready.notify = handle_tablet_ready;
		wl_signal_add(&input->devices.tablet->events.ready, &input->tablet_ready);
	}
	if (input->devices.mouse != NULL) {
		input->mouse_ready.notify = handle_mouse_ready;
		wl_signal_add(&input->devices.mouse->events.ready, &input->mouse_ready);
	}
	return input;
}

void window_input_destroy(struct window_input *input) {
	if (input == NULL) {
		return;
	}
	wl_list_remove(&input->tablet_ready.link);
	wl_list_remove(&input->mouse_ready.link);
	free(input);
}

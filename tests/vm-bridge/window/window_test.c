// The window, against a compositor in the same process and real virtio-input devices.
#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <wayland-server-protocol.h>

#include "fake_cmocka.h"
#include "fake_compositor.h"
#include "fake_input.h"
#include "fake_socket.h"
#include "fractional-scale-v1-protocol.h"
#include "redecho-machine-v1-protocol.h"
#include "relative-pointer-unstable-v1-protocol.h"
#include "window_client.h"
#include "xdg-shell-protocol.h"

enum device { KEYBOARD, TABLET, MOUSE, DEVICES };

struct fixture {
	struct fake_compositor *compositor;
	struct fake_guest *guest;
	struct fake_socket sockets[DEVICES];
	struct virtio_input *inputs[DEVICES];
	struct fake_device *drivers[DEVICES];
	struct window_client *client;
	struct window *window; // the first
	struct window_buffer *buffer;
	int memory;

	unsigned modes, readies, closes, disconnects, connects;
	struct wl_listener mode, ready, close, disconnected, connected;
};

#define LISTENER(name, counter)                                                                    \
	static void handle_##name(struct wl_listener *listener, void *data) {                      \
		struct fixture *f = wl_container_of(listener, f, name);                            \
		f->counter++;                                                                      \
	}

LISTENER(mode, modes)
LISTENER(ready, readies)
LISTENER(close, closes)
LISTENER(disconnected, disconnects)
LISTENER(connected, connects)

static void pump(void *data, int timeout_ms) {
	struct fake_compositor *compositor = data;
	wl_display_flush_clients(compositor->server);
	wl_event_loop_dispatch(compositor->loop, timeout_ms);
}

static void pump_for(struct fixture *f, int time_ms) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	const int64_t end_ms = now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000 + time_ms;
	do {
		pump(f->compositor, 1);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000 < end_ms);
}

/** drivers: a bit for each device that the guest runs. */
static struct fixture *begin(bool is_desk, unsigned drivers) {
	static const enum virtio_input_kind kinds[] = {
		VIRTIO_INPUT_KEYBOARD, VIRTIO_INPUT_TABLET, VIRTIO_INPUT_MOUSE};
	struct fixture *f = calloc(1, sizeof(*f));
	f->compositor = fake_compositor_create(is_desk);
	f->guest = fake_guest_create(8 << 20);
	f->guest->pump = pump;
	f->guest->pump_data = f->compositor;
	for (unsigned i = 0; i < DEVICES; i++) {
		const int listen_fd = fake_socket_listen(&f->sockets[i]);
		f->inputs[i] = virtio_input_create(
			f->compositor->loop, listen_fd, kinds[i], "Test", NULL);
		if ((drivers & 1u << i) != 0) {
			f->drivers[i] = fake_device_connect(f->guest, f->sockets[i].path);
			assert_true(fake_input_start(f->drivers[i], 0, 4));
			assert_true(f->inputs[i]->ready);
		}
	}
	const struct window_client_options options = {
		.title = "Test",
		.app_id = "test",
		.width = 1000,
		.height = 500,
		.devices = {f->inputs[KEYBOARD], f->inputs[TABLET], f->inputs[MOUSE]},
	};
	f->client = window_client_create(f->compositor->loop, &options);
	assert_non_null(f->client);
	f->window = f->client->windows[0];
	f->mode.notify = handle_mode;
	wl_signal_add(&f->window->events.mode, &f->mode);
	f->ready.notify = handle_ready;
	wl_signal_add(&f->window->events.ready, &f->ready);
	f->close.notify = handle_close;
	wl_signal_add(&f->window->events.close, &f->close);
	f->disconnected.notify = handle_disconnected;
	wl_signal_add(&f->client->events.disconnected, &f->disconnected);
	f->connected.notify = handle_connected;
	wl_signal_add(&f->client->events.connected, &f->connected);
	assert_true(window_client_connect(f->client, fake_compositor_connect(f->compositor)));
	fake_compositor_settle(f->compositor);
	assert_int_equal(f->connects, 1);
	f->memory = memfd_create("test", MFD_CLOEXEC);
	assert_int_equal(ftruncate(f->memory, 1000 * 500 * 4), 0);
	const struct window_memory memory = {
		.fd = f->memory,
		.pool_bytes = 1000 * 500 * 4,
		.width = 1000,
		.height = 500,
		.stride_bytes = 4000,
	};
	f->buffer = window_buffer_create(f->window, &memory);
	return f;
}

static void end(struct fixture *f) {
	window_client_disconnect(f->client);
	window_buffer_destroy(f->buffer);
	window_client_destroy(f->client);
	for (unsigned i = 0; i < DEVICES; i++) {
		if (f->drivers[i] != NULL) {
			fake_device_destroy(f->drivers[i]);
		}
		virtio_input_destroy(f->inputs[i]);
		fake_socket_remove(&f->sockets[i]);
	}
	fake_guest_destroy(f->guest);
	fake_compositor_destroy(f->compositor);
	close(f->memory);
	free(f);
}

static void show(struct fixture *f, int32_t width, int32_t height) {
	pixman_region32_t damage;
	pixman_region32_init_rect(&damage, 0, 0, (unsigned)width, (unsigned)height);
	const struct window_frame frame = {
		.buffer = f->buffer,
		.source = {0, 0, width, height},
		.damage = &damage,
	};
	assert_true(window_ready(f->window));
	assert_true(window_show(f->window, &frame) > 0);
	pixman_region32_fini(&damage);
	fake_compositor_settle(f->compositor);
}

static void expect(
	struct fixture *f, enum device device, uint16_t type, uint16_t code, int32_t value) {
	struct virtio_input_event event;
	assert_true(fake_input_next(f->drivers[device], &event));
	assert_int_equal(event.type, type);
	assert_int_equal(event.code, code);
	assert_int_equal((int32_t)event.value, value);
}

static void expect_syn(struct fixture *f, enum device device) {
	expect(f, device, EV_SYN, SYN_REPORT, 0);
}

static void expect_nothing(struct fixture *f, enum device device) {
	fake_compositor_settle(f->compositor);
	assert_false(fake_input_pending(f->drivers[device]));
}

// --- the toplevel ------------------------------------------------------------------------

static void test_maps_black_at_once(void **state) {
	struct fixture *f = begin(false, 0);
	struct fake_compositor *c = f->compositor;
	assert_string_equal(c->title, "Test");
	assert_int_equal(c->toplevel_surface->commits, 1);
	assert_null(c->toplevel_surface->buffer);
	assert_false(window_ready(f->window));
	fake_compositor_configure(c, 0, 0);
	assert_int_equal(c->acked, 1);
	assert_non_null(c->toplevel_surface->buffer);
	assert_int_equal(c->toplevel_surface->extent[0], 1000); // as the window likes
	assert_int_equal(c->toplevel_surface->extent[1], 500);
	assert_int_equal(f->readies, 1);
	fake_compositor_configure(c, 640, 400);
	assert_int_equal(c->toplevel_surface->extent[0], 640);
	assert_int_equal(f->window->mode.width, 640);
	assert_int_equal(f->window->mode.height, 400);
	assert_int_equal(f->window->mode.refresh_mhz, 75000);
	assert_int_equal(f->window->mode.width_mm, 160);
	assert_int_equal(f->window->mode.height_mm, 100);
	end(f);
}

/** On a desk of ours the first frame maps the window; the size is known before. */
static void test_desk(void **state) {
	struct fixture *f = begin(true, 0);
	struct fake_compositor *c = f->compositor;
	assert_true(window_client_is_on_desk(f->client));
	wp_fractional_scale_v1_send_preferred_scale(c->fractional_scale, 150);
	fake_compositor_configure(c, 640, 400);
	assert_int_equal(f->window->mode.width, 800);
	assert_int_equal(f->window->mode.height, 500);
	assert_null(c->toplevel_surface->buffer);
	window_client_set_stage(f->client, WINDOW_STAGE_BOOTING);
	window_client_set_broken(f->client, "for the test");
	fake_compositor_settle(c);
	assert_int_equal(c->stage, REDECHO_MACHINE_V1_STAGE_BOOTING);
	assert_string_equal(c->broken, "for the test");
	show(f, 800, 500);
	assert_non_null(c->toplevel_surface->buffer);
	assert_non_null(c->frame_surface->buffer);
	assert_int_equal(c->frame_surface->extent[0], 640);
	assert_true(c->frame_surface->source[2] == 800);
	end(f);
}

static void test_frames(void **state) {
	struct fixture *f = begin(false, 0);
	struct fake_compositor *c = f->compositor;
	fake_compositor_configure(c, 1000, 500);
	show(f, 1000, 500);
	assert_true(f->buffer->busy);
	assert_false(window_ready(f->window)); // until the frame callback
	assert_true(fake_compositor_frame_done(c));
	assert_true(window_ready(f->window));
	// Cropped, never stretched.
	fake_compositor_configure(c, 640, 400);
	assert_int_equal(c->frame_surface->extent[0], 640);
	assert_true(c->frame_surface->source[2] == 640);
	assert_true(c->frame_surface->source[3] == 400);
	// Centred.
	fake_compositor_configure(c, 1200, 900);
	assert_int_equal(c->frame_surface->extent[0], 1000);
	assert_int_equal(c->frame_surface->position[0], 100);
	assert_int_equal(c->frame_surface->position[1], 200);
	window_blank(f->window);
	fake_compositor_settle(c);
	assert_null(c->frame_surface->buffer);
	assert_non_null(c->toplevel_surface->buffer);
	end(f);
}

static void test_close_and_disconnect(void **state) {
	struct fixture *f = begin(false, 0);
	struct fake_compositor *c = f->compositor;
	fake_compositor_configure(c, 1000, 500);
	show(f, 1000, 500);
	xdg_toplevel_send_close(c->xdg_toplevel);
	fake_compositor_settle(c);
	assert_int_equal(f->closes, 1);
	const unsigned modes = f->modes;
	for (unsigned i = 0; i < 5; i++) {
		fake_compositor_drop(c);
		assert_int_equal(f->disconnects, i + 1);
		assert_false(f->buffer->busy);
		assert_false(window_ready(f->window));
		assert_true(window_client_connect(f->client, fake_compositor_connect(c)));
		fake_compositor_settle(c);
		assert_int_equal(f->connects, i + 2);
		fake_compositor_configure(c, 1000, 500);
		show(f, 1000, 500);
		assert_non_null(c->frame_surface->buffer);
	}
	assert_int_equal(f->modes, modes); // the guest need not know
	end(f);
}

// --- keyboard ----------------------------------------------------------------------------

static void send_key(struct fixture *f, uint32_t key, bool pressed) {
	wl_keyboard_send_key(f->compositor->keyboard, 1, 0, key,
		pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED);
}

static void test_keyboard(void **state) {
	struct fixture *f = begin(false, 1u << KEYBOARD);
	struct fake_compositor *c = f->compositor;
	fake_compositor_configure(c, 1000, 500);
	struct wl_array keys;
	wl_array_init(&keys);
	*(uint32_t *)wl_array_add(&keys, sizeof(uint32_t)) = KEY_LEFTALT;
	wl_keyboard_send_enter(c->keyboard, 1, c->toplevel_surface->resource, &keys);
	wl_array_release(&keys);
	expect_nothing(f, KEYBOARD); // a key that is down was not meant for the guest
	send_key(f, KEY_LEFTALT, false);
	expect_nothing(f, KEYBOARD);
	send_key(f, KEY_A, true);
	expect(f, KEYBOARD, EV_KEY, KEY_A, 1);
	expect_syn(f, KEYBOARD);
	send_key(f, KEY_LEFTSHIFT, true);
	expect(f, KEYBOARD, EV_KEY, KEY_LEFTSHIFT, 1);
	expect_syn(f, KEYBOARD);
	wl_keyboard_send_leave(c->keyboard, 2, c->toplevel_surface->resource);
	// Both are released, in whatever order and groups.
	bool released_a = false, released_shift = false;
	while (!released_a || !released_shift) {
		struct virtio_input_event event;
		assert_true(fake_input_next(f->drivers[KEYBOARD], &event));
		assert_int_equal(event.value, 0);
		released_a = released_a || event.code == KEY_A;
		released_shift = released_shift || event.code == KEY_LEFTSHIFT;
	}
	end(f);
}

/** The compositor dies while a key is down. */
static void test_keyboard_lost(void **state) {
	struct fixture *f = begin(false, 1u << KEYBOARD);
	fake_compositor_configure(f->compositor, 1000, 500);
	send_key(f, KEY_A, true);
	expect(f, KEYBOARD, EV_KEY, KEY_A, 1);
	expect_syn(f, KEYBOARD);
	fake_compositor_drop(f->compositor);
	expect(f, KEYBOARD, EV_KEY, KEY_A, 0);
	expect_syn(f, KEYBOARD);
	end(f);
}

// --- pointer -----------------------------------------------------------------------------

static void enter_pointer(struct fixture *f, double x, double y) {
	struct fake_compositor *c = f->compositor;
	wl_pointer_send_enter(c->pointer, 7, c->toplevel_surface->resource, wl_fixed_from_double(x),
		wl_fixed_from_double(y));
	wl_pointer_send_frame(c->pointer);
}

static void test_tablet(void **state) {
	struct fixture *f = begin(false, 1u << TABLET);
	struct fake_compositor *c = f->compositor;
	fake_compositor_configure(c, 1200, 500);
	show(f, 1000, 500); // centred: from 100 to 1100
	enter_pointer(f, 600, 0);
	expect(f, TABLET, EV_ABS, ABS_X, 16384);
	expect(f, TABLET, EV_ABS, ABS_Y, 0);
	expect_syn(f, TABLET);
	// Every pixel comes back as itself.
	for (int32_t x = 0; x < 1000; x += 37) {
		wl_pointer_send_motion(
			c->pointer, 0, wl_fixed_from_int(x + 100), wl_fixed_from_int(x / 2));
		wl_pointer_send_frame(c->pointer);
		struct virtio_input_event event;
		int32_t axes[2] = {-1, -1};
		do {
			assert_true(fake_input_next(f->drivers[TABLET], &event));
			if (event.type == EV_ABS) {
				axes[event.code] = (int32_t)event.value;
			}
		} while (event.type != EV_SYN);
		assert_int_equal(axes[0] * 1000 / 32768, x);
	}
	// Outside of the frame: its edge.
	wl_pointer_send_motion(c->pointer, 0, wl_fixed_from_int(5), wl_fixed_from_int(499));
	wl_pointer_send_frame(c->pointer);
	expect(f, TABLET, EV_ABS, ABS_X, 0);
	end(f);
}

static void test_buttons_and_wheel(void **state) {
	struct fixture *f = begin(false, 1u << TABLET);
	struct fake_compositor *c = f->compositor;
	fake_compositor_configure(c, 1000, 500);
	wl_pointer_send_button(c->pointer, 1, 0, BTN_LEFT, WL_POINTER_BUTTON_STATE_PRESSED);
	wl_pointer_send_frame(c->pointer);
	expect(f, TABLET, EV_KEY, BTN_LEFT, 1);
	expect_syn(f, TABLET);
	// A quarter of a detent down: the guest's wheel counts up as negative.
	wl_pointer_send_axis_source(c->pointer, WL_POINTER_AXIS_SOURCE_WHEEL);
	wl_pointer_send_axis_value120(c->pointer, WL_POINTER_AXIS_VERTICAL_SCROLL, 30);
	wl_pointer_send_axis(
		c->pointer, 0, WL_POINTER_AXIS_VERTICAL_SCROLL, wl_fixed_from_double(3.75));
	wl_pointer_send_frame(c->pointer);
	expect(f, TABLET, EV_REL, REL_WHEEL_HI_RES, -30);
	expect_syn(f, TABLET);
	// A touchpad has no detents.
	wl_pointer_send_axis(
		c->pointer, 0, WL_POINTER_AXIS_HORIZONTAL_SCROLL, wl_fixed_from_int(15));
	wl_pointer_send_frame(c->pointer);
	struct virtio_input_event event;
	bool high_resolution = false;
	do {
		assert_true(fake_input_next(f->drivers[TABLET], &event));
		if (event.code == REL_HWHEEL_HI_RES && event.type == EV_REL) {
			assert_int_equal(event.value, 120);
			high_resolution = true;
		}
	} while (event.type != EV_SYN);
	assert_true(high_resolution);
	wl_pointer_send_leave(c->pointer, 2, c->toplevel_surface->resource);
	expect(f, TABLET, EV_KEY, BTN_LEFT, 0);
	expect_syn(f, TABLET);
	end(f);
}

static void send_relative(struct fixture *f, int dx, int dy) {
	struct fake_compositor *c = f->compositor;
	zwp_relative_pointer_v1_send_relative_motion(c->relative_pointer, 0, 0,
		wl_fixed_from_int(2 * dx), wl_fixed_from_int(2 * dy), wl_fixed_from_int(dx),
		wl_fixed_from_int(dy));
	wl_pointer_send_frame(c->pointer);
}

/** With a mouse alone the pointer is locked by a click, and the mouse gets plain motion. */
static void test_mouse(void **state) {
	struct fixture *f = begin(true, 1u << MOUSE);
	struct fake_compositor *c = f->compositor;
	fake_compositor_configure(c, 1000, 500);
	show(f, 1000, 500);
	enter_pointer(f, 10, 10);
	fake_compositor_settle(c);
	assert_null(c->locked_pointer);
	wl_pointer_send_button(c->pointer, 1, 0, BTN_LEFT, WL_POINTER_BUTTON_STATE_PRESSED);
	wl_pointer_send_frame(c->pointer);
	expect(f, MOUSE, EV_KEY, BTN_LEFT, 1);
	expect_syn(f, MOUSE);
	fake_compositor_settle(c);
	assert_non_null(c->locked_pointer);
	send_relative(f, 3, -4);
	expect(f, MOUSE, EV_REL, REL_X, 3);
	expect(f, MOUSE, EV_REL, REL_Y, -4);
	expect_syn(f, MOUSE);
	// The way out always works.
	redecho_machine_v1_send_set_pointer_mode(
		c->machine, REDECHO_MACHINE_V1_POINTER_MODE_ABSOLUTE);
	fake_compositor_settle(c);
	assert_null(c->locked_pointer);
	end(f);
}

/** The user's key toggles where the guest has both. */
static void test_pointer_mode(void **state) {
	struct fixture *f = begin(true, 1u << TABLET | 1u << MOUSE);
	struct fake_compositor *c = f->compositor;
	fake_compositor_configure(c, 1000, 500);
	show(f, 1000, 500);
	enter_pointer(f, 500, 250);
	expect(f, TABLET, EV_ABS, ABS_X, 16384);
	expect(f, TABLET, EV_ABS, ABS_Y, 16384);
	expect_syn(f, TABLET);
	redecho_machine_v1_send_set_pointer_mode(
		c->machine, REDECHO_MACHINE_V1_POINTER_MODE_RELATIVE);
	fake_compositor_settle(c);
	assert_non_null(c->locked_pointer);
	send_relative(f, 1, 0);
	expect(f, MOUSE, EV_REL, REL_X, 1);
	expect_syn(f, MOUSE);
	expect_nothing(f, TABLET);
	redecho_machine_v1_send_set_pointer_mode(
		c->machine, REDECHO_MACHINE_V1_POINTER_MODE_ABSOLUTE);
	fake_compositor_settle(c);
	assert_null(c->locked_pointer);
	wl_pointer_send_motion(c->pointer, 0, 0, 0);
	wl_pointer_send_frame(c->pointer);
	expect(f, TABLET, EV_ABS, ABS_X, 0);
	expect_nothing(f, MOUSE);
	end(f);
}

static void test_cursor(void **state) {
	struct fixture *f = begin(false, 1u << TABLET);
	struct fake_compositor *c = f->compositor;
	fake_compositor_configure(c, 1000, 500);
	static uint32_t pixels[WINDOW_CURSOR_SIZE * WINDOW_CURSOR_SIZE];
	window_set_cursor(f->window, pixels, 3, 4);
	fake_compositor_settle(c);
	assert_int_equal(c->cursor_sets, 0); // the pointer is elsewhere
	enter_pointer(f, 1, 1);
	fake_compositor_settle(c);
	assert_int_equal(c->cursor_sets, 1);
	assert_non_null(c->cursor_surface);
	assert_non_null(c->cursor_surface->buffer);
	// A flood of them: few are sent, and the last one stays.
	for (uint32_t i = 0; i < 2000; i++) {
		pixels[0] = i;
		window_set_cursor(f->window, pixels, 3, 4);
		fake_compositor_settle(c);
	}
	pump_for(f, 30);
	assert_true(c->cursor_sets < 1000);
	struct wl_shm_buffer *shown = wl_shm_buffer_get(c->cursor_surface->buffer);
	assert_non_null(shown);
	assert_int_equal(*(uint32_t *)wl_shm_buffer_get_data(shown), 1999);
	window_set_cursor(f->window, NULL, 0, 0);
	pump_for(f, 30);
	assert_true(c->cursor_hidden);
	end(f);
}

/** A locked pointer: the guest's cursor is where the guest has it, and inside of the window. */
static void test_overlay(void **state) {
	struct fixture *f = begin(true, 1u << MOUSE);
	struct fake_compositor *c = f->compositor;
	fake_compositor_configure(c, 1000, 500);
	show(f, 1000, 500);
	static uint32_t pixels[WINDOW_CURSOR_SIZE * WINDOW_CURSOR_SIZE];
	window_set_cursor(f->window, pixels, 3, 4);
	enter_pointer(f, 10, 10);
	pump_for(f, 30);
	assert_null(c->overlay_surface);
	redecho_machine_v1_send_set_pointer_mode(
		c->machine, REDECHO_MACHINE_V1_POINTER_MODE_RELATIVE);
	window_move_cursor(f->window, 100, 50);
	pump_for(f, 30);
	assert_true(c->cursor_hidden);
	assert_non_null(c->overlay_surface);
	assert_non_null(c->overlay_surface->buffer);
	assert_int_equal(c->overlay_surface->position[0], 100);
	assert_int_equal(c->overlay_surface->position[1], 50);
	assert_int_equal(c->overlay_surface->extent[0], 64);
	window_move_cursor(f->window, (uint32_t)-3, 486); // cut at two edges
	pump_for(f, 30);
	assert_int_equal(c->overlay_surface->position[0], 0);
	assert_int_equal(c->overlay_surface->position[1], 486);
	assert_int_equal(c->overlay_surface->extent[0], 61);
	assert_int_equal(c->overlay_surface->extent[1], 14);
	assert_true(c->overlay_surface->source[0] == 3);
	assert_true(c->overlay_surface->source[3] == 14);
	window_move_cursor(f->window, INT32_MAX, (uint32_t)INT32_MIN);
	pump_for(f, 30);
	assert_null(c->overlay_surface->buffer);
	window_move_cursor(f->window, 10, 10);
	pump_for(f, 30);
	assert_non_null(c->overlay_surface->buffer);
	redecho_machine_v1_send_set_pointer_mode(
		c->machine, REDECHO_MACHINE_V1_POINTER_MODE_ABSOLUTE);
	pump_for(f, 30);
	assert_null(c->overlay_surface->buffer);
	assert_false(c->cursor_hidden);
	end(f);
}

/** A pointer that is unplugged while it is locked comes back as the host's. */
static void test_pointer_lost_while_locked(void **state) {
	struct fixture *f = begin(true, 1u << TABLET | 1u << MOUSE);
	struct fake_compositor *c = f->compositor;
	fake_compositor_configure(c, 1000, 500);
	show(f, 1000, 500);
	static uint32_t pixels[WINDOW_CURSOR_SIZE * WINDOW_CURSOR_SIZE];
	window_set_cursor(f->window, pixels, 3, 4);
	enter_pointer(f, 10, 10);
	redecho_machine_v1_send_set_pointer_mode(
		c->machine, REDECHO_MACHINE_V1_POINTER_MODE_RELATIVE);
	pump_for(f, 30);
	assert_true(c->cursor_hidden);
	wl_seat_send_capabilities(c->seat, 0);
	wl_seat_send_capabilities(c->seat, WL_SEAT_CAPABILITY_POINTER);
	fake_compositor_settle(c);
	redecho_machine_v1_send_set_pointer_mode(
		c->machine, REDECHO_MACHINE_V1_POINTER_MODE_ABSOLUTE);
	enter_pointer(f, 20, 20);
	pump_for(f, 30);
	assert_false(c->cursor_hidden);
	end(f);
}

/** Numbers that no compositor of sound mind sends. */
static void test_absurd_numbers(void **state) {
	struct fixture *f = begin(true, 1u << TABLET);
	struct fake_compositor *c = f->compositor;
	wl_output_send_mode(c->output, WL_OUTPUT_MODE_CURRENT, 1, 1, 1);
	wl_output_send_done(c->output);
	fake_compositor_configure(c, INT32_MAX, INT32_MAX);
	assert_int_equal(f->window->mode.refresh_mhz, 1000);
	wp_fractional_scale_v1_send_preferred_scale(c->fractional_scale, UINT32_MAX);
	fake_compositor_settle(c);
	assert_int_equal(f->window->mode.width, 16384);
	show(f, 1000, 500);
	enter_pointer(f, wl_fixed_to_double(INT32_MAX), wl_fixed_to_double(INT32_MIN));
	for (unsigned i = 0; i < 3; i++) {
		wl_pointer_send_axis_value120(c->pointer, 0, INT32_MAX);
		wl_pointer_send_axis(c->pointer, 0, i, INT32_MIN);
	}
	wl_pointer_send_frame(c->pointer);
	fake_compositor_settle(c);
	assert_non_null(f->client->connection);
	end(f);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps_black_at_once),
		cmocka_unit_test(test_desk),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_close_and_disconnect),
		cmocka_unit_test(test_keyboard),
		cmocka_unit_test(test_keyboard_lost),
		cmocka_unit_test(test_tablet),
		cmocka_unit_test(test_buttons_and_wheel),
		cmocka_unit_test(test_mouse),
		cmocka_unit_test(test_pointer_mode),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_pointer_lost_while_locked),
		cmocka_unit_test(test_absurd_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// Two displays of a real bridge, as two windows of a real compositor: side by side in its output.
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wayland-client.h>

#include "capture.h"
#include "fake_cmocka.h"
#include "nest.h"

#define BGRX VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM
#define HALF (NEST_WIDTH / 2)
#define PATIENCE_MS 10000
#define AXIS_END 32768

#define assert_ok(call) assert_int_equal(call, VIRTIO_GPU_RESP_OK_NODATA)

/**
 * As much of wlr-virtual-pointer-unstable-v1 as a hand needs that moves a mouse. Messages are in
 * the order of the protocol, what is not used has no arguments.
 */
static const struct wl_interface *pointer_types[] = {NULL, NULL, NULL, NULL, NULL};
static const struct wl_message pointer_requests[] = {
	{"motion", "", pointer_types},
	{"motion_absolute", "uuuuu", pointer_types},
	{"button", "", pointer_types},
	{"axis", "", pointer_types},
	{"frame", "", pointer_types},
};
static const struct wl_interface pointer_interface = {
	"zwlr_virtual_pointer_v1", 1, 5, pointer_requests, 0, NULL};
static const struct wl_interface *manager_types[] = {&wl_seat_interface, &pointer_interface};
static const struct wl_message manager_requests[] = {
	{"create_virtual_pointer", "?on", manager_types}};
static const struct wl_interface manager_interface = {
	"zwlr_virtual_pointer_manager_v1", 1, 1, manager_requests, 0, NULL};

struct mouse {
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_proxy *manager, *pointer;
};

struct scene {
	struct mouse mouse;
	struct nest nest;
	struct capture *capture;
	struct fake_guest *guest;
	struct fake_device *gpu, *tablet;
	bool done;
};

static const struct virtio_gpu_rect nothing = {0};
static const struct virtio_gpu_rect half = {.width = HALF, .height = NEST_HEIGHT};
static const struct virtio_gpu_rect other_half = {HALF, 0, HALF, NEST_HEIGHT};

static void wait_a_tick(void) {
	nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

/** Wait for a pixel in the middle of the left and of the right half of the output. */
static void wait_shown(struct scene *s, uint32_t left, uint32_t right) {
	uint32_t seen[2] = {0};
	for (int waited = 0; waited < PATIENCE_MS; waited += 10) {
		seen[0] = capture_pixel(s->capture, HALF / 2, NEST_HEIGHT / 2);
		seen[1] = capture_pixel(s->capture, HALF + HALF / 2, NEST_HEIGHT / 2);
		if (seen[0] == left && seen[1] == right) {
			return;
		}
		wait_a_tick();
	}
	fail_msg("%06x and %06x, not %06x and %06x", seen[0], seen[1], left, right);
}

/** Wait until the guest is told of displays of these widths; 0: none is plugged in. */
static void wait_displays(struct scene *s, uint32_t first, uint32_t second) {
	struct virtio_gpu_resp_display_info info;
	for (int waited = 0; waited < PATIENCE_MS; waited += 10) {
		fake_gpu_display_info(s->gpu, &info);
		const uint32_t width = info.pmodes[1].enabled ? info.pmodes[1].r.width : 0;
		if (info.pmodes[0].enabled && info.pmodes[0].r.width == first && width == second) {
			assert_int_equal(info.pmodes[0].r.x, 0);
			assert_int_equal(info.pmodes[1].r.x, second != 0 ? first : 0);
			return;
		}
		wait_a_tick();
	}
	fail_msg("%u and %u, not %u and %u", info.pmodes[0].r.width, info.pmodes[1].r.width, first,
		second);
}

/** A resource of one colour, of two from its middle on. */
static void make(struct scene *s, uint32_t resource, uint32_t width, uint32_t colour,
	uint32_t second_colour) {
	const uint64_t address = fake_gpu_make_framebuffer(
		s->gpu, resource, BGRX, width, NEST_HEIGHT);
	assert_int_not_equal(address, 0);
	uint32_t *out = fake_guest_at(s->guest, address);
	for (uint32_t i = 0; i < width * NEST_HEIGHT; i++) {
		out[i] = i % width < width / 2 ? colour : second_colour;
	}
	const struct virtio_gpu_rect rect = {.width = width, .height = NEST_HEIGHT};
	assert_ok(fake_gpu_transfer(s->gpu, resource, rect, 0));
}

static void show(struct scene *s, uint32_t scanout, uint32_t resource, struct virtio_gpu_rect r) {
	assert_ok(fake_gpu_set_scanout(s->gpu, scanout, resource, r));
	assert_ok(fake_gpu_flush(s->gpu, resource, r, 0));
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct mouse *mouse = data;
	if (strcmp(interface, manager_interface.name) == 0) {
		mouse->manager = wl_registry_bind(registry, name, &manager_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void plug_in_mouse(struct scene *s) {
	struct mouse *mouse = &s->mouse;
	mouse->display = wl_display_connect_to_fd(nest_connect_to_compositor(&s->nest));
	assert_non_null(mouse->display);
	mouse->registry = wl_display_get_registry(mouse->display);
	wl_registry_add_listener(mouse->registry, &registry_listener, mouse);
	assert_true(wl_display_roundtrip(mouse->display) >= 0);
	assert_non_null(mouse->manager);
	mouse->pointer = wl_proxy_marshal_flags(
		mouse->manager, 0, &pointer_interface, 1, 0, NULL, NULL);
	assert_true(wl_display_roundtrip(mouse->display) >= 0);
}

static void move_mouse(struct mouse *mouse, int x, int y) {
	wl_proxy_marshal_flags(mouse->pointer, 1, NULL, 1, 0, 0u, (uint32_t)x, (uint32_t)y,
		(uint32_t)NEST_WIDTH, (uint32_t)NEST_HEIGHT);
	wl_proxy_marshal_flags(mouse->pointer, 4, NULL, 1, 0);
	assert_true(wl_display_roundtrip(mouse->display) >= 0);
}

/** Put the host's pointer somewhere, and see where on its tablet the guest has it. */
static void assert_tablet(struct scene *s, int host_x, int host_y, double x, double y) {
	move_mouse(&s->mouse, host_x, host_y);
	uint32_t axes[2] = {UINT32_MAX, UINT32_MAX};
	struct virtio_input_event event = {0};
	// An axis that does not change is not sent: each place differs in both from the last.
	while (axes[0] == UINT32_MAX || axes[1] == UINT32_MAX || event.type != EV_SYN) {
		assert_true(fake_input_next(s->tablet, &event));
		if (event.type == EV_ABS && event.code <= ABS_Y) {
			axes[event.code] = event.value;
		}
	}
	assert_uint_in_range(axes[0], (uint32_t)(x * AXIS_END) - 1, (uint32_t)(x * AXIS_END) + 1);
	assert_uint_in_range(axes[1], (uint32_t)(y * AXIS_END) - 1, (uint32_t)(y * AXIS_END) + 1);
}

static int set_up(void **state) {
	*state = calloc(1, sizeof(struct scene));
	return *state == NULL;
}

static int tear_down(void **state) {
	struct scene *s = *state;
	if (s->capture != NULL) {
		capture_stop(s->capture);
	}
	if (s->mouse.display != NULL) {
		wl_proxy_destroy(s->mouse.pointer);
		wl_proxy_destroy(s->mouse.manager);
		wl_registry_destroy(s->mouse.registry);
		wl_display_disconnect(s->mouse.display);
	}
	if (s->tablet != NULL) {
		fake_device_destroy(s->tablet);
	}
	if (s->gpu != NULL) {
		fake_device_destroy(s->gpu);
	}
	if (s->guest != NULL) {
		fake_guest_destroy(s->guest);
	}
	if (s->nest.folder[0] != '\0') {
		nest_end(&s->nest, !s->done);
	}
	free(s);
	return 0;
}

static void begin(struct scene *s) {
	char path[200];
	nest_begin(&s->nest, NEST_SWAY);
	snprintf(path, sizeof(path), "%s/%s", s->nest.folder, s->nest.display);
	plug_in_mouse(s);
	nest_start_bridge_displays(&s->nest, 2);
	s->guest = fake_guest_create(128 << 20);
	s->gpu = nest_connect_gpu(&s->nest, s->guest);
	s->tablet = fake_device_connect(s->guest, s->nest.tablet_path);
	assert_non_null(s->tablet);
	assert_true(fake_input_start(s->tablet, 0, 4));
	s->capture = capture_start(path);
	assert_non_null(s->capture);
}

/** Each window is its display's: shown, of its tile's size, closed and back. */
static void test_two_windows(void **state) {
	struct scene *s = *state;
	begin(s);
	// The guest sees both monitors before the second has a window.
	wait_displays(s, NEST_WIDTH, 1024);
	make(s, 1, HALF, 0xaa0000, 0xaa0000);
	make(s, 2, HALF, 0x0000bb, 0x0000bb);
	show(s, 0, 1, half);
	show(s, 1, 2, half);
	wait_displays(s, HALF, HALF);
	wait_shown(s, 0xaa0000, 0x0000bb);
	// The tablet spans both.
	assert_tablet(s, HALF / 4, 120, 1 / 8.0, 0.25);
	assert_tablet(s, HALF + HALF / 2, 240, 0.75, 0.5);

	// Off for good: the other one has the room. Then it comes back.
	assert_ok(fake_gpu_set_scanout(s->gpu, 1, 0, nothing));
	wait_displays(s, NEST_WIDTH, HALF);
	assert_tablet(s, NEST_WIDTH / 2, 120, 0.5, 0.25);
	show(s, 1, 2, half);
	wait_displays(s, HALF, HALF);
	wait_shown(s, 0xaa0000, 0x0000bb);

	// The user closes the second one, and a guest that starts anew has it again.
	assert_int_equal(nest_run(&s->nest, "swaymsg '[title=\"Test - display 2\"] kill'"), 0);
	wait_displays(s, NEST_WIDTH, 0);
	assert_ok(fake_gpu_flush(s->gpu, 2, half, 0));
	fake_device_destroy(s->gpu);
	s->gpu = nest_connect_gpu(&s->nest, s->guest);
	wait_displays(s, NEST_WIDTH, HALF);
	make(s, 2, HALF, 0x00cc00, 0x00cc00);
	show(s, 1, 2, half);
	wait_displays(s, HALF, HALF);
	wait_shown(s, 0, 0x00cc00); // the first is black, and there
	s->done = true;
}

/** Two displays on one resource. */
static void test_one_resource(void **state) {
	struct scene *s = *state;
	begin(s);
	make(s, 1, HALF, 0xaa0000, 0xaa0000);
	show(s, 0, 1, half);
	show(s, 1, 1, half);
	wait_displays(s, HALF, HALF);
	wait_shown(s, 0xaa0000, 0xaa0000);
	// A place in the mirror is the same place.
	assert_tablet(s, HALF / 4, 120, 0.25, 0.25);
	assert_tablet(s, HALF + HALF / 2, 240, 0.5, 0.5);

	// One big framebuffer, a half for each; the left one is shown on the right.
	make(s, 2, NEST_WIDTH, 0x00cc00, 0x0000bb);
	show(s, 0, 2, other_half);
	show(s, 1, 2, half);
	wait_shown(s, 0x0000bb, 0x00cc00);
	assert_tablet(s, HALF / 2, 120, 0.75, 0.25);
	assert_tablet(s, HALF + HALF / 2, 240, 0.25, 0.5);
	// It goes while both show it, and stays on the screen as a mode set's last frame does.
	assert_ok(fake_gpu_unref(s->gpu, 2));
	show(s, 0, 1, half);
	show(s, 1, 1, half);
	wait_shown(s, 0xaa0000, 0xaa0000);
	s->done = true;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_two_windows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_resource, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

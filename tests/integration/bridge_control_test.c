// The control socket: a bridge that is steered, whose compositor dies, and whose redecho-vmd does.
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wayland-client.h>

#include "capture.h"
#include "fake_cmocka.h"
#include "nest.h"
#include "redecho-bridge-v1-client-protocol.h"

#define BGRX VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM
#define COLOUR_A 0xcc2211
#define COLOUR_B 0x1133bb
#define PIXELS ((size_t)NEST_WIDTH * NEST_HEIGHT)
#define PATIENCE_MS 5000
#define KINDS 5

#define assert_ok(call) assert_int_equal(call, VIRTIO_GPU_RESP_OK_NODATA)

/** What redecho-vmd is on the control socket. */
struct steering {
	struct wl_display *display;
	struct redecho_bridge_v1 *bridge;
	unsigned connected, stage;
	unsigned fds[KINDS]; // how many of each kind came
	bool bad_fd;
	unsigned broken; // how often that was said
};

struct scene {
	struct nest nest;
	struct steering steering;
	struct capture *capture;
	struct fake_guest *guest;
	struct fake_device *gpu;
	uint64_t backing;
	bool done;
};

static const struct virtio_gpu_rect whole = {0, 0, NEST_WIDTH, NEST_HEIGHT};

static void handle_display(void *data, struct redecho_bridge_v1 *bridge, uint32_t connected) {
	struct steering *steering = data;
	steering->connected = connected;
}

static void handle_stage(void *data, struct redecho_bridge_v1 *bridge, uint32_t stage) {
	struct steering *steering = data;
	steering->stage = stage;
}

static void handle_broken(void *data, struct redecho_bridge_v1 *bridge, const char *reason) {
	struct steering *steering = data;
	steering->broken++;
}

static void handle_fd(
	void *data, struct redecho_bridge_v1 *bridge, uint32_t kind, uint32_t index, int32_t fd) {
	struct steering *steering = data;
	struct stat status;
	steering->bad_fd = steering->bad_fd || kind >= KINDS || fstat(fd, &status) != 0;
	if (kind < KINDS) {
		steering->fds[kind]++;
	}
	close(fd);
}

static const struct redecho_bridge_v1_listener bridge_listener = {
	.display = handle_display,
	.stage = handle_stage,
	.broken = handle_broken,
	.fd = handle_fd,
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct steering *steering = data;
	if (strcmp(interface, redecho_bridge_v1_interface.name) == 0) {
		steering->bridge = wl_registry_bind(
			registry, name, &redecho_bridge_v1_interface, 1);
		redecho_bridge_v1_add_listener(steering->bridge, &bridge_listener, steering);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void steer(struct scene *s) {
	s->steering = (struct steering){.stage = UINT32_MAX};
	s->steering.display = wl_display_connect(s->nest.control_path);
	assert_non_null(s->steering.display);
	struct wl_registry *registry = wl_display_get_registry(s->steering.display);
	wl_registry_add_listener(registry, &registry_listener, &s->steering);
	wl_display_roundtrip(s->steering.display);
	assert_non_null(s->steering.bridge);
	wl_display_roundtrip(s->steering.display);
	wl_registry_destroy(registry);
}

static void stop_steering(struct scene *s) {
	redecho_bridge_v1_destroy(s->steering.bridge);
	wl_display_disconnect(s->steering.display);
	s->steering.display = NULL;
}

static void give_window(struct scene *s) {
	const int fd = nest_connect_to_compositor(&s->nest);
	redecho_bridge_v1_set_wayland(s->steering.bridge, fd);
	wl_display_roundtrip(s->steering.display);
	close(fd);
}

static void wait_for_display(struct scene *s, unsigned connected) {
	for (int waited = 0; s->steering.connected != connected; waited += 10) {
		assert_true(waited < PATIENCE_MS);
		wl_display_roundtrip(s->steering.display);
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
}

static void start_capture(struct scene *s) {
	char path[200];
	snprintf(path, sizeof(path), "%s/%s", s->nest.folder, s->nest.display);
	s->capture = capture_start(path);
	assert_non_null(s->capture);
}

static void show(struct scene *s, uint32_t colour) {
	uint32_t *pixels = fake_guest_at(s->guest, s->backing);
	for (size_t i = 0; i < PIXELS; i++) {
		pixels[i] = colour;
	}
	assert_ok(fake_gpu_transfer(s->gpu, 1, whole, 0));
	assert_ok(fake_gpu_set_scanout(s->gpu, 0, 1, whole));
	assert_ok(fake_gpu_flush(s->gpu, 1, whole, 0));
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
	if (s->steering.display != NULL) {
		stop_steering(s);
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

static struct scene *begin(void **state) {
	struct scene *s = *state;
	nest_begin(&s->nest, NEST_SWAY);
	nest_start_steered_bridge(&s->nest);
	s->guest = fake_guest_create(32 << 20);
	steer(s);
	return s;
}

static void connect_gpu(struct scene *s) {
	s->gpu = nest_connect_gpu(&s->nest, s->guest);
	s->backing = fake_gpu_make_framebuffer(s->gpu, 1, BGRX, NEST_WIDTH, NEST_HEIGHT);
	assert_int_not_equal(s->backing, 0);
}

/** The compositor is killed; the guest draws on, and the next compositor shows its last frame. */
static void test_compositor_dies(void **state) {
	struct scene *s = begin(state);
	assert_int_equal(s->steering.connected, 0);
	assert_int_equal(s->steering.stage, 0);
	give_window(s);
	wait_for_display(s, 1);
	start_capture(s);
	connect_gpu(s);
	show(s, COLOUR_A);
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	wl_display_roundtrip(s->steering.display);
	assert_int_equal(s->steering.stage, 2);
	for (unsigned i = 0; i < 3; i++) {
		const uint32_t colour = i % 2 == 0 ? COLOUR_A : COLOUR_B;
		capture_stop(s->capture);
		s->capture = NULL;
		nest_kill_compositor(&s->nest);
		wait_for_display(s, 0);
		if (i > 0) {
			show(s, colour); // while nobody looks
		}
		nest_start_compositor(&s->nest);
		start_capture(s);
		give_window(s);
		assert_true(capture_wait_colour(s->capture, colour, PATIENCE_MS));
		show(s, 0x123456);
		assert_true(capture_wait_colour(s->capture, 0x123456, PATIENCE_MS));
		show(s, colour);
		assert_true(capture_wait_colour(s->capture, colour, PATIENCE_MS));
	}
	s->done = true;
}

/** A connection takes the place of one that still works. */
static void test_replaced(void **state) {
	struct scene *s = begin(state);
	give_window(s);
	connect_gpu(s);
	show(s, COLOUR_A);
	start_capture(s);
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	for (unsigned i = 0; i < 20; i++) {
		give_window(s);
		show(s, i);
	}
	show(s, COLOUR_B);
	assert_true(capture_wait_colour(s->capture, COLOUR_B, PATIENCE_MS));
	s->done = true;
}

/** redecho-vmd is told every fd that stands, and those that come; also after it was restarted. */
static void test_fds(void **state) {
	struct scene *s = begin(state);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		assert_int_equal(s->steering.fds[kind], 0);
	}
	connect_gpu(s);
	assert_true(fake_device_send_gpu_socket(s->gpu));
	show(s, COLOUR_A);
	wl_display_roundtrip(s->steering.display);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		assert_true(s->steering.fds[kind] > 0);
	}
	assert_false(s->steering.bad_fd);
	stop_steering(s);
	show(s, COLOUR_B);
	steer(s);
	assert_int_equal(s->steering.fds[REDECHO_BRIDGE_V1_FD_KIND_CONNECTION], 1);
	assert_true(s->steering.fds[REDECHO_BRIDGE_V1_FD_KIND_GPU_SOCKET] > 0);
	assert_true(s->steering.fds[REDECHO_BRIDGE_V1_FD_KIND_MEMORY] > 0);
	assert_int_equal(s->steering.fds[REDECHO_BRIDGE_V1_FD_KIND_KICK], 2);
	assert_int_equal(s->steering.fds[REDECHO_BRIDGE_V1_FD_KIND_CALL], 2);
	assert_int_equal(s->steering.stage, 2);
	s->done = true;
}

/** A guest that breaks its queues over and over is reported a few times, not until disks fill. */
static void test_breaks_for_ever(void **state) {
	struct scene *s = begin(state);
	connect_gpu(s);
	for (unsigned i = 0; i < 60; i++) {
		struct fake_queue *queue = &s->gpu->queues[FAKE_GPU_CONTROL];
		__atomic_store_n(&queue->available->idx, 1000, __ATOMIC_RELEASE);
		fake_queue_kick_always(queue);
		wl_display_roundtrip(s->steering.display);
		assert_true(fake_device_stop_queue(s->gpu, FAKE_GPU_CONTROL) >= 0);
		assert_true(fake_device_start_queue(s->gpu, FAKE_GPU_CONTROL, 64));
	}
	wl_display_roundtrip(s->steering.display);
	assert_true(s->steering.broken > 0 && s->steering.broken <= 16);
	s->done = true;
}

/** What is no compositor. */
static void test_not_a_compositor(void **state) {
	struct scene *s = begin(state);
	connect_gpu(s);
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	redecho_bridge_v1_set_wayland(s->steering.bridge, null);
	redecho_bridge_v1_set_display_bus(s->steering.bridge, null);
	wl_display_roundtrip(s->steering.display);
	close(null);
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	redecho_bridge_v1_set_wayland(s->steering.bridge, pair[0]);
	redecho_bridge_v1_set_display_bus(s->steering.bridge, pair[0]);
	wl_display_roundtrip(s->steering.display);
	static const char garbage[4096] = "this is neither Wayland nor D-Bus";
	assert_int_equal(write(pair[1], garbage, sizeof(garbage)), sizeof(garbage));
	close(pair[0]);
	close(pair[1]);
	wait_for_display(s, 0);
	give_window(s);
	start_capture(s);
	show(s, COLOUR_A);
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	s->done = true;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_compositor_dies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_replaced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_breaks_for_ever, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_a_compositor, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

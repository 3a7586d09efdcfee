// The real bridge under a real compositor, driven by the fake guest; every frame is looked at.
#include <linux/input-event-codes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "fake_cmocka.h"
#include "nest.h"

#define BGRX VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM
#define COLOUR_A 0xcc2211
#define COLOUR_B 0x1133bb
#define PIXELS ((size_t)NEST_WIDTH * NEST_HEIGHT)
#define PATIENCE_MS 5000

#define assert_ok(call) assert_int_equal(call, VIRTIO_GPU_RESP_OK_NODATA)

struct scene {
	struct nest nest;
	struct capture *capture;
	struct fake_guest *guest;
	struct fake_device *gpu;
	uint64_t backing[2]; // of resources 1 and 2
	bool done;
};

static const struct virtio_gpu_rect whole = {0, 0, NEST_WIDTH, NEST_HEIGHT};

static void fill(struct scene *s, unsigned resource, uint32_t colour) {
	uint32_t *out = fake_guest_at(s->guest, s->backing[resource - 1]);
	for (size_t i = 0; i < PIXELS; i++) {
		out[i] = colour;
	}
}

/** A window that fills the output, as soon as the tile's size has reached the guest's display. */
static void wait_for_tile(struct scene *s) {
	struct virtio_gpu_resp_display_info info;
	for (int waited = 0; waited < PATIENCE_MS; waited += 10) {
		fake_gpu_display_info(s->gpu, &info);
		if (info.pmodes[0].r.width == NEST_WIDTH &&
			info.pmodes[0].r.height == NEST_HEIGHT) {
			return;
		}
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	fail_msg("the display is %ux%u", info.pmodes[0].r.width, info.pmodes[0].r.height);
}

static int set_up(void **state) {
	*state = calloc(1, sizeof(struct scene));
	return *state == NULL;
}

static struct scene *begin(void **state, enum nest_compositor kind, bool traced) {
	struct scene *s = *state;
	nest_begin(&s->nest, kind);
	nest_start_bridge(&s->nest, traced);
	s->guest = fake_guest_create(128 << 20);
	s->gpu = nest_connect_gpu(&s->nest, s->guest);
	wait_for_tile(s);
	for (unsigned i = 0; i < 2; i++) {
		s->backing[i] = fake_gpu_make_framebuffer(
			s->gpu, i + 1, BGRX, NEST_WIDTH, NEST_HEIGHT);
		assert_int_not_equal(s->backing[i], 0);
	}
	if (kind == NEST_SWAY) {
		char path[200];
		snprintf(path, sizeof(path), "%s/%s", s->nest.folder, s->nest.display);
		s->capture = capture_start(path);
		assert_non_null(s->capture);
	}
	return s;
}

static int tear_down(void **state) {
	struct scene *s = *state;
	if (s->capture != NULL) {
		capture_stop(s->capture);
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

/** What Linux does for a page flip. */
static void flip(struct scene *s, unsigned resource, uint32_t colour, uint64_t fence) {
	fill(s, resource, colour);
	assert_ok(fake_gpu_transfer(s->gpu, resource, whole, 0));
	assert_ok(fake_gpu_set_scanout(s->gpu, 0, resource, whole));
	assert_ok(fake_gpu_flush(s->gpu, resource, whole, fence));
}

/** Two solid colours in turn: a frame of both would have been torn. */
static void test_two_colours(void **state) {
	struct scene *s = begin(state, NEST_SWAY, false);
	flip(s, 1, COLOUR_A, 0);
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	const struct capture_count before = capture_get(s->capture);
	for (unsigned i = 0; i < 1000; i++) {
		flip(s, i % 2 + 1, i % 2 == 0 ? COLOUR_B : COLOUR_A, FAKE_GPU_FENCE(i));
	}
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	const struct capture_count after = capture_get(s->capture);
	print_message("captured %u frames, %u changes of colour\n", after.frames - before.frames,
		after.changes - before.changes);
	assert_int_equal(after.mixed - before.mixed, 0);
	assert_true(after.changes - before.changes > 100);
	s->done = true;
}

/** The same into one resource, which the compositor may be reading. */
static void test_single_buffer(void **state) {
	struct scene *s = begin(state, NEST_SWAY, false);
	flip(s, 1, COLOUR_A, 0);
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	const struct capture_count before = capture_get(s->capture);
	for (unsigned i = 0; i < 300; i++) {
		fill(s, 1, i % 2 == 0 ? COLOUR_B : COLOUR_A);
		assert_ok(fake_gpu_transfer(s->gpu, 1, whole, 0));
		assert_ok(fake_gpu_flush(s->gpu, 1, whole, i % 3 == 0 ? FAKE_GPU_FENCE(i) : 0));
	}
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	const struct capture_count after = capture_get(s->capture);
	assert_int_equal(after.mixed - before.mixed, 0);
	assert_true(after.changes - before.changes > 20);
	s->done = true;
}

/** Unfenced, as fast as it is answered; the last frame must be the one that stays. */
static void test_flood(void **state) {
	struct scene *s = begin(state, NEST_SWAY, false);
	flip(s, 1, COLOUR_A, 0);
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	const struct capture_count before = capture_get(s->capture);
	for (unsigned i = 0; i < 500; i++) {
		flip(s, i % 2 + 1, i % 2 == 0 ? COLOUR_B : COLOUR_A, 0);
	}
	flip(s, 1, 0x123456, 0);
	assert_true(capture_wait_colour(s->capture, 0x123456, PATIENCE_MS));
	const struct capture_count after = capture_get(s->capture);
	assert_int_equal(after.mixed - before.mixed, 0);
	s->done = true;
}

/** Linux's mode set: SET_SCANOUT(0), then new resources. No black in between. */
static void test_mode_set(void **state) {
	struct scene *s = begin(state, NEST_SWAY, false);
	flip(s, 1, COLOUR_A, 0);
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	const struct capture_count before = capture_get(s->capture);
	for (unsigned i = 0; i < 20; i++) {
		const unsigned next = i % 2 == 0 ? 2 : 1;
		assert_ok(fake_gpu_set_scanout(s->gpu, 0, 0, (struct virtio_gpu_rect){0}));
		assert_ok(fake_gpu_detach_backing(s->gpu, 3 - next));
		assert_ok(fake_gpu_unref(s->gpu, 3 - next));
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL); // the guest works
		flip(s, next, next == 2 ? COLOUR_B : COLOUR_A, FAKE_GPU_FENCE(i));
		assert_true(capture_wait_colour(
			s->capture, next == 2 ? COLOUR_B : COLOUR_A, PATIENCE_MS));
		s->backing[2 - next] = fake_gpu_make_framebuffer(
			s->gpu, 3 - next, BGRX, NEST_WIDTH, NEST_HEIGHT);
	}
	const struct capture_count after = capture_get(s->capture);
	assert_int_equal(after.mixed - before.mixed, 0);
	assert_int_equal(after.changes - before.changes, 20);
	// And for good: black.
	assert_ok(fake_gpu_set_scanout(s->gpu, 0, 0, (struct virtio_gpu_rect){0}));
	assert_true(capture_wait_colour(s->capture, 0, PATIENCE_MS));
	s->done = true;
}

/** Only what was flushed changes on the screen, and each pixel is where it belongs. */
static void test_dirty_rectangles(void **state) {
	struct scene *s = begin(state, NEST_SWAY, false);
	flip(s, 1, COLOUR_A, 0);
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	uint32_t *pixels = fake_guest_at(s->guest, s->backing[0]);
	for (uint32_t i = 0; i < 50; i++) {
		const struct virtio_gpu_rect r = {i * 12, i * 9, 12, 9};
		for (uint32_t y = r.y; y < r.y + r.height; y++) {
			for (uint32_t x = r.x; x < r.x + r.width; x++) {
				pixels[y * NEST_WIDTH + x] = 0x010203 * i + 7;
			}
		}
		assert_ok(fake_gpu_transfer(s->gpu, 1, r, (r.y * NEST_WIDTH + r.x) * 4));
		assert_ok(fake_gpu_flush(s->gpu, 1, r, FAKE_GPU_FENCE(i)));
	}
	// A last flush, whose colour shows that the others have arrived.
	pixels[0] = COLOUR_B;
	assert_ok(fake_gpu_transfer(s->gpu, 1, (struct virtio_gpu_rect){0, 0, 1, 1}, 0));
	assert_ok(fake_gpu_flush(s->gpu, 1, (struct virtio_gpu_rect){0, 0, 1, 1}, 0));
	for (int waited = 0; capture_pixel(s->capture, 0, 0) != COLOUR_B; waited += 5) {
		assert_true(waited < PATIENCE_MS);
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
	for (uint32_t y = 0; y < NEST_HEIGHT; y += 3) {
		for (uint32_t x = 0; x < NEST_WIDTH; x += 5) {
			assert_int_equal(capture_pixel(s->capture, x, y),
				pixels[y * NEST_WIDTH + x] & 0xffffff);
		}
	}
	s->done = true;
}

static unsigned count_lines(const char *path) {
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	unsigned count = 0;
	int c;
	while ((c = fgetc(file)) != EOF) {
		count += c == '\n';
	}
	fclose(file);
	return count;
}

/** After the first frame a bridge opens no file, makes no socket, starts no program. */
static void test_opens_nothing(void **state) {
	if (system("strace -e trace=none true >/dev/null 2>&1") != 0) {
		print_message("strace is not installed, or may not trace\n");
		skip();
	}
	struct scene *s = begin(state, NEST_SWAY, true);
	flip(s, 1, COLOUR_A, FAKE_GPU_FENCE(1));
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	const unsigned before = count_lines(s->nest.trace_path);
	assert_true(before > 0);
	for (unsigned i = 0; i < 100; i++) {
		flip(s, i % 2 + 1, i % 2 == 0 ? COLOUR_B : COLOUR_A, FAKE_GPU_FENCE(i));
	}
	assert_int_equal(nest_run(&s->nest, "swaymsg output HEADLESS-1 mode 800x600"), 0);
	fake_gpu_cursor(s->gpu, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 0, 0, 0, 0, 0);
	for (uint32_t id = 10; id < 40; id++) {
		assert_ok(fake_gpu_create_2d(s->gpu, id, BGRX, 64, 64));
	}
	for (unsigned i = 0; i < 100; i++) {
		flip(s, 1, COLOUR_A, FAKE_GPU_FENCE(i));
		fill(s, 1, COLOUR_B);
		assert_ok(fake_gpu_transfer(s->gpu, 1, whole, 0));
	}
	assert_int_equal(count_lines(s->nest.trace_path), before);
	s->done = true;
}

/** The window's close is the power button, and the second one ends the bridge. */
static void test_close(void **state) {
	struct scene *s = begin(state, NEST_SWAY, false);
	struct fake_device *keyboard = fake_device_connect(s->guest, s->nest.keyboard_path);
	assert_non_null(keyboard);
	assert_true(fake_input_start(keyboard, 0, 4));
	flip(s, 1, COLOUR_A, 0);
	assert_true(capture_wait_colour(s->capture, COLOUR_A, PATIENCE_MS));
	assert_int_equal(nest_run(&s->nest, "swaymsg kill"), 0);
	static const struct {
		uint16_t type, code;
		uint32_t value;
	} expected[] = {
		{EV_KEY, KEY_POWER, 1},
		{EV_SYN, SYN_REPORT, 0},
		{EV_KEY, KEY_POWER, 0},
		{EV_SYN, SYN_REPORT, 0},
	};
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct virtio_input_event event;
		assert_true(fake_input_next(keyboard, &event));
		assert_int_equal(event.type, expected[i].type);
		assert_int_equal(event.code, expected[i].code);
		assert_int_equal(event.value, expected[i].value);
	}
	assert_int_equal(nest_run(&s->nest, "swaymsg kill"), 0);
	assert_int_equal(nest_wait_bridge(&s->nest), 0);
	fake_device_destroy(keyboard);
	s->done = true;
}

/** weston ends clients that break a rule: the window goes through its sizes there too. */
static void test_weston(void **state) {
	struct scene *s = *state;
	nest_begin(&s->nest, NEST_WESTON);
	nest_start_bridge(&s->nest, false);
	s->guest = fake_guest_create(128 << 20);
	s->gpu = nest_connect_gpu(&s->nest, s->guest);
	for (unsigned i = 0; i < 2; i++) {
		s->backing[i] = fake_gpu_make_framebuffer(
			s->gpu, i + 1, BGRX, NEST_WIDTH, NEST_HEIGHT);
	}
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned i = 0; i < 120; i++) {
		flip(s, i % 2 + 1, i, FAKE_GPU_FENCE(i));
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	const long time_ms = (end.tv_sec - start.tv_sec) * 1000 +
		(end.tv_nsec - start.tv_nsec) / 1000000;
	print_message("120 fenced frames in %ld ms\n", time_ms);
	assert_true(time_ms > 1000); // its headless output shows 60 a second
	assert_true(time_ms < 20000);
	// A frame larger than the window, then a smaller one.
	assert_ok(fake_gpu_create_2d(s->gpu, 7, BGRX, 2000, 1500));
	assert_ok(fake_gpu_set_scanout(s->gpu, 0, 7, (struct virtio_gpu_rect){0, 0, 2000, 1500}));
	assert_ok(fake_gpu_flush(
		s->gpu, 7, (struct virtio_gpu_rect){0, 0, 2000, 1500}, FAKE_GPU_FENCE(1)));
	assert_ok(fake_gpu_set_scanout(s->gpu, 0, 7, (struct virtio_gpu_rect){99, 77, 31, 1}));
	assert_ok(fake_gpu_flush(
		s->gpu, 7, (struct virtio_gpu_rect){0, 0, 2000, 1500}, FAKE_GPU_FENCE(2)));
	flip(s, 1, COLOUR_A, FAKE_GPU_FENCE(3));
	assert_int_equal(kill(s->nest.bridge, 0), 0);
	s->done = true;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_two_colours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_single_buffer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_flood, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mode_set, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dirty_rectangles, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_opens_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_close, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_weston, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

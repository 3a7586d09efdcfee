// From flush to commit: storage, pacing, the last frame.
#include <string.h>

#include "gpu_fixture.h"

#define RED 0xff0000
#define BLUE 0x0000ff

/** Linux's page flip: TRANSFER(B), SET_SCANOUT(B), FLUSH(B), none fenced; one copy a frame. */
static void test_page_flip(void **state) {
	struct fixture *f = fixture_begin();
	const uint64_t addresses[2] = {
		fake_gpu_make_framebuffer(f->device, 1, BGRX, WIDTH, HEIGHT),
		fake_gpu_make_framebuffer(f->device, 2, BGRX, WIDTH, HEIGHT),
	};
	const unsigned frames = 100;
	for (unsigned i = 0; i < frames; i++) {
		const uint32_t id = i % 2 + 1;
		const uint32_t colour = i * 7919 & 0xffffff;
		fixture_fill(f, addresses[i % 2], WIDTH * HEIGHT, colour);
		assert_ok(fake_gpu_transfer(f->device, id, fixture_whole(), 0));
		assert_ok(fake_gpu_set_scanout(f->device, 0, id, fixture_whole()));
		assert_ok(fake_gpu_flush(f->device, id, fixture_whole(), 0));
		assert_int_equal(f->fake->shows, i + 1);
		assert_int_equal(fake_window_pixel(f->fake, 0, 0), colour);
		assert_int_equal(fake_window_pixel(f->fake, WIDTH - 1, HEIGHT - 1), colour);
		assert_int_equal(f->fake->damage.x2, WIDTH);
		assert_int_equal(f->fake->damage.y2, HEIGHT);
		fake_window_become_ready(f->fake);
	}
	const struct image_budget *budget = &f->gpu->resources.budget;
	assert_int_equal(budget->copied_bytes, (uint64_t)frames * WIDTH * HEIGHT * 4);
	assert_int_equal(budget->duplicated_bytes, 0);
	assert_int_equal(budget->used_bytes, 2 * WIDTH * HEIGHT * 4); // and no spare
	fixture_end(f);
}

/** One resource, drawn into while it is shown: two copies of the damage. */
static void test_single_buffer(void **state) {
	struct fixture *f = fixture_begin();
	const uint64_t address = fixture_framebuffer(f, 1, 0);
	uint32_t *pixels = fake_guest_at(f->guest, address);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	const struct image_budget *budget = &f->gpu->resources.budget;
	uint64_t copied = budget->copied_bytes, duplicated = budget->duplicated_bytes;
	for (unsigned i = 0; i < 60; i++) {
		const struct virtio_gpu_rect dirty = {i % 60, i % 40, 4, 8};
		const uint64_t offset = (dirty.y * WIDTH + dirty.x) * 4;
		for (uint32_t y = dirty.y; y < dirty.y + dirty.height; y++) {
			for (uint32_t x = dirty.x; x < dirty.x + dirty.width; x++) {
				pixels[y * WIDTH + x] = (i + 1) << 8 | (x & 0xff);
			}
		}
		fake_window_become_ready(f->fake);
		assert_ok(fake_gpu_transfer(f->device, 1, dirty, offset));
		assert_ok(fake_gpu_flush(f->device, 1, dirty, 0));
		assert_int_equal(f->fake->shows, i + 2);
		assert_int_equal(f->fake->damage.x1, dirty.x);
		assert_int_equal(f->fake->damage.x2, dirty.x + dirty.width);
		for (int32_t y = 0; y < HEIGHT; y += 5) {
			for (int32_t x = 0; x < WIDTH; x += 7) {
				assert_int_equal(
					fake_window_pixel(f->fake, x, y), pixels[y * WIDTH + x]);
			}
		}
		if (i == 3) {
			// By now there are spares, and each lacks only what was drawn since.
			copied = budget->copied_bytes;
			duplicated = budget->duplicated_bytes;
		}
	}
	const uint64_t damage = 56 * 4 * 8 * 4;
	assert_int_equal(budget->copied_bytes - copied, damage);
	assert_true(budget->duplicated_bytes - duplicated <= 2 * damage);
	assert_true(budget->used_bytes <= (1 + IMAGE_POOL_MAX) * WIDTH * HEIGHT * 4);
	fixture_end(f);
}

/** A compositor that keeps two buffers for long, and a guest that draws on. */
static void test_held_is_never_written(void **state) {
	struct fixture *f = fixture_begin();
	f->fake->releases = false;
	const uint64_t address = fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	for (uint32_t i = 0; i < 200; i++) {
		fixture_fill(f, address, WIDTH * HEIGHT, i);
		assert_ok(fake_gpu_transfer(f->device, 1, fixture_whole(), 0));
		assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
		if (i % 3 == 0) {
			fake_window_become_ready(f->fake);
		}
		if (i % 7 == 0 && f->fake->held_count > 0) {
			fake_window_release(f->fake);
		}
		assert_false(f->fake->torn);
		assert_true(f->fake->held_count <= 2);
	}
	assert_true(
		f->gpu->resources.budget.used_bytes <= (1 + IMAGE_POOL_MAX) * WIDTH * HEIGHT * 4);
	assert_true(f->fake->shows > 20);
	fixture_end(f);
}

/** Flushes between two frame callbacks merge. */
static void test_one_commit_per_callback(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	assert_int_equal(f->fake->shows, 1);
	assert_ok(fake_gpu_flush(f->device, 1, (struct virtio_gpu_rect){1, 2, 3, 4}, 0));
	assert_ok(fake_gpu_flush(f->device, 1, (struct virtio_gpu_rect){10, 20, 3, 4}, 0));
	assert_int_equal(f->fake->shows, 1);
	fake_window_become_ready(f->fake);
	assert_int_equal(f->fake->shows, 2);
	assert_int_equal(f->fake->damage.x1, 1);
	assert_int_equal(f->fake->damage.y1, 2);
	assert_int_equal(f->fake->damage.x2, 13);
	assert_int_equal(f->fake->damage.y2, 24);
	fake_window_become_ready(f->fake);
	assert_int_equal(f->fake->shows, 2);
	fixture_end(f);
}

/** The guest's unfenced flood: few commits, and answers at four times the refresh. */
static void test_flood(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	const int64_t start = fixture_now_ms();
	unsigned answers = 0;
	while (fixture_now_ms() - start < 250) {
		while (fixture_submit_flush(f, 1, fixture_whole(), 0) >= 0) {
		}
		fixture_run(f, 2);
		answers += fixture_answers(f);
	}
	const int64_t time_ms = fixture_now_ms() - start;
	const int64_t due = time_ms * 60 * PACING_RATE_FACTOR / 1000 + PACING_BURST + 2;
	assert_int_in_range(answers, due / 2, due);
	assert_int_equal(f->fake->shows, 1);
	fixture_end(f);
}

/** Only fenced flushes wait for the screen, and nothing behind them waits. */
static void test_fenced(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	fixture_submit_flush(f, 1, fixture_whole(), FAKE_GPU_FENCE(1));
	assert_int_equal(fixture_answers(f), 0);
	assert_int_equal(f->fake->shows, 1);
	// What follows is answered.
	fixture_submit_flush(f, 1, fixture_whole(), 0);
	assert_int_equal(fixture_answers(f), 1);
	// The second waits for a commit of its own.
	fixture_submit_flush(f, 1, fixture_whole(), FAKE_GPU_FENCE(2));
	fake_window_present(f->fake, f->window->last_serial);
	assert_int_equal(fixture_answers(f), 1);
	fake_window_become_ready(f->fake);
	assert_true(f->fake->wanted_presented);
	assert_int_equal(fixture_answers(f), 0);
	fake_window_present(f->fake, f->window->last_serial);
	assert_int_equal(fixture_answers(f), 1);
	fixture_end(f);
}

/** Hostile 32: a window that nobody sees. */
static void test_hidden(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	f->fake->ready = false;
	const int64_t start = fixture_now_ms();
	for (uint64_t i = 0; i < 10; i++) {
		fixture_submit_flush(f, 1, fixture_whole(), FAKE_GPU_FENCE(i));
	}
	unsigned answers = 0;
	while (answers < 10 && fixture_now_ms() - start < 2000) {
		fixture_run(f, 10);
		answers += fixture_answers(f);
	}
	assert_int_equal(answers, 10);
	assert_int_in_range(fixture_now_ms() - start, 500, 1000);
	fixture_end(f);
}

/** A compositor that says so: unfenced flushes are slow as well, and at once when it is seen. */
static void test_suspended(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	fake_window_set_suspended(f->fake, true);
	const int64_t start = fixture_now_ms();
	unsigned flushes = 0, answers = 0;
	while (answers < PACING_BURST + 3) {
		while (fixture_submit_flush(f, 1, fixture_whole(), 0) >= 0) {
			flushes++;
		}
		fixture_run(f, 10);
		answers += fixture_answers(f);
	}
	const int64_t time_ms = fixture_now_ms() - start;
	assert_true(answers <= PACING_BURST + 2 + time_ms * PACING_SUSPENDED_HZ / 1000);
	assert_int_equal(f->fake->shows, 1);
	// Nothing but flushes waits.
	fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 0, 0, 0, 0, 0);
	// And whatever the rate is: seen again, they are all answered.
	fake_window_set_suspended(f->fake, false);
	answers += fixture_answers(f);
	assert_int_equal(answers, flushes);
	fixture_end(f);
}

/** SET_SCANOUT(0), which precedes every mode set of Linux, keeps the last frame for a while. */
static void test_off(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	fake_window_become_ready(f->fake);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 0, (struct virtio_gpu_rect){0}));
	assert_ok(fake_gpu_unref(f->device, 1));
	fixture_run(f, 300);
	assert_int_equal(f->fake->blanks, 0);
	assert_int_equal(fake_window_pixel(f->fake, 5, 5), RED);
	fixture_framebuffer(f, 2, BLUE);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 2, fixture_whole()));
	fixture_run(f, 300);
	assert_int_equal(f->fake->blanks, 0); // it came back in time
	assert_ok(fake_gpu_flush(f->device, 2, fixture_whole(), 0));
	assert_int_equal(fake_window_pixel(f->fake, 5, 5), BLUE);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 0, (struct virtio_gpu_rect){0}));
	fixture_run(f, 600);
	assert_int_equal(f->fake->blanks, 1);
	fixture_end(f);
}

/** Hostile 23: the resource goes while the compositor holds its pixels. */
static void test_unref_while_held(void **state) {
	struct fixture *f = fixture_begin();
	f->fake->releases = false;
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	assert_ok(fake_gpu_detach_backing(f->device, 1));
	assert_ok(fake_gpu_unref(f->device, 1));
	fixture_framebuffer(f, 1, BLUE);
	assert_int_equal(fake_window_pixel(f->fake, 5, 5), RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	fake_window_become_ready(f->fake);
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	assert_int_equal(fake_window_pixel(f->fake, 5, 5), BLUE);
	fake_window_release(f->fake);
	assert_int_equal(f->gpu->resources.budget.used_bytes, WIDTH * HEIGHT * 4);
	fixture_end(f);
}

/** A part of a resource, and another part of it. */
static void test_scanout_rectangle(void **state) {
	struct fixture *f = fixture_begin();
	const uint64_t address = fixture_framebuffer(f, 1, RED);
	uint32_t *pixels = fake_guest_at(f->guest, address);
	pixels[10 * WIDTH + 20] = BLUE;
	assert_ok(fake_gpu_transfer(f->device, 1, fixture_whole(), 0));
	const struct virtio_gpu_rect part = {20, 10, 16, 16};
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, part));
	assert_ok(fake_gpu_flush(f->device, 1, (struct virtio_gpu_rect){0, 0, 20, 10}, 0));
	assert_int_equal(f->fake->shows, 0); // nothing of it is in the scanout
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	assert_int_equal(f->fake->shows, 1);
	assert_int_equal(f->fake->source.x1, 20);
	assert_int_equal(f->fake->source.y2, 26);
	assert_int_equal(fake_window_pixel(f->fake, 0, 0), BLUE);
	assert_int_equal(f->fake->damage.x2, 36);
	fixture_end(f);
}

/** The compositor dies and another takes its place: the last frame is there again. */
static void test_reconnect(void **state) {
	struct fixture *f = fixture_begin();
	f->fake->releases = false;
	const uint64_t address = fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	fixture_submit_flush(f, 1, fixture_whole(), FAKE_GPU_FENCE(1));
	fake_window_lose(f->fake);
	assert_int_equal(f->fake->shows, 1);
	fake_window_regain(f->fake);
	assert_int_equal(f->fake->shows, 2);
	assert_int_equal(fake_window_pixel(f->fake, 3, 3), RED);
	assert_int_equal(f->fake->damage.x2, WIDTH); // all of it
	fake_window_present(f->fake, f->window->last_serial);
	assert_int_equal(fixture_answers(f), 1);
	// And while nobody is there the guest draws on.
	fake_window_lose(f->fake);
	fixture_fill(f, address, WIDTH * HEIGHT, BLUE);
	assert_ok(fake_gpu_transfer(f->device, 1, fixture_whole(), 0));
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	fake_window_regain(f->fake);
	assert_int_equal(fake_window_pixel(f->fake, 3, 3), BLUE);
	// Even with the driver gone.
	fake_window_lose(f->fake);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 0, (struct virtio_gpu_rect){0}));
	assert_ok(fake_gpu_unref(f->device, 1));
	fake_window_regain(f->fake);
	assert_int_equal(fake_window_pixel(f->fake, 3, 3), BLUE);
	fixture_end(f);
}

/** A reset forgets everything, keeps the last frame, and the driver comes back. */
static void test_reset(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	fixture_submit_flush(f, 1, fixture_whole(), FAKE_GPU_FENCE(1));
	assert_int_equal(f->client->stage, WINDOW_STAGE_RUNNING);
	fake_device_destroy(f->device);
	fixture_run(f, 10);
	assert_int_equal(f->client->stage, WINDOW_STAGE_STARTING);
	assert_int_equal(f->gpu->resources.count, 0);
	assert_int_equal(fake_window_pixel(f->fake, 3, 3), RED);
	f->device = fake_device_connect(f->guest, f->sock.path);
	assert_true(fake_gpu_start(f->device, 0));
	fake_window_present(f->fake, f->window->last_serial); // of the driver before
	fake_window_become_ready(f->fake);
	fixture_framebuffer(f, 1, BLUE);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	assert_int_equal(fake_window_pixel(f->fake, 3, 3), BLUE);
	fixture_end(f);
}

/** A queue that stops gets its answers before. */
static void test_queue_stop(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	fixture_submit_flush(f, 1, fixture_whole(), FAKE_GPU_FENCE(1));
	assert_int_equal(fixture_answers(f), 0);
	assert_true(fake_device_stop_queue(f->device, FAKE_GPU_CONTROL) >= 0);
	assert_int_equal(fixture_answers(f), 1);
	fixture_end(f);
}

/** Hostile 43: a queue with fenced, held back and unread commands stops at once, and loses none. */
static void test_queue_stop_while_busy(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	f->fake->ready = false; // hidden: nothing is presented
	const struct fake_queue *queue = &f->device->queues[FAKE_GPU_CONTROL];
	const uint16_t before = queue->available_index;
	unsigned submitted = 0;
	while (fixture_submit_flush(f, 1, fixture_whole(), submitted % 2) >= 0) {
		submitted++;
	}
	assert_true(submitted > 2 * PACING_BURST);
	unsigned answered = fixture_answers(f);
	assert_true(answered < submitted);
	// The last ones are still in the ring when the machine is paused.
	const struct virtio_gpu_ctrl_hdr late = {.type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO};
	while (fake_gpu_submit(f->device, FAKE_GPU_CONTROL, &late, sizeof(late), NULL) >= 0) {
		submitted++;
	}
	const int64_t start_ms = fixture_now_ms();
	const int base = fake_device_stop_queue(f->device, FAKE_GPU_CONTROL);
	assert_true(fixture_now_ms() - start_ms < 500);
	assert_true(base >= 0);
	answered += fixture_answers(f);
	assert_int_equal(answered, (uint16_t)(base - before));
	assert_true(answered <= submitted);
	fixture_run(f, 20); // what was held is not answered twice
	assert_int_equal(fixture_answers(f), 0);
	fixture_end(f);
}

/** Hostile 33: a scanout of another size a thousand times over is one commit a callback. */
static void test_resize_flood(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, RED);
	f->gpu->scanouts[0].pacing.refresh_mhz = 100000000; // the rate is another test's
	const unsigned sizes = 1000, every = 100;
	for (unsigned i = 0; i < sizes; i++) {
		const struct virtio_gpu_rect rect = {.width = 1 + i % WIDTH, .height = 1 + i % 40};
		assert_ok(fake_gpu_set_scanout(f->device, 0, 1, rect));
		assert_ok(fake_gpu_flush(f->device, 1, rect, 0));
		if (i % every == every - 1) {
			fake_window_become_ready(f->fake);
		}
	}
	assert_int_equal(f->fake->shows, 1 + sizes / every);
	assert_int_equal(f->fake->source.x2, 1 + (sizes - 1) % WIDTH);
	assert_int_equal(f->fake->source.y2, 1 + (sizes - 1) % 40);
	assert_true(f->gpu->resources.budget.used_bytes <= 2 * WIDTH * HEIGHT * 4);
	fixture_end(f);
}

/** What a hidden window's guest flushes is remembered in bounded memory. */
static void test_damage_is_bounded(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	f->gpu->scanouts[0].pacing.refresh_mhz = 100000000;
	for (uint32_t y = 0; y < HEIGHT; y += 2) {
		for (uint32_t x = 0; x < WIDTH; x += 2) {
			const struct virtio_gpu_rect pixel = {x, y, 1, 1};
			assert_ok(fake_gpu_flush(f->device, 1, pixel, 0));
		}
	}
	assert_true(pixman_region32_n_rects(&f->gpu->scanouts[0].pending.damage) >= 1 &&
		pixman_region32_n_rects(&f->gpu->scanouts[0].pending.damage) <= 64);
	fake_window_become_ready(f->fake);
	assert_int_equal(f->fake->damage.x1, 0);
	assert_int_equal(f->fake->damage.x2, WIDTH - 1);
	assert_int_equal(f->fake->damage.y2, HEIGHT - 1);
	fixture_end(f);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_flip),
		cmocka_unit_test(test_single_buffer),
		cmocka_unit_test(test_held_is_never_written),
		cmocka_unit_test(test_one_commit_per_callback),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_fenced),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_suspended),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_unref_while_held),
		cmocka_unit_test(test_scanout_rectangle),
		cmocka_unit_test(test_reconnect),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_queue_stop),
		cmocka_unit_test(test_queue_stop_while_busy),
		cmocka_unit_test(test_resize_flood),
		cmocka_unit_test(test_damage_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

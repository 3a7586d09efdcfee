// Several scanouts: each has its window, and they may share a resource.
#include <string.h>

#include "gpu_fixture.h"

#define RED 0xff0000
#define GREEN 0x00ff00
#define BLUE 0x0000ff

static const struct virtio_gpu_rect nothing = {0};

/** Have the window of a scanout, once open, show what is flushed. */
static struct fake_window *ready(struct fixture *f, unsigned scanout) {
	struct fake_window *fake = fixture_fake(f, scanout);
	assert_true(fake->window.open);
	fake_window_become_ready(fake);
	return fake;
}

/** A resource of a colour on a scanout. */
static struct fake_window *show(
	struct fixture *f, unsigned scanout, uint32_t resource, uint32_t colour) {
	fixture_framebuffer(f, resource, colour);
	assert_ok(fake_gpu_set_scanout(f->device, scanout, resource, fixture_whole()));
	struct fake_window *fake = ready(f, scanout);
	assert_ok(fake_gpu_flush(f->device, resource, fixture_whole(), 0));
	assert_int_equal(fake_window_pixel(fake, 5, 5), colour);
	return fake;
}

static void test_display_info(void **state) {
	struct fixture *f = fixture_begin_displays(3);
	fake_window_set_mode(fixture_fake(f, 0), 800, 600);
	fake_window_set_mode(fixture_fake(f, 1), 640, 900);
	struct virtio_gpu_resp_display_info info;
	assert_int_equal(fake_gpu_display_info(f->device, &info), VIRTIO_GPU_RESP_OK_DISPLAY_INFO);
	static const uint32_t x[3] = {0, 800, 1440}, width[3] = {800, 640, WIDTH};
	for (unsigned i = 0; i < VIRTIO_GPU_MAX_SCANOUTS; i++) {
		// A guest must see a display to turn it on: they are all there.
		assert_int_equal(info.pmodes[i].enabled, i < 3);
		assert_int_equal(info.pmodes[i].r.x, i < 3 ? x[i] : 0);
		assert_int_equal(info.pmodes[i].r.width, i < 3 ? width[i] : 0);
	}
	struct virtio_gpu_resp_edid first, second;
	assert_int_equal(fake_gpu_edid(f->device, 0, &first), VIRTIO_GPU_RESP_OK_EDID);
	assert_int_equal(fake_gpu_edid(f->device, 1, &second), VIRTIO_GPU_RESP_OK_EDID);
	assert_int_not_equal(first.edid[12], second.edid[12]); // the serial number
	assert_int_equal(second.edid[56] | second.edid[58] >> 4 << 8, 640);
	fixture_end(f);
}

static void test_beyond_the_last(void **state) {
	static const uint32_t beyond[] = {3, 15, 16, 17, INT32_MAX, UINT32_MAX};
	struct fixture *f = fixture_begin_displays(3);
	fixture_framebuffer(f, 1, RED);
	for (unsigned i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
		struct virtio_gpu_resp_edid edid;
		assert_int_equal(fake_gpu_set_scanout(f->device, beyond[i], 1, fixture_whole()),
			VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID);
		assert_int_equal(fake_gpu_set_scanout(f->device, beyond[i], 0, nothing),
			VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID);
		assert_int_equal(fake_gpu_edid(f->device, beyond[i], &edid),
			VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID);
		assert_true(fake_gpu_cursor(
			f->device, VIRTIO_GPU_CMD_UPDATE_CURSOR, beyond[i], 0, 0, 0, 0, 0));
		assert_true(fake_gpu_cursor(
			f->device, VIRTIO_GPU_CMD_MOVE_CURSOR, beyond[i], 0, 9, 9, 0, 0));
	}
	fixture_run(f, 20);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(fixture_fake(f, i)->cursor, FAKE_CURSOR_DEFAULT);
		assert_int_equal(fixture_fake(f, i)->cursor_x, 0);
	}
	fixture_end(f);
}

/** A mode set turns a scanout off for a moment; a guest that means it has the window close. */
static void test_off_and_on(void **state) {
	struct fixture *f = fixture_begin_displays(2);
	struct fake_window *second = fixture_fake(f, 1);
	show(f, 0, 1, RED);
	assert_false(second->window.open); // the guest has not set it yet
	show(f, 1, 2, BLUE);
	assert_ok(fake_gpu_set_scanout(f->device, 1, 0, nothing));
	fixture_run(f, SCANOUT_OFF_MS * 6 / 10);
	assert_true(second->window.open);
	assert_ok(fake_gpu_set_scanout(f->device, 1, 2, fixture_whole()));
	fixture_run(f, SCANOUT_OFF_MS * 6 / 10);
	assert_true(second->window.open);
	assert_int_equal(second->blanks, 0);

	assert_ok(fake_gpu_set_scanout(f->device, 1, 0, nothing));
	assert_ok(fake_gpu_set_scanout(f->device, 0, 0, nothing));
	const int64_t start_ms = fixture_now_ms();
	while (second->window.open) {
		fixture_run(f, 5);
		assert_true(fixture_now_ms() - start_ms < 20 * SCANOUT_OFF_MS);
	}
	assert_true(fixture_now_ms() - start_ms >= SCANOUT_OFF_MS - 10);
	assert_int_equal(second->held_count, 0);
	fixture_run(f, 50);
	assert_true(f->window->open); // the first stays, and is black
	assert_int_equal(f->fake->blanks, 1);
	show(f, 1, 3, GREEN);
	fixture_end(f);
}

/** Both show it; a resource that goes leaves its last frame on both for a while. */
static void test_mirror(void **state) {
	struct fixture *f = fixture_begin_displays(2);
	const uint64_t address = fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	assert_ok(fake_gpu_set_scanout(f->device, 1, 1, fixture_whole()));
	struct fake_window *second = ready(f, 1);
	for (uint32_t i = 0; i < 50; i++) {
		const uint32_t colour = i * 7919 & 0xffffff;
		fixture_fill(f, address, WIDTH * HEIGHT, colour);
		assert_ok(fake_gpu_transfer(f->device, 1, fixture_whole(), 0));
		assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
		assert_int_equal(fake_window_pixel(f->fake, 5, 5), colour);
		// The second has a slower screen.
		fake_window_become_ready(f->fake);
		if (i % 3 == 2) {
			fake_window_become_ready(second);
			assert_int_equal(fake_window_pixel(second, 5, 5), colour);
		}
	}
	assert_int_equal(f->window->area.x, 0);
	assert_int_equal(second->window.area.x, 0); // one place for both
	assert_int_equal(second->window.area.whole_width, WIDTH);
	assert_ok(fake_gpu_unref(f->device, 1));
	assert_int_equal(f->gpu->state->scanouts[0].resource_id, 0);
	assert_int_equal(f->gpu->state->scanouts[1].resource_id, 0);
	assert_true(f->fake->held_count > 0 && second->held_count > 0);
	fixture_run(f, SCANOUT_OFF_MS + 100);
	assert_false(second->window.open);
	assert_int_equal(f->fake->blanks, 1);
	fixture_end(f);
}

/** Spares that were left with one scanout are behind when they are used again. */
static void test_spares_stay_in_step(void **state) {
	struct fixture *f = fixture_begin_displays(2);
	const uint64_t address = fixture_framebuffer(f, 1, 0);
	uint32_t *pixels = fake_guest_at(f->guest, address);
	struct fake_window *second = fixture_fake(f, 1);
	for (uint32_t i = 0; i < 60; i++) {
		// On the first alone, on both, on the second alone, and so on.
		const bool on_first = i / 7 % 3 != 2, on_second = i / 7 % 3 != 0;
		assert_ok(fake_gpu_set_scanout(
			f->device, 0, on_first, on_first ? fixture_whole() : nothing));
		assert_ok(fake_gpu_set_scanout(
			f->device, 1, on_second, on_second ? fixture_whole() : nothing));
		const struct virtio_gpu_rect dirty = {i % 60, i % 40, 4, 8};
		for (uint32_t y = dirty.y; y < dirty.y + dirty.height; y++) {
			for (uint32_t x = dirty.x; x < dirty.x + dirty.width; x++) {
				pixels[y * WIDTH + x] = (i + 1) << 8 | (x & 0xff);
			}
		}
		assert_ok(fake_gpu_transfer(
			f->device, 1, dirty, (uint64_t)(dirty.y * WIDTH + dirty.x) * 4));
		fake_window_become_ready(f->fake);
		fake_window_become_ready(second);
		assert_ok(fake_gpu_flush(f->device, 1, dirty, 0));
		struct fake_window *shown[] = {
			on_first ? f->fake : NULL, on_second ? second : NULL};
		for (unsigned w = 0; w < 2; w++) {
			for (int32_t p = 0; shown[w] != NULL && p < WIDTH * HEIGHT; p += 13) {
				assert_int_equal(fake_window_pixel(shown[w], p % WIDTH, p / WIDTH),
					pixels[p]);
			}
		}
	}
	fixture_end(f);
}

/** One big framebuffer, of which each scanout shows a part. */
static void test_parts(void **state) {
	struct fixture *f = fixture_begin_displays(3);
	const uint64_t address = fake_gpu_make_framebuffer(f->device, 1, BGRX, 100, 60);
	uint32_t *pixels = fake_guest_at(f->guest, address);
	for (uint32_t i = 0; i < 100 * 60; i++) {
		pixels[i] = i;
	}
	static const struct virtio_gpu_rect parts[3] = {{.width = 40, .height = 30},
		{40, 0, 60, 30}, {.y = 30, .width = 100, .height = 30}};
	assert_ok(fake_gpu_transfer(
		f->device, 1, (struct virtio_gpu_rect){.width = 100, .height = 60}, 0));
	for (unsigned i = 0; i < 3; i++) {
		assert_ok(fake_gpu_set_scanout(f->device, i, 1, parts[i]));
		ready(f, i);
	}
	assert_ok(fake_gpu_flush(
		f->device, 1, (struct virtio_gpu_rect){.width = 100, .height = 60}, 0));
	for (unsigned i = 0; i < 3; i++) {
		struct fake_window *fake = fixture_fake(f, i);
		assert_int_equal(
			fake_window_pixel(fake, 7, 9), (parts[i].y + 9) * 100 + parts[i].x + 7);
		assert_int_equal(fake->shows, 1);
		assert_int_equal(fake->window.area.x, parts[i].x);
		assert_int_equal(fake->window.area.y, parts[i].y);
		assert_int_equal(fake->window.area.whole_width, 100);
		assert_int_equal(fake->window.area.whole_height, 60);
		fake_window_become_ready(fake);
	}
	// What is drawn in one part concerns that scanout alone.
	assert_ok(fake_gpu_flush(f->device, 1, (struct virtio_gpu_rect){50, 2, 4, 4}, 0));
	assert_int_equal(fixture_fake(f, 0)->shows, 1);
	assert_int_equal(fixture_fake(f, 1)->shows, 2);
	assert_int_equal(fixture_fake(f, 2)->shows, 1);
	assert_int_equal(fixture_fake(f, 1)->damage.x1, 50);
	fixture_end(f);
}

/** Scanouts of their own lie side by side; one that is off leaves no gap. */
static void test_side_by_side(void **state) {
	struct fixture *f = fixture_begin_displays(3);
	static const struct virtio_gpu_rect small = {.width = 40, .height = 20};
	for (unsigned i = 0; i < 3; i++) {
		fixture_framebuffer(f, i + 1, RED);
		assert_ok(fake_gpu_set_scanout(
			f->device, i, i + 1, i == 1 ? small : fixture_whole()));
	}
	static const int32_t x[3] = {0, WIDTH, WIDTH + 40};
	for (unsigned i = 0; i < 3; i++) {
		const struct window_area *area = &fixture_fake(f, i)->window.area;
		assert_int_equal(area->x, x[i]);
		assert_int_equal(area->whole_width, 2 * WIDTH + 40);
		assert_int_equal(area->whole_height, HEIGHT);
	}
	assert_ok(fake_gpu_set_scanout(f->device, 1, 0, nothing));
	assert_int_equal(fixture_fake(f, 2)->window.area.x, WIDTH + 40); // a mode set, perhaps
	fixture_run(f, SCANOUT_OFF_MS + 50);
	assert_int_equal(fixture_fake(f, 2)->window.area.x, WIDTH);
	assert_int_equal(fixture_fake(f, 0)->window.area.whole_width, 2 * WIDTH);
	fixture_end(f);
}

/** The user closes a display: the guest is told, and cannot keep its window. */
static void test_closed_by_the_user(void **state) {
	struct fixture *f = fixture_begin_displays(2);
	struct virtio_gpu_resp_display_info info;
	show(f, 0, 1, RED);
	struct fake_window *second = show(f, 1, 2, BLUE);
	wl_signal_emit_mutable(&second->window.events.close, &second->window);
	assert_false(second->window.open);
	fake_gpu_display_info(f->device, &info);
	assert_int_equal(info.pmodes[0].enabled, 1);
	assert_int_equal(info.pmodes[1].enabled, 0);

	// A guest that does not care.
	fixture_framebuffer(f, 3, GREEN);
	assert_ok(fake_gpu_set_scanout(f->device, 1, 3, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 3, fixture_whole(), 0));
	assert_false(second->window.open);
	// It waits for no window that is not there.
	fixture_submit_flush(f, 3, fixture_whole(), FAKE_GPU_FENCE(1));
	assert_int_equal(fixture_answers(f), 1);

	virtio_gpu_enable_all(f->gpu);
	ready(f, 1);
	assert_int_equal(fake_window_pixel(second, 5, 5), GREEN);
	fake_gpu_display_info(f->device, &info);
	assert_int_equal(info.pmodes[1].enabled, 1);

	// The first cannot be closed so: that is the machine's end, and another's to see to.
	wl_signal_emit_mutable(&f->window->events.close, f->window);
	assert_true(f->window->open);
	fake_gpu_display_info(f->device, &info);
	assert_int_equal(info.pmodes[0].enabled, 1);
	fixture_end(f);
}

/** A fenced flush on two screens waits for one that can show it. */
static void test_fenced_mirror(void **state) {
	struct fixture *f = fixture_begin_displays(2);
	fixture_framebuffer(f, 1, RED);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	assert_ok(fake_gpu_set_scanout(f->device, 1, 1, fixture_whole()));
	struct fake_window *second = ready(f, 1);
	f->fake->ready = false; // hidden
	fixture_submit_flush(f, 1, fixture_whole(), FAKE_GPU_FENCE(1));
	assert_int_equal(fixture_answers(f), 0);
	fake_window_present(second, second->window.last_serial);
	assert_int_equal(fixture_answers(f), 1);
	fixture_end(f);
}

static void test_cursors(void **state) {
	struct fixture *f = fixture_begin_displays(2);
	const uint64_t address = fake_gpu_make_framebuffer(
		f->device, 9, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, 64, 64);
	fixture_fill(f, address, 64 * 64, 0xff00ff00);
	assert_ok(fake_gpu_transfer(
		f->device, 9, (struct virtio_gpu_rect){.width = 64, .height = 64}, 0));
	show(f, 1, 1, RED);
	assert_true(fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_UPDATE_CURSOR, 1, 9, 10, 20, 3, 4));
	fixture_run(f, 20);
	assert_int_equal(f->fake->cursor, FAKE_CURSOR_DEFAULT);
	assert_int_equal(fixture_fake(f, 1)->cursor, FAKE_CURSOR_IMAGE);
	assert_int_equal(fixture_fake(f, 1)->cursor_hot_x, 3);
	assert_true(fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_MOVE_CURSOR, 0, 0, 30, 40, 0, 0));
	fixture_run(f, 20);
	assert_int_equal(f->fake->cursor_x, 30);
	assert_int_equal(fixture_fake(f, 1)->cursor_x, 10);
	fixture_end(f);
}

static void test_sixteen(void **state) {
	struct fixture *f = fixture_begin_displays(VIRTIO_GPU_MAX_SCANOUTS);
	for (unsigned i = 0; i < VIRTIO_GPU_MAX_SCANOUTS; i++) {
		show(f, i, i + 1, i * 4321 + 1);
	}
	assert_int_equal(fixture_fake(f, 15)->window.area.x, 15 * WIDTH);
	// All on one, which then goes.
	for (unsigned i = 0; i < VIRTIO_GPU_MAX_SCANOUTS; i++) {
		assert_ok(fake_gpu_set_scanout(f->device, i, 1, fixture_whole()));
		fake_window_become_ready(fixture_fake(f, i));
	}
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	for (unsigned i = 0; i < VIRTIO_GPU_MAX_SCANOUTS; i++) {
		assert_int_equal(fake_window_pixel(fixture_fake(f, i), 5, 5), 1);
		assert_int_equal(fixture_fake(f, i)->window.area.x, 0);
	}
	assert_ok(fake_gpu_unref(f->device, 1));
	fake_window_lose(f->fake);
	fixture_run(f, SCANOUT_OFF_MS + 100);
	assert_false(fixture_fake(f, 15)->window.open);
	assert_int_equal(f->gpu->resources.budget.used_bytes, 15 * WIDTH * HEIGHT * 4);
	fixture_end(f);
}

/** Each image of each scanout takes a mapping in the compositor: there is an end to that. */
static void test_buffers_are_bounded(void **state) {
	struct fixture *f = fixture_begin_displays(VIRTIO_GPU_MAX_SCANOUTS);
	const struct image_budget *budget = &f->gpu->resources.budget;
	const struct virtio_gpu_rect one = {.width = 1, .height = 1};
	f->gpu->scanouts[0].pacing.refresh_mhz = 100000000; // the rate is another test's
	for (uint32_t id = 1; id <= 600; id++) {
		assert_ok(fake_gpu_create_2d(f->device, id, BGRX, 1, 1));
		for (unsigned i = 0; i < VIRTIO_GPU_MAX_SCANOUTS; i++) {
			assert_ok(fake_gpu_set_scanout(f->device, i, id, one));
			fake_window_become_ready(fixture_fake(f, i));
		}
		assert_ok(fake_gpu_flush(f->device, id, one, 0));
		assert_true(budget->buffers <= IMAGE_MAX_BUFFERS);
	}
	assert_int_equal(budget->buffers, IMAGE_MAX_BUFFERS);
	for (uint32_t id = 1; id <= 600; id++) {
		assert_ok(fake_gpu_unref(f->device, id));
	}
	fixture_run(f, SCANOUT_OFF_MS + 100);
	show(f, 0, 1, RED);
	fixture_end(f);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_display_info),
		cmocka_unit_test(test_beyond_the_last),
		cmocka_unit_test(test_off_and_on),
		cmocka_unit_test(test_mirror),
		cmocka_unit_test(test_spares_stay_in_step),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_side_by_side),
		cmocka_unit_test(test_closed_by_the_user),
		cmocka_unit_test(test_fenced_mirror),
		cmocka_unit_test(test_cursors),
		cmocka_unit_test(test_sixteen),
		cmocka_unit_test(test_buffers_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

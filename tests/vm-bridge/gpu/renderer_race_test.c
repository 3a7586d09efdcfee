// The device and its renderer, which is played here: what ends, changes or comes to a stop while
// something is on the way.

#include <stdlib.h>
#include <string.h>

#include "renderer_play.h"

// --- what ends while something is read ------------------------------------------------------

// The number is another resource's by the time that the cursor was read.
static void test_cursor_number(void **state) {
	static const struct {
		uint32_t width, height;
	} sizes[] = {{1, 1}, {16384, 1}, {64, 64}};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct play play;
		play_begin(&play);
		struct fixture *f = play.r.f;
		play_put_3d(f, RESOURCE, 64, 64);
		assert_ok(play_answer(&play, VIRTIO_GPU_RESP_OK_NODATA));
		play_set_cursor(f, RESOURCE);
		const struct virtio_gpu_resource_unref unref = {
			.hdr = virgl_header(VIRTIO_GPU_CMD_RESOURCE_UNREF, 0, 0),
			.resource_id = RESOURCE,
		};
		virgl_put(f, &unref, sizeof(unref), NULL);
		wl_event_loop_dispatch(f->loop, 0);
		const struct virtio_gpu_resource_create_2d create = {
			.hdr = virgl_header(VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, 0, 0),
			.resource_id = RESOURCE,
			.format = VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM,
			.width = sizes[i].width,
			.height = sizes[i].height,
		};
		virgl_put(f, &create, sizeof(create), NULL);
		assert_ok(virgl_get(f, NULL, NULL)->type);
		assert_ok(play_answer(&play, VIRTIO_GPU_RESP_OK_NODATA));
		play_settle(&play);
		assert_int_not_equal(f->fake->cursor, FAKE_CURSOR_IMAGE);
		play_end(&play);
	}
}

// A resource that is on a screen is the cursor as well; another cursor comes meanwhile.
static void test_cursor_and_scanout(void **state) {
	struct play play;
	play_begin(&play);
	struct fixture *f = play.r.f;
	for (uint32_t id = RESOURCE; id < RESOURCE + 2; id++) {
		play_put_3d(f, id, 64, 64);
		assert_ok(play_answer(&play, VIRTIO_GPU_RESP_OK_NODATA));
	}
	const struct virtio_gpu_rect whole = {.width = 64, .height = 64};
	assert_ok(fake_gpu_set_scanout(f->device, 0, RESOURCE, whole));
	assert_ok(fake_gpu_flush(f->device, RESOURCE, whole, 0));
	play_set_cursor(f, RESOURCE);
	play_set_cursor(f, RESOURCE + 1);
	assert_int_equal(fake_renderer_run(&play.fake, VIRTIO_GPU_RESP_OK_NODATA) >= 2, 1);
	virgl_wait_shows(f, 1);
	assert_int_not_equal(f->fake->cursor, FAKE_CURSOR_IMAGE); // that is the former one
	fake_renderer_run(&play.fake, VIRTIO_GPU_RESP_OK_NODATA);
	play_settle(&play);
	assert_int_equal(f->fake->cursor, FAKE_CURSOR_IMAGE);
	play_end(&play);
}

// Another compositor comes while the picture that the last one showed is written to.
static void test_compositor_meanwhile(void **state) {
	struct play play;
	play_begin(&play);
	struct fixture *f = play.r.f;
	play_put_3d(f, RESOURCE, 64, 64);
	assert_ok(play_answer(&play, VIRTIO_GPU_RESP_OK_NODATA));
	const struct virtio_gpu_rect whole = {.width = 64, .height = 64};
	assert_ok(fake_gpu_set_scanout(f->device, 0, RESOURCE, whole));
	assert_ok(fake_gpu_flush(f->device, RESOURCE, whole, 0));
	fake_renderer_run(&play.fake, VIRTIO_GPU_RESP_OK_NODATA);
	virgl_wait_shows(f, 1);
	fake_window_release(f->fake);
	fake_window_become_ready(f->fake);
	assert_ok(fake_gpu_flush(f->device, RESOURCE, whole, 0));
	fake_window_lose(f->fake);
	fake_window_regain(f->fake);
	fake_renderer_run(&play.fake, VIRTIO_GPU_RESP_OK_NODATA);
	play_settle(&play);
	fake_renderer_run(&play.fake, VIRTIO_GPU_RESP_OK_NODATA);
	virgl_wait_shows(f, 2);
	play_end(&play);
}

// --- stopped, reset, stuck ------------------------------------------------------------------

// What was given back while the renderer had it is the guest's: no error is written there later.
static void test_late_error(void **state) {
	struct play play;
	play_begin(&play);
	struct fixture *f = play.r.f;
	f->gpu->remote->drain_ms = 1;
	play_put_context(f, 50, 7);
	assert_true(fake_device_stop_queue(f->device, FAKE_GPU_CONTROL) > 0);
	const struct virtio_gpu_ctrl_hdr *response = NULL;
	assert_true(fake_gpu_poll(f->device, FAKE_GPU_CONTROL, &response, NULL) >= 0);
	const uint32_t before = response->type;
	fake_renderer_run(&play.fake, VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY);
	play_settle(&play);
	assert_int_equal(response->type, before);
	play_end(&play);
}

// A driver that is reset while it waits for a renderer leaves nothing behind for the next.
static void test_reset_while_wanted(void **state) {
	struct play play;
	play_begin_without(&play);
	struct fixture *f = play.r.f;
	f->gpu->remote->drain_ms = 1;
	play_put_context(f, CONTEXT, 0);
	assert_int_equal(play.r.wanted, 1);
	assert_true(fake_device_stop_queue(f->device, FAKE_GPU_CONTROL) >= 0);
	assert_true(fake_device_reset(f->device));
	assert_true(fake_device_start_queue(f->device, FAKE_GPU_CONTROL, 64));
	play_put_context(f, CONTEXT, 0);
	play_give(&play);
	fake_renderer_be_ready(&play.fake);
	uint32_t type;
	size_t bytes;
	unsigned contexts = 0;
	play_settle(&play);
	while (fake_renderer_next(&play.fake, &type, &bytes)) {
		const struct render_header *header = (const void *)play.fake.body;
		contexts += type == RENDER_CONTEXT_CREATE;
		fake_renderer_done(&play.fake, header->serial, VIRTIO_GPU_RESP_OK_NODATA);
	}
	assert_int_equal(contexts, 1);
	assert_ok(virgl_get(f, NULL, NULL)->type);
	play_end(&play);
}

// A fence that never comes is noticed, however much else gets on.
static void test_stuck_fence(void **state) {
	struct play play;
	play_begin(&play);
	struct fixture *f = play.r.f;
	// The watchdog that watches since the start looks once more, and finds nothing to watch.
	f->gpu->remote->patience_ms = 50;
	wl_event_source_timer_update(f->gpu->remote->watchdog, 1);
	while (f->gpu->remote->watching) {
		wl_event_loop_dispatch(f->loop, 100);
	}
	play_put_context(f, 50, 9);
	uint32_t type;
	size_t bytes;
	assert_true(fake_renderer_next(&play.fake, &type, &bytes));
	fake_renderer_done(&play.fake,
		((const struct render_header *)(const void *)play.fake.body)->serial,
		VIRTIO_GPU_RESP_OK_NODATA);
	const int64_t end_ms = fixture_now_ms() + PATIENCE_MS;
	while (play.r.lost == 0) {
		assert_true(fixture_now_ms() < end_ms);
		fake_renderer_done(&play.fake, 0, VIRTIO_GPU_RESP_OK_NODATA);
		wl_event_loop_dispatch(f->loop, 5);
	}
	const struct virtio_gpu_ctrl_hdr *response = virgl_get(f, NULL, NULL);
	assert_int_equal(response->type, VIRTIO_GPU_RESP_ERR_UNSPEC);
	assert_int_equal(response->fence_id, 9);
	play_end(&play);
}

// The fences of a context's rings end with it.
static void test_context_with_fences(void **state) {
	struct play play;
	play_begin(&play);
	struct fixture *f = play.r.f;
	const uint32_t words[4] = {0};
	struct virtio_gpu_cmd_submit submit = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_SUBMIT_3D, CONTEXT, 11), .size = sizeof(words)};
	submit.hdr.flags |= VIRTIO_GPU_FLAG_INFO_RING_IDX;
	const struct fake_buffer extra = {fake_guest_alloc(f->guest, 16, 16), 16, false};
	virgl_put(f, &submit, sizeof(submit), &extra);
	const struct virtio_gpu_ctx_destroy destroy = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_CTX_DESTROY, CONTEXT, 0)};
	virgl_put(f, &destroy, sizeof(destroy), NULL);
	wl_event_loop_dispatch(f->loop, 0);
	uint32_t type;
	size_t bytes;
	while (fake_renderer_next(&play.fake, &type, &bytes)) {
		const struct render_header *header = (const void *)play.fake.body;
		fake_renderer_done(&play.fake, header->serial, VIRTIO_GPU_RESP_OK_NODATA);
	}
	assert_int_equal(virgl_get(f, NULL, NULL)->fence_id, 11);
	assert_ok(virgl_get(f, NULL, NULL)->type);
	assert_int_equal(play.r.lost, 0);
	play_end(&play);
}

// What the device itself sends may exceed the limit, and then nothing of the guest's has room.
static void test_beyond_limit(void **state) {
	struct play play;
	play_begin(&play);
	struct render_link *link = &play.r.f->gpu->remote->link;
	const size_t waiting_bytes = link->waiting_bytes;
	link->waiting_bytes = RENDER_LINK_WAITING_MAX_BYTES + 1;
	assert_false(render_link_has_room(link, 8));
	link->waiting_bytes = waiting_bytes;
	assert_true(render_link_has_room(link, 8));
	play_end(&play);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cursor_number),
		cmocka_unit_test(test_cursor_and_scanout),
		cmocka_unit_test(test_compositor_meanwhile),
		cmocka_unit_test(test_late_error),
		cmocka_unit_test(test_reset_while_wanted),
		cmocka_unit_test(test_stuck_fence),
		cmocka_unit_test(test_context_with_fences),
		cmocka_unit_test(test_beyond_limit),
	};
	return cmocka_run_group_tests_name("renderer race", tests, NULL, NULL);
}

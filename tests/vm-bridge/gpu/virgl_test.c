// 3D through the device: a driver's commands, a real redecho-render, and what the window shows.
// Usage: gpu_virgl_test REDECHO_RENDER

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "virgl_driver.h"

static const float blue[4] = {0.2f, 0.4f, 0.6f, 1}, red[4] = {1, 0, 0, 1};
#define BLUE 0x336699
#define RED 0xff0000

static const char *program;

// --- tests --------------------------------------------------------------------------------

// Asked before there is a renderer, the device answers when it has come.
static void test_capsets(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	struct virtio_gpu_config config;
	assert_true(fake_device_config_read(r.f->device, 0, &config, sizeof(config)));
	assert_int_equal(config.num_capsets, 2);
	struct virtio_gpu_get_capset_info get_info = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_GET_CAPSET_INFO, 0, 0)};
	virgl_put(r.f, &get_info, sizeof(get_info), NULL);
	while (r.wanted == 0) {
		wl_event_loop_dispatch(r.f->loop, 100);
	}
	virgl_start(&r);
	uint32_t bytes;
	const struct virtio_gpu_resp_capset_info *info = (const void *)virgl_get(r.f, NULL, &bytes);
	assert_int_equal(bytes, sizeof(*info));
	assert_int_equal(info->hdr.type, VIRTIO_GPU_RESP_OK_CAPSET_INFO);
	assert_int_equal(info->capset_id, VIRTIO_GPU_CAPSET_VIRGL);
	get_info.capset_index = 1;
	virgl_put(r.f, &get_info, sizeof(get_info), NULL);
	info = (const void *)virgl_get(r.f, NULL, NULL);
	assert_int_equal(info->capset_id, VIRTIO_GPU_CAPSET_VIRGL2);
	const uint32_t size = info->capset_max_size, version = info->capset_max_version;
	assert_true(size > 1000);
	struct virtio_gpu_get_capset get_capset = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_GET_CAPSET, 0, 0),
		.capset_id = VIRTIO_GPU_CAPSET_VIRGL2,
		.capset_version = version,
	};
	virgl_put(r.f, &get_capset, sizeof(get_capset), NULL);
	const struct virtio_gpu_resp_capset *capset = (const void *)virgl_get(r.f, NULL, &bytes);
	assert_int_equal(capset->hdr.type, VIRTIO_GPU_RESP_OK_CAPSET);
	assert_int_equal(bytes, sizeof(*capset) + size);
	assert_int_equal(capset->capset_data[0], version); // struct virgl_caps begins with it
	// Wild ones.
	get_capset.capset_version = 99;
	assert_int_equal(virgl_run(r.f, &get_capset, sizeof(get_capset)),
		VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	get_capset.capset_id = UINT32_MAX;
	assert_int_equal(virgl_run(r.f, &get_capset, sizeof(get_capset)),
		VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	get_info.capset_index = 2;
	assert_int_equal(
		virgl_run(r.f, &get_info, sizeof(get_info)), VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	virgl_end(&r);
}

static void show_and_redraw(struct renderer *r, uint32_t format) {
	struct fixture *f = r->f;
	virgl_start(r);
	virgl_set_up(f, format);
	virgl_draw(f, format, blue);
	assert_ok(fake_gpu_set_scanout(f->device, 0, RESOURCE, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, RESOURCE, fixture_whole(), 0));
	virgl_wait_shows(f, 1);
	virgl_assert_colour(f, BLUE);
	// Drawn anew, a part is flushed: that part is read, into another image than the shown one.
	const uint64_t read_bytes = f->gpu->remote->read_bytes;
	virgl_draw(f, format, red);
	const struct virtio_gpu_rect part = {.x = 8, .y = 4, .width = 16, .height = 8};
	fake_window_become_ready(f->fake);
	assert_ok(fake_gpu_flush(f->device, RESOURCE, part, 0));
	virgl_wait_shows(f, 2);
	assert_int_equal(f->gpu->remote->read_bytes - read_bytes, 16 * 8 * 4);
	assert_int_equal(fake_window_pixel(f->fake, 8, 4) & 0xffffff, RED);
	assert_int_equal(fake_window_pixel(f->fake, 23, 11) & 0xffffff, RED);
	assert_int_equal(fake_window_pixel(f->fake, 24, 11) & 0xffffff, BLUE);
	assert_int_equal(fake_window_pixel(f->fake, 0, 0) & 0xffffff, BLUE);
}

static void test_draws(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	show_and_redraw(&r, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM);
	virgl_end(&r);
}

// Another order of bytes is brought into that of windows.
static void test_swizzles(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	show_and_redraw(&r, VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM);
	virgl_end(&r);
}

// A window that takes no frame has nothing read for it; the last of the flushes is shown then.
static void test_waits_for_window(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	struct fixture *f = r.f;
	virgl_start(&r);
	virgl_set_up(f, BGRX);
	fixture_framebuffer(f, 20, 0);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 20, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 20, fixture_whole(), 0));
	virgl_wait_shows(f, 1);
	virgl_draw(f, BGRX, blue);
	assert_ok(fake_gpu_set_scanout(f->device, 0, RESOURCE, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, RESOURCE, fixture_whole(), 0));
	virgl_draw(f, BGRX, red);
	const int flush = fixture_submit_flush(f, RESOURCE, fixture_whole(), 5);
	virgl_draw(f, BGRX, red);
	assert_int_equal(f->gpu->remote->read_bytes, 0);
	fake_window_become_ready(f->fake);
	virgl_wait_shows(f, 2);
	virgl_assert_colour(f, RED);
	assert_int_equal(f->gpu->remote->read_bytes, WIDTH * HEIGHT * 4);
	// The fenced one is answered when its frame was presented.
	assert_int_equal(fixture_answers(f), 0);
	fake_window_present(f->fake, f->window->last_serial - 1);
	assert_int_equal(fixture_answers(f), 0);
	fake_window_present(f->fake, f->window->last_serial);
	int got;
	assert_int_equal(virgl_get(f, &got, NULL)->fence_id, 5);
	assert_int_equal(got, flush);
	virgl_end(&r);
}

// What is flushed while a picture is read is in the next one, and so is its fence.
static void test_flushed_while_read(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	struct fixture *f = r.f;
	virgl_start(&r);
	virgl_set_up(f, BGRX);
	virgl_draw(f, BGRX, blue);
	assert_ok(fake_gpu_set_scanout(f->device, 0, RESOURCE, fixture_whole()));
	kill(r.pid, SIGSTOP);
	fixture_submit_flush(f, RESOURCE, fixture_whole(), 5);
	fixture_submit_flush(f, RESOURCE, fixture_whole(), 6);
	kill(r.pid, SIGCONT);
	virgl_wait_shows(f, 1);
	fake_window_present(f->fake, f->window->last_serial);
	assert_int_equal(fixture_answers(f), 1);
	fake_window_become_ready(f->fake);
	virgl_wait_shows(f, 2);
	assert_int_equal(fixture_answers(f), 0);
	fake_window_present(f->fake, f->window->last_serial);
	assert_int_equal(fixture_answers(f), 1);
	virgl_end(&r);
}

// From the guest's memory and back, with the layout that 2D has.
static void test_transfers(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	struct fixture *f = r.f;
	virgl_start(&r);
	virgl_set_up(f, BGRX);
	const uint32_t bytes = WIDTH * HEIGHT * 4;
	const uint64_t address = fake_guest_alloc_high(f->guest, bytes, 4096);
	const struct fake_backing halves[] = {
		{address, bytes / 2}, {address + bytes / 2, bytes / 2}};
	assert_ok(fake_gpu_attach_backing(f->device, RESOURCE, halves, 2));
	assert_int_equal(fake_gpu_attach_backing(f->device, RESOURCE, halves, 2),
		VIRTIO_GPU_RESP_ERR_UNSPEC);
	fixture_fill(f, address, WIDTH * HEIGHT, BLUE);
	assert_ok(fake_gpu_transfer(f->device, RESOURCE, fixture_whole(), 0));
	fixture_fill(f, address, WIDTH * HEIGHT, 0);
	struct virtio_gpu_transfer_host_3d transfer = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D, CONTEXT, 0),
		.box = {.w = WIDTH, .h = HEIGHT, .d = 1},
		.resource_id = RESOURCE,
	};
	assert_ok(virgl_run(f, &transfer, sizeof(transfer)));
	const uint32_t *pixels = fake_guest_at(f->guest, address);
	for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
		assert_int_equal(pixels[i] & 0xffffff, BLUE);
	}
	// What the renderer refuses is an error in the answer, which was written before.
	transfer.box.w = WIDTH + 1;
	assert_int_equal(
		virgl_run(f, &transfer, sizeof(transfer)), VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	transfer.box.w = WIDTH;
	transfer.hdr.ctx_id = 99;
	assert_int_equal(
		virgl_run(f, &transfer, sizeof(transfer)), VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID);
	transfer.hdr.ctx_id = CONTEXT;
	transfer.resource_id = 99;
	assert_int_equal(
		virgl_run(f, &transfer, sizeof(transfer)), VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	assert_ok(fake_gpu_detach_backing(f->device, RESOURCE));
	assert_ok(fake_gpu_unref(f->device, RESOURCE));
	assert_int_equal(
		fake_gpu_unref(f->device, RESOURCE), VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	virgl_end(&r);
}

static void test_refusals(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	struct fixture *f = r.f;
	virgl_start(&r);
	assert_int_equal(virgl_create_context(f, 0), VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID);
	virgl_set_up(f, BGRX);
	assert_int_equal(virgl_create_context(f, CONTEXT), VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID);
	assert_int_equal(
		virgl_create_3d(f, RESOURCE, BGRX), VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	assert_int_equal(virgl_create_3d(f, 0, BGRX), VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	assert_int_equal(virgl_ctx_resource(f, VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 9, RESOURCE),
		VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID);
	assert_int_equal(virgl_ctx_resource(f, VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, CONTEXT, 9),
		VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	// A size that is no words, or more than there is.
	const uint32_t words[4] = {0};
	const uint32_t sizes[] = {3, 17, 1 << 20, UINT32_MAX, UINT32_MAX - 3};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct virtio_gpu_cmd_submit submit = {
			.hdr = virgl_header(VIRTIO_GPU_CMD_SUBMIT_3D, CONTEXT, 0),
			.size = sizes[i]};
		struct fake_buffer extra = {fake_guest_alloc(f->guest, 16, 16), 16, false};
		memcpy(fake_guest_at(f->guest, extra.guest_address), words, sizeof(words));
		virgl_put(f, &submit, sizeof(submit), &extra);
		assert_int_equal(
			virgl_get(f, NULL, NULL)->type, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	}
	virgl_put_submit(f, 9, words, sizeof(words), 0);
	assert_int_equal(virgl_get(f, NULL, NULL)->type, VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID);
	// Rubbish is the renderer's to refuse, and the context's end.
	const uint32_t rubbish[2] = {0xdeadbeef, 0xffffffff};
	virgl_put_submit(f, CONTEXT, rubbish, sizeof(rubbish), 8);
	assert_int_equal(virgl_get(f, NULL, NULL)->fence_id, 8);
	// Too many contexts.
	for (uint32_t i = 0; i < RENDERER_REMOTE_CONTEXTS_MAX - 1; i++) {
		assert_ok(virgl_create_context(f, 100 + i));
	}
	assert_int_equal(virgl_create_context(f, 99), VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY);
	const struct virtio_gpu_ctx_destroy destroy = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_CTX_DESTROY, 100, 0)};
	assert_ok(virgl_run(f, &destroy, sizeof(destroy)));
	assert_int_equal(
		virgl_run(f, &destroy, sizeof(destroy)), VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID);
	assert_ok(virgl_create_context(f, 99));
	assert_int_equal(r.lost, 0);
	virgl_end(&r);
}

// The renderer dies: fences complete, 2D goes on, and the next context gets another renderer.
static void test_death(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	struct fixture *f = r.f;
	virgl_start(&r);
	virgl_set_up(f, BGRX);
	virgl_draw(f, BGRX, blue);
	kill(r.pid, SIGSTOP);
	virgl_put_clear(f, RESOURCE, BGRX, red, 78);
	fixture_run(f, 20);
	virgl_kill(&r);
	const struct virtio_gpu_ctrl_hdr *response = virgl_get(f, NULL, NULL);
	assert_int_equal(response->type, VIRTIO_GPU_RESP_ERR_UNSPEC);
	assert_int_equal(response->flags, VIRTIO_GPU_FLAG_FENCE);
	assert_int_equal(response->fence_id, 78);
	assert_int_equal(r.lost, 1);
	assert_int_equal(r.wanted, 0);
	fixture_framebuffer(f, 20, 0x123456);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 20, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 20, fixture_whole(), 0));
	virgl_wait_shows(f, 1);
	virgl_assert_colour(f, 0x123456);
	// What was in it is gone, and may be taken down.
	virgl_put_clear(f, RESOURCE, BGRX, red, 0);
	assert_int_equal(virgl_get(f, NULL, NULL)->type, VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID);
	assert_ok(fake_gpu_flush(f->device, RESOURCE, fixture_whole(), 0));
	assert_ok(fake_gpu_unref(f->device, RESOURCE));
	const struct virtio_gpu_ctx_create create = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_CTX_CREATE, CONTEXT, 0), .context_init = 0};
	virgl_put(f, &create, sizeof(create), NULL);
	while (r.wanted == 0) {
		wl_event_loop_dispatch(f->loop, 100);
	}
	virgl_start(&r);
	assert_ok(virgl_get(f, NULL, NULL)->type);
	assert_ok(virgl_create_3d(f, RESOURCE, BGRX));
	assert_ok(virgl_ctx_resource(f, VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, CONTEXT, RESOURCE));
	virgl_draw(f, BGRX, red);
	assert_ok(fake_gpu_set_scanout(f->device, 0, RESOURCE, fixture_whole()));
	fake_window_become_ready(f->fake);
	assert_ok(fake_gpu_flush(f->device, RESOURCE, fixture_whole(), 0));
	virgl_wait_shows(f, 2);
	virgl_assert_colour(f, RED);
	virgl_end(&r);
}

// A renderer that does not answer is given up; so is one that never comes.
static void test_patience(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	struct fixture *f = r.f;
	virgl_start(&r);
	virgl_set_up(f, BGRX);
	virgl_draw(f, BGRX, blue);
	// The watchdog that watches since the start looks once more, and finds nothing to watch.
	f->gpu->remote->patience_ms = 100;
	wl_event_source_timer_update(f->gpu->remote->watchdog, 1);
	while (f->gpu->remote->watching) {
		wl_event_loop_dispatch(f->loop, 100);
	}
	kill(r.pid, SIGSTOP);
	virgl_put_clear(f, RESOURCE, BGRX, red, 9);
	assert_int_equal(virgl_get(f, NULL, NULL)->type, VIRTIO_GPU_RESP_ERR_UNSPEC);
	assert_int_equal(r.lost, 1);
	assert_int_equal(virgl_create_context(f, CONTEXT), VIRTIO_GPU_RESP_ERR_UNSPEC);
	assert_int_equal(r.wanted, 1);
	assert_int_equal(virgl_create_context(f, CONTEXT), VIRTIO_GPU_RESP_ERR_UNSPEC);
	assert_int_equal(r.wanted, 1); // nobody is asked twice in vain
	virgl_end(&r);
}

// Fences signal in order: that of a 2D command does not overtake the drawing before it.
static void test_order(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	struct fixture *f = r.f;
	virgl_start(&r);
	virgl_set_up(f, BGRX);
	virgl_draw(f, BGRX, blue);
	fixture_framebuffer(f, 20, 0);
	kill(r.pid, SIGSTOP);
	virgl_put_clear(f, RESOURCE, BGRX, red, 30);
	const struct virtio_gpu_transfer_to_host_2d transfer = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D, 0, 31),
		.r = fixture_whole(),
		.resource_id = 20,
	};
	virgl_put(f, &transfer, sizeof(transfer), NULL);
	const struct virtio_gpu_ctrl_hdr info = virgl_header(VIRTIO_GPU_CMD_GET_DISPLAY_INFO, 0, 0);
	virgl_put(f, &info, sizeof(info), NULL);
	// The one without a fence need not wait.
	assert_int_equal(virgl_get(f, NULL, NULL)->type, VIRTIO_GPU_RESP_OK_DISPLAY_INFO);
	assert_int_equal(fixture_answers(f), 0);
	kill(r.pid, SIGCONT);
	assert_int_equal(virgl_get(f, NULL, NULL)->fence_id, 30);
	assert_int_equal(virgl_get(f, NULL, NULL)->fence_id, 31);
	virgl_end(&r);
}

// Paused or reset in the middle of drawing: nothing of before comes after.
static void test_stop_and_reset(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	struct fixture *f = r.f;
	virgl_start(&r);
	virgl_set_up(f, BGRX);
	virgl_draw(f, BGRX, blue);
	kill(r.pid, SIGSTOP);
	virgl_put_clear(f, RESOURCE, BGRX, red, 40);
	fixture_run(f, 20);
	assert_true(fake_device_stop_queue(f->device, FAKE_GPU_CONTROL) > 0);
	assert_int_equal(fixture_answers(f), 1);
	kill(r.pid, SIGCONT);
	const int64_t end_ms = fixture_now_ms() + PATIENCE_MS;
	while (!wl_list_empty(&f->gpu->remote->running) ||
		!wl_list_empty(&f->gpu->remote->fencing)) {
		assert_true(fixture_now_ms() < end_ms);
		wl_event_loop_dispatch(f->loop, 100);
	}
	assert_true(fake_device_reset(f->device));
	assert_true(fake_device_start_queue(f->device, FAKE_GPU_CONTROL, 64));
	virgl_set_up(f, BGRX);
	virgl_draw(f, BGRX, red);
	assert_ok(fake_gpu_set_scanout(f->device, 0, RESOURCE, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, RESOURCE, fixture_whole(), 0));
	virgl_wait_shows(f, 1);
	virgl_assert_colour(f, RED);
	assert_int_equal(r.lost, 0);
	// One that still draws for the former driver is given up, with its memory.
	kill(r.pid, SIGSTOP);
	virgl_put_clear(f, RESOURCE, BGRX, red, 41);
	fixture_run(f, 20);
	assert_true(fake_device_stop_queue(f->device, FAKE_GPU_CONTROL) > 0);
	assert_true(fake_device_reset(f->device));
	assert_int_equal(r.lost, 1);
	virgl_end(&r);
}

// A cursor that was drawn.
static void test_cursor(void **state) {
	struct renderer r;
	virgl_begin(&r, program);
	struct fixture *f = r.f;
	virgl_start(&r);
	assert_ok(virgl_create_context(f, CONTEXT));
	const struct virtio_gpu_resource_create_3d create = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_RESOURCE_CREATE_3D, 0, 0),
		.resource_id = RESOURCE,
		.target = 2,
		.format = VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM,
		.bind = BIND_RENDER_TARGET,
		.width = WINDOW_CURSOR_SIZE,
		.height = WINDOW_CURSOR_SIZE,
		.depth = 1,
		.array_size = 1,
		.flags = Y_0_TOP,
	};
	assert_ok(virgl_run(f, &create, sizeof(create)));
	assert_ok(virgl_ctx_resource(f, VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, CONTEXT, RESOURCE));
	virgl_draw(f, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, blue);
	assert_true(
		fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, RESOURCE, 1, 2, 3, 4));
	const int64_t end_ms = fixture_now_ms() + PATIENCE_MS;
	while (f->fake->cursor != FAKE_CURSOR_IMAGE) {
		assert_true(fixture_now_ms() < end_ms);
		wl_event_loop_dispatch(f->loop, 100);
	}
	assert_int_equal(f->fake->cursor_pixels[0], 0xff000000 | BLUE);
	assert_int_equal(f->fake->cursor_pixels[64 * 64 - 1], 0xff000000 | BLUE);
	assert_int_equal(f->fake->cursor_hot_x, 3);
	virgl_end(&r);
}

int main(int argc, char **argv) {
	assert(argc == 2);
	program = argv[1];
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capsets),
		cmocka_unit_test(test_draws),
		cmocka_unit_test(test_swizzles),
		cmocka_unit_test(test_waits_for_window),
		cmocka_unit_test(test_flushed_while_read),
		cmocka_unit_test(test_transfers),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_death),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_stop_and_reset),
		cmocka_unit_test(test_cursor),
	};
	return cmocka_run_group_tests_name("virgl", tests, NULL, NULL);
}

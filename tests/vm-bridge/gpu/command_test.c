// virtio-gpu's commands, as a driver and as a hostile guest send them.
#include <string.h>

#include "edid.h"
#include "gpu_fixture.h"

static uint32_t command(struct fixture *f, const void *request, size_t size) {
	struct virtio_gpu_ctrl_hdr response = {0};
	fake_gpu_command(f->device, request, size, NULL, &response, sizeof(response));
	return response.type;
}

static void test_display_info(void **state) {
	struct fixture *f = fixture_begin();
	struct virtio_gpu_resp_display_info info;
	assert_int_equal(fake_gpu_display_info(f->device, &info), VIRTIO_GPU_RESP_OK_DISPLAY_INFO);
	assert_int_equal(info.pmodes[0].enabled, 1);
	assert_int_equal(info.pmodes[0].r.width, WIDTH);
	assert_int_equal(info.pmodes[0].r.height, HEIGHT);
	for (int i = 1; i < VIRTIO_GPU_MAX_SCANOUTS; i++) {
		assert_int_equal(info.pmodes[i].enabled, 0);
	}
	fake_window_set_mode(f->fake, 1920, 1080);
	fake_gpu_display_info(f->device, &info);
	assert_int_equal(info.pmodes[0].r.width, 1920);
	assert_int_equal(info.pmodes[0].r.height, 1080);
	fixture_end(f);
}

static void test_edid(void **state) {
	struct fixture *f = fixture_begin();
	struct virtio_gpu_resp_edid edid;
	memset(&edid, 0xff, sizeof(edid));
	assert_int_equal(fake_gpu_edid(f->device, 0, &edid), VIRTIO_GPU_RESP_OK_EDID);
	assert_int_equal(edid.size, 128);
	assert_int_equal(edid.edid[56] | (edid.edid[58] & 0xf0) << 4, WIDTH);
	for (size_t i = edid.size; i < sizeof(edid.edid); i++) {
		assert_int_equal(edid.edid[i], 0);
	}
	assert_int_equal(
		fake_gpu_edid(f->device, 1, &edid), VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID);
	assert_int_equal(fake_gpu_edid(f->device, UINT32_MAX, &edid),
		VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID);
	fixture_end(f);
}

/** Hostile 15, 16. */
static void test_create_refused(void **state) {
	struct fixture *f = fixture_begin();
	static const struct {
		uint32_t id, format, width, height, result;
	} cases[] = {
		{0, BGRX, 8, 8, VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID},
		{1, BGRX, 0, 0, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER},
		{1, BGRX, 8, 0, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER},
		{1, BGRX, UINT32_C(1) << 31, 2, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER},
		{1, BGRX, 65535, 65535, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER},
		{1, BGRX, UINT32_MAX, UINT32_MAX, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER},
		{1, BGRX, 16384, 16384, VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY},
		{1, 0, 8, 8, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER},
		{1, 5, 8, 8, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER},
		{1, UINT32_MAX, 8, 8, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(fake_gpu_create_2d(f->device, cases[i].id, cases[i].format,
					 cases[i].width, cases[i].height),
			cases[i].result);
	}
	assert_ok(fake_gpu_create_2d(f->device, 1, BGRX, 8, 8));
	assert_int_equal(fake_gpu_create_2d(f->device, 1, BGRX, 8, 8),
		VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	assert_ok(fake_gpu_unref(f->device, 1));
	assert_int_equal(fake_gpu_unref(f->device, 1), VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	assert_ok(fake_gpu_create_2d(f->device, 1, BGRX, 8, 8));
	fixture_end(f);
}

/** Hostile 17. */
static void test_quotas(void **state) {
	struct fixture *f = fixture_begin();
	uint32_t id = 1;
	while (id < 8 &&
		fake_gpu_create_2d(f->device, id, BGRX, 4096, 4096) == VIRTIO_GPU_RESP_OK_NODATA) {
		id++;
	}
	assert_int_equal(id, 5); // four times 64 MiB
	assert_int_equal(
		fake_gpu_create_2d(f->device, 5, BGRX, 1, 1), VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY);
	assert_ok(fake_gpu_unref(f->device, 4));
	assert_ok(fake_gpu_create_2d(f->device, 5, BGRX, 1, 1));
	for (id = 1; id <= 5; id++) {
		fake_gpu_unref(f->device, id);
	}
	assert_int_equal(f->gpu->resources.budget.used_bytes, 0);
	assert_int_equal(f->gpu->resources.count, 0);
	fixture_end(f);
}

static void test_resource_count(void **state) {
	struct fixture *f = fixture_begin();
	const unsigned fds = fake_socket_count_fds();
	uint32_t id = 1;
	while (id <= RESOURCE_MAX_COUNT + 8 &&
		fake_gpu_create_2d(f->device, id, BGRX, 1, 1) == VIRTIO_GPU_RESP_OK_NODATA) {
		id++;
	}
	assert_int_in_range(id, 2, RESOURCE_MAX_COUNT + 1); // fewer where fds are short
	assert_int_equal(
		fake_gpu_create_2d(f->device, id, BGRX, 1, 1), VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY);
	for (uint32_t i = 1; i < id; i++) {
		assert_ok(fake_gpu_unref(f->device, i));
	}
	assert_int_equal(fake_socket_count_fds(), fds);
	fixture_end(f);
}

static uint32_t attach_raw(
	struct fixture *f, uint32_t id, uint32_t entries, uint32_t payload_bytes) {
	const struct virtio_gpu_resource_attach_backing body = {
		.hdr = {.type = VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING},
		.resource_id = id,
		.nr_entries = entries,
	};
	const struct fake_buffer extra = {
		.guest_address = fake_guest_alloc(f->guest, 4096, 16),
		.size_bytes = payload_bytes,
	};
	struct virtio_gpu_ctrl_hdr response = {0};
	fake_gpu_command(f->device, &body, sizeof(body), payload_bytes > 0 ? &extra : NULL,
		&response, sizeof(response));
	return response.type;
}

/** Hostile 18, 19. */
static void test_backing(void **state) {
	struct fixture *f = fixture_begin();
	assert_ok(fake_gpu_create_2d(f->device, 1, BGRX, 8, 8));
	assert_int_equal(attach_raw(f, 1, UINT32_MAX, 16), VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	assert_int_equal(attach_raw(f, 1, 16385, 16), VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	assert_int_equal(attach_raw(f, 1, 2, 16), VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	assert_int_equal(attach_raw(f, 1, 1, 0), VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	assert_int_equal(attach_raw(f, 1, 0, 16), VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	assert_int_equal(attach_raw(f, 2, 1, 16), VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	assert_int_equal(fake_gpu_transfer(f->device, 1, (struct virtio_gpu_rect){0, 0, 8, 8}, 0),
		VIRTIO_GPU_RESP_ERR_UNSPEC);
	assert_int_equal(fake_gpu_detach_backing(f->device, 1), VIRTIO_GPU_RESP_ERR_UNSPEC);
	assert_int_equal(
		fake_gpu_detach_backing(f->device, 2), VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	assert_ok(attach_raw(f, 1, 2, 32));
	assert_int_equal(attach_raw(f, 1, 2, 32), VIRTIO_GPU_RESP_ERR_UNSPEC);
	assert_ok(fake_gpu_detach_backing(f->device, 1));
	assert_ok(attach_raw(f, 1, 2, 32));
	assert_ok(fake_gpu_unref(f->device, 1));
	assert_int_equal(f->gpu->resources.entry_count, 0);
	fixture_end(f);
}

/** Hostile 20: what the backing does not have is black, and so is what is not guest memory. */
static void test_short_backing(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, 0x445566); // not black before
	assert_ok(fake_gpu_detach_backing(f->device, 1));
	const uint64_t address = fake_guest_alloc(f->guest, 4096, 4096);
	fixture_fill(f, address, 1024, 0x112233);
	const struct fake_backing backings[] = {
		{address, WIDTH * 4},
		{UINT64_C(1) << 60, WIDTH * 4},
		{UINT64_MAX - 8, WIDTH * 4},
		{address, WIDTH * 4 + 2},
	};
	assert_ok(fake_gpu_attach_backing(f->device, 1, backings, 4));
	assert_ok(fake_gpu_transfer(f->device, 1, fixture_whole(), 0));
	assert_ok(fake_gpu_set_scanout(f->device, 0, 1, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0));
	assert_int_equal(fake_window_pixel(f->fake, 0, 0), 0x112233);
	assert_int_equal(fake_window_pixel(f->fake, 0, 1), 0);
	assert_int_equal(fake_window_pixel(f->fake, 0, 2), 0);
	assert_int_equal(fake_window_pixel(f->fake, 0, 3), 0x112233);
	assert_int_equal(fake_window_pixel(f->fake, 0, 4), 0x2233); // half a pixel
	assert_int_equal(fake_window_pixel(f->fake, 1, 4), 0);
	assert_int_equal(fake_window_pixel(f->fake, WIDTH - 1, HEIGHT - 1), 0);
	fixture_end(f);
}

/** Hostile 21, 22, 25. */
static void test_rectangles(void **state) {
	struct fixture *f = fixture_begin();
	fixture_framebuffer(f, 1, 0);
	static const struct virtio_gpu_rect outside[] = {
		{0, 0, WIDTH + 1, HEIGHT},
		{0, 0, WIDTH, HEIGHT + 1},
		{1, 0, WIDTH, HEIGHT},
		{0, 1, WIDTH, HEIGHT},
		{WIDTH, 0, 1, 1},
		{UINT32_MAX, 0, 2, 1},
		{UINT32_MAX - 1, UINT32_MAX - 1, 2, 2},
		{0, 0, UINT32_MAX, UINT32_MAX},
		{0, 0, 0, HEIGHT},
		{0, 0, WIDTH, 0},
	};
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		assert_int_equal(fake_gpu_transfer(f->device, 1, outside[i], 0),
			VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
		assert_int_equal(fake_gpu_set_scanout(f->device, 0, 1, outside[i]),
			VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
		assert_int_equal(fake_gpu_flush(f->device, 1, outside[i], 0),
			VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	}
	assert_int_equal(fake_gpu_transfer(f->device, 1, fixture_whole(), UINT64_MAX),
		VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	assert_int_equal(fake_gpu_transfer(f->device, 1, fixture_whole(), UINT64_MAX - WIDTH),
		VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
	assert_ok(fake_gpu_transfer(f->device, 1, fixture_whole(), UINT64_C(1) << 62));
	assert_int_equal(fake_gpu_set_scanout(f->device, 1, 1, fixture_whole()),
		VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID);
	assert_int_equal(fake_gpu_set_scanout(f->device, UINT32_MAX, 0, fixture_whole()),
		VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID);
	assert_int_equal(fake_gpu_set_scanout(f->device, 0, 9, fixture_whole()),
		VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	assert_int_equal(fake_gpu_flush(f->device, 9, fixture_whole(), 0),
		VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	assert_int_equal(fake_gpu_transfer(f->device, 0, fixture_whole(), 0),
		VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
	assert_ok(fake_gpu_flush(f->device, 1, fixture_whole(), 0)); // is not scanned out
	assert_int_equal(f->fake->shows, 0);
	fixture_end(f);
}

/** Hostile 14, 24, 27, 28, 29: this device has no 3D, no blobs and no capsets. */
static void test_unknown(void **state) {
	struct fixture *f = fixture_begin();
	static const uint32_t types[] = {0, VIRTIO_GPU_CMD_GET_CAPSET_INFO,
		VIRTIO_GPU_CMD_GET_CAPSET, VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB,
		VIRTIO_GPU_CMD_SET_SCANOUT_BLOB, VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB,
		VIRTIO_GPU_CMD_CTX_CREATE, VIRTIO_GPU_CMD_SUBMIT_3D, VIRTIO_GPU_CMD_UPDATE_CURSOR,
		VIRTIO_GPU_RESP_OK_NODATA, UINT32_MAX};
	uint8_t body[256] = {0};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		memcpy(body, &types[i], sizeof(types[i]));
		assert_int_equal(command(f, body, sizeof(body)), VIRTIO_GPU_RESP_ERR_UNSPEC);
	}
	// Every known command, cut short by a byte.
	static const struct {
		uint32_t type;
		size_t size_bytes;
	} known[] = {
		{VIRTIO_GPU_CMD_GET_DISPLAY_INFO, sizeof(struct virtio_gpu_ctrl_hdr)},
		{VIRTIO_GPU_CMD_GET_EDID, sizeof(struct virtio_gpu_cmd_get_edid)},
		{VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, sizeof(struct virtio_gpu_resource_create_2d)},
		{VIRTIO_GPU_CMD_RESOURCE_UNREF, sizeof(struct virtio_gpu_resource_unref)},
		{VIRTIO_GPU_CMD_SET_SCANOUT, sizeof(struct virtio_gpu_set_scanout)},
		{VIRTIO_GPU_CMD_RESOURCE_FLUSH, sizeof(struct virtio_gpu_resource_flush)},
		{VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D, sizeof(struct virtio_gpu_transfer_to_host_2d)},
		{VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING,
			sizeof(struct virtio_gpu_resource_attach_backing)},
		{VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING,
			sizeof(struct virtio_gpu_resource_detach_backing)},
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		memcpy(body, &known[i].type, sizeof(known[i].type));
		assert_int_equal(
			command(f, body, known[i].size_bytes - 1), VIRTIO_GPU_RESP_ERR_UNSPEC);
	}
	assert_int_equal(command(f, body, 1), VIRTIO_GPU_RESP_ERR_UNSPEC);
	fixture_end(f);
}

static void test_fence(void **state) {
	struct fixture *f = fixture_begin();
	const struct virtio_gpu_ctrl_hdr info = {
		.type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO,
		.flags = VIRTIO_GPU_FLAG_FENCE | 0x80,
		.fence_id = UINT64_C(0x123456789abcdef0),
		.ctx_id = 7,
	};
	struct virtio_gpu_ctrl_hdr response;
	fake_gpu_command(f->device, &info, sizeof(info), NULL, &response, sizeof(response));
	assert_int_equal(response.type, VIRTIO_GPU_RESP_OK_DISPLAY_INFO);
	assert_int_equal(response.flags, VIRTIO_GPU_FLAG_FENCE);
	assert_int_equal(response.fence_id, info.fence_id);
	assert_int_equal(response.ctx_id, 7);
	fixture_end(f);
}

/** Hostile 8: a response buffer that is too short. */
static void test_short_response(void **state) {
	struct fixture *f = fixture_begin();
	const uint64_t request = fake_guest_alloc(f->guest, 64, 16);
	const uint64_t response = fake_guest_alloc(f->guest, 4096, 16);
	const struct virtio_gpu_ctrl_hdr hdr = {.type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO};
	memcpy(fake_guest_at(f->guest, request), &hdr, sizeof(hdr));
	memset(fake_guest_at(f->guest, response), 0xaa, 4096);
	const struct fake_buffer buffers[] = {
		{request, sizeof(hdr), false},
		{response, 10, true},
	};
	struct fake_queue *queue = &f->device->queues[FAKE_GPU_CONTROL];
	assert_true(fake_queue_offer(f->device, queue, buffers, 2) >= 0);
	fake_queue_kick(queue);
	uint32_t written = 0;
	assert_true(fake_queue_wait(f->device, queue, &written) >= 0);
	assert_int_equal(written, 10);
	assert_int_equal(((uint8_t *)fake_guest_at(f->guest, response))[10], 0xaa);
	fixture_end(f);
}

/** Hostile 26, and a cursor as it should be. */
static void test_cursor(void **state) {
	struct fixture *f = fixture_begin();
	const uint64_t address = fake_gpu_make_framebuffer(
		f->device, 1, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, 64, 64);
	fixture_fill(f, address, 64 * 64, 0x80402010);
	assert_ok(fake_gpu_transfer(
		f->device, 1, (struct virtio_gpu_rect){.width = 64, .height = 64}, 0));
	fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 1, 5, 6, 7, 8);
	fixture_run(f, 5);
	assert_int_equal(f->fake->cursor, FAKE_CURSOR_IMAGE);
	assert_int_equal(f->fake->cursor_pixels[64 * 64 - 1], 0x80402010);
	assert_int_equal(f->fake->cursor_hot_x, 7);
	assert_int_equal(f->fake->cursor_hot_y, 8);
	assert_int_equal(f->fake->cursor_x, 5);
	fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_MOVE_CURSOR, 0, 0, 9, 10, 0, 0);
	fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_MOVE_CURSOR, 1, 0, 11, 12, 0, 0);
	fixture_run(f, 5);
	assert_int_equal(f->fake->cursor_x, 9);
	fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_MOVE_CURSOR, 0, 0, (uint32_t)-9, 10, 0, 0);
	fixture_run(f, 5);
	assert_int_equal(f->fake->cursor_x, -9);
	assert_int_equal(f->fake->cursor_y, 10);
	fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_UPDATE_CURSOR, 9, 0, 0, 0, 0, 0);
	fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 77, 0, 0, 0, 0);
	assert_ok(fake_gpu_create_2d(f->device, 2, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, 63, 64));
	fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 2, 0, 0, 0, 0);
	fixture_run(f, 5);
	assert_int_equal(f->fake->cursor, FAKE_CURSOR_IMAGE);
	assert_int_equal(f->fake->cursor_hot_x, 7);
	fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 0, 0, 0, 0, 0);
	fixture_run(f, 5);
	assert_int_equal(f->fake->cursor, FAKE_CURSOR_HIDDEN);
	fixture_end(f);
}

/** Formats' names give the order of bytes in memory; the window always gets XRGB8888. */
static void test_formats(void **state) {
	struct fixture *f = fixture_begin();
	static const struct {
		uint32_t format;
		uint8_t bytes[4]; // red 0x11, green 0x22, blue 0x33, other 0x44
	} cases[] = {
		{VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, {0x33, 0x22, 0x11, 0x44}},
		{VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, {0x33, 0x22, 0x11, 0x44}},
		{VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM, {0x44, 0x11, 0x22, 0x33}},
		{VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM, {0x44, 0x11, 0x22, 0x33}},
		{VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM, {0x11, 0x22, 0x33, 0x44}},
		{VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM, {0x44, 0x33, 0x22, 0x11}},
		{VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM, {0x44, 0x33, 0x22, 0x11}},
		{VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM, {0x11, 0x22, 0x33, 0x44}},
	};
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint64_t address = fake_gpu_make_framebuffer(
			f->device, i + 1, cases[i].format, WIDTH, HEIGHT);
		uint32_t pixel;
		memcpy(&pixel, cases[i].bytes, sizeof(pixel));
		fixture_fill(f, address, WIDTH * HEIGHT, pixel);
		const struct virtio_gpu_rect part = {2, 3, 5, 7};
		assert_ok(fake_gpu_transfer(f->device, i + 1, part, (3 * WIDTH + 2) * 4));
		assert_ok(fake_gpu_set_scanout(f->device, 0, i + 1, fixture_whole()));
		fake_window_become_ready(f->fake);
		assert_ok(fake_gpu_flush(f->device, i + 1, fixture_whole(), 0));
		assert_int_equal(fake_window_pixel(f->fake, 2, 3), 0x112233);
		assert_int_equal(fake_window_pixel(f->fake, 6, 9), 0x112233);
		assert_int_equal(fake_window_pixel(f->fake, 1, 3), 0);
		assert_int_equal(fake_window_pixel(f->fake, 7, 9), 0);
		assert_int_equal(fake_window_pixel(f->fake, 6, 10), 0);
	}
	fixture_end(f);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_display_info),
		cmocka_unit_test(test_edid),
		cmocka_unit_test(test_create_refused),
		cmocka_unit_test(test_quotas),
		cmocka_unit_test(test_resource_count),
		cmocka_unit_test(test_backing),
		cmocka_unit_test(test_short_backing),
		cmocka_unit_test(test_rectangles),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_fence),
		cmocka_unit_test(test_short_response),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_formats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

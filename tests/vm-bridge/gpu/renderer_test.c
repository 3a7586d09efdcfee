// The device and its renderer, which is played here: one that lies, stalls, floods or dies costs
// the guest its 3D, and nothing else.

#include <stdlib.h>
#include <string.h>

#include "renderer_play.h"

// --- lies ---------------------------------------------------------------------------------

enum lie {
	LIE_UNKNOWN,
	LIE_SHORT,
	LIE_DONE_UNASKED,
	LIE_DONE_SKIPPED,
	LIE_FENCE_EARLY,
	LIE_READY_TWICE,
	LIE_CAPSET_LATE,
	LIE_RING_RUBBISH,
	LIE_RING_POSITION,
	LIE_COMMANDS_POSITION,
	LIE_HANG_UP,
	LIES,
};

static void tell(struct play *play, enum lie lie, uint64_t serial) {
	struct fake_renderer *fake = &play->fake;
	const struct render_ready ready = {.version = RENDER_WIRE_VERSION, .capsets_len = 2};
	const struct render_capset capset = {.id = 1, .bytes = RENDER_CAPSET_MAX_BYTES + 1};
	uint64_t word = 0;
	switch (lie) {
	case LIE_UNKNOWN:
		fake_renderer_reply(fake, 77, &word, sizeof(word));
		break;
	case LIE_SHORT:
		fake_renderer_reply(fake, RENDER_DONE, &word, sizeof(word));
		break;
	case LIE_DONE_UNASKED:
		fake_renderer_done(fake, serial + 100, VIRTIO_GPU_RESP_OK_NODATA);
		break;
	case LIE_DONE_SKIPPED:
		fake_renderer_done(fake, serial + 1, VIRTIO_GPU_RESP_OK_NODATA);
		break;
	case LIE_FENCE_EARLY:
		fake_renderer_fenced(fake, serial, true);
		break;
	case LIE_READY_TWICE:
		fake_renderer_reply(fake, RENDER_READY, &ready, sizeof(ready));
		break;
	case LIE_CAPSET_LATE:
		fake_renderer_reply(fake, RENDER_CAPSET, &capset, sizeof(capset));
		break;
	case LIE_RING_RUBBISH:
		fake->replies.position += 8; // a header of whatever is there
		render_ring_publish(&fake->replies);
		break;
	case LIE_RING_POSITION:
		fake->replies.position += RENDER_REPLY_RING_BYTES * 2;
		render_ring_publish(&fake->replies);
		break;
	case LIE_COMMANDS_POSITION:
		fake->commands.position += 1 << 20; // read more than there was
		render_ring_publish(&fake->commands);
		break;
	default:
		fake_renderer_close(fake);
	}
}

// What the guest waits for is answered with errors, fences among it; the next one is fresh.
static void test_lies(void **state) {
	for (enum lie lie = 0; lie < LIES; lie++) {
		struct play play;
		play_begin(&play);
		struct fixture *f = play.r.f;
		play_put_context(f, 50, 9);
		play_put_context(f, 51, 0);
		uint32_t type;
		size_t bytes;
		uint64_t serial = 0;
		while (fake_renderer_next(&play.fake, &type, &bytes)) {
			const struct render_header *header = (const void *)play.fake.body;
			serial = serial == 0 ? header->serial : serial;
		}
		tell(&play, lie, serial);
		if (lie == LIE_COMMANDS_POSITION) {
			play_put_context(f, 52, 0); // it shows when something is written
		}
		const struct virtio_gpu_ctrl_hdr *first = virgl_get(f, NULL, NULL);
		assert_int_equal(first->type, VIRTIO_GPU_RESP_ERR_UNSPEC);
		assert_int_equal(first->fence_id, 9);
		assert_int_equal(virgl_get(f, NULL, NULL)->type, VIRTIO_GPU_RESP_ERR_UNSPEC);
		assert_int_equal(play.r.lost, 1);
		if (lie == LIE_COMMANDS_POSITION) {
			virgl_get(f, NULL, NULL);
		}
		assert_int_equal(f->gpu->remote->contexts_len, 0);
		play_assert_2d(&play);
		assert_int_equal(play.r.wanted, 0);
		play_put_context(f, CONTEXT, 0);
		assert_int_equal(play.r.wanted, 1);
		fake_renderer_close(&play.fake);
		play_give(&play);
		fake_renderer_be_ready(&play.fake);
		assert_ok(play_answer(&play, VIRTIO_GPU_RESP_OK_NODATA));
		play_end(&play);
	}
}

// A result that is none is an error.
static void test_results(void **state) {
	static const uint32_t odd[] = {0, 1, 0x1101, 0x11ff, 0x1206, UINT32_MAX};
	struct play play;
	play_begin(&play);
	for (uint32_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		play_put_context(play.r.f, 60 + i, 0);
		assert_int_equal(play_answer(&play, odd[i]), VIRTIO_GPU_RESP_ERR_UNSPEC);
	}
	play_put_context(play.r.f, 70, 0);
	assert_int_equal(play_answer(&play, VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY),
		VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY);
	assert_int_equal(play.r.lost, 0);
	play_end(&play);
}

// One of another version, or with nothing to offer, is none.
static void test_versions(void **state) {
	static const struct render_ready bad[] = {
		{.version = RENDER_WIRE_VERSION + 1, .capsets_len = 2},
		{.version = RENDER_WIRE_VERSION, .capsets_len = RENDER_CAPSETS_MAX + 1},
		{.version = RENDER_WIRE_VERSION, .capsets_len = 0},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct play play;
		play_begin_without(&play);
		play_give(&play);
		play_put_context(play.r.f, CONTEXT, 3);
		fake_renderer_reply(&play.fake, RENDER_READY, &bad[i], sizeof(bad[i]));
		const struct virtio_gpu_ctrl_hdr *response = virgl_get(play.r.f, NULL, NULL);
		assert_int_equal(response->type, VIRTIO_GPU_RESP_ERR_UNSPEC);
		assert_int_equal(response->fence_id, 3);
		assert_int_equal(play.r.lost, 1);
		play_assert_2d(&play);
		play_end(&play);
	}
}

// --- floods and stalls --------------------------------------------------------------------

// A renderer that never stops talking leaves the loop its turns.
static void test_flood(void **state) {
	struct play play;
	play_begin(&play);
	for (unsigned i = 0; i < 50; i++) {
		while (fake_renderer_done(&play.fake, 0, VIRTIO_GPU_RESP_OK_NODATA)) {
		}
		wl_event_loop_dispatch(play.r.f->loop, 0);
	}
	play_assert_2d(&play);
	play_put_context(play.r.f, 50, 0);
	assert_ok(play_answer(&play, VIRTIO_GPU_RESP_OK_NODATA));
	play_end(&play);
}

// One that takes nothing: what the guest sends waits, in bounds; 2D goes past it until then.
static void test_stall(void **state) {
	struct play play;
	play_begin(&play);
	struct fixture *f = play.r.f;
	struct renderer_remote *remote = f->gpu->remote;
	const uint32_t bytes = 1 << 20;
	const uint64_t address = fake_guest_alloc(f->guest, bytes, 4096);
	unsigned sent = 0;
	size_t waiting = 0;
	do {
		const struct virtio_gpu_cmd_submit submit = {
			.hdr = virgl_header(VIRTIO_GPU_CMD_SUBMIT_3D, CONTEXT, 0), .size = bytes};
		const struct fake_buffer extra = {address, bytes, false};
		waiting = remote->link.waiting_bytes;
		virgl_put(f, &submit, sizeof(submit), &extra);
		wl_event_loop_dispatch(f->loop, 0);
		sent++;
		assert_true(sent < 60);
		if (sent == 8) {
			// Several wait, and this one does not.
			assert_true(remote->link.waiting_bytes > 0);
			const struct virtio_gpu_ctrl_hdr info = virgl_header(
				VIRTIO_GPU_CMD_GET_DISPLAY_INFO, 0, 0);
			virgl_put(f, &info, sizeof(info), NULL);
			assert_int_equal(
				virgl_get(f, NULL, NULL)->type, VIRTIO_GPU_RESP_OK_DISPLAY_INFO);
		}
	} while (remote->link.waiting_bytes > waiting || remote->link.waiting_bytes == 0);
	assert_true(remote->link.waiting_bytes <= RENDER_LINK_WAITING_MAX_BYTES);
	// It goes on, and every one is answered.
	for (unsigned i = 0; i < sent; i++) {
		assert_ok(play_answer(&play, VIRTIO_GPU_RESP_OK_NODATA));
	}
	assert_int_equal(remote->link.waiting_bytes, 0);
	play_end(&play);
}

// Fences of a context's ring signal by themselves, those of everybody in order.
static void test_fences(void **state) {
	struct play play;
	play_begin(&play);
	struct fixture *f = play.r.f;
	uint64_t serials[4];
	for (uint32_t i = 0; i < 4; i++) {
		struct virtio_gpu_ctx_create create = {
			.hdr = virgl_header(VIRTIO_GPU_CMD_CTX_CREATE, 50 + i, 100 + i)};
		if (i == 1) {
			create.hdr.flags |= VIRTIO_GPU_FLAG_INFO_RING_IDX;
			create.hdr.ring_idx = 2;
		}
		virgl_put(f, &create, sizeof(create), NULL);
		wl_event_loop_dispatch(f->loop, 0);
	}
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t type;
		size_t bytes;
		assert_true(fake_renderer_next(&play.fake, &type, &bytes));
		const struct render_header *header = (const void *)play.fake.body;
		serials[i] = header->serial;
		assert_int_equal(header->ring, i == 1 ? 2 : RENDER_RING_NONE);
		fake_renderer_done(&play.fake, header->serial, VIRTIO_GPU_RESP_OK_NODATA);
	}
	play_settle(&play);
	assert_int_equal(fixture_answers(f), 0);
	fake_renderer_fenced(&play.fake, serials[2], true);
	assert_int_equal(virgl_get(f, NULL, NULL)->fence_id, 100);
	assert_int_equal(virgl_get(f, NULL, NULL)->fence_id, 102);
	assert_int_equal(fixture_answers(f), 0);
	fake_renderer_fenced(&play.fake, serials[1], false);
	const struct virtio_gpu_ctrl_hdr *ring = virgl_get(f, NULL, NULL);
	assert_int_equal(ring->fence_id, 101);
	assert_int_equal(ring->ring_idx, 2);
	assert_int_equal(ring->flags, VIRTIO_GPU_FLAG_FENCE | VIRTIO_GPU_FLAG_INFO_RING_IDX);
	// Told twice, or of one that has signalled: nothing.
	fake_renderer_fenced(&play.fake, serials[1], false);
	fake_renderer_fenced(&play.fake, serials[0], true);
	play_settle(&play);
	assert_int_equal(fixture_answers(f), 0);
	fake_renderer_fenced(&play.fake, serials[3], true);
	assert_int_equal(virgl_get(f, NULL, NULL)->fence_id, 103);
	assert_int_equal(play.r.lost, 0);
	play_end(&play);
}

// A response scattered byte by byte is corrected as well.
static void test_scattered_response(void **state) {
	struct play play;
	play_begin(&play);
	struct fixture *f = play.r.f;
	struct fake_queue *queue = &f->device->queues[FAKE_GPU_CONTROL];
	const struct virtio_gpu_ctx_create create = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_CTX_CREATE, 50, 0)};
	const uint64_t request = fake_guest_alloc(f->guest, sizeof(create), 16);
	memcpy(fake_guest_at(f->guest, request), &create, sizeof(create));
	const uint64_t first = fake_guest_alloc(f->guest, 64, 16);
	const uint64_t second = fake_guest_alloc_high(f->guest, 64, 16);
	const struct fake_buffer buffers[] = {
		{request, sizeof(create), false},
		{first, 1, true},
		{second + 8, 2, true},
		{first + 32, 21, true},
	};
	assert_true(fake_queue_offer(f->device, queue, buffers, 4) >= 0);
	fake_queue_kick(queue);
	wl_event_loop_dispatch(f->loop, 0);
	fake_renderer_run(&play.fake, VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY);
	uint32_t written = 0;
	assert_true(fake_queue_wait(f->device, queue, &written) >= 0);
	assert_int_equal(written, sizeof(struct virtio_gpu_ctrl_hdr));
	const uint8_t *a = fake_guest_at(f->guest, first);
	const uint8_t *b = fake_guest_at(f->guest, second);
	assert_int_equal(a[0] | b[8] << 8 | b[9] << 16 | (uint32_t)a[32] << 24,
		VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY);
	play_end(&play);
}

// The renderer learns of the memory before anything else, and of every change.
static void test_memory(void **state) {
	struct play play;
	play_begin_without(&play);
	play_give(&play);
	uint32_t type;
	size_t bytes;
	assert_true(fake_renderer_next(&play.fake, &type, &bytes));
	assert_int_equal(type, RENDER_SET_MEMORY);
	assert_int_equal(play.fake.fds, FAKE_GUEST_REGIONS);
	fake_renderer_be_ready(&play.fake);
	play_settle(&play);
	play.r.f->device->multiple_regions = false;
	assert_true(fake_device_set_mem_table(play.r.f->device));
	play_settle(&play);
	assert_true(fake_renderer_next(&play.fake, &type, &bytes));
	assert_int_equal(type, RENDER_SET_MEMORY);
	assert_int_equal(play.fake.fds, FAKE_GUEST_REGIONS + 1);
	play_end(&play);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_fences),
		cmocka_unit_test(test_scattered_response),
		cmocka_unit_test(test_memory),
	};
	return cmocka_run_group_tests_name("renderer", tests, NULL, NULL);
}

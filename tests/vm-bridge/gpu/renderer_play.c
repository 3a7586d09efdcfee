#include "renderer_play.h"

void play_begin_without(struct play *play) {
	*play = (struct play){.fake = {.socket_fd = -1}};
	virgl_begin(&play->r, NULL);
}

void play_give(struct play *play) {
	virtio_gpu_set_renderer(play->r.f->gpu, fake_renderer_open(&play->fake));
	assert_true(fake_renderer_take_rings(&play->fake));
}

void play_settle(struct play *play) {
	while (wl_event_loop_dispatch(play->r.f->loop, 0) == 0) {
		// Until two turns find nothing, which the loop does not tell: a few will do.
		static unsigned turns;
		if (++turns % 4 == 0) {
			break;
		}
	}
}

uint32_t play_answer(struct play *play, uint32_t result) {
	const struct virtio_gpu_ctrl_hdr *response = NULL;
	while (fake_gpu_poll(play->r.f->device, FAKE_GPU_CONTROL, &response, NULL) < 0) {
		wl_event_loop_dispatch(play->r.f->loop, 10);
		fake_renderer_run(&play->fake, result);
	}
	return response->type;
}

int play_put_context(struct fixture *f, uint32_t context, uint64_t fence) {
	const struct virtio_gpu_ctx_create create = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_CTX_CREATE, context, fence)};
	const int head = virgl_put(f, &create, sizeof(create), NULL);
	wl_event_loop_dispatch(f->loop, 0);
	return head;
}

void play_begin(struct play *play) {
	play_begin_without(play);
	play_give(play);
	fake_renderer_be_ready(&play->fake);
	play_put_context(play->r.f, CONTEXT, 0);
	assert_int_equal(play_answer(play, VIRTIO_GPU_RESP_OK_NODATA), VIRTIO_GPU_RESP_OK_NODATA);
	assert_int_equal(play->r.f->gpu->remote->state, RENDERER_REMOTE_READY);
}

void play_end(struct play *play) {
	fake_renderer_close(&play->fake);
	virgl_end(&play->r);
}

void play_assert_2d(struct play *play) {
	struct fixture *f = play->r.f;
	const unsigned shows = f->fake->shows;
	fake_window_become_ready(f->fake);
	fixture_framebuffer(f, 900 + shows, 0x123456);
	assert_ok(fake_gpu_set_scanout(f->device, 0, 900 + shows, fixture_whole()));
	assert_ok(fake_gpu_flush(f->device, 900 + shows, fixture_whole(), 0));
	virgl_wait_shows(f, shows + 1);
	virgl_assert_colour(f, 0x123456);
}

void play_put_3d(struct fixture *f, uint32_t id, uint32_t width, uint32_t height) {
	const struct virtio_gpu_resource_create_3d create = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_RESOURCE_CREATE_3D, 0, 0),
		.resource_id = id,
		.target = 2,
		.format = VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM,
		.bind = BIND_RENDER_TARGET,
		.width = width,
		.height = height,
		.depth = 1,
		.array_size = 1,
		.flags = Y_0_TOP,
	};
	virgl_put(f, &create, sizeof(create), NULL);
	wl_event_loop_dispatch(f->loop, 0);
}

void play_set_cursor(struct fixture *f, uint32_t id) {
	assert_true(fake_gpu_cursor(f->device, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, id, 0, 0, 0, 0));
	wl_event_loop_dispatch(f->loop, 0);
}

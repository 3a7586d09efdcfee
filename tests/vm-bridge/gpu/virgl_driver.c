#include "virgl_driver.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SURFACE 10

// Gallium's, as virglrenderer has it.
#define TARGET_2D 2

void virgl_start(struct renderer *r) {
	int sockets[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
	r->pid = fork();
	assert_true(r->pid >= 0);
	if (r->pid == 0) {
		char number[16];
		snprintf(number, sizeof(number), "%d", sockets[1]);
		fcntl(sockets[1], F_SETFD, 0);
		execl(r->program, r->program, number, NULL);
		_exit(127);
	}
	close(sockets[1]);
	virtio_gpu_set_renderer(r->f->gpu, sockets[0]);
}

static void count_wanted(struct wl_listener *listener, void *data) {
	struct renderer *r = wl_container_of(listener, r, handle_wanted);
	r->wanted++;
}

static void count_lost(struct wl_listener *listener, void *data) {
	struct renderer *r = wl_container_of(listener, r, handle_lost);
	r->lost++;
}

void virgl_begin(struct renderer *r, const char *program) {
	*r = (struct renderer){.f = fixture_begin_virgl(), .program = program};
	r->handle_wanted.notify = count_wanted;
	wl_signal_add(&r->f->gpu->events.renderer_wanted, &r->handle_wanted);
	r->handle_lost.notify = count_lost;
	wl_signal_add(&r->f->gpu->events.renderer_lost, &r->handle_lost);
	r->f->gpu->remote->patience_ms = PATIENCE_MS;
}

void virgl_kill(struct renderer *r) {
	kill(r->pid, SIGKILL);
	int status;
	assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
}

void virgl_end(struct renderer *r) {
	wl_list_remove(&r->handle_wanted.link);
	wl_list_remove(&r->handle_lost.link);
	fixture_end(r->f);
	if (r->pid != 0) {
		virgl_kill(r);
	}
}

// --- commands -----------------------------------------------------------------------------

struct virtio_gpu_ctrl_hdr virgl_header(uint32_t type, uint32_t context, uint64_t fence) {
	return (struct virtio_gpu_ctrl_hdr){
		.type = type,
		.flags = fence != 0 ? VIRTIO_GPU_FLAG_FENCE : 0,
		.fence_id = fence,
		.ctx_id = context,
	};
}

// Offers and kicks; nobody waits.
int virgl_put(
	struct fixture *f, const void *request, size_t size, const struct fake_buffer *extra) {
	const int head = fake_gpu_submit(f->device, FAKE_GPU_CONTROL, request, size, extra);
	assert_true(head >= 0);
	fake_queue_kick(&f->device->queues[FAKE_GPU_CONTROL]);
	return head;
}

// The next answer.
const struct virtio_gpu_ctrl_hdr *virgl_get(struct fixture *f, int *head, uint32_t *bytes) {
	const struct virtio_gpu_ctrl_hdr *response = NULL;
	const int64_t end_ms = fixture_now_ms() + PATIENCE_MS;
	uint32_t written;
	int got;
	while ((got = fake_gpu_poll(f->device, FAKE_GPU_CONTROL, &response, &written)) < 0) {
		assert_true(fixture_now_ms() < end_ms);
		wl_event_loop_dispatch(f->loop, 100);
	}
	if (head != NULL) {
		*head = got;
	}
	if (bytes != NULL) {
		*bytes = written;
	}
	return response;
}

uint32_t virgl_run(struct fixture *f, const void *request, size_t size) {
	const int head = virgl_put(f, request, size, NULL);
	int got;
	const struct virtio_gpu_ctrl_hdr *response = virgl_get(f, &got, NULL);
	assert_int_equal(got, head);
	return response->type;
}

uint32_t virgl_create_context(struct fixture *f, uint32_t context) {
	const struct virtio_gpu_ctx_create create = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_CTX_CREATE, context, 0),
		.nlen = 4,
		.context_init = VIRTIO_GPU_CAPSET_VIRGL2,
		.debug_name = "test",
	};
	return virgl_run(f, &create, sizeof(create));
}

uint32_t virgl_create_3d(struct fixture *f, uint32_t id, uint32_t format) {
	const struct virtio_gpu_resource_create_3d create = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_RESOURCE_CREATE_3D, 0, 0),
		.resource_id = id,
		.target = TARGET_2D,
		.format = format,
		.bind = BIND_RENDER_TARGET,
		.width = WIDTH,
		.height = HEIGHT,
		.depth = 1,
		.array_size = 1,
		.flags = Y_0_TOP,
	};
	return virgl_run(f, &create, sizeof(create));
}

uint32_t virgl_ctx_resource(struct fixture *f, uint32_t type, uint32_t context, uint32_t id) {
	const struct virtio_gpu_ctx_resource body = {
		.hdr = virgl_header(type, context, 0), .resource_id = id};
	return virgl_run(f, &body, sizeof(body));
}

int virgl_put_submit(struct fixture *f, uint32_t context, const uint32_t *words, uint32_t bytes,
	uint64_t fence) {
	const struct virtio_gpu_cmd_submit submit = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_SUBMIT_3D, context, fence), .size = bytes};
	struct fake_buffer extra = {
		.guest_address = fake_guest_alloc(f->guest, bytes + 4, 16), .size_bytes = bytes};
	memcpy(fake_guest_at(f->guest, extra.guest_address), words, bytes);
	return virgl_put(f, &submit, sizeof(submit), bytes > 0 ? &extra : NULL);
}

// Virgl's: a surface of the resource, which becomes the colour buffer, and is cleared.
int virgl_put_clear(
	struct fixture *f, uint32_t id, uint32_t format, const float colour[4], uint64_t fence) {
	static uint32_t surface = SURFACE;
	surface++;
	uint32_t words[19] = {5 << 16 | 8 << 8 | 1, surface, id, format, 0, 0, // create surface
		3 << 16 | 5, 1, 0, surface, // framebuffer of one colour buffer
		8 << 16 | 7, 4}; // clear the colour
	memcpy(words + 12, colour, 4 * sizeof(float));
	return virgl_put_submit(f, CONTEXT, words, sizeof(words), fence);
}

void virgl_draw(struct fixture *f, uint32_t format, const float colour[4]) {
	const int head = virgl_put_clear(f, RESOURCE, format, colour, 77);
	int got;
	const struct virtio_gpu_ctrl_hdr *response = virgl_get(f, &got, NULL);
	assert_int_equal(got, head);
	assert_int_equal(response->type, VIRTIO_GPU_RESP_OK_NODATA);
	assert_int_equal(response->flags, VIRTIO_GPU_FLAG_FENCE);
	assert_int_equal(response->fence_id, 77);
	assert_int_equal(response->ctx_id, CONTEXT);
}

void virgl_set_up(struct fixture *f, uint32_t format) {
	assert_ok(virgl_create_context(f, CONTEXT));
	assert_ok(virgl_create_3d(f, RESOURCE, format));
	assert_ok(virgl_ctx_resource(f, VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, CONTEXT, RESOURCE));
}

void virgl_wait_shows(struct fixture *f, unsigned shows) {
	const int64_t end_ms = fixture_now_ms() + PATIENCE_MS;
	while (f->fake->shows < shows) {
		assert_true(fixture_now_ms() < end_ms);
		wl_event_loop_dispatch(f->loop, 100);
	}
}

void virgl_assert_colour(struct fixture *f, uint32_t colour) {
	for (int32_t y = 0; y < HEIGHT; y++) {
		for (int32_t x = 0; x < WIDTH; x++) {
			assert_int_equal(fake_window_pixel(f->fake, x, y) & 0xffffff, colour);
		}
	}
}

#include "gpu_fixture.h"

#include <stdlib.h>
#include <time.h>

static void pump(void *data, int timeout_ms) {
	wl_event_loop_dispatch(data, timeout_ms);
}

struct fixture *fixture_begin(void) {
	return fixture_begin_displays(1);
}

struct fake_window *fixture_fake(struct fixture *f, unsigned scanout) {
	return fake_window_of(f->client->windows[scanout]);
}

static struct fixture *begin(unsigned count, bool virgl) {
	struct fixture *f = calloc(1, sizeof(*f));
	const int listen_fd = fake_socket_listen(&f->sock);
	f->loop = wl_event_loop_create();
	const struct window_client_options window_options = {
		.title = "Test",
		.count = count,
		.width = WIDTH,
		.height = HEIGHT,
	};
	f->client = window_client_create(f->loop, &window_options);
	f->window = f->client->windows[0];
	f->fake = fake_window_of(f->window);
	const struct virtio_gpu_options options = {.name = "Test", .virgl = virgl};
	const uint64_t virgl_features = UINT64_C(1) << VIRTIO_GPU_F_VIRGL |
		UINT64_C(1) << VIRTIO_GPU_F_CONTEXT_INIT;
	f->gpu = virtio_gpu_create(f->loop, listen_fd, f->client, &options);
	assert_non_null(f->gpu);
	f->guest = fake_guest_create(64 << 20);
	f->guest->pump = pump;
	f->guest->pump_data = f->loop;
	f->device = fake_device_connect(f->guest, f->sock.path);
	assert_non_null(f->device);
	assert_true(fake_gpu_start(f->device,
		UINT64_C(1) << VIRTIO_GPU_F_EDID | UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX |
			UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC | (virgl ? virgl_features : 0)));
	for (unsigned i = 0; i < count; i++) {
		fake_window_become_ready(fixture_fake(f, i));
	}
	return f;
}

struct fixture *fixture_begin_displays(unsigned count) {
	return begin(count, false);
}

struct fixture *fixture_begin_virgl(void) {
	return begin(1, true);
}

void fixture_end(struct fixture *f) {
	for (unsigned i = 0; i < f->client->count; i++) {
		assert_false(fixture_fake(f, i)->torn);
	}
	fake_device_destroy(f->device);
	window_client_disconnect(f->client);
	virtio_gpu_destroy(f->gpu);
	window_client_destroy(f->client);
	fake_guest_destroy(f->guest);
	wl_event_loop_destroy(f->loop);
	fake_socket_remove(&f->sock);
	free(f);
}

int64_t fixture_now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

void fixture_run(struct fixture *f, int time_ms) {
	const int64_t end = fixture_now_ms() + time_ms;
	int64_t left;
	while ((left = end - fixture_now_ms()) > 0) {
		wl_event_loop_dispatch(f->loop, (int)left);
	}
}

void fixture_fill(struct fixture *f, uint64_t address, uint32_t pixels, uint32_t colour) {
	uint32_t *out = fake_guest_at(f->guest, address);
	for (uint32_t i = 0; i < pixels; i++) {
		out[i] = colour;
	}
}

struct virtio_gpu_rect fixture_whole(void) {
	return (struct virtio_gpu_rect){.width = WIDTH, .height = HEIGHT};
}

uint64_t fixture_framebuffer(struct fixture *f, uint32_t id, uint32_t colour) {
	const uint64_t address = fake_gpu_make_framebuffer(f->device, id, BGRX, WIDTH, HEIGHT);
	assert_int_not_equal(address, 0);
	fixture_fill(f, address, WIDTH * HEIGHT, colour);
	assert_ok(fake_gpu_transfer(f->device, id, fixture_whole(), 0));
	return address;
}

int fixture_submit_flush(
	struct fixture *f, uint32_t id, struct virtio_gpu_rect rect, uint64_t fence) {
	const struct virtio_gpu_resource_flush flush = {
		.hdr =
			{
				.type = VIRTIO_GPU_CMD_RESOURCE_FLUSH,
				.flags = fence != 0 ? VIRTIO_GPU_FLAG_FENCE : 0,
				.fence_id = fence,
			},
		.r = rect,
		.resource_id = id,
	};
	const int head = fake_gpu_submit(f->device, FAKE_GPU_CONTROL, &flush, sizeof(flush), NULL);
	fake_queue_kick(&f->device->queues[FAKE_GPU_CONTROL]);
	wl_event_loop_dispatch(f->loop, 0);
	return head;
}

unsigned fixture_answers(struct fixture *f) {
	unsigned count = 0;
	const struct virtio_gpu_ctrl_hdr *response;
	wl_event_loop_dispatch(f->loop, 0);
	while (fake_gpu_poll(f->device, FAKE_GPU_CONTROL, &response, NULL) >= 0) {
		count++;
	}
	return count;
}

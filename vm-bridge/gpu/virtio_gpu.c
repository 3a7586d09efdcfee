#include "virtio_gpu.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arrangement.h"
#include "iov.h"
#include "request.h"

#define QUEUE_SIZE_MAX 256

// --- commands ----------------------------------------------------------------------------

/** Find the command's row and run it; the table carries the sizes. */
static enum virtio_gpu_ctrl_type run_request(struct request *request, enum virtio_gpu_queue queue) {
	const struct virtqueue_chain *chain = request->chain;
	const size_t read = iov_read(
		chain->readable, chain->readable_count, 0, &request->body, sizeof(request->body));
	if (read < sizeof(request->body.hdr) || chain->malformed) {
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	}
	const struct request_row *row = request_find(queue, le32toh(request->body.hdr.type));
	const struct virtio_gpu *gpu = request->gpu;
	const uint64_t virgl = UINT64_C(1) << VIRTIO_GPU_F_VIRGL;
	if (row == NULL || read < row->size_bytes ||
		(row->is_3d && (gpu->vhost->state.features & virgl) == 0)) {
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	}
	return row->run(request);
}

/** virtio 1.3, 5.7.6.7: a fenced command's response carries flag, fence and context. */
static void fill_header(struct request *request, enum virtio_gpu_ctrl_type result) {
	const struct virtio_gpu_ctrl_hdr *in = &request->body.hdr;
	struct virtio_gpu_ctrl_hdr *out = &request->response.hdr;
	const uint32_t flags = le32toh(in->flags);
	out->type = htole32(result);
	if ((flags & VIRTIO_GPU_FLAG_FENCE) != 0) {
		out->flags = htole32(
			flags & (VIRTIO_GPU_FLAG_FENCE | VIRTIO_GPU_FLAG_INFO_RING_IDX));
		out->fence_id = in->fence_id;
		out->ctx_id = in->ctx_id;
		if ((flags & VIRTIO_GPU_FLAG_INFO_RING_IDX) != 0) {
			out->ring_idx = in->ring_idx;
		}
	}
}

/** Where the response's type lies, to be corrected if the renderer refuses the command. */
static struct renderer_type_place find_type(
	const struct virtio_gpu *gpu, const struct virtqueue_chain *chain) {
	struct renderer_type_place place = {.known = true};
	size_t at = 0;
	for (size_t i = 0; i < chain->writable_count && at < sizeof(uint32_t); i++) {
		const struct iovec *iov = &chain->writable[i];
		for (size_t j = 0; j < iov->iov_len && at < sizeof(uint32_t); j++) {
			place.known = memory_address_of(&gpu->vhost->memory,
					      (const uint8_t *)iov->iov_base + j,
					      &place.guest_address[at++]) &&
				place.known;
		}
	}
	place.known = place.known && at == sizeof(uint32_t);
	return place;
}

/** A fence that signals in order does so behind those that the renderer has not signalled. */
static void answer_now(struct virtio_gpu *gpu, const struct renderer_answer *answer) {
	if (gpu->remote != NULL && answer->fenced && answer->in_order) {
		renderer_remote_follow(gpu->remote, answer);
	} else {
		virtqueue_push(answer->queue, answer->token, answer->written_bytes);
	}
}

static uint32_t write_response(const struct request *request) {
	const struct virtqueue_chain *chain = request->chain;
	size_t written = iov_write(chain->writable, chain->writable_count, 0, &request->response,
		request->response_bytes);
	if (request->data != NULL) {
		written += iov_write(chain->writable, chain->writable_count,
			request->response_bytes, request->data, request->data_bytes);
	}
	return (uint32_t)written;
}

/** Returns false when the command is to be run later, and those behind it. */
static bool handle_chain(struct virtio_gpu *gpu, struct virtqueue *queue,
	enum virtio_gpu_queue index, const struct virtqueue_chain *chain) {
	struct request request = {
		.gpu = gpu,
		.chain = chain,
		.response_bytes = sizeof(struct virtio_gpu_ctrl_hdr),
	};
	const enum virtio_gpu_ctrl_type result = run_request(&request, index);
	if (request.answer == REQUEST_RUN_LATER) {
		virtqueue_unpop(queue, chain->token);
		return false;
	}
	if (result >= VIRTIO_GPU_RESP_ERR_UNSPEC) {
		request.response_bytes = sizeof(struct virtio_gpu_ctrl_hdr);
		request.answer = REQUEST_ANSWER_NOW;
	}
	fill_header(&request, result);
	const uint32_t flags = le32toh(request.body.hdr.flags);
	// Written now, since the buffers are good only now; the driver looks when it is pushed.
	struct renderer_answer answer = {
		.queue = queue,
		.token = chain->token,
		.written_bytes = write_response(&request),
		.fenced = (flags & VIRTIO_GPU_FLAG_FENCE) != 0,
		.in_order = (flags & VIRTIO_GPU_FLAG_INFO_RING_IDX) == 0,
		.context = le32toh(request.body.hdr.ctx_id),
		.ends_context = request.body.hdr.type == htole32(VIRTIO_GPU_CMD_CTX_DESTROY),
	};
	struct pacing *pacing = &gpu->scanouts[request.scanout].pacing;
	switch (request.answer) {
	case REQUEST_ANSWER_PACED:
		pacing_throttle(pacing, queue, chain->token, answer.written_bytes);
		break;
	case REQUEST_ANSWER_PRESENTED:
		pacing_hold(pacing, queue, chain->token, answer.written_bytes, request.serial);
		break;
	case REQUEST_ANSWER_RENDERED:
		answer.place = find_type(gpu, chain);
		renderer_remote_answer(gpu->remote, request.serial, &answer);
		break;
	case REQUEST_ANSWER_NOW:
	case REQUEST_RUN_LATER:
		answer_now(gpu, &answer);
		break;
	}
	return true;
}

static void handle_kick(struct wl_listener *listener, void *data) {
	struct virtio_gpu *gpu = wl_container_of(listener, gpu, kick);
	struct virtqueue *queue = data;
	const enum virtio_gpu_queue index = (enum virtio_gpu_queue)vhost_user_queue_index(
		gpu->vhost, queue);
	struct virtqueue_chain chain;
	while (virtqueue_pop(queue, &chain) && handle_chain(gpu, queue, index, &chain)) {
	}
	if (gpu->remote != NULL) {
		renderer_remote_flush(gpu->remote);
	}
}

// --- the device's life -------------------------------------------------------------------

static void handle_queue_start(struct wl_listener *listener, void *data) {
	struct virtio_gpu *gpu = wl_container_of(listener, gpu, queue_start);
	// A window may have changed while the machine was paused, or before its driver was there.
	if (data == &gpu->vhost->queues[0] && gpu->state->events_read != 0) {
		vhost_user_config_changed(gpu->vhost);
	}
	if (!gpu->drew && gpu->client->stage != WINDOW_STAGE_RUNNING) {
		window_client_set_stage(gpu->client, WINDOW_STAGE_BOOTING);
	}
}

static void handle_queue_stop(struct wl_listener *listener, void *data) {
	struct virtio_gpu *gpu = wl_container_of(listener, gpu, queue_stop);
	for (unsigned i = 0; i < gpu->scanout_count; i++) {
		pacing_release(&gpu->scanouts[i].pacing, data);
	}
	if (gpu->remote != NULL) {
		renderer_remote_release(gpu->remote, data);
	}
}

static void handle_reset(struct wl_listener *listener, void *data) {
	struct virtio_gpu *gpu = wl_container_of(listener, gpu, reset);
	for (unsigned i = 0; i < gpu->scanout_count; i++) {
		scanout_forget(&gpu->scanouts[i], NULL);
		pacing_clear(&gpu->scanouts[i].pacing);
		gpu->displays[i].record->cursor_resource_id = 0;
		window_reset_cursor(gpu->scanouts[i].window);
	}
	if (gpu->remote != NULL) {
		renderer_remote_reset(gpu->remote);
	}
	resource_table_clear(&gpu->resources);
	gpu->state->events_read = 0;
	gpu->drew = false;
	window_client_set_stage(gpu->client, WINDOW_STAGE_STARTING);
}

/** Have the guest read its displays anew. */
static void tell_displays(struct virtio_gpu *gpu) {
	if (gpu->options.transport == VIRTIO_GPU_TRANSPORT_DEVICE) {
		gpu->state->events_read |= VIRTIO_GPU_EVENT_DISPLAY;
		vhost_user_config_changed(gpu->vhost);
	}
	wl_signal_emit_mutable(&gpu->events.display, gpu);
}

static void handle_mode(struct wl_listener *listener, void *data) {
	struct virtio_gpu_display *display = wl_container_of(listener, display, mode);
	struct virtio_gpu *gpu = display->gpu;
	const struct window *window = data;
	display->record->mode = window->mode;
	gpu->scanouts[window->index].pacing.refresh_mhz = window->mode.refresh_mhz;
	tell_displays(gpu);
}

void virtio_gpu_set_enabled(struct virtio_gpu *gpu, unsigned index, bool enabled) {
	if (index == 0 || index >= gpu->scanout_count ||
		gpu->displays[index].record->disabled == !enabled) {
		return;
	}
	gpu->displays[index].record->disabled = !enabled;
	scanout_set_enabled(&gpu->scanouts[index], enabled);
	tell_displays(gpu);
}

void virtio_gpu_enable_all(struct virtio_gpu *gpu) {
	for (unsigned i = 1; i < gpu->scanout_count; i++) {
		virtio_gpu_set_enabled(gpu, i, true);
	}
}

static void handle_close(struct wl_listener *listener, void *data) {
	struct virtio_gpu_display *display = wl_container_of(listener, display, close);
	const struct window *window = data;
	virtio_gpu_set_enabled(display->gpu, window->index, false);
}

static void handle_changed(struct wl_listener *listener, void *data) {
	struct virtio_gpu_display *display = wl_container_of(listener, display, changed);
	arrangement_apply(display->gpu->scanouts, display->gpu->scanout_count);
}

// --- 3D ----------------------------------------------------------------------------------

static void handle_memory(struct wl_listener *listener, void *data) {
	struct virtio_gpu *gpu = wl_container_of(listener, gpu, memory);
	if (gpu->remote != NULL) {
		renderer_remote_set_memory(gpu->remote);
	}
}

static void handle_wanted(struct wl_listener *listener, void *data) {
	struct virtio_gpu *gpu = wl_container_of(listener, gpu, wanted);
	wl_signal_emit_mutable(&gpu->events.renderer_wanted, gpu);
}

static void handle_lost(struct wl_listener *listener, void *data) {
	struct virtio_gpu *gpu = wl_container_of(listener, gpu, lost);
	resource_table_lose_3d(&gpu->resources);
	wl_signal_emit_mutable(&gpu->events.renderer_lost, data);
}

static void handle_resumed(struct wl_listener *listener, void *data) {
	struct virtio_gpu *gpu = wl_container_of(listener, gpu, resumed);
	vhost_user_queue_resume(gpu->vhost, &gpu->vhost->queues[VIRTIO_GPU_QUEUE_CONTROL]);
}

static void handle_exported(struct wl_listener *listener, void *data) {
	struct virtio_gpu *gpu = wl_container_of(listener, gpu, exported);
	resource_set_direct(&gpu->resources, data);
}

void virtio_gpu_set_renderer(struct virtio_gpu *gpu, int socket_fd) {
	if (gpu->remote != NULL) {
		renderer_remote_connect(gpu->remote, socket_fd);
	} else {
		close(socket_fd);
	}
}

bool virtio_gpu_wants_renderer(const struct virtio_gpu *gpu) {
	return gpu->remote != NULL && gpu->remote->state == RENDERER_REMOTE_WANTED;
}

// --- configuration space -----------------------------------------------------------------

static bool config_read(void *data, uint32_t offset, uint8_t *bytes, uint32_t size) {
	const struct virtio_gpu *gpu = data;
	const struct virtio_gpu_config config = {
		.events_read = htole32(gpu->state->events_read),
		.num_scanouts = htole32(gpu->scanout_count),
		.num_capsets = htole32(gpu->remote != NULL ? RENDER_CAPSETS_MAX : 0),
	};
	memcpy(bytes, (const uint8_t *)&config + offset, size);
	return true;
}

/** virtio 1.3, 5.7.4: writing a bit to events_clear clears it in events_read. */
static bool config_write(void *data, uint32_t offset, const uint8_t *bytes, uint32_t size) {
	struct virtio_gpu *gpu = data;
	struct virtio_gpu_config config = {0};
	memcpy((uint8_t *)&config + offset, bytes, size);
	gpu->state->events_read &= ~le32toh(config.events_clear);
	return true;
}

#define DEVICE_INFO(more_features)                                                                 \
	{                                                                                          \
		.features = UINT64_C(1) << VIRTIO_GPU_F_EDID | (more_features),                    \
		.queue_count = VIRTIO_GPU_QUEUES,                                                  \
		.queue_size_max = QUEUE_SIZE_MAX,                                                  \
		.config_bytes = sizeof(struct virtio_gpu_config),                                  \
		.config_read = config_read,                                                        \
		.config_write = config_write,                                                      \
	}

static const struct vhost_user_info info_2d = DEVICE_INFO(0);
static const struct vhost_user_info info_3d = DEVICE_INFO(
	UINT64_C(1) << VIRTIO_GPU_F_VIRGL | UINT64_C(1) << VIRTIO_GPU_F_CONTEXT_INIT);

// --- create and destroy ------------------------------------------------------------------

static void add_listeners(struct virtio_gpu *gpu) {
	gpu->kick.notify = handle_kick;
	wl_signal_add(&gpu->vhost->events.kick, &gpu->kick);
	gpu->reset.notify = handle_reset;
	wl_signal_add(&gpu->vhost->events.reset, &gpu->reset);
	gpu->queue_start.notify = handle_queue_start;
	wl_signal_add(&gpu->vhost->events.queue_start, &gpu->queue_start);
	gpu->queue_stop.notify = handle_queue_stop;
	wl_signal_add(&gpu->vhost->events.queue_stop, &gpu->queue_stop);
	gpu->memory.notify = handle_memory;
	wl_signal_add(&gpu->vhost->events.memory, &gpu->memory);
	for (unsigned i = 0; i < gpu->scanout_count; i++) {
		struct virtio_gpu_display *display = &gpu->displays[i];
		display->mode.notify = handle_mode;
		wl_signal_add(&gpu->client->windows[i]->events.mode, &display->mode);
		display->close.notify = handle_close;
		wl_signal_add(&gpu->client->windows[i]->events.close, &display->close);
		display->changed.notify = handle_changed;
		wl_signal_add(&gpu->scanouts[i].events.changed, &display->changed);
	}
}

static bool create_scanouts(struct virtio_gpu *gpu, struct wl_event_loop *loop) {
	struct window_client *client = gpu->client;
	while (gpu->scanout_count < client->count) {
		const unsigned i = gpu->scanout_count++;
		struct window *window = client->windows[i];
		gpu->displays[i].gpu = gpu;
		gpu->displays[i].record = &gpu->state->displays[i];
		gpu->displays[i].record->mode = window->mode;
		if (!scanout_init(&gpu->scanouts[i], loop, window, &gpu->state->scanouts[i],
			    &gpu->resources, gpu->remote)) {
			return false;
		}
	}
	return true;
}

static void finish_scanouts(struct virtio_gpu *gpu) {
	for (unsigned i = 0; i < gpu->scanout_count; i++) {
		image_unref(gpu->displays[i].cursor.image);
		scanout_finish(&gpu->scanouts[i]);
	}
}

static bool create_remote(struct virtio_gpu *gpu, struct wl_event_loop *loop) {
	gpu->remote = renderer_remote_create(loop, &gpu->vhost->memory);
	if (gpu->remote == NULL) {
		return false;
	}
	gpu->wanted.notify = handle_wanted;
	wl_signal_add(&gpu->remote->events.wanted, &gpu->wanted);
	gpu->lost.notify = handle_lost;
	wl_signal_add(&gpu->remote->events.lost, &gpu->lost);
	gpu->resumed.notify = handle_resumed;
	wl_signal_add(&gpu->remote->events.resumed, &gpu->resumed);
	gpu->exported.notify = handle_exported;
	wl_signal_add(&gpu->remote->events.exported, &gpu->exported);
	return true;
}

struct virtio_gpu *virtio_gpu_create(struct wl_event_loop *loop, int listen_fd,
	struct window_client *client, const struct virtio_gpu_options *options) {
	struct virtio_gpu *gpu = calloc(1, sizeof(*gpu));
	if (gpu == NULL) {
		close(listen_fd);
		return NULL;
	}
	gpu->client = client;
	gpu->options = *options;
	gpu->options.name = strdup(options->name);
	gpu->state = calloc(1, sizeof(*gpu->state));
	if (gpu->options.name == NULL || gpu->state == NULL) {
		close(listen_fd);
		goto error_gpu;
	}
	wl_signal_init(&gpu->events.display);
	wl_signal_init(&gpu->events.first_frame);
	wl_signal_init(&gpu->events.renderer_wanted);
	wl_signal_init(&gpu->events.renderer_lost);
	resource_table_init(&gpu->resources, gpu->state->resources);
	gpu->vhost = vhost_user_create(loop, listen_fd, options->virgl ? &info_3d : &info_2d, gpu);
	if (gpu->vhost == NULL) {
		goto error_gpu;
	}
	if (options->virgl && !create_remote(gpu, loop)) {
		goto error_vhost;
	}
	if (!create_scanouts(gpu, loop)) {
		goto error_scanouts;
	}
	add_listeners(gpu);
	return gpu;

error_scanouts:
	finish_scanouts(gpu);
	renderer_remote_destroy(gpu->remote);
error_vhost:
	vhost_user_destroy(gpu->vhost);
error_gpu:
	free((char *)gpu->options.name);
	free(gpu->state);
	free(gpu);
	return NULL;
}

void virtio_gpu_destroy(struct virtio_gpu *gpu) {
	wl_list_remove(&gpu->kick.link);
	wl_list_remove(&gpu->reset.link);
	wl_list_remove(&gpu->queue_start.link);
	wl_list_remove(&gpu->queue_stop.link);
	wl_list_remove(&gpu->memory.link);
	for (unsigned i = 0; i < gpu->scanout_count; i++) {
		wl_list_remove(&gpu->displays[i].mode.link);
		wl_list_remove(&gpu->displays[i].close.link);
		wl_list_remove(&gpu->displays[i].changed.link);
	}
	finish_scanouts(gpu);
	resource_table_clear(&gpu->resources);
	renderer_remote_destroy(gpu->remote);
	vhost_user_destroy(gpu->vhost);
	free((char *)gpu->options.name);
	free(gpu->state);
	free(gpu);
}

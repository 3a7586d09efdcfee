#include "window_buffer.h"

#include <stdlib.h>
#include <wayland-client-protocol.h>

#include "linux-dmabuf-v1-client-protocol.h"
#include "window_private.h"

static void release(struct window_buffer *buffer) {
	buffer->busy = false;
	buffer->emitting = true;
	wl_signal_emit_mutable(&buffer->events.release, buffer);
	buffer->emitting = false;
	if (buffer->destroyed) {
		free(buffer);
	}
}

static void handle_release(void *data, struct wl_buffer *wl_buffer) {
	struct window_buffer *buffer = data;
	struct window *window = buffer->window;
	release(buffer);
	if (window_ready(window)) {
		wl_signal_emit_mutable(&window->events.ready, window);
	}
}

static const struct wl_buffer_listener buffer_listener = {
	.release = handle_release,
};

struct window_buffer *window_buffer_create(
	struct window *window, const struct window_memory *memory) {
	struct window_buffer *buffer = calloc(1, sizeof(*buffer));
	if (buffer == NULL) {
		return NULL;
	}
	buffer->window = window;
	buffer->memory = *memory;
	wl_signal_init(&buffer->events.release);
	wl_list_insert(&window->buffers, &buffer->link);
	return buffer;
}

static void drop_params(struct window_buffer *buffer) {
	if (buffer->params != NULL) {
		zwp_linux_buffer_params_v1_destroy(buffer->params);
		buffer->params = NULL;
	}
}

void window_buffer_destroy(struct window_buffer *buffer) {
	if (buffer == NULL) {
		return;
	}
	if (buffer->wl_buffer != NULL) {
		wl_buffer_destroy(buffer->wl_buffer);
	}
	drop_params(buffer);
	wl_list_remove(&buffer->link);
	buffer->destroyed = true;
	if (!buffer->emitting) {
		free(buffer);
	}
}

static void handle_created(
	void *data, struct zwp_linux_buffer_params_v1 *params, struct wl_buffer *wl_buffer) {
	struct window_buffer *buffer = data;
	drop_params(buffer);
	buffer->wl_buffer = wl_buffer;
	wl_buffer_add_listener(buffer->wl_buffer, &buffer_listener, buffer);
}

static void handle_failed(void *data, struct zwp_linux_buffer_params_v1 *params) {
	struct window_buffer *buffer = data;
	drop_params(buffer);
	buffer->refused = true;
}

static const struct zwp_linux_buffer_params_v1_listener params_listener = {
	.created = handle_created,
	.failed = handle_failed,
};

// Not create_immed: a device that cannot read the memory would end the connection.
bool window_buffer_prepare(struct window_buffer *buffer) {
	const struct window_memory *memory = &buffer->memory;
	const struct window *window = buffer->window;
	if (memory->fourcc == 0 || buffer->wl_buffer != NULL) {
		return true;
	}
	if (buffer->refused || buffer->params != NULL ||
		!window_takes(window, memory->fourcc, memory->modifier)) {
		return false;
	}
	struct window_connection *connection = window->toplevel->connection;
	buffer->params = zwp_linux_dmabuf_v1_create_params(connection->globals.dmabuf);
	if (buffer->params == NULL) {
		return false;
	}
	zwp_linux_buffer_params_v1_add_listener(buffer->params, &params_listener, buffer);
	zwp_linux_buffer_params_v1_add(buffer->params, memory->fd, 0,
		(uint32_t)memory->offset_bytes, (uint32_t)memory->stride_bytes,
		(uint32_t)(memory->modifier >> 32), (uint32_t)memory->modifier);
	zwp_linux_buffer_params_v1_create(
		buffer->params, memory->width, memory->height, memory->fourcc, 0);
	window_connection_flush(connection);
	return false;
}

struct wl_buffer *window_buffer_realize(struct window_buffer *buffer, struct wl_shm *shm) {
	if (buffer->wl_buffer != NULL) {
		return buffer->wl_buffer;
	}
	const struct window_memory *memory = &buffer->memory;
	if (memory->fourcc != 0) {
		return NULL;
	}
	struct wl_shm_pool *pool = wl_shm_create_pool(shm, memory->fd, memory->pool_bytes);
	if (pool == NULL) {
		return NULL;
	}
	buffer->wl_buffer = wl_shm_pool_create_buffer(pool, memory->offset_bytes, memory->width,
		memory->height, memory->stride_bytes,
		memory->alpha ? WL_SHM_FORMAT_ARGB8888 : WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	if (buffer->wl_buffer != NULL) {
		wl_buffer_add_listener(buffer->wl_buffer, &buffer_listener, buffer);
	}
	return buffer->wl_buffer;
}

void window_buffers_forget(struct wl_list *buffers) {
	struct window_buffer *buffer;
	wl_list_for_each (buffer, buffers, link) {
		drop_params(buffer);
		buffer->refused = false;
		if (buffer->wl_buffer != NULL) {
			wl_buffer_destroy(buffer->wl_buffer);
			buffer->wl_buffer = NULL;
		}
	}
	// A listener may destroy any buffer, so each turn starts over.
	bool again = true;
	while (again) {
		again = false;
		wl_list_for_each (buffer, buffers, link) {
			if (buffer->busy) {
				again = true;
				release(buffer);
				break;
			}
		}
	}
}

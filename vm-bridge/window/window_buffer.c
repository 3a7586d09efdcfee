#include "window_buffer.h"

#include <stdlib.h>
#include <wayland-client-protocol.h>

#include "window.h"

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

void window_buffer_destroy(struct window_buffer *buffer) {
	if (buffer == NULL) {
		return;
	}
	if (buffer->wl_buffer != NULL) {
		wl_buffer_destroy(buffer->wl_buffer);
	}
	wl_list_remove(&buffer->link);
	buffer->destroyed = true;
	if (!buffer->emitting) {
		free(buffer);
	}
}

struct wl_buffer *window_buffer_realize(struct window_buffer *buffer, struct wl_shm *shm) {
	if (buffer->wl_buffer != NULL) {
		return buffer->wl_buffer;
	}
	const struct window_memory *memory = &buffer->memory;
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

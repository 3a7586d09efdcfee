/*
 * Memory that a compositor shows.
 *
 * A window_buffer outlives Wayland connections: the wl_buffer, and the wl_shm_pool it comes
 * from, are made when a frame needs them and are gone with the connection.
 */
#ifndef WINDOW_BUFFER_H
#define WINDOW_BUFFER_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-client-core.h>
#include <wayland-server-core.h>

struct wl_buffer;
struct wl_shm;
struct window;
struct zwp_linux_buffer_params_v1;

/**
 * Pixels in a file: XRGB8888, or with alpha ARGB8888 (premultiplied), native endian; or in a
 * dmabuf.
 */
struct window_memory {
	int fd; // shared memory is sealed against shrinking; not owned
	int32_t offset_bytes;
	int32_t pool_bytes; // size of the file
	int32_t width, height; // in pixels
	int32_t stride_bytes;
	bool alpha;
	uint32_t fourcc; // DRM_FORMAT_* of a dmabuf; 0: shared memory
	uint64_t modifier; // DRM_FORMAT_MOD_* of a dmabuf
};

struct window_buffer {
	struct window_memory memory;
	struct wl_list link; // window.buffers
	/** Committed and not released: the memory must not be written. */
	bool busy;

	struct {
		/** busy became false; also when the connection ended. data: struct window_buffer */
		struct wl_signal release;
	} events;

	struct wl_buffer *wl_buffer; // may be NULL

	// Private
	struct window *window;
	struct zwp_linux_buffer_params_v1 *params; // a dmabuf's, on its way; may be NULL
	bool refused; // this compositor does not take the dmabuf
	bool emitting, destroyed; // a listener may destroy the buffer that is being released
};

/** The file must stay open as long as the buffer is there. */
struct window_buffer *window_buffer_create(
	struct window *window, const struct window_memory *memory);

/**
 * The buffer may be busy: then nothing is known about when the compositor stops reading the
 * memory, so the owner of memory that is used again waits for the release first.
 */
void window_buffer_destroy(struct window_buffer *buffer); // may be NULL

/**
 * Whether the buffer may be shown now. A dmabuf is offered to the compositor first; it says yes
 * or no in a later turn of the loop.
 */
bool window_buffer_prepare(struct window_buffer *buffer);

/**
 * The connection's wl_buffer, made now if need be. Returns NULL out of memory, or for a dmabuf
 * that window_buffer_prepare() did not return true for.
 */
struct wl_buffer *window_buffer_realize(struct window_buffer *buffer, struct wl_shm *shm);

/** The connection is gone: no buffer of the list is busy any more, and none has a wl_buffer. */
void window_buffers_forget(struct wl_list *buffers);

#endif

/*
 * The window of one scanout.
 *
 * The toplevel is one black pixel stretched to the size that the compositor asked for; the
 * guest's frame is a subsurface clipped to it, so that a frame of another size never violates a
 * configure. All that belongs to a Wayland connection is in struct window_toplevel: it may be
 * absent, it may end at any time, and it may be replaced; then the owner shows its frame again.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "window_buffer.h"

#define WINDOW_CURSOR_SIZE 64 // pixels a side, the only size that virtio-gpu has

struct window_client;
struct window_cursor; // private to the folder
struct window_toplevel; // private to the folder

/** The display that the guest should have: the window, in physical pixels. */
struct window_mode {
	uint32_t width, height;
	uint32_t refresh_mhz; // in 1/1000 Hz
	uint32_t width_mm, height_mm;
};

/** A frame to be shown. */
struct window_frame {
	struct window_buffer *buffer;
	struct pixman_box32 source; // the part of the buffer that is the scanout, in pixels
	const pixman_region32_t *damage; // in the buffer's pixels
	bool want_presented;
};

/** Where a window's frame lies in what the tablet spans, in the guest's pixels. */
struct window_area {
	int32_t x, y;
	int32_t whole_width, whole_height; // 0: the frame is all there is
};

/** Made by window_client_create(). */
struct window {
	struct window_client *client;
	unsigned index; // in window_client.windows
	char *title; // UTF-8
	bool open; // it is to be on the screen while there is a connection
	bool suspended; // the compositor says that nobody sees it
	struct window_toplevel *toplevel; // NULL: not on a connection
	struct window_cursor *cursor;
	struct wl_list buffers; // window_buffer.link
	struct window_mode mode;
	struct window_area area;
	uint64_t last_serial; // of the frames shown; goes on over connections

	struct {
		/** It is on a connection; what was shown must be shown again. data: struct window */
		struct wl_signal connected;
		/** window_ready() became true. data: struct window */
		struct wl_signal ready;
		/** data: const uint64_t *, the serial of the frame that was presented or replaced */
		struct wl_signal presented;
		/** .mode has changed. data: struct window */
		struct wl_signal mode;
		/** The user closes the window. data: struct window */
		struct wl_signal close;
	} events;
};

void window_set_area(struct window *window, const struct window_area *area);

/** Have it on the screen, or not. What it shows is gone when it closes, its mode stays. */
void window_set_open(struct window *window, bool open);

/** Whether the compositor takes dmabufs at all. */
bool window_takes_dmabufs(const struct window *window);

/** Whether it takes dmabufs of a format and modifier: DRM_FORMAT_* and DRM_FORMAT_MOD_*. */
bool window_takes(const struct window *window, uint32_t fourcc, uint64_t modifier);

/**
 * Whether a frame may be committed now: the window is on a connection and configured, the frame
 * callback of the last commit has come, and the compositor holds fewer than two buffers.
 */
bool window_ready(const struct window *window);

/**
 * Commit a frame, and map the window if it is not. The buffer is busy from here on.
 *
 * May only be called when window_ready(). Returns the serial that the presented signal will
 * carry, if that is wanted, or 0 when the connection failed.
 */
uint64_t window_show(struct window *window, const struct window_frame *frame);

/** Show black: the scanout is off. */
void window_blank(struct window *window);

/**
 * Make the guest's cursor the host's. pixels are WINDOW_CURSOR_SIZE squared premultiplied
 * ARGB8888, and are copied; NULL hides the cursor.
 */
void window_set_cursor(
	struct window *window, const uint32_t *pixels, uint32_t hot_x, uint32_t hot_y);

/**
 * Where the guest has the top left corner of its cursor's image, in the scanout's pixels: the
 * number is signed, since a hot spot inside of the image puts the corner beyond the edge. (This
 * is what Linux and Windows send; the standard says nothing.) It matters only while the pointer
 * is locked; else the guest follows the host's.
 */
void window_move_cursor(struct window *window, int32_t x, int32_t y);

/** The guest does not drive the display: the host shows its own cursor. */
void window_reset_cursor(struct window *window);

#endif

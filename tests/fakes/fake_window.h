/*
 * Windows without a compositor: stands in for vm-bridge/window when a test is linked.
 *
 * It holds what it is shown, as a compositor does, and finds out when a held buffer is written.
 */
#ifndef FAKE_WINDOW_H
#define FAKE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "window_client.h"

#define FAKE_WINDOW_MAX_HELD 8

/** A buffer that is shown, and what was in it when it was. */
struct fake_held {
	struct window_buffer *buffer;
	uint8_t *copy;
};

struct fake_window {
	struct window window;
	bool ready;
	/** Let a buffer go when the next is shown; otherwise only when the test says so. */
	bool releases;

	unsigned shows, blanks;
	struct pixman_box32 source; // of the last frame
	struct pixman_box32 damage; // extents
	bool wanted_presented;
	struct fake_held held[FAKE_WINDOW_MAX_HELD]; // the newest first
	unsigned held_count;
	bool torn; // a held buffer was written
	/** It takes dmabufs; those that are shown are looked at as memory. */
	bool takes_dmabufs;
	bool refuses; // what is prepared
	unsigned prepared; // dmabufs

	enum {
		FAKE_CURSOR_DEFAULT,
		FAKE_CURSOR_HIDDEN,
		FAKE_CURSOR_IMAGE,
	} cursor;
	uint32_t cursor_pixels[WINDOW_CURSOR_SIZE * WINDOW_CURSOR_SIZE];
	uint32_t cursor_hot_x, cursor_hot_y;
	int32_t cursor_x, cursor_y;
};

/** The fake behind a window. */
struct fake_window *fake_window_of(struct window *window);

/** A pixel of the last frame, counted from its source's corner, as XRGB8888. */
uint32_t fake_window_pixel(struct fake_window *fake, int32_t x, int32_t y);

/** The compositor says that nobody sees the window, or that somebody does. */
void fake_window_set_suspended(struct fake_window *fake, bool suspended);

/** The frame callback came. */
void fake_window_become_ready(struct fake_window *fake);

/** The frame with the serial was presented. */
void fake_window_present(struct fake_window *fake, uint64_t serial);

/** Release the oldest buffer. */
void fake_window_release(struct fake_window *fake);

/** The compositor dies: all buffers are free, nothing is ready. */
void fake_window_lose(struct fake_window *fake);

/** Another compositor shows the window. */
void fake_window_regain(struct fake_window *fake);

/** The compositor gave the window another size. */
void fake_window_set_mode(struct fake_window *fake, uint32_t width, uint32_t height);

#endif

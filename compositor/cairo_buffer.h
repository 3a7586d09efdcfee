#ifndef CAIRO_BUFFER_H
#define CAIRO_BUFFER_H

#include <cairo.h>

struct wlr_buffer;

/**
 * A wlr_buffer of ARGB8888, premultiplied, that cairo draws into.
 *
 * Draw with cairo_buffer_context() right after cairo_buffer_create(), and not again once a
 * scene has the buffer. width and height are in pixels. Returns NULL when there is no memory
 * or a size is below 1 or above 16384. Free with wlr_buffer_drop().
 */
struct wlr_buffer *cairo_buffer_create(int width, int height);

/** The drawing context; owned by the buffer. */
cairo_t *cairo_buffer_context(struct wlr_buffer *buffer);

#endif

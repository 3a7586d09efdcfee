/*
 * Where a guest's frame lies in its window. Pure.
 */
#ifndef WINDOW_PLACE_H
#define WINDOW_PLACE_H

#include <stdint.h>

/** A scale, in 1/120, as in wp_fractional_scale_v1. */
#define WINDOW_SCALE_1 120

/**
 * A frame's place on one axis.
 *
 * Position and extent are in surface-local units, from the window's edge; the source is in the
 * frame's own pixels. One source pixel is always one physical pixel, except for a frame that is
 * smaller than one surface-local unit.
 */
struct window_place {
	int32_t position, extent;
	double source, source_extent;
};

/** The largest side of a guest's display, in pixels: that of a resource. */
#define WINDOW_MAX_SIDE 16384

/**
 * The physical pixels of a window that is extent surface-local units wide, rounded; at least 1
 * and at most WINDOW_MAX_SIDE.
 */
uint32_t window_place_pixels(int32_t extent, uint32_t scale120);

/**
 * Place a frame of frame_pixels in a window of window_extent units; both at least 1.
 *
 * A frame of the window's own size fills it. A larger one is cropped at its far edge, a smaller
 * one is centred; both keep to the grid on which units are whole pixels, so that nothing blurs.
 */
struct window_place window_place_axis(
	uint32_t frame_pixels, int32_t window_extent, uint32_t scale120);

/** The frame's pixel at a surface-local coordinate; may lie outside of the frame. */
double window_place_to_frame(const struct window_place *place, double surface, uint32_t scale120);

#endif

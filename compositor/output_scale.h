#ifndef OUTPUT_SCALE_H
#define OUTPUT_SCALE_H

#include <stdint.h>

/**
 * A scale, times 120, for a screen of that many pixels and that size in millimetres, so that
 * text is about as large on every one: a multiple of a quarter from 1 to 4, at which the desk
 * keeps at least 800 by 480 logical pixels. 120 where the size is not known or cannot be true.
 */
uint32_t output_scale_default(int width, int height, int width_mm, int height_mm);

#endif

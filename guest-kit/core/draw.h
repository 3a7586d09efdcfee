/**
 * Blending of pixels.
 */
#ifndef GK_CORE_DRAW_H
#define GK_CORE_DRAW_H

#include <stdint.h>

/** Returns what a pixel becomes under a colour of which weight / 256 (0 to 256) covers it. */
static inline uint32_t draw_blend(uint32_t under, uint32_t color, uint32_t weight) {
	// Red and blue together, then green: each has eight bits of room above it.
	uint32_t rest = 256 - weight;
	uint32_t red_blue = (under & 0xff00ff) * rest + (color & 0xff00ff) * weight;
	uint32_t green = (under & 0x00ff00) * rest + (color & 0x00ff00) * weight;
	return ((red_blue >> 8) & 0xff00ff) | ((green >> 8) & 0x00ff00);
}

/** Returns the weight, 0 to 256, of a colour's alpha times a coverage of 0 to 255. */
static inline uint32_t draw_weight(uint32_t color, uint32_t coverage) {
	uint32_t product = (color >> 24) * coverage; // 0 to 65025
	return (product + (product >> 7) + 128) >> 8;
}

#endif

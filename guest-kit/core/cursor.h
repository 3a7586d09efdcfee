/**
 * The pointer's pictures.
 */
#ifndef GK_CORE_CURSOR_H
#define GK_CORE_CURSOR_H

#include "core/path.h"

#define CURSOR_SIZE 64

/**
 * Draw a pointer into CURSOR_SIZE x CURSOR_SIZE pixels, 0xAARRGGBB, premultiplied, and tell its
 * hot spot. GK_CURSOR_NONE is drawn as an arrow.
 *
 * Returns false without memory.
 */
bool cursor_draw(
	struct heap *heap, enum gk_cursor cursor, uint32_t *pixels, int *hot_x, int *hot_y);

#endif

#ifndef OUTPUT_PLACE_H
#define OUTPUT_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <wlr/util/box.h>

/** A screen that gets its place. */
struct output_place {
	bool positioned; // box.x and box.y are wanted; false: anywhere
	struct wlr_box box; // logical pixels
};

/**
 * Gives every screen its place. None covers a part of another one: a wanted position that would
 * is not taken. Screens without one stand in a row, in their order in the array, beginning at
 * the right edge of what has a position, or at 0,0; there is no gap between them.
 */
void output_place(struct output_place *places, size_t len);

#endif

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
 * is not taken. Screens without one stand in a row without gaps, in their order in the array. It
 * begins at 0,0 where it is beside those that have a position, else at the right of them all.
 */
void output_place(struct output_place *places, size_t len);

#endif

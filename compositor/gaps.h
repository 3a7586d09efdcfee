#ifndef GAPS_H
#define GAPS_H

#include <stdbool.h>
#include <wlr/util/box.h>

#include "layout.h"

/**
 * PURE: space between tiles, and between them and the edge of the usable area, in logical pixels.
 * At an edge there is the inner gap and the outer one of that side, which may be negative.
 */
struct gaps {
	int inner;
	int top, right, bottom, left; // outer
};

/** Gaps where only one tile is seen. */
enum gaps_smart {
	GAPS_SMART_NO, // as everywhere
	GAPS_SMART_YES, // none
	GAPS_SMART_INVERSE, // the outer ones there, and nowhere else
};

/** No gap is wider. */
#define GAPS_MAX 1000

/** What the gaps are where so many tiles are seen. */
struct gaps gaps_apply_smart(const struct gaps *gaps, enum gaps_smart smart, size_t seen);

/**
 * What is left of the usable area for tiles. A gap is made wider by less than a step of the grid,
 * so that the borders at the edges are whole. Where there is no room for gaps there are none.
 */
struct wlr_box gaps_area(
	const struct wlr_box *usable, const struct gaps *gaps, const struct layout_style *style);

/**
 * The gaps that a word means: inner, outer, horizontal, vertical, top, right, bottom, left. Sets
 * pointers to them, four at most; 0 is returned for any other word.
 */
size_t gaps_find(struct gaps *gaps, const char *word, int *found[static 4]);

#endif

/**
 * A small set of rectangles: what changed.
 *
 * PURE. It covers at least what was added, and more when that takes fewer rectangles.
 */
#ifndef GK_CORE_REGION_H
#define GK_CORE_REGION_H

#include "gk/display.h"

#define REGION_RECTS_MAX 4

struct region {
	struct gk_rect rects[REGION_RECTS_MAX];
	int count;
};

/** Add a rectangle; an empty one changes nothing. */
void region_add(struct region *region, struct gk_rect rect);

/** Add all of another region. */
void region_add_region(struct region *region, const struct region *other);

#endif

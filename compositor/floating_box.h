#ifndef FLOATING_BOX_H
#define FLOATING_BOX_H

#include <stdbool.h>
#include <wlr/util/box.h>

#include "layout.h"

/**
 * PURE: where a floating window comes to lie. Boxes are in logical pixels of its output, whose
 * top left corner is 0,0.
 */

/** What a window's content may measure. At most 0: no limit on that side. */
struct floating_limits {
	int min_width, min_height;
	int max_width, max_height;
};

/** A floating window: all of it, its title bar (empty if it has none), what its surface fills. */
struct floating_boxes {
	struct wlr_box box, title, content;
};

/** So much of a window stays on the usable area, in logical pixels; its title bar does anyway. */
#define FLOATING_BOX_KEPT 48

/** The smallest content that a window is given if it does not limit it itself. */
#define FLOATING_BOX_MIN_WIDTH 75
#define FLOATING_BOX_MIN_HEIGHT 50

/**
 * The size that a content gets which is wanted with this one: within the limits, no larger than
 * the usable area while it may be smaller, and a multiple of style->grid, unless exact: then the
 * window has drawn that size, and will draw no other.
 */
void floating_box_size(const struct wlr_box *usable, const struct layout_style *style,
	const struct floating_limits *limits, bool exact, int *width, int *height);

/**
 * The boxes of a window whose content is wanted at that place with that size. The near edges of
 * the content are on the grid; the border around it is whole. The window is moved so that it can
 * be seen and grabbed: its title bar is below the top of the usable area, and FLOATING_BOX_KEPT
 * of it is inside the other edges.
 */
struct floating_boxes floating_box_place(const struct wlr_box *wanted, const struct wlr_box *usable,
	const struct layout_style *style, const struct floating_limits *limits, bool exact);

/** The content in the middle of an area, however large it is. */
struct wlr_box floating_box_centre(
	const struct wlr_box *area, const struct layout_style *style, int width, int height);

/**
 * Where a content goes when the usable area it was placed on becomes another one: its middle
 * keeps its place in proportion.
 */
struct wlr_box floating_box_carry(
	const struct wlr_box *wanted, const struct wlr_box *from, const struct wlr_box *to);

#endif

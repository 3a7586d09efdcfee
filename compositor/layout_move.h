#ifndef LAYOUT_MOVE_H
#define LAYOUT_MOVE_H

#include "layout.h"

/** What is beside what in a layout, and how nodes change their places. */

/**
 * The leaf that is next to a node in a direction, NULL at the edge of the layout. Of several
 * it is the nearest, and among equally near ones that which had the focus last.
 */
struct layout_node *layout_neighbour(const struct layout_node *node, enum layout_direction dir);

/**
 * The leaf that had the focus last in the node's next, or previous, sibling; behind the last one
 * the first comes. NULL if it has none.
 */
struct layout_node *layout_sibling(const struct layout_node *node, bool forward);

/** True when the title at a point is one of several tabs, or of stacked ones. */
bool layout_has_tabs_at(const struct layout *layout, double x, double y);

/**
 * The leaf to focus when the tabs or stacked titles at a point are gone through by some steps,
 * above 0 forward, from the one that is seen. NULL if none are there, or it is seen already.
 */
struct layout_node *layout_scroll_tabs(const struct layout *layout, double x, double y, int steps);

/**
 * The leaf to enter when focus comes from outside, moving in a direction. NULL if empty.
 */
struct layout_node *layout_enter(const struct layout *layout, enum layout_direction dir);

/**
 * Moves a node one place: it changes places with a leaf beside it, goes into a container
 * beside it, or comes out of its own. False if it is at the edge already.
 */
bool layout_move(struct layout_node *node, enum layout_direction dir);

/**
 * Moves a leaf to a side of another leaf of the same layout, splitting as needed, as
 * layout_insert_beside() does with a new one.
 */
void layout_move_beside(
	struct layout_node *leaf, struct layout_node *target, enum layout_direction side);

/**
 * Moves a leaf among the tabs that another leaf of the same layout is one of; if it is none, both
 * become tabs. Within its own tabs it takes the place of the other one.
 */
void layout_move_to_tabs(struct layout_node *leaf, struct layout_node *target);

/** Moves a leaf to an edge of the layout: it is beside all the others. */
void layout_move_to_edge(struct layout_node *leaf, enum layout_direction side);

/** Exchanges the places of two leaves, which may be in different layouts. */
void layout_swap(struct layout_node *a, struct layout_node *b);

#endif

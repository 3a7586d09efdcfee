#ifndef DRAG_H
#define DRAG_H

#include <stdbool.h>
#include <stdint.h>
#include <wlr/util/box.h>

#include "floating.h"
#include "layout.h"

struct pointer;
struct seat;
struct tile;
struct workspace;
struct wlr_scene_rect;
struct wlr_scene_tree;

/** What is dragged. */
enum drag_kind {
	DRAG_NONE,
	DRAG_TITLE, // nothing yet: a title bar is held, and the pointer has not gone far
	DRAG_MOVE, // a window that floats, to another place
	DRAG_RESIZE, // edges of a window that floats
	DRAG_EDGES, // edges between tiles
	DRAG_DROP, // a tile, to be dropped somewhere else
};

/** An edge between tiles that is dragged. */
struct drag_edge {
	bool moves;
	enum layout_direction side;
	int position; // where it was at the beginning, relative to the output
};

/**
 * The pointer drags a window; embedded in the pointer, whose mode is POINTER_DRAG all the while.
 *
 * A drag ends when the last button comes up. Escape or another button cancels it: everything is
 * as it was before, as it is when the session is locked or the desk asks something meanwhile.
 *
 * A tile can be dropped on an edge of another one (it goes beside it), on its middle (they change
 * places), on its title bar or tab (it becomes a tab there), on an edge of the screen (beside all
 * others), and on a screen without tiles. Where it will go is shown in its colour.
 */
struct drag {
	enum drag_kind kind;
	struct tile *tile; // NULL with DRAG_NONE
	double lx, ly; // where the pointer was at the beginning
	uint32_t edges; // enum wlr_edges, of DRAG_RESIZE
	struct drag_edge sideways, upright; // of DRAG_EDGES
	struct wlr_box from; // content at the beginning in layout coordinates, of what floats
	struct floating before; // of what floats
	struct workspace *origin; // of what floats; compared only
	struct wlr_scene_tree *preview; // where a tile goes; may be NULL
};

/**
 * The edges (enum wlr_edges) that a press at the pointer would drag, and whose; 0: none. Never
 * over a client's surface.
 */
uint32_t drag_edges_at(struct pointer *pointer, struct tile **tile);

/** The pointer's shape for dragging these edges. */
const char *drag_shape(uint32_t edges);

/** Drag the edges under the pointer; false if there are none. */
bool drag_begin_edges(struct pointer *pointer);

/** A title bar is held: a drag begins when the pointer has gone some pixels. */
void drag_begin_title(struct pointer *pointer, struct tile *tile);

/**
 * Drag a window: to another place, or its edges next to the pointer. False if it cannot be, as
 * when it is full screen or no button is down.
 */
bool drag_begin_move(struct pointer *pointer, struct tile *tile);
bool drag_begin_resize(struct pointer *pointer, struct tile *tile);

/** The same for edges (enum wlr_edges) that a client has chosen; for what floats only. */
bool drag_begin_resize_edges(struct pointer *pointer, struct tile *tile, uint32_t edges);

/** The pointer has moved. */
void drag_motion(struct pointer *pointer);

/** The windows have: show anew where the tile goes. */
void drag_moved_under(struct pointer *pointer);

/** The last button came up. */
void drag_end(struct pointer *pointer);

/** Put everything back; without a drag nothing happens. */
void drag_cancel(struct pointer *pointer);

/** The tile goes away. */
void drag_forget_tile(struct pointer *pointer, const struct tile *tile);

#endif

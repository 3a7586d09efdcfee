#ifndef FLOATING_H
#define FLOATING_H

#include <stdbool.h>
#include <stdint.h>
#include <wlr/util/box.h>

#include "floating_box.h"

struct output;
struct rule_place;
struct tile;
struct toplevel;
struct workspace;

/**
 * A tile's place outside the layout; embedded in the tile, which has no leaf while it floats.
 *
 * What the user wants is kept as it is, together with the usable area that it was wanted on. What
 * is shown is made from it anew whenever the output changes, so that a window which had to be
 * moved or made smaller comes back when there is room again.
 */
struct floating {
	bool on;
	bool placed; // wanted is set: it floats, or has floated before
	bool exact; // the size is one that the client chose itself
	uint32_t moving_edges; // enum wlr_edges that move when the client chooses another size
	struct wlr_box wanted; // of the content, relative to the output
	struct wlr_box usable; // of the output when wanted was set
	int natural_width, natural_height; // what a client drew at first; 0: not known
};

/** Let a tile float, or put it into the layout beside the focused tile there. */
void floating_set(struct tile *tile, bool on);

/**
 * The tile floats from its beginning: where the rules say, else over its parent, or in the middle
 * of the output. place may be NULL. One that has a place keeps it; without an output there is
 * none yet.
 */
void floating_begin(struct tile *tile, const struct rule_place *place);

/** Size and position that rules say of a tile that is there; if it does not float, for later. */
void floating_follow_rule(struct tile *tile, const struct rule_place *place);

/**
 * True for what floats by itself: a client's toplevel that has a parent, or that is of a fixed
 * size. Machines do not: what they say of themselves decides nothing.
 */
bool floating_is_dialog(const struct toplevel *toplevel);

/** The tile of the toplevel that is the tile's parent, or NULL. */
struct tile *floating_parent(const struct tile *tile);

/** True when the tile belongs to the other one: as a dialog of it, or a dialog's dialog. */
bool floating_is_above(const struct tile *tile, const struct tile *other);

/** Where a tile that floats lies, relative to its output, which it must have. */
struct floating_boxes floating_boxes(const struct tile *tile);

/**
 * Move and resize: the content is wanted there, relative to the output. It takes effect at once,
 * as far as limits and usable area allow; without an output when there is one.
 */
void floating_want(struct tile *tile, const struct wlr_box *content);

/** The same, with the edges (enum wlr_edges) that move if the client takes another size. */
void floating_want_moving(struct tile *tile, const struct wlr_box *content, uint32_t moving_edges);

/**
 * Resize: from a content (relative to the output) to a size, as far as its limits let it. edges
 * (enum wlr_edges) are those that move, both of an axis alike; none: the right and the lower one.
 */
void floating_resize(
	struct tile *tile, const struct wlr_box *from, int width, int height, uint32_t edges);

/** Move: the content is wanted there, relative to the output, with the size that it has. */
void floating_move(struct tile *tile, int x, int y);

/** In the middle of the usable area. */
void floating_centre(struct tile *tile);

/** The content as it is now, relative to the output. */
struct wlr_box floating_content(const struct tile *tile);

/** The limits of its size. */
struct floating_limits floating_limits(const struct tile *tile);

/** Its client has drawn: if it chose a size of its own the tile follows. */
void floating_follow_client(struct tile *tile);

/** Above all others that float on its workspace; its dialogs above it. */
void floating_raise(struct tile *tile);

/** Sticky tiles of an output come to the workspace that it shows. */
void floating_gather_sticky(struct output *output);

void floating_set_sticky(struct tile *tile, bool sticky);

/** Of what floats on the tile's workspace the nearest in a direction, or NULL. */
struct tile *floating_neighbour(const struct tile *tile, enum layout_direction direction);

/** The last focused tile of a workspace that floats, or that does not. NULL if there is none. */
struct tile *floating_recent(const struct workspace *workspace, bool floating);

#endif

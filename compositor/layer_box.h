#ifndef LAYER_BOX_H
#define LAYER_BOX_H

#include <stdbool.h>
#include <stdint.h>
#include <wlr/util/box.h>

/**
 * Where a layer-shell surface lies on its output. PURE: the numbers are a client's, any of them
 * can be anything that 32 bits hold.
 *
 * wlr-layer-shell-unstable-v1, zwlr_layer_surface_v1.set_size, set_anchor, set_exclusive_zone,
 * set_margin.
 */

/** The edges of an output; anchors are a set of them. */
enum layer_box_edge {
	LAYER_BOX_TOP = 1 << 0,
	LAYER_BOX_BOTTOM = 1 << 1,
	LAYER_BOX_LEFT = 1 << 2,
	LAYER_BOX_RIGHT = 1 << 3,
};

/** What a client asked for, in logical pixels. */
struct layer_box_request {
	uint32_t width, height; // 0: as far as its anchors are apart
	uint32_t anchor; // enum layer_box_edge
	int32_t top, right, bottom, left; // margins
	int32_t zone; // -1: over the zones of others; above 0: kept free for it
	uint32_t zone_edge; // one of enum layer_box_edge, or 0: zone is not kept
};

/** Less than this is not left for windows: a zone that would leave less is not kept. */
#define LAYER_BOX_USABLE_MIN 64

/**
 * The box of a surface within full, the output's. usable is what the zones of those before it
 * have left; the surface's own zone, if it is taken, is taken from it. Width and height of the
 * result are at least 1.
 */
struct wlr_box layer_box_place(const struct layer_box_request *request, const struct wlr_box *full,
	struct wlr_box *usable, bool take_zone);

#endif

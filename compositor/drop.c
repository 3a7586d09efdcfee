#include "drop.h"

#include "layout_move.h"
#include "output.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

// So far from the edge of the usable area, in logical pixels, a drop is beside all tiles.
#define EDGE_DISTANCE 12
// So much of a tile, in percent, is its edge on either side.
#define SIDE_PERCENT 30

// The part of a box on one side, 1/divisor of it.
static struct wlr_box part(const struct wlr_box *box, enum layout_direction side, int divisor) {
	struct wlr_box result = *box;
	switch (side) {
	case LAYOUT_RIGHT:
		result.x += box->width - box->width / divisor;
		result.width = box->width / divisor;
		break;
	case LAYOUT_LEFT:
		result.width = box->width / divisor;
		break;
	case LAYOUT_DOWN:
		result.y += box->height - box->height / divisor;
		result.height = box->height / divisor;
		break;
	case LAYOUT_UP:
		result.height = box->height / divisor;
		break;
	}
	return result;
}

// How far the point is from each side of the box, as a share of it: the nearest side.
static double nearest_side(
	const struct wlr_box *box, double x, double y, enum layout_direction *side) {
	const double away[] = {
		[LAYOUT_LEFT] = (x - box->x) / box->width,
		[LAYOUT_RIGHT] = (box->x + box->width - x) / box->width,
		[LAYOUT_UP] = (y - box->y) / box->height,
		[LAYOUT_DOWN] = (box->y + box->height - y) / box->height,
	};
	*side = LAYOUT_LEFT;
	for (int i = LAYOUT_LEFT; i <= LAYOUT_DOWN; i++) {
		*side = away[i] < away[*side] ? (enum layout_direction)i : *side;
	}
	return away[*side];
}

static bool is_at_edge(
	const struct wlr_box *usable, double x, double y, enum layout_direction *side) {
	const double away[] = {
		[LAYOUT_LEFT] = x - usable->x,
		[LAYOUT_RIGHT] = usable->x + usable->width - x,
		[LAYOUT_UP] = y - usable->y,
		[LAYOUT_DOWN] = usable->y + usable->height - y,
	};
	for (int i = LAYOUT_LEFT; i <= LAYOUT_DOWN; i++) {
		if (away[i] >= 0 && away[i] < EDGE_DISTANCE) {
			*side = (enum layout_direction)i;
			return true;
		}
	}
	return false;
}

// On the screen itself, without what is in its boxes: relative to the output.
static struct drop drop_on(
	struct workspace *workspace, const struct tile *tile, double x, double y) {
	const struct wlr_box *usable = &workspace->output->usable;
	struct drop drop = {.kind = DROP_NOTHING, .workspace = workspace, .box = *usable};
	bool own = workspace == tile->workspace;
	struct layout_node *leaf = layout_next_leaf(workspace->layout, NULL);
	bool alone = leaf == NULL || (own && layout_next_leaf(workspace->layout, leaf) == NULL);
	if (alone || workspace->fullscreen != NULL) {
		drop.kind = own ? DROP_NOTHING : DROP_THERE;
		return drop;
	}
	if (is_at_edge(usable, x, y, &drop.side)) {
		drop.kind = DROP_EDGE;
		drop.box = part(usable, drop.side, 4);
		return drop;
	}
	leaf = layout_leaf_at(workspace->layout, x, y);
	if (leaf == NULL || leaf == tile->node) {
		return drop;
	}
	drop.target = layout_node_data(leaf);
	drop.box = layout_node_box(leaf);
	struct wlr_box title = layout_title_at(workspace->layout, x, y);
	if (!wlr_box_empty(&title)) {
		drop.kind = DROP_TAB;
		drop.box = title;
	} else if (nearest_side(&drop.box, x, y, &drop.side) * 100 < SIDE_PERCENT) {
		drop.kind = DROP_BESIDE;
		drop.box = part(&drop.box, drop.side, 2);
	} else {
		drop.kind = DROP_SWAP;
	}
	return drop;
}

struct drop drop_at(struct server *server, const struct tile *tile, double lx, double ly) {
	struct output *output = output_at(server, lx, ly);
	if (output == NULL || output->workspace == NULL) {
		return (struct drop){.kind = DROP_NOTHING};
	}
	struct drop drop = drop_on(output->workspace, tile, lx - output->box.x, ly - output->box.y);
	drop.box.x += output->box.x;
	drop.box.y += output->box.y;
	return drop;
}

void drop_do(struct tile *tile, const struct drop *drop) {
	struct workspace *workspace = drop->workspace;
	if (drop->kind == DROP_NOTHING) {
		return;
	}
	if (drop->kind == DROP_SWAP) {
		tile_swap(tile, drop->target);
		tile_focus(tile);
		return;
	}
	tile_move_to_workspace(tile, workspace);
	switch (drop->kind) {
	case DROP_BESIDE:
		layout_move_beside(tile->node, drop->target->node, drop->side);
		break;
	case DROP_TAB:
		layout_move_to_tabs(tile->node, drop->target->node);
		break;
	case DROP_EDGE:
		layout_move_to_edge(tile->node, drop->side);
		break;
	default:
		break;
	}
	workspace_arrange(workspace);
	tile_focus(tile);
}

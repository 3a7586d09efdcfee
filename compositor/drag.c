#include "drag.h"

#include <math.h>
#include <string.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/util/edges.h>

#include "config.h"
#include "cursor_image.h"
#include "drop.h"
#include "output.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"

// How far from an edge between tiles, in logical pixels, it can be grabbed.
#define GRAB_DISTANCE 6
// So near to a corner of what floats, in logical pixels, two edges are grabbed.
#define CORNER_DISTANCE 20
// A title bar is let go of as if it were clicked unless the pointer has gone so far.
#define THRESHOLD 8
// Width in logical pixels of the line around the place where a tile goes.
#define OUTLINE 3

static struct server *server_of(const struct pointer *pointer) {
	return pointer->seat->server;
}

// --- edges --------------------------------------------------------------------------------

static uint32_t edge_of_side(enum layout_direction side) {
	static const uint32_t edges[] = {
		[LAYOUT_LEFT] = WLR_EDGE_LEFT,
		[LAYOUT_RIGHT] = WLR_EDGE_RIGHT,
		[LAYOUT_UP] = WLR_EDGE_TOP,
		[LAYOUT_DOWN] = WLR_EDGE_BOTTOM,
	};
	return edges[side];
}

static bool contains(const struct wlr_box *box, double x, double y) {
	return x >= box->x && x < box->x + box->width && y >= box->y && y < box->y + box->height;
}

// On the border of what floats; the title bar is no border.
static uint32_t border_at(const struct tile *tile, double lx, double ly) {
	const struct wlr_box *box = &tile->box;
	struct wlr_box title = tile->title;
	title.x += box->x;
	title.y += box->y;
	if (tile->fullscreen || !contains(box, lx, ly) || contains(&tile->content, lx, ly) ||
		contains(&title, lx, ly)) {
		return WLR_EDGE_NONE;
	}
	const double right = box->x + box->width, bottom = box->y + box->height;
	uint32_t edges = WLR_EDGE_NONE;
	if (lx - box->x < CORNER_DISTANCE) {
		edges |= WLR_EDGE_LEFT;
	} else if (right - lx <= CORNER_DISTANCE) {
		edges |= WLR_EDGE_RIGHT;
	}
	if (ly - box->y < CORNER_DISTANCE) {
		edges |= WLR_EDGE_TOP;
	} else if (bottom - ly <= CORNER_DISTANCE) {
		edges |= WLR_EDGE_BOTTOM;
	}
	return edges;
}

uint32_t drag_edges_at(struct pointer *pointer, struct tile **tile) {
	struct server *server = server_of(pointer);
	double lx = pointer->cursor->x, ly = pointer->cursor->y;
	struct output *output = output_at(server, lx, ly);
	*tile = tile_at(server, lx, ly);
	if (output == NULL || seat_locked(pointer->seat) ||
		pointer->seat->wlr_seat->pointer_state.focused_surface != NULL) {
		return WLR_EDGE_NONE;
	}
	if (*tile != NULL && (*tile)->floating.on) {
		return border_at(*tile, lx, ly);
	}
	struct layout_node *leaf;
	enum layout_direction side;
	if (output->workspace->fullscreen != NULL ||
		!layout_edge_at(output->workspace->layout, lx - output->box.x, ly - output->box.y,
			GRAB_DISTANCE, &leaf, &side)) {
		return WLR_EDGE_NONE;
	}
	*tile = layout_node_data(leaf);
	return edge_of_side(side);
}

const char *drag_shape(uint32_t edges) {
	switch (edges) {
	case WLR_EDGE_LEFT:
	case WLR_EDGE_RIGHT:
		return "ew-resize";
	case WLR_EDGE_TOP:
	case WLR_EDGE_BOTTOM:
		return "ns-resize";
	case WLR_EDGE_LEFT | WLR_EDGE_TOP:
	case WLR_EDGE_RIGHT | WLR_EDGE_BOTTOM:
		return "nwse-resize";
	case WLR_EDGE_RIGHT | WLR_EDGE_TOP:
	case WLR_EDGE_LEFT | WLR_EDGE_BOTTOM:
		return "nesw-resize";
	default:
		return "default";
	}
}

// --- where a tile goes --------------------------------------------------------------------

static void hide_preview(struct drag *drag) {
	if (drag->preview != NULL) {
		wlr_scene_node_destroy(&drag->preview->node);
		drag->preview = NULL;
	}
}

static void add_rect(struct wlr_scene_tree *tree, const struct wlr_box *box, const float *colour) {
	if (box->width > 0 && box->height > 0) {
		struct wlr_scene_rect *rect = wlr_scene_rect_create(
			tree, box->width, box->height, colour);
		wlr_scene_node_set_position(&rect->node, box->x, box->y);
	}
}

// Premultiplied, as the scene has them.
static void set_colour(float *rgba, uint32_t colour, float alpha) {
	rgba[0] = (float)(colour >> 16 & 0xff) / 255 * alpha;
	rgba[1] = (float)(colour >> 8 & 0xff) / 255 * alpha;
	rgba[2] = (float)(colour & 0xff) / 255 * alpha;
	rgba[3] = alpha;
}

static void show_preview(struct drag *drag, const struct wlr_box *box, uint32_t colour) {
	struct server *server = drag->tile->server;
	float fill[4], line[4];
	set_colour(fill, colour, 0.45f);
	set_colour(line, colour, 0.95f);
	hide_preview(drag);
	drag->preview = wlr_scene_tree_create(server->layers[LAYER_NOTICES]);
	int x = box->x, y = box->y, width = box->width, height = box->height;
	const struct wlr_box lines[] = {
		{x, y, width, OUTLINE},
		{x, y + height - OUTLINE, width, OUTLINE},
		{x, y + OUTLINE, OUTLINE, height - 2 * OUTLINE},
		{x + width - OUTLINE, y + OUTLINE, OUTLINE, height - 2 * OUTLINE},
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		add_rect(drag->preview, &lines[i], line);
	}
	const struct wlr_box inside = {
		x + OUTLINE, y + OUTLINE, width - 2 * OUTLINE, height - 2 * OUTLINE};
	add_rect(drag->preview, &inside, fill);
}

static void show_drop(struct pointer *pointer) {
	struct drag *drag = &pointer->drag;
	struct drop drop = drop_at(
		server_of(pointer), drag->tile, pointer->cursor->x, pointer->cursor->y);
	if (drop.kind == DROP_NOTHING) {
		hide_preview(drag);
	} else {
		show_preview(drag, &drop.box, tile_border_colour(drag->tile));
	}
}

// --- beginning ----------------------------------------------------------------------------

static void set_resizing(struct tile *tile, bool resizing) {
	tile->resizing = resizing;
	if (tile->toplevel != NULL) {
		toplevel_configure(tile->toplevel);
	}
}

static struct drag *begin(
	struct pointer *pointer, enum drag_kind kind, struct tile *tile, const char *shape) {
	struct drag *drag = &pointer->drag;
	*drag = (struct drag){
		.kind = kind,
		.tile = tile,
		.lx = pointer->cursor->x,
		.ly = pointer->cursor->y,
	};
	pointer->mode = POINTER_DRAG;
	pointer->surface_tile = NULL;
	wlr_seat_pointer_notify_clear_focus(pointer->seat->wlr_seat);
	cursor_image_set_shape(pointer, shape);
	if (tile->floating.on) {
		drag->before = tile->floating;
		drag->origin = tile->workspace;
		drag->from = tile->content;
	}
	if (kind == DRAG_RESIZE || kind == DRAG_EDGES) {
		set_resizing(tile, true);
	}
	return drag;
}

static bool may_begin(const struct pointer *pointer, const struct tile *tile) {
	return pointer->held > 0 && pointer->mode != POINTER_DRAG && !tile->fullscreen &&
		tile->workspace->output != NULL && !seat_locked(pointer->seat);
}

static bool find_edge(const struct tile *tile, enum layout_direction side, struct drag_edge *edge) {
	edge->side = side;
	edge->moves = layout_edge(tile->node, side, &edge->position);
	return edge->moves;
}

// The edges on these sides; where one is the edge of the screen the one across from it.
static bool begin_edges(struct pointer *pointer, struct tile *tile, uint32_t edges) {
	struct drag_edge sideways = {0}, upright = {0};
	bool left = (edges & WLR_EDGE_LEFT) != 0, up = (edges & WLR_EDGE_TOP) != 0;
	if ((edges & (WLR_EDGE_LEFT | WLR_EDGE_RIGHT)) != 0 &&
		!find_edge(tile, left ? LAYOUT_LEFT : LAYOUT_RIGHT, &sideways)) {
		find_edge(tile, left ? LAYOUT_RIGHT : LAYOUT_LEFT, &sideways);
	}
	if ((edges & (WLR_EDGE_TOP | WLR_EDGE_BOTTOM)) != 0 &&
		!find_edge(tile, up ? LAYOUT_UP : LAYOUT_DOWN, &upright)) {
		find_edge(tile, up ? LAYOUT_DOWN : LAYOUT_UP, &upright);
	}
	if (!sideways.moves && !upright.moves) {
		return false;
	}
	uint32_t moving = sideways.moves ? edge_of_side(sideways.side) : WLR_EDGE_NONE;
	moving |= upright.moves ? edge_of_side(upright.side) : WLR_EDGE_NONE;
	struct drag *drag = begin(pointer, DRAG_EDGES, tile, drag_shape(moving));
	drag->sideways = sideways;
	drag->upright = upright;
	return true;
}

bool drag_begin_resize_edges(struct pointer *pointer, struct tile *tile, uint32_t edges) {
	if (!may_begin(pointer, tile) || !tile->floating.on || edges == WLR_EDGE_NONE) {
		return false;
	}
	begin(pointer, DRAG_RESIZE, tile, drag_shape(edges))->edges = edges;
	return true;
}

bool drag_begin_edges(struct pointer *pointer) {
	struct tile *tile;
	uint32_t edges = drag_edges_at(pointer, &tile);
	if (edges == WLR_EDGE_NONE || !may_begin(pointer, tile)) {
		return false;
	}
	if (tile->floating.on) {
		tile_focus(tile);
		return drag_begin_resize_edges(pointer, tile, edges);
	}
	return begin_edges(pointer, tile, edges);
}

void drag_begin_title(struct pointer *pointer, struct tile *tile) {
	if (may_begin(pointer, tile)) {
		begin(pointer, DRAG_TITLE, tile, "default");
	}
}

bool drag_begin_move(struct pointer *pointer, struct tile *tile) {
	if (!may_begin(pointer, tile)) {
		return false;
	}
	begin(pointer, tile->floating.on ? DRAG_MOVE : DRAG_DROP, tile, "grabbing");
	return true;
}

bool drag_begin_resize(struct pointer *pointer, struct tile *tile) {
	if (!may_begin(pointer, tile)) {
		return false;
	}
	const struct wlr_box *box = &tile->box;
	bool right = pointer->cursor->x >= box->x + box->width / 2.0;
	bool down = pointer->cursor->y >= box->y + box->height / 2.0;
	uint32_t edges = right ? WLR_EDGE_RIGHT : WLR_EDGE_LEFT;
	edges |= down ? WLR_EDGE_BOTTOM : WLR_EDGE_TOP;
	return tile->floating.on ? drag_begin_resize_edges(pointer, tile, edges)
				 : begin_edges(pointer, tile, edges);
}

// --- going on -----------------------------------------------------------------------------

// Commands, and machines that end, change windows while they are dragged.
static bool is_valid(const struct drag *drag) {
	const struct tile *tile = drag->tile;
	bool floats = drag->kind == DRAG_MOVE || drag->kind == DRAG_RESIZE;
	return !tile->fullscreen && tile->workspace->output != NULL &&
		(drag->kind == DRAG_TITLE || tile->floating.on == floats);
}

static void set_workspace(struct tile *tile, struct workspace *workspace) {
	struct workspace *from = tile->workspace;
	if (from == workspace) {
		return;
	}
	tile_set_workspace(tile, workspace);
	workspace_arrange(from);
	tile_focus(tile);
	workspace_collect(from);
	server_emit(tile->server, SERVER_WINDOW, SERVER_CHANGED, tile);
}

static void move(struct pointer *pointer, double dx, double dy) {
	struct drag *drag = &pointer->drag;
	struct tile *tile = drag->tile;
	struct output *output = output_at(
		server_of(pointer), pointer->cursor->x, pointer->cursor->y);
	if (output != NULL && output->workspace->fullscreen == NULL) {
		set_workspace(tile, output->workspace);
	}
	output = tile->workspace->output;
	floating_move(tile, drag->from.x + (int)lround(dx) - output->box.x,
		drag->from.y + (int)lround(dy) - output->box.y);
}

static void resize(struct drag *drag, double dx, double dy) {
	struct wlr_box from = drag->from;
	const struct output *output = drag->tile->workspace->output;
	from.x -= output->box.x;
	from.y -= output->box.y;
	int width = from.width, height = from.height;
	if ((drag->edges & WLR_EDGE_LEFT) != 0) {
		width -= (int)lround(dx);
	} else if ((drag->edges & WLR_EDGE_RIGHT) != 0) {
		width += (int)lround(dx);
	}
	if ((drag->edges & WLR_EDGE_TOP) != 0) {
		height -= (int)lround(dy);
	} else if ((drag->edges & WLR_EDGE_BOTTOM) != 0) {
		height += (int)lround(dy);
	}
	floating_resize(drag->tile, &from, width, height, drag->edges);
}

static void move_edges(struct drag *drag, double dx, double dy) {
	struct layout_node *node = drag->tile->node;
	if (drag->sideways.moves) {
		layout_drag(node, drag->sideways.side, drag->sideways.position + (int)lround(dx));
	}
	if (drag->upright.moves) {
		layout_drag(node, drag->upright.side, drag->upright.position + (int)lround(dy));
	}
	workspace_arrange(drag->tile->workspace);
}

void drag_motion(struct pointer *pointer) {
	struct drag *drag = &pointer->drag;
	double dx = pointer->cursor->x - drag->lx, dy = pointer->cursor->y - drag->ly;
	if (drag->kind == DRAG_NONE) {
		return;
	}
	if (!is_valid(drag)) {
		drag_cancel(pointer);
		return;
	}
	if (drag->kind == DRAG_TITLE && hypot(dx, dy) >= THRESHOLD) {
		drag->kind = drag->tile->floating.on ? DRAG_MOVE : DRAG_DROP;
		cursor_image_set_shape(pointer, "grabbing");
	}
	switch (drag->kind) {
	case DRAG_MOVE:
		move(pointer, dx, dy);
		break;
	case DRAG_RESIZE:
		resize(drag, dx, dy);
		break;
	case DRAG_EDGES:
		move_edges(drag, dx, dy);
		break;
	case DRAG_DROP:
		show_drop(pointer);
		break;
	case DRAG_NONE:
	case DRAG_TITLE:
		break;
	}
}

void drag_moved_under(struct pointer *pointer) {
	if (pointer->drag.kind == DRAG_DROP) {
		drag_motion(pointer);
	}
}

// --- ending -------------------------------------------------------------------------------

// What is left of it; the buttons that are still down are nobody's.
static struct drag finish(struct pointer *pointer) {
	struct drag drag = pointer->drag;
	hide_preview(&pointer->drag);
	pointer->drag = (struct drag){0};
	if (pointer->mode == POINTER_DRAG) {
		pointer->mode = pointer->held > 0 ? POINTER_TAKEN : POINTER_PASS;
	}
	cursor_image_set_shape(pointer, "default");
	return drag;
}

void drag_end(struct pointer *pointer) {
	if (pointer->drag.kind == DRAG_NONE) {
		return;
	}
	if (!is_valid(&pointer->drag)) {
		drag_cancel(pointer);
		return;
	}
	struct drag drag = finish(pointer);
	if (drag.tile->resizing) {
		set_resizing(drag.tile, false);
	}
	if (drag.kind == DRAG_DROP) {
		struct drop drop = drop_at(
			server_of(pointer), drag.tile, pointer->cursor->x, pointer->cursor->y);
		drop_do(drag.tile, &drop);
	}
}

static bool is_there(struct server *server, const struct workspace *wanted) {
	const struct workspace *workspace;
	wl_list_for_each (workspace, &server->workspaces, link) {
		if (workspace == wanted) {
			return true;
		}
	}
	return false;
}

static void put_back(struct server *server, const struct drag *drag) {
	struct tile *tile = drag->tile;
	if (drag->kind == DRAG_EDGES && tile->node != NULL) {
		if (drag->sideways.moves) {
			layout_drag(tile->node, drag->sideways.side, drag->sideways.position);
		}
		if (drag->upright.moves) {
			layout_drag(tile->node, drag->upright.side, drag->upright.position);
		}
		workspace_arrange(tile->workspace);
	}
	bool floated = drag->kind == DRAG_MOVE || drag->kind == DRAG_RESIZE;
	if (floated && tile->floating.on && is_there(server, tile->workspace)) {
		if (is_there(server, drag->origin)) {
			set_workspace(tile, drag->origin);
		}
		tile->floating = drag->before;
		workspace_arrange(tile->workspace);
	}
}

void drag_cancel(struct pointer *pointer) {
	if (pointer->drag.kind != DRAG_NONE) {
		struct drag drag = finish(pointer);
		if (drag.tile->resizing) {
			set_resizing(drag.tile, false);
		}
		put_back(server_of(pointer), &drag);
	}
}

void drag_forget_tile(struct pointer *pointer, const struct tile *tile) {
	if (pointer->drag.tile == tile) {
		pointer->drag.tile->resizing = false;
		finish(pointer);
	}
}

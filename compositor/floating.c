#include "floating.h"

#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_dialog_v1.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/util/edges.h>

#include "layout.h"
#include "output.h"
#include "pointer.h"
#include "scratchpad.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"

// Dialogs of dialogs, beyond which nobody looks.
#define DEPTH_MAX 32
// A client's word on its size is not taken beyond this.
#define SIZE_MAX_PX 16384

static bool is_on_screen(const struct tile *tile) {
	const struct output *output = tile->workspace->output;
	return output != NULL && !wlr_box_empty(&output->usable);
}

// --- dialogs ------------------------------------------------------------------------------

bool floating_is_dialog(const struct toplevel *toplevel) {
	if (toplevel == NULL || toplevel->machine != NULL) {
		return false;
	}
	const struct wlr_xdg_toplevel_state *state = &toplevel->xdg->current;
	bool fixed = state->min_width > 0 && state->min_height > 0 &&
		state->min_width == state->max_width && state->min_height == state->max_height;
	return toplevel->xdg->parent != NULL || fixed ||
		wlr_xdg_dialog_v1_try_from_wlr_xdg_toplevel(toplevel->xdg) != NULL;
}

struct tile *floating_parent(const struct tile *tile) {
	if (tile->machine != NULL || tile->toplevel == NULL ||
		tile->toplevel->xdg->parent == NULL) {
		return NULL;
	}
	const struct toplevel *parent = tile->toplevel->xdg->parent->base->data;
	return parent != NULL ? parent->tile : NULL;
}

bool floating_is_above(const struct tile *tile, const struct tile *other) {
	const struct tile *parent = floating_parent(tile);
	for (int depth = 0; parent != NULL && depth < DEPTH_MAX; depth++) {
		if (parent == other) {
			return true;
		}
		parent = floating_parent(parent);
	}
	return false;
}

void floating_raise(struct tile *tile) {
	wlr_scene_node_raise_to_top(&tile->tree->node);
	struct tile *other;
	wl_list_for_each_reverse (other, &tile->workspace->tiles, workspace_link) {
		if (other->floating.on && floating_is_above(other, tile)) {
			wlr_scene_node_raise_to_top(&other->tree->node);
		}
	}
}

// --- sizes and places ---------------------------------------------------------------------

static int bounded(int32_t size) {
	return size > 0 ? size < SIZE_MAX_PX ? (int)size : SIZE_MAX_PX : 0;
}

struct floating_limits floating_limits(const struct tile *tile) {
	struct floating_limits limits = {0};
	if (tile->machine == NULL && tile->toplevel != NULL) {
		const struct wlr_xdg_toplevel_state *state = &tile->toplevel->xdg->current;
		limits.min_width = bounded(state->min_width);
		limits.min_height = bounded(state->min_height);
		limits.max_width = bounded(state->max_width);
		limits.max_height = bounded(state->max_height);
	}
	return limits;
}

static struct wlr_box carried(const struct tile *tile) {
	const struct floating *floating = &tile->floating;
	const struct wlr_box *usable = &tile->workspace->output->usable;
	if (wlr_box_empty(&floating->usable) || wlr_box_equal(&floating->usable, usable)) {
		return floating->wanted;
	}
	return floating_box_carry(&floating->wanted, &floating->usable, usable);
}

struct floating_boxes floating_boxes(const struct tile *tile) {
	const struct workspace *workspace = tile->workspace;
	struct layout_style style = tile_style(tile);
	struct floating_limits limits = floating_limits(tile);
	struct wlr_box wanted = carried(tile);
	return floating_box_place(
		&wanted, &workspace->output->usable, &style, &limits, tile->floating.exact);
}

struct wlr_box floating_content(const struct tile *tile) {
	struct wlr_box content = tile->floating.wanted;
	if (is_on_screen(tile)) {
		content = floating_boxes(tile).content;
	}
	return content;
}

void floating_want_moving(struct tile *tile, const struct wlr_box *content, uint32_t moving_edges) {
	struct floating *floating = &tile->floating;
	bool resized = content->width != floating->wanted.width ||
		content->height != floating->wanted.height;
	floating->exact = floating->exact && !resized;
	floating->wanted = *content;
	floating->placed = true;
	floating->moving_edges = moving_edges;
	floating->usable = (struct wlr_box){0};
	if (is_on_screen(tile)) {
		floating->usable = tile->workspace->output->usable;
		tile_arrange(tile);
		seat_pointer_moved_later(tile->server->seat);
	}
}

void floating_want(struct tile *tile, const struct wlr_box *content) {
	floating_want_moving(tile, content, WLR_EDGE_NONE);
}

static int anchored(int place, int before, int after, bool near, bool far) {
	if (!near) {
		return place;
	}
	return place + (far ? (before - after) / 2 : before - after);
}

static struct wlr_box resized(const struct wlr_box *from, int width, int height, uint32_t edges) {
	return (struct wlr_box){
		.x = anchored(from->x, from->width, width, (edges & WLR_EDGE_LEFT) != 0,
			(edges & WLR_EDGE_RIGHT) != 0),
		.y = anchored(from->y, from->height, height, (edges & WLR_EDGE_TOP) != 0,
			(edges & WLR_EDGE_BOTTOM) != 0),
		.width = width,
		.height = height,
	};
}

void floating_resize(
	struct tile *tile, const struct wlr_box *from, int width, int height, uint32_t edges) {
	if (is_on_screen(tile)) {
		const struct workspace *workspace = tile->workspace;
		struct layout_style style = tile_style(tile);
		struct floating_limits limits = floating_limits(tile);
		floating_box_size(
			&workspace->output->usable, &style, &limits, false, &width, &height);
	}
	struct wlr_box content = resized(from, width, height, edges);
	floating_want_moving(tile, &content, edges);
}

void floating_move(struct tile *tile, int x, int y) {
	// What is wanted keeps its size, also where there is not room for all of it.
	struct wlr_box content = tile->floating.wanted;
	content.x = x;
	content.y = y;
	floating_want(tile, &content);
}

void floating_centre(struct tile *tile) {
	if (is_on_screen(tile)) {
		const struct workspace *workspace = tile->workspace;
		struct layout_style style = tile_style(tile);
		struct wlr_box content = floating_content(tile);
		content = floating_box_centre(
			&workspace->output->usable, &style, content.width, content.height);
		floating_move(tile, content.x, content.y);
	}
}

// Relative to the output, where it and the tile's is the same.
static bool parent_box(const struct tile *tile, struct wlr_box *box) {
	const struct tile *parent = floating_parent(tile);
	if (parent == NULL || parent->workspace != tile->workspace ||
		tile->workspace->output == NULL || wlr_box_empty(&parent->box)) {
		return false;
	}
	*box = parent->box;
	box->x -= tile->workspace->output->box.x;
	box->y -= tile->workspace->output->box.y;
	return true;
}

// What rules say; else what a client drew at first; a machine, which draws what it is told to,
// gets a share.
static void first_size(const struct tile *tile, const struct rule_place *place,
	const struct wlr_box *usable, int *width, int *height) {
	const struct floating *floating = &tile->floating;
	if (place != NULL && place->sized) {
		*width = rule_length_pixels(&place->width, usable->width);
		*height = rule_length_pixels(&place->height, usable->height);
		return;
	}
	bool natural = tile->machine == NULL && floating->natural_width > 0;
	*width = natural ? floating->natural_width : usable->width / 2;
	*height = natural ? floating->natural_height : usable->height * 3 / 4;
}

static void first_position(const struct tile *tile, const struct rule_place *place,
	const struct output *output, struct wlr_box *content) {
	const struct wlr_box *usable = &output->usable;
	struct layout_style style = tile_style(tile);
	struct wlr_box area = *usable;
	enum rule_position position = place != NULL ? place->position : RULE_POSITION_UNSET;
	if (position == RULE_POSITION_AT) {
		content->x = usable->x + rule_length_pixels(&place->x, usable->width) +
			style.border;
		content->y = usable->y + rule_length_pixels(&place->y, usable->height) +
			style.border + style.title;
		return;
	}
	if (position == RULE_POSITION_POINTER) {
		const struct wlr_cursor *cursor = tile->server->seat->pointer->cursor;
		content->x = (int)cursor->x - output->box.x - content->width / 2;
		content->y = (int)cursor->y - output->box.y - content->height / 2;
		return;
	}
	if (position == RULE_POSITION_UNSET) {
		parent_box(tile, &area);
	}
	*content = floating_box_centre(&area, &style, content->width, content->height);
}

// On the output that it will be on, while it has none: that is the active one.
static void place_first(struct tile *tile, const struct rule_place *place) {
	struct floating *floating = &tile->floating;
	const struct output *output = tile->workspace->output != NULL ? tile->workspace->output
								      : tile->server->active_output;
	if (floating->placed || output == NULL || wlr_box_empty(&output->usable)) {
		return;
	}
	struct layout_style style = tile_style(tile);
	struct floating_limits limits = floating_limits(tile);
	struct wlr_box content = {0};
	first_size(tile, place, &output->usable, &content.width, &content.height);
	floating_box_size(&output->usable, &style, &limits, false, &content.width, &content.height);
	first_position(tile, place, output, &content);
	floating->wanted = content;
	floating->usable = output->usable;
	floating->placed = true;
}

void floating_begin(struct tile *tile, const struct rule_place *place) {
	tile->floating.on = true;
	place_first(tile, place);
}

void floating_follow_rule(struct tile *tile, const struct rule_place *place) {
	tile->floating.placed = false;
	tile->floating.exact = false;
	place_first(tile, place);
	if (tile->floating.on && is_on_screen(tile)) {
		tile_arrange(tile);
	}
}

void floating_set(struct tile *tile, bool on) {
	struct workspace *workspace = tile->workspace;
	if (tile->floating.on == on) {
		return;
	}
	if (on) {
		place_first(tile, NULL);
		layout_remove(tile->node);
		tile->node = NULL;
		tile->floating.on = true;
	} else {
		scratchpad_forget(tile);
		workspace = tile->workspace;
		tile->floating.on = false;
		tile->node = layout_insert(workspace->layout, tile);
		if (tile->focused || workspace->tiles.next == &tile->workspace_link) {
			layout_focus(tile->node);
		}
	}
	tile_find_layer(tile);
	workspace_arrange(workspace);
	server_emit(tile->server, SERVER_WINDOW, SERVER_CHANGED, tile);
}

void floating_follow_client(struct tile *tile) {
	struct floating *floating = &tile->floating;
	const struct toplevel *toplevel = tile->toplevel;
	const struct wlr_xdg_surface *xdg_surface = toplevel->xdg->base;
	bool caught_up = xdg_surface->configure_idle == NULL &&
		xdg_surface->current.configure_serial == xdg_surface->scheduled_serial;
	if (!floating->on || tile->fullscreen || tile->machine != NULL || !caught_up ||
		!is_on_screen(tile)) {
		return;
	}
	const struct workspace *workspace = tile->workspace;
	struct layout_style style = tile_style(tile);
	struct floating_limits limits = floating_limits(tile);
	struct wlr_box content = floating_content(tile);
	int width = bounded(xdg_surface->geometry.width);
	int height = bounded(xdg_surface->geometry.height);
	floating_box_size(&workspace->output->usable, &style, &limits, true, &width, &height);
	if (width == content.width && height == content.height) {
		return;
	}
	content = resized(&content, width, height, floating->moving_edges);
	floating->exact = true;
	floating->wanted = content;
	floating->usable = workspace->output->usable;
	tile_arrange(tile);
	seat_pointer_moved_later(tile->server->seat);
}

// --- workspaces ---------------------------------------------------------------------------

// How far the middle of another one is in that direction; at most 0: it is not there.
static int distance(
	const struct tile *from, const struct tile *to, enum layout_direction direction) {
	int dx = to->box.x + to->box.width / 2 - (from->box.x + from->box.width / 2);
	int dy = to->box.y + to->box.height / 2 - (from->box.y + from->box.height / 2);
	switch (direction) {
	case LAYOUT_LEFT:
		return -dx;
	case LAYOUT_RIGHT:
		return dx;
	case LAYOUT_UP:
		return -dy;
	case LAYOUT_DOWN:
		return dy;
	}
	return 0;
}

struct tile *floating_neighbour(const struct tile *tile, enum layout_direction direction) {
	struct tile *other, *nearest = NULL;
	int least = 0;
	wl_list_for_each (other, &tile->workspace->tiles, workspace_link) {
		int away = other->floating.on ? distance(tile, other, direction) : 0;
		if (away > 0 && (nearest == NULL || away < least)) {
			nearest = other;
			least = away;
		}
	}
	return nearest;
}

struct tile *floating_recent(const struct workspace *workspace, bool floating) {
	struct tile *tile;
	wl_list_for_each (tile, &workspace->tiles, workspace_link) {
		if (tile->floating.on == floating) {
			return tile;
		}
	}
	return NULL;
}

void floating_gather_sticky(struct output *output) {
	struct server *server = output->server;
	struct tile *tile;
	wl_list_for_each (tile, &server->tiles, link) {
		struct workspace *from = tile->workspace;
		if (tile->sticky && tile->floating.on && from->output == output &&
			from != output->workspace) {
			// The last one there: what had the focus there gets it.
			tile_set_workspace(tile, output->workspace);
			wl_list_remove(&tile->workspace_link);
			wl_list_insert(output->workspace->tiles.prev, &tile->workspace_link);
			tile_arrange(tile);
			server_emit(server, SERVER_WINDOW, SERVER_CHANGED, tile);
		}
	}
	struct workspace *workspace, *next;
	wl_list_for_each_safe (workspace, next, &server->workspaces, link) {
		workspace_collect(workspace);
	}
}

void floating_set_sticky(struct tile *tile, bool sticky) {
	if (tile->sticky == sticky) {
		return;
	}
	tile->sticky = sticky;
	if (sticky && tile->workspace->output != NULL &&
		tile->workspace->output->workspace != NULL) {
		floating_gather_sticky(tile->workspace->output);
	}
	server_emit(tile->server, SERVER_WINDOW, SERVER_CHANGED, tile);
}

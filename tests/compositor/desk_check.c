#include "desk_check.h"

#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "desk.h"
#include "layout.h"
#include "output.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"

// --- windows ------------------------------------------------------------------------------

// All of a title bar that is on the screen can be grabbed.
static void check_floating(const struct tile *tile) {
	const struct output *output = tile->workspace->output;
	if (!tile->floating.on || output == NULL || tile->fullscreen ||
		wlr_box_empty(&output->usable)) {
		return;
	}
	const struct wlr_box *usable = &output->usable;
	int x = tile->box.x - output->box.x, y = tile->box.y - output->box.y;
	assert_true(y >= usable->y && y < usable->y + usable->height);
	assert_true(x + tile->box.width > usable->x && x < usable->x + usable->width);
}

static bool lies_in(const struct wlr_box *box, const struct wlr_box *area) {
	return box->x >= area->x && box->y >= area->y &&
		box->x + box->width <= area->x + area->width &&
		box->y + box->height <= area->y + area->height;
}

static void check_tile(const struct tile *tile) {
	assert_true(tile->machine != NULL || tile->toplevel != NULL);
	if (tile->toplevel != NULL) {
		assert_ptr_equal(tile->toplevel->tile, tile);
		assert_true(tile->toplevel->mapped == (tile->placeholder == NULL));
	}
	assert_true(tile->tree->node.data == NULL || tile->tree->node.data == &tile->owner);
	const struct output *output = tile->workspace->output;
	if (output == NULL) {
		return;
	}
	if (tile->fullscreen) {
		assert_ptr_equal(tile->workspace->fullscreen, tile);
		assert_true(wlr_box_equal(&tile->box, &output->box));
	} else if (tile->node != NULL && !wlr_box_empty(&output->usable)) {
		struct wlr_box usable = output->usable;
		usable.x += output->box.x;
		usable.y += output->box.y;
		assert_true(lies_in(&tile->box, &usable));
	}
}

// --- workspaces ---------------------------------------------------------------------------

static void check_apart(const struct workspace *workspace) {
	if (workspace->output == NULL) {
		return;
	}
	struct layout_node *a = NULL;
	while ((a = layout_next_leaf(workspace->layout, a)) != NULL) {
		struct layout_node *b = a;
		while ((b = layout_next_leaf(workspace->layout, b)) != NULL) {
			struct wlr_box first = layout_node_box(a), second = layout_node_box(b);
			struct wlr_box common;
			assert_false(layout_node_visible(a) && layout_node_visible(b) &&
				wlr_box_intersection(&common, &first, &second));
		}
	}
}

static size_t count_seen(const struct layout_node *node) {
	if (layout_node_is_leaf(node)) {
		return layout_node_visible(node);
	}
	size_t seen = 0;
	for (size_t i = 0; i < layout_node_children(node); i++) {
		seen += count_seen(layout_node_child(node, i));
	}
	return seen;
}

// seen: what is around the node is.
static void check_tabs(const struct layout_node *node, bool seen) {
	if (layout_node_is_leaf(node)) {
		const struct tile *tile = layout_node_data(node);
		assert_true(tile->fullscreen || tile->body->node.enabled == seen);
		return;
	}
	bool tabs = layout_node_kind(node) >= LAYOUT_TABBED;
	size_t len = layout_node_children(node), shown = 0;
	for (size_t i = 0; i < len; i++) {
		const struct layout_node *child = layout_node_child(node, i);
		bool child_seen = count_seen(child) > 0;
		assert_true(seen || !child_seen);
		assert_true(tabs || child_seen == seen);
		check_tabs(child, child_seen);
		shown += child_seen;
	}
	assert_true(!tabs || len == 0 || shown == (seen ? 1 : 0));
}

static void check_workspace(struct server *server, struct workspace *workspace) {
	int tiles = wl_list_length(&workspace->tiles), leaves = 0;
	const struct tile *tile;
	wl_list_for_each (tile, &workspace->tiles, workspace_link) {
		assert_true(tile->floating.on == (tile->node == NULL));
		assert_ptr_equal(tile->workspace, workspace);
		assert_true(tile->scratchpad == NULL || tile->floating.on);
		leaves += tile->floating.on;
		check_floating(tile);
	}
	struct layout_node *leaf = NULL;
	while ((leaf = layout_next_leaf(workspace->layout, leaf)) != NULL) {
		tile = layout_node_data(leaf);
		assert_ptr_equal(tile->node, leaf);
		assert_ptr_equal(tile->workspace, workspace);
		leaves++;
	}
	assert_int_equal(tiles, leaves);
	assert_true(tiles > 0 || workspace_is_visible(workspace) || workspace->output == NULL);
	assert_true((workspace->output == NULL) == wl_list_empty(&server->outputs));
	assert_true(workspace->fullscreen == NULL ||
		(workspace->fullscreen->workspace == workspace &&
			workspace->fullscreen->fullscreen));
	check_apart(workspace);
	if (workspace->output != NULL) {
		check_tabs(layout_root(workspace->layout), true);
	}
}

static void check_workspaces(struct server *server) {
	int tiles = 0;
	struct workspace *workspace, *other;
	wl_list_for_each (workspace, &server->workspaces, link) {
		check_workspace(server, workspace);
		tiles += wl_list_length(&workspace->tiles);
		wl_list_for_each (other, &server->workspaces, link) {
			assert_true(other == workspace || other->number == 0 ||
				other->number != workspace->number);
		}
	}
	struct tile *tile;
	wl_list_for_each (tile, &server->shelf->tiles, workspace_link) {
		assert_ptr_equal(tile->workspace, server->shelf);
		assert_non_null(tile->scratchpad);
		assert_false(tile->focused || tile->fullscreen);
		tiles++;
	}
	assert_int_equal(tiles, wl_list_length(&server->tiles));
	assert_null(server->shelf->output);
	assert_true(layout_empty(server->shelf->layout));
	wl_list_for_each (tile, &server->tiles, link) {
		check_tile(tile);
	}
}

static void check_outputs(struct server *server) {
	struct output *output, *other;
	wl_list_for_each (output, &server->outputs, link) {
		assert_non_null(output->workspace);
		assert_ptr_equal(output->workspace->output, output);
		assert_false(wlr_box_empty(&output->box));
		wl_list_for_each (other, &server->outputs, link) {
			struct wlr_box common;
			assert_false(other != output &&
				wlr_box_intersection(&common, &output->box, &other->box));
		}
	}
	assert_true((server->active_output == NULL) == wl_list_empty(&server->outputs));
}

// --- focus --------------------------------------------------------------------------------

// Whose the popup with a grab is has the keyboard meanwhile.
static struct wlr_surface *below_popups(struct wlr_surface *surface) {
	struct wlr_xdg_popup *popup;
	while (surface != NULL && (popup = wlr_xdg_popup_try_from_wlr_surface(surface)) != NULL) {
		surface = popup->parent;
	}
	return surface;
}

static void check_keyboard(struct seat *seat) {
	const struct seat_claim *claim = seat_claimed(seat);
	struct wlr_surface *expected = NULL;
	if (claim != NULL) {
		expected = claim->surface;
	} else if (seat->focused != NULL && seat->focused->paused == NULL) {
		expected = toplevel_surface(seat->focused->toplevel);
	}
	struct wlr_surface *surface = seat->wlr_seat->keyboard_state.focused_surface;
	assert_ptr_equal(below_popups(surface), expected);
	// Nobody believes a key to be held when nobody has the keyboard.
	assert_true(surface != NULL || seat->key_focus.len == 0);
}

static void check_focus(struct server *server) {
	struct seat *seat = server->seat;
	int focused = 0;
	const struct tile *tile;
	wl_list_for_each (tile, &server->tiles, link) {
		focused += tile->focused;
	}
	assert_int_equal(focused, seat->focused != NULL ? 1 : 0);
	assert_true(seat->focused == NULL || seat->focused->focused);
	if (server->active_output != NULL) {
		// Where there are windows one has the focus, and none has it anywhere else.
		const struct workspace *workspace = server->active_output->workspace;
		assert_true((seat->focused == NULL) == wl_list_empty(&workspace->tiles));
		assert_true(seat->focused == NULL || seat->focused->workspace == workspace);
		// No key goes to what is hidden.
		const struct tile *fullscreen = workspace->fullscreen;
		assert_true(fullscreen == NULL || seat->focused == fullscreen ||
			floating_is_above(seat->focused, fullscreen));
	}
	check_keyboard(seat);
	const struct pointer *pointer = seat->pointer;
	assert_true((pointer->mode == POINTER_DRAG) == (pointer->drag.kind != DRAG_NONE));
	assert_true((pointer->drag.tile == NULL) == (pointer->drag.kind == DRAG_NONE));
	assert_true(pointer->held > 0 || pointer->mode == POINTER_PASS);
}

void desk_check(struct desk *desk) {
	check_workspaces(desk->server);
	check_outputs(desk->server);
	check_focus(desk->server);
}

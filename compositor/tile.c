#include "tile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "config.h"
#include "display.h"
#include "identity.h"
#include "layer.h"
#include "layout.h"
#include "layout_move.h"
#include "machine.h"
#include "output.h"
#include "passthrough.h"
#include "paused.h"
#include "placeholder.h"
#include "scratchpad.h"
#include "seat.h"
#include "server.h"
#include "tab.h"
#include "tile_rule.h"
#include "titlebar.h"
#include "toplevel.h"
#include "urgency.h"
#include "workspace.h"

struct tile *tile_find(struct server *server, uint32_t id) {
	struct tile *tile;
	wl_list_for_each (tile, &server->tiles, link) {
		if (tile->id == id) {
			return tile;
		}
	}
	return NULL;
}

struct tile *tile_focused(struct server *server) {
	return server->seat->focused;
}

const char *tile_title(const struct tile *tile) {
	if (tile->toplevel != NULL && tile->toplevel->display_title != NULL) {
		return tile->toplevel->display_title;
	}
	if (tile->machine != NULL) {
		return tile->machine->title;
	}
	const char *title = tile->toplevel != NULL ? tile->toplevel->xdg->title : NULL;
	return title != NULL ? title : "";
}

const char *tile_label(const struct tile *tile) {
	return tile->machine != NULL ? tile->machine->label : CONFIG_HOST_LABEL;
}

bool tile_wants_focus(const struct tile *tile) {
	const struct workspace *workspace = tile->workspace;
	const struct tile *fullscreen = workspace->fullscreen;
	if (tile->rule_focus != RULE_UNSET) {
		return tile->rule_focus == RULE_YES;
	}
	return tile->server->config->focus_new && workspace_is_visible(workspace) &&
		(fullscreen == NULL || fullscreen == tile || floating_is_above(tile, fullscreen));
}

static struct wlr_scene_tree *layer_of(const struct tile *tile) {
	const struct workspace *workspace = tile->workspace;
	const struct tile *fullscreen = workspace->fullscreen;
	if (tile->fullscreen || (fullscreen != NULL && floating_is_above(tile, fullscreen))) {
		return workspace->fullscreen_tree;
	}
	return tile->floating.on ? workspace->floating_tree : workspace->tree;
}

void tile_find_layer(struct tile *tile) {
	struct wlr_scene_tree *tree = layer_of(tile);
	if (tile->tree->node.parent != tree) {
		wlr_scene_node_reparent(&tile->tree->node, tree);
	}
}

static void create_nodes(struct tile *tile) {
	const float black[4] = {0, 0, 0, 1};
	tile->tree = wlr_scene_tree_create(layer_of(tile));
	tile->owner.kind = SCENE_OWNER_TILE;
	tile->tree->node.data = &tile->owner;
	tile->body = wlr_scene_tree_create(tile->tree);
	tile->frame = wlr_scene_rect_create(tile->body, 0, 0, black);
	tile->mark = wlr_scene_rect_create(tile->body, 0, 0, black);
	tile->backdrop = wlr_scene_rect_create(tile->body, 0, 0, black);
	tile->content_tree = wlr_scene_tree_create(tile->body);
	tile->title_bar = wlr_scene_buffer_create(tile->tree, NULL);
}

struct tile *tile_create(
	struct server *server, struct machine *machine, struct toplevel *toplevel) {
	struct tile *tile = calloc(1, sizeof(*tile));
	if (tile == NULL) {
		abort();
	}
	tile->server = server;
	tile->id = ++server->next_tile_id;
	tile->machine = machine;
	tile->toplevel = toplevel;
	tile->display = toplevel != NULL ? toplevel->display : 0;
	struct rule_place place = tile_rule_find(tile);
	tile->workspace = tile_rule_workspace(tile, &place);
	tile_rule_begin(tile, &place);
	wl_list_insert(server->tiles.prev, &tile->link);
	wl_list_insert(tile->workspace->tiles.prev, &tile->workspace_link);
	if (toplevel != NULL && machine == NULL) {
		tile->floating.natural_width = toplevel->xdg->base->geometry.width;
		tile->floating.natural_height = toplevel->xdg->base->geometry.height;
	}
	if (tile_rule_floats(tile, &place)) {
		floating_begin(tile, &place);
	} else {
		tile->node = layout_insert(tile->workspace->layout, tile);
	}
	create_nodes(tile);
	if (machine != NULL && machine->tile == NULL) {
		machine->tile = tile;
	}
	if (toplevel != NULL) {
		toplevel->tile = tile;
	} else {
		tile->placeholder = placeholder_create(tile);
	}
	workspace_arrange(tile->workspace);
	server_emit(server, SERVER_WINDOW, SERVER_ADDED, tile);
	tile_rule_end(tile, &place);
	return tile;
}

void tile_destroy(struct tile *tile) {
	struct server *server = tile->server;
	struct workspace *workspace = tile->workspace;
	server_emit(server, SERVER_WINDOW, SERVER_REMOVED, tile);
	bool had_focus = server->seat->focused == tile;
	seat_forget_tile(server->seat, tile);
	if (tile->machine != NULL) {
		display_remember(tile);
		tile->machine->tile = tile->machine->tile == tile ? NULL : tile->machine->tile;
	}
	if (tile->toplevel != NULL) {
		tile->toplevel->tile = NULL;
	}
	if (workspace->fullscreen == tile) {
		workspace->fullscreen = NULL;
	}
	placeholder_destroy(tile->placeholder);
	paused_destroy(tile);
	identity_destroy(tile);
	if (tile->node != NULL) {
		layout_remove(tile->node);
	}
	wl_list_remove(&tile->link);
	wl_list_remove(&tile->workspace_link);
	wlr_scene_node_destroy(&tile->tree->node);
	free(tile->scratchpad);
	free(tile->title_key);
	free(tile);

	workspace_arrange(workspace);
	if (had_focus) {
		workspace_refocus(workspace);
	}
	workspace_collect(workspace);
	seat_pointer_moved_under(server->seat);
}

void tile_focus(struct tile *tile) {
	layer_yield(tile->server);
	tile_refocus(tile);
}

void tile_refocus(struct tile *tile) {
	struct server *server = tile->server;
	scratchpad_bring(tile);
	struct workspace *workspace = tile->workspace;
	workspace_reveal(workspace);
	if (workspace->fullscreen != NULL && workspace->fullscreen != tile &&
		!floating_is_above(tile, workspace->fullscreen)) {
		tile_set_fullscreen(workspace->fullscreen, false);
	}
	wl_list_remove(&tile->workspace_link);
	wl_list_insert(&workspace->tiles, &tile->workspace_link);
	if (tile->floating.on) {
		floating_raise(tile);
	} else {
		layout_focus(tile->node);
	}
	seat_focus(server->seat, tile);
	// Behind a tab it comes to the front.
	workspace_arrange(workspace);
}

void tile_set_toplevel(struct tile *tile, struct toplevel *toplevel) {
	tile->toplevel = toplevel;
	toplevel->tile = tile;
	if (toplevel->mapped) {
		placeholder_destroy(tile->placeholder);
		tile->placeholder = NULL;
		wlr_scene_node_reparent(&toplevel->tree->node, tile->content_tree);
		wlr_scene_node_reparent(&toplevel->popups->node, tile->content_tree);
		toplevel_clip(toplevel);
	}
	toplevel_configure(toplevel);
	tile_update(tile);
	server_emit(tile->server, SERVER_WINDOW, SERVER_CHANGED, tile);
}

void tile_lose_toplevel(struct tile *tile) {
	if (tile->toplevel == NULL) {
		return;
	}
	tile->toplevel->tile = NULL;
	tile->toplevel = NULL;
	if (tile->machine == NULL || tile->machine->tile != tile) {
		tile_destroy(tile);
		return;
	}
	if (tile->placeholder == NULL) {
		tile->placeholder = placeholder_create(tile);
	}
	tile_update(tile);
	if (tile->focused) {
		seat_focus(tile->server->seat, tile);
	}
	server_emit(tile->server, SERVER_WINDOW, SERVER_CHANGED, tile);
}

static void set_rect(struct wlr_scene_rect *rect, int x, int y, int width, int height) {
	wlr_scene_node_set_position(&rect->node, x, y);
	wlr_scene_rect_set_size(rect, width > 0 ? width : 0, height > 0 ? height : 0);
}

void tile_arrange(struct tile *tile) {
	struct workspace *workspace = tile->workspace;
	struct output *output = workspace->output;
	if (output == NULL) {
		return;
	}
	tile_find_layer(tile);
	struct wlr_box box, content, title = {0};
	bool visible = true;
	if (tile->fullscreen) {
		box = (struct wlr_box){.width = output->box.width, .height = output->box.height};
		content = identity_content(tile, &box);
	} else if (tile->floating.on) {
		floating_begin(tile, NULL);
		struct floating_boxes boxes = floating_boxes(tile);
		box = boxes.box;
		content = boxes.content;
		title = boxes.title;
	} else {
		box = layout_node_box(tile->node);
		content = layout_node_content(tile->node);
		title = layout_node_title(tile->node);
		visible = layout_node_visible(tile->node);
	}
	title.x -= box.x;
	title.y -= box.y;
	int content_x = content.x - box.x;
	int content_y = content.y - box.y;

	wlr_scene_node_set_position(&tile->tree->node, box.x, box.y);
	wlr_scene_node_set_enabled(&tile->body->node, visible);
	set_rect(tile->frame, 0, 0, box.width, box.height);
	// The outer part of the border keeps the label's colour.
	int outer = (tile->server->config->border.width + 1) / 2;
	set_rect(tile->mark, outer, outer, box.width - 2 * outer, box.height - 2 * outer);
	set_rect(tile->backdrop, content_x, content_y, content.width, content.height);
	wlr_scene_node_set_position(&tile->content_tree->node, content_x, content_y);

	box.x += output->box.x;
	box.y += output->box.y;
	content.x += output->box.x;
	content.y += output->box.y;
	bool moved = !wlr_box_equal(&box, &tile->box) || !wlr_box_equal(&content, &tile->content) ||
		!wlr_box_equal(&title, &tile->title);
	tile->box = box;
	tile->content = content;
	tile->title = title;
	tile_update(tile);
	if (tile->placeholder != NULL) {
		placeholder_update(tile->placeholder);
	}
	if (tile->toplevel != NULL) {
		toplevel_send_output(tile->toplevel);
		toplevel_configure(tile->toplevel);
		toplevel_clip(tile->toplevel);
	}
	if (moved) {
		server_emit(tile->server, SERVER_WINDOW, SERVER_CHANGED, tile);
	}
}

void tile_set_fullscreen(struct tile *tile, bool fullscreen) {
	struct workspace *workspace = tile->workspace;
	if (tile->fullscreen == fullscreen) {
		return;
	}
	if (fullscreen && workspace->fullscreen != NULL) {
		tile_set_fullscreen(workspace->fullscreen, false);
	}
	tile->fullscreen = fullscreen;
	workspace->fullscreen = fullscreen ? tile : NULL;
	// Its dialogs stay above it.
	tile_find_layer(tile);
	struct tile *other;
	wl_list_for_each_reverse (other, &workspace->tiles, workspace_link) {
		tile_find_layer(other);
	}
	workspace_arrange(workspace);
	if (fullscreen && tile_hides_focus(tile)) {
		tile_refocus(tile);
	}
	server_emit(tile->server, SERVER_WINDOW, SERVER_CHANGED, tile);
}

bool tile_hides_focus(const struct tile *tile) {
	const struct tile *focused = tile->server->seat->focused;
	return focused != NULL && focused != tile && focused->workspace == tile->workspace &&
		!floating_is_above(focused, tile);
}

void tile_set_workspace(struct tile *tile, struct workspace *workspace) {
	tile_set_fullscreen(tile, false);
	wl_list_remove(&tile->workspace_link);
	wl_list_insert(&workspace->tiles, &tile->workspace_link);
	tile->workspace = workspace;
	if (!tile->floating.on) {
		layout_send(tile->node, workspace->layout);
		layout_focus(tile->node);
	}
	tile_find_layer(tile);
}

void tile_move_to_workspace(struct tile *tile, struct workspace *workspace) {
	struct workspace *from = tile->workspace;
	if (from == workspace) {
		return;
	}
	bool had_focus = tile->focused;
	seat_forget_tile(tile->server->seat, tile);
	tile_set_workspace(tile, workspace);
	workspace_arrange(from);
	workspace_arrange(workspace);
	if (had_focus) {
		workspace_refocus(from);
	}
	workspace_collect(from);
	server_emit(tile->server, SERVER_WINDOW, SERVER_CHANGED, tile);
}

void tile_swap(struct tile *a, struct tile *b) {
	struct workspace *workspace_a = a->workspace, *workspace_b = b->workspace;
	if (a == b || a->floating.on || b->floating.on) {
		return;
	}
	bool had_focus = a->focused || b->focused;
	layout_swap(a->node, b->node);
	if (workspace_a != workspace_b) {
		tile_set_fullscreen(a, false);
		tile_set_fullscreen(b, false);
		struct wl_list *before_a = a->workspace_link.prev;
		struct wl_list *before_b = b->workspace_link.prev;
		wl_list_remove(&a->workspace_link);
		wl_list_remove(&b->workspace_link);
		wl_list_insert(before_a, &b->workspace_link);
		wl_list_insert(before_b, &a->workspace_link);
		a->workspace = workspace_b;
		b->workspace = workspace_a;
		tile_find_layer(a);
		tile_find_layer(b);
		workspace_arrange(workspace_b);
	}
	workspace_arrange(workspace_a);
	if (had_focus) {
		workspace_refocus(workspace_active(a->server));
	}
}

bool tile_title_holds(const struct tile *tile, double lx, double ly) {
	double x = lx - tile->box.x - tile->title.x;
	double y = ly - tile->box.y - tile->title.y;
	return !tile->fullscreen && x >= 0 && y >= 0 && x < tile->title.width &&
		y < tile->title.height;
}

static uint32_t dim(uint32_t colour, int percent) {
	uint32_t red = (colour >> 16 & 0xff) * (uint32_t)percent / 100;
	uint32_t green = (colour >> 8 & 0xff) * (uint32_t)percent / 100;
	uint32_t blue = (colour & 0xff) * (uint32_t)percent / 100;
	return red << 16 | green << 8 | blue;
}

uint32_t tile_border_colour(const struct tile *tile) {
	const struct config *config = tile->server->config;
	return tile->machine != NULL ? config_label_colour(config, tile->machine->label)
				     : config->border.host;
}

uint32_t tile_shade(const struct config *config, uint32_t colour, bool focused, bool seen) {
	int percent = config->border.dim_percent;
	if (seen) {
		percent += (100 - percent) / 3;
	}
	return focused ? colour : dim(colour, percent);
}

static bool is_tab(const struct tile *tile) {
	return tile->node != NULL && layout_kind_around(tile->node) >= LAYOUT_TABBED;
}

static uint32_t tile_colour(const struct tile *tile) {
	bool seen = is_tab(tile) && layout_node_visible(tile->node);
	return tile_shade(tile->server->config, tile_border_colour(tile), tile->focused, seen);
}

static enum titlebar_line line_of(const struct tile *tile) {
	if (!is_tab(tile)) {
		return TITLEBAR_LINE_NONE;
	}
	return layout_kind_around(tile->node) == LAYOUT_TABBED ? TITLEBAR_LINE_RIGHT
							       : TITLEBAR_LINE_BELOW;
}

static const char *tile_note(const struct tile *tile, char *text, size_t size) {
	const struct machine *machine = tile->machine;
	if (passthrough_tile(tile->server->seat) == tile) {
		char key[128];
		passthrough_format_key(tile->server->seat, key, sizeof(key));
		snprintf(text, size, "has every key but %s", key);
		return text;
	}
	if (machine == NULL && tile->toplevel != NULL && tile->toplevel->unresponsive) {
		return "does not answer";
	}
	if (machine == NULL || tile->placeholder != NULL) {
		return NULL;
	}
	if (machine->message != NULL) {
		return machine->message; // why it is broken
	}
	const char *state = machine_state_name(machine);
	return strcmp(state, "running") == 0 ? NULL : state;
}

// Drawing text costs a millisecond, and most updates change nothing that it shows.
static bool title_differs(struct tile *tile, const struct titlebar *look) {
	char *key = NULL;
	if (asprintf(&key, "%s\n%s\n%s\n%s\n%d %d %a %x %x %d %d %x", look->text,
		    look->label != NULL ? look->label : "", look->note != NULL ? look->note : "",
		    look->font, look->width, look->height, (double)look->scale, look->colour,
		    look->text_colour, (int)look->line, look->marked, look->mark) < 0) {
		abort();
	}
	if (tile->title_key != NULL && strcmp(tile->title_key, key) == 0) {
		free(key);
		return false;
	}
	free(tile->title_key);
	tile->title_key = key;
	return true;
}

static void draw_title(struct tile *tile, uint32_t colour) {
	const struct config *config = tile->server->config;
	struct output *output = tile->workspace->output;
	bool drawn = !wlr_box_empty(&tile->title) && !tile->fullscreen && output != NULL;
	wlr_scene_node_set_enabled(&tile->title_bar->node, drawn);
	if (!drawn) {
		return;
	}
	char note[192];
	struct titlebar look = {
		.text = tile_title(tile),
		.label = tile_label(tile),
		.note = tile_note(tile, note, sizeof(note)),
		.font = config->border.font,
		.width = tile->title.width,
		.height = tile->title.height,
		.scale = output->wlr_output->scale,
		.colour = colour,
		.text_colour = tile->focused ? config->border.text : config->border.text_unfocused,
		.line = line_of(tile),
		.marked = urgency_shows(tile),
		.mark = config->border.urgent,
	};
	wlr_scene_node_set_position(&tile->title_bar->node, tile->title.x, tile->title.y);
	wlr_scene_buffer_set_dest_size(tile->title_bar, tile->title.width, tile->title.height);
	if (!title_differs(tile, &look)) {
		return;
	}
	struct wlr_buffer *buffer = titlebar_draw(&look);
	wlr_scene_buffer_set_buffer(tile->title_bar, buffer);
	if (buffer != NULL) {
		wlr_buffer_drop(buffer);
	}
}

static void set_colour(struct wlr_scene_rect *rect, uint32_t colour) {
	const float rgba[4] = {
		(float)(colour >> 16 & 0xff) / 255,
		(float)(colour >> 8 & 0xff) / 255,
		(float)(colour & 0xff) / 255,
		1,
	};
	wlr_scene_rect_set_color(rect, rgba);
}

void tile_update(struct tile *tile) {
	uint32_t colour = tile_colour(tile);
	bool framed = !tile->fullscreen && tile->border != TILE_BORDER_NONE;
	set_colour(tile->frame, colour);
	set_colour(tile->mark, tile->server->config->border.urgent);
	wlr_scene_node_set_enabled(&tile->frame->node, framed);
	wlr_scene_node_set_enabled(&tile->mark->node, !tile->fullscreen && urgency_shows(tile));
	draw_title(tile, colour);
	tab_update(tile);
	paused_update(tile);
	identity_update(tile);
}

struct tile *tile_at(struct server *server, double lx, double ly) {
	struct scene_owner *owner = scene_owner_at(server, lx, ly);
	if (owner == NULL || owner->kind != SCENE_OWNER_TILE) {
		return NULL;
	}
	struct tile *tile = wl_container_of(owner, tile, owner);
	return tile;
}

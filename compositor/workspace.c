#include "workspace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_scene.h>

#include "alloc.h"
#include "config.h"
#include "floating.h"
#include "history.h"
#include "layer.h"
#include "layout.h"
#include "output.h"
#include "output_memory.h"
#include "placeholder.h"
#include "seat.h"
#include "server.h"
#include "tab.h"
#include "tile.h"
#include "titlebar.h"
#include "workspace_name.h"
#include "workspace_output.h"

struct workspace *workspace_find(struct server *server, int number) {
	struct workspace *workspace;
	wl_list_for_each (workspace, &server->workspaces, link) {
		if (workspace->number == number) {
			return workspace;
		}
	}
	return NULL;
}

static enum layout_kind default_kind(const struct server *server, const struct output *output) {
	if (!server->config->default_layout_auto || output == NULL) {
		return server->config->default_layout;
	}
	return output->box.width >= output->box.height ? LAYOUT_HORIZONTAL : LAYOUT_VERTICAL;
}

// Numbers in their order, then names as they came.
static struct wl_list *place_in_list(struct server *server, int number) {
	struct wl_list *after = &server->workspaces;
	struct workspace *other;
	wl_list_for_each (other, &server->workspaces, link) {
		if (number == 0 || (other->number > 0 && other->number < number)) {
			after = &other->link;
		}
	}
	return after;
}

static void set_enabled(struct workspace *workspace, bool enabled) {
	bool under = enabled && workspace->fullscreen == NULL;
	wlr_scene_node_set_enabled(&workspace->tree->node, under);
	wlr_scene_node_set_enabled(&workspace->floating_tree->node, under);
	wlr_scene_node_set_enabled(&workspace->fullscreen_tree->node, enabled);
}

static struct workspace *workspace_make(
	struct server *server, const char *name, struct output *output) {
	struct workspace *workspace = calloc(1, sizeof(*workspace));
	if (workspace == NULL) {
		abort();
	}
	workspace->server = server;
	workspace->gaps = server->config->windows.gaps;
	workspace->number = workspace_name_number(name);
	workspace->name = alloc_string(name);
	workspace->layout = layout_create(default_kind(server, output));
	wl_list_init(&workspace->tiles);
	wl_list_init(&workspace->tabs);
	workspace->tree = wlr_scene_tree_create(server->layers[LAYER_TILES]);
	workspace->floating_tree = wlr_scene_tree_create(server->layers[LAYER_FLOATING]);
	workspace->fullscreen_tree = wlr_scene_tree_create(server->layers[LAYER_FULLSCREEN]);
	set_enabled(workspace, false);
	wl_list_init(&workspace->link);
	return workspace;
}

struct workspace *workspace_create_shelf(struct server *server) {
	return workspace_make(server, "", NULL);
}

struct workspace *workspace_create(struct server *server, const char *name, struct output *output) {
	struct workspace *workspace = workspace_make(server, name, output);
	wl_list_insert(place_in_list(server, workspace->number), &workspace->link);
	workspace_set_output(workspace, output);
	server_emit(server, SERVER_WORKSPACE, SERVER_ADDED, workspace);
	return workspace;
}

struct workspace *workspace_find_named(struct server *server, const char *name) {
	int number = workspace_name_number(name);
	struct workspace *workspace;
	wl_list_for_each (workspace, &server->workspaces, link) {
		if (number > 0 ? workspace->number == number : strcmp(workspace->name, name) == 0) {
			return workspace;
		}
	}
	return NULL;
}

struct workspace *workspace_get_named(struct server *server, const char *name) {
	struct workspace *workspace = workspace_find_named(server, name);
	if (workspace != NULL) {
		return workspace;
	}
	// "3" is called what the configuration calls it.
	const struct config_workspace *block = config_find_workspace(server->config, name);
	bool bare = strchr(name, ':') == NULL;
	return workspace_create(
		server, block != NULL && bare ? block->name : name, workspace_place(server, name));
}

struct workspace *workspace_get(struct server *server, int number) {
	char name[16];
	snprintf(name, sizeof(name), "%d", number);
	return workspace_get_named(server, name);
}

bool workspace_rename(struct workspace *workspace, const char *name) {
	struct server *server = workspace->server;
	struct workspace *other = workspace_find_named(server, name);
	if (other != NULL && other != workspace) {
		return false;
	}
	if (strcmp(workspace->name, name) == 0) {
		return true;
	}
	history_rename_workspace(server->history, workspace->name, name);
	free(workspace->name);
	workspace->name = alloc_string(name);
	workspace->number = workspace_name_number(name);
	wl_list_remove(&workspace->link);
	wl_list_insert(place_in_list(server, workspace->number), &workspace->link);
	server_emit(server, SERVER_WORKSPACE, SERVER_CHANGED, workspace);
	return true;
}

struct workspace *workspace_beside(struct workspace *workspace, int step, bool on_output) {
	struct wl_list *head = &workspace->server->workspaces, *link = &workspace->link;
	while (true) {
		link = step > 0 ? link->next : link->prev;
		if (link == head) {
			continue;
		}
		struct workspace *other = wl_container_of(link, other, link);
		if (other == workspace || !on_output || other->output == workspace->output) {
			return other;
		}
	}
}

struct workspace *workspace_active(struct server *server) {
	if (server->active_output != NULL) {
		return server->active_output->workspace;
	}
	struct tile *focused = server->seat->focused;
	if (focused != NULL) {
		return focused->workspace;
	}
	if (!wl_list_empty(&server->workspaces)) {
		struct workspace *first = wl_container_of(server->workspaces.next, first, link);
		return first;
	}
	return workspace_get(server, 1);
}

bool workspace_is_visible(const struct workspace *workspace) {
	return workspace->output != NULL && workspace->output->workspace == workspace;
}

void workspace_hide(struct workspace *workspace) {
	set_enabled(workspace, false);
}

void workspace_present(struct workspace *workspace) {
	struct output *output = workspace->output;
	if (output == NULL || output->workspace == workspace) {
		return;
	}
	struct workspace *before = output->workspace;
	output->workspace = workspace;
	set_enabled(workspace, true);
	placeholder_timer_start(workspace->server);
	workspace_arrange(workspace);
	if (before != NULL) {
		set_enabled(before, false);
		server_emit(workspace->server, SERVER_WORKSPACE, SERVER_CHANGED, before);
		workspace_collect(before);
	}
	floating_gather_sticky(output);
	server_emit(workspace->server, SERVER_WORKSPACE, SERVER_CHANGED, workspace);
}

void workspace_reveal(struct workspace *workspace) {
	struct server *server = workspace->server;
	if (workspace->output == NULL) {
		return;
	}
	bool moved = server->active_output != workspace->output ||
		workspace->output->workspace != workspace;
	workspace_present(workspace);
	server->active_output = workspace->output;
	if (moved) {
		server_emit(server, SERVER_WORKSPACE, SERVER_FOCUSED, workspace);
	}
}

void workspace_show(struct workspace *workspace) {
	layer_yield(workspace->server);
	workspace_reveal(workspace);
	workspace_refocus(workspace);
	seat_pointer_moved_under(workspace->server->seat);
}

struct tile *workspace_recent(const struct workspace *workspace) {
	struct tile *fullscreen = workspace->fullscreen;
	if (wl_list_empty(&workspace->tiles)) {
		return NULL;
	}
	struct tile *last = wl_container_of(workspace->tiles.next, last, workspace_link);
	if (fullscreen != NULL) {
		return floating_is_above(last, fullscreen) ? last : fullscreen;
	}
	const struct layout_node *node = layout_focused(workspace->layout);
	return last->floating.on || node == NULL ? last : layout_node_data(node);
}

void workspace_refocus(struct workspace *workspace) {
	struct server *server = workspace->server;
	if (workspace != workspace_active(server)) {
		return;
	}
	struct tile *tile = workspace_recent(workspace);
	if (tile != NULL) {
		tile_refocus(tile);
	} else {
		seat_focus(server->seat, NULL);
	}
}

void workspace_reset_gaps(struct server *server) {
	struct workspace *workspace;
	wl_list_for_each (workspace, &server->workspaces, link) {
		workspace->gaps = server->config->windows.gaps;
	}
}

// A tile that is seen alone may have no border.
static void set_frames(struct workspace *workspace, size_t seen, bool gaps) {
	enum config_smart_borders smart = workspace->server->config->windows.smart_borders;
	bool plain = seen <= 1 &&
		(smart == CONFIG_SMART_BORDERS_YES ||
			(smart == CONFIG_SMART_BORDERS_NO_GAPS && !gaps));
	struct tile *tile;
	wl_list_for_each (tile, &workspace->tiles, workspace_link) {
		if (tile->node != NULL) {
			struct layout_style style = tile_style(tile);
			bool border = style.border > 0 && !(plain && tile_may_lack_border(tile));
			layout_node_set_frame(tile->node, border, style.title > 0);
		}
	}
}

void workspace_arrange(struct workspace *workspace) {
	struct output *output = workspace->output;
	if (output == NULL || wlr_box_empty(&output->box)) {
		tab_finish(workspace);
		return;
	}
	const struct config *config = workspace->server->config;
	const struct config_border *border = &config->border;
	workspace->style = (struct layout_style){
		.border = border->width,
		.title = border->titles ? titlebar_height(border->font, border->title_padding) : 0,
		.grid = layout_grid((uint32_t)output_scale_120(output)),
		.min_width = config->min_tile_width,
		.min_height = config->min_tile_height,
	};
	struct wlr_scene_tree *const trees[] = {
		workspace->tree, workspace->floating_tree, workspace->fullscreen_tree};
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		wlr_scene_node_set_position(&trees[i]->node, output->box.x, output->box.y);
	}
	set_enabled(workspace, workspace_is_visible(workspace));
	size_t seen = layout_seen(workspace->layout);
	struct gaps gaps = gaps_apply_smart(&workspace->gaps, config->windows.smart_gaps, seen);
	workspace->style.gap = gaps.inner;
	struct wlr_box area = gaps_area(&output->usable, &gaps, &workspace->style);
	set_frames(workspace, seen, !wlr_box_equal(&area, &output->usable));
	layout_arrange(workspace->layout, &area, &workspace->style);
	tab_arrange(workspace);
	struct tile *tile;
	wl_list_for_each (tile, &workspace->tiles, workspace_link) {
		tile_arrange(tile);
	}
	seat_pointer_moved_later(workspace->server->seat);
}

void workspace_set_output(struct workspace *workspace, struct output *output) {
	workspace->output = output;
	if (output == NULL) {
		set_enabled(workspace, false);
		return;
	}
	if (workspace->home == NULL) {
		workspace->home = alloc_string(output->record->key);
	}
	workspace_arrange(workspace);
}

void workspace_collect(struct workspace *workspace) {
	if (!wl_list_empty(&workspace->tiles) || workspace_is_visible(workspace) ||
		workspace == workspace->server->shelf) {
		return;
	}
	workspace_destroy(workspace);
}

void workspace_destroy(struct workspace *workspace) {
	struct server *server = workspace->server;
	if (workspace != server->shelf) {
		server_emit(server, SERVER_WORKSPACE, SERVER_REMOVED, workspace);
	}
	wl_list_remove(&workspace->link);
	layout_destroy(workspace->layout);
	tab_finish(workspace);
	wlr_scene_node_destroy(&workspace->tree->node);
	wlr_scene_node_destroy(&workspace->floating_tree->node);
	wlr_scene_node_destroy(&workspace->fullscreen_tree->node);
	free(workspace->home);
	free(workspace->name);
	free(workspace);
}

#include "workspace.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/backend/session.h>
#include <wlr/types/wlr_scene.h>

#include "alloc.h"
#include "config.h"
#include "floating.h"
#include "layer.h"
#include "layout.h"
#include "output.h"
#include "output_memory.h"
#include "placeholder.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "titlebar.h"

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

static void set_enabled(struct workspace *workspace, bool enabled) {
	bool under = enabled && workspace->fullscreen == NULL;
	wlr_scene_node_set_enabled(&workspace->tree->node, under);
	wlr_scene_node_set_enabled(&workspace->floating_tree->node, under);
	wlr_scene_node_set_enabled(&workspace->fullscreen_tree->node, enabled);
}

static struct workspace *workspace_make(struct server *server, int number, struct output *output) {
	struct workspace *workspace = calloc(1, sizeof(*workspace));
	if (workspace == NULL) {
		abort();
	}
	workspace->server = server;
	workspace->number = number;
	workspace->layout = layout_create(default_kind(server, output));
	wl_list_init(&workspace->tiles);
	workspace->tree = wlr_scene_tree_create(server->layers[LAYER_TILES]);
	workspace->floating_tree = wlr_scene_tree_create(server->layers[LAYER_FLOATING]);
	workspace->fullscreen_tree = wlr_scene_tree_create(server->layers[LAYER_FULLSCREEN]);
	set_enabled(workspace, false);
	wl_list_init(&workspace->link);
	return workspace;
}

struct workspace *workspace_create_shelf(struct server *server) {
	return workspace_make(server, 0, NULL);
}

static struct workspace *workspace_create(
	struct server *server, int number, struct output *output) {
	struct workspace *workspace = workspace_make(server, number, output);
	struct wl_list *after = &server->workspaces;
	struct workspace *other;
	wl_list_for_each (other, &server->workspaces, link) {
		if (other->number < number) {
			after = &other->link;
		}
	}
	wl_list_insert(after, &workspace->link);
	workspace_set_output(workspace, output);
	server_emit(server, SERVER_WORKSPACE, SERVER_ADDED, workspace);
	return workspace;
}

struct workspace *workspace_get(struct server *server, int number) {
	struct workspace *workspace = workspace_find(server, number);
	if (workspace != NULL) {
		return workspace;
	}
	return workspace_create(server, number, server->active_output);
}

static int free_number(struct server *server) {
	int number = 1;
	while (workspace_find(server, number) != NULL) {
		number++;
	}
	return number;
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
	return workspace_create(server, 1, NULL);
}

bool workspace_is_visible(const struct workspace *workspace) {
	return workspace->output != NULL && workspace->output->workspace == workspace;
}

// Show it on its output in the place of the one that is there.
static void put_on_screen(struct workspace *workspace) {
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
	put_on_screen(workspace);
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

void workspace_arrange(struct workspace *workspace) {
	struct output *output = workspace->output;
	if (output == NULL || wlr_box_empty(&output->box)) {
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
	layout_arrange(workspace->layout, &output->usable, &workspace->style);
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

// What an output shows that has nothing to show: the focused window, what it showed when it was
// there last, one of its workspaces, or a new one.
static struct workspace *choose(struct output *output) {
	struct server *server = output->server;
	struct tile *focused = server->seat->focused;
	if (focused != NULL && focused->workspace->output == output) {
		return focused->workspace;
	}
	int last = output->record->workspace;
	struct workspace *best = NULL, *workspace;
	wl_list_for_each (workspace, &server->workspaces, link) {
		if (workspace->output != output) {
			continue;
		}
		if (workspace->number == last) {
			return workspace;
		}
		if (best == NULL ||
			(wl_list_empty(&best->tiles) && !wl_list_empty(&workspace->tiles))) {
			best = workspace;
		}
	}
	if (best != NULL) {
		return best;
	}
	bool is_free = last > 0 && workspace_find(server, last) == NULL;
	return workspace_create(server, is_free ? last : free_number(server), output);
}

static bool is_home(const struct workspace *workspace, const struct output *output) {
	return workspace->home != NULL && strcmp(workspace->home, output->record->key) == 0;
}

void workspace_attach_output(struct output *output) {
	struct server *server = output->server;
	struct workspace *workspace, *next;
	// Those that wait for any output come to this one; those whose home it is return to it.
	wl_list_for_each (workspace, &server->workspaces, link) {
		struct output *from = workspace->output;
		if (from != NULL && (from == output || !is_home(workspace, output))) {
			continue;
		}
		if (workspace_is_visible(workspace)) {
			set_enabled(workspace, false);
			from->workspace = NULL;
		}
		workspace_set_output(workspace, output);
	}
	put_on_screen(choose(output));
	struct output *other;
	wl_list_for_each (other, &server->outputs, link) {
		if (other->workspace == NULL) {
			put_on_screen(choose(other));
		}
	}
	// The user goes where the focused window went.
	struct tile *focused = server->seat->focused;
	if (focused != NULL && workspace_is_visible(focused->workspace)) {
		server->active_output = focused->workspace->output;
	}
	workspace_refocus(server->active_output->workspace);
	wl_list_for_each_safe (workspace, next, &server->workspaces, link) {
		workspace_collect(workspace);
	}
}

// Where the windows of an output go: to where the user is, else anywhere. Nowhere while another
// virtual terminal has the screens: all of them go then, and all come back.
static struct output *refuge(struct output *output) {
	struct server *server = output->server;
	if (server->session != NULL && !server->session->active) {
		return NULL;
	}
	if (server->active_output != output) {
		return server->active_output;
	}
	struct output *other;
	wl_list_for_each (other, &server->outputs, link) {
		if (other != output) {
			return other;
		}
	}
	return NULL;
}

void workspace_detach_output(struct output *output) {
	struct server *server = output->server;
	struct output *other = refuge(output);
	struct workspace *shown = output->workspace;
	struct workspace *workspace, *next;
	output->record->workspace = shown->number;
	output->workspace = NULL;
	wl_list_for_each_safe (workspace, next, &server->workspaces, link) {
		if (workspace->output == output) {
			set_enabled(workspace, false);
			workspace_set_output(workspace, other);
			workspace_collect(workspace);
		}
	}
	if (server->active_output != output) {
		return;
	}
	server->active_output = other;
	struct tile *focused = server->seat->focused;
	if (other != NULL && focused != NULL && focused->workspace == shown) {
		// What it shows in its own place comes back to it when these go home.
		other->record->workspace = other->workspace->number;
		workspace_show(shown);
	} else if (other != NULL) {
		workspace_show(other->workspace);
	}
}

void workspace_destroy(struct workspace *workspace) {
	struct server *server = workspace->server;
	if (workspace != server->shelf) {
		server_emit(server, SERVER_WORKSPACE, SERVER_REMOVED, workspace);
	}
	wl_list_remove(&workspace->link);
	layout_destroy(workspace->layout);
	wlr_scene_node_destroy(&workspace->tree->node);
	wlr_scene_node_destroy(&workspace->floating_tree->node);
	wlr_scene_node_destroy(&workspace->fullscreen_tree->node);
	free(workspace->home);
	free(workspace);
}

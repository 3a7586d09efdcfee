#include "scratchpad.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "floating.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

bool scratchpad_hides(const struct tile *tile) {
	return tile->workspace == tile->server->shelf;
}

static bool belongs(const struct tile *tile, const char *name) {
	return tile->scratchpad != NULL && strcmp(tile->scratchpad, name) == 0;
}

static void hide(struct tile *tile) {
	struct workspace *shelf = tile->server->shelf;
	if (scratchpad_hides(tile)) {
		return;
	}
	tile_move_to_workspace(tile, shelf);
	// The last one: what has been there for longer is called first.
	wl_list_remove(&tile->workspace_link);
	wl_list_insert(shelf->tiles.prev, &tile->workspace_link);
}

void scratchpad_move(struct tile *tile, const char *name) {
	char *copy = alloc_string(name);
	free(tile->scratchpad);
	tile->scratchpad = copy;
	tile_set_fullscreen(tile, false);
	floating_set(tile, true);
	hide(tile);
	server_emit(tile->server, SERVER_WINDOW, SERVER_CHANGED, tile);
}

void scratchpad_bring(struct tile *tile) {
	if (scratchpad_hides(tile)) {
		tile_move_to_workspace(tile, workspace_active(tile->server));
	}
}

void scratchpad_forget(struct tile *tile) {
	scratchpad_bring(tile);
	free(tile->scratchpad);
	tile->scratchpad = NULL;
}

static struct tile *find_in(const struct workspace *workspace, const char *name) {
	struct tile *tile;
	wl_list_for_each (tile, &workspace->tiles, workspace_link) {
		if (belongs(tile, name)) {
			return tile;
		}
	}
	return NULL;
}

bool scratchpad_show(struct server *server, const char *name) {
	struct workspace *active = workspace_active(server), *workspace;
	struct tile *focused = tile_focused(server);
	if (focused != NULL && belongs(focused, name)) {
		hide(focused);
		return true;
	}
	struct tile *tile = find_in(active, name);
	wl_list_for_each (workspace, &server->workspaces, link) {
		if (tile == NULL && workspace != active) {
			tile = find_in(workspace, name);
		}
	}
	if (tile == NULL) {
		tile = find_in(server->shelf, name);
	}
	if (tile == NULL) {
		return false;
	}
	tile_move_to_workspace(tile, active);
	tile_focus(tile);
	return true;
}

bool scratchpad_init(struct server *server) {
	server->shelf = workspace_create_shelf(server);
	return server->shelf != NULL;
}

void scratchpad_finish(struct server *server) {
	if (server->shelf != NULL) {
		workspace_destroy(server->shelf);
		server->shelf = NULL;
	}
}

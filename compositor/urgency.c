#include "urgency.h"

#include <stdlib.h>

#include "server.h"
#include "tile.h"
#include "workspace.h"

#define FLASH_MS 200

void urgency_set(struct tile *tile, bool urgent) {
	struct server *server = tile->server;
	if (urgent == (tile->urgent != 0) || (urgent && tile->focused)) {
		return;
	}
	tile->urgent = urgent ? ++server->urgency->count : 0;
	tile_update(tile);
	server_emit(server, SERVER_WINDOW, SERVER_CHANGED, tile);
	server_emit(server, SERVER_WORKSPACE, SERVER_CHANGED, tile->workspace);
}

static int handle_flash_timer(void *data) {
	struct urgency *urgency = data;
	struct tile *tile = tile_find(urgency->server, urgency->flashing);
	urgency->flashing = 0;
	if (tile != NULL) {
		tile_update(tile);
	}
	return 0;
}

void urgency_flash(struct tile *tile) {
	struct urgency *urgency = tile->server->urgency;
	if (urgency->flashing == tile->id) {
		return; // who rings all the time flashes now and then
	}
	handle_flash_timer(urgency);
	urgency->flashing = tile->id;
	wl_event_source_timer_update(urgency->flash_timer, FLASH_MS);
	tile_update(tile);
}

bool urgency_shows(const struct tile *tile) {
	return tile->urgent != 0 || tile->server->urgency->flashing == tile->id;
}

struct tile *urgency_find(struct server *server, bool first) {
	struct tile *found = NULL, *tile;
	wl_list_for_each (tile, &server->tiles, link) {
		if (tile->urgent != 0 &&
			(found == NULL || (tile->urgent < found->urgent) == first)) {
			found = tile;
		}
	}
	return found;
}

bool urgency_in_workspace(const struct workspace *workspace) {
	struct tile *tile;
	wl_list_for_each (tile, &workspace->tiles, workspace_link) {
		if (tile->urgent != 0) {
			return true;
		}
	}
	return false;
}

static void handle_change(struct wl_listener *listener, void *data) {
	const struct server_change *change = data;
	if (change->subject == SERVER_WINDOW && change->verb == SERVER_FOCUSED &&
		change->object != NULL) {
		urgency_set((struct tile *)(uintptr_t)change->object, false);
	}
}

bool urgency_init(struct server *server) {
	struct urgency *urgency = calloc(1, sizeof(*urgency));
	if (urgency == NULL) {
		return false;
	}
	urgency->server = server;
	urgency->flash_timer = wl_event_loop_add_timer(server->loop, handle_flash_timer, urgency);
	urgency->change.notify = handle_change;
	wl_signal_add(&server->events.change, &urgency->change);
	server->urgency = urgency;
	return urgency->flash_timer != NULL;
}

void urgency_finish(struct server *server) {
	struct urgency *urgency = server->urgency;
	if (urgency == NULL) {
		return;
	}
	wl_list_remove(&urgency->change.link);
	if (urgency->flash_timer != NULL) {
		wl_event_source_remove(urgency->flash_timer);
	}
	free(urgency);
	server->urgency = NULL;
}

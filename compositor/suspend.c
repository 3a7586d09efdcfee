#include "suspend.h"

#include <stdlib.h>
#include <wayland-server-core.h>

#include "capture.h"
#include "lock.h"
#include "output.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"

struct suspend {
	struct server *server;
	struct wl_event_source *updating; // may be NULL

	struct wl_listener change;
};

static bool is_seen(const struct tile *tile) {
	return !tile->server->lock->locked &&
		(capture_has(tile->server, tile->toplevel) ||
			(tile_is_visible(tile) && output_is_lit(tile->workspace->output)));
}

static void handle_idle(void *data) {
	struct suspend *suspend = data;
	suspend->updating = NULL;
	struct tile *tile;
	wl_list_for_each (tile, &suspend->server->tiles, link) {
		struct toplevel *toplevel = tile->toplevel;
		if (toplevel == NULL || !toplevel->mapped) {
			continue; // what is to be shown first is shown
		}
		const bool suspended = !is_seen(tile);
		if (toplevel->suspended != suspended) {
			toplevel->suspended = suspended;
			toplevel_configure(toplevel);
		}
	}
}

// A workspace that goes and comes back meanwhile was never away.
void suspend_update_later(struct server *server) {
	struct suspend *suspend = server->suspend;
	if (suspend->updating == NULL) {
		suspend->updating = wl_event_loop_add_idle(server->loop, handle_idle, suspend);
	}
}

static void handle_change(struct wl_listener *listener, void *data) {
	struct suspend *suspend = wl_container_of(listener, suspend, change);
	suspend_update_later(suspend->server);
}

bool suspend_init(struct server *server) {
	struct suspend *suspend = calloc(1, sizeof(*suspend));
	if (suspend == NULL) {
		return false;
	}
	suspend->server = server;
	server->suspend = suspend;
	suspend->change.notify = handle_change;
	wl_signal_add(&server->events.change, &suspend->change);
	return true;
}

void suspend_finish(struct server *server) {
	struct suspend *suspend = server->suspend;
	if (suspend == NULL) {
		return;
	}
	wl_list_remove(&suspend->change.link);
	if (suspend->updating != NULL) {
		wl_event_source_remove(suspend->updating);
	}
	free(suspend);
	server->suspend = NULL;
}

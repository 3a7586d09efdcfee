// How a window is closed: asked first, and made to when it does not answer.

#include <stdlib.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "display.h"
#include "machine.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"

void tile_ask_to_close(struct tile *tile) {
	if (display_is_extra(tile)) {
		display_unplug(tile);
	} else if (tile->machine != NULL) {
		if (!tile->machine->closing) {
			machine_close(tile->machine);
		}
	} else if (tile->toplevel != NULL) {
		tile->toplevel->closing = true;
		wlr_xdg_toplevel_send_close(tile->toplevel->xdg);
		// Tells a program that asks what to do with unsaved work from one that hangs.
		wlr_xdg_surface_ping(tile->toplevel->xdg->base);
	}
}

void tile_close(struct tile *tile) {
	if (display_is_extra(tile) && display_unplug(tile)) {
		return;
	}
	if (tile->machine != NULL) {
		machine_close(tile->machine);
	} else if (tile->toplevel != NULL && tile->toplevel->closing &&
		tile->toplevel->unresponsive) {
		tile_kill(tile);
	} else {
		tile_ask_to_close(tile);
	}
}

// Never from within a request of that client: hence when the loop is idle.
struct kill {
	struct wl_client *client;
	struct wl_listener destroy;
};

static void handle_kill_destroy(struct wl_listener *listener, void *data) {
	struct kill *kill = wl_container_of(listener, kill, destroy);
	kill->client = NULL;
}

static void handle_kill_idle(void *data) {
	struct kill *kill = data;
	if (kill->client != NULL) {
		wl_list_remove(&kill->destroy.link);
		wl_client_destroy(kill->client);
	}
	free(kill);
}

static void kill_client(struct server *server, struct wl_client *client) {
	struct kill *kill = calloc(1, sizeof(*kill));
	if (kill == NULL) {
		abort();
	}
	kill->client = client;
	kill->destroy.notify = handle_kill_destroy;
	wl_client_add_destroy_listener(client, &kill->destroy);
	wl_event_loop_add_idle(server->loop, handle_kill_idle, kill);
}

void tile_kill(struct tile *tile) {
	if (tile->machine != NULL) {
		machine_kill(tile->machine);
	} else if (tile->toplevel != NULL) {
		kill_client(tile->server, wl_resource_get_client(tile->toplevel->xdg->resource));
	}
}

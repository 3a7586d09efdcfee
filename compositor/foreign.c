#include "foreign.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_ext_foreign_toplevel_list_v1.h>
#include <wlr/types/wlr_foreign_toplevel_management_v1.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "floating.h"
#include "machine.h"
#include "output.h"
#include "scratchpad.h"
#include "server.h"
#include "tile.h"
#include "titlebar.h"
#include "toplevel.h"
#include "workspace.h"

// Other clients are told no more of a client's text than they can be expected to take, in bytes.
#define TEXT_MAX 512

// --- what is told -------------------------------------------------------------------------

static char *make_app_id(const struct tile *tile) {
	const char *app_id = NULL;
	if (tile->machine != NULL) {
		app_id = tile->machine->program;
	} else if (tile->toplevel != NULL) {
		app_id = tile->toplevel->xdg->app_id;
	}
	return titlebar_filter_text(app_id != NULL ? app_id : "", TEXT_MAX);
}

static bool differs(const char *told, const char *text) {
	return told == NULL || strcmp(told, text) != 0;
}

static void update_texts(struct foreign_window *window) {
	char *title = titlebar_filter_text(tile_title(window->tile), TEXT_MAX);
	char *app_id = make_app_id(window->tile);
	bool new_title = differs(window->managed->title, title);
	bool new_app_id = differs(window->managed->app_id, app_id);
	if (new_title) {
		wlr_foreign_toplevel_handle_v1_set_title(window->managed, title);
	}
	if (new_app_id) {
		wlr_foreign_toplevel_handle_v1_set_app_id(window->managed, app_id);
	}
	if (new_title || new_app_id) {
		const struct wlr_ext_foreign_toplevel_handle_v1_state state = {
			.title = title, .app_id = app_id};
		wlr_ext_foreign_toplevel_handle_v1_update_state(window->listed, &state);
	}
	free(title);
	free(app_id);
}

static void set_output(struct foreign_window *window, struct output *output) {
	if (output == window->output) {
		return;
	}
	if (window->output != NULL) {
		wlr_foreign_toplevel_handle_v1_output_leave(
			window->managed, window->output->wlr_output);
	}
	window->output = output;
	if (output != NULL) {
		wlr_foreign_toplevel_handle_v1_output_enter(window->managed, output->wlr_output);
	}
}

static void set_parent(struct foreign_window *window) {
	struct tile *parent = floating_parent(window->tile);
	struct wlr_foreign_toplevel_handle_v1 *managed = parent != NULL && parent->foreign != NULL
		? parent->foreign->managed
		: NULL;
	if (window->managed->parent != managed) {
		wlr_foreign_toplevel_handle_v1_set_parent(window->managed, managed);
	}
}

static void update(struct tile *tile) {
	struct foreign_window *window = tile->foreign;
	if (window == NULL) {
		return;
	}
	update_texts(window);
	// One that leaves is the workspace's until its windows have found another.
	struct output *output = tile->workspace->output;
	set_output(window, output != NULL && output->enabled ? output : NULL);
	set_parent(window);
	wlr_foreign_toplevel_handle_v1_set_activated(window->managed, tile->focused);
	wlr_foreign_toplevel_handle_v1_set_fullscreen(window->managed, tile->fullscreen);
	wlr_foreign_toplevel_handle_v1_set_minimized(window->managed, scratchpad_hides(tile));
}

static void update_all(struct server *server) {
	struct tile *tile;
	wl_list_for_each (tile, &server->tiles, link) {
		update(tile);
	}
}

// --- what is asked for --------------------------------------------------------------------

static void restore(struct foreign_window *window) {
	struct tile *tile = window->tile;
	if (scratchpad_hides(tile) && window->was_tiled) {
		scratchpad_forget(tile);
		floating_set(tile, false);
	}
	window->was_tiled = false;
	tile_focus(tile);
}

static void handle_request_activate(struct wl_listener *listener, void *data) {
	struct foreign_window *window = wl_container_of(listener, window, request_activate);
	restore(window);
}

static void handle_request_close(struct wl_listener *listener, void *data) {
	struct foreign_window *window = wl_container_of(listener, window, request_close);
	tile_ask_to_close(window->tile); // no program kills another
}

static void handle_request_fullscreen(struct wl_listener *listener, void *data) {
	struct foreign_window *window = wl_container_of(listener, window, request_fullscreen);
	const struct wlr_foreign_toplevel_handle_v1_fullscreen_event *event = data;
	struct tile *tile = window->tile;
	if (scratchpad_hides(tile)) {
		return;
	}
	struct output *output = event->output != NULL ? event->output->data : NULL;
	if (event->fullscreen && output != NULL && output->enabled &&
		output != tile->workspace->output) {
		tile_move_to_workspace(tile, output->workspace);
	}
	tile_set_fullscreen(tile, event->fullscreen);
}

static void handle_request_minimize(struct wl_listener *listener, void *data) {
	struct foreign_window *window = wl_container_of(listener, window, request_minimize);
	const struct wlr_foreign_toplevel_handle_v1_minimized_event *event = data;
	struct tile *tile = window->tile;
	if (!event->minimized) {
		restore(window);
	} else if (!scratchpad_hides(tile)) {
		window->was_tiled = !tile->floating.on;
		scratchpad_move(tile, tile->scratchpad != NULL ? tile->scratchpad : "");
	}
}

// --- coming and going ---------------------------------------------------------------------

static void window_create(struct foreign *foreign, struct tile *tile) {
	struct foreign_window *window = calloc(1, sizeof(*window));
	if (window == NULL) {
		abort();
	}
	window->tile = tile;
	char *title = titlebar_filter_text(tile_title(tile), TEXT_MAX), *app_id = make_app_id(tile);
	const struct wlr_ext_foreign_toplevel_handle_v1_state state = {
		.title = title, .app_id = app_id};
	window->listed = wlr_ext_foreign_toplevel_handle_v1_create(foreign->list, &state);
	window->managed = wlr_foreign_toplevel_handle_v1_create(foreign->manager);
	if (window->listed == NULL || window->managed == NULL) {
		abort();
	}
	free(title);
	free(app_id);
	window->listed->data = tile;
	window->managed->data = tile;
	window->request_activate.notify = handle_request_activate;
	wl_signal_add(&window->managed->events.request_activate, &window->request_activate);
	window->request_close.notify = handle_request_close;
	wl_signal_add(&window->managed->events.request_close, &window->request_close);
	window->request_fullscreen.notify = handle_request_fullscreen;
	wl_signal_add(&window->managed->events.request_fullscreen, &window->request_fullscreen);
	window->request_minimize.notify = handle_request_minimize;
	wl_signal_add(&window->managed->events.request_minimize, &window->request_minimize);
	tile->foreign = window;
	update(tile);
}

static void window_destroy(struct tile *tile) {
	struct foreign_window *window = tile->foreign;
	if (window == NULL) {
		return;
	}
	tile->foreign = NULL;
	wl_list_remove(&window->request_activate.link);
	wl_list_remove(&window->request_close.link);
	wl_list_remove(&window->request_fullscreen.link);
	wl_list_remove(&window->request_minimize.link);
	wlr_foreign_toplevel_handle_v1_destroy(window->managed);
	wlr_ext_foreign_toplevel_handle_v1_destroy(window->listed);
	free(window);
}

static void forget_output(struct server *server, const struct output *output) {
	struct tile *tile;
	wl_list_for_each (tile, &server->tiles, link) {
		if (tile->foreign != NULL && tile->foreign->output == output) {
			set_output(tile->foreign, NULL);
		}
	}
}

static void handle_change(struct wl_listener *listener, void *data) {
	struct foreign *foreign = wl_container_of(listener, foreign, change);
	const struct server_change *change = data;
	struct tile *tile = (struct tile *)(uintptr_t)change->object;
	bool is_window = change->subject == SERVER_WINDOW;
	if (is_window && change->verb == SERVER_ADDED) {
		window_create(foreign, tile);
	} else if (is_window && change->verb == SERVER_REMOVED) {
		window_destroy(tile);
	} else if (is_window && change->verb == SERVER_CHANGED) {
		update(tile);
	} else if (change->subject == SERVER_OUTPUT && change->verb == SERVER_REMOVED) {
		forget_output(foreign->server, change->object);
	} else if (is_window || change->subject == SERVER_WORKSPACE ||
		change->subject == SERVER_OUTPUT || change->subject == SERVER_MACHINE) {
		update_all(foreign->server);
	}
}

bool foreign_init(struct server *server) {
	struct foreign *foreign = calloc(1, sizeof(*foreign));
	if (foreign == NULL) {
		return false;
	}
	foreign->server = server;
	foreign->list = wlr_ext_foreign_toplevel_list_v1_create(server->display, 1);
	foreign->manager = wlr_foreign_toplevel_manager_v1_create(server->display);
	foreign->change.notify = handle_change;
	wl_signal_add(&server->events.change, &foreign->change);
	server->foreign = foreign;
	return foreign->list != NULL && foreign->manager != NULL;
}

void foreign_finish(struct server *server) {
	if (server->foreign == NULL) {
		return;
	}
	wl_list_remove(&server->foreign->change.link);
	free(server->foreign);
	server->foreign = NULL;
}

#include "history.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "keyboard.h"
#include "output.h"
#include "scratchpad.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

// A walk without modifiers, as redechoctl does one, ends after this.
#define WALK_MS 1000

static void set_name(char **name, const char *by) {
	char *copy = by != NULL ? alloc_string(by) : NULL;
	free(*name);
	*name = copy;
}

static void take_workspace(struct history *history, const struct workspace *workspace) {
	if (history->workspace != NULL && strcmp(history->workspace, workspace->name) == 0) {
		return;
	}
	set_name(&history->previous_workspace, history->workspace);
	set_name(&history->workspace, workspace->name);
}

static void put_first(struct history *history, struct tile *tile) {
	wl_list_remove(&tile->history_link);
	wl_list_insert(&history->tiles, &tile->history_link);
}

static void history_end_walk(struct history *history) {
	struct tile *at = history->at;
	if (at == NULL) {
		return;
	}
	history->at = NULL;
	wl_event_source_timer_update(history->walk_timer, 0);
	put_first(history, at);
	if (history->server->active_output != NULL) {
		take_workspace(history, workspace_active(history->server));
	}
}

static bool holds_modifier(const struct seat *seat) {
	const uint32_t locks = WLR_MODIFIER_CAPS | WLR_MODIFIER_MOD2;
	struct keyboard *keyboard;
	wl_list_for_each (keyboard, &seat->keyboards, link) {
		if ((wlr_keyboard_get_modifiers(keyboard->wlr_keyboard) & ~locks) != 0) {
			return true;
		}
	}
	return false;
}

void history_modifiers_changed(struct history *history) {
	if (history->at != NULL && !holds_modifier(history->server->seat)) {
		history_end_walk(history);
	}
}

static int handle_walk_timer(void *data) {
	struct history *history = data;
	if (holds_modifier(history->server->seat)) {
		wl_event_source_timer_update(history->walk_timer, WALK_MS);
	} else {
		history_end_walk(history);
	}
	return 0;
}

struct tile *history_last(struct history *history) {
	const struct tile *focused = history->server->seat->focused;
	struct tile *tile;
	wl_list_for_each (tile, &history->tiles, history_link) {
		if (tile != focused && !scratchpad_hides(tile)) {
			return tile;
		}
	}
	return NULL;
}

// The next one in the circle; NULL: there is no other.
static struct tile *beside(struct history *history, struct tile *from, int step) {
	struct wl_list *start = from != NULL ? &from->history_link : &history->tiles;
	struct wl_list *link = start;
	do {
		link = step > 0 ? link->next : link->prev;
		if (link != &history->tiles && link != start) {
			struct tile *tile = wl_container_of(link, tile, history_link);
			if (!scratchpad_hides(tile)) {
				return tile;
			}
		}
	} while (link != start);
	return NULL;
}

bool history_walk(struct history *history, int step) {
	struct tile *from = history->at != NULL ? history->at : history->server->seat->focused;
	struct tile *tile = beside(history, from, step);
	if (tile == NULL) {
		return false;
	}
	history->walking = true;
	tile_focus(tile);
	history->walking = false;
	history->at = tile;
	wl_event_source_timer_update(history->walk_timer, WALK_MS);
	return true;
}

const char *history_previous_workspace(const struct history *history) {
	return history->previous_workspace;
}

void history_rename_workspace(struct history *history, const char *from, const char *to) {
	char **names[] = {&history->workspace, &history->previous_workspace};
	for (size_t i = 0; i < 2; i++) {
		if (*names[i] != NULL && strcmp(*names[i], from) == 0) {
			set_name(names[i], to);
		}
	}
}

static void take_window(struct history *history, enum server_verb verb, struct tile *tile) {
	if (verb == SERVER_ADDED) {
		wl_list_insert(history->tiles.prev, &tile->history_link);
	} else if (verb == SERVER_REMOVED) {
		if (history->at == tile) {
			history_end_walk(history);
		}
		wl_list_remove(&tile->history_link);
	} else if (verb == SERVER_FOCUSED && !history->walking) {
		history_end_walk(history);
		if (tile != NULL) {
			put_first(history, tile);
		}
	}
}

static void handle_change(struct wl_listener *listener, void *data) {
	struct history *history = wl_container_of(listener, history, change);
	const struct server_change *change = data;
	const struct output *output = history->server->active_output;
	if (change->subject == SERVER_WINDOW) {
		take_window(history, change->verb, (struct tile *)(uintptr_t)change->object);
	} else if (change->subject == SERVER_WORKSPACE && change->verb == SERVER_FOCUSED &&
		change->object != NULL && !history->walking) {
		take_workspace(history, change->object);
	} else if (history->workspace == NULL && output != NULL && output->workspace != NULL) {
		take_workspace(history, output->workspace); // the first one is just there
	}
}

bool history_init(struct server *server) {
	struct history *history = calloc(1, sizeof(*history));
	if (history == NULL) {
		return false;
	}
	history->server = server;
	wl_list_init(&history->tiles);
	history->walk_timer = wl_event_loop_add_timer(server->loop, handle_walk_timer, history);
	history->change.notify = handle_change;
	wl_signal_add(&server->events.change, &history->change);
	server->history = history;
	return history->walk_timer != NULL;
}

void history_finish(struct server *server) {
	struct history *history = server->history;
	if (history == NULL) {
		return;
	}
	wl_list_remove(&history->change.link);
	if (history->walk_timer != NULL) {
		wl_event_source_remove(history->walk_timer);
	}
	free(history->workspace);
	free(history->previous_workspace);
	free(history);
	server->history = NULL;
}

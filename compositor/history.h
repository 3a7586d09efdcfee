#ifndef HISTORY_H
#define HISTORY_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct server;
struct tile;

/**
 * Who had the focus before: windows of the whole desk, and the last workspace.
 *
 * A walk goes from window to window in the order in which they were used, and does not change
 * that order: it ends when the user lets go of the modifiers, focuses something by other means,
 * or, if no modifier was held, after a moment.
 */
struct history {
	struct server *server;
	struct wl_list tiles; // tile.history_link, last used first
	struct tile *at; // where a walk is; NULL: there is none
	bool walking; // a step of the walk is under way
	struct wl_event_source *walk_timer;
	char *workspace; // name of the one that is active; may be NULL
	char *previous_workspace; // name of the one before; may be NULL

	struct wl_listener change;
};

/** Make server->history. */
bool history_init(struct server *server);
void history_finish(struct server *server);

/** The window that had the focus before the one that has it; NULL: there is no other. */
struct tile *history_last(struct history *history);

/** Focus the next window of a walk: 1: the one used before, -1: the one used after. */
bool history_walk(struct history *history, int step);

/** A modifier went down or up: when none is held any more a walk has come to its end. */
void history_modifiers_changed(struct history *history);

/** The name of the workspace that was active before; NULL: there was none. */
const char *history_previous_workspace(const struct history *history);

/** A workspace is called something else. */
void history_rename_workspace(struct history *history, const char *from, const char *to);

#endif

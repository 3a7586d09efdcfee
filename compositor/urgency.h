#ifndef URGENCY_H
#define URGENCY_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

struct server;
struct tile;
struct workspace;

/**
 * Windows that want the user's attention, and do not get the focus for it: they are marked until
 * they have it. The mark is the host's and lies on border and title bar; the label stays.
 */
struct urgency {
	struct server *server;
	uint64_t count; // of marks that were ever set
	uint32_t flashing; // id of the window that is marked for a moment; 0: none
	struct wl_event_source *flash_timer;

	struct wl_listener change;
};

/** Make server->urgency. */
bool urgency_init(struct server *server);
void urgency_finish(struct server *server);

/** Mark a window, or take its mark away. A window with the focus is not marked. */
void urgency_set(struct tile *tile, bool urgent);

/** Mark a window for a moment, with the focus or without. */
void urgency_flash(struct tile *tile);

/** True if the mark is to be seen. */
bool urgency_shows(const struct tile *tile);

/** The window that was marked last, or first; NULL: none is. */
struct tile *urgency_find(struct server *server, bool first);

/** True if a window of the workspace is marked. */
bool urgency_in_workspace(const struct workspace *workspace);

#endif

#ifndef SCRATCHPAD_H
#define SCRATCHPAD_H

#include <stdbool.h>

struct server;
struct tile;

/**
 * Scratchpads: windows that are out of sight until they are called.
 *
 * A scratchpad is a name and the windows that were moved to it; the empty name is one as well. A
 * window of a scratchpad floats. While it is out of sight its workspace is server.shelf, which no
 * output ever shows and which is in no list; called, it comes to the active workspace, and still
 * belongs to its scratchpad. A machine runs on all the while.
 */
bool scratchpad_init(struct server *server);
void scratchpad_finish(struct server *server);

/** Move a window to a scratchpad, out of sight. */
void scratchpad_move(struct tile *tile, const char *name);

/**
 * Call a scratchpad: if the focused window is one of its windows, that goes out of sight; else
 * one that is on the active workspace gets the focus; else one that is in sight elsewhere comes
 * here; else the one comes that has been out of sight for longest.
 *
 * Returns false when it has no windows.
 */
bool scratchpad_show(struct server *server, const char *name);

/** True while it is out of sight. */
bool scratchpad_hides(const struct tile *tile);

/** Bring a window that is out of sight to the active workspace. Others stay where they are. */
void scratchpad_bring(struct tile *tile);

/** It belongs to no scratchpad any more; if it was out of sight it comes first. */
void scratchpad_forget(struct tile *tile);

#endif

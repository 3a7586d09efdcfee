#ifndef WORKSPACE_H
#define WORKSPACE_H

#include <stdbool.h>
#include <wayland-server-core.h>
#include <wlr/util/box.h>

#include "gaps.h"
#include "layout.h"

struct output;
struct server;
struct tile;

/**
 * Windows, the tree that places them, and those that float. Its name and its number are unique in
 * the desk; each workspace belongs to one output, and an output shows one of its workspaces.
 */
struct workspace {
	struct server *server;
	int number; // the one that its name begins with, from 1; 0: there is none
	char *name; // see workspace_name.h
	struct output *output; // NULL while the desk has no output
	char *home; // key of the output_record it was made on, to return there; may be NULL
	bool settled; // the user has moved it to its home
	struct layout *layout;
	struct gaps gaps;
	struct layout_style style; // what its windows were arranged with last
	struct tile *fullscreen; // may be NULL
	struct wl_list tiles; // tile.workspace_link, last focused first
	struct wl_list tabs; // tab.link, of containers among tabs
	// At the output's origin.
	struct wlr_scene_tree *tree, *floating_tree, *fullscreen_tree;
	struct wl_list link; // server.workspaces
};

/** A new one; there is none of that name yet. output may be NULL. */
struct workspace *workspace_create(struct server *server, const char *name, struct output *output);

/** The workspace with that number; made, on its output or the active one, if there is none. */
struct workspace *workspace_get(struct server *server, int number);

/**
 * The one that no output shows and no list has, for windows that are out of sight; its number
 * is 0. See scratchpad.h.
 */
struct workspace *workspace_create_shelf(struct server *server);

/** The workspace with that number, or NULL. */
struct workspace *workspace_find(struct server *server, int number);

/** The same by a name: by its number, if it begins with one. name is a valid one. */
struct workspace *workspace_get_named(struct server *server, const char *name);
struct workspace *workspace_find_named(struct server *server, const char *name);

/** Call it something else. False if another one is called so, or has that number. */
bool workspace_rename(struct workspace *workspace, const char *name);

/** The next one, or the one before for -1, in a circle; of its output's, or of all. */
struct workspace *workspace_beside(struct workspace *workspace, int step, bool on_output);

/** The one that the active output shows; while there is no output the last one shown. */
struct workspace *workspace_active(struct server *server);

/** Show a workspace on its output, make that the active output, focus what had the focus. */
void workspace_show(struct workspace *workspace);

/** The same, leaving the focus to the caller. */
void workspace_reveal(struct workspace *workspace);

/** Focus the tile that had the focus last, or nothing, if the workspace is the active one. */
void workspace_refocus(struct workspace *workspace);

/** The window that workspace_refocus() focuses, or NULL: it has none. */
struct tile *workspace_recent(const struct workspace *workspace);

/** True when its output shows it. */
bool workspace_is_visible(const struct workspace *workspace);

/** The gaps are as configured again, of every workspace; they are not arranged. */
void workspace_reset_gaps(struct server *server);

/** Place the windows, and tell them their sizes. */
void workspace_arrange(struct workspace *workspace);

/** Give the workspace to an output, or to none. */
void workspace_set_output(struct workspace *workspace, struct output *output);

/** Show it on its output in the place of the one that is there. The focus stays. */
void workspace_present(struct workspace *workspace);

/** Take it off the screen. */
void workspace_hide(struct workspace *workspace);

/** Let the workspace, if it is shown, be shown on another output. It belongs there from now on. */
void workspace_move_to_output(struct workspace *workspace, struct output *output);

/** Free it when it is empty and not shown. */
void workspace_collect(struct workspace *workspace);

void workspace_destroy(struct workspace *workspace);

#endif

#ifndef TAB_H
#define TAB_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct server;
struct tile;
struct workspace;

/**
 * Tabs, and stacked titles, of containers: a tile's own tab is its title bar, but a container
 * among tabs has no tile of its own. Its tab names the windows in it. It has the label and colour
 * that all of them have; where they differ it has no label, and the colour of what is no machine.
 *
 * A tab stands for the window that had the focus last in its container: a click focuses that.
 */
struct tab {
	struct wlr_scene_buffer *buffer;
	char *key; // what it was drawn from; may be NULL
	struct wl_list link; // workspace.tabs
};

/** The workspace was arranged anew: draw the tabs that it has. */
void tab_arrange(struct workspace *workspace);

/** A tile's title, label or focus has changed: draw the tabs that show it. */
void tab_update(struct tile *tile);

/**
 * A wheel is turned, or fingers scroll, by some 120ths of a step: over tabs the desk goes through
 * them. False if no tabs are at the point of the layout. *rest holds what is less than a step.
 */
bool tab_scroll(struct server *server, double lx, double ly, int steps_120, int *rest);

/** Remove them all. */
void tab_finish(struct workspace *workspace);

#endif

#ifndef POPUP_H
#define POPUP_H

#include <wayland-server-core.h>

struct server;
struct toplevel;

/** An xdg_popup, kept inside the output of its toplevel. Bridges may have none. */
struct popup {
	struct toplevel *toplevel;
	struct wlr_xdg_popup *xdg;

	struct wl_listener commit;
	struct wl_listener reposition;
	struct wl_listener destroy;
};

/** Take a new popup, or destroy it when its parent is not shown or is a machine's. */
void popup_create(struct server *server, struct wlr_xdg_popup *xdg);

#endif

#ifndef FOREIGN_H
#define FOREIGN_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct server;
struct tile;

/**
 * The desk's windows as bars, taskbars and pickers see them: ext-foreign-toplevel-list-v1 and
 * wlr-foreign-toplevel-management-v1.
 *
 * Every tile is one window there, a machine's from the beginning. Its app_id is the program's
 * name. What such a client asks for is asked for by the user: close is a machine's power button,
 * full screen is granted, minimized is out of sight in the scratchpad without a name.
 */
struct foreign {
	struct server *server;
	struct wlr_ext_foreign_toplevel_list_v1 *list;
	struct wlr_foreign_toplevel_manager_v1 *manager;

	struct wl_listener change;
};

/** One window; tile.foreign. */
struct foreign_window {
	struct tile *tile;
	struct wlr_ext_foreign_toplevel_handle_v1 *listed;
	struct wlr_foreign_toplevel_handle_v1 *managed;
	struct output *output; // that it was told to be on; may be NULL
	bool was_tiled; // before it was minimized

	struct wl_listener request_activate;
	struct wl_listener request_close;
	struct wl_listener request_fullscreen;
	struct wl_listener request_minimize;
};

/** Make server->foreign. */
bool foreign_init(struct server *server);
void foreign_finish(struct server *server);

#endif

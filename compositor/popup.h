#ifndef POPUP_H
#define POPUP_H

#include <wayland-server-core.h>

struct layer;
struct server;
struct toplevel;
struct wlr_xdg_popup;

/**
 * An xdg_popup, kept inside the output of the toplevel or the layer-shell surface that it hangs
 * on, maybe by way of other popups. Bridges may have none.
 */
struct popup {
	struct toplevel *toplevel; // NULL: it hangs on a layer
	struct layer *layer; // NULL: it hangs on a toplevel
	struct wlr_xdg_popup *xdg;

	struct wl_listener commit;
	struct wl_listener reposition;
	struct wl_listener destroy;
};

/**
 * Take a new popup, or destroy it when it is a machine's or its parent is not shown. One without a
 * parent is left alone: popup_create_on_layer() takes it.
 */
void popup_create(struct server *server, struct wlr_xdg_popup *xdg);

/** zwlr_layer_surface_v1.get_popup: the popup's parent is a layer. */
void popup_create_on_layer(struct layer *layer, struct wlr_xdg_popup *xdg);

#endif

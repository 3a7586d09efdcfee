#include "popup.h"

#include <stdlib.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "layer.h"
#include "machine.h"
#include "output.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"

// The output's box, seen from the surface that all of this popup's parents hang on.
static bool room(const struct popup *popup, struct wlr_box *box) {
	if (popup->layer != NULL) {
		*box = popup->layer->output->box;
		box->x -= popup->layer->box.x;
		box->y -= popup->layer->box.y;
		return true;
	}
	const struct tile *tile = popup->toplevel->tile;
	if (tile == NULL || tile->workspace->output == NULL) {
		return false;
	}
	*box = tile->workspace->output->box;
	box->x -= tile->content.x;
	box->y -= tile->content.y;
	return true;
}

static void unconstrain(struct popup *popup) {
	struct wlr_box box;
	if (room(popup, &box)) {
		wlr_xdg_popup_unconstrain_from_box(popup->xdg, &box);
	}
}

static struct server *popup_server(const struct popup *popup) {
	return popup->layer != NULL ? popup->layer->server : popup->toplevel->server;
}

static void handle_commit(struct wl_listener *listener, void *data) {
	struct popup *popup = wl_container_of(listener, popup, commit);
	if (popup->xdg->base->initial_commit) {
		struct seat *seat = popup_server(popup)->seat;
		if (popup->xdg->seat != NULL && !seat_may_grab(seat)) {
			// It would keep from the windows the keyboard that they get back.
			wlr_seat_keyboard_end_grab(seat->wlr_seat);
		}
		unconstrain(popup);
		wlr_xdg_surface_schedule_configure(popup->xdg->base);
	}
}

static void handle_reposition(struct wl_listener *listener, void *data) {
	struct popup *popup = wl_container_of(listener, popup, reposition);
	unconstrain(popup);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct popup *popup = wl_container_of(listener, popup, destroy);
	popup->xdg->base->data = NULL;
	wl_list_remove(&popup->commit.link);
	wl_list_remove(&popup->reposition.link);
	wl_list_remove(&popup->destroy.link);
	free(popup);
}

static void create(const struct popup *owner, struct wlr_scene_tree *parent) {
	struct wlr_xdg_popup *xdg = owner->xdg;
	struct popup *popup = calloc(1, sizeof(*popup));
	if (popup == NULL) {
		wlr_xdg_popup_destroy(xdg);
		return;
	}
	*popup = *owner;
	xdg->base->data = wlr_scene_xdg_surface_create(parent, xdg->base);
	popup->commit.notify = handle_commit;
	wl_signal_add(&xdg->base->surface->events.commit, &popup->commit);
	popup->reposition.notify = handle_reposition;
	wl_signal_add(&xdg->events.reposition, &popup->reposition);
	popup->destroy.notify = handle_destroy;
	wl_signal_add(&xdg->events.destroy, &popup->destroy);
}

void popup_create_on_layer(struct layer *layer, struct wlr_xdg_popup *xdg) {
	const struct popup owner = {.layer = layer, .xdg = xdg};
	wlr_scene_node_raise_to_top(&layer->popups->node);
	create(&owner, layer->popups);
}

// Finds what the popup hangs on, by way of the popups between. False: on nothing that is shown.
static bool find_owner(struct popup *owner) {
	struct wlr_surface *surface = owner->xdg->parent;
	struct wlr_xdg_surface *ancestor = wlr_xdg_surface_try_from_wlr_surface(surface);
	while (ancestor != NULL && ancestor->role == WLR_XDG_SURFACE_ROLE_POPUP &&
		ancestor->popup != NULL && ancestor->popup->parent != NULL) {
		surface = ancestor->popup->parent;
		ancestor = wlr_xdg_surface_try_from_wlr_surface(surface);
	}
	struct wlr_layer_surface_v1 *layer = wlr_layer_surface_v1_try_from_wlr_surface(surface);
	if (layer != NULL) {
		owner->layer = layer->data;
	} else if (ancestor != NULL && ancestor->role == WLR_XDG_SURFACE_ROLE_TOPLEVEL) {
		owner->toplevel = ancestor->data;
	}
	return owner->layer != NULL || owner->toplevel != NULL;
}

// Popups of popups hang in the tree of their parent; those of a toplevel in a tree of
// their own, because the toplevel's is clipped to the tile and a menu may leave it.
static struct wlr_scene_tree *parent_tree(const struct popup *owner) {
	struct wlr_xdg_surface *parent = wlr_xdg_surface_try_from_wlr_surface(owner->xdg->parent);
	if (parent == NULL) {
		return NULL;
	}
	if (parent->role == WLR_XDG_SURFACE_ROLE_TOPLEVEL) {
		return owner->toplevel->popups;
	}
	return parent->role == WLR_XDG_SURFACE_ROLE_POPUP ? parent->data : NULL;
}

void popup_create(struct server *server, struct wlr_xdg_popup *xdg) {
	// A popup may cover its neighbours and take the keyboard; a machine must not be able to.
	if (machine_from_client(wl_resource_get_client(xdg->resource)) != NULL) {
		wlr_xdg_popup_destroy(xdg);
		return;
	}
	if (xdg->parent == NULL) {
		return; // layer-shell gives it one later
	}
	struct popup owner = {.xdg = xdg};
	struct wlr_scene_tree *parent = find_owner(&owner) ? parent_tree(&owner) : NULL;
	if (parent == NULL) {
		wlr_xdg_popup_destroy(xdg);
		return;
	}
	create(&owner, parent);
	if (owner.toplevel != NULL && owner.toplevel->tile != NULL) {
		wlr_scene_node_raise_to_top(&owner.toplevel->tile->tree->node);
	}
}

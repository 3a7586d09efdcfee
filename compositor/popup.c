#include "popup.h"

#include <stdlib.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "output.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"

static void unconstrain(struct popup *popup) {
	struct tile *tile = popup->toplevel->tile;
	if (tile == NULL || tile->workspace->output == NULL) {
		return;
	}
	struct wlr_box box = tile->workspace->output->box;
	box.x -= tile->content.x;
	box.y -= tile->content.y;
	wlr_xdg_popup_unconstrain_from_box(popup->xdg, &box);
}

static void handle_commit(struct wl_listener *listener, void *data) {
	struct popup *popup = wl_container_of(listener, popup, commit);
	if (popup->xdg->base->initial_commit) {
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
	wl_list_remove(&popup->commit.link);
	wl_list_remove(&popup->reposition.link);
	wl_list_remove(&popup->destroy.link);
	free(popup);
}

// Popups of popups hang in the tree of their parent; those of a toplevel in a tree of
// their own, because the toplevel's is clipped to the tile and a menu may leave it.
static struct wlr_scene_tree *parent_tree(
	struct wlr_xdg_surface *parent, struct toplevel **toplevel) {
	if (parent->role == WLR_XDG_SURFACE_ROLE_TOPLEVEL) {
		*toplevel = parent->data;
		return *toplevel != NULL ? (*toplevel)->popups : NULL;
	}
	if (parent->role != WLR_XDG_SURFACE_ROLE_POPUP || parent->data == NULL) {
		return NULL;
	}
	struct wlr_xdg_surface *ancestor = parent;
	while (ancestor != NULL && ancestor->role == WLR_XDG_SURFACE_ROLE_POPUP &&
		ancestor->popup != NULL && ancestor->popup->parent != NULL) {
		ancestor = wlr_xdg_surface_try_from_wlr_surface(ancestor->popup->parent);
	}
	if (ancestor == NULL || ancestor->role != WLR_XDG_SURFACE_ROLE_TOPLEVEL) {
		return NULL;
	}
	*toplevel = ancestor->data;
	return *toplevel != NULL ? parent->data : NULL;
}

void popup_create(struct server *server, struct wlr_xdg_popup *xdg) {
	struct toplevel *toplevel = NULL;
	struct wlr_scene_tree *parent = NULL;
	struct wlr_xdg_surface *parent_surface = xdg->parent != NULL
		? wlr_xdg_surface_try_from_wlr_surface(xdg->parent)
		: NULL;
	if (parent_surface != NULL) {
		parent = parent_tree(parent_surface, &toplevel);
	}
	// A popup may cover its neighbours; a machine must not be able to.
	if (parent == NULL || toplevel->machine != NULL) {
		wlr_xdg_popup_destroy(xdg);
		return;
	}
	struct popup *popup = calloc(1, sizeof(*popup));
	if (popup == NULL) {
		wlr_xdg_popup_destroy(xdg);
		return;
	}
	popup->toplevel = toplevel;
	popup->xdg = xdg;
	struct wlr_scene_tree *tree = wlr_scene_xdg_surface_create(parent, xdg->base);
	xdg->base->data = tree;
	if (toplevel->tile != NULL) {
		wlr_scene_node_raise_to_top(&toplevel->tile->tree->node);
	}

	popup->commit.notify = handle_commit;
	wl_signal_add(&xdg->base->surface->events.commit, &popup->commit);
	popup->reposition.notify = handle_reposition;
	wl_signal_add(&xdg->events.reposition, &popup->reposition);
	popup->destroy.notify = handle_destroy;
	wl_signal_add(&xdg->events.destroy, &popup->destroy);
}

#include "place.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "floating.h"
#include "layer.h"
#include "output.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"

// Nothing but the suite moves one of these; it is back in its place when it is arranged anew.
static bool place_layer(struct wlr_surface *surface, int lx, int ly) {
	struct wlr_layer_surface_v1 *wlr = wlr_layer_surface_v1_try_from_wlr_surface(surface);
	struct layer *layer = wlr != NULL ? wlr->data : NULL;
	if (layer == NULL) {
		return false;
	}
	wlr_scene_node_set_position(&layer->tree->node, lx, ly);
	wlr_scene_node_set_position(&layer->popups->node, lx, ly);
	layer->box.x = lx;
	layer->box.y = ly;
	seat_pointer_moved_under(layer->server->seat);
	return true;
}

bool place_window(struct wlr_surface *surface, int lx, int ly) {
	struct wlr_xdg_toplevel *xdg = wlr_xdg_toplevel_try_from_wlr_surface(surface);
	struct toplevel *toplevel = xdg != NULL ? xdg->base->data : NULL;
	if (toplevel == NULL || toplevel->tile == NULL) {
		return place_layer(surface, lx, ly);
	}
	struct tile *tile = toplevel->tile;
	const struct wlr_box *output = &tile->workspace->output->box;
	floating_set(tile, true);
	floating_move(tile, lx - output->x, ly - output->y);
	floating_raise(tile);
	seat_pointer_moved_under(tile->server->seat);
	return true;
}

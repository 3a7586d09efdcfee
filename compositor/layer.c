#include "layer.h"

#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_fractional_scale_v1.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/util/edges.h>

#include "layer_box.h"
#include "output.h"
#include "popup.h"
#include "seat.h"
#include "server.h"

#define KINDS 4

static struct wlr_scene_tree *scene_tree(struct server *server, uint32_t kind) {
	static const enum server_layer layers[KINDS] = {
		[ZWLR_LAYER_SHELL_V1_LAYER_BACKGROUND] = LAYER_SHELL_BACKGROUND,
		[ZWLR_LAYER_SHELL_V1_LAYER_BOTTOM] = LAYER_SHELL_BOTTOM,
		[ZWLR_LAYER_SHELL_V1_LAYER_TOP] = LAYER_SHELL_TOP,
		[ZWLR_LAYER_SHELL_V1_LAYER_OVERLAY] = LAYER_SHELL_OVERLAY,
	};
	return server->layers[layers[kind]];
}

// A menu of a wallpaper would be of no use behind the windows.
static struct wlr_scene_tree *popup_tree(struct server *server, uint32_t kind) {
	const uint32_t top = ZWLR_LAYER_SHELL_V1_LAYER_TOP;
	return scene_tree(server, kind < top ? top : kind);
}

const char *layer_kind_name(const struct layer *layer) {
	static const char *const names[KINDS] = {"background", "bottom", "top", "overlay"};
	return names[layer->wlr->current.layer];
}

struct layer *layer_from_owner(struct scene_owner *owner) {
	if (owner == NULL || owner->kind != SCENE_OWNER_LAYER) {
		return NULL;
	}
	struct layer *layer = wl_container_of(owner, layer, owner);
	return layer;
}

// --- the keyboard -------------------------------------------------------------------------

static bool takes_keys(const struct layer *layer) {
	return layer->mapped &&
		layer->wlr->current.keyboard_interactive !=
		ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_NONE;
}

static bool is_above_windows(const struct layer *layer) {
	return layer->wlr->current.layer >= ZWLR_LAYER_SHELL_V1_LAYER_TOP;
}

static struct layer *keyboard_layer(struct layer_shell *shell) {
	struct layer *best = NULL, *layer;
	wl_list_for_each (layer, &shell->layers, link) {
		bool exclusive = takes_keys(layer) && is_above_windows(layer) &&
			layer->wlr->current.keyboard_interactive ==
				ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_EXCLUSIVE;
		if (exclusive &&
			(best == NULL || layer->wlr->current.layer >= best->wlr->current.layer)) {
			best = layer;
		}
	}
	return best != NULL ? best : shell->on_demand;
}

static void update_keyboard(struct layer_shell *shell) {
	struct seat *seat = shell->server->seat;
	if (shell->on_demand != NULL && !takes_keys(shell->on_demand)) {
		shell->on_demand = NULL;
	}
	struct layer *layer = keyboard_layer(shell);
	if (layer == NULL) {
		seat_unclaim(seat, SEAT_CLAIM_LAYER);
		return;
	}
	const struct seat_claim *now = &seat->claims[SEAT_CLAIM_LAYER];
	if (!now->active || now->surface != layer->wlr->surface) {
		const struct seat_claim claim = {.surface = layer->wlr->surface};
		seat_claim(seat, SEAT_CLAIM_LAYER, &claim);
	}
}

void layer_press(struct layer *layer) {
	struct layer_shell *shell = layer->server->layer_shell;
	if (takes_keys(layer)) {
		shell->on_demand = layer;
		update_keyboard(shell);
	} else {
		layer_yield(layer->server);
	}
}

void layer_yield(struct server *server) {
	if (server->layer_shell->on_demand != NULL) {
		server->layer_shell->on_demand = NULL;
		update_keyboard(server->layer_shell);
	}
}

bool layer_has_keyboard(const struct layer *layer) {
	const struct seat *seat = layer->server->seat;
	return seat_claimed(seat) == &seat->claims[SEAT_CLAIM_LAYER] &&
		seat->claims[SEAT_CLAIM_LAYER].surface == layer->wlr->surface;
}

// --- where they lie -----------------------------------------------------------------------

static uint32_t zone_edge(struct wlr_layer_surface_v1 *wlr) {
	switch (wlr_layer_surface_v1_get_exclusive_edge(wlr)) {
	case WLR_EDGE_TOP:
		return LAYER_BOX_TOP;
	case WLR_EDGE_BOTTOM:
		return LAYER_BOX_BOTTOM;
	case WLR_EDGE_LEFT:
		return LAYER_BOX_LEFT;
	case WLR_EDGE_RIGHT:
		return LAYER_BOX_RIGHT;
	default:
		return 0;
	}
}

static void place(struct layer *layer, struct wlr_box *usable) {
	const struct wlr_layer_surface_v1_state *state = &layer->wlr->current;
	// The edges of the anchor are numbered as the protocol numbers them.
	const struct layer_box_request request = {
		.width = state->desired_width,
		.height = state->desired_height,
		.anchor = state->anchor,
		.top = state->margin.top,
		.right = state->margin.right,
		.bottom = state->margin.bottom,
		.left = state->margin.left,
		.zone = state->exclusive_zone,
		.zone_edge = zone_edge(layer->wlr),
	};
	// What is not shown keeps nothing free.
	struct wlr_box box = layer_box_place(&request, &layer->output->box, usable, layer->mapped);
	bool same_size = box.width == layer->box.width && box.height == layer->box.height;
	layer->box = box;
	wlr_scene_node_set_position(&layer->tree->node, box.x, box.y);
	wlr_scene_node_set_position(&layer->popups->node, box.x, box.y);
	if (!layer->configured || !same_size) {
		layer->configured = true;
		wlr_layer_surface_v1_configure(
			layer->wlr, (uint32_t)box.width, (uint32_t)box.height);
	}
}

// Those that keep an edge free are placed first, and of these the upper layers.
static void place_all(struct output *output, bool with_zone, struct wlr_box *usable) {
	struct layer_shell *shell = output->server->layer_shell;
	for (int kind = KINDS - 1; kind >= 0; kind--) {
		struct layer *layer;
		wl_list_for_each (layer, &shell->layers, link) {
			const struct wlr_layer_surface_v1_state *state = &layer->wlr->current;
			if (layer->output == output && layer->wlr->initialized &&
				(int)state->layer == kind &&
				(state->exclusive_zone > 0) == with_zone) {
				place(layer, usable);
			}
		}
	}
}

void layer_arrange(struct output *output) {
	struct wlr_box usable = output->box;
	place_all(output, true, &usable);
	place_all(output, false, &usable);
	usable.x -= output->box.x;
	usable.y -= output->box.y;
	output->usable = usable;
	seat_pointer_moved_later(output->server->seat);
}

static void arrange(struct layer *layer) {
	struct output *output = layer->output;
	if (output->leaving) {
		return;
	}
	struct wlr_box before = output->usable;
	layer_arrange(output);
	if (!wlr_box_equal(&before, &output->usable)) {
		output_arrange_windows(output);
	}
	server_emit(layer->server, SERVER_OUTPUT, SERVER_CHANGED, output);
}

// --- their life ---------------------------------------------------------------------------

static void send_scale(struct layer *layer) {
	struct wlr_output *wlr_output = layer->output->wlr_output;
	struct wlr_surface *surface = layer->wlr->surface;
	wlr_fractional_scale_v1_notify_scale(surface, wlr_output->scale);
	wlr_surface_set_preferred_buffer_scale(surface, (int32_t)(wlr_output->scale + 0.999f));
	wlr_surface_set_preferred_buffer_transform(surface, wlr_output->transform);
}

// A size may be left to us only where both edges are anchored.
static bool lacks_size(const struct wlr_layer_surface_v1_state *state) {
	const uint32_t sides = LAYER_BOX_LEFT | LAYER_BOX_RIGHT;
	const uint32_t ends = LAYER_BOX_TOP | LAYER_BOX_BOTTOM;
	return (state->desired_width == 0 && (state->anchor & sides) != sides) ||
		(state->desired_height == 0 && (state->anchor & ends) != ends);
}

static void handle_commit(struct wl_listener *listener, void *data) {
	struct layer *layer = wl_container_of(listener, layer, commit);
	struct wlr_layer_surface_v1 *wlr = layer->wlr;
	if (!wlr->initialized) {
		layer->configured = false; // it was unmapped, and begins anew
		return;
	}
	if (lacks_size(&wlr->current)) {
		wl_resource_post_error(wlr->resource, ZWLR_LAYER_SURFACE_V1_ERROR_INVALID_SIZE,
			"a size of 0 needs an anchor at both edges");
		return;
	}
	if (wlr->initial_commit) {
		send_scale(layer);
	}
	if (!wlr->initial_commit && wlr->current.committed == 0) {
		return;
	}
	if (wlr->initial_commit || (wlr->current.committed & WLR_LAYER_SURFACE_V1_STATE_LAYER)) {
		struct server *server = layer->server;
		wlr_scene_node_reparent(&layer->tree->node, scene_tree(server, wlr->current.layer));
		wlr_scene_node_reparent(
			&layer->popups->node, popup_tree(server, wlr->current.layer));
	}
	// Each request for another place is answered, with the size that it had if need be.
	layer->configured = false;
	arrange(layer);
	update_keyboard(layer->server->layer_shell);
}

static void handle_map(struct wl_listener *listener, void *data) {
	struct layer *layer = wl_container_of(listener, layer, map);
	struct layer_shell *shell = layer->server->layer_shell;
	layer->mapped = true;
	if (takes_keys(layer) && is_above_windows(layer)) {
		shell->on_demand = layer;
	}
	arrange(layer);
	update_keyboard(shell);
}

static void destroy_popups(struct layer *layer) {
	struct wlr_xdg_popup *popup, *next;
	wl_list_for_each_safe (popup, next, &layer->wlr->popups, link) {
		wlr_xdg_popup_destroy(popup);
	}
}

static void handle_unmap(struct wl_listener *listener, void *data) {
	struct layer *layer = wl_container_of(listener, layer, unmap);
	destroy_popups(layer);
	layer->mapped = false;
	update_keyboard(layer->server->layer_shell);
	arrange(layer);
}

static void handle_new_popup(struct wl_listener *listener, void *data) {
	struct layer *layer = wl_container_of(listener, layer, new_popup);
	popup_create_on_layer(layer, data);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct layer *layer = wl_container_of(listener, layer, destroy);
	destroy_popups(layer);
	wl_list_remove(&layer->commit.link);
	wl_list_remove(&layer->map.link);
	wl_list_remove(&layer->unmap.link);
	wl_list_remove(&layer->new_popup.link);
	wl_list_remove(&layer->destroy.link);
	wl_list_remove(&layer->link);
	wlr_scene_node_destroy(&layer->popups->node);
	wlr_scene_node_destroy(&layer->tree->node);
	free(layer);
}

void layer_close_all(struct output *output) {
	struct layer_shell *shell = output->server->layer_shell;
	struct layer *layer, *next;
	wl_list_for_each_safe (layer, next, &shell->layers, link) {
		if (layer->output == output) {
			wlr_layer_surface_v1_destroy(layer->wlr);
		}
	}
}

// The one asked for, or the one that the user last turned to; NULL: it is not in use.
static struct output *choose_output(struct server *server, const struct wlr_layer_surface_v1 *wlr) {
	struct output *output = wlr->output != NULL ? wlr->output->data : server->active_output;
	return output != NULL && output->enabled ? output : NULL;
}

static void create_nodes(struct layer *layer) {
	struct server *server = layer->server;
	uint32_t kind = layer->wlr->pending.layer;
	layer->owner.kind = SCENE_OWNER_LAYER;
	layer->tree = wlr_scene_tree_create(scene_tree(server, kind));
	layer->popups = wlr_scene_tree_create(popup_tree(server, kind));
	if (layer->tree == NULL || layer->popups == NULL ||
		wlr_scene_subsurface_tree_create(layer->tree, layer->wlr->surface) == NULL) {
		abort();
	}
	layer->tree->node.data = &layer->owner;
	layer->popups->node.data = &layer->owner;
}

static void handle_new_surface(struct wl_listener *listener, void *data) {
	struct layer_shell *shell = wl_container_of(listener, shell, new_surface);
	struct wlr_layer_surface_v1 *wlr = data;
	struct output *output = choose_output(shell->server, wlr);
	if (output == NULL) {
		wlr_layer_surface_v1_destroy(wlr);
		return;
	}
	struct layer *layer = calloc(1, sizeof(*layer));
	if (layer == NULL) {
		wlr_layer_surface_v1_destroy(wlr);
		return;
	}
	wlr->output = output->wlr_output;
	wlr->data = layer;
	layer->server = shell->server;
	layer->output = output;
	layer->wlr = wlr;
	create_nodes(layer);
	wl_list_insert(shell->layers.prev, &layer->link);
	layer->commit.notify = handle_commit;
	wl_signal_add(&wlr->surface->events.commit, &layer->commit);
	layer->map.notify = handle_map;
	wl_signal_add(&wlr->surface->events.map, &layer->map);
	layer->unmap.notify = handle_unmap;
	wl_signal_add(&wlr->surface->events.unmap, &layer->unmap);
	layer->new_popup.notify = handle_new_popup;
	wl_signal_add(&wlr->events.new_popup, &layer->new_popup);
	layer->destroy.notify = handle_destroy;
	wl_signal_add(&wlr->events.destroy, &layer->destroy);
}

bool layer_init(struct server *server) {
	struct layer_shell *shell = calloc(1, sizeof(*shell));
	if (shell == NULL) {
		return false;
	}
	shell->server = server;
	wl_list_init(&shell->layers);
	shell->wlr = wlr_layer_shell_v1_create(server->display, 5);
	if (shell->wlr == NULL) {
		free(shell);
		return false;
	}
	server->layer_shell = shell;
	shell->new_surface.notify = handle_new_surface;
	wl_signal_add(&shell->wlr->events.new_surface, &shell->new_surface);
	return true;
}

void layer_finish(struct server *server) {
	struct layer_shell *shell = server->layer_shell;
	if (shell == NULL) {
		return;
	}
	wl_list_remove(&shell->new_surface.link);
	free(shell);
	server->layer_shell = NULL;
}

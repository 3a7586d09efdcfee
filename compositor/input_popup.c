#include "input_popup.h"

#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_input_method_v2.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_text_input_v3.h>

#include "alloc.h"
#include "output.h"
#include "scene_owner.h"
#include "seat.h"
#include "server.h"

struct input_popup {
	struct scene_owner owner; // SCENE_OWNER_HOST
	struct seat *seat;
	struct wlr_input_popup_surface_v2 *wlr;
	struct wlr_text_input_v3 *text_input; // beside whose cursor it is; NULL: hidden
	struct wlr_scene_tree *tree;
	struct wl_list link; // input_method.popups

	struct wl_listener commit;
	struct wl_listener destroy;
};

struct search {
	const struct wlr_surface *surface;
	bool found;
	int lx, ly;
};

static void find_surface(struct wlr_scene_buffer *buffer, int lx, int ly, void *data) {
	struct search *search = data;
	struct wlr_scene_surface *scene_surface = wlr_scene_surface_try_from_buffer(buffer);
	if (scene_surface != NULL && scene_surface->surface == search->surface) {
		search->found = true;
		// The node of a clipped surface is moved within that of the whole.
		search->lx = lx - buffer->node.x;
		search->ly = ly - buffer->node.y;
	}
}

// Below the text cursor, or above it where there is no room; never out of the screen sideways.
static void place(struct input_popup *popup) {
	struct server *server = popup->seat->server;
	struct search search = {0};
	if (popup->text_input != NULL) {
		search.surface = popup->text_input->focused_surface;
		wlr_scene_node_for_each_buffer(&server->scene->tree.node, find_surface, &search);
	}
	wlr_scene_node_set_enabled(&popup->tree->node, search.found);
	if (!search.found) {
		return;
	}
	struct wlr_box cursor = popup->text_input->current.cursor_rectangle;
	int width = popup->wlr->surface->current.width;
	int height = popup->wlr->surface->current.height;
	int lx = search.lx + cursor.x, ly = search.ly + cursor.y + cursor.height;
	const struct output *output = output_at(server, lx, search.ly + cursor.y);
	if (output != NULL) {
		const struct wlr_box *box = &output->box;
		if (lx + width > box->x + box->width) {
			lx = box->x + box->width - width;
		}
		lx = lx < box->x ? box->x : lx;
		if (ly + height > box->y + box->height) {
			ly = search.ly + cursor.y - height;
		}
	}
	wlr_scene_node_set_position(&popup->tree->node, lx, ly);
	struct wlr_box relative = {
		.x = search.lx + cursor.x - lx,
		.y = search.ly + cursor.y - ly,
		.width = cursor.width,
		.height = cursor.height,
	};
	wlr_input_popup_surface_v2_send_text_input_rectangle(popup->wlr, &relative);
}

static void handle_commit(struct wl_listener *listener, void *data) {
	struct input_popup *popup = wl_container_of(listener, popup, commit);
	place(popup);
}

static void forget(struct input_popup *popup) {
	wl_list_remove(&popup->commit.link);
	wl_list_remove(&popup->destroy.link);
	wl_list_remove(&popup->link);
	wlr_scene_node_destroy(&popup->tree->node);
	free(popup);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct input_popup *popup = wl_container_of(listener, popup, destroy);
	forget(popup);
}

void input_popup_create(
	struct seat *seat, struct wl_list *popups, struct wlr_input_popup_surface_v2 *wlr) {
	struct input_popup *popup = alloc_zeroed(1, sizeof(*popup));
	popup->seat = seat;
	popup->wlr = wlr;
	popup->owner.kind = SCENE_OWNER_HOST;
	popup->tree = wlr_scene_tree_create(seat->server->layers[LAYER_SHELL_OVERLAY]);
	popup->tree->node.data = &popup->owner;
	wlr_scene_subsurface_tree_create(popup->tree, wlr->surface);
	wlr_scene_node_set_enabled(&popup->tree->node, false);
	popup->commit.notify = handle_commit;
	wl_signal_add(&wlr->surface->events.commit, &popup->commit);
	popup->destroy.notify = handle_destroy;
	wl_signal_add(&wlr->events.destroy, &popup->destroy);
	wl_list_insert(popups, &popup->link);
}

void input_popup_place_all(struct wl_list *popups, struct wlr_text_input_v3 *text_input) {
	struct input_popup *popup;
	wl_list_for_each (popup, popups, link) {
		popup->text_input = text_input;
		place(popup);
	}
}

void input_popup_finish(struct wl_list *popups) {
	struct input_popup *popup, *next;
	wl_list_for_each_safe (popup, next, popups, link) {
		forget(popup);
	}
}

#include "capture.h"

#include <stdlib.h>
#include <wlr/types/wlr_ext_foreign_toplevel_list_v1.h>
#include <wlr/types/wlr_ext_image_capture_source_v1.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "globals.h"
#include "lock.h"
#include "server.h"
#include "suspend.h"
#include "tile.h"
#include "toplevel.h"

struct capture {
	struct server *server;
	struct wl_list windows; // window.link

	struct wl_listener new_request;
};

// Of a window of which pictures were asked for: one for all of them, because a source lasts as
// long as its node. It goes when the window is not shown any more.
struct window {
	const struct toplevel *toplevel;
	struct wlr_scene *scene;
	struct wlr_scene_tree *tree;
	struct wlr_ext_image_capture_source_v1 *source; // goes with its node
	struct wl_list link; // capture.windows

	struct wl_listener destroy; // of the window's own tree
};

static void window_destroy(struct window *window) {
	wl_list_remove(&window->destroy.link);
	wl_list_remove(&window->link);
	wlr_scene_node_destroy(&window->scene->tree.node);
	free(window);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct window *window = wl_container_of(listener, window, destroy);
	window_destroy(window);
}

static struct window *find(const struct capture *capture, const struct toplevel *toplevel) {
	struct window *window;
	wl_list_for_each (window, &capture->windows, link) {
		if (window->toplevel == toplevel) {
			return window;
		}
	}
	return NULL;
}

static struct window *window_create(struct capture *capture, struct toplevel *toplevel) {
	struct server *server = capture->server;
	struct window *window = calloc(1, sizeof(*window));
	struct wlr_scene *scene = window != NULL ? wlr_scene_create() : NULL;
	if (scene == NULL) {
		free(window);
		return NULL;
	}
	window->toplevel = toplevel;
	window->scene = scene;
	window->tree = wlr_scene_xdg_surface_create(&scene->tree, toplevel->xdg->base);
	if (window->tree != NULL) {
		window->source = wlr_ext_image_capture_source_v1_create_with_scene_node(
			&window->tree->node, server->loop, server->allocator, server->renderer);
	}
	if (window->source == NULL) {
		wlr_scene_node_destroy(&scene->tree.node);
		free(window);
		return NULL;
	}
	wlr_scene_node_set_enabled(&window->tree->node, !server->lock->locked);
	wl_list_insert(&capture->windows, &window->link);
	window->destroy.notify = handle_destroy;
	wl_signal_add(&toplevel->tree->node.events.destroy, &window->destroy);
	return window;
}

static void handle_new_request(struct wl_listener *listener, void *data) {
	struct capture *capture = wl_container_of(listener, capture, new_request);
	struct wlr_ext_foreign_toplevel_image_capture_source_manager_v1_request *request = data;
	const struct tile *tile = request->toplevel_handle->data;
	struct toplevel *toplevel = tile != NULL ? tile->toplevel : NULL;
	struct window *window = NULL;
	if (toplevel != NULL && toplevel->tree != NULL) {
		window = find(capture, toplevel);
		window = window != NULL ? window : window_create(capture, toplevel);
		suspend_update_later(capture->server);
	}
	// Also of a placeholder, of which there is no picture: the client has made the object.
	wlr_ext_foreign_toplevel_image_capture_source_manager_v1_request_accept(
		request, window != NULL ? window->source : NULL);
}

bool capture_has(const struct server *server, const struct toplevel *toplevel) {
	return find(server->capture, toplevel) != NULL;
}

void capture_set_shown(struct server *server, bool shown) {
	struct window *window;
	wl_list_for_each (window, &server->capture->windows, link) {
		wlr_scene_node_set_enabled(&window->tree->node, shown);
	}
}

bool capture_init(struct server *server) {
	struct capture *capture = calloc(1, sizeof(*capture));
	if (capture == NULL) {
		return false;
	}
	capture->server = server;
	wl_list_init(&capture->windows);
	server->capture = capture;
	capture->new_request.notify = handle_new_request;
	wl_signal_add(
		&server->globals->toplevel_capture->events.new_request, &capture->new_request);
	return true;
}

void capture_finish(struct server *server) {
	struct capture *capture = server->capture;
	if (capture == NULL) {
		return;
	}
	struct window *window, *next;
	wl_list_for_each_safe (window, next, &capture->windows, link) {
		window_destroy(window);
	}
	wl_list_remove(&capture->new_request.link);
	free(capture);
	server->capture = NULL;
}

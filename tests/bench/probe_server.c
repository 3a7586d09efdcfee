#include "probe_server.h"

#include <assert.h>
#include <drm_fourcc.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <wlr/backend/headless.h>
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/render/allocator.h>
#include <wlr/render/pixman.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_shm.h>
#include <wlr/types/wlr_single_pixel_buffer_v1.h>
#include <wlr/types/wlr_subcompositor.h>
#include <wlr/types/wlr_viewporter.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <xkbcommon/xkbcommon.h>

struct probe_surface {
	struct probe_server *server;
	struct wlr_surface *surface;
	struct wl_listener commit;
	struct wl_listener destroy;
};

struct probe_toplevel {
	struct probe_server *server;
	struct wlr_xdg_toplevel *toplevel;
	struct wl_listener commit;
	struct wl_listener destroy;
};

uint64_t probe_now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void handle_surface_commit(struct wl_listener *listener, void *data) {
	struct probe_surface *surface = wl_container_of(listener, surface, commit);
	struct wlr_surface *wlr_surface = surface->surface;
	uint64_t now_ns = probe_now_ns();
	bool guest = wlr_subsurface_try_from_wlr_surface(wlr_surface) != NULL;
	if (guest && (wlr_surface->current.committed & WLR_SURFACE_STATE_BUFFER)) {
		surface->server->frames++;
		surface->server->frame_ns = now_ns;
	}
	struct timespec when = {.tv_sec = now_ns / 1000000000, .tv_nsec = now_ns % 1000000000};
	wlr_surface_send_frame_done(wlr_surface, &when);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data) {
	struct probe_surface *surface = wl_container_of(listener, surface, destroy);
	wl_list_remove(&surface->commit.link);
	wl_list_remove(&surface->destroy.link);
	free(surface);
}

static void handle_new_surface(struct wl_listener *listener, void *data) {
	struct probe_server *server = wl_container_of(listener, server, new_surface);
	struct probe_surface *surface = calloc(1, sizeof(*surface));
	if (surface == NULL) {
		abort();
	}
	surface->server = server;
	surface->surface = data;
	surface->commit.notify = handle_surface_commit;
	wl_signal_add(&surface->surface->events.commit, &surface->commit);
	surface->destroy.notify = handle_surface_destroy;
	wl_signal_add(&surface->surface->events.destroy, &surface->destroy);
}

static void handle_toplevel_commit(struct wl_listener *listener, void *data) {
	struct probe_toplevel *toplevel = wl_container_of(listener, toplevel, commit);
	struct probe_server *server = toplevel->server;
	if (toplevel->toplevel->base->initial_commit) {
		wlr_xdg_toplevel_set_size(toplevel->toplevel, server->width, server->height);
		wlr_xdg_toplevel_set_activated(toplevel->toplevel, true);
	}
}

static void handle_toplevel_destroy(struct wl_listener *listener, void *data) {
	struct probe_toplevel *toplevel = wl_container_of(listener, toplevel, destroy);
	toplevel->server->toplevel = NULL;
	wl_list_remove(&toplevel->commit.link);
	wl_list_remove(&toplevel->destroy.link);
	free(toplevel);
}

static void handle_new_toplevel(struct wl_listener *listener, void *data) {
	struct probe_server *server = wl_container_of(listener, server, new_toplevel);
	struct probe_toplevel *toplevel = calloc(1, sizeof(*toplevel));
	if (toplevel == NULL) {
		abort();
	}
	toplevel->server = server;
	toplevel->toplevel = data;
	server->toplevel = toplevel->toplevel->base->surface;
	toplevel->commit.notify = handle_toplevel_commit;
	wl_signal_add(&server->toplevel->events.commit, &toplevel->commit);
	toplevel->destroy.notify = handle_toplevel_destroy;
	wl_signal_add(&toplevel->toplevel->events.destroy, &toplevel->destroy);
}

static bool init_seat(struct probe_server *server) {
	static const struct wlr_keyboard_impl impl = {.name = "probe"};
	struct wlr_keyboard *keyboard = calloc(1, sizeof(*keyboard));
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	if (keyboard == NULL || context == NULL) {
		return false;
	}
	wlr_keyboard_init(keyboard, &impl, "probe");
	struct xkb_keymap *keymap = xkb_keymap_new_from_names(
		context, NULL, XKB_KEYMAP_COMPILE_NO_FLAGS);
	if (keymap == NULL || !wlr_keyboard_set_keymap(keyboard, keymap)) {
		return false;
	}
	xkb_keymap_unref(keymap);
	xkb_context_unref(context);
	server->seat = wlr_seat_create(server->display, "seat0");
	wlr_seat_set_capabilities(
		server->seat, WL_SEAT_CAPABILITY_KEYBOARD | WL_SEAT_CAPABILITY_POINTER);
	wlr_seat_set_keyboard(server->seat, keyboard);
	return true;
}

bool probe_server_init(struct probe_server *server, int width, int height) {
	*server = (struct probe_server){.width = width, .height = height};
	server->display = wl_display_create();
	if (server->display == NULL) {
		return false;
	}
	server->loop = wl_display_get_event_loop(server->display);
	struct wlr_backend *backend = wlr_headless_backend_create(server->loop);
	struct wlr_renderer *renderer = wlr_pixman_renderer_create();
	if (backend == NULL || renderer == NULL ||
		!wlr_renderer_init_wl_shm(renderer, server->display)) {
		return false;
	}
	struct wlr_compositor *compositor = wlr_compositor_create(server->display, 6, renderer);
	wlr_subcompositor_create(server->display);
	wlr_viewporter_create(server->display);
	wlr_single_pixel_buffer_manager_v1_create(server->display);
	struct wlr_xdg_shell *shell = wlr_xdg_shell_create(server->display, 6);
	if (compositor == NULL || shell == NULL || !init_seat(server)) {
		return false;
	}
	server->new_surface.notify = handle_new_surface;
	wl_signal_add(&compositor->events.new_surface, &server->new_surface);
	server->new_toplevel.notify = handle_new_toplevel;
	wl_signal_add(&shell->events.new_toplevel, &server->new_toplevel);
	struct wlr_output *output = wlr_headless_add_output(
		backend, (unsigned)width, (unsigned)height);
	if (output == NULL) {
		return false;
	}
	wlr_output_create_global(output, server->display);
	return wlr_backend_start(backend);
}

int probe_server_connect(struct probe_server *server) {
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		return -1;
	}
	if (wl_client_create(server->display, fds[0]) == NULL) {
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	return fds[1];
}

void probe_server_turn(struct probe_server *server, int timeout_ms) {
	wl_display_flush_clients(server->display);
	wl_event_loop_dispatch(server->loop, timeout_ms);
	wl_display_flush_clients(server->display);
}

void probe_server_finish(struct probe_server *server) {
	wl_display_destroy_clients(server->display);
	wl_list_remove(&server->new_surface.link);
	wl_list_remove(&server->new_toplevel.link);
	wl_display_destroy(server->display);
}

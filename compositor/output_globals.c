#include "output_globals.h"

#include <stdlib.h>
#include <wlr/backend.h>
#include <wlr/config.h>
#include <wlr/render/wlr_renderer.h>
#if WLR_HAS_DRM_BACKEND
#include <wlr/types/wlr_drm_lease_v1.h>
#endif
#include <wlr/types/wlr_gamma_control_v1.h>
#include <wlr/types/wlr_linux_drm_syncobj_v1.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_tearing_control_v1.h>

#include "alloc.h"
#include "log.h"
#include "server.h"

// Of the tables for screens that have none of their own, where the renderer applies them.
#define GAMMA_SIZE 256

static bool create_gamma(struct server *server) {
	struct wlr_gamma_control_manager_v1 *gamma = wlr_gamma_control_manager_v1_create(
		server->display);
	if (gamma == NULL) {
		return false;
	}
	if (server->renderer->features.output_color_transform) {
		gamma->fallback_gamma_size = GAMMA_SIZE;
	}
	wlr_scene_set_gamma_control_manager_v1(server->scene, gamma);
	return true;
}

static void create_syncobj(struct server *server) {
	int fd = wlr_renderer_get_drm_fd(server->renderer);
	if (fd >= 0 && server->renderer->features.timeline && server->backend->features.timeline) {
		wlr_linux_drm_syncobj_manager_v1_create(server->display, 1, fd);
	}
}

#if WLR_HAS_DRM_BACKEND
static void handle_lease_request(struct wl_listener *listener, void *data) {
	struct wlr_drm_lease_request_v1 *request = data;
	// Only what the desk itself does not use was offered.
	if (wlr_drm_lease_request_v1_grant(request) == NULL) {
		log_error("a DRM lease cannot be granted");
		wlr_drm_lease_request_v1_reject(request);
	}
}
#endif

bool output_globals_init(struct server *server) {
	struct output_globals *globals = alloc_zeroed(1, sizeof(*globals));
	globals->server = server;
	server->output_globals = globals;
	wl_list_init(&globals->lease_request.link);
	globals->tearing = wlr_tearing_control_manager_v1_create(server->display, 1);
	create_syncobj(server);
#if WLR_HAS_DRM_BACKEND
	globals->lease = wlr_drm_lease_v1_manager_create(server->display, server->backend);
	if (globals->lease != NULL) {
		globals->lease_request.notify = handle_lease_request;
		wl_signal_add(&globals->lease->events.request, &globals->lease_request);
	}
#endif
	return globals->tearing != NULL && create_gamma(server);
}

void output_globals_finish(struct server *server) {
	if (server->output_globals != NULL) {
		wl_list_remove(&server->output_globals->lease_request.link);
		free(server->output_globals);
		server->output_globals = NULL;
	}
}

bool output_globals_may_tear(struct server *server, struct wlr_surface *surface) {
	return wlr_tearing_control_manager_v1_surface_hint_from_surface(
		       server->output_globals->tearing, surface) ==
		WP_TEARING_CONTROL_V1_PRESENTATION_HINT_ASYNC;
}

void output_globals_offer(struct server *server, struct wlr_output *wlr_output) {
#if WLR_HAS_DRM_BACKEND
	if (server->output_globals->lease != NULL) {
		wlr_drm_lease_v1_manager_offer_output(server->output_globals->lease, wlr_output);
	}
#endif
}

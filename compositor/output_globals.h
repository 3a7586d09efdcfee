#ifndef OUTPUT_GLOBALS_H
#define OUTPUT_GLOBALS_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct server;
struct wlr_output;
struct wlr_surface;

/**
 * Protocols about screens that are mostly wlroots' own: gamma control, tearing control, explicit
 * synchronisation where the renderer and the backend have it, and DRM leases of what is no desktop
 * screen, such as a headset.
 */
struct output_globals {
	struct server *server;
	struct wlr_tearing_control_manager_v1 *tearing;
	struct wlr_drm_lease_v1_manager *lease; // NULL unless on DRM

	struct wl_listener lease_request;
};

bool output_globals_init(struct server *server);
void output_globals_finish(struct server *server);

/** Whether a surface asks to be shown at once, in the middle of a refresh. */
bool output_globals_may_tear(struct server *server, struct wlr_surface *surface);

/** A screen that the desk does not use can be leased. */
void output_globals_offer(struct server *server, struct wlr_output *wlr_output);

#endif

#ifndef OUTPUT_MANAGEMENT_H
#define OUTPUT_MANAGEMENT_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct server;

/**
 * The protocols by which programs set up screens: wlr-output-management-unstable-v1 and
 * wlr-output-power-management-unstable-v1. What they set is remembered as what commands set.
 */
struct output_management {
	struct server *server;
	struct wlr_output_manager_v1 *manager;
	struct wlr_output_power_manager_v1 *power;
	struct wl_event_source *idle; // to tell the clients; may be NULL

	struct wl_listener apply;
	struct wl_listener test;
	struct wl_listener set_mode;
	struct wl_listener change;
};

bool output_management_init(struct server *server);
void output_management_finish(struct server *server);

#endif

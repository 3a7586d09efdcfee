#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "graphics.h"
#include "overlay.h"
#include "program.h"
#include "renderer.h"

struct bridge;
struct domain;
struct domain_started;
struct machine_measurement;
struct manager;

/**
 * One machine: its bridge, its domain, and what clients know of it.
 *
 * It lives from its spawn until it has ended and no client holds an object of it any more; in
 * between it may be started any number of times.
 */
struct machine {
	struct wl_list link; // manager.machines
	struct wl_list resources; // wl_resource_get_link(redecho_managed_machine_v1)
	struct manager *manager;
	char *name; // unique in the desk
	struct program *program;
	char *folder; // sockets, serial log, state
	char *devices; // what it was made with, as the detail `devices` tells
	uint32_t state; // redecho_managed_machine_v1.state
	uint32_t cause; // redecho_managed_machine_v1.cause, once ended
	char *message; // once ended
	bool display_known, has_display; // of the bridge
	struct graphics graphics; // how it draws
	struct renderer renderer;

	// private
	struct bridge *bridge; // NULL when there is none
	struct domain *domain; // likewise
	struct overlay overlay;
	bool adopting; // domain and bridge were a former redecho-vmd's
	bool cause_known; // cause and message are set before the end
	bool restart_wanted, end_wanted;
	bool stepping_down; // its next start is in a plainer way, which is chosen already
	char *no_renderer; // why none is started any more; NULL: one is
	struct wl_event_source *settle; // at the end of the loop's turn; may be NULL
	struct wl_event_source *timer; // start, then grace
	struct machine_measurement *measurement; // under way; may be NULL
	struct wl_listener bridge_display, bridge_died;
	struct wl_listener renderer_ended, renderer_wanted, renderer_lost;
	struct wl_listener domain_started, domain_start_failed, domain_paused, domain_refused;
	struct wl_listener domain_gone;
};

struct machine_state;

/** Takes the program. Sends nothing yet. */
struct machine *machine_create(struct manager *manager, const char *name, struct program *program);

/**
 * Free it. What runs is left alone: it is for a machine that has ended, or for the exit of
 * redecho-vmd.
 */
void machine_destroy(struct machine *machine);

/** Start bridge and domain; to be called once after creation. Failing ends the machine. */
void machine_start(struct machine *machine);

/** Take over bridge and domain of a former redecho-vmd, instead of machine_start. */
void machine_adopt(struct machine *machine, const struct machine_state *state);

/** Go on with the domain when libvirt is connected and the accelerator decided. */
void machine_proceed(struct machine *machine);

bool machine_is_live(const struct machine *machine);

/** Whether its domain is, or is about to be, the one with this UUID. */
bool machine_has_domain(const struct machine *machine, const char *uuid);

/** Whether nothing of it is left to wait for: no domain, no bridge's process. */
bool machine_is_gone(const struct machine *machine);

/** The client's requests. grace_ms caps the program's own. */
void machine_power_off(struct machine *machine, uint32_t grace_ms);
void machine_kill(struct machine *machine);
void machine_pause(struct machine *machine);
void machine_resume(struct machine *machine);
void machine_restart(struct machine *machine);

/** Takes the fd. */
void machine_connect_display(struct machine *machine, int fd);

/** Free it if it has ended and nobody holds it. */
void machine_release(struct machine *machine);

#endif

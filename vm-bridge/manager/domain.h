#ifndef DOMAIN_H
#define DOMAIN_H

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "process.h"

struct connection;
struct overlay;
struct shared;
struct worker_hub;

/** Why a domain is gone. */
enum domain_end {
	DOMAIN_END_SHUTDOWN, // the guest powered off
	DOMAIN_END_DESTROYED, // somebody destroyed it
	DOMAIN_END_PANICKED, // the guest said that it panicked
	DOMAIN_END_CRASHED, // QEMU died
};

/**
 * One libvirt domain and its QEMU.
 *
 * libvirt is called on a thread of the domain's own, in order. QEMU's process is watched by
 * its pidfd besides, so that its end is seen and brought about also when libvirt hangs.
 */
struct domain {
	char *name;
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct process process; // QEMU; pid 0 while it is not known
	bool explained; // the start failed for a reason that is known
	bool active; // from domain_start or domain_adopt to started_failed or gone

	struct {
		struct wl_signal started; // data: const struct domain_started *
		struct wl_signal start_failed; // data: const char *, one line
		struct wl_signal paused; // data: const bool *
		struct wl_signal refused; // pause or resume failed; data: const char *, one line
		struct wl_signal gone; // data: const enum domain_end *
	} events;

	// private
	struct connection *connection;
	struct wl_event_loop *loop;
	struct worker *worker;
	struct shared *shared; // with the worker
	bool starting, kill_wanted, shutdown_seen, panic_seen, destroy_seen;
	int kill_polls;
	struct wl_event_source *kill_timer; // while starting: finds QEMU's pid
	struct wl_event_source *end_timer; // from QEMU's exit to libvirt's word on it
	struct wl_listener lifecycle, process_exited;
};

struct domain_started {
	int display_bus_fd; // the listener owns it; -1 when there is none or it was adopted
	bool paused;
};

/** uuid may be NULL for a new one. Returns NULL without memory or threads. */
struct domain *domain_create(struct connection *connection, struct worker_hub *hub,
	struct wl_event_loop *loop, const char *name, const char *uuid);

/**
 * Free it; what runs goes on. Calls that are under way end on their own.
 */
void domain_destroy(struct domain *domain);

/**
 * Make a transient domain from XML, first making its disk's overlay (which may be NULL). Ends
 * in started or start_failed.
 */
void domain_start(struct domain *domain, const char *xml, const struct overlay *overlay);

/** Find the domain that runs under this UUID. Ends in started or start_failed. */
void domain_adopt(struct domain *domain);

/** Press the power button (ACPI). */
void domain_press_power(struct domain *domain);

void domain_pause(struct domain *domain);
void domain_resume(struct domain *domain);

/**
 * End it: QEMU is killed now, and libvirt told to clean up. Also while it starts, which then
 * fails: at the latest after some seconds, when libvirt does not come back from the start.
 */
void domain_kill(struct domain *domain);

/**
 * End it, letting QEMU write its disks out: virDomainDestroy alone. To be followed by
 * domain_kill if it takes too long.
 */
void domain_end(struct domain *domain);

#endif

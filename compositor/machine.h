#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "display.h"
#include "meter.h"

struct redecho_managed_machine_v1;
struct server;
struct tile;

/** A program that redecho-vmd can spawn. */
struct program {
	char *name, *title, *label;
	struct wl_list link; // server.programs
};

/** A fact that redecho-vmd told: accel, qemu-pid, memory-bytes, log, ... */
struct machine_detail {
	char *key, *value;
	struct wl_list link; // machine.details
};

/**
 * A machine as the desk knows it: what redecho-vmd said of it, the Wayland client that is
 * its bridge, and its tile.
 *
 * Which client is which machine follows from the socket that the client came in on, and
 * from nothing that the client says.
 */
struct machine {
	struct server *server;
	char *name; // until redecho-vmd names it the program's
	char *program, *title;
	char *label; // never empty, and never the host's
	bool identified; // redecho-vmd has told who it is
	bool made; // and has made a machine of it; else its program cannot be started
	bool waiting; // for redecho-vmd, to be started
	bool adopted; // it was there before us, and since when is not known yet
	uint32_t state; // enum redecho_managed_machine_v1_state
	uint32_t cause; // enum redecho_managed_machine_v1_cause, once state is ended
	uint32_t stage; // enum redecho_machine_v1_stage, as the bridge tells
	char *message; // why it ended or what is broken; filtered; may be NULL
	bool closing; // the user asked it to end
	int toplevels; // windows that its bridge has made
	uint32_t displays; // as its bridge says; 0: one
	char *display_workspaces[DISPLAY_MAX]; // where they were; each may be NULL
	bool relative; // the user asked for relative pointer motion
	int64_t started_ms; // CLOCK_MONOTONIC
	int64_t ask_again_ms; // when the user may be told next that it wants to fill the screen
	int64_t ended_ms; // CLOCK_MONOTONIC; once state is ended
	struct meter_usage usage;
	struct wl_list details; // machine_detail.link

	struct redecho_managed_machine_v1 *managed; // NULL: redecho-vmd is not there
	struct wl_client *client; // its bridge; may be NULL
	struct wl_list resources; // redecho_machine_v1, wl_resource_get_link()
	struct wl_event_source *telling; // what the bridge said is told later; may be NULL
	struct tile *tile; // its first window; may be NULL
	struct wl_list link; // server.machines
};

/** Make redecho_machine_v1. */
bool machine_init(struct server *server);
void machine_finish(struct server *server);

/**
 * Start a program; a tile with its placeholder is there at once. While redecho-vmd is not
 * there yet the machine waits for it.
 */
struct machine *machine_spawn(struct server *server, const char *program);

/** A machine that was there before us; its tile comes when redecho-vmd has named it. */
void machine_adopt(struct server *server, struct redecho_managed_machine_v1 *managed);

/** redecho-vmd is there: start what has waited for it. */
void machine_start_waiting(struct server *server);

/** redecho-vmd cannot be reached: what waits for it has failed. */
void machine_fail_waiting(struct server *server, const char *reason);

/** redecho-vmd has told every machine: what it does not know any more has ended. */
void machine_end_unknown(struct server *server);

/** redecho-vmd is gone, with a reason; the bridges may well be there still. */
void machine_lose_manager(struct server *server, const char *reason);

/** Forget it, close its connection and its tile. It is not ended. */
void machine_destroy(struct machine *machine);

/** The machine of that name, or NULL; of several that which has not ended. */
struct machine *machine_find(struct server *server, const char *name);

/** The label that a machine gets from what redecho-vmd says of it; to be freed. */
char *machine_label_of(const char *untrusted_label);

/** The machine whose bridge this client is, or NULL for an ordinary client. */
struct machine *machine_from_client(const struct wl_client *client);

/** A detail that redecho-vmd told, or NULL. */
const char *machine_detail(const struct machine *machine, const char *key);

/** Power button; the second time kill. One that has ended is forgotten. */
void machine_close(struct machine *machine);
void machine_kill(struct machine *machine);

/**
 * End it as machine_close() does, at the second time at once, and start its program again. One
 * that has ended is started.
 */
void machine_restart(struct machine *machine);

/**
 * Stop its processors, or let them go on. Asking for what is so already is right. False when it
 * cannot be asked for; why, which may be NULL, says it.
 */
bool machine_pause(struct machine *machine, const char **why);
bool machine_resume(struct machine *machine, const char **why);

/** As redecho-vmd told last. */
bool machine_is_paused(const struct machine *machine);

/** Switch between the tablet and the mouse with a locked pointer. */
void machine_toggle_pointer_mode(struct machine *machine);

/** Draw anew what tells of it, and tell whoever listens. */
void machine_changed(struct machine *machine);

/** "starting", "booting", "running", "paused", "stopping", "ended". */
const char *machine_state_name(const struct machine *machine);

/** "shutdown", "destroyed", "crashed", ..., or NULL while it runs. */
const char *machine_cause_name(const struct machine *machine);

/** The cause in a sentence for people; once it has ended. */
const char *machine_cause_text(const struct machine *machine);

/** A notice that it has ended, and why, unless its tile is seen, which says so. */
void machine_tell_end(struct machine *machine);

#endif

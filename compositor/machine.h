#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

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
	char *program, *title, *label;
	bool identified; // redecho-vmd has named it
	uint32_t state; // enum redecho_managed_machine_v1_state
	uint32_t cause; // enum redecho_managed_machine_v1_cause, once state is ended
	uint32_t stage; // enum redecho_machine_v1_stage, as the bridge tells
	char *message; // why it ended or what is broken; filtered; may be NULL
	bool closing; // the user asked it to end
	bool relative; // the user asked for relative pointer motion
	int64_t started_ms; // CLOCK_MONOTONIC
	struct wl_list details; // machine_detail.link

	struct redecho_managed_machine_v1 *managed; // NULL: redecho-vmd is not there
	struct wl_client *client; // its bridge; may be NULL
	struct wl_list resources; // redecho_machine_v1, wl_resource_get_link()
	struct tile *tile; // its first window; may be NULL
	struct wl_list link; // server.machines
};

/** Make redecho_machine_v1, and the filter that shows bridges an allow-list of globals. */
bool machine_init(struct server *server);
void machine_finish(struct server *server);

/** Start a program; a tile with its placeholder is there at once. Returns NULL without vmd. */
struct machine *machine_spawn(struct server *server, const char *program);

/** A machine that was there before us. */
struct machine *machine_adopt(struct server *server, struct redecho_managed_machine_v1 *managed);

/** Forget it, close its connection and its tile. It is not ended. */
void machine_destroy(struct machine *machine);

struct machine *machine_find(struct server *server, const char *name);

/** The machine whose bridge this client is, or NULL for an ordinary client. */
struct machine *machine_from_client(struct server *server, const struct wl_client *client);

/** True for the bridge of a machine, also one that is already gone. */
bool machine_is_bridge(const struct wl_client *client);

/** Power button; the second time kill. */
void machine_close(struct machine *machine);
void machine_kill(struct machine *machine);
void machine_restart(struct machine *machine);

/** Switch between the tablet and the mouse with a locked pointer. */
void machine_toggle_pointer_mode(struct machine *machine);

/** "starting", "booting", "running", "paused", "stopping", "ended". */
const char *machine_state_name(const struct machine *machine);

/** "shutdown", "destroyed", "crashed", ..., or NULL while it runs. */
const char *machine_cause_name(const struct machine *machine);

#endif

#ifndef MANAGER_H
#define MANAGER_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "accel.h"
#include "program.h"

struct scopes;
struct worker;

/** What redecho-vmd was started with. All strings are borrowed for the manager's life. */
struct manager_options {
	const char *desk_dir; // absolute
	// Both close-on-exec.
	int listen_fd; // a listening socket, or -1: DESK_DIR/manager.sock is made
	int lock_fd; // DESK_DIR/manager.lock, locked, or -1: it is locked here
	struct program_search search;
	const char *bridge; // executable: a path, or a name to be found in PATH
	const char *renderer; // likewise
	const char *uri; // NULL: libvirt's embedded driver
	enum accel_choice accel;
};

/** All machines of a desk, and the clients that steer them. */
struct manager {
	struct wl_display *display;
	struct wl_event_loop *loop;
	struct worker_hub *hub;
	struct connection *connection;
	struct accel *accel;
	const struct manager_options *options;
	struct wl_list machines; // machine.link
	struct wl_list resources; // wl_resource_get_link(redecho_manager_v1)
	char *keyboard_layout, *keyboard_variant, *keyboard_options;
	char *render_node; // for machines whose program names none; "": there is none
	char *emulator; // path; NULL when there is none, or libvirt is not embedded
	char *state_folder; // DESK_DIR/v
	char *machines_folder; // DESK_DIR/v/m
	char *cache_folder; // $XDG_CACHE_HOME/redecho; may be NULL

	// private
	struct wl_global *global;
	struct wl_list notices; // notice.link
	struct scopes *scopes; // NULL: libvirt is not ours, and keeps control groups of its own
	struct worker *meter; // measures machines; NULL: nobody has asked for it
	int lock_fd;
	bool exiting, closing, closed, left_nothing;
	struct wl_event_source *exit_timer, *log_timer;
	struct wl_event_source *signals[3];
	struct wl_listener connection_ready, connection_unused, connection_closed, accel_decided;
};

/**
 * Lock the desk, adopt the machines that are there, connect to libvirt, and listen.
 *
 * Returns false with the reason logged.
 */
bool manager_init(struct manager *manager, const struct manager_options *options);

/**
 * After the display has been run. Returns whether the exit was orderly: then the sockets, the
 * lock and the state folder are removed, and otherwise what runs is left alone.
 */
bool manager_finish(struct manager *manager);

/** Start a program; the object with this id becomes the machine's. */
void manager_spawn(struct manager *manager, struct wl_resource *resource, uint32_t id,
	const char *program_name);

/**
 * End all machines, each with at most this grace period, then the display. A second call
 * shortens the period.
 */
void manager_shutdown(struct manager *manager, uint32_t grace_ms);

/** A machine that is live and was started from this program; NULL when there is none. */
struct machine *manager_find_live(struct manager *manager, const char *program_name);

/** A live machine, other than this, that writes to a disk; NULL when there is none. */
struct machine *manager_find_disk(struct manager *manager, const struct machine *than);

/** Whether machines run on KVM. Defined once the accelerator is decided. */
bool manager_uses_kvm(const struct manager *manager);

/** Called by a machine that ended, or whose bridge did. */
void manager_machine_changed(struct manager *manager);

/** Tell all clients, also later ones, something the user should know. Also logged. */
void manager_notice(struct manager *manager, uint32_t severity, const char *message);

/** Tell a new client what there is to know. */
void manager_send_notices(struct manager *manager, struct wl_resource *resource);

#endif

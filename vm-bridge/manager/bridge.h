#ifndef BRIDGE_H
#define BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "process.h"

/**
 * A machine's redecho-bridge, seen from here: its process, the sockets it listens on, and the
 * control connection (redecho_bridge_v1).
 *
 * What a bridge says is untrusted: it has seen a guest. One that breaks the protocol, or
 * closes the control connection, is killed.
 */

/** The sockets, in the order of the bridge's options; each is a file in the machine's folder. */
enum bridge_socket {
	BRIDGE_SOCKET_GPU,
	BRIDGE_SOCKET_KEYBOARD,
	BRIDGE_SOCKET_TABLET,
	BRIDGE_SOCKET_MOUSE,
	BRIDGE_SOCKET_CONTROL,
	BRIDGE_SOCKET_COUNT,
};

/** Most file descriptors of QEMU that are kept for one bridge. */
#define BRIDGE_KEPT_FDS_MAX 256

struct bridge_kept_fd {
	uint32_t kind, index;
	int fd;
};

struct bridge {
	struct process process;
	bool has_display; // it said that it has a Wayland connection

	struct {
		struct wl_signal display; // has_display changed; data: NULL
		struct wl_signal died; // data: NULL
		struct wl_signal renderer_wanted; // data: NULL
		struct wl_signal renderer_lost; // data: NULL
	} events;

	// private
	struct wl_event_loop *loop;
	char *folder;
	struct bridge_control *control; // NULL before it is connected
	struct bridge_kept_fd kept[BRIDGE_KEPT_FDS_MAX];
	size_t kept_count;
	struct wl_event_source *kill_timer;
	struct wl_listener process_exited;
};

struct bridge_options {
	const char *executable; // path, or a name to be found in PATH
	const char *name; // the machine's
	const char *title;
	uint32_t displays;
	bool virgl; // the guest may draw in 3D
	bool device; // the GPU is a plain vhost-user device, not vhost-user-gpu
};

void bridge_init(struct bridge *bridge, struct wl_event_loop *loop, const char *folder);

/** Closes everything that is kept. The process is killed if it runs. */
void bridge_finish(struct bridge *bridge);

/**
 * Forget the bridge, which runs on: for the exit of redecho-vmd alone. bridge_finish still has
 * to be called, and does not kill then.
 */
void bridge_release(struct bridge *bridge);

/**
 * Make the sockets, start a bridge with them, and connect its control socket.
 *
 * The sockets listen when this returns: QEMU may connect at once. Returns 0 or -errno.
 */
int bridge_start(struct bridge *bridge, const struct bridge_options *options);

/** Take over a bridge that a former redecho-vmd started. Returns 0 or -errno. */
int bridge_adopt(struct bridge *bridge, pid_t pid, uint64_t start_time);

/** Path of one of the sockets, to be freed. */
char *bridge_socket_path(const struct bridge *bridge, enum bridge_socket socket);

/** Show the machine on this Wayland connection. Takes the fd. */
void bridge_set_wayland(struct bridge *bridge, int fd);

/** The connection to QEMU's D-Bus display. Takes the fd. */
void bridge_set_display_bus(struct bridge *bridge, int fd);

/** The bridge's end of a renderer's socket. Takes the fd. */
void bridge_set_renderer(struct bridge *bridge, int fd);

/** Close the file descriptors of QEMU: once it has ended. */
void bridge_close_kept(struct bridge *bridge);

/** End the process: SIGTERM, and SIGKILL half a second later. */
void bridge_end(struct bridge *bridge);

#endif

#ifndef PROBE_SERVER_H
#define PROBE_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_seat.h>

/**
 * A Wayland server that shows nothing: it takes the time of each commit and answers as a
 * compositor with an endless refresh rate would. One client, over a socket pair.
 *
 * The caller turns its event loop, so that no thread and no further process stands between
 * a commit and the clock.
 */
struct probe_server {
	struct wl_display *display;
	struct wl_event_loop *loop;
	struct wlr_seat *seat;
	struct wlr_surface *toplevel; // NULL until the client has one
	uint64_t frames; // commits that brought a buffer with damage to a guest's surface
	uint64_t frame_ns; // CLOCK_MONOTONIC of the last of them, when it was read
	int width, height; // what the toplevel was configured to, logical pixels
	struct wl_listener new_toplevel; // wlr_xdg_shell.events.new_toplevel
	struct wl_listener new_surface; // wlr_compositor.events.new_surface
};

/** Creates the globals that redecho-bridge needs. False when wlroots could not. */
bool probe_server_init(struct probe_server *server, int width, int height);

/** The client's end of a socket pair, for the bridge; the caller's to close. -1 on failure. */
int probe_server_connect(struct probe_server *server);

/** Turns the event loop once: waits up to timeout_ms for what the client sends. */
void probe_server_turn(struct probe_server *server, int timeout_ms);

void probe_server_finish(struct probe_server *server);

/** CLOCK_MONOTONIC in nanoseconds. */
uint64_t probe_now_ns(void);

#endif

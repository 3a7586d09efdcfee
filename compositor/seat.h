#ifndef SEAT_H
#define SEAT_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

struct keyboard;
struct pointer;
struct server;
struct tile;

/**
 * The user's devices and what they act on.
 *
 * One tile at most has the focus. The keyboard goes to its toplevel, or, while it shows a
 * placeholder, to the few keys of the placeholder.
 */
struct seat {
	struct server *server;
	struct wlr_seat *wlr_seat;
	struct tile *focused; // may be NULL
	struct wl_list keyboards; // keyboard.link
	struct keyboard *group; // all keyboards with our keymap, as one
	struct wl_list devices; // input_device.link
	struct pointer *pointer;
	struct wl_event_source *moving; // of what is under the pointer; may be NULL

	struct wl_listener new_input;
	struct wl_listener new_virtual_keyboard;
	struct wl_listener new_virtual_pointer;
	struct wl_listener request_set_selection;
	struct wl_listener request_set_primary_selection;
	struct wl_listener request_start_drag;
	struct wl_listener start_drag;
};

bool seat_init(struct server *server);
void seat_finish(struct server *server);

/** Give a tile the focus, or none. Call it again when the tile's toplevel has changed. */
void seat_focus(struct seat *seat, struct tile *tile);

/** The tile goes away: it loses the focus and every grab. */
void seat_forget_tile(struct seat *seat, struct tile *tile);

/** The windows moved: find out anew what is under the pointer. */
void seat_pointer_moved_under(struct seat *seat);

/** The same, once this turn of the event loop is over. */
void seat_pointer_moved_later(struct seat *seat);

/** The configuration was read again. */
void seat_reconfigure(struct seat *seat);

#endif

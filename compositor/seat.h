#ifndef SEAT_H
#define SEAT_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <xkbcommon/xkbcommon.h>

#include "key_focus.h"

struct input_method;
struct keyboard_group;
struct passthrough;
struct pointer;
struct server;
struct tablet_pads;
struct tablets;
struct tile;
struct touch;
struct wlr_surface;

/** Who can have the keyboard in the place of the focused tile; the last one that claims it does. */
enum seat_claimant {
	SEAT_CLAIM_LAYER, // a layer-shell surface
	SEAT_CLAIM_DIALOG, // the host asks the user something
	SEAT_CLAIM_LOCK, // the session is locked
	SEAT_CLAIMANTS,
};

/** The keyboard, while someone else than the focused tile has it. */
struct seat_claim {
	bool active;
	struct wlr_surface *surface; // that gets the keys; NULL: no client does
	// A key went down that neither the desk nor a binding took; surface is NULL then. With
	// SEAT_CLAIM_DIALOG it is asked before the bindings, and has every key. May be NULL.
	void (*key)(void *data, uint32_t keycode, const xkb_keysym_t *syms, size_t syms_len);
	void *data;
};

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
	bool finishing; // seat_finish() is at work
	struct seat_claim claims[SEAT_CLAIMANTS];
	struct wl_list keyboards; // keyboard.link
	struct wl_list groups; // keyboard_group.link
	struct keyboard_group *group; // of the keyboards for which nothing special is configured
	struct key_focus key_focus;
	struct wl_list devices; // input_device.link
	struct wl_list switches; // switch_device.link
	char *mode; // of bindings; NULL: the default
	struct passthrough *passthrough;
	struct pointer *pointer;
	struct input_method *input_method;
	struct touch *touch;
	struct tablets *tablets;
	struct tablet_pads *tablet_pads;
	struct wl_event_source *moving; // of what is under the pointer; may be NULL

	struct wl_listener new_input;
	struct wl_listener new_virtual_keyboard;
	struct wl_listener new_virtual_pointer;
	struct wl_listener request_set_selection;
	struct wl_listener request_set_primary_selection;
	struct wl_listener request_start_drag;
	struct wl_listener start_drag;
	struct wl_listener change;
};

bool seat_init(struct server *server);
void seat_finish(struct server *server);

/** Give a tile the focus, or none. Call it again when the tile's toplevel has changed. */
void seat_focus(struct seat *seat, struct tile *tile);

/** Take the keyboard from the focused tile, or change what was claimed. active is not read. */
void seat_claim(struct seat *seat, enum seat_claimant claimant, const struct seat_claim *claim);

/** Give it back; without a claim nothing happens. */
void seat_unclaim(struct seat *seat, enum seat_claimant claimant);

/** The claim that counts, or NULL: the focused tile has the keyboard. */
const struct seat_claim *seat_claimed(const struct seat *seat);

/** Whether clients may open menus that take all input: not while the desk asks or is locked. */
bool seat_may_grab(const struct seat *seat);

/** True while the session is locked. */
bool seat_locked(const struct seat *seat);

/** The tile that has the keyboard: the focused one, unless there is a claim. May be NULL. */
struct tile *seat_keyboard_tile(const struct seat *seat);

/** The tile goes away: it loses the focus and every grab. */
void seat_forget_tile(struct seat *seat, struct tile *tile);

/** The windows moved: find out anew what is under the pointer. */
void seat_pointer_moved_under(struct seat *seat);

/** The same, once this turn of the event loop is over. */
void seat_pointer_moved_later(struct seat *seat);

/** The user does something with a device. */
void seat_activity(struct seat *seat);

/** The configuration was read again. */
void seat_reconfigure(struct seat *seat);

/** What is configured for devices changed. */
void seat_reconfigure_devices(struct seat *seat);

#endif

#ifndef KEYBOARD_H
#define KEYBOARD_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_keyboard.h>

#include "virtual_key.h"

struct keyboard_group;
struct seat;
struct wlr_surface;

/** A key that is held and that no client hears of. */
struct keyboard_taken {
	uint32_t key; // evdev code
	uint32_t modifiers; // that were held when it was pressed
	bool modifier; // it is one itself
	bool disarmed; // something else was pressed meanwhile
};

/**
 * A keyboard: a group of those that are plugged in, or a virtual one with a keymap of its own.
 *
 * A key whose press was taken, by a binding or by a placeholder, is remembered in `taken`
 * until it comes up: its release is taken as well, and no client ever hears of it.
 */
struct keyboard {
	struct seat *seat;
	struct wlr_keyboard *wlr_keyboard;
	struct keyboard_group *group; // NULL: a virtual one
	struct keyboard_taken taken[WLR_KEYBOARD_KEYS_CAP];
	size_t taken_len;
	struct virtual_keys virtual_keys; // of a virtual one

	uint32_t repeat_key; // valid while repeat_binding is set
	uint32_t repeat_modifiers;
	bool repeating;
	bool repeats_in_dialog; // the key of a dialog, not a binding
	struct wl_event_source *repeat_timer;

	struct wl_listener key;
	struct wl_listener modifiers;
	struct wl_listener destroy;
	struct wl_list link; // seat.keyboards
};

/** Take a group's keyboard, or, with group NULL, a virtual one. */
struct keyboard *keyboard_create(
	struct seat *seat, struct wlr_keyboard *wlr_keyboard, struct keyboard_group *group);

void keyboard_destroy(struct keyboard *keyboard);

/** Let a surface have the keyboard: what is held and not taken goes with it. */
void keyboard_enter(struct seat *seat, struct wlr_surface *surface);

/** The user did something else: modifiers that are held are not bindings of their own any more. */
void keyboard_disarm_all(struct seat *seat);

/** What "Mod" is: BINDING_LOGO, or BINDING_ALT when nested, unless configured. */
uint32_t keyboard_mod(const struct seat *seat);

#endif

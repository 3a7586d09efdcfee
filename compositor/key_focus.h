#ifndef KEY_FOCUS_H
#define KEY_FOCUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_keyboard.h>

struct seat;
struct wlr_surface;

/**
 * The keys that the client with the keyboard believes to be held: it was told of them when it got
 * the keyboard, or has heard them go down. It hears of no release but theirs, whichever keyboard
 * they are on, so that no key sticks and none comes up that never went down.
 */
struct key_focus {
	struct seat *seat;
	uint32_t keys[WLR_KEYBOARD_KEYS_CAP]; // evdev codes
	size_t len;
	const uint32_t *entering; // what the enter under way tells; NULL: none is
	size_t entering_len;

	struct wl_listener focus_change;
};

/** Follow the keyboard focus of the seat. */
void key_focus_init(struct seat *seat);
void key_focus_finish(struct seat *seat);

/** Let a surface have the keyboard, with the keys that are held. */
void key_focus_enter(struct seat *seat, struct wlr_surface *surface, const uint32_t *keys,
	size_t len, const struct wlr_keyboard_modifiers *modifiers);

/**
 * Tell the client with the keyboard that a key went down or came up. False if it does not
 * concern it: no client has the keyboard, or it knows that already.
 */
bool key_focus_key(struct seat *seat, uint32_t time_ms, uint32_t key, bool pressed);

/** Whether the client with the keyboard believes that a key is down. */
bool key_focus_holds(const struct key_focus *focus, uint32_t key);

#endif

#ifndef PASSTHROUGH_H
#define PASSTHROUGH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

struct keyboard;
struct seat;
struct tile;

/**
 * Pass-through: every key but one goes to the window with the focus, and bindings of keys, buttons
 * and wheels do not count. The one key is configured (passthrough.key): it turns this on for the
 * window with the focus, and off again. The keys that are built in stay the desk's unless the
 * configuration says otherwise.
 *
 * It is for one window, and ends when that one loses the keyboard: to another window, to a dialog
 * or the lock, or because its machine has ended.
 *
 * A client can ask for the same, by keyboard-shortcuts-inhibit-unstable-v1, for a window of its
 * own. A Wayland program on the public socket gets it while the window has the keyboard, a machine
 * only if the configuration allows it. The key ends that as well; the window then does not get it
 * again unless the user turns pass-through on for it.
 */
struct passthrough {
	struct seat *seat;
	struct tile *tile; // NULL: it is off
	bool asked; // by the client
	struct wlr_keyboard_shortcuts_inhibit_manager_v1 *manager;
	struct wl_list inhibitors; // inhibitor.link

	struct wl_listener new_inhibitor;
};

bool passthrough_init(struct seat *seat);
void passthrough_finish(struct seat *seat);

/** The window that every key goes to, or NULL. */
struct tile *passthrough_tile(const struct seat *seat);

/** Turn it on for the window with the keyboard. False if none has it, or it shows a placeholder. */
bool passthrough_start(struct seat *seat);

/** Turn it off; without it nothing happens. */
void passthrough_stop(struct seat *seat);

/** Whether a key of a keyboard, with modifiers held, is the one that turns it on and off. */
bool passthrough_is_key(const struct keyboard *keyboard, uint32_t key, uint32_t modifiers);

/** Writes that key, with Mod as what it is now; at most size bytes. */
void passthrough_format_key(const struct seat *seat, char *text, size_t size);

/** Another surface may have the keyboard now. */
void passthrough_focus_changed(struct seat *seat);

/** The configuration was read again. */
void passthrough_reconfigure(struct seat *seat);

#endif

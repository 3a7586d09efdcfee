#ifndef DESK_DEVICES_H
#define DESK_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

struct desk;
struct wlr_keyboard;

/** More devices than the keyboard and the mouse that every desk has. Remove them before its end. */

struct wlr_keyboard *desk_add_keyboard(struct desk *desk, const char *name);

/** Unplug it, with whatever is held on it. */
void desk_remove_keyboard(struct desk *desk, struct wlr_keyboard *keyboard);

void desk_key_on(struct desk *desk, struct wlr_keyboard *keyboard, uint32_t key, bool pressed);

#endif

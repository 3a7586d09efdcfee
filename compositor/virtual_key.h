#ifndef VIRTUAL_KEY_H
#define VIRTUAL_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keyboard;

/** So many keys of one virtual keyboard are followed while they are down. */
#define VIRTUAL_KEYS_MAX 32

/**
 * A virtual keyboard (wtype, an on-screen keyboard) brings a keymap of its own, in which any
 * key may mean anything. A Wayland client is sent that keymap; a machine has none but the
 * desk's layout, and hears evdev codes. So for machines each keysym is typed the way the
 * user would type it in the desk's layout, with the modifier keys that takes.
 */
struct virtual_keys {
	uint32_t window; // id of the tile that heard of what is down; 0: none
	struct {
		uint32_t from, to; // the virtual key, and the evdev code that was sent for it
	} down[VIRTUAL_KEYS_MAX];
	size_t down_len;
	uint32_t modifiers; // WLR_MODIFIER_* whose keys are down in the machine
};

/**
 * A key of a virtual keyboard that is not bound. Returns true when it was typed into the
 * machine that has the focus; false when it is for an ordinary client, or needs no
 * translation.
 */
bool virtual_key_forward(struct keyboard *keyboard, uint32_t time_ms, uint32_t key, bool pressed);

/** The virtual keyboard's modifiers changed. Returns true as above. */
bool virtual_key_forward_modifiers(struct keyboard *keyboard);

#endif

#include "virtual_key.h"

#include <linux/input-event-codes.h>
#include <wlr/types/wlr_seat.h>
#include <xkbcommon/xkbcommon.h>

#include "key_focus.h"
#include "keyboard.h"
#include "keyboard_group.h"
#include "log.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"

// evdev codes are 8 below XKB's.
#define EVDEV_OFFSET 8

// The keys that give the modifiers in nearly every keymap.
static const struct {
	uint32_t modifier; // enum wlr_keyboard_modifier
	uint32_t key;
} modifier_keys[] = {
	{WLR_MODIFIER_SHIFT, KEY_LEFTSHIFT},
	{WLR_MODIFIER_CTRL, KEY_LEFTCTRL},
	{WLR_MODIFIER_ALT, KEY_LEFTALT},
	{WLR_MODIFIER_LOGO, KEY_LEFTMETA},
	{WLR_MODIFIER_MOD5, KEY_RIGHTALT},
};

#define MODIFIER_KEYS_LEN (sizeof(modifier_keys) / sizeof(modifier_keys[0]))

// How a keysym is typed.
struct typed {
	uint32_t key; // evdev
	uint32_t modifiers; // WLR_MODIFIER_*; they have XKB's real modifiers' bits
};

static int count_bits(uint32_t bits) {
	return __builtin_popcount(bits);
}

// The fewest modifiers that give that level, none of them a lock.
static bool level_modifiers(struct xkb_keymap *keymap, xkb_keycode_t code,
	xkb_layout_index_t layout, xkb_level_index_t level, uint32_t *modifiers) {
	uint32_t usable = 0;
	for (size_t i = 0; i < MODIFIER_KEYS_LEN; i++) {
		usable |= modifier_keys[i].modifier;
	}
	xkb_mod_mask_t masks[16];
	size_t len = xkb_keymap_key_get_mods_for_level(keymap, code, layout, level, masks, 16);
	bool found = false;
	for (size_t i = 0; i < len; i++) {
		if ((masks[i] & ~usable) == 0 &&
			(!found || count_bits(masks[i]) < count_bits(*modifiers))) {
			*modifiers = masks[i];
			found = true;
		}
	}
	return found;
}

static bool find_on_key(struct xkb_keymap *keymap, xkb_keycode_t code, xkb_layout_index_t layout,
	xkb_keysym_t wanted, struct typed *typed) {
	xkb_level_index_t levels = xkb_keymap_num_levels_for_key(keymap, code, layout);
	for (xkb_level_index_t level = 0; level < levels; level++) {
		const xkb_keysym_t *syms;
		int len = xkb_keymap_key_get_syms_by_level(keymap, code, layout, level, &syms);
		if (len == 1 && syms[0] == wanted &&
			level_modifiers(keymap, code, layout, level, &typed->modifiers)) {
			typed->key = code - EVDEV_OFFSET;
			return true;
		}
	}
	return false;
}

// Of all keys that give the keysym, the one with the fewest modifiers.
static bool find_typed(struct wlr_keyboard *desk, xkb_keysym_t wanted, struct typed *typed) {
	struct xkb_keymap *keymap = desk->keymap;
	const xkb_layout_index_t layout = 0; // the one that machines are told
	bool found = false;
	xkb_keycode_t max = xkb_keymap_max_keycode(keymap);
	for (xkb_keycode_t code = xkb_keymap_min_keycode(keymap); code <= max; code++) {
		struct typed candidate;
		if (code > EVDEV_OFFSET && find_on_key(keymap, code, layout, wanted, &candidate) &&
			(!found ||
				count_bits(candidate.modifiers) < count_bits(typed->modifiers))) {
			*typed = candidate;
			found = true;
		}
	}
	return found;
}

// The machine that has the keyboard, if this keyboard's keys need translating for it.
static struct tile *target(struct keyboard *keyboard) {
	struct tile *tile = seat_keyboard_tile(keyboard->seat);
	struct wlr_keyboard *desk = &keyboard->seat->group->wlr_keyboard;
	if (keyboard->group != NULL || tile == NULL || tile->machine == NULL ||
		toplevel_surface(tile->toplevel) == NULL ||
		wlr_keyboard_keymaps_match(keyboard->wlr_keyboard->keymap, desk->keymap)) {
		return NULL;
	}
	struct virtual_keys *keys = &keyboard->virtual_keys;
	if (keys->window != tile->id) {
		// Another window: leaving the old one released everything there.
		*keys = (struct virtual_keys){.window = tile->id};
	}
	return tile;
}

static void send(struct keyboard *keyboard, uint32_t time_ms, uint32_t key, bool pressed) {
	struct seat *seat = keyboard->seat;
	wlr_seat_set_keyboard(seat->wlr_seat, &seat->group->wlr_keyboard);
	key_focus_key(seat, time_ms, key, pressed);
}

static void send_modifiers(
	struct keyboard *keyboard, uint32_t time_ms, uint32_t modifiers, bool pressed) {
	for (size_t i = 0; i < MODIFIER_KEYS_LEN; i++) {
		if ((modifiers & modifier_keys[i].modifier) != 0) {
			send(keyboard, time_ms, modifier_keys[i].key, pressed);
		}
	}
}

static void press(struct keyboard *keyboard, uint32_t time_ms, uint32_t key) {
	struct virtual_keys *keys = &keyboard->virtual_keys;
	struct typed typed;
	xkb_keysym_t sym = xkb_state_key_get_one_sym(
		keyboard->wlr_keyboard->xkb_state, key + EVDEV_OFFSET);
	if (keys->down_len == VIRTUAL_KEYS_MAX ||
		!find_typed(&keyboard->seat->group->wlr_keyboard, sym, &typed)) {
		log_debug("the desk's layout has no key for keysym 0x%x", sym);
		return;
	}
	// Only for this key: what the virtual keyboard holds itself stays down.
	uint32_t extra = typed.modifiers & ~keys->modifiers;
	send_modifiers(keyboard, time_ms, extra, true);
	send(keyboard, time_ms, typed.key, true);
	send_modifiers(keyboard, time_ms, extra, false);
	keys->down[keys->down_len].from = key;
	keys->down[keys->down_len++].to = typed.key;
}

static void release(struct keyboard *keyboard, uint32_t time_ms, uint32_t key) {
	struct virtual_keys *keys = &keyboard->virtual_keys;
	for (size_t i = 0; i < keys->down_len; i++) {
		if (keys->down[i].from == key) {
			send(keyboard, time_ms, keys->down[i].to, false);
			keys->down[i] = keys->down[--keys->down_len];
			return;
		}
	}
}

bool virtual_key_forward(struct keyboard *keyboard, uint32_t time_ms, uint32_t key, bool pressed) {
	if (target(keyboard) == NULL) {
		return false;
	}
	if (pressed) {
		press(keyboard, time_ms, key);
	} else {
		release(keyboard, time_ms, key);
	}
	return true;
}

bool virtual_key_forward_modifiers(struct keyboard *keyboard) {
	if (target(keyboard) == NULL) {
		return false;
	}
	struct virtual_keys *keys = &keyboard->virtual_keys;
	uint32_t modifiers = keyboard->wlr_keyboard->modifiers.depressed;
	uint32_t time_ms = (uint32_t)server_now_ms();
	send_modifiers(keyboard, time_ms, keys->modifiers & ~modifiers, false);
	send_modifiers(keyboard, time_ms, modifiers & ~keys->modifiers, true);
	keys->modifiers = modifiers;
	return true;
}

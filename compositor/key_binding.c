#include "key_binding.h"

#include <wlr/types/wlr_keyboard.h>
#include <xkbcommon/xkbcommon.h>

#include "binding.h"
#include "input_mode.h"
#include "keyboard.h"
#include "seat.h"

// evdev codes are 8 below XKB's.
#define EVDEV_OFFSET 8

struct syms {
	const xkb_keysym_t *syms;
	size_t len;
};

// Without any modifier.
static struct syms syms_in_layout(
	struct wlr_keyboard *wlr_keyboard, uint32_t key, xkb_layout_index_t layout) {
	struct syms syms = {0};
	int len = xkb_keymap_key_get_syms_by_level(
		wlr_keyboard->keymap, key + EVDEV_OFFSET, layout, 0, &syms.syms);
	syms.len = len > 0 ? (size_t)len : 0;
	return syms;
}

static bool is_other_script(const struct syms *syms) {
	return syms->len > 0 && xkb_keysym_to_utf32(syms->syms[0]) > 0x7f;
}

// What a key gives; the event points into the keymap and the state.
struct lookup {
	struct binding_event event;
	struct syms raw, first;
	xkb_layout_index_t layout;
};

static struct lookup look_up(
	const struct keyboard *keyboard, uint32_t key, uint32_t modifiers, bool released) {
	struct wlr_keyboard *wlr_keyboard = keyboard->wlr_keyboard;
	struct xkb_state *state = wlr_keyboard->xkb_state;
	const xkb_keysym_t *syms = NULL;
	int len = xkb_state_key_get_syms(state, key + EVDEV_OFFSET, &syms);
	struct lookup lookup = {.layout = xkb_state_key_get_layout(state, key + EVDEV_OFFSET)};
	lookup.raw = syms_in_layout(wlr_keyboard, key, lookup.layout);
	lookup.first = syms_in_layout(wlr_keyboard, key, 0);
	lookup.event = (struct binding_event){
		.kind = BINDING_KEYSYM,
		.modifiers = modifiers,
		.mod = keyboard_mod(keyboard->seat),
		.code = key,
		.syms = syms,
		.syms_len = len > 0 ? (size_t)len : 0,
		.raw_syms = lookup.raw.syms,
		.raw_syms_len = lookup.raw.len,
		.first_syms = lookup.first.syms,
		.first_syms_len = lookup.first.len,
		.released = released,
	};
	return lookup;
}

// Letters of another script are never in bindings that were written for the first layout.
static bool turn_to_first_layout(struct lookup *lookup) {
	if (lookup->layout == 0 || !is_other_script(&lookup->raw)) {
		return false;
	}
	lookup->event.raw_syms = lookup->first.syms;
	lookup->event.raw_syms_len = lookup->first.len;
	lookup->event.syms_len = 0;
	return true;
}

const struct binding *key_binding_find(
	const struct keyboard *keyboard, uint32_t key, uint32_t modifiers, bool released) {
	struct lookup lookup = look_up(keyboard, key, modifiers, released);
	const struct binding *binding = input_mode_find(keyboard->seat, &lookup.event);
	if (binding == NULL && turn_to_first_layout(&lookup)) {
		binding = input_mode_find(keyboard->seat, &lookup.event);
	}
	return binding;
}

bool key_binding_matches(const struct keyboard *keyboard, uint32_t key, uint32_t modifiers,
	const struct binding *binding) {
	const struct binding_list one = {.bindings = (struct binding *)binding, .len = 1};
	struct lookup lookup = look_up(keyboard, key, modifiers, false);
	return binding_find(&one, &lookup.event) != NULL ||
		(turn_to_first_layout(&lookup) && binding_find(&one, &lookup.event) != NULL);
}

bool key_binding_is_modifier(const struct keyboard *keyboard, uint32_t key) {
	struct xkb_state *state = keyboard->wlr_keyboard->xkb_state;
	xkb_keysym_t sym = xkb_state_key_get_one_sym(state, key + EVDEV_OFFSET);
	return (sym >= XKB_KEY_Shift_L && sym <= XKB_KEY_Hyper_R) ||
		(sym >= XKB_KEY_ISO_Lock && sym <= XKB_KEY_ISO_Last_Group_Lock);
}

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

const struct binding *key_binding_find(
	const struct keyboard *keyboard, uint32_t key, uint32_t modifiers, bool released) {
	struct wlr_keyboard *wlr_keyboard = keyboard->wlr_keyboard;
	struct xkb_state *state = wlr_keyboard->xkb_state;
	const xkb_keysym_t *syms = NULL;
	int len = xkb_state_key_get_syms(state, key + EVDEV_OFFSET, &syms);
	xkb_layout_index_t layout = xkb_state_key_get_layout(state, key + EVDEV_OFFSET);
	struct syms raw = syms_in_layout(wlr_keyboard, key, layout);
	struct syms first = syms_in_layout(wlr_keyboard, key, 0);
	struct binding_event event = {
		.kind = BINDING_KEYSYM,
		.modifiers = modifiers,
		.code = key,
		.syms = syms,
		.syms_len = len > 0 ? (size_t)len : 0,
		.raw_syms = raw.syms,
		.raw_syms_len = raw.len,
		.first_syms = first.syms,
		.first_syms_len = first.len,
		.released = released,
	};
	const struct binding *binding = input_mode_find(keyboard->seat, &event);
	if (binding == NULL && layout != 0 && is_other_script(&raw)) {
		event.raw_syms = first.syms;
		event.raw_syms_len = first.len;
		event.syms_len = 0;
		binding = input_mode_find(keyboard->seat, &event);
	}
	return binding;
}

bool key_binding_is_modifier(const struct keyboard *keyboard, uint32_t key) {
	struct xkb_state *state = keyboard->wlr_keyboard->xkb_state;
	xkb_keysym_t sym = xkb_state_key_get_one_sym(state, key + EVDEV_OFFSET);
	return (sym >= XKB_KEY_Shift_L && sym <= XKB_KEY_Hyper_R) ||
		(sym >= XKB_KEY_ISO_Lock && sym <= XKB_KEY_ISO_Last_Group_Lock);
}

#include "keymap.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <xkbcommon/xkbcommon-keysyms.h>
#include <xkbcommon/xkbcommon.h>

/* XKB keycodes are evdev's plus 8. */
#define XKB_EVDEV_OFFSET 8

static const struct {
	xkb_keysym_t keysym;
	uint32_t combining;
} dead_keys[] = {
	{XKB_KEY_dead_grave, 0x0300},
	{XKB_KEY_dead_acute, 0x0301},
	{XKB_KEY_dead_circumflex, 0x0302},
	{XKB_KEY_dead_tilde, 0x0303},
	{XKB_KEY_dead_macron, 0x0304},
	{XKB_KEY_dead_breve, 0x0306},
	{XKB_KEY_dead_abovedot, 0x0307},
	{XKB_KEY_dead_diaeresis, 0x0308},
	{XKB_KEY_dead_hook, 0x0309},
	{XKB_KEY_dead_abovering, 0x030a},
	{XKB_KEY_dead_doubleacute, 0x030b},
	{XKB_KEY_dead_caron, 0x030c},
	{XKB_KEY_dead_doublegrave, 0x030f},
	{XKB_KEY_dead_invertedbreve, 0x0311},
	{XKB_KEY_dead_abovecomma, 0x0313},
	{XKB_KEY_dead_abovereversedcomma, 0x0314},
	{XKB_KEY_dead_horn, 0x031b},
	{XKB_KEY_dead_belowdot, 0x0323},
	{XKB_KEY_dead_belowdiaeresis, 0x0324},
	{XKB_KEY_dead_belowring, 0x0325},
	{XKB_KEY_dead_belowcomma, 0x0326},
	{XKB_KEY_dead_cedilla, 0x0327},
	{XKB_KEY_dead_ogonek, 0x0328},
	{XKB_KEY_dead_belowcircumflex, 0x032d},
	{XKB_KEY_dead_belowbreve, 0x032e},
	{XKB_KEY_dead_belowtilde, 0x0330},
	{XKB_KEY_dead_belowmacron, 0x0331},
	{XKB_KEY_dead_stroke, 0x0338},
	{XKB_KEY_dead_iota, 0x0345},
};

static uint32_t character_of(xkb_keysym_t keysym) {
	for (size_t i = 0; i < sizeof(dead_keys) / sizeof(dead_keys[0]); i++) {
		if (dead_keys[i].keysym == keysym) {
			return KEYMAP_DEAD | dead_keys[i].combining;
		}
	}
	uint32_t character = xkb_keysym_to_utf32(keysym);
	bool control = character < 0x20 || (character >= 0x7f && character < 0xa0);
	return control ? 0 : character;
}

static void put_u32(uint8_t *at, uint32_t value) {
	for (int i = 0; i < 4; i++) {
		at[i] = (uint8_t)(value >> (8 * i));
	}
}

static xkb_mod_mask_t modifier(struct xkb_keymap *keymap, const char *name) {
	xkb_mod_index_t index = xkb_keymap_mod_get_index(keymap, name);
	return index < 32 ? UINT32_C(1) << index : 0;
}

static void write_table(uint8_t *table, struct xkb_keymap *keymap, struct xkb_state *state) {
	// The real modifiers that xkeyboard-config gives Level3 and NumLock in every layout.
	xkb_mod_mask_t shift = modifier(keymap, XKB_MOD_NAME_SHIFT);
	xkb_mod_mask_t level3 = modifier(keymap, "Mod5");
	xkb_mod_mask_t num_lock = modifier(keymap, "Mod2");
	const xkb_mod_mask_t masks[KEYMAP_LEVELS] = {0, shift, level3, shift | level3};

	memcpy(table, "GKM1", 4);
	table[4] = 1;
	table[5] = 0;
	table[6] = KEYMAP_KEYCODES & 0xff;
	table[7] = KEYMAP_KEYCODES >> 8;
	for (int level = 0; level < KEYMAP_LEVELS; level++) {
		xkb_state_update_mask(state, masks[level], 0, num_lock, 0, 0, 0);
		for (uint32_t code = 0; code < KEYMAP_KEYCODES; code++) {
			xkb_keysym_t keysym = xkb_state_key_get_one_sym(
				state, code + XKB_EVDEV_OFFSET);
			put_u32(table + 8 + (code * KEYMAP_LEVELS + (uint32_t)level) * 4,
				character_of(keysym));
		}
	}
}

int keymap_write(uint8_t table[KEYMAP_SIZE_BYTES], const char *layout, const char *variant,
	const char *options) {
	int result = -EINVAL;
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	if (context == NULL) {
		return result;
	}
	struct xkb_rule_names names = {
		.layout = layout,
		.variant = variant,
		// NULL would be the environment's options, "" is none: ask for what the host has.
		.options = options != NULL && options[0] != '\0' ? options : NULL,
	};
	struct xkb_keymap *keymap = xkb_keymap_new_from_names(
		context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
	if (keymap == NULL) {
		goto error_context;
	}
	struct xkb_state *state = xkb_state_new(keymap);
	if (state == NULL) {
		goto error_keymap;
	}
	write_table(table, keymap, state);
	result = 0;
	xkb_state_unref(state);
error_keymap:
	xkb_keymap_unref(keymap);
error_context:
	xkb_context_unref(context);
	return result;
}

/**
 * The host's keyboard layout: which characters a key types.
 *
 * PURE. The host gives it as the fw_cfg file opt/org.redecho/keymap, little endian: the bytes
 * "GKM1"; u16 version, 1; u16 count of keycodes; then for each evdev keycode from 0 four u32, its
 * Unicode characters without modifiers, with Shift, with AltGr, with both. 0 is nothing; a dead
 * key is KEYMAP_DEAD and its combining character.
 */
#ifndef GK_CORE_KEYMAP_H
#define GK_CORE_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEYMAP_KEYS 256
#define KEYMAP_LEVELS 4
#define KEYMAP_DEAD UINT32_C(0x80000000)

struct keymap {
	uint32_t levels[KEYMAP_KEYS][KEYMAP_LEVELS];
	bool has_level3; // so that the right Alt key is AltGr
};

/** Make it the US layout. */
void keymap_init_us(struct keymap *keymap);

/**
 * Make it what the host gave. Keys above KEYMAP_KEYS are left out, and what is no character.
 *
 * Returns false, and changes nothing, if data is not such a table, whole.
 */
bool keymap_decode(struct keymap *keymap, const void *data, size_t size_bytes);

/**
 * Returns the character that a combining character (a dead key's) and a base make, or 0 if
 * there is none that layouts use.
 */
uint32_t keymap_compose(uint32_t combining, uint32_t base);

/** Returns the spacing form of a combining character, or the character itself if it has none. */
uint32_t keymap_spacing(uint32_t combining);

/** Returns whether two levels of a key are a small letter and its capital. */
bool keymap_is_letter(uint32_t small, uint32_t capital);

#endif

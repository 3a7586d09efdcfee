#ifndef KEYMAP_H
#define KEYMAP_H

#include <stddef.h>
#include <stdint.h>

/**
 * The host's keyboard layout as a table that a guest can use without any library.
 *
 * Little-endian: the magic "GKM1"; u16 version, 1; u16 number of keycodes, 256; then for each
 * evdev keycode from 0 four u32: the character with no modifier, with Shift, with AltGr
 * (ISO_Level3_Shift), and with both. A character is a Unicode scalar value; a dead key is
 * KEYMAP_DEAD with its combining character; 0 is nothing. Keys that make control characters
 * (Return, Tab, Escape, ...) are nothing here: their keycodes say it. The keypad is as with
 * NumLock on.
 */
#define KEYMAP_KEYCODES 256
#define KEYMAP_LEVELS 4
#define KEYMAP_SIZE_BYTES (8 + KEYMAP_KEYCODES * KEYMAP_LEVELS * 4)
#define KEYMAP_DEAD UINT32_C(0x80000000)

/**
 * Make the table of an XKB layout. NULL and "" are libxkbcommon's defaults. With several
 * layouts the first counts.
 *
 * Returns 0, or -EINVAL when there is no such layout; then table is untouched.
 */
int keymap_write(uint8_t table[KEYMAP_SIZE_BYTES], const char *layout, const char *variant,
	const char *options);

#endif

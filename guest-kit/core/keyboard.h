/**
 * A keyboard's state: modifiers, locks, dead keys, repetition.
 *
 * PURE.
 */
#ifndef GK_CORE_KEYBOARD_H
#define GK_CORE_KEYBOARD_H

#include "core/keymap.h"
#include "gk/event.h"

#define KEYBOARD_REPEAT_DELAY_NS UINT64_C(400000000)
#define KEYBOARD_REPEAT_INTERVAL_NS UINT64_C(33000000)

struct keyboard {
	struct keymap keymap;
	uint8_t held[KEYMAP_KEYS / 8]; // a bit a keycode
	bool caps_lock;
	bool num_lock;
	uint32_t dead; // combining character that waits for its base; 0: none
	uint32_t repeat_code; // 0: none
	uint64_t repeat_ns; // when it repeats next
};

/** The US layout, Num Lock on. */
void keyboard_init(struct keyboard *keyboard);

/** Returns the modifiers that are held, enum gk_modifier. */
uint32_t keyboard_modifiers(const struct keyboard *keyboard);

/**
 * A key was pressed or released at a time. Fills in event, of type GK_EVENT_KEY.
 *
 * The event's code is the key's, but for keys that the layout makes into Backspace, Tab, Enter,
 * Escape or Delete: it is then that of the named key.
 *
 * Returns false if nothing changed: the code is out of range, or was in that state already.
 */
bool keyboard_key(struct keyboard *keyboard, uint32_t code, bool pressed, uint64_t now_ns,
	struct gk_event *event);

/** Returns true and the event if a held key repeats by now. */
bool keyboard_repeat(struct keyboard *keyboard, uint64_t now_ns, struct gk_event *event);

/** Returns when keyboard_repeat() has something to say, GK_NEVER if no key repeats. */
uint64_t keyboard_deadline_ns(const struct keyboard *keyboard);

#endif

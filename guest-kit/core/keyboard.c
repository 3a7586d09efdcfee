#include "core/keyboard.h"

#include <string.h>

#include "gk/key.h"

void keyboard_init(struct keyboard *keyboard) {
	memset(keyboard, 0, sizeof(*keyboard));
	keymap_init_us(&keyboard->keymap);
	keyboard->num_lock = true;
}

static bool is_held(const struct keyboard *keyboard, uint32_t code) {
	return keyboard->held[code / 8] >> code % 8 & 1;
}

uint32_t keyboard_modifiers(const struct keyboard *keyboard) {
	static const struct {
		uint8_t code;
		uint8_t modifier;
	} table[] = {
		{GK_KEY_LEFT_SHIFT, GK_MODIFIER_SHIFT},
		{GK_KEY_RIGHT_SHIFT, GK_MODIFIER_SHIFT},
		{GK_KEY_LEFT_CONTROL, GK_MODIFIER_CONTROL},
		{GK_KEY_RIGHT_CONTROL, GK_MODIFIER_CONTROL},
		{GK_KEY_LEFT_ALT, GK_MODIFIER_ALT},
		{GK_KEY_LEFT_META, GK_MODIFIER_META},
		{GK_KEY_RIGHT_META, GK_MODIFIER_META},
	};
	uint32_t modifiers = 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		modifiers |= is_held(keyboard, table[i].code) ? table[i].modifier : 0u;
	}
	if (is_held(keyboard, GK_KEY_RIGHT_ALT)) {
		modifiers |= keyboard->keymap.has_level3 ? GK_MODIFIER_LEVEL3 : GK_MODIFIER_ALT;
	}
	return modifiers;
}

static bool is_keypad(uint32_t code) {
	return code >= GK_KEY_KEYPAD_7 && code <= GK_KEY_KEYPAD_DOT;
}

// Keys that change how others are read type nothing and do not repeat.
static bool is_modifier(uint32_t code) {
	switch (code) {
	case GK_KEY_LEFT_SHIFT:
	case GK_KEY_RIGHT_SHIFT:
	case GK_KEY_LEFT_CONTROL:
	case GK_KEY_RIGHT_CONTROL:
	case GK_KEY_LEFT_ALT:
	case GK_KEY_RIGHT_ALT:
	case GK_KEY_LEFT_META:
	case GK_KEY_RIGHT_META:
	case GK_KEY_CAPS_LOCK:
	case GK_KEY_NUM_LOCK:
		return true;
	default:
		return false;
	}
}

// What the layout types, dead keys marked, locks applied.
static uint32_t look_up(const struct keyboard *keyboard, uint32_t code) {
	const uint32_t *levels = keyboard->keymap.levels[code];
	uint32_t modifiers = keyboard_modifiers(keyboard);
	int shift = (modifiers & GK_MODIFIER_SHIFT) != 0;
	int third = modifiers & GK_MODIFIER_LEVEL3 ? 2 : 0;
	bool letter = keymap_is_letter(levels[third], levels[third + 1]);
	if ((keyboard->caps_lock && letter) ||
		(keyboard->num_lock && is_keypad(code) && levels[1] != 0)) {
		shift = !shift;
	}
	uint32_t found = levels[third + shift];
	return found != 0 || third == 0 ? found : levels[shift];
}

// Layouts may put these elsewhere (Colemak: Backspace on Caps Lock).
static uint32_t named_key(uint32_t code, uint32_t character) {
	switch (character) {
	case '\b':
		return GK_KEY_BACKSPACE;
	case '\t':
		return GK_KEY_TAB;
	case '\r':
	case '\n':
		return code == GK_KEY_KEYPAD_ENTER ? code : GK_KEY_ENTER;
	case 0x1b:
		return GK_KEY_ESCAPE;
	case 0x7f:
		return GK_KEY_DELETE;
	default:
		return code;
	}
}

// Fold a character into text, with the dead key before it.
static void compose(struct keyboard *keyboard, uint32_t character, uint32_t text[3]) {
	uint32_t dead = keyboard->dead;
	if (character == 0 || character < 0x20 || character == 0x7f) {
		return;
	}
	keyboard->dead = 0;
	if (dead == 0) {
		if (character & KEYMAP_DEAD) {
			keyboard->dead = character & ~KEYMAP_DEAD;
		} else {
			text[0] = character;
		}
		return;
	}
	if (character == ' ' || character == (KEYMAP_DEAD | dead)) {
		text[0] = keymap_spacing(dead);
		return;
	}
	character &= ~KEYMAP_DEAD;
	text[0] = keymap_compose(dead, character);
	if (text[0] == 0) {
		text[0] = keymap_spacing(dead);
		text[1] = keymap_spacing(character);
	}
}

static void fill_event(
	struct keyboard *keyboard, uint32_t code, enum gk_key_state state, struct gk_event *event) {
	uint32_t modifiers = keyboard_modifiers(keyboard);
	uint32_t silent = GK_MODIFIER_CONTROL | GK_MODIFIER_ALT | GK_MODIFIER_META;
	uint32_t character = is_modifier(code) ? 0 : look_up(keyboard, code);
	*event = (struct gk_event){.type = GK_EVENT_KEY, .modifiers = modifiers};
	event->key.code = named_key(code, keyboard->keymap.levels[code][0]);
	event->key.state = state;
	if (is_keypad(code) && character != 0) {
		event->key.code = code;
	}
	if (state != GK_KEY_RELEASED && (modifiers & silent) == 0) {
		compose(keyboard, character, event->key.text);
	}
}

bool keyboard_key(struct keyboard *keyboard, uint32_t code, bool pressed, uint64_t now_ns,
	struct gk_event *event) {
	if (code == 0 || code >= KEYMAP_KEYS || is_held(keyboard, code) == pressed) {
		return false;
	}
	keyboard->held[code / 8] ^= (uint8_t)(1u << code % 8);
	bool layout_uses = keyboard->keymap.levels[code][0] != 0;
	if (pressed && code == GK_KEY_CAPS_LOCK && !layout_uses) {
		keyboard->caps_lock = !keyboard->caps_lock;
	} else if (pressed && code == GK_KEY_NUM_LOCK) {
		keyboard->num_lock = !keyboard->num_lock;
	}
	if (pressed && (!is_modifier(code) || layout_uses)) {
		keyboard->repeat_code = code;
		keyboard->repeat_ns = now_ns + KEYBOARD_REPEAT_DELAY_NS;
	} else if (!pressed && code == keyboard->repeat_code) {
		keyboard->repeat_code = 0;
	}
	fill_event(keyboard, code, pressed ? GK_KEY_PRESSED : GK_KEY_RELEASED, event);
	return true;
}

bool keyboard_repeat(struct keyboard *keyboard, uint64_t now_ns, struct gk_event *event) {
	if (now_ns < keyboard_deadline_ns(keyboard)) {
		return false;
	}
	// A program that was busy for long is not flooded with what it missed.
	keyboard->repeat_ns = now_ns + KEYBOARD_REPEAT_INTERVAL_NS;
	fill_event(keyboard, keyboard->repeat_code, GK_KEY_REPEATED, event);
	return true;
}

uint64_t keyboard_deadline_ns(const struct keyboard *keyboard) {
	return keyboard->repeat_code != 0 ? keyboard->repeat_ns : GK_NEVER;
}

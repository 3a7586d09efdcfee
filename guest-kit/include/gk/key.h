/**
 * Codes of keys and buttons, as evdev and virtio-input number them. Any other code of Linux's
 * input-event-codes.h may come as well.
 */
#ifndef GK_KEY_H
#define GK_KEY_H

enum gk_key {
	GK_KEY_ESCAPE = 1,
	GK_KEY_BACKSPACE = 14,
	GK_KEY_TAB = 15,
	GK_KEY_ENTER = 28,
	GK_KEY_LEFT_CONTROL = 29,
	GK_KEY_A = 30,
	GK_KEY_LEFT_SHIFT = 42,
	GK_KEY_RIGHT_SHIFT = 54,
	GK_KEY_LEFT_ALT = 56,
	GK_KEY_SPACE = 57,
	GK_KEY_CAPS_LOCK = 58,
	GK_KEY_NUM_LOCK = 69,
	GK_KEY_KEYPAD_7 = 71,
	GK_KEY_KEYPAD_DOT = 83,
	GK_KEY_KEYPAD_ENTER = 96,
	GK_KEY_RIGHT_CONTROL = 97,
	GK_KEY_RIGHT_ALT = 100,
	GK_KEY_HOME = 102,
	GK_KEY_UP = 103,
	GK_KEY_PAGE_UP = 104,
	GK_KEY_LEFT = 105,
	GK_KEY_RIGHT = 106,
	GK_KEY_END = 107,
	GK_KEY_DOWN = 108,
	GK_KEY_PAGE_DOWN = 109,
	GK_KEY_INSERT = 110,
	GK_KEY_DELETE = 111,
	GK_KEY_LEFT_META = 125,
	GK_KEY_RIGHT_META = 126,
};

enum gk_button {
	GK_BUTTON_LEFT = 0x110,
	GK_BUTTON_RIGHT = 0x111,
	GK_BUTTON_MIDDLE = 0x112,
};

#endif

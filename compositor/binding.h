#ifndef BINDING_H
#define BINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Bindings: which keys, buttons, switches and gestures run which commands.
 *
 * A binding is modifiers plus one key. The key is a keysym or a keycode, or what else one can do
 * with a device. Modifiers are bits, the same ones that XKB's real modifiers and wlroots'
 * WLR_MODIFIER_* have.
 */
enum {
	BINDING_SHIFT = 1 << 0,
	BINDING_LOCK = 1 << 1, // never in a binding: ignored when comparing
	BINDING_CTRL = 1 << 2,
	BINDING_ALT = 1 << 3,
	BINDING_MOD2 = 1 << 4, // Num Lock: ignored when comparing
	BINDING_MOD3 = 1 << 5,
	BINDING_LOGO = 1 << 6,
	BINDING_MOD5 = 1 << 7,
	BINDING_MOD = 1 << 8, // "Mod": the desk's own modifier, resolved when comparing
};

enum binding_kind {
	BINDING_KEYSYM,
	BINDING_KEYCODE, // `code:NN`: the evdev code, KEY_* of linux/input-event-codes.h
	BINDING_BUTTON, // `button:NAME`: BTN_* of linux/input-event-codes.h
	BINDING_SCROLL, // `scroll:up`: enum binding_scroll
	BINDING_SWITCH, // `lid:on`: enum binding_switch; modifiers do not matter
	BINDING_GESTURE, // `swipe:3:left`: bits of enum binding_gesture
};

enum binding_scroll {
	BINDING_SCROLL_UP = 1,
	BINDING_SCROLL_DOWN,
	BINDING_SCROLL_LEFT,
	BINDING_SCROLL_RIGHT,
};

enum binding_switch {
	BINDING_LID_OFF = 1,
	BINDING_LID_ON,
	BINDING_TABLET_MODE_OFF,
	BINDING_TABLET_MODE_ON,
	BINDING_KEYPAD_SLIDE_OFF,
	BINDING_KEYPAD_SLIDE_ON,
};

/** A gesture, how many fingers make it (0: any number), and where they go (none: anywhere). */
enum binding_gesture {
	BINDING_LEFT = 1 << 0,
	BINDING_RIGHT = 1 << 1,
	BINDING_UP = 1 << 2,
	BINDING_DOWN = 1 << 3,
	BINDING_INWARD = 1 << 4,
	BINDING_OUTWARD = 1 << 5,
	BINDING_CLOCKWISE = 1 << 6,
	BINDING_COUNTERCLOCKWISE = 1 << 7,
	BINDING_DIRECTIONS = 0xff,
	BINDING_FINGERS_SHIFT = 8,
	BINDING_FINGERS = 0xf << BINDING_FINGERS_SHIFT,
	BINDING_SWIPE = 1 << 12,
	BINDING_PINCH = 1 << 13,
	BINDING_HOLD = 1 << 14,
	BINDING_GESTURES = BINDING_SWIPE | BINDING_PINCH | BINDING_HOLD,
};

enum binding_flags {
	BINDING_ON_RELEASE = 1 << 0, // runs when the key comes up
	BINDING_NO_REPEAT = 1 << 1, // runs once per press
	BINDING_REPEAT = 1 << 8, // while it is held; without either it depends on the command
	BINDING_LOCKED = 1 << 2, // also while the screen is locked
	BINDING_TO_CODE = 1 << 3, // the keysym is looked for in the first layout, whichever is on
	// Where the pointer is; without any of these, wherever it is.
	BINDING_ON_TITLE = 1 << 4,
	BINDING_ON_BORDER = 1 << 5,
	BINDING_ON_CONTENT = 1 << 6,
	BINDING_ON_DESK = 1 << 7, // where no window is
	BINDING_ON_WINDOW = BINDING_ON_TITLE | BINDING_ON_BORDER | BINDING_ON_CONTENT,
	BINDING_PLACES = BINDING_ON_WINDOW | BINDING_ON_DESK,
};

/** One command: its name and arguments. words[0] is the name; words_len is at least 1. */
struct binding_command {
	char **words;
	size_t words_len;
};

struct binding {
	uint32_t modifiers; // BINDING_*
	enum binding_kind kind;
	uint32_t key; // keysym, evdev keycode, button, or as enum binding_kind says
	uint32_t flags; // enum binding_flags
	struct binding_command *commands;
	size_t commands_len; // at least 1
	int line; // of the configuration file, 0 if built in
};

struct binding_list {
	struct binding *bindings;
	size_t len;
};

/** A binding mode: while it is on its bindings are the only ones. */
struct binding_mode {
	char *name;
	struct binding_list bindings;
};

struct binding_modes {
	struct binding_mode *modes;
	size_t len;
};

/**
 * Says whether a command is one, with these words (the first is its name). If not, it writes
 * one line that says why, at most size bytes, and sets *word to the word that is wrong.
 */
typedef bool (*binding_check_func)(
	void *data, size_t words_len, char *const *words, size_t *word, char *why, size_t size);

/**
 * Reads keys as `Mod+Shift+Return`, `Ctrl+Alt+Delete`, `Mod+code:28`, `Mod+button:left`,
 * `Mod+scroll:up`, `lid:on`, `swipe:3:left`, `pinch:2:inward+clockwise`, `hold:4`. Modifiers: Mod, Shift, Ctrl (Control), Alt (Mod1), Logo (Super, Mod4), Mod3, Mod5 (AltGr);
 * `$mod` is Mod. A keysym is an xkbcommon name, first as it is written and then in any case.
 *
 * Sets modifiers, kind and key. False if it is wrong, with a line that says why and the offset
 * in text of what is wrong.
 */
bool binding_parse_keys(
	const char *text, struct binding *binding, size_t *offset, char *why, size_t size);

/** Writes the keys as binding_parse_keys() reads them. */
void binding_format_keys(const struct binding *binding, char *text, size_t size);

/**
 * Splits a line into words at blanks: '...' and "..." hold blanks, \ takes the next character
 * as it is. Returns NULL if a quote is left open or there is no word.
 */
struct binding_command *binding_command_parse(const char *line);

/** A copy of words. words_len is at least 1. */
struct binding_command *binding_command_create(size_t words_len, char *const *words);

void binding_command_destroy(struct binding_command *command); // may be NULL

/** Adds a copy of a command to a binding. */
void binding_add_command(struct binding *binding, size_t words_len, char *const *words);

/**
 * Takes the binding into the list (its commands now belong to the list). One with the same
 * keys, and the same ON_RELEASE and LOCKED flags and places, is replaced.
 */
void binding_list_add(struct binding_list *list, struct binding *binding);

/** Takes out the binding with the same keys; false if there is none. */
bool binding_list_remove(struct binding_list *list, const struct binding *keys);

void binding_finish(struct binding *binding);
void binding_list_finish(struct binding_list *list);

/** The mode with that name, or NULL. */
struct binding_mode *binding_modes_find(const struct binding_modes *modes, const char *name);

/** The same, made where there is none. Pointers to others are not valid afterwards. */
struct binding_mode *binding_modes_get(struct binding_modes *modes, const char *name);

void binding_modes_finish(struct binding_modes *modes);

/** What happened, as binding_find() compares it. */
struct binding_event {
	enum binding_kind kind; // BINDING_KEYSYM for all keys
	uint32_t modifiers; // that are held: BINDING_* without BINDING_MOD
	uint32_t mod; // what "Mod" is: BINDING_LOGO, or BINDING_ALT when nested
	uint32_t code; // evdev code, or as a binding's key; of a gesture all that it did
	uint32_t directions; // of a gesture: those of which one alone may be named
	uint32_t place; // one of BINDING_PLACES, for a button or a wheel; 0: none of them
	const uint32_t *syms; // that the key gives with the modifiers that are held
	size_t syms_len;
	const uint32_t *raw_syms; // that it gives with no modifier: Mod+Shift+1 is found by 1
	size_t raw_syms_len;
	const uint32_t *first_syms; // the same in the first layout
	size_t first_syms_len;
	bool released; // instead of pressed
	bool locked; // the screen is locked
};

/**
 * The binding for an event, NULL if none. Keycodes go before keysyms; among keysyms those
 * without modifiers applied go first, since bindings name Shift itself. Caps Lock and Num Lock
 * do not matter. A button that is bound for a place goes before one that is bound anywhere, and
 * a gesture named in full before one that is named in part.
 */
const struct binding *binding_find(
	const struct binding_list *list, const struct binding_event *event);

/** Whether a gesture of that kind, with those fingers and modifiers, may run anything. */
bool binding_has_gesture(const struct binding_list *list, const struct binding_event *event);

#endif

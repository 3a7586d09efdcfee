#ifndef BINDING_H
#define BINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Bindings: which keys, or pointer buttons, run which commands.
 *
 * A binding is modifiers plus one key. The key is a keysym, a keycode or a button. Modifiers
 * are bits, the same ones that XKB's real modifiers and wlroots' WLR_MODIFIER_* have.
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
};

enum binding_flags {
	BINDING_ON_RELEASE = 1 << 0, // runs when the key comes up
	BINDING_NO_REPEAT = 1 << 1, // runs once per press
	BINDING_LOCKED = 1 << 2, // also while the screen is locked
};

/** One command: its name and arguments. words[0] is the name; words_len is at least 1. */
struct binding_command {
	char **words;
	size_t words_len;
};

struct binding {
	uint32_t modifiers; // BINDING_*
	enum binding_kind kind;
	uint32_t key; // keysym, evdev keycode or button
	uint32_t flags; // enum binding_flags
	struct binding_command *commands;
	size_t commands_len; // at least 1
	int line; // of the configuration file, 0 if built in
};

struct binding_list {
	struct binding *bindings;
	size_t len;
};

/**
 * Says whether a command is one, with these words (the first is its name). If not, it writes
 * one line that says why, at most size bytes, and sets *word to the word that is wrong.
 */
typedef bool (*binding_check_func)(
	void *data, size_t words_len, char *const *words, size_t *word, char *why, size_t size);

/**
 * Reads keys as `Mod+Shift+Return`, `Ctrl+Alt+Delete`, `Mod+code:28`, `Mod+button:left`.
 * Modifiers: Mod, Shift, Ctrl (Control), Alt (Mod1), Logo (Super, Mod4), Mod3, Mod5 (AltGr);
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
 * keys, and the same ON_RELEASE and LOCKED flags, is replaced.
 */
void binding_list_add(struct binding_list *list, struct binding *binding);

/** Takes out the binding with the same keys; false if there is none. */
bool binding_list_remove(struct binding_list *list, const struct binding *keys);

void binding_finish(struct binding *binding);
void binding_list_finish(struct binding_list *list);

/** A key or button event, as binding_find() compares it. */
struct binding_event {
	uint32_t modifiers; // that are held: BINDING_* without BINDING_MOD
	uint32_t mod; // what "Mod" is: BINDING_LOGO, or BINDING_ALT when nested
	bool button; // code is a button and not a key
	uint32_t code; // evdev code
	const uint32_t *syms; // that the key gives with the modifiers that are held
	size_t syms_len;
	const uint32_t *raw_syms; // that it gives with no modifier: Mod+Shift+1 is found by 1
	size_t raw_syms_len;
	bool released; // instead of pressed
	bool locked; // the screen is locked
};

/**
 * The binding for an event, NULL if none. Keycodes go before keysyms; among keysyms those
 * without modifiers applied go first, since bindings name Shift itself. Caps Lock and Num Lock
 * do not matter.
 */
const struct binding *binding_find(
	const struct binding_list *list, const struct binding_event *event);

#endif

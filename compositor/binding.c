#include "binding.h"

#include <assert.h>
#include <ctype.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xkbcommon/xkbcommon.h>

#include "alloc.h"

// --- keys ---------------------------------------------------------------------------------

struct name {
	const char *name;
	uint32_t value;
};

// The first name of a value is the one that is written.
static const struct name modifier_names[] = {
	{"Mod", BINDING_MOD},
	{"$mod", BINDING_MOD},
	{"Shift", BINDING_SHIFT},
	{"Ctrl", BINDING_CTRL},
	{"Control", BINDING_CTRL},
	{"Alt", BINDING_ALT},
	{"Mod1", BINDING_ALT},
	{"Logo", BINDING_LOGO},
	{"Super", BINDING_LOGO},
	{"Mod4", BINDING_LOGO},
	{"Mod3", BINDING_MOD3},
	{"Mod5", BINDING_MOD5},
	{"AltGr", BINDING_MOD5},
};

static const struct name button_names[] = {
	{"left", BTN_LEFT},
	{"middle", BTN_MIDDLE},
	{"right", BTN_RIGHT},
	{"side", BTN_SIDE},
	{"extra", BTN_EXTRA},
	{"forward", BTN_FORWARD},
	{"back", BTN_BACK},
};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static bool find_name(
	const struct name *names, size_t len, const char *text, size_t text_len, uint32_t *value) {
	for (size_t i = 0; i < len; i++) {
		if (strlen(names[i].name) == text_len &&
			strncasecmp(names[i].name, text, text_len) == 0) {
			*value = names[i].value;
			return true;
		}
	}
	return false;
}

static bool parse_number(const char *text, uint32_t most, uint32_t *value) {
	uint32_t number = 0;
	if (*text == '\0' || strlen(text) > 6) {
		return false;
	}
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9') {
			return false;
		}
		number = number * 10 + (uint32_t)(*text - '0');
	}
	*value = number;
	return number <= most;
}

// Bindings name Shift, so that a letter is its small one: Mod+Shift+Q and Mod+Shift+q are one.
static bool parse_keysym(const char *text, uint32_t *sym) {
	*sym = xkb_keysym_from_name(text, XKB_KEYSYM_NO_FLAGS);
	if (*sym == XKB_KEY_NoSymbol) {
		*sym = xkb_keysym_from_name(text, XKB_KEYSYM_CASE_INSENSITIVE);
	}
	*sym = xkb_keysym_to_lower(*sym);
	return *sym != XKB_KEY_NoSymbol;
}

static bool parse_key(const char *text, struct binding *binding, char *why, size_t size) {
	if (strncmp(text, "code:", 5) == 0) {
		binding->kind = BINDING_KEYCODE;
		if (parse_number(text + 5, KEY_MAX, &binding->key) && binding->key > 0) {
			return true;
		}
		snprintf(why, size, "\"%s\" is no keycode: code: takes a number from 1 to %d", text,
			KEY_MAX);
		return false;
	}
	if (strncmp(text, "button:", 7) == 0) {
		const char *name = text + 7;
		binding->kind = BINDING_BUTTON;
		if (find_name(button_names, LEN(button_names), name, strlen(name), &binding->key)) {
			return true;
		}
		snprintf(why, size,
			"\"%s\" is no button: left, middle, right, side, extra, forward or back",
			name);
		return false;
	}
	binding->kind = BINDING_KEYSYM;
	if (parse_keysym(text, &binding->key)) {
		return true;
	}
	snprintf(why, size, "\"%s\" is no key that xkbcommon knows", text);
	return false;
}

bool binding_parse_keys(
	const char *text, struct binding *binding, size_t *offset, char *why, size_t size) {
	binding->modifiers = 0;
	const char *part = text;
	// A + at the very end is the key itself.
	for (const char *plus;
		(plus = strchr(part, '+')) != NULL && plus[1] != '\0' && plus != part;
		part = plus + 1) {
		uint32_t modifier;
		size_t len = (size_t)(plus - part);
		if (!find_name(modifier_names, LEN(modifier_names), part, len, &modifier)) {
			*offset = (size_t)(part - text);
			snprintf(why, size,
				"\"%.*s\" is no modifier: Mod, Shift, Ctrl, Alt, Logo, Mod3 or "
				"Mod5",
				(int)len, part);
			return false;
		}
		binding->modifiers |= modifier;
	}
	*offset = (size_t)(part - text);
	if (*part == '\0') {
		snprintf(why, size, "a key is missing");
		return false;
	}
	if (strcmp(part, "+") == 0) {
		part = "plus";
	}
	return parse_key(part, binding, why, size);
}

void binding_format_keys(const struct binding *binding, char *text, size_t size) {
	char key[64] = "";
	switch (binding->kind) {
	case BINDING_KEYSYM:
		xkb_keysym_get_name(binding->key, key, sizeof(key));
		break;
	case BINDING_KEYCODE:
		snprintf(key, sizeof(key), "code:%u", binding->key);
		break;
	case BINDING_BUTTON:
		for (size_t i = 0; i < LEN(button_names); i++) {
			if (button_names[i].value == binding->key) {
				snprintf(key, sizeof(key), "button:%s", button_names[i].name);
			}
		}
		break;
	}
	size_t used = 0;
	uint32_t written = 0;
	text[0] = '\0';
	for (size_t i = 0; i < LEN(modifier_names) && used < size; i++) {
		uint32_t value = modifier_names[i].value;
		if ((binding->modifiers & value) != 0 && (written & value) == 0) {
			written |= value;
			used += (size_t)snprintf(
				text + used, size - used, "%s+", modifier_names[i].name);
		}
	}
	if (used < size) {
		snprintf(text + used, size - used, "%s", key);
	}
}

// --- commands -----------------------------------------------------------------------------

static void copy_command(struct binding_command *command, size_t words_len, char *const *words) {
	assert(words_len > 0);
	command->words = alloc_zeroed(words_len + 1, sizeof(char *));
	command->words_len = words_len;
	for (size_t i = 0; i < words_len; i++) {
		command->words[i] = alloc_string(words[i]);
	}
}

static void finish_command(struct binding_command *command) {
	for (size_t i = 0; i < command->words_len; i++) {
		free(command->words[i]);
	}
	free(command->words);
}

struct binding_command *binding_command_create(size_t words_len, char *const *words) {
	struct binding_command *command = alloc_zeroed(1, sizeof(*command));
	copy_command(command, words_len, words);
	return command;
}

void binding_command_destroy(struct binding_command *command) {
	if (command != NULL) {
		finish_command(command);
		free(command);
	}
}

// Takes one word from the line into word, which has room for the rest of the line. Returns
// where it ends, NULL if a quote is left open.
static const char *take_word(const char *line, char *word) {
	char quote = '\0';
	for (; *line != '\0'; line++) {
		if (quote == '\0' && (*line == ' ' || *line == '\t')) {
			break;
		}
		if (quote == '\0' && (*line == '"' || *line == '\'')) {
			quote = *line;
		} else if (quote != '\0' && *line == quote) {
			quote = '\0';
		} else if (*line == '\\' && quote != '\'') {
			line++;
			if (*line == '\0') {
				return NULL;
			}
			*word++ = *line;
		} else {
			*word++ = *line;
		}
	}
	*word = '\0';
	return quote == '\0' ? line : NULL;
}

struct binding_command *binding_command_parse(const char *line) {
	struct binding_command *command = alloc_zeroed(1, sizeof(*command));
	char *word = alloc_zeroed(strlen(line) + 1, 1);
	bool good = true;
	while (good) {
		line += strspn(line, " \t");
		if (*line == '\0') {
			break;
		}
		const char *end = take_word(line, word);
		good = end != NULL;
		if (good) {
			line = end;
			command->words = alloc_array(
				command->words, command->words_len + 2, sizeof(char *));
			command->words[command->words_len++] = alloc_string(word);
			command->words[command->words_len] = NULL;
		}
	}
	free(word);
	if (!good || command->words_len == 0) {
		binding_command_destroy(command);
		return NULL;
	}
	return command;
}

void binding_add_command(struct binding *binding, size_t words_len, char *const *words) {
	binding->commands = alloc_array(
		binding->commands, binding->commands_len + 1, sizeof(binding->commands[0]));
	copy_command(&binding->commands[binding->commands_len++], words_len, words);
}

// --- lists --------------------------------------------------------------------------------

void binding_finish(struct binding *binding) {
	for (size_t i = 0; i < binding->commands_len; i++) {
		finish_command(&binding->commands[i]);
	}
	free(binding->commands);
	binding->commands = NULL;
	binding->commands_len = 0;
}

void binding_list_finish(struct binding_list *list) {
	for (size_t i = 0; i < list->len; i++) {
		binding_finish(&list->bindings[i]);
	}
	free(list->bindings);
	*list = (struct binding_list){0};
}

static struct binding *find_same(struct binding_list *list, const struct binding *binding) {
	const uint32_t telling = BINDING_ON_RELEASE | BINDING_LOCKED;
	for (size_t i = 0; i < list->len; i++) {
		struct binding *other = &list->bindings[i];
		if (other->kind == binding->kind && other->key == binding->key &&
			other->modifiers == binding->modifiers &&
			(other->flags & telling) == (binding->flags & telling)) {
			return other;
		}
	}
	return NULL;
}

void binding_list_add(struct binding_list *list, struct binding *binding) {
	struct binding *same = find_same(list, binding);
	if (same != NULL) {
		binding_finish(same);
		*same = *binding;
		return;
	}
	list->bindings = alloc_array(list->bindings, list->len + 1, sizeof(list->bindings[0]));
	list->bindings[list->len++] = *binding;
}

bool binding_list_remove(struct binding_list *list, const struct binding *keys) {
	struct binding *same = find_same(list, keys);
	if (same == NULL) {
		return false;
	}
	binding_finish(same);
	size_t after = list->len - 1 - (size_t)(same - list->bindings);
	memmove(same, same + 1, after * sizeof(*same));
	list->len--;
	return true;
}

// --- finding ------------------------------------------------------------------------------

static bool has_sym(uint32_t sym, const uint32_t *syms, size_t len) {
	for (size_t i = 0; i < len; i++) {
		if (xkb_keysym_to_lower(syms[i]) == sym) {
			return true;
		}
	}
	return false;
}

static uint32_t resolve(uint32_t modifiers, uint32_t mod) {
	return (modifiers & BINDING_MOD) != 0 ? (modifiers & ~(uint32_t)BINDING_MOD) | mod
					      : modifiers;
}

enum match {
	MATCH_NONE,
	MATCH_SYM, // with the modifiers applied
	MATCH_RAW_SYM,
	MATCH_CODE,
};

static enum match match_key(const struct binding *binding, const struct binding_event *event) {
	if (event->button != (binding->kind == BINDING_BUTTON)) {
		return MATCH_NONE;
	}
	if (binding->kind != BINDING_KEYSYM) {
		return binding->key == event->code ? MATCH_CODE : MATCH_NONE;
	}
	if (has_sym(binding->key, event->raw_syms, event->raw_syms_len)) {
		return MATCH_RAW_SYM;
	}
	return has_sym(binding->key, event->syms, event->syms_len) ? MATCH_SYM : MATCH_NONE;
}

// A symbol that takes Shift or AltGr to type is bound without naming them: Mod+question.
static bool match_modifiers(
	const struct binding *binding, const struct binding_event *event, enum match match) {
	const uint32_t ignored = BINDING_LOCK | BINDING_MOD2;
	uint32_t wanted = resolve(binding->modifiers, event->mod);
	uint32_t held = event->modifiers & ~ignored;
	if (held == wanted) {
		return true;
	}
	const uint32_t level = BINDING_SHIFT | BINDING_MOD5;
	return match == MATCH_SYM && (held & ~level) == (wanted & ~level) &&
		(wanted & level & ~held) == 0;
}

const struct binding *binding_find(
	const struct binding_list *list, const struct binding_event *event) {
	const struct binding *found = NULL;
	enum match best = MATCH_NONE;
	for (size_t i = 0; i < list->len; i++) {
		const struct binding *binding = &list->bindings[i];
		bool on_release = (binding->flags & BINDING_ON_RELEASE) != 0;
		bool locked = (binding->flags & BINDING_LOCKED) != 0;
		if (on_release != event->released || (event->locked && !locked)) {
			continue;
		}
		enum match match = match_key(binding, event);
		if (match > best && match_modifiers(binding, event, match)) {
			best = match;
			found = binding;
		}
	}
	return found;
}

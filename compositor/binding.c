#include "binding.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "alloc.h"

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
	const uint32_t telling = BINDING_ON_RELEASE | BINDING_LOCKED | BINDING_PLACES;
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

struct binding_mode *binding_modes_find(const struct binding_modes *modes, const char *name) {
	for (size_t i = 0; i < modes->len; i++) {
		if (strcmp(modes->modes[i].name, name) == 0) {
			return &modes->modes[i];
		}
	}
	return NULL;
}

struct binding_mode *binding_modes_get(struct binding_modes *modes, const char *name) {
	struct binding_mode *mode = binding_modes_find(modes, name);
	if (mode == NULL) {
		modes->modes = alloc_array(modes->modes, modes->len + 1, sizeof(modes->modes[0]));
		mode = &modes->modes[modes->len++];
		*mode = (struct binding_mode){.name = alloc_string(name)};
	}
	return mode;
}

void binding_modes_finish(struct binding_modes *modes) {
	for (size_t i = 0; i < modes->len; i++) {
		free(modes->modes[i].name);
		binding_list_finish(&modes->modes[i].bindings);
	}
	free(modes->modes);
	*modes = (struct binding_modes){0};
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

// The greater the better.
enum match {
	MATCH_NONE,
	MATCH_SYM, // with the modifiers applied
	MATCH_RAW_SYM,
	MATCH_CODE,
	MATCH_PLACE, // a button or a wheel in this very place
};

// A gesture whose main direction is named, or of which nothing but the fingers is, or which is
// named in full.
static enum match match_gesture(const struct binding *binding, const struct binding_event *event) {
	uint32_t wanted = binding->key & BINDING_DIRECTIONS,
		 seen = event->code & BINDING_DIRECTIONS;
	uint32_t fingers = binding->key & BINDING_FINGERS;
	if ((binding->key & BINDING_GESTURES) != (event->code & BINDING_GESTURES) ||
		(fingers != 0 && fingers != (event->code & BINDING_FINGERS))) {
		return MATCH_NONE;
	}
	if (wanted == 0) {
		return MATCH_SYM;
	}
	if (wanted == seen) {
		return MATCH_CODE;
	}
	return (wanted & ~event->directions) == 0 ? MATCH_RAW_SYM : MATCH_NONE;
}

static enum match match_place(const struct binding *binding, const struct binding_event *event) {
	uint32_t places = binding->flags & BINDING_PLACES;
	if (binding->key != event->code || (places != 0 && (places & event->place) == 0)) {
		return MATCH_NONE;
	}
	return places != 0 ? MATCH_PLACE : MATCH_CODE;
}

static enum match match_key(const struct binding *binding, const struct binding_event *event) {
	if (binding->kind == BINDING_KEYCODE) {
		return binding->key == event->code ? MATCH_CODE : MATCH_NONE;
	}
	if ((binding->flags & BINDING_TO_CODE) != 0) {
		return has_sym(binding->key, event->first_syms, event->first_syms_len) ? MATCH_CODE
										       : MATCH_NONE;
	}
	if (has_sym(binding->key, event->raw_syms, event->raw_syms_len)) {
		return MATCH_RAW_SYM;
	}
	return has_sym(binding->key, event->syms, event->syms_len) ? MATCH_SYM : MATCH_NONE;
}

static enum match match_event(const struct binding *binding, const struct binding_event *event) {
	bool key = binding->kind == BINDING_KEYSYM || binding->kind == BINDING_KEYCODE;
	if (event->kind == BINDING_KEYSYM) {
		return key ? match_key(binding, event) : MATCH_NONE;
	}
	if (binding->kind != event->kind) {
		return MATCH_NONE;
	}
	switch (event->kind) {
	case BINDING_GESTURE:
		return match_gesture(binding, event);
	case BINDING_SWITCH:
		return binding->key == event->code ? MATCH_CODE : MATCH_NONE;
	default:
		return match_place(binding, event);
	}
}

// A symbol that takes Shift or AltGr to type is bound without naming them: Mod+question.
static bool match_modifiers(
	const struct binding *binding, const struct binding_event *event, enum match match) {
	const uint32_t ignored = BINDING_LOCK | BINDING_MOD2;
	uint32_t wanted = resolve(binding->modifiers, event->mod);
	uint32_t held = event->modifiers & ~ignored;
	if (held == wanted || event->kind == BINDING_SWITCH) {
		return true;
	}
	const uint32_t level = BINDING_SHIFT | BINDING_MOD5;
	return event->kind == BINDING_KEYSYM && match == MATCH_SYM &&
		(held & ~level) == (wanted & ~level) && (wanted & level & ~held) == 0;
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
		enum match match = match_event(binding, event);
		if (match > best && match_modifiers(binding, event, match)) {
			best = match;
			found = binding;
		}
	}
	return found;
}

bool binding_has_gesture(const struct binding_list *list, const struct binding_event *event) {
	for (size_t i = 0; i < list->len; i++) {
		const struct binding *binding = &list->bindings[i];
		struct binding_event any = *event;
		any.code |= binding->key & BINDING_DIRECTIONS;
		any.directions = BINDING_DIRECTIONS;
		const struct binding_list one = {.bindings = (struct binding *)binding, .len = 1};
		if (binding->kind == BINDING_GESTURE && binding_find(&one, &any) != NULL) {
			return true;
		}
	}
	return false;
}

// Directives: what keys and buttons do.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "config_rows.h"

static const struct {
	const char *name;
	uint32_t flags;
} options[] = {
	{"--release", BINDING_ON_RELEASE},
	{"--repeat", BINDING_REPEAT},
	{"--no-repeat", BINDING_NO_REPEAT},
	{"--locked", BINDING_LOCKED},
	{"--to-code", BINDING_TO_CODE},
	{"--titlebar", BINDING_ON_TITLE},
	{"--border", BINDING_ON_BORDER},
	{"--content", BINDING_ON_CONTENT},
	{"--whole-window", BINDING_ON_WINDOW},
	{"--desk", BINDING_ON_DESK},
};

static bool take_option(struct config_parser *parser, const struct scfg_directive *directive,
	size_t word, struct binding *binding) {
	char known[256] = "";
	for (size_t i = 0; i < CONFIG_LEN(options); i++) {
		if (strcmp(options[i].name, directive->params[word - 1]) == 0) {
			binding->flags |= options[i].flags;
			return true;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			i > 0 ? ", " : "", options[i].name);
	}
	config_error_at(parser, directive, word, "unknown option %s; known: %s",
		directive->params[word - 1], known);
	return false;
}

// The directive that is for a kind of binding.
static const char *directive_of(enum binding_kind kind) {
	return kind == BINDING_SWITCH     ? "bind-switch"
		: kind == BINDING_GESTURE ? "bind-gesture"
					  : "bind";
}

static bool check_kind(struct config_parser *parser, const struct scfg_directive *directive,
	size_t word, const struct binding *binding) {
	bool key = binding->kind == BINDING_KEYSYM || binding->kind == BINDING_KEYCODE;
	bool placed = binding->kind == BINDING_BUTTON || binding->kind == BINDING_SCROLL;
	const char *wanted = directive_of(binding->kind);
	if (strcmp(directive->name, wanted) != 0 && strcmp(directive->name, "unbind") != 0) {
		config_error_at(parser, directive, word, "\"%s\" is for %s",
			directive->params[word - 1], wanted);
		return false;
	}
	if (((binding->flags & BINDING_PLACES) != 0 && !placed) ||
		((binding->flags & BINDING_TO_CODE) != 0 && !key)) {
		config_error_at(parser, directive, 1, "%s is not for \"%s\"", directive->params[0],
			directive->params[word - 1]);
		return false;
	}
	return true;
}

// Reads options and keys. Returns the word after the keys, 0 if they are wrong.
static size_t parse_binding(struct config_parser *parser, const struct scfg_directive *directive,
	struct binding *binding) {
	size_t word = 1;
	while (word <= directive->params_len &&
		strncmp(directive->params[word - 1], "--", 2) == 0) {
		if (!take_option(parser, directive, word++, binding)) {
			return 0;
		}
	}
	if (word > directive->params_len) {
		config_error_at(parser, directive, 0, "%s: keys are missing", directive->name);
		return 0;
	}
	size_t offset;
	char why[256];
	if (!binding_parse_keys(directive->params[word - 1], binding, &offset, why, sizeof(why))) {
		config_error_at(parser, directive, word, "%s", why);
		return 0;
	}
	if (binding->kind == BINDING_SWITCH) {
		binding->flags |= BINDING_LOCKED; // a lid is shut on a locked screen, too
	}
	return check_kind(parser, directive, word, binding) ? word + 1 : 0;
}

static void add_command(struct config_parser *parser, const struct scfg_directive *directive,
	size_t first, size_t words_len, char *const *words, struct binding *binding) {
	size_t word = 0;
	char why[256];
	if (parser->options->check != NULL &&
		!parser->options->check(
			parser->options->check_data, words_len, words, &word, why, sizeof(why))) {
		config_error_at(parser, directive, first + word, "%s", why);
		return;
	}
	binding_add_command(binding, words_len, words);
}

// Where bindings go: the block's, or at the top of a file the default mode's.
static struct binding_list *list_of(struct config_parser *parser, void *target) {
	return target != NULL ? target : &parser->config->bindings;
}

static void apply_bind(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct binding binding = {.line = parser->source->builtin ? 0 : directive->lineno};
	size_t word = parse_binding(parser, directive, &binding);
	if (word == 0) {
		return;
	}
	size_t words_len = directive->params_len - (word - 1);
	if ((words_len > 0) == (directive->children.directives_len > 0)) {
		config_error_at(parser, directive, 0, "%s: %s", directive->name,
			words_len > 0 ? "a command in the line or a block of them, not both"
				      : "a command is missing");
		return;
	}
	size_t errors = parser->errors->len;
	if (words_len > 0) {
		add_command(
			parser, directive, word, words_len, &directive->params[word - 1], &binding);
	}
	for (size_t i = 0; i < directive->children.directives_len; i++) {
		const struct scfg_directive *child = &directive->children.directives[i];
		char **words = alloc_zeroed(child->params_len + 1, sizeof(*words));
		words[0] = child->name;
		for (size_t j = 0; j < child->params_len; j++) {
			words[j + 1] = child->params[j];
		}
		if (child->children.directives_len > 0) {
			config_error_at(parser, child, 0, "a command takes no block");
		} else {
			add_command(parser, child, 0, child->params_len + 1, words, &binding);
		}
		free(words);
	}
	if (parser->errors->len == errors) {
		binding_list_add(list_of(parser, target), &binding);
	} else {
		binding_finish(&binding);
	}
}

static void apply_unbind(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	if (directive->params_len == 1 && strcmp(directive->params[0], "all") == 0) {
		binding_list_finish(list_of(parser, target));
		return;
	}
	struct binding binding = {0};
	size_t word = parse_binding(parser, directive, &binding);
	if (word == 0) {
		return;
	}
	if (word <= directive->params_len) {
		config_error_at(parser, directive, word, "unbind: only keys are expected");
	} else if (!binding_list_remove(list_of(parser, target), &binding)) {
		config_error_at(parser, directive, word - 1, "\"%s\" is not bound",
			directive->params[word - 2]);
	}
}

static void apply_mod(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {{"auto", 0}, {"Logo", BINDING_LOGO},
		{"Super", BINDING_LOGO}, {"Alt", BINDING_ALT}, {"Ctrl", BINDING_CTRL},
		{"Mod3", BINDING_MOD3}, {"Mod5", BINDING_MOD5}};
	int value;
	if (config_parse_choice(parser, directive, choices, CONFIG_LEN(choices), &value)) {
		parser->config->mod = (uint32_t)value;
	}
}

static const struct config_row mode_rows[] = {
	{"bind", 1, CONFIG_ANY_NUMBER, CONFIG_BLOCK_MAY, apply_bind},
	{"bind-gesture", 1, CONFIG_ANY_NUMBER, CONFIG_BLOCK_MAY, apply_bind},
	{"bind-switch", 1, CONFIG_ANY_NUMBER, CONFIG_BLOCK_MAY, apply_bind},
	{"unbind", 1, CONFIG_ANY_NUMBER, CONFIG_BLOCK_NONE, apply_unbind},
	{0},
};

static void apply_mode(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	const char *name = directive->params[0];
	if (strcmp(name, "default") == 0) {
		config_error_at(parser, directive, 1,
			"the bindings of the default mode stand outside of mode blocks");
		return;
	}
	struct binding_mode *mode = binding_modes_get(&parser->config->modes, name);
	config_apply_rows(parser, &directive->children, mode_rows, &mode->bindings);
}

const struct config_row config_binding_rows[] = {
	{"bind", 1, CONFIG_ANY_NUMBER, CONFIG_BLOCK_MAY, apply_bind},
	{"bind-gesture", 1, CONFIG_ANY_NUMBER, CONFIG_BLOCK_MAY, apply_bind},
	{"bind-switch", 1, CONFIG_ANY_NUMBER, CONFIG_BLOCK_MAY, apply_bind},
	{"mod", 1, 1, CONFIG_BLOCK_NONE, apply_mod},
	{"mode", 1, 1, CONFIG_BLOCK_MUST, apply_mode},
	{"unbind", 1, CONFIG_ANY_NUMBER, CONFIG_BLOCK_NONE, apply_unbind},
	{0},
};

// Directives: what keys and buttons do.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "config_rows.h"

// Reads flags and keys. Returns the word after the keys, 0 if they are wrong.
static size_t parse_binding(struct config_parser *parser, const struct scfg_directive *directive,
	struct binding *binding) {
	size_t word = 1;
	for (; word <= directive->params_len; word++) {
		const char *flag = directive->params[word - 1];
		if (strcmp(flag, "--release") == 0) {
			binding->flags |= BINDING_ON_RELEASE;
		} else if (strcmp(flag, "--no-repeat") == 0) {
			binding->flags |= BINDING_NO_REPEAT;
		} else if (strcmp(flag, "--locked") == 0) {
			binding->flags |= BINDING_LOCKED;
		} else if (strncmp(flag, "--", 2) == 0) {
			config_error_at(parser, directive, word,
				"unknown option %s; known: --release, --no-repeat, --locked", flag);
			return 0;
		} else {
			break;
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
	return word + 1;
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

static void apply_bind(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct binding binding = {.line = parser->source->builtin ? 0 : directive->lineno};
	size_t word = parse_binding(parser, directive, &binding);
	if (word == 0) {
		return;
	}
	size_t words_len = directive->params_len - (word - 1);
	if ((words_len > 0) == (directive->children.directives_len > 0)) {
		config_error_at(parser, directive, 0, "bind: %s",
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
		binding_list_add(&parser->config->bindings, &binding);
	} else {
		binding_finish(&binding);
	}
}

static void apply_unbind(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	if (directive->params_len == 1 && strcmp(directive->params[0], "all") == 0) {
		binding_list_finish(&parser->config->bindings);
		return;
	}
	struct binding binding = {0};
	size_t word = parse_binding(parser, directive, &binding);
	if (word == 0) {
		return;
	}
	if (word <= directive->params_len) {
		config_error_at(parser, directive, word, "unbind: only keys are expected");
	} else if (!binding_list_remove(&parser->config->bindings, &binding)) {
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

const struct config_row config_binding_rows[] = {
	{"bind", 1, CONFIG_ANY_NUMBER, CONFIG_BLOCK_MAY, apply_bind},
	{"mod", 1, 1, CONFIG_BLOCK_NONE, apply_mod},
	{"unbind", 1, CONFIG_ANY_NUMBER, CONFIG_BLOCK_NONE, apply_unbind},
	{0},
};

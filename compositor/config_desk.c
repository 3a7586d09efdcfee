// Directives: how windows and workspaces behave.

#include <stdio.h>
#include <string.h>

#include "config_rows.h"

CONFIG_INT_SETTER(apply_workspaces, workspaces, 1, 32)
CONFIG_BOOL_SETTER(apply_focus_new, focus_new)
CONFIG_BOOL_SETTER(apply_hotkeys_at_start, hotkeys_at_start)

static void apply_default_layout(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {{"auto", -1},
		{"horizontal", LAYOUT_HORIZONTAL}, {"vertical", LAYOUT_VERTICAL},
		{"tabbed", LAYOUT_TABBED}, {"stacked", LAYOUT_STACKED}};
	int value;
	if (config_parse_choice(parser, directive, choices, CONFIG_LEN(choices), &value)) {
		parser->config->default_layout_auto = value < 0;
		parser->config->default_layout = value < 0 ? LAYOUT_HORIZONTAL : (uint32_t)value;
	}
}

static void apply_follow(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {{"no", CONFIG_FOLLOW_NO},
		{"yes", CONFIG_FOLLOW_YES}, {"always", CONFIG_FOLLOW_ALWAYS}};
	int value;
	if (config_parse_choice(parser, directive, choices, CONFIG_LEN(choices), &value)) {
		parser->config->focus_follows_pointer = (enum config_follow)value;
	}
}

static void apply_min_tile(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_parse_int(parser, directive, 1, 1, 10000, &parser->config->min_tile_width);
	config_parse_int(parser, directive, 2, 1, 10000, &parser->config->min_tile_height);
}

static void apply_exec(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	if (directive->params_len == 1 && strcmp(directive->params[0], "none") == 0) {
		config_strings_clear(&parser->config->exec);
		return;
	}
	char line[4096];
	size_t len = 0;
	for (size_t i = 0; i < directive->params_len; i++) {
		int written = snprintf(line + len, sizeof(line) - len, "%s%s", i > 0 ? " " : "",
			directive->params[i]);
		len += written > 0 ? (size_t)written : 0;
		if (len >= sizeof(line)) {
			config_error_at(parser, directive, i + 1, "the command is too long");
			return;
		}
	}
	config_strings_add(&parser->config->exec, line);
}

static void apply_include(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_include(parser, directive);
}

const struct config_row config_desk_rows[] = {
	{"default-layout", 1, 1, CONFIG_BLOCK_NONE, apply_default_layout},
	{"exec", 1, CONFIG_ANY_NUMBER, CONFIG_BLOCK_NONE, apply_exec},
	{"focus-follows-pointer", 1, 1, CONFIG_BLOCK_NONE, apply_follow},
	{"focus-new", 1, 1, CONFIG_BLOCK_NONE, apply_focus_new},
	{"hotkeys-at-start", 1, 1, CONFIG_BLOCK_NONE, apply_hotkeys_at_start},
	{"include", 1, 1, CONFIG_BLOCK_NONE, apply_include},
	{"min-tile", 2, 2, CONFIG_BLOCK_NONE, apply_min_tile},
	{"workspaces", 1, 1, CONFIG_BLOCK_NONE, apply_workspaces},
	{0},
};

// Directives: where windows go that come up.

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "config_rows.h"
#include "pattern.h"
#include "rule.h"
#include "workspace_name.h"

static void apply_match(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct rule *rule = target;
	struct rule_match match;
	if (!rule_subject_read(directive->params[0], &match.subject)) {
		config_error_at(parser, directive, 1,
			"\"%.64s\" is not program, label, machine, title, app-id or kind",
			directive->params[0]);
		return;
	}
	const char *pattern = directive->params[1], *why;
	size_t offset;
	if (!pattern_check(pattern, &offset, &why)) {
		config_error_at(parser, directive, 2, "\"%.64s\" has %s", pattern, why);
		return;
	}
	if (match.subject == RULE_KIND && strcmp(pattern, "machine") != 0 &&
		strcmp(pattern, "host") != 0) {
		config_error_at(parser, directive, 2, "\"%.64s\" is not machine or host", pattern);
		return;
	}
	match.pattern = alloc_string(pattern);
	rule->matches = alloc_array(rule->matches, rule->matches_len + 1, sizeof(rule->matches[0]));
	rule->matches[rule->matches_len++] = match;
}

static void set_switch(struct config_parser *parser, const struct scfg_directive *directive,
	enum rule_switch *value) {
	bool yes;
	if (config_parse_bool(parser, directive, &yes)) {
		*value = yes ? RULE_YES : RULE_NO;
	}
}

static void apply_floating(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	set_switch(parser, directive, &((struct rule *)target)->place.floating);
}

static void apply_sticky(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	set_switch(parser, directive, &((struct rule *)target)->place.sticky);
}

static void apply_fullscreen(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	set_switch(parser, directive, &((struct rule *)target)->place.fullscreen);
}

static void apply_focus(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	set_switch(parser, directive, &((struct rule *)target)->place.focus);
}

static void apply_workspace(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct rule *rule = target;
	if (!workspace_name_valid(directive->params[0])) {
		config_error_at(parser, directive, 1, "\"%.64s\" is no name for a workspace",
			directive->params[0]);
		return;
	}
	config_replace(&rule->place.workspace, directive->params[0]);
}

static void apply_output(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct rule *rule = target;
	config_replace(&rule->place.output, directive->params[0]);
}

static void apply_scratchpad(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct rule *rule = target;
	free(rule->place.scratchpad);
	rule->place.scratchpad = alloc_string(
		directive->params_len > 0 ? directive->params[0] : "");
}

static bool parse_length(struct config_parser *parser, const struct scfg_directive *directive,
	size_t word, struct rule_length *length) {
	if (rule_length_read(directive->params[word - 1], length)) {
		return true;
	}
	config_error_at(parser, directive, word, "\"%.64s\" is no length as 40 or 25%%",
		directive->params[word - 1]);
	return false;
}

static void apply_size(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct rule_place *place = &((struct rule *)target)->place;
	place->sized = parse_length(parser, directive, 1, &place->width) &&
		parse_length(parser, directive, 2, &place->height);
}

static void apply_position(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct rule_place *place = &((struct rule *)target)->place;
	if (directive->params_len == 1) {
		static const struct config_choice choices[] = {
			{"center", RULE_POSITION_CENTER}, {"pointer", RULE_POSITION_POINTER}};
		int value;
		if (config_parse_choice(parser, directive, choices, CONFIG_LEN(choices), &value)) {
			place->position = (enum rule_position)value;
		}
	} else if (parse_length(parser, directive, 1, &place->x) &&
		parse_length(parser, directive, 2, &place->y)) {
		place->position = RULE_POSITION_AT;
	}
}

static void apply_border(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct rule_place *place = &((struct rule *)target)->place;
	// In the order of enum tile_border.
	static const struct config_choice choices[] = {{"normal", 0}, {"pixel", 1}, {"none", 2}};
	place->bordered = config_parse_choice(
		parser, directive, choices, CONFIG_LEN(choices), &place->border);
}

static const struct config_row rule_rows[] = {
	{"match", 2, 2, CONFIG_BLOCK_NONE, apply_match},
	{"floating", 1, 1, CONFIG_BLOCK_NONE, apply_floating},
	{"size", 2, 2, CONFIG_BLOCK_NONE, apply_size},
	{"position", 1, 2, CONFIG_BLOCK_NONE, apply_position},
	{"workspace", 1, 1, CONFIG_BLOCK_NONE, apply_workspace},
	{"output", 1, 1, CONFIG_BLOCK_NONE, apply_output},
	{"scratchpad", 0, 1, CONFIG_BLOCK_NONE, apply_scratchpad},
	{"sticky", 1, 1, CONFIG_BLOCK_NONE, apply_sticky},
	{"fullscreen", 1, 1, CONFIG_BLOCK_NONE, apply_fullscreen},
	{"focus", 1, 1, CONFIG_BLOCK_NONE, apply_focus},
	{"border", 1, 1, CONFIG_BLOCK_NONE, apply_border},
	{0},
};

static void apply_rule(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct rule rule = {0};
	size_t errors = parser->errors->len;
	config_apply_rows(parser, &directive->children, rule_rows, &rule);
	if (parser->errors->len == errors && rule.matches_len == 0) {
		config_error_at(parser, directive, 0,
			"a rule without match; for every window: match title \"*\"");
	}
	if (parser->errors->len > errors) {
		rule_finish(&rule);
		return;
	}
	rule_list_add(&parser->config->windows.rules, &rule);
}

const struct config_row config_rule_rows[] = {
	{"rule", 0, 0, CONFIG_BLOCK_MUST, apply_rule},
	{0},
};

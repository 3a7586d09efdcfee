// Directives: how windows are placed and framed.

#include <string.h>

#include "config_rows.h"

static void apply_gaps(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	int *found[4], value;
	size_t len = gaps_find(&parser->config->windows.gaps, directive->params[0], found);
	if (len == 0) {
		config_error_at(parser, directive, 1,
			"\"%s\" is not inner, outer, horizontal, vertical, top, right, bottom or "
			"left",
			directive->params[0]);
		return;
	}
	// What is outside may take back some of what is inside.
	int least = strcmp(directive->params[0], "inner") == 0 ? 0 : -GAPS_MAX;
	if (config_parse_int(parser, directive, 2, least, GAPS_MAX, &value)) {
		for (size_t i = 0; i < len; i++) {
			*found[i] = value;
		}
	}
}

static void apply_smart_gaps(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {{"no", GAPS_SMART_NO},
		{"yes", GAPS_SMART_YES}, {"inverse-outer", GAPS_SMART_INVERSE}};
	int value;
	if (config_parse_choice(parser, directive, choices, CONFIG_LEN(choices), &value)) {
		parser->config->windows.smart_gaps = (enum gaps_smart)value;
	}
}

static void apply_smart_borders(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {{"no", CONFIG_SMART_BORDERS_NO},
		{"yes", CONFIG_SMART_BORDERS_YES}, {"no-gaps", CONFIG_SMART_BORDERS_NO_GAPS}};
	int value;
	if (config_parse_choice(parser, directive, choices, CONFIG_LEN(choices), &value)) {
		parser->config->windows.smart_borders = (enum config_smart_borders)value;
	}
}

const struct config_row config_windows_rows[] = {
	{"gaps", 2, 2, CONFIG_BLOCK_NONE, apply_gaps},
	{"smart-borders", 1, 1, CONFIG_BLOCK_NONE, apply_smart_borders},
	{"smart-gaps", 1, 1, CONFIG_BLOCK_NONE, apply_smart_gaps},
	{0},
};

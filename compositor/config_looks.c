// Directives: what the desk looks like.

#include <string.h>

#include "alloc.h"
#include "config_rows.h"

CONFIG_INT_SETTER(apply_border_width, border.width, 0, 32)
CONFIG_BOOL_SETTER(apply_titles, border.titles)
CONFIG_INT_SETTER(apply_title_padding, border.title_padding, 0, 32)
CONFIG_COLOUR_SETTER(apply_text, border.text)
CONFIG_COLOUR_SETTER(apply_text_unfocused, border.text_unfocused)
CONFIG_COLOUR_SETTER(apply_background, border.background)
CONFIG_COLOUR_SETTER(apply_client, border.client)
CONFIG_COLOUR_SETTER(apply_urgent, border.urgent)
CONFIG_INT_SETTER(apply_dim, border.dim_percent, 0, 100)

static void apply_font(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	if (directive->params[0][0] == '\0') {
		config_error_at(parser, directive, 1, "the font is empty");
		return;
	}
	config_replace(&parser->config->border.font, directive->params[0]);
}

static const struct config_row border_rows[] = {
	{"width", 1, 1, CONFIG_BLOCK_NONE, apply_border_width},
	{"titles", 1, 1, CONFIG_BLOCK_NONE, apply_titles},
	{"title-padding", 1, 1, CONFIG_BLOCK_NONE, apply_title_padding},
	{"font", 1, 1, CONFIG_BLOCK_NONE, apply_font},
	{"text", 1, 1, CONFIG_BLOCK_NONE, apply_text},
	{"text-unfocused", 1, 1, CONFIG_BLOCK_NONE, apply_text_unfocused},
	{"background", 1, 1, CONFIG_BLOCK_NONE, apply_background},
	{"client", 1, 1, CONFIG_BLOCK_NONE, apply_client},
	{"urgent", 1, 1, CONFIG_BLOCK_NONE, apply_urgent},
	{"dim", 1, 1, CONFIG_BLOCK_NONE, apply_dim},
	{0},
};

static void apply_border(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_apply_rows(parser, &directive->children, border_rows, NULL);
}

static void apply_label(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct config *config = parser->config;
	const char *name = directive->params[0];
	size_t index = 0;
	while (index < config->labels_len && strcmp(config->labels[index].name, name) != 0) {
		index++;
	}
	if (index == config->labels_len) {
		config->labels = alloc_array(
			config->labels, config->labels_len + 1, sizeof(config->labels[0]));
		config->labels[config->labels_len++] = (struct config_label){
			.name = alloc_string(name)};
	}
	config_parse_colour(parser, directive, 2, &config->labels[index].colour);
}

CONFIG_STRING_SETTER(apply_cursor_theme, cursor_theme)
CONFIG_INT_SETTER(apply_cursor_size, cursor_size, 8, 256)

static const struct config_row cursor_rows[] = {
	{"theme", 1, 1, CONFIG_BLOCK_NONE, apply_cursor_theme},
	{"size", 1, 1, CONFIG_BLOCK_NONE, apply_cursor_size},
	{0},
};

static void apply_cursor(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_apply_rows(parser, &directive->children, cursor_rows, NULL);
}

const struct config_row config_looks_rows[] = {
	{"border", 0, 0, CONFIG_BLOCK_MUST, apply_border},
	{"cursor", 0, 0, CONFIG_BLOCK_MUST, apply_cursor},
	{"label", 2, 2, CONFIG_BLOCK_NONE, apply_label},
	{0},
};

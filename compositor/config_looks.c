// Directives: what the desk looks like.

#include <string.h>

#include "alloc.h"
#include "config_rows.h"

CONFIG_INT_SETTER(apply_border_width, border.width, 0, 32)
CONFIG_INT_SETTER(apply_strip, border.fullscreen_strip, 2, 32)
CONFIG_BOOL_SETTER(apply_titles, border.titles)
CONFIG_INT_SETTER(apply_title_padding, border.title_padding, 0, 32)
CONFIG_COLOUR_SETTER(apply_text, border.text)
CONFIG_COLOUR_SETTER(apply_text_unfocused, border.text_unfocused)
CONFIG_COLOUR_SETTER(apply_background, border.background)
CONFIG_COLOUR_SETTER(apply_urgent, border.urgent)
CONFIG_COLOUR_SETTER(apply_host, border.host)
CONFIG_INT_SETTER(apply_dim, border.dim_percent, 25, 100)

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
	{"fullscreen-strip", 1, 1, CONFIG_BLOCK_NONE, apply_strip},
	{"titles", 1, 1, CONFIG_BLOCK_NONE, apply_titles},
	{"title-padding", 1, 1, CONFIG_BLOCK_NONE, apply_title_padding},
	{"font", 1, 1, CONFIG_BLOCK_NONE, apply_font},
	{"text", 1, 1, CONFIG_BLOCK_NONE, apply_text},
	{"text-unfocused", 1, 1, CONFIG_BLOCK_NONE, apply_text_unfocused},
	{"background", 1, 1, CONFIG_BLOCK_NONE, apply_background},
	{"urgent", 1, 1, CONFIG_BLOCK_NONE, apply_urgent},
	{"host", 1, 1, CONFIG_BLOCK_NONE, apply_host},
	{"dim", 1, 1, CONFIG_BLOCK_NONE, apply_dim},
	{0},
};

static void apply_border(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_mark_place(parser, directive, 0, &parser->config->border.place);
	config_apply_rows(parser, &directive->children, border_rows, NULL);
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
	{0},
};

// Directives: screens.

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "config_rows.h"

static void apply_mode(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct config_output *output = target;
	const char *text = directive->params[0];
	if (strcmp(text, "preferred") == 0) {
		output->width = output->height = output->refresh_mhz = 0;
		return;
	}
	char size[32], rate[16] = "";
	int width = 0, height = 0, used = 0;
	double hz = 0;
	if (sscanf(text, "%31[0-9x]@%15[0-9.]%n", size, rate, &used) == 2) {
		text += used;
		text += strcmp(text, "Hz") == 0 ? 2 : 0;
		text = config_parse_decimal(rate, &hz) && *text == '\0' ? size : "";
	}
	used = 0;
	if (sscanf(text, "%5dx%5d%n", &width, &height, &used) != 2 || text[used] != '\0' ||
		width < 1 || height < 1 || width > 32767 || height > 32767 || hz < 0 || hz > 1000) {
		config_error_at(parser, directive, 1,
			"\"%s\" is no mode as 1920x1080 or 1920x1080@60", directive->params[0]);
		return;
	}
	output->width = width;
	output->height = height;
	output->refresh_mhz = (int)(hz * 1000 + 0.5);
}

static void apply_scale(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct config_output *output = target;
	double scale;
	if (!config_parse_decimal(directive->params[0], &scale) || scale < 0.5 || scale > 8) {
		config_error_at(parser, directive, 1, "\"%s\" is no scale from 0.5 to 8",
			directive->params[0]);
		return;
	}
	output->scale120 = (uint32_t)(scale * 120 + 0.5);
}

static void apply_position(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct config_output *output = target;
	output->positioned = config_parse_int(parser, directive, 1, -65536, 65536, &output->x) &&
		config_parse_int(parser, directive, 2, -65536, 65536, &output->y);
}

static void apply_transform(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {{"normal", 0}, {"90", 1}, {"180", 2},
		{"270", 3}, {"flipped", 4}, {"flipped-90", 5}, {"flipped-180", 6},
		{"flipped-270", 7}};
	struct config_output *output = target;
	int value;
	if (config_parse_choice(parser, directive, choices, CONFIG_LEN(choices), &value)) {
		output->transform = (uint32_t)value;
		output->transform_set = true;
	}
}

static void apply_disable(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct config_output *output = target;
	output->disabled = true;
}

static const struct config_row block_rows[] = {
	{"mode", 1, 1, CONFIG_BLOCK_NONE, apply_mode},
	{"scale", 1, 1, CONFIG_BLOCK_NONE, apply_scale},
	{"position", 2, 2, CONFIG_BLOCK_NONE, apply_position},
	{"transform", 1, 1, CONFIG_BLOCK_NONE, apply_transform},
	{"disable", 0, 0, CONFIG_BLOCK_NONE, apply_disable},
	{0},
};

static void apply_output(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct config *config = parser->config;
	const char *name = directive->params[0];
	size_t index = 0;
	while (index < config->outputs_len && strcmp(config->outputs[index].name, name) != 0) {
		index++;
	}
	if (index == config->outputs_len) {
		config->outputs = alloc_array(
			config->outputs, config->outputs_len + 1, sizeof(config->outputs[0]));
		config->outputs[config->outputs_len++] = (struct config_output){
			.name = alloc_string(name)};
	}
	config_apply_rows(parser, &directive->children, block_rows, &config->outputs[index]);
}

const struct config_row config_output_rows[] = {
	{"output", 1, 1, CONFIG_BLOCK_MUST, apply_output},
	{0},
};

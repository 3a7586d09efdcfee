// Directives: screens. What stands in the block is also what the command `output` takes.

#include <string.h>

#include "alloc.h"
#include "config_rows.h"
#include "output_settings.h"

static void apply_setting(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct config_output *output = target;
	char *words[4] = {directive->name};
	size_t len = 1, wrong = 0;
	for (size_t i = 0; i < directive->params_len && len < CONFIG_LEN(words); i++) {
		words[len++] = directive->params[i];
	}
	char why[256];
	size_t taken = output_settings_read(
		&output->settings, len, words, &wrong, why, sizeof(why));
	if (taken == 0) {
		config_error_at(parser, directive, wrong, "%s", why);
	} else if (taken < len) {
		config_error_at(parser, directive, taken, "\"%s\" is too much", words[taken]);
	}
}

static const struct config_row block_rows[] = {
	{"adaptive-sync", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"disable", 0, 0, CONFIG_BLOCK_NONE, apply_setting},
	{"enable", 0, 0, CONFIG_BLOCK_NONE, apply_setting},
	{"max-render-time", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"mode", 1, 2, CONFIG_BLOCK_NONE, apply_setting},
	{"position", 1, 2, CONFIG_BLOCK_NONE, apply_setting},
	{"power", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"scale", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"tearing", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"transform", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
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

bool config_find_output(const struct config *config, const char *name, const char *identifier,
	struct output_settings *settings) {
	bool found = false;
	*settings = (struct output_settings){.enabled = true, .powered = true};
	const char *const names[] = {"*", name, identifier};
	for (size_t pass = 0; pass < CONFIG_LEN(names); pass++) {
		for (size_t i = 0; i < config->outputs_len; i++) {
			if (names[pass] != NULL &&
				strcmp(config->outputs[i].name, names[pass]) == 0) {
				output_settings_merge(settings, &config->outputs[i].settings);
				found = true;
			}
		}
	}
	return found;
}

const struct config_row config_output_rows[] = {
	{"output", 1, 1, CONFIG_BLOCK_MUST, apply_output},
	{0},
};

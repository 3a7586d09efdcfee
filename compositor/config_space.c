// Directives: which workspace belongs where, and what a bell does.

#include <string.h>

#include "alloc.h"
#include "config_rows.h"
#include "workspace_name.h"

CONFIG_BOOL_SETTER(apply_back_and_forth, auto_back_and_forth)

static void apply_bell(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {{"none", CONFIG_BELL_NONE},
		{"urgent", CONFIG_BELL_URGENT}, {"flash", CONFIG_BELL_FLASH}};
	int value;
	if (config_parse_choice(parser, directive, choices, CONFIG_LEN(choices), &value)) {
		parser->config->bell = (enum config_bell)value;
	}
}

static void apply_output(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct config_workspace *workspace = target;
	config_strings_clear(&workspace->outputs);
	for (size_t i = 0; i < directive->params_len; i++) {
		config_strings_add(&workspace->outputs, directive->params[i]);
	}
}

static const struct config_row block_rows[] = {
	{"output", 1, 16, CONFIG_BLOCK_NONE, apply_output},
	{0},
};

// What is said of "3" and what is said of "3:web" is said of one workspace.
static bool is_same(const struct config_workspace *workspace, const char *name) {
	int number = workspace_name_number(name);
	return number > 0 ? workspace_name_number(workspace->name) == number
			  : strcmp(workspace->name, name) == 0;
}

const struct config_workspace *config_find_workspace(
	const struct config *config, const char *name) {
	for (size_t i = 0; i < config->workspace_blocks_len; i++) {
		if (is_same(&config->workspace_blocks[i], name)) {
			return &config->workspace_blocks[i];
		}
	}
	return NULL;
}

static void apply_workspace(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct config *config = parser->config;
	const char *name = directive->params[0];
	if (!workspace_name_valid(name)) {
		config_error_at(parser, directive, 1, "\"%.64s\" is no name for a workspace", name);
		return;
	}
	size_t index = 0;
	while (index < config->workspace_blocks_len &&
		!is_same(&config->workspace_blocks[index], name)) {
		index++;
	}
	if (index == config->workspace_blocks_len) {
		config->workspace_blocks = alloc_array(config->workspace_blocks,
			config->workspace_blocks_len + 1, sizeof(config->workspace_blocks[0]));
		config->workspace_blocks[config->workspace_blocks_len++] =
			(struct config_workspace){0};
	}
	config_replace(&config->workspace_blocks[index].name, name);
	config_apply_rows(
		parser, &directive->children, block_rows, &config->workspace_blocks[index]);
}

const struct config_row config_space_rows[] = {
	{"auto-back-and-forth", 1, 1, CONFIG_BLOCK_NONE, apply_back_and_forth},
	{"bell", 1, 1, CONFIG_BLOCK_NONE, apply_bell},
	{"workspace", 1, 1, CONFIG_BLOCK_MAY, apply_workspace},
	{0},
};

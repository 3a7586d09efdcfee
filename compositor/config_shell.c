// Directives: the programs that belong to the desk.

#include <string.h>

#include "config_rows.h"

static void apply_locker(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	const char *command = directive->params[0];
	config_replace(&parser->config->locker, strcmp(command, "none") == 0 ? "" : command);
}

const struct config_row config_shell_rows[] = {
	{"locker", 1, 1, CONFIG_BLOCK_NONE, apply_locker},
	{0},
};

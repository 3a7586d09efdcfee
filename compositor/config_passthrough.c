// Directives: every key to one window.

#include "config_rows.h"

static void apply_key(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct binding binding = {0};
	size_t offset;
	char why[256];
	if (!binding_parse_keys(directive->params[0], &binding, &offset, why, sizeof(why))) {
		config_error_at(parser, directive, 1, "%s", why);
	} else if (binding.kind != BINDING_KEYSYM && binding.kind != BINDING_KEYCODE) {
		config_error_at(parser, directive, 1, "\"%s\" is no key", directive->params[0]);
	} else {
		parser->config->passthrough.key = binding;
	}
}

CONFIG_BOOL_SETTER(apply_builtin, passthrough.builtin_keys)
CONFIG_BOOL_SETTER(apply_machines, passthrough.machines)

static const struct config_row block_rows[] = {
	{"key", 1, 1, CONFIG_BLOCK_NONE, apply_key},
	{"builtin-keys", 1, 1, CONFIG_BLOCK_NONE, apply_builtin},
	{"machines-may-ask", 1, 1, CONFIG_BLOCK_NONE, apply_machines},
	{0},
};

static void apply_passthrough(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_apply_rows(parser, &directive->children, block_rows, NULL);
}

const struct config_row config_passthrough_rows[] = {
	{"passthrough", 0, 0, CONFIG_BLOCK_MUST, apply_passthrough},
	{0},
};

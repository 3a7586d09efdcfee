// Directives: keyboards and pointers.

#include "config_rows.h"

CONFIG_STRING_SETTER(apply_rules, input.rules)
CONFIG_STRING_SETTER(apply_model, input.model)
CONFIG_STRING_SETTER(apply_layout, input.layout)
CONFIG_STRING_SETTER(apply_variant, input.variant)
CONFIG_STRING_SETTER(apply_options, input.options)
CONFIG_INT_SETTER(apply_repeat_rate, input.repeat_rate, 0, 200)
CONFIG_INT_SETTER(apply_repeat_delay, input.repeat_delay_ms, 1, 10000)
CONFIG_BOOL_SETTER(apply_num_lock, input.num_lock)
CONFIG_TRISTATE_SETTER(apply_tap, input.tap)
CONFIG_TRISTATE_SETTER(apply_natural_scroll, input.natural_scroll)
CONFIG_TRISTATE_SETTER(apply_left_handed, input.left_handed)
CONFIG_TRISTATE_SETTER(apply_disable_while_typing, input.disable_while_typing)

static void apply_pointer_speed(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct config_input *input = &parser->config->input;
	double speed;
	if (!config_parse_decimal(directive->params[0], &speed) || speed < -1 || speed > 1) {
		config_error_at(parser, directive, 1, "\"%s\" is no speed from -1 to 1",
			directive->params[0]);
		return;
	}
	input->pointer_speed = speed;
	input->pointer_speed_set = true;
}

static const struct config_row block_rows[] = {
	{"layout", 1, 1, CONFIG_BLOCK_NONE, apply_layout},
	{"variant", 1, 1, CONFIG_BLOCK_NONE, apply_variant},
	{"options", 1, 1, CONFIG_BLOCK_NONE, apply_options},
	{"model", 1, 1, CONFIG_BLOCK_NONE, apply_model},
	{"rules", 1, 1, CONFIG_BLOCK_NONE, apply_rules},
	{"repeat-rate", 1, 1, CONFIG_BLOCK_NONE, apply_repeat_rate},
	{"repeat-delay", 1, 1, CONFIG_BLOCK_NONE, apply_repeat_delay},
	{"num-lock", 1, 1, CONFIG_BLOCK_NONE, apply_num_lock},
	{"tap", 1, 1, CONFIG_BLOCK_NONE, apply_tap},
	{"natural-scroll", 1, 1, CONFIG_BLOCK_NONE, apply_natural_scroll},
	{"left-handed", 1, 1, CONFIG_BLOCK_NONE, apply_left_handed},
	{"disable-while-typing", 1, 1, CONFIG_BLOCK_NONE, apply_disable_while_typing},
	{"pointer-speed", 1, 1, CONFIG_BLOCK_NONE, apply_pointer_speed},
	{0},
};

static void apply_input(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_apply_rows(parser, &directive->children, block_rows, NULL);
}

const struct config_row config_input_rows[] = {
	{"input", 0, 0, CONFIG_BLOCK_MUST, apply_input},
	{0},
};

// Directives: keyboards, pointers and everything else that one can touch.

#include "alloc.h"
#include "config_rows.h"
#include "host_keyboard.h"

static void apply_setting(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct device_rule *rule = target;
	enum device_setting setting;
	size_t word;
	char why[256];
	if (device_setting_find(directive->name, &setting) &&
		!device_setting_parse(setting, directive->params, &rule->values[setting], &word,
			why, sizeof(why))) {
		config_error_at(parser, directive, word + 1, "%s", why);
	}
}

// As many words as device_setting_words() says.
static const struct config_row block_rows[] = {
	{"layout", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"variant", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"options", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"model", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"rules", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"repeat-rate", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"repeat-delay", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"num-lock", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"send-events", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"tap", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"tap-button-map", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"tap-drag", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"tap-drag-lock", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"drag-three-fingers", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"pointer-speed", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"pointer-profile", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"natural-scroll", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"scroll-method", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"scroll-button", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"scroll-button-lock", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"left-handed", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"middle-emulation", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"click-method", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"clickfinger-map", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"disable-while-typing", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"disable-while-trackpointing", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"rotation", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"calibration", 6, 6, CONFIG_BLOCK_NONE, apply_setting},
	{"scroll-factor", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"map-to-output", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{"map-to-region", 4, 4, CONFIG_BLOCK_NONE, apply_setting},
	{"tool-mode", 1, 1, CONFIG_BLOCK_NONE, apply_setting},
	{0},
};

_Static_assert(CONFIG_LEN(block_rows) == DEVICE_SETTINGS + 1, "every setting has a row");

static void apply_input(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	const char *pattern = directive->params_len > 0 ? directive->params[0] : "*";
	char why[256];
	if (!device_pattern_check(pattern, why, sizeof(why))) {
		config_error_at(parser, directive, 1, "%s", why);
		return;
	}
	config_apply_rows(parser, &directive->children, block_rows,
		device_rules_add(&parser->config->devices, pattern));
}

const struct config_row config_input_rows[] = {
	{"input", 0, 1, CONFIG_BLOCK_MUST, apply_input},
	{0},
};

static void take_text(char **text, const struct device_value *value) {
	free(*text);
	*text = value->text != NULL ? alloc_string(value->text) : NULL;
}

void config_take_input(struct config *config) {
	// As of a keyboard without a name: what is said of all keyboards.
	const struct device_name any = {.identifier = "", .name = "", .type = "keyboard"};
	struct config_input *input = &config->input;
	struct device_value values[DEVICE_SETTINGS];
	device_rules_resolve(&config->devices, &any, values);
	take_text(&input->rules, &values[DEVICE_RULES]);
	take_text(&input->model, &values[DEVICE_MODEL]);
	take_text(&input->layout, &values[DEVICE_LAYOUT]);
	take_text(&input->variant, &values[DEVICE_VARIANT]);
	take_text(&input->options, &values[DEVICE_OPTIONS]);
	input->repeat_rate = (int)values[DEVICE_REPEAT_RATE].numbers[0];
	input->repeat_delay_ms = (int)values[DEVICE_REPEAT_DELAY].numbers[0];
	input->num_lock = values[DEVICE_NUM_LOCK].choice == 1;
	if (config->host_layout) {
		host_keyboard_apply(input, NULL);
	}
}

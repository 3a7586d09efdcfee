// What each directive does: a table row says how many parameters it takes and whether it has a
// block, so that this is checked in one place; the function that it names does the rest.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "config_values.h"

enum block {
	BLOCK_NONE,
	BLOCK_MAY,
	BLOCK_MUST,
};

struct row {
	const char *name;
	size_t min, max; // parameters
	enum block block;
	void (*apply)(
		struct config_parser *parser, const struct scfg_directive *directive, void *target);
};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ANY_NUMBER 1024

static void apply_rows(struct config_parser *parser, const struct scfg_block *block,
	const struct row *rows, size_t rows_len, void *target);

// --- bindings -----------------------------------------------------------------------------

// Reads flags and keys. Returns the word after the keys, 0 if they are wrong.
static size_t parse_binding(struct config_parser *parser, const struct scfg_directive *directive,
	struct binding *binding) {
	size_t word = 1;
	for (; word <= directive->params_len; word++) {
		const char *flag = directive->params[word - 1];
		if (strcmp(flag, "--release") == 0) {
			binding->flags |= BINDING_ON_RELEASE;
		} else if (strcmp(flag, "--no-repeat") == 0) {
			binding->flags |= BINDING_NO_REPEAT;
		} else if (strcmp(flag, "--locked") == 0) {
			binding->flags |= BINDING_LOCKED;
		} else if (strncmp(flag, "--", 2) == 0) {
			config_error_at(parser, directive, word,
				"unknown option %s; known: --release, --no-repeat, --locked", flag);
			return 0;
		} else {
			break;
		}
	}
	if (word > directive->params_len) {
		config_error_at(parser, directive, 0, "%s: keys are missing", directive->name);
		return 0;
	}
	size_t offset;
	char why[256];
	if (!binding_parse_keys(directive->params[word - 1], binding, &offset, why, sizeof(why))) {
		config_error_at(parser, directive, word, "%s", why);
		return 0;
	}
	return word + 1;
}

static void add_command(struct config_parser *parser, const struct scfg_directive *directive,
	size_t first, size_t words_len, char *const *words, struct binding *binding) {
	size_t word = 0;
	char why[256];
	if (parser->options->check != NULL &&
		!parser->options->check(
			parser->options->check_data, words_len, words, &word, why, sizeof(why))) {
		config_error_at(parser, directive, first + word, "%s", why);
		return;
	}
	binding_add_command(binding, words_len, words);
}

static void apply_bind(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct binding binding = {.line = parser->source->builtin ? 0 : directive->lineno};
	size_t word = parse_binding(parser, directive, &binding);
	if (word == 0) {
		return;
	}
	size_t words_len = directive->params_len - (word - 1);
	if ((words_len > 0) == (directive->children.directives_len > 0)) {
		config_error_at(parser, directive, 0, "bind: %s",
			words_len > 0 ? "a command in the line or a block of them, not both"
				      : "a command is missing");
		return;
	}
	size_t errors = parser->errors->len;
	if (words_len > 0) {
		add_command(
			parser, directive, word, words_len, &directive->params[word - 1], &binding);
	}
	for (size_t i = 0; i < directive->children.directives_len; i++) {
		const struct scfg_directive *child = &directive->children.directives[i];
		char **words = alloc_zeroed(child->params_len + 1, sizeof(*words));
		words[0] = child->name;
		for (size_t j = 0; j < child->params_len; j++) {
			words[j + 1] = child->params[j];
		}
		if (child->children.directives_len > 0) {
			config_error_at(parser, child, 0, "a command takes no block");
		} else {
			add_command(parser, child, 0, child->params_len + 1, words, &binding);
		}
		free(words);
	}
	if (parser->errors->len == errors) {
		binding_list_add(&parser->config->bindings, &binding);
	} else {
		binding_finish(&binding);
	}
}

static void apply_unbind(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	if (directive->params_len == 1 && strcmp(directive->params[0], "all") == 0) {
		binding_list_finish(&parser->config->bindings);
		return;
	}
	struct binding binding = {0};
	size_t word = parse_binding(parser, directive, &binding);
	if (word == 0) {
		return;
	}
	if (word <= directive->params_len) {
		config_error_at(parser, directive, word, "unbind: only keys are expected");
	} else if (!binding_list_remove(&parser->config->bindings, &binding)) {
		config_error_at(parser, directive, word - 1, "\"%s\" is not bound",
			directive->params[word - 2]);
	}
}

static void apply_mod(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {{"auto", 0}, {"Logo", BINDING_LOGO},
		{"Super", BINDING_LOGO}, {"Alt", BINDING_ALT}, {"Ctrl", BINDING_CTRL},
		{"Mod3", BINDING_MOD3}, {"Mod5", BINDING_MOD5}};
	int value;
	if (config_parse_choice(parser, directive, choices, LEN(choices), &value)) {
		parser->config->mod = (uint32_t)value;
	}
}

// --- output -------------------------------------------------------------------------------

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
	if (config_parse_choice(parser, directive, choices, LEN(choices), &value)) {
		output->transform = (uint32_t)value;
		output->transform_set = true;
	}
}

static void apply_disable(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	struct config_output *output = target;
	output->disabled = true;
}

static const struct row output_rows[] = {
	{"mode", 1, 1, BLOCK_NONE, apply_mode},
	{"scale", 1, 1, BLOCK_NONE, apply_scale},
	{"position", 2, 2, BLOCK_NONE, apply_position},
	{"transform", 1, 1, BLOCK_NONE, apply_transform},
	{"disable", 0, 0, BLOCK_NONE, apply_disable},
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
	apply_rows(parser, &directive->children, output_rows, LEN(output_rows),
		&config->outputs[index]);
}

// --- input --------------------------------------------------------------------------------

#define STRING_SETTER(name, field)                                                                 \
	static void name(struct config_parser *parser, const struct scfg_directive *directive,     \
		void *target) {                                                                    \
		config_replace(&parser->config->field, directive->params[0]);                      \
	}

#define INT_SETTER(name, field, least, most)                                                       \
	static void name(struct config_parser *parser, const struct scfg_directive *directive,     \
		void *target) {                                                                    \
		config_parse_int(parser, directive, 1, least, most, &parser->config->field);       \
	}

#define BOOL_SETTER(name, field)                                                                   \
	static void name(struct config_parser *parser, const struct scfg_directive *directive,     \
		void *target) {                                                                    \
		config_parse_bool(parser, directive, &parser->config->field);                      \
	}

#define TRISTATE_SETTER(name, field)                                                               \
	static void name(struct config_parser *parser, const struct scfg_directive *directive,     \
		void *target) {                                                                    \
		config_parse_tristate(parser, directive, &parser->config->field);                  \
	}

#define COLOUR_SETTER(name, field)                                                                 \
	static void name(struct config_parser *parser, const struct scfg_directive *directive,     \
		void *target) {                                                                    \
		config_parse_colour(parser, directive, 1, &parser->config->field);                 \
	}

STRING_SETTER(apply_rules, input.rules)
STRING_SETTER(apply_model, input.model)
STRING_SETTER(apply_layout, input.layout)
STRING_SETTER(apply_variant, input.variant)
STRING_SETTER(apply_options, input.options)
INT_SETTER(apply_repeat_rate, input.repeat_rate, 0, 200)
INT_SETTER(apply_repeat_delay, input.repeat_delay_ms, 1, 10000)
BOOL_SETTER(apply_num_lock, input.num_lock)
TRISTATE_SETTER(apply_tap, input.tap)
TRISTATE_SETTER(apply_natural_scroll, input.natural_scroll)
TRISTATE_SETTER(apply_left_handed, input.left_handed)
TRISTATE_SETTER(apply_disable_while_typing, input.disable_while_typing)

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

static const struct row input_rows[] = {
	{"layout", 1, 1, BLOCK_NONE, apply_layout},
	{"variant", 1, 1, BLOCK_NONE, apply_variant},
	{"options", 1, 1, BLOCK_NONE, apply_options},
	{"model", 1, 1, BLOCK_NONE, apply_model},
	{"rules", 1, 1, BLOCK_NONE, apply_rules},
	{"repeat-rate", 1, 1, BLOCK_NONE, apply_repeat_rate},
	{"repeat-delay", 1, 1, BLOCK_NONE, apply_repeat_delay},
	{"num-lock", 1, 1, BLOCK_NONE, apply_num_lock},
	{"tap", 1, 1, BLOCK_NONE, apply_tap},
	{"natural-scroll", 1, 1, BLOCK_NONE, apply_natural_scroll},
	{"left-handed", 1, 1, BLOCK_NONE, apply_left_handed},
	{"disable-while-typing", 1, 1, BLOCK_NONE, apply_disable_while_typing},
	{"pointer-speed", 1, 1, BLOCK_NONE, apply_pointer_speed},
};

static void apply_input(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	apply_rows(parser, &directive->children, input_rows, LEN(input_rows), NULL);
}

// --- looks --------------------------------------------------------------------------------

INT_SETTER(apply_border_width, border.width, 0, 32)
BOOL_SETTER(apply_titles, border.titles)
INT_SETTER(apply_title_padding, border.title_padding, 0, 32)
COLOUR_SETTER(apply_text, border.text)
COLOUR_SETTER(apply_text_unfocused, border.text_unfocused)
COLOUR_SETTER(apply_background, border.background)
COLOUR_SETTER(apply_client, border.client)
INT_SETTER(apply_dim, border.dim_percent, 0, 100)

static void apply_font(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	if (directive->params[0][0] == '\0') {
		config_error_at(parser, directive, 1, "the font is empty");
		return;
	}
	config_replace(&parser->config->border.font, directive->params[0]);
}

static const struct row border_rows[] = {
	{"width", 1, 1, BLOCK_NONE, apply_border_width},
	{"titles", 1, 1, BLOCK_NONE, apply_titles},
	{"title-padding", 1, 1, BLOCK_NONE, apply_title_padding},
	{"font", 1, 1, BLOCK_NONE, apply_font},
	{"text", 1, 1, BLOCK_NONE, apply_text},
	{"text-unfocused", 1, 1, BLOCK_NONE, apply_text_unfocused},
	{"background", 1, 1, BLOCK_NONE, apply_background},
	{"client", 1, 1, BLOCK_NONE, apply_client},
	{"dim", 1, 1, BLOCK_NONE, apply_dim},
};

static void apply_border(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	apply_rows(parser, &directive->children, border_rows, LEN(border_rows), NULL);
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

STRING_SETTER(apply_cursor_theme, cursor_theme)
INT_SETTER(apply_cursor_size, cursor_size, 8, 256)

static const struct row cursor_rows[] = {
	{"theme", 1, 1, BLOCK_NONE, apply_cursor_theme},
	{"size", 1, 1, BLOCK_NONE, apply_cursor_size},
};

static void apply_cursor(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	apply_rows(parser, &directive->children, cursor_rows, LEN(cursor_rows), NULL);
}

// --- tiles and machines -------------------------------------------------------------------

INT_SETTER(apply_workspaces, workspaces, 1, 32)
BOOL_SETTER(apply_focus_new, focus_new)
STRING_SETTER(apply_libvirt, uri)

static void apply_default_layout(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {{"auto", -1},
		{"horizontal", LAYOUT_HORIZONTAL}, {"vertical", LAYOUT_VERTICAL},
		{"tabbed", LAYOUT_TABBED}, {"stacked", LAYOUT_STACKED}};
	int value;
	if (config_parse_choice(parser, directive, choices, LEN(choices), &value)) {
		parser->config->default_layout_auto = value < 0;
		parser->config->default_layout = value < 0 ? LAYOUT_HORIZONTAL : (uint32_t)value;
	}
}

static void apply_follow(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {{"no", CONFIG_FOLLOW_NO},
		{"yes", CONFIG_FOLLOW_YES}, {"always", CONFIG_FOLLOW_ALWAYS}};
	int value;
	if (config_parse_choice(parser, directive, choices, LEN(choices), &value)) {
		parser->config->focus_follows_pointer = (enum config_follow)value;
	}
}

static void apply_min_tile(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_parse_int(parser, directive, 1, 1, 10000, &parser->config->min_tile_width);
	config_parse_int(parser, directive, 2, 1, 10000, &parser->config->min_tile_height);
}

static void apply_accel(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	static const struct config_choice choices[] = {
		{"auto", CONFIG_ACCEL_AUTO}, {"kvm", CONFIG_ACCEL_KVM}, {"tcg", CONFIG_ACCEL_TCG}};
	int value;
	if (config_parse_choice(parser, directive, choices, LEN(choices), &value)) {
		parser->config->accel = (enum config_accel)value;
	}
}

static void apply_grace(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	double seconds;
	if (!config_parse_decimal(directive->params[0], &seconds) || seconds < 0 ||
		seconds > 3600) {
		config_error_at(parser, directive, 1, "\"%s\" is no number of seconds up to 3600",
			directive->params[0]);
		return;
	}
	parser->config->grace_ms = (int)(seconds * 1000 + 0.5);
}

static void apply_programs(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_add_folder(parser, directive, &parser->config->programs);
}

static void apply_machines(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_add_folder(parser, directive, &parser->config->machines);
}

static void apply_start(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	const char *program = directive->params[0];
	if (strcmp(program, "none") == 0) {
		config_strings_clear(&parser->config->start);
	} else if (program[0] == '\0' || strchr(program, '/') != NULL) {
		config_error_at(parser, directive, 1,
			"\"%s\" is no program: it takes the name of a program file, without folder",
			program);
	} else {
		config_strings_add(&parser->config->start, program);
	}
}

static void apply_include(
	struct config_parser *parser, const struct scfg_directive *directive, void *target) {
	config_include(parser, directive);
}

// --- the file -----------------------------------------------------------------------------

static const struct row rows[] = {
	{"accel", 1, 1, BLOCK_NONE, apply_accel},
	{"bind", 1, ANY_NUMBER, BLOCK_MAY, apply_bind},
	{"border", 0, 0, BLOCK_MUST, apply_border},
	{"cursor", 0, 0, BLOCK_MUST, apply_cursor},
	{"default-layout", 1, 1, BLOCK_NONE, apply_default_layout},
	{"focus-follows-pointer", 1, 1, BLOCK_NONE, apply_follow},
	{"focus-new", 1, 1, BLOCK_NONE, apply_focus_new},
	{"grace", 1, 1, BLOCK_NONE, apply_grace},
	{"include", 1, 1, BLOCK_NONE, apply_include},
	{"input", 0, 0, BLOCK_MUST, apply_input},
	{"label", 2, 2, BLOCK_NONE, apply_label},
	{"libvirt", 1, 1, BLOCK_NONE, apply_libvirt},
	{"machines", 1, 1, BLOCK_NONE, apply_machines},
	{"min-tile", 2, 2, BLOCK_NONE, apply_min_tile},
	{"mod", 1, 1, BLOCK_NONE, apply_mod},
	{"output", 1, 1, BLOCK_MUST, apply_output},
	{"programs", 1, 1, BLOCK_NONE, apply_programs},
	{"start", 1, 1, BLOCK_NONE, apply_start},
	{"unbind", 1, ANY_NUMBER, BLOCK_NONE, apply_unbind},
	{"workspaces", 1, 1, BLOCK_NONE, apply_workspaces},
};

static const struct row *find_row(struct config_parser *parser,
	const struct scfg_directive *directive, const struct row *table, size_t len) {
	char known[512] = "";
	for (size_t i = 0; i < len; i++) {
		if (strcmp(table[i].name, directive->name) == 0) {
			return &table[i];
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			i == 0 ? "" : ", ", table[i].name);
	}
	config_error_at(parser, directive, 0, "unknown directive \"%.64s\"; known: %s",
		directive->name, known);
	return NULL;
}

// libscfg does not tell `a` from `a { }`: an empty block counts as one that is there.
static bool check_shape(struct config_parser *parser, const struct scfg_directive *directive,
	const struct row *row) {
	if (directive->params_len < row->min) {
		config_error_at(parser, directive, 0, "%s takes %zu parameter%s%s, not %zu",
			row->name, row->min, row->min == 1 ? "" : "s",
			row->max > row->min ? " or more" : "", directive->params_len);
		return false;
	}
	if (directive->params_len > row->max) {
		config_error_at(parser, directive, row->max + 1,
			"%s takes %zu parameter%s, not %zu", row->name, row->max,
			row->max == 1 ? "" : "s", directive->params_len);
		return false;
	}
	if (row->block == BLOCK_NONE && directive->children.directives_len > 0) {
		config_error_at(parser, directive, 0, "%s takes no block", row->name);
		return false;
	}
	return true;
}

static void apply_rows(struct config_parser *parser, const struct scfg_block *block,
	const struct row *table, size_t len, void *target) {
	for (size_t i = 0; i < block->directives_len; i++) {
		const struct scfg_directive *directive = &block->directives[i];
		if (parser->errors->len >= CONFIG_ERRORS_MAX) {
			return;
		}
		const struct row *row = find_row(parser, directive, table, len);
		if (row != NULL && check_shape(parser, directive, row)) {
			row->apply(parser, directive, target);
		}
	}
}

void config_apply(struct config_parser *parser, const struct scfg_block *block) {
	apply_rows(parser, block, rows, LEN(rows), NULL);
}

#ifndef CONFIG_ROWS_H
#define CONFIG_ROWS_H

#include "config_values.h"

/**
 * What each directive does: a row of a table says how many parameters it takes and whether it
 * has a block, so that this is checked in one place; the function that it names does the rest.
 * Each config_<area>.c has a table of the directives that stand at the top of a file.
 */

enum config_block {
	CONFIG_BLOCK_NONE,
	CONFIG_BLOCK_MAY,
	CONFIG_BLOCK_MUST,
};

struct config_row {
	const char *name;
	size_t min, max; // parameters
	enum config_block block;
	void (*apply)(
		struct config_parser *parser, const struct scfg_directive *directive, void *target);
};

#define CONFIG_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define CONFIG_ANY_NUMBER 1024

/** Tables end with a row whose name is NULL. */
extern const struct config_row config_binding_rows[];
extern const struct config_row config_desk_rows[];
extern const struct config_row config_input_rows[];
extern const struct config_row config_label_rows[];
extern const struct config_row config_looks_rows[];
extern const struct config_row config_machine_rows[];
extern const struct config_row config_output_rows[];
extern const struct config_row config_passthrough_rows[];
extern const struct config_row config_shell_rows[];
extern const struct config_row config_space_rows[];
extern const struct config_row config_rule_rows[];
extern const struct config_row config_windows_rows[];

/** Applies the directives of a block by its own table; target goes to the rows' functions. */
void config_apply_rows(struct config_parser *parser, const struct scfg_block *block,
	const struct config_row *rows, void *target);

// Rows that set one field of the configuration.

#define CONFIG_STRING_SETTER(name, field)                                                          \
	static void name(struct config_parser *parser, const struct scfg_directive *directive,     \
		void *target) {                                                                    \
		config_replace(&parser->config->field, directive->params[0]);                      \
	}

#define CONFIG_INT_SETTER(name, field, least, most)                                                \
	static void name(struct config_parser *parser, const struct scfg_directive *directive,     \
		void *target) {                                                                    \
		config_parse_int(parser, directive, 1, least, most, &parser->config->field);       \
	}

#define CONFIG_BOOL_SETTER(name, field)                                                            \
	static void name(struct config_parser *parser, const struct scfg_directive *directive,     \
		void *target) {                                                                    \
		config_parse_bool(parser, directive, &parser->config->field);                      \
	}

#define CONFIG_TRISTATE_SETTER(name, field)                                                        \
	static void name(struct config_parser *parser, const struct scfg_directive *directive,     \
		void *target) {                                                                    \
		config_parse_tristate(parser, directive, &parser->config->field);                  \
	}

#define CONFIG_COLOUR_SETTER(name, field)                                                          \
	static void name(struct config_parser *parser, const struct scfg_directive *directive,     \
		void *target) {                                                                    \
		config_parse_colour(parser, directive, 1, &parser->config->field);                 \
	}

#endif

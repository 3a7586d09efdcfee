#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include "config_parser.h"

/**
 * Parameters of directives as values. Those that take a directive and a word (1 is the first
 * parameter) add an error there if it is wrong, and then leave the value as it was.
 */

struct config_choice {
	const char *name;
	int value;
};

bool config_parse_int(struct config_parser *parser, const struct scfg_directive *directive,
	size_t word, int least, int most, int *value);

/** The first parameter as one of several names. */
bool config_parse_choice(struct config_parser *parser, const struct scfg_directive *directive,
	const struct config_choice *choices, size_t len, int *value);

/** The first parameter as yes or no. */
bool config_parse_bool(
	struct config_parser *parser, const struct scfg_directive *directive, bool *value);
void config_parse_tristate(struct config_parser *parser, const struct scfg_directive *directive,
	enum config_tristate *value);

void config_parse_colour(struct config_parser *parser, const struct scfg_directive *directive,
	size_t word, uint32_t *colour);

/** A number with digits and at most one point, whatever the locale. False if it is none. */
bool config_parse_decimal(const char *text, double *value);

/** Puts a copy into *string; an empty one is NULL. */
void config_replace(char **string, const char *by);

/** The first parameter, a folder, as an absolute path. */
void config_add_folder(struct config_parser *parser, const struct scfg_directive *directive,
	struct config_strings *list);

#endif

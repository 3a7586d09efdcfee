#include "config_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

bool config_parse_int(struct config_parser *parser, const struct scfg_directive *directive,
	size_t word, int least, int most, int *value) {
	const char *text = directive->params[word - 1];
	char *end;
	long number = strtol(text, &end, 10);
	if (*text == '\0' || strchr("+ \t", *text) != NULL || *end != '\0' || number < least ||
		number > most) {
		config_error_at(parser, directive, word, "\"%s\" is no number from %d to %d", text,
			least, most);
		return false;
	}
	*value = (int)number;
	return true;
}

// Independent of the locale: digits, and one point.
bool config_parse_decimal(const char *text, double *value) {
	bool negative = *text == '-';
	double number = 0, unit = 0;
	size_t digits = 0;
	for (text += negative; *text != '\0'; text++) {
		if (*text == '.' && unit == 0) {
			unit = 1;
		} else if (*text >= '0' && *text <= '9' && digits < 12) {
			digits++;
			unit /= 10;
			number = unit > 0 ? number + (*text - '0') * unit
					  : number * 10 + (*text - '0');
		} else {
			return false;
		}
	}
	*value = negative ? -number : number;
	return digits > 0;
}

bool config_parse_choice(struct config_parser *parser, const struct scfg_directive *directive,
	const struct config_choice *choices, size_t len, int *value) {
	char known[256] = "";
	for (size_t i = 0; i < len; i++) {
		if (strcmp(choices[i].name, directive->params[0]) == 0) {
			*value = choices[i].value;
			return true;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			i == 0                 ? ""
				: i + 1 == len ? " or "
					       : ", ",
			choices[i].name);
	}
	config_error_at(parser, directive, 1, "\"%s\" is not %s", directive->params[0], known);
	return false;
}

bool config_parse_bool(
	struct config_parser *parser, const struct scfg_directive *directive, bool *value) {
	static const struct config_choice choices[] = {{"yes", 1}, {"no", 0}};
	int number;
	if (!config_parse_choice(parser, directive, choices, LEN(choices), &number)) {
		return false;
	}
	*value = number;
	return true;
}

void config_parse_tristate(struct config_parser *parser, const struct scfg_directive *directive,
	enum config_tristate *value) {
	bool yes;
	if (config_parse_bool(parser, directive, &yes)) {
		*value = yes ? CONFIG_YES : CONFIG_NO;
	}
}

void config_parse_colour(struct config_parser *parser, const struct scfg_directive *directive,
	size_t word, uint32_t *colour) {
	const char *text = directive->params[word - 1];
	const char *digits = text + (*text == '#');
	if (strlen(digits) != 6 || strspn(digits, "0123456789abcdefABCDEF") != 6) {
		config_error_at(parser, directive, word, "\"%s\" is no colour as #rrggbb", text);
		return;
	}
	*colour = (uint32_t)strtoul(digits, NULL, 16);
}

void config_replace(char **string, const char *by) {
	free(*string);
	*string = by != NULL && by[0] != '\0' ? alloc_string(by) : NULL;
}

void config_add_folder(struct config_parser *parser, const struct scfg_directive *directive,
	struct config_strings *list) {
	char *path = config_resolve_path(parser, directive->params[0]);
	if (path[0] != '/') {
		char *absolute = realpath(path, NULL);
		free(path);
		if (absolute == NULL) {
			config_error_at(parser, directive, 1, "there is no folder \"%s\"",
				directive->params[0]);
			return;
		}
		path = absolute;
	}
	config_strings_add(list, path);
	free(path);
}

// Finds a directive's row, checks its shape, and lets the row do the rest.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_rows.h"

static const struct config_row *const top_tables[] = {
	config_binding_rows,
	config_desk_rows,
	config_input_rows,
	config_label_rows,
	config_looks_rows,
	config_machine_rows,
	config_output_rows,
	config_passthrough_rows,
	config_shell_rows,
	config_space_rows,
	config_rule_rows,
	config_windows_rows,
};

static int compare_names(const void *a, const void *b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void error_unknown(struct config_parser *parser, const struct scfg_directive *directive,
	const struct config_row *const *tables, size_t len) {
	const char *names[64];
	size_t names_len = 0;
	for (size_t i = 0; i < len; i++) {
		for (const struct config_row *row = tables[i]; row->name != NULL; row++) {
			if (names_len < CONFIG_LEN(names)) {
				names[names_len++] = row->name;
			}
		}
	}
	qsort(names, names_len, sizeof(names[0]), compare_names);
	char known[1024] = "";
	for (size_t i = 0; i < names_len; i++) {
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			i == 0 ? "" : ", ", names[i]);
	}
	config_error_at(parser, directive, 0, "unknown directive \"%.64s\"; known: %s",
		directive->name, known);
}

static const struct config_row *find_row(struct config_parser *parser,
	const struct scfg_directive *directive, const struct config_row *const *tables,
	size_t len) {
	for (size_t i = 0; i < len; i++) {
		for (const struct config_row *row = tables[i]; row->name != NULL; row++) {
			if (strcmp(row->name, directive->name) == 0) {
				return row;
			}
		}
	}
	error_unknown(parser, directive, tables, len);
	return NULL;
}

// libscfg does not tell `a` from `a { }`: an empty block counts as one that is there.
static bool check_shape(struct config_parser *parser, const struct scfg_directive *directive,
	const struct config_row *row) {
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
	if (row->block == CONFIG_BLOCK_NONE && directive->children.directives_len > 0) {
		config_error_at(parser, directive, 0, "%s takes no block", row->name);
		return false;
	}
	return true;
}

static void apply(struct config_parser *parser, const struct scfg_block *block,
	const struct config_row *const *tables, size_t len, void *target) {
	for (size_t i = 0; i < block->directives_len; i++) {
		const struct scfg_directive *directive = &block->directives[i];
		if (parser->errors->len >= CONFIG_ERRORS_MAX) {
			return;
		}
		const struct config_row *row = find_row(parser, directive, tables, len);
		if (row != NULL && check_shape(parser, directive, row)) {
			row->apply(parser, directive, target);
		}
	}
}

void config_apply_rows(struct config_parser *parser, const struct scfg_block *block,
	const struct config_row *rows, void *target) {
	apply(parser, block, &rows, 1, target);
}

void config_apply(struct config_parser *parser, const struct scfg_block *block) {
	apply(parser, block, top_tables, CONFIG_LEN(top_tables), NULL);
}

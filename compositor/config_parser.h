#ifndef CONFIG_PARSER_H
#define CONFIG_PARSER_H

#include <scfg.h>
#include <sys/types.h>

#include "config.h"

/** A text that is being read; includes make a chain. */
struct config_source {
	const char *name; // as in messages
	const char *text;
	size_t text_bytes;
	bool builtin;
	dev_t device; // of the file, to find cycles; 0: not from a file
	ino_t inode;
	const struct config_source *parent; // that includes this one; may be NULL
};

struct config_parser {
	struct config *config;
	const struct config_options *options;
	struct config_errors *errors;
	const struct config_source *source;
	int files;
};

/** After so many errors nothing more is read. */
#define CONFIG_ERRORS_MAX 20

/** Adds an error at a word of a directive: 0 is its name, 1 the first parameter. */
void config_error_at(struct config_parser *parser, const struct scfg_directive *directive,
	size_t word, const char *format, ...) __attribute__((format(printf, 4, 5)));

/** Where a word of a directive is, unless that is in the built-in default. */
void config_mark_place(struct config_parser *parser, const struct scfg_directive *directive,
	size_t word, struct config_place *place);

/** Adds an error at a place that was marked. */
void config_error_in(struct config_parser *parser, const struct config_place *place,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/** When all is read: whether windows can be told apart. */
void config_check_looks(struct config_parser *parser);

/** Applies all directives of a file to the configuration. */
void config_apply(struct config_parser *parser, const struct scfg_block *block);

/** Reads the file that an include directive names. */
void config_include(struct config_parser *parser, const struct scfg_directive *directive);

/** path, or what it means to the file that is being read: `~/`, and relative to its folder. */
char *config_resolve_path(const struct config_parser *parser, const char *path);

void config_strings_add(struct config_strings *list, const char *string);
void config_strings_clear(struct config_strings *list);

#endif

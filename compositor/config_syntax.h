#ifndef CONFIG_SYNTAX_H
#define CONFIG_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Where things stand in a scfg text. libscfg parses it but tells lines only, and of errors
 * nothing to its caller: this finds the first error beforehand, and columns afterwards.
 *
 * What is accepted here, libscfg accepts as well, with the same words on each line. It is a
 * little less than all of scfg: words have blanks between them, nothing but a comment follows
 * a closing brace, the text is UTF-8, and blocks nest at most CONFIG_SYNTAX_DEPTH deep.
 */
#define CONFIG_SYNTAX_DEPTH 8

struct config_syntax_place {
	int line; // from 1
	int column; // from 1, in bytes
};

/** False if the text is wrong, with the place and a line that says why. */
bool config_syntax_check(const char *text, size_t text_bytes, struct config_syntax_place *place,
	char *why, size_t size);

/**
 * The column of a word in a line of a text that was checked, counting from 0 for the name of
 * the directive. 0 if there is no such word.
 */
int config_syntax_column(const char *text, size_t text_bytes, int line, size_t word);

#endif

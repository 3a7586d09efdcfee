#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct server;
struct tile;

/** Longest error text, with its end. */
#define COMMAND_ERROR_MAX 256

/**
 * Run a command, given as words: what a key is bound to, and what redechoctl sends.
 *
 * target is the window that it acts on; NULL: the focused one. Returns false and writes a
 * line to error when the command is unknown, its words are wrong, or it cannot be done.
 */
bool command_run(struct server *server, struct tile *target, size_t words_len, char *const *words,
	char error[static COMMAND_ERROR_MAX]);

/** The same for a line: words divided by blanks, quotes "" '' and backslash as in sh. */
bool command_run_line(struct server *server, struct tile *target, const char *line,
	char error[static COMMAND_ERROR_MAX]);

/** A binding_check_func: checks the words without running them. data is not used. */
bool command_check(
	void *data, size_t words_len, char *const *words, size_t *word, char *why, size_t size);

/**
 * Whether the command is run again and again while its key is held: it goes one step further each
 * time. What starts, ends or switches something does so once.
 */
bool command_repeats(size_t words_len, char *const *words);

/** Names and usage lines of all commands, for help: returns NULL past the end. */
const char *command_name(size_t index);
const char *command_usage(size_t index);

#endif

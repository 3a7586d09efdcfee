#ifndef COMMAND_CALL_H
#define COMMAND_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "layout.h"

struct output;
struct server;
struct tile;
struct workspace;

/**
 * What the files of commands share: command.c finds a command by its name and checks its words,
 * each command_<area>.c has a table of its own.
 */

/** What a command acts on. words[0] is its name. */
struct command_call {
	struct server *server;
	struct tile *target; // the window meant; NULL: none is there
	bool aimed; // target was named, and is not just the focused one
	size_t len;
	char *const *words;
	char *error; // COMMAND_ERROR_MAX bytes
};

/**
 * Which words a command takes. words[1] is the first argument; -1 means that the words are
 * right, else it is the number of the wrong one.
 */
typedef int (*command_words_check)(size_t len, char *const *words);

struct command {
	const char *name, *usage;
	size_t min, max; // arguments
	command_words_check check; // may be NULL
	bool (*run)(struct command_call *call);
	bool repeats; // goes one step further each time: see command_repeats()
};

/** A table, in the order of the names; it ends with a command whose name is NULL. */
extern const struct command command_desk_table[];
extern const struct command command_floating_table[];
extern const struct command command_input_table[];
extern const struct command command_layout_table[];
extern const struct command command_machine_table[];
extern const struct command command_output_table[];
extern const struct command command_shell_table[];
extern const struct command command_space_table[];
extern const struct command command_window_table[];

/** Write why it cannot be done; returns false. */
bool command_fail(struct command_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** There is a window, or a machine's window, to act on; else false, and the error says so. */
bool command_need_target(struct command_call *call);
bool command_need_machine(struct command_call *call);

/**
 * The node that commands on the layout act on: the focused one may be a container. NULL, and the
 * error says so, if the window floats or there is none.
 */
struct layout_node *command_need_node(struct command_call *call);

bool command_read_number(const char *word, int min, int max, int *number);
bool command_read_direction(const char *word, enum layout_direction *direction);
bool command_read_kind(const char *word, enum layout_kind *kind);

/** A length: pixels, as 40 or 40px, or a share of what is whole, as 25% or 25ppt; or negative. */
bool command_read_length(const char *word, int whole, int *pixels);

/** Move the target, or the container that has the focus with all its windows. */
void command_move_all(struct command_call *call, struct workspace *to);

/** What command_space.c adds to `focus` and to `move`; it is asked first. */
bool command_space_is_focus(const char *word);
int command_space_check_focus(size_t len, char *const *words);
bool command_space_focus(struct command_call *call);
bool command_space_is_move(const char *word);
int command_space_check_move(size_t len, char *const *words);
bool command_space_move(struct command_call *call);

/** `move` for a window that floats: by a length, and to a place. The words are checked. */
bool command_floating_move(struct command_call *call, enum layout_direction direction);
bool command_floating_position(struct command_call *call);

/** A check: the words of `move position`. */
int command_check_position(size_t len, char *const *words);

/** A check: nothing, `on`, `off` or `toggle`. */
int command_check_toggle(size_t len, char *const *words);

/** What such words make of a switch. */
bool command_toggled(const struct command_call *call, bool before);

/** A check: nothing, `on` or `off`. */
int command_check_switch(size_t len, char *const *words);

#endif

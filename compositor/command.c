#include "command.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "command_call.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

static const struct command *const tables[] = {
	command_desk_table,
	command_floating_table,
	command_input_table,
	command_layout_table,
	command_machine_table,
	command_output_table,
	command_shell_table,
	command_space_table,
	command_window_table,
};

#define TABLES_LEN (sizeof(tables) / sizeof(tables[0]))

// --- what the commands share ----------------------------------------------------------------

bool command_fail(struct command_call *call, const char *format, ...) {
	va_list args;
	va_start(args, format);
	vsnprintf(call->error, COMMAND_ERROR_MAX, format, args);
	va_end(args);
	return false;
}

bool command_need_target(struct command_call *call) {
	return call->target != NULL || command_fail(call, "no window has the focus");
}

bool command_need_machine(struct command_call *call) {
	return command_need_target(call) &&
		(call->target->machine != NULL || command_fail(call, "the window is no machine"));
}

struct layout_node *command_need_node(struct command_call *call) {
	if (!command_need_target(call)) {
		return NULL;
	}
	if (call->target->floating.on) {
		command_fail(call, "the window floats");
		return NULL;
	}
	return call->aimed ? call->target->node
			   : layout_focused_node(call->target->workspace->layout);
}

bool command_read_number(const char *word, int min, int max, int *number) {
	char *end;
	long value = strtol(word, &end, 10);
	if (*word == '\0' || *end != '\0' || value < min || value > max) {
		return false;
	}
	*number = (int)value;
	return true;
}

bool command_read_length(const char *word, int whole, int *pixels) {
	const int most = 100000;
	char *end;
	long value = strtol(word, &end, 10);
	if (end == word || value < -most || value > most) {
		return false;
	}
	if (strcmp(end, "%") == 0 || strcmp(end, "ppt") == 0) {
		value = (long)((int64_t)value * whole / 100);
	} else if (*end != '\0' && strcmp(end, "px") != 0) {
		return false;
	}
	*pixels = (int)value;
	return true;
}

bool command_read_direction(const char *word, enum layout_direction *direction) {
	static const char *const names[] = {
		[LAYOUT_LEFT] = "left",
		[LAYOUT_RIGHT] = "right",
		[LAYOUT_UP] = "up",
		[LAYOUT_DOWN] = "down",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(word, names[i]) == 0) {
			*direction = (enum layout_direction)i;
			return true;
		}
	}
	return false;
}

bool command_read_kind(const char *word, enum layout_kind *kind) {
	static const char *const names[] = {
		[LAYOUT_HORIZONTAL] = "horizontal",
		[LAYOUT_VERTICAL] = "vertical",
		[LAYOUT_TABBED] = "tabbed",
		[LAYOUT_STACKED] = "stacked",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(word, names[i]) == 0) {
			*kind = (enum layout_kind)i;
			return true;
		}
	}
	return false;
}

int command_check_switch(size_t len, char *const *words) {
	return len == 1 || strcmp(words[1], "on") == 0 || strcmp(words[1], "off") == 0 ? -1 : 1;
}

int command_check_toggle(size_t len, char *const *words) {
	return len == 2 && strcmp(words[1], "toggle") == 0 ? -1 : command_check_switch(len, words);
}

bool command_toggled(const struct command_call *call, bool before) {
	bool toggles = call->len == 1 || strcmp(call->words[1], "toggle") == 0;
	return toggles ? !before : strcmp(call->words[1], "on") == 0;
}

// --- the tables ---------------------------------------------------------------------------

static const struct command *at(size_t index) {
	for (size_t i = 0; i < TABLES_LEN; i++) {
		for (const struct command *command = tables[i]; command->name != NULL; command++) {
			if (index-- == 0) {
				return command;
			}
		}
	}
	return NULL;
}

const char *command_name(size_t index) {
	const struct command *command = at(index);
	return command != NULL ? command->name : NULL;
}

const char *command_usage(size_t index) {
	const struct command *command = at(index);
	return command != NULL ? command->usage : NULL;
}

static const struct command *find(const char *name) {
	for (size_t i = 0; i < TABLES_LEN; i++) {
		for (const struct command *command = tables[i]; command->name != NULL; command++) {
			if (strcmp(command->name, name) == 0) {
				return command;
			}
		}
	}
	return NULL;
}

bool command_check(
	void *data, size_t words_len, char *const *words, size_t *word, char *why, size_t size) {
	*word = 0;
	const struct command *command = find(words[0]);
	if (command == NULL) {
		snprintf(why, size, "there is no command %s", words[0]);
		return false;
	}
	size_t arguments = words_len - 1;
	int wrong = -1;
	if (arguments < command->min) {
		wrong = 0;
	} else if (arguments > command->max) {
		wrong = (int)command->max + 1;
	} else if (command->check != NULL) {
		wrong = command->check(words_len, words);
	}
	if (wrong < 0) {
		return true;
	}
	*word = (size_t)wrong < words_len ? (size_t)wrong : words_len - 1;
	snprintf(why, size, "usage: %s", command->usage);
	return false;
}

bool command_repeats(size_t words_len, char *const *words) {
	// There and back.
	static const char *const switches[] = {"back-and-forth", "last", "mode-toggle"};
	const struct command *command = words_len > 0 ? find(words[0]) : NULL;
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (words_len == 2 && strcmp(words[1], switches[i]) == 0) {
			return false;
		}
	}
	return command != NULL && command->repeats;
}

bool command_run(struct server *server, struct tile *target, size_t words_len, char *const *words,
	char error[static COMMAND_ERROR_MAX]) {
	size_t word;
	if (words_len == 0) {
		snprintf(error, COMMAND_ERROR_MAX, "no command");
		return false;
	}
	if (!command_check(NULL, words_len, words, &word, error, COMMAND_ERROR_MAX)) {
		return false;
	}
	struct command_call call = {
		.server = server,
		.target = target != NULL ? target : tile_focused(server),
		.aimed = target != NULL,
		.len = words_len,
		.words = words,
		.error = error,
	};
	snprintf(error, COMMAND_ERROR_MAX, "not done");
	return find(words[0])->run(&call);
}

bool command_run_line(struct server *server, struct tile *target, const char *line,
	char error[static COMMAND_ERROR_MAX]) {
	struct binding_command *command = binding_command_parse(line);
	if (command == NULL) {
		snprintf(error, COMMAND_ERROR_MAX, "an open quote, or nothing");
		return false;
	}
	bool ok = command_run(server, target, command->words_len, command->words, error);
	binding_command_destroy(command);
	return ok;
}

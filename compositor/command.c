#include "command.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "config.h"
#include "launch.h"
#include "layout.h"
#include "machine.h"
#include "output.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

// What a command acts on. words[0] is its name.
struct call {
	struct server *server;
	struct tile *target; // the window meant; NULL: none is there
	bool aimed; // target was named, and is not just the focused one
	size_t len;
	char *const *words;
	char *error; // COMMAND_ERROR_MAX bytes
};

static bool fail(struct call *call, const char *format, ...) {
	va_list args;
	va_start(args, format);
	vsnprintf(call->error, COMMAND_ERROR_MAX, format, args);
	va_end(args);
	return false;
}

static bool need_target(struct call *call) {
	return call->target != NULL || fail(call, "no window has the focus");
}

static bool need_machine(struct call *call) {
	return need_target(call) &&
		(call->target->machine != NULL || fail(call, "the window is no machine"));
}

static bool read_number(const char *word, int min, int max, int *number) {
	char *end;
	long value = strtol(word, &end, 10);
	if (*word == '\0' || *end != '\0' || value < min || value > max) {
		return false;
	}
	*number = (int)value;
	return true;
}

static bool read_direction(const char *word, enum layout_direction *direction) {
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

static bool read_kind(const char *word, enum layout_kind *kind) {
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

// The node that layout commands act on: the focused one may be a container.
static struct layout_node *target_node(const struct call *call) {
	return call->aimed ? call->target->node
			   : layout_focused_node(call->target->workspace->layout);
}

static struct output *neighbour_output(struct workspace *workspace, enum layout_direction side) {
	static const int dx[] = {[LAYOUT_LEFT] = -1, [LAYOUT_RIGHT] = 1, [LAYOUT_DOWN] = 0};
	static const int dy[] = {[LAYOUT_UP] = -1, [LAYOUT_DOWN] = 1};
	return workspace->output != NULL ? output_adjacent(workspace->output, dx[side], dy[side])
					 : NULL;
}

// --- programs -----------------------------------------------------------------------------

static bool run_spawn(struct call *call) {
	if (call->server->manager == NULL) {
		return fail(call, "this desk has no redecho-vmd");
	}
	machine_spawn(call->server, call->words[1]);
	return true;
}

static bool run_exec(struct call *call) {
	char line[4096];
	size_t len = 0;
	for (size_t i = 1; i < call->len; i++) {
		int written = snprintf(
			line + len, sizeof(line) - len, "%s%s", i > 1 ? " " : "", call->words[i]);
		if (written < 0 || (size_t)written >= sizeof(line) - len) {
			return fail(call, "the command is too long");
		}
		len += (size_t)written;
	}
	return launch_shell(call->server, line) || fail(call, "%s", strerror(errno));
}

static bool run_close(struct call *call) {
	if (!need_target(call)) {
		return false;
	}
	tile_close(call->target);
	return true;
}

static bool run_kill(struct call *call) {
	if (!need_target(call)) {
		return false;
	}
	tile_kill(call->target);
	return true;
}

static bool run_restart(struct call *call) {
	if (!need_machine(call)) {
		return false;
	}
	machine_restart(call->target->machine);
	return true;
}

static bool run_dismiss(struct call *call) {
	if (!need_machine(call)) {
		return false;
	}
	if (machine_cause_name(call->target->machine) == NULL) {
		return fail(call, "the machine runs");
	}
	machine_destroy(call->target->machine);
	return true;
}

static bool run_pointer_mode(struct call *call) {
	if (!need_machine(call)) {
		return false;
	}
	machine_toggle_pointer_mode(call->target->machine);
	return true;
}

// --- tiles --------------------------------------------------------------------------------

static bool focus_window(struct call *call) {
	int id;
	struct tile *tile = NULL;
	if (call->len == 3 && read_number(call->words[2], 0, INT_MAX, &id)) {
		tile = tile_find(call->server, (uint32_t)id);
	}
	if (tile == NULL) {
		return fail(call, "no such window");
	}
	tile_focus(tile);
	return true;
}

static bool focus_direction(struct call *call, enum layout_direction direction) {
	struct workspace *workspace = workspace_active(call->server);
	struct layout_node *next = NULL;
	if (call->target != NULL && workspace->fullscreen == NULL) {
		next = layout_neighbour(target_node(call), direction);
	}
	if (next != NULL) {
		tile_focus(layout_node_data(next));
		return true;
	}
	struct output *output = neighbour_output(workspace, direction);
	if (output == NULL) {
		return true; // the edge of the desk is no error
	}
	next = layout_enter(output->workspace->layout, direction);
	if (next != NULL && output->workspace->fullscreen == NULL) {
		tile_focus(layout_node_data(next));
	} else {
		workspace_show(output->workspace);
	}
	return true;
}

static bool run_focus(struct call *call) {
	const char *word = call->len > 1 ? call->words[1] : ""; // alone: the target
	enum layout_direction direction;
	if (strcmp(word, "window") == 0) {
		return focus_window(call);
	}
	if (read_direction(word, &direction)) {
		return focus_direction(call, direction);
	}
	if (!need_target(call)) {
		return false;
	}
	if (strcmp(word, "parent") == 0) {
		layout_focus_parent(call->target->workspace->layout);
	} else if (strcmp(word, "child") == 0) {
		layout_focus_child(call->target->workspace->layout);
	} else {
		tile_focus(call->target);
	}
	return true;
}

static bool move_direction(struct call *call, enum layout_direction direction) {
	struct workspace *workspace = call->target->workspace;
	if (layout_move(target_node(call), direction)) {
		workspace_arrange(workspace);
		return true;
	}
	struct output *output = neighbour_output(workspace, direction);
	if (output != NULL) {
		tile_move_to_workspace(call->target, output->workspace);
		tile_focus(call->target);
	}
	return true;
}

// With a container focused all its windows go.
static void move_all(struct call *call, struct workspace *to) {
	struct layout_node *node = target_node(call);
	if (layout_node_is_leaf(node)) {
		tile_move_to_workspace(layout_node_data(node), to);
		return;
	}
	struct workspace *from = call->target->workspace;
	struct tile *tiles[256];
	size_t len = 0;
	struct layout_node *leaf = layout_next_leaf(from->layout, NULL);
	while (leaf != NULL && len < sizeof(tiles) / sizeof(tiles[0])) {
		const struct layout_node *above = leaf;
		while (above != NULL && above != node) {
			above = layout_node_parent(above);
		}
		if (above == node) {
			tiles[len++] = layout_node_data(leaf);
		}
		leaf = layout_next_leaf(from->layout, leaf);
	}
	for (size_t i = 0; i < len; i++) {
		tile_move_to_workspace(tiles[i], to);
	}
}

static bool read_workspace(struct call *call, const char *word, int *number) {
	int max = call->server != NULL ? call->server->config->workspaces : INT_MAX;
	if (read_number(word, 1, max, number)) {
		return true;
	}
	return call->server != NULL ? fail(call, "workspaces are 1 to %d", max) : false;
}

static bool run_move(struct call *call) {
	enum layout_direction direction;
	if (!need_target(call)) {
		return false;
	}
	if (read_direction(call->words[1], &direction)) {
		return move_direction(call, direction);
	}
	if (strcmp(call->words[1], "output") == 0) {
		struct output *output = output_find(call->server, call->words[2]);
		if (output == NULL) {
			return fail(call, "no such output");
		}
		move_all(call, output->workspace);
		return true;
	}
	int number;
	if (!read_workspace(call, call->words[2], &number)) {
		return false;
	}
	move_all(call, workspace_get(call->server, number));
	return true;
}

static bool run_resize(struct call *call) {
	static const enum layout_direction opposite[] = {
		[LAYOUT_LEFT] = LAYOUT_RIGHT,
		[LAYOUT_RIGHT] = LAYOUT_LEFT,
		[LAYOUT_UP] = LAYOUT_DOWN,
		[LAYOUT_DOWN] = LAYOUT_UP,
	};
	enum layout_direction direction;
	int amount;
	if (!need_target(call) || !read_direction(call->words[1], &direction) ||
		!read_number(call->words[2], -10000, 10000, &amount)) {
		return false;
	}
	// The edge on that side goes that way; where it is the desk's edge the other one does.
	struct layout_node *node = target_node(call);
	if (!layout_resize(node, direction, amount)) {
		layout_resize(node, opposite[direction], -amount);
	}
	workspace_arrange(call->target->workspace);
	return true;
}

static bool run_fullscreen(struct call *call) {
	if (!need_target(call)) {
		return false;
	}
	bool on = !call->target->fullscreen;
	if (call->len > 1) {
		on = strcmp(call->words[1], "on") == 0;
	}
	tile_set_fullscreen(call->target, on);
	return true;
}

static bool run_split(struct call *call) {
	enum layout_kind kind;
	if (!need_target(call) || !read_kind(call->words[1], &kind)) {
		return false;
	}
	layout_split(target_node(call), kind);
	workspace_arrange(call->target->workspace);
	return true;
}

static bool run_layout(struct call *call) {
	enum layout_kind kind;
	struct workspace *workspace = workspace_active(call->server);
	if (!read_kind(call->words[1], &kind)) {
		return false;
	}
	if (call->target == NULL) {
		layout_set_kind(layout_root(workspace->layout), kind);
		return true;
	}
	layout_set_kind(target_node(call), kind);
	workspace_arrange(call->target->workspace);
	return true;
}

static bool run_balance(struct call *call) {
	if (!need_target(call)) {
		return false;
	}
	layout_equalize(target_node(call));
	workspace_arrange(call->target->workspace);
	return true;
}

// --- the desk -----------------------------------------------------------------------------

static bool run_workspace(struct call *call) {
	int number;
	struct server *server = call->server;
	int current = workspace_active(server)->number;
	if (strcmp(call->words[1], "next") == 0) {
		number = current < server->config->workspaces ? current + 1 : 1;
	} else if (strcmp(call->words[1], "previous") == 0) {
		number = current > 1 ? current - 1 : server->config->workspaces;
	} else if (!read_workspace(call, call->words[1], &number)) {
		return false;
	}
	if (server->active_output == NULL) {
		return fail(call, "there is no output to show it on");
	}
	workspace_show(workspace_get(server, number));
	return true;
}

static bool run_reload(struct call *call) {
	return server_reload(call->server) ||
		fail(call, "the configuration has an error; the old one stays");
}

static bool run_exit(struct call *call) {
	server_exit(call->server);
	return true;
}

static bool run_nop(struct call *call) {
	return true;
}

// --- the table ----------------------------------------------------------------------------

// Which words a command takes. words[1] is the first argument; -1 from a check means that
// the words are right, else it is the number of the wrong one.
typedef int (*words_check)(size_t len, char *const *words);

static int check_direction(size_t len, char *const *words) {
	enum layout_direction direction;
	return read_direction(words[1], &direction) ? -1 : 1;
}

static int check_focus(size_t len, char *const *words) {
	int id;
	if (len == 1 || strcmp(words[1], "parent") == 0 || strcmp(words[1], "child") == 0) {
		return len <= 2 ? -1 : 2;
	}
	if (strcmp(words[1], "window") == 0) {
		return len == 3 && read_number(words[2], 0, INT_MAX, &id) ? -1 : 2;
	}
	return len == 2 ? check_direction(len, words) : 2;
}

static int check_move(size_t len, char *const *words) {
	int number;
	if (strcmp(words[1], "workspace") == 0) {
		return len == 3 && read_number(words[2], 1, INT_MAX, &number) ? -1 : 2;
	}
	if (strcmp(words[1], "output") == 0) {
		return len == 3 ? -1 : 2;
	}
	return len == 2 ? check_direction(len, words) : 2;
}

static int check_resize(size_t len, char *const *words) {
	int amount;
	int wrong = check_direction(len, words);
	if (wrong >= 0) {
		return wrong;
	}
	return read_number(words[2], -10000, 10000, &amount) ? -1 : 2;
}

static int check_kind(size_t len, char *const *words) {
	enum layout_kind kind;
	return read_kind(words[1], &kind) ? -1 : 1;
}

static int check_workspace(size_t len, char *const *words) {
	int number;
	return strcmp(words[1], "next") == 0 || strcmp(words[1], "previous") == 0 ||
			read_number(words[1], 1, INT_MAX, &number)
		? -1
		: 1;
}

static int check_switch(size_t len, char *const *words) {
	return len == 1 || strcmp(words[1], "on") == 0 || strcmp(words[1], "off") == 0 ? -1 : 1;
}

struct command {
	const char *name, *usage;
	size_t min, max; // arguments
	words_check check; // may be NULL
	bool (*run)(struct call *call);
};

static const struct command commands[] = {
	{"balance", "balance", 0, 0, NULL, run_balance},
	{"close", "close", 0, 0, NULL, run_close},
	{"dismiss", "dismiss", 0, 0, NULL, run_dismiss},
	{"exec", "exec COMMAND...", 1, SIZE_MAX, NULL, run_exec},
	{"exit", "exit", 0, 0, NULL, run_exit},
	{"focus", "focus [left|right|up|down|parent|child|window ID]", 0, 2, check_focus,
		run_focus},
	{"fullscreen", "fullscreen [on|off]", 0, 1, check_switch, run_fullscreen},
	{"kill", "kill", 0, 0, NULL, run_kill},
	{"layout", "layout horizontal|vertical|tabbed|stacked", 1, 1, check_kind, run_layout},
	{"move", "move left|right|up|down|workspace N|output NAME", 1, 2, check_move, run_move},
	{"nop", "nop [ANYTHING...]", 0, SIZE_MAX, NULL, run_nop},
	{"pointer-mode", "pointer-mode", 0, 0, NULL, run_pointer_mode},
	{"reload", "reload", 0, 0, NULL, run_reload},
	{"resize", "resize left|right|up|down PIXELS", 2, 2, check_resize, run_resize},
	{"restart", "restart", 0, 0, NULL, run_restart},
	{"spawn", "spawn PROGRAM", 1, 1, NULL, run_spawn},
	{"split", "split horizontal|vertical|tabbed|stacked", 1, 1, check_kind, run_split},
	{"workspace", "workspace N|next|previous", 1, 1, check_workspace, run_workspace},
};

#define COMMANDS_LEN (sizeof(commands) / sizeof(commands[0]))

const char *command_name(size_t index) {
	return index < COMMANDS_LEN ? commands[index].name : NULL;
}

const char *command_usage(size_t index) {
	return index < COMMANDS_LEN ? commands[index].usage : NULL;
}

static const struct command *find(const char *name) {
	for (size_t i = 0; i < COMMANDS_LEN; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			return &commands[i];
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
	struct call call = {
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

// Commands that act on a window and on the tree that it is in.

#include <limits.h>
#include <string.h>

#include "command_call.h"
#include "output.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

// The node that layout commands act on: the focused one may be a container.
static struct layout_node *target_node(const struct command_call *call) {
	return call->aimed ? call->target->node
			   : layout_focused_node(call->target->workspace->layout);
}

static struct output *neighbour_output(struct workspace *workspace, enum layout_direction side) {
	static const int dx[] = {[LAYOUT_LEFT] = -1, [LAYOUT_RIGHT] = 1, [LAYOUT_DOWN] = 0};
	static const int dy[] = {[LAYOUT_UP] = -1, [LAYOUT_DOWN] = 1};
	return workspace->output != NULL ? output_adjacent(workspace->output, dx[side], dy[side])
					 : NULL;
}

static bool run_close(struct command_call *call) {
	if (!command_need_target(call)) {
		return false;
	}
	tile_close(call->target);
	return true;
}

static bool run_kill(struct command_call *call) {
	if (!command_need_target(call)) {
		return false;
	}
	tile_kill(call->target);
	return true;
}

static bool focus_window(struct command_call *call) {
	int id;
	struct tile *tile = NULL;
	if (call->len == 3 && command_read_number(call->words[2], 0, INT_MAX, &id)) {
		tile = tile_find(call->server, (uint32_t)id);
	}
	if (tile == NULL) {
		return command_fail(call, "no such window");
	}
	tile_focus(tile);
	return true;
}

static bool focus_direction(struct command_call *call, enum layout_direction direction) {
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

static bool run_focus(struct command_call *call) {
	const char *word = call->len > 1 ? call->words[1] : ""; // alone: the target
	enum layout_direction direction;
	if (strcmp(word, "window") == 0) {
		return focus_window(call);
	}
	if (command_read_direction(word, &direction)) {
		return focus_direction(call, direction);
	}
	if (!command_need_target(call)) {
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

static bool move_direction(struct command_call *call, enum layout_direction direction) {
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
static void move_all(struct command_call *call, struct workspace *to) {
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

static bool run_move(struct command_call *call) {
	enum layout_direction direction;
	if (!command_need_target(call)) {
		return false;
	}
	if (command_read_direction(call->words[1], &direction)) {
		return move_direction(call, direction);
	}
	if (strcmp(call->words[1], "output") == 0) {
		struct output *output = output_find(call->server, call->words[2]);
		if (output == NULL) {
			return command_fail(call, "no such output");
		}
		move_all(call, output->workspace);
		return true;
	}
	int number;
	if (!command_read_workspace(call, call->words[2], &number)) {
		return false;
	}
	move_all(call, workspace_get(call->server, number));
	return true;
}

static bool run_resize(struct command_call *call) {
	static const enum layout_direction opposite[] = {
		[LAYOUT_LEFT] = LAYOUT_RIGHT,
		[LAYOUT_RIGHT] = LAYOUT_LEFT,
		[LAYOUT_UP] = LAYOUT_DOWN,
		[LAYOUT_DOWN] = LAYOUT_UP,
	};
	enum layout_direction direction;
	int amount;
	if (!command_need_target(call) || !command_read_direction(call->words[1], &direction) ||
		!command_read_number(call->words[2], -10000, 10000, &amount)) {
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

static bool run_fullscreen(struct command_call *call) {
	if (!command_need_target(call)) {
		return false;
	}
	bool on = !call->target->fullscreen;
	if (call->len > 1) {
		on = strcmp(call->words[1], "on") == 0;
	}
	tile_set_fullscreen(call->target, on);
	return true;
}

static bool run_split(struct command_call *call) {
	enum layout_kind kind;
	if (!command_need_target(call) || !command_read_kind(call->words[1], &kind)) {
		return false;
	}
	layout_split(target_node(call), kind);
	workspace_arrange(call->target->workspace);
	return true;
}

static bool run_layout(struct command_call *call) {
	enum layout_kind kind;
	struct workspace *workspace = workspace_active(call->server);
	if (!command_read_kind(call->words[1], &kind)) {
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

static bool run_balance(struct command_call *call) {
	if (!command_need_target(call)) {
		return false;
	}
	layout_equalize(target_node(call));
	workspace_arrange(call->target->workspace);
	return true;
}

static int check_direction(size_t len, char *const *words) {
	enum layout_direction direction;
	return command_read_direction(words[1], &direction) ? -1 : 1;
}

static int check_focus(size_t len, char *const *words) {
	int id;
	if (len == 1 || strcmp(words[1], "parent") == 0 || strcmp(words[1], "child") == 0) {
		return len <= 2 ? -1 : 2;
	}
	if (strcmp(words[1], "window") == 0) {
		return len == 3 && command_read_number(words[2], 0, INT_MAX, &id) ? -1 : 2;
	}
	return len == 2 ? check_direction(len, words) : 2;
}

static int check_move(size_t len, char *const *words) {
	int number;
	if (strcmp(words[1], "workspace") == 0) {
		return len == 3 && command_read_number(words[2], 1, INT_MAX, &number) ? -1 : 2;
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
	return command_read_number(words[2], -10000, 10000, &amount) ? -1 : 2;
}

static int check_kind(size_t len, char *const *words) {
	enum layout_kind kind;
	return command_read_kind(words[1], &kind) ? -1 : 1;
}

const struct command command_window_table[] = {
	{"balance", "balance", 0, 0, NULL, run_balance},
	{"close", "close", 0, 0, NULL, run_close},
	{"focus", "focus [left|right|up|down|parent|child|window ID]", 0, 2, check_focus,
		run_focus},
	{"fullscreen", "fullscreen [on|off]", 0, 1, command_check_switch, run_fullscreen},
	{"kill", "kill", 0, 0, NULL, run_kill},
	{"layout", "layout horizontal|vertical|tabbed|stacked", 1, 1, check_kind, run_layout},
	{"move", "move left|right|up|down|workspace N|output NAME", 1, 2, check_move, run_move},
	{"resize", "resize left|right|up|down PIXELS", 2, 2, check_resize, run_resize},
	{"split", "split horizontal|vertical|tabbed|stacked", 1, 1, check_kind, run_split},
	{0},
};

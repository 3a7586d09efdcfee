// Commands that act on a window: its focus, its workspace, its end.

#include <limits.h>
#include <string.h>

#include "command_call.h"
#include "floating.h"
#include "layout_move.h"
#include "output.h"
#include "scratchpad.h"
#include "server.h"
#include "tile.h"
#include "window_menu.h"
#include "workspace.h"

// The node to move: the focused one may be a container. NULL: the window floats.
static struct layout_node *target_node(const struct command_call *call) {
	return call->aimed || call->target->floating.on
		? call->target->node
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

static bool run_menu(struct command_call *call) {
	if (!command_need_target(call)) {
		return false;
	}
	window_menu_open(call->target);
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

// Between what floats and what does not; the last one that had the focus there.
static bool focus_mode(struct command_call *call, bool floating) {
	struct tile *tile = floating_recent(workspace_active(call->server), floating);
	if (tile == NULL) {
		return command_fail(
			call, floating ? "nothing floats here" : "nothing is tiled here");
	}
	tile_focus(tile);
	return true;
}

// What is beside it in its container, which may be behind another tab.
static bool focus_sibling(struct command_call *call, bool forward) {
	struct layout_node *node = command_need_node(call);
	if (node == NULL) {
		return false;
	}
	struct layout_node *leaf = layout_sibling(node, forward);
	if (leaf != NULL) {
		tile_focus(layout_node_data(leaf));
	}
	return true;
}

static bool focus_direction(struct command_call *call, enum layout_direction direction) {
	struct workspace *workspace = workspace_active(call->server);
	struct layout_node *next = NULL;
	if (call->target != NULL && call->target->floating.on && !call->target->fullscreen) {
		struct tile *beside = floating_neighbour(call->target, direction);
		if (beside != NULL) {
			tile_focus(beside);
			return true;
		}
	} else if (call->target != NULL && workspace->fullscreen == NULL) {
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
	if (command_space_is_focus(word)) {
		return command_space_focus(call);
	}
	if (strcmp(word, "window") == 0) {
		return focus_window(call);
	}
	if (command_read_direction(word, &direction)) {
		return focus_direction(call, direction);
	}
	if (!command_need_target(call)) {
		return false;
	}
	bool parent = strcmp(word, "parent") == 0;
	if (parent || strcmp(word, "child") == 0) {
		if (command_need_node(call) == NULL) {
			return false;
		}
		struct layout *layout = call->target->workspace->layout;
		if (parent) {
			layout_focus_parent(layout);
		} else {
			layout_focus_child(layout);
		}
	} else if (strcmp(word, "next") == 0 || strcmp(word, "previous") == 0) {
		return focus_sibling(call, word[0] == 'n');
	} else if (strcmp(word, "mode-toggle") == 0) {
		return focus_mode(call, !call->target->floating.on);
	} else if (strcmp(word, "floating") == 0 || strcmp(word, "tiled") == 0) {
		return focus_mode(call, word[0] == 'f');
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
void command_move_all(struct command_call *call, struct workspace *to) {
	struct layout_node *node = target_node(call);
	if (node == NULL || layout_node_is_leaf(node)) {
		tile_move_to_workspace(call->target, to);
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
	if (command_space_is_move(call->words[1])) {
		return command_space_move(call);
	}
	if (!command_need_target(call)) {
		return false;
	}
	if (strcmp(call->words[1], "position") == 0) {
		return command_floating_position(call);
	}
	if (!command_read_direction(call->words[1], &direction)) {
		return false;
	}
	return call->target->floating.on ? command_floating_move(call, direction)
					 : move_direction(call, direction);
}

static bool run_fullscreen(struct command_call *call) {
	if (!command_need_target(call)) {
		return false;
	}
	bool on = !call->target->fullscreen;
	if (call->len > 1) {
		on = strcmp(call->words[1], "on") == 0;
	}
	if (on) {
		scratchpad_bring(call->target); // out of sight nothing fills a screen
	}
	tile_set_fullscreen(call->target, on);
	return true;
}

static int check_direction(size_t len, char *const *words) {
	enum layout_direction direction;
	return command_read_direction(words[1], &direction) ? -1 : 1;
}

static int check_focus(size_t len, char *const *words) {
	int id;
	if (len > 1 && command_space_is_focus(words[1])) {
		return command_space_check_focus(len, words);
	}
	static const char *const names[] = {
		"parent", "child", "next", "previous", "mode-toggle", "floating", "tiled"};
	for (size_t i = 0; len == 2 && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(words[1], names[i]) == 0) {
			return -1;
		}
	}
	if (len == 1) {
		return -1;
	}
	if (strcmp(words[1], "window") == 0) {
		return len == 3 && command_read_number(words[2], 0, INT_MAX, &id) ? -1 : 2;
	}
	return len == 2 ? check_direction(len, words) : 2;
}

static int check_move(size_t len, char *const *words) {
	if (command_space_is_move(words[1])) {
		return command_space_check_move(len, words);
	}
	if (strcmp(words[1], "position") == 0) {
		return command_check_position(len, words);
	}
	int amount, wrong = check_direction(len, words);
	return wrong < 0 && len == 3 && !command_read_length(words[2], 0, &amount) ? 2
		: len > 3                                                          ? 3
										   : wrong;
}

const struct command command_window_table[] = {
	{"close", "close", 0, 0, NULL, run_close},
	{"focus",
		"focus [left|right|up|down|parent|child|next|previous|mode-toggle|floating|tiled|"
		"window ID|output WHERE|last|older|newer|urgent [oldest]]",
		0, 2, check_focus, run_focus, true},
	{"fullscreen", "fullscreen [on|off]", 0, 1, command_check_switch, run_fullscreen},
	{"kill", "kill", 0, 0, NULL, run_kill},
	{"menu", "menu", 0, 0, NULL, run_menu},
	{"move",
		"move left|right|up|down [LENGTH]|position X Y|position center|position pointer|"
		"workspace WHICH|output WHERE|workspace to output WHERE",
		1, 6, check_move, run_move, true},
	{0},
};

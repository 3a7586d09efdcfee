// Commands that act on the tree that a window is in.

#include <limits.h>
#include <string.h>

#include "command_call.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

static bool run_split(struct command_call *call) {
	enum layout_kind kind;
	struct layout_node *node = command_need_node(call);
	if (node == NULL || !command_read_kind(call->words[1], &kind)) {
		return false;
	}
	layout_split(node, kind);
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
	struct layout_node *node = command_need_node(call);
	if (node == NULL) {
		return false;
	}
	layout_set_kind(node, kind);
	workspace_arrange(call->target->workspace);
	return true;
}

static bool run_balance(struct command_call *call) {
	struct layout_node *node = command_need_node(call);
	if (node == NULL) {
		return false;
	}
	layout_equalize(node);
	workspace_arrange(call->target->workspace);
	return true;
}

static bool run_swap(struct command_call *call) {
	int id;
	if (command_need_node(call) == NULL ||
		!command_read_number(call->words[2], 0, INT_MAX, &id)) {
		return false;
	}
	struct tile *other = tile_find(call->server, (uint32_t)id);
	if (other == NULL || other->floating.on) {
		return command_fail(call, other == NULL ? "no such window" : "that window floats");
	}
	tile_swap(call->target, other);
	return true;
}

static int check_swap(size_t len, char *const *words) {
	int id;
	if (strcmp(words[1], "window") != 0) {
		return 1;
	}
	return command_read_number(words[2], 0, INT_MAX, &id) ? -1 : 2;
}

static int check_kind(size_t len, char *const *words) {
	enum layout_kind kind;
	return command_read_kind(words[1], &kind) ? -1 : 1;
}

const struct command command_layout_table[] = {
	{"balance", "balance", 0, 0, NULL, run_balance},
	{"layout", "layout horizontal|vertical|tabbed|stacked", 1, 1, check_kind, run_layout},
	{"split", "split horizontal|vertical|tabbed|stacked", 1, 1, check_kind, run_split},
	{"swap", "swap window ID", 2, 2, check_swap, run_swap},
	{0},
};

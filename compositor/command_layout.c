// Commands that act on the tree that a window is in.

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "command_call.h"
#include "config.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

static enum layout_kind across(enum layout_kind split) {
	return split == LAYOUT_HORIZONTAL ? LAYOUT_VERTICAL : LAYOUT_HORIZONTAL;
}

static bool run_split(struct command_call *call) {
	enum layout_kind kind;
	struct layout_node *node = command_need_node(call);
	if (node == NULL) {
		return false;
	}
	if (strcmp(call->words[1], "none") == 0) {
		layout_unsplit(node);
	} else if (strcmp(call->words[1], "toggle") == 0) {
		const struct layout_node *parent = layout_node_parent(node);
		layout_split(node, across(layout_split_around(parent != NULL ? parent : node)));
	} else if (command_read_kind(call->words[1], &kind)) {
		layout_split(node, kind);
	}
	workspace_arrange(call->target->workspace);
	return true;
}

static int check_split(size_t len, char *const *words) {
	enum layout_kind kind;
	bool right = strcmp(words[1], "none") == 0 || strcmp(words[1], "toggle") == 0 ||
		command_read_kind(words[1], &kind);
	return right ? -1 : 1;
}

// The kind that follows the one that is there among those that are named; "split" is whichever
// split it is or was last.
static enum layout_kind next_named(
	struct command_call *call, enum layout_kind now, enum layout_kind split) {
	const size_t first = 2;
	size_t next = first;
	for (size_t i = first; i < call->len; i++) {
		enum layout_kind kind = split;
		command_read_kind(call->words[i], &kind);
		if (kind == now) {
			next = i + 1 < call->len ? i + 1 : first;
			break;
		}
	}
	enum layout_kind kind = split;
	command_read_kind(call->words[next], &kind);
	return kind;
}

static enum layout_kind toggled(struct command_call *call, const struct layout_node *node) {
	static const enum layout_kind after[] = {
		[LAYOUT_HORIZONTAL] = LAYOUT_VERTICAL,
		[LAYOUT_VERTICAL] = LAYOUT_STACKED,
		[LAYOUT_STACKED] = LAYOUT_TABBED,
		[LAYOUT_TABBED] = LAYOUT_HORIZONTAL,
	};
	enum layout_kind now = layout_kind_around(node), split = layout_split_around(node);
	if (call->len == 2) {
		return now == LAYOUT_STACKED   ? LAYOUT_TABBED
			: now == LAYOUT_TABBED ? split
					       : LAYOUT_STACKED;
	}
	if (call->len == 3 && strcmp(call->words[2], "all") == 0) {
		return after[now];
	}
	if (call->len == 3 && strcmp(call->words[2], "split") == 0) {
		return now == split ? across(split) : split;
	}
	return next_named(call, now, split);
}

static bool run_layout(struct command_call *call) {
	struct workspace *workspace = workspace_active(call->server);
	struct layout_node *node = layout_root(workspace->layout);
	if (call->target != NULL) {
		workspace = call->target->workspace;
		node = command_need_node(call);
		if (node == NULL) {
			return false;
		}
	}
	enum layout_kind kind = layout_split_around(node);
	if (strcmp(call->words[1], "toggle") == 0) {
		kind = toggled(call, node);
	} else if (strcmp(call->words[1], "default") != 0) {
		command_read_kind(call->words[1], &kind);
	}
	layout_set_kind(node, kind);
	workspace_arrange(workspace);
	return true;
}

static int check_layout(size_t len, char *const *words) {
	enum layout_kind kind;
	if (strcmp(words[1], "toggle") != 0) {
		bool right = strcmp(words[1], "default") == 0 || command_read_kind(words[1], &kind);
		return !right ? 1 : len > 2 ? 2 : -1;
	}
	for (size_t i = 2; i < len; i++) {
		bool all = strcmp(words[i], "all") == 0 && len == 3;
		if (!all && strcmp(words[i], "split") != 0 && !command_read_kind(words[i], &kind)) {
			return (int)i;
		}
	}
	return -1;
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

static bool run_border(struct command_call *call) {
	static const enum tile_border after[] = {
		[TILE_BORDER_NORMAL] = TILE_BORDER_PIXEL,
		[TILE_BORDER_PIXEL] = TILE_BORDER_NONE,
		[TILE_BORDER_NONE] = TILE_BORDER_NORMAL,
	};
	enum tile_border border;
	if (!command_need_target(call)) {
		return false;
	}
	if (!tile_border_read(call->words[1], &border)) {
		border = after[call->target->border];
	}
	return tile_set_border(call->target, border) ||
		command_fail(call, "a machine's border and title always tell whose it is");
}

static int check_border(size_t len, char *const *words) {
	enum tile_border border;
	return strcmp(words[1], "toggle") == 0 || tile_border_read(words[1], &border) ? -1 : 1;
}

// --- gaps ---------------------------------------------------------------------------------

// The word after all or current, or in their place.
static size_t gaps_word(size_t len, char *const *words) {
	return strcmp(words[2], "all") == 0 || strcmp(words[2], "current") == 0 ? 3 : 2;
}

// To a width; or by one, where it has a sign.
static void change_gaps(struct gaps *gaps, const char *which, const char *word) {
	int *found[4];
	size_t len = gaps_find(gaps, which, found);
	int value = (int)strtol(word, NULL, 10);
	bool relative = word[0] == '+' || word[0] == '-';
	for (size_t i = 0; i < len; i++) {
		int64_t wide = relative ? (int64_t)*found[i] + value : value;
		int64_t least = found[i] == &gaps->inner ? 0 : -GAPS_MAX;
		wide = wide < least ? least : wide;
		*found[i] = wide < GAPS_MAX ? (int)wide : GAPS_MAX;
	}
}

static bool run_gaps(struct command_call *call) {
	struct server *server = call->server;
	const char *which = call->words[1];
	const char *word = call->words[gaps_word(call->len, call->words)];
	struct workspace *active = workspace_active(server), *workspace;
	if (strcmp(call->words[2], "current") == 0) {
		change_gaps(&active->gaps, which, word);
		workspace_arrange(active);
		return true;
	}
	// New workspaces, too, until the configuration is read again.
	change_gaps(&server->config->windows.gaps, which, word);
	wl_list_for_each (workspace, &server->workspaces, link) {
		change_gaps(&workspace->gaps, which, word);
		workspace_arrange(workspace);
	}
	return true;
}

static int check_gaps(size_t len, char *const *words) {
	struct gaps gaps;
	int *found[4];
	if (gaps_find(&gaps, words[1], found) == 0) {
		return 1;
	}
	size_t at = gaps_word(len, words);
	if (at >= len) {
		return 2;
	}
	const char *digits = words[at] + (words[at][0] == '+' || words[at][0] == '-');
	int value;
	if (*digits < '0' || *digits > '9' || !command_read_number(digits, 0, GAPS_MAX, &value)) {
		return (int)at;
	}
	return len == at + 1 ? -1 : (int)at + 1;
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

const struct command command_layout_table[] = {
	{"balance", "balance", 0, 0, NULL, run_balance},
	{"border", "border normal|pixel|none|toggle", 1, 1, check_border, run_border},
	{"gaps",
		"gaps inner|outer|horizontal|vertical|top|right|bottom|left [all|current] "
		"WIDTH|+WIDTH|-WIDTH",
		2, 3, check_gaps, run_gaps, true},
	{"layout",
		"layout horizontal|vertical|tabbed|stacked|default, layout toggle [all|split], or "
		"layout toggle LAYOUT...",
		1, 8, check_layout, run_layout},
	{"split", "split horizontal|vertical|tabbed|stacked|toggle|none", 1, 1, check_split,
		run_split},
	{"swap", "swap window ID", 2, 2, check_swap, run_swap},
	{0},
};

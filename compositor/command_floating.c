// Commands on what floats, and on sizes, which what is tiled has as well.

#include <string.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/util/edges.h>

#include "command_call.h"
#include "floating.h"
#include "output.h"
#include "pointer.h"
#include "scratchpad.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

// Logical pixels, where a command names none.
#define STEP 10

static bool run_floating(struct command_call *call) {
	if (!command_need_target(call)) {
		return false;
	}
	floating_set(call->target, command_toggled(call, call->target->floating.on));
	return true;
}

static bool run_sticky(struct command_call *call) {
	if (!command_need_target(call)) {
		return false;
	}
	floating_set_sticky(call->target, command_toggled(call, call->target->sticky));
	return true;
}

static bool run_scratchpad(struct command_call *call) {
	const char *name = call->len > 2 ? call->words[2] : "";
	if (strcmp(call->words[1], "move") == 0) {
		if (!command_need_target(call)) {
			return false;
		}
		scratchpad_move(call->target, name);
		return true;
	}
	if (!scratchpad_show(call->server, name)) {
		return command_fail(call, "no window is in %s%s",
			name[0] != '\0' ? "scratchpad " : "the scratchpad", name);
	}
	return true;
}

static int check_scratchpad(size_t len, char *const *words) {
	return strcmp(words[1], "move") == 0 || strcmp(words[1], "show") == 0 ? -1 : 1;
}

// --- move ---------------------------------------------------------------------------------

// What lengths in percent are a share of.
static struct wlr_box whole(const struct tile *tile) {
	const struct output *output = tile->workspace->output;
	return output != NULL ? output->usable : (struct wlr_box){0};
}

bool command_floating_move(struct command_call *call, enum layout_direction direction) {
	struct tile *tile = call->target;
	struct wlr_box area = whole(tile);
	struct wlr_box content = floating_content(tile);
	bool sideways = direction == LAYOUT_LEFT || direction == LAYOUT_RIGHT;
	bool back = direction == LAYOUT_LEFT || direction == LAYOUT_UP;
	int length = STEP;
	if (call->len > 2) {
		command_read_length(call->words[2], sideways ? area.width : area.height, &length);
	}
	*(sideways ? &content.x : &content.y) += back ? -length : length;
	floating_move(tile, content.x, content.y);
	return true;
}

bool command_floating_position(struct command_call *call) {
	struct tile *tile = call->target;
	if (!tile->floating.on) {
		return command_fail(call, "the window does not float");
	}
	const struct workspace *workspace = tile->workspace;
	if (workspace->output == NULL) {
		return command_fail(call, "there is no output to place it on");
	}
	const struct wlr_box area = workspace->output->usable;
	struct wlr_box content = floating_content(tile);
	const struct wlr_cursor *cursor = call->server->seat->pointer->cursor;
	if (strcmp(call->words[2], "center") == 0) {
		floating_centre(tile);
		return true;
	}
	if (strcmp(call->words[2], "pointer") == 0) {
		content.x = (int)cursor->x - workspace->output->box.x - content.width / 2;
		content.y = (int)cursor->y - workspace->output->box.y - content.height / 2;
	} else {
		int x, y;
		command_read_length(call->words[2], area.width, &x);
		command_read_length(call->words[3], area.height, &y);
		struct layout_style style = tile_style(tile);
		content.x = area.x + x + style.border;
		content.y = area.y + y + style.border + style.title;
	}
	floating_move(tile, content.x, content.y);
	return true;
}

int command_check_position(size_t len, char *const *words) {
	int length;
	if (len < 3) {
		return 2;
	}
	if (strcmp(words[2], "center") == 0 || strcmp(words[2], "pointer") == 0) {
		return len == 3 ? -1 : 3;
	}
	if (!command_read_length(words[2], 0, &length)) {
		return 2;
	}
	return len == 4 && command_read_length(words[3], 0, &length) ? -1 : 3;
}

// --- the pointer --------------------------------------------------------------------------

static bool run_drag(struct command_call *call) {
	struct pointer *pointer = call->server->seat->pointer;
	struct tile *tile = tile_at(call->server, pointer->cursor->x, pointer->cursor->y);
	if (pointer->held == 0) {
		return command_fail(call, "no button is held: bind it to one");
	}
	if (tile != NULL && strcmp(call->words[1], "move") == 0) {
		drag_begin_move(pointer, tile);
	} else if (tile != NULL) {
		drag_begin_resize(pointer, tile);
	}
	return true;
}

static int check_drag(size_t len, char *const *words) {
	return strcmp(words[1], "move") == 0 || strcmp(words[1], "resize") == 0 ? -1 : 1;
}

// --- resize -------------------------------------------------------------------------------

static bool read_edges(const char *word, uint32_t *edges) {
	static const struct {
		const char *name;
		uint32_t edges;
	} names[] = {
		{"width", WLR_EDGE_LEFT | WLR_EDGE_RIGHT},
		{"height", WLR_EDGE_TOP | WLR_EDGE_BOTTOM},
		{"left", WLR_EDGE_LEFT},
		{"right", WLR_EDGE_RIGHT},
		{"up", WLR_EDGE_TOP},
		{"down", WLR_EDGE_BOTTOM},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(word, names[i].name) == 0) {
			*edges = names[i].edges;
			return true;
		}
	}
	*edges = 0;
	return false;
}

static bool is_sideways(uint32_t edges) {
	return (edges & (WLR_EDGE_LEFT | WLR_EDGE_RIGHT)) != 0;
}

static void grow_tiled(struct layout_node *node, uint32_t edges, int amount) {
	static const struct {
		uint32_t edge;
		enum layout_direction side;
	} sides[] = {
		{WLR_EDGE_LEFT, LAYOUT_LEFT},
		{WLR_EDGE_RIGHT, LAYOUT_RIGHT},
		{WLR_EDGE_TOP, LAYOUT_UP},
		{WLR_EDGE_BOTTOM, LAYOUT_DOWN},
	};
	const bool both = (edges & (edges - 1)) != 0;
	int rest = amount;
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		bool half = both && rest == amount;
		if ((edges & sides[i].edge) != 0 &&
			layout_resize(node, sides[i].side, half ? amount / 2 : rest)) {
			rest -= half ? amount / 2 : rest;
		}
	}
	// What one side could not take the other one does.
	for (size_t i = 0; rest != 0 && i < sizeof(sides) / sizeof(sides[0]); i++) {
		if ((edges & sides[i].edge) != 0 && layout_resize(node, sides[i].side, rest)) {
			rest = 0;
		}
	}
}

static bool grow(struct command_call *call, uint32_t edges, int amount) {
	struct tile *tile = call->target;
	if (tile->floating.on) {
		struct wlr_box content = floating_content(tile);
		int width = content.width, height = content.height;
		*(is_sideways(edges) ? &width : &height) += amount;
		floating_resize(tile, &content, width, height, edges);
		return true;
	}
	grow_tiled(command_need_node(call), edges, amount);
	workspace_arrange(tile->workspace);
	return true;
}

// The edge on that side goes that way; where it is the desk's edge the other one does.
static bool move_edge(struct command_call *call, enum layout_direction direction, int amount) {
	static const enum layout_direction opposite[] = {
		[LAYOUT_LEFT] = LAYOUT_RIGHT,
		[LAYOUT_RIGHT] = LAYOUT_LEFT,
		[LAYOUT_UP] = LAYOUT_DOWN,
		[LAYOUT_DOWN] = LAYOUT_UP,
	};
	if (call->target->floating.on) {
		bool sideways = direction == LAYOUT_LEFT || direction == LAYOUT_RIGHT;
		bool back = direction == LAYOUT_LEFT || direction == LAYOUT_UP;
		return grow(
			call, sideways ? WLR_EDGE_RIGHT : WLR_EDGE_BOTTOM, back ? -amount : amount);
	}
	struct layout_node *node = command_need_node(call);
	if (!layout_resize(node, direction, amount)) {
		layout_resize(node, opposite[direction], -amount);
	}
	workspace_arrange(call->target->workspace);
	return true;
}

static bool set_size(struct command_call *call) {
	struct tile *tile = call->target;
	struct wlr_box area = whole(tile), box = floating_content(tile);
	if (!tile->floating.on) {
		box = layout_node_box(command_need_node(call));
	}
	int width = box.width, height = box.height;
	if (strcmp(call->words[2], "width") == 0) {
		command_read_length(call->words[3], area.width, &width);
	} else if (strcmp(call->words[2], "height") == 0) {
		command_read_length(call->words[3], area.height, &height);
	} else {
		command_read_length(call->words[2], area.width, &width);
		command_read_length(call->words[3], area.height, &height);
	}
	const uint32_t sideways = WLR_EDGE_LEFT | WLR_EDGE_RIGHT;
	const uint32_t upright = WLR_EDGE_TOP | WLR_EDGE_BOTTOM;
	if (tile->floating.on) {
		floating_resize(tile, &box, width, height, sideways | upright);
		return true;
	}
	return (width == box.width || grow(call, sideways, width - box.width)) &&
		(height == box.height || grow(call, upright, height - box.height));
}

static bool run_resize(struct command_call *call) {
	enum layout_direction direction;
	uint32_t edges;
	int amount = STEP;
	if (!command_need_target(call)) {
		return false;
	}
	struct wlr_box area = whole(call->target);
	if (strcmp(call->words[1], "set") == 0) {
		return set_size(call);
	}
	if (command_read_direction(call->words[1], &direction)) {
		bool sideways = direction == LAYOUT_LEFT || direction == LAYOUT_RIGHT;
		command_read_length(call->words[2], sideways ? area.width : area.height, &amount);
		return move_edge(call, direction, amount);
	}
	read_edges(call->words[2], &edges);
	if (call->len > 3) {
		command_read_length(
			call->words[3], is_sideways(edges) ? area.width : area.height, &amount);
	}
	return grow(call, edges, strcmp(call->words[1], "grow") == 0 ? amount : -amount);
}

static int check_resize(size_t len, char *const *words) {
	int length;
	uint32_t edges;
	enum layout_direction direction;
	if (command_read_direction(words[1], &direction)) {
		return len == 3 && command_read_length(words[2], 0, &length) ? -1 : len > 3 ? 3 : 2;
	}
	if (strcmp(words[1], "set") == 0) {
		bool one = strcmp(words[2], "width") == 0 || strcmp(words[2], "height") == 0;
		if (!one && !command_read_length(words[2], 0, &length)) {
			return 2;
		}
		return len == 4 && command_read_length(words[3], 0, &length) ? -1 : 3;
	}
	if (strcmp(words[1], "grow") != 0 && strcmp(words[1], "shrink") != 0) {
		return 1;
	}
	if (!read_edges(words[2], &edges)) {
		return 2;
	}
	return len == 3 || command_read_length(words[3], 0, &length) ? -1 : 3;
}

const struct command command_floating_table[] = {
	{"drag", "drag move|resize", 1, 1, check_drag, run_drag},
	{"floating", "floating [on|off|toggle]", 0, 1, command_check_toggle, run_floating},
	{"resize",
		"resize left|right|up|down LENGTH, resize grow|shrink "
		"width|height|left|right|up|down [LENGTH], or resize set WIDTH HEIGHT",
		2, 3, check_resize, run_resize, true},
	{"scratchpad", "scratchpad move|show [NAME]", 1, 2, check_scratchpad, run_scratchpad},
	{"sticky", "sticky [on|off|toggle]", 0, 1, command_check_toggle, run_sticky},
	{0},
};

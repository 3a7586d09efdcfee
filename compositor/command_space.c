// Commands that go, or move something, to another workspace, output or window of the whole desk.

#include <string.h>

#include "command_call.h"
#include "config.h"
#include "history.h"
#include "output.h"
#include "scratchpad.h"
#include "server.h"
#include "tile.h"
#include "urgency.h"
#include "workspace.h"
#include "workspace_name.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

// --- which workspace ------------------------------------------------------------------------

// Words that stand for another workspace; sway's spelling is understood as well.
static const struct {
	const char *word;
	int step; // 0: the one that was active before
	bool on_output;
} relative[] = {
	{"back-and-forth", 0, false},
	{"back_and_forth", 0, false},
	{"next", 1, false},
	{"next-on-output", 1, true},
	{"next_on_output", 1, true},
	{"prev", -1, false},
	{"prev_on_output", -1, true},
	{"previous", -1, false},
	{"previous-on-output", -1, true},
};

// A check of `NAME`, `number N`, `next` and so on: the first of them is words[at].
static int check_workspace_words(size_t len, char *const *words, size_t at) {
	if (at < len && strcmp(words[at], "number") == 0) {
		bool right = len == at + 2 && workspace_name_number(words[at + 1]) > 0 &&
			workspace_name_valid(words[at + 1]);
		return right ? -1 : (int)at + 1;
	}
	if (len != at + 1) {
		return len > at ? (int)at + 1 : (int)at;
	}
	for (size_t i = 0; i < LEN(relative); i++) {
		if (strcmp(words[at], relative[i].word) == 0) {
			return -1;
		}
	}
	return workspace_name_valid(words[at]) ? -1 : (int)at;
}

static struct workspace *get_named(struct command_call *call, const char *name) {
	int max = call->server->config->workspaces;
	if (workspace_name_number(name) > max) {
		command_fail(call, "workspaces are 1 to %d", max);
		return NULL;
	}
	struct workspace *workspace = workspace_get_named(call->server, name);
	if (strchr(name, ':') != NULL && strchr(workspace->name, ':') == NULL) {
		workspace_rename(workspace, name); // it had a number alone
	}
	return workspace;
}

static struct workspace *get_previous(struct command_call *call) {
	const char *name = history_previous_workspace(call->server->history);
	if (name == NULL) {
		command_fail(call, "there was no other workspace before");
		return NULL;
	}
	return workspace_get_named(call->server, name);
}

// Makes it if it is not there. from: where `next` counts from. NULL, with an error, if it cannot be.
static struct workspace *get_workspace(
	struct command_call *call, struct workspace *from, const char *word) {
	for (size_t i = 0; i < LEN(relative); i++) {
		if (strcmp(word, relative[i].word) == 0) {
			return relative[i].step == 0
				? get_previous(call)
				: workspace_beside(from, relative[i].step, relative[i].on_output);
		}
	}
	return get_named(call, word);
}

static bool run_workspace(struct command_call *call) {
	struct server *server = call->server;
	if (server->active_output == NULL) {
		return command_fail(call, "there is no output to show it on");
	}
	const char *word = call->words[call->len - 1];
	struct workspace *active = workspace_active(server);
	struct workspace *workspace = get_workspace(call, active, word);
	if (workspace == NULL) {
		return false;
	}
	if (workspace == active && server->config->auto_back_and_forth &&
		workspace_find_named(server, word) == active &&
		history_previous_workspace(server->history) != NULL) {
		workspace = get_previous(call);
	}
	workspace_show(workspace);
	return true;
}

static int check_workspace(size_t len, char *const *words) {
	return check_workspace_words(len, words, 1);
}

// --- rename ---------------------------------------------------------------------------------

// `rename workspace to NEW`, `rename workspace OLD to NEW`
static bool run_rename(struct command_call *call) {
	struct workspace *workspace = workspace_active(call->server);
	const char *name = call->words[call->len - 1];
	if (call->len == 5) {
		workspace = workspace_find_named(call->server, call->words[2]);
	}
	if (workspace == NULL) {
		return command_fail(call, "there is no workspace %.64s", call->words[2]);
	}
	int max = call->server->config->workspaces;
	if (workspace_name_number(name) > max) {
		return command_fail(call, "workspaces are 1 to %d", max);
	}
	return workspace_rename(workspace, name) ||
		command_fail(call, "there is a workspace %.64s already", name);
}

static int check_rename(size_t len, char *const *words) {
	if (strcmp(words[1], "workspace") != 0) {
		return 1;
	}
	if (strcmp(words[len - 2], "to") != 0) {
		return (int)len - 2;
	}
	return workspace_name_valid(words[len - 1]) ? -1 : (int)len - 1;
}

// --- outputs --------------------------------------------------------------------------------

static struct output *step_output(struct output *from, int step) {
	struct wl_list *head = &from->server->outputs, *link = &from->link;
	link = step > 0 ? link->next : link->prev;
	if (link == head) {
		link = step > 0 ? link->next : link->prev;
	}
	return wl_container_of(link, from, link);
}

// A direction, `next`, `previous` or a name. NULL, with an error, if there is none of that name; the
// edge of the desk is no error.
static struct output *get_output(struct command_call *call, struct output *from, const char *word) {
	enum layout_direction direction;
	struct output *output;
	if (from != NULL && command_read_direction(word, &direction)) {
		static const int dx[] = {[LAYOUT_LEFT] = -1, [LAYOUT_RIGHT] = 1, [LAYOUT_DOWN] = 0};
		static const int dy[] = {[LAYOUT_UP] = -1, [LAYOUT_DOWN] = 1};
		output = output_adjacent(from, dx[direction], dy[direction]);
		output = output != NULL ? output : from;
	} else if (from != NULL && strcmp(word, "next") == 0) {
		output = step_output(from, 1);
	} else if (from != NULL && (strcmp(word, "previous") == 0 || strcmp(word, "prev") == 0)) {
		output = step_output(from, -1);
	} else {
		output = output_find(call->server, word);
	}
	if (output == NULL) {
		command_fail(call, "there is no output %.64s", word);
	}
	return output;
}

static bool focus_output(struct command_call *call) {
	struct output *output = get_output(call, call->server->active_output, call->words[2]);
	if (output == NULL) {
		return false;
	}
	workspace_show(output->workspace);
	return true;
}

// --- focus ----------------------------------------------------------------------------------

static bool focus_last(struct command_call *call) {
	struct tile *tile = history_last(call->server->history);
	if (tile == NULL) {
		return command_fail(call, "no other window had the focus before");
	}
	tile_focus(tile);
	return true;
}

static bool focus_older(struct command_call *call) {
	return history_walk(call->server->history, 1) ||
		command_fail(call, "there is no other window");
}

static bool focus_newer(struct command_call *call) {
	return history_walk(call->server->history, -1) ||
		command_fail(call, "there is no other window");
}

// The latest one; `focus urgent oldest` the first.
static bool focus_urgent(struct command_call *call) {
	struct tile *tile = urgency_find(
		call->server, call->len == 3 && strcmp(call->words[2], "oldest") == 0);
	if (tile == NULL) {
		return command_fail(call, "no window is urgent");
	}
	tile_focus(tile);
	return true;
}

static const struct {
	const char *word;
	size_t arguments; // after it
	bool (*run)(struct command_call *call);
} focus_words[] = {
	{"last", 0, focus_last},
	{"newer", 0, focus_newer},
	{"older", 0, focus_older},
	{"output", 1, focus_output},
	{"urgent", 0, focus_urgent},
};

static size_t find_focus(const char *word) {
	size_t i = 0;
	while (i < LEN(focus_words) && strcmp(word, focus_words[i].word) != 0) {
		i++;
	}
	return i;
}

bool command_space_is_focus(const char *word) {
	return find_focus(word) < LEN(focus_words);
}

int command_space_check_focus(size_t len, char *const *words) {
	size_t wanted = 2 + focus_words[find_focus(words[1])].arguments;
	bool oldest = strcmp(words[1], "urgent") == 0 && len == 3 &&
		(strcmp(words[2], "oldest") == 0 || strcmp(words[2], "latest") == 0);
	return len == wanted || oldest ? -1 : 2;
}

bool command_space_focus(struct command_call *call) {
	return focus_words[find_focus(call->words[1])].run(call);
}

// --- move -----------------------------------------------------------------------------------

// `move [window|container] [to] workspace WHICH`, the same with `output WHERE`, and
// `move workspace to output WHERE`. Returns the word that is `workspace` or `output`, or 0.
static size_t find_move(size_t len, char *const *words) {
	size_t at = 1;
	if (strcmp(words[at], "window") == 0 || strcmp(words[at], "container") == 0) {
		at++;
	}
	if (at < len && strcmp(words[at], "to") == 0) {
		at++;
	}
	bool found = at < len &&
		(strcmp(words[at], "workspace") == 0 || strcmp(words[at], "output") == 0);
	return found ? at : 0;
}

static bool is_workspace_move(size_t len, char *const *words, size_t at) {
	return at == 1 && len > 2 && strcmp(words[1], "workspace") == 0 &&
		(strcmp(words[2], "to") == 0 || strcmp(words[2], "output") == 0);
}

bool command_space_is_move(const char *word) {
	static const char *const words[] = {"container", "output", "to", "window", "workspace"};
	for (size_t i = 0; i < LEN(words); i++) {
		if (strcmp(word, words[i]) == 0) {
			return true;
		}
	}
	return false;
}

int command_space_check_move(size_t len, char *const *words) {
	size_t at = find_move(len, words);
	if (at == 0) {
		return len > 2 ? 2 : 1;
	}
	if (is_workspace_move(len, words, at)) {
		size_t output = strcmp(words[2], "to") == 0 ? 3 : 2;
		bool right = len == output + 2 && strcmp(words[output], "output") == 0;
		return right ? -1 : (int)output;
	}
	if (strcmp(words[at], "output") == 0) {
		return len == at + 2 ? -1 : (int)at + 1;
	}
	return check_workspace_words(len, words, at + 1);
}

static bool move_workspace(struct command_call *call) {
	struct workspace *workspace = workspace_active(call->server);
	if (call->aimed && !scratchpad_hides(call->target)) {
		workspace = call->target->workspace;
	}
	struct output *output = get_output(call, workspace->output, call->words[call->len - 1]);
	if (output == NULL) {
		return false;
	}
	workspace_move_to_output(workspace, output);
	return true;
}

bool command_space_move(struct command_call *call) {
	size_t at = find_move(call->len, call->words);
	const char *word = call->words[call->len - 1];
	if (is_workspace_move(call->len, call->words, at)) {
		return move_workspace(call);
	}
	if (!command_need_target(call)) {
		return false;
	}
	struct workspace *from = call->target->workspace, *to;
	if (strcmp(call->words[at], "output") == 0) {
		struct output *output = get_output(call, from->output, word);
		to = output != NULL ? output->workspace : NULL;
	} else {
		to = get_workspace(call, from, word);
	}
	if (to == NULL) {
		return false;
	}
	command_move_all(call, to);
	return true;
}

static bool run_urgent(struct command_call *call) {
	if (!command_need_target(call)) {
		return false;
	}
	bool on = call->len == 1 || strcmp(call->words[1], "on") == 0;
	if (on && call->target->focused) {
		return command_fail(call, "the window has the focus");
	}
	urgency_set(call->target, on);
	return true;
}

const struct command command_space_table[] = {
	{"rename", "rename workspace [NAME] to NAME", 3, 4, check_rename, run_rename},
	{"urgent", "urgent [on|off]", 0, 1, command_check_switch, run_urgent},
	{"workspace",
		"workspace NAME|number N|next|previous|next-on-output|previous-on-output|"
		"back-and-forth",
		1, 2, check_workspace, run_workspace, true},
	{0},
};

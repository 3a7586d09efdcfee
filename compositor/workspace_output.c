#include "workspace_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/session.h>
#include <wlr/types/wlr_output.h>

#include "alloc.h"
#include "config.h"
#include "output.h"
#include "output_memory.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"
#include "workspace_name.h"

// How much a workspace belongs to an output: less is more. Between the first two lie the places in
// the list that is configured.
enum {
	RANK_SETTLED = 0,
	RANK_HOME = 1000,
	RANK_NONE,
};

static bool is_named(const struct output *output, const char *name) {
	return strcmp(output->wlr_output->name, name) == 0 ||
		(output->identifier != NULL && strcmp(output->identifier, name) == 0);
}

static size_t rank(const struct workspace *workspace, const struct output *output) {
	bool is_home = workspace->home != NULL && strcmp(workspace->home, output->record->key) == 0;
	if (is_home && workspace->settled) {
		return RANK_SETTLED;
	}
	const struct config_workspace *block = config_find_workspace(
		workspace->server->config, workspace->name);
	for (size_t i = 0; block != NULL && i < block->outputs.len; i++) {
		if (is_named(output, block->outputs.strings[i])) {
			return RANK_SETTLED + 1 + i;
		}
	}
	return is_home ? RANK_HOME : RANK_NONE;
}

struct output *workspace_place(struct server *server, const char *name) {
	const struct config_workspace *block = config_find_workspace(server->config, name);
	for (size_t i = 0; block != NULL && i < block->outputs.len; i++) {
		struct output *output = output_find(server, block->outputs.strings[i]);
		if (output != NULL) {
			return output;
		}
	}
	return server->active_output;
}

// The lowest free number: of those whose first output this is, else of those that have none.
static int free_number(const struct output *output) {
	struct server *server = output->server;
	int best = 0;
	for (size_t i = 0; i < server->config->workspace_blocks_len; i++) {
		const struct config_workspace *block = &server->config->workspace_blocks[i];
		int number = workspace_name_number(block->name);
		if (block->outputs.len > 0 && is_named(output, block->outputs.strings[0]) &&
			number > 0 && workspace_find(server, number) == NULL &&
			(best == 0 || number < best)) {
			best = number;
		}
	}
	for (int number = 1; best == 0; number++) {
		char name[16];
		snprintf(name, sizeof(name), "%d", number);
		const struct config_workspace *block = config_find_workspace(server->config, name);
		if (workspace_find(server, number) == NULL &&
			(block == NULL || block->outputs.len == 0)) {
			best = number;
		}
	}
	return best;
}

static struct workspace *create_free(struct output *output) {
	struct server *server = output->server;
	const char *last = output->record->workspace;
	if (last != NULL && workspace_find_named(server, last) == NULL) {
		return workspace_create(server, last, output);
	}
	char name[16];
	snprintf(name, sizeof(name), "%d", free_number(output));
	const struct config_workspace *block = config_find_workspace(server->config, name);
	return workspace_create(server, block != NULL ? block->name : name, output);
}

// What an output shows that has nothing to show: the focused window, what it showed when it was
// there last, one of its workspaces, or a new one.
static struct workspace *choose(struct output *output) {
	struct server *server = output->server;
	struct tile *focused = server->seat->focused;
	if (focused != NULL && focused->workspace->output == output) {
		return focused->workspace;
	}
	const char *last = output->record->workspace;
	struct workspace *best = NULL, *workspace;
	wl_list_for_each (workspace, &server->workspaces, link) {
		if (workspace->output != output) {
			continue;
		}
		if (last != NULL && strcmp(workspace->name, last) == 0) {
			return workspace;
		}
		if (best == NULL ||
			(wl_list_empty(&best->tiles) && !wl_list_empty(&workspace->tiles))) {
			best = workspace;
		}
	}
	return best != NULL ? best : create_free(output);
}

static void fill_all(struct server *server) {
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		if (output->workspace == NULL) {
			workspace_present(choose(output));
		}
	}
}

// Takes it off the screen that it is on, if it is, and gives it to the other output.
static void take_over(struct workspace *workspace, struct output *output) {
	if (workspace_is_visible(workspace)) {
		workspace_hide(workspace);
		workspace->output->workspace = NULL;
	}
	workspace_set_output(workspace, output);
}

void workspace_move_to_output(struct workspace *workspace, struct output *output) {
	struct server *server = workspace->server;
	if (workspace->output == output) {
		return;
	}
	bool was_shown = workspace_is_visible(workspace);
	bool was_active = workspace_active(server) == workspace;
	free(workspace->home);
	workspace->home = alloc_string(output->record->key);
	workspace->settled = true;
	take_over(workspace, output);
	if (was_shown) {
		workspace_present(workspace);
	}
	fill_all(server);
	if (was_active) {
		workspace_show(workspace);
	}
	server_emit(server, SERVER_WORKSPACE, SERVER_CHANGED, workspace);
}

// An output that is about to come has more of a right to it.
static bool is_awaited(const struct workspace *workspace, const struct output *output) {
	const struct output *other;
	wl_list_for_each (other, &workspace->server->disabled_outputs, link) {
		if (other->settings.enabled && rank(workspace, other) < rank(workspace, output)) {
			return true;
		}
	}
	return false;
}

void workspace_attach_output(struct output *output) {
	struct server *server = output->server;
	struct workspace *workspace, *next;
	// Those that wait for any output come to this one; those that belong here return.
	wl_list_for_each (workspace, &server->workspaces, link) {
		struct output *from = workspace->output;
		if (from == NULL ? !is_awaited(workspace, output)
				 : from != output &&
					rank(workspace, output) < rank(workspace, from)) {
			take_over(workspace, output);
		}
	}
	workspace_present(choose(output));
	fill_all(server);
	// The user goes where the focused window went.
	struct tile *focused = server->seat->focused;
	if (focused != NULL && workspace_is_visible(focused->workspace)) {
		server->active_output = focused->workspace->output;
	}
	// Unless the focused window still waits for its own.
	if (focused == NULL || focused->workspace->output != NULL) {
		workspace_refocus(server->active_output->workspace);
	}
	wl_list_for_each_safe (workspace, next, &server->workspaces, link) {
		workspace_collect(workspace);
	}
}

// Where the windows of an output go: to where the user is, else anywhere. Nowhere while another
// virtual terminal has the screens: all of them go then, and all come back.
static struct output *refuge(struct output *output) {
	struct server *server = output->server;
	if (server->session != NULL && !server->session->active) {
		return NULL;
	}
	if (server->active_output != output) {
		return server->active_output;
	}
	struct output *other;
	wl_list_for_each (other, &server->outputs, link) {
		if (other != output) {
			return other;
		}
	}
	return NULL;
}

// What it shows when it is back: its own, not what was a guest there.
static void remember(const struct output *output) {
	struct output_record *record = output->record;
	const struct workspace *shown = output->workspace;
	if (record->workspace == NULL || rank(shown, output) < RANK_NONE) {
		free(record->workspace);
		record->workspace = alloc_string(shown->name);
	}
}

void workspace_detach_output(struct output *output) {
	struct server *server = output->server;
	struct output *other = refuge(output);
	struct workspace *shown = output->workspace;
	const struct tile *focused = server->seat->focused;
	bool has_focus = focused != NULL && focused->workspace == shown;
	bool has_windows = !wl_list_empty(&shown->tiles);
	remember(output);
	output->workspace = NULL;
	struct workspace *workspace, *next;
	wl_list_for_each_safe (workspace, next, &server->workspaces, link) {
		if (workspace->output == output) {
			workspace_hide(workspace);
			workspace_set_output(workspace, other);
			workspace_collect(workspace);
		}
	}
	bool was_active = server->active_output == output;
	if (was_active) {
		server->active_output = other;
	}
	if (other == NULL) {
		return;
	}
	// What the user works with stays in sight, and nothing is hidden behind an empty workspace.
	if (has_focus || (has_windows && wl_list_empty(&other->workspace->tiles))) {
		remember(other);
		workspace_show(shown);
	} else if (was_active) {
		workspace_show(other->workspace);
	}
}

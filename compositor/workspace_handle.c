#include "workspace_handle.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_ext_workspace_v1.h>

#include "config.h"
#include "output.h"
#include "server.h"
#include "titlebar.h"
#include "urgency.h"
#include "workspace.h"
#include "workspace_name.h"

// --- what is told -------------------------------------------------------------------------

static struct wlr_ext_workspace_group_handle_v1 *find_group(
	struct workspace_handles *handles, const struct output *output) {
	struct wlr_ext_workspace_group_handle_v1 *group;
	wl_list_for_each (group, &handles->manager->groups, link) {
		if (group->data == output) {
			return group;
		}
	}
	return NULL;
}

static struct wlr_ext_workspace_handle_v1 *find_handle(
	struct workspace_handles *handles, const struct workspace *workspace) {
	struct wlr_ext_workspace_handle_v1 *handle;
	wl_list_for_each (handle, &handles->manager->workspaces, link) {
		if (handle->data == workspace) {
			return handle;
		}
	}
	return NULL;
}

static void tell_output(struct workspace_handles *handles, struct output *output) {
	if (find_group(handles, output) == NULL) {
		struct wlr_ext_workspace_group_handle_v1
			*group = wlr_ext_workspace_group_handle_v1_create(handles->manager,
				EXT_WORKSPACE_GROUP_HANDLE_V1_GROUP_CAPABILITIES_CREATE_WORKSPACE);
		if (group == NULL) {
			abort();
		}
		group->data = output;
		wlr_ext_workspace_group_handle_v1_output_enter(group, output->wlr_output);
	}
}

static struct wlr_ext_workspace_handle_v1 *create_handle(
	struct workspace_handles *handles, struct workspace *workspace) {
	const uint32_t can = EXT_WORKSPACE_HANDLE_V1_WORKSPACE_CAPABILITIES_ACTIVATE |
		EXT_WORKSPACE_HANDLE_V1_WORKSPACE_CAPABILITIES_ASSIGN;
	// Without an id: a name can be given to another one, and nothing else lasts.
	struct wlr_ext_workspace_handle_v1 *handle = wlr_ext_workspace_handle_v1_create(
		handles->manager, NULL, can);
	if (handle == NULL) {
		abort();
	}
	handle->data = workspace;
	return handle;
}

// place is its number among all.
static void tell_workspace(
	struct workspace_handles *handles, struct workspace *workspace, uint32_t place) {
	struct wlr_ext_workspace_handle_v1 *handle = find_handle(handles, workspace);
	if (handle == NULL) {
		handle = create_handle(handles, workspace);
	}
	if (handle->name == NULL || strcmp(handle->name, workspace->name) != 0) {
		wlr_ext_workspace_handle_v1_set_name(handle, workspace->name);
	}
	if (handle->coordinates.size != sizeof(place) ||
		memcmp(handle->coordinates.data, &place, sizeof(place)) != 0) {
		wlr_ext_workspace_handle_v1_set_coordinates(handle, &place, 1);
	}
	struct wlr_ext_workspace_group_handle_v1 *group = workspace->output != NULL
		? find_group(handles, workspace->output)
		: NULL;
	if (handle->group != group) {
		wlr_ext_workspace_handle_v1_set_group(handle, group);
	}
	wlr_ext_workspace_handle_v1_set_active(handle, workspace_is_visible(workspace));
	wlr_ext_workspace_handle_v1_set_urgent(handle, urgency_in_workspace(workspace));
}

static void handle_idle(void *data) {
	struct workspace_handles *handles = data;
	handles->telling = NULL;
	struct output *output;
	wl_list_for_each (output, &handles->server->outputs, link) {
		tell_output(handles, output);
	}
	uint32_t place = 0;
	struct workspace *workspace;
	wl_list_for_each (workspace, &handles->server->workspaces, link) {
		tell_workspace(handles, workspace, place++);
	}
}

static void forget_output(struct workspace_handles *handles, const struct output *output) {
	struct wlr_ext_workspace_group_handle_v1 *group = find_group(handles, output);
	if (group != NULL) {
		wlr_ext_workspace_group_handle_v1_destroy(group); // its workspaces leave it
	}
}

static void handle_change(struct wl_listener *listener, void *data) {
	struct workspace_handles *handles = wl_container_of(listener, handles, change);
	const struct server_change *change = data;
	bool removed = change->verb == SERVER_REMOVED;
	if (change->subject == SERVER_OUTPUT && removed) {
		forget_output(handles, change->object);
	} else if (change->subject == SERVER_WORKSPACE && removed) {
		struct wlr_ext_workspace_handle_v1 *handle = find_handle(handles, change->object);
		if (handle != NULL) {
			wlr_ext_workspace_handle_v1_destroy(handle);
		}
	}
	if (handles->telling == NULL &&
		(change->subject == SERVER_OUTPUT || change->subject == SERVER_WORKSPACE ||
			change->subject == SERVER_WINDOW)) {
		handles->telling = wl_event_loop_add_idle(
			handles->server->loop, handle_idle, handles);
	}
}

// --- what is asked for --------------------------------------------------------------------

// A name that cannot be is no error of the client's: it may know the rules of other desks.
static void create_workspace(
	struct server *server, const char *untrusted_name, struct output *output) {
	char *name = titlebar_filter_text(untrusted_name, WORKSPACE_NAME_MAX);
	if (workspace_name_valid(name) &&
		workspace_name_number(name) <= server->config->workspaces) {
		bool is_new = workspace_find_named(server, name) == NULL;
		struct workspace *workspace = workspace_get_named(server, name);
		if (is_new && output != NULL) {
			workspace_move_to_output(workspace, output);
		}
		workspace_show(workspace);
	}
	free(name);
}

static void answer(struct server *server, const struct wlr_ext_workspace_v1_request *request) {
	const struct wlr_ext_workspace_handle_v1 *handle;
	const struct wlr_ext_workspace_group_handle_v1 *group;
	switch (request->type) {
	case WLR_EXT_WORKSPACE_V1_REQUEST_CREATE_WORKSPACE:
		group = request->create_workspace.group;
		create_workspace(
			server, request->create_workspace.name, group != NULL ? group->data : NULL);
		break;
	case WLR_EXT_WORKSPACE_V1_REQUEST_ACTIVATE:
		handle = request->activate.workspace;
		if (handle != NULL) {
			workspace_show(handle->data);
		}
		break;
	case WLR_EXT_WORKSPACE_V1_REQUEST_ASSIGN:
		handle = request->assign.workspace;
		group = request->assign.group;
		if (handle != NULL && group != NULL) {
			workspace_move_to_output(handle->data, group->data);
		}
		break;
	case WLR_EXT_WORKSPACE_V1_REQUEST_DEACTIVATE:
	case WLR_EXT_WORKSPACE_V1_REQUEST_REMOVE:
		break; // an output always shows one, and one that is empty goes by itself
	}
}

static void handle_commit(struct wl_listener *listener, void *data) {
	struct workspace_handles *handles = wl_container_of(listener, handles, commit);
	const struct wlr_ext_workspace_v1_commit_event *event = data;
	const struct wlr_ext_workspace_v1_request *request;
	wl_list_for_each (request, event->requests, link) {
		answer(handles->server, request);
	}
}

// --- coming and going ---------------------------------------------------------------------

bool workspace_handle_init(struct server *server) {
	struct workspace_handles *handles = calloc(1, sizeof(*handles));
	if (handles == NULL) {
		return false;
	}
	handles->manager = wlr_ext_workspace_manager_v1_create(server->display, 1);
	if (handles->manager == NULL) {
		free(handles);
		return false;
	}
	handles->server = server;
	handles->change.notify = handle_change;
	wl_signal_add(&server->events.change, &handles->change);
	handles->commit.notify = handle_commit;
	wl_signal_add(&handles->manager->events.commit, &handles->commit);
	server->workspace_handles = handles;
	return true;
}

void workspace_handle_finish(struct server *server) {
	struct workspace_handles *handles = server->workspace_handles;
	if (handles == NULL) {
		return;
	}
	wl_list_remove(&handles->change.link);
	wl_list_remove(&handles->commit.link);
	if (handles->telling != NULL) {
		wl_event_source_remove(handles->telling);
	}
	free(handles);
	server->workspace_handles = NULL;
}

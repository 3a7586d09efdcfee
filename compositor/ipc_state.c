#include "ipc_state.h"

#include <stdlib.h>
#include <wlr/types/wlr_ext_foreign_toplevel_list_v1.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_security_context_v1.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "floating.h"
#include "foreign.h"
#include "global_filter.h"
#include "hints.h"
#include "idle.h"
#include "layout.h"
#include "lock.h"
#include "machine.h"
#include "output.h"
#include "redecho-machine-v1-protocol.h"
#include "redecho-manager-v1-client-protocol.h"
#include "scratchpad.h"
#include "server.h"
#include "tile.h"
#include "titlebar.h"
#include "toplevel.h"
#include "urgency.h"
#include "workspace.h"

// Longer texts are cut, in bytes.
#define TEXT_MAX 1024

void ipc_state_add_text(
	yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, const char *untrusted_text) {
	if (untrusted_text == NULL) {
		yyjson_mut_obj_add_null(doc, object, key);
		return;
	}
	char *text = titlebar_filter_text(untrusted_text, TEXT_MAX);
	yyjson_mut_obj_add_strcpy(doc, object, key, text);
	free(text);
}

void ipc_state_add_box(
	yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, const struct wlr_box *box) {
	yyjson_mut_val *value = yyjson_mut_obj_add_obj(doc, object, key);
	yyjson_mut_obj_add_int(doc, value, "x", box->x);
	yyjson_mut_obj_add_int(doc, value, "y", box->y);
	yyjson_mut_obj_add_int(doc, value, "width", box->width);
	yyjson_mut_obj_add_int(doc, value, "height", box->height);
}

static void add_window_id(
	yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, const struct tile *tile) {
	if (tile != NULL) {
		yyjson_mut_obj_add_uint(doc, object, key, tile->id);
	} else {
		yyjson_mut_obj_add_null(doc, object, key);
	}
}

// --- workspaces ---------------------------------------------------------------------------

static void add_number(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
	const struct workspace *workspace) {
	if (workspace != NULL && workspace->number > 0) {
		yyjson_mut_obj_add_int(doc, object, key, workspace->number);
	} else {
		yyjson_mut_obj_add_null(doc, object, key);
	}
}

void ipc_state_add_workspace(
	yyjson_mut_doc *doc, yyjson_mut_val *object, const struct workspace *workspace) {
	add_number(doc, object, "workspace", workspace);
	ipc_state_add_text(
		doc, object, "workspace_name", workspace != NULL ? workspace->name : NULL);
}

static const char *kind_name(enum layout_kind kind) {
	static const char *const names[] = {"horizontal", "vertical", "tabbed", "stacked"};
	return names[kind];
}

// Depth is bounded by what the user has built; the tree of a workspace is small.
static yyjson_mut_val *layout_value(yyjson_mut_doc *doc, const struct layout_node *node) {
	yyjson_mut_val *value = yyjson_mut_obj(doc);
	yyjson_mut_obj_add_uint(doc, value, "weight", layout_node_weight(node));
	if (layout_node_is_leaf(node)) {
		const struct tile *tile = layout_node_data(node);
		add_window_id(doc, value, "window", tile);
		return value;
	}
	yyjson_mut_obj_add_str(doc, value, "layout", kind_name(layout_node_kind(node)));
	yyjson_mut_val *children = yyjson_mut_obj_add_arr(doc, value, "children");
	for (size_t i = 0; i < layout_node_children(node); i++) {
		yyjson_mut_arr_append(children, layout_value(doc, layout_node_child(node, i)));
	}
	return value;
}

// From the lowest to the highest: the scene is asked, which knows the order.
static void add_floating(
	yyjson_mut_doc *doc, yyjson_mut_val *object, const struct workspace *workspace) {
	yyjson_mut_val *array = yyjson_mut_obj_add_arr(doc, object, "floating");
	const struct wlr_scene_node *node;
	const struct tile *tile;
	wl_list_for_each (node, &workspace->floating_tree->children, link) {
		if (node->data != NULL) {
			tile = wl_container_of(node->data, tile, owner);
			yyjson_mut_arr_add_uint(doc, array, tile->id);
		}
	}
}

static void add_gaps(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct gaps *gaps) {
	yyjson_mut_val *value = yyjson_mut_obj_add_obj(doc, object, "gaps");
	yyjson_mut_obj_add_int(doc, value, "inner", gaps->inner);
	yyjson_mut_obj_add_int(doc, value, "top", gaps->top);
	yyjson_mut_obj_add_int(doc, value, "right", gaps->right);
	yyjson_mut_obj_add_int(doc, value, "bottom", gaps->bottom);
	yyjson_mut_obj_add_int(doc, value, "left", gaps->left);
}

yyjson_mut_val *ipc_state_workspace(yyjson_mut_doc *doc, const struct workspace *workspace) {
	struct server *server = workspace->server;
	yyjson_mut_val *value = yyjson_mut_obj(doc);
	add_number(doc, value, "number", workspace);
	ipc_state_add_text(doc, value, "name", workspace->name);
	ipc_state_add_text(doc, value, "output",
		workspace->output != NULL ? workspace->output->wlr_output->name : NULL);
	yyjson_mut_obj_add_bool(doc, value, "visible", workspace_is_visible(workspace));
	yyjson_mut_obj_add_bool(doc, value, "active", workspace_active(server) == workspace);
	yyjson_mut_obj_add_bool(doc, value, "urgent", urgency_in_workspace(workspace));
	add_window_id(doc, value, "focused", workspace_recent(workspace));
	add_window_id(doc, value, "fullscreen", workspace->fullscreen);
	yyjson_mut_obj_add_val(
		doc, value, "tree", layout_value(doc, layout_root(workspace->layout)));
	add_floating(doc, value, workspace);
	add_gaps(doc, value, &workspace->gaps);
	return value;
}

// --- windows, machines, programs ----------------------------------------------------------

// A bridge is in a process that redecho-vmd has started; its socket says it were ours.
static void add_pid(yyjson_mut_doc *doc, yyjson_mut_val *value, const struct tile *tile) {
	pid_t pid = 0;
	if (tile->toplevel != NULL && tile->machine == NULL) {
		struct wl_client *client = wl_resource_get_client(tile->toplevel->xdg->resource);
		wl_client_get_credentials(client, &pid, NULL, NULL);
	}
	if (pid > 0) {
		yyjson_mut_obj_add_int(doc, value, "pid", pid);
	} else {
		yyjson_mut_obj_add_null(doc, value, "pid");
	}
}

static void add_sandbox(yyjson_mut_doc *doc, yyjson_mut_val *value, const struct tile *tile) {
	const struct wlr_security_context_v1_state *sandbox = NULL;
	if (tile->toplevel != NULL && tile->machine == NULL) {
		sandbox = global_filter_sandbox(
			tile->server, wl_resource_get_client(tile->toplevel->xdg->resource));
	}
	if (sandbox == NULL) {
		yyjson_mut_obj_add_null(doc, value, "sandbox");
		return;
	}
	yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, value, "sandbox");
	ipc_state_add_text(doc, object, "engine", sandbox->sandbox_engine);
	ipc_state_add_text(doc, object, "app_id", sandbox->app_id);
	ipc_state_add_text(doc, object, "instance_id", sandbox->instance_id);
}

static void add_hints(yyjson_mut_doc *doc, yyjson_mut_val *value, const struct toplevel *toplevel) {
	bool program = toplevel != NULL && toplevel->machine == NULL;
	ipc_state_add_text(doc, value, "icon", program ? toplevel->icon : NULL);
	ipc_state_add_text(doc, value, "tag", program ? toplevel->tag : NULL);
	ipc_state_add_text(doc, value, "description", program ? toplevel->description : NULL);
	yyjson_mut_obj_add_bool(doc, value, "modal", program && hints_is_modal(toplevel));
	yyjson_mut_obj_add_str(doc, value, "content_type",
		program ? hints_content_type(toplevel->server, toplevel->xdg->base->surface)
			: "none");
}

yyjson_mut_val *ipc_state_window(yyjson_mut_doc *doc, const struct tile *tile) {
	yyjson_mut_val *value = yyjson_mut_obj(doc);
	const struct toplevel *toplevel = tile->toplevel;
	yyjson_mut_obj_add_uint(doc, value, "id", tile->id);
	ipc_state_add_text(doc, value, "title", tile_title(tile));
	ipc_state_add_text(doc, value, "app_id", toplevel != NULL ? toplevel->xdg->app_id : NULL);
	ipc_state_add_text(doc, value, "identifier",
		tile->foreign != NULL ? tile->foreign->listed->identifier : NULL);
	add_pid(doc, value, tile);
	add_sandbox(doc, value, tile);
	add_hints(doc, value, toplevel);
	ipc_state_add_text(
		doc, value, "machine", tile->machine != NULL ? tile->machine->name : NULL);
	if (tile->machine != NULL) {
		yyjson_mut_obj_add_uint(doc, value, "display",
			toplevel != NULL && toplevel->display != 0 ? toplevel->display : 1);
	} else {
		yyjson_mut_obj_add_null(doc, value, "display");
	}
	ipc_state_add_text(doc, value, "label", tile_label(tile));
	if (scratchpad_hides(tile)) {
		ipc_state_add_workspace(doc, value, NULL);
		yyjson_mut_obj_add_null(doc, value, "output");
	} else {
		const struct output *output = tile->workspace->output;
		ipc_state_add_workspace(doc, value, tile->workspace);
		ipc_state_add_text(
			doc, value, "output", output != NULL ? output->wlr_output->name : NULL);
	}
	yyjson_mut_obj_add_bool(doc, value, "focused", tile->focused);
	yyjson_mut_obj_add_bool(doc, value, "fullscreen", tile->fullscreen);
	yyjson_mut_obj_add_bool(doc, value, "urgent", tile->urgent != 0);
	yyjson_mut_obj_add_bool(
		doc, value, "unresponsive", tile->toplevel != NULL && tile->toplevel->unresponsive);
	yyjson_mut_obj_add_bool(doc, value, "floating", tile->floating.on);
	yyjson_mut_obj_add_bool(doc, value, "sticky", tile->sticky);
	ipc_state_add_text(doc, value, "scratchpad", tile->scratchpad);
	yyjson_mut_obj_add_str(doc, value, "border", tile_border_name(tile->border));
	yyjson_mut_obj_add_bool(doc, value, "visible", tile_is_visible(tile));
	yyjson_mut_obj_add_str(doc, value, "inhibit_idle", idle_inhibit_name(tile->idle_inhibit));
	yyjson_mut_obj_add_bool(doc, value, "placeholder", tile->placeholder != NULL);
	ipc_state_add_box(doc, value, "box", &tile->box);
	ipc_state_add_box(doc, value, "content", &tile->content);
	return value;
}

yyjson_mut_val *ipc_state_program(yyjson_mut_doc *doc, const struct program *program) {
	yyjson_mut_val *value = yyjson_mut_obj(doc);
	ipc_state_add_text(doc, value, "name", program->name);
	ipc_state_add_text(doc, value, "title", program->title);
	ipc_state_add_text(doc, value, "label", program->label);
	return value;
}

// --- the session ----------------------------------------------------------------------------

yyjson_mut_val *ipc_state_session(yyjson_mut_doc *doc, const struct server *server) {
	yyjson_mut_val *value = yyjson_mut_obj(doc);
	yyjson_mut_obj_add_bool(doc, value, "locked", server->lock->locked);
	yyjson_mut_obj_add_bool(doc, value, "locker", server->lock->wlr != NULL);
	yyjson_mut_obj_add_bool(doc, value, "idle_inhibited", idle_is_inhibited(server));
	return value;
}

// --- all of them --------------------------------------------------------------------------

yyjson_mut_val *ipc_state_workspaces(yyjson_mut_doc *doc, struct server *server) {
	yyjson_mut_val *array = yyjson_mut_arr(doc);
	struct workspace *workspace;
	wl_list_for_each (workspace, &server->workspaces, link) {
		yyjson_mut_arr_append(array, ipc_state_workspace(doc, workspace));
	}
	return array;
}

yyjson_mut_val *ipc_state_windows(yyjson_mut_doc *doc, struct server *server) {
	yyjson_mut_val *array = yyjson_mut_arr(doc);
	struct tile *tile;
	wl_list_for_each (tile, &server->tiles, link) {
		yyjson_mut_arr_append(array, ipc_state_window(doc, tile));
	}
	return array;
}

yyjson_mut_val *ipc_state_programs(yyjson_mut_doc *doc, struct server *server) {
	yyjson_mut_val *array = yyjson_mut_arr(doc);
	struct program *program;
	wl_list_for_each (program, &server->programs, link) {
		yyjson_mut_arr_append(array, ipc_state_program(doc, program));
	}
	return array;
}

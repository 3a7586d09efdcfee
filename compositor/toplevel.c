#include "toplevel.h"

#include <stdio.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_fractional_scale_v1.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xdg_decoration_v1.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/util/edges.h>

#include "config.h"
#include "floating.h"
#include "globals.h"
#include "machine.h"
#include "notice.h"
#include "output.h"
#include "pointer.h"
#include "popup.h"
#include "scratchpad.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "titlebar.h"
#include "urgency.h"
#include "workspace.h"

// A bridge has one for each scanout, of which virtio-gpu has at most 16.
#define MACHINE_TOPLEVELS_MAX 16
// Between two notices that a machine wants to fill the screen.
#define ASK_AGAIN_MS 10000

struct wlr_surface *toplevel_surface(const struct toplevel *toplevel) {
	return toplevel != NULL && toplevel->mapped ? toplevel->xdg->base->surface : NULL;
}

void toplevel_configure(struct toplevel *toplevel) {
	struct wlr_xdg_toplevel *xdg = toplevel->xdg;
	if (!xdg->base->initialized) {
		return;
	}
	struct tile *tile = toplevel->tile;
	struct wlr_xdg_toplevel_configure configure = xdg->scheduled;
	configure.activated = tile != NULL && tile->focused;
	configure.fullscreen = tile != NULL && tile->fullscreen;
	configure.maximized = false;
	configure.resizing = tile != NULL && tile->resizing;
	configure.suspended = toplevel->suspended;
	configure.tiled = WLR_EDGE_TOP | WLR_EDGE_BOTTOM | WLR_EDGE_LEFT | WLR_EDGE_RIGHT;
	if (tile != NULL) {
		// 0 would let the client choose.
		configure.width = tile->content.width > 0 ? tile->content.width : 1;
		configure.height = tile->content.height > 0 ? tile->content.height : 1;
	}
	const struct wlr_xdg_toplevel_configure *last = &xdg->scheduled;
	if (!xdg->base->initial_commit && configure.activated == last->activated &&
		configure.fullscreen == last->fullscreen && configure.tiled == last->tiled &&
		configure.resizing == last->resizing && configure.suspended == last->suspended &&
		configure.width == last->width && configure.height == last->height) {
		return;
	}
	wlr_xdg_toplevel_configure(xdg, &configure);
}

void toplevel_clip(struct toplevel *toplevel) {
	if (toplevel->tree == NULL || toplevel->tile == NULL) {
		return;
	}
	const struct wlr_box *geometry = &toplevel->xdg->base->geometry;
	struct wlr_box clip = {
		.x = geometry->x,
		.y = geometry->y,
		.width = toplevel->tile->content.width,
		.height = toplevel->tile->content.height,
	};
	// An empty clip would mean none.
	wlr_scene_node_set_enabled(&toplevel->tree->node, !wlr_box_empty(&clip));
	wlr_scene_subsurface_tree_set_clip(&toplevel->tree->node, &clip);
}

// The scene tells it too, but not of a surface that is hidden, and a machine's toplevel is hidden
// by its guest's frame.
void toplevel_send_output(struct toplevel *toplevel) {
	struct server *server = toplevel->server;
	struct workspace *workspace = toplevel->tile != NULL ? toplevel->tile->workspace
							     : workspace_active(server);
	if (!toplevel->xdg->base->initialized || workspace == NULL || workspace->output == NULL) {
		return;
	}
	struct wlr_output *wlr_output = workspace->output->wlr_output;
	struct wlr_surface *surface = toplevel->xdg->base->surface;
	wlr_fractional_scale_v1_notify_scale(surface, wlr_output->scale);
	wlr_surface_set_preferred_buffer_scale(surface, (int32_t)(wlr_output->scale + 0.999f));
	wlr_surface_set_preferred_buffer_transform(surface, wlr_output->transform);
	if (toplevel->machine == NULL) {
		return;
	}
	wlr_surface_send_enter(surface, wlr_output);
	struct output *other;
	wl_list_for_each (other, &server->outputs, link) {
		if (other != workspace->output) {
			wlr_surface_send_leave(surface, other->wlr_output);
		}
	}
}

// It is asked to close, and never told a size, without which it cannot be shown.
static void refuse(struct toplevel *toplevel) {
	const char *id = toplevel->xdg->app_id;
	const char *title = toplevel->xdg->title;
	pid_t pid = 0;
	wl_client_get_credentials(
		wl_resource_get_client(toplevel->xdg->resource), &pid, NULL, NULL);
	char text[600];
	snprintf(text, sizeof(text),
		"A window of %.200s (process %d) was refused: host-windows is deny",
		id != NULL && id[0] != '\0'                 ? id
			: title != NULL && title[0] != '\0' ? title
							    : "a program",
		(int)pid);
	notice_show(toplevel->server, NOTICE_WARNING, text);
	wlr_xdg_toplevel_send_close(toplevel->xdg);
}

static void handle_initial_commit(struct toplevel *toplevel) {
	struct machine *machine = toplevel->machine;
	if (machine == NULL && !toplevel->server->config->host_windows) {
		refuse(toplevel);
		return;
	}
	if (machine != NULL && machine->tile != NULL && machine->tile->toplevel == NULL &&
		toplevel->display <= 1) {
		tile_set_toplevel(machine->tile, toplevel);
	}
	toplevel_send_output(toplevel);
	wlr_xdg_toplevel_set_wm_capabilities(
		toplevel->xdg, WLR_XDG_TOPLEVEL_WM_CAPABILITIES_FULLSCREEN);
	if (toplevel->decoration != NULL) {
		wlr_xdg_toplevel_decoration_v1_set_mode(
			toplevel->decoration, WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	}
	toplevel_configure(toplevel);
}

static void set_unresponsive(struct toplevel *toplevel, bool unresponsive) {
	if (toplevel->unresponsive != unresponsive && toplevel->mapped) {
		toplevel->unresponsive = unresponsive;
		tile_update(toplevel->tile);
		server_emit(toplevel->server, SERVER_WINDOW, SERVER_CHANGED, toplevel->tile);
	}
}

static void handle_ping_timeout(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, ping_timeout);
	set_unresponsive(toplevel, true);
}

static void handle_commit(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, commit);
	set_unresponsive(toplevel, false);
	if (toplevel->xdg->base->initial_commit) {
		handle_initial_commit(toplevel);
	} else if (toplevel->mapped) {
		floating_follow_client(toplevel->tile);
		toplevel_clip(toplevel);
		// Its size, its input region and where its subsurfaces are may be new.
		seat_pointer_moved_later(toplevel->server->seat);
	}
}

// Machines are asked about by machine_may_fill_screen(), once they are there.
static bool may_fill_screen(const struct toplevel *toplevel) {
	return toplevel->machine == NULL && toplevel->tile->rule_fullscreen != RULE_NO;
}

// The focus is not stolen, nor is the window that has it covered: but for one of the same program.
static bool may_cover(const struct toplevel *toplevel) {
	const struct tile *focused = tile_focused(toplevel->server);
	return !tile_hides_focus(toplevel->tile) ||
		(focused->toplevel != NULL &&
			wl_resource_get_client(focused->toplevel->xdg->resource) ==
				wl_resource_get_client(toplevel->xdg->resource));
}

static void handle_map(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, map);
	struct server *server = toplevel->server;
	toplevel->mapped = true;
	bool is_new = toplevel->tile == NULL;
	// A machine gets the focus when it is spawned; a window that a guest conjures up later
	// must not catch what is typed elsewhere.
	bool may_take_focus = toplevel->machine == NULL || tile_focused(server) == NULL;
	if (is_new) {
		tile_create(server, toplevel->machine, toplevel);
	}
	struct tile *tile = toplevel->tile;
	toplevel->tree = wlr_scene_xdg_surface_create(tile->content_tree, toplevel->xdg->base);
	toplevel->popups = wlr_scene_tree_create(tile->content_tree);
	tile_set_toplevel(tile, toplevel);
	bool invited = toplevel->invited && tile->rule_focus != RULE_NO;
	bool may_hide = invited || tile->rule_focus == RULE_YES ||
		(tile->rule_focus == RULE_UNSET && server->config->focus_new);
	if (toplevel->xdg->requested.fullscreen && may_fill_screen(toplevel) &&
		(may_hide || may_cover(toplevel))) {
		tile_set_fullscreen(tile, true);
	}
	if (is_new && (invited || (may_take_focus && tile_wants_focus(tile)))) {
		tile_focus(tile);
	} else if (tile->focused) {
		seat_focus(server->seat, tile);
	}
	seat_pointer_moved_under(server->seat);
}

static void handle_unmap(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, unmap);
	struct wlr_xdg_popup *popup, *next;
	wl_list_for_each_safe (popup, next, &toplevel->xdg->base->popups, link) {
		wlr_xdg_popup_destroy(popup);
	}
	toplevel->mapped = false;
	toplevel->suspended = false;
	toplevel->invited = false;
	toplevel->closing = false;
	toplevel->unresponsive = false;
	wlr_scene_node_destroy(&toplevel->popups->node);
	wlr_scene_node_destroy(&toplevel->tree->node);
	toplevel->popups = NULL;
	toplevel->tree = NULL;
	tile_lose_toplevel(toplevel->tile);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, destroy);
	// Its xdg_surface may live on, and be named as a popup's parent.
	toplevel->xdg->base->data = NULL;
	if (toplevel->tile != NULL) {
		tile_lose_toplevel(toplevel->tile);
	}
	if (toplevel->machine != NULL) {
		toplevel->machine->toplevels--;
	}
	if (toplevel->decoration != NULL) {
		wl_list_remove(&toplevel->decoration_mode.link);
		wl_list_remove(&toplevel->decoration_destroy.link);
	}
	if (toplevel->telling != NULL) {
		wl_event_source_remove(toplevel->telling);
	}
	wl_list_remove(&toplevel->commit.link);
	wl_list_remove(&toplevel->map.link);
	wl_list_remove(&toplevel->unmap.link);
	wl_list_remove(&toplevel->destroy.link);
	wl_list_remove(&toplevel->ping_timeout.link);
	wl_list_remove(&toplevel->request_maximize.link);
	wl_list_remove(&toplevel->request_fullscreen.link);
	wl_list_remove(&toplevel->request_move.link);
	wl_list_remove(&toplevel->request_resize.link);
	wl_list_remove(&toplevel->set_title.link);
	wl_list_remove(&toplevel->set_app_id.link);
	free(toplevel->display_title);
	free(toplevel->icon);
	free(toplevel->tag);
	free(toplevel->description);
	free(toplevel);
}

static void handle_request_maximize(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, request_maximize);
	// Refused, but xdg-shell wants an answer.
	if (toplevel->xdg->base->initialized) {
		wlr_xdg_surface_schedule_configure(toplevel->xdg->base);
	}
}

// A machine that fills the screen could draw a desk of its own: only the user may let it, and only
// the one that they are at.
static bool machine_may_fill_screen(struct toplevel *toplevel, bool wanted) {
	struct server *server = toplevel->server;
	struct machine *machine = toplevel->machine;
	if (machine == NULL || toplevel->tile->rule_fullscreen == RULE_NO) {
		return false;
	}
	enum fullscreen_policy policy = fullscreen_rules_find(
		&server->config->fullscreen_requests, machine->program, machine->label);
	int64_t now_ms = server_now_ms();
	if (policy == FULLSCREEN_ASK && wanted && toplevel->tile->focused &&
		!toplevel->tile->fullscreen && now_ms >= machine->ask_again_ms) {
		machine->ask_again_ms = now_ms + ASK_AGAIN_MS;
		notice_show_machine(machine, NOTICE_INFO,
			"It wants to fill the screen: the command fullscreen lets it");
	}
	return policy == FULLSCREEN_ALLOW && toplevel->tile->focused;
}

static void handle_request_fullscreen(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, request_fullscreen);
	bool wanted = toplevel->xdg->requested.fullscreen;
	if (toplevel->mapped &&
		(may_fill_screen(toplevel) || machine_may_fill_screen(toplevel, wanted))) {
		if (wanted && (!may_cover(toplevel) || scratchpad_hides(toplevel->tile))) {
			urgency_set(toplevel->tile, true);
		} else {
			tile_set_fullscreen(toplevel->tile, wanted);
		}
	}
	if (toplevel->xdg->base->initialized) {
		wlr_xdg_surface_schedule_configure(toplevel->xdg->base);
	}
}

// A client that draws its own title bar: only while the press that it names is held on it, and
// only if it floats. Of a machine's window nothing but the desk's own frame can be dragged.
static bool may_drag(const struct toplevel *toplevel, uint32_t serial) {
	struct seat *seat = toplevel->server->seat;
	return toplevel->machine == NULL && toplevel->mapped && toplevel->tile->floating.on &&
		seat->pointer->surface_tile == toplevel->tile &&
		wlr_seat_validate_pointer_grab_serial(seat->wlr_seat, NULL, serial);
}

static void handle_request_move(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, request_move);
	const struct wlr_xdg_toplevel_move_event *event = data;
	if (may_drag(toplevel, event->serial)) {
		drag_begin_move(toplevel->server->seat->pointer, toplevel->tile);
	}
}

static void handle_request_resize(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, request_resize);
	const struct wlr_xdg_toplevel_resize_event *event = data;
	if (may_drag(toplevel, event->serial)) {
		drag_begin_resize_edges(
			toplevel->server->seat->pointer, toplevel->tile, event->edges);
	}
}

static void handle_idle(void *data) {
	struct toplevel *toplevel = data;
	toplevel->telling = NULL;
	if (toplevel->mapped) {
		tile_update(toplevel->tile);
		server_emit(toplevel->server, SERVER_WINDOW, SERVER_CHANGED, toplevel->tile);
	}
}

// A client can send more titles in a turn of the loop than can be drawn in a second.
void toplevel_tell_later(struct toplevel *toplevel) {
	if (toplevel->machine == NULL && toplevel->telling == NULL) {
		toplevel->telling = wl_event_loop_add_idle(
			toplevel->server->loop, handle_idle, toplevel);
	}
}

static void handle_set_title(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, set_title);
	toplevel_tell_later(toplevel);
}

static void handle_set_app_id(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, set_app_id);
	toplevel_tell_later(toplevel);
}

static void handle_new_toplevel(struct wl_listener *listener, void *data) {
	struct server *server = wl_container_of(listener, server, new_toplevel);
	struct wlr_xdg_toplevel *xdg = data;
	struct wl_client *client = wl_resource_get_client(xdg->resource);
	struct machine *machine = machine_from_client(client);
	if (machine != NULL && machine->toplevels >= MACHINE_TOPLEVELS_MAX) {
		wl_client_post_implementation_error(client, "too many windows");
		return;
	}
	struct toplevel *toplevel = calloc(1, sizeof(*toplevel));
	if (toplevel == NULL) {
		wl_resource_post_no_memory(xdg->resource);
		return;
	}
	toplevel->server = server;
	toplevel->xdg = xdg;
	toplevel->machine = machine;
	if (machine != NULL) {
		machine->toplevels++;
	}
	xdg->base->data = toplevel;

	toplevel->commit.notify = handle_commit;
	wl_signal_add(&xdg->base->surface->events.commit, &toplevel->commit);
	toplevel->map.notify = handle_map;
	wl_signal_add(&xdg->base->surface->events.map, &toplevel->map);
	toplevel->unmap.notify = handle_unmap;
	wl_signal_add(&xdg->base->surface->events.unmap, &toplevel->unmap);
	toplevel->destroy.notify = handle_destroy;
	wl_signal_add(&xdg->events.destroy, &toplevel->destroy);
	toplevel->ping_timeout.notify = handle_ping_timeout;
	wl_signal_add(&xdg->base->events.ping_timeout, &toplevel->ping_timeout);
	toplevel->request_maximize.notify = handle_request_maximize;
	wl_signal_add(&xdg->events.request_maximize, &toplevel->request_maximize);
	toplevel->request_fullscreen.notify = handle_request_fullscreen;
	wl_signal_add(&xdg->events.request_fullscreen, &toplevel->request_fullscreen);
	toplevel->request_move.notify = handle_request_move;
	wl_signal_add(&xdg->events.request_move, &toplevel->request_move);
	toplevel->request_resize.notify = handle_request_resize;
	wl_signal_add(&xdg->events.request_resize, &toplevel->request_resize);
	toplevel->set_title.notify = handle_set_title;
	wl_signal_add(&xdg->events.set_title, &toplevel->set_title);
	toplevel->set_app_id.notify = handle_set_app_id;
	wl_signal_add(&xdg->events.set_app_id, &toplevel->set_app_id);
}

static void handle_decoration_mode(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, decoration_mode);
	if (toplevel->xdg->base->initialized) {
		wlr_xdg_toplevel_decoration_v1_set_mode(
			toplevel->decoration, WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	}
}

static void handle_decoration_destroy(struct wl_listener *listener, void *data) {
	struct toplevel *toplevel = wl_container_of(listener, toplevel, decoration_destroy);
	wl_list_remove(&toplevel->decoration_mode.link);
	wl_list_remove(&toplevel->decoration_destroy.link);
	toplevel->decoration = NULL;
}

static void handle_new_decoration(struct wl_listener *listener, void *data) {
	struct wlr_xdg_toplevel_decoration_v1 *decoration = data;
	struct toplevel *toplevel = decoration->toplevel->base->data;
	if (toplevel == NULL || toplevel->decoration != NULL) {
		return;
	}
	toplevel->decoration = decoration;
	toplevel->decoration_mode.notify = handle_decoration_mode;
	wl_signal_add(&decoration->events.request_mode, &toplevel->decoration_mode);
	toplevel->decoration_destroy.notify = handle_decoration_destroy;
	wl_signal_add(&decoration->events.destroy, &toplevel->decoration_destroy);
	handle_decoration_mode(&toplevel->decoration_mode, NULL);
}

static void handle_new_popup(struct wl_listener *listener, void *data) {
	struct server *server = wl_container_of(listener, server, new_popup);
	popup_create(server, data);
}

void toplevel_init(struct server *server) {
	struct globals *globals = server->globals;
	server->new_toplevel.notify = handle_new_toplevel;
	wl_signal_add(&globals->xdg_shell->events.new_toplevel, &server->new_toplevel);
	server->new_popup.notify = handle_new_popup;
	wl_signal_add(&globals->xdg_shell->events.new_popup, &server->new_popup);
	server->new_decoration.notify = handle_new_decoration;
	wl_signal_add(
		&globals->xdg_decoration->events.new_toplevel_decoration, &server->new_decoration);
}

void toplevel_finish(struct server *server) {
	wl_list_remove(&server->new_toplevel.link);
	wl_list_remove(&server->new_popup.link);
	wl_list_remove(&server->new_decoration.link);
}

#include "output.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend.h>
#include <wlr/backend/session.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_scene.h>

#include "config.h"
#include "layer.h"
#include "lock.h"
#include "log.h"
#include "notice.h"
#include "output_apply.h"
#include "output_globals.h"
#include "output_memory.h"
#include "seat.h"
#include "server.h"
#include "workspace.h"
#include "workspace_output.h"

// More than a scene can have.
#define OUTPUTS_MAX 64

static struct output *find(struct wl_list *list, const char *name) {
	struct output *output;
	wl_list_for_each (output, list, link) {
		if (strcmp(output->wlr_output->name, name) == 0) {
			return output;
		}
	}
	wl_list_for_each (output, list, link) {
		if (output->identifier != NULL && strcmp(output->identifier, name) == 0) {
			return output;
		}
	}
	return NULL;
}

struct output *output_find(struct server *server, const char *name) {
	return find(&server->outputs, name);
}

struct output *output_find_any(struct server *server, const char *name) {
	struct output *output = find(&server->outputs, name);
	return output != NULL ? output : find(&server->disabled_outputs, name);
}

static struct output *from_wlr(struct server *server, const struct wlr_output *wlr_output) {
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		if (output->wlr_output == wlr_output) {
			return output;
		}
	}
	return NULL;
}

struct output *output_at(struct server *server, double lx, double ly) {
	return from_wlr(server, wlr_output_layout_output_at(server->output_layout, lx, ly));
}

struct output *output_adjacent(struct output *output, int dx, int dy) {
	enum wlr_direction direction = dx < 0 ? WLR_DIRECTION_LEFT
		: dx > 0                      ? WLR_DIRECTION_RIGHT
		: dy < 0                      ? WLR_DIRECTION_UP
					      : WLR_DIRECTION_DOWN;
	struct wlr_output *next = wlr_output_layout_adjacent_output(output->server->output_layout,
		direction, output->wlr_output, output->box.x + output->box.width / 2,
		output->box.y + output->box.height / 2);
	return next != NULL ? from_wlr(output->server, next) : NULL;
}

int output_scale_120(const struct output *output) {
	return (int)lroundf(output->wlr_output->scale * 120);
}

bool output_is_lit(const struct output *output) {
	return output->enabled && output->wlr_output->enabled;
}

// The backend asks: a window in another desktop was resized, a monitor lost its link.
static void handle_request_state(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, request_state);
	const struct wlr_output_event_request_state *event = data;
	const struct wlr_output_state *state = event->state;
	bool resized = (state->committed & WLR_OUTPUT_STATE_MODE) != 0 &&
		state->mode_type == WLR_OUTPUT_STATE_MODE_CUSTOM;
	if (!resized || !wl_list_empty(&output->wlr_output->modes)) {
		wlr_output_commit_state(output->wlr_output, state);
		return;
	}
	// Remembered: it is the mode that it has from now on.
	const struct output_change change = {
		.output = output,
		.settings = {.set = OUTPUT_SETTING_MODE,
			.width = state->custom_mode.width,
			.height = state->custom_mode.height,
			.refresh_mhz = state->custom_mode.refresh},
	};
	char why[128];
	if (!output_apply(output->server, &change, 1, OUTPUT_APPLY_SET, why, sizeof(why))) {
		log_error("output %s: %s", output->wlr_output->name, why);
	}
}

// --- the layout ---------------------------------------------------------------------------

static void update_box(struct output *output) {
	wlr_output_layout_get_box(output->server->output_layout, output->wlr_output, &output->box);
	layer_arrange(output);
}

void output_enter(struct output *output) {
	struct server *server = output->server;
	output->enabled = true;
	wl_list_remove(&output->link);
	wl_list_insert(server->outputs.prev, &output->link);
	const float none[4] = {0, 0, 0, 1};
	output->background = wlr_scene_rect_create(server->layers[LAYER_BACKGROUND], 0, 0, none);
	update_box(output);
	lock_add_output(output);
	if (server->active_output == NULL) {
		server->active_output = output;
	}
	workspace_attach_output(output);
	notice_arrange(server);
	server_emit(server, SERVER_OUTPUT, SERVER_ADDED, output);
	log_debug("output %s: %dx%d at %d,%d scale %.3g", output->wlr_output->name,
		output->box.width, output->box.height, output->box.x, output->box.y,
		(double)output->wlr_output->scale);
}

void output_leave(struct output *output) {
	struct server *server = output->server;
	if (!output->enabled) {
		return;
	}
	output->leaving = true;
	layer_close_all(output);
	lock_remove_output(output);
	server_emit(server, SERVER_OUTPUT, SERVER_REMOVED, output);
	output->enabled = false;
	wl_list_remove(&output->link);
	wl_list_insert(&server->disabled_outputs, &output->link);
	workspace_detach_output(output);
	wlr_scene_node_destroy(&output->background->node);
	output->background = NULL;
	wlr_output_layout_remove(server->output_layout, output->wlr_output);
	output->box = output->usable = (struct wlr_box){0};
	output->leaving = false;
	notice_arrange(server);
	server_emit(server, SERVER_SCREEN, SERVER_CHANGED, output);
}

void output_arrange_windows(struct output *output) {
	struct workspace *workspace;
	wl_list_for_each (workspace, &output->server->workspaces, link) {
		if (workspace->output == output) {
			workspace_arrange(workspace);
		}
	}
}

static void arrange(struct output *output) {
	struct server *server = output->server;
	update_box(output);
	uint32_t colour = server->config->border.background;
	const float rgba[4] = {
		(float)(colour >> 16 & 0xff) / 255,
		(float)(colour >> 8 & 0xff) / 255,
		(float)(colour & 0xff) / 255,
		1,
	};
	wlr_scene_node_set_position(&output->background->node, output->box.x, output->box.y);
	wlr_scene_rect_set_size(output->background, output->box.width, output->box.height);
	wlr_scene_rect_set_color(output->background, rgba);
	output_arrange_windows(output);
	lock_arrange_output(output);
	server_emit(server, SERVER_OUTPUT, SERVER_CHANGED, output);
}

void output_arrange_all(struct server *server) {
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		arrange(output);
	}
	notice_arrange(server);
	seat_pointer_moved_under(server->seat);
}

static void handle_layout_change(struct wl_listener *listener, void *data) {
	struct server *server = wl_container_of(listener, server, layout_change);
	if (!server->outputs_changing) {
		output_arrange_all(server);
	}
}

// --- coming and going ---------------------------------------------------------------------

static void output_free(struct output *output) {
	output_leave(output);
	server_emit(output->server, SERVER_SCREEN, SERVER_REMOVED, output);
	output_memory_release(output->record);
	wlr_scene_output_destroy(output->scene_output);
	output_frame_finish(output);
	wl_list_remove(&output->request_state.link);
	wl_list_remove(&output->destroy.link);
	wl_list_remove(&output->link);
	free(output->identifier);
	free(output);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, destroy);
	struct server *server = output->server;
	output_free(output);
	// The others close up, and one that could not be lit beside it perhaps can now.
	output_apply_later(server);
}

static char *make_identifier(const struct wlr_output *wlr_output) {
	const char *make = wlr_output->make, *model = wlr_output->model,
		   *serial = wlr_output->serial;
	char *identifier = NULL;
	if (make == NULL && model == NULL && serial == NULL) {
		return NULL;
	}
	if (asprintf(&identifier, "%s %s %s", make != NULL ? make : "Unknown",
		    model != NULL ? model : "Unknown", serial != NULL ? serial : "Unknown") < 0) {
		abort();
	}
	return identifier;
}

static void handle_new_output(struct wl_listener *listener, void *data) {
	struct server *server = wl_container_of(listener, server, new_output);
	struct wlr_output *wlr_output = data;
	if (wlr_output->non_desktop) {
		output_globals_offer(server, wlr_output);
		return;
	}
	if (wl_list_length(&server->outputs) + wl_list_length(&server->disabled_outputs) >=
			OUTPUTS_MAX ||
		!wlr_output_init_render(wlr_output, server->allocator, server->renderer)) {
		log_error("output %s cannot be drawn to", wlr_output->name);
		return;
	}
	struct output *output = calloc(1, sizeof(*output));
	if (output == NULL) {
		abort();
	}
	output->server = server;
	output->wlr_output = wlr_output;
	output->scene_output = wlr_scene_output_create(server->scene, wlr_output);
	if (output->scene_output == NULL || !output_frame_init(output)) {
		log_error("output %s cannot be drawn to", wlr_output->name);
		free(output);
		return;
	}
	wlr_output->data = output;
	if (server->output_memory->next_name != NULL) {
		wlr_output_set_name(wlr_output, server->output_memory->next_name);
	}
	output->native_width = wlr_output->width;
	output->native_height = wlr_output->height;
	output->identifier = make_identifier(wlr_output);
	output->record = output_memory_claim(server->output_memory, output);
	wl_list_insert(&server->disabled_outputs, &output->link);
	output->request_state.notify = handle_request_state;
	wl_signal_add(&wlr_output->events.request_state, &output->request_state);
	output->destroy.notify = handle_destroy;
	wl_signal_add(&wlr_output->events.destroy, &output->destroy);
	server_emit(server, SERVER_SCREEN, SERVER_ADDED, output);
	output_apply_later(server);
}

void output_renew_renderer(struct server *server) {
	struct wl_list *const lists[] = {&server->outputs, &server->disabled_outputs};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct output *output;
		wl_list_for_each (output, lists[i], link) {
			output_frame_forget(output);
			wlr_output_init_render(
				output->wlr_output, server->allocator, server->renderer);
			wlr_output_schedule_frame(output->wlr_output);
		}
	}
}

void output_init(struct server *server) {
	server->output_memory = output_memory_create();
	server->new_output.notify = handle_new_output;
	wl_signal_add(&server->backend->events.new_output, &server->new_output);
	server->layout_change.notify = handle_layout_change;
	wl_signal_add(&server->output_layout->events.change, &server->layout_change);
}

void output_finish(struct server *server) {
	struct output *output, *next;
	wl_list_for_each_safe (output, next, &server->outputs, link) {
		output_free(output);
	}
	wl_list_for_each_safe (output, next, &server->disabled_outputs, link) {
		output_free(output);
	}
	output_apply_finish(server);
	output_memory_destroy(server->output_memory);
	server->output_memory = NULL;
	wl_list_remove(&server->new_output.link);
	wl_list_remove(&server->layout_change.link);
}

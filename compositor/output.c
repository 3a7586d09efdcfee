#include "output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wlr/backend.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_scene.h>

#include "config.h"
#include "layer.h"
#include "log.h"
#include "notice.h"
#include "seat.h"
#include "server.h"
#include "workspace.h"

struct output *output_find(struct server *server, const char *name) {
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		if (strcmp(output->wlr_output->name, name) == 0) {
			return output;
		}
	}
	return NULL;
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

static void handle_frame(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, frame);
	if (wlr_scene_output_needs_frame(output->scene_output)) {
		// A client can put another of its surfaces under the pointer.
		seat_pointer_moved_later(output->server->seat);
	}
	wlr_scene_output_commit(output->scene_output, NULL);
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	wlr_scene_output_send_frame_done(output->scene_output, &now);
}

static void handle_request_state(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, request_state);
	const struct wlr_output_event_request_state *event = data;
	wlr_output_commit_state(output->wlr_output, event->state);
}

// --- configuration ------------------------------------------------------------------------

static struct wlr_output_mode *find_mode(
	struct wlr_output *wlr_output, const struct config_output *wanted) {
	struct wlr_output_mode *mode, *best = NULL;
	wl_list_for_each (mode, &wlr_output->modes, link) {
		if (mode->width != wanted->width || mode->height != wanted->height) {
			continue;
		}
		int distance = abs(mode->refresh - wanted->refresh_mhz);
		bool better = best == NULL ||
			(wanted->refresh_mhz == 0
					? mode->refresh > best->refresh
					: distance < abs(best->refresh - wanted->refresh_mhz));
		if (better) {
			best = mode;
		}
	}
	return best;
}

static void set_mode(struct wlr_output *wlr_output, const struct config_output *wanted,
	struct wlr_output_state *state) {
	struct wlr_output_mode *mode = NULL;
	if (wanted->width > 0) {
		mode = find_mode(wlr_output, wanted);
		if (mode == NULL) {
			wlr_output_state_set_custom_mode(
				state, wanted->width, wanted->height, wanted->refresh_mhz);
			return;
		}
	}
	if (mode == NULL) {
		mode = wlr_output_preferred_mode(wlr_output);
	}
	if (mode != NULL) {
		wlr_output_state_set_mode(state, mode);
	}
}

// 2 on a screen of about twice the density that pixels used to have, else 1.
static float default_scale(const struct wlr_output *wlr_output, int width) {
	const float mm_per_inch = 25.4f, dense_dpi = 180;
	if (wlr_output->phys_width <= 0 || width <= 0) {
		return 1;
	}
	return (float)width * mm_per_inch / (float)wlr_output->phys_width >= dense_dpi ? 2 : 1;
}

static bool commit(struct output *output, const struct config_output *wanted) {
	struct wlr_output *wlr_output = output->wlr_output;
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	wlr_output_state_set_enabled(&state, !wanted->disabled);
	if (!wanted->disabled) {
		set_mode(wlr_output, wanted, &state);
		int width = state.mode != NULL ? state.mode->width : wlr_output->width;
		wlr_output_state_set_scale(&state,
			wanted->scale120 > 0 ? (float)wanted->scale120 / 120
					     : default_scale(wlr_output, width));
		if (wanted->transform_set) {
			wlr_output_state_set_transform(
				&state, (enum wl_output_transform)wanted->transform);
		}
	}
	bool ok = wlr_output_commit_state(wlr_output, &state);
	wlr_output_state_finish(&state);
	return ok;
}

static void update_box(struct output *output) {
	wlr_output_layout_get_box(output->server->output_layout, output->wlr_output, &output->box);
	layer_arrange(output);
}

static void place(struct output *output, const struct config_output *wanted) {
	struct wlr_output_layout *layout = output->server->output_layout;
	struct wlr_output_layout_output *layout_output = wanted->positioned
		? wlr_output_layout_add(layout, output->wlr_output, wanted->x, wanted->y)
		: wlr_output_layout_add_auto(layout, output->wlr_output);
	if (layout_output == NULL) {
		abort();
	}
	if (output->scene_output == NULL) {
		output->scene_output = wlr_scene_output_create(
			output->server->scene, output->wlr_output);
		if (output->scene_output == NULL) {
			abort();
		}
		wlr_scene_output_layout_add_output(
			output->server->scene_layout, layout_output, output->scene_output);
	}
	update_box(output);
}

static void enable(struct output *output) {
	struct server *server = output->server;
	output->enabled = true;
	wl_list_remove(&output->link);
	wl_list_insert(server->outputs.prev, &output->link);
	const float none[4] = {0, 0, 0, 1};
	output->background = wlr_scene_rect_create(server->layers[LAYER_BACKGROUND], 0, 0, none);
	if (server->active_output == NULL) {
		server->active_output = output;
	}
	workspace_attach_output(output);
	if (server->active_output == output) {
		workspace_show(output->workspace);
	}
	notice_arrange(server);
	server_emit(server, SERVER_OUTPUT, SERVER_ADDED, output);
}

static void disable(struct output *output) {
	struct server *server = output->server;
	if (!output->enabled) {
		return;
	}
	layer_close_all(output);
	server_emit(server, SERVER_OUTPUT, SERVER_REMOVED, output);
	output->enabled = false;
	wl_list_remove(&output->link);
	wl_list_insert(&server->disabled_outputs, &output->link);
	workspace_detach_output(output);
	wlr_scene_node_destroy(&output->background->node);
	output->background = NULL;
	wlr_scene_output_destroy(output->scene_output);
	output->scene_output = NULL;
	wlr_output_layout_remove(server->output_layout, output->wlr_output);
	notice_arrange(server);
}

static bool configure(struct output *output) {
	struct config_output wanted = {0};
	config_find_output(output->server->config, output->wlr_output->name, &wanted);
	bool ok = commit(output, &wanted);
	if (!ok && !wanted.disabled && (wanted.width > 0 || wanted.transform_set)) {
		log_error("output %s: its mode was refused, taking the preferred one",
			output->wlr_output->name);
		struct config_output plain = {.positioned = wanted.positioned,
			.x = wanted.x,
			.y = wanted.y,
			.scale120 = wanted.scale120};
		wanted = plain;
		ok = commit(output, &wanted);
	}
	if (!ok) {
		log_error("output %s cannot be used", output->wlr_output->name);
		return false;
	}
	if (wanted.disabled) {
		disable(output);
		return true;
	}
	place(output, &wanted);
	if (!output->enabled) {
		enable(output);
	}
	return true;
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
	server_emit(server, SERVER_OUTPUT, SERVER_CHANGED, output);
}

static void arrange_all(struct server *server) {
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		arrange(output);
	}
	notice_arrange(server);
	seat_pointer_moved_under(server->seat);
}

void output_reconfigure_all(struct server *server) {
	// Configuring moves outputs between the lists.
	struct output *outputs[64], *output;
	size_t len = 0;
	wl_list_for_each (output, &server->outputs, link) {
		if (len < sizeof(outputs) / sizeof(outputs[0])) {
			outputs[len++] = output;
		}
	}
	wl_list_for_each (output, &server->disabled_outputs, link) {
		if (len < sizeof(outputs) / sizeof(outputs[0])) {
			outputs[len++] = output;
		}
	}
	for (size_t i = 0; i < len; i++) {
		configure(outputs[i]);
	}
	arrange_all(server);
}

static void handle_layout_change(struct wl_listener *listener, void *data) {
	struct server *server = wl_container_of(listener, server, layout_change);
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		arrange(output);
	}
	notice_arrange(server);
}

// --- coming and going ---------------------------------------------------------------------

static void output_free(struct output *output) {
	disable(output);
	wl_list_remove(&output->frame.link);
	wl_list_remove(&output->request_state.link);
	wl_list_remove(&output->destroy.link);
	wl_list_remove(&output->link);
	free(output);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, destroy);
	output_free(output);
}

static void handle_new_output(struct wl_listener *listener, void *data) {
	struct server *server = wl_container_of(listener, server, new_output);
	struct wlr_output *wlr_output = data;
	if (wlr_output->non_desktop) {
		return;
	}
	if (!wlr_output_init_render(wlr_output, server->allocator, server->renderer)) {
		log_error("output %s cannot be drawn to", wlr_output->name);
		return;
	}
	struct output *output = calloc(1, sizeof(*output));
	if (output == NULL) {
		abort();
	}
	output->server = server;
	output->wlr_output = wlr_output;
	wlr_output->data = output;
	wl_list_insert(&server->disabled_outputs, &output->link);
	output->frame.notify = handle_frame;
	wl_signal_add(&wlr_output->events.frame, &output->frame);
	output->request_state.notify = handle_request_state;
	wl_signal_add(&wlr_output->events.request_state, &output->request_state);
	output->destroy.notify = handle_destroy;
	wl_signal_add(&wlr_output->events.destroy, &output->destroy);
	if (configure(output) && output->enabled) {
		arrange(output);
		log_debug("output %s: %dx%d at %d,%d scale %.3g", wlr_output->name,
			output->box.width, output->box.height, output->box.x, output->box.y,
			(double)wlr_output->scale);
	}
}

void output_init(struct server *server) {
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
	wl_list_remove(&server->new_output.link);
	wl_list_remove(&server->layout_change.link);
}

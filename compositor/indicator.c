#include "indicator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wayland-server-core.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>

#include "card.h"
#include "input_mode.h"
#include "output.h"
#include "passthrough.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "titlebar.h"

#define MARGIN 8
#define FLASH_MS 2000
#define TEXT_MAX 200

struct indicator {
	struct server *server;
	struct wlr_scene_buffer *buffer;
	char *flash; // may be NULL
	struct wl_event_source *timer;

	struct wl_listener change;
};

static void draw(struct indicator *indicator) {
	struct server *server = indicator->server;
	struct output *output = server->active_output;
	char mode[TEXT_MAX] = "", keys[TEXT_MAX] = "", key[128];
	wlr_scene_buffer_set_buffer(indicator->buffer, NULL);
	if (output == NULL || server->seat == NULL) {
		return;
	}
	if (server->seat->mode != NULL) {
		snprintf(mode, sizeof(mode), "mode %s", server->seat->mode);
	}
	if (passthrough_tile(server->seat) != NULL) {
		passthrough_format_key(server->seat, key, sizeof(key));
		snprintf(keys, sizeof(keys), "every key to the window but %s", key);
	}
	if (mode[0] == '\0' && keys[0] == '\0' && indicator->flash == NULL) {
		return;
	}
	const struct card card = {
		.lines = {{mode, "Sans Bold 11", 0xf0f0f0}, {keys, "Sans Bold 11", 0xf0f0f0},
			{indicator->flash, "Sans 11", 0xf0f0f0}},
		.max_width = output->box.width - 2 * MARGIN,
		.max_height = output->box.height / 2,
		.padding = 8,
		.scale = output->wlr_output->scale,
		.colour = 0x202020,
		.edge = 0xd0a020,
		.edge_width = 2,
	};
	int width = 0, height = 0;
	struct wlr_buffer *buffer = card_draw(&card, &width, &height);
	wlr_scene_buffer_set_buffer(indicator->buffer, buffer);
	if (buffer == NULL) {
		return;
	}
	wlr_buffer_drop(buffer);
	wlr_scene_buffer_set_dest_size(indicator->buffer, width, height);
	const struct wlr_box *usable = &output->usable; // beside the bars
	wlr_scene_node_set_position(&indicator->buffer->node,
		output->box.x + usable->x + usable->width - width - MARGIN,
		output->box.y + usable->y + usable->height - height - MARGIN);
}

static void handle_change(struct wl_listener *listener, void *data) {
	struct indicator *indicator = wl_container_of(listener, indicator, change);
	const struct server_change *change = data;
	if (change->subject == SERVER_SEAT || change->subject == SERVER_OUTPUT ||
		(change->subject == SERVER_WORKSPACE && change->verb == SERVER_FOCUSED)) {
		draw(indicator);
	}
}

static int handle_timer(void *data) {
	struct indicator *indicator = data;
	free(indicator->flash);
	indicator->flash = NULL;
	draw(indicator);
	return 0;
}

void indicator_flash(struct server *server, const char *text) {
	struct indicator *indicator = server->indicator;
	free(indicator->flash);
	indicator->flash = titlebar_filter_text(text, TEXT_MAX);
	wl_event_source_timer_update(indicator->timer, FLASH_MS);
	draw(indicator);
}

bool indicator_init(struct server *server) {
	struct indicator *indicator = calloc(1, sizeof(*indicator));
	if (indicator == NULL) {
		return false;
	}
	indicator->server = server;
	indicator->timer = wl_event_loop_add_timer(server->loop, handle_timer, indicator);
	indicator->buffer = wlr_scene_buffer_create(server->layers[LAYER_NOTICES], NULL);
	if (indicator->timer == NULL || indicator->buffer == NULL) {
		free(indicator);
		return false;
	}
	indicator->change.notify = handle_change;
	wl_signal_add(&server->events.change, &indicator->change);
	server->indicator = indicator;
	return true;
}

void indicator_finish(struct server *server) {
	struct indicator *indicator = server->indicator;
	if (indicator == NULL) {
		return;
	}
	wl_list_remove(&indicator->change.link);
	wl_event_source_remove(indicator->timer);
	wlr_scene_node_destroy(&indicator->buffer->node);
	free(indicator->flash);
	free(indicator);
	server->indicator = NULL;
}

#include "placeholder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>
#include <xkbcommon/xkbcommon.h>

#include "card.h"
#include "config.h"
#include "machine.h"
#include "output.h"
#include "redecho-machine-v1-protocol.h"
#include "redecho-manager-v1-client-protocol.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

#define TICK_MS 1000

struct placeholder {
	struct tile *tile;
	struct wlr_scene_buffer *buffer;
	char *key; // what it was drawn from; may be NULL
};

static bool has_ended(const struct machine *machine) {
	return machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_ENDED;
}

// Text in the label's colour is read on black: by a third nearer to white.
static uint32_t lighter(uint32_t colour) {
	uint32_t light = 0;
	for (int shift = 0; shift < 24; shift += 8) {
		uint32_t part = colour >> shift & 0xff;
		light |= (part + (0xff - part) / 3) << shift;
	}
	return light;
}

static void describe(const struct machine *machine, char *text, size_t size) {
	if (has_ended(machine)) {
		snprintf(text, size, "%s", machine_cause_text(machine));
		return;
	}
	int64_t seconds = (server_now_ms() - machine->started_ms) / 1000;
	const char *what = machine_state_name(machine);
	if (machine->waiting) {
		what = "waiting for redecho-vmd";
	} else if (strcmp(what, "running") == 0 && machine->client == NULL) {
		what = "its display is gone";
	} else if (machine->stage != REDECHO_MACHINE_V1_STAGE_STARTING &&
		machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING) {
		what = "waiting for its first frame";
	}
	if (seconds < 60) {
		snprintf(text, size, "%s  %d s", what, (int)seconds);
	} else {
		snprintf(text, size, "%s  %d:%02d", what, (int)(seconds / 60), (int)(seconds % 60));
	}
}

static bool differs(struct placeholder *placeholder, const struct card *card) {
	char *key = NULL;
	const struct card_line *lines = card->lines;
	if (asprintf(&key, "%s\n%s\n%s\n%s\n%s\n%d %d %a %x", lines[0].text, lines[1].text,
		    lines[2].text, lines[3].text, lines[4].text, card->max_width, card->max_height,
		    (double)card->scale, lines[0].colour) < 0) {
		abort();
	}
	if (placeholder->key != NULL && strcmp(placeholder->key, key) == 0) {
		free(key);
		return false;
	}
	free(placeholder->key);
	placeholder->key = key;
	return true;
}

static void draw(struct placeholder *placeholder, const struct card *card) {
	struct tile *tile = placeholder->tile;
	int width = 0, height = 0;
	struct wlr_buffer *buffer = card_draw(card, &width, &height);
	wlr_scene_buffer_set_buffer(placeholder->buffer, buffer);
	if (buffer == NULL) {
		return;
	}
	wlr_buffer_drop(buffer);
	wlr_scene_buffer_set_dest_size(placeholder->buffer, width, height);
	wlr_scene_node_set_position(&placeholder->buffer->node, (tile->content.width - width) / 2,
		(tile->content.height - height) / 2);
}

void placeholder_update(struct placeholder *placeholder) {
	struct tile *tile = placeholder->tile;
	struct machine *machine = tile->machine;
	struct output *output = tile->workspace->output;
	if (output == NULL || wlr_box_empty(&tile->content)) {
		return;
	}
	const uint32_t grey = 0x909090, white = 0xe8e8e8, black = 0;
	char state[160];
	describe(machine, state, sizeof(state));
	const char *hint = has_ended(machine) ? "r  start it again      Esc  close"
		: machine_is_paused(machine)  ? "Return  let it go on"
					      : "";
	const char *message = machine->message != NULL ? machine->message : "";
	uint32_t colour = lighter(config_label_colour(tile->server->config, machine->label));
	struct card card = {
		.lines =
			{
				{machine->title, "Sans Bold 20", colour},
				{machine->label, "Sans 11", colour},
				{state, "Sans 12", white},
				{message, "Sans 11", white},
				{hint, "Sans 10", grey},
			},
		.max_width = tile->content.width < 560 ? tile->content.width : 560,
		.max_height = tile->content.height,
		.padding = 8,
		.scale = output->wlr_output->scale,
		.colour = black,
	};
	if (differs(placeholder, &card)) {
		draw(placeholder, &card);
	}
}

struct placeholder *placeholder_create(struct tile *tile) {
	struct placeholder *placeholder = calloc(1, sizeof(*placeholder));
	if (placeholder == NULL) {
		abort();
	}
	placeholder->tile = tile;
	placeholder->buffer = wlr_scene_buffer_create(tile->content_tree, NULL);
	placeholder_update(placeholder);
	placeholder_timer_start(tile->server);
	return placeholder;
}

void placeholder_destroy(struct placeholder *placeholder) {
	if (placeholder == NULL) {
		return;
	}
	wlr_scene_node_destroy(&placeholder->buffer->node);
	free(placeholder->key);
	free(placeholder);
}

bool placeholder_key(struct placeholder *placeholder, uint32_t keysym) {
	struct machine *machine = placeholder->tile->machine;
	if (machine_is_paused(machine)) {
		return (keysym == XKB_KEY_Return || keysym == XKB_KEY_KP_Enter) &&
			machine_resume(machine, NULL);
	}
	if (!has_ended(machine) || server_now_ms() - machine->ended_ms < PLACEHOLDER_DEAF_MS) {
		return false;
	}
	switch (keysym) {
	case XKB_KEY_r:
	case XKB_KEY_R:
	case XKB_KEY_Return:
		machine_restart(machine);
		return true;
	case XKB_KEY_Escape:
	case XKB_KEY_q:
	case XKB_KEY_Q:
		machine_destroy(machine);
		return true;
	default:
		return false;
	}
}

// --- the clock ----------------------------------------------------------------------------

static bool ticks(const struct tile *tile) {
	return tile->placeholder != NULL && !has_ended(tile->machine) &&
		workspace_is_visible(tile->workspace);
}

static int handle_tick(void *data) {
	struct server *server = data;
	bool again = false;
	struct tile *tile;
	wl_list_for_each (tile, &server->tiles, link) {
		if (ticks(tile)) {
			placeholder_update(tile->placeholder);
			again = true;
		}
	}
	wl_event_source_timer_update(server->placeholder_timer, again ? TICK_MS : 0);
	return 0;
}

void placeholder_timer_start(struct server *server) {
	wl_event_source_timer_update(server->placeholder_timer, TICK_MS);
}

void placeholder_timer_init(struct server *server) {
	server->placeholder_timer = wl_event_loop_add_timer(server->loop, handle_tick, server);
	if (server->placeholder_timer == NULL) {
		abort();
	}
}

void placeholder_timer_finish(struct server *server) {
	wl_event_source_remove(server->placeholder_timer);
}

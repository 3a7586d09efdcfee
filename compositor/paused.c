#include "paused.h"

#include <stdlib.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>
#include <xkbcommon/xkbcommon.h>

#include "card.h"
#include "machine.h"
#include "output.h"
#include "pointer.h"
#include "redecho-manager-v1-client-protocol.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

struct paused {
	struct wlr_scene_tree *tree; // over the content
	struct wlr_scene_rect *shade;
	struct wlr_scene_buffer *card;
	// What the card was drawn for.
	int max_width, max_height;
	float scale;
};

static bool is_paused(const struct tile *tile) {
	return tile->machine != NULL && tile->placeholder == NULL &&
		tile->machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_PAUSED;
}

static void draw(struct tile *tile, float scale) {
	struct paused *paused = tile->paused;
	const struct wlr_box *content = &tile->content;
	struct card card = {
		.lines =
			{
				{"Paused", "Sans Bold 20", 0xe8e8e8},
				{"Return  let it go on", "Sans 10", 0x909090},
			},
		.max_width = content->width < 560 ? content->width : 560,
		.max_height = content->height,
		.padding = 12,
		.scale = scale,
		.colour = 0x101010,
	};
	if (paused->max_width == content->width && paused->max_height == content->height &&
		paused->scale == scale) {
		return;
	}
	paused->max_width = content->width;
	paused->max_height = content->height;
	paused->scale = scale;
	int width = 0, height = 0;
	struct wlr_buffer *buffer = card_draw(&card, &width, &height);
	wlr_scene_buffer_set_buffer(paused->card, buffer);
	if (buffer != NULL) {
		wlr_buffer_drop(buffer);
	}
	wlr_scene_buffer_set_dest_size(paused->card, width, height);
	wlr_scene_node_set_position(
		&paused->card->node, (content->width - width) / 2, (content->height - height) / 2);
}

static void create(struct tile *tile) {
	const float shade[4] = {0, 0, 0, 0.55f};
	struct paused *paused = calloc(1, sizeof(*paused));
	if (paused == NULL) {
		abort();
	}
	tile->paused = paused;
	paused->tree = wlr_scene_tree_create(tile->body);
	paused->shade = wlr_scene_rect_create(paused->tree, 0, 0, shade);
	paused->card = wlr_scene_buffer_create(paused->tree, NULL);
}

void paused_destroy(struct tile *tile) {
	if (tile->paused != NULL) {
		wlr_scene_node_destroy(&tile->paused->tree->node);
		free(tile->paused);
		tile->paused = NULL;
	}
}

void paused_update(struct tile *tile) {
	struct output *output = tile->workspace->output;
	if (!is_paused(tile)) {
		paused_destroy(tile);
		return;
	}
	if (tile->paused == NULL) {
		create(tile);
	}
	struct paused *paused = tile->paused;
	const struct wlr_box *content = &tile->content;
	wlr_scene_node_set_position(
		&paused->tree->node, content->x - tile->box.x, content->y - tile->box.y);
	wlr_scene_rect_set_size(paused->shade, content->width, content->height);
	if (output != NULL && !wlr_box_empty(content)) {
		draw(tile, output->wlr_output->scale);
	}
}

void paused_changed(struct machine *machine) {
	struct server *server = machine->server;
	struct seat *seat = server->seat;
	struct tile *tile;
	wl_list_for_each (tile, &server->tiles, link) {
		if (tile->machine != machine) {
			continue;
		}
		tile_update(tile);
		if (tile->focused) {
			seat_focus(seat, tile);
		}
		if (tile->paused != NULL && seat->pointer->surface_tile == tile) {
			pointer_let_go(seat->pointer); // a button that is held, too
		}
	}
	seat_pointer_moved_later(seat);
}

bool paused_key(struct tile *tile, uint32_t keysym) {
	return (keysym == XKB_KEY_Return || keysym == XKB_KEY_KP_Enter) &&
		machine_resume(tile->machine, NULL);
}

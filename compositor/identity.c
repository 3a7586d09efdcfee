#include "identity.h"

#include <stdlib.h>
#include <string.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>

#include "config.h"
#include "layout.h"
#include "machine.h"
#include "output.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "titlebar.h"
#include "workspace.h"

#define SHOW_MS 3000
#define STRIP_MIN 2

struct identity {
	struct wlr_scene_tree *tree; // over all of the tile's content
	struct wlr_scene_rect *strip;
	struct wlr_scene_buffer *bar;
	int bar_height;
	bool timed; // shown until the timer
	bool pointed; // shown while the pointer is on it
	struct wl_event_source *timer;
};

static bool belongs(const struct tile *tile) {
	return tile->machine != NULL && tile->fullscreen && tile->workspace->output != NULL;
}

static int strip_height(const struct tile *tile) {
	if (!belongs(tile)) {
		return 0;
	}
	int grid = layout_grid(output_scale_120(tile->workspace->output));
	int strip = tile->server->config->border.fullscreen_strip;
	strip = strip > STRIP_MIN ? strip : STRIP_MIN;
	return (strip + grid - 1) / grid * grid;
}

struct wlr_box identity_content(const struct tile *tile, const struct wlr_box *box) {
	int height = strip_height(tile);
	struct wlr_box content = *box;
	content.y += height;
	content.height -= height;
	return content;
}

static void set_bar(struct tile *tile) {
	struct identity *identity = tile->identity;
	const struct config_border *border = &tile->server->config->border;
	bool shown = identity->timed || identity->pointed;
	if (identity->bar->node.enabled != shown) {
		wlr_scene_node_set_enabled(&identity->bar->node, shown);
		seat_pointer_moved_later(tile->server->seat);
	}
	if (!shown || tile->workspace->output == NULL) {
		return;
	}
	identity->bar_height = titlebar_height(border->font, border->title_padding);
	const struct titlebar look = {
		.text = tile_title(tile),
		.label = tile_label(tile),
		.note = machine_is_paused(tile->machine) ? "paused" : NULL,
		.font = border->font,
		.width = tile->box.width,
		.height = identity->bar_height,
		.scale = tile->workspace->output->wlr_output->scale,
		.colour = tile_border_colour(tile),
		.text_colour = border->text,
	};
	struct wlr_buffer *buffer = titlebar_draw(&look);
	wlr_scene_buffer_set_buffer(identity->bar, buffer);
	if (buffer != NULL) {
		wlr_buffer_drop(buffer);
	}
	wlr_scene_buffer_set_dest_size(identity->bar, look.width, look.height);
}

static int handle_timer(void *data) {
	struct tile *tile = data;
	tile->identity->timed = false;
	set_bar(tile);
	return 0;
}

static void create(struct tile *tile) {
	const float black[4] = {0, 0, 0, 1};
	struct identity *identity = calloc(1, sizeof(*identity));
	if (identity == NULL) {
		abort();
	}
	tile->identity = identity;
	identity->tree = wlr_scene_tree_create(tile->tree);
	identity->strip = wlr_scene_rect_create(identity->tree, 0, 0, black);
	identity->bar = wlr_scene_buffer_create(identity->tree, NULL);
	identity->timer = wl_event_loop_add_timer(tile->server->loop, handle_timer, tile);
	if (identity->timer == NULL) {
		abort();
	}
	identity->timed = true;
	wl_event_source_timer_update(identity->timer, SHOW_MS);
}

void identity_destroy(struct tile *tile) {
	struct identity *identity = tile->identity;
	if (identity == NULL) {
		return;
	}
	wl_event_source_remove(identity->timer);
	wlr_scene_node_destroy(&identity->tree->node);
	free(identity);
	tile->identity = NULL;
}

void identity_update(struct tile *tile) {
	if (!belongs(tile)) {
		identity_destroy(tile);
		return;
	}
	if (tile->identity == NULL) {
		create(tile);
	}
	uint32_t colour = tile_border_colour(tile);
	const float rgba[4] = {
		(float)(colour >> 16 & 0xff) / 255,
		(float)(colour >> 8 & 0xff) / 255,
		(float)(colour & 0xff) / 255,
		1,
	};
	struct identity *identity = tile->identity;
	wlr_scene_rect_set_color(identity->strip, rgba);
	wlr_scene_rect_set_size(identity->strip, tile->box.width, strip_height(tile));
	wlr_scene_node_raise_to_top(&identity->tree->node);
	set_bar(tile);
}

void identity_show(struct tile *tile) {
	struct identity *identity = tile->identity;
	if (identity != NULL) {
		identity->timed = true;
		wl_event_source_timer_update(identity->timer, SHOW_MS);
		set_bar(tile);
	}
}

void identity_point(struct server *server, double lx, double ly) {
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		struct tile *tile = output->workspace != NULL ? output->workspace->fullscreen
							      : NULL;
		struct identity *identity = tile != NULL ? tile->identity : NULL;
		if (identity == NULL) {
			continue;
		}
		struct wlr_box box = tile->box;
		box.height = strip_height(tile);
		if ((identity->pointed || identity->timed) && identity->bar_height > box.height) {
			box.height = identity->bar_height;
		}
		bool pointed = wlr_box_contains_point(&box, lx, ly) &&
			tile_at(server, lx, ly) == tile;
		if (pointed != identity->pointed) {
			identity->pointed = pointed;
			set_bar(tile);
		}
	}
}

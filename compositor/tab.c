#include "tab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>

#include "alloc.h"
#include "config.h"
#include "layout.h"
#include "layout_move.h"
#include "output.h"
#include "server.h"
#include "tile.h"
#include "titlebar.h"
#include "urgency.h"
#include "workspace.h"

// A tab shows no more of its windows' titles, in bytes.
#define TEXT_MAX 256

// What the tiles in a container have in common.
struct content {
	char text[TEXT_MAX];
	const char *label; // NULL: none, or different ones
	uint32_t colour;
	bool any; // the others are set
	bool mixed, focused, urgent;
};

static void add_title(struct content *content, const char *title) {
	size_t len = strlen(content->text);
	snprintf(content->text + len, sizeof(content->text) - len, "%s%s", len > 0 ? ", " : "",
		title);
}

static void collect(const struct layout_node *node, struct content *content) {
	for (size_t i = 0; i < layout_node_children(node); i++) {
		collect(layout_node_child(node, i), content);
	}
	if (!layout_node_is_leaf(node)) {
		return;
	}
	const struct tile *tile = layout_node_data(node);
	const char *label = tile_label(tile);
	uint32_t colour = tile_border_colour(tile);
	add_title(content, tile_title(tile));
	content->focused = content->focused || tile->focused;
	content->urgent = content->urgent || urgency_shows(tile);
	if (!content->any) {
		content->any = true;
		content->label = label;
		content->colour = colour;
	} else if (colour != content->colour || strcmp(label, content->label) != 0) {
		content->mixed = true;
	}
}

static bool differs(struct tab *tab, const struct titlebar *look) {
	char *key = NULL;
	if (asprintf(&key, "%s\n%s\n%s\n%d %d %a %x %x %d %d %x", look->text,
		    look->label != NULL ? look->label : "", look->font, look->width, look->height,
		    (double)look->scale, look->colour, look->text_colour, (int)look->line,
		    look->marked, look->mark) < 0) {
		abort();
	}
	bool same = tab->key != NULL && strcmp(tab->key, key) == 0;
	free(tab->key);
	tab->key = key;
	return !same;
}

static void draw(struct tab *tab, const struct workspace *workspace, const struct layout_node *node,
	const struct wlr_box *title) {
	const struct config *config = workspace->server->config;
	struct content content = {0};
	collect(node, &content);
	uint32_t colour = content.mixed ? config->border.host : content.colour;
	struct titlebar look = {
		.text = content.text,
		.label = content.mixed ? NULL : content.label,
		.font = config->border.font,
		.width = title->width,
		.height = title->height,
		.scale = workspace->output->wlr_output->scale,
		.colour = tile_shade(config, colour, content.focused, layout_node_visible(node)),
		.text_colour = content.focused ? config->border.text
					       : config->border.text_unfocused,
		.line = layout_kind_around(layout_node_parent(node)) == LAYOUT_TABBED
			? TITLEBAR_LINE_RIGHT
			: TITLEBAR_LINE_BELOW,
		.marked = content.urgent,
		.mark = config->border.urgent,
	};
	if (!differs(tab, &look)) {
		return;
	}
	struct wlr_buffer *buffer = titlebar_draw(&look);
	wlr_scene_buffer_set_buffer(tab->buffer, buffer);
	if (buffer != NULL) {
		wlr_buffer_drop(buffer);
	}
}

static struct tab *create(struct workspace *workspace) {
	struct tab *tab = alloc_zeroed(1, sizeof(*tab));
	tab->buffer = wlr_scene_buffer_create(workspace->tree, NULL);
	wl_list_insert(workspace->tabs.prev, &tab->link);
	return tab;
}

static void destroy(struct tab *tab) {
	wl_list_remove(&tab->link);
	wlr_scene_node_destroy(&tab->buffer->node);
	free(tab->key);
	free(tab);
}

// Uses the tabs after *last, and makes more where they do not suffice.
static void place(
	struct workspace *workspace, const struct layout_node *node, struct wl_list **last) {
	struct wlr_box title = layout_node_title(node);
	if (layout_node_is_leaf(node)) {
		return;
	}
	const struct layout_node *leaf = layout_recent_leaf(node);
	if (!wlr_box_empty(&title) && leaf != NULL) {
		struct tab *tab = (*last)->next != &workspace->tabs
			? wl_container_of((*last)->next, tab, link)
			: create(workspace);
		struct tile *tile = layout_node_data(leaf);
		tab->buffer->node.data = &tile->owner;
		wlr_scene_node_set_position(&tab->buffer->node, title.x, title.y);
		wlr_scene_buffer_set_dest_size(tab->buffer, title.width, title.height);
		draw(tab, workspace, node, &title);
		*last = &tab->link;
	}
	for (size_t i = 0; i < layout_node_children(node); i++) {
		place(workspace, layout_node_child(node, i), last);
	}
}

void tab_arrange(struct workspace *workspace) {
	struct wl_list *last = &workspace->tabs;
	if (workspace->output != NULL) {
		place(workspace, layout_root(workspace->layout), &last);
	}
	while (last->next != &workspace->tabs) {
		struct tab *tab = wl_container_of(last->next, tab, link);
		destroy(tab);
	}
}

void tab_update(struct tile *tile) {
	struct workspace *workspace = tile->workspace;
	if (tile->node != NULL && !wl_list_empty(&workspace->tabs)) {
		tab_arrange(workspace);
	}
}

bool tab_scroll(struct server *server, double lx, double ly, int steps_120, int *rest) {
	const int step = 120;
	const struct tile *tile = tile_at(server, lx, ly);
	const struct output *output = output_at(server, lx, ly);
	if (tile == NULL || output == NULL || tile->node == NULL || tile->fullscreen) {
		*rest = 0;
		return false;
	}
	double x = lx - output->box.x, y = ly - output->box.y;
	if (!layout_has_tabs_at(tile->workspace->layout, x, y)) {
		*rest = 0;
		return false;
	}
	*rest += steps_120;
	struct layout_node *leaf = layout_scroll_tabs(tile->workspace->layout, x, y, *rest / step);
	*rest %= step;
	if (leaf != NULL) {
		tile_focus(layout_node_data(leaf));
	}
	return true;
}

void tab_finish(struct workspace *workspace) {
	struct tab *tab, *next;
	wl_list_for_each_safe (tab, next, &workspace->tabs, link) {
		destroy(tab);
	}
}

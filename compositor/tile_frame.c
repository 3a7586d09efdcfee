// What a tile's frame consists of.

#include <string.h>

#include "config.h"
#include "floating.h"
#include "layout.h"
#include "output.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

static const char *const names[] = {
	[TILE_BORDER_NORMAL] = "normal",
	[TILE_BORDER_PIXEL] = "pixel",
	[TILE_BORDER_NONE] = "none",
};

const char *tile_border_name(enum tile_border border) {
	return names[border];
}

bool tile_border_read(const char *word, enum tile_border *border) {
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(word, names[i]) == 0) {
			*border = (enum tile_border)i;
			return true;
		}
	}
	return false;
}

bool tile_set_border(struct tile *tile, enum tile_border border) {
	// Border and title tell whose a machine is.
	if (tile->machine != NULL && border != TILE_BORDER_NORMAL) {
		return false;
	}
	tile->border = border;
	workspace_arrange(tile->workspace);
	server_emit(tile->server, SERVER_WINDOW, SERVER_CHANGED, tile);
	return true;
}

bool tile_may_lack_border(const struct tile *tile) {
	return tile->machine == NULL || tile->server->config->border.titles;
}

struct layout_style tile_style(const struct tile *tile) {
	const struct workspace *workspace = tile->workspace;
	const struct output *active = tile->server->active_output;
	if (workspace->output == NULL && active != NULL && active->workspace != NULL) {
		workspace = active->workspace; // out of sight it is made for there
	}
	struct layout_style style = workspace->style;
	style.grid = style.grid > 0 ? style.grid : 1;
	if (tile->border != TILE_BORDER_NORMAL) {
		style.title = 0;
	}
	if (tile->border == TILE_BORDER_NONE) {
		style.border = 0;
	}
	return style;
}

bool tile_is_visible(const struct tile *tile) {
	const struct workspace *workspace = tile->workspace;
	if (workspace == NULL || !workspace_is_visible(workspace)) {
		return false;
	}
	const struct tile *fullscreen = workspace->fullscreen;
	if (fullscreen != NULL) {
		return fullscreen == tile || floating_is_above(tile, fullscreen);
	}
	return tile->floating.on || layout_node_visible(tile->node);
}

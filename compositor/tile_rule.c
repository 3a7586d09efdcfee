#include "tile_rule.h"

#include <stdlib.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "alloc.h"
#include "config.h"
#include "display.h"
#include "floating.h"
#include "machine.h"
#include "output.h"
#include "scratchpad.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"

struct rule_place tile_rule_find(const struct tile *tile) {
	struct rule_window window = {0};
	const struct machine *machine = tile->machine;
	if (machine != NULL) {
		window.program = machine->program;
		window.label = machine->label;
		window.machine = machine->name;
		window.title = tile_title(tile);
	} else if (tile->toplevel != NULL) {
		window.title = tile->toplevel->xdg->title;
		window.app_id = tile->toplevel->xdg->app_id;
	}
	return rule_list_find(&tile->server->config->windows.rules, &window);
}

struct workspace *tile_rule_workspace(const struct tile *tile, const struct rule_place *place) {
	struct server *server = tile->server;
	const struct tile *parent = floating_parent(tile);
	struct output *output = place->output != NULL ? output_find(server, place->output) : NULL;
	if (place->scratchpad != NULL) {
		return server->shelf;
	}
	struct workspace *workspace = display_last_workspace(tile);
	if (workspace != NULL) {
		return workspace;
	}
	if (place->workspace != NULL) {
		return workspace_get_named(server, place->workspace);
	}
	if (output != NULL && output->workspace != NULL) {
		return output->workspace;
	}
	// A dialog opens where its window is.
	if (parent != NULL && !scratchpad_hides(parent)) {
		return parent->workspace;
	}
	workspace = display_workspace(tile);
	return workspace != NULL ? workspace : workspace_active(server);
}

bool tile_rule_floats(const struct tile *tile, const struct rule_place *place) {
	if (place->scratchpad != NULL || place->floating == RULE_YES) {
		return true;
	}
	return place->floating == RULE_UNSET && floating_is_dialog(tile->toplevel);
}

// A machine's frame is always whole.
static bool takes_border(const struct tile *tile, const struct rule_place *place) {
	return place->bordered && tile->machine == NULL;
}

void tile_rule_begin(struct tile *tile, const struct rule_place *place) {
	tile->rules_matched = place->matched;
	tile->rule_focus = place->focus;
	tile->rule_fullscreen = place->fullscreen;
	tile->sticky = place->sticky == RULE_YES;
	if (takes_border(tile, place)) {
		tile->border = (enum tile_border)place->border;
	}
	if (place->scratchpad != NULL) {
		tile->scratchpad = alloc_string(place->scratchpad);
	}
}

void tile_rule_end(struct tile *tile, const struct rule_place *place) {
	if (place->fullscreen == RULE_YES && !scratchpad_hides(tile)) {
		tile_set_fullscreen(tile, true);
	}
	if (tile->sticky && tile->workspace->output != NULL) {
		floating_gather_sticky(tile->workspace->output);
	}
}

void tile_rule_again(struct tile *tile) {
	struct rule_place place = tile_rule_find(tile);
	if (place.matched == tile->rules_matched) {
		return;
	}
	tile->rules_matched = place.matched;
	tile->rule_focus = place.focus;
	tile->rule_fullscreen = place.fullscreen;
	if (place.floating != RULE_UNSET) {
		floating_set(tile, place.floating == RULE_YES);
	}
	if (place.sized || place.position != RULE_POSITION_UNSET) {
		floating_follow_rule(tile, &place);
	}
	if (place.scratchpad != NULL) {
		scratchpad_move(tile, place.scratchpad);
	} else if (place.workspace != NULL || place.output != NULL) {
		tile_move_to_workspace(tile, tile_rule_workspace(tile, &place));
	}
	if (place.sticky != RULE_UNSET) {
		floating_set_sticky(tile, place.sticky == RULE_YES);
	}
	tile_rule_end(tile, &place);
	if (place.focus == RULE_YES) {
		tile_focus(tile);
	}
}

#include "pointer_binding.h"

#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/util/box.h>

#include "input_mode.h"
#include "keyboard.h"
#include "layer.h"
#include "pointer.h"
#include "scene_owner.h"
#include "seat.h"
#include "server.h"
#include "tile.h"

// What lies below the windows counts as the desk; of bars and dialogs only bindings without a
// place are meant.
static uint32_t place_of(struct pointer *pointer) {
	struct server *server = pointer->seat->server;
	double lx = pointer->cursor->x, ly = pointer->cursor->y;
	struct scene_owner *owner = scene_owner_at(server, lx, ly);
	const struct layer *layer = layer_from_owner(owner);
	if (owner == NULL ||
		(layer != NULL && layer->wlr->current.layer <= ZWLR_LAYER_SHELL_V1_LAYER_BOTTOM)) {
		return BINDING_ON_DESK;
	}
	const struct tile *tile = tile_at(server, lx, ly);
	if (tile == NULL) {
		return 0;
	}
	const struct wlr_box title = {
		.x = tile->box.x + tile->title.x,
		.y = tile->box.y + tile->title.y,
		.width = tile->title.width,
		.height = tile->title.height,
	};
	if (!tile->fullscreen && wlr_box_contains_point(&title, lx, ly)) {
		return BINDING_ON_TITLE;
	}
	// A menu may reach over the border.
	bool inside = wlr_box_contains_point(&tile->content, lx, ly) ||
		!wlr_box_contains_point(&tile->box, lx, ly);
	return inside ? BINDING_ON_CONTENT : BINDING_ON_BORDER;
}

const struct binding *pointer_binding_find(
	struct pointer *pointer, enum binding_kind kind, uint32_t code, bool released) {
	struct seat *seat = pointer->seat;
	struct wlr_keyboard *keyboard = wlr_seat_get_keyboard(seat->wlr_seat);
	struct binding_event event = {
		.kind = kind,
		.modifiers = keyboard != NULL ? wlr_keyboard_get_modifiers(keyboard) : 0,
		.code = code,
		.place = place_of(pointer),
		.released = released,
	};
	return input_mode_find(seat, &event);
}

bool pointer_binding_run(
	struct pointer *pointer, enum binding_kind kind, uint32_t code, bool released) {
	const struct binding *binding = pointer_binding_find(pointer, kind, code, released);
	if (binding == NULL) {
		return false;
	}
	keyboard_disarm_all(pointer->seat);
	input_mode_run(pointer->seat, binding);
	return true;
}

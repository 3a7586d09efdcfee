#include "constraint.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_pointer_constraints_v1.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/util/region.h>

#include "globals.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"
#include "tile.h"

static void deactivate(struct pointer *pointer) {
	struct wlr_pointer_constraint_v1 *constraint = pointer->constraint;
	if (constraint == NULL) {
		return;
	}
	pointer->constraint = NULL;
	wl_list_remove(&pointer->constraint_destroy.link);
	wl_list_init(&pointer->constraint_destroy.link);
	if (constraint->type == WLR_POINTER_CONSTRAINT_V1_LOCKED &&
		constraint->current.cursor_hint.enabled) {
		// Where the client drew its own pointer.
		double sx = constraint->current.cursor_hint.x;
		double sy = constraint->current.cursor_hint.y;
		if (sx >= 0 && sy >= 0 && sx < constraint->surface->current.width &&
			sy < constraint->surface->current.height) {
			wlr_cursor_warp(pointer->cursor, NULL, pointer->surface_lx + sx,
				pointer->surface_ly + sy);
		}
	}
	// A one-shot constraint is destroyed by this.
	wlr_pointer_constraint_v1_send_deactivated(constraint);
}

static void handle_constraint_destroy(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, constraint_destroy);
	pointer->constraint = NULL;
	wl_list_remove(&pointer->constraint_destroy.link);
	wl_list_init(&pointer->constraint_destroy.link);
}

void pointer_check_constraint(struct pointer *pointer) {
	struct seat *seat = pointer->seat;
	struct wlr_surface *surface = seat->wlr_seat->pointer_state.focused_surface;
	struct wlr_pointer_constraint_v1 *constraint = NULL;
	struct tile *tile = seat_keyboard_tile(seat);
	if (surface != NULL && tile != NULL && pointer->surface_tile == tile) {
		constraint = wlr_pointer_constraints_v1_constraint_for_surface(
			seat->server->globals->pointer_constraints, surface, seat->wlr_seat);
	}
	if (constraint == pointer->constraint) {
		return;
	}
	deactivate(pointer);
	if (constraint == NULL) {
		return;
	}
	pointer->constraint = constraint;
	pointer->constraint_destroy.notify = handle_constraint_destroy;
	wl_list_remove(&pointer->constraint_destroy.link);
	wl_signal_add(&constraint->events.destroy, &pointer->constraint_destroy);
	wlr_pointer_constraint_v1_send_activated(constraint);
}

static void handle_new_constraint(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, new_constraint);
	pointer_check_constraint(pointer);
}

// constraint->region is empty until the surface's first commit after the constraint was made.
static bool confine(const struct wlr_pointer_constraint_v1 *constraint, double sx, double sy,
	double wanted_sx, double wanted_sy, double *to_sx, double *to_sy) {
	pixman_region32_t region;
	pixman_region32_init(&region);
	if (pixman_region32_not_empty(&constraint->current.region)) {
		pixman_region32_intersect(
			&region, &constraint->surface->input_region, &constraint->current.region);
	} else {
		pixman_region32_copy(&region, &constraint->surface->input_region);
	}
	bool inside = wlr_region_confine(&region, sx, sy, wanted_sx, wanted_sy, to_sx, to_sy);
	pixman_region32_fini(&region);
	return inside;
}

bool constraint_apply(struct pointer *pointer, double *dx, double *dy) {
	struct wlr_pointer_constraint_v1 *constraint = pointer->constraint;
	if (constraint == NULL) {
		return true;
	}
	if (constraint->type == WLR_POINTER_CONSTRAINT_V1_LOCKED) {
		return false;
	}
	double sx = pointer->cursor->x - pointer->surface_lx;
	double sy = pointer->cursor->y - pointer->surface_ly;
	double to_sx, to_sy;
	if (!confine(constraint, sx, sy, sx + *dx, sy + *dy, &to_sx, &to_sy)) {
		return false;
	}
	*dx = to_sx - sx;
	*dy = to_sy - sy;
	return true;
}

void constraint_init(struct pointer *pointer) {
	wl_list_init(&pointer->constraint_destroy.link);
	pointer->new_constraint.notify = handle_new_constraint;
	wl_signal_add(&pointer->seat->server->globals->pointer_constraints->events.new_constraint,
		&pointer->new_constraint);
}

void constraint_finish(struct pointer *pointer) {
	wl_list_remove(&pointer->new_constraint.link);
	wl_list_remove(&pointer->constraint_destroy.link);
}

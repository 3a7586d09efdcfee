#include "pointer.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_relative_pointer_v1.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xcursor_manager.h>

#include "binding.h"
#include "config.h"
#include "constraint.h"
#include "cursor_image.h"
#include "dialog.h"
#include "gesture.h"
#include "globals.h"
#include "identity.h"
#include "input_mode.h"
#include "keyboard.h"
#include "layer.h"
#include "output.h"
#include "pointer_axis.h"
#include "pointer_binding.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

static void leave_surfaces(struct pointer *pointer) {
	struct tile *tile;
	pointer->surface_tile = NULL;
	wlr_seat_pointer_notify_clear_focus(pointer->seat->wlr_seat);
	cursor_image_set_shape(pointer, drag_shape(drag_edges_at(pointer, &tile)));
}

static void follow_focus(struct pointer *pointer, struct tile *tile) {
	struct seat *seat = pointer->seat;
	if (seat->server->config->focus_follows_pointer != CONFIG_FOLLOW_NO && tile != NULL &&
		tile != seat->focused && tile != pointer->hovered) {
		pointer->hovered = tile;
		tile_focus(tile);
		return;
	}
	pointer->hovered = tile;
}

void pointer_update_focus(struct pointer *pointer, uint32_t time_ms) {
	struct seat *seat = pointer->seat;
	struct wlr_seat *wlr_seat = seat->wlr_seat;
	double lx = pointer->cursor->x, ly = pointer->cursor->y;
	if (pointer->mode != POINTER_PASS) {
		return;
	}
	wlr_scene_node_set_position(&seat->server->layers[LAYER_DRAG]->node, (int)lx, (int)ly);
	if (pointer->held > 0 && wlr_seat->drag == NULL &&
		wlr_seat->pointer_state.focused_surface != NULL) {
		// While a button is down the surface that it went down on keeps the pointer.
		wlr_seat_pointer_notify_motion(
			wlr_seat, time_ms, lx - pointer->surface_lx, ly - pointer->surface_ly);
		return;
	}
	double sx, sy;
	struct wlr_surface *surface = scene_surface_at(seat->server, lx, ly, &sx, &sy);
	struct tile *tile = tile_at(seat->server, lx, ly);
	if (surface == NULL) {
		leave_surfaces(pointer);
	} else {
		pointer->surface_tile = tile;
		pointer->surface_lx = lx - sx;
		pointer->surface_ly = ly - sy;
		wlr_seat_pointer_notify_enter(wlr_seat, surface, sx, sy);
		wlr_seat_pointer_notify_motion(wlr_seat, time_ms, sx, sy);
	}
	pointer_check_constraint(pointer);
}

void pointer_moved_under(struct pointer *pointer) {
	struct seat *seat = pointer->seat;
	const struct wlr_seat_pointer_state *state = &seat->wlr_seat->pointer_state;
	const struct wlr_surface *surface = state->focused_surface;
	double sx = state->sx, sy = state->sy;
	if (pointer->away) {
		return;
	}
	drag_moved_under(pointer);
	pointer_update_focus(pointer, (uint32_t)server_now_ms());
	if (surface != NULL && surface == state->focused_surface &&
		(state->sx != sx || state->sy != sy)) {
		// No device has moved, so that no other frame ends this motion.
		wlr_seat_pointer_notify_frame(seat->wlr_seat);
	}
	struct tile *tile = tile_at(seat->server, pointer->cursor->x, pointer->cursor->y);
	if (seat->server->config->focus_follows_pointer == CONFIG_FOLLOW_ALWAYS &&
		pointer->held == 0 && seat->wlr_seat->drag == NULL) {
		follow_focus(pointer, tile);
	} else {
		// Not the pointer has entered it.
		pointer->hovered = tile;
	}
}

static void moved(struct pointer *pointer, uint32_t time_ms) {
	struct server *server = pointer->seat->server;
	pointer->away = false;
	if (pointer->mode == POINTER_DRAG) {
		drag_motion(pointer);
		return;
	}
	pointer_update_focus(pointer, time_ms);
	if (pointer->held == 0 && pointer->seat->wlr_seat->drag == NULL) {
		identity_point(server, pointer->cursor->x, pointer->cursor->y);
		follow_focus(pointer, tile_at(server, pointer->cursor->x, pointer->cursor->y));
	}
}

static void handle_motion(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, motion);
	struct wlr_pointer_motion_event *event = data;
	struct server *server = pointer->seat->server;
	seat_activity(pointer->seat);
	wlr_relative_pointer_manager_v1_send_relative_motion(server->globals->relative_pointer,
		pointer->seat->wlr_seat, (uint64_t)event->time_msec * 1000, event->delta_x,
		event->delta_y, event->unaccel_dx, event->unaccel_dy);
	double dx = event->delta_x, dy = event->delta_y;
	if (constraint_apply(pointer, &dx, &dy)) {
		wlr_cursor_move(pointer->cursor, &event->pointer->base, dx, dy);
		moved(pointer, event->time_msec);
	}
}

void pointer_move_to(struct pointer *pointer, uint32_t time_ms, double lx, double ly) {
	double dx = lx - pointer->cursor->x, dy = ly - pointer->cursor->y;
	wlr_relative_pointer_manager_v1_send_relative_motion(
		pointer->seat->server->globals->relative_pointer, pointer->seat->wlr_seat,
		(uint64_t)time_ms * 1000, dx, dy, dx, dy);
	if (constraint_apply(pointer, &dx, &dy)) {
		wlr_cursor_move(pointer->cursor, NULL, dx, dy);
		moved(pointer, time_ms);
	}
}

static void handle_motion_absolute(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, motion_absolute);
	struct wlr_pointer_motion_absolute_event *event = data;
	double lx, ly;
	seat_activity(pointer->seat);
	wlr_cursor_absolute_to_layout_coords(
		pointer->cursor, &event->pointer->base, event->x, event->y, &lx, &ly);
	pointer_move_to(pointer, event->time_msec, lx, ly);
}

// The clients hear nothing of the button then. The command may have begun a drag.
static bool run_press(struct pointer *pointer, const struct binding *binding) {
	if (binding == NULL) {
		return false;
	}
	keyboard_disarm_all(pointer->seat);
	input_mode_run(pointer->seat, binding);
	pointer->mode = pointer->mode == POINTER_PASS ? POINTER_TAKEN : pointer->mode;
	return true;
}

void pointer_leave(struct pointer *pointer) {
	if (pointer->mode == POINTER_PASS && pointer->held == 0) {
		pointer->away = true;
		pointer->surface_tile = NULL;
		wlr_seat_pointer_notify_clear_focus(pointer->seat->wlr_seat);
		pointer_check_constraint(pointer);
	}
}

void pointer_focus_at(struct pointer *pointer, double lx, double ly) {
	struct server *server = pointer->seat->server;
	if (seat_locked(pointer->seat)) {
		return;
	}
	struct tile *tile = tile_at(server, lx, ly);
	struct layer *layer = layer_from_owner(scene_owner_at(server, lx, ly));
	struct output *output = output_at(server, lx, ly);
	if (layer != NULL) {
		layer_press(layer);
	} else {
		layer_yield(server);
	}
	if (tile != NULL && !tile->focused) {
		tile_focus(tile);
	} else if (tile == NULL && output != NULL && output != server->active_output) {
		workspace_show(output->workspace);
	}
}

// The first button to go down decides what the pointer does until all are up.
static void press_first(struct pointer *pointer, uint32_t button) {
	struct server *server = pointer->seat->server;
	const struct binding *binding = pointer_binding_find(
		pointer, BINDING_BUTTON, button, false);
	if (seat_locked(pointer->seat)) {
		run_press(pointer, binding);
		return;
	}
	if (dialog_click(server, pointer->cursor->x, pointer->cursor->y)) {
		pointer->mode = POINTER_TAKEN;
		return;
	}
	struct tile *tile = tile_at(server, pointer->cursor->x, pointer->cursor->y);
	if (binding == NULL && drag_begin_edges(pointer)) {
		return;
	}
	pointer_focus_at(pointer, pointer->cursor->x, pointer->cursor->y);
	if (!run_press(pointer, binding) && button == BTN_LEFT && tile != NULL &&
		tile_title_holds(tile, pointer->cursor->x, pointer->cursor->y)) {
		drag_begin_title(pointer, tile);
	}
}

// False: it was so already, on this device or on another one.
static bool set_held(struct pointer *pointer, uint32_t button, bool pressed) {
	uint32_t at = 0;
	while (at < pointer->held && pointer->buttons[at] != button) {
		at++;
	}
	if (pressed == (at < pointer->held) || (pressed && at == POINTER_BUTTONS_MAX)) {
		return false;
	}
	if (pressed) {
		pointer->buttons[pointer->held++] = button;
	} else {
		pointer->buttons[at] = pointer->buttons[--pointer->held];
	}
	return true;
}

void pointer_button(struct pointer *pointer, uint32_t time_ms, uint32_t button, bool pressed) {
	if (!set_held(pointer, button, pressed)) {
		return;
	}
	if (pointer->away) {
		pointer->away = false;
		pointer_update_focus(pointer, time_ms);
	}
	if (pressed && pointer->held == 1) {
		press_first(pointer, button);
	} else if (pressed) {
		drag_cancel(pointer);
	}
	if (pointer->mode == POINTER_PASS) {
		wlr_seat_pointer_notify_button(pointer->seat->wlr_seat, time_ms, button,
			pressed ? WL_POINTER_BUTTON_STATE_PRESSED
				: WL_POINTER_BUTTON_STATE_RELEASED);
	} else if (pointer->mode == POINTER_TAKEN && !pressed) {
		pointer_binding_run(pointer, BINDING_BUTTON, button, true);
	}
	if (pointer->held == 0) {
		drag_end(pointer);
		pointer->mode = POINTER_PASS;
		pointer_update_focus(pointer, time_ms);
	}
}

static void handle_button(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, button);
	struct wlr_pointer_button_event *event = data;
	seat_activity(pointer->seat);
	pointer_button(pointer, event->time_msec, event->button,
		event->state == WL_POINTER_BUTTON_STATE_PRESSED);
}

static void handle_frame(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, frame);
	wlr_seat_pointer_notify_frame(pointer->seat->wlr_seat);
}

void pointer_let_go(struct pointer *pointer) {
	drag_cancel(pointer);
	pointer->mode = POINTER_PASS;
	leave_surfaces(pointer);
	pointer_check_constraint(pointer);
	if (pointer->held > 0) {
		pointer->mode = POINTER_TAKEN;
	}
}

void pointer_forget_tile(struct pointer *pointer, struct tile *tile) {
	drag_forget_tile(pointer, tile);
	if (pointer->surface_tile == tile) {
		pointer->surface_tile = NULL;
	}
	if (pointer->hovered == tile) {
		pointer->hovered = NULL;
	}
}

static void load_theme(struct pointer *pointer) {
	const struct config *config = pointer->seat->server->config;
	if (pointer->xcursors != NULL) {
		wlr_xcursor_manager_destroy(pointer->xcursors);
	}
	uint32_t size = config->cursor_size > 0 ? (uint32_t)config->cursor_size : 24;
	pointer->xcursors = wlr_xcursor_manager_create(config->cursor_theme, size);
	if (pointer->xcursors == NULL) {
		abort();
	}
}

void pointer_configure(struct pointer *pointer) {
	load_theme(pointer);
	cursor_image_reload(pointer);
}

void pointer_add(struct seat *seat, struct wlr_input_device *device, const char *output_name) {
	struct pointer *pointer = seat->pointer;
	wlr_cursor_attach_input_device(pointer->cursor, device);
	struct output *output = output_name != NULL ? output_find(seat->server, output_name) : NULL;
	if (output != NULL) {
		wlr_cursor_map_input_to_output(pointer->cursor, device, output->wlr_output);
	}
}

bool pointer_init(struct seat *seat) {
	struct pointer *pointer = calloc(1, sizeof(*pointer));
	if (pointer == NULL) {
		return false;
	}
	pointer->seat = seat;
	seat->pointer = pointer;
	pointer->cursor = wlr_cursor_create();
	if (pointer->cursor == NULL) {
		free(pointer);
		return false;
	}
	wlr_cursor_attach_output_layout(pointer->cursor, seat->server->output_layout);
	load_theme(pointer);
	pointer->motion.notify = handle_motion;
	wl_signal_add(&pointer->cursor->events.motion, &pointer->motion);
	pointer->motion_absolute.notify = handle_motion_absolute;
	wl_signal_add(&pointer->cursor->events.motion_absolute, &pointer->motion_absolute);
	pointer->button.notify = handle_button;
	wl_signal_add(&pointer->cursor->events.button, &pointer->button);
	pointer->frame.notify = handle_frame;
	wl_signal_add(&pointer->cursor->events.frame, &pointer->frame);
	pointer_axis_init(pointer);
	gesture_init(pointer);
	cursor_image_init(pointer);
	constraint_init(pointer);
	return true;
}

void pointer_finish(struct seat *seat) {
	struct pointer *pointer = seat->pointer;
	wl_list_remove(&pointer->motion.link);
	wl_list_remove(&pointer->motion_absolute.link);
	wl_list_remove(&pointer->button.link);
	wl_list_remove(&pointer->frame.link);
	pointer_axis_finish(pointer);
	gesture_finish(pointer);
	cursor_image_finish(pointer);
	constraint_finish(pointer);
	wlr_cursor_destroy(pointer->cursor);
	wlr_xcursor_manager_destroy(pointer->xcursors);
	free(pointer);
	seat->pointer = NULL;
}

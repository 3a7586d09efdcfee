#include "seat.h"

#include <stdlib.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_input_device.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_primary_selection.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_virtual_keyboard_v1.h>
#include <wlr/types/wlr_virtual_pointer_v1.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "globals.h"
#include "identity.h"
#include "idle.h"
#include "input_device.h"
#include "input_method.h"
#include "input_mode.h"
#include "keyboard.h"
#include "keyboard_group.h"
#include "machine.h"
#include "output_apply.h"
#include "passthrough.h"
#include "pointer.h"
#include "server.h"
#include "switch_device.h"
#include "tablet.h"
#include "tile.h"
#include "toplevel.h"
#include "touch.h"
#include "workspace.h"

static void set_tile_focused(struct tile *tile, bool focused) {
	tile->focused = focused;
	tile_update(tile);
	if (tile->toplevel != NULL) {
		toplevel_configure(tile->toplevel);
	}
}

const struct seat_claim *seat_claimed(const struct seat *seat) {
	for (size_t i = SEAT_CLAIMANTS; i > 0; i--) {
		if (seat->claims[i - 1].active) {
			return &seat->claims[i - 1];
		}
	}
	return NULL;
}

bool seat_locked(const struct seat *seat) {
	return seat->claims[SEAT_CLAIM_LOCK].active;
}

struct tile *seat_keyboard_tile(const struct seat *seat) {
	return seat_claimed(seat) == NULL ? seat->focused : NULL;
}

// A menu that is open would keep the keyboard; this closes it.
static void end_keyboard_grab(struct seat *seat) {
	if (wlr_seat_keyboard_has_grab(seat->wlr_seat)) {
		wlr_seat_keyboard_end_grab(seat->wlr_seat);
	}
}

static const struct wlr_surface *below_popups(const struct wlr_surface *surface) {
	const struct wlr_xdg_popup *popup;
	while (surface != NULL &&
		(popup = wlr_xdg_popup_try_from_wlr_surface((struct wlr_surface *)surface)) !=
			NULL) {
		surface = popup->parent;
	}
	return surface;
}

static void give_keyboard(struct seat *seat) {
	const struct seat_claim *claim = seat_claimed(seat);
	struct wlr_surface *surface = NULL;
	if (claim != NULL) {
		surface = claim->surface;
	} else if (seat->focused != NULL) {
		// To a machine that stands still nothing is sent that would wait for it.
		surface = seat->focused->paused == NULL ? toplevel_surface(seat->focused->toplevel)
							: NULL;
	}
	const struct wlr_surface *now = seat->wlr_seat->keyboard_state.focused_surface;
	if (below_popups(now) != surface && seat->wlr_seat->drag == NULL) {
		end_keyboard_grab(seat);
	}
	if (surface != NULL) {
		keyboard_enter(seat, surface);
	} else {
		wlr_seat_keyboard_notify_clear_focus(seat->wlr_seat);
	}
	pointer_check_constraint(seat->pointer);
	passthrough_focus_changed(seat);
}

// Of everything that the user holds: what was under way when the lock came does not go on.
static void let_go(struct seat *seat) {
	wlr_seat_pointer_end_grab(seat->wlr_seat);
	wlr_seat_keyboard_end_grab(seat->wlr_seat);
	wlr_seat_touch_end_grab(seat->wlr_seat);
	touch_let_go(seat);
	tablet_let_go(seat);
	pointer_let_go(seat->pointer);
}

void seat_claim(struct seat *seat, enum seat_claimant claimant, const struct seat_claim *claim) {
	const struct seat_claim *before = seat_claimed(seat);
	bool was_locked = seat_locked(seat);
	seat->claims[claimant] = *claim;
	seat->claims[claimant].active = true;
	if (!was_locked && seat_locked(seat)) {
		let_go(seat);
	}
	if (before != seat_claimed(seat)) {
		end_keyboard_grab(seat);
	}
	if (claimant != SEAT_CLAIM_LAYER) {
		drag_cancel(seat->pointer);
	}
	give_keyboard(seat);
}

void seat_unclaim(struct seat *seat, enum seat_claimant claimant) {
	if (seat->claims[claimant].active) {
		seat->claims[claimant] = (struct seat_claim){0};
		give_keyboard(seat);
	}
}

bool seat_may_grab(const struct seat *seat) {
	const struct seat_claim *claim = seat_claimed(seat);
	return claim == NULL || claim == &seat->claims[SEAT_CLAIM_LAYER];
}

void seat_focus(struct seat *seat, struct tile *tile) {
	struct tile *before = seat->focused;
	seat->focused = tile;
	if (before != tile) {
		end_keyboard_grab(seat);
	}
	if (before != NULL && before != tile) {
		set_tile_focused(before, false);
	}
	if (tile != NULL) {
		set_tile_focused(tile, true);
	}
	give_keyboard(seat);
	if (before != tile) {
		if (tile != NULL) {
			identity_show(tile);
		}
		server_emit(seat->server, SERVER_WINDOW, SERVER_FOCUSED, tile);
	}
}

void seat_forget_tile(struct seat *seat, struct tile *tile) {
	pointer_forget_tile(seat->pointer, tile);
	if (seat->focused == tile) {
		seat_focus(seat, NULL);
	}
}

void seat_pointer_moved_under(struct seat *seat) {
	input_method_moved_under(seat);
	pointer_moved_under(seat->pointer);
}

static void handle_idle(void *data) {
	struct seat *seat = data;
	seat->moving = NULL;
	seat_pointer_moved_under(seat);
}

void seat_pointer_moved_later(struct seat *seat) {
	if (seat->moving == NULL) {
		seat->moving = wl_event_loop_add_idle(seat->server->loop, handle_idle, seat);
	}
}

void seat_reconfigure_devices(struct seat *seat) {
	keyboard_group_reconfigure_all(seat);
	input_device_reconfigure_all(seat);
}

void seat_reconfigure(struct seat *seat) {
	seat_reconfigure_devices(seat);
	input_mode_reconfigure(seat);
	passthrough_reconfigure(seat);
	pointer_configure(seat->pointer);
}

static void handle_new_input(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, new_input);
	struct wlr_input_device *device = data;
	// Before it is configured, for it may be mapped to an output.
	if (device->type == WLR_INPUT_DEVICE_POINTER) {
		pointer_add(seat, device, NULL);
	} else if (device->type == WLR_INPUT_DEVICE_TOUCH) {
		touch_add(seat, device);
	} else if (device->type == WLR_INPUT_DEVICE_TABLET ||
		device->type == WLR_INPUT_DEVICE_TABLET_PAD) {
		tablet_add(seat, device);
	}
	struct input_device *added = input_device_add(seat, device);
	if (device->type == WLR_INPUT_DEVICE_KEYBOARD) {
		keyboard_group_add(seat, wlr_keyboard_from_input_device(device));
	} else if (device->type == WLR_INPUT_DEVICE_SWITCH) {
		switch_device_add(seat, device);
	}
	server_emit(seat->server, SERVER_INPUT, SERVER_ADDED, added);
}

static void handle_new_virtual_keyboard(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, new_virtual_keyboard);
	struct wlr_virtual_keyboard_v1 *keyboard = data;
	keyboard_create(seat, &keyboard->keyboard, NULL);
}

static void handle_new_virtual_pointer(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, new_virtual_pointer);
	struct wlr_virtual_pointer_v1_new_pointer_event *event = data;
	const char *name = event->suggested_output != NULL ? event->suggested_output->name : NULL;
	pointer_add(seat, &event->new_pointer->pointer.base, name);
}

static void handle_request_set_selection(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, request_set_selection);
	struct wlr_seat_request_set_selection_event *event = data;
	wlr_seat_set_selection(seat->wlr_seat, event->source, event->serial);
}

static void handle_request_set_primary_selection(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, request_set_primary_selection);
	struct wlr_seat_request_set_primary_selection_event *event = data;
	wlr_seat_set_primary_selection(seat->wlr_seat, event->source, event->serial);
}

static void handle_request_start_drag(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, request_start_drag);
	struct wlr_seat_request_start_drag_event *event = data;
	struct wlr_touch_point *point;
	if (!seat_may_grab(seat)) {
		// Its icon would lie before what the desk asks.
		wlr_data_source_destroy(event->drag->source);
	} else if (wlr_seat_validate_pointer_grab_serial(
			   seat->wlr_seat, event->origin, event->serial)) {
		wlr_seat_start_pointer_drag(seat->wlr_seat, event->drag, event->serial);
	} else if (wlr_seat_validate_touch_grab_serial(
			   seat->wlr_seat, event->origin, event->serial, &point)) {
		wlr_seat_start_touch_drag(seat->wlr_seat, event->drag, event->serial, point);
	} else {
		wlr_data_source_destroy(event->drag->source);
	}
}

static void handle_start_drag(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, start_drag);
	struct wlr_drag *drag = data;
	if (drag->icon != NULL) {
		// Freed with the icon; pointer_update_focus() moves the layer with the cursor.
		wlr_scene_drag_icon_create(seat->server->layers[LAYER_DRAG], drag->icon);
	}
	pointer_update_focus(seat->pointer, (uint32_t)server_now_ms());
}

static void handle_change(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, change);
	const struct server_change *change = data;
	if (change->subject == SERVER_OUTPUT && change->verb != SERVER_FOCUSED) {
		input_device_map_all(seat, change->verb == SERVER_REMOVED ? change->object : NULL);
	}
}

void seat_activity(struct seat *seat) {
	output_wake(seat->server);
	idle_activity(seat->server);
}

bool seat_init(struct server *server) {
	struct seat *seat = calloc(1, sizeof(*seat));
	if (seat == NULL) {
		return false;
	}
	seat->server = server;
	server->seat = seat;
	wl_list_init(&seat->keyboards);
	wl_list_init(&seat->devices);
	wl_list_init(&seat->switches);
	seat->wlr_seat = wlr_seat_create(server->display, "seat0");
	if (seat->wlr_seat == NULL || !passthrough_init(seat) || !input_method_init(seat) ||
		!pointer_init(seat)) {
		free(seat);
		server->seat = NULL;
		return false;
	}
	seat->new_input.notify = handle_new_input;
	wl_signal_add(&server->backend->events.new_input, &seat->new_input);
	seat->new_virtual_keyboard.notify = handle_new_virtual_keyboard;
	wl_signal_add(&server->globals->virtual_keyboard->events.new_virtual_keyboard,
		&seat->new_virtual_keyboard);
	seat->new_virtual_pointer.notify = handle_new_virtual_pointer;
	wl_signal_add(&server->globals->virtual_pointer->events.new_virtual_pointer,
		&seat->new_virtual_pointer);
	seat->request_set_selection.notify = handle_request_set_selection;
	wl_signal_add(&seat->wlr_seat->events.request_set_selection, &seat->request_set_selection);
	seat->request_set_primary_selection.notify = handle_request_set_primary_selection;
	wl_signal_add(&seat->wlr_seat->events.request_set_primary_selection,
		&seat->request_set_primary_selection);
	seat->request_start_drag.notify = handle_request_start_drag;
	wl_signal_add(&seat->wlr_seat->events.request_start_drag, &seat->request_start_drag);
	seat->change.notify = handle_change;
	wl_signal_add(&server->events.change, &seat->change);
	seat->start_drag.notify = handle_start_drag;
	wl_signal_add(&seat->wlr_seat->events.start_drag, &seat->start_drag);
	touch_init(seat);
	tablet_init(seat);
	key_focus_init(seat);
	keyboard_group_init(seat);
	// Always, whatever is plugged in: a client that hears of a keyboard with the first key
	// misses that key.
	wlr_seat_set_capabilities(
		seat->wlr_seat, WL_SEAT_CAPABILITY_POINTER | WL_SEAT_CAPABILITY_KEYBOARD);
	return true;
}

void seat_finish(struct server *server) {
	struct seat *seat = server->seat;
	if (seat == NULL) {
		return;
	}
	// Keys that are held come up when their keyboard goes, and there is nobody left to tell.
	seat->finishing = true;
	if (seat->moving != NULL) {
		wl_event_source_remove(seat->moving);
	}
	wl_list_remove(&seat->new_input.link);
	wl_list_remove(&seat->new_virtual_keyboard.link);
	wl_list_remove(&seat->new_virtual_pointer.link);
	wl_list_remove(&seat->request_set_selection.link);
	wl_list_remove(&seat->request_set_primary_selection.link);
	wl_list_remove(&seat->request_start_drag.link);
	wl_list_remove(&seat->start_drag.link);
	wl_list_remove(&seat->change.link);
	keyboard_group_finish(seat);
	key_focus_finish(seat);
	struct keyboard *keyboard, *next;
	wl_list_for_each_safe (keyboard, next, &seat->keyboards, link) {
		keyboard_destroy(keyboard);
	}
	input_method_finish(seat);
	tablet_finish(seat);
	touch_finish(seat);
	passthrough_finish(seat);
	switch_device_finish(seat);
	input_device_finish(seat);
	input_mode_finish(seat);
	pointer_finish(seat);
	free(seat);
	server->seat = NULL;
}

#include "tablet.h"

#include <linux/input-event-codes.h>
#include <math.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_tablet_tool.h>
#include <wlr/types/wlr_tablet_v2.h>

#include "alloc.h"
#include "binding.h"
#include "cursor_image.h"
#include "dialog.h"
#include "globals.h"
#include "input_device.h"
#include "pointer.h"
#include "pointer_binding.h"
#include "scene_owner.h"
#include "seat.h"
#include "server.h"
#include "tablet_pad.h"

struct tablet {
	struct tablets *tablets;
	struct wlr_tablet *wlr;
	struct wlr_tablet_v2_tablet *v2;
	struct wl_list link; // tablets.list

	struct wl_listener destroy;
};

struct tool {
	struct tablets *tablets;
	struct wlr_tablet_tool *wlr;
	struct wlr_tablet_v2_tablet_tool *v2;
	double x, y; // last position on the tablet, 0 to 1
	double tilt_x, tilt_y;
	double surface_lx, surface_ly; // origin of the surface that it is over
	uint32_t button; // of the pointer, that it holds down; 0: none
	struct wl_list link; // tablets.tools

	struct wl_listener destroy;
	struct wl_listener set_cursor;
};

struct tablets {
	struct seat *seat;
	struct wl_list list; // tablet.link
	struct wl_list tools; // tool.link

	struct wl_listener axis;
	struct wl_listener proximity;
	struct wl_listener tip;
	struct wl_listener button;
};

static struct tablet *find_tablet(struct tablets *tablets, const struct wlr_tablet *wlr) {
	struct tablet *tablet;
	wl_list_for_each (tablet, &tablets->list, link) {
		if (tablet->wlr == wlr) {
			return tablet;
		}
	}
	return NULL;
}

// --- tools --------------------------------------------------------------------------------

static void tool_forget(struct tool *tool) {
	wl_list_remove(&tool->destroy.link);
	wl_list_remove(&tool->set_cursor.link);
	wl_list_remove(&tool->link);
	tool->wlr->data = NULL;
	free(tool);
}

static void press_pointer(struct tool *tool, uint32_t time_ms, uint32_t button, bool pressed) {
	struct seat *seat = tool->tablets->seat;
	if (pressed ? tool->button != 0 : tool->button != button) {
		return;
	}
	tool->button = pressed ? button : 0;
	pointer_button(seat->pointer, time_ms, button, pressed);
	wlr_seat_pointer_notify_frame(seat->wlr_seat);
}

static void release_pointer(struct tool *tool) {
	if (tool->button != 0) {
		press_pointer(tool, (uint32_t)server_now_ms(), tool->button, false);
	}
}

// Whoever has it gets its tip up; that also ends the grab, which wlroots would keep.
static void let_go(struct tool *tool) {
	release_pointer(tool);
	wlr_tablet_v2_tablet_tool_notify_up(tool->v2);
	wlr_tablet_tool_v2_end_grab(tool->v2);
	wlr_tablet_v2_tablet_tool_notify_proximity_out(tool->v2);
}

static void handle_tool_destroy(struct wl_listener *listener, void *data) {
	struct tool *tool = wl_container_of(listener, tool, destroy);
	let_go(tool);
	tool_forget(tool);
}

bool tablet_is_over(const struct seat *seat, const struct wlr_tablet_v2_tablet_tool *v2,
	const struct wl_client *client) {
	const struct tool *tool;
	wl_list_for_each (tool, &seat->tablets->tools, link) {
		// Whether it still exists is known only from the list.
		if (tool->v2 == v2) {
			const struct wlr_surface *focused = v2->focused_surface;
			return focused != NULL &&
				wl_resource_get_client(focused->resource) == client;
		}
	}
	return false;
}

static void handle_set_cursor(struct wl_listener *listener, void *data) {
	struct tool *tool = wl_container_of(listener, tool, set_cursor);
	const struct wlr_tablet_v2_event_cursor *event = data;
	struct seat *seat = tool->tablets->seat;
	if (tablet_is_over(seat, tool->v2, event->seat_client->client)) {
		cursor_image_set_surface(
			seat->pointer, event->surface, event->hotspot_x, event->hotspot_y);
	}
}

static struct tool *get_tool(struct tablets *tablets, struct wlr_tablet_tool *wlr) {
	if (wlr->data != NULL) {
		return wlr->data;
	}
	struct tool *tool = alloc_zeroed(1, sizeof(*tool));
	tool->tablets = tablets;
	tool->wlr = wlr;
	// Before wlroots' own: it checks that nobody listens to what it destroys.
	tool->destroy.notify = handle_tool_destroy;
	wl_signal_add(&wlr->events.destroy, &tool->destroy);
	struct seat *seat = tablets->seat;
	tool->v2 = wlr_tablet_tool_create(seat->server->globals->tablet, seat->wlr_seat, wlr);
	if (tool->v2 == NULL) {
		wl_list_remove(&tool->destroy.link);
		free(tool);
		return NULL;
	}
	tool->set_cursor.notify = handle_set_cursor;
	wl_signal_add(&tool->v2->events.set_cursor, &tool->set_cursor);
	wl_list_insert(&tablets->tools, &tool->link);
	wlr->data = tool;
	return tool;
}

// --- position -----------------------------------------------------------------------------

static struct wlr_surface *surface_under(
	const struct tool *tool, const struct tablet *tablet, double *sx, double *sy) {
	struct seat *seat = tool->tablets->seat;
	const struct wlr_cursor *cursor = seat->pointer->cursor;
	struct wlr_surface *surface = scene_surface_at(seat->server, cursor->x, cursor->y, sx, sy);
	// The lock lies before a dialog.
	bool asked = dialog_current(seat->server) != NULL && !seat_locked(seat);
	return surface != NULL && !asked && wlr_surface_accepts_tablet_v2(surface, tablet->v2)
		? surface
		: NULL;
}

static bool is_relative(const struct tool *tool, const struct tablet *tablet) {
	const struct input_device *device = input_device_of(&tablet->wlr->base);
	return tool->wlr->type == WLR_TABLET_TOOL_TYPE_MOUSE ||
		tool->wlr->type == WLR_TABLET_TOOL_TYPE_LENS ||
		(device != NULL && device->tool_mode == DEVICE_TOOL_RELATIVE);
}

// The surface that the tool is over gets it, or, where none knows of tablets, the pointer does.
static void move_to(
	struct tool *tool, struct tablet *tablet, uint32_t time_ms, double lx, double ly) {
	struct pointer *pointer = tool->tablets->seat->pointer;
	if (tool->button == 0 && wlr_tablet_tool_v2_has_implicit_grab(tool->v2)) {
		wlr_cursor_warp_closest(pointer->cursor, NULL, lx, ly);
		wlr_tablet_v2_tablet_tool_notify_motion(
			tool->v2, lx - tool->surface_lx, ly - tool->surface_ly);
		return;
	}
	double sx, sy;
	if (tool->button == 0) {
		wlr_cursor_warp_closest(pointer->cursor, NULL, lx, ly);
		struct wlr_surface *surface = surface_under(tool, tablet, &sx, &sy);
		if (surface != NULL) {
			tool->surface_lx = pointer->cursor->x - sx;
			tool->surface_ly = pointer->cursor->y - sy;
			pointer_leave(pointer);
			wlr_tablet_v2_tablet_tool_notify_proximity_in(
				tool->v2, tablet->v2, surface);
			wlr_tablet_v2_tablet_tool_notify_motion(tool->v2, sx, sy);
			return;
		}
		wlr_tablet_v2_tablet_tool_notify_proximity_out(tool->v2);
	}
	pointer_move_to(pointer, time_ms, lx, ly);
	wlr_seat_pointer_notify_frame(tool->tablets->seat->wlr_seat);
}

static void position(
	struct tool *tool, struct tablet *tablet, uint32_t time_ms, double x, double y) {
	double lx, ly;
	tool->x = isnan(x) ? tool->x : x;
	tool->y = isnan(y) ? tool->y : y;
	wlr_cursor_absolute_to_layout_coords(tool->tablets->seat->pointer->cursor,
		&tablet->wlr->base, tool->x, tool->y, &lx, &ly);
	move_to(tool, tablet, time_ms, lx, ly);
}

static void handle_position(
	struct tool *tool, struct tablet *tablet, const struct wlr_tablet_tool_axis_event *event) {
	const uint32_t both = WLR_TABLET_TOOL_AXIS_X | WLR_TABLET_TOOL_AXIS_Y;
	if ((event->updated_axes & both) == 0) {
		return;
	}
	if (is_relative(tool, tablet)) {
		const struct wlr_cursor *cursor = tool->tablets->seat->pointer->cursor;
		move_to(tool, tablet, event->time_msec, cursor->x + event->dx,
			cursor->y + event->dy);
		return;
	}
	position(tool, tablet, event->time_msec,
		(event->updated_axes & WLR_TABLET_TOOL_AXIS_X) != 0 ? event->x : NAN,
		(event->updated_axes & WLR_TABLET_TOOL_AXIS_Y) != 0 ? event->y : NAN);
}

static void handle_axis(struct wl_listener *listener, void *data) {
	struct tablets *tablets = wl_container_of(listener, tablets, axis);
	const struct wlr_tablet_tool_axis_event *event = data;
	struct tablet *tablet = find_tablet(tablets, event->tablet);
	struct tool *tool = get_tool(tablets, event->tool);
	uint32_t axes = event->updated_axes;
	seat_activity(tablets->seat);
	if (tablet == NULL || tool == NULL) {
		return;
	}
	handle_position(tool, tablet, event);
	if ((axes & WLR_TABLET_TOOL_AXIS_PRESSURE) != 0) {
		wlr_tablet_v2_tablet_tool_notify_pressure(tool->v2, event->pressure);
	}
	if ((axes & WLR_TABLET_TOOL_AXIS_DISTANCE) != 0) {
		wlr_tablet_v2_tablet_tool_notify_distance(tool->v2, event->distance);
	}
	if ((axes & WLR_TABLET_TOOL_AXIS_TILT_X) != 0) {
		tool->tilt_x = event->tilt_x;
	}
	if ((axes & WLR_TABLET_TOOL_AXIS_TILT_Y) != 0) {
		tool->tilt_y = event->tilt_y;
	}
	if ((axes & (WLR_TABLET_TOOL_AXIS_TILT_X | WLR_TABLET_TOOL_AXIS_TILT_Y)) != 0) {
		wlr_tablet_v2_tablet_tool_notify_tilt(tool->v2, tool->tilt_x, tool->tilt_y);
	}
	if ((axes & WLR_TABLET_TOOL_AXIS_ROTATION) != 0) {
		wlr_tablet_v2_tablet_tool_notify_rotation(tool->v2, event->rotation);
	}
	if ((axes & WLR_TABLET_TOOL_AXIS_SLIDER) != 0) {
		wlr_tablet_v2_tablet_tool_notify_slider(tool->v2, event->slider);
	}
	if ((axes & WLR_TABLET_TOOL_AXIS_WHEEL) != 0) {
		wlr_tablet_v2_tablet_tool_notify_wheel(tool->v2, event->wheel_delta, 0);
	}
}

static void handle_proximity(struct wl_listener *listener, void *data) {
	struct tablets *tablets = wl_container_of(listener, tablets, proximity);
	const struct wlr_tablet_tool_proximity_event *event = data;
	struct tablet *tablet = find_tablet(tablets, event->tablet);
	struct tool *tool = get_tool(tablets, event->tool);
	seat_activity(tablets->seat);
	if (tablet == NULL || tool == NULL) {
		return;
	}
	if (event->state == WLR_TABLET_TOOL_PROXIMITY_OUT) {
		release_pointer(tool);
		wlr_tablet_v2_tablet_tool_notify_proximity_out(tool->v2);
	} else if (!is_relative(tool, tablet)) {
		position(tool, tablet, event->time_msec, event->x, event->y);
	}
}

// --- tip and buttons ----------------------------------------------------------------------

// With the keys that are held: to drag the window, perhaps.
static bool is_bound(const struct seat *seat, uint32_t button) {
	return pointer_binding_find(seat->pointer, BINDING_BUTTON, button, false) != NULL;
}

static void handle_tip(struct wl_listener *listener, void *data) {
	struct tablets *tablets = wl_container_of(listener, tablets, tip);
	const struct wlr_tablet_tool_tip_event *event = data;
	struct tablet *tablet = find_tablet(tablets, event->tablet);
	struct tool *tool = get_tool(tablets, event->tool);
	double sx, sy;
	seat_activity(tablets->seat);
	if (tablet == NULL || tool == NULL) {
		return;
	}
	if (event->state == WLR_TABLET_TOOL_TIP_UP) {
		if (tool->button == BTN_LEFT) {
			press_pointer(tool, event->time_msec, BTN_LEFT, false);
		} else {
			wlr_tablet_v2_tablet_tool_notify_up(tool->v2);
		}
		return;
	}
	const struct wlr_cursor *cursor = tablets->seat->pointer->cursor;
	if (tool->button == 0 && !is_bound(tablets->seat, BTN_LEFT) &&
		surface_under(tool, tablet, &sx, &sy) != NULL) {
		pointer_focus_at(tablets->seat->pointer, cursor->x, cursor->y);
		wlr_tablet_v2_tablet_tool_notify_down(tool->v2);
		wlr_tablet_tool_v2_start_implicit_grab(tool->v2);
	} else {
		press_pointer(tool, event->time_msec, BTN_LEFT, true);
	}
}

static uint32_t pointer_button_of(uint32_t button) {
	switch (button) {
	case BTN_STYLUS:
		return BTN_RIGHT;
	case BTN_STYLUS2:
		return BTN_MIDDLE;
	case BTN_STYLUS3:
		return BTN_SIDE;
	default:
		return button;
	}
}

static void handle_button(struct wl_listener *listener, void *data) {
	struct tablets *tablets = wl_container_of(listener, tablets, button);
	const struct wlr_tablet_tool_button_event *event = data;
	struct tablet *tablet = find_tablet(tablets, event->tablet);
	struct tool *tool = get_tool(tablets, event->tool);
	bool pressed = event->state == WLR_BUTTON_PRESSED;
	uint32_t button = pointer_button_of(event->button);
	double sx, sy;
	seat_activity(tablets->seat);
	if (tablet == NULL || tool == NULL) {
		return;
	}
	bool pointer = pressed ? tool->button != 0 || is_bound(tablets->seat, button) ||
			surface_under(tool, tablet, &sx, &sy) == NULL
			       : tool->button == button;
	if (pointer) {
		press_pointer(tool, event->time_msec, button, pressed);
	} else {
		wlr_tablet_v2_tablet_tool_notify_button(tool->v2, event->button,
			pressed ? ZWP_TABLET_PAD_V2_BUTTON_STATE_PRESSED
				: ZWP_TABLET_PAD_V2_BUTTON_STATE_RELEASED);
	}
}

void tablet_let_go(struct seat *seat) {
	struct tool *tool;
	wl_list_for_each (tool, &seat->tablets->tools, link) {
		let_go(tool);
	}
}

// --- coming and going ---------------------------------------------------------------------

static void tablet_forget(struct tablet *tablet) {
	wl_list_remove(&tablet->destroy.link);
	wl_list_remove(&tablet->link);
	free(tablet);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct tablet *tablet = wl_container_of(listener, tablet, destroy);
	struct tool *tool;
	wl_list_for_each (tool, &tablet->tablets->tools, link) {
		release_pointer(tool);
	}
	tablet_pad_forget_tablet(tablet->tablets->seat, tablet->v2);
	tablet_forget(tablet);
}

void tablet_add(struct seat *seat, struct wlr_input_device *wlr_device) {
	if (wlr_device->type == WLR_INPUT_DEVICE_TABLET_PAD) {
		tablet_pad_add(seat, wlr_device);
		return;
	}
	struct tablet *tablet = alloc_zeroed(1, sizeof(*tablet));
	tablet->tablets = seat->tablets;
	tablet->wlr = wlr_tablet_from_input_device(wlr_device);
	tablet->destroy.notify = handle_destroy;
	wl_signal_add(&wlr_device->events.destroy, &tablet->destroy);
	tablet->v2 = wlr_tablet_create(seat->server->globals->tablet, seat->wlr_seat, wlr_device);
	if (tablet->v2 == NULL) {
		wl_list_remove(&tablet->destroy.link);
		free(tablet);
		return;
	}
	wl_list_insert(&seat->tablets->list, &tablet->link);
	wlr_cursor_attach_input_device(seat->pointer->cursor, wlr_device);
	tablet_pad_add_tablet(seat, wlr_device, tablet->v2);
}

bool tablet_init(struct seat *seat) {
	struct tablets *tablets = alloc_zeroed(1, sizeof(*tablets));
	struct wlr_cursor *cursor = seat->pointer->cursor;
	tablets->seat = seat;
	seat->tablets = tablets;
	wl_list_init(&tablets->list);
	wl_list_init(&tablets->tools);
	tablets->axis.notify = handle_axis;
	wl_signal_add(&cursor->events.tablet_tool_axis, &tablets->axis);
	tablets->proximity.notify = handle_proximity;
	wl_signal_add(&cursor->events.tablet_tool_proximity, &tablets->proximity);
	tablets->tip.notify = handle_tip;
	wl_signal_add(&cursor->events.tablet_tool_tip, &tablets->tip);
	tablets->button.notify = handle_button;
	wl_signal_add(&cursor->events.tablet_tool_button, &tablets->button);
	return tablet_pad_init(seat);
}

void tablet_finish(struct seat *seat) {
	struct tablets *tablets = seat->tablets;
	tablet_pad_finish(seat);
	struct tool *tool, *next_tool;
	wl_list_for_each_safe (tool, next_tool, &tablets->tools, link) {
		tool_forget(tool);
	}
	struct tablet *tablet, *next;
	wl_list_for_each_safe (tablet, next, &tablets->list, link) {
		tablet_forget(tablet);
	}
	wl_list_remove(&tablets->axis.link);
	wl_list_remove(&tablets->proximity.link);
	wl_list_remove(&tablets->tip.link);
	wl_list_remove(&tablets->button.link);
	free(tablets);
	seat->tablets = NULL;
}

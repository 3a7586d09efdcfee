#include "touch.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_touch.h>

#include "alloc.h"
#include "dialog.h"
#include "input_device.h"
#include "pointer.h"
#include "scene_owner.h"
#include "seat.h"
#include "server.h"

enum point_kind {
	POINT_SURFACE, // the client's
	POINT_POINTER, // the pointer follows it
	POINT_NOBODY,
};

struct touch_point {
	const struct wlr_touch *device;
	int32_t device_id; // the device's number for it
	int32_t id; // ours: two screens may use the same numbers
	enum point_kind kind;
	double surface_lx, surface_ly; // origin of its surface when it came down
	struct wl_list link; // touch.points
};

struct touch {
	struct seat *seat;
	struct wl_list points; // touch_point.link

	struct wl_listener down;
	struct wl_listener up;
	struct wl_listener motion;
	struct wl_listener cancel;
	struct wl_listener frame;
	struct wl_listener change;
};

static struct wlr_seat *seat_of(const struct touch *touch) {
	return touch->seat->wlr_seat;
}

static struct touch_point *find(
	const struct touch *touch, const struct wlr_touch *device, int32_t device_id) {
	struct touch_point *point;
	wl_list_for_each (point, &touch->points, link) {
		if (point->device == device && point->device_id == device_id) {
			return point;
		}
	}
	return NULL;
}

static bool is_used(const struct touch *touch, int32_t id) {
	const struct touch_point *point;
	wl_list_for_each (point, &touch->points, link) {
		if (point->id == id) {
			return true;
		}
	}
	return false;
}

static bool has_pointer(const struct touch *touch) {
	const struct touch_point *point;
	wl_list_for_each (point, &touch->points, link) {
		if (point->kind == POINT_POINTER) {
			return true;
		}
	}
	return false;
}

static void forget(struct touch_point *point) {
	wl_list_remove(&point->link);
	free(point);
}

static void to_layout(const struct touch *touch, const struct wlr_touch *device, double x, double y,
	double *lx, double *ly) {
	wlr_cursor_absolute_to_layout_coords(touch->seat->pointer->cursor,
		(struct wlr_input_device *)&device->base, x, y, lx, ly);
}

// --- down and up --------------------------------------------------------------------------

static bool take_as_surface(
	struct touch *touch, struct touch_point *point, uint32_t time_ms, double lx, double ly) {
	struct server *server = touch->seat->server;
	double sx, sy;
	struct wlr_surface *surface = scene_surface_at(server, lx, ly, &sx, &sy);
	// The lock lies before a dialog.
	bool asked = dialog_current(server) != NULL && !seat_locked(touch->seat);
	if (surface == NULL || asked || !wlr_surface_accepts_touch(surface, seat_of(touch))) {
		return false;
	}
	pointer_focus_at(touch->seat->pointer, lx, ly);
	point->kind = POINT_SURFACE;
	point->surface_lx = lx - sx;
	point->surface_ly = ly - sy;
	wlr_seat_touch_notify_down(seat_of(touch), surface, time_ms, point->id, sx, sy);
	return true;
}

static void take_as_pointer(
	struct touch *touch, struct touch_point *point, uint32_t time_ms, double lx, double ly) {
	struct pointer *pointer = touch->seat->pointer;
	if (has_pointer(touch) || pointer->held > 0) {
		return;
	}
	point->kind = POINT_POINTER;
	pointer_move_to(pointer, time_ms, lx, ly);
	pointer_button(pointer, time_ms, BTN_LEFT, true);
	wlr_seat_pointer_notify_frame(seat_of(touch));
}

static void handle_down(struct wl_listener *listener, void *data) {
	struct touch *touch = wl_container_of(listener, touch, down);
	const struct wlr_touch_down_event *event = data;
	seat_activity(touch->seat);
	if (find(touch, event->touch, event->touch_id) != NULL) {
		return;
	}
	struct touch_point *point = alloc_zeroed(1, sizeof(*point));
	point->device = event->touch;
	point->device_id = event->touch_id;
	point->kind = POINT_NOBODY;
	while (is_used(touch, point->id)) {
		point->id++;
	}
	wl_list_insert(&touch->points, &point->link);
	double lx, ly;
	to_layout(touch, event->touch, event->x, event->y, &lx, &ly);
	if (!take_as_surface(touch, point, event->time_msec, lx, ly)) {
		take_as_pointer(touch, point, event->time_msec, lx, ly);
	}
}

static void lift(struct touch *touch, struct touch_point *point, uint32_t time_ms) {
	enum point_kind kind = point->kind;
	int32_t id = point->id;
	forget(point);
	if (kind == POINT_POINTER) {
		pointer_button(touch->seat->pointer, time_ms, BTN_LEFT, false);
		wlr_seat_pointer_notify_frame(seat_of(touch));
	} else if (kind == POINT_SURFACE && wlr_seat_touch_get_point(seat_of(touch), id) != NULL) {
		wlr_seat_touch_notify_up(seat_of(touch), time_ms, id);
	}
}

static void handle_up(struct wl_listener *listener, void *data) {
	struct touch *touch = wl_container_of(listener, touch, up);
	const struct wlr_touch_up_event *event = data;
	struct touch_point *point = find(touch, event->touch, event->touch_id);
	seat_activity(touch->seat);
	if (point != NULL) {
		lift(touch, point, event->time_msec);
	}
}

// --- motion -------------------------------------------------------------------------------

// What is dragged is for the surface under the finger.
static void move_drag(
	struct touch *touch, struct touch_point *point, uint32_t time_ms, double lx, double ly) {
	struct server *server = touch->seat->server;
	double sx, sy;
	struct wlr_surface *surface = scene_surface_at(server, lx, ly, &sx, &sy);
	wlr_scene_node_set_position(&server->layers[LAYER_DRAG]->node, (int)lx, (int)ly);
	if (surface != NULL) {
		wlr_seat_touch_point_focus(seat_of(touch), surface, time_ms, point->id, sx, sy);
		wlr_seat_touch_notify_motion(seat_of(touch), time_ms, point->id, sx, sy);
	} else {
		wlr_seat_touch_point_clear_focus(seat_of(touch), time_ms, point->id);
	}
}

static void move_on_surface(
	struct touch *touch, struct touch_point *point, uint32_t time_ms, double lx, double ly) {
	struct wlr_seat *wlr_seat = seat_of(touch);
	if (wlr_seat_touch_get_point(wlr_seat, point->id) == NULL) {
		return; // its client is gone
	}
	if (wlr_seat->drag != NULL && wlr_seat->drag->grab_type == WLR_DRAG_GRAB_KEYBOARD_TOUCH &&
		wlr_seat->drag->touch_id == point->id) {
		move_drag(touch, point, time_ms, lx, ly);
	} else {
		wlr_seat_touch_notify_motion(wlr_seat, time_ms, point->id, lx - point->surface_lx,
			ly - point->surface_ly);
	}
}

static void handle_motion(struct wl_listener *listener, void *data) {
	struct touch *touch = wl_container_of(listener, touch, motion);
	const struct wlr_touch_motion_event *event = data;
	struct touch_point *point = find(touch, event->touch, event->touch_id);
	double lx, ly;
	seat_activity(touch->seat);
	if (point == NULL) {
		return;
	}
	to_layout(touch, event->touch, event->x, event->y, &lx, &ly);
	if (point->kind == POINT_SURFACE) {
		move_on_surface(touch, point, event->time_msec, lx, ly);
	} else if (point->kind == POINT_POINTER) {
		pointer_move_to(touch->seat->pointer, event->time_msec, lx, ly);
		wlr_seat_pointer_notify_frame(seat_of(touch));
	}
}

// --- cancel -------------------------------------------------------------------------------

// The client is told to forget all of its points, and so they are nobody's.
static void cancel_surface(struct touch *touch, int32_t id) {
	struct wlr_touch_point *wlr_point = wlr_seat_touch_get_point(seat_of(touch), id);
	if (wlr_point == NULL) {
		return;
	}
	wlr_seat_touch_notify_cancel(seat_of(touch), wlr_point->client);
	struct touch_point *point;
	wl_list_for_each (point, &touch->points, link) {
		if (point->kind == POINT_SURFACE &&
			wlr_seat_touch_get_point(seat_of(touch), point->id) == NULL) {
			point->kind = POINT_NOBODY;
		}
	}
}

static void handle_cancel(struct wl_listener *listener, void *data) {
	struct touch *touch = wl_container_of(listener, touch, cancel);
	const struct wlr_touch_cancel_event *event = data;
	struct touch_point *point = find(touch, event->touch, event->touch_id);
	if (point == NULL) {
		return;
	}
	if (point->kind == POINT_SURFACE) {
		cancel_surface(touch, point->id);
		forget(point);
	} else {
		lift(touch, point, event->time_msec);
	}
}

void touch_let_go(struct seat *seat) {
	struct touch *touch = seat->touch;
	struct touch_point *point;
	wl_list_for_each (point, &touch->points, link) {
		if (point->kind == POINT_SURFACE) {
			cancel_surface(touch, point->id);
			point->kind = POINT_NOBODY;
		}
	}
}

static void handle_frame(struct wl_listener *listener, void *data) {
	struct touch *touch = wl_container_of(listener, touch, frame);
	wlr_seat_touch_notify_frame(seat_of(touch));
}

// --- coming and going ---------------------------------------------------------------------

// A screen is unplugged: its fingers are lifted.
static void handle_change(struct wl_listener *listener, void *data) {
	struct touch *touch = wl_container_of(listener, touch, change);
	const struct server_change *change = data;
	if (change->subject != SERVER_INPUT || change->verb != SERVER_REMOVED) {
		return;
	}
	const struct input_device *device = change->object;
	struct touch_point *point, *next;
	wl_list_for_each_safe (point, next, &touch->points, link) {
		if (&point->device->base == device->wlr_device) {
			lift(touch, point, (uint32_t)server_now_ms());
		}
	}
}

void touch_add(struct seat *seat, struct wlr_input_device *wlr_device) {
	wlr_cursor_attach_input_device(seat->pointer->cursor, wlr_device);
	wlr_seat_set_capabilities(
		seat->wlr_seat, seat->wlr_seat->capabilities | WL_SEAT_CAPABILITY_TOUCH);
}

bool touch_init(struct seat *seat) {
	struct touch *touch = alloc_zeroed(1, sizeof(*touch));
	struct wlr_cursor *cursor = seat->pointer->cursor;
	touch->seat = seat;
	seat->touch = touch;
	wl_list_init(&touch->points);
	touch->down.notify = handle_down;
	wl_signal_add(&cursor->events.touch_down, &touch->down);
	touch->up.notify = handle_up;
	wl_signal_add(&cursor->events.touch_up, &touch->up);
	touch->motion.notify = handle_motion;
	wl_signal_add(&cursor->events.touch_motion, &touch->motion);
	touch->cancel.notify = handle_cancel;
	wl_signal_add(&cursor->events.touch_cancel, &touch->cancel);
	touch->frame.notify = handle_frame;
	wl_signal_add(&cursor->events.touch_frame, &touch->frame);
	touch->change.notify = handle_change;
	wl_signal_add(&seat->server->events.change, &touch->change);
	return true;
}

void touch_finish(struct seat *seat) {
	struct touch *touch = seat->touch;
	struct touch_point *point, *next;
	wl_list_for_each_safe (point, next, &touch->points, link) {
		forget(point);
	}
	wl_list_remove(&touch->down.link);
	wl_list_remove(&touch->up.link);
	wl_list_remove(&touch->motion.link);
	wl_list_remove(&touch->cancel.link);
	wl_list_remove(&touch->frame.link);
	wl_list_remove(&touch->change.link);
	free(touch);
	seat->touch = NULL;
}

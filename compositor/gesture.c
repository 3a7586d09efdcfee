#include "gesture.h"

#include <math.h>
#include <stdlib.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_pointer_gestures_v1.h>
#include <wlr/types/wlr_seat.h>

#include "alloc.h"
#include "binding.h"
#include "globals.h"
#include "input_mode.h"
#include "keyboard.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"

// Less is no swipe, in libinput's units, and no pinch, as a scale and in degrees.
#define SWIPE_LEAST 30
#define SCALE_LEAST 0.15
#define ROTATION_LEAST 12

struct gesture {
	struct pointer *pointer;
	uint32_t kind; // one of BINDING_GESTURES; 0: none is under way
	uint32_t fingers;
	uint32_t modifiers; // that were held when it began
	bool taken; // it is the desk's
	double dx, dy, scale, rotation; // so far

	struct wl_listener swipe_begin;
	struct wl_listener swipe_update;
	struct wl_listener swipe_end;
	struct wl_listener pinch_begin;
	struct wl_listener pinch_update;
	struct wl_listener pinch_end;
	struct wl_listener hold_begin;
	struct wl_listener hold_end;
};

static struct wlr_pointer_gestures_v1 *protocol(const struct gesture *gesture) {
	return gesture->pointer->seat->server->globals->pointer_gestures;
}

static struct wlr_seat *seat_of(const struct gesture *gesture) {
	return gesture->pointer->seat->wlr_seat;
}

static struct binding_event event_of(const struct gesture *gesture) {
	return (struct binding_event){
		.kind = BINDING_GESTURE,
		.modifiers = gesture->modifiers,
		.code = gesture->kind | gesture->fingers << BINDING_FINGERS_SHIFT,
	};
}

// Where a swipe went: the longer way, and the shorter one if it is half as long.
static void add_ways(const struct gesture *gesture, struct binding_event *event) {
	double dx = fabs(gesture->dx), dy = fabs(gesture->dy);
	uint32_t sideways = gesture->dx < 0 ? BINDING_LEFT : BINDING_RIGHT;
	uint32_t upright = gesture->dy < 0 ? BINDING_UP : BINDING_DOWN;
	if (fmax(dx, dy) < SWIPE_LEAST) {
		return;
	}
	event->directions = dx >= dy ? sideways : upright;
	event->code |= event->directions;
	if (fmin(dx, dy) * 2 >= fmax(dx, dy)) {
		event->code |= sideways | upright;
	}
}

static void add_turns(const struct gesture *gesture, struct binding_event *event) {
	if (fabs(gesture->scale - 1) >= SCALE_LEAST) {
		event->directions |= gesture->scale < 1 ? BINDING_INWARD : BINDING_OUTWARD;
	}
	if (fabs(gesture->rotation) >= ROTATION_LEAST) {
		event->directions |= gesture->rotation > 0 ? BINDING_CLOCKWISE
							   : BINDING_COUNTERCLOCKWISE;
	}
	event->code |= event->directions;
}

// Returns true when the clients are to hear of it.
static bool begin(struct gesture *gesture, uint32_t kind, uint32_t fingers) {
	struct wlr_keyboard *keyboard = wlr_seat_get_keyboard(seat_of(gesture));
	seat_activity(gesture->pointer->seat);
	gesture->kind = kind;
	gesture->fingers = fingers < 15 ? fingers : 15;
	gesture->modifiers = keyboard != NULL ? wlr_keyboard_get_modifiers(keyboard) : 0;
	gesture->dx = gesture->dy = gesture->rotation = 0;
	gesture->scale = 1;
	struct binding_event event = event_of(gesture);
	gesture->taken = input_mode_has_gesture(gesture->pointer->seat, &event);
	return !gesture->taken;
}

// Returns true when the clients are to hear of it.
static bool end(struct gesture *gesture, uint32_t kind, bool cancelled) {
	bool taken = gesture->taken && gesture->kind == kind;
	struct binding_event event = event_of(gesture);
	if (taken && !cancelled) {
		if (kind == BINDING_SWIPE) {
			add_ways(gesture, &event);
		} else if (kind == BINDING_PINCH) {
			add_turns(gesture, &event);
		}
		struct seat *seat = gesture->pointer->seat;
		bool moved = kind == BINDING_HOLD || event.directions != 0;
		const struct binding *binding = moved ? input_mode_find(seat, &event) : NULL;
		if (binding != NULL) {
			keyboard_disarm_all(seat);
			input_mode_run(seat, binding);
		}
	}
	gesture->kind = 0;
	gesture->taken = false;
	return !taken;
}

static void handle_swipe_begin(struct wl_listener *listener, void *data) {
	struct gesture *gesture = wl_container_of(listener, gesture, swipe_begin);
	const struct wlr_pointer_swipe_begin_event *event = data;
	if (begin(gesture, BINDING_SWIPE, event->fingers)) {
		wlr_pointer_gestures_v1_send_swipe_begin(
			protocol(gesture), seat_of(gesture), event->time_msec, event->fingers);
	}
}

static void handle_swipe_update(struct wl_listener *listener, void *data) {
	struct gesture *gesture = wl_container_of(listener, gesture, swipe_update);
	const struct wlr_pointer_swipe_update_event *event = data;
	gesture->dx += event->dx;
	gesture->dy += event->dy;
	if (!gesture->taken) {
		wlr_pointer_gestures_v1_send_swipe_update(protocol(gesture), seat_of(gesture),
			event->time_msec, event->dx, event->dy);
	}
}

static void handle_swipe_end(struct wl_listener *listener, void *data) {
	struct gesture *gesture = wl_container_of(listener, gesture, swipe_end);
	const struct wlr_pointer_swipe_end_event *event = data;
	if (end(gesture, BINDING_SWIPE, event->cancelled)) {
		wlr_pointer_gestures_v1_send_swipe_end(
			protocol(gesture), seat_of(gesture), event->time_msec, event->cancelled);
	}
}

static void handle_pinch_begin(struct wl_listener *listener, void *data) {
	struct gesture *gesture = wl_container_of(listener, gesture, pinch_begin);
	const struct wlr_pointer_pinch_begin_event *event = data;
	if (begin(gesture, BINDING_PINCH, event->fingers)) {
		wlr_pointer_gestures_v1_send_pinch_begin(
			protocol(gesture), seat_of(gesture), event->time_msec, event->fingers);
	}
}

static void handle_pinch_update(struct wl_listener *listener, void *data) {
	struct gesture *gesture = wl_container_of(listener, gesture, pinch_update);
	const struct wlr_pointer_pinch_update_event *event = data;
	gesture->scale = event->scale;
	gesture->rotation += event->rotation;
	if (!gesture->taken) {
		wlr_pointer_gestures_v1_send_pinch_update(protocol(gesture), seat_of(gesture),
			event->time_msec, event->dx, event->dy, event->scale, event->rotation);
	}
}

static void handle_pinch_end(struct wl_listener *listener, void *data) {
	struct gesture *gesture = wl_container_of(listener, gesture, pinch_end);
	const struct wlr_pointer_pinch_end_event *event = data;
	if (end(gesture, BINDING_PINCH, event->cancelled)) {
		wlr_pointer_gestures_v1_send_pinch_end(
			protocol(gesture), seat_of(gesture), event->time_msec, event->cancelled);
	}
}

static void handle_hold_begin(struct wl_listener *listener, void *data) {
	struct gesture *gesture = wl_container_of(listener, gesture, hold_begin);
	const struct wlr_pointer_hold_begin_event *event = data;
	if (begin(gesture, BINDING_HOLD, event->fingers)) {
		wlr_pointer_gestures_v1_send_hold_begin(
			protocol(gesture), seat_of(gesture), event->time_msec, event->fingers);
	}
}

static void handle_hold_end(struct wl_listener *listener, void *data) {
	struct gesture *gesture = wl_container_of(listener, gesture, hold_end);
	const struct wlr_pointer_hold_end_event *event = data;
	if (end(gesture, BINDING_HOLD, event->cancelled)) {
		wlr_pointer_gestures_v1_send_hold_end(
			protocol(gesture), seat_of(gesture), event->time_msec, event->cancelled);
	}
}

static void listen(
	struct wl_signal *signal, struct wl_listener *listener, wl_notify_func_t notify) {
	listener->notify = notify;
	wl_signal_add(signal, listener);
}

void gesture_init(struct pointer *pointer) {
	struct gesture *gesture = alloc_zeroed(1, sizeof(*gesture));
	struct wlr_cursor *cursor = pointer->cursor;
	gesture->pointer = pointer;
	pointer->gesture = gesture;
	listen(&cursor->events.swipe_begin, &gesture->swipe_begin, handle_swipe_begin);
	listen(&cursor->events.swipe_update, &gesture->swipe_update, handle_swipe_update);
	listen(&cursor->events.swipe_end, &gesture->swipe_end, handle_swipe_end);
	listen(&cursor->events.pinch_begin, &gesture->pinch_begin, handle_pinch_begin);
	listen(&cursor->events.pinch_update, &gesture->pinch_update, handle_pinch_update);
	listen(&cursor->events.pinch_end, &gesture->pinch_end, handle_pinch_end);
	listen(&cursor->events.hold_begin, &gesture->hold_begin, handle_hold_begin);
	listen(&cursor->events.hold_end, &gesture->hold_end, handle_hold_end);
}

void gesture_finish(struct pointer *pointer) {
	struct gesture *gesture = pointer->gesture;
	wl_list_remove(&gesture->swipe_begin.link);
	wl_list_remove(&gesture->swipe_update.link);
	wl_list_remove(&gesture->swipe_end.link);
	wl_list_remove(&gesture->pinch_begin.link);
	wl_list_remove(&gesture->pinch_update.link);
	wl_list_remove(&gesture->pinch_end.link);
	wl_list_remove(&gesture->hold_begin.link);
	wl_list_remove(&gesture->hold_end.link);
	free(gesture);
}

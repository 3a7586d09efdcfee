#include "pointer_axis.h"

#include <math.h>
#include <stdlib.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_seat.h>

#include "alloc.h"
#include "dialog.h"
#include "input_device.h"
#include "pointer.h"
#include "pointer_binding.h"
#include "seat.h"
#include "tab.h"

// A wheel's step; and how far fingers go for one, in the units of wl_pointer.axis.
#define STEP 120
#define FINGER_STEP 40

struct pointer_axis {
	struct pointer *pointer;
	double sums[2]; // what is bound and less than a step yet, by orientation
	double rows; // what is less than a row of a dialog
	int tabs; // what is less than a step over tabs

	struct wl_listener axis;
};

static enum binding_scroll way_of(enum wl_pointer_axis orientation, double delta) {
	if (orientation == WL_POINTER_AXIS_VERTICAL_SCROLL) {
		return delta < 0 ? BINDING_SCROLL_UP : BINDING_SCROLL_DOWN;
	}
	return delta < 0 ? BINDING_SCROLL_LEFT : BINDING_SCROLL_RIGHT;
}

// Steps of the wheel, and as many of a finger that goes far, run the binding each.
static bool run_binding(struct pointer_axis *axis, const struct wlr_pointer_axis_event *event) {
	double delta = event->delta_discrete != 0 ? event->delta_discrete
						  : event->delta * STEP / FINGER_STEP;
	enum binding_scroll way = way_of(event->orientation, delta);
	double *sum = &axis->sums[event->orientation == WL_POINTER_AXIS_VERTICAL_SCROLL ? 0 : 1];
	if (delta == 0 || pointer_binding_find(axis->pointer, BINDING_SCROLL, way, false) == NULL) {
		*sum = 0;
		return false;
	}
	bool same_way = (delta < 0) == (*sum < 0);
	*sum = same_way ? *sum + delta : delta;
	for (int runs = 0; fabs(*sum) >= STEP && runs < 10; runs++) {
		*sum -= copysign(STEP, *sum);
		pointer_binding_run(axis->pointer, BINDING_SCROLL, way, false);
	}
	return true;
}

// A step of the wheel, or as far with fingers, is a row.
static bool scroll_dialog(struct pointer_axis *axis, const struct wlr_pointer_axis_event *event) {
	struct server *server = axis->pointer->seat->server;
	if (dialog_current(server) == NULL) {
		axis->rows = 0;
		return false;
	}
	if (event->orientation == WL_POINTER_AXIS_VERTICAL_SCROLL) {
		axis->rows += event->delta_discrete != 0 ? event->delta_discrete
							 : event->delta * STEP / FINGER_STEP;
	}
	int steps = (int)fmax(-10, fmin(10, trunc(axis->rows / STEP)));
	axis->rows = fmod(axis->rows, STEP);
	return dialog_scroll(server, steps);
}

static bool scroll_tabs(struct pointer_axis *axis, const struct wlr_pointer_axis_event *event) {
	const struct pointer *pointer = axis->pointer;
	const struct wlr_seat *wlr_seat = pointer->seat->wlr_seat;
	if (pointer->mode != POINTER_PASS || seat_locked(pointer->seat) ||
		wlr_seat->pointer_state.focused_surface != NULL) {
		return false;
	}
	double steps_120 = event->delta_discrete != 0 ? event->delta_discrete
						      : event->delta * STEP / FINGER_STEP;
	return tab_scroll(pointer->seat->server, pointer->cursor->x, pointer->cursor->y,
		(int)lround(steps_120), &axis->tabs);
}

// wlroots tells it of old events only.
static enum wl_pointer_axis_relative_direction relative_direction(
	const struct wlr_pointer_axis_event *event, const struct input_device *device) {
	struct device_value natural;
	return device != NULL && input_device_get(device, DEVICE_NATURAL_SCROLL, &natural) &&
			natural.choice != 0
		? WL_POINTER_AXIS_RELATIVE_DIRECTION_INVERTED
		: event->relative_direction;
}

static void handle_axis(struct wl_listener *listener, void *data) {
	struct pointer_axis *axis = wl_container_of(listener, axis, axis);
	const struct wlr_pointer_axis_event *event = data;
	seat_activity(axis->pointer->seat);
	if (scroll_dialog(axis, event)) {
		return;
	}
	if (run_binding(axis, event) || scroll_tabs(axis, event)) {
		return;
	}
	const struct input_device *device = input_device_of(&event->pointer->base);
	double factor = device != NULL ? device->scroll_factor : 1;
	wlr_seat_pointer_notify_axis(axis->pointer->seat->wlr_seat, event->time_msec,
		event->orientation, event->delta * factor,
		(int32_t)lround(event->delta_discrete * factor), event->source,
		relative_direction(event, device));
}

void pointer_axis_init(struct pointer *pointer) {
	pointer->axis = alloc_zeroed(1, sizeof(*pointer->axis));
	pointer->axis->pointer = pointer;
	pointer->axis->axis.notify = handle_axis;
	wl_signal_add(&pointer->cursor->events.axis, &pointer->axis->axis);
}

void pointer_axis_finish(struct pointer *pointer) {
	wl_list_remove(&pointer->axis->axis.link);
	free(pointer->axis);
}

#include "desk_devices.h"

#include <stdlib.h>
#include <wlr/backend.h>
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/interfaces/wlr_switch.h>
#include <wlr/interfaces/wlr_touch.h>
#include <wlr/types/wlr_pointer.h>

#include "desk.h"
#include "server.h"

static void plug_in(struct desk *desk, struct wlr_input_device *device) {
	wl_signal_emit_mutable(&desk->server->backend->events.new_input, device);
	desk_settle(desk);
}

// --- keyboards ----------------------------------------------------------------------------

static const struct wlr_keyboard_impl keyboard_impl = {.name = "added-keyboard"};

struct wlr_keyboard *desk_add_keyboard(struct desk *desk, const char *name) {
	struct wlr_keyboard *keyboard = calloc(1, sizeof(*keyboard));
	assert_non_null(keyboard);
	wlr_keyboard_init(keyboard, &keyboard_impl, name);
	plug_in(desk, &keyboard->base);
	return keyboard;
}

void desk_remove_keyboard(struct desk *desk, struct wlr_keyboard *keyboard) {
	wlr_keyboard_finish(keyboard);
	free(keyboard);
	desk_settle(desk);
}

void desk_key_on(struct desk *desk, struct wlr_keyboard *keyboard, uint32_t key, bool pressed) {
	struct wlr_keyboard_key_event event = {
		.time_msec = (uint32_t)server_now_ms(),
		.keycode = key,
		.update_state = true,
		.state = pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED,
	};
	wlr_keyboard_notify_key(keyboard, &event);
	desk_settle(desk);
}

// --- the mouse and the touchpad -----------------------------------------------------------

static uint32_t now(void) {
	return (uint32_t)server_now_ms();
}

static void emit(struct desk *desk, struct wl_signal *signal, void *event) {
	wl_signal_emit_mutable(signal, event);
	desk_settle(desk);
}

void desk_scroll_by(struct desk *desk, bool horizontal, double delta, int value120) {
	struct wlr_pointer *pointer = desk_pointer(desk);
	struct wlr_pointer_axis_event event = {
		.pointer = pointer,
		.time_msec = now(),
		.source = value120 != 0 ? WL_POINTER_AXIS_SOURCE_WHEEL
					: WL_POINTER_AXIS_SOURCE_FINGER,
		.orientation = horizontal ? WL_POINTER_AXIS_HORIZONTAL_SCROLL
					  : WL_POINTER_AXIS_VERTICAL_SCROLL,
		.delta = delta,
		.delta_discrete = value120,
	};
	wl_signal_emit_mutable(&pointer->events.axis, &event);
	emit(desk, &pointer->events.frame, pointer);
}

void desk_swipe(struct desk *desk, uint32_t fingers, double dx, double dy, bool cancelled) {
	struct wlr_pointer *pointer = desk_pointer(desk);
	struct wlr_pointer_swipe_begin_event begin = {
		.pointer = pointer, .time_msec = now(), .fingers = fingers};
	struct wlr_pointer_swipe_update_event update = {.pointer = pointer,
		.time_msec = now(),
		.fingers = fingers,
		.dx = dx / 2,
		.dy = dy / 2};
	struct wlr_pointer_swipe_end_event end = {
		.pointer = pointer, .time_msec = now(), .cancelled = cancelled};
	emit(desk, &pointer->events.swipe_begin, &begin);
	emit(desk, &pointer->events.swipe_update, &update);
	emit(desk, &pointer->events.swipe_update, &update);
	emit(desk, &pointer->events.swipe_end, &end);
}

void desk_pinch(struct desk *desk, uint32_t fingers, double scale, double rotation) {
	struct wlr_pointer *pointer = desk_pointer(desk);
	struct wlr_pointer_pinch_begin_event begin = {
		.pointer = pointer, .time_msec = now(), .fingers = fingers};
	struct wlr_pointer_pinch_update_event update = {.pointer = pointer,
		.time_msec = now(),
		.fingers = fingers,
		.scale = scale,
		.rotation = rotation / 2};
	struct wlr_pointer_pinch_end_event end = {.pointer = pointer, .time_msec = now()};
	emit(desk, &pointer->events.pinch_begin, &begin);
	emit(desk, &pointer->events.pinch_update, &update);
	emit(desk, &pointer->events.pinch_update, &update);
	emit(desk, &pointer->events.pinch_end, &end);
}

void desk_hold(struct desk *desk, uint32_t fingers, bool cancelled) {
	struct wlr_pointer *pointer = desk_pointer(desk);
	struct wlr_pointer_hold_begin_event begin = {
		.pointer = pointer, .time_msec = now(), .fingers = fingers};
	struct wlr_pointer_hold_end_event end = {
		.pointer = pointer, .time_msec = now(), .cancelled = cancelled};
	emit(desk, &pointer->events.hold_begin, &begin);
	emit(desk, &pointer->events.hold_end, &end);
}

// --- touch screens ------------------------------------------------------------------------

static const struct wlr_touch_impl touch_impl = {.name = "added-touch"};

struct wlr_touch *desk_add_touch(struct desk *desk, const char *name) {
	struct wlr_touch *touch = calloc(1, sizeof(*touch));
	assert_non_null(touch);
	wlr_touch_init(touch, &touch_impl, name);
	plug_in(desk, &touch->base);
	return touch;
}

void desk_remove_touch(struct desk *desk, struct wlr_touch *touch) {
	wlr_touch_finish(touch);
	free(touch);
	desk_settle(desk);
}

static void end_frame(struct desk *desk, struct wlr_touch *touch) {
	emit(desk, &touch->events.frame, touch);
}

void desk_touch_down(struct desk *desk, struct wlr_touch *touch, int32_t id, double x, double y) {
	struct wlr_touch_down_event event = {
		.touch = touch, .time_msec = now(), .touch_id = id, .x = x, .y = y};
	wl_signal_emit_mutable(&touch->events.down, &event);
	end_frame(desk, touch);
}

void desk_touch_motion(struct desk *desk, struct wlr_touch *touch, int32_t id, double x, double y) {
	struct wlr_touch_motion_event event = {
		.touch = touch, .time_msec = now(), .touch_id = id, .x = x, .y = y};
	wl_signal_emit_mutable(&touch->events.motion, &event);
	end_frame(desk, touch);
}

void desk_touch_up(struct desk *desk, struct wlr_touch *touch, int32_t id) {
	struct wlr_touch_up_event event = {.touch = touch, .time_msec = now(), .touch_id = id};
	wl_signal_emit_mutable(&touch->events.up, &event);
	end_frame(desk, touch);
}

void desk_touch_cancel(struct desk *desk, struct wlr_touch *touch, int32_t id) {
	struct wlr_touch_cancel_event event = {.touch = touch, .time_msec = now(), .touch_id = id};
	wl_signal_emit_mutable(&touch->events.cancel, &event);
	end_frame(desk, touch);
}

// --- switches -----------------------------------------------------------------------------

static const struct wlr_switch_impl switch_impl = {.name = "added-switch"};

struct wlr_switch *desk_add_switch(struct desk *desk) {
	struct wlr_switch *device = calloc(1, sizeof(*device));
	assert_non_null(device);
	wlr_switch_init(device, &switch_impl, "a lid");
	plug_in(desk, &device->base);
	return device;
}

void desk_remove_switch(struct desk *desk, struct wlr_switch *device) {
	wlr_switch_finish(device);
	free(device);
	desk_settle(desk);
}

void desk_lid(struct desk *desk, struct wlr_switch *device, bool shut) {
	struct wlr_switch_toggle_event event = {
		.time_msec = now(),
		.switch_type = WLR_SWITCH_TYPE_LID,
		.switch_state = shut ? WLR_SWITCH_STATE_ON : WLR_SWITCH_STATE_OFF,
	};
	emit(desk, &device->events.toggle, &event);
}

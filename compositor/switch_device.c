#include "switch_device.h"

#include <stdlib.h>
#include <wlr/types/wlr_switch.h>

#include "alloc.h"
#include "binding.h"
#include "input_mode.h"
#include "log.h"
#include "seat.h"

struct switch_device {
	struct seat *seat;
	struct wl_list link; // seat.switches

	struct wl_listener toggle;
	struct wl_listener destroy;
};

static uint32_t code_of(const struct wlr_switch_toggle_event *event) {
	bool on = event->switch_state == WLR_SWITCH_STATE_ON;
	switch (event->switch_type) {
	case WLR_SWITCH_TYPE_LID:
		return on ? BINDING_LID_ON : BINDING_LID_OFF;
	case WLR_SWITCH_TYPE_TABLET_MODE:
		return on ? BINDING_TABLET_MODE_ON : BINDING_TABLET_MODE_OFF;
	case WLR_SWITCH_TYPE_KEYPAD_SLIDE:
		return on ? BINDING_KEYPAD_SLIDE_ON : BINDING_KEYPAD_SLIDE_OFF;
	}
	return 0;
}

static void handle_toggle(struct wl_listener *listener, void *data) {
	struct switch_device *device = wl_container_of(listener, device, toggle);
	const struct wlr_switch_toggle_event *toggle = data;
	struct binding_event event = {.kind = BINDING_SWITCH, .code = code_of(toggle)};
	const struct binding *binding = input_mode_find(device->seat, &event);
	if (binding != NULL) {
		input_mode_run(device->seat, binding);
	}
}

static void forget(struct switch_device *device) {
	wl_list_remove(&device->toggle.link);
	wl_list_remove(&device->destroy.link);
	wl_list_remove(&device->link);
	free(device);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct switch_device *device = wl_container_of(listener, device, destroy);
	forget(device);
}

void switch_device_add(struct seat *seat, struct wlr_input_device *wlr_device) {
	struct switch_device *device = alloc_zeroed(1, sizeof(*device));
	device->seat = seat;
	device->toggle.notify = handle_toggle;
	wl_signal_add(&wlr_switch_from_input_device(wlr_device)->events.toggle, &device->toggle);
	device->destroy.notify = handle_destroy;
	wl_signal_add(&wlr_device->events.destroy, &device->destroy);
	wl_list_insert(&seat->switches, &device->link);
}

void switch_device_finish(struct seat *seat) {
	struct switch_device *device, *next;
	wl_list_for_each_safe (device, next, &seat->switches, link) {
		forget(device);
	}
}

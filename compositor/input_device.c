#include "input_device.h"

#include <libinput.h>
#include <stdlib.h>
#include <wlr/backend/libinput.h>
#include <wlr/types/wlr_input_device.h>

#include "config.h"
#include "log.h"
#include "seat.h"
#include "server.h"

struct input_device {
	struct wlr_input_device *wlr_device;
	struct wl_listener destroy;
	struct wl_list link; // seat.devices
};

static void check(const struct wlr_input_device *device, const char *what,
	enum libinput_config_status status) {
	if (status == LIBINPUT_CONFIG_STATUS_INVALID) {
		log_error("%s: %s: the value is refused", device->name, what);
	}
}

// Each only where the device has it, and where the user said something.
static void configure(const struct config_input *input, struct wlr_input_device *wlr_device) {
	if (!wlr_input_device_is_libinput(wlr_device)) {
		return;
	}
	struct libinput_device *device = wlr_libinput_get_device_handle(wlr_device);
	if (input->tap != CONFIG_DEFAULT &&
		libinput_device_config_tap_get_finger_count(device) > 0) {
		check(wlr_device, "tap",
			libinput_device_config_tap_set_enabled(device,
				input->tap == CONFIG_YES ? LIBINPUT_CONFIG_TAP_ENABLED
							 : LIBINPUT_CONFIG_TAP_DISABLED));
	}
	if (input->natural_scroll != CONFIG_DEFAULT &&
		libinput_device_config_scroll_has_natural_scroll(device)) {
		check(wlr_device, "natural-scroll",
			libinput_device_config_scroll_set_natural_scroll_enabled(
				device, input->natural_scroll == CONFIG_YES));
	}
	if (input->left_handed != CONFIG_DEFAULT &&
		libinput_device_config_left_handed_is_available(device)) {
		check(wlr_device, "left-handed",
			libinput_device_config_left_handed_set(
				device, input->left_handed == CONFIG_YES));
	}
	if (input->disable_while_typing != CONFIG_DEFAULT &&
		libinput_device_config_dwt_is_available(device)) {
		check(wlr_device, "disable-while-typing",
			libinput_device_config_dwt_set_enabled(device,
				input->disable_while_typing == CONFIG_YES
					? LIBINPUT_CONFIG_DWT_ENABLED
					: LIBINPUT_CONFIG_DWT_DISABLED));
	}
	if (input->pointer_speed_set && libinput_device_config_accel_is_available(device)) {
		check(wlr_device, "pointer-speed",
			libinput_device_config_accel_set_speed(device, input->pointer_speed));
	}
}

static void forget(struct input_device *device) {
	wl_list_remove(&device->destroy.link);
	wl_list_remove(&device->link);
	free(device);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct input_device *device = wl_container_of(listener, device, destroy);
	forget(device);
}

void input_device_add(struct seat *seat, struct wlr_input_device *wlr_device) {
	struct input_device *device = calloc(1, sizeof(*device));
	if (device == NULL) {
		abort();
	}
	device->wlr_device = wlr_device;
	device->destroy.notify = handle_destroy;
	wl_signal_add(&wlr_device->events.destroy, &device->destroy);
	wl_list_insert(&seat->devices, &device->link);
	configure(&seat->server->config->input, wlr_device);
}

void input_device_reconfigure_all(struct seat *seat) {
	struct input_device *device;
	wl_list_for_each (device, &seat->devices, link) {
		configure(&seat->server->config->input, device->wlr_device);
	}
}

void input_device_finish(struct seat *seat) {
	struct input_device *device, *next;
	wl_list_for_each_safe (device, next, &seat->devices, link) {
		forget(device);
	}
}

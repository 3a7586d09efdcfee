#include "input_device.h"

#include <libinput.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/libinput.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_input_device.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_touch.h>

#include "config.h"
#include "keyboard.h"
#include "libinput_settings.h"
#include "output.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"

static struct libinput_device *handle_of(const struct input_device *device) {
	return wlr_input_device_is_libinput(device->wlr_device)
		? wlr_libinput_get_device_handle(device->wlr_device)
		: NULL;
}

static const char *type_of(const struct input_device *device) {
	struct libinput_device *handle = handle_of(device);
	switch (device->wlr_device->type) {
	case WLR_INPUT_DEVICE_KEYBOARD:
		return "keyboard";
	case WLR_INPUT_DEVICE_POINTER:
		// Only what one touches can be tapped on.
		return handle != NULL && libinput_device_config_tap_get_finger_count(handle) > 0
			? "touchpad"
			: "pointer";
	case WLR_INPUT_DEVICE_TOUCH:
		return "touch";
	case WLR_INPUT_DEVICE_TABLET:
		return "tablet-tool";
	case WLR_INPUT_DEVICE_TABLET_PAD:
		return "tablet-pad";
	case WLR_INPUT_DEVICE_SWITCH:
		break;
	}
	return "switch";
}

static const char *name_of(const struct input_device *device) {
	return device->wlr_device->name != NULL ? device->wlr_device->name : "";
}

void input_device_resolve(
	const struct input_device *device, struct device_value values[static DEVICE_SETTINGS]) {
	const struct device_name name = {
		.identifier = device->identifier,
		.name = name_of(device),
		.type = device->type,
	};
	device_rules_resolve(&device->seat->server->config->devices, &name, values);
}

// --- where it points ----------------------------------------------------------------------

static bool is_mapped(const struct input_device *device) {
	enum wlr_input_device_type type = device->wlr_device->type;
	return type == WLR_INPUT_DEVICE_POINTER || type == WLR_INPUT_DEVICE_TOUCH ||
		type == WLR_INPUT_DEVICE_TABLET;
}

// The screen of a laptop or tablet.
static struct output *builtin_output(struct server *server) {
	static const char *const connectors[] = {"eDP-", "LVDS-", "DSI-"};
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		for (size_t i = 0; i < sizeof(connectors) / sizeof(connectors[0]); i++) {
			const char *name = output->wlr_output->name;
			if (strncmp(name, connectors[i], strlen(connectors[i])) == 0) {
				return output;
			}
		}
	}
	return NULL;
}

// What the backend or udev knows, else for what one touches the screen that is built in.
static struct output *own_output(const struct input_device *device) {
	struct server *server = device->seat->server;
	const char *name = NULL;
	if (device->wlr_device->type == WLR_INPUT_DEVICE_POINTER) {
		name = wlr_pointer_from_input_device(device->wlr_device)->output_name;
	} else if (device->wlr_device->type == WLR_INPUT_DEVICE_TOUCH) {
		name = wlr_touch_from_input_device(device->wlr_device)->output_name;
	}
	if (name != NULL) {
		return output_find(server, name);
	}
	return device->wlr_device->type == WLR_INPUT_DEVICE_TOUCH ? builtin_output(server) : NULL;
}

static void map(const struct input_device *device, const struct device_value *values,
	const struct output *gone) {
	struct wlr_cursor *cursor = device->seat->pointer->cursor;
	const struct device_value *to = &values[DEVICE_MAP_TO_OUTPUT];
	const struct device_value *region = &values[DEVICE_MAP_TO_REGION];
	struct output *output = NULL;
	if (to->set && to->text != NULL && strcmp(to->text, "*") != 0) {
		output = output_find(device->seat->server, to->text);
	} else if (!to->set && !region->set) {
		output = own_output(device);
	}
	if (output == gone) {
		output = NULL;
	}
	wlr_cursor_map_input_to_output(
		cursor, device->wlr_device, output != NULL ? output->wlr_output : NULL);
	const struct wlr_box box = {
		.x = (int)region->numbers[0],
		.y = (int)region->numbers[1],
		.width = (int)region->numbers[2],
		.height = (int)region->numbers[3],
	};
	wlr_cursor_map_input_to_region(
		cursor, device->wlr_device, region->set && output == NULL ? &box : NULL);
}

// --- settings -----------------------------------------------------------------------------

static void configure(struct input_device *device) {
	struct device_value values[DEVICE_SETTINGS];
	input_device_resolve(device, values);
	struct libinput_device *handle = handle_of(device);
	if (handle != NULL) {
		libinput_settings_apply(handle, name_of(device), values);
	}
	const struct device_value *factor = &values[DEVICE_SCROLL_FACTOR];
	device->scroll_factor = factor->set ? factor->numbers[0] : 1;
	device->tool_mode = (enum device_tool_mode)values[DEVICE_TOOL_MODE].choice;
	if (is_mapped(device)) {
		map(device, values, NULL);
	}
}

static bool is_of_type(const struct input_device *device, enum device_setting setting) {
	enum wlr_input_device_type type = device->wlr_device->type;
	switch (setting) {
	case DEVICE_SCROLL_FACTOR:
		return type == WLR_INPUT_DEVICE_POINTER;
	case DEVICE_TOOL_MODE:
		return type == WLR_INPUT_DEVICE_TABLET;
	case DEVICE_MAP_TO_OUTPUT:
	case DEVICE_MAP_TO_REGION:
		return is_mapped(device);
	default:
		return setting <= DEVICE_NUM_LOCK && type == WLR_INPUT_DEVICE_KEYBOARD;
	}
}

bool input_device_get(const struct input_device *device, enum device_setting setting,
	struct device_value *value) {
	struct libinput_device *handle = handle_of(device);
	if (handle != NULL && libinput_settings_has(handle, setting)) {
		libinput_settings_get(handle, setting, value);
		return true;
	}
	struct device_value values[DEVICE_SETTINGS];
	input_device_resolve(device, values);
	*value = values[setting];
	return value->set && is_of_type(device, setting);
}

void input_device_reconfigure_all(struct seat *seat) {
	struct input_device *device;
	wl_list_for_each (device, &seat->devices, link) {
		configure(device);
		server_emit(seat->server, SERVER_INPUT, SERVER_CHANGED, device);
	}
}

void input_device_map_all(struct seat *seat, const struct output *gone) {
	struct input_device *device;
	wl_list_for_each (device, &seat->devices, link) {
		if (is_mapped(device)) {
			struct device_value values[DEVICE_SETTINGS];
			input_device_resolve(device, values);
			map(device, values, gone);
		}
	}
}

// --- coming and going ---------------------------------------------------------------------

static void forget(struct input_device *device) {
	device->wlr_device->data = NULL;
	wl_list_remove(&device->destroy.link);
	wl_list_remove(&device->link);
	free(device);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct input_device *device = wl_container_of(listener, device, destroy);
	server_emit(device->seat->server, SERVER_INPUT, SERVER_REMOVED, device);
	forget(device);
}

struct input_device *input_device_of(const struct wlr_input_device *wlr_device) {
	return wlr_device->data;
}

struct input_device *input_device_add(struct seat *seat, struct wlr_input_device *wlr_device) {
	struct input_device *device = calloc(1, sizeof(*device));
	if (device == NULL) {
		abort();
	}
	device->seat = seat;
	device->wlr_device = wlr_device;
	device->type = type_of(device);
	struct libinput_device *handle = handle_of(device);
	device_identifier_format(handle != NULL ? libinput_device_get_id_vendor(handle) : 0,
		handle != NULL ? libinput_device_get_id_product(handle) : 0, name_of(device),
		device->identifier, sizeof(device->identifier));
	wlr_device->data = device;
	device->destroy.notify = handle_destroy;
	wl_signal_add(&wlr_device->events.destroy, &device->destroy);
	wl_list_insert(seat->devices.prev, &device->link);
	configure(device);
	return device;
}

void input_device_finish(struct seat *seat) {
	struct input_device *device, *next;
	wl_list_for_each_safe (device, next, &seat->devices, link) {
		forget(device);
	}
}

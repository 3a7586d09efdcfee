// Devices and the seat as JSON.

#include <wlr/types/wlr_input_device.h>

#include "input_device.h"
#include "input_mode.h"
#include "ipc_state.h"
#include "keyboard_group.h"
#include "passthrough.h"
#include "seat.h"
#include "server.h"
#include "tile.h"

yyjson_mut_val *ipc_state_input(yyjson_mut_doc *doc, const struct input_device *device) {
	yyjson_mut_val *value = yyjson_mut_obj(doc);
	ipc_state_add_text(doc, value, "identifier", device->identifier);
	ipc_state_add_text(doc, value, "name", device->wlr_device->name);
	yyjson_mut_obj_add_str(doc, value, "type", device->type);
	yyjson_mut_val *settings = yyjson_mut_obj_add_obj(doc, value, "settings");
	for (size_t i = 0; i < DEVICE_SETTINGS; i++) {
		struct device_value now;
		if (input_device_get(device, (enum device_setting)i, &now)) {
			char text[256];
			device_setting_format((enum device_setting)i, &now, text, sizeof(text));
			ipc_state_add_text(
				doc, settings, device_setting_name((enum device_setting)i), text);
		}
	}
	return value;
}

yyjson_mut_val *ipc_state_inputs(yyjson_mut_doc *doc, struct server *server) {
	yyjson_mut_val *array = yyjson_mut_arr(doc);
	struct input_device *device;
	wl_list_for_each (device, &server->seat->devices, link) {
		yyjson_mut_arr_append(array, ipc_state_input(doc, device));
	}
	return array;
}

yyjson_mut_val *ipc_state_seat(yyjson_mut_doc *doc, const struct seat *seat) {
	yyjson_mut_val *value = yyjson_mut_obj(doc);
	const struct keyboard_group *group = keyboard_group_current(seat);
	yyjson_mut_val *layouts = yyjson_mut_obj_add_arr(doc, value, "layouts");
	const char *name;
	for (uint32_t i = 0; (name = keyboard_group_layout_name(group, i)) != NULL; i++) {
		yyjson_mut_arr_add_strcpy(doc, layouts, name);
	}
	yyjson_mut_obj_add_uint(doc, value, "layout", group->layout + 1);
	ipc_state_add_text(doc, value, "mode", input_mode_name(seat));
	const struct tile *tile = passthrough_tile(seat);
	if (tile != NULL) {
		yyjson_mut_val *passthrough = yyjson_mut_obj_add_obj(doc, value, "passthrough");
		yyjson_mut_obj_add_uint(doc, passthrough, "window", tile->id);
		yyjson_mut_obj_add_bool(doc, passthrough, "asked", seat->passthrough->asked);
	} else {
		yyjson_mut_obj_add_null(doc, value, "passthrough");
	}
	return value;
}

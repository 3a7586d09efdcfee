#ifndef INPUT_DEVICE_H
#define INPUT_DEVICE_H

#include <stdbool.h>
#include <wayland-server-core.h>

#include "device_settings.h"

struct output;
struct seat;
struct server;
struct wlr_input_device;

/** A device that is plugged in, of whatever type; the data of its wlr_input_device. */
struct input_device {
	struct seat *seat;
	struct wlr_input_device *wlr_device;
	const char *type; // as device_pattern_check() has them
	char identifier[256]; // VENDOR:PRODUCT:NAME
	double scroll_factor;
	enum device_tool_mode tool_mode;

	struct wl_listener destroy;
	struct wl_list link; // seat.devices
};

/** Follow a device and give it what is configured for it. */
struct input_device *input_device_add(struct seat *seat, struct wlr_input_device *wlr_device);

/** The one of a wlr_input_device, or NULL: a virtual one. */
struct input_device *input_device_of(const struct wlr_input_device *wlr_device);

/** What the configuration says of it. */
void input_device_resolve(
	const struct input_device *device, struct device_value values[static DEVICE_SETTINGS]);

/**
 * What a setting of the device is now, with value->text borrowed. False if it does not have it,
 * or, of the desk's own settings, nothing was said.
 */
bool input_device_get(
	const struct input_device *device, enum device_setting setting, struct device_value *value);

/** The configuration was read again, or a setting was changed. */
void input_device_reconfigure_all(struct seat *seat);

/** An output came, changed, or is about to go (gone, may be NULL): map the devices anew. */
void input_device_map_all(struct seat *seat, const struct output *gone);

/** Forget them all. */
void input_device_finish(struct seat *seat);

#endif

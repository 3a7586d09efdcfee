#ifndef LIBINPUT_SETTINGS_H
#define LIBINPUT_SETTINGS_H

#include <stdbool.h>

#include "device_settings.h"

struct libinput_device;

/**
 * The settings of enum device_setting that libinput knows, told to one of its devices. A device
 * has some of them only: a mouse cannot be tapped on.
 */

/** Whether the device has it. */
bool libinput_settings_has(struct libinput_device *device, enum device_setting setting);

/** What it is set to now; the value is not one that libinput_settings_has(). */
void libinput_settings_get(
	struct libinput_device *device, enum device_setting setting, struct device_value *value);

/**
 * Apply all values; those that are not set get the device's default. What libinput refuses is
 * logged with the device's name.
 */
void libinput_settings_apply(struct libinput_device *device, const char *name,
	const struct device_value values[static DEVICE_SETTINGS]);

#endif

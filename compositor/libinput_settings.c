#include "libinput_settings.h"

#include <libinput.h>
#include <string.h>

#include "log.h"

typedef enum libinput_config_status status;

// device_settings.c has libinput's numbers, without its header.
_Static_assert(LIBINPUT_CONFIG_TAP_ENABLED == 1, "");
_Static_assert(LIBINPUT_CONFIG_TAP_MAP_LMR == 1, "");
_Static_assert(LIBINPUT_CONFIG_DRAG_ENABLED == 1, "");
_Static_assert(LIBINPUT_CONFIG_DRAG_LOCK_ENABLED_TIMEOUT == 1, "");
_Static_assert(LIBINPUT_CONFIG_DRAG_LOCK_ENABLED_STICKY == 2, "");
_Static_assert(LIBINPUT_CONFIG_3FG_DRAG_ENABLED_3FG == 1, "");
_Static_assert(LIBINPUT_CONFIG_3FG_DRAG_ENABLED_4FG == 2, "");
_Static_assert(LIBINPUT_CONFIG_ACCEL_PROFILE_FLAT == 1, "");
_Static_assert(LIBINPUT_CONFIG_ACCEL_PROFILE_ADAPTIVE == 2, "");
_Static_assert(LIBINPUT_CONFIG_CLICK_METHOD_BUTTON_AREAS == 1, "");
_Static_assert(LIBINPUT_CONFIG_CLICK_METHOD_CLICKFINGER == 2, "");
_Static_assert(LIBINPUT_CONFIG_CLICKFINGER_MAP_LMR == 1, "");
_Static_assert(LIBINPUT_CONFIG_MIDDLE_EMULATION_ENABLED == 1, "");
_Static_assert(LIBINPUT_CONFIG_SCROLL_2FG == 1, "");
_Static_assert(LIBINPUT_CONFIG_SCROLL_EDGE == 2, "");
_Static_assert(LIBINPUT_CONFIG_SCROLL_ON_BUTTON_DOWN == 4, "");
_Static_assert(LIBINPUT_CONFIG_SCROLL_BUTTON_LOCK_ENABLED == 1, "");
_Static_assert(LIBINPUT_CONFIG_DWT_ENABLED == 1, "");
_Static_assert(LIBINPUT_CONFIG_DWTP_ENABLED == 1, "");
_Static_assert(LIBINPUT_CONFIG_SEND_EVENTS_DISABLED == 1, "");
_Static_assert(LIBINPUT_CONFIG_SEND_EVENTS_DISABLED_ON_EXTERNAL_MOUSE == 2, "");

// Four functions for each setting that is a number for libinput: is it there, set, get, default.
#define CHOICE(name, available, type, set, get, get_default)                                       \
	static bool name##_has(struct libinput_device *device) {                                   \
		return available;                                                                  \
	}                                                                                          \
	static status name##_set(struct libinput_device *device, const struct device_value *v) {   \
		return set(device, (type)v->choice);                                               \
	}                                                                                          \
	static void name##_get(                                                                    \
		struct libinput_device *device, struct device_value *value, bool by_default) {     \
		value->choice = (int)(by_default ? get_default(device) : get(device));             \
	}

#define NUMBER(name, available, type, set, get, get_default)                                       \
	static bool name##_has(struct libinput_device *device) {                                   \
		return available;                                                                  \
	}                                                                                          \
	static status name##_set(struct libinput_device *device, const struct device_value *v) {   \
		return set(device, (type)v->numbers[0]);                                           \
	}                                                                                          \
	static void name##_get(                                                                    \
		struct libinput_device *device, struct device_value *value, bool by_default) {     \
		value->numbers[0] = (double)(by_default ? get_default(device) : get(device));      \
	}

#define HAS_TAP (libinput_device_config_tap_get_finger_count(device) > 0)
#define HAS_SCROLL_BUTTON                                                                          \
	((libinput_device_config_scroll_get_methods(device) &                                      \
		 LIBINPUT_CONFIG_SCROLL_ON_BUTTON_DOWN) != 0)

CHOICE(send_events, libinput_device_config_send_events_get_modes(device) != 0, uint32_t,
	libinput_device_config_send_events_set_mode, libinput_device_config_send_events_get_mode,
	libinput_device_config_send_events_get_default_mode)
CHOICE(tap, HAS_TAP, enum libinput_config_tap_state, libinput_device_config_tap_set_enabled,
	libinput_device_config_tap_get_enabled, libinput_device_config_tap_get_default_enabled)
CHOICE(tap_map, HAS_TAP, enum libinput_config_tap_button_map,
	libinput_device_config_tap_set_button_map, libinput_device_config_tap_get_button_map,
	libinput_device_config_tap_get_default_button_map)
CHOICE(tap_drag, HAS_TAP, enum libinput_config_drag_state,
	libinput_device_config_tap_set_drag_enabled, libinput_device_config_tap_get_drag_enabled,
	libinput_device_config_tap_get_default_drag_enabled)
CHOICE(tap_drag_lock, HAS_TAP, enum libinput_config_drag_lock_state,
	libinput_device_config_tap_set_drag_lock_enabled,
	libinput_device_config_tap_get_drag_lock_enabled,
	libinput_device_config_tap_get_default_drag_lock_enabled)
CHOICE(finger_drag, libinput_device_config_3fg_drag_get_finger_count(device) >= 3,
	enum libinput_config_3fg_drag_state, libinput_device_config_3fg_drag_set_enabled,
	libinput_device_config_3fg_drag_get_enabled,
	libinput_device_config_3fg_drag_get_default_enabled)
NUMBER(speed, libinput_device_config_accel_is_available(device) != 0, double,
	libinput_device_config_accel_set_speed, libinput_device_config_accel_get_speed,
	libinput_device_config_accel_get_default_speed)
CHOICE(profile, libinput_device_config_accel_is_available(device) != 0,
	enum libinput_config_accel_profile, libinput_device_config_accel_set_profile,
	libinput_device_config_accel_get_profile, libinput_device_config_accel_get_default_profile)
CHOICE(natural_scroll, libinput_device_config_scroll_has_natural_scroll(device) != 0, int,
	libinput_device_config_scroll_set_natural_scroll_enabled,
	libinput_device_config_scroll_get_natural_scroll_enabled,
	libinput_device_config_scroll_get_default_natural_scroll_enabled)
CHOICE(scroll_method, libinput_device_config_scroll_get_methods(device) != 0,
	enum libinput_config_scroll_method, libinput_device_config_scroll_set_method,
	libinput_device_config_scroll_get_method, libinput_device_config_scroll_get_default_method)
CHOICE(scroll_button, HAS_SCROLL_BUTTON, uint32_t, libinput_device_config_scroll_set_button,
	libinput_device_config_scroll_get_button, libinput_device_config_scroll_get_default_button)
CHOICE(scroll_button_lock, HAS_SCROLL_BUTTON, enum libinput_config_scroll_button_lock_state,
	libinput_device_config_scroll_set_button_lock,
	libinput_device_config_scroll_get_button_lock,
	libinput_device_config_scroll_get_default_button_lock)
CHOICE(left_handed, libinput_device_config_left_handed_is_available(device) != 0, int,
	libinput_device_config_left_handed_set, libinput_device_config_left_handed_get,
	libinput_device_config_left_handed_get_default)
CHOICE(middle_emulation, libinput_device_config_middle_emulation_is_available(device) != 0,
	enum libinput_config_middle_emulation_state,
	libinput_device_config_middle_emulation_set_enabled,
	libinput_device_config_middle_emulation_get_enabled,
	libinput_device_config_middle_emulation_get_default_enabled)
CHOICE(click_method, libinput_device_config_click_get_methods(device) != 0,
	enum libinput_config_click_method, libinput_device_config_click_set_method,
	libinput_device_config_click_get_method, libinput_device_config_click_get_default_method)
CHOICE(clickfinger_map,
	(libinput_device_config_click_get_methods(device) &
		LIBINPUT_CONFIG_CLICK_METHOD_CLICKFINGER) != 0,
	enum libinput_config_clickfinger_button_map,
	libinput_device_config_click_set_clickfinger_button_map,
	libinput_device_config_click_get_clickfinger_button_map,
	libinput_device_config_click_get_default_clickfinger_button_map)
CHOICE(dwt, libinput_device_config_dwt_is_available(device) != 0, enum libinput_config_dwt_state,
	libinput_device_config_dwt_set_enabled, libinput_device_config_dwt_get_enabled,
	libinput_device_config_dwt_get_default_enabled)
CHOICE(dwtp, libinput_device_config_dwtp_is_available(device) != 0, enum libinput_config_dwtp_state,
	libinput_device_config_dwtp_set_enabled, libinput_device_config_dwtp_get_enabled,
	libinput_device_config_dwtp_get_default_enabled)
NUMBER(rotation, libinput_device_config_rotation_is_available(device) != 0, unsigned,
	libinput_device_config_rotation_set_angle, libinput_device_config_rotation_get_angle,
	libinput_device_config_rotation_get_default_angle)

static bool calibration_has(struct libinput_device *device) {
	return libinput_device_config_calibration_has_matrix(device) != 0;
}

static status calibration_set(struct libinput_device *device, const struct device_value *value) {
	float matrix[6];
	for (size_t i = 0; i < 6; i++) {
		matrix[i] = (float)value->numbers[i];
	}
	return libinput_device_config_calibration_set_matrix(device, matrix);
}

static void calibration_get(
	struct libinput_device *device, struct device_value *value, bool by_default) {
	float matrix[6] = {1, 0, 0, 0, 1, 0};
	if (by_default) {
		libinput_device_config_calibration_get_default_matrix(device, matrix);
	} else {
		libinput_device_config_calibration_get_matrix(device, matrix);
	}
	for (size_t i = 0; i < 6; i++) {
		value->numbers[i] = (double)matrix[i];
	}
}

static const struct row {
	bool (*has)(struct libinput_device *device); // NULL: not libinput's
	status (*set)(struct libinput_device *device, const struct device_value *value);
	void (*get)(struct libinput_device *device, struct device_value *value, bool by_default);
} rows[DEVICE_SETTINGS] = {
	[DEVICE_SEND_EVENTS] = {send_events_has, send_events_set, send_events_get},
	[DEVICE_TAP] = {tap_has, tap_set, tap_get},
	[DEVICE_TAP_BUTTON_MAP] = {tap_map_has, tap_map_set, tap_map_get},
	[DEVICE_TAP_DRAG] = {tap_drag_has, tap_drag_set, tap_drag_get},
	[DEVICE_TAP_DRAG_LOCK] = {tap_drag_lock_has, tap_drag_lock_set, tap_drag_lock_get},
	[DEVICE_DRAG_THREE_FINGERS] = {finger_drag_has, finger_drag_set, finger_drag_get},
	[DEVICE_POINTER_SPEED] = {speed_has, speed_set, speed_get},
	[DEVICE_POINTER_PROFILE] = {profile_has, profile_set, profile_get},
	[DEVICE_NATURAL_SCROLL] = {natural_scroll_has, natural_scroll_set, natural_scroll_get},
	[DEVICE_SCROLL_METHOD] = {scroll_method_has, scroll_method_set, scroll_method_get},
	[DEVICE_SCROLL_BUTTON] = {scroll_button_has, scroll_button_set, scroll_button_get},
	[DEVICE_SCROLL_BUTTON_LOCK] = {scroll_button_lock_has, scroll_button_lock_set,
		scroll_button_lock_get},
	[DEVICE_LEFT_HANDED] = {left_handed_has, left_handed_set, left_handed_get},
	[DEVICE_MIDDLE_EMULATION] = {middle_emulation_has, middle_emulation_set,
		middle_emulation_get},
	[DEVICE_CLICK_METHOD] = {click_method_has, click_method_set, click_method_get},
	[DEVICE_CLICKFINGER_MAP] = {clickfinger_map_has, clickfinger_map_set, clickfinger_map_get},
	[DEVICE_DISABLE_WHILE_TYPING] = {dwt_has, dwt_set, dwt_get},
	[DEVICE_DISABLE_WHILE_TRACKPOINTING] = {dwtp_has, dwtp_set, dwtp_get},
	[DEVICE_ROTATION] = {rotation_has, rotation_set, rotation_get},
	[DEVICE_CALIBRATION] = {calibration_has, calibration_set, calibration_get},
};

bool libinput_settings_has(struct libinput_device *device, enum device_setting setting) {
	return rows[setting].has != NULL && rows[setting].has(device);
}

void libinput_settings_get(
	struct libinput_device *device, enum device_setting setting, struct device_value *value) {
	*value = (struct device_value){.set = true};
	rows[setting].get(device, value, false);
}

void libinput_settings_apply(struct libinput_device *device, const char *name,
	const struct device_value values[static DEVICE_SETTINGS]) {
	for (size_t i = 0; i < DEVICE_SETTINGS; i++) {
		if (!libinput_settings_has(device, (enum device_setting)i)) {
			continue;
		}
		struct device_value wanted = values[i], now = {.set = true};
		if (!wanted.set) {
			// What was taken out of the configuration is undone.
			wanted = now;
			rows[i].get(device, &wanted, true);
		}
		rows[i].get(device, &now, false);
		if (wanted.choice == now.choice &&
			memcmp(wanted.numbers, now.numbers, sizeof(now.numbers)) == 0) {
			continue;
		}
		if (rows[i].set(device, &wanted) != LIBINPUT_CONFIG_STATUS_SUCCESS) {
			char text[128];
			device_setting_format((enum device_setting)i, &wanted, text, sizeof(text));
			log_error("%s: it cannot have %s %s", name,
				device_setting_name((enum device_setting)i), text);
		}
	}
}

#include "keyboard_group.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/wayland.h>
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/types/wlr_seat.h>
#include <xkbcommon/xkbcommon.h>

#include "alloc.h"
#include "config.h"
#include "indicator.h"
#include "input_device.h"
#include "keyboard.h"
#include "log.h"
#include "notice.h"
#include "seat.h"
#include "server.h"

struct keyboard_device {
	struct wlr_keyboard *wlr_keyboard;
	struct keyboard_group *group;
	uint8_t down[KEY_CNT / 8]; // a bit for each evdev code

	struct wl_listener key;
	struct wl_listener modifiers;
	struct wl_listener destroy;
	struct wl_list link; // keyboard_group.devices
};

// --- settings -----------------------------------------------------------------------------

static void settings_finish(struct keyboard_settings *settings) {
	free(settings->rules);
	free(settings->model);
	free(settings->layout);
	free(settings->variant);
	free(settings->options);
	*settings = (struct keyboard_settings){0};
}

static char *copy(const char *text) {
	return text != NULL ? alloc_string(text) : NULL;
}

static struct keyboard_settings settings_of_all(const struct config_input *input) {
	return (struct keyboard_settings){
		.rules = copy(input->rules),
		.model = copy(input->model),
		.layout = copy(input->layout),
		.variant = copy(input->variant),
		.options = copy(input->options),
		.repeat_rate = input->repeat_rate,
		.repeat_delay_ms = input->repeat_delay_ms,
		.num_lock = input->num_lock,
	};
}

static void take(char **text, const struct device_value *value) {
	if (value->set) {
		free(*text);
		*text = copy(value->text);
	}
}

static struct keyboard_settings settings_of_device(
	struct seat *seat, const struct wlr_keyboard *wlr_keyboard) {
	const struct config *config = seat->server->config;
	struct keyboard_settings settings = settings_of_all(&config->input);
	const struct input_device *device = input_device_of(&wlr_keyboard->base);
	if (device == NULL) {
		return settings;
	}
	const struct device_name name = {
		.identifier = device->identifier,
		.name = wlr_keyboard->base.name != NULL ? wlr_keyboard->base.name : "",
		.type = device->type,
	};
	struct device_value values[DEVICE_SETTINGS];
	device_rules_resolve_special(&config->devices, &name, values);
	if (values[DEVICE_LAYOUT].set) {
		// A variant belongs to its layout.
		free(settings.variant);
		settings.variant = NULL;
	}
	take(&settings.rules, &values[DEVICE_RULES]);
	take(&settings.model, &values[DEVICE_MODEL]);
	take(&settings.layout, &values[DEVICE_LAYOUT]);
	take(&settings.variant, &values[DEVICE_VARIANT]);
	take(&settings.options, &values[DEVICE_OPTIONS]);
	if (values[DEVICE_REPEAT_RATE].set) {
		settings.repeat_rate = (int)values[DEVICE_REPEAT_RATE].numbers[0];
	}
	if (values[DEVICE_REPEAT_DELAY].set) {
		settings.repeat_delay_ms = (int)values[DEVICE_REPEAT_DELAY].numbers[0];
	}
	if (values[DEVICE_NUM_LOCK].set) {
		settings.num_lock = values[DEVICE_NUM_LOCK].choice == 1;
	}
	return settings;
}

static bool same_text(const char *a, const char *b) {
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool settings_equal(const struct keyboard_settings *a, const struct keyboard_settings *b) {
	return same_text(a->rules, b->rules) && same_text(a->model, b->model) &&
		same_text(a->layout, b->layout) && same_text(a->variant, b->variant) &&
		same_text(a->options, b->options) && a->repeat_rate == b->repeat_rate &&
		a->repeat_delay_ms == b->repeat_delay_ms && a->num_lock == b->num_lock;
}

static struct xkb_keymap *compile_keymap(const struct keyboard_settings *settings) {
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	if (context == NULL) {
		return NULL;
	}
	struct xkb_rule_names names = {
		.rules = settings->rules,
		.model = settings->model,
		.layout = settings->layout,
		.variant = settings->variant,
		.options = settings->options,
	};
	struct xkb_keymap *keymap = xkb_keymap_new_from_names(
		context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
	xkb_context_unref(context);
	return keymap;
}

static void apply_keymap(struct keyboard_group *group) {
	const struct keyboard_settings *settings = &group->settings;
	struct server *server = group->seat->server;
	struct xkb_keymap *keymap = compile_keymap(settings);
	if (keymap == NULL) {
		char text[200];
		snprintf(text, sizeof(text), "the keyboard layout \"%.64s\" cannot be compiled",
			settings->layout != NULL ? settings->layout : "");
		notice_show(server, NOTICE_ERROR, text);
		const struct keyboard_settings none = {0};
		keymap = compile_keymap(&none);
	}
	struct wlr_keyboard *wlr_keyboard = &group->wlr_keyboard;
	if (keymap != NULL && !wlr_keyboard_keymaps_match(wlr_keyboard->keymap, keymap)) {
		wlr_keyboard_set_keymap(wlr_keyboard, keymap);
		group->layout = 0;
		xkb_mod_index_t num = xkb_keymap_mod_get_index(keymap, XKB_MOD_NAME_NUM);
		if (settings->num_lock && num != XKB_MOD_INVALID) {
			wlr_keyboard_notify_modifiers(wlr_keyboard, 0, 0, 1u << num, 0);
		}
		struct keyboard_device *device;
		wl_list_for_each (device, &group->devices, link) {
			if (device->wlr_keyboard->keymap != NULL) {
				wlr_keyboard_set_keymap(device->wlr_keyboard, keymap);
			}
		}
	}
	xkb_keymap_unref(keymap);
	wlr_keyboard_set_repeat_info(
		wlr_keyboard, settings->repeat_rate, settings->repeat_delay_ms);
}

// --- layouts ------------------------------------------------------------------------------

struct keyboard_group *keyboard_group_current(const struct seat *seat) {
	const struct wlr_keyboard *wlr_keyboard = wlr_seat_get_keyboard(seat->wlr_seat);
	struct keyboard_group *group;
	wl_list_for_each (group, &seat->groups, link) {
		if (&group->wlr_keyboard == wlr_keyboard) {
			return group;
		}
	}
	return seat->group;
}

uint32_t keyboard_group_layouts(const struct keyboard_group *group) {
	struct xkb_keymap *keymap = group->wlr_keyboard.keymap;
	return keymap != NULL ? xkb_keymap_num_layouts(keymap) : 0;
}

const char *keyboard_group_layout_name(const struct keyboard_group *group, uint32_t layout) {
	if (layout >= keyboard_group_layouts(group)) {
		return NULL;
	}
	const char *name = xkb_keymap_layout_get_name(group->wlr_keyboard.keymap, layout);
	return name != NULL ? name : "";
}

void keyboard_group_set_layout(struct keyboard_group *group, uint32_t layout) {
	const struct wlr_keyboard_modifiers *now = &group->wlr_keyboard.modifiers;
	wlr_keyboard_notify_modifiers(
		&group->wlr_keyboard, now->depressed, now->latched, now->locked, layout);
}

// By our command, or by a key that XKB has for it.
static void handle_group_modifiers(struct wl_listener *listener, void *data) {
	struct keyboard_group *group = wl_container_of(listener, group, modifiers);
	uint32_t layout = group->wlr_keyboard.modifiers.group;
	if (layout == group->layout) {
		return;
	}
	group->layout = layout;
	const char *name = keyboard_group_layout_name(group, layout);
	if (name != NULL) {
		indicator_flash(group->seat->server, name);
	}
	server_emit(group->seat->server, SERVER_SEAT, SERVER_CHANGED, group->seat);
}

// --- devices ------------------------------------------------------------------------------

static bool is_down(const struct keyboard_device *device, uint32_t key) {
	return (device->down[key / 8] & 1u << key % 8) != 0;
}

static bool is_down_elsewhere(const struct keyboard_device *device, uint32_t key) {
	const struct keyboard_device *other;
	wl_list_for_each (other, &device->group->devices, link) {
		if (other != device && is_down(other, key)) {
			return true;
		}
	}
	return false;
}

static void set_down(struct keyboard_device *device, uint32_t time_ms, uint32_t key, bool down) {
	if (key >= KEY_CNT || is_down(device, key) == down) {
		return;
	}
	device->down[key / 8] ^= (uint8_t)(1u << key % 8);
	if (!is_down_elsewhere(device, key)) {
		struct wlr_keyboard_key_event event = {
			.time_msec = time_ms,
			.keycode = key,
			.update_state = true,
			.state = down ? WL_KEYBOARD_KEY_STATE_PRESSED
				      : WL_KEYBOARD_KEY_STATE_RELEASED,
		};
		wlr_keyboard_notify_key(&device->group->wlr_keyboard, &event);
	}
}

static void release_all(struct keyboard_device *device) {
	for (uint32_t key = 0; key < KEY_CNT; key++) {
		set_down(device, (uint32_t)server_now_ms(), key, false);
	}
}

static void handle_device_key(struct wl_listener *listener, void *data) {
	struct keyboard_device *device = wl_container_of(listener, device, key);
	const struct wlr_keyboard_key_event *event = data;
	set_down(device, event->time_msec, event->keycode,
		event->state == WL_KEYBOARD_KEY_STATE_PRESSED);
}

// Inside another desk the locks are that one's: Caps Lock may have been pressed outside.
static void handle_device_modifiers(struct wl_listener *listener, void *data) {
	struct keyboard_device *device = wl_container_of(listener, device, modifiers);
	struct wlr_keyboard *wlr_keyboard = &device->group->wlr_keyboard;
	const struct wlr_keyboard_modifiers *now = &wlr_keyboard->modifiers;
	wlr_keyboard_notify_modifiers(wlr_keyboard, now->depressed, now->latched,
		device->wlr_keyboard->modifiers.locked, now->group);
}

static void device_destroy(struct keyboard_device *device) {
	release_all(device);
	wl_list_remove(&device->key.link);
	wl_list_remove(&device->modifiers.link);
	wl_list_remove(&device->destroy.link);
	wl_list_remove(&device->link);
	free(device);
}

static void handle_led_update(struct wlr_keyboard *wlr_keyboard, uint32_t leds) {
	struct keyboard_group *group = wl_container_of(wlr_keyboard, group, wlr_keyboard);
	struct keyboard_device *device;
	wl_list_for_each (device, &group->devices, link) {
		wlr_keyboard_led_update(device->wlr_keyboard, leds);
	}
}

static const struct wlr_keyboard_impl group_impl = {
	.name = "keyboard-group",
	.led_update = handle_led_update,
};

// Takes the settings.
static struct keyboard_group *group_create(struct seat *seat, struct keyboard_settings settings) {
	struct keyboard_group *group = alloc_zeroed(1, sizeof(*group));
	group->seat = seat;
	group->settings = settings;
	wl_list_init(&group->devices);
	wlr_keyboard_init(&group->wlr_keyboard, &group_impl, "keyboard-group");
	wl_list_insert(seat->groups.prev, &group->link);
	apply_keymap(group);
	group->keyboard = keyboard_create(seat, &group->wlr_keyboard, group);
	group->modifiers.notify = handle_group_modifiers;
	wl_signal_add(&group->wlr_keyboard.events.modifiers, &group->modifiers);
	return group;
}

static void group_destroy(struct keyboard_group *group) {
	struct keyboard_device *device, *next;
	wl_list_for_each_safe (device, next, &group->devices, link) {
		device_destroy(device);
	}
	wl_list_remove(&group->modifiers.link);
	wl_list_remove(&group->link);
	keyboard_destroy(group->keyboard);
	struct wlr_seat *wlr_seat = group->seat->wlr_seat;
	if (group != group->seat->group &&
		wlr_seat_get_keyboard(wlr_seat) == &group->wlr_keyboard) {
		wlr_seat_set_keyboard(wlr_seat, &group->seat->group->wlr_keyboard);
	}
	wlr_keyboard_finish(&group->wlr_keyboard);
	settings_finish(&group->settings);
	free(group);
}

static void group_collect(struct keyboard_group *group) {
	if (group != group->seat->group && wl_list_empty(&group->devices)) {
		group_destroy(group);
	}
}

// Takes the settings.
static struct keyboard_group *find_group(struct seat *seat, struct keyboard_settings settings) {
	struct keyboard_group *group;
	wl_list_for_each (group, &seat->groups, link) {
		if (settings_equal(&group->settings, &settings)) {
			settings_finish(&settings);
			return group;
		}
	}
	return group_create(seat, settings);
}

static void handle_device_destroy(struct wl_listener *listener, void *data) {
	struct keyboard_device *device = wl_container_of(listener, device, destroy);
	struct keyboard_group *group = device->group;
	device_destroy(device);
	group_collect(group);
}

void keyboard_group_add(struct seat *seat, struct wlr_keyboard *wlr_keyboard) {
	struct keyboard_device *device = alloc_zeroed(1, sizeof(*device));
	device->wlr_keyboard = wlr_keyboard;
	device->group = find_group(seat, settings_of_device(seat, wlr_keyboard));
	device->key.notify = handle_device_key;
	wl_signal_add(&wlr_keyboard->events.key, &device->key);
	wl_list_init(&device->modifiers.link);
	if (wlr_input_device_is_wl(&wlr_keyboard->base)) {
		wlr_keyboard_set_keymap(wlr_keyboard, device->group->wlr_keyboard.keymap);
		device->modifiers.notify = handle_device_modifiers;
		wl_signal_add(&wlr_keyboard->events.modifiers, &device->modifiers);
	}
	device->destroy.notify = handle_device_destroy;
	wl_signal_add(&wlr_keyboard->base.events.destroy, &device->destroy);
	wl_list_insert(device->group->devices.prev, &device->link);
	wlr_keyboard_led_update(wlr_keyboard, device->group->wlr_keyboard.leds);
}

// --- groups -------------------------------------------------------------------------------

static void place(struct keyboard_device *device) {
	struct keyboard_group *before = device->group;
	struct keyboard_group *group = find_group(
		before->seat, settings_of_device(before->seat, device->wlr_keyboard));
	if (group == before) {
		return;
	}
	release_all(device);
	wl_list_remove(&device->link);
	wl_list_insert(group->devices.prev, &device->link);
	device->group = group;
	if (device->wlr_keyboard->keymap != NULL) {
		wlr_keyboard_set_keymap(device->wlr_keyboard, group->wlr_keyboard.keymap);
	}
	wlr_keyboard_led_update(device->wlr_keyboard, group->wlr_keyboard.leds);
}

void keyboard_group_reconfigure_all(struct seat *seat) {
	// The first group changes with the settings for all; another one is a new group.
	settings_finish(&seat->group->settings);
	seat->group->settings = settings_of_all(&seat->server->config->input);
	apply_keymap(seat->group);
	struct keyboard_group *group, *next_group;
	wl_list_for_each_safe (group, next_group, &seat->groups, link) {
		struct keyboard_device *device, *next;
		wl_list_for_each_safe (device, next, &group->devices, link) {
			place(device);
		}
	}
	wl_list_for_each_safe (group, next_group, &seat->groups, link) {
		group_collect(group);
	}
	server_emit(seat->server, SERVER_SEAT, SERVER_CHANGED, seat);
}

void keyboard_group_init(struct seat *seat) {
	wl_list_init(&seat->groups);
	seat->group = group_create(seat, settings_of_all(&seat->server->config->input));
	wlr_seat_set_keyboard(seat->wlr_seat, &seat->group->wlr_keyboard);
}

void keyboard_group_finish(struct seat *seat) {
	struct keyboard_group *group, *next;
	wl_list_for_each_safe (group, next, &seat->groups, link) {
		if (group != seat->group) {
			group_destroy(group);
		}
	}
	group_destroy(seat->group);
	seat->group = NULL;
}

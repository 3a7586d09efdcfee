#ifndef KEYBOARD_GROUP_H
#define KEYBOARD_GROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_keyboard.h>

struct keyboard;
struct seat;

/** What makes a keyboard what it is: keyboards that have it all in common are one group. */
struct keyboard_settings {
	char *rules, *model, *layout, *variant, *options; // XKB; NULL is the default
	int repeat_rate; // a second; 0: none
	int repeat_delay_ms;
	bool num_lock; // on at the start
};

/**
 * The keyboards with the same settings, as if they were one: Shift on one of them counts for
 * the keys of the others, and a key is down while it is down on any. Only which keys are down
 * is taken from a device; modifiers, layout and lights are the group's.
 */
struct keyboard_group {
	struct seat *seat;
	struct wlr_keyboard wlr_keyboard; // all of them
	struct keyboard *keyboard;
	struct keyboard_settings settings;
	uint32_t layout; // that was last told, from 0
	struct wl_list devices; // keyboard_device.link
	struct wl_list link; // seat.groups

	struct wl_listener modifiers;
};

/**
 * Make the first group, seat.group, for the settings of all keyboards. It stays, so that
 * clients have a keymap before there is a keyboard.
 */
void keyboard_group_init(struct seat *seat);

/** Give up all groups; the devices are let go. */
void keyboard_group_finish(struct seat *seat);

/** Take a device into the group for its settings. Its input_device is there already. */
void keyboard_group_add(struct seat *seat, struct wlr_keyboard *wlr_keyboard);

/** The settings changed. What is held on a device that goes to another group is let go. */
void keyboard_group_reconfigure_all(struct seat *seat);

/** The group whose keyboard was used last. */
struct keyboard_group *keyboard_group_current(const struct seat *seat);

/** How many layouts it has, and the name of one, from 0; NULL past the last. */
uint32_t keyboard_group_layouts(const struct keyboard_group *group);
const char *keyboard_group_layout_name(const struct keyboard_group *group, uint32_t layout);

/** Switch to a layout, from 0. */
void keyboard_group_set_layout(struct keyboard_group *group, uint32_t layout);

#endif

/*
 * A virtio-input device: keyboard, tablet or mouse.
 *
 * Events are collected until virtio_input_frame(), which sends them as one group ended by
 * SYN_REPORT. A group is admitted whole or not at all. The guest's queue may be as short as four
 * entries, so delivery is partial and goes on when the guest returns buffers; meanwhile the
 * bounded backlog merges motion.
 *
 * virtio 1.3, 5.8 "Input Device".
 */
#ifndef INPUT_VIRTIO_INPUT_H
#define INPUT_VIRTIO_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "vhost_user.h"

/** An absolute axis goes from 0 to this, both included. */
#define VIRTIO_INPUT_ABS_MAX 32767

enum virtio_input_kind {
	VIRTIO_INPUT_KEYBOARD,
	VIRTIO_INPUT_TABLET, // absolute pointer with buttons and wheels
	VIRTIO_INPUT_MOUSE, // relative pointer with buttons and wheels
};

enum virtio_input_wheel_axis {
	VIRTIO_INPUT_WHEEL_VERTICAL,
	VIRTIO_INPUT_WHEEL_HORIZONTAL,
};

/** The guest switched a lamp of its keyboard. */
struct virtio_input_led_event {
	uint16_t led; // LED_NUML, LED_CAPSL, ...
	bool on;
};

struct virtio_input {
	struct vhost_user *vhost;
	enum virtio_input_kind kind;
	/** The guest's driver is up and takes events. */
	bool ready;
	uint32_t leds; // a bit per LED_ code

	struct {
		struct wl_signal ready; // data: struct virtio_input; when .ready changes
		struct wl_signal led; // data: struct virtio_input_led_event
	} events;

	struct virtio_input_private *private;
};

/**
 * A device that waits for QEMU on listen_fd, which belongs to it from here on. name and serial
 * are what the guest sees; they are copied, and cut at 127 bytes; serial may be NULL.
 *
 * Returns NULL when the socket cannot be used.
 */
struct virtio_input *virtio_input_create(struct wl_event_loop *loop, int listen_fd,
	enum virtio_input_kind kind, const char *name, const char *serial);

void virtio_input_destroy(struct virtio_input *input);

/**
 * A key or button, by its evdev code (KEY_*, BTN_*), which is also what wl_keyboard.key carries
 * and wl_pointer.button. Codes that the device does not have, presses of a key that is down and
 * releases of one that is up are ignored.
 */
void virtio_input_key(struct virtio_input *input, uint32_t code, bool pressed);

/** Tablet: the pointer's place, 0 .. VIRTIO_INPUT_ABS_MAX each; clamped. */
void virtio_input_position(struct virtio_input *input, uint32_t x, uint32_t y);

/** Mouse: motion in the host's unaccelerated units; fractions add up. */
void virtio_input_motion(struct virtio_input *input, double dx, double dy);

/**
 * A wheel turned by value120 / 120 detents, positive down or right, as in
 * wl_pointer.axis_value120. The guest gets the high-resolution event, and the low-resolution one
 * for every whole detent.
 */
void virtio_input_wheel(
	struct virtio_input *input, enum virtio_input_wheel_axis axis, int32_t value120);

/** End of the group: send it. Nothing is sent when nothing was collected. */
void virtio_input_frame(struct virtio_input *input);

/** Release everything that is down in the guest; for when the window loses the focus. */
void virtio_input_release_all(struct virtio_input *input);

#endif

/*
 * From wl_seat to the guest's input devices.
 */
#ifndef WINDOW_INPUT_H
#define WINDOW_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "virtio_input.h"

struct wl_seat;
struct window;
struct window_client;
struct window_input;

struct window_input_devices {
	struct virtio_input *keyboard, *tablet, *mouse; // each may be NULL
};

enum window_pointer_mode {
	WINDOW_POINTER_ABSOLUTE, // the tablet follows the host's pointer
	WINDOW_POINTER_RELATIVE, // the pointer is locked, the mouse gets its motion
};

/** Returns NULL out of memory. */
struct window_input *window_input_create(struct window_client *client);
void window_input_destroy(struct window_input *input); // may be NULL

/** The connection offers a seat, which belongs to the input from here on; one is used. */
void window_input_add_seat(struct window_input *input, struct wl_seat *seat);

/** The connection ends: drop what came from it, and release what is down in the guest. */
void window_input_disconnect(struct window_input *input);

/** The window goes from its connection: the pointer is not in it any more. */
void window_input_forget(struct window_input *input, const struct window *window);

/** The user's word; a mode for which the guest runs no device is ignored. */
void window_input_set_pointer_mode(struct window_input *input, enum window_pointer_mode mode);

/** Show the window's cursor anew, after the guest's has changed. */
void window_input_update_cursor(struct window_input *input, struct window *window);

#endif

/*
 * What a virtio-input device says about itself: its configuration space.
 *
 * virtio 1.3, 5.8.4 "Device configuration layout".
 */
#ifndef INPUT_INPUT_CONFIG_H
#define INPUT_INPUT_CONFIG_H

#include <linux/virtio_input.h>
#include <stdbool.h>
#include <stdint.h>

#include "virtio_input.h"

#define INPUT_CONFIG_STRING_BYTES 128

struct input_config {
	enum virtio_input_kind kind;
	char name[INPUT_CONFIG_STRING_BYTES]; // ends with NUL
	char serial[INPUT_CONFIG_STRING_BYTES];
	uint8_t select; // written by the guest: may be anything
	uint8_t subsel;
};

/** Whether a device of this kind has the key or button. */
bool input_config_has_key(enum virtio_input_kind kind, uint32_t code);

/** What the guest reads now; size is 0 for a selection that names nothing. */
void input_config_fill(const struct input_config *config, struct virtio_input_config *out);

/** The guest wrote size bytes at offset. Only select and subsel can be written. */
void input_config_write(
	struct input_config *config, uint32_t offset, const uint8_t *bytes, uint32_t size);

#endif

/**
 * A virtio-input device: keyboard, tablet, mouse.
 *
 * virtio 1.3, 5.8 Input Device.
 */
#ifndef GK_VIRTIO_INPUT_H
#define GK_VIRTIO_INPUT_H

#include "core/pointer.h"
#include "virtio/device.h"

#define INPUT_EVENTS VIRTQUEUE_SIZE_MAX

/** 5.8.6: as it lies in memory. Types and codes are evdev's. */
struct virtio_input_event {
	uint16_t type;
	uint16_t code;
	int32_t value;
};

enum input_kind {
	INPUT_KEYBOARD,
	INPUT_TABLET,
	INPUT_MOUSE,
};

struct input {
	struct virtio_device device;
	struct virtqueue event_queue;
	struct virtqueue status_queue;
	struct virtio_input_event *events; // INPUT_EVENTS, those that the device may write
	bool offered; // buffers were added that the device was not told of
	char name[64];
	enum input_kind kind;
	struct pointer_range ranges[2]; // of a tablet
};

/** Returns NULL if the device cannot be used. It lives for ever. */
struct input *input_create(struct heap *heap, const struct pci_function *function);

/** To be called when any interrupt line was raised, before input_take(). */
void input_dispatch(struct input *input, uint64_t lines);

/** Take the next event. Returns false if there is none; the device then has its buffers back. */
bool input_take(struct input *input, struct virtio_input_event *event);

#endif

/*
 * A virtio-input driver of the fake guest, over fake_device's queues 0 (events) and 1 (status).
 *
 * virtio 1.3, 5.8 "Input Device".
 */
#ifndef FAKE_INPUT_H
#define FAKE_INPUT_H

#include <linux/virtio_input.h>

#include "fake_guest.h"

#define FAKE_INPUT_EVENTS 0
#define FAKE_INPUT_STATUS 1

/** Negotiate, start both queues, and give the device size buffers (QEMU's queues: 4). */
bool fake_input_start(struct fake_device *device, uint64_t features, uint16_t size);

/** Start the queues of a device that is negotiated, with size buffers. */
bool fake_input_start_queues(struct fake_device *device, uint16_t size);

/** Wait for the next event. The buffer it came in is kept; see fake_input_refill(). */
bool fake_input_take(struct fake_device *device, struct virtio_input_event *event);

/** Give every buffer that was kept back to the device, and kick. */
void fake_input_refill(struct fake_device *device);

/** Take, then refill. */
bool fake_input_next(struct fake_device *device, struct virtio_input_event *event);

/** Whether an event waits; returns at once. */
bool fake_input_pending(const struct fake_device *device);

/** Send an event on the status queue, such as EV_LED, and wait until the device took it. */
bool fake_input_status(struct fake_device *device, uint16_t type, uint16_t code, uint32_t value);

/** Select and read the configuration space. */
bool fake_input_config(struct fake_device *device, uint8_t select, uint8_t subsel,
	struct virtio_input_config *config);

#endif

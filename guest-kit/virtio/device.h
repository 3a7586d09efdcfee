/**
 * A virtio device on PCI, modern interface only.
 *
 * virtio 1.3, 3.1 Device Initialization; 4.1 Virtio Over PCI Bus.
 */
#ifndef GK_VIRTIO_DEVICE_H
#define GK_VIRTIO_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "virtio/pci.h"
#include "virtio/virtqueue.h"

#define VIRTIO_ID_GPU 16
#define VIRTIO_ID_INPUT 18

#define VIRTIO_QUEUES_MAX 2

struct virtio_device {
	struct pci_function pci;
	volatile struct virtio_common_config *common;
	volatile uint8_t *config; // of the device type
	uint32_t config_bytes;
	volatile uint8_t *isr;
	volatile uint8_t *notify;
	uint32_t notify_bytes;
	uint32_t notify_multiplier;
	volatile uint16_t *doorbells[VIRTIO_QUEUES_MAX];
	uint64_t lines; // of the interrupts it raises, one bit each
	uint64_t config_lines; // of those, the ones of a changed configuration
	int vector_count; // 0: it has no MSI-X and uses pic_input
	int pic_input;
};

/** Returns the type of a virtio device, or 0 if the function is none with the modern interface. */
int virtio_device_id(const struct pci_function *function);

/**
 * Find the device's structures, reset it and say that we know how to drive it.
 *
 * Returns false if a structure is missing or unreachable.
 */
bool virtio_open(struct virtio_device *device, const struct pci_function *function);

/**
 * Agree on features: those in wanted that are offered, and VIRTIO_F_VERSION_1.
 *
 * Returns the wanted ones that were agreed on, or UINT64_MAX if the device refuses.
 */
uint64_t virtio_negotiate(struct virtio_device *device, uint64_t wanted);

/** Make queue number index. Returns false if the device has no such queue, or without memory. */
bool virtio_setup_queue(
	struct virtio_device *device, uint16_t index, struct virtqueue *queue, struct heap *heap);

/** Let the device run. */
void virtio_start(struct virtio_device *device);

/** Give up the device: it is reset and marked as failed. */
void virtio_fail(struct virtio_device *device);

/** Tell the device of what was added to a queue, if it wants to know. */
void virtio_notify(struct virtio_device *device, uint16_t index, const struct virtqueue *queue);

/**
 * To be called when lines of the device were raised, before its queues are looked at.
 *
 * Returns whether its configuration may have changed.
 */
bool virtio_acknowledge(struct virtio_device *device, uint64_t lines);

#endif

/**
 * A split virtqueue, seen from the driver.
 *
 * virtio 1.3, 2.7 Split Virtqueues.
 */
#ifndef GK_VIRTIO_VIRTQUEUE_H
#define GK_VIRTIO_VIRTQUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/heap.h"

#define VIRTQUEUE_SIZE_MAX 64

struct virtqueue_descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};

struct virtqueue_used_element {
	uint32_t id;
	uint32_t length;
};

struct virtqueue {
	uint16_t size; // a power of two
	uint16_t free_head;
	uint16_t free_count;
	uint16_t available_index;
	uint16_t used_index;
	volatile struct virtqueue_descriptor *descriptors;
	volatile uint16_t *available; // flags, index, ring
	volatile uint16_t *used; // flags, index
	volatile struct virtqueue_used_element *used_ring;
	void *tokens[VIRTQUEUE_SIZE_MAX];
};

struct virtqueue_buffer {
	void *data;
	uint32_t size_bytes;
};

/** Make a queue of up to size entries. Returns false without memory. Queues live for ever. */
bool virtqueue_init(struct virtqueue *queue, struct heap *heap, uint16_t size);

/**
 * Offer the device a chain of buffers, first those it reads, then those it writes.
 *
 * token, not NULL, comes back from virtqueue_take(). Returns false if too few descriptors are
 * free. The buffers belong to the device until then.
 */
bool virtqueue_add(struct virtqueue *queue, const struct virtqueue_buffer *buffers, int readable,
	int writable, void *token);

/** Returns whether the device wants to be notified of what was added. */
bool virtqueue_wants_notification(const struct virtqueue *queue);

/** Returns the token of a chain that the device has used, and what it wrote. NULL if none. */
void *virtqueue_take(struct virtqueue *queue, uint32_t *written_bytes);

#endif

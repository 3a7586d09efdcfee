/*
 * One split virtqueue, seen from the device.
 *
 * virtio 1.3, 2.7 "Split Virtqueues", with indirect descriptors, event index and queue reset.
 *
 * Everything in the ring is written by a hostile guest. A mistake that leaves nobody to answer
 * (an index, an address, a loop) breaks the queue: it stops until the driver starts it anew.
 */
#ifndef VHOST_VIRTQUEUE_H
#define VHOST_VIRTQUEUE_H

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <wayland-server-core.h>

#include "memory.h"

#define VIRTQUEUE_MAX_SIZE 1024
#define VIRTQUEUE_MAX_DESCRIPTORS 1024 // of one chain

/**
 * What a successor process needs to go on with a queue. Plain numbers only.
 */
struct virtqueue_state {
	uint32_t size; // number of descriptors, 0: not set
	uint16_t last_available; // index of the next available entry to be taken
	bool has_address;
	bool enabled;
	uint64_t descriptor_address; // of QEMU's own, as are the next two
	uint64_t available_address;
	uint64_t used_address;
};

/** Names a chain that was taken and not given back. May be kept and copied freely. */
struct virtqueue_token {
	uint32_t epoch;
	uint16_t head;
};

/**
 * A chain of descriptors, checked, and mapped.
 *
 * The buffers are good until the next virtqueue_pop() of this queue, and not after the event
 * handler that took the chain has returned. A device that answers later writes its response at
 * once and keeps only the token: the driver looks at nothing before virtqueue_push().
 */
struct virtqueue_chain {
	const struct iovec *readable; // by the device
	size_t readable_count;
	size_t readable_bytes;
	const struct iovec *writable; // by the device
	size_t writable_count;
	size_t writable_bytes;
	/** A readable descriptor came after a writable one: to be answered with an error. */
	bool malformed;
	struct virtqueue_token token;
};

struct virtqueue {
	struct virtqueue_state *state; // not owned
	struct memory *memory; // not owned
	int call_fd; // not owned; -1: nobody wants to be notified

	bool running;
	const char *broken; // the reason, a static string; NULL while all is well
	bool event_index; // VIRTIO_RING_F_EVENT_IDX was negotiated
	bool indirect; // VIRTIO_RING_F_INDIRECT_DESC was negotiated

	struct {
		struct wl_signal broken; // data: struct virtqueue
	} events;

	// Private
	struct vring_desc *descriptors;
	struct vring_avail *available;
	struct vring_used *used;
	uint16_t used_index;
	uint16_t signalled_index; // used_index when the driver was last notified
	bool signalled_valid;
	bool dirty; // pushed since the last virtqueue_notify()
	uint32_t epoch; // counts starts: a token of an earlier one is void
	unsigned in_flight;
	uint8_t taken[VIRTQUEUE_MAX_SIZE / 8]; // a bit per head
	int64_t deadline_ns; // CLOCK_MONOTONIC; 0: no budget
	unsigned popped; // in this turn of the loop
	bool exhausted; // the budget ended before the queue did
	struct iovec *buffers; // VIRTQUEUE_MAX_DESCRIPTORS, readable first
};

/** state must outlive the queue. */
void virtqueue_init(struct virtqueue *queue, struct virtqueue_state *state, struct memory *memory);
void virtqueue_finish(struct virtqueue *queue);

/**
 * Start at state->last_available, with the used index that stands in the ring.
 *
 * Returns false, and breaks the queue, when the size or an address is not acceptable.
 */
bool virtqueue_start(struct virtqueue *queue, uint64_t features);

/** Tokens of the queue become void. Safe on a stopped queue. */
void virtqueue_stop(struct virtqueue *queue);

/** Find the rings again in a new memory table; breaks the queue if they are not there. */
void virtqueue_remap(struct virtqueue *queue);

/**
 * Take the next chain.
 *
 * Returns false when there is none, when the queue is stopped or broken, and when this turn's
 * budget is spent; in the last case the vhost-user device signals the queue again by itself in
 * the next turn.
 */
bool virtqueue_pop(struct virtqueue *queue, struct virtqueue_chain *chain);

/** Give the chain taken last back to the ring, as if it had not been taken. */
void virtqueue_unpop(struct virtqueue *queue, struct virtqueue_token token);

/**
 * Return a chain to the driver, with written_bytes written into its buffers, in any order.
 *
 * A void token is ignored. virtqueue_notify() has to follow; after the kick signal it is called
 * by the vhost-user device.
 */
void virtqueue_push(struct virtqueue *queue, struct virtqueue_token token, uint32_t written_bytes);

/** Notify the driver of what was pushed, if it asked for that. */
void virtqueue_notify(struct virtqueue *queue);

/** Stop looking at the queue until it is started anew. reason must be a static string. */
void virtqueue_break(struct virtqueue *queue, const char *reason);

/** Let pops in this turn end at deadline_ns of CLOCK_MONOTONIC; 0: no limit. */
void virtqueue_set_deadline(struct virtqueue *queue, int64_t deadline_ns);

#endif

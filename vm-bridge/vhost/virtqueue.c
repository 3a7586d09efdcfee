/*
 * Theory of operation.
 *
 * The driver publishes a chain by storing avail->idx after the ring entry, the device by storing
 * used->idx after the used entry: hence the acquire load and the release store. Each side tells
 * the other from where on it wants to be notified, and then must look once more, with a full
 * fence between the store and the look, or both could wait for each other.
 *
 * avail_event is written only when the queue was found empty. Until then it lags behind, which
 * the driver reads as "do not kick": a device that does not wait for buffers is not woken.
 *
 * A descriptor is copied once and judged by the copy. Bit taken[head] is set from pop to push,
 * so that a driver which offers a head twice cannot make more than size chains pend.
 */
#include "virtqueue.h"

#include <endian.h>
#include <errno.h>
#include <linux/virtio_config.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define AVAILABLE_BYTES(size) (sizeof(uint16_t) * (3 + (uint64_t)(size)))
#define USED_BYTES(size) (sizeof(uint16_t) * 3 + sizeof(struct vring_used_elem) * (uint64_t)(size))

void virtqueue_init(struct virtqueue *queue, struct virtqueue_state *state, struct memory *memory) {
	memset(queue, 0, sizeof(*queue));
	queue->state = state;
	queue->memory = memory;
	queue->call_fd = -1;
	wl_signal_init(&queue->events.broken);
	queue->buffers = calloc(2 * VIRTQUEUE_MAX_DESCRIPTORS, sizeof(*queue->buffers));
	if (queue->buffers == NULL) {
		abort();
	}
}

void virtqueue_finish(struct virtqueue *queue) {
	virtqueue_stop(queue);
	free(queue->buffers);
	queue->buffers = NULL;
}

void virtqueue_break(struct virtqueue *queue, const char *reason) {
	if (queue->broken != NULL) {
		return;
	}
	queue->broken = reason;
	wl_signal_emit_mutable(&queue->events.broken, queue);
}

// --- Start and stop -----------------------------------------------------------------------

static bool map_rings(struct virtqueue *queue) {
	const struct virtqueue_state *state = queue->state;
	queue->descriptors = memory_at_user(queue->memory, state->descriptor_address,
		sizeof(struct vring_desc) * (uint64_t)state->size);
	queue->available = memory_at_user(
		queue->memory, state->available_address, AVAILABLE_BYTES(state->size));
	queue->used = memory_at_user(queue->memory, state->used_address, USED_BYTES(state->size));
	if (queue->descriptors == NULL || queue->available == NULL || queue->used == NULL) {
		virtqueue_break(queue, "a ring lies outside guest memory");
		return false;
	}
	if ((uintptr_t)queue->descriptors % VRING_DESC_ALIGN_SIZE != 0 ||
		(uintptr_t)queue->available % VRING_AVAIL_ALIGN_SIZE != 0 ||
		(uintptr_t)queue->used % VRING_USED_ALIGN_SIZE != 0) {
		virtqueue_break(queue, "a ring is not aligned");
		return false;
	}
	return true;
}

bool virtqueue_start(struct virtqueue *queue, uint64_t features) {
	uint32_t size = queue->state->size;
	virtqueue_stop(queue);
	queue->broken = NULL;
	queue->event_index = (features & (UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX)) != 0;
	queue->indirect = (features & (UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC)) != 0;
	if (size == 0 || size > VIRTQUEUE_MAX_SIZE || (size & (size - 1)) != 0) {
		virtqueue_break(queue, "the queue's size is not a power of two up to 1024");
		return false;
	}
	if (!map_rings(queue)) {
		return false;
	}
	queue->used_index = le16toh(__atomic_load_n(&queue->used->idx, __ATOMIC_RELAXED));
	queue->signalled_valid = false;
	queue->dirty = false;
	queue->running = true;
	return true;
}

void virtqueue_stop(struct virtqueue *queue) {
	queue->running = false;
	queue->epoch++;
	queue->in_flight = 0;
	memset(queue->taken, 0, sizeof(queue->taken));
}

void virtqueue_remap(struct virtqueue *queue) {
	if (queue->running && queue->broken == NULL) {
		map_rings(queue);
	}
}

// --- Chains -------------------------------------------------------------------------------

static bool is_taken(const struct virtqueue *queue, uint16_t head) {
	return (queue->taken[head / 8] & (1u << (head % 8))) != 0;
}

static void set_taken(struct virtqueue *queue, uint16_t head, bool taken) {
	if (taken) {
		queue->taken[head / 8] |= (uint8_t)(1u << (head % 8));
		queue->in_flight++;
	} else {
		queue->taken[head / 8] &= (uint8_t)~(1u << (head % 8));
		queue->in_flight--;
	}
}

static struct vring_desc read_descriptor(const uint8_t *table, uint32_t index) {
	struct vring_desc raw;
	memcpy(&raw, table + (size_t)index * sizeof(raw), sizeof(raw));
	__asm__ volatile("" ::: "memory"); // the guest may be rewriting it: no second look
	return (struct vring_desc){
		.addr = le64toh(raw.addr),
		.len = le32toh(raw.len),
		.flags = le16toh(raw.flags),
		.next = le16toh(raw.next),
	};
}

// One table of descriptors on the way through a chain.
struct walk {
	const uint8_t *table;
	uint32_t size;
	uint32_t index;
	uint32_t steps;
	bool indirect;
};

static const char *enter_indirect(
	struct virtqueue *queue, struct walk *walk, const struct vring_desc *desc) {
	if (!queue->indirect) {
		return "indirect descriptor without VIRTIO_RING_F_INDIRECT_DESC";
	}
	if (walk->indirect || (desc->flags & VRING_DESC_F_NEXT) != 0) {
		return "indirect descriptor inside a table, or with a next one";
	}
	uint32_t entries = desc->len / sizeof(struct vring_desc);
	if (desc->len % sizeof(struct vring_desc) != 0 || entries == 0 ||
		entries > VIRTQUEUE_MAX_DESCRIPTORS) {
		return "indirect table of a wrong length";
	}
	const uint8_t *table = memory_at(queue->memory, desc->addr, desc->len);
	if (table == NULL) {
		return "indirect table outside guest memory";
	}
	*walk = (struct walk){.table = table, .size = entries, .indirect = true};
	return NULL;
}

static const char *add_buffer(
	struct virtqueue *queue, struct virtqueue_chain *chain, const struct vring_desc *desc) {
	bool writable = (desc->flags & VRING_DESC_F_WRITE) != 0;
	if (!writable && chain->writable_count > 0) {
		chain->malformed = true;
	}
	if (desc->len == 0) {
		return NULL;
	}
	void *base = memory_at(queue->memory, desc->addr, desc->len);
	if (base == NULL) {
		return "descriptor outside guest memory";
	}
	if (chain->readable_count + chain->writable_count == VIRTQUEUE_MAX_DESCRIPTORS) {
		return "chain of too many descriptors";
	}
	struct iovec buffer = {.iov_base = base, .iov_len = desc->len};
	if (writable) {
		queue->buffers[VIRTQUEUE_MAX_DESCRIPTORS + chain->writable_count++] = buffer;
		chain->writable_bytes += desc->len;
	} else {
		queue->buffers[chain->readable_count++] = buffer;
		chain->readable_bytes += desc->len;
	}
	return NULL;
}

static const char *walk_chain(
	struct virtqueue *queue, struct virtqueue_chain *chain, uint16_t head) {
	struct walk walk = {
		.table = (const uint8_t *)queue->descriptors,
		.size = queue->state->size,
		.index = head,
	};
	for (;;) {
		if (walk.steps++ == walk.size) {
			return "descriptors form a loop";
		}
		struct vring_desc desc = read_descriptor(walk.table, walk.index);
		const char *reason;
		if ((desc.flags & VRING_DESC_F_INDIRECT) != 0) {
			reason = enter_indirect(queue, &walk, &desc);
			if (reason != NULL) {
				return reason;
			}
			continue;
		}
		reason = add_buffer(queue, chain, &desc);
		if (reason != NULL || (desc.flags & VRING_DESC_F_NEXT) == 0) {
			return reason;
		}
		if (desc.next >= walk.size) {
			return "descriptor's next one is outside its table";
		}
		walk.index = desc.next;
	}
}

// --- Taking -------------------------------------------------------------------------------

static uint16_t available_index(struct virtqueue *queue) {
	return le16toh(__atomic_load_n(&queue->available->idx, __ATOMIC_ACQUIRE));
}

static void want_kicks(struct virtqueue *queue, bool want) {
	if (queue->event_index) {
		if (want) {
			uint16_t *event = (uint16_t *)&queue->used->ring[queue->state->size];
			__atomic_store_n(
				event, htole16(queue->state->last_available), __ATOMIC_RELAXED);
		}
		return;
	}
	uint16_t flags = htole16(want ? 0 : VRING_USED_F_NO_NOTIFY);
	if (__atomic_load_n(&queue->used->flags, __ATOMIC_RELAXED) != flags) {
		__atomic_store_n(&queue->used->flags, flags, __ATOMIC_RELAXED);
	}
}

// How many chains wait. 0 also when the queue had to be broken.
static uint16_t pending(struct virtqueue *queue) {
	uint16_t count = (uint16_t)(available_index(queue) - queue->state->last_available);
	if (count == 0) {
		want_kicks(queue, true);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		count = (uint16_t)(available_index(queue) - queue->state->last_available);
	}
	if (count > queue->state->size) {
		virtqueue_break(queue, "the available index jumped");
		return 0;
	}
	return count;
}

static bool budget_is_spent(struct virtqueue *queue) {
	if (queue->deadline_ns == 0 || queue->popped++ == 0) {
		return false;
	}
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec >= queue->deadline_ns;
}

void virtqueue_set_deadline(struct virtqueue *queue, int64_t deadline_ns) {
	queue->deadline_ns = deadline_ns;
	queue->popped = 0;
	queue->exhausted = false;
}

bool virtqueue_pop(struct virtqueue *queue, struct virtqueue_chain *chain) {
	if (!queue->running || queue->broken != NULL) {
		return false;
	}
	if (budget_is_spent(queue)) {
		queue->exhausted = true;
		return false;
	}
	if (pending(queue) == 0) {
		return false;
	}
	want_kicks(queue, false);
	uint16_t slot = queue->state->last_available & (uint16_t)(queue->state->size - 1);
	uint16_t head = le16toh(__atomic_load_n(&queue->available->ring[slot], __ATOMIC_RELAXED));
	if (head >= queue->state->size) {
		virtqueue_break(queue, "the head of a chain is outside the table");
		return false;
	}
	if (is_taken(queue, head)) {
		virtqueue_break(queue, "a chain was offered while the device had it");
		return false;
	}

	memset(chain, 0, sizeof(*chain));
	const char *reason = walk_chain(queue, chain, head);
	if (reason != NULL) {
		virtqueue_break(queue, reason);
		return false;
	}
	set_taken(queue, head, true);
	queue->state->last_available++;
	chain->readable = queue->buffers;
	chain->writable = queue->buffers + VIRTQUEUE_MAX_DESCRIPTORS;
	chain->token = (struct virtqueue_token){.epoch = queue->epoch, .head = head};
	return true;
}

static bool token_is_valid(const struct virtqueue *queue, struct virtqueue_token token) {
	return queue->running && queue->broken == NULL && token.epoch == queue->epoch &&
		token.head < queue->state->size && is_taken(queue, token.head);
}

void virtqueue_unpop(struct virtqueue *queue, struct virtqueue_token token) {
	if (token_is_valid(queue, token)) {
		set_taken(queue, token.head, false);
		queue->state->last_available--;
	}
}

// --- Giving back --------------------------------------------------------------------------

void virtqueue_push(struct virtqueue *queue, struct virtqueue_token token, uint32_t written_bytes) {
	if (!token_is_valid(queue, token)) {
		return;
	}
	set_taken(queue, token.head, false);
	struct vring_used_elem
		*element = &queue->used->ring[queue->used_index & (queue->state->size - 1)];
	__atomic_store_n(&element->id, htole32(token.head), __ATOMIC_RELAXED);
	__atomic_store_n(&element->len, htole32(written_bytes), __ATOMIC_RELAXED);
	queue->used_index++;
	__atomic_store_n(&queue->used->idx, htole16(queue->used_index), __ATOMIC_RELEASE);
	queue->dirty = true;
}

// virtio 1.3, 2.7.10 "Available Buffer Notification Suppression" and 2.7.7.
static bool driver_wants_notification(struct virtqueue *queue) {
	const uint16_t *word = queue->event_index ? &queue->available->ring[queue->state->size]
						  : &queue->available->flags;
	uint16_t value = le16toh(__atomic_load_n(word, __ATOMIC_RELAXED));
	if (!queue->event_index) {
		return (value & VRING_AVAIL_F_NO_INTERRUPT) == 0;
	}
	uint16_t before = queue->signalled_index;
	queue->signalled_index = queue->used_index;
	if (!queue->signalled_valid) {
		queue->signalled_valid = true;
		return true;
	}
	return vring_need_event(value, queue->used_index, before) != 0;
}

void virtqueue_notify(struct virtqueue *queue) {
	if (!queue->dirty || !queue->running || queue->broken != NULL) {
		return;
	}
	queue->dirty = false;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!driver_wants_notification(queue) || queue->call_fd < 0) {
		return;
	}
	// A counter that is full already says what this would.
	const uint64_t one = 1;
	ssize_t written;
	do {
		written = write(queue->call_fd, &one, sizeof(one));
	} while (written < 0 && errno == EINTR);
}

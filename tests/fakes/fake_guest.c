// Guest memory, and virtqueues as a driver sees them. The front end is in fake_device.c.
#include "fake_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define HIGH_ADDRESS (UINT64_C(4) << 30)
#define PUMP_MS 5

static void die(const char *what) {
	perror(what);
	abort();
}

static int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// --- Memory -------------------------------------------------------------------------------

static void region_init(struct fake_region *region, uint64_t address, uint64_t size) {
	region->fd = memfd_create("fake-guest", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (region->fd < 0 || ftruncate(region->fd, (off_t)size) != 0 ||
		fcntl(region->fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
		die("fake guest: memory");
	}
	region->bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, region->fd, 0);
	if (region->bytes == MAP_FAILED) {
		die("fake guest: mmap");
	}
	region->guest_address = address;
	region->size_bytes = size;
}

struct fake_guest *fake_guest_create(uint64_t size_bytes) {
	struct fake_guest *guest = calloc(1, sizeof(*guest));
	if (guest == NULL) {
		die("fake guest");
	}
	uint64_t size = (size_bytes / FAKE_GUEST_REGIONS + 4095) & ~UINT64_C(4095);
	region_init(&guest->regions[0], 0, size);
	region_init(&guest->regions[1], HIGH_ADDRESS, size);
	guest->next_free[0] = 4096; // address 0 stays unused, so that 0 can mean none
	guest->next_free[1] = HIGH_ADDRESS;
	return guest;
}

void fake_guest_destroy(struct fake_guest *guest) {
	if (guest == NULL) {
		return;
	}
	for (unsigned i = 0; i < FAKE_GUEST_REGIONS; i++) {
		munmap(guest->regions[i].bytes, guest->regions[i].size_bytes);
		close(guest->regions[i].fd);
	}
	free(guest);
}

static uint64_t alloc_in(struct fake_guest *guest, unsigned i, uint64_t size, uint64_t align) {
	const struct fake_region *region = &guest->regions[i];
	uint64_t address = (guest->next_free[i] + align - 1) & ~(align - 1);
	if (address - region->guest_address + size > region->size_bytes) {
		errno = ENOMEM;
		die("fake guest: out of guest memory");
	}
	guest->next_free[i] = address + size;
	return address;
}

uint64_t fake_guest_alloc(struct fake_guest *guest, uint64_t size_bytes, uint64_t align) {
	return alloc_in(guest, 0, size_bytes, align);
}

uint64_t fake_guest_alloc_high(struct fake_guest *guest, uint64_t size_bytes, uint64_t align) {
	return alloc_in(guest, 1, size_bytes, align);
}

void *fake_guest_at(struct fake_guest *guest, uint64_t guest_address) {
	for (unsigned i = 0; i < FAKE_GUEST_REGIONS; i++) {
		const struct fake_region *region = &guest->regions[i];
		if (guest_address >= region->guest_address &&
			guest_address - region->guest_address < region->size_bytes) {
			return region->bytes + (guest_address - region->guest_address);
		}
	}
	errno = EFAULT;
	die("fake guest: not guest memory");
	return NULL;
}

bool fake_guest_wait(
	struct fake_guest *guest, bool (*done)(void *data), void *data, int fd, int timeout_ms) {
	int64_t end = now_ms() + timeout_ms;
	while (!done(data)) {
		int64_t left = end - now_ms();
		if (left <= 0) {
			return false;
		}
		if (guest->pump != NULL) {
			guest->pump(guest->pump_data, left < PUMP_MS ? (int)left : PUMP_MS);
		} else {
			struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
			poll(&poll_fd, 1, (int)left);
		}
	}
	return true;
}

// --- Offering -----------------------------------------------------------------------------

static void fill(struct vring_desc *desc, const struct fake_buffer *buffer, bool last) {
	desc->addr = buffer->guest_address;
	desc->len = buffer->size_bytes;
	desc->flags = (uint16_t)((buffer->writable ? VRING_DESC_F_WRITE : 0) |
		(last ? 0 : VRING_DESC_F_NEXT));
}

static int fill_direct(
	struct fake_queue *queue, const struct fake_buffer *buffers, unsigned count) {
	uint16_t head = queue->free_head;
	uint16_t index = head;
	for (unsigned i = 0; i < count; i++) {
		struct vring_desc *desc = &queue->descriptors[index];
		fill(desc, &buffers[i], i + 1 == count); // .next is the free list, and kept
		index = desc->next;
	}
	queue->free_head = index;
	queue->free_count = (uint16_t)(queue->free_count - count);
	return head;
}

static int fill_indirect(struct fake_guest *guest, struct fake_queue *queue,
	const struct fake_buffer *buffers, unsigned count) {
	uint16_t head = queue->free_head;
	uint64_t address = queue->indirect_tables +
		(uint64_t)head * FAKE_QUEUE_INDIRECT_MAX * sizeof(struct vring_desc);
	struct vring_desc *table = fake_guest_at(guest, address);
	for (unsigned i = 0; i < count; i++) {
		fill(&table[i], &buffers[i], i + 1 == count);
		table[i].next = (uint16_t)(i + 1);
	}
	struct vring_desc *desc = &queue->descriptors[head];
	desc->addr = address;
	desc->len = (uint32_t)(count * sizeof(struct vring_desc));
	desc->flags = VRING_DESC_F_INDIRECT;
	queue->free_head = desc->next;
	queue->free_count--;
	return head;
}

int fake_queue_offer(struct fake_device *device, struct fake_queue *queue,
	const struct fake_buffer *buffers, unsigned count) {
	bool indirect = queue->indirect && count <= FAKE_QUEUE_INDIRECT_MAX;
	if (count == 0 || queue->free_count < (indirect ? 1 : count)) {
		return -1;
	}
	int head = indirect ? fill_indirect(device->guest, queue, buffers, count)
			    : fill_direct(queue, buffers, count);
	queue->available->ring[queue->available_index % queue->size] = (uint16_t)head;
	queue->available_index++;
	__atomic_store_n(&queue->available->idx, queue->available_index, __ATOMIC_RELEASE);
	return head;
}

void fake_queue_kick_always(struct fake_queue *queue) {
	queue->kicked_index = queue->available_index;
	queue->kicks++;
	eventfd_write(queue->kick_fd, 1);
}

bool fake_queue_kick(struct fake_queue *queue) {
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	bool wanted;
	if (queue->event_index) {
		const uint16_t *event = (const uint16_t *)&queue->used->ring[queue->size];
		wanted = vring_need_event(__atomic_load_n(event, __ATOMIC_RELAXED),
				 queue->available_index, queue->kicked_index) != 0;
	} else {
		uint16_t flags = __atomic_load_n(&queue->used->flags, __ATOMIC_RELAXED);
		wanted = (flags & VRING_USED_F_NO_NOTIFY) == 0;
	}
	queue->kicked_index = queue->available_index;
	if (wanted) {
		queue->kicks++;
		eventfd_write(queue->kick_fd, 1);
	}
	return wanted;
}

// --- Taking back --------------------------------------------------------------------------

static void free_chain(struct fake_queue *queue, uint16_t head) {
	uint16_t tail = head;
	queue->free_count++;
	while ((queue->descriptors[tail].flags & VRING_DESC_F_NEXT) != 0) {
		tail = queue->descriptors[tail].next;
		queue->free_count++;
	}
	queue->descriptors[tail].next = queue->free_head;
	queue->free_head = head;
}

int fake_queue_poll(struct fake_device *device, struct fake_queue *queue, uint32_t *written_bytes) {
	uint16_t index = __atomic_load_n(&queue->used->idx, __ATOMIC_ACQUIRE);
	if (index == queue->used_index) {
		return -1;
	}
	const struct vring_used_elem *element = &queue->used->ring[queue->used_index % queue->size];
	uint32_t head = element->id;
	if (written_bytes != NULL) {
		*written_bytes = element->len;
	}
	queue->used_index++;
	// Be notified of the very next one.
	queue->available->ring[queue->size] = queue->used_index;
	if (head >= queue->size) {
		fprintf(stderr, "fake guest: the device returned head %u\n", head);
		abort();
	}
	free_chain(queue, (uint16_t)head);
	return (int)head;
}

static bool has_used(void *data) {
	struct fake_queue *queue = data;
	uint64_t calls;
	if (eventfd_read(queue->call_fd, &calls) == 0) {
		queue->calls += calls;
	}
	return __atomic_load_n(&queue->used->idx, __ATOMIC_ACQUIRE) != queue->used_index;
}

int fake_queue_wait(struct fake_device *device, struct fake_queue *queue, uint32_t *written_bytes) {
	if (!fake_guest_wait(device->guest, has_used, queue, queue->call_fd, FAKE_TIMEOUT_MS)) {
		return -1;
	}
	return fake_queue_poll(device, queue, written_bytes);
}

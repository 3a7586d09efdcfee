#include "virtio/virtqueue.h"

#include "boot/io.h"

#define DESCRIPTOR_NEXT 1
#define DESCRIPTOR_WRITE 2
#define USED_NO_NOTIFY 1

bool virtqueue_init(struct virtqueue *queue, struct heap *heap, uint16_t size) {
	// Descriptors, available ring, used ring: aligned to 16, 2 and 4 by their order here.
	size_t available_bytes = (6 + 2 * (size_t)size + 15) & ~(size_t)15;
	size_t descriptor_bytes = sizeof(struct virtqueue_descriptor) * size;
	char *memory = heap_allocate(
		heap, descriptor_bytes + available_bytes + 6 + 8 * (size_t)size, 4096);
	if (memory == NULL) {
		return false;
	}
	*queue = (struct virtqueue){
		.size = size,
		.free_count = size,
		.descriptors = (void *)memory,
		.available = (void *)(memory + descriptor_bytes),
		.used = (void *)(memory + descriptor_bytes + available_bytes),
		.used_ring = (void *)(memory + descriptor_bytes + available_bytes + 4),
	};
	for (uint16_t i = 0; i < size; i++) {
		queue->descriptors[i].next = i + 1;
	}
	return true;
}

bool virtqueue_add(struct virtqueue *queue, const struct virtqueue_buffer *buffers, int readable,
	int writable, void *token) {
	int count = readable + writable;
	if (count > queue->free_count) {
		return false;
	}
	uint16_t head = queue->free_head;
	uint16_t index = head;
	for (int i = 0; i < count; i++) {
		volatile struct virtqueue_descriptor *descriptor = &queue->descriptors[index];
		descriptor->address = (uint64_t)buffers[i].data;
		descriptor->length = buffers[i].size_bytes;
		descriptor->flags = (uint16_t)((i >= readable ? DESCRIPTOR_WRITE : 0) |
			(i + 1 < count ? DESCRIPTOR_NEXT : 0));
		index = descriptor->next;
	}
	queue->free_head = index;
	queue->free_count -= (uint16_t)count;
	queue->tokens[head] = token;
	queue->available[2 + queue->available_index % queue->size] = head;
	compiler_barrier();
	queue->available_index++;
	queue->available[1] = queue->available_index;
	return true;
}

bool virtqueue_wants_notification(const struct virtqueue *queue) {
	memory_barrier(); // the index must be visible before the flag is read
	return (queue->used[0] & USED_NO_NOTIFY) == 0;
}

// The head of a chain that the device has used, or -1 if there is none.
static int next_used(struct virtqueue *queue, uint32_t *written_bytes) {
	while (queue->used[1] != queue->used_index) {
		compiler_barrier();
		volatile struct virtqueue_used_element
			*element = &queue->used_ring[queue->used_index % queue->size];
		uint32_t head = element->id;
		*written_bytes = element->length;
		queue->used_index++;
		if (head < queue->size && queue->tokens[head] != NULL) {
			return (int)head;
		}
		// Not a chain that we gave: the device is wrong. What follows may be right.
	}
	return -1;
}

void *virtqueue_take(struct virtqueue *queue, uint32_t *written_bytes) {
	int head = next_used(queue, written_bytes);
	if (head < 0) {
		return NULL;
	}
	void *token = queue->tokens[head];
	queue->tokens[head] = NULL;
	uint16_t last = (uint16_t)head;
	uint16_t count = 1;
	while (queue->descriptors[last].flags & DESCRIPTOR_NEXT) {
		last = queue->descriptors[last].next;
		count++;
	}
	queue->descriptors[last].next = queue->free_head;
	queue->free_head = (uint16_t)head;
	queue->free_count += count;
	return token;
}

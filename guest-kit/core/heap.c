#include "core/heap.h"

#include <stdint.h>
#include <string.h>

// Every block begins with this and is a multiple of its size; free ones are listed.
struct heap_block {
	size_t size_bytes; // with this header
	struct heap_block *next; // of the free list; meaningless while in use
};

#define GRAIN sizeof(struct heap_block)

_Static_assert(sizeof(struct heap_block) == 16, "the header keeps blocks aligned");

static uintptr_t align_up(uintptr_t value, uintptr_t alignment) {
	return (value + alignment - 1) & ~(alignment - 1);
}

static struct heap_block *end_of(struct heap_block *block) {
	return (struct heap_block *)((char *)block + block->size_bytes);
}

static void insert(struct heap *heap, struct heap_block *block) {
	struct heap_block **link = &heap->free;
	struct heap_block *before = NULL;
	while (*link != NULL && *link < block) {
		before = *link;
		link = &before->next;
	}
	heap->free_bytes += block->size_bytes;
	block->next = *link;
	*link = block;
	if (block->next != NULL && end_of(block) == block->next) {
		block->size_bytes += block->next->size_bytes;
		block->next = block->next->next;
	}
	if (before != NULL && end_of(before) == block) {
		before->size_bytes += block->size_bytes;
		before->next = block->next;
	}
}

void heap_add(struct heap *heap, void *start, size_t size_bytes) {
	if (size_bytes < 4 * GRAIN) {
		return;
	}
	uintptr_t first = align_up((uintptr_t)start, GRAIN);
	uintptr_t last = ((uintptr_t)start + size_bytes) & ~(GRAIN - 1);
	struct heap_block *block = (struct heap_block *)first;
	block->size_bytes = last - first;
	insert(heap, block);
}

// Take the size bytes at data's header out of a free block that holds them.
static void *carve(
	struct heap *heap, struct heap_block **link, uintptr_t header, size_t size_bytes) {
	struct heap_block *block = *link;
	uintptr_t end = (uintptr_t)end_of(block);
	struct heap_block *used = (struct heap_block *)header;
	if (end > header + size_bytes) {
		struct heap_block *rest = (struct heap_block *)(header + size_bytes);
		rest->size_bytes = end - header - size_bytes;
		rest->next = block->next;
		block->next = rest;
	}
	if (used != block) {
		block->size_bytes = header - (uintptr_t)block;
	} else {
		*link = block->next;
	}
	used->size_bytes = size_bytes;
	used->next = NULL;
	heap->free_bytes -= size_bytes;
	return memset(used + 1, 0, size_bytes - GRAIN);
}

void *heap_allocate(struct heap *heap, size_t size_bytes, size_t alignment) {
	if (size_bytes == 0 || size_bytes > SIZE_MAX / 2 || alignment > SIZE_MAX / 4) {
		return NULL;
	}
	alignment = alignment < GRAIN ? GRAIN : alignment;
	size_t needed = align_up(size_bytes, GRAIN) + GRAIN;
	for (struct heap_block **link = &heap->free; *link != NULL; link = &(*link)->next) {
		uintptr_t header = align_up((uintptr_t)*link + GRAIN, alignment) - GRAIN;
		uintptr_t end = (uintptr_t)end_of(*link);
		if (header < end && end - header >= needed) {
			return carve(heap, link, header, needed);
		}
	}
	return NULL;
}

void heap_free(struct heap *heap, void *data) {
	if (data != NULL) {
		insert(heap, (struct heap_block *)data - 1);
	}
}

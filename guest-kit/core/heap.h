/**
 * The heap: first fit over one list of free blocks, kept in order of address and merged.
 *
 * PURE: it knows only the regions it is given.
 */
#ifndef GK_CORE_HEAP_H
#define GK_CORE_HEAP_H

#include <stddef.h>

struct heap_block;

struct heap {
	struct heap_block *free; // in order of address
	size_t free_bytes;
};

/** Give a region to the heap for ever. Regions must not overlap. One under 64 bytes is ignored. */
void heap_add(struct heap *heap, void *start, size_t size_bytes);

/**
 * Returns size_bytes of zeros, aligned to alignment (a power of two, at least 1; 16 is the least
 * that is used). NULL if no free block is large enough, or if size_bytes is 0.
 */
void *heap_allocate(struct heap *heap, size_t size_bytes, size_t alignment);

/** Give back what heap_allocate() returned. NULL is ignored. */
void heap_free(struct heap *heap, void *data);

#endif

#ifndef ALLOC_H
#define ALLOC_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * Small allocations that end the program when there is no memory. What a client, a guest or a
 * file chooses the size of is capped before it comes here.
 */
static inline void *alloc_check(void *memory) {
	if (memory == NULL) {
		fputs("redecho: out of memory\n", stderr);
		abort();
	}
	return memory;
}

static inline void *alloc_zeroed(size_t count, size_t size) {
	return alloc_check(calloc(count, size));
}

/** Grows or shrinks an array; count is at least 1. */
static inline void *alloc_array(void *array, size_t count, size_t size) {
	if (count > SIZE_MAX / size) {
		return alloc_check(NULL);
	}
	return alloc_check(realloc(array, count * size));
}

static inline char *alloc_string(const char *text) {
	return alloc_check(strdup(text));
}

#endif

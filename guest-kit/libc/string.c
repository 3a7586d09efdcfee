#include "string.h"

#include <stdint.h>

void *memcpy(void *restrict destination, const void *restrict source, size_t size) {
	// Two string instructions: eight bytes a step where the processor has no fast short form.
	void *to = destination;
	size_t words = size / 8;
	size_t rest = size % 8;
	__asm__ volatile("rep movsq" : "+D"(to), "+S"(source), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(source), "+c"(rest) : : "memory");
	return destination;
}

void *memmove(void *destination, const void *source, size_t size) {
	char *to = destination;
	const char *from = source;
	if ((uintptr_t)to - (uintptr_t)from >= size) {
		return memcpy(destination, source, size);
	}
	for (size_t i = size; i-- > 0;) {
		to[i] = from[i];
		// Keeps the compiler from making this loop a call of memmove.
		__asm__ volatile("" : : : "memory");
	}
	return destination;
}

void *memset(void *destination, int value, size_t size) {
	void *to = destination;
	uint64_t pattern = (uint8_t)value * UINT64_C(0x0101010101010101);
	size_t words = size / 8;
	size_t rest = size % 8;
	__asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(pattern) : "memory");
	return destination;
}

int memcmp(const void *a, const void *b, size_t size) {
	const unsigned char *left = a;
	const unsigned char *right = b;
	for (size_t i = 0; i < size; i++) {
		if (left[i] != right[i]) {
			return left[i] < right[i] ? -1 : 1;
		}
	}
	return 0;
}

size_t strlen(const char *string) {
	size_t length = 0;
	while (string[length] != '\0') {
		length++;
		__asm__ volatile("" : : : "memory");
	}
	return length;
}

int strcmp(const char *a, const char *b) {
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

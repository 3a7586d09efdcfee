/**
 * The part of C11's <string.h> that a freestanding compiler and the kit need.
 */
#ifndef GK_LIBC_STRING_H
#define GK_LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict destination, const void *restrict source, size_t size);
void *memmove(void *destination, const void *source, size_t size);
void *memset(void *destination, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *string);
int strcmp(const char *a, const char *b);

#endif

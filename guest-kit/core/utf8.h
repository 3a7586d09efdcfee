/**
 * UTF-8.
 *
 * PURE. RFC 3629.
 */
#ifndef GK_CORE_UTF8_H
#define GK_CORE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xfffd
#define UTF8_BYTES_MAX 4

/**
 * Returns the character at text[*at] and moves *at behind it. What is not valid (wrong, overlong
 * or cut off) is one UTF8_REPLACEMENT a byte. *at is less than length.
 */
uint32_t utf8_next(const char *text, size_t length, size_t *at);

/** Write a character, of at most UTF8_BYTES_MAX bytes. Returns how many. */
size_t utf8_put(char *text, uint32_t character);

#endif

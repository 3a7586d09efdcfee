// cmocka with what it needs before it.
#ifndef TEST_GUEST_KIT_UNIT_H
#define TEST_GUEST_KIT_UNIT_H

#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** A small generator of pseudo-random numbers: the same sequence each time. */
static inline uint32_t random_next(uint32_t *state) {
	*state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
	return *state >> 8;
}

#endif

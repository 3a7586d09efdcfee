/**
 * Square roots of whole numbers.
 *
 * PURE.
 */
#ifndef GK_CORE_ROOT_H
#define GK_CORE_ROOT_H

#include <stdint.h>

/** Returns the square root, rounded down. */
static inline uint32_t square_root(uint64_t value) {
	uint64_t root = 0;
	for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1) {
		uint64_t tried = root | bit;
		if (tried * tried <= value) {
			root = tried;
		}
	}
	return (uint32_t)root;
}

#endif

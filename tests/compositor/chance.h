#ifndef CHANCE_H
#define CHANCE_H

#include <stdbool.h>
#include <stdint.h>

/** Numbers that look random and are the same ones for the same seed. */
struct chance {
	uint64_t state; // begins with the seed
};

/** From 0 to below - 1; below is at least 1. */
static inline uint32_t chance_below(struct chance *chance, uint32_t below) {
	// splitmix64
	uint64_t z = chance->state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) % below);
}

/** True once in so many times. */
static inline bool chance_once_in(struct chance *chance, uint32_t times) {
	return chance_below(chance, times) == 0;
}

/** One of the elements of an array. */
#define chance_element(chance, array)                                                              \
	((array)[chance_below((chance), sizeof(array) / sizeof((array)[0]))])

#endif

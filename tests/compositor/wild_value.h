#ifndef WILD_VALUE_H
#define WILD_VALUE_H

#include <stdint.h>
#include <wayland-util.h>

struct chance;

/**
 * Draw the argument of a request: letter is that of its signature, one of i, u, f, s and a.
 * Serials are four numbers that came in events. What it points to is constant.
 */
void wild_value_draw(
	struct chance *chance, char letter, const uint32_t serials[4], union wl_argument *argument);

/** A file of any kind, to be closed. */
int wild_value_fd(struct chance *chance);

/** Memory of that size, to be closed. */
int wild_value_memory(int size_bytes);

#endif

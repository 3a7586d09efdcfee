#ifndef OUTPUT_VIRTUAL_H
#define OUTPUT_VIRTUAL_H

#include <stdbool.h>
#include <stddef.h>

struct output;
struct server;

/**
 * Screens that are none: to share over a network, to test. Inside another desktop such a one is
 * a further window there, elsewhere nobody sees it but who asks for its picture.
 */

/** Longest name of one, in bytes. */
#define OUTPUT_VIRTUAL_NAME_MAX 32

/** Letters, digits, - and _; at least one, and not too long. */
bool output_virtual_is_name(const char *name);

/** Make one; name may be NULL. Returns false with a line in why. */
bool output_virtual_create(
	struct server *server, const char *name, int width, int height, char *why, size_t size);

/** Whether output_virtual_remove() can remove it. */
bool output_is_virtual(const struct output *output);

/** Its windows go elsewhere. */
void output_virtual_remove(struct output *output);

#endif

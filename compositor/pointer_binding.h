#ifndef POINTER_BINDING_H
#define POINTER_BINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "binding.h"

struct pointer;

/**
 * The binding for a button or a wheel, with the modifiers that are held and in the place where the
 * pointer is, or NULL. kind is BINDING_BUTTON or BINDING_SCROLL.
 */
const struct binding *pointer_binding_find(
	struct pointer *pointer, enum binding_kind kind, uint32_t code, bool released);

/** Run it. False: there is none. */
bool pointer_binding_run(
	struct pointer *pointer, enum binding_kind kind, uint32_t code, bool released);

#endif

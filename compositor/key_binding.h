#ifndef KEY_BINDING_H
#define KEY_BINDING_H

#include <stdbool.h>
#include <stdint.h>

struct binding;
struct keyboard;

/**
 * The binding for a key of a keyboard, with modifiers held, or NULL. A letter of another script is
 * found by what its key is in the first layout, where no binding has the letter itself.
 */
const struct binding *key_binding_find(
	const struct keyboard *keyboard, uint32_t key, uint32_t modifiers, bool released);

/** Whether a key of a keyboard, with modifiers held, is the one of a binding. */
bool key_binding_matches(const struct keyboard *keyboard, uint32_t key, uint32_t modifiers,
	const struct binding *binding);

/** Whether a key is a modifier in the keyboard's layout: Shift, Alt, the logo key. */
bool key_binding_is_modifier(const struct keyboard *keyboard, uint32_t key);

#endif

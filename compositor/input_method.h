#ifndef INPUT_METHOD_H
#define INPUT_METHOD_H

#include <stdbool.h>
#include <stdint.h>

struct keyboard;
struct seat;

/**
 * Between windows that take text (text-input-v3) and the program that makes it of keys or otherwise
 * (input-method-v2). There is one such program at most.
 *
 * It hears of a text field only while its window has the keyboard, and of keys only while a text field
 * is on: machines never see any of this, their keys never go to it, and on a locked screen there is
 * none.
 */
bool input_method_init(struct seat *seat);
void input_method_finish(struct seat *seat);

/** Windows have moved: what lies beside the text goes with it. */
void input_method_moved_under(struct seat *seat);

/** A key that is not bound. True: the program has grabbed the keyboard, and was told. */
bool input_method_key(
	struct seat *seat, struct keyboard *keyboard, uint32_t time_ms, uint32_t key, bool pressed);

/** The keyboard's modifiers changed. True as above. */
bool input_method_modifiers(struct seat *seat, struct keyboard *keyboard);

#endif

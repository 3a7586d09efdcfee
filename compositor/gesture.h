#ifndef GESTURE_H
#define GESTURE_H

struct pointer;

/**
 * Gestures of a touchpad: swipes, pinches, and fingers held still. One that some binding is for,
 * by its kind, its fingers and the modifiers held when it began, is the desk's, and runs its
 * binding at its end; any other goes to the window under the pointer, by
 * pointer-gestures-unstable-v1.
 */
void gesture_init(struct pointer *pointer);
void gesture_finish(struct pointer *pointer);

#endif

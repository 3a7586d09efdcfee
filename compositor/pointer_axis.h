#ifndef POINTER_AXIS_H
#define POINTER_AXIS_H

struct pointer;

/** Wheels, and fingers that scroll: to a binding, or else to the window under the pointer. */
void pointer_axis_init(struct pointer *pointer);
void pointer_axis_finish(struct pointer *pointer);

#endif

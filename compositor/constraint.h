#ifndef CONSTRAINT_H
#define CONSTRAINT_H

#include <stdbool.h>

struct pointer;

/** Pointer constraints: a client locks the pointer or keeps it in a region of its surface. */
void constraint_init(struct pointer *pointer);
void constraint_finish(struct pointer *pointer);

/**
 * Cut a motion, in logical pixels, to what the active constraint lets through. Returns false
 * when the pointer may not move at all.
 */
bool constraint_apply(struct pointer *pointer, double *dx, double *dy);

#endif

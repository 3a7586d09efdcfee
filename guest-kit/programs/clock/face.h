/**
 * What the clock shows: a dial, the time in figures, the date.
 */
#ifndef CLOCK_FACE_H
#define CLOCK_FACE_H

#include <gk.h>

struct face;

/** Returns NULL without memory. The first face_draw() draws everything. */
struct face *face_create(struct gk *gk);
void face_destroy(struct face *face);

/** The canvas is another one: lay out anew; the next face_draw() draws everything. */
void face_resize(struct face *face);

/** Show a time: draw what differs from the last one, and present it. */
void face_draw(struct face *face, struct gk_civil_time time);

#endif

/*
 * clock: the time, as a dial and in figures. It draws what a second changes, once a second, and
 * is halted in between.
 */
#include <gk.h>

#include "clock/face.h"

#define NS_PER_S INT64_C(1000000000)

// When the next second begins, by the wall clock; a little later, so that it has begun.
static uint64_t next_second_ns(struct gk *gk, int64_t wall_ns) {
	uint64_t left_ns = (uint64_t)(NS_PER_S - wall_ns % NS_PER_S);
	return gk_now_ns(gk) + left_ns + 500000;
}

void gk_main(struct gk *gk) {
	if (!gk_has_display(gk)) {
		gk_panic(gk, "clock needs a display");
	}
	struct face *face = face_create(gk);
	if (face == NULL) {
		gk_panic(gk, "clock needs more memory");
	}
	int64_t wall_ns = gk_wall_time_ns(gk);
	uint64_t deadline_ns = next_second_ns(gk, wall_ns);
	face_draw(face, gk_civil_time(gk, wall_ns));
	gk_log(gk, "clock: first frame after %lu ms", (unsigned long)(gk_now_ns(gk) / 1000000));
	for (;;) {
		struct gk_event event;
		if (!gk_wait(gk, deadline_ns, &event)) {
			wall_ns = gk_wall_time_ns(gk);
			deadline_ns = next_second_ns(gk, wall_ns);
			face_draw(face, gk_civil_time(gk, wall_ns));
		} else if (event.type == GK_EVENT_RESIZE) {
			face_resize(face);
			face_draw(face, gk_civil_time(gk, gk_wall_time_ns(gk)));
		} else if (event.type == GK_EVENT_POWER) {
			break;
		}
	}
	face_destroy(face);
}

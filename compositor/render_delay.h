#ifndef RENDER_DELAY_H
#define RENDER_DELAY_H

#include <stdint.h>

/**
 * When a screen's next picture is drawn: as late before its refresh as it can be, so that what
 * clients draw meanwhile is in it. Pure: times are nanoseconds of CLOCK_MONOTONIC.
 *
 * A picture's cost, from the first look at the scene to the commit, and on a GPU to the end of
 * its work, is remembered as a maximum that fades. A picture that missed its refresh although
 * there seemed to be time lets a reserve grow, which fades too.
 */
struct render_delay {
	int64_t presented_ns; // the last refresh that is known of; 0: none
	int64_t refresh_ns; // from one refresh to the next; 0: unknown
	int64_t cost_ns; // what a picture takes at most, of late
	int64_t reserve_ns; // on top of it, for what is not measured
	int64_t target_ns; // the refresh for which a picture waits; 0: none does
	unsigned drawn; // pictures measured, as far as it matters
};

/** Pictures that are measured before the first one is put off. */
#define RENDER_DELAY_LEARN 8

/** Pictures are drawn by other means now: learn anew. */
void render_delay_reset(struct render_delay *delay);

/**
 * How long to put off the picture that could be drawn now, in ms. budget_ms is the time that is
 * set for drawing it; 0: the time that was measured.
 *
 * Returns 0, at once, where there is no time to spare, where the refresh is unknown, and where
 * the last one was more than a refresh ago: then nobody draws in step with it.
 */
int render_delay_plan(struct render_delay *delay, int budget_ms, int64_t now_ns);

/** A picture was drawn, and took that long. */
void render_delay_drew(struct render_delay *delay, int64_t cost_ns);

/** There was nothing to draw for the refresh that was planned for. */
void render_delay_skipped(struct render_delay *delay);

/** A picture is on the screen since when_ns; the next refresh is refresh_ns later, 0: unknown. */
void render_delay_presented(struct render_delay *delay, int64_t when_ns, int64_t refresh_ns);

/** The time that is left for a picture when it is measured: cost, reserve and a margin. */
int64_t render_delay_budget_ns(const struct render_delay *delay);

#endif

/**
 * The wall time, learnt from a clock that shows whole seconds only.
 *
 * PURE. A reading of second s at the monotonic time t says that the wall time minus t lies in
 * [s - t, s + 1 - t). Readings narrow this range, without ever waiting for a second to begin; and
 * because counters drift, the range widens slowly between them. A reading that contradicts the
 * range (the machine was suspended, or the host's clock was set) begins it anew.
 */
#ifndef GK_CORE_WALL_CLOCK_H
#define GK_CORE_WALL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct wall_clock {
	bool known;
	int64_t least_ns; // of wall time minus monotonic time
	int64_t most_ns;
	uint64_t read_ns; // monotonic time of the last reading
};

/** Learn from a reading: seconds since 1970, at a monotonic time. */
void wall_clock_read(struct wall_clock *wall_clock, int64_t seconds, uint64_t now_ns);

/** Returns the nanoseconds since 1970 at a monotonic time. */
int64_t wall_clock_at(const struct wall_clock *wall_clock, uint64_t now_ns);

#endif

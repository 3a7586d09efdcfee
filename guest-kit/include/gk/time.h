/**
 * Time.
 */
#ifndef GK_TIME_H
#define GK_TIME_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gk;

/** A moment as a person in the host's time zone writes it. */
struct gk_civil_time {
	int64_t year;
	int month; // 1 to 12
	int day; // 1 to 31
	int hour, minute, second;
	int weekday; // 0 for Sunday to 6
	int utc_offset_s; // east of Greenwich is positive
	bool daylight_saving;
	char zone[12]; // its abbreviation
};

/** Returns the nanoseconds since the machine started. It never goes backwards. */
uint64_t gk_now_ns(struct gk *gk);

/**
 * Returns the nanoseconds since 1970-01-01 00:00:00 UTC.
 *
 * It follows the machine's CMOS clock, which tells whole seconds only: where a second begins is
 * learnt better each time this is called, to about a millisecond after ten calls.
 */
int64_t gk_wall_time_ns(struct gk *gk);

/** Returns the civil time of a wall time, in the time zone that the host set, otherwise UTC. */
struct gk_civil_time gk_civil_time(struct gk *gk, int64_t wall_time_ns);

#ifdef __cplusplus
}
#endif

#endif

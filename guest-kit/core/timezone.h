/**
 * The host's time zone, as POSIX writes it: "CET-1CEST,M3.5.0,M10.5.0/3".
 *
 * PURE. POSIX.1-2024, 8.3 Other Environment Variables, TZ; with the hours of -167 to 167 that
 * RFC 9636 (TZif) 3.3.2 allows.
 */
#ifndef GK_CORE_TIMEZONE_H
#define GK_CORE_TIMEZONE_H

#include <stddef.h>

#include "gk/time.h"

#define TIMEZONE_NAME_MAX 11

enum timezone_rule_kind {
	TIMEZONE_JULIAN, // Jn: day 1 to 365, without February 29
	TIMEZONE_DAY, // n: day 0 to 365
	TIMEZONE_WEEKDAY, // Mm.w.d
};

struct timezone_rule {
	enum timezone_rule_kind kind;
	int month, week, day;
	int time_s; // of the local day
};

struct timezone {
	char standard_name[TIMEZONE_NAME_MAX + 1];
	char daylight_name[TIMEZONE_NAME_MAX + 1]; // empty: no daylight saving
	int standard_offset_s; // east is positive: the other way round than in the string
	int daylight_offset_s;
	struct timezone_rule start, end;
};

/** UTC. */
void timezone_init(struct timezone *timezone);

/** Returns false, and changes nothing, if text is not wholly a POSIX time zone. */
bool timezone_parse(struct timezone *timezone, const char *text, size_t length);

/** Returns the civil time at a moment in seconds since 1970-01-01 00:00:00 UTC. */
struct gk_civil_time timezone_civil(const struct timezone *timezone, int64_t seconds);

#endif

/**
 * The Gregorian calendar, extended in both directions.
 */
#ifndef GK_CORE_CALENDAR_H
#define GK_CORE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/** Returns the days from 1970-01-01 to a date; month 1 to 12, day from 1. */
int64_t calendar_days(int64_t year, int month, int day);

/** The inverse of calendar_days(). */
void calendar_date(int64_t days, int64_t *year, int *month, int *day);

/** Returns 0 for Sunday to 6 for Saturday. */
int calendar_weekday(int64_t days);

/** Returns whether a year has 366 days. */
bool calendar_is_leap(int64_t year);

#endif

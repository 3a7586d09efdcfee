#include "core/calendar.h"

#define DAYS_PER_ERA 146097 // 400 years

static int64_t floor_divide(int64_t value, int64_t divisor) {
	return value / divisor - (value % divisor < 0);
}

// Years are counted from March, so that a leap day is the last of its year. From there on the
// months have 31 30 31 30 31, 31 30 31 30 31, 31 days: 153 in five.

int64_t calendar_days(int64_t year, int month, int day) {
	int64_t march_year = month > 2 ? year : year - 1;
	int64_t era = floor_divide(march_year, 400);
	int64_t year_of_era = march_year - era * 400;
	int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * DAYS_PER_ERA + day_of_era - 719468; // 0000-03-01 to 1970-01-01
}

void calendar_date(int64_t days, int64_t *year, int *month, int *day) {
	days += 719468;
	int64_t era = floor_divide(days, DAYS_PER_ERA);
	int64_t day_of_era = days - era * DAYS_PER_ERA;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
				      day_of_era / 146096) /
		365;
	int64_t day_of_year = day_of_era -
		(365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int march_month = (int)((5 * day_of_year + 2) / 153);
	*day = (int)(day_of_year - (153 * march_month + 2) / 5) + 1;
	*month = march_month < 10 ? march_month + 3 : march_month - 9;
	*year = era * 400 + year_of_era + (*month <= 2);
}

int calendar_weekday(int64_t days) {
	int64_t weekday = (days + 4) % 7; // 1970-01-01 was a Thursday
	return (int)(weekday < 0 ? weekday + 7 : weekday);
}

bool calendar_is_leap(int64_t year) {
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

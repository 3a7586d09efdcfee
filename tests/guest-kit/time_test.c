#include <stdlib.h>
#include <time.h>

#include "core/calendar.h"
#include "core/timezone.h"
#include "core/wall_clock.h"
#include "unit.h"

#define NS_PER_S INT64_C(1000000000)

static void knows_the_calendar(void **state) {
	for (int64_t days = -800000; days < 800000; days += 13) {
		int64_t year;
		int month, day;
		calendar_date(days, &year, &month, &day);
		assert_int_equal(calendar_days(year, month, day), days);
		time_t seconds = (time_t)days * 86400;
		struct tm tm;
		assert_non_null(gmtime_r(&seconds, &tm));
		assert_int_equal(year, tm.tm_year + 1900);
		assert_int_equal(month, tm.tm_mon + 1);
		assert_int_equal(day, tm.tm_mday);
		assert_int_equal(calendar_weekday(days), tm.tm_wday);
	}
}

// The host's C library reads the same strings: it is the oracle.
static void agrees_with_the_host(void **state) {
	static const char *const zones[] = {"UTC0", "CET-1CEST,M3.5.0,M10.5.0/3",
		"EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30", "AEST-10AEDT,M10.1.0,M4.1.0/3",
		"NZST-12NZDT,M9.5.0,M4.1.0/3", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "IST-5:30",
		"XYZ3ABC,J60/0,J300", "XYZ-3ABC,59/3,299/4:30:15", "IST-2IDT,M3.4.4/26,M10.5.0",
		"<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45"};
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		struct timezone zone;
		assert_true(timezone_parse(&zone, zones[i], strlen(zones[i])));
		setenv("TZ", zones[i], 1);
		tzset();
		for (time_t at = 1600000000; at < 1900000000; at += 86400 / 7) {
			struct tm tm;
			localtime_r(&at, &tm);
			struct gk_civil_time civil = timezone_civil(&zone, at);
			assert_int_equal(civil.utc_offset_s, tm.tm_gmtoff);
			assert_int_equal(civil.daylight_saving, tm.tm_isdst > 0);
			assert_string_equal(civil.zone, tm.tm_zone);
			assert_int_equal(civil.year, tm.tm_year + 1900);
			assert_int_equal(civil.month, tm.tm_mon + 1);
			assert_int_equal(civil.day, tm.tm_mday);
			assert_int_equal(civil.hour, tm.tm_hour);
			assert_int_equal(civil.minute, tm.tm_min);
			assert_int_equal(civil.second, tm.tm_sec);
			assert_int_equal(civil.weekday, tm.tm_wday);
		}
	}
}

static void refuses_what_is_no_zone(void **state) {
	static const char *const bad[] = {"", "UTC", "U0", "UTC0 ", "UTC25:61", "UTC168",
		"CET-1CEST,", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J2", "<CET-1",
		"Europe/Berlin", "ABCDEFGHIJKL0", "CET-1CEST,M3.5.0,M10.5.0/3x",
		"CET99999999999999999999"};
	struct timezone zone;
	timezone_init(&zone);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(timezone_parse(&zone, bad[i], strlen(bad[i])));
		assert_string_equal(zone.standard_name, "UTC");
	}
}

// Readings at odd moments lead to the true time, without ever waiting for a second to begin.
static void learns_where_seconds_begin(void **state) {
	struct wall_clock wall_clock = {0};
	int64_t offset_ns = 1700000000 * NS_PER_S + 123456789;
	uint64_t now_ns = 1000;
	for (int i = 0; i < 12; i++) {
		wall_clock_read(&wall_clock, ((int64_t)now_ns + offset_ns) / NS_PER_S, now_ns);
		int64_t wall_ns = wall_clock_at(&wall_clock, now_ns);
		now_ns += (uint64_t)(NS_PER_S - wall_ns % NS_PER_S); // as the clock does
	}
	int64_t error_ns = wall_clock_at(&wall_clock, now_ns) - ((int64_t)now_ns + offset_ns);
	assert_true(llabs(error_ns) < 2000000);
}

static void follows_a_clock_that_jumps(void **state) {
	struct wall_clock wall_clock = {0};
	wall_clock_read(&wall_clock, 1000, 0);
	wall_clock_read(&wall_clock, 5000, (uint64_t)NS_PER_S);
	int64_t wall_ns = wall_clock_at(&wall_clock, (uint64_t)NS_PER_S);
	assert_int_in_range(wall_ns, 5000 * NS_PER_S, 5001 * NS_PER_S);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_calendar),
		cmocka_unit_test(agrees_with_the_host),
		cmocka_unit_test(refuses_what_is_no_zone),
		cmocka_unit_test(learns_where_seconds_begin),
		cmocka_unit_test(follows_a_clock_that_jumps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

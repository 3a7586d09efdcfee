#include "core/timezone.h"

#include <string.h>

#include "core/calendar.h"

#define DAY_S 86400
#define HOURS_MAX 167

struct cursor {
	const char *at, *end;
};

void timezone_init(struct timezone *timezone) {
	*timezone = (struct timezone){.standard_name = "UTC"};
}

static bool accept(struct cursor *cursor, char c) {
	if (cursor->at < cursor->end && *cursor->at == c) {
		cursor->at++;
		return true;
	}
	return false;
}

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool parse_number(struct cursor *cursor, int least, int most, int *value) {
	if (cursor->at == cursor->end || !is_digit(*cursor->at)) {
		return false;
	}
	*value = 0;
	while (cursor->at < cursor->end && is_digit(*cursor->at)) {
		*value = *value * 10 + (*cursor->at++ - '0');
		if (*value > most) {
			return false;
		}
	}
	return *value >= least;
}

// At least three letters, or <letters, digits, signs>.
static bool parse_name(struct cursor *cursor, char name[TIMEZONE_NAME_MAX + 1]) {
	size_t length = 0;
	bool quoted = accept(cursor, '<');
	while (cursor->at < cursor->end) {
		char c = *cursor->at;
		bool allowed = is_letter(c) || (quoted && (is_digit(c) || c == '+' || c == '-'));
		if (!allowed) {
			break;
		}
		if (length == TIMEZONE_NAME_MAX) {
			return false;
		}
		name[length++] = c;
		cursor->at++;
	}
	name[length] = '\0';
	return length >= 3 && (!quoted || accept(cursor, '>'));
}

// [+|-]hh[:mm[:ss]]
static bool parse_time(struct cursor *cursor, int *seconds) {
	bool negative = accept(cursor, '-');
	if (!negative) {
		accept(cursor, '+');
	}
	int hours, minutes = 0, rest = 0;
	if (!parse_number(cursor, 0, HOURS_MAX, &hours)) {
		return false;
	}
	if (accept(cursor, ':')) {
		if (!parse_number(cursor, 0, 59, &minutes) ||
			(accept(cursor, ':') && !parse_number(cursor, 0, 59, &rest))) {
			return false;
		}
	}
	*seconds = (hours * 60 + minutes) * 60 + rest;
	*seconds = negative ? -*seconds : *seconds;
	return true;
}

static bool parse_rule(struct cursor *cursor, struct timezone_rule *rule) {
	*rule = (struct timezone_rule){.time_s = 2 * 3600};
	if (accept(cursor, 'M')) {
		rule->kind = TIMEZONE_WEEKDAY;
		if (!parse_number(cursor, 1, 12, &rule->month) || !accept(cursor, '.') ||
			!parse_number(cursor, 1, 5, &rule->week) || !accept(cursor, '.') ||
			!parse_number(cursor, 0, 6, &rule->day)) {
			return false;
		}
	} else if (accept(cursor, 'J')) {
		rule->kind = TIMEZONE_JULIAN;
		if (!parse_number(cursor, 1, 365, &rule->day)) {
			return false;
		}
	} else {
		rule->kind = TIMEZONE_DAY;
		if (!parse_number(cursor, 0, 365, &rule->day)) {
			return false;
		}
	}
	return !accept(cursor, '/') || parse_time(cursor, &rule->time_s);
}

static bool parse_daylight(struct cursor *cursor, struct timezone *timezone) {
	if (!parse_name(cursor, timezone->daylight_name)) {
		return false;
	}
	timezone->daylight_offset_s = timezone->standard_offset_s + 3600;
	if (cursor->at < cursor->end && *cursor->at != ',') {
		int west_s;
		if (!parse_time(cursor, &west_s)) {
			return false;
		}
		timezone->daylight_offset_s = -west_s;
	}
	if (cursor->at == cursor->end) {
		// Without rules: those of the United States, as everyone takes them to be.
		timezone->start = (struct timezone_rule){TIMEZONE_WEEKDAY, 3, 2, 0, 7200};
		timezone->end = (struct timezone_rule){TIMEZONE_WEEKDAY, 11, 1, 0, 7200};
		return true;
	}
	return accept(cursor, ',') && parse_rule(cursor, &timezone->start) && accept(cursor, ',') &&
		parse_rule(cursor, &timezone->end);
}

bool timezone_parse(struct timezone *timezone, const char *text, size_t length) {
	struct cursor cursor = {text, text + length};
	struct timezone parsed = {0};
	int west_s;
	if (!parse_name(&cursor, parsed.standard_name) || !parse_time(&cursor, &west_s)) {
		return false;
	}
	parsed.standard_offset_s = -west_s;
	if (cursor.at < cursor.end && !parse_daylight(&cursor, &parsed)) {
		return false;
	}
	if (cursor.at != cursor.end) {
		return false;
	}
	*timezone = parsed;
	return true;
}

// Local seconds since 1970 at which a rule applies in a year.
static int64_t rule_at(const struct timezone_rule *rule, int64_t year) {
	int64_t first_day = calendar_days(year, 1, 1);
	int64_t day;
	if (rule->kind == TIMEZONE_DAY) {
		day = first_day + rule->day;
	} else if (rule->kind == TIMEZONE_JULIAN) {
		bool after_february = rule->day > 31 + 28;
		day = first_day + rule->day - 1 + (after_february && calendar_is_leap(year));
	} else {
		int64_t month_start = calendar_days(year, rule->month, 1);
		int64_t next_month = rule->month == 12 ? calendar_days(year + 1, 1, 1)
						       : calendar_days(year, rule->month + 1, 1);
		int missing = (rule->day - calendar_weekday(month_start) + 7) % 7;
		day = month_start + missing + (rule->week - 1) * 7;
		if (day >= next_month) {
			day -= 7;
		}
	}
	return day * DAY_S + rule->time_s;
}

static bool is_daylight(const struct timezone *timezone, int64_t seconds) {
	if (timezone->daylight_name[0] == '\0') {
		return false;
	}
	int64_t year;
	int month, day;
	int64_t local = seconds + timezone->standard_offset_s;
	calendar_date(local / DAY_S - (local % DAY_S < 0), &year, &month, &day);
	int64_t start = rule_at(&timezone->start, year) - timezone->standard_offset_s;
	int64_t end = rule_at(&timezone->end, year) - timezone->daylight_offset_s;
	// South of the equator the summer goes over the new year.
	return start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end;
}

struct gk_civil_time timezone_civil(const struct timezone *timezone, int64_t seconds) {
	bool daylight = is_daylight(timezone, seconds);
	struct gk_civil_time civil = {
		.daylight_saving = daylight,
		.utc_offset_s = daylight ? timezone->daylight_offset_s
					 : timezone->standard_offset_s,
	};
	const char *name = daylight ? timezone->daylight_name : timezone->standard_name;
	memcpy(civil.zone, name, sizeof(civil.zone));
	int64_t local = seconds + civil.utc_offset_s;
	int64_t days = local / DAY_S - (local % DAY_S < 0);
	int rest = (int)(local - days * DAY_S);
	calendar_date(days, &civil.year, &civil.month, &civil.day);
	civil.weekday = calendar_weekday(days);
	civil.hour = rest / 3600;
	civil.minute = rest / 60 % 60;
	civil.second = rest % 60;
	return civil;
}

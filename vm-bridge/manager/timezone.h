#ifndef TIMEZONE_H
#define TIMEZONE_H

#include <stdbool.h>
#include <stddef.h>

/** The host's time zone, in the two forms that guests take. */
struct timezone_names {
	char posix[128]; // a TZ string, e.g. "CET-1CEST,M3.5.0,M10.5.0/3"; never empty
	char area[64]; // e.g. "Europe/Berlin"; empty when the host does not say
};

/**
 * Read the host's time zone: $TZ if it is set, /etc/localtime otherwise.
 *
 * What cannot be found out becomes "UTC0" and "".
 */
void timezone_read(struct timezone_names *names);

/**
 * The same, with every input given.
 *
 * tz is $TZ or NULL; localtime is the path of the localtime file; zoneinfo that of the folder
 * of time zones, without a slash at its end.
 */
void timezone_read_from(
	struct timezone_names *names, const char *tz, const char *localtime, const char *zoneinfo);

/**
 * The TZ string in the footer of a TZif file (RFC 9636, section 3.3).
 *
 * Returns false when the file is no TZif of version 2 or later, has no footer, or a footer
 * that is empty, too long or not printable ASCII.
 */
bool timezone_footer(const char *content, size_t size_bytes, char *posix, size_t posix_size);

#endif

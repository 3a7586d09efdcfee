#include "timezone.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

#define TZIF_MAX_BYTES (256u * 1024)

bool timezone_footer(const char *content, size_t size_bytes, char *posix, size_t posix_size) {
	// Version 1 has no footer. A newline both precedes and ends it.
	if (size_bytes < 44 || memcmp(content, "TZif", 4) != 0 || content[4] < '2' ||
		content[size_bytes - 1] != '\n') {
		return false;
	}
	const char *end = content + size_bytes - 1;
	const char *start = memrchr(content, '\n', size_bytes - 1);
	if (start == NULL) {
		return false;
	}
	start++;
	size_t length = (size_t)(end - start);
	if (length == 0 || length >= posix_size) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		if (start[i] <= ' ' || start[i] > '~') {
			return false;
		}
	}
	memcpy(posix, start, length);
	posix[length] = '\0';
	return true;
}

static bool read_tzif(struct timezone_names *names, const char *path) {
	size_t size_bytes;
	char *content = file_read(path, TZIF_MAX_BYTES, &size_bytes);
	bool ok = content != NULL &&
		timezone_footer(content, size_bytes, names->posix, sizeof(names->posix));
	free(content);
	return ok;
}

static bool area_valid(const char *area) {
	size_t length = strlen(area);
	return length > 0 && length < sizeof(((struct timezone_names *)NULL)->area) &&
		area[0] != '/' && strstr(area, "..") == NULL &&
		strspn(area,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/") ==
		length;
}

static void set_area(struct timezone_names *names, const char *area) {
	if (area_valid(area)) {
		snprintf(names->area, sizeof(names->area), "%s", area);
	}
}

/* The zone's name, when the file is (a link to) one in the folder of time zones. */
static void area_of_file(struct timezone_names *names, const char *path) {
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);
	if (length < 0) {
		snprintf(target, sizeof(target), "%s", path);
	} else {
		target[length] = '\0';
	}
	// The link may be relative, and the folder itself a link: its name is what counts.
	const char *marker = strstr(target, "/zoneinfo/");
	if (marker != NULL) {
		set_area(names, marker + strlen("/zoneinfo/"));
	}
}

/* POSIX: a name of letters or <...>, then an offset. A zone's name has no offset at its end. */
static bool is_posix(const char *tz) {
	size_t length = strlen(tz);
	size_t name = tz[0] == '<'
		? strcspn(tz, ">") + 1
		: strspn(tz, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (name < 3 || name >= length ||
		length >= sizeof(((struct timezone_names *)NULL)->posix)) {
		return false;
	}
	const char *offset = tz + name;
	offset += *offset == '+' || *offset == '-';
	if (*offset < '0' || *offset > '9') {
		return false;
	}
	for (const char *at = tz; *at != '\0'; at++) {
		if (*at <= ' ' || *at > '~') {
			return false;
		}
	}
	return true;
}

void timezone_read_from(
	struct timezone_names *names, const char *tz, const char *localtime, const char *zoneinfo) {
	*names = (struct timezone_names){.posix = "UTC0"};
	if (tz == NULL) {
		read_tzif(names, localtime);
		area_of_file(names, localtime);
		return;
	}
	// POSIX: an implementation's own form begins with a colon.
	tz += tz[0] == ':';
	if (tz[0] == '/') {
		read_tzif(names, tz);
		area_of_file(names, tz);
		return;
	}
	// "EST5EDT" is both; the file knows more.
	if (area_valid(tz)) {
		char *path = format_string("%s/%s", zoneinfo, tz);
		bool found = read_tzif(names, path);
		free(path);
		if (found) {
			set_area(names, tz);
			return;
		}
	}
	if (is_posix(tz)) {
		snprintf(names->posix, sizeof(names->posix), "%s", tz);
	}
}

void timezone_read(struct timezone_names *names) {
	timezone_read_from(names, getenv("TZ"), "/etc/localtime", "/usr/share/zoneinfo");
}

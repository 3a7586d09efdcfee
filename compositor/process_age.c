#include "process_age.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STARTTIME_FIELD 22

// The fields are parted by blanks, but the second one, a name in brackets, may hold any.
static const char *find_field(const char *line, int number) {
	const char *at = strrchr(line, ')');
	for (int field = 2; at != NULL && field < number; field++) {
		at = strchr(at + 1, ' ');
	}
	return at;
}

int64_t process_age_ms(const char *untrusted_pid) {
	char path[64], line[1024];
	size_t len = strspn(untrusted_pid, "0123456789");
	if (len == 0 || len > 10 || untrusted_pid[len] != '\0') {
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/%s/stat", untrusted_pid);
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return -1;
	}
	const char *field = fgets(line, sizeof(line), file) != NULL
		? find_field(line, STARTTIME_FIELD)
		: NULL;
	fclose(file);
	uint64_t ticks = field != NULL ? strtoull(field, NULL, 10) : 0;
	long ticks_per_second = sysconf(_SC_CLK_TCK);
	struct timespec now;
	if (ticks == 0 || ticks > INT64_MAX / 1000 || ticks_per_second <= 0 ||
		clock_gettime(CLOCK_BOOTTIME, &now) != 0) {
		return -1;
	}
	int64_t start_ms = (int64_t)ticks * 1000 / ticks_per_second;
	int64_t age_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - start_ms;
	return age_ms >= 0 ? age_ms : -1;
}

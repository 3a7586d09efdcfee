#include "usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "file.h"

#define FILE_MAX_BYTES 16384

static char *read_file(pid_t pid, const char *name) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	size_t size_bytes;
	return file_read(path, FILE_MAX_BYTES, &size_bytes);
}

/* Processor time and start, both in clock ticks. */
static bool read_times(pid_t pid, uint64_t *used, uint64_t *start) {
	char *stat = read_file(pid, "stat");
	// The second field is a name in parentheses, which may hold anything. The next is the 3rd;
	// utime is the 14th, stime the 15th, starttime the 22nd.
	const char *at = stat != NULL ? strrchr(stat, ')') : NULL;
	uint64_t user, system;
	bool ok = at != NULL &&
		sscanf(at + 1,
			" %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64 " %" SCNu64
			" %*s %*s %*s %*s %*s %*s %" SCNu64,
			&user, &system, start) == 3;
	free(stat);
	if (ok) {
		*used = user + system;
	}
	return ok;
}

static uint64_t read_memory_bytes(pid_t pid) {
	char *rollup = read_file(pid, "smaps_rollup");
	const char *line = rollup != NULL ? strstr(rollup, "\nPss:") : NULL;
	uint64_t kib;
	bool found = line != NULL && sscanf(line, "\nPss: %" SCNu64, &kib) == 1;
	free(rollup);
	if (found) {
		return kib * 1024;
	}
	char *statm = read_file(pid, "statm"); // of another user's process, too
	uint64_t pages = 0;
	if (statm != NULL && sscanf(statm, "%*s %" SCNu64, &pages) != 1) {
		pages = 0;
	}
	free(statm);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t ticks_to_ms(uint64_t ticks) {
	uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);
	return ticks / per_second * 1000 + ticks % per_second * 1000 / per_second;
}

static uint64_t since_boot_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool usage_read(struct usage *usage, const struct usage_process *processes, size_t len) {
	bool found = false;
	*usage = (struct usage){0};
	for (size_t i = 0; i < len; i++) {
		uint64_t used, start;
		if (processes[i].pid <= 0 || !read_times(processes[i].pid, &used, &start) ||
			start != processes[i].start_time) {
			continue;
		}
		usage->cpu_ms += ticks_to_ms(used);
		usage->memory_bytes += read_memory_bytes(processes[i].pid);
		if (!found) {
			uint64_t now_ms = since_boot_ms(), start_ms = ticks_to_ms(start);
			usage->uptime_ms = now_ms > start_ms ? now_ms - start_ms : 0;
		}
		found = true;
	}
	return found;
}

#ifndef USAGE_H
#define USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** A process to be measured: the start time tells it from a later one with the same number. */
struct usage_process {
	pid_t pid; // 0: there is none
	uint64_t start_time; // as in /proc/PID/stat, in clock ticks since boot
};

/** What processes have cost so far, taken together. */
struct usage {
	uint64_t cpu_ms; // processor time, of all threads, in user and in kernel mode
	uint64_t memory_bytes;
	uint64_t uptime_ms; // of the first process that there is
};

/**
 * Measure processes, as /proc tells. One that is gone counts nothing.
 *
 * Memory is the proportional set size, so that what processes share is counted once; where that
 * may not be read it is the resident set size. It takes milliseconds where there is much memory:
 * to be called off the main loop.
 *
 * Returns false when none of them is there.
 */
bool usage_read(struct usage *usage, const struct usage_process *processes, size_t len);

#endif

#ifndef METER_H
#define METER_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

struct machine;
struct server;

/**
 * What the machines use, while somebody wants to know: then redecho-vmd is asked at intervals,
 * and SERVER_USAGE tells when the answers are there. Without a watch nothing is asked.
 */
struct meter;

/** What a machine used when it was last measured: machine.usage. */
struct meter_usage {
	bool known; // false: nobody watches, or it was not measured yet
	bool asked; // the answer is under way
	bool rated; // cpu_percent is known: it was measured twice
	uint64_t cpu_ms, memory_bytes, uptime_ms; // redecho_managed_machine_v1.usage
	double cpu_percent; // of one processor, since the measurement before
};

/** Somebody who wants to know; zeroed when it does not. */
struct meter_watch {
	struct wl_list link; // meter.watches
	int interval_ms; // 0: no watch
};

#define METER_INTERVAL_MIN_MS 100
#define METER_INTERVAL_MAX_MS 3600000

bool meter_init(struct server *server);

/** Watches that are left are told nothing any more, and need not be stopped. */
void meter_finish(struct server *server);

/** Begin, at once; or change the interval, which is within the limits above. */
void meter_watch_start(struct server *server, struct meter_watch *watch, int interval_ms);
void meter_watch_stop(struct server *server, struct meter_watch *watch);

/** The answer for a machine has come. */
void meter_take(
	struct machine *machine, uint64_t cpu_ms, uint64_t memory_bytes, uint64_t uptime_ms);

#endif

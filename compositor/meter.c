#include "meter.h"

#include <stdlib.h>

#include "machine.h"
#include "manager.h"
#include "redecho-manager-v1-client-protocol.h"
#include "server.h"

// Answers that take longer are told next time.
#define ANSWER_MS 500

struct meter {
	struct wl_list watches; // meter_watch.link
	struct wl_event_source *timer;
	int64_t next_ms; // when to ask again, CLOCK_MONOTONIC
	bool asking; // the answers are waited for
};

static int interval_ms(const struct meter *meter) {
	int least = METER_INTERVAL_MAX_MS;
	const struct meter_watch *watch;
	wl_list_for_each (watch, &meter->watches, link) {
		least = watch->interval_ms < least ? watch->interval_ms : least;
	}
	return least;
}

static void wake_in(struct meter *meter, int64_t ms) {
	wl_event_source_timer_update(meter->timer, ms > 1 ? (int)ms : 1);
}

static bool answered(const struct server *server) {
	const struct machine *machine;
	wl_list_for_each (machine, &server->machines, link) {
		if (machine->usage.asked && machine->managed != NULL) {
			return false;
		}
	}
	return true;
}

static void tell(struct server *server) {
	struct meter *meter = server->meter;
	meter->asking = false;
	wake_in(meter, meter->next_ms - server_now_ms());
	server_emit(server, SERVER_USAGE, SERVER_CHANGED, NULL);
}

static bool can_be_measured(const struct machine *machine) {
	return machine->managed != NULL && machine->made &&
		machine->state != REDECHO_MANAGED_MACHINE_V1_STATE_ENDED &&
		redecho_managed_machine_v1_get_version(machine->managed) >=
		REDECHO_MANAGED_MACHINE_V1_GET_USAGE_SINCE_VERSION;
}

static void ask(struct server *server) {
	struct meter *meter = server->meter;
	meter->next_ms = server_now_ms() + interval_ms(meter);
	struct machine *machine;
	wl_list_for_each (machine, &server->machines, link) {
		machine->usage.asked = can_be_measured(machine);
		if (machine->usage.asked) {
			redecho_managed_machine_v1_get_usage(machine->managed);
		} else {
			machine->usage.known = false;
		}
	}
	manager_flush(server->manager);
	meter->asking = true;
	if (answered(server)) {
		tell(server);
	} else {
		wake_in(meter, ANSWER_MS);
	}
}

static int handle_timer(void *data) {
	struct server *server = data;
	if (server->meter->asking) {
		tell(server);
	} else {
		ask(server);
	}
	return 0;
}

void meter_take(
	struct machine *machine, uint64_t cpu_ms, uint64_t memory_bytes, uint64_t uptime_ms) {
	struct server *server = machine->server;
	struct meter_usage *usage = &machine->usage;
	if (!usage->asked) {
		return; // too late: nobody watches any more
	}
	// One that was started again begins anew.
	usage->rated = usage->known && uptime_ms > usage->uptime_ms && cpu_ms >= usage->cpu_ms;
	if (usage->rated) {
		usage->cpu_percent = 100.0 * (double)(cpu_ms - usage->cpu_ms) /
			(double)(uptime_ms - usage->uptime_ms);
	}
	usage->known = true;
	usage->asked = false;
	usage->cpu_ms = cpu_ms;
	usage->memory_bytes = memory_bytes;
	usage->uptime_ms = uptime_ms;
	if (server->meter->asking && answered(server)) {
		tell(server);
	}
}

void meter_watch_start(struct server *server, struct meter_watch *watch, int interval_ms) {
	struct meter *meter = server->meter;
	if (watch->interval_ms == 0) {
		wl_list_insert(&meter->watches, &watch->link);
	}
	watch->interval_ms = interval_ms;
	if (!meter->asking) {
		wake_in(meter, 1);
	}
}

void meter_watch_stop(struct server *server, struct meter_watch *watch) {
	struct meter *meter = server->meter;
	if (watch->interval_ms == 0) {
		return;
	}
	wl_list_remove(&watch->link);
	watch->interval_ms = 0;
	if (!wl_list_empty(&meter->watches)) {
		return;
	}
	wl_event_source_timer_update(meter->timer, 0);
	meter->asking = false;
	struct machine *machine;
	wl_list_for_each (machine, &server->machines, link) {
		machine->usage = (struct meter_usage){0};
	}
}

bool meter_init(struct server *server) {
	struct meter *meter = calloc(1, sizeof(*meter));
	if (meter == NULL) {
		return false;
	}
	wl_list_init(&meter->watches);
	meter->timer = wl_event_loop_add_timer(server->loop, handle_timer, server);
	server->meter = meter;
	return meter->timer != NULL;
}

void meter_finish(struct server *server) {
	struct meter *meter = server->meter;
	if (meter == NULL) {
		return;
	}
	struct meter_watch *watch, *next;
	wl_list_for_each_safe (watch, next, &meter->watches, link) {
		wl_list_remove(&watch->link);
		watch->interval_ms = 0;
	}
	if (meter->timer != NULL) {
		wl_event_source_remove(meter->timer);
	}
	free(meter);
	server->meter = NULL;
}

#include "scope.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <wayland-server-core.h>

#include "file.h"
#include "log.h"

#define DESTINATION "org.freedesktop.systemd1"
#define PATH "/org/freedesktop/systemd1"
#define INTERFACE "org.freedesktop.systemd1.Manager"
#define TURN_MESSAGES 32

struct scopes {
	struct wl_event_loop *loop;
	scope_failed failed;
	void *data;
	sd_bus *bus; // NULL: not connected
	struct wl_event_source *source, *timer;
	struct wl_event_source *idle; // some calls have failed before they were made
	struct wl_list calls; // scope_call.link
};

/* A scope whose start is not known to have succeeded. */
struct scope_call {
	struct wl_list link; // scopes.calls
	struct scopes *scopes;
	char *owner, *unit;
	bool limited;
	bool adds; // to a scope that is there
	sd_bus_slot *slot; // of the call; NULL once it is answered
	char *error; // it could not even be made
};

static void call_destroy(struct scope_call *call) {
	wl_list_remove(&call->link);
	sd_bus_slot_unref(call->slot);
	free(call->owner);
	free(call->unit);
	free(call->error);
	free(call);
}

static void call_fail(struct scope_call *call, bool absent, const char *reason) {
	struct scopes *scopes = call->scopes;
	if (call->adds) {
		if (!absent) {
			log_info("%s: a process is not in %s: %s", call->owner, call->unit, reason);
		}
		call_destroy(call);
		return;
	}
	char *line = format_string("%.*s", (int)strcspn(reason, "\n"), reason);
	const struct scope_failure failure = {
		.owner = call->owner,
		.absent = absent,
		.limited = call->limited,
		.reason = line,
	};
	scopes->failed(scopes->data, &failure);
	call_destroy(call);
	free(line);
}

/* --- the bus ------------------------------------------------------------------------------ */

static void disconnect(struct scopes *scopes) {
	if (scopes->bus == NULL) {
		return;
	}
	wl_event_source_remove(scopes->source);
	scopes->source = NULL;
	wl_event_source_timer_update(scopes->timer, 0);
	struct scope_call *call, *next;
	wl_list_for_each_safe (call, next, &scopes->calls, link) {
		sd_bus_slot_unref(call->slot);
		call->slot = NULL;
	}
	sd_bus_close(scopes->bus);
	sd_bus_unref(scopes->bus);
	scopes->bus = NULL;
}

static int64_t now_us(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Have the loop wait for what sd-bus waits for. */
static void update_sources(struct scopes *scopes) {
	int events = sd_bus_get_events(scopes->bus);
	uint32_t mask = 0;
	if (events >= 0) {
		mask |= (events & POLLIN) != 0 ? WL_EVENT_READABLE : 0;
		mask |= (events & POLLOUT) != 0 ? WL_EVENT_WRITABLE : 0;
	}
	wl_event_source_fd_update(scopes->source, mask);
	uint64_t until_us = UINT64_MAX;
	sd_bus_get_timeout(scopes->bus, &until_us);
	int delay_ms = 0; // disarmed
	if (until_us != UINT64_MAX) {
		int64_t left_us = (int64_t)until_us - now_us();
		delay_ms = left_us > 0 ? (int)(left_us / 1000) + 1 : 1;
	}
	wl_event_source_timer_update(scopes->timer, delay_ms);
}

static void fail_all(struct scopes *scopes, const char *reason) {
	struct scope_call *call, *next;
	wl_list_for_each_safe (call, next, &scopes->calls, link) {
		call_fail(call, false, reason);
	}
}

static void process(struct scopes *scopes) {
	int result;
	unsigned messages = 0;
	do {
		result = sd_bus_process(scopes->bus, NULL);
	} while (result > 0 && ++messages < TURN_MESSAGES); // the rest is for the next turn
	if (result < 0) {
		log_debug("the user's D-Bus is gone: %s", strerror(-result));
		disconnect(scopes);
		fail_all(scopes, strerror(-result));
		return;
	}
	update_sources(scopes);
}

static int handle_socket(int fd, uint32_t mask, void *data) {
	process(data);
	return 0;
}

static int handle_timer(void *data) {
	struct scopes *scopes = data;
	if (scopes->bus != NULL) {
		process(scopes);
	}
	return 0;
}

/* job, its path, unit, result: sent to who has started the job. */
static int handle_job_removed(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct scopes *scopes = data;
	uint32_t id;
	const char *job, *unit, *result;
	if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) < 0) {
		return 0;
	}
	struct scope_call *call, *next;
	wl_list_for_each_safe (call, next, &scopes->calls, link) {
		if (call->adds || strcmp(call->unit, unit) != 0) {
			continue;
		}
		if (strcmp(result, "done") == 0) {
			log_debug("%s: in %s", call->owner, unit);
			call_destroy(call);
		} else {
			char *reason = format_string("systemd says \"%s\"", result);
			call_fail(call, false, reason);
			free(reason);
		}
		break;
	}
	return 0;
}

static int connect_bus(struct scopes *scopes) {
	sd_bus *bus = NULL;
	int result = sd_bus_open_user(&bus);
	if (result < 0) {
		return result;
	}
	int fd = sd_bus_get_fd(bus);
	if (fd >= 0) {
		scopes->source = wl_event_loop_add_fd(
			scopes->loop, fd, WL_EVENT_READABLE, handle_socket, scopes);
	}
	if (scopes->source == NULL) {
		sd_bus_unref(bus);
		return -ENOMEM;
	}
	scopes->bus = bus;
	result = sd_bus_match_signal_async(bus, NULL, DESTINATION, PATH, INTERFACE, "JobRemoved",
		handle_job_removed, NULL, scopes);
	if (result < 0) {
		disconnect(scopes);
	}
	return result;
}

/* --- calls -------------------------------------------------------------------------------- */

static bool means_absent(const sd_bus_error *error) {
	return sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
		sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER);
}

static int handle_reply(sd_bus_message *reply, void *data, sd_bus_error *unused) {
	struct scope_call *call = data;
	const sd_bus_error *error = sd_bus_message_get_error(reply);
	call->slot = sd_bus_slot_unref(call->slot);
	if (error == NULL && call->adds) {
		call_destroy(call);
		return 0;
	} else if (error == NULL) {
		return 0; // JobRemoved tells the rest
	}
	if (sd_bus_error_has_name(error, "org.freedesktop.systemd1.UnitExists")) {
		call_destroy(call); // of a machine that was adopted
		return 0;
	}
	call_fail(call, means_absent(error), error->message != NULL ? error->message : error->name);
	return 0;
}

static int append_pids(sd_bus_message *message, const struct scope_plan *plan) {
	uint32_t pids[SCOPE_PIDS_MAX];
	size_t len = 0;
	for (size_t i = 0; i < SCOPE_PIDS_MAX; i++) {
		if (plan->pids[i] > 0) {
			pids[len++] = (uint32_t)plan->pids[i];
		}
	}
	int result = sd_bus_message_open_container(message, 'r', "sv");
	result = result < 0 ? result : sd_bus_message_append(message, "s", "PIDs");
	result = result < 0 ? result : sd_bus_message_open_container(message, 'v', "au");
	result = result < 0
		? result
		: sd_bus_message_append_array(message, 'u', pids, len * sizeof(pids[0]));
	result = result < 0 ? result : sd_bus_message_close_container(message);
	return result < 0 ? result : sd_bus_message_close_container(message);
}

// When the user's systemd ends, or the whole system, the desk ends first, and its machines in an
// orderly way with it: only then are the scopes stopped.
static int append_properties(sd_bus_message *message, const struct scope_plan *plan) {
	int result = sd_bus_message_open_container(message, 'a', "(sv)");
	result = result < 0 ? result
			    : sd_bus_message_append(message, "(sv)(sv)(sv)", "Description", "s",
				      plan->description, "CollectMode", "s", "inactive-or-failed",
				      "Before", "as", 1, "redecho.service");
	if (result >= 0 && plan->memory_max_bytes > 0) {
		result = sd_bus_message_append(
			message, "(sv)", "MemoryMax", "t", plan->memory_max_bytes);
	}
	if (result >= 0 && plan->open) {
		result = sd_bus_message_append(message, "(sv)", "Delegate", "b", 1);
	}
	result = result < 0 ? result : append_pids(message, plan);
	return result < 0 ? result : sd_bus_message_close_container(message);
}

/* Returns a message, or NULL with *result the error. */
static sd_bus_message *begin(struct scopes *scopes, const char *method, int *result) {
	sd_bus_message *message = NULL;
	*result = scopes->bus != NULL ? 0 : connect_bus(scopes);
	if (*result < 0) {
		return NULL;
	}
	*result = sd_bus_message_new_method_call(
		scopes->bus, &message, DESTINATION, PATH, INTERFACE, method);
	// Or the bus would start what stands for systemd where there is none.
	*result = *result < 0 ? *result : sd_bus_message_set_auto_start(message, false);
	return message;
}

static int send(struct scope_call *call, const struct scope_plan *plan) {
	struct scopes *scopes = call->scopes;
	int result;
	sd_bus_message *message = begin(scopes, "StartTransientUnit", &result);
	result = result < 0 ? result : sd_bus_message_append(message, "ss", plan->unit, "fail");
	result = result < 0 ? result : append_properties(message, plan);
	result = result < 0 ? result : sd_bus_message_append(message, "a(sa(sv))", 0);
	result = result < 0
		? result
		: sd_bus_call_async(scopes->bus, &call->slot, message, handle_reply, call, 0);
	sd_bus_message_unref(message);
	return result;
}

static int send_add(struct scope_call *call, pid_t pid) {
	int result;
	sd_bus_message *message = begin(call->scopes, "AttachProcessesToUnit", &result);
	result = result < 0
		? result
		: sd_bus_message_append(message, "ssau", call->unit, "", 1, (uint32_t)pid);
	result = result < 0
		? result
		: sd_bus_call_async(call->scopes->bus, &call->slot, message, handle_reply, call, 0);
	sd_bus_message_unref(message);
	return result;
}

static void handle_idle(void *data) {
	struct scopes *scopes = data;
	scopes->idle = NULL;
	struct scope_call *call, *next;
	wl_list_for_each_safe (call, next, &scopes->calls, link) {
		if (call->error != NULL) {
			call_fail(call, true, call->error);
		}
	}
	if (scopes->bus != NULL) {
		process(scopes);
	}
}

static struct scope_call *call_create(struct scopes *scopes, const char *owner, const char *unit) {
	struct scope_call *call = calloc(1, sizeof(*call));
	if (call == NULL) {
		abort();
	}
	call->scopes = scopes;
	call->owner = format_string("%s", owner);
	call->unit = format_string("%s", unit);
	wl_list_insert(&scopes->calls, &call->link);
	return call;
}

/* result: of sending it. */
static void finish_sending(struct scope_call *call, int result) {
	struct scopes *scopes = call->scopes;
	if (result < 0) {
		call->error = format_string("%s", strerror(-result));
	}
	if (scopes->idle == NULL) {
		scopes->idle = wl_event_loop_add_idle(scopes->loop, handle_idle, scopes);
	}
}

void scopes_start(struct scopes *scopes, const struct scope_plan *plan) {
	struct scope_call *call = call_create(scopes, plan->owner, plan->unit);
	call->limited = plan->memory_max_bytes > 0;
	finish_sending(call, send(call, plan));
}

void scopes_add(struct scopes *scopes, const char *owner, const char *unit, pid_t pid) {
	struct scope_call *call = call_create(scopes, owner, unit);
	call->adds = true;
	finish_sending(call, send_add(call, pid));
}

struct scopes *scopes_create(struct wl_event_loop *loop, scope_failed failed, void *data) {
	struct scopes *scopes = calloc(1, sizeof(*scopes));
	if (scopes == NULL) {
		return NULL;
	}
	scopes->loop = loop;
	scopes->failed = failed;
	scopes->data = data;
	wl_list_init(&scopes->calls);
	scopes->timer = wl_event_loop_add_timer(loop, handle_timer, scopes);
	if (scopes->timer == NULL) {
		free(scopes);
		return NULL;
	}
	return scopes;
}

void scopes_destroy(struct scopes *scopes) {
	if (scopes == NULL) {
		return;
	}
	disconnect(scopes);
	struct scope_call *call, *next;
	wl_list_for_each_safe (call, next, &scopes->calls, link) {
		call_destroy(call);
	}
	if (scopes->idle != NULL) {
		wl_event_source_remove(scopes->idle);
	}
	wl_event_source_remove(scopes->timer);
	free(scopes);
}

/* --- names -------------------------------------------------------------------------------- */

static void put_escaped(FILE *out, const char *text) {
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789:-_.";
	for (; *text != '\0'; text++) {
		if (strchr(allowed, *text) != NULL) {
			fputc(*text, out);
		} else {
			fprintf(out, "\\x%02x", (unsigned)(unsigned char)*text);
		}
	}
}

char *scope_unit_name(const char *prefix, const char *name, const char *suffix) {
	char *unit = NULL;
	size_t size;
	FILE *out = open_memstream(&unit, &size);
	if (out == NULL) {
		abort();
	}
	put_escaped(out, prefix);
	fputc('-', out);
	put_escaped(out, name);
	if (suffix != NULL) {
		fputc('-', out);
		put_escaped(out, suffix);
	}
	fputs(".scope", out);
	if (fclose(out) != 0) {
		abort();
	}
	return unit;
}

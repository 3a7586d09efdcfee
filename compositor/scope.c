#include "scope.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-login.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_US 2000000
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"

struct job {
	const char *path; // of the object, borrowed from the reply
	const char *result; // NULL: not done
	char text[16];
};

char *scope_current_unit(void) {
	char *unit = NULL;
	return sd_pid_get_user_unit(0, &unit) >= 0 ? unit : NULL;
}

static int handle_job_removed(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct job *job = data;
	uint32_t id;
	const char *path, *unit, *result;
	if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) >= 0 &&
		strcmp(path, job->path) == 0) {
		snprintf(job->text, sizeof(job->text), "%s", result);
		job->result = job->text;
	}
	return 0;
}

// systemd's own socket, which is there without a session bus.
static int connect_manager(sd_bus **bus) {
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char address[256];
	if (runtime == NULL) {
		return -ENOENT;
	}
	int len = snprintf(address, sizeof(address), "unix:path=%s/systemd/private", runtime);
	if (len < 0 || (size_t)len >= sizeof(address)) {
		return -ENAMETOOLONG;
	}
	int status = sd_bus_new(bus);
	status = status < 0 ? status : sd_bus_set_address(*bus, address);
	return status < 0 ? status : sd_bus_start(*bus);
}

static int start_scope(sd_bus *bus, const char *name, const char *description, const char *before,
	sd_bus_message **reply) {
	sd_bus_message *call = NULL;
	int status = sd_bus_message_new_method_call(
		bus, &call, NULL, MANAGER_PATH, MANAGER_INTERFACE, "StartTransientUnit");
	if (status < 0) {
		return status;
	}
	status = sd_bus_message_append(call, "ssa(sv)a(sa(sv))", name, "fail", 4, "PIDs", "au", 1,
		(uint32_t)getpid(), "Description", "s", description, "Before", "as", 1, before,
		"CollectMode", "s", "inactive-or-failed", 0);
	if (status >= 0) {
		status = sd_bus_call(bus, call, PATIENCE_US, NULL, reply);
	}
	sd_bus_message_unref(call);
	return status;
}

static int64_t now_us(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int wait_job(sd_bus *bus, const struct job *job) {
	const int64_t end = now_us() + PATIENCE_US;
	while (job->result == NULL) {
		int status = sd_bus_process(bus, NULL);
		int64_t left = end - now_us();
		if (status < 0 || left <= 0) {
			return status < 0 ? status : -ETIMEDOUT;
		}
		if (status == 0) {
			sd_bus_wait(bus, (uint64_t)left);
		}
	}
	return strcmp(job->result, "done") == 0 ? 0 : -ECANCELED;
}

bool scope_enter(const char *name, const char *description, const char *before) {
	sd_bus *bus = NULL;
	sd_bus_message *reply = NULL;
	struct job job = {0};
	int status = connect_manager(&bus);
	if (status >= 0) {
		status = sd_bus_match_signal(bus, NULL, NULL, MANAGER_PATH, MANAGER_INTERFACE,
			"JobRemoved", handle_job_removed, &job);
	}
	if (status >= 0) {
		status = start_scope(bus, name, description, before, &reply);
	}
	if (status >= 0) {
		status = sd_bus_message_read(reply, "o", &job.path);
	}
	if (status >= 0) {
		status = wait_job(bus, &job);
	}
	sd_bus_message_unref(reply);
	sd_bus_close_unref(bus);
	errno = -status;
	return status >= 0;
}

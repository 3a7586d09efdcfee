#include "service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "launch.h"
#include "log.h"
#include "scope.h"
#include "server.h"

#define PATIENCE_MS 5000

struct service {
	struct server *server;
	void (*ready)(struct server *server); // NULL until service_start()
	bool login; // the session of a login
	char *unit; // ours; NULL: we are none
	int end_fd; // readable when the environment was told; -1: it is not being told
	struct wl_event_source *source;
	struct wl_event_source *timer;
};

// systemd's environment and the one of a D-Bus daemon are two things; either may be missing.
static const char tell_environment[] =
	"names='WAYLAND_DISPLAY XDG_CURRENT_DESKTOP REDECHO_SOCKET'\n"
	"if systemctl --user show-environment >/dev/null 2>&1; then\n"
	"	systemctl --user import-environment $names\n"
	"fi\n"
	"if [ -n \"${DBUS_SESSION_BUS_ADDRESS:-}\" ] || [ -S \"$XDG_RUNTIME_DIR/bus\" ]; then\n"
	"	dbus-update-activation-environment $names\n"
	"fi\n";

static void stop_waiting(struct service *service) {
	if (service->source != NULL) {
		wl_event_source_remove(service->source);
		service->source = NULL;
	}
	if (service->timer != NULL) {
		wl_event_source_remove(service->timer);
		service->timer = NULL;
	}
	if (service->end_fd >= 0) {
		close(service->end_fd);
		service->end_fd = -1;
	}
}

static void become_ready(struct service *service) {
	stop_waiting(service);
	sd_notifyf(
		0, "READY=1\nSTATUS=Desk %s on %s", service->server->desk, service->server->socket);
	service->ready(service->server);
}

static int handle_end(int fd, uint32_t mask, void *data) {
	become_ready(data);
	return 0;
}

static int handle_timeout(void *data) {
	log_error(
		"the session's environment was not told within %d s, going on", PATIENCE_MS / 1000);
	become_ready(data);
	return 0;
}

static bool start_telling(struct service *service) {
	struct wl_event_loop *loop = service->server->loop;
	service->end_fd = launch_shell_until_end(service->server, tell_environment);
	if (service->end_fd < 0) {
		log_error("the session's environment cannot be told: %s", strerror(errno));
		return false;
	}
	service->source = wl_event_loop_add_fd(
		loop, service->end_fd, WL_EVENT_READABLE, handle_end, service);
	service->timer = wl_event_loop_add_timer(loop, handle_timeout, service);
	if (service->source == NULL || service->timer == NULL) {
		return false;
	}
	wl_event_source_timer_update(service->timer, PATIENCE_MS);
	return true;
}

bool service_init(struct server *server) {
	struct service *service = calloc(1, sizeof(*service));
	if (service == NULL) {
		return false;
	}
	server->service = service;
	service->server = server;
	service->end_fd = -1;
	service->login = server->options.session && !server->nested;
	if (service->login) {
		service->unit = scope_current_unit();
	}
	return true;
}

void service_start(struct service *service, void (*ready)(struct server *server)) {
	service->ready = ready;
	if (!service->login || !start_telling(service)) {
		become_ready(service);
	}
}

void service_stopping(struct service *service) {
	if (service != NULL) {
		sd_notify(0, "STOPPING=1");
	}
}

void service_finish(struct server *server) {
	struct service *service = server->service;
	if (service == NULL) {
		return;
	}
	service_stopping(service);
	stop_waiting(service);
	free(service->unit);
	free(service);
	server->service = NULL;
}

void service_leave_unit(const struct service *service, const char *name) {
	if (service == NULL || service->unit == NULL) {
		return;
	}
	char scope[128], description[128];
	snprintf(scope, sizeof(scope), "%.64s-%ld.scope", name, (long)getpid());
	snprintf(description, sizeof(description), "%.64s, started by Red Echo", name);
	if (!scope_enter(scope, description, service->unit)) {
		fprintf(stderr, LOG_PREFIX "%s stays in %s: %s\n", name, service->unit,
			strerror(errno));
	}
}

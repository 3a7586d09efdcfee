#include "domain.h"

#include <assert.h>
#include <libvirt/virterror.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "connection.h"
#include "file.h"
#include "log.h"
#include "overlay.h"
#include "worker.h"

/* How often QEMU's pid is looked for when a domain is to be killed while it starts. */
#define PID_POLL_MS 20
/* How long libvirt may take to come back from the start of a domain that is to be killed. */
#define KILL_POLLS 200
/* How long libvirt has to say why QEMU ended, after it ended. */
#define END_WORD_MS 300

/* How often a domain is made anew because libvirt still has one of its name. */
#define CREATE_TRIES 3
/* How long a former domain of the same name has to go. */
#define FORMER_POLL_MS 10
#define FORMER_POLLS 300

/*
 * Theory of operation
 *
 * A job holds what its call needs; `shared` is the only thing that a worker's thread and the
 * main loop have in common, and it lives until both have let go: the main loop by
 * domain_destroy, the worker by its last job, which is always the same, run_release. So a
 * call that hangs for ever holds its thread and `shared`, and nobody waits for it.
 */
struct shared {
	struct domain *domain; // the main loop's alone; NULL after domain_destroy
	struct connection *connection; // its handle outlives every domain
	virDomainPtr handle; // the worker's alone
	atomic_bool unwanted; // what is being started is to be ended
	char *uuid;
	char *name;
};

struct domain_job {
	struct worker_job base;
	struct shared *shared;
	char *xml;
	struct overlay overlay;
	char *error;
	int display_bus_fd;
	bool paused;
	bool ended; // to release: the domain is gone, or about to be
};

static struct domain_job *job_create(struct domain *domain, void (*run)(struct worker_job *job),
	void (*done)(struct worker_job *job)) {
	struct domain_job *job = calloc(1, sizeof(*job));
	if (job == NULL) {
		abort();
	}
	job->base.run = run;
	job->base.done = done;
	job->shared = domain->shared;
	job->display_bus_fd = -1;
	return job;
}

static void job_free(struct domain_job *job) {
	free(job->xml);
	overlay_finish(&job->overlay);
	free(job->error);
	if (job->display_bus_fd >= 0) {
		close(job->display_bus_fd);
	}
	free(job);
}

static void finish_nothing(struct worker_job *base) {
	struct domain_job *job = wl_container_of(base, job, base);
	if (job->error != NULL) {
		log_debug("libvirt: %s", job->error);
	}
	job_free(job);
}

/* A machine that is being ended refuses for that reason. */
static void finish_request(struct worker_job *base) {
	struct domain_job *job = wl_container_of(base, job, base);
	struct domain *domain = job->shared->domain;
	if (job->error != NULL && domain != NULL && domain->active && !domain->destroy_seen &&
		!domain->shutdown_seen) {
		char *line = format_string("%.*s", (int)strcspn(job->error, "\n"), job->error);
		wl_signal_emit_mutable(&domain->events.refused, line);
		free(line);
	}
	finish_nothing(base);
}

/* --- on the worker's thread --- */

static void take_error(struct domain_job *job) {
	job->error = format_string("%s", virGetLastErrorMessage());
}

/* A machine that is started again may find its former domain not cleaned up yet. */
static void end_former(struct shared *shared) {
	for (int i = 0; i < FORMER_POLLS; i++) {
		virDomainPtr former = virDomainLookupByName(
			shared->connection->handle, shared->name);
		if (former == NULL) {
			return;
		}
		// In a libvirt that others use too it may be theirs.
		if (connection_is_embedded(shared->connection)) {
			virDomainDestroy(former);
		}
		virDomainFree(former);
		usleep(FORMER_POLL_MS * 1000);
	}
}

/* libvirt may take up a domain that it finds running after we looked: then it is ended, too. */
static virDomainPtr create(struct shared *shared, const char *xml) {
	for (int tries = 1; !atomic_load(&shared->unwanted); tries++) {
		virDomainPtr domain = virDomainCreateXML(shared->connection->handle, xml, 0);
		if (domain != NULL || tries == CREATE_TRIES ||
			virGetLastErrorCode() != VIR_ERR_OPERATION_FAILED) {
			return domain;
		}
		end_former(shared); // "already exists"
	}
	return NULL;
}

static void run_start(struct worker_job *base) {
	struct domain_job *job = wl_container_of(base, job, base);
	struct shared *shared = job->shared;
	end_former(shared); // before its disk is made anew
	if (job->overlay.path != NULL) {
		job->error = overlay_create(&job->overlay);
		if (job->error != NULL) {
			return;
		}
	}
	shared->handle = create(shared, job->xml);
	if (shared->handle == NULL && atomic_load(&shared->unwanted)) {
		job->error = format_string("killed");
		return;
	}
	if (shared->handle == NULL) {
		take_error(job);
		return;
	}
	if (atomic_load(&shared->unwanted)) {
		virDomainDestroy(shared->handle); // the main loop may have given it up by now
	}
	job->display_bus_fd = virDomainOpenGraphicsFD(shared->handle, 0, 0);
}

static void run_adopt(struct worker_job *base) {
	struct domain_job *job = wl_container_of(base, job, base);
	struct shared *shared = job->shared;
	shared->handle = virDomainLookupByUUIDString(shared->connection->handle, shared->uuid);
	int state = VIR_DOMAIN_NOSTATE;
	if (shared->handle == NULL || virDomainGetState(shared->handle, &state, NULL, 0) != 0 ||
		virDomainIsActive(shared->handle) != 1) {
		take_error(job);
		return;
	}
	job->paused = state == VIR_DOMAIN_PAUSED;
}

static void run_press_power(struct worker_job *base) {
	struct domain_job *job = wl_container_of(base, job, base);
	if (job->shared->handle != NULL &&
		virDomainShutdownFlags(job->shared->handle, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN) !=
			0) {
		take_error(job);
	}
}

static void run_pause(struct worker_job *base) {
	struct domain_job *job = wl_container_of(base, job, base);
	if (job->shared->handle != NULL && virDomainSuspend(job->shared->handle) != 0) {
		take_error(job);
	}
}

static void run_resume(struct worker_job *base) {
	struct domain_job *job = wl_container_of(base, job, base);
	if (job->shared->handle != NULL && virDomainResume(job->shared->handle) != 0) {
		take_error(job);
	}
}

static void run_destroy(struct worker_job *base) {
	struct domain_job *job = wl_container_of(base, job, base);
	if (job->shared->handle != NULL && virDomainDestroy(job->shared->handle) != 0) {
		take_error(job); // mostly that it is gone already
	}
}

/* QEMU has ended, and libvirt, in a thread of its own, is about to forget the domain. */
static void wait_forgotten(struct shared *shared) {
	for (int i = 0; i < FORMER_POLLS; i++) {
		virDomainPtr found = virDomainLookupByUUIDString(
			shared->connection->handle, shared->uuid);
		if (found == NULL) {
			return;
		}
		virDomainFree(found);
		usleep(FORMER_POLL_MS * 1000);
	}
}

static void run_release(struct worker_job *base) {
	struct domain_job *job = wl_container_of(base, job, base);
	if (job->shared->handle != NULL) {
		if (job->ended) {
			wait_forgotten(job->shared);
		}
		virDomainFree(job->shared->handle);
	}
}

/* --- on the main loop --- */

static void finish_release(struct worker_job *base) {
	struct domain_job *job = wl_container_of(base, job, base);
	connection_unref(job->shared->connection);
	free(job->shared->uuid);
	free(job->shared->name);
	free(job->shared);
	job_free(job);
}

/* Whether a process is this domain's QEMU: its command line has the UUID. */
static bool is_our_qemu(const struct domain *domain, pid_t pid) {
	char *path = format_string("/proc/%d/cmdline", (int)pid);
	size_t size_bytes;
	char *cmdline = file_read(path, 256 * 1024, &size_bytes);
	bool ours = cmdline != NULL &&
		memmem(cmdline, size_bytes, domain->uuid, strlen(domain->uuid)) != NULL;
	free(cmdline);
	free(path);
	return ours;
}

static bool find_qemu(struct domain *domain) {
	if (domain->process.pid != 0) {
		return true;
	}
	char *path = connection_pid_path(domain->connection, domain->name);
	size_t size_bytes;
	char *text = path != NULL ? file_read(path, 32, &size_bytes) : NULL;
	pid_t pid = text != NULL ? (pid_t)strtol(text, NULL, 10) : 0;
	free(text);
	free(path);
	if (pid <= 1 || !process_watch(&domain->process, domain->loop, pid, 0)) {
		return false;
	}
	if (!is_our_qemu(domain, pid)) {
		process_unwatch(&domain->process);
		return false;
	}
	return true;
}

static void emit_gone(struct domain *domain) {
	domain->active = false;
	wl_event_source_timer_update(domain->kill_timer, 0);
	wl_event_source_timer_update(domain->end_timer, 0);
	enum domain_end end = domain->panic_seen ? DOMAIN_END_PANICKED
		: domain->shutdown_seen          ? DOMAIN_END_SHUTDOWN
		: domain->destroy_seen           ? DOMAIN_END_DESTROYED
						 : DOMAIN_END_CRASHED;
	wl_signal_emit_mutable(&domain->events.gone, &end);
}

static void handle_process_exited(struct wl_listener *listener, void *data) {
	struct domain *domain = wl_container_of(listener, domain, process_exited);
	if (!domain->active || domain->starting) {
		return; // the start will fail
	} else if (domain->panic_seen || domain->shutdown_seen || domain->destroy_seen) {
		emit_gone(domain);
	} else {
		wl_event_source_timer_update(domain->end_timer, END_WORD_MS);
	}
}

static int handle_end_timer(void *data) {
	struct domain *domain = data;
	if (domain->active) {
		emit_gone(domain);
	}
	return 0;
}

/* The call that hangs keeps its thread, and ends what it may still start. */
static void give_up_start(struct domain *domain) {
	domain->starting = false;
	domain->active = false;
	wl_signal_emit_mutable(&domain->events.start_failed, "libvirt does not answer");
}

static int handle_kill_timer(void *data) {
	struct domain *domain = data;
	if (find_qemu(domain)) {
		process_signal(&domain->process, SIGKILL);
	}
	if (domain->starting && domain->kill_polls++ < KILL_POLLS) {
		wl_event_source_timer_update(domain->kill_timer, PID_POLL_MS);
	} else if (domain->starting) {
		give_up_start(domain);
	}
	return 0;
}

static void handle_stopped(struct domain *domain, int detail) {
	switch (detail) {
	case VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN:
		domain->shutdown_seen = true;
		break;
	case VIR_DOMAIN_EVENT_STOPPED_DESTROYED:
		domain->destroy_seen = true;
		break;
	default:
		break;
	}
	// libvirt has ended QEMU, or is about to: its exit is the end. If it is not known, this is.
	if (domain->process.pid == 0 && !domain->starting) {
		emit_gone(domain);
	}
}

static void handle_lifecycle(struct wl_listener *listener, void *data) {
	struct domain *domain = wl_container_of(listener, domain, lifecycle);
	const struct connection_lifecycle *lifecycle = data;
	if (!domain->active || strcmp(lifecycle->uuid, domain->uuid) != 0) {
		return;
	}
	bool paused;
	switch (lifecycle->event) {
	case VIR_DOMAIN_EVENT_SHUTDOWN:
		// By the host: QEMU was sent a signal, which is not the guest's doing.
		if (lifecycle->detail != VIR_DOMAIN_EVENT_SHUTDOWN_HOST) {
			domain->shutdown_seen = true;
		}
		break;
	case VIR_DOMAIN_EVENT_CRASHED:
		domain->panic_seen = true;
		break;
	case VIR_DOMAIN_EVENT_STOPPED:
		handle_stopped(domain, lifecycle->detail);
		break;
	case VIR_DOMAIN_EVENT_RESUMED:
	case VIR_DOMAIN_EVENT_SUSPENDED:
		paused = lifecycle->event == VIR_DOMAIN_EVENT_SUSPENDED;
		if (!domain->starting) {
			wl_signal_emit_mutable(&domain->events.paused, &paused);
		}
		break;
	default:
		break;
	}
}

static void submit(struct domain *domain, void (*run)(struct worker_job *job)) {
	struct domain_job *job = job_create(domain, run, finish_nothing);
	worker_submit(domain->worker, &job->base);
}

/* QEMU's raw words are no help to a user. */
static char *explain(const char *error, bool *known) {
	*known = true;
	if (strstr(error, "Failed to get \"write\" lock") != NULL ||
		strstr(error, "Failed to get shared \"write\" lock") != NULL) {
		return format_string("its disk is in use by another machine");
	} else if (strstr(error, "Cannot allocate memory") != NULL) {
		return format_string("there is not enough memory for it");
	} else if (strstr(error, "UNIX socket path") != NULL) {
		return format_string("the desk's folder has too long a path for sockets: shorten "
				     "XDG_RUNTIME_DIR");
	}
	*known = false;
	const char *start = strrchr(error, '\n');
	while (start != NULL && start > error && start[1] == '\0') {
		start = memrchr(error, '\n', (size_t)(start - error));
	}
	char *line = format_string("%s", start != NULL ? start + 1 : error);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static void finish_start(struct worker_job *base) {
	struct domain_job *job = wl_container_of(base, job, base);
	struct domain *domain = job->shared->domain;
	if (domain == NULL) {
		job_free(job);
		return;
	}
	if (!domain->starting) {
		job_free(job); // it was given up
		return;
	}
	domain->starting = false;
	if (job->error != NULL) {
		log_debug("%s: %s", domain->name, job->error);
		domain->active = false;
		char *reason = explain(job->error, &domain->explained);
		wl_signal_emit_mutable(&domain->events.start_failed, reason);
		free(reason);
		job_free(job);
		return;
	}
	bool found = find_qemu(domain);
	struct domain_started started = {job->display_bus_fd, job->paused};
	job->display_bus_fd = -1;
	job_free(job);
	if (domain->kill_wanted) {
		domain_kill(domain);
	}
	wl_signal_emit_mutable(&domain->events.started, &started);
	if (!found && domain->active) {
		emit_gone(domain); // it ended before it could be watched
	}
}

static void domain_set_uuid(struct domain *domain, const char *uuid) {
	if (uuid != NULL) {
		strncpy(domain->uuid, uuid, sizeof(domain->uuid) - 1);
		return;
	}
	uint8_t bytes[16];
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes)) {
		abort();
	}
	bytes[6] = (bytes[6] & 0x0f) | 0x40; // RFC 9562, version 4
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	char *to = domain->uuid;
	for (int i = 0; i < 16; i++) {
		to += sprintf(
			to, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
	}
}

struct domain *domain_create(struct connection *connection, struct worker_hub *hub,
	struct wl_event_loop *loop, const char *name, const char *uuid) {
	struct domain *domain = calloc(1, sizeof(*domain));
	struct shared *shared = calloc(1, sizeof(*shared));
	struct worker *worker = worker_create(hub);
	struct wl_event_source *kill_timer = wl_event_loop_add_timer(
		loop, handle_kill_timer, domain);
	struct wl_event_source *end_timer = wl_event_loop_add_timer(loop, handle_end_timer, domain);
	if (domain == NULL || shared == NULL || worker == NULL || kill_timer == NULL ||
		end_timer == NULL) {
		abort();
	}
	wl_signal_init(&domain->events.started);
	wl_signal_init(&domain->events.start_failed);
	wl_signal_init(&domain->events.paused);
	wl_signal_init(&domain->events.refused);
	wl_signal_init(&domain->events.gone);
	domain->name = format_string("%s", name);
	domain->connection = connection;
	domain->loop = loop;
	domain->worker = worker;
	domain->kill_timer = kill_timer;
	domain->end_timer = end_timer;
	domain_set_uuid(domain, uuid);
	domain->shared = shared;
	shared->domain = domain;
	shared->connection = connection;
	connection_ref(connection);
	shared->uuid = format_string("%s", domain->uuid);
	shared->name = format_string("%s", name);
	process_init(&domain->process);
	domain->process_exited.notify = handle_process_exited;
	wl_signal_add(&domain->process.events.exited, &domain->process_exited);
	domain->lifecycle.notify = handle_lifecycle;
	wl_signal_add(&connection->events.lifecycle, &domain->lifecycle);
	return domain;
}

void domain_destroy(struct domain *domain) {
	if (domain == NULL) {
		return;
	}
	assert(wl_list_empty(&domain->events.started.listener_list));
	assert(wl_list_empty(&domain->events.start_failed.listener_list));
	assert(wl_list_empty(&domain->events.paused.listener_list));
	assert(wl_list_empty(&domain->events.refused.listener_list));
	assert(wl_list_empty(&domain->events.gone.listener_list));
	domain->shared->domain = NULL;
	struct domain_job *job = job_create(domain, run_release, finish_release);
	job->ended = !domain->active;
	worker_submit(domain->worker, &job->base);
	worker_retire(domain->worker);
	wl_list_remove(&domain->process_exited.link);
	wl_list_remove(&domain->lifecycle.link);
	process_finish(&domain->process);
	wl_event_source_remove(domain->kill_timer);
	wl_event_source_remove(domain->end_timer);
	free(domain->name);
	free(domain);
}

void domain_start(struct domain *domain, const char *xml, const struct overlay *overlay) {
	assert(!domain->active);
	domain->active = true;
	domain->starting = true;
	struct domain_job *job = job_create(domain, run_start, finish_start);
	job->xml = format_string("%s", xml);
	if (overlay != NULL) {
		overlay_copy(&job->overlay, overlay);
	}
	worker_submit(domain->worker, &job->base);
}

void domain_adopt(struct domain *domain) {
	assert(!domain->active);
	domain->active = true;
	domain->starting = true;
	worker_submit(domain->worker, &job_create(domain, run_adopt, finish_start)->base);
}

void domain_press_power(struct domain *domain) {
	submit(domain, run_press_power);
}

void domain_pause(struct domain *domain) {
	worker_submit(domain->worker, &job_create(domain, run_pause, finish_request)->base);
}

void domain_resume(struct domain *domain) {
	worker_submit(domain->worker, &job_create(domain, run_resume, finish_request)->base);
}

void domain_kill(struct domain *domain) {
	domain->kill_wanted = true;
	domain->destroy_seen = true;
	atomic_store(&domain->shared->unwanted, true);
	handle_kill_timer(domain);
	submit(domain, run_destroy);
}

void domain_end(struct domain *domain) {
	domain->destroy_seen = true;
	submit(domain, run_destroy);
}

#include "connection.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "libvirt_root.h"
#include "log.h"
#include "worker.h"

/*
 * Theory of operation
 *
 * libvirt has one event loop per process, which has to be there before the first connection.
 * It runs on a thread that is never stopped: libvirt cannot unregister it. Its callbacks only
 * post to the main loop. The connection is opened, probed and closed by a worker.
 *
 * A callback may still run, or be about to, when libvirt was closed. So it knows the mailbox
 * alone, which lives until the connection, libvirt and what was posted have let go of it.
 */

struct connection_mailbox {
	atomic_int users;
	pthread_mutex_t mutex; // guards hub
	struct worker_hub *hub; // NULL: nothing is posted any more
	struct connection *connection; // the main loop's alone; NULL: it is gone
};

struct open_job {
	struct worker_job base;
	struct connection *connection;
	virConnectPtr handle;
	int callback_id;
	char *error;
	char (*found)[VIR_UUID_STRING_BUFLEN];
	size_t found_count;
	char uuid[VIR_UUID_STRING_BUFLEN]; // to end
};

struct lifecycle_job {
	struct worker_job base;
	struct connection_mailbox *mailbox;
	struct connection_lifecycle lifecycle;
};

static void *event_main(void *data) {
	while (virEventRunDefaultImpl() == 0) {
	}
	log_error("libvirt's event loop ended");
	return NULL;
}

/* Errors come back from the calls: nothing is to be printed besides. */
static void ignore_error(void *data, virErrorPtr error) {}

static void start_event_loop(void) {
	virSetErrorFunc(NULL, ignore_error);
	virEventRegisterDefaultImpl();
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_t thread;
	if (pthread_create(&thread, NULL, event_main, NULL) == 0) {
		pthread_detach(thread);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static struct connection_mailbox *mailbox_create(struct connection *connection) {
	struct connection_mailbox *mailbox = calloc(1, sizeof(*mailbox));
	if (mailbox == NULL) {
		abort();
	}
	atomic_init(&mailbox->users, 1);
	pthread_mutex_init(&mailbox->mutex, NULL);
	mailbox->hub = connection->hub;
	mailbox->connection = connection;
	return mailbox;
}

static void mailbox_ref(struct connection_mailbox *mailbox) {
	atomic_fetch_add(&mailbox->users, 1);
}

static void mailbox_unref(void *data) {
	struct connection_mailbox *mailbox = data;
	if (atomic_fetch_sub(&mailbox->users, 1) == 1) {
		pthread_mutex_destroy(&mailbox->mutex);
		free(mailbox);
	}
}

static void mailbox_close(struct connection_mailbox *mailbox) {
	mailbox->connection = NULL;
	pthread_mutex_lock(&mailbox->mutex);
	mailbox->hub = NULL;
	pthread_mutex_unlock(&mailbox->mutex);
	mailbox_unref(mailbox);
}

static void deliver_lifecycle(struct worker_job *base) {
	struct lifecycle_job *job = wl_container_of(base, job, base);
	struct connection *connection = job->mailbox->connection;
	if (connection != NULL) {
		wl_signal_emit_mutable(&connection->events.lifecycle, &job->lifecycle);
	}
	mailbox_unref(job->mailbox);
	free(job);
}

/* On libvirt's thread. */
static int handle_lifecycle(
	virConnectPtr handle, virDomainPtr domain, int event, int detail, void *data) {
	struct connection_mailbox *mailbox = data;
	struct lifecycle_job *job = calloc(1, sizeof(*job));
	if (job == NULL) {
		return 0; // QEMU's exit is seen all the same
	}
	job->base.done = deliver_lifecycle;
	job->mailbox = mailbox;
	job->lifecycle.event = event;
	job->lifecycle.detail = detail;
	virDomainGetUUIDString(domain, job->lifecycle.uuid);
	pthread_mutex_lock(&mailbox->mutex);
	bool open = mailbox->hub != NULL;
	if (open) {
		mailbox_ref(mailbox);
		worker_hub_post(mailbox->hub, &job->base);
	}
	pthread_mutex_unlock(&mailbox->mutex);
	if (!open) {
		free(job);
	}
	return 0;
}

/* What a former process left running in our root. Elsewhere domains are not all ours. */
static void list_found(struct open_job *job) {
	virDomainPtr *domains = NULL;
	int count = virConnectListAllDomains(
		job->handle, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
	if (count > 0) {
		job->found = calloc((size_t)count, sizeof(*job->found));
	}
	for (int i = 0; i < count; i++) {
		if (job->found != NULL &&
			virDomainGetUUIDString(domains[i], job->found[job->found_count]) == 0) {
			job->found_count++;
		}
		virDomainFree(domains[i]);
	}
	free(domains);
}

static void run_open(struct worker_job *base) {
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, start_event_loop);

	struct open_job *job = wl_container_of(base, job, base);
	struct connection *connection = job->connection;
	if (connection->root != NULL) {
		int error = libvirt_root_prepare(
			connection->root, connection->cache_folder, connection->emulator);
		if (error != 0) {
			job->error = format_string("%s: %s", connection->root, strerror(-error));
			return;
		}
	}
	job->handle = virConnectOpen(connection->uri);
	if (job->handle == NULL) {
		job->error = format_string("libvirt: %s", virGetLastErrorMessage());
		return;
	}
	mailbox_ref(connection->mailbox);
	job->callback_id = virConnectDomainEventRegisterAny(job->handle, NULL,
		VIR_DOMAIN_EVENT_ID_LIFECYCLE,
		(virConnectDomainEventGenericCallback)(void (*)(void))handle_lifecycle,
		connection->mailbox, mailbox_unref);
	if (job->callback_id < 0) {
		mailbox_unref(connection->mailbox);
	}
	if (connection->root != NULL) {
		list_found(job);
	}
}

/* The first question about capabilities takes seconds: ask it before a machine needs them. */
static void run_probe(struct worker_job *base) {
	struct open_job *job = wl_container_of(base, job, base);
	struct connection *connection = job->connection;
	if (connection->emulator == NULL) {
		return;
	}
	char *xml = virConnectGetDomainCapabilities(
		connection->handle, connection->emulator, "x86_64", "q35", "qemu", 0);
	if (xml == NULL) {
		log_error("libvirt: %s", virGetLastErrorMessage());
		return;
	}
	free(xml);
	if (connection->root != NULL) {
		libvirt_root_keep_capabilities(
			connection->root, connection->cache_folder, connection->emulator);
	}
}

static void finish_probe(struct worker_job *base) {
	struct open_job *job = wl_container_of(base, job, base);
	log_debug("QEMU's capabilities are known");
	free(job);
}

static void submit(struct connection *connection, void (*run)(struct worker_job *job),
	void (*done)(struct worker_job *job)) {
	struct open_job *job = calloc(1, sizeof(*job));
	if (job == NULL) {
		abort();
	}
	job->base.run = run;
	job->base.done = done;
	job->connection = connection;
	worker_submit(connection->worker, &job->base);
}

static void finish_open(struct worker_job *base) {
	struct open_job *job = wl_container_of(base, job, base);
	struct connection *connection = job->connection;
	connection->ready = true;
	connection->handle = job->handle;
	connection->callback_id = job->callback_id;
	connection->error = job->error;
	connection->found = job->found;
	connection->found_count = job->found_count;
	free(job);
	if (connection->handle != NULL) {
		submit(connection, run_probe, finish_probe);
	}
	wl_signal_emit_mutable(&connection->events.ready, NULL);
}

static void run_end_domain(struct worker_job *base) {
	struct open_job *job = wl_container_of(base, job, base);
	virDomainPtr domain = virDomainLookupByUUIDString(job->connection->handle, job->uuid);
	if (domain != NULL) {
		virDomainDestroy(domain);
		virDomainFree(domain);
	}
}

static void finish_end_domain(struct worker_job *base) {
	struct open_job *job = wl_container_of(base, job, base);
	free(job);
}

void connection_end_domain(struct connection *connection, const char *uuid) {
	struct open_job *job = calloc(1, sizeof(*job));
	if (job == NULL) {
		abort();
	}
	job->base.run = run_end_domain;
	job->base.done = finish_end_domain;
	job->connection = connection;
	snprintf(job->uuid, sizeof(job->uuid), "%s", uuid);
	worker_submit(connection->worker, &job->base);
}

static void run_close(struct worker_job *base) {
	struct open_job *job = wl_container_of(base, job, base);
	struct connection *connection = job->connection;
	if (connection->handle != NULL) {
		if (connection->callback_id >= 0) {
			virConnectDomainEventDeregisterAny(
				connection->handle, connection->callback_id);
		}
		virConnectClose(connection->handle);
	}
}

static void finish_close(struct worker_job *base) {
	struct open_job *job = wl_container_of(base, job, base);
	struct connection *connection = job->connection;
	connection->handle = NULL;
	free(job);
	wl_signal_emit_mutable(&connection->events.closed, NULL);
}

/* The embedded driver's URI; what has a meaning in one is escaped (RFC 3986, section 2.1). */
static char *embedded_uri(const char *root) {
	char *escaped = calloc(3, strlen(root) + 1);
	if (escaped == NULL) {
		abort();
	}
	char *to = escaped;
	for (const char *at = root; *at != '\0'; at++) {
		unsigned char byte = (unsigned char)*at;
		to += isalnum(byte) || strchr("/._-", byte) != NULL ? sprintf(to, "%c", byte)
								    : sprintf(to, "%%%02X", byte);
	}
	char *uri = format_string("qemu:///embed?root=%s", escaped);
	free(escaped);
	return uri;
}

struct connection *connection_create(
	struct worker_hub *hub, const struct connection_options *options) {
	struct connection *connection = calloc(1, sizeof(*connection));
	if (connection == NULL) {
		return NULL;
	}
	wl_signal_init(&connection->events.ready);
	wl_signal_init(&connection->events.lifecycle);
	wl_signal_init(&connection->events.unused);
	wl_signal_init(&connection->events.closed);
	connection->hub = hub;
	connection->worker = worker_create(hub);
	if (connection->worker == NULL) {
		free(connection);
		return NULL;
	}
	if (options->uri != NULL) {
		connection->uri = format_string("%s", options->uri);
	} else {
		connection->root = format_string("%s", options->root);
		connection->uri = embedded_uri(options->root);
	}
	if (options->emulator != NULL) {
		connection->emulator = format_string("%s", options->emulator);
	}
	if (options->cache_folder != NULL) {
		connection->cache_folder = format_string("%s", options->cache_folder);
	}
	connection->mailbox = mailbox_create(connection);
	submit(connection, run_open, finish_open);
	return connection;
}

void connection_ref(struct connection *connection) {
	connection->users++;
}

void connection_unref(struct connection *connection) {
	assert(connection->users > 0);
	if (--connection->users == 0) {
		wl_signal_emit_mutable(&connection->events.unused, NULL);
	}
}

void connection_close(struct connection *connection) {
	submit(connection, run_close, finish_close);
}

void connection_destroy(struct connection *connection) {
	if (connection == NULL) {
		return;
	}
	assert(wl_list_empty(&connection->events.ready.listener_list));
	assert(wl_list_empty(&connection->events.lifecycle.listener_list));
	assert(wl_list_empty(&connection->events.unused.listener_list));
	assert(wl_list_empty(&connection->events.closed.listener_list));
	mailbox_close(connection->mailbox);
	worker_retire(connection->worker);
	free(connection->found);
	free(connection->error);
	free(connection->uri);
	free(connection->root);
	free(connection->emulator);
	free(connection->cache_folder);
	free(connection);
}

bool connection_is_embedded(const struct connection *connection) {
	return connection->root != NULL;
}

char *connection_domain_name(
	const struct connection *connection, const char *desk_dir, const char *machine_name) {
	const char *desk = strrchr(desk_dir, '/');
	return connection_is_embedded(connection)
		? format_string("%s", machine_name)
		: format_string("%s-%s", desk != NULL ? desk + 1 : desk_dir, machine_name);
}

char *connection_pid_path(const struct connection *connection, const char *domain_name) {
	if (connection->root != NULL) {
		return format_string("%s/run/qemu/%s.pid", connection->root, domain_name);
	} else if (strstr(connection->uri, "/system") != NULL) {
		return format_string("/run/libvirt/qemu/%s.pid", domain_name);
	}
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	return runtime_dir != NULL
		? format_string("%s/libvirt/qemu/run/%s.pid", runtime_dir, domain_name)
		: NULL;
}

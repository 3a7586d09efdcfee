#ifndef CONNECTION_H
#define CONNECTION_H

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <wayland-server-core.h>

struct connection_mailbox;
struct worker;
struct worker_hub;

/**
 * The connection to libvirt, and its events.
 *
 * Two threads of its own: one runs libvirt's event loop, one opens, probes and closes. The
 * connection itself may be used on every worker's thread.
 */
struct connection {
	bool ready; // open; or it failed, and error says why
	char *error; // one line; NULL when the connection is open
	virConnectPtr handle; // for workers' threads, once ready
	int users; // domains that may still use the handle
	char (*found)[VIR_UUID_STRING_BUFLEN]; // domains that ran when it was opened, if embedded
	size_t found_count;

	struct {
		struct wl_signal ready; // data: NULL
		struct wl_signal lifecycle; // data: const struct connection_lifecycle *
		struct wl_signal unused; // users has become 0; data: NULL
		struct wl_signal closed; // data: NULL; after connection_close
	} events;

	// private
	struct worker_hub *hub;
	struct worker *worker;
	struct connection_mailbox *mailbox;
	int callback_id;
	char *uri;
	char *root; // NULL unless the driver is embedded
	char *emulator;
	char *cache_folder;
};

/** What happened to a domain (libvirt: virDomainEventType and its details). */
struct connection_lifecycle {
	char uuid[VIR_UUID_STRING_BUFLEN];
	int event, detail;
};

struct connection_options {
	const char *uri; // NULL: the embedded driver with this root
	const char *root; // a folder of our own; made if it is missing
	const char *emulator; // whose capabilities are probed in advance; may be NULL
	const char *cache_folder; // keeps capabilities across starts and desks; may be NULL
};

/** Starts opening; ready tells the end. Returns NULL only without memory or threads. */
struct connection *connection_create(
	struct worker_hub *hub, const struct connection_options *options);

void connection_ref(struct connection *connection);
void connection_unref(struct connection *connection);

/** End a domain that nobody here knows. */
void connection_end_domain(struct connection *connection, const char *uuid);

/** Close: closed tells the end. Domains run on. libvirt waits for users that there are. */
void connection_close(struct connection *connection);

/** After closed alone. No listener may be left. */
void connection_destroy(struct connection *connection);

/** Whether libvirt is ours alone: then every domain in it is a machine of this desk. */
bool connection_is_embedded(const struct connection *connection);

/** What a machine is called in libvirt, to be freed: where others use it too, with the desk. */
char *connection_domain_name(
	const struct connection *connection, const char *desk_dir, const char *machine_name);

/** Path of the file in which libvirt keeps the pid of a domain's QEMU, to be freed, or NULL. */
char *connection_pid_path(const struct connection *connection, const char *domain_name);

#endif

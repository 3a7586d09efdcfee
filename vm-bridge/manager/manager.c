#include "manager.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "connection.h"
#include "desk_folder.h"
#include "file.h"
#include "log.h"
#include "machine.h"
#include "machine_resource.h"
#include "machine_scope.h"
#include "machine_settings.h"
#include "machine_state.h"
#include "manager_resource.h"
#include "process.h"
#include "redecho-manager-v1-protocol.h"
#include "scope.h"
#include "worker.h"

#define EMULATOR "qemu-system-x86_64"
#define EMULATOR_COMMAND "qemu-system-x86" // as the kernel cuts it
#define PROBE_TIMEOUT_MS 300
#define SIGNAL_GRACE_MS 5000
/* What libvirt may take to close before redecho-vmd leaves without it. */
#define CLOSE_TIMEOUT_MS 15000
#define TRIM_INTERVAL_MS 5000

struct notice {
	struct wl_list link; // manager.notices
	uint32_t severity;
	char *message;
};

/* --- notices --- */

void manager_notice(struct manager *manager, uint32_t severity, const char *message) {
	bool said = false;
	struct notice *notice;
	wl_list_for_each (notice, &manager->notices, link) {
		said = said || strcmp(notice->message, message) == 0;
	}
	if (!said) {
		notice = calloc(1, sizeof(*notice));
		if (notice == NULL) {
			abort();
		}
		notice->severity = severity;
		notice->message = format_string("%s", message);
		wl_list_insert(manager->notices.prev, &notice->link);
		log_info("%s", message);
	}
	struct wl_resource *resource;
	wl_resource_for_each(resource, &manager->resources) {
		manager_resource_send_notice(resource, severity, message);
	}
}

void manager_send_notices(struct manager *manager, struct wl_resource *resource) {
	struct notice *notice;
	wl_list_for_each (notice, &manager->notices, link) {
		manager_resource_send_notice(resource, notice->severity, notice->message);
	}
}

/* --- machines --- */

struct machine *manager_find_live(struct manager *manager, const char *program_name) {
	struct machine *machine;
	wl_list_for_each (machine, &manager->machines, link) {
		if (machine_is_live(machine) && strcmp(machine->program->name, program_name) == 0) {
			return machine;
		}
	}
	return NULL;
}

struct machine *manager_find_disk(struct manager *manager, const struct machine *than) {
	if (than->program->disk == NULL || than->program->disk_read_only) {
		return NULL;
	}
	struct machine *machine;
	wl_list_for_each (machine, &manager->machines, link) {
		const struct program *program = machine->program;
		bool shares = program->ephemeral && than->program->ephemeral;
		if (machine != than && machine_is_live(machine) && program->disk != NULL &&
			!shares && strcmp(program->disk, than->program->disk) == 0) {
			return machine;
		}
	}
	return NULL;
}

static bool name_taken(struct manager *manager, const char *name) {
	struct machine *machine;
	wl_list_for_each (machine, &manager->machines, link) {
		if (strcmp(machine->name, name) == 0) {
			return true;
		}
	}
	return false;
}

/* PROGRAM, PROGRAM-2, ...: the first that is free, to be freed. */
static char *unique_name(struct manager *manager, const char *program_name) {
	char *name = format_string("%s", program_name);
	for (int number = 2; name_taken(manager, name); number++) {
		free(name);
		name = format_string("%s-%d", program_name, number);
	}
	return name;
}

static void spawn_failed(struct wl_resource *object, const char *program_name, const char *error) {
	redecho_managed_machine_v1_send_identity(object, "", program_name, program_name, "");
	redecho_managed_machine_v1_send_state(object, REDECHO_MANAGED_MACHINE_V1_STATE_ENDED);
	redecho_managed_machine_v1_send_ended(
		object, REDECHO_MANAGED_MACHINE_V1_CAUSE_START_FAILED, error);
}

void manager_spawn(struct manager *manager, struct wl_resource *resource, uint32_t id,
	const char *program_name) {
	struct wl_client *client = wl_resource_get_client(resource);
	uint32_t version = (uint32_t)wl_resource_get_version(resource);
	char *error = NULL;
	struct program *program = NULL;
	if (manager->exiting) {
		error = format_string("the desk is closing");
	} else {
		program = program_load(&manager->options->search, program_name, &error);
	}
	struct machine *live = program != NULL && !program->ephemeral
		? manager_find_live(manager, program->name)
		: NULL;
	if (program == NULL || live != NULL) {
		struct wl_resource *object = machine_resource_create_inert(client, version, id);
		if (object != NULL && live != NULL) {
			machine_resource_send_duplicate(object, live->name);
		} else if (object != NULL) {
			spawn_failed(object, program_name, error);
		}
		program_destroy(program);
		free(error);
		return;
	}
	char *name = unique_name(manager, program->name);
	struct machine *machine = machine_create(manager, name, program);
	free(name);
	struct wl_resource *object = machine_resource_create(machine, client, version, id);
	if (object == NULL) {
		machine_destroy(machine);
		return;
	}
	machine_resource_send_all(machine, object);
	struct wl_resource *other;
	wl_resource_for_each(other, &manager->resources) {
		if (wl_resource_get_client(other) != client) {
			manager_resource_announce(other, machine);
		}
	}
	machine_start(machine);
}

bool manager_uses_kvm(const struct manager *manager) {
	return manager->accel->kvm;
}

static void proceed(struct manager *manager) {
	struct machine *machine;
	wl_list_for_each (machine, &manager->machines, link) {
		machine_proceed(machine);
	}
}

/* A machine whose state file is lost can be neither shown nor steered. */
static void end_strangers(struct manager *manager) {
	struct connection *connection = manager->connection;
	for (size_t i = 0; i < connection->found_count; i++) {
		bool known = false;
		struct machine *machine;
		wl_list_for_each (machine, &manager->machines, link) {
			known = known || machine_has_domain(machine, connection->found[i]);
		}
		if (!known) {
			log_error("ending a machine whose state is lost");
			connection_end_domain(connection, connection->found[i]);
		}
	}
}

static void handle_connection_ready(struct wl_listener *listener, void *data) {
	struct manager *manager = wl_container_of(listener, manager, connection_ready);
	if (manager->connection->error != NULL) {
		manager_notice(
			manager, REDECHO_MANAGER_V1_SEVERITY_ERROR, manager->connection->error);
	}
	end_strangers(manager);
	proceed(manager);
	manager_machine_changed(manager);
}

static void announce_accel(struct manager *manager) {
	log_info("accelerator: %s", manager->accel->kvm ? "kvm" : "tcg");
	if (manager->accel->notice[0] != '\0') {
		manager_notice(
			manager, REDECHO_MANAGER_V1_SEVERITY_WARNING, manager->accel->notice);
	}
}

static void handle_accel_decided(struct wl_listener *listener, void *data) {
	struct manager *manager = wl_container_of(listener, manager, accel_decided);
	announce_accel(manager);
	proceed(manager);
}

/* Adopts what a former redecho-vmd left in a machine's folder, or removes the folder. */
static void adopt_folder(struct manager *manager, const char *folder) {
	char *path = format_string("%s/%s/state", manager->machines_folder, folder);
	struct machine_state state;
	bool found = machine_state_read(&state, path);
	free(path);
	if (!found || strcmp(state.name, folder) != 0) {
		path = format_string("%s/%s", manager->machines_folder, folder);
		file_remove_tree(path);
		free(path);
		if (found) {
			machine_state_finish(&state);
		}
		return;
	}
	char *error = NULL;
	struct program *program = program_load(&manager->options->search, state.program, &error);
	if (program == NULL) {
		// The machine goes on without its file, which only a restart needs.
		log_info("%s: %s", state.name, error);
		free(error);
		program = program_create(state.program);
	}
	struct machine *machine = machine_create(manager, state.name, program);
	machine_adopt(machine, &state);
	log_info("adopting %s", state.name);
	machine_state_finish(&state);
}

static void adopt_machines(struct manager *manager) {
	DIR *folder = opendir(manager->machines_folder);
	struct dirent *entry;
	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] != '.') {
			adopt_folder(manager, entry->d_name);
		}
	}
	if (folder != NULL) {
		closedir(folder);
	}
}

static int handle_log_timer(void *data) {
	struct manager *manager = data;
	struct machine *machine;
	wl_list_for_each (machine, &manager->machines, link) {
		machine_trim_log(machine);
	}
	wl_event_source_timer_update(manager->log_timer, TRIM_INTERVAL_MS);
	return 0;
}

/* --- the end --- */

static void handle_connection_unused(struct wl_listener *listener, void *data) {
	struct manager *manager = wl_container_of(listener, manager, connection_unused);
	manager_machine_changed(manager);
}

static void handle_connection_closed(struct wl_listener *listener, void *data) {
	struct manager *manager = wl_container_of(listener, manager, connection_closed);
	manager->closed = true;
	manager->left_nothing = true;
	wl_display_terminate(manager->display);
}

static int handle_exit_timer(void *data) {
	struct manager *manager = data;
	log_error("libvirt does not close: leaving without it");
	manager->left_nothing = true;
	wl_display_terminate(manager->display);
	return 0;
}

void manager_machine_changed(struct manager *manager) {
	if (!manager->exiting || manager->closing || !manager->connection->ready) {
		return;
	}
	struct machine *machine;
	wl_list_for_each (machine, &manager->machines, link) {
		if (!machine_is_gone(machine)) {
			return;
		}
	}
	wl_event_source_timer_update(manager->exit_timer, CLOSE_TIMEOUT_MS);
	if (manager->connection->users > 0) {
		return; // their last calls to libvirt are under way
	}
	manager->closing = true;
	connection_close(manager->connection);
}

void manager_shutdown(struct manager *manager, uint32_t grace_ms) {
	manager->exiting = true;
	struct machine *machine;
	wl_list_for_each (machine, &manager->machines, link) {
		if (machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_STOPPING && grace_ms > 0) {
			continue; // a second press would kill it
		}
		machine_power_off(machine, grace_ms);
	}
	manager_machine_changed(manager);
}

static int handle_signal(int number, void *data) {
	struct manager *manager = data;
	manager_shutdown(manager, manager->exiting ? 0 : SIGNAL_GRACE_MS);
	return 0;
}

/*
 * QEMU's process is libvirt's orphan. Until it is buried libvirt takes it for alive, and an
 * init that is slow in that makes each end of a machine take seconds.
 */
static int handle_child(int number, void *data) {
	struct manager *manager = data;
	process_reap_orphans(EMULATOR_COMMAND);
	accel_bury(manager->accel);
	return 0;
}

/* --- start and finish --- */

/* The path of a program in PATH, to be freed, or NULL. */
static char *find_in_path(const char *name) {
	const char *path = getenv("PATH");
	while (path != NULL && *path != '\0') {
		size_t length = strcspn(path, ":");
		char *candidate = format_string("%.*s/%s", (int)length, path, name);
		if (candidate[0] == '/' && access(candidate, X_OK) == 0) {
			return candidate;
		}
		free(candidate);
		path += length + (path[length] == ':');
	}
	return NULL;
}

static bool lock_desk(struct manager *manager) {
	const struct manager_options *options = manager->options;
	manager->lock_fd = options->lock_fd >= 0 ? options->lock_fd
						 : desk_folder_lock(options->desk_dir);
	return manager->lock_fd >= 0;
}

/* The socket is listening, or becomes it. */
static bool add_socket(struct manager *manager) {
	int fd = manager->options->listen_fd;
	if (fd < 0) {
		fd = desk_folder_listen(manager->options->desk_dir);
	}
	if (fd < 0) {
		return false;
	}
	if (wl_display_add_socket_fd(manager->display, fd) != 0) {
		log_error("file descriptor %d is no socket to listen on", fd);
		return false;
	}
	return true;
}

static bool create_parts(struct manager *manager) {
	manager->display = wl_display_create();
	if (manager->display == NULL) {
		return false;
	}
	manager->loop = wl_display_get_event_loop(manager->display);
	char *cache_path = manager->cache_folder != NULL
		? format_string("%s/accel", manager->cache_folder)
		: NULL;
	const struct accel_options accel = {
		.choice = manager->options->accel,
		.kvm_path = "/dev/kvm",
		.cache_path = cache_path,
		.timeout_ms = PROBE_TIMEOUT_MS,
	};
	// First of all: it forks, and the rest has threads.
	manager->accel = accel_create(manager->loop, &accel);
	free(cache_path);
	manager->hub = worker_hub_create(manager->loop);
	manager->global = wl_global_create(
		manager->display, &redecho_manager_v1_interface, 3, manager, manager_resource_bind);
	manager->exit_timer = wl_event_loop_add_timer(manager->loop, handle_exit_timer, manager);
	manager->log_timer = wl_event_loop_add_timer(manager->loop, handle_log_timer, manager);
	manager->signals[0] = wl_event_loop_add_signal(
		manager->loop, SIGTERM, handle_signal, manager);
	manager->signals[1] = wl_event_loop_add_signal(
		manager->loop, SIGINT, handle_signal, manager);
	manager->signals[2] = wl_event_loop_add_signal(
		manager->loop, SIGCHLD, handle_child, manager);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return manager->accel != NULL && manager->hub != NULL && manager->global != NULL &&
		manager->exit_timer != NULL && manager->log_timer != NULL &&
		manager->signals[0] != NULL && manager->signals[1] != NULL &&
		manager->signals[2] != NULL;
}

static bool connect_libvirt(struct manager *manager) {
	const struct connection_options connection = {
		.uri = manager->options->uri,
		.root = manager->state_folder,
		.emulator = manager->emulator,
		.cache_folder = manager->cache_folder,
	};
	manager->connection = connection_create(manager->hub, &connection);
	if (manager->connection == NULL) {
		return false;
	}
	manager->connection_ready.notify = handle_connection_ready;
	wl_signal_add(&manager->connection->events.ready, &manager->connection_ready);
	manager->connection_unused.notify = handle_connection_unused;
	wl_signal_add(&manager->connection->events.unused, &manager->connection_unused);
	manager->connection_closed.notify = handle_connection_closed;
	wl_signal_add(&manager->connection->events.closed, &manager->connection_closed);
	manager->accel_decided.notify = handle_accel_decided;
	wl_signal_add(&manager->accel->events.decided, &manager->accel_decided);
	return true;
}

bool manager_init(struct manager *manager, const struct manager_options *options) {
	*manager = (struct manager){.options = options, .lock_fd = -1};
	wl_list_init(&manager->machines);
	wl_list_init(&manager->resources);
	wl_list_init(&manager->notices);
	manager->keyboard_layout = format_string("%s", "");
	manager->keyboard_variant = format_string("%s", "");
	manager->keyboard_options = format_string("%s", "");
	manager->render_node = format_string("%s", "");
	manager->state_folder = format_string("%s/v", options->desk_dir);
	manager->machines_folder = format_string("%s/v/m", options->desk_dir);
	manager->emulator = options->uri == NULL ? find_in_path(EMULATOR) : NULL;
	int error = file_make_folders(manager->machines_folder);
	if (error != 0) {
		log_error("%s: %s", manager->machines_folder, strerror(-error));
		return false;
	}
	if (!desk_folder_check(options->desk_dir) || !lock_desk(manager)) {
		return false;
	}
	manager->cache_folder = desk_folder_find_cache();
	if (!create_parts(manager) || !connect_libvirt(manager)) {
		log_error("not enough memory, threads or file descriptors");
		return false;
	}
	if (manager->accel->decided) {
		announce_accel(manager);
	}
	manager->scopes = machine_scope_init(manager);
	adopt_machines(manager);
	wl_event_source_timer_update(manager->log_timer, TRIM_INTERVAL_MS);
	return add_socket(manager);
}

/* Only after libvirt was closed: then each thread is about to end. */
static void finish_threads(struct manager *manager) {
	connection_destroy(manager->connection);
	if (manager->meter != NULL) {
		worker_retire(manager->meter);
	}
	while (worker_hub_count(manager->hub) > 0) {
		wl_event_loop_dispatch(manager->loop, -1);
	}
	worker_hub_destroy(manager->hub);
	wl_event_source_remove(manager->exit_timer);
	wl_event_source_remove(manager->log_timer);
	wl_event_source_remove(manager->signals[0]);
	wl_event_source_remove(manager->signals[1]);
	wl_event_source_remove(manager->signals[2]);
	wl_display_destroy(manager->display);
}

bool manager_finish(struct manager *manager) {
	struct machine *machine, *next;
	wl_list_for_each_safe (machine, next, &manager->machines, link) {
		machine_destroy(machine);
	}
	if (manager->connection != NULL) {
		wl_list_remove(&manager->connection_ready.link);
		wl_list_remove(&manager->connection_unused.link);
		wl_list_remove(&manager->connection_closed.link);
		wl_list_remove(&manager->accel_decided.link);
	}
	scopes_destroy(manager->scopes);
	accel_destroy(manager->accel);
	if (manager->left_nothing) {
		desk_folder_clear(manager->options->desk_dir, manager->state_folder);
	}
	// The clients' sign that nothing is left.
	if (manager->display != NULL) {
		wl_display_destroy_clients(manager->display);
	}
	if (manager->closed) {
		finish_threads(manager);
	} // else a thread may use the hub and the connection; they end with the process
	struct notice *notice, *next_notice;
	wl_list_for_each_safe (notice, next_notice, &manager->notices, link) {
		wl_list_remove(&notice->link);
		free(notice->message);
		free(notice);
	}
	free(manager->keyboard_layout);
	free(manager->keyboard_variant);
	free(manager->keyboard_options);
	free(manager->render_node);
	free(manager->emulator);
	free(manager->state_folder);
	free(manager->machines_folder);
	free(manager->cache_folder);
	return manager->left_nothing;
}

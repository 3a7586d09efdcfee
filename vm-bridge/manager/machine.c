#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge.h"
#include "connection.h"
#include "domain.h"
#include "file.h"
#include "log.h"
#include "machine_graphics.h"
#include "machine_private.h"
#include "machine_resource.h"
#include "machine_scope.h"
#include "machine_settings.h"
#include "machine_state.h"
#include "machine_usage.h"
#include "manager.h"

/* A start that takes longer hangs, even on a busy host with QEMU's capabilities unknown. */
#define START_TIMEOUT_MS 90000
/*
 * Theory of operation
 *
 * A start makes the bridge first: its sockets listen before its process exists, so whatever
 * order bridge, libvirt and QEMU then run in, QEMU finds somebody to connect to. The state
 * file is written between the two: a redecho-vmd that is killed at any point leaves either a
 * bridge that the next one finds, or both.
 *
 * An end comes from the domain (gone, start_failed), and from the bridge's death, which only
 * ends the domain: QEMU must not live without its back end. The file descriptors of QEMU that
 * the bridge gave away are kept until QEMU is gone, so that it does not spin meanwhile. Cause
 * and message are the first to be set.
 */

void machine_set_state(struct machine *machine, uint32_t state) {
	if (machine->state != state) {
		machine->state = state;
		machine_send_state(machine);
	}
}

void machine_set_cause(struct machine *machine, uint32_t cause, char *message) {
	if (machine->cause_known) {
		free(message);
		return;
	}
	machine->cause_known = true;
	machine->cause = cause;
	free(machine->message);
	machine->message = message;
}

static char *state_path(const struct machine *machine) {
	return format_string("%s/state", machine->folder);
}

/* Returns 0 or -errno: then nobody after us would know the machine. */
int machine_write_state(struct machine *machine) {
	char *path = state_path(machine);
	struct machine_state state = {
		.name = machine->name,
		.program = machine->program->name,
		.uuid = machine->domain->uuid,
		.overlay = machine->overlay.path,
		.title = machine->program->title,
		.label = machine->program->label,
		.devices = machine->devices,
		.memory_bytes = machine->program->memory_bytes,
		.memory_max_bytes = machine->program->memory_max_bytes,
		.cpus = machine->program->cpus,
		.bridge_pid = machine->bridge->process.pid,
		.bridge_start_time = machine->bridge->process.start_time,
		.graphics_way = (char *)graphics_way_name(machine->graphics.way),
		.graphics_node = machine->graphics.node,
		.graphics_why = machine->graphics.why,
		.renderer_pid = machine->renderer.process.pid,
		.renderer_start_time = machine->renderer.process.start_time,
	};
	int error = machine_state_write(&state, path);
	free(path);
	return error;
}

static void remove_listeners(struct machine *machine, bool bridge) {
	struct wl_listener *listeners[] = {&machine->domain_started, &machine->domain_start_failed,
		&machine->domain_paused, &machine->domain_refused, &machine->domain_gone,
		&machine->bridge_display, &machine->bridge_died};
	size_t first = bridge ? 5 : 0, end = bridge ? 7 : 5;
	for (size_t i = first; i < end; i++) {
		wl_list_remove(&listeners[i]->link);
	}
}

static void drop_domain(struct machine *machine) {
	if (machine->domain != NULL) {
		remove_listeners(machine, false);
		domain_destroy(machine->domain);
		machine->domain = NULL;
	}
}

void machine_drop_bridge(struct machine *machine) {
	if (machine->bridge != NULL) {
		remove_listeners(machine, true);
		machine_graphics_disconnect(machine);
		bridge_finish(machine->bridge);
		free(machine->bridge);
		machine->bridge = NULL;
	}
	machine->display_known = false;
	machine->has_display = false;
}

/* The domain is no more. */
static void finish_end(struct machine *machine) {
	wl_event_source_timer_update(machine->timer, 0);
	drop_domain(machine);
	if (machine->overlay.path != NULL) {
		unlink(machine->overlay.path);
	}
	overlay_finish(&machine->overlay);
	char *path = state_path(machine);
	unlink(path);
	free(path);
	machine_graphics_end(machine);
	if (machine->bridge != NULL) {
		bridge_close_kept(machine->bridge);
		bridge_end(machine->bridge);
		if (machine->bridge->process.pid == 0) {
			machine_drop_bridge(machine);
		}
	}
	if (machine->restart_wanted && !machine->manager->exiting &&
		machine->cause != REDECHO_MANAGED_MACHINE_V1_CAUSE_START_FAILED) {
		machine_restart(machine);
		return;
	}
	machine->restart_wanted = false;
	machine->stepping_down = false;
	log_info("%s ended: %s", machine->name, machine->message);
	machine_set_state(machine, ENDED);
	machine_send_ended(machine);
	manager_machine_changed(machine->manager);
}

/* Ends and the dropping of a dead bridge come from signals of what is to be freed. */
static void handle_settle(void *data) {
	struct machine *machine = data;
	machine->settle = NULL;
	if (machine->end_wanted) {
		machine->end_wanted = false;
		finish_end(machine);
	} else if (machine->bridge != NULL && machine->bridge->process.pid == 0 &&
		!machine_is_live(machine)) {
		machine_drop_bridge(machine);
		if (machine->restart_wanted && !machine->manager->exiting) {
			machine_restart(machine);
		}
		manager_machine_changed(machine->manager);
	}
	machine_release(machine);
}

static void settle_later(struct machine *machine) {
	if (machine->settle == NULL) {
		machine->settle = wl_event_loop_add_idle(
			machine->manager->loop, handle_settle, machine);
	}
}

void machine_end_later(struct machine *machine) {
	machine->end_wanted = true;
	settle_later(machine);
}

/* --- events of the bridge and the domain --- */

static void handle_bridge_display(struct wl_listener *listener, void *data) {
	struct machine *machine = wl_container_of(listener, machine, bridge_display);
	bool had = machine->has_display || !machine->display_known;
	machine->display_known = true;
	machine->has_display = machine->bridge->has_display;
	if (had && !machine->has_display && machine_is_live(machine)) {
		machine_send_need_display(machine);
	}
}

static void handle_bridge_died(struct wl_listener *listener, void *data) {
	struct machine *machine = wl_container_of(listener, machine, bridge_died);
	if (!machine_is_live(machine)) {
		settle_later(machine);
		return;
	}
	machine_set_cause(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_BRIDGE_DIED,
		format_string("the bridge that shows the machine died"));
	if (machine->domain != NULL && machine->domain->active) {
		domain_kill(machine->domain);
	} else if (!machine->adopting) {
		machine_end_later(machine);
	}
}

static void handle_domain_started(struct wl_listener *listener, void *data) {
	struct machine *machine = wl_container_of(listener, machine, domain_started);
	const struct domain_started *started = data;
	wl_event_source_timer_update(machine->timer, 0);
	machine->adopting = false;
	// Killed, or without a bridge, before libvirt could be asked to end it.
	if (machine->cause_known || machine->bridge->process.pid == 0) {
		if (started->display_bus_fd >= 0) {
			close(started->display_bus_fd);
		}
		domain_kill(machine->domain);
		return;
	}
	if (started->display_bus_fd >= 0) {
		bridge_set_display_bus(machine->bridge, started->display_bus_fd);
	}
	log_info("%s runs as process %d", machine->name, (int)machine->domain->process.pid);
	machine_scope_start(machine);
	machine_send_processes(machine);
	if (machine->state == STARTING) {
		machine_set_state(machine, started->paused ? PAUSED : RUNNING);
	}
}

static void handle_domain_start_failed(struct wl_listener *listener, void *data) {
	struct machine *machine = wl_container_of(listener, machine, domain_start_failed);
	if (!machine->adopting && !machine->cause_known && !machine->domain->explained &&
		machine_graphics_refused(machine, data)) {
		// Its bridge is of the other way: all of it is started again.
		machine->restart_wanted = true;
		machine_set_cause(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_DESTROYED,
			format_string("killed"));
		machine_end_later(machine);
		return;
	}
	machine_set_cause(machine,
		machine->adopting ? REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED
				  : REDECHO_MANAGED_MACHINE_V1_CAUSE_START_FAILED,
		machine->adopting ? format_string("it ended while redecho-vmd was away")
				  : format_string("%s", (const char *)data));
	machine->adopting = false;
	machine_end_later(machine);
}

static void handle_domain_paused(struct wl_listener *listener, void *data) {
	struct machine *machine = wl_container_of(listener, machine, domain_paused);
	const bool *paused = data;
	if (machine->state == RUNNING || machine->state == PAUSED) {
		machine_set_state(machine, *paused ? PAUSED : RUNNING);
	}
}

static void handle_domain_refused(struct wl_listener *listener, void *data) {
	struct machine *machine = wl_container_of(listener, machine, domain_refused);
	char *message = format_string("%s: %s", machine->name, (const char *)data);
	manager_notice(machine->manager, REDECHO_MANAGER_V1_SEVERITY_WARNING, message);
	free(message);
}

static void handle_domain_gone(struct wl_listener *listener, void *data) {
	struct machine *machine = wl_container_of(listener, machine, domain_gone);
	switch (*(const enum domain_end *)data) {
	case DOMAIN_END_SHUTDOWN:
		machine_set_cause(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_SHUTDOWN,
			format_string("powered off"));
		break;
	case DOMAIN_END_DESTROYED:
		machine_set_cause(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_DESTROYED,
			format_string("killed"));
		break;
	case DOMAIN_END_PANICKED:
		machine_set_cause(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_PANICKED,
			format_string("the guest panicked"));
		break;
	case DOMAIN_END_CRASHED:
		machine_set_cause(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED,
			format_string("QEMU died"));
		break;
	}
	machine_end_later(machine);
}

static int handle_timer(void *data) {
	struct machine *machine = data;
	if (machine->state == STARTING) {
		machine_set_cause(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_START_FAILED,
			format_string("it had not started after %d s", START_TIMEOUT_MS / 1000));
	} else {
		machine_set_cause(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_DESTROYED,
			format_string("killed: it had not powered off in time"));
	}
	if (machine->domain != NULL && machine->domain->active) {
		domain_kill(machine->domain);
	} else if (machine_is_live(machine)) {
		machine_end_later(machine);
	}
	return 0;
}

/* --- life --- */

struct machine *machine_create(struct manager *manager, const char *name, struct program *program) {
	struct machine *machine = calloc(1, sizeof(*machine));
	if (machine == NULL) {
		abort();
	}
	machine->manager = manager;
	machine->name = format_string("%s", name);
	machine->program = program;
	machine->devices = machine_list_devices(program);
	machine->folder = format_string("%s/%s", manager->machines_folder, name);
	machine->state = STARTING;
	machine->timer = wl_event_loop_add_timer(manager->loop, handle_timer, machine);
	if (machine->timer == NULL) {
		abort();
	}
	wl_list_init(&machine->resources);
	machine_graphics_init(machine);
	wl_list_insert(manager->machines.prev, &machine->link);
	return machine;
}

void machine_destroy(struct machine *machine) {
	struct wl_resource *resource, *next;
	wl_resource_for_each_safe(resource, next, &machine->resources) {
		wl_resource_set_user_data(resource, NULL);
		wl_list_remove(wl_resource_get_link(resource));
		wl_list_init(wl_resource_get_link(resource));
	}
	if (machine_is_live(machine) && machine->bridge != NULL) {
		bridge_release(machine->bridge);
	} else if (!machine_is_live(machine)) {
		file_remove_tree(machine->folder);
	}
	machine_measure_forget(machine);
	drop_domain(machine);
	machine_drop_bridge(machine);
	wl_event_source_remove(machine->timer);
	if (machine->settle != NULL) {
		wl_event_source_remove(machine->settle);
	}
	wl_list_remove(&machine->link);
	machine_graphics_finish(machine);
	overlay_finish(&machine->overlay);
	program_destroy(machine->program);
	free(machine->message);
	free(machine->folder);
	free(machine->devices);
	free(machine->name);
	free(machine);
}

static void create_bridge(struct machine *machine) {
	machine->bridge = calloc(1, sizeof(*machine->bridge));
	if (machine->bridge == NULL) {
		abort();
	}
	bridge_init(machine->bridge, machine->manager->loop, machine->folder);
	machine->bridge_display.notify = handle_bridge_display;
	wl_signal_add(&machine->bridge->events.display, &machine->bridge_display);
	machine->bridge_died.notify = handle_bridge_died;
	wl_signal_add(&machine->bridge->events.died, &machine->bridge_died);
}

static void create_domain(struct machine *machine, const char *uuid) {
	struct manager *manager = machine->manager;
	char *name = connection_domain_name(
		manager->connection, manager->options->desk_dir, machine->name);
	machine->domain = domain_create(
		manager->connection, manager->hub, manager->loop, name, uuid);
	free(name);
	machine->domain_started.notify = handle_domain_started;
	wl_signal_add(&machine->domain->events.started, &machine->domain_started);
	machine->domain_start_failed.notify = handle_domain_start_failed;
	wl_signal_add(&machine->domain->events.start_failed, &machine->domain_start_failed);
	machine->domain_paused.notify = handle_domain_paused;
	wl_signal_add(&machine->domain->events.paused, &machine->domain_paused);
	machine->domain_refused.notify = handle_domain_refused;
	wl_signal_add(&machine->domain->events.refused, &machine->domain_refused);
	machine->domain_gone.notify = handle_domain_gone;
	wl_signal_add(&machine->domain->events.gone, &machine->domain_gone);
}

void machine_fail_start(struct machine *machine, char *message) {
	machine_set_cause(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_START_FAILED, message);
	machine_end_later(machine);
}

static void plan_overlay(struct machine *machine) {
	const struct program *program = machine->program;
	const char *cache = machine->manager->cache_folder;
	if (program->disk == NULL || program->disk_read_only || !program->ephemeral) {
		return;
	}
	// Not in the machine's folder: that is memory, as a rule.
	char *folder = cache != NULL ? format_string("%s/overlays", cache)
				     : format_string("%s", machine->folder);
	file_make_folders(folder);
	machine->overlay.path = format_string("%s/%s.qcow2", folder, machine->domain->uuid);
	machine->overlay.backing = format_string("%s", program->disk);
	machine->overlay.backing_qcow2 = program->disk_format == PROGRAM_DISK_QCOW2;
	free(folder);
}

void machine_start(struct machine *machine) {
	struct manager *manager = machine->manager;
	machine->cause_known = false;
	machine_set_state(machine, STARTING);
	struct machine *other = manager_find_disk(manager, machine);
	if (other != NULL) {
		machine_fail_start(machine, format_string("its disk is in use by %s", other->name));
		return;
	}
	file_remove_tree(machine->folder);
	int error = file_make_folders(machine->folder);
	machine_graphics_start(machine);
	if (error == 0) {
		create_bridge(machine);
		const struct bridge_options options = {
			.executable = manager->options->bridge,
			.name = machine->name,
			.title = machine->program->title,
			.displays = machine->program->displays,
			.virgl = machine->graphics.way != GRAPHICS_2D,
			.device = machine->graphics.way == GRAPHICS_DEVICE,
		};
		error = bridge_start(machine->bridge, &options);
	}
	if (error != 0) {
		machine_fail_start(machine,
			error == -ENAMETOOLONG
				? format_string("%s: too long a path for a socket", machine->folder)
				: format_string("%s could not be started: %s",
					  manager->options->bridge, strerror(-error)));
		return;
	}
	machine_graphics_connect(machine);
	machine->display_known = true;
	machine->has_display = false;
	create_domain(machine, NULL);
	plan_overlay(machine);
	error = machine_write_state(machine);
	if (error != 0) {
		machine_fail_start(
			machine, format_string("%s: %s", machine->folder, strerror(-error)));
		return;
	}
	machine_send_processes(machine);
	machine_send_need_display(machine);
	wl_event_source_timer_update(machine->timer, START_TIMEOUT_MS);
	machine_proceed(machine);
}

static void take_text(char **slot, const char *text) {
	free(*slot);
	*slot = format_string("%s", text != NULL ? text : "");
}

/* It is who it was when it was started, whatever its file says by now. */
static void adopt_identity(struct machine *machine, const struct machine_state *state) {
	struct program *program = machine->program;
	if (state->title != NULL) {
		take_text(&program->title, state->title);
		take_text(&program->label, state->label);
	}
	take_text(&machine->devices, state->devices);
	if (state->memory_bytes != 0 && state->cpus != 0) {
		program->memory_bytes = state->memory_bytes;
		program->memory_max_bytes = state->memory_max_bytes;
		program->cpus = state->cpus;
	}
}

void machine_adopt(struct machine *machine, const struct machine_state *state) {
	machine->adopting = true;
	adopt_identity(machine, state);
	if (state->overlay != NULL) {
		machine->overlay.path = format_string("%s", state->overlay);
	}
	create_domain(machine, state->uuid);
	machine_graphics_adopt(machine, state);
	create_bridge(machine);
	int error = bridge_adopt(machine->bridge, state->bridge_pid, state->bridge_start_time);
	if (error != 0) {
		log_info("%s: its bridge is gone: %s", machine->name, strerror(-error));
		machine_set_cause(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_BRIDGE_DIED,
			format_string("the bridge that shows the machine died"));
	}
	machine_graphics_connect(machine);
	wl_event_source_timer_update(machine->timer, START_TIMEOUT_MS);
}

void machine_proceed(struct machine *machine) {
	struct manager *manager = machine->manager;
	if (machine->state != STARTING || machine->domain == NULL || machine->domain->active ||
		!manager->connection->ready) {
		return;
	} else if (manager->connection->error != NULL) {
		machine_fail_start(machine, format_string("%s", manager->connection->error));
	} else if (machine->adopting) {
		domain_adopt(machine->domain);
	} else if (manager->accel->decided) {
		char *error = NULL;
		char *xml = machine_settings_write(machine, &error);
		if (xml == NULL) {
			machine_fail_start(machine, error);
			return;
		}
		domain_start(machine->domain, xml,
			machine->overlay.path != NULL ? &machine->overlay : NULL);
		free(xml);
	}
}

bool machine_is_live(const struct machine *machine) {
	return machine->state != ENDED;
}

bool machine_has_domain(const struct machine *machine, const char *uuid) {
	return machine->domain != NULL && strcmp(machine->domain->uuid, uuid) == 0;
}

bool machine_is_gone(const struct machine *machine) {
	return !machine_is_live(machine) &&
		(machine->bridge == NULL || machine->bridge->process.pid == 0);
}

void machine_release(struct machine *machine) {
	if (machine_is_gone(machine) && wl_list_empty(&machine->resources)) {
		machine_destroy(machine);
	}
}

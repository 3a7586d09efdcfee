#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge.h"
#include "domain.h"
#include "file.h"
#include "machine_private.h"
#include "machine_resource.h"
#include "machine_settings.h"
#include "manager.h"

/* How long QEMU has to write its disks out when it is destroyed. */
#define DESTROY_TIMEOUT_MS 2000

static bool is_running(const struct machine *machine) {
	return machine->domain != NULL && machine->domain->active && machine->state != STARTING;
}

void machine_power_off(struct machine *machine, uint32_t grace_ms) {
	if (!machine_is_live(machine)) {
		return;
	}
	uint32_t grace = machine->program->grace_ms < grace_ms ? machine->program->grace_ms
							       : grace_ms;
	if (!is_running(machine) || machine->state == STOPPING || grace == 0) {
		machine_kill(machine);
		return;
	}
	if (machine->state == PAUSED) {
		domain_resume(machine->domain);
	}
	machine_set_state(machine, STOPPING);
	domain_press_power(machine->domain);
	wl_event_source_timer_update(machine->timer, (int)grace);
}

void machine_kill(struct machine *machine) {
	if (!machine_is_live(machine)) {
		return;
	}
	machine->restart_wanted = false;
	machine_set_cause(
		machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_DESTROYED, format_string("killed"));
	if (machine->domain == NULL || !machine->domain->active) {
		if (!machine->adopting) {
			machine_end_later(machine);
		}
		return;
	}
	const struct program *program = machine->program;
	bool keeps_disk = program->disk != NULL && !program->disk_read_only && !program->ephemeral;
	if (is_running(machine) && keeps_disk) {
		machine_set_state(machine, STOPPING);
		domain_end(machine->domain);
		wl_event_source_timer_update(machine->timer, DESTROY_TIMEOUT_MS);
	} else {
		domain_kill(machine->domain);
	}
}

void machine_pause(struct machine *machine) {
	if (is_running(machine) && machine->state == RUNNING) {
		domain_pause(machine->domain);
	}
}

void machine_resume(struct machine *machine) {
	if (is_running(machine) && machine->state == PAUSED) {
		domain_resume(machine->domain);
	}
}

/* The program file may have changed. Returns false with the machine ended. */
static bool reload_program(struct machine *machine) {
	char *error = NULL;
	struct program *program = program_load(
		&machine->manager->options->search, machine->program->name, &error);
	if (program == NULL) {
		machine_fail_start(machine, error);
		return false;
	}
	bool changed = strcmp(program->title, machine->program->title) != 0 ||
		strcmp(program->label, machine->program->label) != 0;
	program_destroy(machine->program);
	machine->program = program;
	free(machine->devices);
	machine->devices = machine_list_devices(program);
	if (changed) {
		machine_send_identity(machine);
	}
	machine_send_plan(machine);
	return true;
}

static bool is_duplicate(struct machine *machine) {
	struct machine *live = manager_find_live(machine->manager, machine->program->name);
	if (machine->program->ephemeral || live == NULL || live == machine) {
		return false;
	}
	struct wl_resource *resource;
	wl_resource_for_each(resource, &machine->resources) {
		machine_resource_send_duplicate(resource, live->name);
	}
	return true;
}

void machine_restart(struct machine *machine) {
	if (machine_is_live(machine) && (machine->domain != NULL || machine->end_wanted)) {
		if (machine->state != STOPPING || machine->restart_wanted) {
			machine_power_off(machine, UINT32_MAX); // the second time it kills
		}
		machine->restart_wanted = true;
		return;
	}
	// A former bridge is waited for: it is a child, and has the sockets' names.
	machine->restart_wanted = machine->bridge != NULL && machine->bridge->process.pid != 0;
	if (machine->restart_wanted || is_duplicate(machine)) {
		return;
	}
	machine_drop_bridge(machine);
	machine->cause_known = false;
	if (reload_program(machine)) {
		machine_start(machine);
	}
}

void machine_connect_display(struct machine *machine, int fd) {
	if (!machine_is_live(machine) || machine->bridge == NULL) {
		close(fd);
		return;
	}
	bridge_set_wayland(machine->bridge, fd);
}

#include "machine_scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge.h"
#include "domain.h"
#include "file.h"
#include "log.h"
#include "machine.h"
#include "manager.h"
#include "redecho-manager-v1-protocol.h"
#include "scope.h"

static void handle_failed(void *data, const struct scope_failure *failure) {
	struct manager *manager = data;
	if (failure->absent && !failure->limited) {
		log_debug("%s has no scope of its own: %s", failure->owner, failure->reason);
		return;
	}
	char *message = format_string("%s runs without %s: %s", failure->owner,
		failure->limited ? "its memory-max" : "a scope of its own",
		failure->absent ? "there is no systemd for the user here" : failure->reason);
	manager_notice(manager, REDECHO_MANAGER_V1_SEVERITY_WARNING, message);
	free(message);
}

static const char *desk_name(const struct manager *manager) {
	const char *slash = strrchr(manager->options->desk_dir, '/');
	return slash != NULL && slash[1] != '\0' ? slash + 1 : "redecho";
}

static char *unit_name(const struct machine *machine) {
	// A scope may be there for a moment after its machine's end.
	char part[9];
	snprintf(part, sizeof(part), "%.8s", machine->domain->uuid);
	return scope_unit_name(desk_name(machine->manager), machine->name, part);
}

void machine_scope_start(struct machine *machine) {
	struct manager *manager = machine->manager;
	if (manager->scopes == NULL) {
		return;
	}
	char *unit = unit_name(machine);
	char *description = format_string("Red Echo machine %s", machine->name);
	const struct scope_plan plan = {
		.owner = machine->name,
		.unit = unit,
		.description = description,
		.pids = {machine->domain->process.pid, machine->bridge->process.pid,
			machine->renderer.process.pid},
		.memory_max_bytes = machine->program->memory_max_bytes,
		.open = machine->graphics.way != GRAPHICS_2D,
	};
	scopes_start(manager->scopes, &plan);
	free(description);
	free(unit);
}

void machine_scope_add(struct machine *machine, pid_t pid) {
	struct scopes *scopes = machine->manager->scopes;
	if (scopes != NULL && machine->domain->process.pid != 0) {
		char *unit = unit_name(machine);
		scopes_add(scopes, machine->name, unit, pid);
		free(unit);
	}
}

struct scopes *machine_scope_init(struct manager *manager) {
	// libvirt that is not ours has control groups of its own.
	struct scopes *scopes = manager->options->uri == NULL
		? scopes_create(manager->loop, handle_failed, manager)
		: NULL;
	if (scopes == NULL) {
		return NULL;
	}
	char number[16];
	snprintf(number, sizeof(number), "%d", (int)getpid());
	char *unit = scope_unit_name(desk_name(manager), "vmd", number);
	const struct scope_plan plan = {
		.owner = "redecho-vmd",
		.unit = unit,
		.description = "Red Echo, the machines of a desk",
		.pids = {getpid()},
	};
	scopes_start(scopes, &plan);
	free(unit);
	return scopes;
}

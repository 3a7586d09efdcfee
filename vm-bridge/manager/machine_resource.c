#include "machine_resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "bridge.h"
#include "domain.h"
#include "machine.h"
#include "machine_graphics.h"
#include "machine_settings.h"
#include "machine_usage.h"
#include "manager.h"
#include "redecho-manager-v1-protocol.h"
#include "usage.h"

/* An inert object has no machine. */
static struct machine *machine_of(struct wl_resource *resource) {
	return wl_resource_get_user_data(resource);
}

static void handle_destroy(struct wl_client *client, struct wl_resource *resource) {
	wl_resource_destroy(resource);
}

static void handle_connect_display(
	struct wl_client *client, struct wl_resource *resource, int32_t fd) {
	struct machine *machine = machine_of(resource);
	if (machine == NULL) {
		close(fd);
		return;
	}
	machine_connect_display(machine, fd);
}

static void handle_power_off(struct wl_client *client, struct wl_resource *resource) {
	if (machine_of(resource) != NULL) {
		machine_power_off(machine_of(resource), UINT32_MAX);
	}
}

static void handle_kill(struct wl_client *client, struct wl_resource *resource) {
	if (machine_of(resource) != NULL) {
		machine_kill(machine_of(resource));
	}
}

static void handle_pause(struct wl_client *client, struct wl_resource *resource) {
	if (machine_of(resource) != NULL) {
		machine_pause(machine_of(resource));
	}
}

static void handle_resume(struct wl_client *client, struct wl_resource *resource) {
	if (machine_of(resource) != NULL) {
		machine_resume(machine_of(resource));
	}
}

static void handle_restart(struct wl_client *client, struct wl_resource *resource) {
	if (machine_of(resource) != NULL) {
		machine_restart(machine_of(resource));
	}
}

static void handle_get_usage(struct wl_client *client, struct wl_resource *resource) {
	if (machine_of(resource) != NULL) {
		machine_measure(machine_of(resource));
	}
}

static const struct redecho_managed_machine_v1_interface machine_implementation = {
	.destroy = handle_destroy,
	.connect_display = handle_connect_display,
	.power_off = handle_power_off,
	.kill = handle_kill,
	.pause = handle_pause,
	.resume = handle_resume,
	.restart = handle_restart,
	.get_usage = handle_get_usage,
};

static void handle_resource_destroyed(struct wl_resource *resource) {
	struct machine *machine = machine_of(resource);
	wl_list_remove(wl_resource_get_link(resource));
	if (machine != NULL) {
		machine_release(machine);
	}
}

struct wl_resource *machine_resource_create_inert(
	struct wl_client *client, uint32_t version, uint32_t id) {
	struct wl_resource *resource = wl_resource_create(
		client, &redecho_managed_machine_v1_interface, (int)version, id);
	if (resource == NULL) {
		wl_client_post_no_memory(client);
		return NULL;
	}
	wl_resource_set_implementation(
		resource, &machine_implementation, NULL, handle_resource_destroyed);
	wl_list_init(wl_resource_get_link(resource));
	return resource;
}

struct wl_resource *machine_resource_create(
	struct machine *machine, struct wl_client *client, uint32_t version, uint32_t id) {
	struct wl_resource *resource = machine_resource_create_inert(client, version, id);
	if (resource != NULL) {
		wl_resource_set_user_data(resource, machine);
		wl_list_insert(&machine->resources, wl_resource_get_link(resource));
	}
	return resource;
}

static void send_identity(struct machine *machine, struct wl_resource *resource) {
	redecho_managed_machine_v1_send_identity(resource, machine->name, machine->program->name,
		machine->program->title, machine->program->label);
}

static void send_number(struct wl_resource *resource, const char *key, uint64_t number) {
	char text[24];
	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	redecho_managed_machine_v1_send_detail(resource, key, text);
}

/* How it draws, and by which process. */
static void send_graphics(struct machine *machine, struct wl_resource *resource) {
	char *text = machine_graphics_describe(machine);
	redecho_managed_machine_v1_send_detail(resource, "graphics", text);
	free(text);
	if (machine->renderer.process.pid != 0) {
		send_number(resource, "renderer-pid", (uint64_t)machine->renderer.process.pid);
	} else if (machine->graphics.way != GRAPHICS_2D && machine->bridge != NULL) {
		redecho_managed_machine_v1_send_detail(resource, "renderer-pid", "none");
	}
}

/* What the program says. */
static void send_plan(struct machine *machine, struct wl_resource *resource) {
	const struct program *program = machine->program;
	send_number(resource, "memory-bytes", program->memory_bytes);
	if (program->memory_max_bytes != 0) {
		send_number(resource, "memory-max-bytes", program->memory_max_bytes);
	}
	send_number(resource, "cpus", program->cpus);
	redecho_managed_machine_v1_send_detail(resource, "devices", machine->devices);
	char *log = machine_serial_path(machine);
	redecho_managed_machine_v1_send_detail(resource, "log", log);
	free(log);
}

/* What the machine is made of by now. */
static void send_processes(struct machine *machine, struct wl_resource *resource) {
	if (machine->bridge != NULL && machine->bridge->process.pid != 0) {
		send_number(resource, "bridge-pid", (uint64_t)machine->bridge->process.pid);
	}
	if (machine->domain != NULL && machine->domain->process.pid != 0) {
		send_number(resource, "qemu-pid", (uint64_t)machine->domain->process.pid);
		redecho_managed_machine_v1_send_detail(
			resource, "accel", manager_uses_kvm(machine->manager) ? "kvm" : "tcg");
	}
}

void machine_resource_send_all(struct machine *machine, struct wl_resource *resource) {
	send_identity(machine, resource);
	redecho_managed_machine_v1_send_state(resource, machine->state);
	send_plan(machine, resource);
	send_graphics(machine, resource);
	send_processes(machine, resource);
	if (machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_ENDED) {
		redecho_managed_machine_v1_send_ended(
			resource, machine->cause, machine->message != NULL ? machine->message : "");
	} else if (machine->display_known && !machine->has_display) {
		redecho_managed_machine_v1_send_need_display(resource);
	}
}

void machine_resource_send_duplicate(struct wl_resource *resource, const char *name) {
	redecho_managed_machine_v1_send_duplicate(resource, name);
}

void machine_send_identity(struct machine *machine) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &machine->resources) {
		send_identity(machine, resource);
	}
}

void machine_send_plan(struct machine *machine) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &machine->resources) {
		send_plan(machine, resource);
	}
}

void machine_send_graphics(struct machine *machine) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &machine->resources) {
		send_graphics(machine, resource);
	}
}

void machine_send_state(struct machine *machine) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &machine->resources) {
		redecho_managed_machine_v1_send_state(resource, machine->state);
	}
}

void machine_send_processes(struct machine *machine) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &machine->resources) {
		send_processes(machine, resource);
	}
}

void machine_send_need_display(struct machine *machine) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &machine->resources) {
		redecho_managed_machine_v1_send_need_display(resource);
	}
}

void machine_send_ended(struct machine *machine) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &machine->resources) {
		redecho_managed_machine_v1_send_ended(
			resource, machine->cause, machine->message != NULL ? machine->message : "");
	}
}

static uint32_t high(uint64_t number) {
	return (uint32_t)(number >> 32);
}

static uint32_t low(uint64_t number) {
	return (uint32_t)number;
}

void machine_send_usage(struct machine *machine, const struct usage *usage) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &machine->resources) {
		if (wl_resource_get_version(resource) <
			REDECHO_MANAGED_MACHINE_V1_USAGE_SINCE_VERSION) {
			continue;
		}
		redecho_managed_machine_v1_send_usage(resource, high(usage->cpu_ms),
			low(usage->cpu_ms), high(usage->memory_bytes), low(usage->memory_bytes),
			high(usage->uptime_ms), low(usage->uptime_ms));
	}
}

#include "fake_manager.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "redecho-manager-v1-protocol.h"

// --- a machine ----------------------------------------------------------------------------

static struct fake_machine *machine_of(struct wl_resource *resource) {
	return wl_resource_get_user_data(resource);
}

static void handle_machine_destroy(struct wl_client *client, struct wl_resource *resource) {
	wl_resource_destroy(resource);
}

static void handle_connect_display(
	struct wl_client *client, struct wl_resource *resource, int32_t fd) {
	struct fake_machine *machine = machine_of(resource);
	if (machine->display_fd >= 0) {
		close(machine->display_fd);
	}
	machine->display_fd = fd;
}

static void handle_power_off(struct wl_client *client, struct wl_resource *resource) {
	machine_of(resource)->power_offs++;
}

static void handle_kill(struct wl_client *client, struct wl_resource *resource) {
	machine_of(resource)->kills++;
}

static void handle_pause(struct wl_client *client, struct wl_resource *resource) {
	machine_of(resource)->pauses++;
}

static void handle_resume(struct wl_client *client, struct wl_resource *resource) {
	machine_of(resource)->resumes++;
}

static void handle_get_usage(struct wl_client *client, struct wl_resource *resource) {
	machine_of(resource)->measurements++;
}

static void handle_restart(struct wl_client *client, struct wl_resource *resource) {
	machine_of(resource)->restarts++;
}

static const struct redecho_managed_machine_v1_interface machine_impl = {
	.destroy = handle_machine_destroy,
	.connect_display = handle_connect_display,
	.power_off = handle_power_off,
	.kill = handle_kill,
	.pause = handle_pause,
	.resume = handle_resume,
	.restart = handle_restart,
	.get_usage = handle_get_usage,
};

static void handle_machine_gone(struct wl_resource *resource) {
	machine_of(resource)->resource = NULL;
}

static void set_machine_resource(struct fake_machine *machine, struct wl_resource *resource) {
	machine->resource = resource;
	wl_resource_set_implementation(resource, &machine_impl, machine, handle_machine_gone);
}

void fake_machine_identity(
	struct fake_machine *machine, const char *name, const char *title, const char *label) {
	redecho_managed_machine_v1_send_identity(
		machine->resource, name, machine->program, title, label);
}

void fake_machine_need_display(struct fake_machine *machine) {
	redecho_managed_machine_v1_send_need_display(machine->resource);
}

void fake_machine_duplicate(struct fake_machine *machine, const char *name) {
	redecho_managed_machine_v1_send_duplicate(machine->resource, name);
}

void fake_machine_state(struct fake_machine *machine, uint32_t state) {
	redecho_managed_machine_v1_send_state(machine->resource, state);
}

void fake_machine_detail(struct fake_machine *machine, const char *key, const char *value) {
	redecho_managed_machine_v1_send_detail(machine->resource, key, value);
}

void fake_machine_usage(
	struct fake_machine *machine, uint64_t cpu_ms, uint64_t memory_bytes, uint64_t uptime_ms) {
	redecho_managed_machine_v1_send_usage(machine->resource, (uint32_t)(cpu_ms >> 32),
		(uint32_t)cpu_ms, (uint32_t)(memory_bytes >> 32), (uint32_t)memory_bytes,
		(uint32_t)(uptime_ms >> 32), (uint32_t)uptime_ms);
}

void fake_manager_notice(struct fake_manager *manager, uint32_t severity, const char *message) {
	redecho_manager_v1_send_notice(manager->resource, severity, message);
}

void fake_machine_end(struct fake_machine *machine, uint32_t cause, const char *message) {
	redecho_managed_machine_v1_send_state(
		machine->resource, REDECHO_MANAGED_MACHINE_V1_STATE_ENDED);
	redecho_managed_machine_v1_send_ended(machine->resource, cause, message);
}

// --- the manager --------------------------------------------------------------------------

static void handle_destroy(struct wl_client *client, struct wl_resource *resource) {
	wl_resource_destroy(resource);
}

static void handle_spawn(
	struct wl_client *client, struct wl_resource *resource, uint32_t id, const char *program) {
	struct fake_manager *manager = wl_resource_get_user_data(resource);
	if (manager->machines_len == sizeof(manager->machines) / sizeof(manager->machines[0])) {
		abort();
	}
	struct fake_machine *machine = &manager->machines[manager->machines_len++];
	machine->program = strdup(program);
	machine->display_fd = -1;
	set_machine_resource(machine,
		wl_resource_create(client, &redecho_managed_machine_v1_interface,
			wl_resource_get_version(resource), id));
}

static void handle_set_keyboard(struct wl_client *client, struct wl_resource *resource,
	const char *layout, const char *variant, const char *options) {
	struct fake_manager *manager = wl_resource_get_user_data(resource);
	snprintf(manager->layout, sizeof(manager->layout), "%s", layout);
	snprintf(manager->variant, sizeof(manager->variant), "%s", variant);
	snprintf(manager->options, sizeof(manager->options), "%s", options);
}

static void handle_set_render_node(
	struct wl_client *client, struct wl_resource *resource, const char *path) {
	struct fake_manager *manager = wl_resource_get_user_data(resource);
	snprintf(manager->render_node, sizeof(manager->render_node), "%s", path);
}

static void announce_programs(struct fake_manager *manager) {
	if (manager->program != NULL) {
		redecho_manager_v1_send_program(
			manager->resource, manager->program, manager->title, manager->label);
	}
}

static void handle_reload(struct wl_client *client, struct wl_resource *resource) {
	struct fake_manager *manager = wl_resource_get_user_data(resource);
	manager->reloads++;
	announce_programs(manager);
	redecho_manager_v1_send_done(resource);
}

static void handle_shutdown(
	struct wl_client *client, struct wl_resource *resource, uint32_t grace_ms) {
	struct fake_manager *manager = wl_resource_get_user_data(resource);
	manager->shutdowns++;
	manager->grace_ms = grace_ms;
}

static const struct redecho_manager_v1_interface manager_impl = {
	.destroy = handle_destroy,
	.spawn = handle_spawn,
	.set_keyboard = handle_set_keyboard,
	.reload = handle_reload,
	.shutdown = handle_shutdown,
	.set_render_node = handle_set_render_node,
};

static void handle_gone(struct wl_resource *resource) {
	struct fake_manager *manager = wl_resource_get_user_data(resource);
	manager->resource = NULL;
}

static void announce_machine(struct fake_manager *manager, struct fake_machine *machine) {
	struct wl_resource *resource = wl_resource_create(wl_resource_get_client(manager->resource),
		&redecho_managed_machine_v1_interface, wl_resource_get_version(manager->resource),
		0);
	set_machine_resource(machine, resource);
	redecho_manager_v1_send_machine(manager->resource, resource);
}

static void handle_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct fake_manager *manager = data;
	manager->binds++;
	manager->resource = wl_resource_create(
		client, &redecho_manager_v1_interface, (int)version, id);
	wl_resource_set_implementation(manager->resource, &manager_impl, manager, handle_gone);
	announce_programs(manager);
	for (size_t i = 0; manager->announce_machines && i < manager->machines_len; i++) {
		announce_machine(manager, &manager->machines[i]);
		if (manager->display_first) {
			fake_machine_need_display(&manager->machines[i]);
		}
		fake_machine_identity(&manager->machines[i], manager->machines[i].program,
			manager->title, manager->label);
		fake_machine_state(&manager->machines[i], REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	}
	redecho_manager_v1_send_done(manager->resource);
}

struct fake_manager *fake_manager_create(const char *folder, int version) {
	char path[108];
	snprintf(path, sizeof(path), "%s/manager.sock", folder);
	struct fake_manager *manager = calloc(1, sizeof(*manager));
	if (manager == NULL) {
		return NULL;
	}
	snprintf(manager->render_node, sizeof(manager->render_node), "unset");
	manager->display = wl_display_create();
	if (manager->display == NULL || wl_display_add_socket(manager->display, path) != 0 ||
		wl_global_create(manager->display, &redecho_manager_v1_interface, version, manager,
			handle_bind) == NULL) {
		free(manager);
		return NULL;
	}
	return manager;
}

void fake_manager_destroy(struct fake_manager *manager) {
	wl_display_destroy_clients(manager->display);
	wl_display_destroy(manager->display);
	for (size_t i = 0; i < manager->machines_len; i++) {
		free(manager->machines[i].program);
		if (manager->machines[i].display_fd >= 0) {
			close(manager->machines[i].display_fd);
		}
	}
	free(manager);
}

void fake_manager_pump(struct fake_manager *manager) {
	wl_event_loop_dispatch(wl_display_get_event_loop(manager->display), 0);
	wl_display_flush_clients(manager->display);
}

void fake_manager_drop_client(struct fake_manager *manager) {
	if (manager->resource != NULL) {
		wl_client_destroy(wl_resource_get_client(manager->resource));
	}
}

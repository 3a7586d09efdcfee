#include "manager_resource.h"

#include <stdlib.h>
#include <string.h>
#include <wayland-server-core.h>

#include "file.h"
#include "machine.h"
#include "machine_resource.h"
#include "manager.h"
#include "redecho-manager-v1-protocol.h"

static struct manager *manager_of(struct wl_resource *resource) {
	return wl_resource_get_user_data(resource);
}

/* Programs that cannot be read are announced too: a spawn then says what is wrong with them. */
static void send_programs(struct manager *manager, struct wl_resource *resource) {
	char **names = program_list(&manager->options->search);
	for (char **name = names; names != NULL && *name != NULL; name++) {
		char *error = NULL;
		struct program *program = program_load(&manager->options->search, *name, &error);
		redecho_manager_v1_send_program(resource, *name,
			program != NULL ? program->title : *name,
			program != NULL ? program->label : "");
		if (program == NULL) {
			redecho_manager_v1_send_notice(
				resource, REDECHO_MANAGER_V1_SEVERITY_ERROR, error);
		}
		program_destroy(program);
		free(error);
	}
	program_list_destroy(names);
}

static void handle_destroy(struct wl_client *client, struct wl_resource *resource) {
	wl_resource_destroy(resource);
}

static void handle_spawn(
	struct wl_client *client, struct wl_resource *resource, uint32_t id, const char *program) {
	manager_spawn(manager_of(resource), resource, id, program);
}

static void set_name(char **slot, const char *name) {
	free(*slot);
	*slot = format_string("%.*s", 255, name);
}

static void handle_set_keyboard(struct wl_client *client, struct wl_resource *resource,
	const char *layout, const char *variant, const char *options) {
	struct manager *manager = manager_of(resource);
	set_name(&manager->keyboard_layout, layout);
	set_name(&manager->keyboard_variant, variant);
	set_name(&manager->keyboard_options, options);
}

static void handle_reload(struct wl_client *client, struct wl_resource *resource) {
	send_programs(manager_of(resource), resource);
	redecho_manager_v1_send_done(resource);
}

static void handle_shutdown(
	struct wl_client *client, struct wl_resource *resource, uint32_t grace_ms) {
	manager_shutdown(manager_of(resource), grace_ms);
}

static void handle_set_render_node(
	struct wl_client *client, struct wl_resource *resource, const char *path) {
	struct manager *manager = manager_of(resource);
	free(manager->render_node);
	manager->render_node = format_string("%s", path[0] == '/' ? path : "");
}

static const struct redecho_manager_v1_interface manager_implementation = {
	.destroy = handle_destroy,
	.spawn = handle_spawn,
	.set_keyboard = handle_set_keyboard,
	.reload = handle_reload,
	.shutdown = handle_shutdown,
	.set_render_node = handle_set_render_node,
};

static void handle_resource_destroyed(struct wl_resource *resource) {
	wl_list_remove(wl_resource_get_link(resource));
}

void manager_resource_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct manager *manager = data;
	struct wl_resource *resource = wl_resource_create(
		client, &redecho_manager_v1_interface, (int)version, id);
	if (resource == NULL) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(
		resource, &manager_implementation, manager, handle_resource_destroyed);
	wl_list_insert(&manager->resources, wl_resource_get_link(resource));

	manager_send_notices(manager, resource);
	send_programs(manager, resource);
	struct machine *machine;
	wl_list_for_each (machine, &manager->machines, link) {
		manager_resource_announce(resource, machine);
	}
	redecho_manager_v1_send_done(resource);
}

void manager_resource_send_notice(
	struct wl_resource *resource, uint32_t severity, const char *message) {
	redecho_manager_v1_send_notice(resource, severity, message);
}

void manager_resource_announce(struct wl_resource *resource, struct machine *machine) {
	struct wl_resource *object = machine_resource_create(machine,
		wl_resource_get_client(resource), (uint32_t)wl_resource_get_version(resource), 0);
	if (object != NULL) {
		redecho_manager_v1_send_machine(resource, object);
		machine_resource_send_all(machine, object);
	}
}

#include "control.h"

#include <stdlib.h>
#include <unistd.h>

#include "bridge.h"
#include "redecho-bridge-v1-protocol.h"

struct control {
	struct bridge *bridge;
	struct wl_global *global;
	struct wl_list resources; // wl_resource_get_link()
};

static void handle_destroy(struct wl_client *client, struct wl_resource *resource) {
	wl_resource_destroy(resource);
}

static void handle_set_wayland(struct wl_client *client, struct wl_resource *resource, int32_t fd) {
	struct control *control = wl_resource_get_user_data(resource);
	struct bridge *bridge = control->bridge;
	if (!window_client_connect(bridge->window_client, fd)) {
		log_write(&bridge->log, LOG_ERROR, "the Wayland connection cannot be used");
		control_send_display(control);
	}
}

static void handle_set_display_bus(
	struct wl_client *client, struct wl_resource *resource, int32_t fd) {
	struct control *control = wl_resource_get_user_data(resource);
	display_bus_connect(control->bridge->display_bus, fd);
}

static void handle_set_renderer(
	struct wl_client *client, struct wl_resource *resource, int32_t fd) {
	struct control *control = wl_resource_get_user_data(resource);
	virtio_gpu_set_renderer(control->bridge->gpu, fd);
}

static const struct redecho_bridge_v1_interface bridge_impl = {
	.destroy = handle_destroy,
	.set_wayland = handle_set_wayland,
	.set_display_bus = handle_set_display_bus,
	.set_renderer = handle_set_renderer,
};

static void handle_resource_destroy(struct wl_resource *resource) {
	wl_list_remove(wl_resource_get_link(resource));
}

static void send_display(struct control *control, struct wl_resource *resource) {
	redecho_bridge_v1_send_display(
		resource, control->bridge->window_client->connection != NULL);
}

struct send_fd_context {
	struct wl_resource *resource;
	unsigned device;
};

static void send_fd(const struct vhost_user_fd_event *event, void *data) {
	const struct send_fd_context *context = data;
	const uint32_t index = event->kind == VHOST_USER_FD_CONNECTION
		? context->device
		: context->device * 256 + event->index;
	redecho_bridge_v1_send_fd(context->resource, event->kind, index, event->fd);
}

static void handle_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct control *control = data;
	struct bridge *bridge = control->bridge;
	struct wl_resource *resource = wl_resource_create(
		client, &redecho_bridge_v1_interface, (int)version, id);
	if (resource == NULL) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(resource, &bridge_impl, control, handle_resource_destroy);
	wl_list_insert(&control->resources, wl_resource_get_link(resource));
	for (unsigned i = 0; i < BRIDGE_DEVICES; i++) {
		struct send_fd_context context = {.resource = resource, .device = i};
		if (bridge->links[i].vhost != NULL) {
			vhost_user_for_each_fd(bridge->links[i].vhost, send_fd, &context);
		}
	}
	redecho_bridge_v1_send_stage(resource, bridge->window_client->stage);
	if (bridge->window_client->broken != NULL) {
		redecho_bridge_v1_send_broken(resource, bridge->window_client->broken);
	}
	send_display(control, resource);
	if (virtio_gpu_wants_renderer(bridge->gpu)) {
		redecho_bridge_v1_send_renderer_wanted(resource); // nobody may have heard it
	}
}

struct control *control_create(struct bridge *bridge, int listen_fd) {
	struct control *control = calloc(1, sizeof(*control));
	if (control == NULL) {
		close(listen_fd);
		return NULL;
	}
	control->bridge = bridge;
	wl_list_init(&control->resources);
	control->global = wl_global_create(
		bridge->server, &redecho_bridge_v1_interface, 1, control, handle_bind);
	if (control->global == NULL || wl_display_add_socket_fd(bridge->server, listen_fd) != 0) {
		close(listen_fd);
		control_destroy(control);
		return NULL;
	}
	return control;
}

void control_destroy(struct control *control) {
	if (control == NULL) {
		return;
	}
	wl_display_destroy_clients(control->bridge->server);
	if (control->global != NULL) {
		wl_global_destroy(control->global);
	}
	free(control);
}

void control_send_display(struct control *control) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &control->resources) {
		send_display(control, resource);
	}
}

void control_send_stage(struct control *control) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &control->resources) {
		redecho_bridge_v1_send_stage(resource, control->bridge->window_client->stage);
	}
}

void control_send_broken(struct control *control, const char *reason) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &control->resources) {
		redecho_bridge_v1_send_broken(resource, reason);
	}
}

void control_send_renderer_wanted(struct control *control) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &control->resources) {
		redecho_bridge_v1_send_renderer_wanted(resource);
	}
}

void control_send_renderer_lost(struct control *control, const char *reason) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &control->resources) {
		redecho_bridge_v1_send_renderer_lost(resource, reason);
	}
}

void control_send_fd(
	struct control *control, unsigned device, const struct vhost_user_fd_event *event) {
	struct send_fd_context context = {.device = device};
	wl_resource_for_each(context.resource, &control->resources) {
		send_fd(event, &context);
	}
}

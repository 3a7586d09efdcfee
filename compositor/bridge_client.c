#include "bridge_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_scene.h>

#include "display.h"
#include "machine.h"
#include "notice.h"
#include "redecho-machine-v1-protocol.h"
#include "server.h"
#include "titlebar.h"

#define REASON_MAX 200
// What waits for a bridge that does not read; what does not fit ends its connection. libwayland
// keeps files that come without a message in a buffer of the same size: 8192 of them. The desk's
// other clients have more, for a moment's inattention, but they are the user's own.
#define BUFFER_BYTES (32 * 1024)

// One per bridge, found through the client that it is for. It goes when nothing of the
// client is left, so that what the filter says of a client never changes.
struct bridge_client {
	struct machine *machine;
	struct wl_listener destroy;
};

static void handle_client_destroy(struct wl_listener *listener, void *data) {
	struct bridge_client *bridge = wl_container_of(listener, bridge, destroy);
	if (bridge->machine->client == data) {
		bridge->machine->client = NULL;
	}
	wl_list_remove(&bridge->destroy.link);
	free(bridge);
}

static struct bridge_client *from_client(const struct wl_client *client) {
	// The function takes no const client, but changes nothing.
	struct wl_listener *listener = wl_client_get_destroy_late_listener(
		(struct wl_client *)(uintptr_t)client, handle_client_destroy);
	struct bridge_client *bridge = NULL;
	return listener != NULL ? wl_container_of(listener, bridge, destroy) : NULL;
}

struct machine *machine_from_client(const struct wl_client *client) {
	struct bridge_client *bridge = from_client(client);
	return bridge != NULL ? bridge->machine : NULL;
}

int bridge_client_create(struct machine *machine) {
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		return -1;
	}
	struct bridge_client *bridge = calloc(1, sizeof(*bridge));
	if (bridge == NULL) {
		abort();
	}
	machine->client = wl_client_create(machine->server->display, fds[0]);
	if (machine->client == NULL) {
		int error = errno;
		close(fds[0]);
		close(fds[1]);
		free(bridge);
		errno = error;
		return -1;
	}
	wl_client_set_max_buffer_size(machine->client, BUFFER_BYTES);
	bridge->machine = machine;
	bridge->destroy.notify = handle_client_destroy;
	wl_client_add_destroy_late_listener(machine->client, &bridge->destroy);
	return fds[1];
}

void bridge_client_destroy(struct machine *machine) {
	if (machine->client != NULL) {
		wl_client_destroy(machine->client);
	}
}

// --- redecho_machine_v1 -------------------------------------------------------------------

static void handle_destroy(struct wl_client *client, struct wl_resource *resource) {
	wl_resource_destroy(resource);
}

static void handle_idle(void *data) {
	struct machine *machine = data;
	machine->telling = NULL;
	machine_changed(machine);
}

// A bridge can say more in a turn of the loop than can be drawn in a second.
static void tell_later(struct machine *machine) {
	if (machine->telling == NULL) {
		machine->telling = wl_event_loop_add_idle(
			machine->server->loop, handle_idle, machine);
	}
}

static void handle_set_stage(
	struct wl_client *client, struct wl_resource *resource, uint32_t untrusted_stage) {
	struct machine *machine = machine_from_client(client);
	if (machine == NULL || untrusted_stage > REDECHO_MACHINE_V1_STAGE_RUNNING) {
		return;
	}
	machine->stage = untrusted_stage;
	tell_later(machine);
}

static void handle_set_broken(
	struct wl_client *client, struct wl_resource *resource, const char *untrusted_reason) {
	struct machine *machine = machine_from_client(client);
	// The first reason is the one that counts, and the log is not the guest's to fill.
	if (machine == NULL || machine->message != NULL) {
		return;
	}
	machine->message = titlebar_filter_text(untrusted_reason, REASON_MAX);
	char text[2 * REASON_MAX + 32];
	snprintf(text, sizeof(text), "broken: %s", machine->message);
	notice_show_machine(machine, NOTICE_WARNING, text);
	tell_later(machine);
}

static void handle_set_display(struct wl_client *client, struct wl_resource *resource,
	struct wl_resource *surface, uint32_t untrusted_number, uint32_t untrusted_count) {
	struct machine *machine = machine_from_client(client);
	if (machine != NULL) {
		display_identify(machine, wlr_surface_from_resource(surface), untrusted_number,
			untrusted_count);
	}
}

static const struct redecho_machine_v1_interface machine_impl = {
	.destroy = handle_destroy,
	.set_stage = handle_set_stage,
	.set_broken = handle_set_broken,
	.set_display = handle_set_display,
};

static void handle_resource_destroy(struct wl_resource *resource) {
	wl_list_remove(wl_resource_get_link(resource));
}

static void handle_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct machine *machine = machine_from_client(client);
	struct wl_resource *resource = wl_resource_create(
		client, &redecho_machine_v1_interface, (int)version, id);
	if (resource == NULL) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(resource, &machine_impl, NULL, handle_resource_destroy);
	if (machine == NULL) {
		// Not reached while the filter stands.
		wl_list_init(wl_resource_get_link(resource));
		return;
	}
	wl_list_insert(&machine->resources, wl_resource_get_link(resource));
	if (machine->relative) {
		redecho_machine_v1_send_set_pointer_mode(
			resource, REDECHO_MACHINE_V1_POINTER_MODE_RELATIVE);
	}
}

void bridge_client_send_pointer_mode(struct machine *machine) {
	uint32_t mode = machine->relative ? REDECHO_MACHINE_V1_POINTER_MODE_RELATIVE
					  : REDECHO_MACHINE_V1_POINTER_MODE_ABSOLUTE;
	struct wl_resource *resource;
	wl_resource_for_each(resource, &machine->resources) {
		redecho_machine_v1_send_set_pointer_mode(resource, mode);
	}
}

void bridge_client_send_show_displays(struct machine *machine) {
	struct wl_resource *resource;
	wl_resource_for_each(resource, &machine->resources) {
		if (wl_resource_get_version(resource) >=
			REDECHO_MACHINE_V1_SHOW_DISPLAYS_SINCE_VERSION) {
			redecho_machine_v1_send_show_displays(resource);
		}
	}
}

bool bridge_client_init(struct server *server) {
	return wl_global_create(server->display, &redecho_machine_v1_interface, 2, server,
		       handle_bind) != NULL;
}

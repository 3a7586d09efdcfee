#include "bridge_control.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wayland-server-core.h>

#include "log.h"
#include "redecho-bridge-v1-client-protocol.h"

struct bridge_control {
	struct wl_display *display;
	struct wl_registry *registry;
	struct redecho_bridge_v1 *bridge; // NULL until it is announced
	struct wl_event_source *source;
	const struct bridge_control_listener *listener;
	void *data;
	bool dispatching, destroyed; // destruction waits for the end of a dispatch
	// What is to be sent once the bridge is announced; -1 for nothing.
	int wayland_fd, display_bus_fd, renderer_fd;
};

static void handle_bridge_display(
	void *data, struct redecho_bridge_v1 *bridge, uint32_t connected) {
	struct bridge_control *control = data;
	if (!control->destroyed) {
		control->listener->display(control->data, connected);
	}
}

static void handle_bridge_stage(void *data, struct redecho_bridge_v1 *bridge, uint32_t stage) {
	// The compositor hears it from the bridge itself.
}

static void handle_bridge_broken(void *data, struct redecho_bridge_v1 *bridge, const char *reason) {
	struct bridge_control *control = data;
	if (!control->destroyed) {
		control->listener->broken(control->data, reason);
	}
}

static void handle_bridge_fd(
	void *data, struct redecho_bridge_v1 *bridge, uint32_t kind, uint32_t index, int fd) {
	struct bridge_control *control = data;
	if (control->destroyed) {
		close(fd);
		return;
	}
	control->listener->fd(control->data, kind, index, fd);
}

static void handle_bridge_renderer_wanted(void *data, struct redecho_bridge_v1 *bridge) {
	struct bridge_control *control = data;
	if (!control->destroyed) {
		control->listener->renderer_wanted(control->data);
	}
}

static void handle_bridge_renderer_lost(
	void *data, struct redecho_bridge_v1 *bridge, const char *reason) {
	struct bridge_control *control = data;
	if (!control->destroyed) {
		control->listener->renderer_lost(control->data, reason);
	}
}

static const struct redecho_bridge_v1_listener bridge_listener = {
	.display = handle_bridge_display,
	.stage = handle_bridge_stage,
	.broken = handle_bridge_broken,
	.fd = handle_bridge_fd,
	.renderer_wanted = handle_bridge_renderer_wanted,
	.renderer_lost = handle_bridge_renderer_lost,
};

static void replace_fd(int *slot, int fd) {
	if (*slot >= 0) {
		close(*slot);
	}
	*slot = fd;
}

/* The library duplicates a file descriptor when it marshals it. */
static void send_pending(struct bridge_control *control) {
	if (control->bridge == NULL) {
		return;
	}
	if (control->wayland_fd >= 0) {
		redecho_bridge_v1_set_wayland(control->bridge, control->wayland_fd);
		replace_fd(&control->wayland_fd, -1);
	}
	if (control->display_bus_fd >= 0) {
		redecho_bridge_v1_set_display_bus(control->bridge, control->display_bus_fd);
		replace_fd(&control->display_bus_fd, -1);
	}
	if (control->renderer_fd >= 0) {
		redecho_bridge_v1_set_renderer(control->bridge, control->renderer_fd);
		replace_fd(&control->renderer_fd, -1);
	}
}

/* Returns false when the connection is broken. */
static bool flush(struct bridge_control *control) {
	int sent = wl_display_flush(control->display);
	bool blocked = sent < 0 && errno == EAGAIN;
	wl_event_source_fd_update(
		control->source, WL_EVENT_READABLE | (blocked ? WL_EVENT_WRITABLE : 0));
	return sent >= 0 || blocked;
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct bridge_control *control = data;
	if (control->bridge == NULL && strcmp(interface, redecho_bridge_v1_interface.name) == 0) {
		control->bridge = wl_registry_bind(registry, name, &redecho_bridge_v1_interface, 1);
		if (control->bridge != NULL) {
			redecho_bridge_v1_add_listener(control->bridge, &bridge_listener, control);
			send_pending(control);
		}
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void free_control(struct bridge_control *control) {
	wl_event_source_remove(control->source);
	if (control->bridge != NULL) {
		redecho_bridge_v1_destroy(control->bridge);
	}
	wl_registry_destroy(control->registry);
	wl_display_disconnect(control->display);
	replace_fd(&control->wayland_fd, -1);
	replace_fd(&control->display_bus_fd, -1);
	replace_fd(&control->renderer_fd, -1);
	free(control);
}

/* Reads what is there, once: a bridge that floods gets its turn like everybody. */
static bool read_events(struct bridge_control *control) {
	while (wl_display_prepare_read(control->display) != 0) {
		if (wl_display_dispatch_pending(control->display) < 0) {
			return false;
		}
	}
	return wl_display_read_events(control->display) == 0 &&
		wl_display_dispatch_pending(control->display) >= 0;
}

static int handle_event(int fd, uint32_t mask, void *data) {
	struct bridge_control *control = data;
	bool ok = true;
	control->dispatching = true;
	if (mask & WL_EVENT_READABLE) {
		ok = read_events(control);
	} else if (mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)) {
		ok = false;
	}
	ok = ok && flush(control);
	if (!ok && !control->destroyed) {
		// Not to be called again, whatever the listener does.
		wl_event_source_fd_update(control->source, 0);
		control->listener->closed(control->data);
	}
	control->dispatching = false;
	if (control->destroyed) {
		free_control(control);
	}
	return 0;
}

struct bridge_control *bridge_control_create(struct wl_event_loop *loop, int fd,
	const struct bridge_control_listener *listener, void *data) {
	struct bridge_control *control = calloc(1, sizeof(*control));
	if (control == NULL) {
		close(fd);
		return NULL;
	}
	control->listener = listener;
	control->data = data;
	control->wayland_fd = -1;
	control->display_bus_fd = -1;
	control->renderer_fd = -1;
	control->display = wl_display_connect_to_fd(fd); // takes the fd, also when it fails
	if (control->display == NULL) {
		goto error_control;
	}
	control->registry = wl_display_get_registry(control->display);
	if (control->registry == NULL) {
		goto error_display;
	}
	wl_registry_add_listener(control->registry, &registry_listener, control);
	control->source = wl_event_loop_add_fd(loop, wl_display_get_fd(control->display),
		WL_EVENT_READABLE, handle_event, control);
	if (control->source == NULL) {
		goto error_registry;
	}
	flush(control); // an error comes back as a hang-up
	return control;

error_registry:
	wl_registry_destroy(control->registry);
error_display:
	wl_display_disconnect(control->display);
error_control:
	free(control);
	return NULL;
}

void bridge_control_destroy(struct bridge_control *control) {
	if (control == NULL) {
		return;
	}
	control->destroyed = true;
	if (!control->dispatching) {
		free_control(control);
	}
}

void bridge_control_set_wayland(struct bridge_control *control, int fd) {
	replace_fd(&control->wayland_fd, fd);
	send_pending(control);
	flush(control);
}

void bridge_control_set_display_bus(struct bridge_control *control, int fd) {
	replace_fd(&control->display_bus_fd, fd);
	send_pending(control);
	flush(control);
}

void bridge_control_set_renderer(struct bridge_control *control, int fd) {
	replace_fd(&control->renderer_fd, fd);
	send_pending(control);
	flush(control);
}

#include "bridge.h"

#include <linux/input-event-codes.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "sandbox.h"

#if !defined(__SANITIZE_ADDRESS__) && defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#define DEFAULT_WIDTH 1024
#define DEFAULT_HEIGHT 768
/** A guest may break its queues and start them anew for ever: so often that is news. */
#define MAX_BROKEN_REPORTS 16
#define APP_ID "org.redecho.machine"

// --- vhost-user --------------------------------------------------------------------------

static const char *device_name(enum bridge_device device) {
	static const char *const names[BRIDGE_DEVICES] = {"gpu", "keyboard", "tablet", "mouse"};
	return names[device];
}

static void handle_vhost_connected(struct wl_listener *listener, void *data) {
	struct bridge_link *link = wl_container_of(listener, link, connected);
	log_write(&link->bridge->log, LOG_DEBUG, "%s: QEMU connected", device_name(link->device));
	link->reports = 0;
	if (link->device == BRIDGE_DEVICE_GPU && link->bridge->gpu != NULL) {
		virtio_gpu_enable_all(link->bridge->gpu);
	}
	window_client_set_broken(link->bridge->window_client, NULL); // a machine that starts anew
}

static void handle_vhost_disconnected(struct wl_listener *listener, void *data) {
	struct bridge_link *link = wl_container_of(listener, link, disconnected);
	const char *reason = data;
	if (reason != NULL) {
		log_write(&link->bridge->log, LOG_ERROR, "%s: QEMU was dropped: %s",
			device_name(link->device), reason);
	} else {
		log_write(
			&link->bridge->log, LOG_DEBUG, "%s: QEMU left", device_name(link->device));
	}
}

static void handle_vhost_broken(struct wl_listener *listener, void *data) {
	struct bridge_link *link = wl_container_of(listener, link, broken);
	const struct vhost_user_broken_event *event = data;
	struct bridge *bridge = link->bridge;
	if (link->reports == MAX_BROKEN_REPORTS) {
		return;
	}
	link->reports++;
	log_write(&bridge->log, LOG_ERROR, "%s: queue %d stopped working: %s",
		device_name(link->device), event->queue, event->reason);
	window_client_set_broken(bridge->window_client, event->reason);
	if (bridge->control != NULL) {
		control_send_broken(bridge->control, event->reason);
	}
}

static void handle_vhost_fd(struct wl_listener *listener, void *data) {
	struct bridge_link *link = wl_container_of(listener, link, fd);
	const struct vhost_user_fd_event *event = data;
	if (link->bridge->control != NULL && event->fd >= 0) {
		control_send_fd(link->bridge->control, link->device, event);
	}
}

static void link_vhost(struct bridge *bridge, enum bridge_device device, struct vhost_user *vhost) {
	struct bridge_link *link = &bridge->links[device];
	*link = (struct bridge_link){.bridge = bridge, .device = device, .vhost = vhost};
	link->connected.notify = handle_vhost_connected;
	wl_signal_add(&vhost->events.connected, &link->connected);
	link->disconnected.notify = handle_vhost_disconnected;
	wl_signal_add(&vhost->events.disconnected, &link->disconnected);
	link->broken.notify = handle_vhost_broken;
	wl_signal_add(&vhost->events.broken, &link->broken);
	link->fd.notify = handle_vhost_fd;
	wl_signal_add(&vhost->events.fd, &link->fd);
}

static void unlink_vhost(struct bridge_link *link) {
	if (link->vhost == NULL) {
		return;
	}
	wl_list_remove(&link->connected.link);
	wl_list_remove(&link->disconnected.link);
	wl_list_remove(&link->broken.link);
	wl_list_remove(&link->fd.link);
	link->vhost = NULL;
}

// --- the window --------------------------------------------------------------------------

static void handle_window_connected(struct wl_listener *listener, void *data) {
	struct bridge *bridge = wl_container_of(listener, bridge, window_connected);
	log_write(&bridge->log, LOG_DEBUG, "the window is on %s",
		window_client_is_on_desk(bridge->window_client) ? "a Red Echo desk"
								: "a compositor");
	if (bridge->control != NULL) {
		control_send_display(bridge->control);
	}
}

static void handle_window_disconnected(struct wl_listener *listener, void *data) {
	struct bridge *bridge = wl_container_of(listener, bridge, window_disconnected);
	const char *reason = data;
	log_write(&bridge->log, LOG_INFO, "the window is gone: %s", reason);
	if (bridge->control != NULL) {
		control_send_display(bridge->control);
	}
	if (bridge->options.stand_alone) {
		bridge->failed = true;
		wl_display_terminate(bridge->server);
	}
}

static void handle_window_stage(struct wl_listener *listener, void *data) {
	struct bridge *bridge = wl_container_of(listener, bridge, window_stage);
	if (bridge->control != NULL) {
		control_send_stage(bridge->control);
	}
}

static void handle_window_show_all(struct wl_listener *listener, void *data) {
	struct bridge *bridge = wl_container_of(listener, bridge, window_show_all);
	virtio_gpu_enable_all(bridge->gpu);
}

/** On a desk the compositor has the power button pressed; elsewhere that is ours to do. */
static void handle_window_close(struct wl_listener *listener, void *data) {
	struct bridge *bridge = wl_container_of(listener, bridge, window_close);
	struct virtio_input *keyboard = bridge->inputs[BRIDGE_DEVICE_KEYBOARD];
	if (!bridge->options.stand_alone) {
		log_write(&bridge->log, LOG_DEBUG, "a close is redecho-vmd's to act on");
	} else if (bridge->closing || keyboard == NULL || !keyboard->ready) {
		wl_display_terminate(bridge->server);
	} else {
		log_write(&bridge->log, LOG_INFO,
			"pressing the power button; close again to end at once");
		bridge->closing = true;
		virtio_input_key(keyboard, KEY_POWER, true);
		virtio_input_frame(keyboard);
		virtio_input_key(keyboard, KEY_POWER, false);
		virtio_input_frame(keyboard);
	}
}

static void handle_display(struct wl_listener *listener, void *data) {
	struct bridge *bridge = wl_container_of(listener, bridge, display);
	for (unsigned i = 0; i < bridge->gpu->scanout_count; i++) {
		const struct virtio_gpu_display_record *record = bridge->gpu->displays[i].record;
		log_write(&bridge->log, LOG_DEBUG, "display %u: %ux%u at %u mHz%s", i + 1,
			record->mode.width, record->mode.height, record->mode.refresh_mhz,
			record->disabled ? ", closed" : "");
	}
	// The first console stands for all: told of anything new, the guest asks for every display.
	const struct window_mode *mode = &bridge->gpu->displays[0].record->mode;
	display_bus_set_mode(bridge->display_bus, mode);
}

static void handle_renderer_wanted(struct wl_listener *listener, void *data) {
	struct bridge *bridge = wl_container_of(listener, bridge, renderer_wanted);
	log_write(&bridge->log, LOG_DEBUG, "a renderer is wanted");
	if (bridge->control != NULL) {
		control_send_renderer_wanted(bridge->control);
	}
}

static void handle_renderer_lost(struct wl_listener *listener, void *data) {
	struct bridge *bridge = wl_container_of(listener, bridge, renderer_lost);
	const struct renderer_lost_event *event = data;
	log_write(&bridge->log, LOG_INFO, "the machine goes on in 2D: %s", event->reason);
	// One that was only waited for may be on its way, and is good.
	if (bridge->control != NULL && event->was_there) {
		control_send_renderer_lost(bridge->control, event->reason);
	}
}

static void listen_to_window(struct bridge *bridge) {
	bridge->window_connected.notify = handle_window_connected;
	wl_signal_add(&bridge->window_client->events.connected, &bridge->window_connected);
	bridge->window_disconnected.notify = handle_window_disconnected;
	wl_signal_add(&bridge->window_client->events.disconnected, &bridge->window_disconnected);
	bridge->window_stage.notify = handle_window_stage;
	wl_signal_add(&bridge->window_client->events.stage, &bridge->window_stage);
	bridge->window_show_all.notify = handle_window_show_all;
	wl_signal_add(&bridge->window_client->events.show_all, &bridge->window_show_all);
	bridge->window_close.notify = handle_window_close;
	wl_signal_add(&bridge->window_client->windows[0]->events.close, &bridge->window_close);
}

// --- create and destroy ------------------------------------------------------------------

static int handle_signal(int number, void *data) {
	struct bridge *bridge = data;
	wl_display_terminate(bridge->server);
	return 0;
}

static bool create_inputs(struct bridge *bridge, int fds[static BRIDGE_DEVICES]) {
	static const struct {
		enum bridge_device device;
		enum virtio_input_kind kind;
		const char *name;
	} rows[] = {
		{BRIDGE_DEVICE_KEYBOARD, VIRTIO_INPUT_KEYBOARD, "Red Echo Keyboard"},
		{BRIDGE_DEVICE_TABLET, VIRTIO_INPUT_TABLET, "Red Echo Tablet"},
		{BRIDGE_DEVICE_MOUSE, VIRTIO_INPUT_MOUSE, "Red Echo Mouse"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const enum bridge_device device = rows[i].device;
		if (fds[device] < 0) {
			continue;
		}
		struct virtio_input *input = virtio_input_create(
			bridge->loop, fds[device], rows[i].kind, rows[i].name, NULL);
		fds[device] = -1;
		if (input == NULL) {
			return false;
		}
		bridge->inputs[device] = input;
		link_vhost(bridge, device, input->vhost);
	}
	return true;
}

static bool create_window(struct bridge *bridge) {
	const struct window_client_options options = {
		.title = bridge->options.title,
		.app_id = APP_ID,
		.count = bridge->options.displays,
		.width = DEFAULT_WIDTH,
		.height = DEFAULT_HEIGHT,
		.devices =
			{
				.keyboard = bridge->inputs[BRIDGE_DEVICE_KEYBOARD],
				.tablet = bridge->inputs[BRIDGE_DEVICE_TABLET],
				.mouse = bridge->inputs[BRIDGE_DEVICE_MOUSE],
			},
	};
	bridge->window_client = window_client_create(bridge->loop, &options);
	if (bridge->window_client != NULL) {
		listen_to_window(bridge);
	}
	return bridge->window_client != NULL;
}

static bool create_gpu(struct bridge *bridge, int *fd) {
	const struct virtio_gpu_options options = {
		.name = bridge->options.title,
		.transport = bridge->options.transport,
		.virgl = bridge->options.virgl,
	};
	bridge->gpu = virtio_gpu_create(bridge->loop, *fd, bridge->window_client, &options);
	*fd = -1;
	if (bridge->gpu == NULL) {
		return false;
	}
	link_vhost(bridge, BRIDGE_DEVICE_GPU, bridge->gpu->vhost);
	bridge->display.notify = handle_display;
	wl_signal_add(&bridge->gpu->events.display, &bridge->display);
	bridge->renderer_wanted.notify = handle_renderer_wanted;
	wl_signal_add(&bridge->gpu->events.renderer_wanted, &bridge->renderer_wanted);
	bridge->renderer_lost.notify = handle_renderer_lost;
	wl_signal_add(&bridge->gpu->events.renderer_lost, &bridge->renderer_lost);
	return true;
}

static bool create_server(struct bridge *bridge, int *control_fd) {
	bridge->server = wl_display_create();
	if (bridge->server == NULL) {
		return false;
	}
	bridge->loop = wl_display_get_event_loop(bridge->server);
	bridge->signals[0] = wl_event_loop_add_signal(bridge->loop, SIGTERM, handle_signal, bridge);
	bridge->signals[1] = wl_event_loop_add_signal(bridge->loop, SIGINT, handle_signal, bridge);
	if (*control_fd >= 0) {
		const int fd = *control_fd;
		*control_fd = -1;
		bridge->control = control_create(bridge, fd);
		return bridge->control != NULL;
	}
	return true;
}

static void close_fd(int *fd) {
	if (*fd >= 0) {
		close(*fd);
		*fd = -1;
	}
}

struct bridge *bridge_create(const struct bridge_options *options) {
	struct bridge *bridge = calloc(1, sizeof(*bridge));
	struct bridge_options left = *options; // the sockets that nobody has taken over yet
	bool ok = bridge != NULL;
	if (ok) {
		bridge->options = *options;
		bridge->log = (struct log){.name = options->name, .level = options->log_level};
		ok = create_server(bridge, &left.control_fd) &&
			create_inputs(bridge, left.device_fds) && create_window(bridge) &&
			create_gpu(bridge, &left.device_fds[BRIDGE_DEVICE_GPU]);
	}
	if (ok) {
		bridge->display_bus = display_bus_create(bridge->loop, &bridge->log);
		ok = bridge->display_bus != NULL;
	}
	if (ok && left.renderer_fd >= 0) {
		virtio_gpu_set_renderer(bridge->gpu, left.renderer_fd);
		left.renderer_fd = -1;
	}
	close_fd(&left.renderer_fd);
	close_fd(&left.control_fd);
	for (unsigned i = 0; i < BRIDGE_DEVICES; i++) {
		close_fd(&left.device_fds[i]);
	}
	if (!ok && bridge != NULL) {
		log_write(&bridge->log, LOG_ERROR, "a socket cannot be used, or no memory is left");
		bridge_destroy(bridge);
		bridge = NULL;
	}
	return bridge;
}

int bridge_run(struct bridge *bridge) {
#if !defined(__SANITIZE_ADDRESS__) // whose report needs more than a bridge does
	if (!sandbox_enter(bridge->options.stand_alone)) {
		log_write(&bridge->log, LOG_INFO, "running without a seccomp filter");
	}
#endif
	wl_display_run(bridge->server);
	return bridge->failed ? 1 : 0;
}

void bridge_destroy(struct bridge *bridge) {
	control_destroy(bridge->control);
	bridge->control = NULL;
	for (unsigned i = 0; i < BRIDGE_DEVICES; i++) {
		unlink_vhost(&bridge->links[i]);
	}
	if (bridge->window_client != NULL) {
		wl_list_remove(&bridge->window_connected.link);
		wl_list_remove(&bridge->window_disconnected.link);
		wl_list_remove(&bridge->window_stage.link);
		wl_list_remove(&bridge->window_show_all.link);
		wl_list_remove(&bridge->window_close.link);
		// Before the images: a buffer that the compositor holds outlives its image.
		window_client_disconnect(bridge->window_client);
	}
	display_bus_destroy(bridge->display_bus);
	if (bridge->gpu != NULL) {
		wl_list_remove(&bridge->display.link);
		wl_list_remove(&bridge->renderer_wanted.link);
		wl_list_remove(&bridge->renderer_lost.link);
		virtio_gpu_destroy(bridge->gpu);
	}
	if (bridge->window_client != NULL) {
		window_client_destroy(bridge->window_client);
	}
	for (unsigned i = 0; i < BRIDGE_DEVICES; i++) {
		if (bridge->inputs[i] != NULL) {
			virtio_input_destroy(bridge->inputs[i]);
		}
	}
	for (unsigned i = 0; i < 2; i++) {
		if (bridge->signals[i] != NULL) {
			wl_event_source_remove(bridge->signals[i]);
		}
	}
	if (bridge->server != NULL) {
		wl_display_destroy(bridge->server);
	}
	free(bridge);
}

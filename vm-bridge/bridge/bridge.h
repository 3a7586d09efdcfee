/*
 * One machine's bridge: the devices, the window, and who steers it.
 */
#ifndef BRIDGE_H
#define BRIDGE_H

#include <stdbool.h>
#include <wayland-server-core.h>

#include "control.h"
#include "display_bus.h"
#include "log.h"
#include "virtio_gpu.h"
#include "virtio_input.h"
#include "window_client.h"

/** The devices by which a bridge counts its file descriptors; redecho_bridge_v1.fd. */
enum bridge_device {
	BRIDGE_DEVICE_GPU,
	BRIDGE_DEVICE_KEYBOARD,
	BRIDGE_DEVICE_TABLET,
	BRIDGE_DEVICE_MOUSE,
	BRIDGE_DEVICES,
};

struct bridge_options {
	const char *title;
	const char *name; // of the machine; may be NULL
	unsigned displays; // 1 to VIRTIO_GPU_MAX_SCANOUTS
	enum log_level log_level;
	/** Listening sockets, by enum bridge_device; -1: no such device. The GPU is needed. */
	int device_fds[BRIDGE_DEVICES];
	int control_fd; // listening; -1: none
	/** No desk behind it: the first close is the power button, the second ends the bridge. */
	bool stand_alone;
	enum virtio_gpu_transport transport;
	bool virgl; // the machine may draw in 3D
	int renderer_fd; // of the first renderer; -1: redecho-vmd brings it
};

/** Puts the events of one device's vhost_user on the control socket and in the log. */
struct bridge_link {
	struct bridge *bridge;
	enum bridge_device device;
	struct vhost_user *vhost;
	unsigned reports; // of what broke, since QEMU connected
	struct wl_listener connected; // vhost_user.events.connected
	struct wl_listener disconnected; // vhost_user.events.disconnected
	struct wl_listener broken; // vhost_user.events.broken
	struct wl_listener fd; // vhost_user.events.fd
};

struct bridge {
	struct bridge_options options; // the strings are not owned
	struct log log;
	struct wl_display *server; // of redecho_bridge_v1; also the one event loop
	struct wl_event_loop *loop;
	struct virtio_input *inputs[BRIDGE_DEVICES]; // of the GPU: NULL
	struct window_client *window_client;
	struct virtio_gpu *gpu;
	struct display_bus *display_bus;
	struct control *control; // NULL without a control socket
	struct bridge_link links[BRIDGE_DEVICES];
	bool closing; // the power button was pressed
	bool failed;

	struct wl_listener window_connected; // window_client.events.connected
	struct wl_listener window_disconnected; // window_client.events.disconnected
	struct wl_listener window_stage; // window_client.events.stage
	struct wl_listener window_show_all; // window_client.events.show_all
	struct wl_listener window_close; // window.events.close, of the first window
	struct wl_listener display; // virtio_gpu.events.display
	struct wl_listener renderer_wanted; // virtio_gpu.events.renderer_wanted
	struct wl_listener renderer_lost; // virtio_gpu.events.renderer_lost
	struct wl_event_source *signals[2]; // SIGTERM, SIGINT
};

/** The sockets belong to the bridge from here on, also on failure. Returns NULL after a log line. */
struct bridge *bridge_create(const struct bridge_options *options);

/** Run until the bridge is told to end. Returns the exit code. */
int bridge_run(struct bridge *bridge);

void bridge_destroy(struct bridge *bridge);

#endif

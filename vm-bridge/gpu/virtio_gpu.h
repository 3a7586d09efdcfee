/*
 * The virtio-gpu device: 2D commands, cursor, display information, EDID.
 *
 * virtio 1.3, 5.7 "GPU Device".
 */
#ifndef VIRTIO_GPU_H
#define VIRTIO_GPU_H

#include <linux/virtio_gpu.h>
#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "renderer_remote.h"
#include "resource.h"
#include "scanout.h"
#include "vhost_user.h"
#include "window_client.h"

/** Each scanout is shown by the window of the same number. */
_Static_assert(VIRTIO_GPU_MAX_SCANOUTS == WINDOW_MAX_COUNT, "a window for each scanout");

enum virtio_gpu_queue {
	VIRTIO_GPU_QUEUE_CONTROL,
	VIRTIO_GPU_QUEUE_CURSOR,
	VIRTIO_GPU_QUEUES,
};

/** How the guest is told of a new display size. */
enum virtio_gpu_transport {
	/** vhost-user-gpu: QEMU owns the configuration space and tells, when asked on D-Bus. */
	VIRTIO_GPU_TRANSPORT_GPU,
	/** vhost-user-test-device with virtio id 16: by the back end's config change. */
	VIRTIO_GPU_TRANSPORT_DEVICE,
};

struct virtio_gpu_options {
	const char *name; // of the display, for the EDID
	enum virtio_gpu_transport transport;
	bool virgl; // offer 3D, by a renderer that virtio_gpu_set_renderer() brings
};

/** A display and its cursor, as a successor process needs to know them. Plain numbers only. */
struct virtio_gpu_display_record {
	struct window_mode mode; // that the guest is told
	bool disabled; // the guest is told that nothing is plugged in
	uint32_t cursor_resource_id;
	uint32_t cursor_hot_x, cursor_hot_y;
};

/**
 * What a successor process needs to go on with the device, beside the images' and memory's fds,
 * the backings' entries and struct vhost_user_state. Plain numbers only.
 */
struct virtio_gpu_state {
	uint32_t events_read; // VIRTIO_GPU_EVENT_*
	struct virtio_gpu_display_record displays[VIRTIO_GPU_MAX_SCANOUTS];
	struct scanout_record scanouts[VIRTIO_GPU_MAX_SCANOUTS];
	struct resource_record resources[RESOURCE_MAX_COUNT];
};

/** What the guest sees at a scanout: a display of the size of the scanout's window. */
struct virtio_gpu_display {
	struct virtio_gpu *gpu;
	struct virtio_gpu_display_record *record;
	/** A cursor of a 3D resource is read into this image. */
	struct {
		struct image *image; // NULL: none yet
		uint64_t content; // that is being read; 0: none
		uint32_t format; // of that
	} cursor;
	struct wl_listener mode; // window.events.mode
	struct wl_listener close; // window.events.close
	struct wl_listener changed; // scanout.events.changed
};

struct virtio_gpu {
	struct vhost_user *vhost;
	struct window_client *client; // not owned
	struct virtio_gpu_options options; // the name is owned
	struct virtio_gpu_state *state;
	struct resource_table resources;
	struct renderer_remote *remote; // NULL: 2D only
	unsigned scanout_count;
	struct scanout scanouts[VIRTIO_GPU_MAX_SCANOUTS];
	struct virtio_gpu_display displays[VIRTIO_GPU_MAX_SCANOUTS];

	struct {
		/** The guest is to be told of new displays. data: struct virtio_gpu */
		struct wl_signal display;
		/** The first frame since the driver came up is flushed. data: struct virtio_gpu */
		struct wl_signal first_frame;
		/** The guest draws in 3D, and there is no renderer. data: struct virtio_gpu */
		struct wl_signal renderer_wanted;
		/** The renderer was given up. data: struct renderer_lost_event */
		struct wl_signal renderer_lost;
	} events;

	bool drew; // since the driver came up

	struct wl_listener kick; // vhost_user.events.kick
	struct wl_listener reset; // vhost_user.events.reset
	struct wl_listener queue_start; // vhost_user.events.queue_start
	struct wl_listener queue_stop; // vhost_user.events.queue_stop
	struct wl_listener memory; // vhost_user.events.memory
	struct wl_listener wanted; // renderer_remote.events.wanted
	struct wl_listener lost; // renderer_remote.events.lost
	struct wl_listener resumed; // renderer_remote.events.resumed
	struct wl_listener exported; // renderer_remote.events.exported
};

/**
 * A device that waits for QEMU on listen_fd, which belongs to it from here on, also on failure.
 * The client's windows,
 * which are the scanouts, must outlive the device.
 *
 * Returns NULL when the socket cannot be used, or out of memory.
 */
struct virtio_gpu *virtio_gpu_create(struct wl_event_loop *loop, int listen_fd,
	struct window_client *client, const struct virtio_gpu_options *options);

/**
 * Plug a display in, or out: the guest is told, and its window closes whatever the guest does.
 * The first is always there.
 */
void virtio_gpu_set_enabled(struct virtio_gpu *gpu, unsigned index, bool enabled);

/** Plug in what the user has closed. */
void virtio_gpu_enable_all(struct virtio_gpu *gpu);

void virtio_gpu_destroy(struct virtio_gpu *gpu);

/**
 * A fresh redecho-render at the other end of a connected SOCK_SEQPACKET socket, which belongs to
 * the device from here on. A device without 3D closes it.
 */
void virtio_gpu_set_renderer(struct virtio_gpu *gpu, int socket_fd);

/** Whether it was asked for, and has not come. */
bool virtio_gpu_wants_renderer(const struct virtio_gpu *gpu);

#endif

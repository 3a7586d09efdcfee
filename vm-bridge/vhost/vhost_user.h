/*
 * The back end of one vhost-user device: a listening socket, QEMU's connection, and the queues.
 *
 * Calls go down, signals go up; the device's configuration space is the one thing that must be
 * asked for, so it is a pair of callbacks. Several devices live in one process, on one event
 * loop, and know nothing of each other.
 *
 * vhost-user protocol, "Message types", "Front-end message types".
 */
#ifndef VHOST_VHOST_USER_H
#define VHOST_VHOST_USER_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "memory.h"
#include "virtqueue.h"

#define VHOST_USER_MAX_QUEUES 4
#define VHOST_USER_MAX_GPU_SOCKETS 16

struct vhost_user_connection; // private to vhost_user.c

/** What a device is; the same for all its life. */
struct vhost_user_info {
	uint64_t features; // the device's own feature bits; those of the ring are added
	unsigned queue_count;
	uint16_t queue_size_max;
	uint32_t config_bytes; // of the configuration space, at most 256

	/**
	 * Read or write size bytes at offset of the configuration space; the range was checked.
	 * write may be NULL. Returns false to refuse.
	 */
	bool (*config_read)(void *data, uint32_t offset, uint8_t *bytes, uint32_t size);
	bool (*config_write)(void *data, uint32_t offset, const uint8_t *bytes, uint32_t size);
};

/** As in redecho_bridge_v1.fd_kind. */
enum vhost_user_fd_kind {
	VHOST_USER_FD_CONNECTION, // index 0
	VHOST_USER_FD_GPU_SOCKET, // index 0 .. VHOST_USER_MAX_GPU_SOCKETS - 1
	VHOST_USER_FD_MEMORY, // index: region
	VHOST_USER_FD_KICK, // index: queue
	VHOST_USER_FD_CALL, // index: queue
};

/** The fd that QEMU sent for (kind, index) is now this one. */
struct vhost_user_fd_event {
	enum vhost_user_fd_kind kind;
	unsigned index;
	int fd; // still owned by the device: duplicate it; -1: gone
};

/** A queue, or the whole device, stopped working until the guest or QEMU starts it anew. */
struct vhost_user_broken_event {
	int queue; // -1: the device
	const char *reason; // a static string
};

/** What a successor process needs to go on. Plain numbers only. */
struct vhost_user_state {
	uint64_t features; // acknowledged by the guest's driver
	uint64_t protocol_features; // acknowledged by QEMU
	bool features_set;
	struct virtqueue_state queues[VHOST_USER_MAX_QUEUES];
};

struct vhost_user_queue_watch {
	struct vhost_user *device;
	struct wl_listener broken; // virtqueue.events.broken
};

struct vhost_user {
	struct wl_event_loop *loop;
	const struct vhost_user_info *info;
	void *data; // of the callbacks in info

	struct vhost_user_state state;
	struct memory memory;
	struct virtqueue queues[VHOST_USER_MAX_QUEUES];
	bool connected;
	bool used; // a queue was started since the last reset

	struct {
		struct wl_signal connected; // data: struct vhost_user
		/** data: const char *, why QEMU was dropped, or NULL when it left by itself. */
		struct wl_signal disconnected;
		/**
		 * The driver reset the device: everything it made is to be forgotten. Comes also
		 * before disconnected, and for front ends that do not tell of resets as soon as a
		 * new driver shows. A pause of the machine is none. data: struct vhost_user
		 */
		struct wl_signal reset;
		struct wl_signal queue_start; // data: struct virtqueue, running now
		/**
		 * data: struct virtqueue, still running. What the device holds of it must be pushed
		 * now; the guest may only be paused, and what is not pushed is lost to it.
		 */
		struct wl_signal queue_stop;
		struct wl_signal kick; // data: struct virtqueue; may come without need
		/**
		 * The memory table changed. Backings keep guest addresses and translate them when
		 * they copy, so this matters only to those that cache. data: struct vhost_user
		 */
		struct wl_signal memory;
		/**
		 * VHOST_USER_GPU_SET_SOCKET: data: int *, the socket. It stays open, and owned by
		 * the device, until QEMU is gone: QEMU spins when it closes.
		 */
		struct wl_signal gpu_socket;
		struct wl_signal fd; // data: struct vhost_user_fd_event
		struct wl_signal broken; // data: struct vhost_user_broken_event
		struct wl_signal destroy; // data: struct vhost_user
	} events;

	struct vhost_user_connection *connection; // NULL: waiting for QEMU

	// Private
	int listen_fd;
	struct wl_event_source *listen_source;
	struct wl_event_source *retry_timer; // after accept() failed for want of resources
	struct vhost_user_queue_watch watches[VHOST_USER_MAX_QUEUES];
};

/**
 * Wait for QEMU on a listening socket, which belongs to the device from here on, also on
 * failure. info must outlive the device.
 *
 * Returns NULL when the socket cannot be used.
 */
struct vhost_user *vhost_user_create(
	struct wl_event_loop *loop, int listen_fd, const struct vhost_user_info *info, void *data);

void vhost_user_destroy(struct vhost_user *device);

/** The place of a queue in device->queues. */
unsigned vhost_user_queue_index(const struct vhost_user *device, const struct virtqueue *queue);

/**
 * Have the kick signal sent for a queue in the next turn of the loop. For devices that stopped
 * popping before the queue was empty, and can go on now.
 */
void vhost_user_queue_resume(struct vhost_user *device, struct virtqueue *queue);

/**
 * Tell QEMU that the configuration space changed: VHOST_USER_BACKEND_CONFIG_CHANGE_MSG.
 *
 * QEMU's vhost-user-gpu refuses this message. Returns false when there is no channel for it, or
 * when the first queue is not running: a driver that starts reads the configuration anyway.
 */
bool vhost_user_config_changed(struct vhost_user *device);

/** Disconnect QEMU. reason must be a static string. */
void vhost_user_drop(struct vhost_user *device, const char *reason);

/** Call handle for every fd that stands, as the fd signal would. */
void vhost_user_for_each_fd(struct vhost_user *device,
	void (*handle)(const struct vhost_user_fd_event *event, void *data), void *data);

#endif

// A device for the tests of the vhost-user layer: it answers a chain with what the chain said.
#ifndef ECHO_DEVICE_H
#define ECHO_DEVICE_H

#include <wayland-server-core.h>

#include "fake_guest.h"
#include "fake_socket.h"
#include "vhost_user.h"

#define ECHO_CONFIG_BYTES 16
#define ECHO_QUEUE_MAX 512
#define ECHO_HELD_MAX 1024
#define ECHO_LOG_BYTES 4096

struct echo_device {
	struct fake_socket sock;
	struct wl_event_loop *loop;
	struct vhost_user *vhost;
	struct fake_guest *guest;
	struct fake_device *front; // NULL: not connected

	uint8_t config[ECHO_CONFIG_BYTES];
	bool hold; // keep tokens instead of answering
	bool deaf; // take no chains
	int64_t work_ns; // spent on every chain
	struct virtqueue_token held[ECHO_HELD_MAX];
	unsigned held_count;
	uint8_t last[ECHO_LOG_BYTES]; // the readable part of the last chain, cut
	size_t last_bytes;

	unsigned chains;
	unsigned malformed;
	unsigned kicks;
	unsigned connects, disconnects, resets, starts, stops, memories, gpu_sockets;
	unsigned broken_count;
	int broken_queue;
	const char *broken; // reason of the last one
	const char *drop; // reason of the last disconnection
	int fds[5][32]; // by kind and index, from the fd signal; -1: none

	struct {
		struct wl_listener connected;
		struct wl_listener disconnected;
		struct wl_listener reset;
		struct wl_listener queue_start;
		struct wl_listener queue_stop;
		struct wl_listener kick;
		struct wl_listener memory;
		struct wl_listener gpu_socket;
		struct wl_listener fd;
		struct wl_listener broken;
	} listeners;
};

/** A device that waits, and a guest of 4 MiB. Nobody is connected yet. */
struct echo_device *echo_create(void);
void echo_destroy(struct echo_device *echo);

/** Connect the front end, in place of an earlier one. */
void echo_connect(struct echo_device *echo);

/** Connect, negotiate, and start queue 0 with the features and size. */
void echo_start(struct echo_device *echo, uint64_t features, uint16_t size);

/** Run the loop until nothing happens any more. */
void echo_settle(struct echo_device *echo);

/** Answer what is held, the last first. */
void echo_release(struct echo_device *echo);

/** Wait until QEMU was dropped, and forget the front end. */
void echo_expect_drop(struct echo_device *echo);

/** Wait until queue 0 is broken; the device must still talk to the front end. */
void echo_expect_broken(struct echo_device *echo);

/** Send text through queue 0 and expect it back. */
void echo_roundtrip(struct echo_device *echo, const char *text);

#endif

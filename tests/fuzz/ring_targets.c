// The devices that the ring player plays against.
#include <linux/input.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>

#include "iov.h"
#include "ring_player.h"
#include "vhost_user.h"
#include "vhost_user_protocol.h"
#include "virtio_input.h"

#define FEATURES                                                                                   \
	(UINT64_C(1) << VIRTIO_F_VERSION_1 | UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX |              \
		UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC |                                       \
		UINT64_C(1) << VHOST_USER_F_PROTOCOL_FEATURES)

// --- Plain: answers every chain, some of them later ----------------------------------------

struct plain {
	struct vhost_user *vhost;
	struct wl_listener kick;
	struct virtqueue_token held;
	struct virtqueue *held_queue; // NULL: nothing is held
	uint8_t config[64];
};

static bool plain_read(void *data, uint32_t offset, uint8_t *bytes, uint32_t size) {
	struct plain *plain = data;
	memcpy(bytes, plain->config + offset, size);
	return true;
}

static bool plain_write(void *data, uint32_t offset, const uint8_t *bytes, uint32_t size) {
	struct plain *plain = data;
	memcpy(plain->config + offset, bytes, size);
	return true;
}

static const struct vhost_user_info plain_info = {
	.queue_count = 2,
	.queue_size_max = VIRTQUEUE_MAX_SIZE,
	.config_bytes = sizeof(((struct plain *)0)->config),
	.config_read = plain_read,
	.config_write = plain_write,
};

static void handle_kick(struct wl_listener *listener, void *data) {
	struct plain *plain = wl_container_of(listener, plain, kick);
	struct virtqueue *queue = data;
	struct virtqueue_chain chain;
	uint8_t bytes[512];
	while (virtqueue_pop(queue, &chain)) {
		size_t size = iov_read(
			chain.readable, chain.readable_count, 0, bytes, sizeof(bytes));
		size_t written = iov_write(chain.writable, chain.writable_count, 0, bytes, size);
		if (plain->held_queue == NULL) {
			plain->held = chain.token;
			plain->held_queue = queue;
			continue;
		}
		virtqueue_push(queue, chain.token, (uint32_t)written);
	}
}

static void *plain_create(struct wl_event_loop *loop, int listen_fd) {
	struct plain *plain = calloc(1, sizeof(*plain));
	plain->vhost = vhost_user_create(loop, listen_fd, &plain_info, plain);
	plain->kick.notify = handle_kick;
	wl_signal_add(&plain->vhost->events.kick, &plain->kick);
	return plain;
}

static void plain_destroy(void *device) {
	struct plain *plain = device;
	vhost_user_destroy(plain->vhost);
	free(plain);
}

static void plain_host(void *device, uint8_t what, uint8_t value) {
	struct plain *plain = device;
	if (what % 8 == 0) {
		vhost_user_config_changed(plain->vhost);
	} else if (plain->held_queue != NULL) {
		virtqueue_push(plain->held_queue, plain->held, value);
		virtqueue_notify(plain->held_queue);
		plain->held_queue = NULL;
	}
}

const struct ring_player_target ring_player_plain = {
	.create = plain_create,
	.destroy = plain_destroy,
	.host = plain_host,
	.features = FEATURES,
};

// --- Input --------------------------------------------------------------------------------

static void *input_create(struct wl_event_loop *loop, int listen_fd) {
	return virtio_input_create(loop, listen_fd, VIRTIO_INPUT_TABLET, "Fuzz", NULL);
}

static void input_destroy(void *device) {
	virtio_input_destroy(device);
}

static void input_host(void *device, uint8_t what, uint8_t value) {
	switch (what % 4) {
	case 0:
		virtio_input_key(device, BTN_LEFT + what / 4 % 16, value % 2 != 0);
		break;
	case 1:
		virtio_input_position(device, value * 129u, what * 129u);
		break;
	case 2:
		virtio_input_wheel(device, VIRTIO_INPUT_WHEEL_VERTICAL, value - 128);
		break;
	default:
		value == 0 ? virtio_input_release_all(device) : virtio_input_frame(device);
		return;
	}
	if (value % 3 != 0) {
		virtio_input_frame(device);
	}
}

const struct ring_player_target ring_player_input = {
	.create = input_create,
	.destroy = input_destroy,
	.host = input_host,
	.features = FEATURES,
};

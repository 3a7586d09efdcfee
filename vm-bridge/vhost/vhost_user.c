// A device's life: waiting for QEMU, its connection, and its end.
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_config.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vhost_user_private.h"

#define TURN_MESSAGES 32
#define RETRY_ACCEPT_MS 200

uint64_t vhost_user_features(const struct vhost_user *device) {
	return device->info->features | UINT64_C(1) << VIRTIO_F_VERSION_1 |
		UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC |
		UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX | UINT64_C(1) << VIRTIO_F_RING_RESET |
		UINT64_C(1) << VHOST_USER_F_PROTOCOL_FEATURES;
}

void vhost_user_emit_fd(
	struct vhost_user *device, enum vhost_user_fd_kind kind, unsigned index, int fd) {
	struct vhost_user_fd_event event = {.kind = kind, .index = index, .fd = fd};
	wl_signal_emit_mutable(&device->events.fd, &event);
}

// --- Connection ---------------------------------------------------------------------------

static void close_fd(int *fd) {
	if (*fd >= 0) {
		close(*fd);
		*fd = -1;
	}
}

static void disconnect(struct vhost_user *device) {
	struct vhost_user_connection *connection = device->connection;
	const char *reason = connection->drop_reason;
	for (unsigned i = 0; i < device->info->queue_count; i++) {
		vhost_user_queue_stop(device, i);
		vhost_user_queue_set_kick(device, i, -1);
		vhost_user_queue_set_call(device, i, -1);
		vhost_user_queue_set_error(device, i, -1);
		device->queues[i].broken = NULL;
		memset(&device->state.queues[i], 0, sizeof(device->state.queues[i]));
	}
	vhost_user_emit_reset(device);
	for (unsigned i = 0; i < VHOST_USER_MAX_GPU_SOCKETS; i++) {
		if (connection->gpu_sockets[i] >= 0) {
			close_fd(&connection->gpu_sockets[i]);
			vhost_user_emit_fd(device, VHOST_USER_FD_GPU_SOCKET, i, -1);
		}
	}
	unsigned regions = device->memory.region_count;
	memory_clear(&device->memory);
	for (unsigned i = 0; i < regions; i++) {
		vhost_user_emit_fd(device, VHOST_USER_FD_MEMORY, i, -1);
	}
	close_fd(&connection->backend_fd);
	vhost_user_message_finish(connection);
	if (connection->drop_idle != NULL) {
		wl_event_source_remove(connection->drop_idle);
	}
	wl_event_source_remove(connection->source);
	close(connection->fd);
	vhost_user_emit_fd(device, VHOST_USER_FD_CONNECTION, 0, -1);
	free(connection);
	device->connection = NULL;
	device->connected = false;
	wl_event_source_fd_update(device->listen_source, WL_EVENT_READABLE);
	wl_signal_emit_mutable(&device->events.disconnected, (void *)reason);
}

static void handle_drop_idle(void *data) {
	struct vhost_user *device = data;
	device->connection->drop_idle = NULL; // an idle source removes itself
	disconnect(device);
}

/*
 * The connection goes in the next idle moment, never under the feet of a caller that is handling
 * one of its messages or queues. Until then nothing of it is looked at any more.
 */
void vhost_user_drop(struct vhost_user *device, const char *reason) {
	struct vhost_user_connection *connection = device->connection;
	if (connection == NULL || connection->drop_idle != NULL) {
		return;
	}
	connection->drop_reason = reason;
	connection->drop_idle = wl_event_loop_add_idle(device->loop, handle_drop_idle, device);
	if (connection->drop_idle == NULL) {
		abort();
	}
	wl_event_source_fd_update(connection->source, 0);
}

static int handle_connection(int fd, uint32_t mask, void *data) {
	struct vhost_user *device = data;
	struct vhost_user_connection *connection = device->connection;
	for (unsigned i = 0; i < TURN_MESSAGES && connection->drop_idle == NULL; i++) {
		const char *reason = NULL;
		switch (vhost_user_receive(connection, &reason)) {
		case VHOST_USER_RECEIVED_PART:
			return 0;
		case VHOST_USER_RECEIVED_END:
			vhost_user_drop(device, NULL);
			return 0;
		case VHOST_USER_RECEIVED_NONSENSE:
			vhost_user_drop(device, reason);
			return 0;
		case VHOST_USER_RECEIVED_MESSAGE:
			vhost_user_handle_message(device);
			vhost_user_message_finish(connection);
			break;
		}
	}
	return 0;
}

static bool connect_peer(struct vhost_user *device, int fd) {
	struct vhost_user_connection *connection = calloc(1, sizeof(*connection));
	if (connection == NULL) {
		close(fd);
		return false;
	}
	connection->source = wl_event_loop_add_fd(
		device->loop, fd, WL_EVENT_READABLE, handle_connection, device);
	if (connection->source == NULL) {
		free(connection);
		close(fd);
		return false;
	}
	connection->fd = fd;
	connection->backend_fd = -1;
	for (unsigned i = 0; i < VHOST_USER_MAX_GPU_SOCKETS; i++) {
		connection->gpu_sockets[i] = -1;
	}
	for (unsigned i = 0; i < VHOST_USER_MAX_QUEUES; i++) {
		connection->io[i] = (struct vhost_user_queue_io){
			.device = device,
			.queue = &device->queues[i],
			.kick_fd = -1,
			.call_fd = -1,
			.error_fd = -1,
		};
	}
	device->connection = connection;
	device->connected = true;
	wl_event_source_fd_update(device->listen_source, 0);
	vhost_user_emit_fd(device, VHOST_USER_FD_CONNECTION, 0, fd);
	wl_signal_emit_mutable(&device->events.connected, device);
	return true;
}

static int handle_listen(int fd, uint32_t mask, void *data) {
	struct vhost_user *device = data;
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (peer < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)) {
		return 0;
	}
	if (peer < 0 || !connect_peer(device, peer)) {
		// Out of fds or memory: the peer waits in the queue, and we must not spin.
		wl_event_source_fd_update(device->listen_source, 0);
		wl_event_source_timer_update(device->retry_timer, RETRY_ACCEPT_MS);
	}
	return 0;
}

static int handle_retry(void *data) {
	struct vhost_user *device = data;
	if (device->connection == NULL) {
		wl_event_source_fd_update(device->listen_source, WL_EVENT_READABLE);
	}
	return 0;
}

// --- Device -------------------------------------------------------------------------------

static void init_signals(struct vhost_user *device) {
	wl_signal_init(&device->events.connected);
	wl_signal_init(&device->events.disconnected);
	wl_signal_init(&device->events.reset);
	wl_signal_init(&device->events.queue_start);
	wl_signal_init(&device->events.queue_stop);
	wl_signal_init(&device->events.kick);
	wl_signal_init(&device->events.memory);
	wl_signal_init(&device->events.gpu_socket);
	wl_signal_init(&device->events.fd);
	wl_signal_init(&device->events.broken);
	wl_signal_init(&device->events.destroy);
}

static bool init_sources(struct vhost_user *device) {
	int flags = fcntl(device->listen_fd, F_GETFL);
	if (flags < 0 || fcntl(device->listen_fd, F_SETFL, flags | O_NONBLOCK) != 0) {
		return false;
	}
	fcntl(device->listen_fd, F_SETFD, FD_CLOEXEC);
	device->listen_source = wl_event_loop_add_fd(
		device->loop, device->listen_fd, WL_EVENT_READABLE, handle_listen, device);
	if (device->listen_source == NULL) {
		return false;
	}
	device->retry_timer = wl_event_loop_add_timer(device->loop, handle_retry, device);
	if (device->retry_timer == NULL) {
		wl_event_source_remove(device->listen_source);
		return false;
	}
	return true;
}

struct vhost_user *vhost_user_create(
	struct wl_event_loop *loop, int listen_fd, const struct vhost_user_info *info, void *data) {
	assert(info->queue_count <= VHOST_USER_MAX_QUEUES);
	assert(info->queue_size_max <= VIRTQUEUE_MAX_SIZE);
	assert(info->config_bytes <= VHOST_USER_MAX_CONFIG_BYTES);
	struct vhost_user *device = calloc(1, sizeof(*device));
	if (device == NULL) {
		abort();
	}
	device->loop = loop;
	device->info = info;
	device->data = data;
	device->listen_fd = listen_fd;
	if (!init_sources(device)) {
		close(listen_fd);
		free(device);
		return NULL;
	}
	init_signals(device);
	memory_init(&device->memory);
	for (unsigned i = 0; i < VHOST_USER_MAX_QUEUES; i++) {
		struct vhost_user_queue_watch *watch = &device->watches[i];
		virtqueue_init(&device->queues[i], &device->state.queues[i], &device->memory);
		watch->device = device;
		watch->broken.notify = vhost_user_handle_queue_broken;
		wl_signal_add(&device->queues[i].events.broken, &watch->broken);
	}
	return device;
}

void vhost_user_destroy(struct vhost_user *device) {
	if (device == NULL) {
		return;
	}
	if (device->connection != NULL) {
		disconnect(device);
	}
	wl_signal_emit_mutable(&device->events.destroy, device);
	for (unsigned i = 0; i < VHOST_USER_MAX_QUEUES; i++) {
		wl_list_remove(&device->watches[i].broken.link);
		virtqueue_finish(&device->queues[i]);
	}
	memory_finish(&device->memory);
	wl_event_source_remove(device->retry_timer);
	wl_event_source_remove(device->listen_source);
	close(device->listen_fd);
	free(device);
}

bool vhost_user_config_changed(struct vhost_user *device) {
	// QEMU knows which device is meant only while it is started, and crashes else.
	return device->connection != NULL && device->connection->backend_fd >= 0 &&
		device->queues[0].running &&
		vhost_user_send(device->connection->backend_fd,
			VHOST_USER_BACKEND_CONFIG_CHANGE_MSG, 0, NULL, 0);
}

static void handle_standing(void (*handle)(const struct vhost_user_fd_event *event, void *data),
	void *data, enum vhost_user_fd_kind kind, unsigned index, int fd) {
	if (fd >= 0) {
		struct vhost_user_fd_event event = {.kind = kind, .index = index, .fd = fd};
		handle(&event, data);
	}
}

void vhost_user_for_each_fd(struct vhost_user *device,
	void (*handle)(const struct vhost_user_fd_event *event, void *data), void *data) {
	const struct vhost_user_connection *connection = device->connection;
	if (connection == NULL) {
		return;
	}
	handle_standing(handle, data, VHOST_USER_FD_CONNECTION, 0, connection->fd);
	for (unsigned i = 0; i < VHOST_USER_MAX_GPU_SOCKETS; i++) {
		handle_standing(
			handle, data, VHOST_USER_FD_GPU_SOCKET, i, connection->gpu_sockets[i]);
	}
	for (unsigned i = 0; i < device->memory.region_count; i++) {
		handle_standing(
			handle, data, VHOST_USER_FD_MEMORY, i, device->memory.regions[i].fd);
	}
	for (unsigned i = 0; i < device->info->queue_count; i++) {
		handle_standing(handle, data, VHOST_USER_FD_KICK, i, connection->io[i].kick_fd);
		handle_standing(handle, data, VHOST_USER_FD_CALL, i, connection->io[i].call_fd);
	}
}

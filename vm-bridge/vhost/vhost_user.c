// A device's life: waiting for QEMU, its connection, its queues and their event fds.
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_config.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "vhost_user_private.h"

#define TURN_BUDGET_NS 8000000 // of one queue in one turn of the loop
#define TURN_MESSAGES 32
#define RETRY_ACCEPT_MS 200
// A driver with nothing to say may kick this often in a while, then is not listened to for long.
#define STORM_KICKS 64
#define STORM_WHILE_NS 5000000
#define STORM_PAUSE_MS 5

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

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

unsigned vhost_user_queue_index(const struct vhost_user *device, const struct virtqueue *queue) {
	return (unsigned)(queue - device->queues);
}

static void emit_broken(struct vhost_user *device, int queue, const char *reason) {
	struct vhost_user_broken_event event = {.queue = queue, .reason = reason};
	wl_signal_emit_mutable(&device->events.broken, &event);
}

// --- Queues -------------------------------------------------------------------------------

static void handle_queue_broken(struct wl_listener *listener, void *data) {
	struct vhost_user_queue_watch *watch = wl_container_of(listener, watch, broken);
	struct vhost_user *device = watch->device;
	struct virtqueue *queue = data;
	unsigned index = vhost_user_queue_index(device, queue);
	if (device->connection != NULL && device->connection->io[index].error_fd >= 0) {
		eventfd_write(device->connection->io[index].error_fd, 1);
	}
	emit_broken(device, (int)index, queue->broken);
}

static bool queue_may_run(const struct vhost_user *device, unsigned index) {
	const struct virtqueue_state *state = &device->state.queues[index];
	bool needs_enable = (device->state.features &
				    UINT64_C(1) << VHOST_USER_F_PROTOCOL_FEATURES) != 0;
	return device->connection->drop_idle == NULL && state->size != 0 && state->has_address &&
		device->connection->io[index].kick_fd >= 0 && (state->enabled || !needs_enable);
}

static void queue_stop(struct vhost_user *device, unsigned index) {
	struct virtqueue *queue = &device->queues[index];
	if (queue->running) {
		wl_signal_emit_mutable(&device->events.queue_stop, queue);
		virtqueue_notify(queue);
		virtqueue_stop(queue);
	}
}

/*
 * The protocol has a ring start at its first kick. QEMU has the driver ready when it sends the
 * kick fd, and kicks from before are worth a look, so the start is then, with one kick by us.
 */
void vhost_user_queue_update(struct vhost_user *device, unsigned index) {
	struct virtqueue *queue = &device->queues[index];
	bool may_run = queue_may_run(device, index);
	if (may_run && !queue->running) {
		if (device->connection->features_refused) {
			virtqueue_break(
				queue, "the driver acknowledged a feature that was not offered");
			return;
		}
		if (virtqueue_start(queue, device->state.features)) {
			wl_signal_emit_mutable(&device->events.queue_start, queue);
			vhost_user_queue_resume(device, queue);
		}
	} else if (!may_run) {
		queue_stop(device, index);
	}
}

void vhost_user_queue_halt(struct vhost_user *device, unsigned index) {
	queue_stop(device, index);
	vhost_user_queue_set_kick(device, index, -1);
}

void vhost_user_queue_resume(struct vhost_user *device, struct virtqueue *queue) {
	if (device->connection == NULL) {
		return;
	}
	struct vhost_user_queue_io *io = &device->connection
						  ->io[vhost_user_queue_index(device, queue)];
	if (io->kick_fd >= 0) {
		eventfd_write(io->kick_fd, 1); // a full counter says it already
	}
}

static void check_memory(struct vhost_user *device) {
	if (!memory_is_torn(&device->memory)) {
		return;
	}
	for (unsigned i = 0; i < device->info->queue_count; i++) {
		virtqueue_break(&device->queues[i], "guest memory was truncated");
	}
}

static void run_queue(struct vhost_user *device, struct vhost_user_queue_io *io) {
	struct virtqueue *queue = io->queue;
	int64_t now = now_ns();
	uint16_t before = queue->state->last_available;
	virtqueue_set_deadline(queue, now + TURN_BUDGET_NS);
	wl_signal_emit_mutable(&device->events.kick, queue);
	virtqueue_notify(queue);
	if (queue->exhausted) {
		vhost_user_queue_resume(device, queue);
	}
	virtqueue_set_deadline(queue, 0);
	check_memory(device);

	if (queue->state->last_available != before ||
		now - io->fruitless_since_ns > STORM_WHILE_NS) {
		io->fruitless = 0;
		io->fruitless_since_ns = now;
	} else if (++io->fruitless >= STORM_KICKS && io->kick_source != NULL) {
		wl_event_source_fd_update(io->kick_source, 0);
		wl_event_source_timer_update(io->calm_timer, STORM_PAUSE_MS);
	}
}

static int handle_calm(void *data) {
	struct vhost_user_queue_io *io = data;
	io->fruitless = 0;
	if (io->kick_source != NULL) {
		wl_event_source_fd_update(io->kick_source, WL_EVENT_READABLE);
	}
	return 0;
}

static int handle_kick(int fd, uint32_t mask, void *data) {
	struct vhost_user_queue_io *io = data;
	struct vhost_user *device = io->device;
	uint64_t count;
	if (device->connection->drop_idle != NULL) {
		return 0;
	}
	ssize_t bytes = read(fd, &count, sizeof(count));
	if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) {
		return 0;
	}
	if (bytes != (ssize_t)sizeof(count)) {
		vhost_user_drop(device, "kick fd cannot be read");
		return 0;
	}
	if (io->queue->running && io->queue->broken == NULL) {
		run_queue(device, io);
	}
	return 0;
}

bool vhost_user_queue_set_kick(struct vhost_user *device, unsigned index, int fd) {
	struct vhost_user_queue_io *io = &device->connection->io[index];
	if (io->kick_fd >= 0) {
		wl_event_source_remove(io->kick_source);
		wl_event_source_remove(io->calm_timer);
		io->kick_source = NULL;
		io->calm_timer = NULL;
		close(io->kick_fd);
		io->kick_fd = -1;
		vhost_user_emit_fd(device, VHOST_USER_FD_KICK, index, -1);
	}
	if (fd < 0) {
		return true;
	}
	int flags = fcntl(fd, F_GETFL);
	io->fruitless = 0;
	io->calm_timer = wl_event_loop_add_timer(device->loop, handle_calm, io);
	if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && io->calm_timer != NULL) {
		io->kick_source = wl_event_loop_add_fd(
			device->loop, fd, WL_EVENT_READABLE, handle_kick, io);
	}
	if (io->kick_source == NULL) {
		if (io->calm_timer != NULL) {
			wl_event_source_remove(io->calm_timer);
			io->calm_timer = NULL;
		}
		close(fd);
		return false;
	}
	io->kick_fd = fd;
	vhost_user_emit_fd(device, VHOST_USER_FD_KICK, index, fd);
	return true;
}

// The driver may have missed what happened while there was no fd, hence the one notification.
void vhost_user_queue_set_call(struct vhost_user *device, unsigned index, int fd) {
	struct vhost_user_queue_io *io = &device->connection->io[index];
	if (fd < 0 && io->call_fd < 0) {
		return;
	}
	if (io->call_fd >= 0) {
		close(io->call_fd);
	}
	io->call_fd = fd;
	io->queue->call_fd = fd;
	if (fd >= 0) {
		int flags = fcntl(fd, F_GETFL);
		if (flags >= 0) {
			fcntl(fd, F_SETFL, flags | O_NONBLOCK);
		}
		if (io->queue->running) {
			eventfd_write(fd, 1);
		}
	}
	vhost_user_emit_fd(device, VHOST_USER_FD_CALL, index, fd);
}

void vhost_user_queue_set_error(struct vhost_user *device, unsigned index, int fd) {
	struct vhost_user_queue_io *io = &device->connection->io[index];
	if (io->error_fd >= 0) {
		close(io->error_fd);
	}
	io->error_fd = fd;
	if (fd >= 0) {
		int flags = fcntl(fd, F_GETFL);
		if (flags >= 0) {
			fcntl(fd, F_SETFL, flags | O_NONBLOCK);
		}
	}
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
		queue_stop(device, i);
		vhost_user_queue_set_kick(device, i, -1);
		vhost_user_queue_set_call(device, i, -1);
		vhost_user_queue_set_error(device, i, -1);
		device->queues[i].broken = NULL;
		memset(&device->state.queues[i], 0, sizeof(device->state.queues[i]));
	}
	wl_signal_emit_mutable(&device->events.reset, device);
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
		watch->broken.notify = handle_queue_broken;
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
	return device->connection != NULL && device->connection->backend_fd >= 0 &&
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

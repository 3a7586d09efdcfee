// A device's queues and their event fds: when they run, and what a kick does.
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "vhost_user_private.h"

#define TURN_BUDGET_NS 8000000 // of one queue in one turn of the loop
// A driver with nothing to say may kick this often in a while, then is not listened to for long.
#define STORM_KICKS 64
#define STORM_WHILE_NS 5000000
#define STORM_PAUSE_MS 5

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

unsigned vhost_user_queue_index(const struct vhost_user *device, const struct virtqueue *queue) {
	return (unsigned)(queue - device->queues);
}

void vhost_user_handle_queue_broken(struct wl_listener *listener, void *data) {
	struct vhost_user_queue_watch *watch = wl_container_of(listener, watch, broken);
	struct vhost_user *device = watch->device;
	struct virtqueue *queue = data;
	unsigned index = vhost_user_queue_index(device, queue);
	if (device->connection != NULL && device->connection->io[index].error_fd >= 0) {
		eventfd_write(device->connection->io[index].error_fd, 1);
	}
	struct vhost_user_broken_event event = {.queue = (int)index, .reason = queue->broken};
	wl_signal_emit_mutable(&device->events.broken, &event);
}

static bool queue_may_run(const struct vhost_user *device, unsigned index) {
	const struct virtqueue_state *state = &device->state.queues[index];
	bool needs_enable = (device->state.features &
				    UINT64_C(1) << VHOST_USER_F_PROTOCOL_FEATURES) != 0;
	return device->connection->drop_idle == NULL && state->size != 0 && state->has_address &&
		device->connection->io[index].kick_fd >= 0 && (state->enabled || !needs_enable);
}

void vhost_user_queue_stop(struct vhost_user *device, unsigned index) {
	struct virtqueue *queue = &device->queues[index];
	if (queue->running) {
		wl_signal_emit_mutable(&device->events.queue_stop, queue);
		virtqueue_notify(queue);
		virtqueue_stop(queue);
	}
}

void vhost_user_emit_reset(struct vhost_user *device) {
	device->used = false;
	wl_signal_emit_mutable(&device->events.reset, device);
}

/*
 * QEMU sends VHOST_USER_RESET_DEVICE for vhost-user-gpu, not for vhost-user-input. A machine that
 * was paused goes on at the base it was told; only a new driver starts all its queues at 0.
 */
static bool driver_is_new(const struct vhost_user *device) {
	if (!device->used) {
		return false;
	}
	for (unsigned i = 0; i < device->info->queue_count; i++) {
		const struct virtqueue_state *state = &device->state.queues[i];
		if (device->queues[i].running ||
			(state->has_address && state->last_available != 0)) {
			return false;
		}
	}
	return true;
}

static void start_queue(struct vhost_user *device, unsigned index) {
	struct virtqueue *queue = &device->queues[index];
	if (device->connection->features_refused) {
		virtqueue_break(queue, "the driver acknowledged a feature that was not offered");
		return;
	}
	if (driver_is_new(device)) {
		vhost_user_emit_reset(device);
	}
	if (virtqueue_start(queue, device->state.features)) {
		device->used = true;
		wl_signal_emit_mutable(&device->events.queue_start, queue);
		vhost_user_queue_resume(device, queue);
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
		start_queue(device, index);
	} else if (!may_run) {
		vhost_user_queue_stop(device, index);
	}
}

void vhost_user_queue_halt(struct vhost_user *device, unsigned index) {
	vhost_user_queue_stop(device, index);
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

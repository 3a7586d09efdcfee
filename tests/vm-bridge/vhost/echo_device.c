#include "echo_device.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake_cmocka.h"
#include "iov.h"

// --- Device -------------------------------------------------------------------------------

static bool config_read(void *data, uint32_t offset, uint8_t *bytes, uint32_t size) {
	struct echo_device *echo = data;
	memcpy(bytes, echo->config + offset, size);
	return true;
}

static bool config_write(void *data, uint32_t offset, const uint8_t *bytes, uint32_t size) {
	struct echo_device *echo = data;
	memcpy(echo->config + offset, bytes, size);
	return true;
}

static const struct vhost_user_info info = {
	.features = 1,
	.queue_count = 2,
	.queue_size_max = ECHO_QUEUE_MAX,
	.config_bytes = ECHO_CONFIG_BYTES,
	.config_read = config_read,
	.config_write = config_write,
};

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void answer(
	struct echo_device *echo, struct virtqueue *queue, const struct virtqueue_chain *chain) {
	echo->chains++;
	echo->malformed += chain->malformed;
	echo->last_bytes = iov_read(
		chain->readable, chain->readable_count, 0, echo->last, sizeof(echo->last));
	int64_t end = now_ns() + echo->work_ns;
	while (echo->work_ns > 0 && now_ns() < end) {
		;
	}
	size_t written = iov_write(
		chain->writable, chain->writable_count, 0, echo->last, echo->last_bytes);
	if (echo->hold && echo->held_count < ECHO_HELD_MAX) {
		echo->held[echo->held_count++] = chain->token;
	} else {
		virtqueue_push(queue, chain->token, (uint32_t)written);
	}
}

static void handle_kick(struct wl_listener *listener, void *data) {
	struct echo_device *echo = wl_container_of(listener, echo, listeners.kick);
	struct virtqueue *queue = data;
	struct virtqueue_chain chain;
	echo->kicks++;
	while (!echo->deaf && virtqueue_pop(queue, &chain)) {
		answer(echo, queue, &chain);
	}
}

void echo_release(struct echo_device *echo) {
	struct virtqueue *queue = &echo->vhost->queues[0];
	while (echo->held_count > 0) {
		virtqueue_push(queue, echo->held[--echo->held_count], 0);
	}
	virtqueue_notify(queue);
}

static void handle_connected(struct wl_listener *listener, void *data) {
	struct echo_device *echo = wl_container_of(listener, echo, listeners.connected);
	echo->connects++;
}

static void handle_disconnected(struct wl_listener *listener, void *data) {
	struct echo_device *echo = wl_container_of(listener, echo, listeners.disconnected);
	echo->disconnects++;
	echo->drop = data;
}

static void handle_reset(struct wl_listener *listener, void *data) {
	struct echo_device *echo = wl_container_of(listener, echo, listeners.reset);
	echo->resets++;
}

static void handle_queue_start(struct wl_listener *listener, void *data) {
	struct echo_device *echo = wl_container_of(listener, echo, listeners.queue_start);
	echo->starts++;
}

static void handle_queue_stop(struct wl_listener *listener, void *data) {
	struct echo_device *echo = wl_container_of(listener, echo, listeners.queue_stop);
	echo->stops++;
}

static void handle_memory(struct wl_listener *listener, void *data) {
	struct echo_device *echo = wl_container_of(listener, echo, listeners.memory);
	echo->memories++;
}

static void handle_gpu_socket(struct wl_listener *listener, void *data) {
	struct echo_device *echo = wl_container_of(listener, echo, listeners.gpu_socket);
	assert_true(*(int *)data >= 0);
	echo->gpu_sockets++;
}

static void handle_fd(struct wl_listener *listener, void *data) {
	struct echo_device *echo = wl_container_of(listener, echo, listeners.fd);
	const struct vhost_user_fd_event *event = data;
	echo->fds[event->kind][event->index] = event->fd;
}

static void handle_broken(struct wl_listener *listener, void *data) {
	struct echo_device *echo = wl_container_of(listener, echo, listeners.broken);
	const struct vhost_user_broken_event *event = data;
	echo->broken_count++;
	echo->broken_queue = event->queue;
	echo->broken = event->reason;
}

static void pump(void *data, int timeout_ms) {
	wl_event_loop_dispatch(data, timeout_ms);
}

static void listen_to(
	struct wl_signal *signal, struct wl_listener *listener, wl_notify_func_t notify) {
	listener->notify = notify;
	wl_signal_add(signal, listener);
}

struct echo_device *echo_create(void) {
	struct echo_device *echo = calloc(1, sizeof(*echo));
	int listen_fd = fake_socket_listen(&echo->sock);
	memset(echo->fds, 0xff, sizeof(echo->fds));
	echo->loop = wl_event_loop_create();
	echo->vhost = vhost_user_create(echo->loop, listen_fd, &info, echo);
	assert_non_null(echo->vhost);
	struct vhost_user *v = echo->vhost;
	listen_to(&v->events.connected, &echo->listeners.connected, handle_connected);
	listen_to(&v->events.disconnected, &echo->listeners.disconnected, handle_disconnected);
	listen_to(&v->events.reset, &echo->listeners.reset, handle_reset);
	listen_to(&v->events.queue_start, &echo->listeners.queue_start, handle_queue_start);
	listen_to(&v->events.queue_stop, &echo->listeners.queue_stop, handle_queue_stop);
	listen_to(&v->events.kick, &echo->listeners.kick, handle_kick);
	listen_to(&v->events.memory, &echo->listeners.memory, handle_memory);
	listen_to(&v->events.gpu_socket, &echo->listeners.gpu_socket, handle_gpu_socket);
	listen_to(&v->events.fd, &echo->listeners.fd, handle_fd);
	listen_to(&v->events.broken, &echo->listeners.broken, handle_broken);
	echo->guest = fake_guest_create(4 << 20);
	echo->guest->pump = pump;
	echo->guest->pump_data = echo->loop;
	return echo;
}

void echo_destroy(struct echo_device *echo) {
	fake_device_destroy(echo->front);
	vhost_user_destroy(echo->vhost);
	fake_guest_destroy(echo->guest);
	wl_event_loop_destroy(echo->loop);
	fake_socket_remove(&echo->sock);
	free(echo);
}

// --- What tests do with it ----------------------------------------------------------------

void echo_settle(struct echo_device *echo) {
	// Every turn takes at most 32 events; a chain of consequences is shorter than this.
	for (unsigned i = 0; i < 20; i++) {
		wl_event_loop_dispatch(echo->loop, 0);
	}
}

static bool is_idle(void *data) {
	const struct echo_device *echo = data;
	return !echo->vhost->connected;
}

static bool is_connected(void *data) {
	return !is_idle(data);
}

void echo_connect(struct echo_device *echo) {
	fake_device_destroy(echo->front);
	assert_true(fake_guest_wait(echo->guest, is_idle, echo, -1, FAKE_TIMEOUT_MS));
	echo->front = fake_device_connect(echo->guest, echo->sock.path);
	assert_non_null(echo->front);
	assert_true(fake_guest_wait(echo->guest, is_connected, echo, -1, FAKE_TIMEOUT_MS));
}

void echo_start(struct echo_device *echo, uint64_t features, uint16_t size) {
	echo_connect(echo);
	assert_true(fake_device_negotiate(echo->front, features));
	assert_true(fake_device_start_queue(echo->front, 0, size));
	assert_true(echo->vhost->queues[0].running);
	echo_settle(echo);
}

void echo_expect_drop(struct echo_device *echo) {
	unsigned before = echo->disconnects;
	assert_true(fake_device_wait_dropped(echo->front));
	assert_int_equal(echo->disconnects, before + 1);
	assert_false(echo->vhost->connected);
	assert_non_null(echo->drop);
	fake_device_destroy(echo->front);
	echo->front = NULL;
}

static bool is_broken(void *data) {
	const struct echo_device *echo = data;
	return echo->vhost->queues[0].broken != NULL;
}

void echo_expect_broken(struct echo_device *echo) {
	assert_true(fake_guest_wait(echo->guest, is_broken, echo, -1, FAKE_TIMEOUT_MS));
	assert_int_equal(echo->broken_count, 1);
	assert_int_equal(echo->broken_queue, 0);
	assert_non_null(echo->broken);
	assert_true(echo->vhost->connected);
	assert_true(fake_device_stop_queue(echo->front, 0) >= 0);
}

void echo_roundtrip(struct echo_device *echo, const char *text) {
	struct fake_queue *queue = &echo->front->queues[0];
	size_t bytes = strlen(text) + 1;
	uint64_t request = fake_guest_alloc(echo->guest, bytes, 8);
	uint64_t response = fake_guest_alloc_high(echo->guest, bytes, 8);
	strcpy(fake_guest_at(echo->guest, request), text);
	struct fake_buffer buffers[] = {
		{request, (uint32_t)bytes, false},
		{response, (uint32_t)bytes, true},
	};
	uint32_t written;
	int head = fake_queue_offer(echo->front, queue, buffers, 2);
	fake_queue_kick(queue);
	assert_int_equal(fake_queue_wait(echo->front, queue, &written), head);
	assert_int_equal(written, bytes);
	assert_string_equal(fake_guest_at(echo->guest, response), text);
}

// The message layer, and a proper front end.
#include <errno.h>
#include <fcntl.h>
#include <linux/vhost_types.h>
#include <linux/virtio_config.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "echo_device.h"
#include "fake_cmocka.h"
#include "vhost_user_protocol.h"

static int setup(void **state) {
	*state = echo_create();
	return 0;
}

static int teardown(void **state) {
	echo_destroy(*state);
	return 0;
}

static void negotiated(struct echo_device *echo) {
	echo_connect(echo);
	assert_true(fake_device_negotiate(echo->front, 1));
}

// --- Manners ------------------------------------------------------------------------------

static void test_negotiation(void **state) {
	struct echo_device *echo = *state;
	uint64_t features = 0, count = 0;
	negotiated(echo);
	assert_true(fake_device_send(echo->front, VHOST_USER_GET_FEATURES, 0, NULL, 0, NULL, 0));
	assert_int_equal(
		fake_device_receive(echo->front, VHOST_USER_GET_FEATURES, &features, 8), 8);
	const uint64_t all = 1 | UINT64_C(1) << VIRTIO_F_VERSION_1 |
		UINT64_C(1) << VIRTIO_F_RING_RESET | UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX |
		UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC |
		UINT64_C(1) << VHOST_USER_F_PROTOCOL_FEATURES;
	assert_true(features == all);
	assert_true(fake_device_send(echo->front, VHOST_USER_GET_QUEUE_NUM, 0, NULL, 0, NULL, 0));
	assert_int_equal(fake_device_receive(echo->front, VHOST_USER_GET_QUEUE_NUM, &count, 8), 8);
	assert_int_equal(count, 2);
	assert_true(echo->vhost->state.features == echo->front->features);
	assert_int_equal(echo->connects, 1);
	assert_int_equal(echo->memories, 1);
}

static void test_config(void **state) {
	struct echo_device *echo = *state;
	uint8_t bytes[256];
	negotiated(echo);
	for (unsigned i = 0; i < ECHO_CONFIG_BYTES; i++) {
		echo->config[i] = (uint8_t)(i + 1);
	}
	assert_true(fake_device_config_read(echo->front, 4, bytes, 4));
	assert_memory_equal(bytes, "\5\6\7\10", 4);
	memset(bytes, 0xff, sizeof(bytes));
	assert_true(fake_device_config_read(echo->front, 12, bytes, 8)); // half of it beyond
	assert_memory_equal(bytes, "\15\16\17\20\0\0\0\0", 8);
	assert_true(fake_device_config_read(echo->front, 0, bytes, 256));
	assert_true(fake_device_config_read(echo->front, 256, bytes, 0));
	assert_true(fake_device_config_write(echo->front, 14, "abcdef", 6));
	assert_memory_equal(echo->config + 13, "\16ab", 3);
	assert_false(fake_device_config_write(echo->front, 16, "x", 1)); // refused, not fatal
	assert_true(echo->vhost->connected);
}

static void test_fd_table(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, 0, 8);
	assert_true(fake_device_send_gpu_socket(echo->front));
	assert_true(fake_device_send_gpu_socket(echo->front));
	assert_int_equal(echo->gpu_sockets, 2);
	assert_true(echo->fds[VHOST_USER_FD_CONNECTION][0] >= 0);
	assert_true(echo->fds[VHOST_USER_FD_GPU_SOCKET][0] >= 0); // kept: QEMU may watch it
	assert_true(echo->fds[VHOST_USER_FD_GPU_SOCKET][1] >= 0);
	assert_true(echo->fds[VHOST_USER_FD_MEMORY][0] >= 0);
	assert_true(echo->fds[VHOST_USER_FD_MEMORY][1] >= 0);
	assert_true(echo->fds[VHOST_USER_FD_KICK][0] >= 0);
	assert_true(echo->fds[VHOST_USER_FD_CALL][0] >= 0);
	echo->front->multiple_regions = false;
	assert_true(fake_device_set_mem_table(echo->front));
	assert_int_equal(echo->fds[VHOST_USER_FD_MEMORY][1], -1);
	assert_true(fake_device_stop_queue(echo->front, 0) >= 0);
	assert_int_equal(echo->fds[VHOST_USER_FD_KICK][0], -1);
	fake_device_destroy(echo->front);
	echo->front = NULL;
	echo_settle(echo);
	for (unsigned kind = 0; kind < 5; kind++) {
		for (unsigned i = 0; i < 32; i++) {
			assert_int_equal(echo->fds[kind][i], -1);
		}
	}
}

static void count_fd(const struct vhost_user_fd_event *event, void *data) {
	struct echo_device *echo = data;
	assert_int_equal(echo->fds[event->kind][event->index], event->fd);
	echo->fds[event->kind][event->index] = -1;
}

static void test_for_each_fd(void **state) {
	struct echo_device *echo = *state;
	vhost_user_for_each_fd(echo->vhost, count_fd, echo);
	echo_start(echo, 0, 8);
	assert_true(fake_device_send_gpu_socket(echo->front));
	vhost_user_for_each_fd(echo->vhost, count_fd, echo);
	for (unsigned kind = 0; kind < 5; kind++) {
		for (unsigned i = 0; i < 32; i++) {
			assert_int_equal(echo->fds[kind][i], -1);
		}
	}
}

static void test_config_change(void **state) {
	struct echo_device *echo = *state;
	struct vhost_user_header header;
	negotiated(echo);
	assert_false(vhost_user_config_changed(echo->vhost));
	assert_true(fake_device_send_backend_fd(echo->front));
	// QEMU crashes when it is told before its device is started, or once it is stopped.
	assert_false(vhost_user_config_changed(echo->vhost));
	assert_true(fake_device_start_queue(echo->front, 0, 8));
	assert_true(vhost_user_config_changed(echo->vhost));
	assert_int_equal(recv(echo->front->backend_fd, &header, sizeof(header), MSG_DONTWAIT),
		sizeof(header));
	assert_int_equal(header.request, VHOST_USER_BACKEND_CONFIG_CHANGE_MSG);
	assert_int_equal(header.flags, VHOST_USER_VERSION);
	assert_int_equal(header.size, 0);
	assert_true(fake_device_stop_queue(echo->front, 0) >= 0);
	assert_false(vhost_user_config_changed(echo->vhost));
}

static void test_reset(void **state) {
	struct echo_device *echo = *state;
	for (unsigned i = 0; i < 5; i++) {
		echo_start(echo, 0, 8);
		echo_roundtrip(echo, "boot");
		for (unsigned j = 0; j < 3; j++) {
			assert_true(fake_device_stop_queue(echo->front, 0) >= 0);
			assert_true(fake_device_reset(echo->front));
			assert_true(fake_device_start_queue(echo->front, 0, j % 2 == 0 ? 16 : 8));
			echo_roundtrip(echo, "reboot");
		}
	}
	assert_int_equal(echo->connects, 5);
	assert_int_equal(echo->starts, 20);
	assert_int_equal(echo->stops, 19); // the last one runs
	assert_int_equal(echo->resets, 15 + 4);
	assert_null(echo->drop);
}

// A front end that does not tell of resets: a driver that starts from nothing is a new one, and
// a pause is not.
static void test_reset_untold(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, 0, 8);
	assert_int_equal(echo->resets, 0);
	echo_roundtrip(echo, "first");
	int base = fake_device_stop_queue(echo->front, 0);
	assert_true(
		fake_device_send_state(echo->front, VHOST_USER_SET_VRING_BASE, 0, (uint32_t)base));
	assert_true(fake_device_send_u64(
		echo->front, VHOST_USER_SET_VRING_KICK, 0, &echo->front->queues[0].kick_fd));
	echo_roundtrip(echo, "paused");
	assert_int_equal(echo->resets, 0);
	assert_true(fake_device_stop_queue(echo->front, 0) >= 0);
	assert_true(fake_device_start_queue(echo->front, 0, 8));
	assert_int_equal(echo->resets, 1);
	assert_int_equal(echo->starts, 3);
	assert_true(fake_device_start_queue(echo->front, 1, 8)); // belongs to the same start
	assert_int_equal(echo->resets, 1);
	echo_roundtrip(echo, "rebooted");
}

// The message arrives byte by byte, and only then counts.
static void test_fragments(void **state) {
	struct echo_device *echo = *state;
	negotiated(echo);
	struct {
		struct vhost_user_header header;
		uint64_t features;
	} message = {{VHOST_USER_SET_FEATURES, VHOST_USER_VERSION, 8}, 1};
	echo->vhost->state.features = 0;
	for (size_t i = 0; i < sizeof(message.header) + 8; i++) {
		char bytes[32];
		memcpy(bytes, &message.header, sizeof(message.header));
		memcpy(bytes + sizeof(message.header), &message.features, 8);
		assert_int_equal(echo->vhost->state.features, 0);
		assert_int_equal(send(echo->front->fd, bytes + i, 1, 0), 1);
		echo_settle(echo);
	}
	assert_int_equal(echo->vhost->state.features, 1);
}

static void test_many_messages(void **state) {
	struct echo_device *echo = *state;
	negotiated(echo);
	echo->front->need_reply = false;
	for (unsigned i = 0; i < 200; i++) {
		assert_true(fake_device_send_state(echo->front, VHOST_USER_SET_VRING_NUM, 1, i));
	}
	echo_settle(echo);
	assert_int_equal(echo->vhost->state.queues[1].size, 199);
}

// A second front end waits until the first has gone.
static void test_second_connection(void **state) {
	struct echo_device *echo = *state;
	negotiated(echo);
	struct fake_device *second = fake_device_connect(echo->guest, echo->sock.path);
	assert_non_null(second);
	echo_settle(echo);
	assert_int_equal(echo->connects, 1);
	fake_device_destroy(echo->front);
	echo->front = second;
	echo_settle(echo);
	assert_int_equal(echo->connects, 2);
	assert_true(fake_device_negotiate(second, 1));
}

// No handshake from a front end that takes an old device up again: what was agreed stands.
static void test_no_handshake(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX, 8);
	uint64_t features = echo->front->features, protocol = echo->front->protocol_features;
	echo_connect(echo);
	echo->front->features = features;
	echo->front->protocol_features = protocol;
	assert_true(fake_device_set_mem_table(echo->front));
	assert_true(fake_device_start_queue(echo->front, 0, 8));
	assert_true(echo->vhost->queues[0].event_index);
	echo_roundtrip(echo, "hello again");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(test_negotiation),
		TEST(test_config),
		TEST(test_fd_table),
		TEST(test_for_each_fd),
		TEST(test_config_change),
		TEST(test_reset),
		TEST(test_reset_untold),
		TEST(test_fragments),
		TEST(test_many_messages),
		TEST(test_second_connection),
		TEST(test_no_handshake),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

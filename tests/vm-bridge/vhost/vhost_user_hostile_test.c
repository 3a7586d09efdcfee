// The message layer against a front end that knows no manners.
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

// --- Nonsense -----------------------------------------------------------------------------

static void expect_drop(struct echo_device *echo, const char *reason) {
	echo_expect_drop(echo);
	assert_string_equal(echo->drop, reason);
	echo->drop = NULL;
	echo_start(echo, 0, 8);
	echo_roundtrip(echo, "a better one");
}

static void send_raw(struct echo_device *echo, uint32_t request, uint32_t flags, uint32_t size) {
	struct vhost_user_header header = {request, flags, size};
	assert_int_equal(send(echo->front->fd, &header, sizeof(header), 0), sizeof(header));
}

static void test_header(void **state) {
	struct echo_device *echo = *state;
	echo_connect(echo);
	send_raw(echo, VHOST_USER_GET_FEATURES, 1, 4097);
	expect_drop(echo, "vhost-user message is too long");
	send_raw(echo, VHOST_USER_GET_FEATURES, 1, UINT32_MAX);
	expect_drop(echo, "vhost-user message is too long");
	send_raw(echo, VHOST_USER_GET_FEATURES, 2, 0);
	expect_drop(echo, "vhost-user message has wrong flags");
	send_raw(echo, VHOST_USER_GET_FEATURES, 5, 0);
	expect_drop(echo, "vhost-user message has wrong flags");
}

// Every request there could be, with every size but its own.
static void test_sizes(void **state) {
	struct echo_device *echo = *state;
	static const uint8_t zeros[4096];
	for (uint32_t request = 0; request < 48; request++) {
		for (uint32_t size = 1; size <= 4096; size = size < 20 ? size + 3 : size * 3) {
			echo_connect(echo);
			fake_device_send(echo->front, request, 0, zeros, size, NULL, 0);
			echo_settle(echo);
		}
	}
	echo_start(echo, 0, 8);
	echo_roundtrip(echo, "unimpressed");
}

// One byte short, one byte more.
static void test_exact_sizes(void **state) {
	struct echo_device *echo = *state;
	static const struct {
		uint32_t request;
		uint32_t size;
	} exact[] = {{VHOST_USER_GET_FEATURES, 0}, {VHOST_USER_SET_FEATURES, 8},
		{VHOST_USER_SET_OWNER, 0}, {VHOST_USER_RESET_OWNER, 0},
		{VHOST_USER_SET_VRING_NUM, 8}, {VHOST_USER_SET_VRING_ADDR, 40},
		{VHOST_USER_SET_VRING_BASE, 8}, {VHOST_USER_GET_VRING_BASE, 8},
		{VHOST_USER_SET_VRING_KICK, 8}, {VHOST_USER_SET_VRING_CALL, 8},
		{VHOST_USER_SET_VRING_ERR, 8}, {VHOST_USER_GET_PROTOCOL_FEATURES, 0},
		{VHOST_USER_SET_PROTOCOL_FEATURES, 8}, {VHOST_USER_GET_QUEUE_NUM, 0},
		{VHOST_USER_SET_VRING_ENABLE, 8}, {VHOST_USER_SET_BACKEND_REQ_FD, 0},
		{VHOST_USER_GPU_SET_SOCKET, 0}, {VHOST_USER_RESET_DEVICE, 0}};
	static const uint8_t zeros[64];
	for (size_t i = 0; i < sizeof(exact) / sizeof(exact[0]); i++) {
		for (uint32_t size = exact[i].size == 0 ? 1 : exact[i].size - 1;
			size <= exact[i].size + 1; size += 2) {
			negotiated(echo);
			fake_device_send(echo->front, exact[i].request, 0, zeros, size, NULL, 0);
			echo_expect_drop(echo);
			assert_string_equal(echo->drop, "vhost-user message of a wrong size");
		}
	}
}

static void test_protocol_feature_not_offered(void **state) {
	struct echo_device *echo = *state;
	uint64_t features = UINT64_C(1) << 12; // in-flight regions
	echo_connect(echo);
	fake_device_send(echo->front, VHOST_USER_SET_PROTOCOL_FEATURES, 0, &features, 8, NULL, 0);
	expect_drop(echo, "protocol feature that was not offered");
}

static void test_bad_base(void **state) {
	struct echo_device *echo = *state;
	struct vhost_vring_state vring = {.index = 0, .num = 65536};
	negotiated(echo);
	fake_device_send(echo->front, VHOST_USER_SET_VRING_BASE, 0, &vring, sizeof(vring), NULL, 0);
	expect_drop(echo, "base of a queue beyond its index");
}

static void test_unknown(void **state) {
	struct echo_device *echo = *state;
	static const uint32_t unknown[] = {
		0, 6, 7, 19, 20, 22, 23, 26, 31, 32, 35, 48, 255, UINT32_MAX};
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		negotiated(echo);
		fake_device_send(echo->front, unknown[i], 0, NULL, 0, NULL, 0);
		expect_drop(echo, "unknown vhost-user request");
	}
}

static void test_not_negotiated(void **state) {
	struct echo_device *echo = *state;
	echo_connect(echo);
	fake_device_send(echo->front, VHOST_USER_GET_QUEUE_NUM, 0, NULL, 0, NULL, 0);
	expect_drop(echo, "vhost-user request whose protocol feature was not negotiated");
}

static void test_bad_queue(void **state) {
	struct echo_device *echo = *state;
	static const uint32_t requests[] = {VHOST_USER_SET_VRING_NUM, VHOST_USER_SET_VRING_BASE,
		VHOST_USER_GET_VRING_BASE, VHOST_USER_SET_VRING_ENABLE};
	static const uint32_t queues[] = {2, 3, 4, 255, 256, UINT32_MAX};
	for (size_t i = 0; i < sizeof(queues) / sizeof(queues[0]); i++) {
		for (size_t j = 0; j < sizeof(requests) / sizeof(requests[0]); j++) {
			struct vhost_vring_state vring = {.index = queues[i]};
			negotiated(echo);
			fake_device_send(
				echo->front, requests[j], 0, &vring, sizeof(vring), NULL, 0);
			expect_drop(echo, "request for a queue that is not there");
		}
	}
	struct vhost_vring_addr address = {.index = 2};
	negotiated(echo);
	fake_device_send(
		echo->front, VHOST_USER_SET_VRING_ADDR, 0, &address, sizeof(address), NULL, 0);
	expect_drop(echo, "request for a queue that is not there");
}

static void test_config_range(void **state) {
	struct echo_device *echo = *state;
	static const uint32_t ranges[][3] = {// offset, size, payload
		{0, 4, 15}, {0, 4, 17}, {0, 257, 268}, {256, 1, 13}, {UINT32_MAX, 4, 16},
		{4, UINT32_MAX, 16}, {0, 0, 13}};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		struct vhost_user_config_payload config = {ranges[i][0], ranges[i][1]};
		negotiated(echo);
		fake_device_send(
			echo->front, VHOST_USER_GET_CONFIG, 0, &config, ranges[i][2], NULL, 0);
		echo_expect_drop(echo);
		negotiated(echo);
		fake_device_send(
			echo->front, VHOST_USER_SET_CONFIG, 0, &config, ranges[i][2], NULL, 0);
		echo_expect_drop(echo);
	}
}

// A feature that would change the rings: the queue does not start, the peer stays.
static void test_features_not_offered(void **state) {
	struct echo_device *echo = *state;
	negotiated(echo);
	uint64_t features = echo->front->features | UINT64_C(1) << VIRTIO_F_RING_PACKED;
	assert_false(fake_device_send_u64(echo->front, VHOST_USER_SET_FEATURES, features, NULL));
	fake_device_start_queue(echo->front, 0, 8);
	assert_false(echo->vhost->queues[0].running);
	assert_string_equal(echo->broken, "the driver acknowledged a feature that was not offered");
	assert_true(fake_device_stop_queue(echo->front, 0) >= 0);
	features = echo->front->features | UINT64_C(1) << VIRTIO_F_ANY_LAYOUT;
	assert_true(fake_device_send_u64(echo->front, VHOST_USER_SET_FEATURES, features, NULL));
	assert_true(fake_device_start_queue(echo->front, 0, 8));
	echo_roundtrip(echo, "fine");
}

// --- Fds ----------------------------------------------------------------------------------

struct bad_fd {
	int (*make)(void);
	bool kick, socket, memory; // whether that use of it is fine
};

static int make_eventfd(void) {
	return eventfd(0, EFD_CLOEXEC);
}

static int make_memfd(void) {
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(fd, 4096), 0);
	fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
	return fd;
}

static int make_null(void) {
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int make_pipe(void) {
	int pair[2];
	assert_int_equal(pipe(pair), 0);
	close(pair[1]);
	return pair[0];
}

static int make_socket(void) {
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int make_folder(void) {
	return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int make_epoll(void) {
	return epoll_create1(EPOLL_CLOEXEC);
}

static const struct bad_fd bad_fds[] = {
	{make_eventfd, true, false, false},
	{make_memfd, false, false, true},
	{make_null, false, false, false},
	{make_pipe, false, false, false},
	{make_socket, false, true, false},
	{make_folder, false, false, false},
};

static void one_fd(
	struct echo_device *echo, uint32_t request, const struct bad_fd *bad, bool fine) {
	struct vhost_user_memory table = {.region_count = 1, .regions = {{.size_bytes = 4096}}};
	bool memory = request == VHOST_USER_SET_MEM_TABLE;
	bool socket = request == VHOST_USER_GPU_SET_SOCKET ||
		request == VHOST_USER_SET_BACKEND_REQ_FD;
	negotiated(echo);
	int fd = bad->make();
	fake_device_send(echo->front, request, 0, &table, memory ? 40 : socket ? 0 : 8, &fd, 1);
	close(fd);
	echo_settle(echo);
	assert_int_equal(echo->vhost->connected, fine);
}

static void test_fd_types(void **state) {
	struct echo_device *echo = *state;
	echo_connect(echo);
	for (size_t i = 0; i < sizeof(bad_fds) / sizeof(bad_fds[0]); i++) {
		const struct bad_fd *bad = &bad_fds[i];
		one_fd(echo, VHOST_USER_SET_MEM_TABLE, bad, bad->memory);
		one_fd(echo, VHOST_USER_GPU_SET_SOCKET, bad, bad->socket);
		one_fd(echo, VHOST_USER_SET_BACKEND_REQ_FD, bad, bad->socket);
	}
}

static void one_vring_fd(struct echo_device *echo, uint32_t request, int fd, bool fine) {
	uint64_t index = 0;
	negotiated(echo);
	fake_device_send(echo->front, request, 0, &index, sizeof(index), &fd, 1);
	close(fd);
	echo_settle(echo);
	assert_int_equal(echo->vhost->connected, fine);
}

static void test_vring_fd_types(void **state) {
	struct echo_device *echo = *state;
	echo_connect(echo);
	for (size_t i = 0; i < sizeof(bad_fds) / sizeof(bad_fds[0]); i++) {
		one_vring_fd(echo, VHOST_USER_SET_VRING_KICK, bad_fds[i].make(), bad_fds[i].kick);
		one_vring_fd(echo, VHOST_USER_SET_VRING_CALL, bad_fds[i].make(), bad_fds[i].kick);
		one_vring_fd(echo, VHOST_USER_SET_VRING_ERR, bad_fds[i].make(), bad_fds[i].kick);
	}
}

// It looks like an event fd until it is read.
static void test_kick_unreadable(void **state) {
	struct echo_device *echo = *state;
	negotiated(echo);
	int epoll = make_epoll(), full = eventfd(1, EFD_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN};
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, full, &event), 0);
	uint64_t index = 0;
	fake_device_send(echo->front, VHOST_USER_SET_VRING_KICK, 0, &index, 8, &epoll, 1);
	close(epoll);
	expect_drop(echo, "kick fd cannot be read");
	close(full);
}

static void test_fd_counts(void **state) {
	struct echo_device *echo = *state;
	int fds[64];
	uint64_t index = 0, none = VHOST_USER_VRING_NO_FD;
	for (unsigned i = 0; i < 64; i++) {
		fds[i] = make_eventfd();
	}
	echo_start(echo, 0, 8);
	unsigned before = fake_socket_count_fds();
	fake_device_send(echo->front, VHOST_USER_SET_VRING_KICK, 0, &index, 8, NULL, 0);
	expect_drop(echo, "vring message without its fd, or with one too many");
	fake_device_send(echo->front, VHOST_USER_SET_VRING_KICK, 0, &none, 8, fds, 1);
	expect_drop(echo, "vring message without its fd, or with one too many");
	fake_device_send(echo->front, VHOST_USER_SET_VRING_KICK, 0, &none, 8, NULL, 0);
	expect_drop(echo, "queue without a usable kick fd");
	fake_device_send(echo->front, VHOST_USER_SET_VRING_CALL, 0, &index, 8, fds, 2);
	expect_drop(echo, "vhost-user message with missing or surplus fds");
	fake_device_send(echo->front, VHOST_USER_SET_VRING_CALL, 0, &index, 8, fds, 33);
	expect_drop(echo, "vhost-user message carries too many fds");
	fake_device_send(echo->front, VHOST_USER_SET_VRING_CALL, 0, &index, 8, fds, 64);
	expect_drop(echo, "vhost-user message carries too many fds");
	fake_device_send(echo->front, VHOST_USER_GET_FEATURES, 0, NULL, 0, fds, 1);
	expect_drop(echo, "vhost-user message with missing or surplus fds");
	fake_device_send(echo->front, VHOST_USER_GPU_SET_SOCKET, 0, NULL, 0, NULL, 0);
	expect_drop(echo, "vhost-user message with missing or surplus fds");
	assert_int_equal(fake_socket_count_fds(), before);
	for (unsigned i = 0; i < 64; i++) {
		close(fds[i]);
	}
}

static void table(struct echo_device *echo, uint32_t regions, uint32_t size, unsigned fd_count) {
	struct vhost_user_memory memory = {.region_count = regions};
	int fds[32];
	for (unsigned i = 0; i < 32; i++) {
		fds[i] = make_memfd();
		memory.regions[i] = (struct memory_region_info){
			.guest_address = i * 4096, .size_bytes = 4096, .user_address = i * 4096};
	}
	fake_device_send(echo->front, VHOST_USER_SET_MEM_TABLE, 0, &memory, size, fds, fd_count);
	for (unsigned i = 0; i < 32; i++) {
		close(fds[i]);
	}
	expect_drop(echo, "memory table whose regions, fds and size do not agree");
}

static void test_memory_table_counts(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, 0, 8);
	unsigned before = fake_socket_count_fds();
	table(echo, 0, 40, 1);
	table(echo, 2, 40, 2);
	table(echo, 2, 72, 1);
	table(echo, 1, 72, 2);
	table(echo, 33, 8 + 32 * 32, 32);
	table(echo, UINT32_MAX, 8 + 32 * 32, 32);
	assert_int_equal(fake_socket_count_fds(), before);
}

// Fds that come and go, with messages that are right and such that are not.
static void test_fd_count_is_stable(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, 0, 8);
	assert_true(fake_device_send_gpu_socket(echo->front));
	assert_true(fake_device_send_backend_fd(echo->front));
	int call = make_eventfd();
	uint64_t index = 0;
	assert_true(fake_device_send_u64(echo->front, VHOST_USER_SET_VRING_CALL, 1, &call));
	assert_true(fake_device_send_u64(echo->front, VHOST_USER_SET_VRING_KICK, 1, &call));
	for (unsigned i = 0; i < VHOST_USER_MAX_GPU_SOCKETS; i++) {
		assert_true(fake_device_send_gpu_socket(echo->front));
	}
	unsigned before = fake_socket_count_fds();
	for (unsigned i = 0; i < 2000; i++) {
		assert_true(fake_device_send_u64(echo->front, VHOST_USER_SET_VRING_CALL, 1, &call));
		assert_true(fake_device_send_u64(echo->front, VHOST_USER_SET_VRING_KICK, 1, &call));
		assert_true(fake_device_send_gpu_socket(echo->front));
		assert_true(fake_device_send_backend_fd(echo->front));
		assert_true(fake_device_set_mem_table(echo->front));
	}
	assert_int_equal(fake_socket_count_fds(), before);
	for (unsigned i = 0; i < 200; i++) {
		fake_device_send(echo->front, 99, 0, &index, 8, &call, 1);
		echo_expect_drop(echo);
		echo_start(echo, 0, 8);
	}
	fake_device_destroy(echo->front);
	echo->front = NULL;
	echo_settle(echo);
	close(call);
	assert_true(fake_socket_count_fds() < before);
}

// Whatever was sent, nothing of it is open once the front end has gone.
static void test_all_fds_closed(void **state) {
	struct echo_device *echo = *state;
	int event = make_eventfd();
	unsigned before = fake_socket_count_fds();
	for (unsigned i = 0; i < 3; i++) {
		echo_start(echo, 0, 8);
		assert_true(fake_device_send_gpu_socket(echo->front));
		assert_true(fake_device_send_backend_fd(echo->front));
		assert_true(fake_device_send_u64(echo->front, VHOST_USER_SET_VRING_ERR, 0, &event));
		assert_true(
			fake_device_send_u64(echo->front, VHOST_USER_SET_VRING_KICK, 1, &event));
		fake_device_destroy(echo->front);
		echo->front = NULL;
		echo_settle(echo);
		assert_int_equal(fake_socket_count_fds(), before);
		assert_null(memory_at(&echo->vhost->memory, 0, 1));
	}
	close(event);
}

// A front end that asks and never reads the answers.
static void test_never_reads(void **state) {
	struct echo_device *echo = *state;
	negotiated(echo);
	int flags = fcntl(echo->front->fd, F_GETFL);
	fcntl(echo->front->fd, F_SETFL, flags | O_NONBLOCK);
	for (unsigned i = 0; i < 100000 && echo->vhost->connected; i++) {
		fake_device_send(echo->front, VHOST_USER_GET_FEATURES, 0, NULL, 0, NULL, 0);
		wl_event_loop_dispatch(echo->loop, 0);
	}
	assert_false(echo->vhost->connected);
	assert_string_equal(echo->drop, "QEMU does not read its replies");
}

static void test_gone_while_running(void **state) {
	struct echo_device *echo = *state;
	echo_start(echo, 0, 8);
	echo->hold = true;
	struct fake_buffer buffer = {4096, 1, true};
	fake_queue_offer(echo->front, &echo->front->queues[0], &buffer, 1);
	fake_queue_kick_always(&echo->front->queues[0]);
	echo_settle(echo);
	fake_device_destroy(echo->front);
	echo->front = NULL;
	echo_settle(echo);
	assert_false(echo->vhost->connected);
	assert_null(echo->drop);
	assert_int_equal(echo->stops, 1);
	assert_int_equal(echo->resets, 1);
	echo_release(echo); // tokens of a queue that is gone
	echo->hold = false;
	echo_start(echo, 0, 8);
	echo_roundtrip(echo, "next");
}

// Plain files cannot be sealed; truncated under us, the machine is broken and we live.
static void test_truncated_memory(void **state) {
	struct echo_device *echo = *state;
	char path[] = "/tmp/re-vhost.XXXXXX";
	negotiated(echo);
	int fd = mkstemp(path);
	unlink(path);
	struct fake_region *region = &echo->guest->regions[0];
	assert_int_equal(ftruncate(fd, (off_t)region->size_bytes), 0);
	void *shared = mmap(region->bytes, region->size_bytes, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_FIXED, fd, 0);
	assert_ptr_equal(shared, region->bytes);
	int sealed = region->fd;
	region->fd = fd;
	assert_true(fake_device_set_mem_table(echo->front));
	assert_true(fake_device_start_queue(echo->front, 0, 8));
	echo_roundtrip(echo, "on a file");
	assert_int_equal(ftruncate(fd, 4096), 0);
	fake_queue_kick_always(&echo->front->queues[0]);
	echo_settle(echo);
	assert_non_null(echo->broken);
	assert_string_equal(echo->broken, "guest memory was truncated");
	assert_true(echo->vhost->connected);
	region->fd = sealed;
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(test_header),
		TEST(test_sizes),
		TEST(test_exact_sizes),
		TEST(test_protocol_feature_not_offered),
		TEST(test_bad_base),
		TEST(test_unknown),
		TEST(test_not_negotiated),
		TEST(test_bad_queue),
		TEST(test_config_range),
		TEST(test_features_not_offered),
		TEST(test_fd_types),
		TEST(test_vring_fd_types),
		TEST(test_kick_unreadable),
		TEST(test_fd_counts),
		TEST(test_memory_table_counts),
		TEST(test_fd_count_is_stable),
		TEST(test_all_fds_closed),
		TEST(test_never_reads),
		TEST(test_gone_while_running),
		TEST(test_truncated_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// The fake vtest server: what a handwritten program says, and what becomes of it. The guest's GL
// (fake_gl.h) is replaced by one that writes down what it is asked for.
#include <cmocka.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_cmocka.h"
#include "fake_vtest.h"

#define MEMORY (1 << 20)
#define CAPSET_BYTES 8

struct fixture {
	struct fake_guest *guest;
	struct fake_device device;
	struct fake_gl gl;
	struct fake_vtest server;
	int fd; // the program's
};

// What the device was asked for, in words; and how much of it was waited for.
static char story[512];
static uint64_t backing;

static void tell(const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	const size_t length = strlen(story);
	vsnprintf(story + length, sizeof(story) - length, format, arguments);
	va_end(arguments);
}

uint32_t fake_gl_capset(struct fake_gl *gl, uint32_t id, void *bytes, uint32_t size_bytes) {
	(void)gl;
	memset(bytes, 0, size_bytes);
	memset(bytes, (int)(0x10 + id), CAPSET_BYTES);
	return CAPSET_BYTES;
}

void fake_gl_context_create(struct fake_gl *gl, uint32_t context, const char *name) {
	(void)gl;
	tell("create %u %s; ", context, name);
}

void fake_gl_context_destroy(struct fake_gl *gl, uint32_t context) {
	(void)gl;
	tell("destroy %u; ", context);
}

uint64_t fake_gl_resource_create(struct fake_gl *gl, uint32_t context,
	const struct virtio_gpu_resource_create_3d *resource, uint64_t backing_bytes) {
	tell("resource %u in %u %ux%ux%u format %u with %u; ", resource->resource_id, context,
		resource->width, resource->height, resource->depth, resource->format,
		(unsigned)backing_bytes);
	backing = fake_guest_alloc_high(gl->device->guest, 4096, 4096);
	return backing;
}

void fake_gl_resource_destroy(struct fake_gl *gl, uint32_t context, uint32_t resource,
	uint64_t address, uint64_t backing_bytes) {
	(void)gl;
	(void)address;
	tell("unref %u in %u with %u; ", resource, context, (unsigned)backing_bytes);
}

void fake_gl_transfer(struct fake_gl *gl, uint32_t context, uint32_t resource, bool to_host,
	const struct fake_gl_box *box) {
	(void)gl;
	tell("%s %u in %u level %u %u,%u %ux%u at %u; ", to_host ? "put" : "get", resource, context,
		box->level, box->box.x, box->box.y, box->box.w, box->box.h,
		(unsigned)box->offset_bytes);
}

bool fake_gl_submit(
	struct fake_gl *gl, uint32_t context, const void *stream, uint32_t stream_bytes) {
	(void)gl;
	uint32_t first;
	memcpy(&first, stream, sizeof(first));
	tell("submit %u bytes of %u in %u; ", stream_bytes, first, context);
	return true;
}

bool fake_gl_busy(struct fake_gl *gl) {
	(void)gl;
	return true;
}

void fake_gl_wait(struct fake_gl *gl) {
	(void)gl;
	tell("wait; ");
}

// --- The program --------------------------------------------------------------------------

static int set_up(void **state) {
	static struct fixture fixture;
	int pair[2];
	fixture = (struct fixture){.guest = fake_guest_create(MEMORY)};
	fake_guest_alloc_high(fixture.guest, 4096, 4096); // so that no resource begins at 0
	fixture.device.guest = fixture.guest;
	fixture.gl.device = &fixture.device;
	story[0] = '\0';
	assert_true(fake_vtest_init(&fixture.server, &fixture.gl));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_true(fake_vtest_accept(&fixture.server, pair[1]));
	fixture.fd = pair[0];
	*state = &fixture;
	return 0;
}

static int tear_down(void **state) {
	struct fixture *fixture = *state;
	fake_vtest_finish(&fixture->server);
	fake_guest_destroy(fixture->guest);
	close(fixture->fd);
	return 0;
}

static void say(struct fixture *fixture, const void *bytes, size_t size) {
	assert_int_equal(send(fixture->fd, bytes, size, 0), size);
	fake_vtest_read(&fixture->server.clients[0]);
}

#define SAY(fixture, ...)                                                                          \
	say((fixture), (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}))

static void hear(struct fixture *fixture, const uint32_t *wanted, size_t count) {
	uint32_t words[16];
	assert_int_equal(recv(fixture->fd, words, count * 4, MSG_DONTWAIT), count * 4);
	assert_memory_equal(words, wanted, count * 4);
}

#define HEAR(fixture, ...)                                                                         \
	hear((fixture), (const uint32_t[]){__VA_ARGS__},                                           \
		sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

// A name of 3 bytes: what follows is no longer aligned.
static void say_name(struct fixture *fixture) {
	say(fixture, "\3\0\0\0\10\0\0\0gl", 11);
}

static int hear_fd(struct fixture *fixture) {
	char byte;
	struct iovec iov = {&byte, 1};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	int fd;
	assert_int_equal(recvmsg(fixture->fd, &message, MSG_DONTWAIT), 1);
	assert_non_null(CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

// --- The tests ----------------------------------------------------------------------------

static void test_start(void **state) {
	struct fixture *fixture = *state;
	const uint32_t ones = 0x11111111, twos = 0x12121212;
	say_name(fixture);
	SAY(fixture, 0, VTEST_PING_PROTOCOL_VERSION, 2, VTEST_RESOURCE_BUSY_WAIT, 0, 0);
	HEAR(fixture, 0, VTEST_PING_PROTOCOL_VERSION, 1, VTEST_RESOURCE_BUSY_WAIT, 1);
	SAY(fixture, 1, VTEST_PROTOCOL_VERSION, 4);
	HEAR(fixture, 1, VTEST_PROTOCOL_VERSION, 3);
	SAY(fixture, 0, VTEST_GET_CAPS2, 0, VTEST_GET_CAPS);
	HEAR(fixture, CAPSET_BYTES + 1, 2, twos, twos, CAPSET_BYTES + 1, 1, ones, ones);
	assert_string_equal(story, "create 1 gl; ");
}

static void test_resource(void **state) {
	struct fixture *fixture = *state;
	say_name(fixture);
	SAY(fixture, 11, VTEST_RESOURCE_CREATE2, 0, 2, 67, 8, 30, 20, 1, 1, 0, 0, 2400);
	HEAR(fixture, 1, VTEST_RESOURCE_CREATE2, 1);
	// The memory that the program maps is that of the guest.
	int fd = hear_fd(fixture);
	const off_t place = lseek(fd, 0, SEEK_CUR);
	char *bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, place);
	assert_ptr_not_equal(bytes, MAP_FAILED);
	strcpy(bytes, "seen");
	assert_string_equal(fake_guest_at(fixture->guest, backing), "seen");
	munmap(bytes, 4096);
	close(fd);
	// The header of a transfer counts words that are not sent.
	SAY(fixture, 610, VTEST_TRANSFER_PUT2, 1, 0, 3, 4, 0, 10, 20, 1, 2400, 96);
	SAY(fixture, 10, VTEST_TRANSFER_GET2, 1, 2, 0, 0, 0, 5, 6, 1, 600, 0);
	SAY(fixture, 2, VTEST_RESOURCE_BUSY_WAIT, 1, 1);
	HEAR(fixture, 1, VTEST_RESOURCE_BUSY_WAIT, 0);
	SAY(fixture, 1, VTEST_RESOURCE_UNREF, 1);
	assert_string_equal(story,
		"create 1 gl; resource 1 in 1 30x20x1 format 67 with 2400; "
		"put 1 in 1 level 0 3,4 10x20 at 96; get 1 in 1 level 2 0,0 5x6 at 0; wait; "
		"unref 1 in 1 with 2400; ");
}

static void test_pieces(void **state) {
	struct fixture *fixture = *state;
	const uint32_t words[] = {3, VTEST_SUBMIT, 77, 78, 79, 1, VTEST_SUBMIT, 99};
	const char *bytes = (const char *)words;
	say_name(fixture);
	for (size_t i = 0; i < sizeof(words); i += 2) {
		say(fixture, bytes + i, 2);
	}
	assert_string_equal(
		story, "create 1 gl; submit 12 bytes of 77 in 1; submit 4 bytes of 99 in 1; ");
}

static void test_end(void **state) {
	struct fixture *fixture = *state;
	say_name(fixture);
	SAY(fixture, 11, VTEST_RESOURCE_CREATE2, 0, 2, 67, 8, 30, 20, 1, 1, 0, 4, 0);
	shutdown(fixture->fd, SHUT_WR);
	fake_vtest_read(&fixture->server.clients[0]);
	assert_int_equal(fixture->server.clients[0].fd, -1);
	assert_string_equal(story,
		"create 1 gl; resource 1 in 1 30x20x1 format 67 with 0; "
		"unref 1 in 1 with 0; destroy 1; ");
}

static void check_dropped(struct fixture *fixture) {
	assert_int_equal(fixture->server.clients[0].fd, -1);
	assert_non_null(strstr(story, "destroy 1; "));
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(fixture->fd);
	fixture->fd = pair[0];
	story[0] = '\0';
	assert_true(fake_vtest_accept(&fixture->server, pair[1]));
	say_name(fixture);
}

static void test_nonsense(void **state) {
	struct fixture *fixture = *state;
	say_name(fixture);
	SAY(fixture, 0, 99);
	check_dropped(fixture);
	SAY(fixture, 1, VTEST_PROTOCOL_VERSION, 2);
	check_dropped(fixture);
	SAY(fixture, 1, VTEST_RESOURCE_UNREF, 5);
	check_dropped(fixture);
	SAY(fixture, 10, VTEST_TRANSFER_GET2, 5, 0, 0, 0, 0, 1, 1, 1, 4, 0);
	check_dropped(fixture);
	SAY(fixture, UINT32_MAX, VTEST_SUBMIT);
	check_dropped(fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_start, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_resource, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pieces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nonsense, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

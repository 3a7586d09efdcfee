// redecho-render, spoken to as a bridge does: it draws, on llvmpipe where there is no GPU, and
// lives on whatever a guest asks for. Usage: virgl_test REDECHO_RENDER

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_gpu.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// cmocka.h wants the ones above
#include <cmocka.h>

#include "render_fds.h"
#include "render_ring.h"
#include "render_wire.h"

#define SIDE 64
#define MEMORY_BYTES (1 << 20)
#define MEMORY_AT UINT64_C(0x100000)
// Software compiles a shader at its first draw.
#define PATIENCE_MS 30000

// Gallium's, as virglrenderer has them.
#define TARGET_2D 2
#define FORMAT_BGRX 2
#define BIND_RENDER_TARGET (1 << 1)
#define RESOURCE_Y_0_TOP 1

static const char *program;

struct bridge {
	pid_t pid;
	int socket_fd;
	struct render_ring commands, replies;
	uint64_t serial; // of the last command
	uint64_t done; // of the last reply
	uint32_t result; // of that one
	uint64_t fenced; // the last fence that was told
	struct render_ready ready;
	int capsets;
	uint8_t *memory; // the guest's
	uint32_t *image; // SIDE x SIDE
	int said_fd; // a file that its standard error goes to
	off_t said_bytes; // once it has ended
};

static int make_file(size_t bytes, void *mapping) {
	const int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(map != MAP_FAILED);
	memcpy(mapping, &map, sizeof(map));
	return fd;
}

// --- replies ------------------------------------------------------------------------------

static bool take_reply(struct bridge *bridge) {
	union {
		struct render_ready ready;
		struct render_capset capset;
		struct render_done done;
		struct render_fenced fenced;
		uint8_t bytes[sizeof(struct render_capset) + RENDER_CAPSET_MAX_BYTES];
	} body;
	uint32_t type;
	size_t bytes;
	const enum render_ring_result result = render_ring_read(
		&bridge->replies, &type, &body, sizeof(body), &bytes);
	assert_int_not_equal(result, RENDER_RING_BROKEN);
	if (result == RENDER_RING_EMPTY) {
		return false;
	}
	switch (type) {
	case RENDER_READY:
		bridge->ready = body.ready;
		break;
	case RENDER_CAPSET:
		assert_true(body.capset.bytes > 100);
		bridge->capsets++;
		break;
	case RENDER_DONE:
		assert_true(body.done.serial == bridge->done + 1); // in order, none left out
		bridge->done = body.done.serial;
		bridge->result = body.done.result;
		break;
	case RENDER_FENCED:
		assert_true(body.fenced.serial <= bridge->done);
		bridge->fenced = body.fenced.serial;
		break;
	default:
		fail_msg("a reply that is none: %u", type);
	}
	return true;
}

static bool has_ended(struct bridge *bridge) {
	struct pollfd poll_fd = {.fd = bridge->socket_fd, .events = POLLRDHUP};
	return poll(&poll_fd, 1, 0) == 1;
}

// Waits for replies; false: the renderer has ended.
static bool wait_reply(struct bridge *bridge) {
	while (!take_reply(bridge)) {
		if (!render_ring_sleep(&bridge->replies)) {
			continue;
		}
		struct pollfd fds[] = {
			{.fd = render_ring_fd(&bridge->replies), .events = POLLIN},
			{.fd = bridge->socket_fd, .events = POLLRDHUP},
		};
		assert_true(poll(fds, 2, PATIENCE_MS) > 0);
		render_ring_awake(&bridge->replies);
		if (fds[1].revents != 0 && !take_reply(bridge)) {
			return false;
		}
	}
	return true;
}

// --- commands -----------------------------------------------------------------------------

static struct render_header header(struct bridge *bridge, uint32_t context) {
	return (struct render_header){
		.serial = ++bridge->serial,
		.context = context,
		.ring = RENDER_RING_NONE,
	};
}

static void put(struct bridge *bridge, uint32_t type, const void *body, size_t bytes) {
	const struct iovec piece = {.iov_base = (void *)body, .iov_len = bytes};
	assert_true(render_ring_write(&bridge->commands, type, &piece, 1));
	render_ring_publish(&bridge->commands);
}

// What the command came to.
static uint32_t run(struct bridge *bridge, uint32_t type, const void *body, size_t bytes) {
	put(bridge, type, body, bytes);
	while (bridge->done < bridge->serial) {
		assert_true(wait_reply(bridge));
	}
	return bridge->result;
}

static uint32_t run_id(struct bridge *bridge, uint32_t type, uint32_t context, uint32_t id) {
	const struct render_id body = {.header = header(bridge, context), .id = id};
	return run(bridge, type, &body, sizeof(body));
}

static uint32_t create_resource(struct bridge *bridge, uint32_t id) {
	const struct render_resource body = {
		.header = header(bridge, 0),
		.id = id,
		.target = TARGET_2D,
		.format = FORMAT_BGRX,
		.bind = BIND_RENDER_TARGET,
		.width = SIDE,
		.height = SIDE,
		.depth = 1,
		.array_size = 1,
		.flags = RESOURCE_Y_0_TOP,
	};
	return run(bridge, RENDER_RESOURCE_CREATE, &body, sizeof(body));
}

static uint32_t create_context(struct bridge *bridge, uint32_t context) {
	const struct render_context body = {
		.header = header(bridge, context),
		.flags = VIRTIO_GPU_CAPSET_VIRGL2,
		.name = "test",
	};
	return run(bridge, RENDER_CONTEXT_CREATE, &body, sizeof(body));
}

static uint32_t submit(struct bridge *bridge, uint32_t context, const uint32_t *words,
	uint32_t words_len, bool fenced) {
	uint8_t bytes[sizeof(struct render_submit) + 64 * sizeof(uint32_t)];
	struct render_submit body = {.header = header(bridge, context), .words_len = words_len};
	body.header.fenced = fenced;
	assert_true(words_len <= 64);
	memcpy(bytes, &body, sizeof(body));
	memcpy(bytes + sizeof(body), words, words_len * sizeof(words[0]));
	return run(bridge, RENDER_SUBMIT, bytes, sizeof(body) + words_len * sizeof(words[0]));
}

// Virgl's: a surface of the resource, which becomes the colour buffer, and is cleared.
static uint32_t clear(struct bridge *bridge, uint32_t context, uint32_t id, const float colour[4]) {
	uint32_t words[20] = {
		5 << 16 | 8 << 8 | 1,
		10,
		id,
		FORMAT_BGRX,
		0,
		0, // create surface 10
		3 << 16 | 5,
		1,
		0,
		10, // framebuffer of one colour buffer
		8 << 16 | 7,
		4, // clear the colour
	};
	memcpy(words + 12, colour, 4 * sizeof(float));
	return submit(bridge, context, words, 19, true);
}

static uint32_t read_back(struct bridge *bridge, uint32_t id) {
	const struct render_read body = {
		.header = header(bridge, 0),
		.id = id,
		.width = SIDE,
		.height = SIDE,
		.stride = SIDE * 4,
	};
	return run(bridge, RENDER_READ, &body, sizeof(body));
}

static uint32_t attach_backing(
	struct bridge *bridge, uint32_t id, uint64_t address, uint64_t bytes) {
	const struct render_backing backing = {
		.header = header(bridge, 0), .id = id, .entries_len = 2};
	const struct render_entry entries[] = {
		{address, bytes / 2}, {address + bytes / 2, bytes - bytes / 2}};
	uint8_t body[sizeof(backing) + sizeof(entries)];
	memcpy(body, &backing, sizeof(backing));
	memcpy(body + sizeof(backing), entries, sizeof(entries));
	return run(bridge, RENDER_ATTACH_BACKING, body, sizeof(body));
}

static uint32_t transfer(struct bridge *bridge, uint32_t type, uint32_t id) {
	const struct render_transfer body = {
		.header = header(bridge, 0),
		.id = id,
		.width = SIDE,
		.height = SIDE,
		.depth = 1,
		.stride = SIDE * 4,
	};
	return run(bridge, type, &body, sizeof(body));
}

// --- starting and ending ------------------------------------------------------------------

static void give_memory(struct bridge *bridge) {
	const int fd = make_file(MEMORY_BYTES, &bridge->memory);
	assert_true(render_fds_send(bridge->socket_fd, &fd, 1));
	close(fd);
	const struct render_memory memory = {.header = header(bridge, 0), .regions_len = 1};
	const struct render_region region = {
		.guest_address = MEMORY_AT, .size_bytes = MEMORY_BYTES};
	uint8_t body[sizeof(memory) + sizeof(region)];
	memcpy(body, &memory, sizeof(memory));
	memcpy(body + sizeof(memory), &region, sizeof(region));
	assert_int_equal(
		run(bridge, RENDER_SET_MEMORY, body, sizeof(body)), VIRTIO_GPU_RESP_OK_NODATA);
}

static void begin(struct bridge *bridge) {
	*bridge = (struct bridge){0};
	int sockets[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets), 0);
	assert_int_equal(fcntl(sockets[0], F_SETFD, FD_CLOEXEC), 0);
	bridge->socket_fd = sockets[0];
	bridge->said_fd = memfd_create("said", MFD_CLOEXEC);
	bridge->pid = fork();
	assert_true(bridge->pid >= 0);
	if (bridge->pid == 0) {
		char number[16];
		dup2(bridge->said_fd, STDERR_FILENO);
		snprintf(number, sizeof(number), "%d", sockets[1]);
		setenv("LSAN_OPTIONS", "detect_leaks=0", 1); // it would trace, which is sealed
		execl(program, program, number, NULL);
		_exit(127);
	}
	close(sockets[1]);
	assert_true(render_ring_create(
		&bridge->commands, RENDER_RING_WRITER, RENDER_COMMAND_RING_BYTES));
	assert_true(
		render_ring_create(&bridge->replies, RENDER_RING_READER, RENDER_REPLY_RING_BYTES));
	const struct render_ring_fds *c = &bridge->commands.fds, *r = &bridge->replies.fds;
	const int fds[] = {c->memory, c->reader_wakes, c->writer_wakes, r->memory, r->reader_wakes,
		r->writer_wakes};
	assert_true(render_fds_send(bridge->socket_fd, fds, 6));
}

static void begin_ready(struct bridge *bridge) {
	begin(bridge);
	while (bridge->ready.version == 0 ||
		(uint32_t)bridge->capsets < bridge->ready.capsets_len) {
		assert_true(wait_reply(bridge));
	}
	give_memory(bridge);
	const int fd = make_file(SIDE * SIDE * 4, &bridge->image);
	assert_true(render_fds_send(bridge->socket_fd, &fd, 1));
	close(fd);
	const struct render_image body = {
		.header = header(bridge, 0), .size_bytes = SIDE * SIDE * 4};
	assert_int_equal(
		run(bridge, RENDER_ADD_IMAGE, &body, sizeof(body)), VIRTIO_GPU_RESP_OK_NODATA);
}

// The exit status; the renderer ends with its bridge.
static int end(struct bridge *bridge) {
	shutdown(bridge->socket_fd, SHUT_RDWR);
	int status;
	assert_int_equal(waitpid(bridge->pid, &status, 0), bridge->pid);
	close(bridge->socket_fd);
	bridge->said_bytes = lseek(bridge->said_fd, 0, SEEK_END);
	close(bridge->said_fd);
	render_ring_finish(&bridge->commands);
	render_ring_finish(&bridge->replies);
	if (bridge->memory != NULL) {
		munmap(bridge->memory, MEMORY_BYTES);
	}
	if (bridge->image != NULL) {
		munmap(bridge->image, SIDE * SIDE * 4);
	}
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

// Every thread runs behind a filter, those that the driver made before as well.
static void assert_sealed(const struct bridge *bridge) {
	char path[64], line[128];
	snprintf(path, sizeof(path), "/proc/%d/task", (int)bridge->pid);
	DIR *tasks = opendir(path);
	assert_non_null(tasks);
	int threads = 0, sealed = 0;
	for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
		char status[400];
		snprintf(status, sizeof(status), "%s/%s/status", path, task->d_name);
		FILE *file = task->d_name[0] != '.' ? fopen(status, "re") : NULL;
		if (file == NULL) {
			continue;
		}
		threads++;
		while (fgets(line, sizeof(line), file) != NULL) {
			sealed += strcmp(line, "Seccomp:\t2\n") == 0;
		}
		fclose(file);
	}
	closedir(tasks);
	assert_true(threads > 1);
	assert_int_equal(sealed, threads);
}

// --- tests --------------------------------------------------------------------------------

static void test_draws(void **state) {
	struct bridge bridge;
	begin_ready(&bridge);
	assert_int_equal(bridge.ready.version, RENDER_WIRE_VERSION);
	assert_int_equal(bridge.capsets, 2);
	assert_sealed(&bridge);
	assert_int_equal(create_context(&bridge, 1), VIRTIO_GPU_RESP_OK_NODATA);
	assert_int_equal(create_resource(&bridge, 5), VIRTIO_GPU_RESP_OK_NODATA);
	run_id(&bridge, RENDER_CONTEXT_ATTACH, 1, 5);
	const float colour[4] = {0.2f, 0.4f, 0.6f, 1};
	assert_int_equal(clear(&bridge, 1, 5, colour), VIRTIO_GPU_RESP_OK_NODATA);
	const uint64_t fence = bridge.serial;
	while (bridge.fenced < fence) {
		assert_true(wait_reply(&bridge));
	}
	assert_int_equal(read_back(&bridge, 5), VIRTIO_GPU_RESP_OK_NODATA);
	for (size_t i = 0; i < SIDE * SIDE; i++) {
		assert_int_equal(bridge.image[i] & 0xffffff, 0x336699);
	}
	assert_int_equal(end(&bridge), 0);
}

// In software there is nothing to export; the fence of a finish comes when all before it is drawn.
static void test_finish(void **state) {
	struct bridge bridge;
	begin_ready(&bridge);
	assert_int_equal(create_resource(&bridge, 5), VIRTIO_GPU_RESP_OK_NODATA);
	assert_int_not_equal(run_id(&bridge, RENDER_EXPORT, 0, 5), VIRTIO_GPU_RESP_OK_NODATA);
	assert_int_not_equal(run_id(&bridge, RENDER_EXPORT, 0, 6), VIRTIO_GPU_RESP_OK_NODATA);
	struct render_header finish = header(&bridge, 0);
	finish.fenced = 1;
	assert_int_equal(
		run(&bridge, RENDER_FINISH, &finish, sizeof(finish)), VIRTIO_GPU_RESP_OK_NODATA);
	while (bridge.fenced < bridge.serial) {
		assert_true(wait_reply(&bridge));
	}
	assert_int_equal(end(&bridge), 0);
}

// From the guest's memory into a resource and back, also after the memory was mapped anew.
static void test_transfers(void **state) {
	struct bridge bridge;
	begin_ready(&bridge);
	assert_int_equal(create_resource(&bridge, 7), VIRTIO_GPU_RESP_OK_NODATA);
	const uint64_t at = 4096, bytes = SIDE * SIDE * 4;
	assert_int_equal(
		attach_backing(&bridge, 7, MEMORY_AT + at, bytes), VIRTIO_GPU_RESP_OK_NODATA);
	uint32_t *pixels = (uint32_t *)(bridge.memory + at);
	for (uint32_t i = 0; i < SIDE * SIDE; i++) {
		pixels[i] = i * 0x10203 & 0xffffff;
	}
	assert_int_equal(transfer(&bridge, RENDER_TRANSFER_TO_HOST, 7), VIRTIO_GPU_RESP_OK_NODATA);
	assert_int_equal(read_back(&bridge, 7), VIRTIO_GPU_RESP_OK_NODATA);
	for (uint32_t i = 0; i < SIDE * SIDE; i++) {
		assert_int_equal(bridge.image[i] & 0xffffff, i * 0x10203 & 0xffffff);
	}
	munmap(bridge.memory, MEMORY_BYTES);
	give_memory(&bridge);
	assert_int_equal(
		transfer(&bridge, RENDER_TRANSFER_FROM_HOST, 7), VIRTIO_GPU_RESP_OK_NODATA);
	pixels = (uint32_t *)(bridge.memory + at);
	for (uint32_t i = 0; i < SIDE * SIDE; i++) {
		assert_int_equal(pixels[i] & 0xffffff, i * 0x10203 & 0xffffff);
	}
	assert_int_equal(end(&bridge), 0);
}

// What a guest can get wrong is refused, and what comes after it works.
static void test_refusals(void **state) {
	struct bridge bridge;
	begin_ready(&bridge);
	const uint32_t ok = VIRTIO_GPU_RESP_OK_NODATA;
	assert_int_not_equal(submit(&bridge, 9, (const uint32_t[]){0}, 1, false), ok);
	assert_int_equal(create_context(&bridge, 1), ok);
	assert_int_not_equal(submit(&bridge, 1, (const uint32_t[]){255}, 1, false), ok);
	assert_int_not_equal(read_back(&bridge, 3), ok);
	assert_int_not_equal(transfer(&bridge, RENDER_TRANSFER_TO_HOST, 3), ok);
	assert_int_equal(create_resource(&bridge, 3), ok);
	assert_int_not_equal(create_resource(&bridge, 3), ok);
	assert_int_not_equal(transfer(&bridge, RENDER_TRANSFER_TO_HOST, 3), ok); // no backing
	assert_int_not_equal(attach_backing(&bridge, 3, MEMORY_AT + MEMORY_BYTES - 8, 4096), ok);
	assert_int_not_equal(attach_backing(&bridge, 3, 0, 4096), ok);
	// Of this one virglrenderer has something to say.
	assert_int_equal(attach_backing(&bridge, 3, MEMORY_AT, SIDE * SIDE * 4), ok);
	assert_int_equal(create_context(&bridge, 2), ok); // it is of no use then
	const struct render_transfer large = {
		.header = header(&bridge, 2),
		.id = 3,
		.width = SIDE + 1,
		.height = SIDE,
		.depth = 1,
	};
	assert_int_not_equal(run(&bridge, RENDER_TRANSFER_FROM_HOST, &large, sizeof(large)), ok);
	struct render_read outside = {
		.header = header(&bridge, 0),
		.id = 3,
		.width = SIDE,
		.height = SIDE,
		.stride = SIDE * 4,
		.offset_bytes = 8,
	};
	assert_int_not_equal(run(&bridge, RENDER_READ, &outside, sizeof(outside)), ok);
	// A fence of a command that failed does not leave its waiter waiting.
	assert_int_not_equal(submit(&bridge, 9, (const uint32_t[]){0}, 1, true), ok);
	while (bridge.fenced < bridge.serial) {
		assert_true(wait_reply(&bridge));
	}
	run_id(&bridge, RENDER_CONTEXT_ATTACH, 1, 3);
	const float colour[4] = {1, 0, 0, 1};
	assert_int_equal(clear(&bridge, 1, 3, colour), ok);
	assert_int_equal(read_back(&bridge, 3), ok);
	assert_int_equal(bridge.image[0] & 0xffffff, 0xff0000);
	assert_int_equal(end(&bridge), 0);
	assert_true(bridge.said_bytes == 0); // a guest does not write the log
}

// No bridge says that: the renderer says so, and ends.
static void test_rubbish(void **state) {
	struct bridge bridge;
	begin_ready(&bridge);
	const struct render_submit body = {.header = header(&bridge, 1), .words_len = 1000};
	put(&bridge, RENDER_SUBMIT, &body, sizeof(body));
	while (!has_ended(&bridge)) {
		wait_reply(&bridge);
	}
	assert_int_equal(end(&bridge), 1);
	assert_true(bridge.said_bytes > 0); // this is no guest's doing
	begin(&bridge);
	end(&bridge); // before it is ready
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fputs("usage: virgl_test REDECHO_RENDER\n", stderr);
		return 2;
	}
	program = argv[1];
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draws),
		cmocka_unit_test(test_finish),
		cmocka_unit_test(test_transfers),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_rubbish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

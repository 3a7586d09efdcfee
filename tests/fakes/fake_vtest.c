#include "fake_vtest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_gpu.h"

#define HEADER_WORDS 2
#define ANY UINT32_MAX // the header tells

/** What a command consists of, and what does it: false where it cannot be done. */
struct command {
	const char *name;
	uint32_t words;
	bool (*run)(struct fake_vtest_client *client, const uint32_t *words, uint32_t count);
};

// --- Answers ------------------------------------------------------------------------------

static bool send_bytes(struct fake_vtest_client *client, const void *bytes, size_t size) {
	const uint8_t *next = bytes;
	while (size > 0) {
		ssize_t sent = send(client->fd, next, size, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR) {
			continue;
		}
		if (sent <= 0) {
			return false;
		}
		next += sent;
		size -= (size_t)sent;
	}
	return true;
}

static bool answer_word(struct fake_vtest_client *client, uint32_t command, uint32_t value) {
	const uint32_t answer[] = {1, command, value};
	return send_bytes(client, answer, sizeof(answer));
}

// With one byte of data, as the protocol has it.
static bool send_fd(struct fake_vtest_client *client, int fd) {
	char byte = 0;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(client->fd, &message, MSG_NOSIGNAL) == 1;
}

// A file descriptor of its own, for its position is.
static bool send_memory(struct fake_vtest_client *client, uint64_t guest_address) {
	const struct fake_vtest *server = client->server;
	char path[32];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", server->memory_fd);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	const off_t offset = (off_t)(guest_address - server->memory_address);
	bool sent = lseek(fd, offset, SEEK_SET) == offset && send_fd(client, fd);
	close(fd);
	return sent;
}

// --- Commands -----------------------------------------------------------------------------

static bool create_renderer(
	struct fake_vtest_client *client, const uint32_t *words, uint32_t count) {
	char name[64] = {0};
	memcpy(name, words, count < sizeof(name) ? count : sizeof(name) - 1);
	if (client->has_context) {
		return false;
	}
	fake_gl_context_create(client->server->gl, client->context, name);
	client->has_context = true;
	return true;
}

static bool ping_protocol_version(
	struct fake_vtest_client *client, const uint32_t *words, uint32_t count) {
	(void)words;
	(void)count;
	const uint32_t answer[] = {0, VTEST_PING_PROTOCOL_VERSION};
	return send_bytes(client, answer, sizeof(answer));
}

static bool protocol_version(
	struct fake_vtest_client *client, const uint32_t *words, uint32_t count) {
	(void)count;
	return words[0] >= FAKE_VTEST_VERSION &&
		answer_word(client, VTEST_PROTOCOL_VERSION, FAKE_VTEST_VERSION);
}

static bool send_capset(struct fake_vtest_client *client, unsigned i) {
	const struct fake_vtest *server = client->server;
	const uint32_t header[] = {server->capset_bytes[i] + 1, i + 1};
	return send_bytes(client, header, sizeof(header)) &&
		send_bytes(client, server->capsets[i], server->capset_bytes[i]);
}

static bool get_caps(struct fake_vtest_client *client, const uint32_t *words, uint32_t count) {
	(void)words;
	(void)count;
	return send_capset(client, 0);
}

static bool get_caps2(struct fake_vtest_client *client, const uint32_t *words, uint32_t count) {
	(void)words;
	(void)count;
	return send_capset(client, 1);
}

static uint32_t new_resource(struct fake_vtest *server) {
	for (uint32_t i = 0; i < FAKE_VTEST_RESOURCES; i++) {
		const uint32_t id = server->next_resource++ % FAKE_VTEST_RESOURCES;
		if (id != 0 && server->resources[id].context == 0) {
			return id;
		}
	}
	return 0;
}

static bool resource_create2(
	struct fake_vtest_client *client, const uint32_t *words, uint32_t count) {
	(void)count;
	struct fake_vtest *server = client->server;
	const uint32_t id = new_resource(server);
	const struct virtio_gpu_resource_create_3d request = {
		.resource_id = id,
		.target = words[1],
		.format = words[2],
		.bind = words[3],
		.width = words[4],
		.height = words[5],
		.depth = words[6],
		.array_size = words[7],
		.last_level = words[8],
		.nr_samples = words[9],
	};
	if (id == 0 || words[0] != 0) {
		return false;
	}
	struct fake_vtest_resource *resource = &server->resources[id];
	resource->context = client->context;
	resource->backing_bytes = words[10];
	resource->backing = fake_gl_resource_create(
		server->gl, client->context, &request, resource->backing_bytes);
	return answer_word(client, VTEST_RESOURCE_CREATE2, id) &&
		(resource->backing_bytes == 0 || send_memory(client, resource->backing));
}

static struct fake_vtest_resource *find_resource(struct fake_vtest_client *client, uint32_t id) {
	struct fake_vtest *server = client->server;
	if (id >= FAKE_VTEST_RESOURCES || server->resources[id].context != client->context) {
		return NULL;
	}
	return &server->resources[id];
}

static bool resource_unref(
	struct fake_vtest_client *client, const uint32_t *words, uint32_t count) {
	(void)count;
	struct fake_vtest_resource *resource = find_resource(client, words[0]);
	if (resource == NULL) {
		return false;
	}
	fake_gl_resource_destroy(client->server->gl, client->context, words[0], resource->backing,
		resource->backing_bytes);
	resource->context = 0;
	return true;
}

static bool transfer(struct fake_vtest_client *client, const uint32_t *words, bool to_host) {
	const struct fake_gl_box box = {
		.level = words[1],
		.box = {.x = words[2],
			.y = words[3],
			.z = words[4],
			.w = words[5],
			.h = words[6],
			.d = words[7]},
		.offset_bytes = words[9],
	};
	if (find_resource(client, words[0]) == NULL) {
		return false;
	}
	fake_gl_transfer(client->server->gl, client->context, words[0], to_host, &box);
	return true;
}

static bool transfer_get2(struct fake_vtest_client *client, const uint32_t *words, uint32_t count) {
	(void)count;
	return transfer(client, words, false);
}

static bool transfer_put2(struct fake_vtest_client *client, const uint32_t *words, uint32_t count) {
	(void)count;
	return transfer(client, words, true);
}

static bool submit(struct fake_vtest_client *client, const uint32_t *words, uint32_t count) {
	return fake_gl_submit(
		client->server->gl, client->context, words, count * (uint32_t)sizeof(*words));
}

// As virgl_test_server does it, everything that was drawn counts, not the resource alone.
static bool resource_busy_wait(
	struct fake_vtest_client *client, const uint32_t *words, uint32_t count) {
	(void)count;
	struct fake_gl *gl = client->server->gl;
	const bool wait = (words[1] & 1) != 0;
	if (wait) {
		fake_gl_wait(gl);
	}
	return answer_word(client, VTEST_RESOURCE_BUSY_WAIT, !wait && fake_gl_busy(gl) ? 1 : 0);
}

static const struct command commands[VTEST_COMMANDS] = {
	[VTEST_GET_CAPS] = {"get caps", 0, get_caps},
	[VTEST_RESOURCE_UNREF] = {"resource unref", 1, resource_unref},
	[VTEST_SUBMIT] = {"submit", ANY, submit},
	[VTEST_RESOURCE_BUSY_WAIT] = {"resource busy wait", 2, resource_busy_wait},
	[VTEST_CREATE_RENDERER] = {"create renderer", ANY, create_renderer},
	[VTEST_GET_CAPS2] = {"get caps2", 0, get_caps2},
	[VTEST_PING_PROTOCOL_VERSION] = {"ping protocol version", 0, ping_protocol_version},
	[VTEST_PROTOCOL_VERSION] = {"protocol version", 1, protocol_version},
	[VTEST_RESOURCE_CREATE2] = {"resource create2", 11, resource_create2},
	[VTEST_TRANSFER_GET2] = {"transfer get2", 10, transfer_get2},
	[VTEST_TRANSFER_PUT2] = {"transfer put2", 10, transfer_put2},
};

// --- Connections --------------------------------------------------------------------------

static void drop(struct fake_vtest_client *client) {
	struct fake_vtest *server = client->server;
	for (uint32_t id = 1; id < FAKE_VTEST_RESOURCES && client->has_context; id++) {
		if (server->resources[id].context == client->context) {
			resource_unref(client, &id, 1);
		}
	}
	if (client->has_context) {
		fake_gl_context_destroy(server->gl, client->context);
	}
	close(client->fd);
	free(client->input);
	client->fd = -1;
	client->input = NULL;
	client->has_context = false;
}

/** The bytes of a command with its header; 0: it is none. */
static size_t command_bytes(uint32_t length, uint32_t id) {
	if (id >= VTEST_COMMANDS || commands[id].run == NULL) {
		return 0;
	}
	// A transfer's header counts the data that older versions sent with it. The name of a
	// renderer is told in bytes.
	size_t bytes = commands[id].words * sizeof(uint32_t);
	if (id == VTEST_CREATE_RENDERER) {
		bytes = length;
	} else if (commands[id].words == ANY) {
		bytes = (size_t)length * sizeof(uint32_t);
	}
	bytes += HEADER_WORDS * sizeof(uint32_t);
	return bytes <= FAKE_VTEST_INPUT_BYTES ? bytes : 0;
}

/** Returns the bytes of the command at the input's beginning: 0: it is not whole; -1: broken. */
static ssize_t run_one(struct fake_vtest_client *client, size_t start) {
	uint32_t header[HEADER_WORDS];
	const size_t left = client->input_bytes - start;
	if (left < sizeof(header)) {
		return 0;
	}
	memcpy(header, client->input + start, sizeof(header));
	const size_t bytes = command_bytes(header[0], header[1]);
	if (bytes == 0) {
		fprintf(stderr, "fake vtest: no command %u of %u words\n", header[1], header[0]);
		return -1;
	}
	if (left < bytes) {
		return 0;
	}
	const uint32_t *words = (const uint32_t *)(client->input + start + sizeof(header));
	if (!client->has_context && header[1] != VTEST_CREATE_RENDERER) {
		fprintf(stderr, "fake vtest: %s before a renderer\n", commands[header[1]].name);
		return -1;
	}
	if (!commands[header[1]].run(client, words, header[0])) {
		fprintf(stderr, "fake vtest: %s failed\n", commands[header[1]].name);
		return -1;
	}
	return (ssize_t)bytes;
}

static void consume(struct fake_vtest_client *client, size_t bytes) {
	client->input_bytes -= bytes;
	memmove(client->input, client->input + bytes, client->input_bytes);
}

void fake_vtest_read(struct fake_vtest_client *client) {
	ssize_t got = recv(client->fd, client->input + client->input_bytes,
		FAKE_VTEST_INPUT_BYTES - client->input_bytes, 0);
	if (got < 0 && errno == EINTR) {
		return;
	}
	if (got <= 0) {
		drop(client);
		return;
	}
	client->input_bytes += (size_t)got;
	size_t start = 0;
	ssize_t bytes;
	while ((bytes = run_one(client, start)) > 0) {
		start += (size_t)bytes;
		if (start % sizeof(uint32_t) != 0) {
			consume(client, start); // what follows a renderer's name, aligned again
			start = 0;
		}
	}
	if (bytes < 0) {
		drop(client);
		return;
	}
	consume(client, start);
}

bool fake_vtest_accept(struct fake_vtest *server, int fd) {
	for (uint32_t i = 0; i < FAKE_VTEST_CLIENTS; i++) {
		struct fake_vtest_client *client = &server->clients[i];
		if (client->fd >= 0) {
			continue;
		}
		*client = (struct fake_vtest_client){
			.server = server,
			.fd = fd,
			.context = i + 1,
			.input = malloc(FAKE_VTEST_INPUT_BYTES),
		};
		if (client->input == NULL) {
			abort();
		}
		return true;
	}
	close(fd);
	return false;
}

bool fake_vtest_init(struct fake_vtest *server, struct fake_gl *gl) {
	const struct fake_region *region = &gl->device->guest->regions[FAKE_GUEST_REGIONS - 1];
	*server = (struct fake_vtest){
		.gl = gl,
		.memory_fd = region->fd,
		.memory_address = region->guest_address,
		.resources = calloc(FAKE_VTEST_RESOURCES, sizeof(*server->resources)),
		.next_resource = 1,
	};
	if (server->resources == NULL) {
		abort();
	}
	for (unsigned i = 0; i < FAKE_VTEST_CLIENTS; i++) {
		server->clients[i].fd = -1;
	}
	for (unsigned i = 0; i < 2; i++) {
		server->capset_bytes[i] = fake_gl_capset(
			gl, i + 1, server->capsets[i], FAKE_VTEST_CAPSET_BYTES);
		if (server->capset_bytes[i] == 0 ||
			server->capset_bytes[i] > FAKE_VTEST_CAPSET_BYTES) {
			free(server->resources);
			server->resources = NULL;
			return false;
		}
	}
	return true;
}

void fake_vtest_finish(struct fake_vtest *server) {
	for (unsigned i = 0; i < FAKE_VTEST_CLIENTS; i++) {
		if (server->clients[i].fd >= 0) {
			drop(&server->clients[i]);
		}
	}
	free(server->resources);
	server->resources = NULL;
}

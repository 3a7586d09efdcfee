#include "fake_renderer.h"

#include <linux/virtio_gpu.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RING_FDS 6
#define FDS_MAX 32

int fake_renderer_open(struct fake_renderer *renderer) {
	int sockets[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
		abort();
	}
	*renderer = (struct fake_renderer){.socket_fd = sockets[0]};
	return sockets[1];
}

void fake_renderer_close(struct fake_renderer *renderer) {
	if (renderer->has_rings) {
		render_ring_finish(&renderer->commands);
		render_ring_finish(&renderer->replies);
		free(renderer->body);
	}
	if (renderer->socket_fd >= 0) {
		close(renderer->socket_fd);
	}
	*renderer = (struct fake_renderer){.socket_fd = -1};
}

// The fds of one datagram.
static size_t take_fds(struct fake_renderer *renderer, int fds[FDS_MAX]) {
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = sizeof(byte)};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(FDS_MAX * sizeof(int))];
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	if (recvmsg(renderer->socket_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0) {
		return 0;
	}
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header == NULL) {
		return 0;
	}
	const size_t len = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(header), len * sizeof(int));
	return len;
}

bool fake_renderer_take_rings(struct fake_renderer *renderer) {
	int fds[FDS_MAX];
	if (take_fds(renderer, fds) != RING_FDS) {
		return false;
	}
	const struct render_ring_fds commands = {fds[0], fds[1], fds[2]};
	const struct render_ring_fds replies = {fds[3], fds[4], fds[5]};
	renderer->has_rings = render_ring_open(
				      &renderer->commands, RENDER_RING_READER, &commands) &&
		render_ring_open(&renderer->replies, RENDER_RING_WRITER, &replies);
	renderer->body = malloc(RENDER_COMMAND_RING_BYTES);
	return renderer->has_rings && renderer->body != NULL;
}

bool fake_renderer_reply(
	struct fake_renderer *renderer, uint32_t type, const void *body, size_t bytes) {
	const struct iovec piece = {.iov_base = (void *)(uintptr_t)body, .iov_len = bytes};
	const bool ok = render_ring_write(&renderer->replies, type, &piece, 1);
	render_ring_publish(&renderer->replies);
	return ok;
}

void fake_renderer_be_ready(struct fake_renderer *renderer) {
	const struct render_ready ready = {.version = RENDER_WIRE_VERSION, .capsets_len = 2};
	fake_renderer_reply(renderer, RENDER_READY, &ready, sizeof(ready));
	for (uint32_t i = 0; i < 2; i++) {
		struct {
			struct render_capset capset;
			uint8_t data[16];
		} body = {.capset = {.id = i + 1, .version = 1, .bytes = 16}};
		fake_renderer_reply(renderer, RENDER_CAPSET, &body, sizeof(body));
	}
}

bool fake_renderer_next(struct fake_renderer *renderer, uint32_t *type, size_t *bytes) {
	int fds[FDS_MAX];
	if (render_ring_read(&renderer->commands, type, renderer->body, RENDER_COMMAND_RING_BYTES,
		    bytes) != RENDER_RING_OK) {
		render_ring_sleep(&renderer->commands);
		return false;
	}
	if (*type == RENDER_SET_MEMORY || *type == RENDER_ADD_IMAGE) {
		const size_t len = take_fds(renderer, fds);
		renderer->fds += (unsigned)len;
		for (size_t i = 0; i < len; i++) {
			close(fds[i]);
		}
	}
	return true;
}

bool fake_renderer_done(struct fake_renderer *renderer, uint64_t serial, uint32_t result) {
	const struct render_done done = {.serial = serial, .result = result};
	renderer->done_serial = serial;
	return fake_renderer_reply(renderer, RENDER_DONE, &done, sizeof(done));
}

bool fake_renderer_fenced(struct fake_renderer *renderer, uint64_t serial, bool all) {
	const struct render_fenced fenced = {.serial = serial, .all = all};
	return fake_renderer_reply(renderer, RENDER_FENCED, &fenced, sizeof(fenced));
}

unsigned fake_renderer_run(struct fake_renderer *renderer, uint32_t result) {
	uint32_t type;
	size_t bytes;
	unsigned count = 0;
	while (fake_renderer_next(renderer, &type, &bytes)) {
		const struct render_header *header = (const void *)renderer->body;
		count++;
		fake_renderer_done(renderer, header->serial, result);
		if (header->fenced != 0) {
			fake_renderer_fenced(
				renderer, header->serial, header->ring == RENDER_RING_NONE);
		}
	}
	return count;
}

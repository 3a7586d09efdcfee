#include "exporter.h"

#include <assert.h>
#include <drm/drm_fourcc.h>
#include <linux/virtio_gpu.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "render_fds.h"

#define RING_FDS 6

static void reply(struct exporter *renderer, uint32_t type, void *body, size_t bytes) {
	const struct iovec piece = {.iov_base = body, .iov_len = bytes};
	const bool ok = render_ring_write(&renderer->replies, type, &piece, 1);
	assert(ok);
	render_ring_publish(&renderer->replies);
}

static void done(struct exporter *renderer, uint64_t serial, uint32_t result) {
	struct render_done body = {.serial = serial, .result = result};
	reply(renderer, RENDER_DONE, &body, sizeof(body));
}

static int make_file(size_t bytes) {
	const int fd = memfd_create("export", MFD_CLOEXEC);
	const int result = ftruncate(fd, (off_t)bytes);
	uint32_t *pixels = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert(result == 0 && pixels != MAP_FAILED);
	for (size_t i = 0; i < bytes / sizeof(pixels[0]); i++) {
		pixels[i] = 0x336699;
	}
	munmap(pixels, bytes);
	return fd;
}

static void export(struct exporter *renderer, uint64_t serial) {
	const size_t bytes = (size_t)renderer->width * renderer->height * 4;
	struct render_exported body = {
		.serial = renderer->exports_as == FAKE_EXPORT_UNASKED ? serial + 1 : serial,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.fourcc = renderer->fourcc,
		.width = renderer->width,
		.height = renderer->height,
		.stride = renderer->width * 4 - (renderer->exports_as == FAKE_EXPORT_NARROW),
	};
	renderer->exports++;
	if (renderer->exports_as == FAKE_EXPORT_NONE) {
		done(renderer, serial, VIRTIO_GPU_RESP_ERR_UNSPEC);
		return;
	}
	const int fd = make_file(bytes - (renderer->exports_as == FAKE_EXPORT_SHORT));
	const int fds[] = {fd, fd};
	if (renderer->exports_as != FAKE_EXPORT_NO_FD) {
		render_fds_send(renderer->socket_fd, fds,
			renderer->exports_as == FAKE_EXPORT_TWO_FDS ? 2 : 1);
	}
	assert(renderer->files_len < EXPORTER_EXPORTS);
	renderer->files[renderer->files_len++] = fd;
	reply(renderer, RENDER_EXPORTED, &body, sizeof(body));
	done(renderer, serial, VIRTIO_GPU_RESP_OK_NODATA);
}

static void finish(struct exporter *renderer, uint64_t serial) {
	struct render_fenced body = {.serial = serial, .all = 1};
	done(renderer, serial, VIRTIO_GPU_RESP_OK_NODATA);
	reply(renderer, RENDER_FENCED, &body, sizeof(body));
}

static void run(struct exporter *renderer, uint32_t type) {
	const struct render_header *header = (const void *)renderer->body;
	if (type == RENDER_EXPORT) {
		export(renderer, header->serial);
		return;
	}
	if (type == RENDER_FINISH) {
		renderer->finishes++;
		renderer->stalled_serial = header->serial;
		if (!renderer->stalled) {
			finish(renderer, header->serial);
		}
		return;
	}
	if (type == RENDER_READ) {
		renderer->reads++;
	}
	done(renderer, header->serial, VIRTIO_GPU_RESP_OK_NODATA);
}

static int handle_commands(int fd, uint32_t mask, void *data) {
	struct exporter *renderer = data;
	uint32_t type;
	size_t bytes;
	render_ring_awake(&renderer->commands);
	do {
		while (render_ring_read(&renderer->commands, &type, renderer->body,
			       sizeof(renderer->body), &bytes) == RENDER_RING_OK) {
			run(renderer, type);
		}
	} while (!render_ring_sleep(&renderer->commands));
	return 0;
}

/** The rings come with the first datagram, which render_link_connect() sends. */
static int handle_rings(int socket_fd, uint32_t mask, void *data) {
	struct exporter *renderer = data;
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = sizeof(byte)};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(RING_FDS * sizeof(int))];
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	const ssize_t got = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	assert(got == 1 && CMSG_FIRSTHDR(&message) != NULL);
	int fds[RING_FDS];
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fds));
	const struct render_ring_fds commands = {fds[0], fds[1], fds[2]};
	const struct render_ring_fds replies = {fds[3], fds[4], fds[5]};
	bool ok = render_ring_open(&renderer->commands, RENDER_RING_READER, &commands);
	ok = render_ring_open(&renderer->replies, RENDER_RING_WRITER, &replies) && ok;
	assert(ok);
	wl_event_source_remove(renderer->source);
	renderer->source = wl_event_loop_add_fd(renderer->loop, render_ring_fd(&renderer->commands),
		WL_EVENT_READABLE, handle_commands, renderer);
	struct render_ready ready = {.version = RENDER_WIRE_VERSION, .capsets_len = 1};
	reply(renderer, RENDER_READY, &ready, sizeof(ready));
	struct render_capset capset = {.id = VIRTIO_GPU_CAPSET_VIRGL2, .version = 2};
	reply(renderer, RENDER_CAPSET, &capset, sizeof(capset));
	handle_commands(-1, 0, renderer);
	return 0;
}

int exporter_start(struct exporter *renderer, struct wl_event_loop *loop) {
	int pair[2];
	const int result = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
	assert(result == 0);
	*renderer = (struct exporter){
		.loop = loop,
		.socket_fd = pair[0],
		.exports_as = FAKE_EXPORT_FILE,
		.fourcc = DRM_FORMAT_ARGB8888,
	};
	renderer->source = wl_event_loop_add_fd(
		loop, pair[0], WL_EVENT_READABLE, handle_rings, renderer);
	return pair[1];
}

void exporter_end(struct exporter *renderer) {
	wl_event_source_remove(renderer->source);
	render_ring_finish(&renderer->commands);
	render_ring_finish(&renderer->replies);
	close(renderer->socket_fd);
	while (renderer->files_len > 0) {
		close(renderer->files[--renderer->files_len]);
	}
}

void exporter_go_on(struct exporter *renderer) {
	renderer->stalled = false;
	finish(renderer, renderer->stalled_serial);
}

void exporter_send_fd(struct exporter *renderer) {
	const int fd = make_file(4096);
	render_fds_send(renderer->socket_fd, &fd, 1);
	close(fd);
}

#include "render.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "render_fds.h"
#include "render_ring.h"
#include "render_wire.h"
#include "seal.h"
#include "virgl.h"

#define RING_FDS 6
#define FDS_MAX 32

struct render {
	int socket_fd;
	struct render_ring commands; // this side reads
	struct render_ring replies; // this side writes; by replies_lock
	pthread_mutex_t replies_lock; // fences come on threads
	bool unshown; // there are replies that the bridge was not woken for
	struct virgl *virgl;
	uint8_t *body; // of the command that is run
	size_t body_max;
};

static void tell(const char *what) {
	fprintf(stderr, "redecho-render: %s\n", what);
}

// --- replies ------------------------------------------------------------------------------

// A bridge that does not read them for so long has stopped; nobody else waits here.
static void write_reply(
	struct render *render, uint32_t type, const struct iovec *pieces, size_t len) {
	pthread_mutex_lock(&render->replies_lock);
	while (!render_ring_write(&render->replies, type, pieces, len)) {
		render_ring_publish(&render->replies);
		if (render->replies.broken) {
			break;
		}
		if (render_ring_sleep(&render->replies)) {
			struct pollfd fds[] = {
				{.fd = render_ring_fd(&render->replies), .events = POLLIN},
				{.fd = render->socket_fd, .events = POLLRDHUP},
			};
			poll(fds, 2, -1);
			if ((fds[1].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
				break;
			}
			render_ring_awake(&render->replies);
		}
	}
	pthread_mutex_unlock(&render->replies_lock);
}

static void show_replies(struct render *render) {
	pthread_mutex_lock(&render->replies_lock);
	render_ring_publish(&render->replies);
	pthread_mutex_unlock(&render->replies_lock);
}

static void reply(struct render *render, uint32_t type, const struct iovec *pieces, size_t len) {
	write_reply(render, type, pieces, len);
	show_replies(render);
}

static void handle_fenced(void *data, uint64_t serial, bool all) {
	struct render_fenced fenced = {.serial = serial, .all = all};
	const struct iovec piece = {.iov_base = &fenced, .iov_len = sizeof(fenced)};
	reply(data, RENDER_FENCED, &piece, 1);
}

static void tell_done(struct render *render, uint64_t serial, enum virtio_gpu_ctrl_type result) {
	struct render_done done = {.serial = serial, .result = result};
	const struct iovec piece = {.iov_base = &done, .iov_len = sizeof(done)};
	write_reply(render, RENDER_DONE, &piece, 1);
}

/*
 * The bridge is woken once for commands that are quickly done one after the other, not for each;
 * and for a fenced one by its fence alone, which makes all that was written before it seen.
 */
static void show_done(struct render *render) {
	if (render->unshown) {
		render->unshown = false;
		show_replies(render);
	}
}

static bool may_take_long(uint32_t type) {
	return type == RENDER_SUBMIT || type == RENDER_READ || type == RENDER_TRANSFER_TO_HOST ||
		type == RENDER_TRANSFER_FROM_HOST || type == RENDER_CONTEXT_CREATE;
}

static void tell_ready(struct render *render) {
	static const uint32_t ids[RENDER_CAPSETS_MAX] = {
		VIRTIO_GPU_CAPSET_VIRGL, VIRTIO_GPU_CAPSET_VIRGL2};
	static uint8_t data[RENDER_CAPSETS_MAX][RENDER_CAPSET_MAX_BYTES];
	struct render_capset capsets[RENDER_CAPSETS_MAX];
	struct render_ready ready = {.version = RENDER_WIRE_VERSION};
	for (size_t i = 0; i < RENDER_CAPSETS_MAX; i++) {
		struct render_capset *capset = &capsets[ready.capsets_len];
		*capset = (struct render_capset){.id = ids[i]};
		capset->bytes = virgl_capset(
			render->virgl, ids[i], &capset->version, data[ready.capsets_len]);
		ready.capsets_len += capset->bytes > 0 ? 1 : 0;
	}
	const struct iovec piece = {.iov_base = &ready, .iov_len = sizeof(ready)};
	reply(render, RENDER_READY, &piece, 1);
	for (uint32_t i = 0; i < ready.capsets_len; i++) {
		const struct iovec pieces[] = {
			{.iov_base = &capsets[i], .iov_len = sizeof(capsets[i])},
			{.iov_base = data[i], .iov_len = capsets[i].bytes},
		};
		reply(render, RENDER_CAPSET, pieces, 2);
	}
}

// --- the socket ---------------------------------------------------------------------------

// The fds of one datagram, exactly so many; false: there are others, or none comes any more.
static bool take_fds(int socket_fd, int *fds, size_t wanted) {
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = sizeof(byte)};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(FDS_MAX * sizeof(int))];
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got;
	do {
		got = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	size_t len = 0;
	int received[FDS_MAX];
	const struct cmsghdr *header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
		len = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(received, CMSG_DATA(header), len * sizeof(int));
	}
	if (len == wanted && (message.msg_flags & MSG_CTRUNC) == 0) {
		memcpy(fds, received, len * sizeof(int));
		return true;
	}
	for (size_t i = 0; i < len; i++) {
		close(received[i]);
	}
	return false;
}

static bool open_rings(struct render *render) {
	int fds[RING_FDS];
	if (!take_fds(render->socket_fd, fds, RING_FDS)) {
		return false;
	}
	const struct render_ring_fds commands = {fds[0], fds[1], fds[2]};
	const struct render_ring_fds replies = {fds[3], fds[4], fds[5]};
	const bool commands_ok = render_ring_open(&render->commands, RENDER_RING_READER, &commands);
	const bool replies_ok = render_ring_open(&render->replies, RENDER_RING_WRITER, &replies);
	return commands_ok && replies_ok;
}

// --- commands -----------------------------------------------------------------------------

static enum virtio_gpu_ctrl_type tell_exported(struct render *render, uint64_t serial) {
	struct render_exported exported;
	const int fd = virgl_take_export(render->virgl, &exported);
	exported.serial = serial;
	// A bridge that takes none has none of this resource, and shows it in another way.
	const bool sent = render_fds_send(render->socket_fd, &fd, 1);
	close(fd);
	if (!sent) {
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	}
	const struct iovec piece = {.iov_base = &exported, .iov_len = sizeof(exported)};
	reply(render, RENDER_EXPORTED, &piece, 1);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static bool run(struct render *render, uint32_t type, size_t bytes) {
	int fds[FDS_MAX];
	const int fds_len = virgl_fds(type, render->body, bytes);
	if (fds_len < 0 || fds_len > FDS_MAX ||
		(fds_len > 0 && !take_fds(render->socket_fd, fds, (size_t)fds_len))) {
		tell("a command that is none");
		return false;
	}
	if (may_take_long(type)) {
		show_done(render);
	}
	const struct render_header *header = (const struct render_header *)render->body;
	enum virtio_gpu_ctrl_type result = virgl_run(render->virgl, type, render->body, bytes, fds);
	if (type == RENDER_EXPORT && result == VIRTIO_GPU_RESP_OK_NODATA) {
		result = tell_exported(render, header->serial);
	}
	tell_done(render, header->serial, result); // before its fence, which may be quick
	render->unshown |= header->fenced == 0;
	// Of a command that failed as well: it is not to overtake those before it.
	if (header->fenced != 0 && !virgl_fence(render->virgl, header)) {
		handle_fenced(render, header->serial, false);
	}
	return true;
}

// False: the bridge has gone.
static bool wait(struct render *render) {
	if (!render_ring_sleep(&render->commands)) {
		return true;
	}
	struct pollfd fds[] = {
		{.fd = render_ring_fd(&render->commands), .events = POLLIN},
		{.fd = render->socket_fd, .events = POLLRDHUP},
	};
	if (poll(fds, 2, -1) < 0 && errno != EINTR) {
		return false;
	}
	render_ring_awake(&render->commands);
	return (fds[1].revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0;
}

static int loop(struct render *render) {
	for (;;) {
		uint32_t type;
		size_t bytes;
		switch (render_ring_read(
			&render->commands, &type, render->body, render->body_max, &bytes)) {
		case RENDER_RING_OK:
			if (!run(render, type, bytes)) {
				return 1;
			}
			break;
		case RENDER_RING_EMPTY:
			show_done(render);
			if (!wait(render)) {
				return 0;
			}
			break;
		case RENDER_RING_BROKEN:
			tell("the ring of commands is broken");
			return 1;
		}
	}
}

int render_serve(int socket_fd, int drm_fd) {
	struct render render = {.socket_fd = socket_fd};
	pthread_mutex_init(&render.replies_lock, NULL);
	if (!open_rings(&render)) {
		tell("no rings came");
		return 1;
	}
	render.body_max = render_ring_max_bytes(&render.commands) + sizeof(uint64_t);
	render.body = malloc(render.body_max);
	const char *reason = "out of memory";
	render.virgl = render.body != NULL ? virgl_create(drm_fd, handle_fenced, &render, &reason)
					   : NULL;
	if (render.virgl == NULL) {
		tell(reason);
		return 1;
	}
	if (!seal_enter(drm_fd >= 0)) {
		tell("the kernel has no seccomp filters: it draws for no guest");
		return 1;
	}
	malloc_trim(0); // what the driver needed for starting, and 12 MiB of holes
	tell_ready(&render);
	const int status = loop(&render);
	virgl_destroy(render.virgl);
	free(render.body);
	render_ring_finish(&render.commands);
	render_ring_finish(&render.replies);
	return status;
}

// Messages on QEMU's socket, and the fds that come with them.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vhost_user_private.h"

void vhost_user_message_finish(struct vhost_user_connection *connection) {
	struct vhost_user_message *message = &connection->message;
	for (unsigned i = 0; i < message->fd_count; i++) {
		if (message->fds[i] >= 0) {
			close(message->fds[i]);
		}
	}
	message->fd_count = 0;
	connection->received_bytes = 0;
}

// Takes every fd that arrived, so that none can leak. Returns false when there were too many.
static bool collect_fds(struct vhost_user_message *message, struct msghdr *header) {
	bool fit = (header->msg_flags & MSG_CTRUNC) == 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
			continue;
		}
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (message->fd_count < VHOST_USER_MAX_FDS) {
				message->fds[message->fd_count++] = fd;
			} else {
				close(fd);
				fit = false;
			}
		}
	}
	return fit;
}

// The message's end, so far as it is known.
static size_t wanted_bytes(const struct vhost_user_connection *connection) {
	size_t wanted = sizeof(struct vhost_user_header);
	if (connection->received_bytes >= wanted) {
		wanted += connection->message.header.size;
	}
	return wanted;
}

static const char *check_header(const struct vhost_user_header *header) {
	if (header->size > VHOST_USER_MAX_PAYLOAD_BYTES) {
		return "vhost-user message is too long";
	}
	if ((header->flags & VHOST_USER_FLAG_VERSION_MASK) != VHOST_USER_VERSION ||
		(header->flags & VHOST_USER_FLAG_REPLY) != 0) {
		return "vhost-user message has wrong flags";
	}
	return NULL;
}

// One recvmsg(). Never reads beyond the message: fds belong to the bytes they came with.
static enum vhost_user_received receive_some(
	struct vhost_user_connection *connection, const char **reason) {
	struct vhost_user_message *message = &connection->message;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * VHOST_USER_MAX_FDS)];
	} control;
	char *start = connection->received_bytes < sizeof(message->header)
		? (char *)&message->header + connection->received_bytes
		: (char *)&message->payload + connection->received_bytes - sizeof(message->header);
	struct iovec iov = {
		.iov_base = start,
		.iov_len = wanted_bytes(connection) - connection->received_bytes,
	};
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t bytes;
	do {
		bytes = recvmsg(connection->fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (bytes < 0 && errno == EINTR);
	if (bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		return VHOST_USER_RECEIVED_PART;
	}
	if (bytes <= 0) {
		return VHOST_USER_RECEIVED_END;
	}
	connection->received_bytes += (size_t)bytes;
	if (!collect_fds(message, &header)) {
		*reason = "vhost-user message carries too many fds";
		return VHOST_USER_RECEIVED_NONSENSE;
	}
	return VHOST_USER_RECEIVED_MESSAGE;
}

enum vhost_user_received vhost_user_receive(
	struct vhost_user_connection *connection, const char **reason) {
	for (;;) {
		enum vhost_user_received received = receive_some(connection, reason);
		if (received != VHOST_USER_RECEIVED_MESSAGE) {
			return received;
		}
		if (connection->received_bytes < sizeof(struct vhost_user_header)) {
			continue;
		}
		*reason = check_header(&connection->message.header);
		if (*reason != NULL) {
			return VHOST_USER_RECEIVED_NONSENSE;
		}
		if (connection->received_bytes == wanted_bytes(connection)) {
			return VHOST_USER_RECEIVED_MESSAGE;
		}
	}
}

bool vhost_user_send(int fd, uint32_t request, uint32_t flags, const void *payload, uint32_t size) {
	struct vhost_user_header header = {
		.request = request,
		.flags = VHOST_USER_VERSION | flags,
		.size = size,
	};
	struct iovec iov[] = {
		{.iov_base = &header, .iov_len = sizeof(header)},
		{.iov_base = (void *)payload, .iov_len = size},
	};
	struct msghdr message = {.msg_iov = iov, .msg_iovlen = 2};
	ssize_t sent;
	do {
		sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)(sizeof(header) + size);
}

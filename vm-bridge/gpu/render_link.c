#include "render_link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "iov.h"

// A renderer that floods gets its turn like everybody.
#define REPLIES_A_TURN 256
#define TRIES_A_TURN 16
#define REPLY_MAX_BYTES (sizeof(struct render_capset) + RENDER_CAPSET_MAX_BYTES)

struct waiting {
	struct wl_list link; // render_link.waiting
	uint32_t type;
	size_t fds_len;
	int fds[RENDER_LINK_FDS_MAX];
	size_t bytes;
	uint8_t body[];
};

// --- the socket ---------------------------------------------------------------------------

static void lose(struct render_link *link, const char *reason) {
	render_link_disconnect(link);
	wl_signal_emit_mutable(&link->events.lost, (void *)(uintptr_t)reason);
}

/** Have handle_socket find that the renderer has gone, in a turn of its own. */
static void hang_up(struct render_link *link) {
	shutdown(link->socket_fd, SHUT_RDWR);
}

enum datagram {
	DATAGRAM_FD,
	DATAGRAM_NONE, // now
	DATAGRAM_WRONG, // or the end
};

/** Receive one datagram, whose fd is kept: there is one in each. */
static enum datagram receive(struct render_link *link) {
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = sizeof(byte)};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(RENDER_LINK_FDS_MAX * sizeof(int))];
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	const ssize_t got = recvmsg(link->socket_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		return DATAGRAM_NONE;
	}
	const struct cmsghdr *header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	int fds[RENDER_LINK_FDS_MAX];
	size_t len = 0;
	if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
		len = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(header), len * sizeof(int));
	}
	if (len == 1 && (message.msg_flags & MSG_CTRUNC) == 0 &&
		link->fds_len < RENDER_LINK_TAKEN_MAX) {
		link->fds[link->fds_len++] = fds[0];
		return DATAGRAM_FD;
	}
	for (size_t i = 0; i < len; i++) {
		close(fds[i]);
	}
	return DATAGRAM_WRONG;
}

static int handle_socket(int fd, uint32_t mask, void *data) {
	struct render_link *link = data;
	if ((mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)) != 0 || receive(link) == DATAGRAM_WRONG) {
		lose(link, "the renderer has ended");
	}
	return 0;
}

int render_link_take_fd(struct render_link *link) {
	if (link->fds_len == 0 && receive(link) != DATAGRAM_FD) {
		return -1;
	}
	const int fd = link->fds[0];
	link->fds_len--;
	memmove(link->fds, link->fds + 1, link->fds_len * sizeof(link->fds[0]));
	return fd;
}

// --- replies ------------------------------------------------------------------------------

/** Tell one reply. Returns false when there is none, or no renderer any more. */
static bool take_reply(struct render_link *link) {
	_Alignas(uint64_t) uint8_t body[REPLY_MAX_BYTES];
	struct render_link_reply reply = {.body = body};
	switch (render_ring_read(&link->replies, &reply.type, body, sizeof(body), &reply.bytes)) {
	case RENDER_RING_OK:
		wl_signal_emit_mutable(&link->events.reply, &reply);
		return render_link_is_connected(link);
	case RENDER_RING_EMPTY:
		return false;
	case RENDER_RING_BROKEN:
		lose(link, "the renderer's replies are none");
		return false;
	}
	return false;
}

/** Tell what is there; with more to come the loop is to call again. */
static void take_replies(struct render_link *link) {
	for (unsigned i = 0; i < REPLIES_A_TURN; i++) {
		if (!take_reply(link) &&
			(!render_link_is_connected(link) || render_ring_sleep(&link->replies))) {
			return;
		}
	}
	eventfd_write(render_ring_fd(&link->replies), 1);
}

static int handle_replies(int fd, uint32_t mask, void *data) {
	struct render_link *link = data;
	render_ring_awake(&link->replies);
	take_replies(link);
	wl_signal_emit_mutable(&link->events.replies_end, link);
	return 0;
}

static int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

void render_link_drain(
	struct render_link *link, int timeout_ms, bool (*done)(void *data), void *data) {
	const int64_t end_ms = now_ms() + timeout_ms;
	render_link_flush(link);
	while (render_link_is_connected(link) && !done(data)) {
		const int64_t left_ms = end_ms - now_ms();
		struct pollfd fds[] = {
			{.fd = render_ring_fd(&link->replies), .events = POLLIN},
			{.fd = link->socket_fd, .events = POLLRDHUP},
		};
		if (left_ms <= 0 || poll(fds, 2, (int)left_ms) < 0 || fds[1].revents != 0) {
			break;
		}
		if (fds[0].revents != 0) {
			render_ring_awake(&link->replies);
			take_replies(link);
		}
	}
	wl_signal_emit_mutable(&link->events.replies_end, link);
}

// --- commands -----------------------------------------------------------------------------

static void waiting_destroy(struct render_link *link, struct waiting *waiting) {
	wl_list_remove(&waiting->link);
	link->waiting_bytes -= waiting->bytes;
	for (size_t i = 0; i < waiting->fds_len; i++) {
		close(waiting->fds[i]);
	}
	free(waiting);
}

/** Into the ring. Returns false when there is no room now. */
static bool write_command(struct render_link *link, uint32_t type, const struct iovec *pieces,
	size_t pieces_len, const int *fds, size_t fds_len) {
	if (!render_ring_write(&link->commands, type, pieces, pieces_len)) {
		return false;
	}
	// It waits for them when it comes to the command, which is not before the next flush.
	if (fds_len > 0 && !render_fds_send(link->socket_fd, fds, fds_len)) {
		hang_up(link);
	}
	return true;
}

static bool wait_for_room(struct render_link *link, bool front, uint32_t type,
	const struct iovec *pieces, size_t pieces_len, const int *fds, size_t fds_len) {
	const size_t bytes = iov_length(pieces, pieces_len);
	struct waiting *waiting = malloc(sizeof(*waiting) + bytes);
	if (waiting == NULL) {
		return false;
	}
	waiting->type = type;
	waiting->bytes = iov_read(pieces, pieces_len, 0, waiting->body, bytes);
	waiting->fds_len = 0;
	wl_list_insert(front ? &link->waiting : link->waiting.prev, &waiting->link);
	link->waiting_bytes += waiting->bytes;
	while (waiting->fds_len < fds_len) {
		const int fd = fcntl(fds[waiting->fds_len], F_DUPFD_CLOEXEC, 0);
		if (fd < 0) {
			waiting_destroy(link, waiting);
			return false;
		}
		waiting->fds[waiting->fds_len++] = fd;
	}
	return true;
}

/** Write what waits, as far as there is room. */
static void write_waiting(struct render_link *link) {
	struct waiting *waiting, *next;
	unsigned tries = 0;
	wl_list_for_each_safe (waiting, next, &link->waiting, link) {
		const struct iovec piece = {.iov_base = waiting->body, .iov_len = waiting->bytes};
		while (!write_command(
			link, waiting->type, &piece, 1, waiting->fds, waiting->fds_len)) {
			// Full, or broken: then the renderer's hang-up is all that comes.
			render_ring_publish(&link->commands);
			if (render_ring_sleep(&link->commands)) {
				return;
			}
			// A renderer that makes room, but never enough, gets another turn.
			if (++tries == TRIES_A_TURN) {
				eventfd_write(render_ring_fd(&link->commands), 1);
				return;
			}
		}
		waiting_destroy(link, waiting);
	}
}

static int handle_room(int fd, uint32_t mask, void *data) {
	struct render_link *link = data;
	render_ring_awake(&link->commands);
	render_link_flush(link);
	if (link->commands.broken) {
		lose(link, "the renderer broke the ring of commands");
	}
	return 0;
}

size_t render_link_max_bytes(void) {
	return RENDER_COMMAND_RING_BYTES / 2 - sizeof(struct render_ring_header);
}

bool render_link_has_room(const struct render_link *link, size_t bytes) {
	// What the guest does not send itself waits beyond the limit.
	return link->waiting_bytes <= RENDER_LINK_WAITING_MAX_BYTES &&
		bytes <= RENDER_LINK_WAITING_MAX_BYTES - link->waiting_bytes;
}

bool render_link_send(struct render_link *link, bool front, uint32_t type,
	const struct iovec *pieces, size_t pieces_len, const int *fds, size_t fds_len) {
	if (iov_length(pieces, pieces_len) > render_link_max_bytes() ||
		fds_len > RENDER_LINK_FDS_MAX) {
		return false;
	}
	if (render_link_is_connected(link) && (front || wl_list_empty(&link->waiting)) &&
		write_command(link, type, pieces, pieces_len, fds, fds_len)) {
		return true;
	}
	return wait_for_room(link, front, type, pieces, pieces_len, fds, fds_len);
}

void render_link_flush(struct render_link *link) {
	if (render_link_is_connected(link)) {
		write_waiting(link);
		render_ring_publish(&link->commands);
		if (link->commands.broken) {
			hang_up(link);
		}
	}
}

// --- life ---------------------------------------------------------------------------------

void render_link_init(struct render_link *link, struct wl_event_loop *loop) {
	*link = (struct render_link){.loop = loop, .socket_fd = -1};
	wl_list_init(&link->waiting);
	wl_signal_init(&link->events.reply);
	wl_signal_init(&link->events.replies_end);
	wl_signal_init(&link->events.lost);
}

void render_link_finish(struct render_link *link) {
	render_link_disconnect(link);
}

bool render_link_is_connected(const struct render_link *link) {
	return link->socket_fd >= 0;
}

static bool make_rings(struct render_link *link) {
	if (!render_ring_create(&link->commands, RENDER_RING_WRITER, RENDER_COMMAND_RING_BYTES)) {
		return false;
	}
	if (!render_ring_create(&link->replies, RENDER_RING_READER, RENDER_REPLY_RING_BYTES)) {
		render_ring_finish(&link->commands);
		return false;
	}
	return true;
}

static bool add_sources(struct render_link *link) {
	link->socket_source = wl_event_loop_add_fd(
		link->loop, link->socket_fd, WL_EVENT_READABLE, handle_socket, link);
	link->commands_source = wl_event_loop_add_fd(
		link->loop, render_ring_fd(&link->commands), WL_EVENT_READABLE, handle_room, link);
	link->replies_source = wl_event_loop_add_fd(link->loop, render_ring_fd(&link->replies),
		WL_EVENT_READABLE, handle_replies, link);
	return link->socket_source != NULL && link->commands_source != NULL &&
		link->replies_source != NULL;
}

bool render_link_connect(struct render_link *link, int socket_fd) {
	if (!make_rings(link)) {
		close(socket_fd);
		return false;
	}
	link->socket_fd = socket_fd;
	const struct render_ring_fds *commands = &link->commands.fds, *replies = &link->replies.fds;
	const int fds[] = {commands->memory, commands->reader_wakes, commands->writer_wakes,
		replies->memory, replies->reader_wakes, replies->writer_wakes};
	if (!add_sources(link) ||
		!render_fds_send(link->socket_fd, fds, sizeof(fds) / sizeof(fds[0]))) {
		render_link_disconnect(link);
		return false;
	}
	render_ring_sleep(&link->replies); // it is empty
	return true;
}

static void remove_source(struct wl_event_source **source) {
	if (*source != NULL) {
		wl_event_source_remove(*source);
		*source = NULL;
	}
}

void render_link_disconnect(struct render_link *link) {
	struct waiting *waiting, *next;
	wl_list_for_each_safe (waiting, next, &link->waiting, link) {
		waiting_destroy(link, waiting);
	}
	if (!render_link_is_connected(link)) {
		return;
	}
	remove_source(&link->socket_source);
	remove_source(&link->commands_source);
	remove_source(&link->replies_source);
	while (link->fds_len > 0) {
		close(link->fds[--link->fds_len]);
	}
	render_ring_finish(&link->commands);
	render_ring_finish(&link->replies);
	close(link->socket_fd);
	link->socket_fd = -1;
}

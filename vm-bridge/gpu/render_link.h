/*
 * The wire to a redecho-render: two rings and a socket (render_wire.h), and the commands for which
 * there was no room yet.
 *
 * There may be no renderer at the other end: then commands wait, up to a limit, until one is
 * connected. The renderer is not trusted: it runs what a guest sent.
 */
#ifndef RENDER_LINK_H
#define RENDER_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <wayland-server-core.h>

#include "render_fds.h"
#include "render_ring.h"
#include "render_wire.h"

/** Of the commands that wait, beyond those in the ring. */
#define RENDER_LINK_WAITING_MAX_BYTES (16u << 20)
#define RENDER_LINK_FDS_MAX RENDER_FDS_MAX
/** Of the fds that came and were not taken. */
#define RENDER_LINK_TAKEN_MAX 16

/** A reply, in private memory; good until the signal's listeners return. */
struct render_link_reply {
	uint32_t type; // enum render_reply
	const void *body;
	size_t bytes;
};

struct render_link {
	struct wl_event_loop *loop;
	int socket_fd; // -1: no renderer
	struct render_ring commands; // this side writes
	struct render_ring replies; // this side reads
	struct wl_event_source *socket_source, *commands_source, *replies_source;
	struct wl_list waiting; // commands, oldest first
	size_t waiting_bytes;
	int fds[RENDER_LINK_TAKEN_MAX]; // that came, the oldest first
	size_t fds_len;

	struct {
		struct wl_signal reply; // data: struct render_link_reply
		/** The replies that were there have all been told. data: struct render_link */
		struct wl_signal replies_end;
		/** The renderer has gone, or broke a rule. data: const char *, the reason */
		struct wl_signal lost;
	} events;
};

void render_link_init(struct render_link *link, struct wl_event_loop *loop);

/** Disconnects; nothing is signalled. */
void render_link_finish(struct render_link *link);

/**
 * Speak to a fresh renderer at the other end of a connected SOCK_SEQPACKET socket, which belongs
 * to the link from here on, also on failure. There must be none now. What waits goes on waiting
 * until render_link_flush().
 */
bool render_link_connect(struct render_link *link, int socket_fd);

/** Close everything. Commands that wait are dropped. Nothing is signalled. */
void render_link_disconnect(struct render_link *link);

bool render_link_is_connected(const struct render_link *link);

/** Whether one more command of this size may be sent, be it that it has to wait. */
bool render_link_has_room(const struct render_link *link, size_t bytes);

/** The largest command, all pieces together. */
size_t render_link_max_bytes(void);

/**
 * Send a command of pieces, with fds, which are duplicated. front: before everything that waits.
 * The renderer sees it after render_link_flush().
 *
 * Returns false when it is too large, or there is no memory, or the renderer has gone: that is
 * signalled in the next turn of the loop.
 */
bool render_link_send(struct render_link *link, bool front, uint32_t type,
	const struct iovec *pieces, size_t pieces_len, const int *fds, size_t fds_len);

/** Let the renderer see what was sent. */
void render_link_flush(struct render_link *link);

/** The oldest of the fds that came; it belongs to the caller. Below 0: there is none. */
int render_link_take_fd(struct render_link *link);

/** Read replies for at most timeout_ms, until done() says so. */
void render_link_drain(
	struct render_link *link, int timeout_ms, bool (*done)(void *data), void *data);

#endif

// Between renderer_remote.c and renderer_read.c.
#ifndef RENDERER_REMOTE_PRIVATE_H
#define RENDERER_REMOTE_PRIVATE_H

#include "renderer_remote.h"

/** A command or a read that is not answered yet. */
struct renderer_remote_slot {
	struct wl_list link; // of one of renderer_remote's lists
	uint64_t serial; // following: of the last fence before it
	struct renderer_answer answer; // queue NULL: a read, a finish or an export
	uint64_t content; // export: of the resource; else 0
	uint32_t resource; // export
	renderer_read_done read_done; // NULL: nobody wants to know
	void *read_data;
};

/** A free slot, put at the end of a list. The caller has seen that there is one. */
struct renderer_remote_slot *renderer_remote_take_slot(
	struct renderer_remote *remote, struct wl_list *list);

/** A slot for the command with the serial, the one sent last: done is told when it is done. */
struct renderer_remote_slot *renderer_remote_await(
	struct renderer_remote *remote, uint64_t serial, renderer_read_done done, void *data);

/** A command that nobody waits for. front: before everything that waits. */
bool renderer_remote_send_plain(struct renderer_remote *remote, bool front, uint32_t type,
	const struct iovec *pieces, size_t pieces_len, const int *fds, size_t fds_len);

/** RENDER_EXPORTED came for a slot that runs; false: it is none. */
bool renderer_remote_take_export(struct renderer_remote *remote,
	const struct renderer_remote_slot *slot, const struct render_exported *info);

/** An export is done, well or not: tell of it. */
void renderer_remote_end_export(
	struct renderer_remote *remote, const struct renderer_remote_slot *slot, bool ok);

/** Something is under way: see that it gets on. */
void renderer_remote_watch(struct renderer_remote *remote);

/** The renderer that had images is gone. */
void renderer_remote_forget_images(struct renderer_remote *remote);

#endif

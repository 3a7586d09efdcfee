/*
 * 3D, drawn by a process of its own: redecho-render.
 *
 * Commands go to it in order, without waiting; each is answered when the renderer has run it, a
 * fenced one when the GPU has. Nothing here ever waits for the renderer: one that does not answer
 * for RENDERER_REMOTE_PATIENCE_MS is given up, with every context in it; what the guest waits for
 * is answered with an error, and the guest's next context gets a fresh one.
 */
#ifndef RENDERER_REMOTE_H
#define RENDERER_REMOTE_H

#include <linux/virtio_gpu.h>
#include <pixman.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "image.h"
#include "memory.h"
#include "render_link.h"
#include "virtqueue.h"

#define RENDERER_REMOTE_CONTEXTS_MAX 64
/** Of commands and reads that are not answered yet; more than the guest's queue has entries. */
#define RENDERER_REMOTE_ANSWERS_MAX 512
#define RENDERER_REMOTE_PATIENCE_MS 10000
/** That a renderer has to finish in when the guest is paused. */
#define RENDERER_REMOTE_DRAIN_MS 100

enum renderer_remote_state {
	RENDERER_REMOTE_ABSENT,
	RENDERER_REMOTE_WANTED, // it was asked for
	RENDERER_REMOTE_STARTING, // it is connected, and has not said that it is ready
	RENDERER_REMOTE_READY,
};

struct renderer_capset {
	uint32_t id, version; // virtio 1.3, VIRTIO_GPU_CAPSET_*
	uint32_t bytes;
	uint8_t data[RENDER_CAPSET_MAX_BYTES];
};

/** Where the type in a response's header lies in guest memory: it may be scattered. */
struct renderer_type_place {
	uint64_t guest_address[sizeof(uint32_t)]; // of each byte
	bool known;
};

/**
 * The answer to a command: already written into its buffers, as if all went well.
 */
struct renderer_answer {
	struct virtqueue *queue;
	struct virtqueue_token token;
	uint32_t written_bytes;
	struct renderer_type_place place;
	bool fenced;
	/** Of a fenced one: its fence is one of those that signal in order. */
	bool in_order;
	uint32_t context; // the command's
	bool ends_context; // with every fence in it
};

/** A renderer was given up. */
struct renderer_lost_event {
	const char *reason; // a static string
	bool was_there; // else it was only waited for
};

/** A read ended; ok: the pixels are in the image. Or all that was to be drawn has been drawn. */
typedef void (*renderer_read_done)(void *data, bool ok);

/** A resource's own memory, as a dmabuf that has been checked. */
struct renderer_export {
	uint64_t content; // of the resource
	uint32_t resource;
	int fd; // -1: there is none; a listener that takes it sets that
	struct render_exported info; // its serial is of no use
	uint64_t size_bytes; // of the dmabuf: enough for what info says
};

struct renderer_remote_slot;

/** An image that the renderer can write to. */
struct renderer_remote_image {
	struct renderer_remote *remote;
	struct image *image; // NULL: free
	struct wl_listener destroy; // image.events.destroy
};

struct renderer_remote {
	struct wl_event_loop *loop;
	struct memory *memory; // not owned
	struct render_link link;
	enum renderer_remote_state state;
	bool deferred; // there was no room for something, which is to be sent later
	bool refused; // the last one that was asked for did not come
	uint64_t last_serial; // of the commands sent
	uint64_t done_serial; // of the commands run

	struct renderer_capset capsets[RENDER_CAPSETS_MAX];
	uint32_t capsets_len; // those that came
	uint32_t capsets_expected;

	uint32_t contexts[RENDERER_REMOTE_CONTEXTS_MAX];
	uint32_t contexts_len;

	struct renderer_remote_slot *slots; // RENDERER_REMOTE_ANSWERS_MAX
	struct wl_list free; // slots
	struct wl_list running; // slots, by serial
	struct wl_list fencing; // slots that ran, and wait for their fences
	struct wl_list following; // slots of other commands, which wait for fences before them

	struct renderer_remote_image images[RENDER_IMAGES_MAX];
	unsigned next_image;

	struct wl_event_source *watchdog;
	int patience_ms; // RENDERER_REMOTE_PATIENCE_MS, but in tests
	int drain_ms; // RENDERER_REMOTE_DRAIN_MS, but in tests
	bool watching;
	uint64_t progress; // while it starts: what it said
	/** What the watchdog saw when it last looked. */
	struct {
		uint64_t progress;
		uint64_t running, fencing; // serials of the oldest; 0: none
	} watched;

	struct renderer_export exported; // what came, until its command is done
	unsigned exporting; // exports that are not done

	struct virtqueue *pushed; // to be notified; NULL: none
	uint64_t read_bytes; // that were read into images

	struct {
		/** A renderer is needed, and there is none. data: struct renderer_remote */
		struct wl_signal wanted;
		/** It was given up, with all that was in it. data: struct renderer_lost_event */
		struct wl_signal lost;
		/** What was to be sent later may be sent now. data: struct renderer_remote */
		struct wl_signal resumed;
		/** An export ended; without an fd, in vain. data: struct renderer_export */
		struct wl_signal exported;
		/** A read ended. data: struct renderer_remote */
		struct wl_signal read_ended;
	} events;

	struct wl_listener reply; // render_link.events.reply
	struct wl_listener replies_end; // render_link.events.replies_end
	struct wl_listener link_lost; // render_link.events.lost
};

/** memory must outlive it. Returns NULL out of memory. */
struct renderer_remote *renderer_remote_create(struct wl_event_loop *loop, struct memory *memory);
void renderer_remote_destroy(struct renderer_remote *remote); // may be NULL

/** A fresh renderer's socket, which belongs to remote from here on. It replaces the one there is. */
void renderer_remote_connect(struct renderer_remote *remote, int socket_fd);

/**
 * Have a renderer started if there is none. Returns false if the last one that was asked for did
 * not come: then nothing is to be waited for.
 */
bool renderer_remote_want(struct renderer_remote *remote);

/** The memory table changed. */
void renderer_remote_set_memory(struct renderer_remote *remote);

/** The device was reset: every context and resource is gone. */
void renderer_remote_reset(struct renderer_remote *remote);

bool renderer_remote_has_context(const struct renderer_remote *remote, uint32_t context);

/** Returns false when there are too many. */
bool renderer_remote_add_context(struct renderer_remote *remote, uint32_t context);
void renderer_remote_remove_context(struct renderer_remote *remote, uint32_t context);

/** Whether a command of this size, all in all, may be sent now; if not, resumed is signalled. */
bool renderer_remote_has_room(struct renderer_remote *remote, size_t bytes);

/**
 * Send a command: body begins with a struct render_header, whose serial is set here, and is
 * followed by pieces. renderer_remote_flush() has to follow.
 *
 * Returns the serial, or 0 when it is too large or there is no memory.
 */
uint64_t renderer_remote_send(struct renderer_remote *remote, uint32_t type, void *body,
	size_t body_bytes, const struct iovec *pieces, size_t pieces_len);

/** Give the answer when the command with the serial, the one sent last, is done. */
void renderer_remote_answer(
	struct renderer_remote *remote, uint64_t serial, const struct renderer_answer *answer);

/**
 * Give the answer to a fenced command of another kind, now or after those fences that signal in
 * order and were made before it.
 */
void renderer_remote_follow(struct renderer_remote *remote, const struct renderer_answer *answer);

/**
 * Read a box of a resource, which lies in both, into the image at the same place. The image is
 * not to be written or shown until done is called, in a later turn of the loop.
 *
 * Returns false when there is no renderer, or no room.
 */
bool renderer_remote_read(struct renderer_remote *remote, uint32_t resource, struct image *image,
	const struct pixman_box32 *box, renderer_read_done done, void *data);

/**
 * Wait until the GPU is done with all that was sent before: done is called, as for a read.
 *
 * Returns false when there is no renderer, or no room.
 */
bool renderer_remote_finish(struct renderer_remote *remote, renderer_read_done done, void *data);

/**
 * Have a resource exported; content is what exported tells of it. Returns false when there is no
 * renderer, or no room, or too many are under way: it may be tried again.
 */
bool renderer_remote_export(struct renderer_remote *remote, uint32_t resource, uint64_t content);

/** Forget who is to be told of reads: data goes away. */
void renderer_remote_cancel_reads(struct renderer_remote *remote, void *data);

/** Let the renderer see what was sent. */
void renderer_remote_flush(struct renderer_remote *remote);

/**
 * Answer everything that is held of a queue. The renderer has a moment to finish first, so that
 * it writes to no memory that the guest believes its own again.
 */
void renderer_remote_release(struct renderer_remote *remote, struct virtqueue *queue);

#endif

/*
 * The kernel half of the fake guest's OpenGL driver: contexts, resources, transfers and command
 * streams as Linux's driver sends them, without waiting for each other.
 *
 * virtio 1.3, 5.7 "GPU Device", the commands of VIRTIO_GPU_F_VIRGL.
 */
#ifndef FAKE_GL_H
#define FAKE_GL_H

#include <linux/virtio_gpu.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake_guest.h"

/** Mesa's longest command stream is of 65 Ki dwords and one transfer more. */
#define FAKE_GL_STREAM_BYTES (288 << 10)
#define FAKE_GL_STREAMS 64
#define FAKE_GL_HOLES 4096

/** Guest memory that is used by nobody. */
struct fake_gl_hole {
	uint64_t guest_address, size_bytes;
};

/** What is to be done when the device has answered a command. */
struct fake_gl_pending {
	bool fenced;
	int stream; // to be free again; -1: none
	struct fake_gl_hole memory; // the same; size_bytes 0: none
	uint32_t type; // of the command
};

struct fake_gl {
	struct fake_device *device;
	struct fake_gl_pending pending[FAKE_QUEUE_MAX_SIZE]; // by the chain's head
	uint64_t streams; // guest address of FAKE_GL_STREAMS
	uint64_t streams_free; // a bit for each
	struct fake_gl_hole holes[FAKE_GL_HOLES]; // by address, no two of them neighbours
	size_t holes_len;
	uint64_t fences_sent, fences_done;
	uint64_t commands, submits, waits, refused; // so far
};

struct fake_gl_box {
	uint32_t level, stride, layer_stride;
	struct virtio_gpu_box box;
	uint64_t offset_bytes; // into the backing
};

/**
 * Use a device that was started with VIRTIO_GPU_F_VIRGL, and memory_bytes of the guest's upper
 * region for the resources' backing. Both stay the caller's.
 */
void fake_gl_init(struct fake_gl *gl, struct fake_device *device, uint64_t memory_bytes);

/**
 * The newest version of a capset into bytes, at most size_bytes of it, and the rest zero.
 * Returns its size; 0: the device has none of that id.
 */
uint32_t fake_gl_capset(struct fake_gl *gl, uint32_t id, void *bytes, uint32_t size_bytes);

/** A context for capset virgl2, its name cut to 63 bytes. */
void fake_gl_context_create(struct fake_gl *gl, uint32_t context, const char *name);
void fake_gl_context_destroy(struct fake_gl *gl, uint32_t context);

/**
 * Create a resource with contiguous backing of so many bytes (0: none) and attach it to a
 * context. Returns the backing's guest address, in the upper region; 0: there is none.
 */
uint64_t fake_gl_resource_create(struct fake_gl *gl, uint32_t context,
	const struct virtio_gpu_resource_create_3d *resource, uint64_t backing_bytes);

/** The backing is used again once the device has answered. */
void fake_gl_resource_destroy(struct fake_gl *gl, uint32_t context, uint32_t resource,
	uint64_t backing, uint64_t backing_bytes);

/** Fenced, as Linux does it. */
void fake_gl_transfer(struct fake_gl *gl, uint32_t context, uint32_t resource, bool to_host,
	const struct fake_gl_box *box);

/** Fenced. Returns false where the stream is longer than FAKE_GL_STREAM_BYTES. */
bool fake_gl_submit(
	struct fake_gl *gl, uint32_t context, const void *stream, uint32_t stream_bytes);

/** Whether a fenced command is not done. */
bool fake_gl_busy(struct fake_gl *gl);

/** Wait until every fenced command is done. Ends the process when the device does not answer. */
void fake_gl_wait(struct fake_gl *gl);

/** Wait until every command is answered. */
void fake_gl_finish(struct fake_gl *gl);

#endif

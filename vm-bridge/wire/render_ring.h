/*
 * A queue of messages in memory that two processes share: one writes, the other reads.
 *
 * Neither trusts the other. What a process reads of the shared memory is read once, into private
 * memory, and then checked; its own position it keeps for itself. A peer that writes rubbish gets
 * its ring called broken, one that writes nothing lets it stand still, and no more.
 *
 * A side that has nothing to do sleeps on its eventfd, which is written only when it said that it
 * sleeps: no system call is made while both are awake.
 */
#ifndef RENDER_RING_H
#define RENDER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/** Of a ring's bytes: a power of two. */
#define RENDER_RING_MIN_BYTES 4096
#define RENDER_RING_MAX_BYTES (64 << 20)

struct render_ring_shared;

/** What the processes share: a sealed memfd, and an eventfd for either side to wake. */
struct render_ring_fds {
	int memory, reader_wakes, writer_wakes;
};

enum render_ring_side {
	RENDER_RING_READER,
	RENDER_RING_WRITER,
};

struct render_ring {
	enum render_ring_side side;
	struct render_ring_fds fds; // owned
	struct render_ring_shared *shared;
	uint32_t capacity_bytes;
	uint32_t position; // of this side, in bytes since the beginning; wraps
	uint32_t seen; // of the peer's position, when it was last looked at
	bool broken; // the peer wrote what no peer may
};

/** A message begins with this; bytes counts it, and what fills the message up to 8. */
struct render_ring_header {
	uint32_t bytes;
	uint32_t type;
};

enum render_ring_result {
	RENDER_RING_OK,
	RENDER_RING_EMPTY,
	RENDER_RING_BROKEN,
};

/**
 * Make a ring, and be one of its sides. Returns false with errno; then nothing is left.
 */
bool render_ring_create(
	struct render_ring *ring, enum render_ring_side side, uint32_t capacity_bytes);

/**
 * Be the other side. The fds belong to the ring from here on, also on failure.
 *
 * Returns false when the memory is no sealed file of a ring's size, or out of memory.
 */
bool render_ring_open(
	struct render_ring *ring, enum render_ring_side side, const struct render_ring_fds *fds);

void render_ring_finish(struct render_ring *ring);

/** The eventfd that becomes readable when this side is to go on after it slept. */
int render_ring_fd(const struct render_ring *ring);

/**
 * The largest message that the ring can take at all, its header not counted: half of it, so that
 * a writer need not wait until it is empty.
 */
size_t render_ring_max_bytes(const struct render_ring *ring);

/**
 * Put a message into the ring, of the pieces one after the other. False when there is no room
 * now, or the ring is broken; then nothing was written.
 */
bool render_ring_write(
	struct render_ring *ring, uint32_t type, const struct iovec *pieces, size_t pieces_len);

/** Let the reader see what was written, and wake it if it sleeps. */
void render_ring_publish(struct render_ring *ring);

/**
 * Take a message out, into body, which has room for body_max bytes; *body_bytes is what it has,
 * with up to 7 bytes that fill it up. A message that is too long makes the ring broken.
 */
enum render_ring_result render_ring_read(
	struct render_ring *ring, uint32_t *type, void *body, size_t body_max, size_t *body_bytes);

/**
 * This side is about to sleep on its fd: the reader because it is empty, the writer because it is
 * full. False: the peer has moved meanwhile, and it must look again.
 */
bool render_ring_sleep(struct render_ring *ring);

/** It was woken: empty the eventfd. */
void render_ring_awake(struct render_ring *ring);

#endif

#include "render_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALIGN 8u

// Positions on cache lines of their own: each is written by one side.
struct render_ring_shared {
	_Alignas(64) atomic_uint written;
	_Alignas(64) atomic_uint read;
	_Alignas(64) atomic_uint sleeps[2]; // by enum render_ring_side
	_Alignas(64) uint8_t data[];
};

static size_t file_bytes(uint32_t capacity_bytes) {
	return sizeof(struct render_ring_shared) + capacity_bytes;
}

static bool is_capacity(uint64_t bytes) {
	return bytes >= RENDER_RING_MIN_BYTES && bytes <= RENDER_RING_MAX_BYTES &&
		(bytes & (bytes - 1)) == 0;
}

// --- making one ---------------------------------------------------------------------------

static void close_fds(struct render_ring_fds *fds) {
	int *const all[] = {&fds->memory, &fds->reader_wakes, &fds->writer_wakes};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (*all[i] >= 0) {
			close(*all[i]);
		}
		*all[i] = -1;
	}
}

static bool map(struct render_ring *ring) {
	void *shared = mmap(NULL, file_bytes(ring->capacity_bytes), PROT_READ | PROT_WRITE,
		MAP_SHARED, ring->fds.memory, 0);
	if (shared == MAP_FAILED) {
		return false;
	}
	ring->shared = shared;
	return true;
}

bool render_ring_create(
	struct render_ring *ring, enum render_ring_side side, uint32_t capacity_bytes) {
	*ring = (struct render_ring){
		.side = side,
		.fds = {-1, -1, -1},
		.capacity_bytes = capacity_bytes,
	};
	if (!is_capacity(capacity_bytes)) {
		errno = EINVAL;
		return false;
	}
	const int flags = EFD_CLOEXEC | EFD_NONBLOCK;
	ring->fds.memory = memfd_create("redecho-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ring->fds.reader_wakes = eventfd(0, flags);
	ring->fds.writer_wakes = eventfd(0, flags);
	if (ring->fds.memory < 0 || ring->fds.reader_wakes < 0 || ring->fds.writer_wakes < 0 ||
		ftruncate(ring->fds.memory, (off_t)file_bytes(capacity_bytes)) < 0 ||
		fcntl(ring->fds.memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) <
			0 ||
		!map(ring)) {
		const int error = errno;
		close_fds(&ring->fds);
		errno = error;
		return false;
	}
	return true;
}

// A file that could shrink would end whoever reads of it.
static bool is_sealed(int fd) {
	const int seals = fcntl(fd, F_GET_SEALS);
	return seals >= 0 && (seals & F_SEAL_SHRINK) != 0;
}

bool render_ring_open(
	struct render_ring *ring, enum render_ring_side side, const struct render_ring_fds *fds) {
	*ring = (struct render_ring){.side = side, .fds = *fds};
	struct stat stat;
	if (fstat(fds->memory, &stat) == 0 && is_sealed(fds->memory) &&
		stat.st_size > (off_t)sizeof(struct render_ring_shared)) {
		const uint64_t bytes = (uint64_t)stat.st_size - sizeof(struct render_ring_shared);
		if (is_capacity(bytes)) {
			ring->capacity_bytes = (uint32_t)bytes;
			if (map(ring)) {
				return true;
			}
		}
	}
	close_fds(&ring->fds);
	return false;
}

void render_ring_finish(struct render_ring *ring) {
	if (ring->shared != NULL) {
		munmap(ring->shared, file_bytes(ring->capacity_bytes));
		ring->shared = NULL;
	}
	close_fds(&ring->fds);
}

// --- bytes --------------------------------------------------------------------------------

static void copy_in(struct render_ring *ring, uint32_t at, const void *from, size_t bytes) {
	if (bytes == 0) {
		return; // then from may be NULL
	}
	const uint32_t offset = at & (ring->capacity_bytes - 1);
	const size_t first = bytes < ring->capacity_bytes - offset ? bytes
								   : ring->capacity_bytes - offset;
	memcpy(ring->shared->data + offset, from, first);
	memcpy(ring->shared->data, (const uint8_t *)from + first, bytes - first);
}

static void copy_out(const struct render_ring *ring, uint32_t at, void *to, size_t bytes) {
	const uint32_t offset = at & (ring->capacity_bytes - 1);
	const size_t first = bytes < ring->capacity_bytes - offset ? bytes
								   : ring->capacity_bytes - offset;
	memcpy(to, ring->shared->data + offset, first);
	memcpy((uint8_t *)to + first, ring->shared->data, bytes - first);
}

// The bytes between the sides, by what the peer says; false: no peer may say that.
static bool fill(struct render_ring *ring, uint32_t *bytes) {
	const bool reader = ring->side == RENDER_RING_READER;
	const uint32_t peer = atomic_load_explicit(
		reader ? &ring->shared->written : &ring->shared->read, memory_order_acquire);
	ring->seen = peer;
	*bytes = reader ? peer - ring->position : ring->position - peer;
	if (*bytes > ring->capacity_bytes || peer % ALIGN != 0) {
		ring->broken = true;
	}
	return !ring->broken;
}

size_t render_ring_max_bytes(const struct render_ring *ring) {
	return ring->capacity_bytes / 2 - sizeof(struct render_ring_header);
}

bool render_ring_write(
	struct render_ring *ring, uint32_t type, const struct iovec *pieces, size_t pieces_len) {
	size_t body = 0;
	for (size_t i = 0; i < pieces_len; i++) {
		body += pieces[i].iov_len;
	}
	uint32_t used;
	if (ring->broken || body > render_ring_max_bytes(ring) || !fill(ring, &used)) {
		return false;
	}
	const struct render_ring_header header = {
		.bytes = (uint32_t)((sizeof(header) + body + ALIGN - 1) & ~(size_t)(ALIGN - 1)),
		.type = type,
	};
	if (header.bytes > ring->capacity_bytes - used) {
		return false;
	}
	uint32_t at = ring->position;
	copy_in(ring, at, &header, sizeof(header));
	at += sizeof(header);
	for (size_t i = 0; i < pieces_len; i++) {
		copy_in(ring, at, pieces[i].iov_base, pieces[i].iov_len);
		at += (uint32_t)pieces[i].iov_len;
	}
	static const uint8_t zeros[ALIGN];
	copy_in(ring, at, zeros, ring->position + header.bytes - at);
	ring->position += header.bytes;
	return true;
}

enum render_ring_result render_ring_read(
	struct render_ring *ring, uint32_t *type, void *body, size_t body_max, size_t *body_bytes) {
	uint32_t available;
	if (ring->broken || !fill(ring, &available)) {
		return RENDER_RING_BROKEN;
	}
	if (available == 0) {
		return RENDER_RING_EMPTY;
	}
	struct render_ring_header header;
	if (available >= sizeof(header)) {
		copy_out(ring, ring->position, &header, sizeof(header));
	}
	if (available < sizeof(header) || header.bytes < sizeof(header) ||
		header.bytes % ALIGN != 0 || header.bytes > available ||
		header.bytes - sizeof(header) > body_max) {
		ring->broken = true;
		return RENDER_RING_BROKEN;
	}
	*type = header.type;
	*body_bytes = header.bytes - sizeof(header);
	copy_out(ring, ring->position + (uint32_t)sizeof(header), body, *body_bytes);
	ring->position += header.bytes;
	render_ring_publish(ring);
	return RENDER_RING_OK;
}

// --- sleeping and waking ------------------------------------------------------------------

static atomic_uint *own_position(struct render_ring *ring) {
	return ring->side == RENDER_RING_READER ? &ring->shared->read : &ring->shared->written;
}

void render_ring_publish(struct render_ring *ring) {
	const enum render_ring_side peer = ring->side == RENDER_RING_READER ? RENDER_RING_WRITER
									    : RENDER_RING_READER;
	// In one order with the peer's sleep and its look: one of the two sees the other.
	atomic_store(own_position(ring), ring->position);
	if (atomic_load(&ring->shared->sleeps[peer]) != 0 &&
		atomic_exchange(&ring->shared->sleeps[peer], 0) != 0) {
		const uint64_t one = 1;
		const int fd = peer == RENDER_RING_READER ? ring->fds.reader_wakes
							  : ring->fds.writer_wakes;
		// Full, it is readable as well.
		(void)!write(fd, &one, sizeof(one));
	}
}

int render_ring_fd(const struct render_ring *ring) {
	return ring->side == RENDER_RING_READER ? ring->fds.reader_wakes : ring->fds.writer_wakes;
}

bool render_ring_sleep(struct render_ring *ring) {
	if (ring->broken) {
		return true;
	}
	const bool reader = ring->side == RENDER_RING_READER;
	atomic_uint *peer = reader ? &ring->shared->written : &ring->shared->read;
	atomic_store(&ring->shared->sleeps[ring->side], 1);
	// What it found empty, or full, is so still.
	if (atomic_load(peer) == ring->seen) {
		return true;
	}
	atomic_store(&ring->shared->sleeps[ring->side], 0);
	return false;
}

void render_ring_awake(struct render_ring *ring) {
	uint64_t count;
	(void)!read(render_ring_fd(ring), &count, sizeof(count));
}

// The ring between a bridge and its renderer: every byte, in order, whatever the peer does.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// cmocka.h wants the ones above
#include <cmocka.h>

#include "render_ring.h"

enum { CAPACITY = RENDER_RING_MIN_BYTES };

// As the other process has them: duplicates.
static struct render_ring_fds duplicate(const struct render_ring *ring) {
	const struct render_ring_fds fds = {
		.memory = dup(ring->fds.memory),
		.reader_wakes = dup(ring->fds.reader_wakes),
		.writer_wakes = dup(ring->fds.writer_wakes),
	};
	assert_true(fds.memory >= 0 && fds.reader_wakes >= 0 && fds.writer_wakes >= 0);
	return fds;
}

struct pair {
	struct render_ring writer, reader;
};

static void open_pair(struct pair *pair) {
	assert_true(render_ring_create(&pair->writer, RENDER_RING_WRITER, CAPACITY));
	const struct render_ring_fds fds = duplicate(&pair->writer);
	assert_true(render_ring_open(&pair->reader, RENDER_RING_READER, &fds));
}

static void close_pair(struct pair *pair) {
	render_ring_finish(&pair->writer);
	render_ring_finish(&pair->reader);
}

static bool put(struct render_ring *ring, uint32_t type, const void *body, size_t bytes) {
	const struct iovec pieces[] = {
		{.iov_base = (void *)body, .iov_len = bytes / 2},
		{.iov_base = (uint8_t *)body + bytes / 2, .iov_len = bytes - bytes / 2},
	};
	return render_ring_write(ring, type, pieces, 2);
}

static bool readable(int fd) {
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	return poll(&poll_fd, 1, 0) == 1;
}

// --- messages -----------------------------------------------------------------------------

static void test_messages(void **state) {
	struct pair pair;
	open_pair(&pair);
	uint8_t body[64];
	uint32_t type;
	size_t bytes;
	assert_int_equal(render_ring_read(&pair.reader, &type, body, sizeof(body), &bytes),
		RENDER_RING_EMPTY);
	assert_true(put(&pair.writer, 7, "abc", 3));
	// Not before it is published.
	assert_int_equal(render_ring_read(&pair.reader, &type, body, sizeof(body), &bytes),
		RENDER_RING_EMPTY);
	assert_true(put(&pair.writer, 8, NULL, 0));
	render_ring_publish(&pair.writer);
	assert_int_equal(
		render_ring_read(&pair.reader, &type, body, sizeof(body), &bytes), RENDER_RING_OK);
	assert_int_equal(type, 7);
	assert_int_equal(bytes, 8);
	assert_memory_equal(body, "abc\0\0\0\0\0", 8);
	assert_int_equal(
		render_ring_read(&pair.reader, &type, body, sizeof(body), &bytes), RENDER_RING_OK);
	assert_int_equal(type, 8);
	assert_int_equal(bytes, 0);
	close_pair(&pair);
}

// Full is full, and nothing of what does not fit is written.
static void test_full(void **state) {
	struct pair pair;
	open_pair(&pair);
	const size_t max = render_ring_max_bytes(&pair.writer);
	uint8_t *body = malloc(max + 1);
	assert_non_null(body);
	memset(body, 0x5a, max + 1);
	assert_false(put(&pair.writer, 1, body, max + 1));
	assert_true(put(&pair.writer, 1, body, max));
	assert_true(put(&pair.writer, 2, body, max));
	assert_false(put(&pair.writer, 3, NULL, 0));
	render_ring_publish(&pair.writer);
	uint32_t type;
	size_t bytes;
	for (uint32_t i = 1; i <= 2; i++) {
		memset(body, 0, max);
		assert_int_equal(
			render_ring_read(&pair.reader, &type, body, max, &bytes), RENDER_RING_OK);
		assert_int_equal(type, i);
		assert_int_equal(bytes, max);
		assert_int_equal(body[0], 0x5a);
		assert_int_equal(body[max - 1], 0x5a);
	}
	assert_int_equal(
		render_ring_read(&pair.reader, &type, body, max, &bytes), RENDER_RING_EMPTY);
	assert_true(put(&pair.writer, 3, NULL, 0));
	free(body);
	close_pair(&pair);
}

// A side is woken when it sleeps, and only then.
static void test_waking(void **state) {
	struct pair pair;
	open_pair(&pair);
	uint8_t body[RENDER_RING_MIN_BYTES];
	uint32_t type;
	size_t bytes;
	const int fd = render_ring_fd(&pair.reader);
	assert_true(put(&pair.writer, 1, NULL, 0));
	render_ring_publish(&pair.writer);
	assert_false(readable(fd));
	assert_int_equal(
		render_ring_read(&pair.reader, &type, body, sizeof(body), &bytes), RENDER_RING_OK);
	assert_int_equal(render_ring_read(&pair.reader, &type, body, sizeof(body), &bytes),
		RENDER_RING_EMPTY);
	assert_true(render_ring_sleep(&pair.reader));
	assert_true(put(&pair.writer, 2, NULL, 0));
	assert_false(readable(fd));
	render_ring_publish(&pair.writer);
	assert_true(readable(fd));
	render_ring_awake(&pair.reader);
	assert_false(readable(fd));
	// What came after it looked keeps it awake.
	assert_false(render_ring_sleep(&pair.reader));

	const size_t max = render_ring_max_bytes(&pair.writer);
	while (put(&pair.writer, 3, body, max)) {
		render_ring_publish(&pair.writer);
	}
	// The reader moves between the failure and the sleep.
	assert_int_equal(
		render_ring_read(&pair.reader, &type, body, sizeof(body), &bytes), RENDER_RING_OK);
	assert_false(render_ring_sleep(&pair.writer));
	while (put(&pair.writer, 3, body, max)) {
		render_ring_publish(&pair.writer);
	}
	assert_true(render_ring_sleep(&pair.writer));
	assert_false(readable(render_ring_fd(&pair.writer)));
	assert_int_equal(
		render_ring_read(&pair.reader, &type, body, sizeof(body), &bytes), RENDER_RING_OK);
	assert_true(readable(render_ring_fd(&pair.writer)));
	close_pair(&pair);
}

// --- two threads --------------------------------------------------------------------------

enum { MESSAGES = 20000 };

static uint32_t next(uint32_t *random) {
	*random = *random * 1664525 + 1013904223;
	return *random >> 8;
}

static void wait_awake(struct render_ring *ring) {
	while (render_ring_sleep(ring)) {
		struct pollfd poll_fd = {.fd = render_ring_fd(ring), .events = POLLIN};
		if (poll(&poll_fd, 1, 20000) != 1) {
			abort(); // a wake-up was lost
		}
		render_ring_awake(ring);
		return;
	}
}

static void *write_all(void *data) {
	struct render_ring *ring = data;
	uint32_t random = 1;
	uint8_t body[1500];
	for (uint32_t i = 0; i < MESSAGES; i++) {
		const size_t bytes = next(&random) % sizeof(body);
		for (size_t j = 0; j < bytes; j++) {
			body[j] = (uint8_t)(i + j);
		}
		while (!put(ring, i, body, bytes)) {
			render_ring_publish(ring);
			wait_awake(ring);
		}
		if (next(&random) % 3 == 0) {
			render_ring_publish(ring);
		}
	}
	render_ring_publish(ring);
	return NULL;
}

static void test_threads(void **state) {
	struct pair pair;
	open_pair(&pair);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, write_all, &pair.writer), 0);
	uint32_t random = 1;
	for (uint32_t i = 0; i < MESSAGES; i++) {
		uint8_t body[2048];
		uint32_t type;
		size_t bytes;
		enum render_ring_result result;
		while ((result = render_ring_read(&pair.reader, &type, body, sizeof(body),
				&bytes)) == RENDER_RING_EMPTY) {
			wait_awake(&pair.reader);
		}
		assert_int_equal(result, RENDER_RING_OK);
		assert_int_equal(type, i);
		const size_t expected = next(&random) % 1500;
		next(&random);
		assert_int_equal(bytes, (expected + 7) & ~(size_t)7);
		for (size_t j = 0; j < expected; j++) {
			assert_int_equal(body[j], (uint8_t)(i + j));
		}
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	close_pair(&pair);
}

// --- peers that lie -----------------------------------------------------------------------

static uint8_t *map_raw(const struct render_ring *ring, size_t bytes) {
	void *raw = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fds.memory, 0);
	assert_true(raw != MAP_FAILED);
	return raw;
}

static void test_rubbish(void **state) {
	uint32_t random = 42;
	const size_t bytes = CAPACITY + 192;
	int broken = 0, taken = 0;
	for (int round = 0; round < 2000; round++) {
		struct pair pair;
		open_pair(&pair);
		uint8_t *raw = map_raw(&pair.writer, bytes);
		put(&pair.writer, 1, raw, next(&random) % 100);
		render_ring_publish(&pair.writer);
		for (int i = 0; i < 4; i++) {
			// Positions and the first header more often than the rest.
			const size_t at = next(&random) % 3 == 0 ? next(&random) % bytes
				: next(&random) % 2 == 0         ? next(&random) % 4
								 : 192 + next(&random) % 8;
			raw[at] = (uint8_t)next(&random);
			uint8_t body[512];
			uint32_t type;
			size_t body_bytes;
			switch (render_ring_read(
				&pair.reader, &type, body, sizeof(body), &body_bytes)) {
			case RENDER_RING_OK:
				assert_true(body_bytes <= sizeof(body));
				taken++;
				break;
			case RENDER_RING_BROKEN:
				broken++;
				break;
			default:
				break;
			}
			put(&pair.writer, 2, body, next(&random) % sizeof(body));
		}
		assert_int_equal(munmap(raw, bytes), 0);
		close_pair(&pair);
	}
	// Both ends of the road were seen.
	assert_true(broken > 100 && taken > 100);
}

// Broken stays broken.
static void test_broken(void **state) {
	struct pair pair;
	open_pair(&pair);
	uint32_t *raw = (uint32_t *)map_raw(&pair.writer, 192);
	raw[0] = CAPACITY + 8;
	uint8_t body[8];
	uint32_t type;
	size_t bytes;
	assert_int_equal(render_ring_read(&pair.reader, &type, body, sizeof(body), &bytes),
		RENDER_RING_BROKEN);
	raw[0] = 0;
	assert_int_equal(render_ring_read(&pair.reader, &type, body, sizeof(body), &bytes),
		RENDER_RING_BROKEN);
	// The writer is told lies as well.
	raw[16] = 64;
	assert_false(put(&pair.writer, 1, NULL, 0));
	assert_true(pair.writer.broken);
	assert_int_equal(munmap(raw, 192), 0);
	close_pair(&pair);
}

// Each one alone breaks the ring, and writes nothing beyond the reader's room.
static void test_bad_headers(void **state) {
	static const uint32_t lengths[] = {0, 4, 12, 24, 16 + 8, CAPACITY, UINT32_MAX - 7};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct pair pair;
		open_pair(&pair);
		uint32_t *raw = (uint32_t *)map_raw(&pair.writer, CAPACITY + 192);
		assert_true(put(&pair.writer, 1, "12345678", 8)); // 16 bytes with its header
		render_ring_publish(&pair.writer);
		raw[48] = lengths[i];
		uint8_t body[64];
		uint32_t type;
		size_t bytes;
		assert_int_equal(render_ring_read(&pair.reader, &type, body, sizeof(body), &bytes),
			RENDER_RING_BROKEN);
		assert_int_equal(munmap(raw, CAPACITY + 192), 0);
		close_pair(&pair);
	}
	// Right, but longer than the reader has room for.
	struct pair pair;
	open_pair(&pair);
	uint8_t body[64] = {0}, before[64];
	assert_true(put(&pair.writer, 1, body, 64));
	render_ring_publish(&pair.writer);
	memset(body, 0x5a, sizeof(body));
	memcpy(before, body, sizeof(body));
	uint32_t type;
	size_t bytes;
	assert_int_equal(
		render_ring_read(&pair.reader, &type, body, 56, &bytes), RENDER_RING_BROKEN);
	assert_memory_equal(body, before, sizeof(body));
	close_pair(&pair);
}

static void test_bad_files(void **state) {
	struct render_ring ring;
	assert_false(render_ring_create(&ring, RENDER_RING_WRITER, 3000));
	assert_false(render_ring_create(&ring, RENDER_RING_WRITER, 2 * RENDER_RING_MAX_BYTES));
	const size_t sizes[] = {0, 100, 192 + CAPACITY - 1, 192 + CAPACITY};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		// Of the right size, but it may be made smaller.
		const int fd = memfd_create("no-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		assert_int_equal(ftruncate(fd, (off_t)sizes[i]), 0);
		const struct render_ring_fds fds = {fd, dup(fd), dup(fd)};
		assert_false(render_ring_open(&ring, RENDER_RING_READER, &fds));
		errno = 0;
		assert_int_equal(fcntl(fd, F_GETFD), -1); // closed
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_waking),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_rubbish),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_bad_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

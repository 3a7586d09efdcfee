#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_cmocka.h"
#include "fake_socket.h"
#include "memory.h"

#define PAGE 4096

static int sealed_memfd(off_t size) {
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), 0);
	return fd;
}

static bool set(struct memory *memory, const struct memory_region_info *infos, unsigned count) {
	const char *reason;
	int fds[MEMORY_MAX_REGIONS + 1];
	for (unsigned i = 0; i < count; i++) {
		fds[i] = sealed_memfd(16 * PAGE);
	}
	bool done = memory_set_table(memory, infos, fds, count, &reason);
	assert_true(done == (reason == NULL));
	return done;
}

static bool set_fd(struct memory *memory, int fd, uint64_t size) {
	struct memory_region_info info = {
		.guest_address = 0, .size_bytes = size, .user_address = PAGE};
	const char *reason;
	return memory_set_table(memory, &info, &fd, 1, &reason);
}

static void test_lookup(void **state) {
	struct memory memory;
	memory_init(&memory);
	assert_null(memory_at(&memory, 0, 1));
	assert_null(memory_at_user(&memory, 0, 1));
	const struct memory_region_info infos[] = {
		{.guest_address = UINT64_C(4) << 30,
			.size_bytes = 4 * PAGE,
			.user_address = 0x700000},
		{.guest_address = 0,
			.size_bytes = 2 * PAGE,
			.user_address = 0x400000,
			.file_offset_bytes = PAGE + 512},
	};
	uint64_t generation = memory.generation;
	assert_true(set(&memory, infos, 2));
	assert_true(memory.generation != generation);
	char *low = memory_at(&memory, 0, 2 * PAGE);
	char *high = memory_at(&memory, UINT64_C(4) << 30, 4 * PAGE);
	assert_non_null(low);
	assert_non_null(high);
	assert_ptr_equal(memory_at(&memory, 2 * PAGE - 1, 1), low + 2 * PAGE - 1);
	assert_null(memory_at(&memory, 2 * PAGE - 1, 2));
	assert_null(memory_at(&memory, 2 * PAGE, 1));
	assert_null(memory_at(&memory, 0, 0));
	assert_null(memory_at(&memory, 1, UINT64_MAX));
	assert_null(memory_at(&memory, UINT64_MAX, 1));
	assert_null(memory_at(&memory, (UINT64_C(4) << 30) - 1, 2));
	assert_ptr_equal(memory_at_user(&memory, 0x400010, 16), low + 0x10);
	assert_ptr_equal(memory_at_user(&memory, 0x700000, 4 * PAGE), high);
	assert_null(memory_at_user(&memory, 0x700000, 4 * PAGE + 1));
	assert_null(memory_at_user(&memory, 0x3fffff, 2));
	memory_finish(&memory);
}

// The file's offset is honoured: both mappings of one file show the same bytes.
static void test_offset(void **state) {
	struct memory memory;
	memory_init(&memory);
	int fd = sealed_memfd(4 * PAGE);
	int fds[] = {fd, dup(fd)};
	const struct memory_region_info infos[] = {
		{.guest_address = 0, .size_bytes = 4 * PAGE, .user_address = 0x10000},
		{.guest_address = 0x100000,
			.size_bytes = PAGE,
			.user_address = 0x90000,
			.file_offset_bytes = PAGE + 8},
	};
	const char *reason;
	assert_true(memory_set_table(&memory, infos, fds, 2, &reason));
	strcpy(memory_at(&memory, PAGE + 8, 6), "hello");
	assert_string_equal(memory_at(&memory, 0x100000, 6), "hello");
	memory_finish(&memory);
}

static void test_iov(void **state) {
	struct memory memory;
	struct iovec iov[4];
	memory_init(&memory);
	const struct memory_region_info infos[] = {
		{.guest_address = 0, .size_bytes = 16, .user_address = 0x8000},
		{.guest_address = PAGE, .size_bytes = PAGE, .user_address = 0x10000},
		{.guest_address = 2 * PAGE, .size_bytes = PAGE, .user_address = 0x20000},
		{.guest_address = 4 * PAGE, .size_bytes = PAGE, .user_address = 0x30000},
		{.guest_address = UINT64_MAX - PAGE + 1,
			.size_bytes = PAGE,
			.user_address = 0x40000},
	};
	assert_true(set(&memory, infos, 5));
	assert_int_equal(memory_to_iov(&memory, PAGE + 16, 32, iov, 4), 1);
	assert_ptr_equal(iov[0].iov_base, memory_at(&memory, PAGE + 16, 32));
	assert_int_equal(memory_to_iov(&memory, PAGE + 100, PAGE, iov, 4), 2);
	assert_int_equal(iov[0].iov_len, PAGE - 100);
	assert_int_equal(iov[1].iov_len, 100);
	assert_ptr_equal(iov[1].iov_base, memory_at(&memory, 2 * PAGE, 1));
	assert_int_equal(memory_to_iov(&memory, PAGE + 100, PAGE, iov, 1), 0);
	assert_int_equal(memory_to_iov(&memory, 2 * PAGE, PAGE + 1, iov, 4), 0); // a hole
	assert_int_equal(memory_to_iov(&memory, PAGE, 0, iov, 4), 0);
	assert_int_equal(memory_to_iov(&memory, UINT64_MAX - 15, 16, iov, 4), 1);
	assert_int_equal(memory_to_iov(&memory, UINT64_MAX - 15, 17, iov, 4), 0); // wraps
	assert_int_equal(memory_to_iov(&memory, PAGE, UINT64_MAX, iov, 4), 0);
	memory_finish(&memory);
}

static void test_bad_tables(void **state) {
	const uint64_t max = UINT64_MAX;
	static const struct memory_region_info good = {
		.guest_address = 0x100000, .size_bytes = PAGE, .user_address = 0x100000};
	const struct memory_region_info bad[] = {
		{.guest_address = 0, .size_bytes = 0, .user_address = 0},
		{.guest_address = max - PAGE + 2, .size_bytes = PAGE, .user_address = 0},
		{.guest_address = 0, .size_bytes = PAGE, .user_address = max - PAGE + 2},
		{.guest_address = 0, .size_bytes = max, .user_address = 0},
		{.guest_address = 0,
			.size_bytes = PAGE,
			.user_address = 0,
			.file_offset_bytes = max},
		{.guest_address = 0,
			.size_bytes = PAGE,
			.user_address = 0,
			.file_offset_bytes = INT64_MAX},
		{.guest_address = 0, .size_bytes = 17 * PAGE, .user_address = 0},
		{.guest_address = 0,
			.size_bytes = PAGE,
			.user_address = 0,
			.file_offset_bytes = 15 * PAGE + 1},
		{.guest_address = 0x100000, .size_bytes = PAGE, .user_address = 0},
		{.guest_address = 0x100fff, .size_bytes = PAGE, .user_address = 0},
		{.guest_address = 0x0ff001, .size_bytes = PAGE, .user_address = 0},
		{.guest_address = 0x0ff000, .size_bytes = 3 * PAGE, .user_address = 0},
		{.guest_address = 0, .size_bytes = PAGE, .user_address = 0x100fff},
		{.guest_address = 0, .size_bytes = PAGE, .user_address = 0x0ff001},
	};
	struct memory memory;
	memory_init(&memory);
	assert_true(set(&memory, &good, 1));
	*(char *)memory_at(&memory, 0x100000, 1) = 'x';
	unsigned fds = fake_socket_count_fds();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct memory_region_info infos[] = {good, bad[i]};
		assert_false(set(&memory, infos, 2));
	}
	assert_false(set(&memory, &good, 0));
	// The table from before stands.
	assert_int_equal(*(char *)memory_at(&memory, 0x100000, 1), 'x');
	assert_int_equal(fake_socket_count_fds(), fds);
	memory_finish(&memory);
	assert_int_equal(fake_socket_count_fds(), fds - 1);
}

static void test_too_many_regions(void **state) {
	struct memory_region_info infos[MEMORY_MAX_REGIONS + 1];
	for (unsigned i = 0; i < MEMORY_MAX_REGIONS + 1; i++) {
		infos[i] = (struct memory_region_info){
			.guest_address = (uint64_t)(40 - i) * 2 * PAGE,
			.size_bytes = PAGE,
			.user_address = (uint64_t)i * 2 * PAGE};
	}
	struct memory memory;
	memory_init(&memory);
	assert_false(set(&memory, infos, MEMORY_MAX_REGIONS + 1));
	assert_true(set(&memory, infos, MEMORY_MAX_REGIONS));
	for (unsigned i = 0; i < MEMORY_MAX_REGIONS; i++) {
		assert_non_null(memory_at(&memory, infos[i].guest_address, PAGE));
		assert_null(memory_at(&memory, infos[i].guest_address + PAGE, 1));
	}
	memory_finish(&memory);
}

static void test_not_a_file(void **state) {
	struct memory memory;
	int pair[2];
	memory_init(&memory);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_false(set_fd(&memory, pair[0], PAGE));
	close(pair[1]);
	assert_false(set_fd(&memory, eventfd(0, 0), PAGE));
	assert_false(set_fd(&memory, open("/dev/zero", O_RDWR), PAGE));
	assert_false(set_fd(&memory, open("/", O_RDONLY | O_DIRECTORY), PAGE));
	int read_only = open("/proc/self/exe", O_RDONLY);
	assert_false(set_fd(&memory, read_only, PAGE)); // cannot be mapped writable
	memory_finish(&memory);
}

static void test_unsealed_memfd(void **state) {
	struct memory memory;
	memory_init(&memory);
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(fd, PAGE), 0);
	assert_false(set_fd(&memory, fd, PAGE));
	fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(fd, PAGE), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_false(set_fd(&memory, fd, PAGE));
	memory_finish(&memory);
}

// A plain file cannot be sealed. Truncated under the mapping it must not end the process.
static void test_truncated(void **state) {
	char path[] = "/tmp/re-memory.XXXXXX";
	struct memory memory;
	memory_init(&memory);
	int fd = mkstemp(path);
	unlink(path);
	int keep = dup(fd);
	assert_int_equal(ftruncate(fd, 4 * PAGE), 0);
	assert_true(set_fd(&memory, fd, 4 * PAGE));
	volatile char *bytes = memory_at(&memory, 0, 4 * PAGE);
	bytes[3 * PAGE] = 1;
	assert_false(memory_is_torn(&memory));
	assert_int_equal(ftruncate(keep, PAGE), 0);
	assert_int_equal(bytes[3 * PAGE], 0);
	bytes[2 * PAGE] = 1;
	assert_true(memory_is_torn(&memory));
	close(keep);
	memory_finish(&memory);
}

// Watched mappings come and go: their places are used again.
static void test_many_unsealed(void **state) {
	struct memory memory;
	memory_init(&memory);
	for (unsigned i = 0; i < 600; i++) {
		char path[] = "/tmp/re-memory.XXXXXX";
		int fd = mkstemp(path);
		unlink(path);
		assert_int_equal(ftruncate(fd, PAGE), 0);
		assert_true(set_fd(&memory, fd, PAGE));
	}
	memory_finish(&memory);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_offset),
		cmocka_unit_test(test_iov),
		cmocka_unit_test(test_bad_tables),
		cmocka_unit_test(test_too_many_regions),
		cmocka_unit_test(test_not_a_file),
		cmocka_unit_test(test_unsealed_memfd),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_many_unsealed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

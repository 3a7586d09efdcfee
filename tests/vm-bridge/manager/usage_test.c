#include <cmocka.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "process.h"
#include "usage.h"

#define MEMORY_BYTES (64u * 1024 * 1024)

static struct usage_process this_process(void) {
	return (struct usage_process){getpid(), process_start_time(getpid())};
}

static uint64_t own_cpu_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void test_work_is_counted(void **state) {
	struct usage_process process = this_process();
	struct usage before, after;
	assert_true(usage_read(&before, &process, 1));
	uint64_t start_ms = own_cpu_ms();
	while (own_cpu_ms() - start_ms < 200) {
	}
	assert_true(usage_read(&after, &process, 1));
	// The kernel counts in ticks of 10 ms.
	assert_true(after.cpu_ms - before.cpu_ms >= 180);
	assert_true(after.cpu_ms <= own_cpu_ms() + 20);
	assert_true(after.uptime_ms >= before.uptime_ms + 180);
	assert_true(after.uptime_ms < 3600 * 1000);
}

/* A child that has the same pages; killed at the end. */
static pid_t start_child(void) {
	pid_t parent = getpid();
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent) {
			pause();
		}
		_exit(0);
	}
	assert_true(child > 0);
	return child;
}

static void test_shared_memory_is_counted_once(void **state) {
	void *memory = mmap(
		NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(memory != MAP_FAILED);
	struct usage_process processes[2] = {this_process()};
	struct usage before, with, both;
	assert_true(usage_read(&before, processes, 1));
	memset(memory, 1, MEMORY_BYTES);
	assert_true(usage_read(&with, processes, 1));
	// What it shares with others varies.
	assert_true(with.memory_bytes > before.memory_bytes + MEMORY_BYTES * 3 / 4);

	pid_t child = start_child();
	processes[1] = (struct usage_process){child, process_start_time(child)};
	assert_true(usage_read(&both, processes, 2));
	assert_true(both.memory_bytes > MEMORY_BYTES * 3 / 4);
	assert_true(both.memory_bytes < with.memory_bytes + MEMORY_BYTES / 2);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	munmap(memory, MEMORY_BYTES);
}

static void test_another_process_of_the_number(void **state) {
	struct usage_process process = this_process();
	struct usage usage;
	process.start_time++;
	assert_false(usage_read(&usage, &process, 1));
	assert_true(usage.cpu_ms == 0 && usage.memory_bytes == 0 && usage.uptime_ms == 0);
	process.pid = 0;
	assert_false(usage_read(&usage, &process, 1));
	process.pid = -1;
	assert_false(usage_read(&usage, &process, 1));
	assert_false(usage_read(&usage, NULL, 0));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_work_is_counted),
		cmocka_unit_test(test_shared_memory_is_counted_once),
		cmocka_unit_test(test_another_process_of_the_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

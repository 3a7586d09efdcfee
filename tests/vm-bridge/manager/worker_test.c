#include <cmocka.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "worker.h"

struct counting_job {
	struct worker_job base;
	int number;
	int *next; // the number that is to be done next
	pthread_t main_thread;
	int wait_fd; // read before the end of run; -1 for none
	bool ran;
};

static void run_counting(struct worker_job *base) {
	struct counting_job *job = wl_container_of(base, job, base);
	char byte;
	assert_false(pthread_equal(pthread_self(), job->main_thread));
	if (job->wait_fd >= 0) {
		assert_int_equal(read(job->wait_fd, &byte, 1), 1);
	}
	job->ran = true;
}

static void finish_counting(struct worker_job *base) {
	struct counting_job *job = wl_container_of(base, job, base);
	assert_true(pthread_equal(pthread_self(), job->main_thread));
	assert_true(job->ran);
	assert_int_equal(job->number, *job->next);
	(*job->next)++;
	free(job);
}

static void submit(struct worker *worker, int number, int *next, int wait_fd) {
	struct counting_job *job = calloc(1, sizeof(*job));
	job->base.run = run_counting;
	job->base.done = finish_counting;
	job->number = number;
	job->next = next;
	job->main_thread = pthread_self();
	job->wait_fd = wait_fd;
	worker_submit(worker, &job->base);
}

static void wait_for_threads(struct wl_event_loop *loop, struct worker_hub *hub) {
	while (worker_hub_count(hub) > 0) {
		assert_int_equal(wl_event_loop_dispatch(loop, 5000), 0);
	}
}

static void test_order(void **state) {
	struct wl_event_loop *loop = wl_event_loop_create();
	struct worker_hub *hub = worker_hub_create(loop);
	struct worker *worker = worker_create(hub);
	int next = 0;
	for (int i = 0; i < 1000; i++) {
		submit(worker, i, &next, -1);
	}
	worker_retire(worker); // finishes what it has
	wait_for_threads(loop, hub);
	worker_hub_destroy(hub);
	assert_int_equal(next, 1000);
	wl_event_loop_destroy(loop);
}

static void test_one_that_hangs_holds_up_no_other(void **state) {
	struct wl_event_loop *loop = wl_event_loop_create();
	struct worker_hub *hub = worker_hub_create(loop);
	struct worker *stuck = worker_create(hub);
	struct worker *free_one = worker_create(hub);
	int pipe_fds[2];
	assert_int_equal(pipe(pipe_fds), 0);
	int stuck_next = 0, free_next = 0;
	submit(stuck, 0, &stuck_next, pipe_fds[0]);
	worker_retire(stuck); // does not wait
	submit(free_one, 0, &free_next, -1);
	while (free_next == 0) {
		assert_int_equal(wl_event_loop_dispatch(loop, 5000), 0);
	}
	assert_int_equal(stuck_next, 0);
	assert_int_equal(write(pipe_fds[1], "", 1), 1);
	worker_retire(free_one);
	wait_for_threads(loop, hub);
	worker_hub_destroy(hub);
	assert_int_equal(stuck_next, 1);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	wl_event_loop_destroy(loop);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_one_that_hangs_holds_up_no_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct worker_hub {
	pthread_mutex_t mutex; // guards finished and count
	struct wl_list finished; // worker_job.link
	int count;
	int event_fd;
	struct wl_event_source *source;
};

struct worker {
	struct worker_hub *hub;
	pthread_mutex_t mutex; // guards jobs and retired
	pthread_cond_t wake;
	struct wl_list jobs; // worker_job.link
	bool retired;
};

static void deliver(struct worker_hub *hub) {
	struct wl_list finished;
	wl_list_init(&finished);
	pthread_mutex_lock(&hub->mutex);
	wl_list_insert_list(&finished, &hub->finished);
	wl_list_init(&hub->finished);
	pthread_mutex_unlock(&hub->mutex);

	struct worker_job *job, *next;
	wl_list_for_each_safe (job, next, &finished, link) {
		wl_list_remove(&job->link);
		job->done(job);
	}
}

static int handle_finished(int fd, uint32_t mask, void *data) {
	struct worker_hub *hub = data;
	uint64_t count;
	ssize_t got = read(fd, &count, sizeof(count));
	(void)got; // another wake-up of the same jobs is harmless
	deliver(hub);
	return 0;
}

struct worker_hub *worker_hub_create(struct wl_event_loop *loop) {
	struct worker_hub *hub = calloc(1, sizeof(*hub));
	if (hub == NULL) {
		return NULL;
	}
	pthread_mutex_init(&hub->mutex, NULL);
	wl_list_init(&hub->finished);
	hub->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (hub->event_fd < 0) {
		goto error_hub;
	}
	hub->source = wl_event_loop_add_fd(
		loop, hub->event_fd, WL_EVENT_READABLE, handle_finished, hub);
	if (hub->source == NULL) {
		goto error_event_fd;
	}
	return hub;

error_event_fd:
	close(hub->event_fd);
error_hub:
	pthread_mutex_destroy(&hub->mutex);
	free(hub);
	return NULL;
}

void worker_hub_destroy(struct worker_hub *hub) {
	if (hub == NULL) {
		return;
	}
	deliver(hub);
	wl_event_source_remove(hub->source);
	close(hub->event_fd);
	pthread_mutex_destroy(&hub->mutex);
	free(hub);
}

static void wake_hub(struct worker_hub *hub) {
	uint64_t one = 1;
	ssize_t written = write(hub->event_fd, &one, sizeof(one));
	(void)written; // fails only when the counter is full, and then the loop is awake
}

void worker_hub_post(struct worker_hub *hub, struct worker_job *job) {
	pthread_mutex_lock(&hub->mutex);
	wl_list_insert(hub->finished.prev, &job->link);
	pthread_mutex_unlock(&hub->mutex);
	wake_hub(hub);
}

int worker_hub_count(struct worker_hub *hub) {
	pthread_mutex_lock(&hub->mutex);
	int count = hub->count;
	pthread_mutex_unlock(&hub->mutex);
	return count;
}

/* Takes the next job, or NULL when the worker is retired and has none left. */
static struct worker_job *next_job(struct worker *worker) {
	struct worker_job *job = NULL;
	pthread_mutex_lock(&worker->mutex);
	while (wl_list_empty(&worker->jobs) && !worker->retired) {
		pthread_cond_wait(&worker->wake, &worker->mutex);
	}
	if (!wl_list_empty(&worker->jobs)) {
		job = wl_container_of(worker->jobs.next, job, link);
		wl_list_remove(&job->link);
	}
	pthread_mutex_unlock(&worker->mutex);
	return job;
}

static void *worker_main(void *data) {
	struct worker *worker = data;
	struct worker_hub *hub = worker->hub;
	struct worker_job *job;
	while ((job = next_job(worker)) != NULL) {
		if (job->run != NULL) {
			job->run(job);
		}
		worker_hub_post(hub, job);
	}
	pthread_cond_destroy(&worker->wake);
	pthread_mutex_destroy(&worker->mutex);
	free(worker);

	pthread_mutex_lock(&hub->mutex);
	hub->count--;
	// Under the lock: once it is released with a count of 0 the hub may be destroyed.
	wake_hub(hub);
	pthread_mutex_unlock(&hub->mutex);
	return NULL;
}

struct worker *worker_create(struct worker_hub *hub) {
	struct worker *worker = calloc(1, sizeof(*worker));
	if (worker == NULL) {
		return NULL;
	}
	worker->hub = hub;
	pthread_mutex_init(&worker->mutex, NULL);
	pthread_cond_init(&worker->wake, NULL);
	wl_list_init(&worker->jobs);

	// Signals are the main loop's business.
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_mutex_lock(&hub->mutex);
	pthread_t thread;
	bool ok = pthread_create(&thread, NULL, worker_main, worker) == 0;
	if (ok) {
		hub->count++;
		pthread_detach(thread);
	}
	pthread_mutex_unlock(&hub->mutex);
	pthread_sigmask(SIG_SETMASK, &before, NULL);

	if (!ok) {
		pthread_cond_destroy(&worker->wake);
		pthread_mutex_destroy(&worker->mutex);
		free(worker);
		return NULL;
	}
	return worker;
}

void worker_retire(struct worker *worker) {
	if (worker == NULL) {
		return;
	}
	// Unlocked before the signal is sent, the worker could free itself first.
	pthread_mutex_lock(&worker->mutex);
	worker->retired = true;
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->mutex);
}

void worker_submit(struct worker *worker, struct worker_job *job) {
	pthread_mutex_lock(&worker->mutex);
	wl_list_insert(worker->jobs.prev, &job->link);
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->mutex);
}

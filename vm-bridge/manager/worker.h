#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>
#include <wayland-server-core.h>

/**
 * Threads for calls that may block, answering to the main loop.
 *
 * A job's run is called on a worker's thread, then its done on the main loop's thread. One
 * worker runs its jobs in the order they were given. A hub carries finished jobs back to one
 * wl_event_loop and outlives its workers.
 */

struct worker;
struct worker_hub;

struct worker_job {
	struct wl_list link; // worker.jobs, then worker_hub.finished
	void (*run)(struct worker_job *job); // may be NULL
	void (*done)(struct worker_job *job); // owns the job's memory from then on
};

/** Returns NULL when the loop or the kernel refuses. */
struct worker_hub *worker_hub_create(struct wl_event_loop *loop);

/** No worker may be busy any more. Jobs that were not delivered are delivered now. */
void worker_hub_destroy(struct worker_hub *hub);

/** Call job->done on the main loop, from any thread. job->run is not called. */
void worker_hub_post(struct worker_hub *hub, struct worker_job *job);

/** Returns NULL when no thread can be made. */
struct worker *worker_create(struct worker_hub *hub);

/**
 * Let the worker finish the jobs it has, then end its thread.
 *
 * Does not wait: a call that hangs keeps its thread, and nothing else. The jobs' done is
 * still called, if the hub is there.
 */
void worker_retire(struct worker *worker);

void worker_submit(struct worker *worker, struct worker_job *job);

/** Number of workers whose thread has not ended. */
int worker_hub_count(struct worker_hub *hub);

#endif

#include "pacing.h"

#include <stdlib.h>
#include <time.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void answer(struct pacing_reply *reply) {
	virtqueue_push(reply->queue, reply->token, reply->written_bytes);
	virtqueue_notify(reply->queue);
	wl_list_remove(&reply->link);
	free(reply);
}

static struct pacing_reply *oldest(struct wl_list *list) {
	struct pacing_reply *reply = NULL;
	if (!wl_list_empty(list)) {
		reply = wl_container_of(list->next, reply, link);
	}
	return reply;
}

static struct pacing_reply *remember(struct wl_list *list, struct virtqueue *queue,
	struct virtqueue_token token, uint32_t written_bytes) {
	struct pacing_reply *reply = calloc(1, sizeof(*reply));
	if (reply == NULL) {
		virtqueue_push(queue, token, written_bytes);
		virtqueue_notify(queue);
		return NULL;
	}
	reply->queue = queue;
	reply->token = token;
	reply->written_bytes = written_bytes;
	wl_list_insert(list->prev, &reply->link);
	return reply;
}

/** Arm a timer, in whole milliseconds and at least one. */
static void arm(struct wl_event_source *timer, int64_t delay_ns) {
	const int64_t delay_ms = (delay_ns + NS_PER_MS - 1) / NS_PER_MS;
	wl_event_source_timer_update(timer, delay_ms < 1 ? 1 : (int)delay_ms);
}

// --- fenced ------------------------------------------------------------------------------

static void arm_fence_timer(struct pacing *pacing) {
	const struct pacing_reply *reply = oldest(&pacing->fenced);
	if (reply != NULL) {
		arm(pacing->fence_timer, reply->deadline_ms * NS_PER_MS - now_ns());
	} else {
		wl_event_source_timer_update(pacing->fence_timer, 0);
	}
}

static int handle_fence_timer(void *data) {
	struct pacing *pacing = data;
	const int64_t now_ms = now_ns() / NS_PER_MS;
	struct pacing_reply *reply;
	while ((reply = oldest(&pacing->fenced)) != NULL && reply->deadline_ms <= now_ms) {
		answer(reply);
	}
	arm_fence_timer(pacing);
	return 0;
}

void pacing_hold(struct pacing *pacing, struct virtqueue *queue, struct virtqueue_token token,
	uint32_t written_bytes, uint64_t serial) {
	const bool first = wl_list_empty(&pacing->fenced);
	struct pacing_reply *reply = remember(&pacing->fenced, queue, token, written_bytes);
	if (reply == NULL) {
		return;
	}
	reply->serial = serial;
	reply->deadline_ms = now_ns() / NS_PER_MS + PACING_FENCE_MAX_MS;
	if (first) {
		arm_fence_timer(pacing);
	}
}

void pacing_gather(struct pacing *pacing) {
	struct pacing_reply *reply;
	wl_list_for_each (reply, &pacing->fenced, link) {
		if (reply->serial == 0) {
			reply->serial = PACING_GATHERED;
		}
	}
}

void pacing_committed(struct pacing *pacing, uint64_t serial) {
	struct pacing_reply *reply;
	wl_list_for_each (reply, &pacing->fenced, link) {
		if (reply->serial == PACING_GATHERED) {
			reply->serial = serial;
		}
	}
}

void pacing_presented(struct pacing *pacing, uint64_t serial) {
	struct pacing_reply *reply, *next;
	wl_list_for_each_safe (reply, next, &pacing->fenced, link) {
		if (reply->serial != 0 && reply->serial <= serial) {
			answer(reply);
		}
	}
	arm_fence_timer(pacing);
}

// --- unfenced ----------------------------------------------------------------------------

static int64_t interval_ns(const struct pacing *pacing) {
	if (pacing->suspended) {
		return NS_PER_S / PACING_SUSPENDED_HZ;
	}
	return NS_PER_S * 1000 / ((int64_t)pacing->refresh_mhz * PACING_RATE_FACTOR);
}

/** Whether a flush at now is within the rate; if it is, it is counted. */
static bool admit(struct pacing *pacing, int64_t now) {
	const int64_t interval = interval_ns(pacing);
	if (pacing->next_ns - now > PACING_BURST * interval) {
		return false;
	}
	pacing->next_ns = (pacing->next_ns > now ? pacing->next_ns : now) + interval;
	return true;
}

static void arm_rate_timer(struct pacing *pacing, int64_t now) {
	arm(pacing->rate_timer, pacing->next_ns - PACING_BURST * interval_ns(pacing) - now);
}

static int handle_rate_timer(void *data) {
	struct pacing *pacing = data;
	const int64_t now = now_ns();
	struct pacing_reply *reply;
	while ((reply = oldest(&pacing->throttled)) != NULL && admit(pacing, now)) {
		answer(reply);
	}
	if (reply != NULL) {
		arm_rate_timer(pacing, now);
	}
	return 0;
}

void pacing_throttle(struct pacing *pacing, struct virtqueue *queue, struct virtqueue_token token,
	uint32_t written_bytes) {
	const int64_t now = now_ns();
	const bool first = wl_list_empty(&pacing->throttled);
	if (first && admit(pacing, now)) {
		virtqueue_push(queue, token, written_bytes);
		return; // the kick's handler notifies
	}
	if (remember(&pacing->throttled, queue, token, written_bytes) != NULL && first) {
		arm_rate_timer(pacing, now);
	}
}

void pacing_set_suspended(struct pacing *pacing, bool suspended) {
	if (pacing->suspended == suspended) {
		return;
	}
	pacing->suspended = suspended;
	pacing->next_ns = 0;
	if (suspended) {
		return;
	}
	struct pacing_reply *reply;
	while ((reply = oldest(&pacing->throttled)) != NULL) {
		answer(reply);
	}
}

// --- both --------------------------------------------------------------------------------

bool pacing_init(struct pacing *pacing, struct wl_event_loop *loop) {
	*pacing = (struct pacing){.refresh_mhz = 60000};
	wl_list_init(&pacing->fenced);
	wl_list_init(&pacing->throttled);
	pacing->fence_timer = wl_event_loop_add_timer(loop, handle_fence_timer, pacing);
	pacing->rate_timer = wl_event_loop_add_timer(loop, handle_rate_timer, pacing);
	return pacing->fence_timer != NULL && pacing->rate_timer != NULL;
}

void pacing_finish(struct pacing *pacing) {
	pacing_clear(pacing);
	if (pacing->fence_timer != NULL) {
		wl_event_source_remove(pacing->fence_timer);
	}
	if (pacing->rate_timer != NULL) {
		wl_event_source_remove(pacing->rate_timer);
	}
}

static void release_list(struct wl_list *list, struct virtqueue *queue) {
	struct pacing_reply *reply, *next;
	wl_list_for_each_safe (reply, next, list, link) {
		if (reply->queue == queue) {
			answer(reply);
		}
	}
}

void pacing_release(struct pacing *pacing, struct virtqueue *queue) {
	release_list(&pacing->fenced, queue);
	release_list(&pacing->throttled, queue);
}

static void clear_list(struct wl_list *list) {
	struct pacing_reply *reply, *next;
	wl_list_for_each_safe (reply, next, list, link) {
		wl_list_remove(&reply->link);
		free(reply);
	}
}

void pacing_clear(struct pacing *pacing) {
	clear_list(&pacing->fenced);
	clear_list(&pacing->throttled);
}

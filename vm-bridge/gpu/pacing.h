/*
 * When a flush is answered.
 *
 * A fenced flush waits until its frame was presented or replaced, and at most FENCE_MAX_MS; so
 * does a guest that draws by the answer. An unfenced flush is answered at once, as long as they
 * come no faster than four times the refresh; the answers of a guest that floods are held back,
 * in order, to that rate. Answers that are held are bounded by the size of the queue.
 *
 * Of a guest that nobody sees unfenced flushes are answered PACING_SUSPENDED_HZ times a second: so
 * a guest that does not wait draws no faster. Once it is seen everything that was held for that is
 * answered at once.
 */
#ifndef PACING_H
#define PACING_H

#include <stdint.h>
#include <wayland-server-core.h>

#include "virtqueue.h"

#define PACING_FENCE_MAX_MS 900
#define PACING_RATE_FACTOR 4
#define PACING_BURST 8 // unfenced flushes that may come at once
#define PACING_SUSPENDED_HZ 4

/** An answer that is written, and held back. */
struct pacing_reply {
	struct wl_list link; // pacing.fenced or pacing.throttled
	struct virtqueue *queue;
	struct virtqueue_token token;
	uint32_t written_bytes;
	uint64_t serial; // of the frame that it waits for; 0: not committed; PACING_GATHERED
	int64_t deadline_ms; // fenced: CLOCK_MONOTONIC
};

struct pacing {
	struct wl_list fenced; // pacing_reply.link, oldest first
	struct wl_list throttled; // pacing_reply.link, oldest first
	struct wl_event_source *fence_timer;
	struct wl_event_source *rate_timer;
	uint32_t refresh_mhz;
	int64_t next_ns; // when the next unfenced flush is on time
	bool suspended; // nobody sees it
};

/** Returns false out of memory. */
bool pacing_init(struct pacing *pacing, struct wl_event_loop *loop);
void pacing_finish(struct pacing *pacing);

/** The serial of a frame that is being made: later flushes are not in it. */
#define PACING_GATHERED UINT64_MAX

/**
 * Hold the answer to a fenced flush that is in the frame with this serial; 0: not committed yet.
 * Answers at once if there is no memory to remember it.
 */
void pacing_hold(struct pacing *pacing, struct virtqueue *queue, struct virtqueue_token token,
	uint32_t written_bytes, uint64_t serial);

/** Answer an unfenced flush, now or when the rate allows it. */
void pacing_throttle(struct pacing *pacing, struct virtqueue *queue, struct virtqueue_token token,
	uint32_t written_bytes);

/** Nobody sees what is drawn, or somebody does again. */
void pacing_set_suspended(struct pacing *pacing, bool suspended);

/** The fenced flushes so far are in the frame that is committed next. */
void pacing_gather(struct pacing *pacing);

/** The frame with the fenced flushes that were gathered has this serial. */
void pacing_committed(struct pacing *pacing, uint64_t serial);

/** The frame was presented or replaced: answer the flushes in it, and in earlier ones. */
void pacing_presented(struct pacing *pacing, uint64_t serial);

/** Answer everything that is held of a queue, now. */
void pacing_release(struct pacing *pacing, struct virtqueue *queue);

/** Forget everything that is held: the device was reset. */
void pacing_clear(struct pacing *pacing);

#endif

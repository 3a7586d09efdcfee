/**
 * Events on their way to the program, in order.
 *
 * PURE.
 */
#ifndef GK_CORE_EVENT_QUEUE_H
#define GK_CORE_EVENT_QUEUE_H

#include "gk/event.h"

#define EVENT_QUEUE_SIZE 256

struct event_queue {
	struct gk_event events[EVENT_QUEUE_SIZE];
	unsigned int first;
	unsigned int count;
};

/**
 * Add an event. A motion, resize or scroll that follows one of its kind becomes one with it.
 *
 * Returns false, and drops the event, if the queue is full.
 */
bool event_queue_push(struct event_queue *queue, const struct gk_event *event);

/** Returns false if the queue is empty. */
bool event_queue_pop(struct event_queue *queue, struct gk_event *event);

#endif

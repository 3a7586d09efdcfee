#include "core/event_queue.h"

#include <stddef.h>

// Make last and event one. Returns false if both matter.
static bool merge(struct gk_event *last, const struct gk_event *event) {
	if (last->type != event->type || last->modifiers != event->modifiers) {
		return false;
	}
	if (event->type == GK_EVENT_SCROLL) {
		last->scroll.dx += event->scroll.dx;
		last->scroll.dy += event->scroll.dy;
		return true;
	}
	if (event->type == GK_EVENT_MOTION || event->type == GK_EVENT_RESIZE) {
		*last = *event;
		return true;
	}
	return false;
}

bool event_queue_push(struct event_queue *queue, const struct gk_event *event) {
	unsigned int end = queue->first + queue->count;
	if (queue->count > 0 && merge(&queue->events[(end - 1) % EVENT_QUEUE_SIZE], event)) {
		return true;
	}
	if (queue->count == EVENT_QUEUE_SIZE) {
		return false;
	}
	queue->events[end % EVENT_QUEUE_SIZE] = *event;
	queue->count++;
	return true;
}

bool event_queue_pop(struct event_queue *queue, struct gk_event *event) {
	if (queue->count == 0) {
		return false;
	}
	*event = queue->events[queue->first];
	queue->first = (queue->first + 1) % EVENT_QUEUE_SIZE;
	queue->count--;
	return true;
}

/*
 * Events on their way to the guest, in groups that end with SYN_REPORT.
 *
 * A ring of fixed size without allocations. Groups enter whole; events leave one by one, as the
 * guest has buffers for them.
 */
#ifndef INPUT_INPUT_BACKLOG_H
#define INPUT_INPUT_BACKLOG_H

#include <linux/virtio_input.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_BACKLOG_EVENTS 512 // a power of two
#define INPUT_GROUP_EVENTS 64 // of one group at most, SYN_REPORT not counted

struct input_group {
	struct virtio_input_event events[INPUT_GROUP_EVENTS + 1]; // little-endian
	size_t count;
	bool overflowed; // an event did not fit: the group is worthless
};

struct input_backlog {
	struct virtio_input_event events[INPUT_BACKLOG_EVENTS];
	uint32_t head; // free-running; the next event to leave
	uint32_t tail;
	uint32_t last_group; // where the group that entered last starts
};

/** value is signed for relative axes. */
void input_group_add(struct input_group *group, uint16_t type, uint16_t code, uint32_t value);
void input_group_clear(struct input_group *group);

void input_backlog_clear(struct input_backlog *backlog);
bool input_backlog_is_empty(const struct input_backlog *backlog);

/**
 * Let a group in, with SYN_REPORT behind it.
 *
 * When it and the group before it, of which nothing has left yet, are nothing but motion on the
 * same axes, they become one. Returns false when there is no room.
 */
bool input_backlog_admit(struct input_backlog *backlog, const struct input_group *group);

/** The next event; NULL when there is none. */
const struct virtio_input_event *input_backlog_peek(const struct input_backlog *backlog);

/** The next event has left. */
void input_backlog_pop(struct input_backlog *backlog);

#endif

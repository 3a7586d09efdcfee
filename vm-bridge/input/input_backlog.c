#include "input_backlog.h"

#include <endian.h>
#include <linux/input.h>
#include <string.h>

void input_group_add(struct input_group *group, uint16_t type, uint16_t code, uint32_t value) {
	if (group->count == INPUT_GROUP_EVENTS) {
		group->overflowed = true;
		return;
	}
	group->events[group->count++] = (struct virtio_input_event){
		.type = htole16(type),
		.code = htole16(code),
		.value = htole32(value),
	};
}

void input_group_clear(struct input_group *group) {
	group->count = 0;
	group->overflowed = false;
}

void input_backlog_clear(struct input_backlog *backlog) {
	backlog->head = backlog->tail = backlog->last_group = 0;
}

bool input_backlog_is_empty(const struct input_backlog *backlog) {
	return backlog->head == backlog->tail;
}

static struct virtio_input_event *slot(struct input_backlog *backlog, uint32_t index) {
	return &backlog->events[index % INPUT_BACKLOG_EVENTS];
}

static bool is_motion(const struct virtio_input_event *event) {
	uint16_t type = le16toh(event->type), code = le16toh(event->code);
	return (type == EV_ABS && (code == ABS_X || code == ABS_Y)) ||
		(type == EV_REL && (code == REL_X || code == REL_Y));
}

static bool can_merge(struct input_backlog *backlog, const struct input_group *group) {
	uint32_t start = backlog->last_group;
	uint32_t waiting = backlog->tail - backlog->head;
	// The group before it must be there in full, and be as long (with its SYN_REPORT).
	if (waiting == 0 || backlog->tail - start != group->count + 1 ||
		backlog->tail - start > waiting) {
		return false;
	}
	for (uint32_t i = 0; i < group->count; i++) {
		const struct virtio_input_event *old = slot(backlog, start + i);
		const struct virtio_input_event *new = &group->events[i];
		if (!is_motion(new) || old->type != new->type || old->code != new->code) {
			return false;
		}
	}
	return true;
}

static void merge(struct input_backlog *backlog, const struct input_group *group) {
	for (uint32_t i = 0; i < group->count; i++) {
		struct virtio_input_event *old = slot(backlog, backlog->last_group + i);
		uint32_t value = le32toh(group->events[i].value);
		if (le16toh(old->type) == EV_REL) {
			value += le32toh(old->value);
		}
		old->value = htole32(value);
	}
}

bool input_backlog_admit(struct input_backlog *backlog, const struct input_group *group) {
	if (group->overflowed) {
		return false;
	}
	if (can_merge(backlog, group)) {
		merge(backlog, group);
		return true;
	}
	if (INPUT_BACKLOG_EVENTS - (backlog->tail - backlog->head) < group->count + 1) {
		return false;
	}
	backlog->last_group = backlog->tail;
	for (size_t i = 0; i < group->count; i++) {
		*slot(backlog, backlog->tail++) = group->events[i];
	}
	*slot(backlog, backlog->tail++) = (struct virtio_input_event){
		.type = htole16(EV_SYN),
		.code = htole16(SYN_REPORT),
	};
	return true;
}

const struct virtio_input_event *input_backlog_peek(const struct input_backlog *backlog) {
	return input_backlog_is_empty(backlog)
		? NULL
		: &backlog->events[backlog->head % INPUT_BACKLOG_EVENTS];
}

void input_backlog_pop(struct input_backlog *backlog) {
	backlog->head++;
}

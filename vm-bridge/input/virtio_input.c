/*
 * Theory of operation: keys and the tablet's position exist twice, as the host has them and as
 * the guest will have them once the backlog is empty. A group that finds no room is dropped
 * whole, and then the two differ; reconcile() mends that when there is room again. It releases
 * and moves, it never presses: a press that came late would be worse than one that is missing.
 */
#include "virtio_input.h"

#include <endian.h>
#include <linux/input.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "input_backlog.h"
#include "input_config.h"
#include "iov.h"

#define EVENT_QUEUE 0
#define STATUS_QUEUE 1
#define QUEUE_COUNT 2
#define KEYS_MAX 1024 // what a bitmap of the configuration space can name
#define MOTION_MAX 1e6
#define DETENT 120
#define WHEEL_MAX (10000 * DETENT) // of one group

struct keys {
	uint8_t bits[KEYS_MAX / 8];
};

struct wheel {
	int32_t pending; // of the open group, in 1/120 detents, positive down or right
	int32_t remainder; // since the last whole detent
};

struct virtio_input_private {
	struct virtio_input *input;
	struct input_config config;
	struct input_backlog backlog;
	struct input_group open; // keys of the group being collected
	struct keys host_down;
	struct keys guest_down;
	uint32_t host_position[2];
	uint32_t guest_position[2];
	bool position_known; // the host has said where the pointer is
	bool guest_position_known;
	double motion[2]; // of the open group, and fractions left over
	struct wheel wheels[2];
	bool lost; // a group was dropped

	struct wl_listener reset;
	struct wl_listener queue_start;
	struct wl_listener queue_stop;
	struct wl_listener kick;
};

static bool key_get(const struct keys *keys, uint32_t code) {
	return (keys->bits[code / 8] & (1u << (code % 8))) != 0;
}

static void key_set(struct keys *keys, uint32_t code, bool down) {
	uint8_t bit = (uint8_t)(1u << (code % 8));
	keys->bits[code / 8] = down ? keys->bits[code / 8] | bit
				    : keys->bits[code / 8] & (uint8_t)~bit;
}

// --- Towards the guest --------------------------------------------------------------------

// Returns false when the group was dropped. The group is empty afterwards.
static bool admit(struct virtio_input *input, struct input_group *group) {
	struct virtio_input_private *private = input->private;
	bool admitted = group->count == 0 || input_backlog_admit(&private->backlog, group);
	for (size_t i = 0; admitted && i < group->count; i++) {
		const struct virtio_input_event *event = &group->events[i];
		uint16_t code = le16toh(event->code);
		if (le16toh(event->type) == EV_KEY) {
			key_set(&private->guest_down, code, event->value != 0);
		} else if (le16toh(event->type) == EV_ABS) {
			private->guest_position[code] = le32toh(event->value);
			private->guest_position_known = true;
		}
	}
	private->lost = private->lost || !admitted;
	input_group_clear(group);
	return admitted;
}

static void add_position(struct virtio_input_private *private, struct input_group *group) {
	for (uint16_t axis = 0; axis < 2 && private->position_known; axis++) {
		uint32_t value = private->host_position[axis];
		if (!private->guest_position_known || value != private->guest_position[axis]) {
			input_group_add(group, EV_ABS, axis, value);
		}
	}
}

// Bring the guest's keys and pointer to where the host's are, pressing nothing.
static void reconcile(struct virtio_input *input) {
	struct virtio_input_private *private = input->private;
	struct input_group group = {.count = 0};
	private->lost = false;
	for (uint32_t code = 0; code < KEYS_MAX; code++) {
		if (key_get(&private->guest_down, code) && !key_get(&private->host_down, code)) {
			input_group_add(&group, EV_KEY, (uint16_t)code, 0);
		}
		if (group.count == INPUT_GROUP_EVENTS && !admit(input, &group)) {
			return;
		}
	}
	if (input->kind == VIRTIO_INPUT_TABLET && group.count + 2 <= INPUT_GROUP_EVENTS) {
		add_position(private, &group);
	}
	admit(input, &group);
}

/*
 * Fill the guest's buffers. A queue that has none keeps its notification on, so the next refill
 * comes as a kick; one that still has some is not asked for kicks at all.
 */
static void deliver(struct virtio_input *input) {
	struct virtio_input_private *private = input->private;
	struct virtqueue *queue = &input->vhost->queues[EVENT_QUEUE];
	const struct virtio_input_event *event;
	struct virtqueue_chain chain;
	// A guest that returns buffers as fast as they are filled does not keep us here.
	for (unsigned i = 0; i < INPUT_BACKLOG_EVENTS; i++) {
		event = input_backlog_peek(&private->backlog);
		if (event == NULL || !virtqueue_pop(queue, &chain)) {
			break;
		}
		uint32_t written = 0;
		if (chain.writable_bytes >= sizeof(*event)) {
			written = (uint32_t)iov_write(
				chain.writable, chain.writable_count, 0, event, sizeof(*event));
			input_backlog_pop(&private->backlog);
		}
		virtqueue_push(queue, chain.token, written);
	}
	virtqueue_notify(queue);
}

static void send(struct virtio_input *input) {
	if (!input->ready) {
		return;
	}
	deliver(input);
	if (input->private->lost) {
		reconcile(input);
		deliver(input);
	}
}

// --- From the host ------------------------------------------------------------------------

void virtio_input_key(struct virtio_input *input, uint32_t code, bool pressed) {
	struct virtio_input_private *private = input->private;
	if (code >= KEYS_MAX || !input_config_has_key(input->kind, code) ||
		key_get(&private->host_down, code) == pressed) {
		return;
	}
	key_set(&private->host_down, code, pressed);
	input_group_add(&private->open, EV_KEY, (uint16_t)code, pressed);
}

static uint32_t clamp(uint32_t value) {
	return value > VIRTIO_INPUT_ABS_MAX ? VIRTIO_INPUT_ABS_MAX : value;
}

void virtio_input_position(struct virtio_input *input, uint32_t x, uint32_t y) {
	struct virtio_input_private *private = input->private;
	if (input->kind == VIRTIO_INPUT_TABLET) {
		private->host_position[0] = clamp(x);
		private->host_position[1] = clamp(y);
		private->position_known = true;
	}
}

void virtio_input_motion(struct virtio_input *input, double dx, double dy) {
	double *motion = input->private->motion;
	// The comparison is false for what is not a number, too.
	if (input->kind == VIRTIO_INPUT_MOUSE && fabs(motion[0] + dx) < MOTION_MAX &&
		fabs(motion[1] + dy) < MOTION_MAX) {
		motion[0] += dx;
		motion[1] += dy;
	}
}

void virtio_input_wheel(
	struct virtio_input *input, enum virtio_input_wheel_axis axis, int32_t value120) {
	struct wheel *wheel = &input->private->wheels[axis];
	int32_t sum;
	if (input->kind != VIRTIO_INPUT_KEYBOARD &&
		!__builtin_add_overflow(wheel->pending, value120, &sum) && sum > -WHEEL_MAX &&
		sum < WHEEL_MAX) {
		wheel->pending = sum;
	}
}

static void add_motion(struct virtio_input_private *private, struct input_group *group) {
	for (uint16_t axis = 0; axis < 2; axis++) {
		double whole = trunc(private->motion[axis]);
		private->motion[axis] -= whole;
		if (whole != 0) {
			input_group_add(group, EV_REL, axis, (uint32_t)(int32_t)whole);
		}
	}
}

// The vertical wheel counts upwards in the guest.
static void add_wheel(struct input_group *group, struct wheel *wheel, uint16_t code,
	uint16_t code_hi_res, int32_t sign) {
	int32_t turned = wheel->pending;
	wheel->pending = 0;
	if (turned == 0) {
		return;
	}
	if ((turned < 0) != (wheel->remainder < 0)) {
		wheel->remainder = 0; // half a detent there is none back
	}
	wheel->remainder += turned;
	int32_t detents = wheel->remainder / DETENT;
	wheel->remainder -= detents * DETENT;
	if (detents != 0) {
		input_group_add(group, EV_REL, code, (uint32_t)(sign * detents));
	}
	input_group_add(group, EV_REL, code_hi_res, (uint32_t)(sign * turned));
}

static void add_keys(struct virtio_input_private *private, struct input_group *group) {
	struct keys down = private->guest_down;
	for (size_t i = 0; i < private->open.count; i++) {
		const struct virtio_input_event *event = &private->open.events[i];
		uint16_t code = le16toh(event->code);
		bool pressed = event->value != 0;
		// A release whose press was dropped says nothing to the guest.
		if (key_get(&down, code) != pressed) {
			key_set(&down, code, pressed);
			input_group_add(group, EV_KEY, code, pressed);
		}
	}
	group->overflowed = group->overflowed || private->open.overflowed;
	input_group_clear(&private->open);
}

void virtio_input_frame(struct virtio_input *input) {
	struct virtio_input_private *private = input->private;
	struct input_group group = {.count = 0};
	struct wheel *wheels = private->wheels;
	if (input->ready && input->kind == VIRTIO_INPUT_TABLET) {
		add_position(private, &group);
	}
	add_motion(private, &group);
	add_wheel(&group, &wheels[VIRTIO_INPUT_WHEEL_VERTICAL], REL_WHEEL, REL_WHEEL_HI_RES, -1);
	add_wheel(&group, &wheels[VIRTIO_INPUT_WHEEL_HORIZONTAL], REL_HWHEEL, REL_HWHEEL_HI_RES, 1);
	add_keys(private, &group);
	if (!input->ready || (group.count == 0 && !group.overflowed)) {
		return;
	}
	admit(input, &group);
	send(input);
}

void virtio_input_release_all(struct virtio_input *input) {
	struct virtio_input_private *private = input->private;
	memset(&private->host_down, 0, sizeof(private->host_down));
	input_group_clear(&private->open);
	private->motion[0] = private->motion[1] = 0;
	memset(private->wheels, 0, sizeof(private->wheels));
	private->lost = true;
	send(input);
}

// --- From the guest -----------------------------------------------------------------------

static bool handle_config_read(void *data, uint32_t offset, uint8_t *bytes, uint32_t size) {
	struct virtio_input *input = data;
	struct virtio_input_config config;
	input_config_fill(&input->private->config, &config);
	memcpy(bytes, (uint8_t *)&config + offset, size);
	return true;
}

static bool handle_config_write(void *data, uint32_t offset, const uint8_t *bytes, uint32_t size) {
	struct virtio_input *input = data;
	input_config_write(&input->private->config, offset, bytes, size);
	return true;
}

static const struct vhost_user_info info = {
	.queue_count = QUEUE_COUNT,
	.queue_size_max = VIRTQUEUE_MAX_SIZE,
	.config_bytes = sizeof(struct virtio_input_config),
	.config_read = handle_config_read,
	.config_write = handle_config_write,
};

static void take_status(struct virtio_input *input, const struct virtio_input_event *untrusted) {
	uint16_t code = le16toh(untrusted->code);
	if (le16toh(untrusted->type) != EV_LED || code >= LED_CNT) {
		return;
	}
	struct virtio_input_led_event event = {.led = code, .on = untrusted->value != 0};
	uint32_t bit = UINT32_C(1) << code;
	if (((input->leds & bit) != 0) != event.on) {
		input->leds ^= bit;
		wl_signal_emit_mutable(&input->events.led, &event);
	}
}

static void drain_status(struct virtio_input *input, struct virtqueue *queue) {
	struct virtqueue_chain chain;
	while (virtqueue_pop(queue, &chain)) {
		struct virtio_input_event event;
		if (iov_read(chain.readable, chain.readable_count, 0, &event, sizeof(event)) ==
			sizeof(event)) {
			take_status(input, &event);
		}
		virtqueue_push(queue, chain.token, 0);
	}
}

static void handle_kick(struct wl_listener *listener, void *data) {
	struct virtio_input_private *private = wl_container_of(listener, private, kick);
	struct virtqueue *queue = data;
	struct virtio_input *input = private->input;
	if (queue == &input->vhost->queues[STATUS_QUEUE]) {
		drain_status(input, queue);
	} else {
		send(input);
	}
}

static void set_ready(struct virtio_input *input, bool ready) {
	if (input->ready != ready) {
		input->ready = ready;
		wl_signal_emit_mutable(&input->events.ready, input);
	}
}

static void handle_queue_start(struct wl_listener *listener, void *data) {
	struct virtio_input_private *private = wl_container_of(listener, private, queue_start);
	struct virtio_input *input = private->input;
	if (data == &input->vhost->queues[EVENT_QUEUE]) {
		private->lost = true; // keys may have gone up while the guest was paused
		set_ready(input, true);
	}
}

static void handle_queue_stop(struct wl_listener *listener, void *data) {
	struct virtio_input_private *private = wl_container_of(listener, private, queue_stop);
	if (data == &private->input->vhost->queues[EVENT_QUEUE]) {
		set_ready(private->input, false);
	}
}

// A new driver knows of no keys and no place.
static void handle_reset(struct wl_listener *listener, void *data) {
	struct virtio_input_private *private = wl_container_of(listener, private, reset);
	input_backlog_clear(&private->backlog);
	input_group_clear(&private->open);
	memset(&private->guest_down, 0, sizeof(private->guest_down));
	memset(private->wheels, 0, sizeof(private->wheels));
	private->guest_position_known = false;
	private->config.select = 0;
	private->config.subsel = 0;
}

// --- Device -------------------------------------------------------------------------------

struct virtio_input *virtio_input_create(struct wl_event_loop *loop, int listen_fd,
	enum virtio_input_kind kind, const char *name, const char *serial) {
	struct virtio_input *input = calloc(1, sizeof(*input));
	struct virtio_input_private *private = calloc(1, sizeof(*private));
	if (input == NULL || private == NULL) {
		abort();
	}
	input->kind = kind;
	input->private = private;
	private->input = input;
	private->config.kind = kind;
	strncpy(private->config.name, name, sizeof(private->config.name) - 1);
	if (serial != NULL) {
		strncpy(private->config.serial, serial, sizeof(private->config.serial) - 1);
	}
	wl_signal_init(&input->events.ready);
	wl_signal_init(&input->events.led);
	input->vhost = vhost_user_create(loop, listen_fd, &info, input);
	if (input->vhost == NULL) {
		free(private);
		free(input);
		return NULL;
	}
	private->reset.notify = handle_reset;
	wl_signal_add(&input->vhost->events.reset, &private->reset);
	private->queue_start.notify = handle_queue_start;
	wl_signal_add(&input->vhost->events.queue_start, &private->queue_start);
	private->queue_stop.notify = handle_queue_stop;
	wl_signal_add(&input->vhost->events.queue_stop, &private->queue_stop);
	private->kick.notify = handle_kick;
	wl_signal_add(&input->vhost->events.kick, &private->kick);
	return input;
}

void virtio_input_destroy(struct virtio_input *input) {
	if (input == NULL) {
		return;
	}
	wl_list_remove(&input->private->reset.link);
	wl_list_remove(&input->private->queue_start.link);
	wl_list_remove(&input->private->queue_stop.link);
	wl_list_remove(&input->private->kick.link);
	vhost_user_destroy(input->vhost);
	free(input->private);
	free(input);
}

#include "virtio/input.h"

#include <string.h>

#define EVENT_QUEUE 0
#define STATUS_QUEUE 1

#define CONFIG_NAME 0x01
#define CONFIG_EVENT_BITS 0x11
#define CONFIG_ABSOLUTE_INFO 0x12

// 5.8.4 Device configuration layout.
struct virtio_input_config {
	uint8_t select;
	uint8_t subselect;
	uint8_t size;
	uint8_t reserved[5];
	uint8_t data[128];
};

// Returns how many bytes the device has of it: 0 for what it does not know.
static uint8_t query(
	struct input *input, uint8_t select, uint8_t subselect, void *data, uint8_t size_bytes) {
	volatile struct virtio_input_config *config = (volatile void *)input->device.config;
	config->select = select;
	config->subselect = subselect;
	uint8_t available = config->size;
	uint8_t *bytes = data;
	for (uint8_t i = 0; i < size_bytes; i++) {
		bytes[i] = i < available ? config->data[i] : 0;
	}
	return available;
}

static bool has_code(struct input *input, uint8_t type, unsigned int code) {
	uint8_t bits[1];
	return query(input, CONFIG_EVENT_BITS, type, bits, sizeof(bits)) > code / 8 &&
		(bits[0] >> code & 1);
}

static void identify(struct input *input) {
	query(input, CONFIG_NAME, 0, input->name, sizeof(input->name) - 1);
	// A tablet may have a wheel, which is relative: so its axes are what tells.
	if (has_code(input, EVDEV_ABS, EVDEV_ABS_X)) {
		input->kind = INPUT_TABLET;
		for (uint8_t axis = 0; axis < 2; axis++) {
			query(input, CONFIG_ABSOLUTE_INFO, axis, &input->ranges[axis],
				sizeof(input->ranges[axis]));
		}
	} else if (has_code(input, EVDEV_REL, EVDEV_REL_X)) {
		input->kind = INPUT_MOUSE;
	} else {
		input->kind = INPUT_KEYBOARD;
	}
}

static void offer(struct input *input, struct virtio_input_event *event) {
	struct virtqueue_buffer buffer = {event, sizeof(*event)};
	virtqueue_add(&input->event_queue, &buffer, 0, 1, event);
}

static bool setup(struct input *input, struct heap *heap, const struct pci_function *function) {
	input->events = heap_allocate(heap, INPUT_EVENTS * sizeof(*input->events), 16);
	if (input->events == NULL || !virtio_open(&input->device, function) ||
		input->device.config_bytes < sizeof(struct virtio_input_config) ||
		virtio_negotiate(&input->device, 0) == UINT64_MAX ||
		!virtio_setup_queue(&input->device, EVENT_QUEUE, &input->event_queue, heap) ||
		!virtio_setup_queue(&input->device, STATUS_QUEUE, &input->status_queue, heap)) {
		return false;
	}
	identify(input);
	for (int i = 0; i < input->event_queue.size; i++) {
		offer(input, &input->events[i]);
	}
	virtio_start(&input->device);
	virtio_notify(&input->device, EVENT_QUEUE, &input->event_queue);
	return true;
}

struct input *input_create(struct heap *heap, const struct pci_function *function) {
	struct input *input = heap_allocate(heap, sizeof(*input), 16);
	if (input != NULL && !setup(input, heap, function)) {
		virtio_fail(&input->device);
		return NULL;
	}
	return input;
}

void input_dispatch(struct input *input, uint64_t lines) {
	if (lines & input->device.lines) {
		virtio_acknowledge(&input->device, lines);
	}
}

bool input_take(struct input *input, struct virtio_input_event *event) {
	uint32_t written_bytes;
	struct virtio_input_event *taken = virtqueue_take(&input->event_queue, &written_bytes);
	if (taken == NULL) {
		if (input->offered) {
			virtio_notify(&input->device, EVENT_QUEUE, &input->event_queue);
			input->offered = false;
		}
		return false;
	}
	*event = *taken;
	memset(taken, 0, sizeof(*taken));
	offer(input, taken);
	input->offered = true;
	// What is shorter than an event counts as an empty one, which ends a group.
	if (written_bytes < sizeof(*event)) {
		*event = (struct virtio_input_event){0};
	}
	return true;
}

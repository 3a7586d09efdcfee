#include "fake_input.h"

#include <linux/input.h>
#include <string.h>

#define EVENT_BYTES sizeof(struct virtio_input_event)

static uint64_t slot(struct fake_device *device, unsigned queue, int head) {
	if (device->slots[queue] == 0) {
		device->slots[queue] = fake_guest_alloc(
			device->guest, FAKE_QUEUE_MAX_SIZE * EVENT_BYTES, 16);
	}
	return device->slots[queue] + (uint64_t)head * EVENT_BYTES;
}

void fake_input_refill(struct fake_device *device) {
	struct fake_queue *queue = &device->queues[FAKE_INPUT_EVENTS];
	struct fake_buffer buffer = {.size_bytes = EVENT_BYTES, .writable = true};
	while (queue->free_count > 0) {
		buffer.guest_address = slot(device, FAKE_INPUT_EVENTS, queue->free_head);
		fake_queue_offer(device, queue, &buffer, 1);
	}
	fake_queue_kick(queue);
}

bool fake_input_start_queues(struct fake_device *device, uint16_t size) {
	if (!fake_device_start_queue(device, FAKE_INPUT_EVENTS, size) ||
		!fake_device_start_queue(device, FAKE_INPUT_STATUS, size)) {
		return false;
	}
	fake_input_refill(device);
	return true;
}

bool fake_input_start(struct fake_device *device, uint64_t features, uint16_t size) {
	return fake_device_negotiate(device, features) && fake_input_start_queues(device, size);
}

bool fake_input_take(struct fake_device *device, struct virtio_input_event *event) {
	uint32_t written;
	int head = fake_queue_wait(device, &device->queues[FAKE_INPUT_EVENTS], &written);
	if (head < 0 || written != EVENT_BYTES) {
		return false;
	}
	memcpy(event, fake_guest_at(device->guest, slot(device, FAKE_INPUT_EVENTS, head)),
		EVENT_BYTES);
	return true;
}

bool fake_input_next(struct fake_device *device, struct virtio_input_event *event) {
	bool taken = fake_input_take(device, event);
	fake_input_refill(device);
	return taken;
}

bool fake_input_pending(const struct fake_device *device) {
	const struct fake_queue *queue = &device->queues[FAKE_INPUT_EVENTS];
	return __atomic_load_n(&queue->used->idx, __ATOMIC_ACQUIRE) != queue->used_index;
}

bool fake_input_status(struct fake_device *device, uint16_t type, uint16_t code, uint32_t value) {
	struct fake_queue *queue = &device->queues[FAKE_INPUT_STATUS];
	struct virtio_input_event event = {.type = type, .code = code, .value = value};
	struct fake_buffer buffer = {.size_bytes = EVENT_BYTES};
	buffer.guest_address = slot(device, FAKE_INPUT_STATUS, queue->free_head);
	memcpy(fake_guest_at(device->guest, buffer.guest_address), &event, EVENT_BYTES);
	int head = fake_queue_offer(device, queue, &buffer, 1);
	fake_queue_kick(queue);
	return head >= 0 && fake_queue_wait(device, queue, NULL) == head;
}

bool fake_input_config(struct fake_device *device, uint8_t select, uint8_t subsel,
	struct virtio_input_config *config) {
	struct virtio_input_config selection = {.select = select, .subsel = subsel};
	return fake_device_config_write(device, 0, &selection, sizeof(selection)) &&
		fake_device_config_read(device, 0, config, sizeof(*config));
}

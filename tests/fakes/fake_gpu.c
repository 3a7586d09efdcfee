#include "fake_gpu.h"

#include <string.h>

#define CONTROL_SIZE 64
#define CONTROL_SIZE_3D 256
#define CURSOR_SIZE 16
#define SLOT_BYTES (FAKE_GPU_REQUEST_BYTES + FAKE_GPU_RESPONSE_BYTES)

bool fake_gpu_start(struct fake_device *device, uint64_t features) {
	const bool with_3d = (features & 1 << VIRTIO_GPU_F_VIRGL) != 0;
	return fake_device_negotiate(device, features) && fake_device_send_gpu_socket(device) &&
		fake_device_start_queue(
			device, FAKE_GPU_CONTROL, with_3d ? CONTROL_SIZE_3D : CONTROL_SIZE) &&
		fake_device_start_queue(device, FAKE_GPU_CURSOR, CURSOR_SIZE);
}

// Every head has room for one request and one response.
static uint64_t slot(struct fake_device *device, unsigned queue, int head) {
	if (device->slots[queue] == 0) {
		device->slots[queue] = fake_guest_alloc(
			device->guest, (uint64_t)FAKE_QUEUE_MAX_SIZE * SLOT_BYTES, 4096);
	}
	return device->slots[queue] + (uint64_t)head * SLOT_BYTES;
}

int fake_gpu_submit(struct fake_device *device, unsigned queue, const void *request, size_t size,
	const struct fake_buffer *extra) {
	struct fake_queue *q = &device->queues[queue];
	uint64_t address = slot(device, queue, q->free_head);
	uint64_t response = address + FAKE_GPU_REQUEST_BYTES;
	if (size > FAKE_GPU_REQUEST_BYTES || q->free_count < 3) {
		return -1;
	}
	memcpy(fake_guest_at(device->guest, address), request, size);
	memset(fake_guest_at(device->guest, response), 0xa5, FAKE_GPU_RESPONSE_BYTES);
	struct fake_buffer buffers[3] = {{address, (uint32_t)size, false}};
	unsigned count = 1;
	if (extra != NULL) {
		buffers[count++] = *extra;
	}
	buffers[count++] = (struct fake_buffer){response, FAKE_GPU_RESPONSE_BYTES, true};
	return fake_queue_offer(device, q, buffers, count);
}

static int finish(struct fake_device *device, unsigned queue, int head,
	const struct virtio_gpu_ctrl_hdr **response) {
	if (head >= 0 && response != NULL) {
		*response = fake_guest_at(
			device->guest, slot(device, queue, head) + FAKE_GPU_REQUEST_BYTES);
	}
	return head;
}

int fake_gpu_complete(struct fake_device *device, unsigned queue,
	const struct virtio_gpu_ctrl_hdr **response, uint32_t *response_bytes) {
	int head = fake_queue_wait(device, &device->queues[queue], response_bytes);
	return finish(device, queue, head, response);
}

int fake_gpu_poll(struct fake_device *device, unsigned queue,
	const struct virtio_gpu_ctrl_hdr **response, uint32_t *response_bytes) {
	int head = fake_queue_poll(device, &device->queues[queue], response_bytes);
	return finish(device, queue, head, response);
}

uint32_t fake_gpu_command(struct fake_device *device, const void *request, size_t size,
	const struct fake_buffer *extra, void *response, size_t response_bytes) {
	const struct virtio_gpu_ctrl_hdr *answer;
	uint32_t written = 0;
	int head = fake_gpu_submit(device, FAKE_GPU_CONTROL, request, size, extra);
	if (head < 0) {
		return 0;
	}
	fake_queue_kick(&device->queues[FAKE_GPU_CONTROL]);
	if (fake_gpu_complete(device, FAKE_GPU_CONTROL, &answer, &written) != head) {
		return 0;
	}
	memcpy(response, answer, written < response_bytes ? written : response_bytes);
	return written;
}

static uint32_t simple(struct fake_device *device, const void *request, size_t size,
	const struct fake_buffer *extra) {
	struct virtio_gpu_ctrl_hdr response = {0};
	return fake_gpu_command(device, request, size, extra, &response, sizeof(response)) >=
			sizeof(response)
		? response.type
		: 0;
}

static struct virtio_gpu_ctrl_hdr header(uint32_t type, uint64_t fence) {
	return (struct virtio_gpu_ctrl_hdr){
		.type = type,
		.flags = fence != 0 ? VIRTIO_GPU_FLAG_FENCE : 0,
		.fence_id = fence & ~FAKE_GPU_FENCE(0),
	};
}

uint32_t fake_gpu_create_2d(struct fake_device *device, uint32_t resource, uint32_t format,
	uint32_t width, uint32_t height) {
	struct virtio_gpu_resource_create_2d request = {
		.hdr = header(VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, 0),
		.resource_id = resource,
		.format = format,
		.width = width,
		.height = height,
	};
	return simple(device, &request, sizeof(request), NULL);
}

uint32_t fake_gpu_unref(struct fake_device *device, uint32_t resource) {
	struct virtio_gpu_resource_unref request = {
		.hdr = header(VIRTIO_GPU_CMD_RESOURCE_UNREF, 0),
		.resource_id = resource,
	};
	return simple(device, &request, sizeof(request), NULL);
}

uint32_t fake_gpu_attach_backing(struct fake_device *device, uint32_t resource,
	const struct fake_backing *backings, uint32_t count) {
	struct virtio_gpu_resource_attach_backing request = {
		.hdr = header(VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING, 0),
		.resource_id = resource,
		.nr_entries = count,
	};
	struct fake_buffer extra = {
		.size_bytes = count * (uint32_t)sizeof(struct virtio_gpu_mem_entry)};
	if (count == 0) {
		return simple(device, &request, sizeof(request), NULL);
	}
	extra.guest_address = fake_guest_alloc(device->guest, extra.size_bytes, 16);
	struct virtio_gpu_mem_entry *entries = fake_guest_at(device->guest, extra.guest_address);
	for (uint32_t i = 0; i < count; i++) {
		entries[i] = (struct virtio_gpu_mem_entry){
			.addr = backings[i].guest_address,
			.length = backings[i].size_bytes,
		};
	}
	return simple(device, &request, sizeof(request), &extra);
}

uint32_t fake_gpu_detach_backing(struct fake_device *device, uint32_t resource) {
	struct virtio_gpu_resource_detach_backing request = {
		.hdr = header(VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, 0),
		.resource_id = resource,
	};
	return simple(device, &request, sizeof(request), NULL);
}

uint32_t fake_gpu_set_scanout(struct fake_device *device, uint32_t scanout, uint32_t resource,
	struct virtio_gpu_rect rect) {
	struct virtio_gpu_set_scanout request = {
		.hdr = header(VIRTIO_GPU_CMD_SET_SCANOUT, 0),
		.r = rect,
		.scanout_id = scanout,
		.resource_id = resource,
	};
	return simple(device, &request, sizeof(request), NULL);
}

uint32_t fake_gpu_transfer(struct fake_device *device, uint32_t resource,
	struct virtio_gpu_rect rect, uint64_t offset_bytes) {
	struct virtio_gpu_transfer_to_host_2d request = {
		.hdr = header(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D, 0),
		.r = rect,
		.offset = offset_bytes,
		.resource_id = resource,
	};
	return simple(device, &request, sizeof(request), NULL);
}

uint32_t fake_gpu_flush(struct fake_device *device, uint32_t resource, struct virtio_gpu_rect rect,
	uint64_t fence) {
	struct virtio_gpu_resource_flush request = {
		.hdr = header(VIRTIO_GPU_CMD_RESOURCE_FLUSH, fence),
		.r = rect,
		.resource_id = resource,
	};
	return simple(device, &request, sizeof(request), NULL);
}

bool fake_gpu_cursor(struct fake_device *device, uint32_t type, uint32_t scanout, uint32_t resource,
	uint32_t x, uint32_t y, uint32_t hot_x, uint32_t hot_y) {
	struct virtio_gpu_update_cursor request = {
		.hdr = header(type, 0),
		.pos = {.scanout_id = scanout, .x = x, .y = y},
		.resource_id = resource,
		.hot_x = hot_x,
		.hot_y = hot_y,
	};
	while (fake_gpu_poll(device, FAKE_GPU_CURSOR, NULL, NULL) >= 0) {
		;
	}
	if (fake_gpu_submit(device, FAKE_GPU_CURSOR, &request, sizeof(request), NULL) < 0) {
		return false;
	}
	fake_queue_kick(&device->queues[FAKE_GPU_CURSOR]);
	return true;
}

uint32_t fake_gpu_display_info(
	struct fake_device *device, struct virtio_gpu_resp_display_info *info) {
	struct virtio_gpu_ctrl_hdr request = header(VIRTIO_GPU_CMD_GET_DISPLAY_INFO, 0);
	memset(info, 0, sizeof(*info));
	fake_gpu_command(device, &request, sizeof(request), NULL, info, sizeof(*info));
	return info->hdr.type;
}

uint32_t fake_gpu_edid(
	struct fake_device *device, uint32_t scanout, struct virtio_gpu_resp_edid *edid) {
	struct virtio_gpu_cmd_get_edid request = {
		.hdr = header(VIRTIO_GPU_CMD_GET_EDID, 0),
		.scanout = scanout,
	};
	memset(edid, 0, sizeof(*edid));
	fake_gpu_command(device, &request, sizeof(request), NULL, edid, sizeof(*edid));
	return edid->hdr.type;
}

uint64_t fake_gpu_make_framebuffer(struct fake_device *device, uint32_t resource, uint32_t format,
	uint32_t width, uint32_t height) {
	struct fake_backing backing = {.size_bytes = width * height * 4};
	backing.guest_address = fake_guest_alloc_high(device->guest, backing.size_bytes, 4096);
	if (fake_gpu_create_2d(device, resource, format, width, height) !=
			VIRTIO_GPU_RESP_OK_NODATA ||
		fake_gpu_attach_backing(device, resource, &backing, 1) !=
			VIRTIO_GPU_RESP_OK_NODATA) {
		return 0;
	}
	return backing.guest_address;
}

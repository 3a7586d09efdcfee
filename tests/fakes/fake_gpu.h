/*
 * A virtio-gpu driver of the fake guest, over fake_device's queues 0 (control) and 1 (cursor).
 *
 * virtio 1.3, 5.7 "GPU Device".
 */
#ifndef FAKE_GPU_H
#define FAKE_GPU_H

#include <linux/virtio_gpu.h>
#include <stddef.h>
#include <stdint.h>

#include "fake_guest.h"

#define FAKE_GPU_CONTROL 0
#define FAKE_GPU_CURSOR 1
#define FAKE_GPU_REQUEST_BYTES 512
#define FAKE_GPU_RESPONSE_BYTES 2048
#define FAKE_GPU_FENCE(id) (UINT64_C(1) << 63 | (id))

/** A piece of a resource's backing; in guest memory. */
struct fake_backing {
	uint64_t guest_address;
	uint32_t size_bytes;
};

/** Negotiate and start both queues as QEMU does: 64 and 16 entries, 256 and 16 for 3D. */
bool fake_gpu_start(struct fake_device *device, uint64_t features);

/**
 * Offer a command without waiting; at most FAKE_GPU_REQUEST_BYTES, little-endian as on the wire.
 * The caller kicks. extra is a second readable buffer, may be NULL.
 *
 * Returns the chain's head, or -1: the ring is full.
 */
int fake_gpu_submit(struct fake_device *device, unsigned queue, const void *request, size_t size,
	const struct fake_buffer *extra);

/**
 * Wait for any command that is done. Returns its head, or -1 after FAKE_TIMEOUT_MS; response
 * points into guest memory, good until that head is offered again.
 */
int fake_gpu_complete(struct fake_device *device, unsigned queue,
	const struct virtio_gpu_ctrl_hdr **response, uint32_t *response_bytes);

/** The same without waiting. */
int fake_gpu_poll(struct fake_device *device, unsigned queue,
	const struct virtio_gpu_ctrl_hdr **response, uint32_t *response_bytes);

/**
 * One command on the control queue, and its response. Nothing else may be on the way.
 *
 * Returns how many bytes the device wrote, at most response_bytes of which are copied; 0 when no
 * answer came.
 */
uint32_t fake_gpu_command(struct fake_device *device, const void *request, size_t size,
	const struct fake_buffer *extra, void *response, size_t response_bytes);

// Each returns the type of the response, or 0 when no answer came. fence: 0, or FAKE_GPU_FENCE().
uint32_t fake_gpu_create_2d(struct fake_device *device, uint32_t resource, uint32_t format,
	uint32_t width, uint32_t height);
uint32_t fake_gpu_unref(struct fake_device *device, uint32_t resource);
uint32_t fake_gpu_attach_backing(struct fake_device *device, uint32_t resource,
	const struct fake_backing *backings, uint32_t count);
uint32_t fake_gpu_detach_backing(struct fake_device *device, uint32_t resource);
uint32_t fake_gpu_set_scanout(struct fake_device *device, uint32_t scanout, uint32_t resource,
	struct virtio_gpu_rect rect);
uint32_t fake_gpu_transfer(struct fake_device *device, uint32_t resource,
	struct virtio_gpu_rect rect, uint64_t offset_bytes);
uint32_t fake_gpu_flush(
	struct fake_device *device, uint32_t resource, struct virtio_gpu_rect rect, uint64_t fence);

/** On the cursor queue; nothing waits for the answer, which is only collected. */
bool fake_gpu_cursor(struct fake_device *device, uint32_t type, uint32_t scanout, uint32_t resource,
	uint32_t x, uint32_t y, uint32_t hot_x, uint32_t hot_y);

uint32_t fake_gpu_display_info(
	struct fake_device *device, struct virtio_gpu_resp_display_info *info);
uint32_t fake_gpu_edid(
	struct fake_device *device, uint32_t scanout, struct virtio_gpu_resp_edid *edid);

/**
 * A resource of the given size, four bytes a pixel, with contiguous backing in the high region.
 * Returns the guest address of its backing, or 0.
 */
uint64_t fake_gpu_make_framebuffer(struct fake_device *device, uint32_t resource, uint32_t format,
	uint32_t width, uint32_t height);

#endif

/**
 * The display: scanout of a virtio-gpu device, 2D commands.
 *
 * There is one canvas in our memory and two resources of its size at the host, which both have
 * the canvas as their backing. A frame is copied (TRANSFER_TO_HOST_2D) into the resource that is
 * not shown, which is then shown (SET_SCANOUT) and flushed: so the host never shows half of a
 * frame, and we keep no second canvas. What one frame changed, the other resource lacks: it is
 * its *stale* region, and is copied with the next frame.
 *
 * The flush is fenced: the host answers it when the frame was shown. One frame is on its way at a
 * time; the damage of those presented meanwhile is collected.
 *
 * virtio 1.3, 5.7 GPU Device.
 */
#ifndef GK_VIRTIO_GPU_H
#define GK_VIRTIO_GPU_H

#include "core/region.h"
#include "gk/display.h"
#include "virtio/device.h"
#include "virtio/gpu_protocol.h"

#define GPU_COMMANDS 24
#define GPU_CURSOR_SIZE 64 // the only one that devices take
#define GPU_CURSOR_BYTES (GPU_CURSOR_SIZE * GPU_CURSOR_SIZE * 4)

struct gk;

/** A command and its answer: what the device reads and writes. */
struct gpu_command {
	union {
		struct virtio_gpu_ctrl_hdr hdr;
		struct virtio_gpu_get_edid get_edid;
		struct virtio_gpu_resource_create_2d create;
		struct virtio_gpu_resource_name name;
		struct virtio_gpu_resource_attach_backing attach;
		struct virtio_gpu_set_scanout set_scanout;
		struct virtio_gpu_transfer_to_host_2d transfer;
		struct virtio_gpu_resource_flush flush;
		struct virtio_gpu_update_cursor cursor;
	} request;
	union {
		struct virtio_gpu_ctrl_hdr hdr;
		struct virtio_gpu_resp_display_info display_info;
		struct virtio_gpu_resp_edid edid;
	} response;
	bool busy; // the device has it
};

struct gpu_resource {
	uint32_t id; // 0: none
	struct region stale; // where the canvas is newer
};

struct gpu {
	struct gk *gk;
	struct virtio_device device;
	struct virtqueue control;
	struct virtqueue cursor;
	struct gpu_command *commands;
	struct gpu_command *cursor_command;
	uint32_t *cursor_pixels;

	bool has_edid;
	bool configured; // a change of the configuration was told while something was waited for
	uint32_t scanout_id;
	struct gk_screen screen;
	struct gk_canvas canvas;
	uint32_t next_resource_id;
	uint64_t next_fence_id;

	struct gpu_resource resources[2];
	int back; // index of the one not shown
	uint32_t old_resources[2]; // of the canvas before, still shown
	uint32_t cursor_resource;
	int cursor_hot_x, cursor_hot_y; // in its image
	struct region damage; // drawn, not yet presented
	bool present_wanted; // presented, but a flush is still on its way
	int transfers; // on their way
	int flushes; // fenced, on their way
};

/** Returns NULL, after logging why, if the device cannot be used. It lives for ever. */
struct gpu *gpu_create(struct gk *gk, const struct pci_function *function);

/**
 * Handle what the device has done. lines are those raised.
 *
 * Returns true if the canvas was replaced by one of another size.
 */
bool gpu_dispatch(struct gpu *gpu, uint64_t lines);

/** Wait until the canvas may be drawn on. */
void gpu_wait_canvas(struct gpu *gpu);

/** Present the damage, now or when the flush before it is done. */
void gpu_present(struct gpu *gpu);

/** Show the pointer's picture: 64 x 64 pixels 0xAARRGGBB; NULL for none. */
void gpu_set_cursor(struct gpu *gpu, const uint32_t *pixels, int hot_x, int hot_y, int x, int y);

/** Tell where the pointer is. */
void gpu_move_cursor(struct gpu *gpu, int x, int y);

#endif

/*
 * The commands of the control and cursor queues, as a table: what each must have, and who runs it.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <linux/virtio_gpu.h>
#include <stdint.h>

#include "virtio_gpu.h"

/** The fixed part of any command that is known. */
union request_body {
	struct virtio_gpu_ctrl_hdr hdr;
	struct virtio_gpu_resource_create_2d create_2d;
	struct virtio_gpu_resource_unref unref;
	struct virtio_gpu_resource_attach_backing attach_backing;
	struct virtio_gpu_resource_detach_backing detach_backing;
	struct virtio_gpu_transfer_to_host_2d transfer_2d;
	struct virtio_gpu_set_scanout set_scanout;
	struct virtio_gpu_resource_flush flush;
	struct virtio_gpu_cmd_get_edid get_edid;
	struct virtio_gpu_update_cursor cursor;
};

/** Any response. */
union request_response {
	struct virtio_gpu_ctrl_hdr hdr;
	struct virtio_gpu_resp_display_info display_info;
	struct virtio_gpu_resp_edid edid;
};

/** When a command is answered. */
enum request_answer {
	REQUEST_ANSWER_NOW,
	REQUEST_ANSWER_PACED, // an unfenced flush
	REQUEST_ANSWER_PRESENTED, // a fenced flush that is on its way to the screen
};

/** A command that is being run: a private copy of what the guest wrote. */
struct request {
	struct virtio_gpu *gpu;
	union request_body body; // the guest's byte order
	const struct virtqueue_chain *chain; // for what follows the fixed part
	union request_response response; // zeroed but for what the handler sets
	uint32_t response_bytes; // set by the handler where it is more than the header
	enum request_answer answer;
	unsigned scanout; // REQUEST_ANSWER_PACED and PRESENTED: whose pacing it is subject to
	uint64_t serial; // REQUEST_ANSWER_PRESENTED: of the frame; 0: not committed yet
};

struct request_row {
	uint32_t type; // enum virtio_gpu_ctrl_type
	enum virtio_gpu_queue queue;
	uint32_t size_bytes; // of the fixed part; a command may be longer
	enum virtio_gpu_ctrl_type (*run)(struct request *request);
};

/** Returns NULL for a command that the queue does not have. */
const struct request_row *request_find(enum virtio_gpu_queue queue, uint32_t type);

#endif

/*
 * The commands of the control and cursor queues, as a table: what each must have, and who runs it.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <linux/virtio_gpu.h>
#include <stdint.h>

#include "virtio_gpu.h"

/** Of what follows a response's fixed part. */
#define REQUEST_DATA_MAX_BYTES RENDER_CAPSET_MAX_BYTES

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
	struct virtio_gpu_get_capset_info get_capset_info;
	struct virtio_gpu_get_capset get_capset;
	struct virtio_gpu_ctx_create ctx_create;
	struct virtio_gpu_ctx_resource ctx_resource;
	struct virtio_gpu_resource_create_3d create_3d;
	struct virtio_gpu_transfer_host_3d transfer_3d;
	struct virtio_gpu_cmd_submit submit_3d;
};

/** Any response. */
union request_response {
	struct virtio_gpu_ctrl_hdr hdr;
	struct virtio_gpu_resp_display_info display_info;
	struct virtio_gpu_resp_edid edid;
	struct virtio_gpu_resp_capset_info capset_info;
};

/** When a command is answered. */
enum request_answer {
	REQUEST_ANSWER_NOW,
	REQUEST_ANSWER_PACED, // an unfenced flush
	REQUEST_ANSWER_PRESENTED, // a fenced flush that is on its way to the screen
	REQUEST_ANSWER_RENDERED, // when the renderer has run the command
	REQUEST_RUN_LATER, // there is no room, or no renderer yet: the queue waits
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
	/** PRESENTED: of the frame; 0: not committed yet. RENDERED: of the renderer's command. */
	uint64_t serial;
	const void *data; // follows the response; may be NULL
	uint32_t data_bytes;
};

struct request_row {
	uint32_t type; // enum virtio_gpu_ctrl_type
	enum virtio_gpu_queue queue;
	uint32_t size_bytes; // of the fixed part; a command may be longer
	bool is_3d; // only where the driver took VIRTIO_GPU_F_VIRGL
	enum virtio_gpu_ctrl_type (*run)(struct request *request);
};

/** A resource by its number in the guest's byte order; may be NULL. */
struct resource *request_find_resource(const struct request *request, uint32_t id);

// The commands of 3D, in request_3d.c.
enum virtio_gpu_ctrl_type request_run_get_capset_info(struct request *request);
enum virtio_gpu_ctrl_type request_run_get_capset(struct request *request);
enum virtio_gpu_ctrl_type request_run_ctx_create(struct request *request);
enum virtio_gpu_ctrl_type request_run_ctx_destroy(struct request *request);
enum virtio_gpu_ctrl_type request_run_ctx_attach(struct request *request);
enum virtio_gpu_ctrl_type request_run_ctx_detach(struct request *request);
enum virtio_gpu_ctrl_type request_run_create_3d(struct request *request);
enum virtio_gpu_ctrl_type request_run_transfer_to_host_3d(struct request *request);
enum virtio_gpu_ctrl_type request_run_transfer_from_host_3d(struct request *request);
enum virtio_gpu_ctrl_type request_run_submit_3d(struct request *request);

// What other commands mean for a 3D resource. Its own parts are checked.
enum virtio_gpu_ctrl_type request_unref_3d(struct request *request, struct resource *resource);
enum virtio_gpu_ctrl_type request_attach_backing_3d(
	struct request *request, struct resource *resource);
enum virtio_gpu_ctrl_type request_detach_backing_3d(
	struct request *request, struct resource *resource);
enum virtio_gpu_ctrl_type request_transfer_2d_3d(struct request *request, struct resource *resource,
	const struct pixman_box32 *box, uint64_t offset_bytes);

/** Returns NULL for a command that the queue does not have. */
const struct request_row *request_find(enum virtio_gpu_queue queue, uint32_t type);

#endif

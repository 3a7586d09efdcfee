/*
 * The commands of 3D: checked as far as this side knows them, and passed on to the renderer.
 *
 * virtio 1.3, 5.7.6.8 "Device Operation: controlq (3d)".
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

static struct renderer_remote *remote_of(const struct request *request) {
	return request->gpu->remote;
}

/** The command's header for the renderer; ring_idx counts only where contexts have rings. */
static struct render_header header_of(const struct request *request) {
	const struct virtio_gpu_ctrl_hdr *in = &request->body.hdr;
	const uint32_t flags = le32toh(in->flags);
	return (struct render_header){
		.context = le32toh(in->ctx_id),
		.fenced = (flags & VIRTIO_GPU_FLAG_FENCE) != 0,
		.ring = (flags & VIRTIO_GPU_FLAG_INFO_RING_IDX) != 0 ? in->ring_idx
								     : RENDER_RING_NONE,
	};
}

static enum virtio_gpu_ctrl_type run_later(struct request *request) {
	request->answer = REQUEST_RUN_LATER;
	return VIRTIO_GPU_RESP_OK_NODATA;
}

/** Pass a command on, which ends with pieces. */
static enum virtio_gpu_ctrl_type send_pieces(struct request *request, uint32_t type, void *body,
	size_t body_bytes, const struct iovec *pieces, size_t pieces_len, size_t pieces_bytes) {
	struct renderer_remote *remote = remote_of(request);
	if (body_bytes + pieces_bytes > render_link_max_bytes()) {
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	if (!renderer_remote_has_room(remote, body_bytes + pieces_bytes)) {
		return run_later(request);
	}
	request->serial = renderer_remote_send(remote, type, body, body_bytes, pieces, pieces_len);
	if (request->serial == 0) {
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	request->answer = REQUEST_ANSWER_RENDERED;
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type send(
	struct request *request, uint32_t type, void *body, size_t body_bytes) {
	return send_pieces(request, type, body, body_bytes, NULL, 0, 0);
}

/** A 3D resource that the renderer still has. */
static struct resource *find_live(const struct request *request, uint32_t id) {
	struct resource *resource = request_find_resource(request, id);
	return resource != NULL && resource->record->kind == RESOURCE_3D && !resource->lost
		? resource
		: NULL;
}

// --- capsets -----------------------------------------------------------------------------

/** Whether the renderer has told of its capsets; if not, the answer is what is to be returned. */
static bool has_capsets(struct request *request, enum virtio_gpu_ctrl_type *result) {
	struct renderer_remote *remote = remote_of(request);
	if (remote->state == RENDERER_REMOTE_READY) {
		return true;
	}
	*result = renderer_remote_want(remote) ? run_later(request) : VIRTIO_GPU_RESP_ERR_UNSPEC;
	return false;
}

enum virtio_gpu_ctrl_type request_run_get_capset_info(struct request *request) {
	const struct renderer_remote *remote = remote_of(request);
	struct virtio_gpu_resp_capset_info *info = &request->response.capset_info;
	const uint32_t index = le32toh(request->body.get_capset_info.capset_index);
	enum virtio_gpu_ctrl_type result;
	if (index >= RENDER_CAPSETS_MAX) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	if (!has_capsets(request, &result)) {
		return result;
	}
	// The configuration space counted them before the renderer did: a missing one has no size.
	if (index < remote->capsets_len) {
		info->capset_id = htole32(remote->capsets[index].id);
		info->capset_max_version = htole32(remote->capsets[index].version);
		info->capset_max_size = htole32(remote->capsets[index].bytes);
	}
	request->response_bytes = sizeof(*info);
	return VIRTIO_GPU_RESP_OK_CAPSET_INFO;
}

enum virtio_gpu_ctrl_type request_run_get_capset(struct request *request) {
	const struct renderer_remote *remote = remote_of(request);
	const uint32_t id = le32toh(request->body.get_capset.capset_id);
	const uint32_t version = le32toh(request->body.get_capset.capset_version);
	enum virtio_gpu_ctrl_type result;
	if (!has_capsets(request, &result)) {
		return result;
	}
	for (uint32_t i = 0; i < remote->capsets_len; i++) {
		const struct renderer_capset *capset = &remote->capsets[i];
		if (capset->id == id && version <= capset->version) {
			request->data = capset->data;
			request->data_bytes = capset->bytes;
			return VIRTIO_GPU_RESP_OK_CAPSET;
		}
	}
	return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
}

// --- contexts ----------------------------------------------------------------------------

enum virtio_gpu_ctrl_type request_run_ctx_create(struct request *request) {
	const struct virtio_gpu_ctx_create *body = &request->body.ctx_create;
	struct renderer_remote *remote = remote_of(request);
	const uint32_t context = le32toh(body->hdr.ctx_id), nlen = le32toh(body->nlen);
	// The renderer keeps the last number for itself.
	if (context == 0 || context == UINT32_MAX || renderer_remote_has_context(remote, context)) {
		return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
	}
	if (!renderer_remote_want(remote)) {
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	}
	struct render_context create = {.header = header_of(request)};
	if ((request->gpu->vhost->state.features & UINT64_C(1) << VIRTIO_GPU_F_CONTEXT_INIT) != 0) {
		create.flags = le32toh(body->context_init);
	}
	const size_t name_max = sizeof(create.name) - 1;
	memcpy(create.name, body->debug_name, nlen < name_max ? nlen : name_max);
	if (remote->contexts_len == RENDERER_REMOTE_CONTEXTS_MAX) {
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	const enum virtio_gpu_ctrl_type result = send(
		request, RENDER_CONTEXT_CREATE, &create, sizeof(create));
	if (request->answer == REQUEST_ANSWER_RENDERED) {
		renderer_remote_add_context(remote, context);
	}
	return result;
}

enum virtio_gpu_ctrl_type request_run_ctx_destroy(struct request *request) {
	struct renderer_remote *remote = remote_of(request);
	struct render_header header = header_of(request);
	if (!renderer_remote_has_context(remote, header.context)) {
		return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
	}
	const uint32_t context = header.context;
	const enum virtio_gpu_ctrl_type result = send(
		request, RENDER_CONTEXT_DESTROY, &header, sizeof(header));
	if (request->answer == REQUEST_ANSWER_RENDERED) {
		renderer_remote_remove_context(remote, context);
	}
	return result;
}

static enum virtio_gpu_ctrl_type run_ctx_resource(struct request *request, uint32_t type) {
	const struct resource *resource = request_find_resource(
		request, request->body.ctx_resource.resource_id);
	struct render_id body = {.header = header_of(request)};
	if (!renderer_remote_has_context(remote_of(request), body.header.context)) {
		return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
	}
	if (resource == NULL || resource->lost) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	if (resource->record->kind != RESOURCE_3D) {
		return VIRTIO_GPU_RESP_OK_NODATA; // Linux attaches every buffer that a program opens
	}
	body.id = resource->record->id;
	return send(request, type, &body, sizeof(body));
}

enum virtio_gpu_ctrl_type request_run_ctx_attach(struct request *request) {
	return run_ctx_resource(request, RENDER_CONTEXT_ATTACH);
}

enum virtio_gpu_ctrl_type request_run_ctx_detach(struct request *request) {
	return run_ctx_resource(request, RENDER_CONTEXT_DETACH);
}

// --- resources ---------------------------------------------------------------------------

enum virtio_gpu_ctrl_type request_run_create_3d(struct request *request) {
	const struct virtio_gpu_resource_create_3d *in = &request->body.create_3d;
	struct virtio_gpu *gpu = request->gpu;
	const uint32_t id = le32toh(in->resource_id);
	const struct resource_3d shape = {
		.target = le32toh(in->target),
		.format = le32toh(in->format),
		.bind = le32toh(in->bind),
		.width = le32toh(in->width),
		.height = le32toh(in->height),
		.depth = le32toh(in->depth),
		.array_size = le32toh(in->array_size),
		.last_level = le32toh(in->last_level),
		.nr_samples = le32toh(in->nr_samples),
		.flags = le32toh(in->flags),
	};
	if (id == 0 || request_find_resource(request, in->resource_id) != NULL) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	if (shape.width > INT32_MAX || shape.height > INT32_MAX) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	// Without a context there may be no renderer, and none is started for this.
	if (remote_of(request)->contexts_len == 0 && !renderer_remote_want(remote_of(request))) {
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	}
	struct render_resource body = {
		.header = header_of(request),
		.id = id,
		.target = shape.target,
		.format = shape.format,
		.bind = shape.bind,
		.width = shape.width,
		.height = shape.height,
		.depth = shape.depth,
		.array_size = shape.array_size,
		.last_level = shape.last_level,
		.nr_samples = shape.nr_samples,
		.flags = shape.flags,
	};
	if (!renderer_remote_has_room(gpu->remote, sizeof(body))) {
		return run_later(request);
	}
	struct resource *resource = resource_create_3d(&gpu->resources, id, &shape);
	if (resource == NULL) {
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	const enum virtio_gpu_ctrl_type result = send(
		request, RENDER_RESOURCE_CREATE, &body, sizeof(body));
	if (request->answer != REQUEST_ANSWER_RENDERED) {
		resource_destroy(&gpu->resources, resource);
	}
	return result;
}

static enum virtio_gpu_ctrl_type send_id(
	struct request *request, uint32_t type, const struct resource *resource) {
	struct render_id body = {.header = header_of(request), .id = resource->record->id};
	if (resource->lost) {
		return VIRTIO_GPU_RESP_OK_NODATA;
	}
	return send(request, type, &body, sizeof(body));
}

enum virtio_gpu_ctrl_type request_unref_3d(struct request *request, struct resource *resource) {
	const enum virtio_gpu_ctrl_type result = send_id(request, RENDER_RESOURCE_UNREF, resource);
	if (request->answer != REQUEST_RUN_LATER) {
		resource_destroy(&request->gpu->resources, resource);
	}
	return result;
}

/** The entries are kept, neighbours merged, and sent so. */
enum virtio_gpu_ctrl_type request_attach_backing_3d(
	struct request *request, struct resource *resource) {
	struct render_entry entries[64];
	struct render_backing body = {
		.header = header_of(request),
		.id = resource->record->id,
		.entries_len = resource->record->entry_count,
	};
	if (resource->lost) {
		return VIRTIO_GPU_RESP_OK_NODATA;
	}
	struct render_entry *all = entries;
	if (body.entries_len > sizeof(entries) / sizeof(entries[0])) {
		all = calloc(body.entries_len, sizeof(*all));
	}
	enum virtio_gpu_ctrl_type result = VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	if (all != NULL) {
		for (uint32_t i = 0; i < body.entries_len; i++) {
			all[i].guest_address = resource->entries[i].address;
			all[i].length_bytes = resource->entries[i].length_bytes;
		}
		const struct iovec piece = {
			.iov_base = all, .iov_len = body.entries_len * sizeof(*all)};
		result = send_pieces(request, RENDER_ATTACH_BACKING, &body, sizeof(body), &piece, 1,
			piece.iov_len);
	}
	if (all != entries) {
		free(all);
	}
	if (request->answer != REQUEST_ANSWER_RENDERED) {
		resource_detach(&request->gpu->resources, resource);
	}
	return result;
}

enum virtio_gpu_ctrl_type request_detach_backing_3d(
	struct request *request, struct resource *resource) {
	const enum virtio_gpu_ctrl_type result = send_id(request, RENDER_DETACH_BACKING, resource);
	if (request->answer != REQUEST_RUN_LATER) {
		resource_detach(&request->gpu->resources, resource);
	}
	return result;
}

// --- transfers and drawing ---------------------------------------------------------------

enum virtio_gpu_ctrl_type request_transfer_2d_3d(struct request *request, struct resource *resource,
	const struct pixman_box32 *box, uint64_t offset_bytes) {
	struct render_transfer body = {
		.header = header_of(request),
		.id = resource->record->id,
		.x = (uint32_t)box->x1,
		.y = (uint32_t)box->y1,
		.width = (uint32_t)(box->x2 - box->x1),
		.height = (uint32_t)(box->y2 - box->y1),
		.depth = 1,
		.offset_bytes = offset_bytes,
	};
	body.header.context = 0;
	if (resource->lost) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	return send(request, RENDER_TRANSFER_TO_HOST, &body, sizeof(body));
}

static enum virtio_gpu_ctrl_type run_transfer_3d(struct request *request, uint32_t type) {
	const struct virtio_gpu_transfer_host_3d *in = &request->body.transfer_3d;
	const struct resource *resource = find_live(request, in->resource_id);
	struct render_transfer body = {
		.header = header_of(request),
		.id = le32toh(in->resource_id),
		.level = le32toh(in->level),
		.stride = le32toh(in->stride),
		.layer_stride = le32toh(in->layer_stride),
		.x = le32toh(in->box.x),
		.y = le32toh(in->box.y),
		.z = le32toh(in->box.z),
		.width = le32toh(in->box.w),
		.height = le32toh(in->box.h),
		.depth = le32toh(in->box.d),
		.offset_bytes = le64toh(in->offset),
	};
	if (resource == NULL) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	if (body.header.context != 0 &&
		!renderer_remote_has_context(remote_of(request), body.header.context)) {
		return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
	}
	return send(request, type, &body, sizeof(body));
}

enum virtio_gpu_ctrl_type request_run_transfer_to_host_3d(struct request *request) {
	return run_transfer_3d(request, RENDER_TRANSFER_TO_HOST);
}

enum virtio_gpu_ctrl_type request_run_transfer_from_host_3d(struct request *request) {
	return run_transfer_3d(request, RENDER_TRANSFER_FROM_HOST);
}

/** The part of a chain behind its first bytes. Returns how many pieces that takes. */
static size_t cut(const struct virtqueue_chain *chain, size_t skip_bytes, size_t bytes,
	struct iovec pieces[static VIRTQUEUE_MAX_DESCRIPTORS]) {
	size_t len = 0;
	for (size_t i = 0; i < chain->readable_count && bytes > 0; i++) {
		const struct iovec *in = &chain->readable[i];
		if (skip_bytes >= in->iov_len) {
			skip_bytes -= in->iov_len;
			continue;
		}
		const size_t left = in->iov_len - skip_bytes;
		pieces[len] = (struct iovec){
			.iov_base = (uint8_t *)in->iov_base + skip_bytes,
			.iov_len = left < bytes ? left : bytes,
		};
		bytes -= pieces[len++].iov_len;
		skip_bytes = 0;
	}
	return len;
}

enum virtio_gpu_ctrl_type request_run_submit_3d(struct request *request) {
	const struct virtqueue_chain *chain = request->chain;
	const size_t fixed_bytes = sizeof(request->body.submit_3d);
	const uint32_t size_bytes = le32toh(request->body.submit_3d.size);
	struct render_submit body = {
		.header = header_of(request),
		.words_len = size_bytes / sizeof(uint32_t),
	};
	if (!renderer_remote_has_context(remote_of(request), body.header.context)) {
		return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
	}
	if (size_bytes % sizeof(uint32_t) != 0 ||
		size_bytes > chain->readable_bytes - fixed_bytes) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	struct iovec pieces[VIRTQUEUE_MAX_DESCRIPTORS];
	const size_t pieces_len = cut(chain, fixed_bytes, size_bytes, pieces);
	return send_pieces(
		request, RENDER_SUBMIT, &body, sizeof(body), pieces, pieces_len, size_bytes);
}

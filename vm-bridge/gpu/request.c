#include "request.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "edid.h"
#include "iov.h"
#include "renderer_2d.h"

struct resource *request_find_resource(const struct request *request, uint32_t id) {
	return resource_table_find(&request->gpu->resources, le32toh(id));
}

static bool is_3d(const struct resource *resource) {
	return resource->record->kind == RESOURCE_3D;
}

/** Check that a rectangle has an area and lies in width x height; each field, then the sum. */
static bool to_box(const struct virtio_gpu_rect *untrusted, uint32_t width, uint32_t height,
	struct pixman_box32 *box) {
	const uint32_t x = le32toh(untrusted->x), y = le32toh(untrusted->y);
	const uint32_t w = le32toh(untrusted->width), h = le32toh(untrusted->height);
	if (w == 0 || h == 0 || w > width || h > height || x > width - w || y > height - h) {
		return false;
	}
	*box = (struct pixman_box32){
		.x1 = (int32_t)x,
		.y1 = (int32_t)y,
		.x2 = (int32_t)(x + w),
		.y2 = (int32_t)(y + h),
	};
	return true;
}

// --- display -----------------------------------------------------------------------------

static enum virtio_gpu_ctrl_type run_get_display_info(struct request *request) {
	struct virtio_gpu_resp_display_info *info = &request->response.display_info;
	uint32_t x = 0; // side by side, in the order in which the tablet spans them
	for (unsigned i = 0; i < request->gpu->scanout_count; i++) {
		const struct virtio_gpu_display_record *record = request->gpu->displays[i].record;
		const struct window_mode *mode = &record->mode;
		if (record->disabled) {
			continue;
		}
		info->pmodes[i].r.x = htole32(x);
		x += mode->width;
		info->pmodes[i].r.width = htole32(mode->width);
		info->pmodes[i].r.height = htole32(mode->height);
		info->pmodes[i].enabled = htole32(1);
	}
	request->response_bytes = sizeof(*info);
	return VIRTIO_GPU_RESP_OK_DISPLAY_INFO;
}

static enum virtio_gpu_ctrl_type run_get_edid(struct request *request) {
	struct virtio_gpu_resp_edid *edid = &request->response.edid;
	static_assert(sizeof(edid->edid) >= EDID_MAX_BYTES, "an EDID fits its response");
	const uint32_t index = le32toh(request->body.get_edid.scanout);
	if (index >= request->gpu->scanout_count) {
		return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
	}
	const struct window_mode *mode = &request->gpu->displays[index].record->mode;
	const struct edid_display display = {
		.width = mode->width,
		.height = mode->height,
		.refresh_mhz = mode->refresh_mhz,
		.width_mm = mode->width_mm,
		.height_mm = mode->height_mm,
		.name = request->gpu->options.name,
		.serial = index + 1,
	};
	edid->size = htole32((uint32_t)edid_write(&display, edid->edid));
	request->response_bytes = sizeof(*edid);
	return VIRTIO_GPU_RESP_OK_EDID;
}

// --- resources ---------------------------------------------------------------------------

static enum virtio_gpu_ctrl_type run_create_2d(struct request *request) {
	const struct virtio_gpu_resource_create_2d *body = &request->body.create_2d;
	const uint32_t id = le32toh(body->resource_id), format = le32toh(body->format);
	const uint32_t width = le32toh(body->width), height = le32toh(body->height);
	if (id == 0 || request_find_resource(request, body->resource_id) != NULL) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	if (!image_format_is_known(format) || width == 0 || height == 0 || width > IMAGE_MAX_SIDE ||
		height > IMAGE_MAX_SIDE) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	return resource_create(&request->gpu->resources, id, format, width, height) != NULL
		? VIRTIO_GPU_RESP_OK_NODATA
		: VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
}

static enum virtio_gpu_ctrl_type run_unref(struct request *request) {
	struct virtio_gpu *gpu = request->gpu;
	struct resource *resource = request_find_resource(request, request->body.unref.resource_id);
	if (resource == NULL) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	for (unsigned i = 0; i < gpu->scanout_count; i++) {
		scanout_forget(&gpu->scanouts[i], resource);
	}
	if (is_3d(resource)) {
		return request_unref_3d(request, resource);
	}
	resource_destroy(&gpu->resources, resource);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_attach_backing(struct request *request) {
	const struct virtio_gpu_resource_attach_backing *body = &request->body.attach_backing;
	struct resource *resource = request_find_resource(request, body->resource_id);
	const uint32_t count = le32toh(body->nr_entries);
	if (resource == NULL) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	if (count == 0 || count > RESOURCE_MAX_BACKING_ENTRIES) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	const struct virtqueue_chain *chain = request->chain;
	struct virtio_gpu_mem_entry *entries = malloc(count * sizeof(*entries));
	if (entries == NULL) {
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	enum virtio_gpu_ctrl_type result = VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	if (iov_read(chain->readable, chain->readable_count, sizeof(*body), entries,
		    count * sizeof(*entries)) == count * sizeof(*entries)) {
		result = resource_attach(&request->gpu->resources, resource, entries, count);
	}
	free(entries);
	return result == VIRTIO_GPU_RESP_OK_NODATA && is_3d(resource)
		? request_attach_backing_3d(request, resource)
		: result;
}

static enum virtio_gpu_ctrl_type run_detach_backing(struct request *request) {
	struct resource *resource = request_find_resource(
		request, request->body.detach_backing.resource_id);
	if (resource == NULL) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	if (!resource->record->has_backing) {
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	}
	if (is_3d(resource)) {
		return request_detach_backing_3d(request, resource);
	}
	resource_detach(&request->gpu->resources, resource);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_transfer_2d(struct request *request) {
	const struct virtio_gpu_transfer_to_host_2d *body = &request->body.transfer_2d;
	struct resource *resource = request_find_resource(request, body->resource_id);
	if (resource == NULL) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	const struct resource_record *record = resource->record;
	struct pixman_box32 box;
	if (!to_box(&body->r, record->width, record->height, &box)) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	// The resource's size is bounded, so only the offset can make this overflow.
	const uint64_t offset_bytes = le64toh(body->offset);
	if (!is_3d(resource) && offset_bytes > UINT64_MAX - resource->image->size_bytes) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	if (!record->has_backing) {
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	}
	if (is_3d(resource)) {
		return request_transfer_2d_3d(request, resource, &box, offset_bytes);
	}
	struct virtio_gpu *gpu = request->gpu;
	return renderer_2d_transfer(
		&gpu->resources, &gpu->vhost->memory, resource, &box, offset_bytes);
}

// --- scanouts ----------------------------------------------------------------------------

static enum virtio_gpu_ctrl_type run_set_scanout(struct request *request) {
	const struct virtio_gpu_set_scanout *body = &request->body.set_scanout;
	const uint32_t index = le32toh(body->scanout_id);
	if (index >= request->gpu->scanout_count) {
		return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
	}
	struct scanout *scanout = &request->gpu->scanouts[index];
	if (body->resource_id == 0) {
		scanout_set(scanout, NULL, NULL);
		return VIRTIO_GPU_RESP_OK_NODATA;
	}
	struct resource *resource = request_find_resource(request, body->resource_id);
	if (resource == NULL) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	struct pixman_box32 box;
	if (!resource->flat ||
		!to_box(&body->r, resource->record->width, resource->record->height, &box)) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	scanout_set(scanout, resource, &box);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_flush(struct request *request) {
	struct virtio_gpu *gpu = request->gpu;
	const struct virtio_gpu_resource_flush *body = &request->body.flush;
	struct resource *resource = request_find_resource(request, body->resource_id);
	if (resource == NULL) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	const struct resource_record *record = resource->record;
	struct pixman_box32 box;
	if (!to_box(&body->r, record->width, record->height, &box)) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	const bool fenced = (le32toh(body->hdr.flags) & VIRTIO_GPU_FLAG_FENCE) != 0;
	bool shown = false;
	for (unsigned i = 0; i < gpu->scanout_count; i++) {
		uint64_t serial = 0;
		if (!scanout_flush(&gpu->scanouts[i], resource, &box, fenced, &serial)) {
			continue;
		}
		// Of several it is the first one's, or that of one which can show it now.
		if (!shown || (request->serial == 0 && serial != 0)) {
			request->scanout = i;
			request->serial = serial;
		}
		shown = true;
	}
	if (!shown) {
		return VIRTIO_GPU_RESP_OK_NODATA;
	}
	request->answer = fenced ? REQUEST_ANSWER_PRESENTED : REQUEST_ANSWER_PACED;
	if (!gpu->drew) {
		gpu->drew = true;
		window_client_set_stage(gpu->client, WINDOW_STAGE_RUNNING);
		wl_signal_emit_mutable(&gpu->events.first_frame, gpu);
	}
	return VIRTIO_GPU_RESP_OK_NODATA;
}

// --- cursor ------------------------------------------------------------------------------

/** The cursor is what is in the image now. */
static void show_cursor(
	const struct virtio_gpu_display *display, const struct image *image, uint32_t format) {
	const struct virtio_gpu_display_record *record = display->record;
	uint32_t pixels[WINDOW_CURSOR_SIZE * WINDOW_CURSOR_SIZE];
	memcpy(pixels, image->data, sizeof(pixels));
	if (!image_format_has_alpha(format)) {
		for (size_t i = 0; i < sizeof(pixels) / sizeof(pixels[0]); i++) {
			pixels[i] |= htole32(0xff000000);
		}
	}
	window_set_cursor(display->gpu->scanouts[display - display->gpu->displays].window, pixels,
		record->cursor_hot_x, record->cursor_hot_y);
}

static bool is_cursor(const struct resource *resource) {
	return resource != NULL && resource->flat && !resource->lost &&
		resource->record->width == WINDOW_CURSOR_SIZE &&
		resource->record->height == WINDOW_CURSOR_SIZE;
}

static void read_cursor(struct virtio_gpu_display *display, struct resource *resource);

/** The guest may have gone on to another cursor meanwhile, or given the number to another one. */
static void handle_cursor_read(void *data, bool ok) {
	struct virtio_gpu_display *display = data;
	struct resource *resource = resource_table_find(
		&display->gpu->resources, display->record->cursor_resource_id);
	const uint64_t content = display->cursor.content;
	const struct pixman_box32 box = {.x2 = WINDOW_CURSOR_SIZE, .y2 = WINDOW_CURSOR_SIZE};
	display->cursor.content = 0;
	if (!is_cursor(resource)) {
		return;
	}
	if (resource->content != content) {
		if (is_3d(resource)) {
			read_cursor(display, resource);
		}
	} else if (ok && image_convert(display->cursor.image, &box, display->cursor.format)) {
		show_cursor(display, display->cursor.image, display->cursor.format);
	}
}

/** The cursor is shown once it is read. */
static void read_cursor(struct virtio_gpu_display *display, struct resource *resource) {
	struct virtio_gpu *gpu = display->gpu;
	const struct pixman_box32 box = {.x2 = WINDOW_CURSOR_SIZE, .y2 = WINDOW_CURSOR_SIZE};
	if (display->cursor.image == NULL) {
		display->cursor.image = image_create(
			&gpu->resources.budget, WINDOW_CURSOR_SIZE, WINDOW_CURSOR_SIZE);
	}
	if (display->cursor.image == NULL || display->cursor.content != 0 ||
		!renderer_remote_read(gpu->remote, resource->record->id, display->cursor.image,
			&box, handle_cursor_read, display)) {
		return;
	}
	renderer_remote_flush(gpu->remote);
	display->cursor.content = resource->content;
	display->cursor.format = resource->record->format;
}

/** A guest that sets no image, or none that can be shown, has its cursor hidden. */
static enum virtio_gpu_ctrl_type run_update_cursor(struct request *request) {
	struct virtio_gpu *gpu = request->gpu;
	const struct virtio_gpu_update_cursor *body = &request->body.cursor;
	const uint32_t index = le32toh(body->pos.scanout_id);
	if (index >= gpu->scanout_count) {
		return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
	}
	struct window *window = gpu->scanouts[index].window;
	struct virtio_gpu_display_record *record = gpu->displays[index].record;
	record->cursor_resource_id = le32toh(body->resource_id);
	record->cursor_hot_x = le32toh(body->hot_x);
	record->cursor_hot_y = le32toh(body->hot_y);
	window_move_cursor(window, (int32_t)le32toh(body->pos.x), (int32_t)le32toh(body->pos.y));
	if (body->resource_id == 0) {
		window_set_cursor(window, NULL, 0, 0);
		return VIRTIO_GPU_RESP_OK_NODATA;
	}
	struct resource *resource = request_find_resource(request, body->resource_id);
	if (resource == NULL) {
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	}
	if (!is_cursor(resource)) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	if (is_3d(resource)) {
		read_cursor(&gpu->displays[index], resource);
	} else {
		show_cursor(&gpu->displays[index], resource->image, resource->record->format);
	}
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_move_cursor(struct request *request) {
	const struct virtio_gpu_cursor_pos *pos = &request->body.cursor.pos;
	const uint32_t index = le32toh(pos->scanout_id);
	if (index >= request->gpu->scanout_count) {
		return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
	}
	window_move_cursor(request->gpu->scanouts[index].window, (int32_t)le32toh(pos->x),
		(int32_t)le32toh(pos->y));
	return VIRTIO_GPU_RESP_OK_NODATA;
}

// --- the table ---------------------------------------------------------------------------

#define ROW(name, queue, body, run)                                                                \
	{VIRTIO_GPU_CMD_##name, VIRTIO_GPU_QUEUE_##queue, sizeof(body), false, run}
#define ROW_3D(name, body, run)                                                                    \
	{VIRTIO_GPU_CMD_##name, VIRTIO_GPU_QUEUE_CONTROL, sizeof(body), true, run}

static const struct request_row rows[] = {
	ROW(GET_DISPLAY_INFO, CONTROL, struct virtio_gpu_ctrl_hdr, run_get_display_info),
	ROW(RESOURCE_CREATE_2D, CONTROL, struct virtio_gpu_resource_create_2d, run_create_2d),
	ROW(RESOURCE_UNREF, CONTROL, struct virtio_gpu_resource_unref, run_unref),
	ROW(SET_SCANOUT, CONTROL, struct virtio_gpu_set_scanout, run_set_scanout),
	ROW(RESOURCE_FLUSH, CONTROL, struct virtio_gpu_resource_flush, run_flush),
	ROW(TRANSFER_TO_HOST_2D, CONTROL, struct virtio_gpu_transfer_to_host_2d, run_transfer_2d),
	ROW(RESOURCE_ATTACH_BACKING, CONTROL, struct virtio_gpu_resource_attach_backing,
		run_attach_backing),
	ROW(RESOURCE_DETACH_BACKING, CONTROL, struct virtio_gpu_resource_detach_backing,
		run_detach_backing),
	ROW(GET_EDID, CONTROL, struct virtio_gpu_cmd_get_edid, run_get_edid),
	ROW_3D(GET_CAPSET_INFO, struct virtio_gpu_get_capset_info, request_run_get_capset_info),
	ROW_3D(GET_CAPSET, struct virtio_gpu_get_capset, request_run_get_capset),
	ROW_3D(CTX_CREATE, struct virtio_gpu_ctx_create, request_run_ctx_create),
	ROW_3D(CTX_DESTROY, struct virtio_gpu_ctx_destroy, request_run_ctx_destroy),
	ROW_3D(CTX_ATTACH_RESOURCE, struct virtio_gpu_ctx_resource, request_run_ctx_attach),
	ROW_3D(CTX_DETACH_RESOURCE, struct virtio_gpu_ctx_resource, request_run_ctx_detach),
	ROW_3D(RESOURCE_CREATE_3D, struct virtio_gpu_resource_create_3d, request_run_create_3d),
	ROW_3D(TRANSFER_TO_HOST_3D, struct virtio_gpu_transfer_host_3d,
		request_run_transfer_to_host_3d),
	ROW_3D(TRANSFER_FROM_HOST_3D, struct virtio_gpu_transfer_host_3d,
		request_run_transfer_from_host_3d),
	ROW_3D(SUBMIT_3D, struct virtio_gpu_cmd_submit, request_run_submit_3d),
	ROW(UPDATE_CURSOR, CURSOR, struct virtio_gpu_update_cursor, run_update_cursor),
	ROW(MOVE_CURSOR, CURSOR, struct virtio_gpu_update_cursor, run_move_cursor),
};

const struct request_row *request_find(enum virtio_gpu_queue queue, uint32_t type) {
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].type == type && rows[i].queue == queue) {
			return &rows[i];
		}
	}
	return NULL;
}

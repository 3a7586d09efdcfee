#include "renderer_2d.h"

struct backing_source {
	const struct resource *resource;
	struct memory *memory;
};

static void read_backing(void *data, uint64_t offset_bytes, uint8_t *out, size_t size_bytes) {
	const struct backing_source *source = data;
	resource_read(source->resource, source->memory, offset_bytes, out, size_bytes);
}

enum virtio_gpu_ctrl_type renderer_2d_transfer(struct resource_table *resources,
	struct memory *memory, struct resource *resource, const struct pixman_box32 *box,
	uint64_t offset_bytes) {
	if (!resource_make_writable(resources, resource, box)) {
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	struct backing_source source = {.resource = resource, .memory = memory};
	const struct image_source pixels = {.read = read_backing, .data = &source};
	image_write(resource->image, box, resource->record->format, &pixels, offset_bytes);
	image_mark_stale(&resources->budget, resource->content, box);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

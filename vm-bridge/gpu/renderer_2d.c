/*
 * 2D resources in memfds.
 *
 * A transfer is complete before it is answered. A guest that flips between resources writes into
 * an image that nobody looks at. A guest that draws into the one resource that is shown gets a
 * spare: what it misses is brought over, less what is about to be written, and it becomes the
 * resource's image; the compositor goes on reading the old one.
 */
#include <assert.h>
#include <stdlib.h>

#include "renderer.h"

static void handle_destroy(struct renderer *renderer) {
	free(renderer);
}

static enum virtio_gpu_ctrl_type handle_create_2d(
	struct renderer *renderer, uint32_t id, uint32_t format, uint32_t width, uint32_t height) {
	if (resource_create(renderer->resources, id, format, width, height) == NULL) {
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	return VIRTIO_GPU_RESP_OK_NODATA;
}

/** Put a writable image in the place of the resource's; false if there is none. */
static bool replace_image(struct resource *resource, const struct pixman_box32 *box) {
	struct image *old = resource->image;
	assert(old->pool != NULL); // it has been flushed
	struct image *spare = image_pool_take(
		old->pool, old->width, old->height, resource->content);
	if (spare == NULL) {
		// Better an early frame than none: what is only pending may be written over.
		return !image_is_held(old);
	}
	image_refresh(spare, old, box);
	spare->pool = old->pool;
	resource->image = spare;
	image_pool_put(old->pool, old);
	return true;
}

struct backing_source {
	const struct resource *resource;
	struct memory *memory;
};

static void read_backing(void *data, uint64_t offset_bytes, uint8_t *out, size_t size_bytes) {
	const struct backing_source *source = data;
	resource_read(source->resource, source->memory, offset_bytes, out, size_bytes);
}

static enum virtio_gpu_ctrl_type handle_transfer_2d(struct renderer *renderer,
	struct resource *resource, const struct pixman_box32 *box, uint64_t offset_bytes) {
	if (!image_is_writable(resource->image) && !replace_image(resource, box)) {
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	struct backing_source source = {.resource = resource, .memory = renderer->memory};
	const struct image_source pixels = {.read = read_backing, .data = &source};
	image_write(resource->image, box, resource->record->format, &pixels, offset_bytes);
	image_mark_stale(&renderer->resources->budget, resource->content, box);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static const struct renderer_impl renderer_2d_impl = {
	.name = "2d",
	.destroy = handle_destroy,
	.create_2d = handle_create_2d,
	.transfer_2d = handle_transfer_2d,
};

struct renderer *renderer_2d_create(struct resource_table *resources, struct memory *memory) {
	struct renderer *renderer = calloc(1, sizeof(*renderer));
	if (renderer == NULL) {
		return NULL;
	}
	*renderer = (struct renderer){
		.impl = &renderer_2d_impl,
		.resources = resources,
		.memory = memory,
	};
	return renderer;
}

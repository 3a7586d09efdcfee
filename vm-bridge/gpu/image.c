#include "image.h"

#include <assert.h>
#include <byteswap.h>
#include <drm/drm_fourcc.h>
#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// --- formats -----------------------------------------------------------------------------

/**
 * How a little-endian word of guest pixels becomes XRGB8888. The names of virtio-gpu's formats
 * give the order of the bytes in memory, so B8G8R8X8 is what Wayland calls XRGB8888.
 */
enum swizzle {
	SWIZZLE_NONE,
	SWIZZLE_REVERSE, // A R G B -> B G R A
	SWIZZLE_ROTATE, // A B G R -> B G R A
	SWIZZLE_RED_BLUE, // R G B A -> B G R A
};

static const struct format_row {
	uint32_t format;
	enum swizzle swizzle;
	bool alpha;
} format_rows[] = {
	{VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, SWIZZLE_NONE, true},
	{VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, SWIZZLE_NONE, false},
	{VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM, SWIZZLE_REVERSE, true},
	{VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM, SWIZZLE_REVERSE, false},
	{VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM, SWIZZLE_RED_BLUE, true},
	{VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM, SWIZZLE_ROTATE, false},
	{VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM, SWIZZLE_ROTATE, true},
	{VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM, SWIZZLE_RED_BLUE, false},
};

static const struct format_row *find_format(uint32_t format) {
	for (size_t i = 0; i < sizeof(format_rows) / sizeof(format_rows[0]); i++) {
		if (format_rows[i].format == format) {
			return &format_rows[i];
		}
	}
	return NULL;
}

bool image_format_is_known(uint32_t format) {
	return find_format(format) != NULL;
}

bool image_format_has_alpha(uint32_t format) {
	const struct format_row *row = find_format(format);
	return row != NULL && row->alpha;
}

static void swizzle_row(enum swizzle swizzle, uint32_t *pixels, size_t count) {
	switch (swizzle) {
	case SWIZZLE_NONE:
		break;
	case SWIZZLE_REVERSE:
		for (size_t i = 0; i < count; i++) {
			pixels[i] = bswap_32(pixels[i]);
		}
		break;
	case SWIZZLE_ROTATE:
		for (size_t i = 0; i < count; i++) {
			const uint32_t p = le32toh(pixels[i]);
			pixels[i] = htole32(p >> 8 | p << 24);
		}
		break;
	case SWIZZLE_RED_BLUE:
		for (size_t i = 0; i < count; i++) {
			const uint32_t p = le32toh(pixels[i]);
			pixels[i] = htole32((p & 0xff00ff00) | (p & 0xff) << 16 | (p >> 16 & 0xff));
		}
		break;
	}
}

// --- images ------------------------------------------------------------------------------

static int make_memfd(size_t size_bytes) {
	const int fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0) {
		return -1;
	}
	// Sealed, so that neither side can pull the memory away under the other.
	if (ftruncate(fd, (off_t)size_bytes) != 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void init_lists(struct image *image) {
	wl_list_init(&image->link);
	wl_list_init(&image->buffers);
	wl_signal_init(&image->events.destroy);
	pixman_region32_init(&image->stale);
}

struct image *image_create(struct image_budget *budget, uint32_t width, uint32_t height) {
	assert(width > 0 && height > 0 && width <= IMAGE_MAX_SIDE && height <= IMAGE_MAX_SIDE);
	const size_t size_bytes = (size_t)width * height * IMAGE_PIXEL_BYTES;
	if (size_bytes > budget->limit_bytes - budget->used_bytes) {
		return NULL;
	}
	struct image *image = calloc(1, sizeof(*image));
	if (image == NULL) {
		return NULL;
	}
	image->fd = make_memfd(size_bytes);
	if (image->fd < 0) {
		goto error_image;
	}
	void *data = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, image->fd, 0);
	if (data == MAP_FAILED) {
		goto error_fd;
	}
	image->data = data;
	image->references = 1;
	image->budget = budget;
	image->width = width;
	image->height = height;
	image->stride_bytes = width * IMAGE_PIXEL_BYTES;
	image->size_bytes = size_bytes;
	init_lists(image);
	budget->used_bytes += size_bytes;
	return image;

error_fd:
	close(image->fd);
error_image:
	free(image);
	return NULL;
}

/** The same order of bytes without alpha; DRM_FORMAT_INVALID: no scanout has it. */
static uint32_t opaque_fourcc(uint32_t fourcc) {
	switch (fourcc) {
	case DRM_FORMAT_XRGB8888:
	case DRM_FORMAT_ARGB8888:
		return DRM_FORMAT_XRGB8888;
	case DRM_FORMAT_XBGR8888:
	case DRM_FORMAT_ABGR8888:
		return DRM_FORMAT_XBGR8888;
	case DRM_FORMAT_RGBX8888:
	case DRM_FORMAT_RGBA8888:
		return DRM_FORMAT_RGBX8888;
	case DRM_FORMAT_BGRX8888:
	case DRM_FORMAT_BGRA8888:
		return DRM_FORMAT_BGRX8888;
	default:
		return DRM_FORMAT_INVALID;
	}
}

struct image *image_create_dmabuf(struct image_budget *budget, const struct image_dmabuf *dmabuf) {
	const uint32_t fourcc = opaque_fourcc(dmabuf->fourcc);
	struct image *image = fourcc != DRM_FORMAT_INVALID ? calloc(1, sizeof(*image)) : NULL;
	if (image == NULL) {
		close(dmabuf->fd);
		return NULL;
	}
	image->fd = dmabuf->fd;
	image->references = 1;
	image->budget = budget;
	image->width = dmabuf->width;
	image->height = dmabuf->height;
	image->stride_bytes = dmabuf->stride_bytes;
	image->size_bytes = dmabuf->size_bytes;
	image->offset_bytes = dmabuf->offset_bytes;
	image->fourcc = fourcc;
	image->modifier = dmabuf->modifier;
	init_lists(image);
	return image;
}

static void drop_buffer(struct image_buffer *buffer) {
	wl_list_remove(&buffer->link);
	wl_list_remove(&buffer->release.link);
	window_buffer_destroy(buffer->buffer);
	buffer->image->budget->buffers--;
	free(buffer);
}

static void image_destroy(struct image *image) {
	wl_signal_emit_mutable(&image->events.destroy, image);
	struct image_buffer *buffer, *next;
	wl_list_for_each_safe (buffer, next, &image->buffers, link) {
		drop_buffer(buffer);
	}
	wl_list_remove(&image->link);
	if (image->data != NULL) {
		munmap(image->data, image->size_bytes);
		image->budget->used_bytes -= image->size_bytes;
	}
	close(image->fd);
	pixman_region32_fini(&image->stale);
	free(image);
}

struct image *image_ref(struct image *image) {
	image->references++;
	return image;
}

void image_unref(struct image *image) {
	if (image == NULL) {
		return;
	}
	assert(image->references > 0);
	image->references--;
	if (image->references == 0 && !image_is_held(image)) {
		image_destroy(image);
	}
}

bool image_is_held(const struct image *image) {
	const struct image_buffer *buffer;
	wl_list_for_each (buffer, &image->buffers, link) {
		if (buffer->buffer->busy) {
			return true;
		}
	}
	return false;
}

bool image_is_writable(const struct image *image) {
	return image->data != NULL && image->pending == 0 && !image_is_held(image);
}

static void handle_release(struct wl_listener *listener, void *data) {
	struct image_buffer *buffer = wl_container_of(listener, buffer, release);
	struct image *image = buffer->image;
	if (image->references == 0 && !image_is_held(image)) {
		image_destroy(image);
	}
}

static struct image_buffer *find_buffer(struct image *image, const struct window *window) {
	struct image_buffer *buffer;
	wl_list_for_each (buffer, &image->buffers, link) {
		if (buffer->window == window) {
			return buffer;
		}
	}
	return NULL;
}

static struct image_buffer *make_buffer(struct image *image, struct window *window) {
	struct image_buffer *buffer = image->budget->buffers < IMAGE_MAX_BUFFERS
		? calloc(1, sizeof(*buffer))
		: NULL;
	if (buffer == NULL) {
		return NULL;
	}
	const struct window_memory memory = {
		.fd = image->fd,
		.offset_bytes = (int32_t)image->offset_bytes,
		.pool_bytes = (int32_t)image->size_bytes,
		.width = (int32_t)image->width,
		.height = (int32_t)image->height,
		.stride_bytes = (int32_t)image->stride_bytes,
		.fourcc = image->fourcc,
		.modifier = image->modifier,
	};
	buffer->image = image;
	buffer->window = window;
	buffer->buffer = window_buffer_create(window, &memory);
	if (buffer->buffer == NULL) {
		free(buffer);
		return NULL;
	}
	buffer->release.notify = handle_release;
	wl_signal_add(&buffer->buffer->events.release, &buffer->release);
	wl_list_insert(&image->buffers, &buffer->link);
	image->budget->buffers++;
	return buffer;
}

struct window_buffer *image_get_buffer(
	struct image *image, struct window *window, struct image_pool *pool) {
	image->pool = pool;
	struct image_buffer *buffer = find_buffer(image, window);
	if (buffer == NULL) {
		buffer = make_buffer(image, window);
	}
	return buffer != NULL ? buffer->buffer : NULL;
}

bool image_can_show(struct image *image, struct window *window, struct image_pool *pool) {
	if (image->data == NULL && !window_takes(window, image->fourcc, image->modifier)) {
		return false;
	}
	struct window_buffer *buffer = image_get_buffer(image, window, pool);
	return buffer != NULL && window_buffer_prepare(buffer);
}

// --- copies ------------------------------------------------------------------------------

static uint8_t *pixel_at(const struct image *image, int32_t x, int32_t y) {
	return image->data + (size_t)y * image->stride_bytes + (size_t)x * IMAGE_PIXEL_BYTES;
}

void image_write(struct image *image, const struct pixman_box32 *box, uint32_t format,
	const struct image_source *source, uint64_t offset_bytes) {
	assert(!image_is_held(image));
	const struct format_row *row = find_format(format);
	assert(row != NULL);
	const size_t width = (size_t)(box->x2 - box->x1);
	const size_t height = (size_t)(box->y2 - box->y1);
	const size_t row_bytes = width * IMAGE_PIXEL_BYTES;
	image->budget->copied_bytes += row_bytes * height;
	if (row_bytes == image->stride_bytes && row->swizzle == SWIZZLE_NONE) {
		source->read(source->data, offset_bytes, pixel_at(image, box->x1, box->y1),
			row_bytes * height);
		return;
	}
	for (size_t y = 0; y < height; y++) {
		uint8_t *out = pixel_at(image, box->x1, box->y1 + (int32_t)y);
		source->read(source->data, offset_bytes + y * image->stride_bytes, out, row_bytes);
		swizzle_row(row->swizzle, (uint32_t *)(void *)out, width);
	}
}

bool image_convert(struct image *image, const struct pixman_box32 *box, uint32_t format) {
	const struct format_row *row = find_format(format);
	assert(row != NULL && box->x1 >= 0 && box->y1 >= 0 && box->x2 <= (int32_t)image->width &&
		box->y2 <= (int32_t)image->height);
	if (!image_is_writable(image)) {
		return false;
	}
	for (int32_t y = box->y1; row->swizzle != SWIZZLE_NONE && y < box->y2; y++) {
		swizzle_row(row->swizzle, (uint32_t *)(void *)pixel_at(image, box->x1, y),
			(size_t)(box->x2 - box->x1));
	}
	return true;
}

void image_refresh(
	struct image *target, const struct image *source, const struct pixman_box32 *box) {
	assert(target->width == source->width && target->height == source->height);
	assert(image_is_writable(target));
	pixman_region32_t missing, written;
	if (target->content == source->content) {
		pixman_region32_init(&missing);
		pixman_region32_copy(&missing, &target->stale);
	} else {
		pixman_region32_init_rect(&missing, 0, 0, source->width, source->height);
	}
	pixman_region32_init_with_extents(&written, box);
	pixman_region32_subtract(&missing, &missing, &written);
	int count;
	const pixman_box32_t *rects = pixman_region32_rectangles(&missing, &count);
	for (int i = 0; i < count; i++) {
		const size_t row_bytes = (size_t)(rects[i].x2 - rects[i].x1) * IMAGE_PIXEL_BYTES;
		for (int32_t y = rects[i].y1; y < rects[i].y2; y++) {
			memcpy(pixel_at(target, rects[i].x1, y), pixel_at(source, rects[i].x1, y),
				row_bytes);
		}
		target->budget->duplicated_bytes += row_bytes * (size_t)(rects[i].y2 - rects[i].y1);
	}
	pixman_region32_fini(&written);
	pixman_region32_fini(&missing);
	pixman_region32_clear(&target->stale);
	target->content = source->content;
}

// --- spares ------------------------------------------------------------------------------

void image_pool_init(struct image_pool *pool, struct image_budget *budget) {
	wl_list_init(&pool->images);
	wl_list_insert(&budget->pools, &pool->link);
	pool->budget = budget;
}

static void pool_drop(struct image *image) {
	wl_list_remove(&image->link);
	wl_list_init(&image->link);
	image->pool = NULL;
	image_unref(image);
}

void image_pool_finish(struct image_pool *pool) {
	struct image *image, *next;
	wl_list_for_each_safe (image, next, &pool->images, link) {
		pool_drop(image);
	}
	wl_list_remove(&pool->link);
}

void image_pool_trim(struct image_pool *pool, uint32_t width, uint32_t height) {
	struct image *image, *next;
	wl_list_for_each_safe (image, next, &pool->images, link) {
		if (image_is_writable(image) &&
			(image->width != width || image->height != height)) {
			pool_drop(image);
		}
	}
}

struct image *image_pool_take(
	struct image_pool *pool, uint32_t width, uint32_t height, uint64_t content) {
	struct image *best = NULL, *image;
	wl_list_for_each (image, &pool->images, link) {
		// One that a scanout still counts as its last frame is kept for the next connection.
		if (!image_is_writable(image) || image->references > 1 || image->width != width ||
			image->height != height) {
			continue;
		}
		if (best == NULL || (image->content == content && best->content != content)) {
			best = image;
		}
	}
	if (best != NULL) {
		wl_list_remove(&best->link);
		wl_list_init(&best->link);
		return best;
	}
	return image_create(pool->budget, width, height);
}

void image_pool_put(struct image_pool *pool, struct image *image) {
	image_pool_trim(pool, image->width, image->height);
	while (wl_list_length(&pool->images) >= IMAGE_POOL_MAX) {
		// The oldest; if it is held it goes when it is released.
		struct image *oldest = wl_container_of(pool->images.prev, oldest, link);
		pool_drop(oldest);
	}
	image->pool = pool;
	wl_list_insert(&pool->images, &image->link);
}

static void add_stale(struct image *image, const struct pixman_box32 *box) {
	pixman_region32_union_rect(&image->stale, &image->stale, box->x1, box->y1,
		(unsigned)(box->x2 - box->x1), (unsigned)(box->y2 - box->y1));
	if (pixman_region32_n_rects(&image->stale) > 64) {
		pixman_box32_t extents = *pixman_region32_extents(&image->stale);
		pixman_region32_reset(&image->stale, &extents);
	}
}

void image_mark_stale(
	struct image_budget *budget, uint64_t content, const struct pixman_box32 *box) {
	struct image_pool *pool;
	wl_list_for_each (pool, &budget->pools, link) {
		struct image *image;
		wl_list_for_each (image, &pool->images, link) {
			if (image->content == content) {
				add_stale(image, box);
			}
		}
	}
}

/*
 * Pixels on the host: a sealed memfd that the compositor can be shown.
 *
 * An image may be written unless it is pending (flushed, not committed) or held (committed, not
 * released). Everything is kept as XRGB8888, whatever the resource's format: pixels are swizzled
 * as they are copied. The fourth byte is the alpha of formats that have one, and is used by
 * cursors only.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <linux/virtio_gpu.h>
#include <pixman.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <wayland-server-core.h>

#include "window.h"

/** The largest side of a resource, in pixels. */
#define IMAGE_MAX_SIDE 16384
/** Bytes a pixel, in every format of virtio-gpu and in an image. */
#define IMAGE_PIXEL_BYTES 4

struct image;

/** The most buffers of one machine: each may take a mapping in the compositor. */
#define IMAGE_MAX_BUFFERS 4352

/** What the images of one machine may take. */
struct image_budget {
	uint64_t used_bytes, limit_bytes;
	unsigned buffers; // image_buffer
	struct wl_list pools; // image_pool.link
	/** What was copied: from the guest, and from image to image. */
	uint64_t copied_bytes, duplicated_bytes;
};

/**
 * Images that were replaced while the compositor held them, to be written again.
 *
 * At one time at most two images are held and one is pending, and one of these three may be the
 * current image of the resource that is written: so with three spares there always is a free one.
 * A resource that several scanouts show can have more of them held; then images are made anew.
 */
struct image_pool {
	struct wl_list images; // image.link
	struct wl_list link; // image_budget.pools
	struct image_budget *budget;
};

#define IMAGE_POOL_MAX 3

/** By which a window shows an image. */
struct image_buffer {
	struct wl_list link; // image.buffers
	struct image *image;
	struct window *window;
	struct window_buffer *buffer;
	struct wl_listener release; // window_buffer.events.release
};

struct image {
	struct wl_list link; // image_pool.images, or empty
	unsigned references;
	struct image_budget *budget;
	int fd;
	uint8_t *data; // NULL: a 3D resource's own memory, which is never read or written here
	uint32_t offset_bytes; // of the first pixel
	uint32_t fourcc; // with data NULL: DRM_FORMAT_*, one without alpha
	uint64_t modifier; // likewise: DRM_FORMAT_MOD_*
	uint32_t width, height; // in pixels
	uint32_t stride_bytes;
	size_t size_bytes;

	unsigned pending; // how many scanouts have it flushed and not committed
	struct wl_list buffers; // image_buffer.link
	struct image_pool *pool; // of a scanout that shows it; may be NULL

	/** Whose pixels these are, and where the resource's current image is newer. */
	uint64_t content;
	pixman_region32_t stale;

	struct {
		struct wl_signal destroy; // data: struct image
	} events;
};

/** Whether virtio-gpu has the format. virtio 1.3, 5.7.6.7, "virtio_gpu_formats". */
bool image_format_is_known(uint32_t format);

/** Whether the format's fourth channel is alpha. */
bool image_format_has_alpha(uint32_t format);

/**
 * Black, with one reference. Sides are at least 1 and at most IMAGE_MAX_SIDE.
 *
 * Returns NULL when the budget or the system's memory does not suffice.
 */
struct image *image_create(struct image_budget *budget, uint32_t width, uint32_t height);

/** A dmabuf, as a resource was exported. */
struct image_dmabuf {
	int fd;
	uint64_t size_bytes; // of the dmabuf
	uint32_t fourcc, width, height, stride_bytes, offset_bytes;
	uint64_t modifier;
};

/**
 * An image that is a dmabuf, with one reference. What has alpha is shown without. The fd belongs
 * to the image from here on, also on failure.
 *
 * Returns NULL for a format that no scanout has, or out of memory.
 */
struct image *image_create_dmabuf(struct image_budget *budget, const struct image_dmabuf *dmabuf);

/** Whether a window shows the image, or begins to find out whether it can. */
bool image_can_show(struct image *image, struct window *window, struct image_pool *pool);

struct image *image_ref(struct image *image);

/** An image that nobody refers to any more is destroyed once the compositor released it. */
void image_unref(struct image *image); // may be NULL

bool image_is_writable(const struct image *image);

/** Whether a compositor may be reading it: it was committed, and not released. */
bool image_is_held(const struct image *image);

/**
 * The buffer by which a window shows the image, made now if need be. Returns NULL out of memory,
 * or when the machine has too many.
 */
struct window_buffer *image_get_buffer(
	struct image *image, struct window *window, struct image_pool *pool);

/**
 * Where pixels come from: scattered guest memory, as the resource's backing has it.
 *
 * read copies size bytes at offset and fills with zeros what is not there.
 */
struct image_source {
	void (*read)(void *data, uint64_t offset_bytes, uint8_t *out, size_t size_bytes);
	void *data;
};

/**
 * Copy a rectangle, which must lie inside the image, from a linear source whose rows are as long
 * as the image's; offset_bytes is where the rectangle's first pixel is.
 */
void image_write(struct image *image, const struct pixman_box32 *box, uint32_t format,
	const struct image_source *source, uint64_t offset_bytes);

/**
 * The box, which lies in the image, holds pixels in another format: make them an image's. Returns
 * false if the image may not be written any more.
 */
bool image_convert(struct image *image, const struct pixman_box32 *box, uint32_t format);

/** Bring target, of the same size, up to source; except for box, which is written anyway. */
void image_refresh(
	struct image *target, const struct image *source, const struct pixman_box32 *box);

/** budget must outlive the pool. */
void image_pool_init(struct image_pool *pool, struct image_budget *budget);

/** Drop all images; those that are held follow when they are released. */
void image_pool_finish(struct image_pool *pool);

/**
 * A writable image of a size, out of the pool or new, preferring one with the same content. The
 * reference goes to the caller. Returns NULL when there is none and none can be made.
 */
struct image *image_pool_take(
	struct image_pool *pool, uint32_t width, uint32_t height, uint64_t content);

/** Put an image into the pool, with the reference to it. */
void image_pool_put(struct image_pool *pool, struct image *image);

/** Destroy what is free and not of this size; 0, 0: all that is free. */
void image_pool_trim(struct image_pool *pool, uint32_t width, uint32_t height);

/** The content's current image was written in box: its spares, in whichever pool, are behind. */
void image_mark_stale(
	struct image_budget *budget, uint64_t content, const struct pixman_box32 *box);

#endif

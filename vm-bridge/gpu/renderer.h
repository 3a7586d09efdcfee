/*
 * Who keeps the pixels of resources: this process (renderer_2d.c), or one with a GPU.
 */
#ifndef RENDERER_H
#define RENDERER_H

#include <linux/virtio_gpu.h>
#include <stdint.h>

#include "memory.h"
#include "resource.h"

struct renderer;

struct renderer_impl {
	const char *name;
	/** Of virtio-gpu, beyond those that every renderer has. */
	uint64_t features;

	void (*destroy)(struct renderer *renderer);

	/**
	 * RESOURCE_CREATE_2D, checked. Returns RESP_OK_NODATA or ERR_OUT_OF_MEMORY.
	 */
	enum virtio_gpu_ctrl_type (*create_2d)(struct renderer *renderer, uint32_t id,
		uint32_t format, uint32_t width, uint32_t height);

	/**
	 * TRANSFER_TO_HOST_2D, checked: box lies inside the resource, which has backing, and
	 * offset_bytes plus the box does not overflow. The copy is complete on return.
	 *
	 * Returns RESP_OK_NODATA or ERR_OUT_OF_MEMORY.
	 */
	enum virtio_gpu_ctrl_type (*transfer_2d)(struct renderer *renderer,
		struct resource *resource, const struct pixman_box32 *box, uint64_t offset_bytes);
};

struct renderer {
	const struct renderer_impl *impl;
	struct resource_table *resources; // not owned
	struct memory *memory; // not owned
};

/** Pixels in this process's memory. Returns NULL out of memory. */
struct renderer *renderer_2d_create(struct resource_table *resources, struct memory *memory);

#endif

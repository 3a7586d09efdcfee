/*
 * 2D resources, in memfds of this process.
 *
 * A transfer is complete before it is answered. A guest that flips between resources writes into
 * an image that nobody looks at. A guest that draws into the one resource that is shown gets a
 * spare: what it misses is brought over, less what is about to be written, and it becomes the
 * resource's image; the compositor goes on reading the old one.
 */
#ifndef RENDERER_2D_H
#define RENDERER_2D_H

#include <linux/virtio_gpu.h>
#include <pixman.h>
#include <stdint.h>

#include "memory.h"
#include "resource.h"

/**
 * TRANSFER_TO_HOST_2D, checked: the resource is a 2D one with backing, box lies inside of it, and
 * offset_bytes plus the resource's size does not overflow. The copy is complete on return.
 *
 * Returns RESP_OK_NODATA or ERR_OUT_OF_MEMORY.
 */
enum virtio_gpu_ctrl_type renderer_2d_transfer(struct resource_table *resources,
	struct memory *memory, struct resource *resource, const struct pixman_box32 *box,
	uint64_t offset_bytes);

#endif

/*
 * virglrenderer, fed with commands of render_wire.h.
 *
 * There is one in a process: virglrenderer itself is process-wide.
 */
#ifndef VIRGL_H
#define VIRGL_H

#include <linux/virtio_gpu.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "render_wire.h"

struct virgl;

/**
 * A fence has signalled; all: and every earlier one that is everybody's. Called on threads of
 * virglrenderer.
 */
typedef void (*virgl_fenced)(void *data, uint64_t serial, bool all);

/**
 * Start virglrenderer without a window system, on the DRM render node of drm_fd, which belongs to
 * it from here on, or in software when that is below 0. Then make a first context: whatever opens
 * files has done so. Returns NULL with a reason, a static string.
 */
struct virgl *virgl_create(int drm_fd, virgl_fenced fenced, void *data, const char **reason);
void virgl_destroy(struct virgl *virgl);

/**
 * A capset: its version and its size in bytes, at most RENDER_CAPSET_MAX_BYTES, and then the data
 * into bytes. Returns 0 when there is none of that id.
 */
uint32_t virgl_capset(struct virgl *virgl, uint32_t id, uint32_t *version, void *bytes);

/** How many fds a command is preceded by; -1: the body is not right. */
int virgl_fds(uint32_t command, const void *body, size_t body_bytes);

/**
 * Execute a command. body is private memory, and begins with a struct render_header if it is that
 * long; else the command is refused. fds are virgl_fds() of them, and belong to virgl.
 *
 * Returns VIRTIO_GPU_RESP_OK_NODATA or an error.
 */
enum virtio_gpu_ctrl_type virgl_run(
	struct virgl *virgl, uint32_t command, const void *body, size_t body_bytes, const int *fds);

/** What the last RENDER_EXPORT that succeeded gave, but for the serial. Returns the fd. */
int virgl_take_export(struct virgl *virgl, struct render_exported *exported);

/** Have a command's fence told when the GPU is done with it. False: there is nothing to wait for. */
bool virgl_fence(struct virgl *virgl, const struct render_header *header);

#endif

// The driver's side of 3D for tests: its commands, and a redecho-render behind the device.
#ifndef VIRGL_DRIVER_H
#define VIRGL_DRIVER_H

#include <sys/types.h>

#include "gpu_fixture.h"

// Software compiles a shader at its first draw, and the machine may be busy.
#define PATIENCE_MS 30000
#define CONTEXT 3
#define RESOURCE 5

// Gallium's, as virglrenderer has them.
#define BIND_RENDER_TARGET (1 << 1)
#define Y_0_TOP 1

struct renderer {
	struct fixture *f;
	const char *program;
	pid_t pid;
	unsigned wanted, lost;
	struct wl_listener handle_wanted, handle_lost;
};

/** Run a redecho-render, and give it to the device. */
void virgl_start(struct renderer *r);

/** A driver that took 3D; no renderer is there yet. program: redecho-render. */
void virgl_begin(struct renderer *r, const char *program);

/** End the renderer, and wait for that. */
void virgl_kill(struct renderer *r);
void virgl_end(struct renderer *r);
struct virtio_gpu_ctrl_hdr virgl_header(uint32_t type, uint32_t context, uint64_t fence);

/** Offer a command and kick, without waiting. Returns its head. */
int virgl_put(struct fixture *f, const void *request, size_t size, const struct fake_buffer *extra);

/** The next answer; head and bytes may be NULL. */
const struct virtio_gpu_ctrl_hdr *virgl_get(struct fixture *f, int *head, uint32_t *bytes);

/** A command, and its answer's type. */
uint32_t virgl_run(struct fixture *f, const void *request, size_t size);
uint32_t virgl_create_context(struct fixture *f, uint32_t context);
uint32_t virgl_create_3d(struct fixture *f, uint32_t id, uint32_t format);
uint32_t virgl_ctx_resource(struct fixture *f, uint32_t type, uint32_t context, uint32_t id);
int virgl_put_submit(
	struct fixture *f, uint32_t context, const uint32_t *words, uint32_t bytes, uint64_t fence);

/** Clear a resource to a colour, in CONTEXT. */
int virgl_put_clear(
	struct fixture *f, uint32_t id, uint32_t format, const float colour[4], uint64_t fence);

/** The same, and wait for its fence. */
void virgl_draw(struct fixture *f, uint32_t format, const float colour[4]);

/** CONTEXT, with RESOURCE of WIDTH x HEIGHT in it. */
void virgl_set_up(struct fixture *f, uint32_t format);

/** Run until the window has shown so many frames. */
void virgl_wait_shows(struct fixture *f, unsigned shows);

/** All of the last frame is of a colour. */
void virgl_assert_colour(struct fixture *f, uint32_t colour);

#endif

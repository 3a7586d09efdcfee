// A virtio-gpu device in this process, its driver, and a window without a compositor.
#ifndef GPU_FIXTURE_H
#define GPU_FIXTURE_H

#include "fake_cmocka.h"
#include "fake_gpu.h"
#include "fake_socket.h"
#include "fake_window.h"
#include "virtio_gpu.h"

#define WIDTH 64
#define HEIGHT 48
#define BGRX VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM

struct fixture {
	struct fake_socket sock;
	struct wl_event_loop *loop;
	struct window_client *client;
	struct window *window; // the first
	struct fake_window *fake; // of the first
	struct virtio_gpu *gpu;
	struct fake_guest *guest;
	struct fake_device *device;
};

/** A driver that is up, and a window that is ready. */
struct fixture *fixture_begin(void);

/** The same with several scanouts, whose windows are ready as soon as they are open. */
struct fixture *fixture_begin_displays(unsigned count);

/** The same with one display, and a driver that took 3D. No renderer is there yet. */
struct fixture *fixture_begin_virgl(void);

/** The fake behind the window of a scanout. */
struct fake_window *fixture_fake(struct fixture *f, unsigned scanout);
void fixture_end(struct fixture *f);

/** Run the device's loop for a time. */
void fixture_run(struct fixture *f, int time_ms);

/** Paint a framebuffer's backing. */
void fixture_fill(struct fixture *f, uint64_t address, uint32_t pixels, uint32_t colour);

/** The whole of a WIDTH x HEIGHT resource. */
struct virtio_gpu_rect fixture_whole(void);

/** Make a WIDTH x HEIGHT resource of a colour, and transfer it. Returns its backing. */
uint64_t fixture_framebuffer(struct fixture *f, uint32_t id, uint32_t colour);

/** Submit a flush without waiting for the answer. Returns its head. */
int fixture_submit_flush(
	struct fixture *f, uint32_t id, struct virtio_gpu_rect rect, uint64_t fence);

/** The answers that have come by now, after running the loop once without waiting. */
unsigned fixture_answers(struct fixture *f);

int64_t fixture_now_ms(void);

#define assert_ok(call) assert_int_equal(call, VIRTIO_GPU_RESP_OK_NODATA)

#endif

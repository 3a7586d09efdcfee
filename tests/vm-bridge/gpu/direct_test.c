// A 3D resource's own memory in the window: a renderer in this process exports it. There is no
// dmabuf without a GPU, so that the kernel's word on which file is one is replaced.

#include <dirent.h>
#include <drm/drm_fourcc.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "exporter.h"
#include "gpu_fixture.h"
#include "virtio_gpu.h"

#define CONTEXT 3
#define Y_0_TOP 1
#define FRAMES 20

struct scene {
	struct fixture *f;
	struct exporter renderer;
	unsigned lost;
	struct wl_listener handle_lost;
};

static bool files_are_dmabufs;

// In the place of libc's, by the linker. NOLINTNEXTLINE(bugprone-reserved-identifier)
int __wrap_fstatfs64(int fd, struct statfs *stat);
int __wrap_fstatfs64(int fd, struct statfs *stat) { // NOLINT(bugprone-reserved-identifier)
	*stat = (struct statfs){.f_type = files_are_dmabufs ? DMA_BUF_MAGIC : TMPFS_MAGIC};
	return 0;
}

static unsigned open_files(void) {
	unsigned count = 0;
	DIR *folder = opendir("/proc/self/fd");
	while (readdir(folder) != NULL) {
		count++;
	}
	closedir(folder);
	return count;
}

static void count_lost(struct wl_listener *listener, void *data) {
	struct scene *s = wl_container_of(listener, s, handle_lost);
	s->lost++;
}

static void create(struct scene *s, uint32_t id, uint32_t flags) {
	const struct virtio_gpu_resource_create_3d create = {
		.hdr = {.type = VIRTIO_GPU_CMD_RESOURCE_CREATE_3D},
		.resource_id = id,
		.target = 2,
		.format = VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM,
		.width = WIDTH,
		.height = HEIGHT,
		.depth = 1,
		.array_size = 1,
		.flags = flags,
	};
	struct virtio_gpu_ctrl_hdr response = {0};
	fake_gpu_command(s->f->device, &create, sizeof(create), NULL, &response, sizeof(response));
	assert_ok(response.type);
}

static void begin(struct scene *s, enum fake_export exports_as) {
	files_are_dmabufs = true;
	*s = (struct scene){.f = fixture_begin_virgl()};
	s->handle_lost.notify = count_lost;
	wl_signal_add(&s->f->gpu->events.renderer_lost, &s->handle_lost);
	s->f->fake->takes_dmabufs = true;
	virtio_gpu_set_renderer(s->f->gpu, exporter_start(&s->renderer, s->f->loop));
	s->renderer.exports_as = exports_as;
	s->renderer.width = WIDTH;
	s->renderer.height = HEIGHT;
	const struct virtio_gpu_ctx_create context = {
		.hdr = {.type = VIRTIO_GPU_CMD_CTX_CREATE, .ctx_id = CONTEXT}};
	struct virtio_gpu_ctrl_hdr response = {0};
	fake_gpu_command(
		s->f->device, &context, sizeof(context), NULL, &response, sizeof(response));
	assert_ok(response.type);
	create(s, 1, Y_0_TOP);
	create(s, 2, Y_0_TOP);
}

static void end(struct scene *s) {
	wl_list_remove(&s->handle_lost.link);
	exporter_end(&s->renderer);
	fixture_end(s->f);
}

/** Flush, and wait until a frame of it is shown. Returns whether that was the resource's memory. */
static bool flush(struct scene *s, uint32_t id) {
	struct fixture *f = s->f;
	const unsigned shows = f->fake->shows;
	fake_window_become_ready(f->fake);
	assert_ok(fake_gpu_flush(f->device, id, fixture_whole(), 0));
	const int64_t end_ms = fixture_now_ms() + 5000;
	while (f->fake->shows == shows) {
		assert_true(fixture_now_ms() < end_ms);
		wl_event_loop_dispatch(f->loop, 10);
	}
	return f->fake->held[0].buffer->memory.fourcc != 0;
}

static bool flip(struct scene *s, uint32_t id) {
	assert_ok(fake_gpu_set_scanout(s->f->device, 0, id, fixture_whole()));
	return flush(s, id);
}

/** Until both are known to the window; true: their own memory is shown. */
static bool settle(struct scene *s) {
	bool direct = false;
	for (unsigned i = 0; i < 4; i++) {
		flip(s, 1);
		direct = flip(s, 2);
	}
	return direct;
}

// Each resource is exported once and offered once, whatever the number of frames; nothing is read.
static void test_flips(void **state) {
	struct scene s;
	begin(&s, FAKE_EXPORT_FILE);
	assert_true(settle(&s));
	const unsigned reads = s.renderer.reads, finishes = s.renderer.finishes;
	for (unsigned i = 0; i < FRAMES; i++) {
		assert_true(flip(&s, i % 2 + 1));
		assert_int_equal(fake_window_pixel(s.f->fake, WIDTH - 1, HEIGHT - 1), 0x336699);
	}
	assert_int_equal(s.renderer.reads, reads);
	assert_int_equal(s.renderer.finishes, finishes + FRAMES);
	assert_int_equal(s.renderer.exports, 2);
	assert_int_equal(s.f->fake->prepared, 2);
	// What has alpha is shown without.
	assert_int_equal(s.f->fake->held[0].buffer->memory.fourcc, DRM_FORMAT_XRGB8888);
	end(&s);
}

// Nothing is shown before the GPU is done with it.
static void test_waits(void **state) {
	struct scene s;
	begin(&s, FAKE_EXPORT_FILE);
	assert_true(settle(&s));
	s.renderer.stalled = true;
	const unsigned shows = s.f->fake->shows;
	fake_window_become_ready(s.f->fake);
	assert_ok(fake_gpu_set_scanout(s.f->device, 0, 1, fixture_whole()));
	assert_ok(fake_gpu_flush(s.f->device, 1, fixture_whole(), 0));
	fixture_run(s.f, 50);
	assert_int_equal(s.f->fake->shows, shows);
	exporter_go_on(&s.renderer);
	fixture_run(s.f, 50);
	assert_int_equal(s.f->fake->shows, shows + 1);
	// The renderer dies instead: the picture stays, and its memory too.
	s.renderer.stalled = true;
	fake_window_become_ready(s.f->fake);
	assert_ok(fake_gpu_flush(s.f->device, 1, fixture_whole(), 0));
	end(&s);
}

// A guest that draws in what is shown gets a copy of it, until it flips again.
static void test_single(void **state) {
	struct scene s;
	begin(&s, FAKE_EXPORT_FILE);
	assert_true(settle(&s));
	assert_true(flip(&s, 1));
	for (unsigned i = 0; i < 3; i++) {
		assert_false(flush(&s, 1));
	}
	assert_true(flip(&s, 2));
	end(&s);
}

// What is no dmabuf, or none of this size, is not shown, and the renderer may go on.
static void test_refused(void **state) {
	static const enum fake_export wrong[] = {
		FAKE_EXPORT_NONE, FAKE_EXPORT_SHORT, FAKE_EXPORT_NARROW, FAKE_EXPORT_FILE};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct scene s;
		begin(&s, wrong[i]);
		files_are_dmabufs = wrong[i] != FAKE_EXPORT_FILE;
		const unsigned files = open_files();
		assert_false(settle(&s));
		assert_int_equal(s.lost, 0);
		assert_int_equal(s.f->fake->prepared, 0);
		assert_int_equal(s.renderer.exports, 2); // nobody asks twice
		// Those of the renderer, and the images and spares, which stay as they are.
		const unsigned more = open_files();
		assert_false(settle(&s));
		assert_int_equal(open_files(), more);
		assert_true(more > files || wrong[i] == FAKE_EXPORT_NONE);
		end(&s);
	}
}

// A size or format that the resource has not.
static void test_other_shape(void **state) {
	struct scene s;
	begin(&s, FAKE_EXPORT_FILE);
	s.renderer.width = WIDTH / 2;
	assert_false(settle(&s));
	end(&s);
	begin(&s, FAKE_EXPORT_FILE);
	s.renderer.fourcc = DRM_FORMAT_RGB565;
	assert_false(settle(&s));
	end(&s);
}

// A renderer that breaks the rules is given up, and its fds are closed.
static void test_hostile(void **state) {
	static const enum fake_export wrong[] = {
		FAKE_EXPORT_NO_FD, FAKE_EXPORT_TWO_FDS, FAKE_EXPORT_UNASKED};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct scene s;
		begin(&s, wrong[i]);
		assert_ok(fake_gpu_set_scanout(s.f->device, 0, 1, fixture_whole()));
		assert_ok(fake_gpu_flush(s.f->device, 1, fixture_whole(), 0));
		fixture_run(s.f, 100);
		assert_int_equal(s.lost, 1);
		end(&s);
	}
	struct scene s;
	begin(&s, FAKE_EXPORT_FILE);
	const unsigned files = open_files();
	for (unsigned i = 0; i < RENDER_LINK_TAKEN_MAX; i++) {
		exporter_send_fd(&s.renderer);
		fixture_run(s.f, 1);
	}
	assert_int_equal(s.lost, 0);
	exporter_send_fd(&s.renderer);
	fixture_run(s.f, 100);
	assert_int_equal(s.lost, 1);
	assert_true(open_files() < files); // the rings and the socket are closed as well
	end(&s);
}

// The compositor says no; the device, or the guest: what it shows is read.
static void test_read_instead(void **state) {
	struct scene s;
	begin(&s, FAKE_EXPORT_FILE);
	s.f->fake->refuses = true;
	assert_false(settle(&s));
	end(&s);
	begin(&s, FAKE_EXPORT_FILE);
	s.f->fake->takes_dmabufs = false;
	assert_false(settle(&s));
	assert_int_equal(s.renderer.exports, 0);
	end(&s);
	begin(&s, FAKE_EXPORT_FILE);
	create(&s, 7, 0); // its first row is the lowest
	create(&s, 8, 0);
	for (unsigned i = 0; i < 4; i++) {
		assert_false(flip(&s, 7));
		assert_false(flip(&s, 8));
	}
	assert_int_equal(s.renderer.exports, 0);
	end(&s);
}

// Another compositor gets a copy first, and the memory once it has said that it takes it.
static void test_another_compositor(void **state) {
	struct scene s;
	begin(&s, FAKE_EXPORT_FILE);
	assert_true(settle(&s));
	const unsigned shows = s.f->fake->shows;
	fake_window_lose(s.f->fake);
	fake_window_regain(s.f->fake);
	const int64_t end_ms = fixture_now_ms() + 5000;
	while (s.f->fake->shows == shows) {
		assert_true(fixture_now_ms() < end_ms);
		wl_event_loop_dispatch(s.f->loop, 10);
	}
	assert_int_equal(s.f->fake->held[0].buffer->memory.fourcc, 0);
	assert_true(settle(&s));
	end(&s);
}

// Gone while it is shown, or while it is on its way: nothing stays open.
static void test_unref(void **state) {
	struct scene s;
	begin(&s, FAKE_EXPORT_FILE);
	settle(&s);
	const unsigned files = open_files();
	for (unsigned i = 0; i < 3; i++) {
		assert_true(flip(&s, 1));
		assert_ok(fake_gpu_unref(s.f->device, 1));
		create(&s, 1, Y_0_TOP);
		assert_true(flip(&s, 2));
		assert_true(settle(&s));
	}
	// The renderer of the test keeps what it exported.
	assert_true(open_files() <= files + 3);
	create(&s, 9, Y_0_TOP);
	fake_window_become_ready(s.f->fake);
	assert_ok(fake_gpu_set_scanout(s.f->device, 0, 9, fixture_whole()));
	fixture_submit_flush(s.f, 9, fixture_whole(), 0);
	fake_device_reset(s.f->device);
	fixture_run(s.f, 50);
	assert_int_equal(s.lost, 0);
	end(&s);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_other_shape),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_read_instead),
		cmocka_unit_test(test_another_compositor),
		cmocka_unit_test(test_unref),
	};
	return cmocka_run_group_tests_name("direct", tests, NULL, NULL);
}

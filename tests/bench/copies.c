/*
 * Copies per frame, by the bridge's own counters: the device, its driver and a window that holds
 * what it shows are this process, only the renderer is another one.
 *
 * Usage: copies REDECHO_RENDER. Prints one JSON object a line for bench.py.
 */
#include <stdio.h>

#include "renderer_remote.h"
#include "virgl_driver.h"

#define SCREEN_WIDTH 640
#define SCREEN_HEIGHT 480
#define WARM_FRAMES 10 // by then there are all the images that there will be
#define FRAMES 100
#define FIRST 11
#define TARGET_2D 2

struct bytes {
	uint64_t copied, duplicated, read;
};

/** So many rows, below those of the frame before. */
static struct virtio_gpu_rect rect_of(uint32_t rows, unsigned frame) {
	const uint32_t y = frame * rows % SCREEN_HEIGHT;
	return (struct virtio_gpu_rect){.y = y, .width = SCREEN_WIDTH, .height = rows};
}

static struct bytes count(const struct fixture *f) {
	const struct image_budget *budget = &f->gpu->resources.budget;
	return (struct bytes){
		.copied = budget->copied_bytes,
		.duplicated = budget->duplicated_bytes,
		.read = f->gpu->remote != NULL ? f->gpu->remote->read_bytes : 0,
	};
}

static void make(struct fixture *f, uint32_t id, bool virgl) {
	if (!virgl) {
		assert_int_not_equal(
			fake_gpu_make_framebuffer(f->device, id, BGRX, SCREEN_WIDTH, SCREEN_HEIGHT),
			0);
		return;
	}
	const struct virtio_gpu_resource_create_3d create = {
		.hdr = virgl_header(VIRTIO_GPU_CMD_RESOURCE_CREATE_3D, 0, 0),
		.resource_id = id,
		.target = TARGET_2D,
		.format = BGRX,
		.bind = BIND_RENDER_TARGET,
		.width = SCREEN_WIDTH,
		.height = SCREEN_HEIGHT,
		.depth = 1,
		.array_size = 1,
		.flags = Y_0_TOP,
	};
	assert_ok(virgl_run(f, &create, sizeof(create)));
	assert_ok(virgl_ctx_resource(f, VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, CONTEXT, id));
}

/** One frame, in which the guest has drawn into some rows of one of its pages. */
static void show(struct fixture *f, bool virgl, unsigned pages, uint32_t rows, unsigned frame) {
	const uint32_t id = FIRST + frame % pages;
	const struct virtio_gpu_rect rect = rect_of(rows, frame);
	if (virgl) {
		const float colour[4] = {(float)(frame % 50) / 50, 0, 0, 1};
		virgl_put_clear(f, id, BGRX, colour, frame + 1);
		assert_ok(virgl_get(f, NULL, NULL)->type);
	} else {
		const uint64_t offset = (uint64_t)rect.y * SCREEN_WIDTH * 4;
		assert_ok(fake_gpu_transfer(f->device, id, rect, offset));
	}
	const unsigned shows = f->fake->shows;
	if (pages > 1 || frame == 0) {
		assert_ok(fake_gpu_set_scanout(f->device, 0, id, rect_of(SCREEN_HEIGHT, 0)));
	}
	assert_ok(fake_gpu_flush(f->device, id, rect, 0));
	virgl_wait_shows(f, shows + 1);
	assert_int_equal(f->fake->shows, shows + 1);
	fake_window_become_ready(f->fake);
}

static void measure(struct fixture *f, bool virgl, unsigned pages) {
	static const uint32_t percents[] = {100, 10, 1};
	for (uint32_t i = 0; i < pages; i++) {
		make(f, FIRST + i, virgl);
	}
	unsigned frame = 0;
	for (; frame < WARM_FRAMES; frame++) {
		show(f, virgl, pages, SCREEN_HEIGHT, frame);
	}
	for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
		const uint32_t rows = SCREEN_HEIGHT * percents[i] / 100;
		for (unsigned end = frame + WARM_FRAMES; frame < end; frame++) {
			show(f, virgl, pages, rows, frame);
		}
		const struct bytes before = count(f);
		for (unsigned end = frame + FRAMES; frame < end; frame++) {
			show(f, virgl, pages, rows, frame);
		}
		const struct bytes after = count(f);
		const double damage = (double)FRAMES * rows * SCREEN_WIDTH * 4;
		printf("{\"kind\": \"%s\", \"pages\": %u, \"percent\": %u, \"copied\": %.3f, "
		       "\"duplicated\": %.3f, \"read\": %.3f}\n",
			virgl ? "virgl" : "2D", pages, percents[i],
			(double)(after.copied - before.copied) / damage,
			(double)(after.duplicated - before.duplicated) / damage,
			(double)(after.read - before.read) / damage);
	}
}

int main(int argc, char *argv[]) {
	if (argc != 2) {
		fprintf(stderr, "usage: copies REDECHO_RENDER\n");
		return 1;
	}
	for (unsigned pages = 1; pages <= 2; pages++) {
		struct fixture *f = fixture_begin();
		measure(f, false, pages);
		fixture_end(f);
	}
	for (unsigned pages = 1; pages <= 2; pages++) {
		struct renderer renderer;
		virgl_begin(&renderer, argv[1]);
		virgl_start(&renderer);
		assert_ok(virgl_create_context(renderer.f, CONTEXT));
		measure(renderer.f, true, pages);
		virgl_end(&renderer);
	}
	return 0;
}

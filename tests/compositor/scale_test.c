// Output scales: a window drawn in physical pixels comes out pixel for pixel.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wlr/interfaces/wlr_output.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_output.h>

#include "desk.h"
#include "output.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "viewporter-client-protocol.h"
#include "xdg-shell-client-protocol.h"

#define BYTES_PER_PIXEL 4

struct picture {
	int width, height;
	uint32_t *pixels; // XRGB
};

// Neighbours differ, and each window has others: any blur or shift by one shows.
static uint32_t pattern(int window, int x, int y) {
	uint32_t hash = (uint32_t)x * 73856093u ^ (uint32_t)y * 19349663u ^
		(uint32_t)(window + 1) * 83492791u;
	hash = (hash ^ hash >> 13) * 0x5bd1e995u;
	return hash & 0xffffff;
}

// --- a client that draws physical pixels ---------------------------------------------------

static struct wl_buffer *create_buffer(struct wl_shm *shm, int window, int width, int height) {
	int stride = width * BYTES_PER_PIXEL, size = stride * height;
	int fd = memfd_create("pattern", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	uint32_t *pixels = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(pixels, MAP_FAILED);
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			pixels[y * width + x] = pattern(window, x, y);
		}
	}
	munmap(pixels, (size_t)size);
	struct wl_shm_pool *pool = wl_shm_create_pool(shm, fd, size);
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(
		pool, 0, width, height, stride, WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	close(fd);
	return buffer;
}

static int physical(int logical, int scale120) {
	return (int)lround(logical * scale120 / 120.0);
}

static void draw(struct desk *desk, struct test_client *client, int window, int scale120) {
	struct wl_buffer *buffer = create_buffer(client->shm, window,
		physical(client->width, scale120), physical(client->height, scale120));
	if (client->acked != client->serial) {
		xdg_surface_ack_configure(client->xdg_surface, client->serial);
		client->acked = client->serial;
	}
	wl_surface_attach(client->surface, buffer, 0, 0);
	wp_viewport_set_destination(client->viewport, client->width, client->height);
	wl_surface_damage_buffer(client->surface, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(client->surface);
	desk_settle(desk);
	wl_buffer_destroy(buffer);
}

// --- the picture on the screen -------------------------------------------------------------

struct capture {
	struct wl_listener commit;
	struct picture picture;
	int frames;
};

static void handle_commit(struct wl_listener *listener, void *data) {
	struct capture *capture = wl_container_of(listener, capture, commit);
	const struct wlr_output_event_commit *event = data;
	if ((event->state->committed & WLR_OUTPUT_STATE_BUFFER) == 0) {
		return;
	}
	struct wlr_buffer *buffer = event->state->buffer;
	void *pixels;
	uint32_t format;
	size_t stride;
	assert_true(wlr_buffer_begin_data_ptr_access(
		buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ, &pixels, &format, &stride));
	struct picture *picture = &capture->picture;
	picture->width = buffer->width;
	picture->height = buffer->height;
	size_t row_bytes = (size_t)buffer->width * BYTES_PER_PIXEL;
	free(picture->pixels);
	picture->pixels = malloc(row_bytes * (size_t)buffer->height);
	assert_non_null(picture->pixels);
	for (int y = 0; y < buffer->height; y++) {
		memcpy(picture->pixels + y * buffer->width, (char *)pixels + (size_t)y * stride,
			row_bytes);
	}
	wlr_buffer_end_data_ptr_access(buffer);
	capture->frames++;
}

static struct output *first_output(struct desk *desk) {
	struct output *output = wl_container_of(desk->server->outputs.next, output, link);
	return output;
}

static struct picture take_picture(struct desk *desk) {
	struct wlr_output *output = first_output(desk)->wlr_output;
	struct capture capture = {.commit.notify = handle_commit};
	wl_signal_add(&output->events.commit, &capture.commit);
	wlr_output_update_needs_frame(output);
	desk_until(desk, capture.frames > 0);
	wl_list_remove(&capture.commit.link);
	return capture.picture;
}

static void assert_exact(
	const struct picture *picture, const struct tile *tile, int window, int scale120) {
	const struct wlr_box *content = &tile->content;
	int left = content->x * scale120 / 120, top = content->y * scale120 / 120;
	int width = physical(content->width, scale120),
	    height = physical(content->height, scale120);
	assert_true(left + width <= picture->width && top + height <= picture->height);
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			uint32_t pixel = picture->pixels[(top + y) * picture->width + left + x] &
				0xffffff;
			if (pixel != pattern(window, x, y)) {
				fail_msg("scale %d/120, window %d: pixel %d,%d of %dx%d differs",
					scale120, window, x, y, width, height);
			}
		}
	}
}

static void check_windows(struct desk *desk, struct test_client *const *clients, int scale120) {
	static const char *const titles[] = {"a", "b", "c"};
	for (int i = 0; i < 3; i++) {
		draw(desk, clients[i], i, scale120);
	}
	struct picture picture = take_picture(desk);
	for (int i = 0; i < 3; i++) {
		const struct tile *tile = desk_tile(desk, titles[i]);
		// No edge of a content is between two pixels.
		assert_int_equal(tile->content.x * scale120 % 120, 0);
		assert_int_equal(tile->content.y * scale120 % 120, 0);
		assert_exact(&picture, tile, i, scale120);
	}
	free(picture.pixels);
}

static const struct {
	const char *scale, *mode;
	int scale120;
} cases[] = {
	{"1", "1280x720", 120},
	{"1.25", "1366x768", 150},
	{"1.5", "1366x767", 180},
	{"1.75", "1601x901", 210},
	{"2", "1367x769", 240},
};

static void configure(struct desk *desk, size_t number, const char *gaps) {
	char text[128];
	// The desk may read it once more when it sees that the file was saved: so the gaps stand in it.
	snprintf(text, sizeof(text), "%soutput * {\n\tscale %s\n\tmode %s\n}\n", gaps,
		cases[number].scale, cases[number].mode);
	FILE *file = fopen(desk->config, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_true(server_reload(desk->server));
	desk_settle(desk);
}

static void test_tiles(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *clients[] = {
		desk_connect_shown(desk, "a"), desk_connect_shown(desk, "b"), NULL};
	desk_run(desk, "split vertical");
	clients[2] = desk_connect_shown(desk, "c");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		configure(desk, i, "");
		check_windows(desk, clients, cases[i].scale120);
		desk_run(desk, "focus left");
		desk_run(desk, "resize right 37");
		desk_settle(desk);
		check_windows(desk, clients, cases[i].scale120);
	}
	desk_destroy(desk);
}

static void test_fullscreen(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_run(desk, "fullscreen");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		configure(desk, i, "");
		draw(desk, client, 0, cases[i].scale120);
		struct picture picture = take_picture(desk);
		assert_exact(&picture, desk_tile(desk, "a"), 0, cases[i].scale120);
		free(picture.pixels);
	}
	desk_destroy(desk);
}

// What floats is as sharp, wherever it is put and whatever its size; so is a fixed size that is
// no multiple of the grid.
static void test_floating(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct test_client *fixed = desk_connect(desk);
	test_client_open(fixed, "b");
	xdg_toplevel_set_min_size(fixed->toplevel, 333, 217);
	xdg_toplevel_set_max_size(fixed->toplevel, 333, 217);
	desk_settle(desk);
	test_client_show(fixed, 333, 217);
	desk_settle(desk);
	const struct tile *b = desk_tile(desk, "b");
	assert_true(b->floating.on);
	desk_run(desk, "move position 611 97");
	desk_run(desk, "focus tiled");
	desk_run(desk, "floating");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		configure(desk, i, "");
		desk_run(desk, "resize set 181 153");
		desk_run(desk, "move position 37 91");
		const struct tile *a = desk_tile(desk, "a");
		const int scale120 = cases[i].scale120;
		assert_int_equal(a->content.width * scale120 % 120, 0);
		assert_int_equal(a->content.height * scale120 % 120, 0);
		assert_int_equal(b->content.width, 333);
		assert_int_equal(b->content.x * scale120 % 120, 0);
		draw(desk, client, 0, scale120);
		draw(desk, fixed, 1, scale120);
		struct picture picture = take_picture(desk);
		assert_exact(&picture, a, 0, scale120);
		assert_exact(&picture, b, 1, scale120);
		free(picture.pixels);
	}
	desk_destroy(desk);
}

static void test_gaps(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *clients[] = {
		desk_connect_shown(desk, "a"), desk_connect_shown(desk, "b"), NULL};
	desk_run(desk, "split vertical");
	clients[2] = desk_connect_shown(desk, "c");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		configure(desk, i, "gaps inner 7\ngaps left 3\n");
		check_windows(desk, clients, cases[i].scale120);
	}
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tiles),
		cmocka_unit_test(test_floating),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_fullscreen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// Recordings that were under way when the session was locked: they show nothing of the desk until
// it is unlocked, and then go on.

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>

#include "desk.h"
#include "ext-foreign-toplevel-list-v1-client-protocol.h"
#include "ext-image-capture-source-v1-client-protocol.h"
#include "ext-image-copy-capture-v1-client-protocol.h"
#include "single-pixel-buffer-v1-client-protocol.h"
#include "test_client.h"
#include "test_lock.h"

#define GREEN 0x00ff00u // of test_client_show()
#define RED 0xff0000u

// --- a program that records ------------------------------------------------------------------

struct recorder {
	struct test_client *client;
	struct ext_foreign_toplevel_list_v1 *list;
	struct ext_foreign_toplevel_handle_v1 *window; // the last one that it was told of
	struct ext_image_capture_source_v1 *source;
	struct ext_image_copy_capture_manager_v1 *manager;
	struct ext_image_copy_capture_session_v1 *session;
	struct ext_image_copy_capture_frame_v1 *frame; // the one that is under way
	uint32_t width, height; // as it was told
	bool described, stopped;
	struct wl_buffer *buffer;
	uint32_t *pixels;
	uint32_t secrets; // pixels of a window's colour in the last one
	uint32_t colour; // of a pixel where there is no cursor
};

static void handle_toplevel(void *data, struct ext_foreign_toplevel_list_v1 *list,
	struct ext_foreign_toplevel_handle_v1 *handle) {
	struct recorder *recorder = data;
	recorder->window = handle;
}

static void handle_finished(void *data, struct ext_foreign_toplevel_list_v1 *list) {}

static const struct ext_foreign_toplevel_list_v1_listener list_listener = {
	.toplevel = handle_toplevel,
	.finished = handle_finished,
};

static void handle_size(void *data, struct ext_image_copy_capture_session_v1 *session,
	uint32_t width, uint32_t height) {
	struct recorder *recorder = data;
	recorder->width = width;
	recorder->height = height;
}

static void handle_shm_format(
	void *data, struct ext_image_copy_capture_session_v1 *session, uint32_t format) {}

static void handle_dmabuf_device(
	void *data, struct ext_image_copy_capture_session_v1 *session, struct wl_array *device) {}

static void handle_dmabuf_format(void *data, struct ext_image_copy_capture_session_v1 *session,
	uint32_t format, struct wl_array *modifiers) {}

static void handle_done(void *data, struct ext_image_copy_capture_session_v1 *session) {
	struct recorder *recorder = data;
	recorder->described = true;
}

static void handle_stopped(void *data, struct ext_image_copy_capture_session_v1 *session) {
	struct recorder *recorder = data;
	recorder->stopped = true;
}

static const struct ext_image_copy_capture_session_v1_listener session_listener = {
	.buffer_size = handle_size,
	.shm_format = handle_shm_format,
	.dmabuf_device = handle_dmabuf_device,
	.dmabuf_format = handle_dmabuf_format,
	.done = handle_done,
	.stopped = handle_stopped,
};

static void handle_transform(
	void *data, struct ext_image_copy_capture_frame_v1 *frame, uint32_t transform) {}

static void handle_damage(void *data, struct ext_image_copy_capture_frame_v1 *frame, int32_t x,
	int32_t y, int32_t width, int32_t height) {}

static void handle_time(void *data, struct ext_image_copy_capture_frame_v1 *frame, uint32_t sec_hi,
	uint32_t sec_lo, uint32_t nsec) {}

static void handle_ready(void *data, struct ext_image_copy_capture_frame_v1 *frame);

static void handle_failed(
	void *data, struct ext_image_copy_capture_frame_v1 *frame, uint32_t reason) {
	fail_msg("a frame failed: %u", reason);
}

static const struct ext_image_copy_capture_frame_v1_listener frame_listener = {
	.transform = handle_transform,
	.damage = handle_damage,
	.presentation_time = handle_time,
	.ready = handle_ready,
	.failed = handle_failed,
};

static void request_frame(struct recorder *recorder) {
	recorder->frame = ext_image_copy_capture_session_v1_create_frame(recorder->session);
	ext_image_copy_capture_frame_v1_add_listener(recorder->frame, &frame_listener, recorder);
	ext_image_copy_capture_frame_v1_attach_buffer(recorder->frame, recorder->buffer);
	ext_image_copy_capture_frame_v1_damage_buffer(
		recorder->frame, 0, 0, (int32_t)recorder->width, (int32_t)recorder->height);
	ext_image_copy_capture_frame_v1_capture(recorder->frame);
}

// It looks at each frame, and asks for the next one at once.
static void handle_ready(void *data, struct ext_image_copy_capture_frame_v1 *frame) {
	struct recorder *recorder = data;
	size_t len = (size_t)recorder->width * recorder->height;
	recorder->secrets = 0;
	for (size_t i = 0; i < len; i++) {
		uint32_t pixel = recorder->pixels[i] & 0xffffff;
		recorder->secrets += pixel == GREEN || pixel == RED;
	}
	recorder->colour = recorder->pixels[len / 4 + recorder->width / 4] & 0xffffff;
	ext_image_copy_capture_frame_v1_destroy(frame);
	request_frame(recorder);
}

static void create_buffer(struct recorder *recorder) {
	size_t size = (size_t)recorder->width * recorder->height * 4;
	int fd = memfd_create("frame", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	recorder->pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(recorder->pixels, MAP_FAILED);
	struct wl_shm_pool *pool = wl_shm_create_pool(recorder->client->shm, fd, (int32_t)size);
	recorder->buffer = wl_shm_pool_create_buffer(pool, 0, (int32_t)recorder->width,
		(int32_t)recorder->height, (int32_t)recorder->width * 4, WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	close(fd);
}

// Records the window, or else the screen.
static void start_recorder(struct desk *desk, struct recorder *recorder, bool window) {
	struct test_client *client = desk_connect(desk);
	*recorder = (struct recorder){.client = client};
	recorder->manager = test_client_bind(
		client, &ext_image_copy_capture_manager_v1_interface, 1);
	if (window) {
		recorder->list = test_client_bind(
			client, &ext_foreign_toplevel_list_v1_interface, 1);
		ext_foreign_toplevel_list_v1_add_listener(recorder->list, &list_listener, recorder);
		desk_settle(desk);
		assert_non_null(recorder->window);
		struct ext_foreign_toplevel_image_capture_source_manager_v1
			*sources = test_client_bind(client,
				&ext_foreign_toplevel_image_capture_source_manager_v1_interface, 1);
		recorder->source =
			ext_foreign_toplevel_image_capture_source_manager_v1_create_source(
				sources, recorder->window);
		ext_foreign_toplevel_image_capture_source_manager_v1_destroy(sources);
	} else {
		struct wl_output *output = test_client_bind(client, &wl_output_interface, 4);
		struct ext_output_image_capture_source_manager_v1 *sources = test_client_bind(
			client, &ext_output_image_capture_source_manager_v1_interface, 1);
		recorder->source = ext_output_image_capture_source_manager_v1_create_source(
			sources, output);
		ext_output_image_capture_source_manager_v1_destroy(sources);
		wl_output_destroy(output);
	}
	recorder->session = ext_image_copy_capture_manager_v1_create_session(
		recorder->manager, recorder->source, 0);
	ext_image_copy_capture_session_v1_add_listener(
		recorder->session, &session_listener, recorder);
	desk_until(desk, recorder->described);
	create_buffer(recorder);
	request_frame(recorder);
	desk_until(desk, recorder->colour == GREEN);
}

static void stop_recorder(struct desk *desk, struct recorder *recorder) {
	ext_image_copy_capture_frame_v1_destroy(recorder->frame);
	ext_image_copy_capture_session_v1_destroy(recorder->session);
	ext_image_copy_capture_manager_v1_destroy(recorder->manager);
	ext_image_capture_source_v1_destroy(recorder->source);
	if (recorder->list != NULL) {
		ext_foreign_toplevel_handle_v1_destroy(recorder->window);
		ext_foreign_toplevel_list_v1_destroy(recorder->list);
	}
	wl_buffer_destroy(recorder->buffer);
	munmap(recorder->pixels, (size_t)recorder->width * recorder->height * 4);
	desk_settle(desk);
}

// --- locked meanwhile ------------------------------------------------------------------------

static void paint_red(struct test_client *client) {
	struct wl_buffer *buffer = wp_single_pixel_buffer_manager_v1_create_u32_rgba_buffer(
		client->pixels, UINT32_MAX, 0, 0, UINT32_MAX);
	wl_surface_attach(client->surface, buffer, 0, 0);
	wl_surface_damage_buffer(client->surface, 0, 0, 1, 1);
	wl_surface_commit(client->surface);
	wl_buffer_destroy(buffer);
}

static void check(bool window) {
	struct desk *desk = desk_create(NULL);
	struct test_client *shown = desk_connect_shown(desk, "a");
	test_client_show(shown, 0, 0); // at the tile's size
	desk_settle(desk);
	struct recorder recorder;
	start_recorder(desk, &recorder, window);
	struct test_lock *lock = test_lock_create(desk_connect(desk));
	test_lock_cover(lock, 0);
	desk_until(desk, lock->locked == 1);
	desk_until(desk, recorder.secrets == 0);
	// What the window draws behind the lock is in no frame.
	for (int i = 0; i < 20; i++) {
		paint_red(shown);
		desk_settle(desk);
		assert_int_equal(recorder.secrets, 0);
	}
	test_lock_unlock(lock);
	desk_until(desk, recorder.colour == RED);
	assert_false(recorder.stopped);
	stop_recorder(desk, &recorder);
	test_lock_destroy(lock);
	desk_destroy(desk);
}

static void test_screen(void **state) {
	check(false);
}

static void test_window(void **state) {
	check(true);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screen),
		cmocka_unit_test(test_window),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

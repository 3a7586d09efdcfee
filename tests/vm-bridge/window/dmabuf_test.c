// The window's dmabufs, against a compositor in the same process that takes some. It looks into
// none, so that any file will do.
#include <drm/drm_fourcc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-server-protocol.h>

#include "fake_cmocka.h"
#include "fake_compositor.h"
#include "linux-dmabuf-v1-protocol.h"
#include "window_client.h"

#define SIDE 64
#define STRIDE 512
#define OFFSET 4096
#define TILED I915_FORMAT_MOD_X_TILED

struct entry {
	uint32_t fourcc, padding;
	uint64_t modifier;
};

static const struct entry table[] = {
	{DRM_FORMAT_XRGB8888, 0, DRM_FORMAT_MOD_LINEAR},
	{DRM_FORMAT_XRGB8888, 0, TILED},
	{DRM_FORMAT_ARGB8888, 0, TILED},
};

enum answer { ANSWER_CREATED, ANSWER_FAILED, ANSWER_NONE };

struct fixture {
	struct fake_compositor *compositor;
	struct window_client *client;
	struct window *window;
	struct window_buffer *buffer;
	int memory;

	// The compositor's side.
	struct wl_global *global;
	uint32_t version;
	int table_fd;
	uint32_t table_bytes;
	const uint16_t *indices; // ends with UINT16_MAX
	enum answer answer;
	unsigned adds, creates;
	uint32_t plane, offset, stride, fourcc;
	uint64_t modifier;
	int32_t width, height;
	struct wl_resource *wl_buffer;
};

// --- the compositor ----------------------------------------------------------------------

static void destroy_resource(struct wl_client *client, struct wl_resource *resource) {
	wl_resource_destroy(resource);
}

static const struct wl_buffer_interface buffer_impl = {.destroy = destroy_resource};

static void params_add(struct wl_client *client, struct wl_resource *resource, int32_t fd,
	uint32_t plane, uint32_t offset, uint32_t stride, uint32_t modifier_high,
	uint32_t modifier_low) {
	struct fixture *f = wl_resource_get_user_data(resource);
	f->adds++;
	f->plane = plane;
	f->offset = offset;
	f->stride = stride;
	f->modifier = (uint64_t)modifier_high << 32 | modifier_low;
	close(fd);
}

static void params_create(struct wl_client *client, struct wl_resource *resource, int32_t width,
	int32_t height, uint32_t fourcc, uint32_t flags) {
	struct fixture *f = wl_resource_get_user_data(resource);
	f->creates++;
	f->width = width;
	f->height = height;
	f->fourcc = fourcc;
	assert_int_equal(flags, 0);
	if (f->answer == ANSWER_CREATED) {
		f->wl_buffer = wl_resource_create(client, &wl_buffer_interface, 1, 0);
		wl_resource_set_implementation(f->wl_buffer, &buffer_impl, f, NULL);
		zwp_linux_buffer_params_v1_send_created(resource, f->wl_buffer);
	} else if (f->answer == ANSWER_FAILED) {
		zwp_linux_buffer_params_v1_send_failed(resource);
	}
}

static void params_create_immed(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	int32_t width, int32_t height, uint32_t fourcc, uint32_t flags) {
	fail_msg("the connection would end where the buffer cannot be read");
}

static const struct zwp_linux_buffer_params_v1_interface params_impl = {
	.destroy = destroy_resource,
	.add = params_add,
	.create = params_create,
	.create_immed = params_create_immed,
};

static void create_params(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	struct wl_resource *params = wl_resource_create(client,
		&zwp_linux_buffer_params_v1_interface, wl_resource_get_version(resource), id);
	wl_resource_set_implementation(
		params, &params_impl, wl_resource_get_user_data(resource), NULL);
}

static const struct zwp_linux_dmabuf_feedback_v1_interface feedback_impl = {
	.destroy = destroy_resource};

static void get_default_feedback(
	struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	const struct fixture *f = wl_resource_get_user_data(resource);
	struct wl_resource *feedback = wl_resource_create(client,
		&zwp_linux_dmabuf_feedback_v1_interface, wl_resource_get_version(resource), id);
	wl_resource_set_implementation(feedback, &feedback_impl, NULL, NULL);
	const dev_t device = 1;
	struct wl_array array;
	wl_array_init(&array);
	*(dev_t *)wl_array_add(&array, sizeof(device)) = device;
	zwp_linux_dmabuf_feedback_v1_send_format_table(feedback, f->table_fd, f->table_bytes);
	zwp_linux_dmabuf_feedback_v1_send_main_device(feedback, &array);
	for (const uint16_t *index = f->indices; *index != UINT16_MAX; index++) {
		struct wl_array one = {.data = (void *)(uintptr_t)index, .size = sizeof(*index)};
		zwp_linux_dmabuf_feedback_v1_send_tranche_target_device(feedback, &array);
		zwp_linux_dmabuf_feedback_v1_send_tranche_formats(feedback, &one);
		zwp_linux_dmabuf_feedback_v1_send_tranche_flags(feedback, 0);
		zwp_linux_dmabuf_feedback_v1_send_tranche_done(feedback);
	}
	zwp_linux_dmabuf_feedback_v1_send_done(feedback);
	wl_array_release(&array);
}

static const struct zwp_linux_dmabuf_v1_interface dmabuf_impl = {
	.destroy = destroy_resource,
	.create_params = create_params,
	.get_default_feedback = get_default_feedback,
};

static void bind(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct wl_resource *resource = wl_resource_create(
		client, &zwp_linux_dmabuf_v1_interface, (int)version, id);
	wl_resource_set_implementation(resource, &dmabuf_impl, data, NULL);
}

// --- the fixture -------------------------------------------------------------------------

static void put_table(struct fixture *f, const struct entry *entries, size_t bytes, size_t told) {
	f->table_fd = memfd_create("table", MFD_CLOEXEC);
	assert_int_equal(write(f->table_fd, entries, bytes), bytes);
	f->table_bytes = (uint32_t)told;
}

static void connect_window(struct fixture *f) {
	window_client_disconnect(f->client);
	fake_compositor_settle(f->compositor);
	assert_true(window_client_connect(f->client, fake_compositor_connect(f->compositor)));
	fake_compositor_settle(f->compositor);
	fake_compositor_configure(f->compositor, SIDE, SIDE);
}

static struct fixture *begin_table(
	uint32_t version, const uint16_t *indices, size_t bytes, size_t told) {
	struct fixture *f = calloc(1, sizeof(*f));
	f->compositor = fake_compositor_create(true);
	f->indices = indices;
	put_table(f, table, bytes, told);
	f->global = wl_global_create(
		f->compositor->server, &zwp_linux_dmabuf_v1_interface, (int)version, f, bind);
	const struct window_client_options options = {
		.title = "Test", .app_id = "test", .width = SIDE, .height = SIDE};
	f->client = window_client_create(f->compositor->loop, &options);
	f->window = f->client->windows[0];
	f->memory = memfd_create("test", MFD_CLOEXEC);
	const struct window_memory memory = {
		.fd = f->memory,
		.offset_bytes = OFFSET,
		.width = SIDE,
		.height = SIDE / 2,
		.stride_bytes = STRIDE,
		.fourcc = DRM_FORMAT_XRGB8888,
		.modifier = TILED,
	};
	f->buffer = window_buffer_create(f->window, &memory);
	connect_window(f);
	return f;
}

static const uint16_t first_two[] = {0, 1, UINT16_MAX};

static struct fixture *begin(void) {
	return begin_table(4, first_two, sizeof(table), sizeof(table));
}

static void end(struct fixture *f) {
	window_client_disconnect(f->client);
	window_buffer_destroy(f->buffer);
	window_client_destroy(f->client);
	fake_compositor_destroy(f->compositor);
	close(f->memory);
	close(f->table_fd);
	free(f);
}

static bool prepare(struct fixture *f) {
	const bool ready = window_buffer_prepare(f->buffer);
	fake_compositor_settle(f->compositor);
	return ready;
}

// --- tests -------------------------------------------------------------------------------

// It is offered once, as it is, and shown when the compositor took it.
static void test_shown(void **state) {
	struct fixture *f = begin();
	assert_false(prepare(f));
	assert_int_equal(f->adds, 1);
	assert_int_equal(f->creates, 1);
	assert_int_equal(f->plane, 0);
	assert_int_equal(f->offset, OFFSET);
	assert_int_equal(f->stride, STRIDE);
	assert_true(f->modifier == TILED);
	assert_int_equal(f->width, SIDE);
	assert_int_equal(f->height, SIDE / 2);
	assert_int_equal(f->fourcc, DRM_FORMAT_XRGB8888);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(prepare(f));
		pixman_region32_t damage;
		pixman_region32_init_rect(&damage, 0, 0, SIDE, SIDE / 2);
		const struct window_frame frame = {
			.buffer = f->buffer, .source = {0, 0, SIDE, SIDE / 2}, .damage = &damage};
		assert_true(window_show(f->window, &frame) > 0);
		pixman_region32_fini(&damage);
		fake_compositor_settle(f->compositor);
		assert_ptr_equal(f->compositor->frame_surface->buffer, f->wl_buffer);
		assert_true(f->buffer->busy);
		wl_buffer_send_release(f->wl_buffer);
		fake_compositor_settle(f->compositor);
		assert_false(f->buffer->busy);
		fake_compositor_frame_done(f->compositor);
	}
	assert_int_equal(f->creates, 1);
	end(f);
}

static void test_formats(void **state) {
	struct fixture *f = begin();
	assert_true(window_takes_dmabufs(f->window));
	assert_true(window_takes(f->window, DRM_FORMAT_XRGB8888, DRM_FORMAT_MOD_LINEAR));
	assert_true(window_takes(f->window, DRM_FORMAT_XRGB8888, TILED));
	// In the table, and in no tranche; in neither.
	assert_false(window_takes(f->window, DRM_FORMAT_ARGB8888, TILED));
	assert_false(window_takes(f->window, DRM_FORMAT_XBGR8888, TILED));
	assert_false(window_takes(f->window, DRM_FORMAT_XRGB8888, DRM_FORMAT_MOD_INVALID));
	f->buffer->memory.fourcc = DRM_FORMAT_ARGB8888;
	assert_false(prepare(f));
	assert_false(prepare(f));
	assert_int_equal(f->creates, 0);
	window_client_disconnect(f->client);
	assert_false(window_takes_dmabufs(f->window));
	end(f);
}

// No means no, until there is another compositor.
static void test_refused(void **state) {
	struct fixture *f = begin();
	f->answer = ANSWER_FAILED;
	for (unsigned i = 0; i < 3; i++) {
		assert_false(prepare(f));
	}
	assert_int_equal(f->creates, 1);
	connect_window(f);
	f->answer = ANSWER_CREATED;
	assert_false(prepare(f));
	assert_true(prepare(f));
	connect_window(f);
	assert_false(prepare(f));
	assert_true(prepare(f));
	assert_int_equal(f->creates, 3);
	end(f);
}

// The buffer or the connection goes before there is an answer.
static void test_gone_meanwhile(void **state) {
	struct fixture *f = begin();
	f->answer = ANSWER_NONE;
	assert_false(prepare(f));
	assert_false(prepare(f));
	assert_int_equal(f->creates, 1);
	connect_window(f);
	f->answer = ANSWER_CREATED;
	assert_false(window_buffer_prepare(f->buffer));
	window_buffer_destroy(f->buffer);
	f->buffer = NULL;
	fake_compositor_settle(f->compositor);
	assert_non_null(f->client->connection);
	end(f);
}

// A compositor without feedback, or with one that is none, gets no dmabufs.
static void test_wild(void **state) {
	static const uint16_t wild[] = {3, 4000, UINT16_MAX}, none[] = {UINT16_MAX};
	const struct {
		uint32_t version;
		const uint16_t *indices;
		size_t bytes, told;
	} rows[] = {
		{3, first_two, sizeof(table), sizeof(table)},
		{4, wild, sizeof(table), sizeof(table)},
		{4, none, sizeof(table), sizeof(table)},
		{4, first_two, sizeof(table) - 1, sizeof(table)}, // shorter than it says
		{4, first_two, sizeof(table), UINT32_MAX},
		{4, first_two, sizeof(table), 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = begin_table(
			rows[i].version, rows[i].indices, rows[i].bytes, rows[i].told);
		assert_non_null(f->client->connection);
		assert_false(window_takes_dmabufs(f->window));
		assert_false(prepare(f));
		assert_int_equal(f->creates, 0);
		end(f);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_gone_meanwhile),
		cmocka_unit_test(test_wild),
	};
	return cmocka_run_group_tests_name("window-dmabuf", tests, NULL, NULL);
}

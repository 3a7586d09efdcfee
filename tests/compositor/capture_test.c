// Pictures of a window: what is left of them, and what there is no picture of.

#include <wayland-client.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "desk_machine.h"
#include "ext-foreign-toplevel-list-v1-client-protocol.h"
#include "ext-image-capture-source-v1-client-protocol.h"
#include "ext-image-copy-capture-v1-client-protocol.h"
#include "test_client.h"
#include "tile.h"
#include "toplevel.h"

struct taker {
	struct test_client *client;
	struct ext_foreign_toplevel_list_v1 *list;
	struct ext_foreign_toplevel_handle_v1 *window; // the last one of the list
	struct ext_foreign_toplevel_image_capture_source_manager_v1 *sources;
	struct ext_image_copy_capture_manager_v1 *manager;
	uint32_t width, height; // of the last picture
	int stopped;
};

static void handle_toplevel(void *data, struct ext_foreign_toplevel_list_v1 *list,
	struct ext_foreign_toplevel_handle_v1 *handle) {
	struct taker *taker = data;
	taker->window = handle;
}

static void handle_finished(void *data, struct ext_foreign_toplevel_list_v1 *list) {}

static const struct ext_foreign_toplevel_list_v1_listener list_listener = {
	.toplevel = handle_toplevel,
	.finished = handle_finished,
};

static void handle_size(void *data, struct ext_image_copy_capture_session_v1 *session,
	uint32_t width, uint32_t height) {
	struct taker *taker = data;
	taker->width = width;
	taker->height = height;
}

static void handle_shm_format(
	void *data, struct ext_image_copy_capture_session_v1 *session, uint32_t format) {}

static void handle_dmabuf_device(
	void *data, struct ext_image_copy_capture_session_v1 *session, struct wl_array *device) {}

static void handle_dmabuf_format(void *data, struct ext_image_copy_capture_session_v1 *session,
	uint32_t format, struct wl_array *modifiers) {}

static void handle_done(void *data, struct ext_image_copy_capture_session_v1 *session) {}

static void handle_stopped(void *data, struct ext_image_copy_capture_session_v1 *session) {
	struct taker *taker = data;
	taker->stopped++;
}

static const struct ext_image_copy_capture_session_v1_listener session_listener = {
	.buffer_size = handle_size,
	.shm_format = handle_shm_format,
	.dmabuf_device = handle_dmabuf_device,
	.dmabuf_format = handle_dmabuf_format,
	.done = handle_done,
	.stopped = handle_stopped,
};

static void taker_init(struct taker *taker, struct desk *desk) {
	struct test_client *client = desk_connect(desk);
	*taker = (struct taker){.client = client};
	taker->list = test_client_bind(client, &ext_foreign_toplevel_list_v1_interface, 1);
	taker->sources = test_client_bind(
		client, &ext_foreign_toplevel_image_capture_source_manager_v1_interface, 1);
	taker->manager = test_client_bind(client, &ext_image_copy_capture_manager_v1_interface, 1);
	ext_foreign_toplevel_list_v1_add_listener(taker->list, &list_listener, taker);
	desk_settle(desk);
	desk_settle(desk);
	assert_non_null(taker->window);
}

static void taker_finish(struct taker *taker) {
	ext_foreign_toplevel_handle_v1_destroy(taker->window);
	ext_foreign_toplevel_list_v1_destroy(taker->list);
	ext_foreign_toplevel_image_capture_source_manager_v1_destroy(taker->sources);
	ext_image_copy_capture_manager_v1_destroy(taker->manager);
}

// Ask for a picture, and for no more once its size is known.
static void take(struct taker *taker, struct desk *desk) {
	taker->width = taker->height = 0;
	struct ext_image_capture_source_v1
		*source = ext_foreign_toplevel_image_capture_source_manager_v1_create_source(
			taker->sources, taker->window);
	struct ext_image_copy_capture_session_v1 *session =
		ext_image_copy_capture_manager_v1_create_session(taker->manager, source, 0);
	ext_image_copy_capture_session_v1_add_listener(session, &session_listener, taker);
	desk_settle(desk);
	ext_image_copy_capture_session_v1_destroy(session);
	ext_image_capture_source_v1_destroy(source);
	desk_settle(desk);
	assert_false(taker->client->dead);
}

// A film of single pictures must leave nothing that each frame of the window has to pass.
static void test_many(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	desk_settle(desk);
	const struct wlr_surface *surface = desk_tile(desk, "a")->toplevel->xdg->base->surface;
	struct taker taker;
	taker_init(&taker, desk);
	take(&taker, desk);
	assert_int_equal(taker.width, client->width);
	assert_int_equal(taker.height, client->height);
	int listeners = wl_list_length(&surface->events.commit.listener_list);
	for (int i = 0; i < 5; i++) {
		take(&taker, desk);
		assert_int_equal(taker.width, client->width);
	}
	assert_int_equal(wl_list_length(&surface->events.commit.listener_list), listeners);
	// Who looks at it sees it, wherever it is; but nobody does while the session is locked.
	desk_run(desk, "workspace 2");
	desk_settle(desk);
	assert_false(client->suspended);
	// It is shown anew.
	test_client_hide(client);
	desk_settle(desk);
	taker_finish(&taker);
	desk_destroy(desk);
}

// The picture of a machine that has not drawn yet: none, and no harm to who asks.
static void test_placeholder(void **state) {
	struct desk *desk = desk_machine_create();
	desk_machine_spawn(desk, "clock", "clock");
	struct taker taker;
	taker_init(&taker, desk);
	take(&taker, desk);
	assert_int_equal(taker.stopped, 1);
	assert_int_equal(taker.width, 0);
	taker_finish(&taker);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_placeholder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

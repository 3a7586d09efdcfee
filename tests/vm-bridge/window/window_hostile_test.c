// A compositor that leaves out what it owes: what a window remembers for it stays bounded.
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_cmocka.h"
#include "fake_compositor.h"
#include "window_client.h"
#include "window_private.h"

#define SIDE 64

struct fixture {
	struct fake_compositor *compositor;
	struct window_client *client;
	struct window *window; // the first
	struct window_buffer *buffer;
	int memory;
	unsigned presented, disconnects, readies;
	struct wl_listener on_presented, on_disconnected, on_ready;
};

static void handle_presented(struct wl_listener *listener, void *data) {
	struct fixture *f = wl_container_of(listener, f, on_presented);
	f->presented++;
}

static void handle_disconnected(struct wl_listener *listener, void *data) {
	struct fixture *f = wl_container_of(listener, f, on_disconnected);
	f->disconnects++;
}

static void handle_ready(struct wl_listener *listener, void *data) {
	struct fixture *f = wl_container_of(listener, f, on_ready);
	f->readies++;
}

static struct fixture *begin(void) {
	struct fixture *f = calloc(1, sizeof(*f));
	f->compositor = fake_compositor_create(true);
	const struct window_client_options options = {
		.title = "Test", .app_id = "test", .width = SIDE, .height = SIDE};
	f->client = window_client_create(f->compositor->loop, &options);
	assert_non_null(f->client);
	f->window = f->client->windows[0];
	f->on_presented.notify = handle_presented;
	wl_signal_add(&f->window->events.presented, &f->on_presented);
	f->on_ready.notify = handle_ready;
	wl_signal_add(&f->window->events.ready, &f->on_ready);
	f->on_disconnected.notify = handle_disconnected;
	wl_signal_add(&f->client->events.disconnected, &f->on_disconnected);
	assert_true(window_client_connect(f->client, fake_compositor_connect(f->compositor)));
	fake_compositor_settle(f->compositor);
	fake_compositor_configure(f->compositor, SIDE, SIDE);
	f->memory = memfd_create("test", MFD_CLOEXEC);
	assert_int_equal(ftruncate(f->memory, SIDE * SIDE * 4), 0);
	const struct window_memory memory = {
		.fd = f->memory,
		.pool_bytes = SIDE * SIDE * 4,
		.width = SIDE,
		.height = SIDE,
		.stride_bytes = SIDE * 4,
	};
	f->buffer = window_buffer_create(f->window, &memory);
	return f;
}

static void end(struct fixture *f) {
	window_client_disconnect(f->client);
	window_buffer_destroy(f->buffer);
	window_client_destroy(f->client);
	fake_compositor_destroy(f->compositor);
	close(f->memory);
	free(f);
}

static void show(struct fixture *f) {
	pixman_region32_t damage;
	pixman_region32_init_rect(&damage, 0, 0, SIDE, SIDE);
	const struct window_frame frame = {
		.buffer = f->buffer, .source = {0, 0, SIDE, SIDE}, .damage = &damage};
	assert_true(window_show(f->window, &frame) > 0);
	pixman_region32_fini(&damage);
	fake_compositor_settle(f->compositor);
}

static void suspend(struct fixture *f, bool suspended) {
	f->compositor->suspended = suspended;
	fake_compositor_configure(f->compositor, SIDE, SIDE);
	assert_int_equal(f->window->suspended, suspended);
	assert_int_equal(window_client_is_suspended(f->client), suspended);
}

/** Hidden, it gets no frame callback; seen again, what was drawn meanwhile need not wait for one. */
static void test_suspended(void **state) {
	struct fixture *f = begin();
	show(f);
	suspend(f, true);
	assert_false(window_ready(f->window));
	const unsigned readies = f->readies;
	suspend(f, false);
	assert_true(window_ready(f->window));
	assert_int_equal(f->readies, readies + 1);
	show(f);
	// A compositor that dies leaves nobody suspended.
	suspend(f, true);
	fake_compositor_drop(f->compositor);
	assert_false(window_client_is_suspended(f->client));
	end(f);
}

/** Frames go on, and none is ever said to be presented or discarded. */
static void test_never_tells_of_frames(void **state) {
	struct fixture *f = begin();
	pixman_region32_t damage;
	pixman_region32_init_rect(&damage, 0, 0, SIDE, SIDE);
	const struct window_frame frame = {
		.buffer = f->buffer,
		.source = {0, 0, SIDE, SIDE},
		.damage = &damage,
		.want_presented = true,
	};
	for (unsigned i = 0; i < 100; i++) {
		assert_true(window_ready(f->window));
		assert_int_equal(window_show(f->window, &frame), i + 1);
		fake_compositor_settle(f->compositor);
		assert_true(fake_compositor_frame_done(f->compositor));
	}
	assert_int_equal(f->compositor->feedbacks, 100);
	const int waiting = wl_list_length(&f->window->toplevel->feedbacks);
	assert_true(waiting <= 8);
	assert_int_equal(f->presented, 100 - waiting); // the rest count as replaced
	pixman_region32_fini(&damage);
	end(f);
}

/** A compositor that does not read is given up, and not written to until memory ends. */
static void test_never_reads(void **state) {
	struct fixture *f = begin();
	for (unsigned i = 0; i < 400000; i++) {
		window_client_set_stage(f->client, i % 3);
	}
	fake_compositor_settle(f->compositor);
	assert_int_equal(f->disconnects, 1);
	assert_null(f->client->connection);
	end(f);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suspended),
		cmocka_unit_test(test_never_tells_of_frames),
		cmocka_unit_test(test_never_reads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

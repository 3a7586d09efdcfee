#include "test_lock.h"

#include <stdlib.h>
#include <string.h>
#include <wayland-client.h>

#include "ext-session-lock-v1-client-protocol.h"
#include "single-pixel-buffer-v1-client-protocol.h"
#include "test_client.h"
#include "viewporter-client-protocol.h"

static void handle_locked(void *data, struct ext_session_lock_v1 *wl_lock) {
	struct test_lock *lock = data;
	lock->locked++;
}

static void handle_finished(void *data, struct ext_session_lock_v1 *wl_lock) {
	struct test_lock *lock = data;
	lock->finished++;
}

static const struct ext_session_lock_v1_listener lock_listener = {
	.locked = handle_locked,
	.finished = handle_finished,
};

struct test_lock *test_lock_create(struct test_client *client) {
	struct test_lock *lock = calloc(1, sizeof(*lock));
	if (lock == NULL) {
		abort();
	}
	lock->client = client;
	lock->manager = test_client_bind(client, &ext_session_lock_manager_v1_interface, 1);
	lock->lock = ext_session_lock_manager_v1_lock(lock->manager);
	ext_session_lock_v1_add_listener(lock->lock, &lock_listener, lock);
	return lock;
}

void test_lock_destroy(struct test_lock *lock) {
	for (int i = 0; i < lock->screens_len; i++) {
		struct test_lock_screen *screen = &lock->screens[i];
		void *proxies[] = {
			screen->lock_surface, screen->viewport, screen->surface, screen->output};
		for (size_t j = 0; j < sizeof(proxies) / sizeof(proxies[0]); j++) {
			wl_proxy_destroy(proxies[j]);
		}
	}
	if (lock->lock != NULL) {
		wl_proxy_destroy((struct wl_proxy *)lock->lock);
	}
	wl_proxy_destroy((struct wl_proxy *)lock->manager);
	free(lock);
}

static void handle_configure(void *data, struct ext_session_lock_surface_v1 *lock_surface,
	uint32_t serial, uint32_t width, uint32_t height) {
	struct test_lock_screen *screen = data;
	struct test_client *client = screen->lock->client;
	screen->width = width;
	screen->height = height;
	ext_session_lock_surface_v1_ack_configure(lock_surface, serial);
	struct wl_buffer *buffer = wp_single_pixel_buffer_manager_v1_create_u32_rgba_buffer(
		client->pixels, 0, 0, UINT32_MAX, UINT32_MAX);
	wp_viewport_set_destination(screen->viewport, (int)width, (int)height);
	wl_surface_attach(screen->surface, buffer, 0, 0);
	wl_surface_damage_buffer(screen->surface, 0, 0, 1, 1);
	wl_surface_commit(screen->surface);
	wl_buffer_destroy(buffer);
}

static const struct ext_session_lock_surface_v1_listener surface_listener = {
	.configure = handle_configure,
};

static struct wl_output *bind_output(struct test_client *client, int index) {
	for (size_t i = 0; i < client->globals_len; i++) {
		if (strcmp(client->globals[i], wl_output_interface.name) == 0 && index-- == 0) {
			return wl_registry_bind(
				client->registry, client->global_names[i], &wl_output_interface, 4);
		}
	}
	abort();
}

void test_lock_cover(struct test_lock *lock, int index) {
	struct test_lock_screen *screen = &lock->screens[lock->screens_len++];
	screen->lock = lock;
	screen->output = bind_output(lock->client, index);
	screen->surface = wl_compositor_create_surface(lock->client->compositor);
	screen->viewport = wp_viewporter_get_viewport(lock->client->viewporter, screen->surface);
	screen->lock_surface = ext_session_lock_v1_get_lock_surface(
		lock->lock, screen->surface, screen->output);
	ext_session_lock_surface_v1_add_listener(screen->lock_surface, &surface_listener, screen);
}

void test_lock_unlock(struct test_lock *lock) {
	ext_session_lock_v1_unlock_and_destroy(lock->lock);
	lock->lock = NULL;
}

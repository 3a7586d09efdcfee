// Windows of an ordinary client, of which the first one is drawn into. For `./dev bench`.
//
// Usage: windows COUNT
//
// Waits for a Wayland socket in XDG_RUNTIME_DIR, whoever makes it. Opens its windows, and prints
// `first NS` (CLOCK_MONOTONIC) when the first one was in a frame, `ready` once nobody has told it a
// new size for a while. Then, for each line with a number on its standard input, changes 8 by 8
// pixels of the first window in so many frames and prints `done`.

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <wayland-client.h>

#include "single-pixel-buffer-v1-client-protocol.h"
#include "viewporter-client-protocol.h"
#include "xdg-shell-client-protocol.h"

#define SIDE 8
#define PATIENCE_MS 60000
#define QUIET_MS 300

struct client {
	struct wl_display *display;
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct wp_viewporter *viewporter;
	struct wp_single_pixel_buffer_manager_v1 *pixels;
	int64_t configured_ns; // when a size was told last
};

struct window {
	struct client *client;
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	struct wp_viewport *viewport;
	int width, height; // as told last
	bool shown;
	// of the first one
	struct wl_surface *marker; // a subsurface that changes
	struct wl_buffer *buffers[2];
	int frames; // still to be drawn
	bool framed; // it has been seen
};

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void fail(const char *what) {
	fprintf(stderr, "windows: %s: %s\n", what, strerror(errno));
	exit(1);
}

// --- globals ------------------------------------------------------------------------------

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct client *client = data;
	const struct {
		const struct wl_interface *interface;
		uint32_t version;
		void **object;
	} wanted[] = {
		{&wl_compositor_interface, 4, (void **)&client->compositor},
		{&wl_subcompositor_interface, 1, (void **)&client->subcompositor},
		{&wl_shm_interface, 1, (void **)&client->shm},
		{&xdg_wm_base_interface, 1, (void **)&client->wm_base},
		{&wp_viewporter_interface, 1, (void **)&client->viewporter},
		{&wp_single_pixel_buffer_manager_v1_interface, 1, (void **)&client->pixels},
	};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strcmp(interface, wanted[i].interface->name) == 0) {
			*wanted[i].object = wl_registry_bind(
				registry, name, wanted[i].interface, wanted[i].version);
		}
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

// The compositor may not have begun to listen.
static struct wl_display *connect_first(void) {
	const struct timespec pause = {.tv_nsec = 200000};
	int64_t end_ns = now_ns() + PATIENCE_MS * INT64_C(1000000);
	while (now_ns() < end_ns) {
		for (int number = 0; number < 2; number++) {
			char name[16];
			snprintf(name, sizeof(name), "wayland-%d", number);
			struct wl_display *display = wl_display_connect(name);
			if (display != NULL) {
				return display;
			}
		}
		nanosleep(&pause, NULL);
	}
	errno = ETIMEDOUT;
	fail("no compositor");
	return NULL;
}

static void take_globals(struct client *client) {
	struct wl_registry *registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(registry, &registry_listener, client);
	wl_display_roundtrip(client->display);
	if (client->compositor == NULL || client->subcompositor == NULL || client->shm == NULL ||
		client->wm_base == NULL || client->viewporter == NULL || client->pixels == NULL) {
		errno = EPROTO;
		fail("a global is missing");
	}
	xdg_wm_base_add_listener(client->wm_base, &wm_base_listener, client);
}

// --- windows ------------------------------------------------------------------------------

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time_ms);

static const struct wl_callback_listener frame_listener = {.done = handle_frame};

static void draw(struct window *window) {
	wl_callback_add_listener(wl_surface_frame(window->marker), &frame_listener, window);
	wl_surface_attach(window->marker, window->buffers[window->frames % 2], 0, 0);
	wl_surface_damage_buffer(window->marker, 0, 0, SIDE, SIDE);
	wl_surface_commit(window->marker);
}

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time_ms) {
	struct window *window = data;
	wl_callback_destroy(callback);
	window->framed = true;
	if (window->frames > 0 && --window->frames > 0) {
		draw(window);
	}
}

static void handle_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states) {
	struct window *window = data;
	window->width = width > 0 ? width : 200;
	window->height = height > 0 ? height : 150;
}

static void handle_close(void *data, struct xdg_toplevel *toplevel) {}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_configure,
	.close = handle_close,
};

static void handle_surface_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct window *window = data;
	window->client->configured_ns = now_ns();
	xdg_surface_ack_configure(xdg_surface, serial);
	struct wl_buffer *pixel = NULL;
	if (!window->shown) {
		pixel = wp_single_pixel_buffer_manager_v1_create_u32_rgba_buffer(
			window->client->pixels, UINT32_MAX / 2, UINT32_MAX / 3, 0, UINT32_MAX);
		wl_surface_attach(window->surface, pixel, 0, 0);
	}
	wp_viewport_set_destination(window->viewport, window->width, window->height);
	wl_surface_damage_buffer(window->surface, 0, 0, 1, 1);
	if (window->marker != NULL && !window->shown) {
		draw(window);
	}
	window->shown = true;
	wl_surface_commit(window->surface);
	if (pixel != NULL) {
		wl_buffer_destroy(pixel);
	}
}

static const struct xdg_surface_listener surface_listener = {
	.configure = handle_surface_configure,
};

static void window_init(struct window *window, struct client *client) {
	window->client = client;
	window->surface = wl_compositor_create_surface(client->compositor);
	window->viewport = wp_viewporter_get_viewport(client->viewporter, window->surface);
	window->xdg_surface = xdg_wm_base_get_xdg_surface(client->wm_base, window->surface);
	xdg_surface_add_listener(window->xdg_surface, &surface_listener, window);
	window->toplevel = xdg_surface_get_toplevel(window->xdg_surface);
	xdg_toplevel_add_listener(window->toplevel, &toplevel_listener, window);
	xdg_toplevel_set_title(window->toplevel, "windows");
	wl_surface_commit(window->surface);
}

// The first window has a subsurface of two buffers, so that it is the same work at every size.
static void add_marker(struct window *window) {
	struct client *client = window->client;
	const int bytes = SIDE * SIDE * 4;
	int fd = memfd_create("windows", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 2 * bytes) != 0) {
		fail("memfd");
	}
	uint8_t *data = mmap(NULL, 2 * (size_t)bytes, PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED) {
		fail("mmap");
	}
	memset(data, 0xff, (size_t)bytes);
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, 2 * bytes);
	for (int i = 0; i < 2; i++) {
		window->buffers[i] = wl_shm_pool_create_buffer(
			pool, i * bytes, SIDE, SIDE, SIDE * 4, WL_SHM_FORMAT_XRGB8888);
	}
	wl_shm_pool_destroy(pool);
	munmap(data, 2 * (size_t)bytes);
	close(fd);
	window->marker = wl_compositor_create_surface(client->compositor);
	wl_subsurface_set_desync(wl_subcompositor_get_subsurface(
		client->subcompositor, window->marker, window->surface));
}

// --- the course of it -----------------------------------------------------------------------

// Dispatches what comes within so many milliseconds; false: nothing came.
static bool dispatch(struct client *client, int timeout_ms) {
	while (wl_display_prepare_read(client->display) != 0) {
		wl_display_dispatch_pending(client->display);
	}
	wl_display_flush(client->display);
	struct pollfd poll_fd = {.fd = wl_display_get_fd(client->display), .events = POLLIN};
	if (poll(&poll_fd, 1, timeout_ms) <= 0) {
		wl_display_cancel_read(client->display);
		return false;
	}
	if (wl_display_read_events(client->display) < 0 ||
		wl_display_dispatch_pending(client->display) < 0) {
		fail("the connection broke");
	}
	return true;
}

static void wait_for_quiet(struct client *client) {
	int64_t left_ms;
	while ((left_ms = QUIET_MS - (now_ns() - client->configured_ns) / 1000000) > 0) {
		dispatch(client, (int)left_ms);
	}
}

static void serve(struct client *client, struct window *first) {
	char line[32];
	while (fgets(line, sizeof(line), stdin) != NULL) {
		first->frames = atoi(line);
		draw(first);
		while (first->frames > 0) {
			if (!dispatch(client, PATIENCE_MS)) {
				errno = ETIMEDOUT;
				fail("no frame came");
			}
		}
		puts("done");
	}
}

int main(int argc, char *argv[]) {
	size_t count = argc == 2 ? (size_t)atoi(argv[1]) : 0;
	struct window *windows = calloc(count, sizeof(*windows));
	if (count == 0 || windows == NULL) {
		fprintf(stderr, "usage: windows COUNT\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	struct client client = {.display = connect_first()};
	take_globals(&client);
	for (size_t i = 0; i < count; i++) {
		window_init(&windows[i], &client);
		if (i == 0) {
			add_marker(&windows[0]);
		}
		while (!windows[i].shown || !windows[0].framed) {
			if (!dispatch(&client, PATIENCE_MS)) {
				errno = ETIMEDOUT;
				fail("a window was not shown");
			}
			if (i == 0 && windows[0].framed) {
				printf("first %lld\n", (long long)now_ns());
			}
		}
	}
	wait_for_quiet(&client);
	puts("ready");
	serve(&client, &windows[0]);
	wl_display_disconnect(client.display);
	free(windows);
	return 0;
}

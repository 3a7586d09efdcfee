#include "capture.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <wayland-client.h>

#include "ext-image-capture-source-v1-client-protocol.h"
#include "ext-image-copy-capture-v1-client-protocol.h"

struct capture {
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_shm *shm;
	struct wl_output *output;
	struct ext_output_image_capture_source_manager_v1 *sources;
	struct ext_image_copy_capture_manager_v1 *manager;
	struct ext_image_copy_capture_session_v1 *session;
	uint32_t wanted_width, wanted_height; // of the next buffer
	uint32_t width, height; // of the buffer; 0: none
	bool described; // the session's buffer constraints are known
	struct wl_buffer *buffer;
	uint32_t *pixels;
	enum {
		FRAME_WAITS,
		FRAME_READY,
		FRAME_FAILED,
	} frame;

	pthread_t thread;
	int stop_pipe[2];
	pthread_mutex_t lock;
	struct capture_count count;
	uint32_t *last; // the last frame
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct capture *c = data;
	if (strcmp(interface, wl_shm_interface.name) == 0) {
		c->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	} else if (strcmp(interface, wl_output_interface.name) == 0 && c->output == NULL) {
		c->output = wl_registry_bind(registry, name, &wl_output_interface, 1);
	} else if (strcmp(interface, ext_output_image_capture_source_manager_v1_interface.name) ==
		0) {
		c->sources = wl_registry_bind(
			registry, name, &ext_output_image_capture_source_manager_v1_interface, 1);
	} else if (strcmp(interface, ext_image_copy_capture_manager_v1_interface.name) == 0) {
		c->manager = wl_registry_bind(
			registry, name, &ext_image_copy_capture_manager_v1_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void handle_size(void *data, struct ext_image_copy_capture_session_v1 *session,
	uint32_t width, uint32_t height) {
	struct capture *c = data;
	c->wanted_width = width;
	c->wanted_height = height;
}

static void handle_shm_format(
	void *data, struct ext_image_copy_capture_session_v1 *session, uint32_t format) {}

static void handle_dmabuf_device(
	void *data, struct ext_image_copy_capture_session_v1 *session, struct wl_array *device) {}

static void handle_dmabuf_format(void *data, struct ext_image_copy_capture_session_v1 *session,
	uint32_t format, struct wl_array *modifiers) {}

static void handle_done(void *data, struct ext_image_copy_capture_session_v1 *session) {
	struct capture *c = data;
	c->described = true;
}

static void handle_stopped(void *data, struct ext_image_copy_capture_session_v1 *session) {}

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

static void handle_ready(void *data, struct ext_image_copy_capture_frame_v1 *frame) {
	struct capture *c = data;
	c->frame = FRAME_READY;
}

static void handle_failed(
	void *data, struct ext_image_copy_capture_frame_v1 *frame, uint32_t reason) {
	struct capture *c = data;
	c->frame = FRAME_FAILED;
}

static const struct ext_image_copy_capture_frame_v1_listener frame_listener = {
	.transform = handle_transform,
	.damage = handle_damage,
	.presentation_time = handle_time,
	.ready = handle_ready,
	.failed = handle_failed,
};

/** Wait for events, or for the word to stop; false: stop. */
static bool dispatch(struct capture *c) {
	while (wl_display_prepare_read(c->display) != 0) {
		wl_display_dispatch_pending(c->display);
	}
	wl_display_flush(c->display);
	struct pollfd fds[] = {
		{.fd = wl_display_get_fd(c->display), .events = POLLIN},
		{.fd = c->stop_pipe[0], .events = POLLIN},
	};
	if (poll(fds, 2, -1) < 0 || fds[1].revents != 0) {
		wl_display_cancel_read(c->display);
		return false;
	}
	return wl_display_read_events(c->display) == 0 &&
		wl_display_dispatch_pending(c->display) >= 0;
}

static void drop_buffer(struct capture *c) {
	if (c->width != 0) {
		munmap(c->pixels, (size_t)c->width * c->height * 4);
		wl_buffer_destroy(c->buffer);
		free(c->last);
		c->last = NULL;
		c->width = 0;
		c->height = 0;
	}
}

/** A buffer of the output's size, unless there is one. */
static bool make_buffer(struct capture *c) {
	if (c->width == c->wanted_width && c->height == c->wanted_height) {
		return true;
	}
	const size_t size_bytes = (size_t)c->wanted_width * c->wanted_height * 4;
	const int fd = memfd_create("capture", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size_bytes) != 0) {
		return false;
	}
	void *pixels = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (pixels == MAP_FAILED) {
		return false;
	}
	pthread_mutex_lock(&c->lock);
	drop_buffer(c);
	c->width = c->wanted_width;
	c->height = c->wanted_height;
	struct wl_shm_pool *pool = wl_shm_create_pool(c->shm, fd, (int32_t)size_bytes);
	c->buffer = wl_shm_pool_create_buffer(pool, 0, (int32_t)c->width, (int32_t)c->height,
		(int32_t)c->width * 4, WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	c->pixels = pixels;
	c->last = calloc(1, size_bytes);
	pthread_mutex_unlock(&c->lock);
	close(fd);
	return c->last != NULL;
}

static void look(struct capture *c) {
	const size_t count = (size_t)c->width * c->height;
	const uint32_t first = c->pixels[0] & 0xffffff;
	pthread_mutex_lock(&c->lock);
	struct capture_count *seen = &c->count;
	seen->changes += seen->frames > 0 && first != seen->colour;
	seen->frames++;
	seen->colour = first;
	for (size_t i = 1; i < count; i++) {
		if ((c->pixels[i] & 0xffffff) != first) {
			if (seen->mixed == 0) {
				seen->mixed_colours[0] = first;
				seen->mixed_colours[1] = c->pixels[i] & 0xffffff;
			}
			seen->mixed++;
			seen->colour = UINT32_MAX;
			break;
		}
	}
	memcpy(c->last, c->pixels, count * 4);
	pthread_mutex_unlock(&c->lock);
}

static void *run(void *data) {
	struct capture *c = data;
	bool going = true;
	while (going && make_buffer(c)) {
		struct ext_image_copy_capture_frame_v1
			*frame = ext_image_copy_capture_session_v1_create_frame(c->session);
		ext_image_copy_capture_frame_v1_add_listener(frame, &frame_listener, c);
		ext_image_copy_capture_frame_v1_attach_buffer(frame, c->buffer);
		ext_image_copy_capture_frame_v1_damage_buffer(
			frame, 0, 0, (int32_t)c->width, (int32_t)c->height);
		ext_image_copy_capture_frame_v1_capture(frame);
		c->frame = FRAME_WAITS;
		while (going && c->frame == FRAME_WAITS) {
			going = dispatch(c);
		}
		if (c->frame == FRAME_READY) {
			look(c);
		}
		ext_image_copy_capture_frame_v1_destroy(frame);
	}
	return NULL;
}

struct capture *capture_start(const char *display) {
	struct capture *c = calloc(1, sizeof(*c));
	c->display = wl_display_connect(display);
	if (c->display == NULL) {
		goto error;
	}
	c->registry = wl_display_get_registry(c->display);
	wl_registry_add_listener(c->registry, &registry_listener, c);
	wl_display_roundtrip(c->display);
	if (c->shm == NULL || c->output == NULL || c->sources == NULL || c->manager == NULL) {
		goto error_display;
	}
	struct ext_image_capture_source_v1 *source =
		ext_output_image_capture_source_manager_v1_create_source(c->sources, c->output);
	c->session = ext_image_copy_capture_manager_v1_create_session(c->manager, source, 0);
	ext_image_copy_capture_session_v1_add_listener(c->session, &session_listener, c);
	ext_image_capture_source_v1_destroy(source);
	while (!c->described && wl_display_dispatch(c->display) >= 0) {
	}
	pthread_mutex_init(&c->lock, NULL);
	if (!make_buffer(c) || pipe(c->stop_pipe) != 0 ||
		pthread_create(&c->thread, NULL, run, c) != 0) {
		goto error_display;
	}
	return c;

error_display:
	wl_display_disconnect(c->display);
error:
	free(c);
	return NULL;
}

struct capture_count capture_get(struct capture *c) {
	pthread_mutex_lock(&c->lock);
	const struct capture_count count = c->count;
	pthread_mutex_unlock(&c->lock);
	return count;
}

uint32_t capture_pixel(struct capture *c, uint32_t x, uint32_t y) {
	pthread_mutex_lock(&c->lock);
	const uint32_t pixel = x < c->width && y < c->height
		? c->last[(size_t)y * c->width + x] & 0xffffff
		: UINT32_MAX;
	pthread_mutex_unlock(&c->lock);
	return pixel;
}

bool capture_wait_colour(struct capture *c, uint32_t colour, int timeout_ms) {
	for (int waited = 0; waited <= timeout_ms; waited += 5) {
		if (capture_get(c).colour == colour) {
			return true;
		}
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
	return false;
}

void capture_stop(struct capture *c) {
	if (write(c->stop_pipe[1], "", 1) == 1) {
		pthread_join(c->thread, NULL);
	}
	close(c->stop_pipe[0]);
	close(c->stop_pipe[1]);
	pthread_mutex_destroy(&c->lock);
	drop_buffer(c);
	ext_image_copy_capture_session_v1_destroy(c->session);
	ext_image_copy_capture_manager_v1_destroy(c->manager);
	ext_output_image_capture_source_manager_v1_destroy(c->sources);
	wl_output_destroy(c->output);
	wl_shm_destroy(c->shm);
	wl_registry_destroy(c->registry);
	wl_display_disconnect(c->display);
	free(c);
}

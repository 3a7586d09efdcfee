#include "fake_window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// --- the buffer's side -------------------------------------------------------------------

struct window_buffer *window_buffer_create(
	struct window *window, const struct window_memory *memory) {
	struct window_buffer *buffer = calloc(1, sizeof(*buffer));
	buffer->window = window;
	buffer->memory = *memory;
	wl_signal_init(&buffer->events.release);
	wl_list_insert(&window->buffers, &buffer->link);
	return buffer;
}

void window_buffer_destroy(struct window_buffer *buffer) {
	if (buffer != NULL) {
		assert(!buffer->busy);
		wl_list_remove(&buffer->link);
		buffer->destroyed = true;
		if (!buffer->emitting) {
			free(buffer);
		}
	}
}

static uint8_t *read_buffer(const struct window_buffer *buffer) {
	const size_t size_bytes = (size_t)buffer->memory.pool_bytes;
	void *data = mmap(NULL, size_bytes, PROT_READ, MAP_SHARED, buffer->memory.fd, 0);
	assert(data != MAP_FAILED);
	uint8_t *copy = malloc(size_bytes);
	memcpy(copy, data, size_bytes);
	munmap(data, size_bytes);
	return copy;
}

static void check(struct fake_window *fake, const struct fake_held *held) {
	uint8_t *now = read_buffer(held->buffer);
	if (memcmp(now, held->copy, (size_t)held->buffer->memory.pool_bytes) != 0) {
		fake->torn = true;
	}
	free(now);
}

static void let_go(struct fake_window *fake, unsigned index) {
	const struct fake_held held = fake->held[index];
	check(fake, &held);
	free(held.copy);
	fake->held_count--;
	memmove(&fake->held[index], &fake->held[index + 1],
		(fake->held_count - index) * sizeof(fake->held[0]));
	held.buffer->busy = false;
	held.buffer->emitting = true;
	wl_signal_emit_mutable(&held.buffer->events.release, held.buffer);
	held.buffer->emitting = false;
	if (held.buffer->destroyed) {
		free(held.buffer);
	}
}

bool window_buffer_prepare(struct window_buffer *buffer) {
	struct fake_window *fake = fake_window_of(buffer->window);
	if (buffer->memory.fourcc == 0 || buffer->refused) {
		return !buffer->refused;
	}
	// As in a compositor, the first time only says that it is wanted.
	const bool ready = buffer->wl_buffer != NULL;
	buffer->refused = fake->refuses;
	buffer->wl_buffer = (struct wl_buffer *)buffer;
	fake->prepared += ready ? 0 : 1;
	return ready;
}

// --- the window's side -------------------------------------------------------------------

struct fake_window *fake_window_of(struct window *window) {
	struct fake_window *fake = wl_container_of(window, fake, window);
	return fake;
}

static struct window *create_window(struct window_client *client, unsigned index) {
	struct fake_window *fake = calloc(1, sizeof(*fake));
	struct window *window = &fake->window;
	fake->releases = true;
	window->client = client;
	window->index = index;
	window->open = index == 0;
	window->mode = (struct window_mode){
		.width = client->options.width,
		.height = client->options.height,
		.refresh_mhz = 60000,
		.width_mm = 300,
		.height_mm = 200,
	};
	wl_list_init(&window->buffers);
	wl_signal_init(&window->events.connected);
	wl_signal_init(&window->events.ready);
	wl_signal_init(&window->events.presented);
	wl_signal_init(&window->events.mode);
	wl_signal_init(&window->events.close);
	return window;
}

struct window_client *window_client_create(
	struct wl_event_loop *loop, const struct window_client_options *options) {
	struct window_client *client = calloc(1, sizeof(*client));
	client->loop = loop;
	client->options = *options;
	client->count = options->count > 0 ? options->count : 1;
	wl_signal_init(&client->events.connected);
	wl_signal_init(&client->events.disconnected);
	wl_signal_init(&client->events.stage);
	wl_signal_init(&client->events.suspended);
	wl_signal_init(&client->events.show_all);
	for (unsigned i = 0; i < client->count; i++) {
		client->windows[i] = create_window(client, i);
	}
	return client;
}

void window_client_destroy(struct window_client *client) {
	for (unsigned i = 0; i < client->count; i++) {
		assert(wl_list_empty(&client->windows[i]->buffers));
		free(fake_window_of(client->windows[i]));
	}
	free(client);
}

static void vanish(struct fake_window *fake) {
	fake->ready = false;
	struct window_buffer *buffer;
	wl_list_for_each (buffer, &fake->window.buffers, link) {
		buffer->wl_buffer = NULL;
		buffer->refused = false;
	}
	while (fake->held_count > 0) {
		let_go(fake, fake->held_count - 1);
	}
}

void window_client_disconnect(struct window_client *client) {
	for (unsigned i = 0; i < client->count; i++) {
		vanish(fake_window_of(client->windows[i]));
	}
}

void window_set_open(struct window *window, bool open) {
	if (window->open == open) {
		return;
	}
	window->open = open;
	if (open) {
		wl_signal_emit_mutable(&window->events.connected, window);
	} else {
		vanish(fake_window_of(window));
	}
}

void window_set_area(struct window *window, const struct window_area *area) {
	window->area = *area;
}

bool window_takes_dmabufs(const struct window *window) {
	return fake_window_of((struct window *)window)->takes_dmabufs;
}

bool window_takes(const struct window *window, uint32_t fourcc, uint64_t modifier) {
	return window_takes_dmabufs(window) && modifier == 0;
}

bool window_ready(const struct window *window) {
	const struct fake_window *fake = fake_window_of((struct window *)window);
	return window->open && fake->ready && fake->held_count < 2;
}

uint64_t window_show(struct window *window, const struct window_frame *frame) {
	struct fake_window *fake = fake_window_of(window);
	assert(window_ready(window));
	assert(frame->buffer->memory.fourcc == 0 || frame->buffer->wl_buffer != NULL);
	fake->shows++;
	fake->ready = false;
	fake->source = frame->source;
	fake->damage = *pixman_region32_extents(frame->damage);
	fake->wanted_presented = frame->want_presented;
	for (unsigned i = 0; i < fake->held_count; i++) {
		check(fake, &fake->held[i]);
		if (fake->held[i].buffer == frame->buffer) {
			free(fake->held[i].copy);
			fake->held_count--;
			memmove(&fake->held[i], &fake->held[i + 1],
				(fake->held_count - i) * sizeof(fake->held[0]));
			i--;
		}
	}
	assert(fake->held_count < FAKE_WINDOW_MAX_HELD);
	memmove(&fake->held[1], &fake->held[0], fake->held_count * sizeof(fake->held[0]));
	fake->held[0] = (struct fake_held){
		.buffer = frame->buffer,
		.copy = read_buffer(frame->buffer),
	};
	fake->held_count++;
	frame->buffer->busy = true;
	while (fake->releases && fake->held_count > 1) {
		let_go(fake, fake->held_count - 1);
	}
	return ++window->last_serial;
}

void window_blank(struct window *window) {
	fake_window_of(window)->blanks++;
}

void window_client_set_stage(struct window_client *client, enum window_stage stage) {
	client->stage = stage;
}

void window_client_set_broken(struct window_client *client, const char *reason) {}

void window_set_cursor(
	struct window *window, const uint32_t *pixels, uint32_t hot_x, uint32_t hot_y) {
	struct fake_window *fake = fake_window_of(window);
	fake->cursor = pixels != NULL ? FAKE_CURSOR_IMAGE : FAKE_CURSOR_HIDDEN;
	fake->cursor_hot_x = hot_x;
	fake->cursor_hot_y = hot_y;
	if (pixels != NULL) {
		memcpy(fake->cursor_pixels, pixels, sizeof(fake->cursor_pixels));
	}
}

void window_move_cursor(struct window *window, int32_t x, int32_t y) {
	fake_window_of(window)->cursor_x = x;
	fake_window_of(window)->cursor_y = y;
}

void window_reset_cursor(struct window *window) {
	fake_window_of(window)->cursor = FAKE_CURSOR_DEFAULT;
}

// --- the test's side ---------------------------------------------------------------------

uint32_t fake_window_pixel(struct fake_window *fake, int32_t x, int32_t y) {
	assert(fake->held_count > 0);
	const struct window_buffer *buffer = fake->held[0].buffer;
	uint8_t *pixels = read_buffer(buffer);
	uint32_t pixel;
	memcpy(&pixel,
		pixels + (size_t)(fake->source.y1 + y) * (size_t)buffer->memory.stride_bytes +
			(size_t)(fake->source.x1 + x) * 4,
		sizeof(pixel));
	free(pixels);
	return pixel & 0xffffff;
}

bool window_client_is_suspended(const struct window_client *client) {
	bool seen = false;
	for (unsigned i = 0; i < client->count; i++) {
		seen = seen || (client->windows[i]->open && !client->windows[i]->suspended);
	}
	return !seen;
}

void fake_window_set_suspended(struct fake_window *fake, bool suspended) {
	fake->window.suspended = suspended;
	wl_signal_emit_mutable(&fake->window.client->events.suspended, fake->window.client);
}

void fake_window_become_ready(struct fake_window *fake) {
	fake->ready = true;
	if (window_ready(&fake->window)) {
		wl_signal_emit_mutable(&fake->window.events.ready, &fake->window);
	}
}

void fake_window_present(struct fake_window *fake, uint64_t serial) {
	wl_signal_emit_mutable(&fake->window.events.presented, &serial);
}

void fake_window_release(struct fake_window *fake) {
	assert(fake->held_count > 0);
	let_go(fake, fake->held_count - 1);
	if (window_ready(&fake->window)) {
		wl_signal_emit_mutable(&fake->window.events.ready, &fake->window);
	}
}

void fake_window_lose(struct fake_window *fake) {
	struct window_client *client = fake->window.client;
	window_client_disconnect(client);
	wl_signal_emit_mutable(&client->events.disconnected, "gone");
}

void fake_window_regain(struct fake_window *fake) {
	wl_signal_emit_mutable(&fake->window.events.connected, &fake->window);
	fake_window_become_ready(fake);
}

void fake_window_set_mode(struct fake_window *fake, uint32_t width, uint32_t height) {
	fake->window.mode.width = width;
	fake->window.mode.height = height;
	wl_signal_emit_mutable(&fake->window.events.mode, &fake->window);
}

#include "window.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "window_private.h"

#define DEFAULT_REFRESH_MHZ 60000
#define MIN_REFRESH_MHZ 1000
#define MAX_REFRESH_MHZ 1000000
#define MAX_HELD_BUFFERS 2

static char *make_title(const struct window_client *client, unsigned index) {
	char *title = NULL;
	if (client->count == 1) {
		return strdup(client->options.title);
	}
	if (asprintf(&title, "%s - display %u", client->options.title, index + 1) < 0) {
		return NULL;
	}
	return title;
}

struct window *window_create(struct window_client *client, unsigned index) {
	struct window *window = calloc(1, sizeof(*window));
	if (window == NULL) {
		return NULL;
	}
	window->client = client;
	window->index = index;
	window->open = index == 0;
	wl_list_init(&window->buffers);
	wl_signal_init(&window->events.connected);
	wl_signal_init(&window->events.ready);
	wl_signal_init(&window->events.presented);
	wl_signal_init(&window->events.mode);
	wl_signal_init(&window->events.close);
	window->title = make_title(client, index);
	window->cursor = window_cursor_create(window);
	if (window->title == NULL || window->cursor == NULL) {
		window_destroy(window);
		return NULL;
	}
	window_update_mode(window);
	return window;
}

void window_destroy(struct window *window) {
	if (window == NULL) {
		return;
	}
	assert(window->toplevel == NULL);
	window_cursor_destroy(window->cursor);
	assert(wl_list_empty(&window->buffers));
	free(window->title);
	free(window);
}

void window_appear(struct window *window) {
	struct window_connection *connection = window->client->connection;
	if (!window->open || window->toplevel != NULL || connection == NULL ||
		!connection->announced || connection->failure != NULL) {
		return;
	}
	struct window_toplevel *toplevel = calloc(1, sizeof(*toplevel));
	if (toplevel == NULL) {
		window_connection_fail(connection, "out of memory");
		return;
	}
	toplevel->window = window;
	toplevel->connection = connection;
	toplevel->scale120 = WINDOW_SCALE_1;
	wl_list_init(&toplevel->feedbacks);
	window->toplevel = toplevel;
	if (!window_surfaces_create(toplevel)) {
		window_connection_fail(connection, "out of memory");
		return;
	}
	wl_signal_emit_mutable(&window->events.connected, window);
}

void window_vanish(struct window *window) {
	struct window_toplevel *toplevel = window->toplevel;
	if (toplevel == NULL) {
		return;
	}
	window_input_forget(window->client->input, window);
	window_cursor_disconnect(window->cursor);
	window_surfaces_finish(toplevel);
	window->toplevel = NULL;
	window_set_suspended(window, false);
	window_buffers_forget(&window->buffers);
	window_connection_flush(toplevel->connection);
	free(toplevel);
}

void window_set_open(struct window *window, bool open) {
	if (window->open == open) {
		return;
	}
	window->open = open;
	if (open) {
		window_appear(window);
	} else {
		window_blank(window); // else who is to say when its buffers are read no more
		window_vanish(window);
	}
}

void window_set_area(struct window *window, const struct window_area *area) {
	window->area = *area;
}

bool window_takes_dmabufs(const struct window *window) {
	return window->toplevel != NULL &&
		window_formats_any(window->toplevel->connection->formats);
}

bool window_takes(const struct window *window, uint32_t fourcc, uint64_t modifier) {
	return window_takes_dmabufs(window) &&
		window_formats_have(window->toplevel->connection->formats, fourcc, modifier);
}

bool window_ready(const struct window *window) {
	const struct window_toplevel *toplevel = window->toplevel;
	if (toplevel == NULL || !toplevel->configured || toplevel->connection->failure != NULL ||
		toplevel->frame_callback != NULL) {
		return false;
	}
	unsigned held = 0;
	const struct window_buffer *buffer;
	wl_list_for_each (buffer, &window->buffers, link) {
		held += buffer->busy && !buffer->memory.alpha;
	}
	return held < MAX_HELD_BUFFERS;
}

void window_set_suspended(struct window *window, bool suspended) {
	if (window->suspended == suspended) {
		return;
	}
	window->suspended = suspended;
	wl_signal_emit_mutable(&window->client->events.suspended, window->client);
}

static uint32_t physical_mm(
	uint32_t pixels, int32_t output_mm, int32_t output_pixels, uint32_t scale120) {
	if (output_mm > 0 && output_pixels > 0) {
		return (uint32_t)((uint64_t)pixels * (uint32_t)output_mm / (uint32_t)output_pixels);
	}
	// An output without a size has 100 units to the inch, as under plain QEMU.
	return (uint32_t)((uint64_t)pixels * 254 * WINDOW_SCALE_1 / (1000 * (uint64_t)scale120));
}

static uint32_t clamp(uint32_t value, uint32_t low, uint32_t high) {
	return value < low ? low : value > high ? high : value;
}

void window_update_mode(struct window *window) {
	const struct window_toplevel *toplevel = window->toplevel;
	struct window_mode mode = {
		.width = window->client->options.width,
		.height = window->client->options.height,
		.refresh_mhz = DEFAULT_REFRESH_MHZ,
	};
	uint32_t scale120 = WINDOW_SCALE_1;
	struct window_output nowhere = {0};
	const struct window_output *output = &nowhere;
	if (toplevel == NULL || !toplevel->configured) {
		if (window->mode.width != 0) {
			return; // the guest keeps the size it has
		}
	} else {
		scale120 = toplevel->scale120;
		mode.width = window_place_pixels(toplevel->width, scale120);
		mode.height = window_place_pixels(toplevel->height, scale120);
		if (toplevel->output != NULL) {
			output = toplevel->output;
		} else if (!wl_list_empty(&toplevel->connection->outputs)) {
			output = wl_container_of(toplevel->connection->outputs.next, output, link);
		}
	}
	if (output->refresh_mhz > 0) {
		mode.refresh_mhz = clamp(
			(uint32_t)output->refresh_mhz, MIN_REFRESH_MHZ, MAX_REFRESH_MHZ);
	}
	const bool rotated = output->rotated;
	mode.width_mm = physical_mm(mode.width, rotated ? output->height_mm : output->width_mm,
		rotated ? output->height : output->width, scale120);
	mode.height_mm = physical_mm(mode.height, rotated ? output->width_mm : output->height_mm,
		rotated ? output->width : output->height, scale120);
	if (memcmp(&mode, &window->mode, sizeof(mode)) != 0) {
		window->mode = mode;
		wl_signal_emit_mutable(&window->events.mode, window);
	}
}

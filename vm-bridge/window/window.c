#include "window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "redecho-machine-v1-client-protocol.h"
#include "window_private.h"

#define DEFAULT_REFRESH_MHZ 60000
#define MIN_REFRESH_MHZ 1000
#define MAX_REFRESH_MHZ 1000000
#define MAX_HELD_BUFFERS 2

struct window *window_create(struct wl_event_loop *loop, const struct window_options *options) {
	struct window *window = calloc(1, sizeof(*window));
	if (window == NULL) {
		return NULL;
	}
	window->loop = loop;
	window->options = *options;
	wl_list_init(&window->buffers);
	wl_signal_init(&window->events.connected);
	wl_signal_init(&window->events.disconnected);
	wl_signal_init(&window->events.ready);
	wl_signal_init(&window->events.presented);
	wl_signal_init(&window->events.mode);
	wl_signal_init(&window->events.stage);
	wl_signal_init(&window->events.close);
	window->options.title = strdup(options->title);
	window->options.app_id = strdup(options->app_id);
	window->cursor = window_cursor_create(window);
	window->input = window_input_create(window);
	if (window->options.title == NULL || window->options.app_id == NULL ||
		window->cursor == NULL || window->input == NULL) {
		window_destroy(window);
		return NULL;
	}
	window_update_mode(window);
	return window;
}

void window_destroy(struct window *window) {
	window_disconnect(window);
	window_input_destroy(window->input);
	window_cursor_destroy(window->cursor);
	assert(wl_list_empty(&window->buffers));
	free((char *)window->options.title);
	free((char *)window->options.app_id);
	free(window->broken);
	free(window);
}

void window_disconnect(struct window *window) {
	struct window_connection *connection = window->connection;
	if (connection != NULL) {
		window->connection = NULL;
		window_connection_destroy(connection);
	}
}

bool window_connect(struct window *window, int fd) {
	window_disconnect(window);
	window->connection = window_connection_create(window, fd);
	return window->connection != NULL;
}

bool window_is_on_desk(const struct window *window) {
	return window->connection != NULL && window->connection->globals.machine != NULL;
}

bool window_ready(const struct window *window) {
	const struct window_connection *connection = window->connection;
	if (connection == NULL || !connection->configured || connection->failure != NULL ||
		connection->frame_callback != NULL) {
		return false;
	}
	unsigned held = 0;
	const struct window_buffer *buffer;
	wl_list_for_each (buffer, &window->buffers, link) {
		held += buffer->busy && !buffer->memory.alpha;
	}
	return held < MAX_HELD_BUFFERS;
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
	const struct window_connection *connection = window->connection;
	struct window_mode mode = {
		.width = window->options.width,
		.height = window->options.height,
		.refresh_mhz = DEFAULT_REFRESH_MHZ,
	};
	uint32_t scale120 = WINDOW_SCALE_1;
	struct window_output nowhere = {0};
	const struct window_output *output = &nowhere;
	if (connection == NULL || !connection->configured) {
		if (window->mode.width != 0) {
			return; // the guest keeps the size it has
		}
	} else {
		scale120 = connection->scale120;
		mode.width = window_place_pixels(connection->width, scale120);
		mode.height = window_place_pixels(connection->height, scale120);
		if (connection->output != NULL) {
			output = connection->output;
		} else if (!wl_list_empty(&connection->outputs)) {
			output = wl_container_of(connection->outputs.next, output, link);
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

void window_set_stage(struct window *window, enum window_stage stage) {
	if (window->stage == stage) {
		return;
	}
	window->stage = stage;
	if (window_is_on_desk(window)) {
		redecho_machine_v1_set_stage(window->connection->globals.machine, stage);
		window_connection_flush(window->connection);
	}
	wl_signal_emit_mutable(&window->events.stage, window);
}

void window_set_broken(struct window *window, const char *reason) {
	free(window->broken);
	window->broken = reason != NULL ? strdup(reason) : NULL;
	if (window->broken != NULL && window_is_on_desk(window)) {
		redecho_machine_v1_set_broken(window->connection->globals.machine, reason);
		window_connection_flush(window->connection);
	}
}

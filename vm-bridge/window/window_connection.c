#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cursor-shape-v1-client-protocol.h"
#include "fractional-scale-v1-client-protocol.h"
#include "linux-dmabuf-v1-client-protocol.h"
#include "pointer-constraints-unstable-v1-client-protocol.h"
#include "presentation-time-client-protocol.h"
#include "redecho-machine-v1-client-protocol.h"
#include "relative-pointer-unstable-v1-client-protocol.h"
#include "single-pixel-buffer-v1-client-protocol.h"
#include "viewporter-client-protocol.h"
#include "window_private.h"
#include "xdg-decoration-unstable-v1-client-protocol.h"
#include "xdg-shell-client-protocol.h"

/** What waits for a compositor that does not read; then the connection ends. */
#define MAX_UNSENT_BYTES (1 << 20)

// --- outputs -----------------------------------------------------------------------------

static void handle_output_geometry(void *data, struct wl_output *wl_output, int32_t x, int32_t y,
	int32_t width_mm, int32_t height_mm, int32_t subpixel, const char *make, const char *model,
	int32_t transform) {
	struct window_output *output = data;
	output->width_mm = width_mm > 0 ? width_mm : 0;
	output->height_mm = height_mm > 0 ? height_mm : 0;
	output->rotated = (transform & 1) != 0;
}

static void handle_output_mode(void *data, struct wl_output *wl_output, uint32_t flags,
	int32_t width, int32_t height, int32_t refresh_mhz) {
	struct window_output *output = data;
	if ((flags & WL_OUTPUT_MODE_CURRENT) != 0) {
		output->width = width;
		output->height = height;
		output->refresh_mhz = refresh_mhz > 0 ? refresh_mhz : 0;
	}
}

static void update_modes(struct window_connection *connection) {
	for (unsigned i = 0; i < connection->client->count; i++) {
		window_update_mode(connection->client->windows[i]);
	}
}

static void handle_output_done(void *data, struct wl_output *wl_output) {
	struct window_output *output = data;
	update_modes(output->connection);
}

static void handle_output_scale(void *data, struct wl_output *wl_output, int32_t scale) {
	struct window_output *output = data;
	output->scale = scale > 0 ? scale : 1;
}

static const struct wl_output_listener output_listener = {
	.geometry = handle_output_geometry,
	.mode = handle_output_mode,
	.done = handle_output_done,
	.scale = handle_output_scale,
};

static void add_output(struct window_connection *connection, uint32_t name, uint32_t version) {
	struct window_output *output = calloc(1, sizeof(*output));
	if (output == NULL) {
		window_connection_fail(connection, "out of memory");
		return;
	}
	output->connection = connection;
	output->name = name;
	output->scale = 1;
	output->wl_output = wl_registry_bind(
		connection->registry, name, &wl_output_interface, version < 3 ? version : 3);
	wl_list_insert(connection->outputs.prev, &output->link);
	wl_output_add_listener(output->wl_output, &output_listener, output);
}

static void output_destroy(struct window_output *output) {
	wl_list_remove(&output->link);
	if (wl_output_get_version(output->wl_output) >= WL_OUTPUT_RELEASE_SINCE_VERSION) {
		wl_output_release(output->wl_output);
	} else {
		wl_output_destroy(output->wl_output);
	}
	free(output);
}

// --- globals -----------------------------------------------------------------------------

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {
	.ping = handle_ping,
};

static void handle_pointer_mode(
	void *data, struct redecho_machine_v1 *machine, uint32_t pointer_mode) {
	struct window_connection *connection = data;
	if (pointer_mode == REDECHO_MACHINE_V1_POINTER_MODE_ABSOLUTE) {
		window_input_set_pointer_mode(connection->client->input, WINDOW_POINTER_ABSOLUTE);
	} else if (pointer_mode == REDECHO_MACHINE_V1_POINTER_MODE_RELATIVE) {
		window_input_set_pointer_mode(connection->client->input, WINDOW_POINTER_RELATIVE);
	}
}

static void handle_show_displays(void *data, struct redecho_machine_v1 *machine) {
	struct window_connection *connection = data;
	wl_signal_emit_mutable(&connection->client->events.show_all, connection->client);
}

static const struct redecho_machine_v1_listener machine_listener = {
	.set_pointer_mode = handle_pointer_mode,
	.show_displays = handle_show_displays,
};

struct global_row {
	const struct wl_interface *interface;
	uint32_t version; // the highest that this program knows
	size_t offset; // in struct window_globals
	bool required;
};

static const struct global_row global_rows[] = {
#define GLOBAL(interface, version, field, required)                                                \
	{&interface##_interface, version, offsetof(struct window_globals, field), required}
	GLOBAL(wl_compositor, 6, compositor, true),
	GLOBAL(wl_subcompositor, 1, subcompositor, true),
	GLOBAL(wl_shm, 1, shm, true),
	GLOBAL(xdg_wm_base, 6, wm_base, true),
	GLOBAL(wp_viewporter, 1, viewporter, true),
	GLOBAL(wp_single_pixel_buffer_manager_v1, 1, single_pixel, false),
	GLOBAL(wp_fractional_scale_manager_v1, 1, fractional_scale, false),
	GLOBAL(wp_presentation, 1, presentation, false),
	GLOBAL(wp_cursor_shape_manager_v1, 1, cursor_shape, false),
	GLOBAL(zwp_pointer_constraints_v1, 1, pointer_constraints, false),
	GLOBAL(zwp_relative_pointer_manager_v1, 1, relative_pointer, false),
	GLOBAL(zxdg_decoration_manager_v1, 1, decoration, false),
	GLOBAL(redecho_machine_v1, 2, machine, false),
	GLOBAL(zwp_linux_dmabuf_v1, 4, dmabuf, false),
#undef GLOBAL
};

#define GLOBAL_ROWS (sizeof(global_rows) / sizeof(global_rows[0]))

static void **global_slot(struct window_globals *globals, const struct global_row *row) {
	return (void **)((char *)globals + row->offset);
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct window_connection *connection = data;
	if (strcmp(interface, wl_output_interface.name) == 0) {
		add_output(connection, name, version);
		return;
	}
	if (strcmp(interface, wl_seat_interface.name) == 0) {
		window_input_add_seat(connection->client->input,
			wl_registry_bind(
				registry, name, &wl_seat_interface, version < 8 ? version : 8));
		return;
	}
	for (size_t i = 0; i < GLOBAL_ROWS; i++) {
		const struct global_row *row = &global_rows[i];
		void **slot = global_slot(&connection->globals, row);
		if (strcmp(interface, row->interface->name) == 0 && *slot == NULL) {
			*slot = wl_registry_bind(registry, name, row->interface,
				version < row->version ? version : row->version);
		}
	}
}

static void forget_output(
	struct window_connection *connection, const struct window_output *output) {
	for (unsigned i = 0; i < connection->client->count; i++) {
		struct window_toplevel *toplevel = connection->client->windows[i]->toplevel;
		if (toplevel != NULL && toplevel->output == output) {
			toplevel->output = NULL;
		}
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
	struct window_connection *connection = data;
	struct window_output *output, *next;
	wl_list_for_each_safe (output, next, &connection->outputs, link) {
		if (output->name != name) {
			continue;
		}
		forget_output(connection, output);
		output_destroy(output);
		update_modes(connection);
	}
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void handle_announced(void *data, struct wl_callback *callback, uint32_t serial) {
	struct window_connection *connection = data;
	struct window_client *client = connection->client;
	wl_callback_destroy(callback);
	connection->announcement = NULL;
	for (size_t i = 0; i < GLOBAL_ROWS; i++) {
		if (global_rows[i].required &&
			*global_slot(&connection->globals, &global_rows[i]) == NULL) {
			window_connection_fail(connection, global_rows[i].interface->name);
			return;
		}
	}
	struct window_globals *globals = &connection->globals;
	xdg_wm_base_add_listener(globals->wm_base, &wm_base_listener, connection);
	if (globals->machine != NULL) {
		redecho_machine_v1_add_listener(globals->machine, &machine_listener, connection);
		redecho_machine_v1_set_stage(globals->machine, client->stage);
		if (client->broken != NULL) {
			redecho_machine_v1_set_broken(globals->machine, client->broken);
		}
	}
	connection->formats = window_formats_create(connection);
	connection->announced = true;
	for (unsigned i = 0; i < client->count; i++) {
		window_appear(client->windows[i]);
	}
	wl_signal_emit_mutable(&client->events.connected, client);
}

static const struct wl_callback_listener announced_listener = {
	.done = handle_announced,
};

static void globals_finish(struct window_globals *globals) {
	for (size_t i = 0; i < GLOBAL_ROWS; i++) {
		void **slot = global_slot(globals, &global_rows[i]);
		if (*slot != NULL) {
			wl_proxy_destroy(*slot);
			*slot = NULL;
		}
	}
}

// --- the socket --------------------------------------------------------------------------

static void end_connection(struct window_connection *connection) {
	struct window_client *client = connection->client;
	const char *reason = connection->failure;
	client->connection = NULL;
	window_connection_destroy(connection);
	wl_signal_emit_mutable(&client->events.disconnected, (void *)reason);
}

void window_connection_flush_now(struct window_connection *connection) {
	const int result = wl_display_flush(connection->display);
	const bool full = result < 0 && errno == EAGAIN;
	if (result < 0 && !full && errno != EPIPE) {
		// After EPIPE there may be an error event to be read, so the reading side ends it.
		window_connection_fail(connection, "the Wayland socket failed");
	}
	if (full != connection->writable_wanted) {
		connection->writable_wanted = full;
		wl_event_source_fd_update(
			connection->socket, WL_EVENT_READABLE | (full ? WL_EVENT_WRITABLE : 0));
	}
}

static void handle_flush_idle(void *data) {
	struct window_connection *connection = data;
	connection->flush_idle = NULL;
	if (connection->failure != NULL) {
		end_connection(connection);
		return;
	}
	window_connection_flush_now(connection);
	if (connection->failure != NULL) {
		window_connection_flush(connection);
	}
}

void window_connection_flush(struct window_connection *connection) {
	if (connection->flush_idle == NULL) {
		connection->flush_idle = wl_event_loop_add_idle(
			connection->client->loop, handle_flush_idle, connection);
	}
}

void window_connection_fail(struct window_connection *connection, const char *reason) {
	if (connection->failure == NULL) {
		connection->failure = reason;
	}
	window_connection_flush(connection);
}

static int handle_socket(int fd, uint32_t mask, void *data) {
	struct window_connection *connection = data;
	struct wl_display *display = connection->display;
	if ((mask & WL_EVENT_READABLE) != 0) {
		while (wl_display_prepare_read(display) != 0) {
			if (wl_display_dispatch_pending(display) < 0) {
				break;
			}
		}
		if (wl_display_get_error(display) == 0 && wl_display_read_events(display) == 0) {
			wl_display_dispatch_pending(display);
		}
	}
	if (wl_display_get_error(display) != 0) {
		window_connection_fail(connection,
			wl_display_get_error(display) == EPROTO ? "a protocol error"
								: "the compositor is gone");
	} else if ((mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)) != 0) {
		window_connection_fail(connection, "the compositor is gone");
	}
	if (connection->failure != NULL) {
		end_connection(connection);
		return 0;
	}
	window_connection_flush_now(connection);
	return 0;
}

struct window_connection *window_connection_create(struct window_client *client, int fd) {
	struct window_connection *connection = calloc(1, sizeof(*connection));
	if (connection == NULL) {
		close(fd);
		return NULL;
	}
	connection->client = client;
	wl_list_init(&connection->outputs);
	connection->display = wl_display_connect_to_fd(fd);
	if (connection->display == NULL) {
		close(fd);
		goto error_connection;
	}
	wl_display_set_max_buffer_size(connection->display, MAX_UNSENT_BYTES);
	connection->socket = wl_event_loop_add_fd(
		client->loop, fd, WL_EVENT_READABLE, handle_socket, connection);
	if (connection->socket == NULL) {
		goto error_display;
	}
	connection->registry = wl_display_get_registry(connection->display);
	connection->announcement = wl_display_sync(connection->display);
	if (connection->registry == NULL || connection->announcement == NULL) {
		goto error_source;
	}
	wl_registry_add_listener(connection->registry, &registry_listener, connection);
	wl_callback_add_listener(connection->announcement, &announced_listener, connection);
	window_connection_flush(connection);
	return connection;

error_source:
	wl_event_source_remove(connection->socket);
error_display:
	wl_display_disconnect(connection->display);
error_connection:
	free(connection);
	return NULL;
}

void window_connection_destroy(struct window_connection *connection) {
	struct window_client *client = connection->client;
	window_input_disconnect(client->input);
	for (unsigned i = 0; i < client->count; i++) {
		window_vanish(client->windows[i]);
	}
	if (connection->flush_idle != NULL) {
		wl_event_source_remove(connection->flush_idle);
	}
	wl_event_source_remove(connection->socket);
	struct window_output *output, *next;
	wl_list_for_each_safe (output, next, &connection->outputs, link) {
		output_destroy(output);
	}
	window_formats_destroy(connection->formats);
	globals_finish(&connection->globals);
	if (connection->announcement != NULL) {
		wl_callback_destroy(connection->announcement);
	}
	wl_registry_destroy(connection->registry);
	wl_display_disconnect(connection->display);
	free(connection);
}

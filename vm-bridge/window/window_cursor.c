/*
 * The guest's cursor as the host's.
 *
 * The image is copied when the guest sets it, since the guest may draw into the resource again.
 * Three slots suffice: one that the compositor shows, one that it is about to show, one to write.
 * A guest that sets cursors without end is held to one in PACE_MS.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cursor-shape-v1-client-protocol.h"
#include "viewporter-client-protocol.h"
#include "window_private.h"

#define SLOTS 3
#define PACE_MS 10
#define SLOT_BYTES (WINDOW_CURSOR_SIZE * WINDOW_CURSOR_SIZE * 4)

enum cursor_kind {
	CURSOR_DEFAULT, // the host's own
	CURSOR_HIDDEN, // the guest draws one in its frame, or wants none
	CURSOR_IMAGE, // the guest's
};

struct cursor_slot {
	struct window_cursor *cursor;
	struct window_buffer *buffer; // NULL: not made yet
	struct wl_listener release; // window_buffer.events.release
};

struct window_cursor {
	struct window *window;
	struct wl_event_source *timer;
	bool paced; // the timer runs
	bool dirty; // changed since the pointer's image was set
	enum cursor_kind kind;
	uint32_t pixels[WINDOW_CURSOR_SIZE * WINDOW_CURSOR_SIZE];
	int32_t hot_x, hot_y;
	bool stale; // pixels are not in the slot shown

	int fd; // -1: not made yet
	uint8_t *data; // SLOTS slots
	struct cursor_slot slots[SLOTS];

	struct wl_surface *surface; // of the connection; may be NULL
	struct wp_viewport *viewport;
};

static void update(struct window_cursor *cursor) {
	if (cursor->paced) {
		cursor->dirty = true;
		return;
	}
	cursor->dirty = false;
	cursor->paced = true;
	wl_event_source_timer_update(cursor->timer, PACE_MS);
	window_input_update_cursor(cursor->window->input);
}

static int handle_timer(void *data) {
	struct window_cursor *cursor = data;
	cursor->paced = false;
	if (cursor->dirty) {
		update(cursor);
	}
	return 0;
}

static void handle_release(struct wl_listener *listener, void *data) {
	struct cursor_slot *slot = wl_container_of(listener, slot, release);
	if (slot->cursor->kind == CURSOR_IMAGE && slot->cursor->stale &&
		slot->cursor->window->connection != NULL) {
		update(slot->cursor);
	}
}

struct window_cursor *window_cursor_create(struct window *window) {
	struct window_cursor *cursor = calloc(1, sizeof(*cursor));
	if (cursor == NULL) {
		return NULL;
	}
	cursor->window = window;
	cursor->fd = -1;
	cursor->timer = wl_event_loop_add_timer(window->loop, handle_timer, cursor);
	if (cursor->timer == NULL) {
		free(cursor);
		return NULL;
	}
	return cursor;
}

static void drop_slots(struct window_cursor *cursor) {
	for (unsigned i = 0; i < SLOTS; i++) {
		struct cursor_slot *slot = &cursor->slots[i];
		if (slot->buffer != NULL) {
			wl_list_remove(&slot->release.link);
			window_buffer_destroy(slot->buffer);
			slot->buffer = NULL;
		}
	}
}

void window_cursor_destroy(struct window_cursor *cursor) {
	if (cursor == NULL) {
		return;
	}
	drop_slots(cursor);
	if (cursor->data != NULL) {
		munmap(cursor->data, SLOTS * SLOT_BYTES);
	}
	if (cursor->fd >= 0) {
		close(cursor->fd);
	}
	wl_event_source_remove(cursor->timer);
	free(cursor);
}

void window_cursor_disconnect(struct window_cursor *cursor) {
	if (cursor->surface != NULL) {
		wl_proxy_destroy((struct wl_proxy *)cursor->viewport);
		wl_proxy_destroy((struct wl_proxy *)cursor->surface);
		cursor->viewport = NULL;
		cursor->surface = NULL;
	}
	cursor->stale = true;
}

static bool make_slots(struct window_cursor *cursor) {
	if (cursor->data != NULL) {
		return true;
	}
	cursor->fd = memfd_create("cursor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (cursor->fd < 0 || ftruncate(cursor->fd, SLOTS * SLOT_BYTES) != 0 ||
		fcntl(cursor->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
		goto error;
	}
	void *data = mmap(
		NULL, SLOTS * SLOT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, cursor->fd, 0);
	if (data == MAP_FAILED) {
		goto error;
	}
	for (unsigned i = 0; i < SLOTS; i++) {
		const struct window_memory memory = {
			.fd = cursor->fd,
			.offset_bytes = (int32_t)i * SLOT_BYTES,
			.pool_bytes = SLOTS * SLOT_BYTES,
			.width = WINDOW_CURSOR_SIZE,
			.height = WINDOW_CURSOR_SIZE,
			.stride_bytes = WINDOW_CURSOR_SIZE * 4,
			.alpha = true,
		};
		struct cursor_slot *slot = &cursor->slots[i];
		slot->cursor = cursor;
		slot->buffer = window_buffer_create(cursor->window, &memory);
		if (slot->buffer == NULL) {
			goto error_slots;
		}
		slot->release.notify = handle_release;
		wl_signal_add(&slot->buffer->events.release, &slot->release);
	}
	cursor->data = data;
	return true;

error_slots:
	drop_slots(cursor);
	munmap(data, SLOTS * SLOT_BYTES);
error:
	if (cursor->fd >= 0) {
		close(cursor->fd);
	}
	cursor->fd = -1;
	return false;
}

/** Commit the image to the cursor's surface; false if there is no memory or no free slot. */
static bool commit_image(struct window_cursor *cursor) {
	struct window_connection *connection = cursor->window->connection;
	if (!make_slots(cursor)) {
		return false;
	}
	if (cursor->surface == NULL) {
		cursor->surface = wl_compositor_create_surface(connection->globals.compositor);
		cursor->viewport = wp_viewporter_get_viewport(
			connection->globals.viewporter, cursor->surface);
	}
	unsigned slot = 0;
	while (slot < SLOTS && cursor->slots[slot].buffer->busy) {
		slot++;
	}
	if (slot == SLOTS) {
		return false;
	}
	struct wl_buffer *wl_buffer = window_buffer_realize(
		cursor->slots[slot].buffer, connection->globals.shm);
	if (wl_buffer == NULL) {
		return false;
	}
	memcpy(cursor->data + (size_t)slot * SLOT_BYTES, cursor->pixels, SLOT_BYTES);
	int32_t size = WINDOW_CURSOR_SIZE * WINDOW_SCALE_1 / (int32_t)connection->scale120;
	size = size > 0 ? size : 1;
	wl_surface_attach(cursor->surface, wl_buffer, 0, 0);
	wl_surface_damage_buffer(cursor->surface, 0, 0, WINDOW_CURSOR_SIZE, WINDOW_CURSOR_SIZE);
	wp_viewport_set_destination(cursor->viewport, size, size);
	cursor->slots[slot].buffer->busy = true;
	wl_surface_commit(cursor->surface);
	cursor->stale = false;
	return true;
}

void window_cursor_apply(struct window_cursor *cursor, struct wl_pointer *pointer,
	struct wp_cursor_shape_device_v1 *shape_device, uint32_t serial) {
	struct window_connection *connection = cursor->window->connection;
	switch (cursor->kind) {
	case CURSOR_DEFAULT:
		if (shape_device != NULL) {
			wp_cursor_shape_device_v1_set_shape(
				shape_device, serial, WP_CURSOR_SHAPE_DEVICE_V1_SHAPE_DEFAULT);
		}
		break;
	case CURSOR_HIDDEN:
		wl_pointer_set_cursor(pointer, serial, NULL, 0, 0);
		break;
	case CURSOR_IMAGE:
		if (cursor->stale || cursor->surface == NULL) {
			commit_image(cursor);
		}
		if (cursor->surface != NULL) {
			const int32_t scale120 = (int32_t)connection->scale120;
			wl_pointer_set_cursor(pointer, serial, cursor->surface,
				cursor->hot_x * WINDOW_SCALE_1 / scale120,
				cursor->hot_y * WINDOW_SCALE_1 / scale120);
		}
		break;
	}
	window_connection_flush(connection);
}

void window_cursor_rescale(struct window_cursor *cursor) {
	cursor->stale = true;
	update(cursor);
}

void window_set_cursor(
	struct window *window, const uint32_t *pixels, uint32_t hot_x, uint32_t hot_y) {
	struct window_cursor *cursor = window->cursor;
	if (pixels == NULL) {
		cursor->kind = CURSOR_HIDDEN;
	} else {
		cursor->kind = CURSOR_IMAGE;
		memcpy(cursor->pixels, pixels, sizeof(cursor->pixels));
		cursor->hot_x = hot_x < WINDOW_CURSOR_SIZE ? (int32_t)hot_x : 0;
		cursor->hot_y = hot_y < WINDOW_CURSOR_SIZE ? (int32_t)hot_y : 0;
		cursor->stale = true;
	}
	update(cursor);
}

void window_reset_cursor(struct window *window) {
	window->cursor->kind = CURSOR_DEFAULT;
	update(window->cursor);
}

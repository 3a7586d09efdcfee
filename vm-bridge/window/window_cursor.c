/*
 * The guest's cursor as the host's.
 *
 * The image is copied when the guest sets it, since the guest may draw into the resource again.
 * Three slots suffice: one that the compositor shows, one that it is about to show, one to write.
 * A guest that sets cursors without end is held to one in PACE_MS.
 *
 * While the pointer is locked the host's stands still, and where the guest's is only the guest
 * knows: then the image is an overlay, a subsurface above the frame, where MOVE_CURSOR puts it.
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

	bool locked;
	int32_t x, y; // of the image's corner, in the scanout's pixels
	struct {
		struct wl_surface *surface; // of the connection; may be NULL
		struct wl_subsurface *subsurface;
		struct wp_viewport *viewport;
		bool shown;
		bool stale; // pixels are not in the slot shown
	} overlay;
};

static void update(struct window_cursor *cursor) {
	if (cursor->paced) {
		cursor->dirty = true;
		return;
	}
	cursor->dirty = false;
	cursor->paced = true;
	wl_event_source_timer_update(cursor->timer, PACE_MS);
	window_input_update_cursor(cursor->window->client->input, cursor->window);
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
	struct window_cursor *cursor = slot->cursor;
	const bool stale = cursor->locked ? cursor->overlay.stale : cursor->stale;
	if (cursor->kind == CURSOR_IMAGE && stale && cursor->window->toplevel != NULL) {
		update(cursor);
	}
}

struct window_cursor *window_cursor_create(struct window *window) {
	struct window_cursor *cursor = calloc(1, sizeof(*cursor));
	if (cursor == NULL) {
		return NULL;
	}
	cursor->window = window;
	cursor->fd = -1;
	cursor->timer = wl_event_loop_add_timer(window->client->loop, handle_timer, cursor);
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
		wp_viewport_destroy(cursor->viewport);
		wl_surface_destroy(cursor->surface);
		cursor->viewport = NULL;
		cursor->surface = NULL;
	}
	if (cursor->overlay.surface != NULL) {
		wp_viewport_destroy(cursor->overlay.viewport);
		wl_subsurface_destroy(cursor->overlay.subsurface);
		wl_surface_destroy(cursor->overlay.surface);
		cursor->overlay.surface = NULL;
	}
	cursor->overlay.shown = false;
	cursor->stale = true;
	cursor->overlay.stale = true;
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

/** A free slot with the image in it, busy from here on; NULL: no memory, or none is free. */
static struct wl_buffer *fill_slot(struct window_cursor *cursor) {
	if (!make_slots(cursor)) {
		return NULL;
	}
	unsigned slot = 0;
	while (slot < SLOTS && cursor->slots[slot].buffer->busy) {
		slot++;
	}
	if (slot == SLOTS) {
		return NULL;
	}
	struct wl_buffer *wl_buffer = window_buffer_realize(
		cursor->slots[slot].buffer, cursor->window->toplevel->connection->globals.shm);
	if (wl_buffer != NULL) {
		memcpy(cursor->data + (size_t)slot * SLOT_BYTES, cursor->pixels, SLOT_BYTES);
		cursor->slots[slot].buffer->busy = true;
	}
	return wl_buffer;
}

/** The image's size, surface-local. */
static int32_t image_extent(const struct window_toplevel *toplevel) {
	const int32_t extent = WINDOW_CURSOR_SIZE * WINDOW_SCALE_1 / (int32_t)toplevel->scale120;
	return extent > 0 ? extent : 1;
}

/** Commit the image to the cursor's surface; false if there is no memory or no free slot. */
static bool commit_image(struct window_cursor *cursor) {
	struct window_toplevel *toplevel = cursor->window->toplevel;
	const struct window_globals *globals = &toplevel->connection->globals;
	struct wl_buffer *wl_buffer = fill_slot(cursor);
	if (wl_buffer == NULL) {
		return false;
	}
	if (cursor->surface == NULL) {
		cursor->surface = wl_compositor_create_surface(globals->compositor);
		cursor->viewport = wp_viewporter_get_viewport(globals->viewporter, cursor->surface);
	}
	const int32_t extent = image_extent(toplevel);
	wl_surface_attach(cursor->surface, wl_buffer, 0, 0);
	wl_surface_damage_buffer(cursor->surface, 0, 0, WINDOW_CURSOR_SIZE, WINDOW_CURSOR_SIZE);
	wp_viewport_set_destination(cursor->viewport, extent, extent);
	wl_surface_commit(cursor->surface);
	cursor->stale = false;
	return true;
}

// --- the overlay -------------------------------------------------------------------------

static void hide_overlay(struct window_cursor *cursor) {
	struct window_toplevel *toplevel = cursor->window->toplevel;
	if (!cursor->overlay.shown) {
		return;
	}
	cursor->overlay.shown = false;
	wl_surface_attach(cursor->overlay.surface, NULL, 0, 0);
	wl_surface_commit(cursor->overlay.surface);
	wl_surface_commit(toplevel->surfaces.toplevel_surface);
}

static void make_overlay(struct window_cursor *cursor) {
	struct window_toplevel *toplevel = cursor->window->toplevel;
	const struct window_globals *globals = &toplevel->connection->globals;
	cursor->overlay.surface = wl_compositor_create_surface(globals->compositor);
	cursor->overlay.subsurface = wl_subcompositor_get_subsurface(globals->subcompositor,
		cursor->overlay.surface, toplevel->surfaces.toplevel_surface);
	cursor->overlay.viewport = wp_viewporter_get_viewport(
		globals->viewporter, cursor->overlay.surface);
	struct wl_region *nothing = wl_compositor_create_region(globals->compositor);
	wl_surface_set_input_region(cursor->overlay.surface, nothing);
	wl_region_destroy(nothing);
}

/** The part of [start, start + extent) that is in [0, limit). */
static bool clip(int32_t start, int32_t extent, int32_t limit, int32_t *from, int32_t *to) {
	*from = start > 0 ? start : 0;
	*to = start + extent < limit ? start + extent : limit;
	return *from < *to;
}

static void show_overlay(struct window_cursor *cursor) {
	struct window_toplevel *toplevel = cursor->window->toplevel;
	const int32_t scale120 = (int32_t)toplevel->scale120;
	const int32_t extent = image_extent(toplevel);
	const int32_t left = toplevel->place_x.position + cursor->x * WINDOW_SCALE_1 / scale120;
	const int32_t top = toplevel->place_y.position + cursor->y * WINDOW_SCALE_1 / scale120;
	int32_t x1, y1, x2, y2;
	if (!toplevel->has_frame || cursor->kind != CURSOR_IMAGE ||
		!clip(left, extent, toplevel->width, &x1, &x2) ||
		!clip(top, extent, toplevel->height, &y1, &y2)) {
		hide_overlay(cursor);
		return;
	}
	if (cursor->overlay.surface == NULL) {
		make_overlay(cursor);
	}
	if (cursor->overlay.stale || !cursor->overlay.shown) {
		struct wl_buffer *wl_buffer = fill_slot(cursor);
		if (wl_buffer == NULL) {
			return; // again when a slot is released
		}
		wl_surface_attach(cursor->overlay.surface, wl_buffer, 0, 0);
		wl_surface_damage_buffer(
			cursor->overlay.surface, 0, 0, WINDOW_CURSOR_SIZE, WINDOW_CURSOR_SIZE);
		cursor->overlay.shown = true;
		cursor->overlay.stale = false;
	}
	const double pixels = (double)WINDOW_CURSOR_SIZE / extent;
	wp_viewport_set_source(cursor->overlay.viewport, wl_fixed_from_double((x1 - left) * pixels),
		wl_fixed_from_double((y1 - top) * pixels), wl_fixed_from_double((x2 - x1) * pixels),
		wl_fixed_from_double((y2 - y1) * pixels));
	wp_viewport_set_destination(cursor->overlay.viewport, x2 - x1, y2 - y1);
	wl_subsurface_set_position(cursor->overlay.subsurface, x1, y1);
	wl_surface_commit(cursor->overlay.surface);
	wl_surface_commit(toplevel->surfaces.toplevel_surface);
}

// --- the pointer's image -----------------------------------------------------------------

void window_cursor_apply(struct window_cursor *cursor, struct wl_pointer *pointer,
	struct wp_cursor_shape_device_v1 *shape_device, uint32_t serial) {
	struct window_toplevel *toplevel = cursor->window->toplevel;
	if (toplevel == NULL) {
		return;
	}
	if (cursor->locked) {
		if (pointer != NULL) {
			wl_pointer_set_cursor(pointer, serial, NULL, 0, 0);
		}
		show_overlay(cursor);
		window_connection_flush(toplevel->connection);
		return;
	}
	hide_overlay(cursor);
	if (pointer == NULL) {
		window_connection_flush(toplevel->connection);
		return;
	}
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
			const int32_t scale120 = (int32_t)toplevel->scale120;
			wl_pointer_set_cursor(pointer, serial, cursor->surface,
				cursor->hot_x * WINDOW_SCALE_1 / scale120,
				cursor->hot_y * WINDOW_SCALE_1 / scale120);
		}
		break;
	}
	window_connection_flush(toplevel->connection);
}

void window_cursor_set_locked(struct window_cursor *cursor, bool locked) {
	cursor->locked = locked;
	update(cursor);
}

static int32_t clamp(int32_t value) {
	return value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value;
}

void window_move_cursor(struct window *window, int32_t x, int32_t y) {
	struct window_cursor *cursor = window->cursor;
	cursor->x = clamp(x);
	cursor->y = clamp(y);
	if (cursor->locked) {
		update(cursor);
	}
}

void window_cursor_rescale(struct window_cursor *cursor) {
	cursor->stale = true;
	cursor->overlay.stale = true;
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
		cursor->overlay.stale = true;
	}
	update(cursor);
}

void window_reset_cursor(struct window *window) {
	window->cursor->kind = CURSOR_DEFAULT;
	update(window->cursor);
}

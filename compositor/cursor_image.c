#include "cursor_image.h"

#include <string.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_cursor_shape_v1.h>
#include <wlr/types/wlr_seat.h>

#include "globals.h"
#include "machine.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"
#include "tablet.h"

// A cursor is drawn above everything: a machine's may neither be large enough to pass for
// something else, nor be drawn over a label far from the pointer. In logical pixels.
#define MACHINE_CURSOR_MAX 128

static void forget_image(struct pointer *pointer) {
	if (pointer->image == NULL) {
		return;
	}
	pointer->image = NULL;
	wl_list_remove(&pointer->image_commit.link);
	wl_list_remove(&pointer->image_destroy.link);
}

void cursor_image_set_shape(struct pointer *pointer, const char *shape) {
	if (pointer->shape != NULL && strcmp(pointer->shape, shape) == 0) {
		return;
	}
	forget_image(pointer);
	pointer->shape = shape;
	wlr_cursor_set_xcursor(pointer->cursor, pointer->xcursors, shape);
}

void cursor_image_reload(struct pointer *pointer) {
	if (pointer->shape != NULL) {
		wlr_cursor_set_xcursor(pointer->cursor, pointer->xcursors, pointer->shape);
	}
}

static bool fits(const struct pointer *pointer, struct wlr_surface *surface) {
	struct wl_client *client = wl_resource_get_client(surface->resource);
	return machine_from_client(client) == NULL ||
		(surface->current.width <= MACHINE_CURSOR_MAX &&
			surface->current.height <= MACHINE_CURSOR_MAX && pointer->hotspot_x >= 0 &&
			pointer->hotspot_x <= MACHINE_CURSOR_MAX && pointer->hotspot_y >= 0 &&
			pointer->hotspot_y <= MACHINE_CURSOR_MAX);
}

static void handle_image_commit(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, image_commit);
	pointer->hotspot_x -= pointer->image->current.dx;
	pointer->hotspot_y -= pointer->image->current.dy;
	if (!fits(pointer, pointer->image)) {
		cursor_image_set_shape(pointer, "default");
	}
}

static void handle_image_destroy(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, image_destroy);
	forget_image(pointer);
}

void cursor_image_set_surface(struct pointer *pointer, struct wlr_surface *surface,
	int32_t hotspot_x, int32_t hotspot_y) {
	forget_image(pointer);
	pointer->shape = NULL;
	if (surface == NULL) {
		wlr_cursor_unset_image(pointer->cursor);
		return;
	}
	pointer->hotspot_x = hotspot_x;
	pointer->hotspot_y = hotspot_y;
	if (!fits(pointer, surface)) {
		cursor_image_set_shape(pointer, "default");
		return;
	}
	pointer->image = surface;
	pointer->image_commit.notify = handle_image_commit;
	wl_signal_add(&surface->events.commit, &pointer->image_commit);
	pointer->image_destroy.notify = handle_image_destroy;
	wl_signal_add(&surface->events.destroy, &pointer->image_destroy);
	wlr_cursor_set_surface(pointer->cursor, surface, hotspot_x, hotspot_y);
}

static void handle_request_set_cursor(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, request_set_cursor);
	struct wlr_seat_pointer_request_set_cursor_event *event = data;
	if (event->seat_client != pointer->seat->wlr_seat->pointer_state.focused_client ||
		pointer->mode != POINTER_PASS) {
		return;
	}
	cursor_image_set_surface(pointer, event->surface, event->hotspot_x, event->hotspot_y);
}

static void handle_request_set_shape(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, request_set_shape);
	struct wlr_cursor_shape_manager_v1_request_set_shape_event *event = data;
	const struct seat *seat = pointer->seat;
	bool points = event->device_type == WLR_CURSOR_SHAPE_MANAGER_V1_DEVICE_TYPE_POINTER
		? event->seat_client == seat->wlr_seat->pointer_state.focused_client
		: tablet_is_over(seat, event->tablet_tool, event->seat_client->client);
	if (points && pointer->mode == POINTER_PASS) {
		cursor_image_set_shape(pointer, wlr_cursor_shape_v1_name(event->shape));
	}
}

// Until the client that has been entered says otherwise.
static void handle_focus_change(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, focus_change);
	struct wlr_seat_pointer_focus_change_event *event = data;
	if (event->new_surface != event->old_surface && event->new_surface != NULL &&
		(event->old_surface == NULL ||
			wl_resource_get_client(event->old_surface->resource) !=
				wl_resource_get_client(event->new_surface->resource))) {
		cursor_image_set_shape(pointer, "default");
	}
}

void cursor_image_init(struct pointer *pointer) {
	struct seat *seat = pointer->seat;
	pointer->request_set_cursor.notify = handle_request_set_cursor;
	wl_signal_add(&seat->wlr_seat->events.request_set_cursor, &pointer->request_set_cursor);
	pointer->request_set_shape.notify = handle_request_set_shape;
	wl_signal_add(&seat->server->globals->cursor_shape->events.request_set_shape,
		&pointer->request_set_shape);
	pointer->focus_change.notify = handle_focus_change;
	wl_signal_add(&seat->wlr_seat->pointer_state.events.focus_change, &pointer->focus_change);
}

void cursor_image_finish(struct pointer *pointer) {
	forget_image(pointer);
	wl_list_remove(&pointer->request_set_cursor.link);
	wl_list_remove(&pointer->request_set_shape.link);
	wl_list_remove(&pointer->focus_change.link);
}

#ifndef POINTER_H
#define POINTER_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "drag.h"

struct gesture;
struct pointer_axis;
struct seat;
struct tile;
struct wlr_input_device;
struct wlr_surface;

/** So many buttons can be down at once. */
#define POINTER_BUTTONS_MAX 16

/** What the pointer's motion does. */
enum pointer_mode {
	POINTER_PASS, // goes to the surface under it
	POINTER_DRAG, // drags a window or its edges
	POINTER_TAKEN, // a bound button is held: the clients hear nothing
};

/** The pointer of the seat: all devices as one cursor. */
struct pointer {
	struct seat *seat;
	struct wlr_cursor *cursor;
	struct wlr_xcursor_manager *xcursors;
	enum pointer_mode mode;
	bool away; // a tablet's tool points instead: see pointer_leave()
	uint32_t buttons[POINTER_BUTTONS_MAX]; // that are down, each once
	uint32_t held; // how many
	struct tile *surface_tile; // whose surface has the pointer; may be NULL
	double surface_lx, surface_ly; // origin of that surface
	struct tile *hovered; // whose tile it was last over; may be NULL
	struct drag drag; // POINTER_DRAG
	const char *shape; // of our own cursor; NULL while a client's is shown
	struct wlr_surface *image; // a client's cursor surface; may be NULL
	int64_t hotspot_x, hotspot_y; // of that surface
	struct wlr_pointer_constraint_v1 *constraint; // the active one; may be NULL

	struct pointer_axis *axis;
	struct gesture *gesture;

	struct wl_listener motion;
	struct wl_listener motion_absolute;
	struct wl_listener button;
	struct wl_listener frame;
	struct wl_listener request_set_cursor;
	struct wl_listener request_set_shape;
	struct wl_listener image_commit;
	struct wl_listener image_destroy;
	struct wl_listener focus_change;
	struct wl_listener new_constraint;
	struct wl_listener constraint_destroy;
};

bool pointer_init(struct seat *seat);
void pointer_finish(struct seat *seat);

/** Take a device. output_name maps it to an output; may be NULL. */
void pointer_add(struct seat *seat, struct wlr_input_device *device, const char *output_name);

/** Cursor theme and device settings as configured. */
void pointer_configure(struct pointer *pointer);

/** Move it to a point of the layout, as far as it is let. */
void pointer_move_to(struct pointer *pointer, uint32_t time_ms, double lx, double ly);

/** Something else points now: no surface has the pointer until it moves or is pressed; while
 * a button is down nothing happens. */
void pointer_leave(struct pointer *pointer);

/** Whoever is at a point of the layout was pressed or touched, and gets the keyboard. */
void pointer_focus_at(struct pointer *pointer, double lx, double ly);

/** A button goes down or comes up: one of a device, or what stands for one. */
void pointer_button(struct pointer *pointer, uint32_t time_ms, uint32_t button, bool pressed);

/** What is under the pointer may be another tile now, though it has not moved. */
void pointer_moved_under(struct pointer *pointer);

/** Find out what is under the pointer and tell it. */
void pointer_update_focus(struct pointer *pointer, uint32_t time_ms);

/** The session is locked: end drags; what is held belongs to nobody until it is released. */
void pointer_let_go(struct pointer *pointer);

/** The tile goes away, or loses the focus: end drags on it. */
void pointer_forget_tile(struct pointer *pointer, struct tile *tile);

/**
 * The focus of the pointer or of the keyboard changed: the constraint of the surface that
 * has the pointer is active while its tile has the keyboard.
 */
void pointer_check_constraint(struct pointer *pointer);

#endif

/*
 * As much of a compositor as a bridge's window needs, in the test's own process and event loop.
 *
 * It shows nothing: it keeps what the window committed, and sends what the test says.
 */
#ifndef FAKE_COMPOSITOR_H
#define FAKE_COMPOSITOR_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

/** A surface's committed state. */
struct fake_surface {
	struct wl_resource *resource; // NULL: destroyed
	struct wl_resource *buffer; // attached by the last commit; may be NULL
	struct wl_resource *pending_buffer;
	struct wl_resource *pending_frame, *frame; // wl_callback
	bool attached;
	unsigned commits, frames;
	double source[4]; // of the viewport: x, y, width, height
	int32_t extent[2]; // of the viewport, surface-local
	int32_t position[2]; // of the subsurface
};

struct fake_compositor {
	struct wl_display *server;
	struct wl_event_loop *loop;
	struct wl_client *client; // NULL: gone
	struct wl_listener client_destroy;

	/** Set before the first client: announce redecho_machine_v1, as a desk of ours does. */
	bool is_desk;
	bool globals_made;

	struct fake_surface surfaces[8]; // by the order of their creation
	unsigned surface_count;
	struct fake_surface *toplevel_surface, *frame_surface, *cursor_surface;
	struct fake_surface *overlay_surface; // the second subsurface

	struct wl_resource *xdg_surface, *xdg_toplevel;
	struct wl_resource *seat, *output, *keyboard, *pointer, *relative_pointer, *locked_pointer;
	struct wl_resource *fractional_scale, *machine;
	uint32_t acked, serial;
	bool cursor_hidden;
	bool suspended; // sent with the next configure
	unsigned cursor_sets;
	unsigned feedbacks; // asked for; none is ever answered
	uint32_t stage;
	char title[64];
	char broken[64];
};

struct fake_compositor *fake_compositor_create(bool is_desk);
void fake_compositor_destroy(struct fake_compositor *compositor);

/** A connection for the window. */
int fake_compositor_connect(struct fake_compositor *compositor);

/** The client is thrown out. */
void fake_compositor_drop(struct fake_compositor *compositor);

/** Run both sides until neither has anything to say. */
void fake_compositor_settle(struct fake_compositor *compositor);

/** Send a size, surface-local; 0: as the window likes. */
void fake_compositor_configure(struct fake_compositor *compositor, int32_t width, int32_t height);

/** Send the frame callback of the guest's frame. Returns whether one was asked for. */
bool fake_compositor_frame_done(struct fake_compositor *compositor);

#endif

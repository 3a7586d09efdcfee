/*
 * What belongs to one Wayland connection, shared by the files of this folder.
 */
#ifndef WINDOW_PRIVATE_H
#define WINDOW_PRIVATE_H

#include <wayland-client-core.h>
#include <wayland-client-protocol.h>

#include "window_client.h"
#include "window_place.h"

/** A wl_output, and what it said about itself. */
struct window_output {
	struct wl_list link; // window_connection.outputs
	struct window_connection *connection;
	struct wl_output *wl_output;
	uint32_t name; // in the registry
	int32_t width, height, refresh_mhz; // of the current mode
	int32_t width_mm, height_mm, scale;
	bool rotated; // by a quarter turn: width and height change places
};

/** What the compositor has. */
struct window_globals {
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct wp_viewporter *viewporter;
	// Each of these may be NULL.
	struct wp_single_pixel_buffer_manager_v1 *single_pixel;
	struct wp_fractional_scale_manager_v1 *fractional_scale;
	struct wp_presentation *presentation;
	struct wp_cursor_shape_manager_v1 *cursor_shape;
	struct zwp_pointer_constraints_v1 *pointer_constraints;
	struct zwp_relative_pointer_manager_v1 *relative_pointer;
	struct zxdg_decoration_manager_v1 *decoration;
	struct redecho_machine_v1 *machine;
	struct zwp_linux_dmabuf_v1 *dmabuf;
};

/** The toplevel, and the guest's frame in it. */
struct window_surfaces {
	struct wl_surface *toplevel_surface;
	struct wp_viewport *toplevel_viewport;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *xdg_toplevel;
	struct wp_fractional_scale_v1 *fractional_scale; // may be NULL
	struct zxdg_toplevel_decoration_v1 *decoration; // may be NULL
	struct wl_surface *frame_surface;
	struct wl_subsurface *subsurface;
	struct wp_viewport *frame_viewport;
	struct wl_buffer *black;
};

struct wp_cursor_shape_device_v1;

struct window_connection {
	struct window_client *client;
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_callback *announcement; // done: the globals have been listed; may be NULL
	struct wl_event_source *socket;
	struct wl_event_source *flush_idle; // may be NULL
	bool writable_wanted;
	bool announced;
	const char *failure; // why the connection must end, once dispatching is over

	struct window_globals globals;
	struct window_formats *formats; // may be NULL: no dmabufs
	struct wl_list outputs; // window_output.link
};

/** A window on a connection. */
struct window_toplevel {
	struct window *window;
	struct window_connection *connection;
	struct window_output *output; // the one that shows the window; may be NULL
	struct window_surfaces surfaces;

	bool configured, mapped;
	bool pending_suspended;
	int32_t pending_width, pending_height; // surface-local; 0: the window's choice
	int32_t width, height; // surface-local
	uint32_t scale120;

	struct wl_callback *frame_callback; // of the last commit; may be NULL
	struct wl_list feedbacks; // window_feedback.link
	bool has_frame;
	struct pixman_box32 source; // of the frame shown
	struct window_place place_x, place_y;
};

/** A frame whose presentation is waited for. */
struct window_feedback {
	struct wl_list link; // window_toplevel.feedbacks
	struct window_toplevel *toplevel;
	struct wp_presentation_feedback *feedback; // NULL: the frame callback stands in
	uint64_t serial;
};

struct window_formats; // of dmabufs

/**
 * Ask the compositor of the connection which dmabufs it takes. Returns NULL out of memory, or
 * where it has no version 4 of linux-dmabuf.
 */
struct window_formats *window_formats_create(struct window_connection *connection);
void window_formats_destroy(struct window_formats *formats); // may be NULL
bool window_formats_have(const struct window_formats *formats, uint32_t fourcc, uint64_t modifier);

/** Whether there are any. formats may be NULL. */
bool window_formats_any(const struct window_formats *formats);

/** Have requests sent in this turn of the loop. */
void window_connection_flush(struct window_connection *connection);

/** Have them sent before anything else is done: a frame is not to wait for the rest of the turn. */
void window_connection_flush_now(struct window_connection *connection);

/** End the connection when its events have been dispatched. reason is a static string. */
void window_connection_fail(struct window_connection *connection, const char *reason);

struct window_connection *window_connection_create(struct window_client *client, int fd);
void window_connection_destroy(struct window_connection *connection);

/** Returns NULL out of memory. */
struct window *window_create(struct window_client *client, unsigned index);
void window_destroy(struct window *window); // may be NULL

/**
 * Put the window on the client's connection, if that is announced and the window is open and not
 * there yet. Out of memory the connection fails.
 */
void window_appear(struct window *window);

/** Take it from its connection; its buffers are free then. */
void window_vanish(struct window *window);

/** Make the surfaces. Returns false out of memory. */
bool window_surfaces_create(struct window_toplevel *toplevel);
void window_surfaces_finish(struct window_toplevel *toplevel);

/** Size, scale or output changed: tell the guest, and place the frame anew. */
void window_surfaces_update(struct window_toplevel *toplevel);

/** The compositor says that nobody sees it, or that it is seen again: then it may show a frame. */
void window_set_suspended(struct window *window, bool suspended);

/** Recompute the mode of the guest's display, and signal a change. */
void window_update_mode(struct window *window);

struct window_cursor *window_cursor_create(struct window *window);
void window_cursor_destroy(struct window_cursor *cursor);

/** The window's toplevel goes. */
void window_cursor_disconnect(struct window_cursor *cursor);

/** The pointer was locked, or is free again. */
void window_cursor_set_locked(struct window_cursor *cursor, bool locked);

/** The scale changed: the image takes another size. */
void window_cursor_rescale(struct window_cursor *cursor);

/**
 * Show it: as the image of the pointer that entered the window with serial (pointer NULL: it is
 * elsewhere), or above the frame where the pointer is locked.
 */
void window_cursor_apply(struct window_cursor *cursor, struct wl_pointer *pointer,
	struct wp_cursor_shape_device_v1 *shape_device, uint32_t serial);

#endif

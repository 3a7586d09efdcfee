#ifndef GLOBALS_H
#define GLOBALS_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct server;

/**
 * The standard protocols that are glue alone: wlroots does the work, the desk keeps what it
 * needs to talk to them.
 */
struct globals {
	struct server *server;
	struct wlr_xdg_shell *xdg_shell;
	struct wlr_xdg_decoration_manager_v1 *xdg_decoration;
	struct wlr_ext_foreign_toplevel_image_capture_source_manager_v1 *toplevel_capture;
	struct wlr_virtual_keyboard_manager_v1 *virtual_keyboard;
	struct wlr_virtual_pointer_manager_v1 *virtual_pointer;
	struct wlr_pointer_constraints_v1 *pointer_constraints;
	struct wlr_relative_pointer_manager_v1 *relative_pointer;
	struct wlr_pointer_gestures_v1 *pointer_gestures;
	struct wlr_tablet_manager_v2 *tablet;
	struct wlr_cursor_shape_manager_v1 *cursor_shape;
	struct wlr_xdg_system_bell_v1 *system_bell;
};

/** Make them all. Returns false when one cannot be made. */
bool globals_init(struct server *server);

/** Stop listening; the objects go with the display. */
void globals_finish(struct server *server);

#endif

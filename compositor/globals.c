#include "globals.h"

#include <stdlib.h>
#include <wlr/types/wlr_alpha_modifier_v1.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor_shape_v1.h>
#include <wlr/types/wlr_data_control_v1.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_ext_data_control_v1.h>
#include <wlr/types/wlr_ext_foreign_toplevel_list_v1.h>
#include <wlr/types/wlr_ext_image_capture_source_v1.h>
#include <wlr/types/wlr_ext_image_copy_capture_v1.h>
#include <wlr/types/wlr_fixes.h>
#include <wlr/types/wlr_fractional_scale_v1.h>
#include <wlr/types/wlr_linux_dmabuf_v1.h>
#include <wlr/types/wlr_pointer_constraints_v1.h>
#include <wlr/types/wlr_pointer_gestures_v1.h>
#include <wlr/types/wlr_presentation_time.h>
#include <wlr/types/wlr_primary_selection_v1.h>
#include <wlr/types/wlr_relative_pointer_v1.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_screencopy_v1.h>
#include <wlr/types/wlr_server_decoration.h>
#include <wlr/types/wlr_shm.h>
#include <wlr/types/wlr_single_pixel_buffer_v1.h>
#include <wlr/types/wlr_subcompositor.h>
#include <wlr/types/wlr_tablet_v2.h>
#include <wlr/types/wlr_viewporter.h>
#include <wlr/types/wlr_virtual_keyboard_v1.h>
#include <wlr/types/wlr_virtual_pointer_v1.h>
#include <wlr/types/wlr_xdg_decoration_v1.h>
#include <wlr/types/wlr_xdg_output_v1.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/types/wlr_xdg_system_bell_v1.h>

#include "server.h"
#include "tile.h"
#include "toplevel.h"

// A program that is silent for as long hangs: it was asked to close, and somebody waits.
enum { PING_TIMEOUT_MS = 5000 };

// global_filter.c says who sees which of them.
static bool create_surface_globals(struct server *server) {
	struct wl_display *display = server->display;
	server->compositor = wlr_compositor_create(display, 6, server->renderer);
	if (server->compositor == NULL || wlr_subcompositor_create(display) == NULL ||
		wlr_shm_create_with_renderer(display, 2, server->renderer) == NULL) {
		return false;
	}
	if (wlr_renderer_get_texture_formats(server->renderer, WLR_BUFFER_CAP_DMABUF) != NULL) {
		struct wlr_linux_dmabuf_v1 *dmabuf = wlr_linux_dmabuf_v1_create_with_renderer(
			display, 5, server->renderer);
		if (dmabuf != NULL) {
			wlr_scene_set_linux_dmabuf_v1(server->scene, dmabuf);
		}
	}
	return wlr_viewporter_create(display) != NULL &&
		wlr_single_pixel_buffer_manager_v1_create(display) != NULL &&
		wlr_fractional_scale_manager_v1_create(display, 1) != NULL &&
		wlr_presentation_create(display, server->backend, 2) != NULL &&
		wlr_alpha_modifier_v1_create(display) != NULL &&
		wlr_fixes_create(display, 1) != NULL;
}

// For programs from before xdg-decoration, such as those of GTK 3.
static bool create_old_decoration(struct wl_display *display) {
	struct wlr_server_decoration_manager *manager = wlr_server_decoration_manager_create(
		display);
	if (manager == NULL) {
		return false;
	}
	wlr_server_decoration_manager_set_default_mode(
		manager, WLR_SERVER_DECORATION_MANAGER_MODE_SERVER);
	return true;
}

static bool create_public_globals(struct server *server) {
	struct wl_display *display = server->display;
	return wlr_data_device_manager_create(display) != NULL && create_old_decoration(display) &&
		wlr_primary_selection_v1_device_manager_create(display) != NULL &&
		wlr_data_control_manager_v1_create(display) != NULL &&
		wlr_ext_data_control_manager_v1_create(display, 1) != NULL &&
		wlr_xdg_output_manager_v1_create(display, server->output_layout) != NULL &&
		wlr_screencopy_manager_v1_create(display) != NULL &&
		wlr_ext_image_copy_capture_manager_v1_create(display, 1) != NULL &&
		wlr_ext_output_image_capture_source_manager_v1_create(display, 1) != NULL;
}

bool globals_init(struct server *server) {
	struct wl_display *display = server->display;
	struct globals *globals = calloc(1, sizeof(*globals));
	if (globals == NULL) {
		return false;
	}
	globals->server = server;
	server->globals = globals;
	if (!create_surface_globals(server) || !create_public_globals(server)) {
		return false;
	}
	globals->xdg_shell = wlr_xdg_shell_create(display, 6);
	if (globals->xdg_shell != NULL) {
		globals->xdg_shell->ping_timeout = PING_TIMEOUT_MS;
	}
	globals->xdg_decoration = wlr_xdg_decoration_manager_v1_create(display);
	globals->toplevel_capture = wlr_ext_foreign_toplevel_image_capture_source_manager_v1_create(
		display, 1);
	globals->virtual_keyboard = wlr_virtual_keyboard_manager_v1_create(display);
	globals->virtual_pointer = wlr_virtual_pointer_manager_v1_create(display);
	globals->pointer_constraints = wlr_pointer_constraints_v1_create(display);
	globals->relative_pointer = wlr_relative_pointer_manager_v1_create(display);
	globals->pointer_gestures = wlr_pointer_gestures_v1_create(display);
	globals->tablet = wlr_tablet_v2_create(display);
	globals->cursor_shape = wlr_cursor_shape_manager_v1_create(display, 1);
	globals->system_bell = wlr_xdg_system_bell_v1_create(display, 1);
	if (globals->xdg_shell == NULL || globals->xdg_decoration == NULL ||
		globals->toplevel_capture == NULL || globals->virtual_keyboard == NULL ||
		globals->virtual_pointer == NULL || globals->pointer_constraints == NULL ||
		globals->relative_pointer == NULL || globals->pointer_gestures == NULL ||
		globals->tablet == NULL || globals->cursor_shape == NULL ||
		globals->system_bell == NULL) {
		return false;
	}
	return true;
}

void globals_finish(struct server *server) {
	if (server->globals == NULL) {
		return;
	}
	free(server->globals);
	server->globals = NULL;
}

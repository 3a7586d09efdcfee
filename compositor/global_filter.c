#include "global_filter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_security_context_v1.h>

#include "log.h"
#include "machine.h"
#include "server.h"

enum audience {
	PUBLIC = 1 << 0,
	SANDBOX = 1 << 1,
	BRIDGE = 1 << 2,
	PROGRAMS = PUBLIC | SANDBOX,
	ALL = PUBLIC | SANDBOX | BRIDGE,
};

// In the order of the names. What is PUBLIC alone lets a program see other windows or the screen,
// read what is copied, act as a keyboard or a pointer, change the screens, or lie above and below
// everything. What is not for bridges: a guest that has taken over its bridge gets no more than a
// window, a seat and a pointer.
static const struct row {
	const char *interface;
	uint8_t audience;
} rows[] = {
	{"ext_data_control_manager_v1", PUBLIC},
	{"ext_foreign_toplevel_image_capture_source_manager_v1", PUBLIC},
	{"ext_foreign_toplevel_list_v1", PUBLIC},
	{"ext_idle_notifier_v1", PROGRAMS},
	{"ext_image_copy_capture_manager_v1", PUBLIC},
	{"ext_output_image_capture_source_manager_v1", PUBLIC},
	{"ext_session_lock_manager_v1", PUBLIC},
	{"ext_workspace_manager_v1", PUBLIC},
	{"org_kde_kwin_server_decoration_manager", PROGRAMS},
	{"redecho_machine_v1", BRIDGE},
	{"wl_compositor", ALL},
	{"wl_data_device_manager", PROGRAMS},
	{"wl_fixes", PROGRAMS},
	{"wl_output", ALL},
	{"wl_seat", ALL},
	{"wl_shm", ALL},
	{"wl_subcompositor", ALL},
	{"wp_alpha_modifier_v1", PROGRAMS},
	{"wp_color_manager_v1", PROGRAMS},
	{"wp_color_representation_manager_v1", PROGRAMS},
	{"wp_content_type_manager_v1", PROGRAMS},
	{"wp_cursor_shape_manager_v1", ALL},
	{"wp_drm_lease_device_v1", PUBLIC},
	{"wp_fractional_scale_manager_v1", ALL},
	{"wp_linux_drm_syncobj_manager_v1", PROGRAMS},
	{"wp_presentation", ALL},
	{"wp_security_context_manager_v1", PUBLIC},
	{"wp_single_pixel_buffer_manager_v1", ALL},
	{"wp_tearing_control_manager_v1", PROGRAMS},
	{"wp_viewporter", ALL},
	{"xdg_activation_v1", PROGRAMS},
	{"xdg_system_bell_v1", PROGRAMS},
	{"xdg_toplevel_icon_manager_v1", PROGRAMS},
	{"xdg_toplevel_tag_manager_v1", PROGRAMS},
	{"xdg_wm_base", ALL},
	{"xdg_wm_dialog_v1", PROGRAMS},
	{"zwlr_data_control_manager_v1", PUBLIC},
	{"zwlr_foreign_toplevel_manager_v1", PUBLIC},
	{"zwlr_gamma_control_manager_v1", PUBLIC},
	{"zwlr_layer_shell_v1", PUBLIC},
	{"zwlr_output_manager_v1", PUBLIC},
	{"zwlr_output_power_manager_v1", PUBLIC},
	{"zwlr_screencopy_manager_v1", PUBLIC},
	{"zwlr_virtual_pointer_manager_v1", PUBLIC},
	{"zwp_idle_inhibit_manager_v1", PROGRAMS},
	{"zwp_input_method_manager_v2", PUBLIC},
	{"zwp_keyboard_shortcuts_inhibit_manager_v1", PUBLIC | BRIDGE}, // where the user allows it
	{"zwp_linux_dmabuf_v1", ALL},
	{"zwp_pointer_constraints_v1", ALL},
	{"zwp_pointer_gestures_v1", PROGRAMS},
	{"zwp_primary_selection_device_manager_v1", PROGRAMS},
	{"zwp_relative_pointer_manager_v1", ALL},
	{"zwp_tablet_manager_v2", PROGRAMS},
	{"zwp_text_input_manager_v3", PROGRAMS},
	{"zwp_virtual_keyboard_manager_v1", PUBLIC},
	{"zxdg_decoration_manager_v1", PROGRAMS},
	{"zxdg_exporter_v1", PROGRAMS},
	{"zxdg_exporter_v2", PROGRAMS},
	{"zxdg_importer_v1", PROGRAMS},
	{"zxdg_importer_v2", PROGRAMS},
	{"zxdg_output_manager_v1", PUBLIC},
};

static int compare(const void *key, const void *element) {
	return strcmp(key, ((const struct row *)element)->interface);
}

const struct wlr_security_context_v1_state *global_filter_sandbox(
	const struct server *server, const struct wl_client *client) {
	return wlr_security_context_manager_v1_lookup_client(server->security_contexts, client);
}

static enum audience audience_of(const struct server *server, const struct wl_client *client) {
	if (machine_from_client(client) != NULL) {
		return BRIDGE;
	}
	return global_filter_sandbox(server, client) != NULL ? SANDBOX : PUBLIC;
}

static bool filter_global(
	const struct wl_client *client, const struct wl_global *global, void *data) {
	const char *name = wl_global_get_interface(global)->name;
	const struct row *row = bsearch(
		name, rows, sizeof(rows) / sizeof(rows[0]), sizeof(rows[0]), compare);
	if (row == NULL) {
		log_error("%s is in no row of global_filter.c: nobody sees it", name);
		return false;
	}
	return (row->audience & audience_of(data, client)) != 0;
}

bool global_filter_init(struct server *server) {
	server->security_contexts = wlr_security_context_manager_v1_create(server->display);
	wl_display_set_global_filter(server->display, filter_global, server);
	return server->security_contexts != NULL;
}

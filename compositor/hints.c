#include "hints.h"

#include <stdlib.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_color_management_v1.h>
#include <wlr/types/wlr_color_representation_v1.h>
#include <wlr/types/wlr_content_type_v1.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_dialog_v1.h>
#include <wlr/types/wlr_xdg_foreign_registry.h>
#include <wlr/types/wlr_xdg_foreign_v1.h>
#include <wlr/types/wlr_xdg_foreign_v2.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/types/wlr_xdg_toplevel_icon_v1.h>
#include <wlr/types/wlr_xdg_toplevel_tag_v1.h>

#include "server.h"
#include "titlebar.h"
#include "toplevel.h"

// Of an icon's name, a tag or a description, in bytes.
#define TEXT_MAX 256

// text is a member of toplevel.
static void set_text(struct toplevel *toplevel, char **text, const char *untrusted_text) {
	free(*text);
	*text = untrusted_text != NULL ? titlebar_filter_text(untrusted_text, TEXT_MAX) : NULL;
	toplevel_tell_later(toplevel);
}

static void handle_set_icon(struct wl_listener *listener, void *data) {
	const struct wlr_xdg_toplevel_icon_manager_v1_set_icon_event *event = data;
	struct toplevel *toplevel = event->toplevel->base->data;
	if (toplevel != NULL) {
		set_text(toplevel, &toplevel->icon, event->icon != NULL ? event->icon->name : NULL);
	}
}

static void handle_set_tag(struct wl_listener *listener, void *data) {
	const struct wlr_xdg_toplevel_tag_manager_v1_set_tag_event *event = data;
	struct toplevel *toplevel = event->toplevel->base->data;
	if (toplevel != NULL) {
		set_text(toplevel, &toplevel->tag, event->tag);
	}
}

static void handle_set_description(struct wl_listener *listener, void *data) {
	const struct wlr_xdg_toplevel_tag_manager_v1_set_description_event *event = data;
	struct toplevel *toplevel = event->toplevel->base->data;
	if (toplevel != NULL) {
		set_text(toplevel, &toplevel->description, event->description);
	}
}

bool hints_is_modal(const struct toplevel *toplevel) {
	const struct wlr_xdg_dialog_v1 *dialog = wlr_xdg_dialog_v1_try_from_wlr_xdg_toplevel(
		toplevel->xdg);
	return dialog != NULL && dialog->modal;
}

const char *hints_content_type(const struct server *server, struct wlr_surface *surface) {
	static const char *const names[] = {
		[WP_CONTENT_TYPE_V1_TYPE_NONE] = "none",
		[WP_CONTENT_TYPE_V1_TYPE_PHOTO] = "photo",
		[WP_CONTENT_TYPE_V1_TYPE_VIDEO] = "video",
		[WP_CONTENT_TYPE_V1_TYPE_GAME] = "game",
	};
	return names[wlr_surface_get_content_type_v1(server->hints->content_type, surface)];
}

// --- colours ------------------------------------------------------------------------------

static bool create_colours(struct server *server) {
	if (!server->renderer->features.input_color_transform) {
		return true; // a program would be told of what is not drawn
	}
	const enum wp_color_manager_v1_render_intent intents[] = {
		WP_COLOR_MANAGER_V1_RENDER_INTENT_PERCEPTUAL};
	struct wlr_color_manager_v1_options options = {
		.features = {.parametric = true, .set_mastering_display_primaries = true},
		.render_intents = intents,
		.render_intents_len = sizeof(intents) / sizeof(intents[0]),
	};
	enum wp_color_manager_v1_transfer_function
		*functions = wlr_color_manager_v1_transfer_function_list_from_renderer(
			server->renderer, &options.transfer_functions_len);
	enum wp_color_manager_v1_primaries
		*primaries = wlr_color_manager_v1_primaries_list_from_renderer(
			server->renderer, &options.primaries_len);
	options.transfer_functions = functions;
	options.primaries = primaries;
	struct wlr_color_manager_v1 *manager = wlr_color_manager_v1_create(
		server->display, 1, &options);
	free(functions);
	free(primaries);
	if (manager != NULL) {
		wlr_scene_set_color_manager_v1(server->scene, manager);
	}
	return manager != NULL &&
		wlr_color_representation_manager_v1_create_with_renderer(
			server->display, 1, server->renderer) != NULL;
}

// --- coming and going ---------------------------------------------------------------------

bool hints_init(struct server *server) {
	struct wl_display *display = server->display;
	struct hints *hints = calloc(1, sizeof(*hints));
	struct wlr_xdg_toplevel_icon_manager_v1 *icons = wlr_xdg_toplevel_icon_manager_v1_create(
		display, 1);
	struct wlr_xdg_toplevel_tag_manager_v1 *tags = wlr_xdg_toplevel_tag_manager_v1_create(
		display, 1);
	struct wlr_xdg_foreign_registry *registry = wlr_xdg_foreign_registry_create(display);
	if (hints == NULL || icons == NULL || tags == NULL || registry == NULL) {
		free(hints);
		return false;
	}
	hints->server = server;
	server->hints = hints;
	hints->content_type = wlr_content_type_manager_v1_create(display, 1);
	hints->set_icon.notify = handle_set_icon;
	wl_signal_add(&icons->events.set_icon, &hints->set_icon);
	hints->set_tag.notify = handle_set_tag;
	wl_signal_add(&tags->events.set_tag, &hints->set_tag);
	hints->set_description.notify = handle_set_description;
	wl_signal_add(&tags->events.set_description, &hints->set_description);
	return hints->content_type != NULL && wlr_xdg_wm_dialog_v1_create(display, 1) != NULL &&
		wlr_xdg_foreign_v1_create(display, registry) != NULL &&
		wlr_xdg_foreign_v2_create(display, registry) != NULL && create_colours(server);
}

void hints_finish(struct server *server) {
	struct hints *hints = server->hints;
	if (hints == NULL) {
		return;
	}
	wl_list_remove(&hints->set_icon.link);
	wl_list_remove(&hints->set_tag.link);
	wl_list_remove(&hints->set_description.link);
	free(hints);
	server->hints = NULL;
}

#ifndef LAYER_H
#define LAYER_H

#include <stdbool.h>
#include <wayland-server-core.h>
#include <wlr/util/box.h>

#include "scene_owner.h"

struct output;
struct server;

/**
 * A surface of wlr-layer-shell-unstable-v1: a wallpaper, a bar, a launcher, a message. It lies on
 * one output, in one of four layers, and may keep an edge of the output free of windows.
 *
 * Who has the keyboard: of the surfaces in `top` and `overlay` that ask for it exclusively the
 * topmost has it as long as it is shown. One that takes it on demand has it from when it is
 * shown above the windows, or clicked, until a window is.
 */
struct layer {
	struct scene_owner owner; // SCENE_OWNER_LAYER
	struct server *server;
	struct output *output;
	struct wlr_layer_surface_v1 *wlr;
	struct wlr_scene_tree *tree; // its surfaces, at box's origin
	struct wlr_scene_tree *popups; // above the windows, at box's origin
	struct wlr_box box; // in layout coordinates
	bool mapped;
	bool configured; // with the size of box
	struct wl_list link; // layer_shell.layers

	struct wl_listener commit;
	struct wl_listener map;
	struct wl_listener unmap;
	struct wl_listener new_popup;
	struct wl_listener destroy;
};

struct layer_shell {
	struct server *server;
	struct wlr_layer_shell_v1 *wlr;
	struct wl_list layers; // layer.link, in the order they were made
	struct layer *on_demand; // that has the keyboard until a window has it; may be NULL

	struct wl_listener new_surface;
};

bool layer_init(struct server *server);
void layer_finish(struct server *server);

/**
 * The output's box, or what lies on it, has changed: place every surface on it, and find what is
 * left for windows, output.usable.
 */
void layer_arrange(struct output *output);

/** The output goes: its surfaces are closed. */
void layer_close_all(struct output *output);

/** A button went down on it, or a finger: it gets the keyboard if it takes it. */
void layer_press(struct layer *layer);

/** The user turned to a window, or to the background: what has the keyboard on demand loses it. */
void layer_yield(struct server *server);

/** The layer that an owner is part of, or NULL. owner may be NULL. */
struct layer *layer_from_owner(struct scene_owner *owner);

/** "background", "bottom", "top", "overlay". */
const char *layer_kind_name(const struct layer *layer);

/** True while keys go to it. */
bool layer_has_keyboard(const struct layer *layer);

#endif

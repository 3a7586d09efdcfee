#ifndef SCENE_OWNER_H
#define SCENE_OWNER_H

#include <stdbool.h>

struct server;
struct wlr_surface;

enum scene_owner_kind {
	SCENE_OWNER_TILE, // struct tile
	SCENE_OWNER_LAYER, // a layer-shell surface
	SCENE_OWNER_LOCK, // a surface of the session lock
	SCENE_OWNER_HOST, // drawn by the compositor itself: a dialog, a bar
};

/**
 * Whose a node of the scene is. It is embedded in its object; the data of the object's topmost
 * scene node points to it, and no other data of a node is ever set to something else.
 */
struct scene_owner {
	enum scene_owner_kind kind;
};

/** The owner of what is at a point of the layout, or NULL. */
struct scene_owner *scene_owner_at(struct server *server, double lx, double ly);

/** The surface of a client at a point of the layout, and where that is on it; or NULL. */
struct wlr_surface *scene_surface_at(
	struct server *server, double lx, double ly, double *sx, double *sy);

#endif

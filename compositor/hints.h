#ifndef HINTS_H
#define HINTS_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct server;
struct toplevel;
struct wlr_surface;

/**
 * What programs tell of their windows beyond title and app_id: xdg-toplevel-icon-v1 (the icon's
 * name), xdg-toplevel-tag-v1, xdg-dialog-v1 and content-type-v1; and xdg-foreign, by which one
 * program's dialog belongs to another's window. The texts are kept in struct toplevel, for IPC.
 * Where the renderer can do it, colours have a meaning: color-management-v1 and
 * color-representation-v1.
 */
struct hints {
	struct server *server;
	struct wlr_content_type_manager_v1 *content_type;

	struct wl_listener set_icon;
	struct wl_listener set_tag;
	struct wl_listener set_description;
};

/** Make server->hints. */
bool hints_init(struct server *server);
void hints_finish(struct server *server);

/** Whether it is a dialog that its parent waits for. */
bool hints_is_modal(const struct toplevel *toplevel);

/** What a surface says that it shows: "none", "photo", "video" or "game". */
const char *hints_content_type(const struct server *server, struct wlr_surface *surface);

#endif

#ifndef WORKSPACE_HANDLE_H
#define WORKSPACE_HANDLE_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct server;

/**
 * The desk's workspaces as bars and pagers see them: ext-workspace-v1. Each output is a group.
 *
 * What such a client asks for is asked for by the user: a workspace is shown, made, or goes to
 * another output. It goes by itself when it is empty and not shown. All is told once a turn of
 * the event loop.
 */
struct workspace_handles {
	struct server *server;
	struct wlr_ext_workspace_manager_v1 *manager;
	struct wl_event_source *telling; // may be NULL

	struct wl_listener change;
	struct wl_listener commit;
};

/** Make server->workspace_handles. */
bool workspace_handle_init(struct server *server);
void workspace_handle_finish(struct server *server);

#endif

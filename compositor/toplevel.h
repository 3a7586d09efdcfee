#ifndef TOPLEVEL_H
#define TOPLEVEL_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

struct machine;
struct output;
struct server;
struct tile;

/**
 * An xdg_toplevel. A machine's takes the tile that its placeholder holds, with the first
 * configure already; any other gets a tile when it maps.
 */
struct toplevel {
	struct server *server;
	struct wlr_xdg_toplevel *xdg;
	struct machine *machine; // NULL: an ordinary client
	struct tile *tile; // may be NULL
	struct wlr_scene_tree *tree; // its surfaces, clipped to the tile; NULL unless mapped
	struct wlr_scene_tree *popups; // NULL unless mapped
	struct wlr_xdg_toplevel_decoration_v1 *decoration; // may be NULL
	bool mapped;
	bool suspended; // nobody sees it; see suspend.h
	bool invited; // a good activation token came before it was mapped
	bool closing; // a close event was sent
	bool unresponsive; // no answer to a ping, and nothing shown since
	uint32_t display; // of the machine, from 1; 0: it has but one. See display.h
	char *display_title; // NULL: the machine's
	struct wl_event_source *telling; // of a new title or app_id; may be NULL
	char *icon, *tag, *description; // see hints.h; filtered; may be NULL

	struct wl_listener commit;
	struct wl_listener map;
	struct wl_listener unmap;
	struct wl_listener destroy;
	struct wl_listener ping_timeout;
	struct wl_listener request_maximize;
	struct wl_listener request_fullscreen;
	struct wl_listener request_move;
	struct wl_listener request_resize;
	struct wl_listener set_title;
	struct wl_listener set_app_id;
	struct wl_listener decoration_mode;
	struct wl_listener decoration_destroy;
};

/** Listen for toplevels, popups and decorations. */
void toplevel_init(struct server *server);
void toplevel_finish(struct server *server);

/** Tell the client the scale of its tile's output; to be done before toplevel_configure(). */
void toplevel_send_output(struct toplevel *toplevel);

/** Tell the client the size of its tile, whether it is activated, tiled, fullscreen. */
void toplevel_configure(struct toplevel *toplevel);

/** Cut its surfaces to the tile's content: nothing of a client is drawn outside its tile. */
void toplevel_clip(struct toplevel *toplevel);

/** Something that the client says of it has changed: tell who listens, once a turn of the loop. */
void toplevel_tell_later(struct toplevel *toplevel);

/** Its main surface, or NULL while it is not mapped. */
struct wlr_surface *toplevel_surface(const struct toplevel *toplevel);

#endif

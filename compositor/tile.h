#ifndef TILE_H
#define TILE_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/util/box.h>

#include "floating.h"
#include "idle.h"
#include "rule.h"
#include "scene_owner.h"

struct config;
struct identity;
struct layout_node;
struct machine;
struct paused;
struct placeholder;
struct server;
struct toplevel;
struct workspace;

/** The frame of a window. */
enum tile_border {
	TILE_BORDER_NORMAL, // border and title bar
	TILE_BORDER_PIXEL, // the border alone
	TILE_BORDER_NONE,
};

/**
 * A window of the desk: a box in a workspace with a border and a title bar. What is inside
 * is a toplevel, or, while a machine has none, the machine's placeholder. IPC calls it a
 * window.
 */
struct tile {
	struct scene_owner owner;
	struct server *server;
	uint32_t id; // unique while the server lives
	struct workspace *workspace;
	struct layout_node *node; // its leaf in workspace.layout; NULL: it floats
	struct floating floating;
	struct toplevel *toplevel; // may be NULL; not shown before it is mapped
	struct machine *machine; // NULL: an ordinary Wayland client
	struct placeholder *placeholder; // NULL: the toplevel is shown
	struct identity *identity; // over a machine that fills the screen; else NULL
	struct paused *paused; // over a machine that is paused; else NULL
	struct foreign_window *foreign; // what other clients are told of it; may be NULL
	uint32_t display; // toplevel.display, also when that is gone
	bool focused;
	bool fullscreen;
	bool keeps_keys; // the user ended pass-through: its client does not get it again
	enum tile_border border; // what the user made of it; a machine's is always whole
	unsigned rules_matched; // see struct rule_place
	enum rule_switch rule_focus, rule_fullscreen; // what rules say of it
	bool resizing; // the pointer drags its edges
	uint64_t urgent; // the later it was marked the greater; 0: it is not. See urgency.h
	bool sticky; // while it floats it is on whichever workspace its output shows
	enum idle_inhibit idle_inhibit; // as the user said
	char *scratchpad; // the one that it belongs to; NULL: to none

	struct wlr_box box; // with its border, in layout coordinates
	struct wlr_box content; // without it, in layout coordinates

	struct wlr_scene_tree *tree; // at box's origin
	struct wlr_scene_tree *body; // frame, backdrop, content: hidden behind another tab
	struct wlr_scene_rect *frame; // what shows of it is the border
	struct wlr_scene_rect *mark; // the inner part of the border, while it is urgent
	struct wlr_scene_rect *backdrop; // behind a client that is smaller than its tile
	struct wlr_scene_tree *content_tree; // at content's origin
	struct wlr_scene_buffer *title_bar;
	struct wlr_box title; // relative to box; empty: none is drawn
	char *title_key; // what the title bar was drawn from; may be NULL

	struct wl_list link; // server.tiles
	struct wl_list workspace_link; // workspace.tiles
	struct wl_list history_link; // history.tiles
};

/**
 * Make a tile for a machine (toplevel NULL) or a toplevel (machine as it may be), beside the
 * focused tile of the active workspace. It is not focused.
 */
struct tile *tile_create(struct server *server, struct machine *machine, struct toplevel *toplevel);

/** Remove the tile; the focus goes to the one that had it before. */
void tile_destroy(struct tile *tile);

struct tile *tile_find(struct server *server, uint32_t id);

/** The tile that has the keyboard focus, or NULL. */
struct tile *tile_focused(struct server *server);

/** Show the tile's workspace and give it the keyboard. */
void tile_focus(struct tile *tile);

/** The same where no user chose it: what has the keyboard on demand (layer.h) keeps it. */
void tile_refocus(struct tile *tile);

/** True when a tile that has come up may take the focus by itself. */
bool tile_wants_focus(const struct tile *tile);

/**
 * Let the toplevel have the tile. Until it is mapped the placeholder stays, and the
 * toplevel is told the size.
 */
void tile_set_toplevel(struct tile *tile, struct toplevel *toplevel);

/** Its toplevel was unmapped: a machine shows its placeholder again, any other tile goes. */
void tile_lose_toplevel(struct tile *tile);

/** Place it where the layout, or fullscreen, has it, and tell the client. */
void tile_arrange(struct tile *tile);

/** A tile that hides the focused one gets the focus: keys go to no window that is not seen. */
void tile_set_fullscreen(struct tile *tile, bool fullscreen);

/** True when full screen would put it before the tile that has the focus. */
bool tile_hides_focus(const struct tile *tile);

void tile_move_to_workspace(struct tile *tile, struct workspace *workspace);

/** The same without a word to the focus: for what stays in sight while workspaces change. */
void tile_set_workspace(struct tile *tile, struct workspace *workspace);

/** Put its scene nodes where they belong: among the tiles, what floats, or what is full screen. */
void tile_find_layer(struct tile *tile);

/** Exchange the places of two tiles that do not float. */
void tile_swap(struct tile *a, struct tile *b);

/** True when its title bar, or its tab, is at a point of the layout. */
bool tile_title_holds(const struct tile *tile, double lx, double ly);

/** The colour that its border has with the focus, 0xRRGGBB. */
uint32_t tile_border_colour(const struct tile *tile);

/**
 * What a border's colour is dimmed to: not at all with the focus, least for the tab that is seen
 * of several.
 */
uint32_t tile_shade(const struct config *config, uint32_t colour, bool focused, bool seen);

/** Its frame. Of a machine nothing but TILE_BORDER_NORMAL is taken: false. */
bool tile_set_border(struct tile *tile, enum tile_border border);

/** normal, pixel, none. */
bool tile_border_read(const char *word, enum tile_border *border);
const char *tile_border_name(enum tile_border border);

/** True when its title bar is enough to tell whose it is. */
bool tile_may_lack_border(const struct tile *tile);

/** The workspace's style with the tile's own border and title. */
struct layout_style tile_style(const struct tile *tile);

/** Whether it is on a screen, and no tab or full-screen window is before it. */
bool tile_is_visible(const struct tile *tile);

/** Draw border and title bar anew: title, label, focus or scale changed. */
void tile_update(struct tile *tile);

/**
 * Ask it to close: a machine's power button, once; a client's close event (xdg-shell), or that of
 * a machine's further display, which pulls the display's plug.
 */
void tile_ask_to_close(struct tile *tile);

/** The same at the user's wish; the second time kill a machine, or a client that hangs. */
void tile_close(struct tile *tile);

/** End the machine or the client at once. */
void tile_kill(struct tile *tile);

/** What the title bar says: for a machine its name and title as redecho-vmd told them. */
const char *tile_title(const struct tile *tile);

/** The machine's label; an ordinary client has one that no machine can have. */
const char *tile_label(const struct tile *tile);

/** The tile under a point of the layout, or NULL. */
struct tile *tile_at(struct server *server, double lx, double ly);

#endif

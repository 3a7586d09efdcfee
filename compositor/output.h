#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <wayland-server-core.h>
#include <wlr/util/box.h>

#include "output_frame.h"
#include "output_settings.h"

struct output_record;
struct server;
struct workspace;

/** One screen. Those that are enabled have a place in the desk and show a workspace. */
struct output {
	struct server *server;
	struct wlr_output *wlr_output;
	struct wlr_scene_output *scene_output;
	struct wlr_scene_rect *background; // NULL while it is not enabled
	struct workspace *workspace; // the one that is shown; NULL only while it is not enabled
	struct output_record *record; // what is remembered of it
	char *identifier; // "make model serial"; NULL: it tells none of them
	struct output_settings settings; // those in force, once it is configured
	bool configured; // it was set up since it came
	int native_width, native_height; // its mode when it came
	struct wlr_box box; // in layout coordinates
	struct wlr_box usable; // what is left for tiles, relative to box
	bool enabled; // false: it is in server.disabled_outputs
	bool leaving; // output_leave() is at work: nothing is placed on it any more
	struct wl_list link; // server.outputs or server.disabled_outputs

	struct output_frame frame;

	struct wl_listener request_state;
	struct wl_listener destroy;
};

/** Listen for the backend's outputs. */
void output_init(struct server *server);
void output_finish(struct server *server);

/** The enabled output with that name of a connector, or "make model serial", or NULL. */
struct output *output_find(struct server *server, const char *name);

/** The same, whether it is enabled or not. */
struct output *output_find_any(struct server *server, const char *name);

/** The output at a point of the layout, or NULL. */
struct output *output_at(struct server *server, double lx, double ly);

/** The next output in a direction, or NULL. */
struct output *output_adjacent(struct output *output, int dx, int dy);

/** Scale in 120ths, as in fractional-scale-v1. */
int output_scale_120(const struct output *output);

/** Its box or output.usable changed: place the windows of all its workspaces. */
void output_arrange_windows(struct output *output);

/** True while it is lit. */
bool output_is_lit(const struct output *output);

/** It has a place in the layout: it shows a workspace from now on. */
void output_enter(struct output *output);

/** It leaves the layout; its workspaces go to other outputs. Nothing if it is not enabled. */
void output_leave(struct output *output);

/** Boxes, backgrounds and workspaces after the layout or anything in it has changed. */
void output_arrange_all(struct server *server);

/** There is a new renderer. */
void output_renew_renderer(struct server *server);

#endif

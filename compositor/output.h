#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <wayland-server-core.h>
#include <wlr/util/box.h>

struct server;
struct workspace;

/** One screen. */
struct output {
	struct server *server;
	struct wlr_output *wlr_output;
	struct wlr_scene_output *scene_output;
	struct wlr_scene_rect *background;
	struct workspace *workspace; // the one that is shown; NULL only while being destroyed
	struct wlr_box box; // in layout coordinates
	struct wlr_box usable; // what is left for tiles, relative to box
	bool enabled; // false: configured to be off, and in server.disabled_outputs
	struct wl_list link; // server.outputs or server.disabled_outputs

	struct wl_listener frame;
	struct wl_listener request_state;
	struct wl_listener destroy;
};

/** Listen for the backend's outputs. */
void output_init(struct server *server);
void output_finish(struct server *server);

/** The output with that name, or NULL. */
struct output *output_find(struct server *server, const char *name);

/** The output at a point of the layout, or NULL. */
struct output *output_at(struct server *server, double lx, double ly);

/** The next output in a direction, or NULL. */
struct output *output_adjacent(struct output *output, int dx, int dy);

/** Scale in 120ths, as in fractional-scale-v1. */
int output_scale_120(const struct output *output);

/** Its box or output.usable changed: place the windows of all its workspaces. */
void output_arrange_windows(struct output *output);

/** The configuration was read again: mode, scale, transform, position of every output. */
void output_reconfigure_all(struct server *server);

#endif

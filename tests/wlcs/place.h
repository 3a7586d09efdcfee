#ifndef PLACE_H
#define PLACE_H

#include <stdbool.h>

struct wlr_surface;

/**
 * Let the window of a surface float, with its geometry's top left corner at a point of the layout,
 * and above the others. A layer surface is shown there, too, in its layer. Returns false for any
 * other surface.
 */
bool place_window(struct wlr_surface *surface, int lx, int ly);

#endif

/**
 * Shapes as lists of straight edges, and how much of each pixel they cover.
 */
#ifndef GK_CORE_PATH_H
#define GK_CORE_PATH_H

#include <stdbool.h>

#include "core/heap.h"
#include "gk/draw.h"

struct path_edge {
	gk_fixed x0, y0; // the upper end
	gk_fixed x1, y1;
	int direction; // 1 if it was drawn downwards, -1 if upwards
};

struct gk_path {
	struct heap *heap;
	struct path_edge *edges; // ordered by y0 when filled
	int edge_count;
	int edge_capacity;
	bool sorted;
	bool failed; // out of memory
	gk_fixed start_x, start_y; // of the contour
	gk_fixed x, y;
	gk_fixed left, top, right, bottom; // of all edges
};

/** Make an empty shape in memory that is already there. Nothing fails here. */
void path_init(struct gk_path *path, struct heap *heap);

/** Free what it holds. */
void path_finish(struct gk_path *path);

/**
 * Called for a run of pixels of one row that are covered alike; coverage is 1 to 255, 255 for
 * pixels wholly inside.
 */
typedef void (*path_span)(void *data, int x, int y, int length, int coverage);

/** Give all covered pixels inside of bounds to span. Returns false without memory. */
bool path_rasterize(struct gk_path *path, struct gk_rect bounds, path_span span, void *data);

/** Returns the pixels that the shape touches, none if it is empty. */
struct gk_rect path_bounds(const struct gk_path *path);

#endif

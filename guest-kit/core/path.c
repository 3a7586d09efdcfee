#include "core/path.h"

#include <string.h>

// Exact area coverage. For each row a line of numbers is kept, one a pixel: how much the covered
// part of this pixel differs from that of the pixel to its left. An edge changes it only where it
// passes; the running sum, made positive and cut at 1, is the coverage.

#define FAR 32000.0f // edges beyond this are pulled in, so that ints hold every coordinate
#define CURVE_STEPS_MAX 64

void path_init(struct gk_path *path, struct heap *heap) {
	*path = (struct gk_path){.heap = heap};
	gk_path_clear(path);
}

void path_finish(struct gk_path *path) {
	heap_free(path->heap, path->edges);
}

void gk_path_clear(struct gk_path *path) {
	path->edge_count = 0;
	path->sorted = false;
	path->failed = false;
	path->start_x = path->start_y = path->x = path->y = 0;
	path->left = path->top = FAR;
	path->right = path->bottom = -FAR;
}

static float least(float a, float b) {
	return a < b ? a : b;
}

static float most(float a, float b) {
	return a > b ? a : b;
}

static int floor_of(float value) {
	int truncated = (int)value;
	return truncated - (value < (float)truncated);
}

static float tame(float value) {
	return value > -FAR ? least(value, FAR) : -FAR; // false for NaN as well
}

static bool grow(struct gk_path *path) {
	int capacity = path->edge_capacity != 0 ? path->edge_capacity * 2 : 64;
	struct path_edge *edges = heap_allocate(path->heap, (size_t)capacity * sizeof(*edges), 16);
	if (edges == NULL) {
		path->failed = true;
		return false;
	}
	if (path->edge_count > 0) {
		memcpy(edges, path->edges, (size_t)path->edge_count * sizeof(*edges));
	}
	heap_free(path->heap, path->edges);
	path->edges = edges;
	path->edge_capacity = capacity;
	return true;
}

static void add_edge(struct gk_path *path, float x0, float y0, float x1, float y1) {
	path->left = least(path->left, least(x0, x1));
	path->right = most(path->right, most(x0, x1));
	path->top = least(path->top, least(y0, y1));
	path->bottom = most(path->bottom, most(y0, y1));
	if (y0 == y1 || (path->edge_count == path->edge_capacity && !grow(path))) {
		return;
	}
	path->sorted = false;
	path->edges[path->edge_count++] = y0 < y1 ? (struct path_edge){x0, y0, x1, y1, 1}
						  : (struct path_edge){x1, y1, x0, y0, -1};
}

static void close_contour(struct gk_path *path) {
	if (path->x != path->start_x || path->y != path->start_y) {
		add_edge(path, path->x, path->y, path->start_x, path->start_y);
		path->x = path->start_x;
		path->y = path->start_y;
	}
}

void gk_path_move(struct gk_path *path, float x, float y) {
	close_contour(path);
	path->start_x = path->x = tame(x);
	path->start_y = path->y = tame(y);
}

void gk_path_line(struct gk_path *path, float x, float y) {
	x = tame(x);
	y = tame(y);
	add_edge(path, path->x, path->y, x, y);
	path->x = x;
	path->y = y;
}

void gk_path_curve(struct gk_path *path, float control_x, float control_y, float x, float y) {
	float x0 = path->x;
	float y0 = path->y;
	// A quadratic strays from n chords by a quarter of this bend / n^2: a tenth of a pixel here.
	float bend = __builtin_fabsf(x0 - 2 * control_x + x) +
		__builtin_fabsf(y0 - 2 * control_y + y);
	int steps = 1 + (int)__builtin_sqrtf(least(bend, FAR) * 2.5f);
	steps = steps > CURVE_STEPS_MAX ? CURVE_STEPS_MAX : steps;
	for (int i = 1; i <= steps; i++) {
		float t = (float)i / (float)steps;
		float a = (1 - t) * (1 - t);
		float b = 2 * t * (1 - t);
		float c = t * t;
		gk_path_line(path, a * x0 + b * control_x + c * x, a * y0 + b * control_y + c * y);
	}
}

static int compare_edges(const struct path_edge *a, const struct path_edge *b) {
	return (a->y0 > b->y0) - (a->y0 < b->y0);
}

// Heap sort: in place, and never slow.
static void sift_down(struct path_edge *edges, int root, int count) {
	for (int child; (child = 2 * root + 1) < count; root = child) {
		if (child + 1 < count && compare_edges(&edges[child], &edges[child + 1]) < 0) {
			child++;
		}
		if (compare_edges(&edges[root], &edges[child]) >= 0) {
			return;
		}
		struct path_edge swap = edges[root];
		edges[root] = edges[child];
		edges[child] = swap;
	}
}

static void sort_edges(struct gk_path *path) {
	int count = path->edge_count;
	for (int i = count / 2; i-- > 0;) {
		sift_down(path->edges, i, count);
	}
	for (int end = count; end-- > 1;) {
		struct path_edge swap = path->edges[0];
		path->edges[0] = path->edges[end];
		path->edges[end] = swap;
		sift_down(path->edges, 0, end);
	}
	path->sorted = true;
}

struct row {
	float *deltas; // one a pixel of bounds, and two more
	int left, width; // of bounds
	int first, last; // the deltas that are not zero lie in [first, last)
};

static void add_delta(struct row *row, int x, float delta) {
	// What lies left of the bounds still covers all that is right of it.
	x = x < 0 ? 0 : x;
	if (x <= row->width) {
		row->deltas[x] += delta;
		row->first = x < row->first ? x : row->first;
		row->last = x + 1 > row->last ? x + 1 : row->last;
	}
}

// Account for the part of an edge inside of one row: from x0 to x1, over a height of dy.
static void add_slice(struct row *row, float x0, float x1, float signed_height) {
	float low = least(x0, x1) - (float)row->left;
	float high = most(x0, x1) - (float)row->left;
	if (high <= 0) {
		add_delta(row, 0, signed_height);
		return;
	}
	if (low >= (float)row->width) {
		return;
	}
	int first = floor_of(low);
	int last = floor_of(high);
	if (first == last) {
		// In one pixel: the area to the right of the edge's middle.
		float middle = (low + high) / 2 - (float)first;
		add_delta(row, first, signed_height * (1 - middle));
		add_delta(row, first + 1, signed_height * middle);
		return;
	}
	float height_a_pixel = signed_height / (high - low);
	for (int x = first; x <= last && x <= row->width; x++) {
		float from = most(low, (float)x) - (float)x;
		float to = least(high, (float)(x + 1)) - (float)x;
		float height = (to - from) * height_a_pixel;
		float middle = (from + to) / 2;
		add_delta(row, x, height * (1 - middle));
		add_delta(row, x + 1, height * middle);
	}
}

static void add_edge_to_row(struct row *row, const struct path_edge *edge, float y) {
	float top = most(edge->y0, y);
	float bottom = least(edge->y1, y + 1);
	if (top >= bottom) {
		return;
	}
	float slope = (edge->x1 - edge->x0) / (edge->y1 - edge->y0);
	float x0 = edge->x0 + (top - edge->y0) * slope;
	float x1 = edge->x0 + (bottom - edge->y0) * slope;
	add_slice(row, x0, x1, (bottom - top) * edge->direction);
}

static void emit_row(struct row *row, int y, path_span span, void *data) {
	float sum = 0;
	int x = row->first;
	int end = row->last < row->width ? row->last : row->width;
	while (x < end) {
		sum += row->deltas[x];
		int start = x++;
		while (x < end && row->deltas[x] == 0) {
			x++;
		}
		// After the last change the sum goes on to the edge of the bounds.
		int stop = x >= end ? row->width : x;
		int coverage = (int)(least(__builtin_fabsf(sum), 1) * 255 + 0.5f);
		if (coverage > 0) {
			span(data, row->left + start, y, stop - start, coverage);
		}
	}
	if (row->first < row->last) {
		memset(row->deltas + row->first, 0,
			(size_t)(row->last - row->first) * sizeof(*row->deltas));
	}
	row->first = row->width + 2;
	row->last = 0;
}

struct gk_rect path_bounds(const struct gk_path *path) {
	if (path->left > path->right) {
		return (struct gk_rect){0};
	}
	int left = floor_of(path->left);
	int top = floor_of(path->top);
	int right = floor_of(path->right) + 1;
	int bottom = floor_of(path->bottom) + 1;
	return (struct gk_rect){left, top, right - left, bottom - top};
}

bool path_rasterize(struct gk_path *path, struct gk_rect bounds, path_span span, void *data) {
	close_contour(path);
	bounds = gk_rect_intersect(bounds, path_bounds(path));
	if (path->failed) {
		return false;
	}
	if (bounds.width <= 0) {
		return true;
	}
	if (!path->sorted) {
		sort_edges(path);
	}
	struct row row = {
		.deltas = heap_allocate(path->heap, ((size_t)bounds.width + 2) * sizeof(float), 16),
		.left = bounds.x,
		.width = bounds.width,
		.first = bounds.width + 2,
	};
	if (row.deltas == NULL) {
		return false;
	}
	int begin = 0;
	for (int y = bounds.y; y < bounds.y + bounds.height; y++) {
		float fy = (float)y;
		while (begin < path->edge_count && path->edges[begin].y1 <= fy) {
			begin++;
		}
		for (int i = begin; i < path->edge_count && path->edges[i].y0 < fy + 1; i++) {
			add_edge_to_row(&row, &path->edges[i], fy);
		}
		emit_row(&row, y, span, data);
	}
	heap_free(path->heap, row.deltas);
	return true;
}

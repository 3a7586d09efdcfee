#include "core/path.h"

#include <string.h>

#include "core/root.h"

// Exact area coverage, in whole numbers. For each row a line of them is kept, one a pixel: how
// much the covered part of this pixel differs from that of the pixel to its left. An edge changes
// it only where it passes; the running sum, made positive and cut at 1, is the coverage. Heights
// and the positions inside of a pixel are in 256ths, so the area 1 is 256 * 2 * 256: twice, because
// the middle of two positions is left as their sum.

#define PIXEL 256
#define FULL (PIXEL * 2 * PIXEL)
#define FAR (32000 * PIXEL) // points beyond this are pulled in, so that differences fit
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

static gk_fixed least(gk_fixed a, gk_fixed b) {
	return a < b ? a : b;
}

static gk_fixed most(gk_fixed a, gk_fixed b) {
	return a > b ? a : b;
}

static gk_fixed tame(gk_fixed value) {
	return value < -FAR ? -FAR : least(value, FAR);
}

// The pixel that a coordinate lies in: a shift rounds down, also below zero.
static int pixel_of(gk_fixed value) {
	return value >> 8;
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

static void add_edge(struct gk_path *path, gk_fixed x0, gk_fixed y0, gk_fixed x1, gk_fixed y1) {
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

void gk_path_move(struct gk_path *path, gk_fixed x, gk_fixed y) {
	close_contour(path);
	path->start_x = path->x = tame(x);
	path->start_y = path->y = tame(y);
}

void gk_path_line(struct gk_path *path, gk_fixed x, gk_fixed y) {
	x = tame(x);
	y = tame(y);
	add_edge(path, path->x, path->y, x, y);
	path->x = x;
	path->y = y;
}

// A point of a quadratic curve, after i of n steps.
static gk_fixed curve_at(int64_t from, int64_t control, int64_t to, int64_t i, int64_t n) {
	int64_t rest = n - i;
	return (gk_fixed)((from * rest * rest + 2 * control * i * rest + to * i * i) / (n * n));
}

static gk_fixed bend(gk_fixed from, gk_fixed control, gk_fixed to) {
	gk_fixed value = from - 2 * control + to;
	return value < 0 ? -value : value;
}

void gk_path_curve(
	struct gk_path *path, gk_fixed control_x, gk_fixed control_y, gk_fixed x, gk_fixed y) {
	gk_fixed x0 = path->x;
	gk_fixed y0 = path->y;
	control_x = tame(control_x);
	control_y = tame(control_y);
	x = tame(x);
	y = tame(y);
	// A quadratic strays from n chords by a quarter of its bend / n^2: a tenth of a pixel here.
	uint64_t bends = (uint64_t)bend(x0, control_x, x) + (uint64_t)bend(y0, control_y, y);
	int steps = 1 + (int)square_root(bends * 5 / (2 * PIXEL));
	steps = steps > CURVE_STEPS_MAX ? CURVE_STEPS_MAX : steps;
	for (int i = 1; i <= steps; i++) {
		gk_path_line(path, curve_at(x0, control_x, x, i, steps),
			curve_at(y0, control_y, y, i, steps));
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
	int32_t *deltas; // one a pixel of bounds, and two more
	gk_fixed left; // of bounds
	int width; // of bounds, in pixels
	int first, last; // the deltas that are not zero lie in [first, last)
};

static void add_delta(struct row *row, int x, int32_t delta) {
	if (x <= row->width) {
		row->deltas[x] += delta;
		row->first = x < row->first ? x : row->first;
		row->last = x + 1 > row->last ? x + 1 : row->last;
	}
}

// What part of a height is passed, when an edge has gone from low to a place on its way to high.
static int32_t height_at(int32_t height, gk_fixed low, gk_fixed high, gk_fixed at) {
	return (int32_t)((int64_t)height * (at - low) / (high - low));
}

// Account for the part of an edge inside of one row: from x0 to x1, over a height that is
// negative for edges that run upwards.
static void add_slice(struct row *row, gk_fixed x0, gk_fixed x1, int32_t height) {
	gk_fixed low = least(x0, x1) - row->left;
	gk_fixed high = most(x0, x1) - row->left;
	if (high <= 0) {
		// What lies left of the bounds still covers all that is right of it.
		add_delta(row, 0, height * 2 * PIXEL);
		return;
	}
	if (low >= row->width * PIXEL) {
		return;
	}
	int first = pixel_of(low);
	int last = pixel_of(high);
	if (first == last) {
		int32_t sum = low + high - 2 * first * PIXEL;
		add_delta(row, first, height * (2 * PIXEL - sum));
		add_delta(row, first + 1, height * sum);
		return;
	}
	// Heights are differences of running ones, so that their sum is exactly the whole.
	int32_t passed = 0;
	gk_fixed from = low;
	if (low < 0) {
		passed = height_at(height, low, high, 0);
		add_delta(row, 0, passed * 2 * PIXEL);
		first = 0;
		from = 0;
	}
	for (int x = first; x <= last && x <= row->width; x++) {
		gk_fixed to = least(high, (x + 1) * PIXEL);
		int32_t passed_now = height_at(height, low, high, to);
		int32_t sum = from + to - 2 * x * PIXEL;
		add_delta(row, x, (passed_now - passed) * (2 * PIXEL - sum));
		add_delta(row, x + 1, (passed_now - passed) * sum);
		passed = passed_now;
		from = to;
	}
}

static gk_fixed edge_x(const struct path_edge *edge, gk_fixed y) {
	int64_t across = (int64_t)(edge->x1 - edge->x0) * (y - edge->y0);
	return edge->x0 + (gk_fixed)(across / (edge->y1 - edge->y0));
}

static void add_edge_to_row(struct row *row, const struct path_edge *edge, gk_fixed y) {
	gk_fixed top = most(edge->y0, y);
	gk_fixed bottom = least(edge->y1, y + PIXEL);
	if (top < bottom) {
		add_slice(row, edge_x(edge, top), edge_x(edge, bottom),
			(bottom - top) * edge->direction);
	}
}

static void emit_row(struct row *row, int y, path_span span, void *data) {
	int32_t sum = 0;
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
		int32_t area = least(sum < 0 ? -sum : sum, FULL);
		int coverage = (area * 255 + FULL / 2) / FULL;
		if (coverage > 0) {
			span(data, pixel_of(row->left) + start, y, stop - start, coverage);
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
	int left = pixel_of(path->left);
	int top = pixel_of(path->top);
	int right = pixel_of(path->right) + 1;
	int bottom = pixel_of(path->bottom) + 1;
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
		.deltas = heap_allocate(
			path->heap, ((size_t)bounds.width + 2) * sizeof(int32_t), 16),
		.left = bounds.x * PIXEL,
		.width = bounds.width,
		.first = bounds.width + 2,
	};
	if (row.deltas == NULL) {
		return false;
	}
	int begin = 0;
	for (int y = bounds.y; y < bounds.y + bounds.height; y++) {
		gk_fixed top = y * PIXEL;
		while (begin < path->edge_count && path->edges[begin].y1 <= top) {
			begin++;
		}
		for (int i = begin; i < path->edge_count && path->edges[i].y0 < top + PIXEL; i++) {
			add_edge_to_row(&row, &path->edges[i], top);
		}
		emit_row(&row, y, span, data);
	}
	heap_free(path->heap, row.deltas);
	return true;
}

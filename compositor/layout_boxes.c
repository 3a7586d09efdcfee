// Boxes: from weights to pixels, and back from pixels to weights.
//
// A content edge must be a multiple of the grid g, and between two contents there is at least
// one far inset (border) and one near inset (border, and title bar above). So the space between
// them is that sum rounded up to g, and the tile edge in it lies so that the far side's content
// ends on the grid: every inner tile edge is congruent to `phase` modulo g. Edges are absolute,
// so this holds at every depth of the tree. The area's own edges are where they are; there the
// border takes what is left over.
//
// With gaps the edge lies in the gap, which takes what is left over: the tile before it ends
// `before` pixels short of the edge, the tile after it begins `after` pixels behind it. Weights
// are shares of the container with its gaps, from edge to edge: slots.

#include <math.h>
#include <stdlib.h>

#include "alloc.h"
#include "layout_node.h"

static int64_t floor_div(int64_t value, int64_t by) {
	int64_t result = value / by;
	return value % by < 0 ? result - 1 : result;
}

static int floor_to(int value, int phase, int grid) {
	return (int)(floor_div((int64_t)value - phase, grid) * grid + phase);
}

static int ceil_to(int value, int phase, int grid) {
	return -floor_to(-value, -phase, grid);
}

static int nearest_to(int value, int phase, int grid) {
	return floor_to(value + grid / 2, phase, grid);
}

int layout_grid(uint32_t scale120) {
	uint32_t a = 120, b = scale120;
	while (b != 0) {
		uint32_t rest = a % b;
		a = b;
		b = rest;
	}
	return scale120 == 0 ? 1 : (int)(120 / a);
}

// --- one axis -----------------------------------------------------------------------------

// What one container's children need along its axis.
struct track {
	size_t len;
	int start, end;
	int phase, grid;
	const uint64_t *ends; // sums of weights: of children 0..i
	const int *minima;
	int *edges; // len + 1
};

// Sets the inner edges with minima cut to most. False if they do not fit.
static bool place_edges(const struct track *track, int most) {
	int *edges = track->edges;
	size_t len = track->len;
	uint64_t extent = (uint64_t)(track->end - track->start);
	edges[0] = track->start;
	edges[len] = track->end;
	for (size_t i = 1; i < len; i++) {
		uint64_t total = track->ends[len - 1];
		int64_t share = (int64_t)((extent * track->ends[i - 1] + total / 2) / total);
		int edge = nearest_to((int)(track->start + share), track->phase, track->grid);
		int min = track->minima[i - 1] < most ? track->minima[i - 1] : most;
		int least = ceil_to(edges[i - 1] + min, track->phase, track->grid);
		edges[i] = edge > least ? edge : least;
	}
	for (size_t i = len - 1; i > 0; i--) {
		int min = track->minima[i] < most ? track->minima[i] : most;
		int limit = floor_to(edges[i + 1] - min, track->phase, track->grid);
		edges[i] = edges[i] < limit ? edges[i] : limit;
	}
	int min = track->minima[0] < most ? track->minima[0] : most;
	return edges[1] - edges[0] >= min && edges[1] >= edges[0];
}

// The minima are given up step by step where there is no room for them; at the last tiles may
// be empty, but they never overlap.
static void solve_edges(const struct track *track) {
	int extent = track->end - track->start;
	int fair = extent / (int)track->len;
	if (place_edges(track, extent) || place_edges(track, fair) ||
		place_edges(track, fair / 2)) {
		return;
	}
	place_edges(track, 0);
	for (size_t i = 1; i < track->len; i++) {
		int edge = track->edges[i];
		edge = edge < track->end ? edge : track->end;
		track->edges[i] = edge > track->edges[i - 1] ? edge : track->edges[i - 1];
	}
}

// --- minima -------------------------------------------------------------------------------

static int title_row(const struct layout_style *style) {
	return style->title > 0 ? style->border + style->title : 0;
}

static int header_height(const struct layout_node *container, const struct layout_style *style) {
	if (container->kind == LAYOUT_TABBED) {
		return title_row(style);
	}
	return container->kind == LAYOUT_STACKED ? title_row(style) * (int)container->len : 0;
}

static int max_int(int a, int b) {
	return a > b ? a : b;
}

static bool is_among_tabs(const struct layout_node *node) {
	return node->parent != NULL && !layout_kind_split(node->parent->kind);
}

static int border_of(const struct layout_node *leaf, const struct layout_style *style) {
	return leaf->no_border ? 0 : style->border;
}

// Of the bar above the content; a tab is none.
static int title_of(const struct layout_node *leaf, const struct layout_style *style) {
	return leaf->no_title || is_among_tabs(leaf) ? 0 : style->title;
}

// The space between two tiles, before and after the edge.
struct gap {
	int before, after;
};

static struct gap gap_of(bool wide, const struct layout_style *style) {
	if (style->gap <= 0) {
		return (struct gap){0};
	}
	int insets = 2 * style->border + (wide ? 0 : style->title);
	int gap = ceil_to(insets + style->gap, 0, style->grid) - insets;
	return (struct gap){.before = gap / 2, .after = gap - gap / 2};
}

static int minimum(const struct layout_node *node, bool wide, const struct layout_style *style) {
	if (node->leaf) {
		int own = wide ? node->min_width : node->min_height;
		int insets = 2 * border_of(node, style) + (wide ? 0 : title_of(node, style));
		own = own > 0 ? own + insets : 0;
		return max_int(own, wide ? style->min_width : style->min_height);
	}
	bool add = layout_kind_split(node->kind) && layout_kind_horizontal(node->kind) == wide;
	struct gap gap = gap_of(wide, style);
	int result = add && node->len > 1 ? (int)(node->len - 1) * (gap.before + gap.after) : 0;
	for (size_t i = 0; i < node->len; i++) {
		int child = minimum(node->children[i], wide, style);
		result = add ? result + child : max_int(result, child);
		result = result < 1 << 24 ? result : 1 << 24;
	}
	return wide ? result : result + header_height(node, style);
}

// --- the tree -----------------------------------------------------------------------------

static int near_inset(bool wide, const struct layout_style *style) {
	return wide ? style->border : style->border + style->title;
}

// Where inner tile edges lie modulo the grid; see the top of this file.
static int phase_of(bool wide, const struct layout_style *style) {
	int near = near_inset(wide, style);
	int far = style->border + gap_of(wide, style).before;
	if (!wide || style->gap > 0) {
		return far; // the title bar takes what is left over
	}
	int between = ceil_to(near + far, 0, style->grid);
	return far + (between - near - far) / 2;
}

static void arrange_leaf(struct layout_node *leaf) {
	const struct layout_style *style = &leaf->layout->style;
	const struct wlr_box *area = &leaf->layout->area;
	const struct wlr_box *box = &leaf->box;
	int border = border_of(leaf, style), title = title_of(leaf, style);
	int far_x = box->x + box->width;
	int far_y = box->y + box->height;

	int x1 = ceil_to(box->x + border, 0, style->grid);
	int y1 = ceil_to(box->y + border + title, 0, style->grid);
	int x2 = floor_to(far_x - border, 0, style->grid);
	int y2 = floor_to(far_y - border, 0, style->grid);
	// Without a border nothing would cover what is left over at the area's far edge.
	if (border == 0 && far_x == area->x + area->width) {
		x2 = far_x;
	}
	if (border == 0 && far_y == area->y + area->height) {
		y2 = far_y;
	}
	leaf->content = (struct wlr_box){0};
	if (x2 > x1 && y2 > y1) {
		leaf->content = (struct wlr_box){x1, y1, x2 - x1, y2 - y1};
	}
	if (!is_among_tabs(leaf)) {
		leaf->title = (struct wlr_box){0};
		int top = box->y + border;
		int bottom = y1 < far_y - border ? y1 : far_y - border;
		if (leaf->visible && title > 0 && x2 > x1 && bottom > top) {
			leaf->title = (struct wlr_box){x1, top, x2 - x1, bottom - top};
		}
	}
}

static void arrange_node(struct layout_node *node, struct wlr_box box, bool visible);

static struct wlr_box between(const struct wlr_box *box, bool wide, int start, int end) {
	struct wlr_box result = *box;
	*(wide ? &result.x : &result.y) = start;
	*(wide ? &result.width : &result.height) = end - start;
	return result;
}

static void arrange_split(struct layout_node *container) {
	const struct layout_style *style = &container->layout->style;
	bool wide = container->kind == LAYOUT_HORIZONTAL;
	const struct wlr_box *box = &container->box;
	size_t len = container->len;
	uint64_t *ends = alloc_zeroed(len, sizeof(*ends));
	int *minima = alloc_zeroed(len, sizeof(*minima));
	int *edges = alloc_zeroed(len + 1, sizeof(*edges));
	struct gap gap = gap_of(wide, style);
	uint64_t total = 0;
	for (size_t i = 0; i < len; i++) {
		total += container->children[i]->weight;
		ends[i] = total;
		minima[i] = minimum(container->children[i], wide, style) + (i > 0 ? gap.after : 0) +
			(i + 1 < len ? gap.before : 0);
	}
	struct track track = {
		.len = len,
		.start = wide ? box->x : box->y,
		.end = wide ? box->x + box->width : box->y + box->height,
		.phase = phase_of(wide, style),
		.grid = style->grid,
		.ends = ends,
		.minima = minima,
		.edges = edges,
	};
	if (len > 0) {
		solve_edges(&track);
	}
	for (size_t i = 0; i < len; i++) {
		struct layout_node *child = container->children[i];
		child->slot = between(box, wide, edges[i], edges[i + 1]);
		int start = edges[i] + (i > 0 ? gap.after : 0);
		int end = edges[i + 1] - (i + 1 < len ? gap.before : 0);
		start = start < edges[i + 1] ? start : edges[i + 1];
		child->title = (struct wlr_box){0};
		arrange_node(
			child, between(box, wide, start, max_int(start, end)), container->visible);
	}
	free(ends);
	free(minima);
	free(edges);
}

static void arrange_tabs(struct layout_node *container) {
	const struct layout_style *style = &container->layout->style;
	const struct wlr_box *box = &container->box;
	bool tabbed = container->kind == LAYOUT_TABBED;
	int len = (int)container->len;
	int rows = tabbed ? 1 : len;
	int row = title_row(style);
	if (row * rows > box->height / 2) {
		row = rows > 0 ? box->height / 2 / rows : 0;
	}
	// What is left over to the grid goes to the last row, and the border below stays whole.
	int last = row;
	if (row > 0) {
		int content = ceil_to(box->y + row * rows + style->border, 0, style->grid);
		int rest = content - style->border - (box->y + row * rows);
		last += row * rows + rest <= box->height ? rest : 0;
	}
	int header = row * (rows - 1) + last;
	struct wlr_box below = *box;
	below.y += header;
	below.height = max_int(box->height - header, 0);

	const struct layout_node *seen = layout_node_recent_child(container);
	for (int i = 0; i < len; i++) {
		struct layout_node *child = container->children[i];
		int height = tabbed || i + 1 == len ? last : row;
		struct wlr_box title = {box->x, box->y + i * row, box->width, height};
		if (tabbed) {
			int start = (int)((int64_t)box->width * i / len);
			int end = (int)((int64_t)box->width * (i + 1) / len);
			title = (struct wlr_box){box->x + start, box->y, end - start, height};
		}
		bool empty = row == 0 || title.width == 0 || !container->visible;
		child->title = empty ? (struct wlr_box){0} : title;
		child->slot = below;
		arrange_node(child, below, container->visible && child == seen);
	}
}

static void arrange_node(struct layout_node *node, struct wlr_box box, bool visible) {
	node->box = box;
	node->visible = visible;
	if (node->leaf) {
		arrange_leaf(node);
	} else if (layout_kind_split(node->kind)) {
		arrange_split(node);
	} else {
		arrange_tabs(node);
	}
}

void layout_arrange(
	struct layout *layout, const struct wlr_box *area, const struct layout_style *style) {
	layout->area = *area;
	layout->style = *style;
	layout->style.grid = style->grid > 0 ? style->grid : 1;
	layout->arranged = true;
	layout->dirty = false;
	layout->root->slot = *area;
	arrange_node(layout->root, *area, true);
}

static void arrange_again(struct layout *layout) {
	layout->dirty = false;
	arrange_node(layout->root, layout->area, true);
}

static size_t count_seen(const struct layout_node *node) {
	if (node->leaf) {
		return 1;
	}
	if (!layout_kind_split(node->kind)) {
		const struct layout_node *seen = layout_node_recent_child(node);
		return seen != NULL ? count_seen(seen) : 0;
	}
	size_t count = 0;
	for (size_t i = 0; i < node->len; i++) {
		count += count_seen(node->children[i]);
	}
	return count;
}

size_t layout_seen(const struct layout *layout) {
	return count_seen(layout->root);
}

void layout_node_set_frame(struct layout_node *leaf, bool border, bool title) {
	leaf->layout->dirty = leaf->layout->dirty || leaf->no_border == border ||
		leaf->no_title == title;
	leaf->no_border = !border;
	leaf->no_title = !title;
}

bool layout_node_visible(const struct layout_node *node) {
	return node->visible;
}

struct wlr_box layout_node_box(const struct layout_node *node) {
	return node->box;
}

struct wlr_box layout_node_content(const struct layout_node *leaf) {
	return leaf->content;
}

struct wlr_box layout_node_title(const struct layout_node *node) {
	return node->title;
}

void layout_node_set_minimum(struct layout_node *leaf, int width, int height) {
	const int most = 1 << 20;
	leaf->min_width = width < most ? max_int(width, 0) : most;
	leaf->min_height = height < most ? max_int(height, 0) : most;
	leaf->layout->dirty = true;
}

// --- what is where ------------------------------------------------------------------------

static bool contains(const struct wlr_box *box, double x, double y) {
	return x >= box->x && x < box->x + box->width && y >= box->y && y < box->y + box->height;
}

static struct layout_node *node_at(struct layout_node *node, double x, double y) {
	if (contains(&node->title, x, y)) {
		return layout_node_recent_leaf(node);
	}
	if (node->leaf) {
		return node->visible && contains(&node->box, x, y) ? node : NULL;
	}
	for (size_t i = 0; i < node->len; i++) {
		struct layout_node *leaf = node_at(node->children[i], x, y);
		if (leaf != NULL) {
			return leaf;
		}
	}
	return NULL;
}

const struct layout_node *layout_node_title_at(const struct layout_node *node, double x, double y) {
	if (contains(&node->title, x, y) && (node->visible || is_among_tabs(node))) {
		return node;
	}
	const struct layout_node *found = NULL;
	for (size_t i = 0; i < node->len && found == NULL; i++) {
		found = layout_node_title_at(node->children[i], x, y);
	}
	return found;
}

struct wlr_box layout_title_at(const struct layout *layout, double x, double y) {
	const struct layout_node *node = layout_node_title_at(layout->root, x, y);
	return node != NULL ? node->title : (struct wlr_box){0};
}

struct layout_node *layout_leaf_at(const struct layout *layout, double x, double y) {
	return node_at(layout->root, x, y);
}

// --- resizing -----------------------------------------------------------------------------

// The node at or above the given one whose side can be moved: it has a sibling beyond it.
static const struct layout_node *find_movable_const(
	const struct layout_node *node, enum layout_direction side) {
	enum layout_kind kind = layout_direction_horizontal(side) ? LAYOUT_HORIZONTAL
								  : LAYOUT_VERTICAL;
	for (; node->parent != NULL; node = node->parent) {
		size_t index = layout_node_index(node);
		bool has_sibling = layout_direction_forward(side) ? index + 1 < node->parent->len
								  : index > 0;
		if (node->parent->kind == kind && has_sibling) {
			return node;
		}
	}
	return NULL;
}

static struct layout_node *find_movable(struct layout_node *node, enum layout_direction side) {
	return (struct layout_node *)find_movable_const(node, side);
}

static int extent_of(const struct layout_node *node, bool wide) {
	return wide ? node->slot.width : node->slot.height;
}

// Finer than a pixel, so that a child of no pixels, whose weight is still above 0, takes none.
static void set_weight_by_pixels(struct layout_node *node, int pixels) {
	layout_node_set_weight(node, (uint32_t)pixels * 256);
}

static int edge_of(const struct wlr_box *box, enum layout_direction side) {
	switch (side) {
	case LAYOUT_LEFT:
		return box->x;
	case LAYOUT_RIGHT:
		return box->x + box->width;
	case LAYOUT_UP:
		return box->y;
	case LAYOUT_DOWN:
		return box->y + box->height;
	}
	return 0;
}

bool layout_drag(struct layout_node *node, enum layout_direction side, int position) {
	struct layout *layout = node->layout;
	struct layout_node *moved = find_movable(node, side);
	if (moved == NULL || !layout->arranged) {
		return false;
	}
	if (layout->dirty) {
		arrange_again(layout);
	}
	// The edge is the one between first and second.
	bool wide = layout_direction_horizontal(side);
	struct layout_node *container = moved->parent;
	size_t index = layout_node_index(moved) + (layout_direction_forward(side) ? 0 : -1);
	struct layout_node *first = container->children[index];
	struct layout_node *second = container->children[index + 1];
	struct gap gap = gap_of(wide, &layout->style);
	int start = wide ? first->slot.x : first->slot.y;
	int end = start + extent_of(first, wide) + extent_of(second, wide);
	// Where a minimum is not held as it is, the edge can still go the other way.
	int current = start + extent_of(first, wide);
	int least = start + max_int(1, minimum(first, wide, &layout->style) + gap.before);
	int most = end - max_int(1, minimum(second, wide, &layout->style) + gap.after);
	if (index > 0) {
		least += gap.after;
	}
	if (index + 2 < container->len) {
		most -= gap.before;
	}
	least = least < current ? least : current;
	most = max_int(most, current);
	// Of the box; the edge is in the gap beside it.
	position += layout_direction_forward(side) ? gap.before : -gap.after;
	position = position > least ? position : least;
	position = position < most ? position : most;

	for (size_t i = 0; i < container->len; i++) {
		struct layout_node *child = container->children[i];
		set_weight_by_pixels(child, extent_of(child, wide));
	}
	set_weight_by_pixels(first, position - start);
	set_weight_by_pixels(second, end - position);
	arrange_again(layout);
	return true;
}

bool layout_edge(const struct layout_node *node, enum layout_direction side, int *position) {
	const struct layout_node *moved = find_movable_const(node, side);
	if (moved == NULL || !node->layout->arranged) {
		return false;
	}
	if (node->layout->dirty) {
		arrange_again(node->layout);
	}
	*position = edge_of(&moved->box, side);
	return true;
}

bool layout_resize(struct layout_node *node, enum layout_direction side, int amount) {
	struct layout *layout = node->layout;
	struct layout_node *moved = find_movable(node, side);
	if (moved == NULL || !layout->arranged) {
		return false;
	}
	if (layout->dirty) {
		arrange_again(layout);
	}
	const int most = 1 << 24;
	amount = amount < most ? max_int(amount, -most) : most;
	int edge = edge_of(&moved->box, side);
	return layout_drag(
		moved, side, layout_direction_forward(side) ? edge + amount : edge - amount);
}

// In the gap beside it as well.
static bool near_edge(const struct layout_node *leaf, enum layout_direction side, double x,
	double y, int distance) {
	const struct wlr_box *box = &leaf->box;
	bool sideways = layout_direction_horizontal(side);
	double outwards = (sideways ? x : y) - edge_of(box, side);
	if (!layout_direction_forward(side)) {
		outwards = -outwards;
	}
	bool along = sideways ? y >= box->y && y < box->y + box->height
			      : x >= box->x && x < box->x + box->width;
	return along && outwards >= -distance &&
		outwards <= max_int(distance, leaf->layout->style.gap);
}

bool layout_edge_at(const struct layout *layout, double x, double y, int distance,
	struct layout_node **leaf, enum layout_direction *side) {
	struct layout_node *node = NULL;
	while ((node = layout_next_leaf(layout, node)) != NULL) {
		for (int i = LAYOUT_LEFT; node->visible && i <= LAYOUT_DOWN; i++) {
			if (near_edge(node, i, x, y, distance) && find_movable(node, i) != NULL) {
				*leaf = node;
				*side = i;
				return true;
			}
		}
	}
	return false;
}

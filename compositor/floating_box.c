#include "floating_box.h"

static int floor_to(int value, int grid) {
	int rest = value % grid;
	return rest < 0 ? value - rest - grid : value - rest;
}

static int ceil_to(int value, int grid) {
	return -floor_to(-value, grid);
}

static int nearest_to(int value, int grid) {
	return floor_to(value + grid / 2, grid);
}

static int max_int(int a, int b) {
	return a > b ? a : b;
}

static int min_int(int a, int b) {
	return a < b ? a : b;
}

static int clamp(int value, int least, int most) {
	return max_int(least, min_int(value, most));
}

// One side of the content. room is what the usable area leaves for it.
static int fit_size(int wanted, int room, int min, int max, int fallback, int grid, bool exact) {
	int least = min > 0 ? min : fallback;
	int most = max > 0 ? min_int(max, room) : room;
	if (max > 0) {
		least = min_int(least, max);
	}
	// What cannot be smaller is larger than the screen rather than broken.
	most = max_int(most, least);
	int size = clamp(wanted, least, most);
	if (exact) {
		return size;
	}
	size = nearest_to(size, grid);
	if (size > most) {
		size = floor_to(most, grid);
	}
	if (size < least) {
		size = ceil_to(least, grid);
	}
	return max > 0 && size > max ? max : max_int(size, grid);
}

void floating_box_size(const struct wlr_box *usable, const struct layout_style *style,
	const struct floating_limits *limits, bool exact, int *width, int *height) {
	int room_x = max_int(usable->width - 2 * style->border, 1);
	int room_y = max_int(usable->height - 2 * style->border - style->title, 1);
	*width = fit_size(*width, room_x, limits->min_width, limits->max_width,
		min_int(FLOATING_BOX_MIN_WIDTH, room_x), style->grid, exact);
	*height = fit_size(*height, room_y, limits->min_height, limits->max_height,
		min_int(FLOATING_BOX_MIN_HEIGHT, room_y), style->grid, exact);
}

// The near edge on the grid and between two places; near ones win over far ones.
static int fit_edge(int wanted, int least, int most, int grid) {
	int edge = nearest_to(wanted, grid);
	if (edge > most) {
		edge = floor_to(most, grid);
	}
	if (edge < least) {
		edge = ceil_to(least, grid);
	}
	return edge;
}

struct floating_boxes floating_box_place(const struct wlr_box *wanted, const struct wlr_box *usable,
	const struct layout_style *style, const struct floating_limits *limits, bool exact) {
	struct wlr_box content = *wanted;
	floating_box_size(usable, style, limits, exact, &content.width, &content.height);

	const int border = style->border, head = style->border + style->title;
	int kept = min_int(FLOATING_BOX_KEPT, content.width + 2 * border);
	content.x = fit_edge(content.x, usable->x + kept - content.width - border,
		usable->x + usable->width - kept + border, style->grid);
	int bottom = usable->y + usable->height;
	int seen = style->title > 0 ? head : min_int(FLOATING_BOX_KEPT, content.height + border);
	content.y = fit_edge(content.y, usable->y + head, bottom - seen + head, style->grid);

	struct floating_boxes boxes = {.content = content};
	boxes.box = (struct wlr_box){
		.x = content.x - border,
		.y = content.y - head,
		.width = content.width + 2 * border,
		.height = content.height + border + head,
	};
	if (style->title > 0) {
		boxes.title = (struct wlr_box){
			.x = content.x,
			.y = content.y - style->title,
			.width = content.width,
			.height = style->title,
		};
	}
	return boxes;
}

struct wlr_box floating_box_centre(
	const struct wlr_box *area, const struct layout_style *style, int width, int height) {
	int whole_width = width + 2 * style->border;
	int whole_height = height + 2 * style->border + style->title;
	return (struct wlr_box){
		.x = area->x + (area->width - whole_width) / 2 + style->border,
		.y = area->y + (area->height - whole_height) / 2 + style->border + style->title,
		.width = width,
		.height = height,
	};
}

// In 64 bits: places come from commands and from clients.
static int carry(int place, int extent, int from, int from_extent, int to, int to_extent) {
	int64_t middle = (int64_t)place - from + extent / 2;
	int64_t carried = from_extent > 0 ? middle * to_extent / from_extent : middle;
	return (int)(to + carried - extent / 2);
}

struct wlr_box floating_box_carry(
	const struct wlr_box *wanted, const struct wlr_box *from, const struct wlr_box *to) {
	struct wlr_box box = *wanted;
	box.x = carry(wanted->x, wanted->width, from->x, from->width, to->x, to->width);
	box.y = carry(wanted->y, wanted->height, from->y, from->height, to->y, to->height);
	return box;
}

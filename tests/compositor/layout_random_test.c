// Random operations on two layouts. After each one everything that must always hold is checked.

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "layout_move.h"

// cmocka.h wants the ones above
#include <cmocka.h>

// What a leaf's data points to.
struct frame {
	bool border, title;
};
static const struct frame frames[] = {{true, true}, {true, false}, {false, true}, {false, false}};

struct fuzz {
	uint64_t random;
	struct layout *layouts[2];
	struct layout_style style;
	struct wlr_box area;
	long next_data;
	long leaves; // that both layouts should have
	uint8_t *painted;
};

static uint32_t any(struct fuzz *fuzz, uint32_t below) {
	fuzz->random = fuzz->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(fuzz->random >> 33) % below;
}

static struct layout_node *any_leaf(struct fuzz *fuzz, struct layout *layout) {
	size_t count = 0;
	struct layout_node *leaf = NULL;
	while ((leaf = layout_next_leaf(layout, leaf)) != NULL) {
		count++;
	}
	if (count == 0) {
		return NULL;
	}
	for (size_t i = any(fuzz, (uint32_t)count) + 1; i > 0; i--) {
		leaf = layout_next_leaf(layout, leaf);
	}
	return leaf;
}

// A leaf or a container at or above it.
static struct layout_node *any_node(struct fuzz *fuzz, struct layout *layout) {
	struct layout_node *node = any_leaf(fuzz, layout);
	while (node != NULL && any(fuzz, 3) == 0 && layout_node_parent(node) != NULL) {
		node = layout_node_parent(node);
	}
	return node;
}

static void check_node(
	struct fuzz *fuzz, const struct layout *layout, const struct layout_node *node) {
	assert_ptr_equal(layout_of(node), layout);
	assert_true(layout_node_weight(node) > 0);
	size_t len = layout_node_children(node);
	if (!layout_node_is_leaf(node) && node != layout_root(layout)) {
		assert_true(len > 0);
	}
	for (size_t i = 0; i < len; i++) {
		assert_ptr_equal(layout_node_parent(layout_node_child(node, i)), node);
		check_node(fuzz, layout, layout_node_child(node, i));
	}
	if (layout_node_is_leaf(node)) {
		fuzz->leaves--;
	}
}

static void check_focus(const struct layout *layout) {
	struct layout_node *focused = layout_focused(layout);
	assert_int_equal(focused == NULL, layout_empty(layout));
	if (focused == NULL) {
		return;
	}
	assert_true(layout_node_is_leaf(focused));
	const struct layout_node *node = focused;
	while (node != layout_focused_node(layout)) {
		node = layout_node_parent(node);
		assert_non_null(node);
	}
	struct layout_node *leaf = NULL;
	do {
		leaf = layout_next_leaf(layout, leaf);
		assert_non_null(leaf);
	} while (leaf != focused);
}

static void paint(struct fuzz *fuzz, struct wlr_box box) {
	const struct wlr_box *area = &fuzz->area;
	if (box.width == 0 || box.height == 0) {
		return;
	}
	assert_true(box.x >= area->x && box.y >= area->y && box.width >= 0 && box.height >= 0);
	assert_true(box.x + box.width <= area->x + area->width);
	assert_true(box.y + box.height <= area->y + area->height);
	for (int y = box.y - area->y; y < box.y - area->y + box.height; y++) {
		for (int x = box.x - area->x; x < box.x - area->x + box.width; x++) {
			assert_int_equal(fuzz->painted[y * area->width + x], 0);
			fuzz->painted[y * area->width + x] = 1;
		}
	}
}

// Paints what is seen: the tiles, and the title rows.
static void paint_node(struct fuzz *fuzz, const struct layout_node *node) {
	if (layout_node_is_leaf(node)) {
		if (layout_node_visible(node)) {
			paint(fuzz, layout_node_box(node));
		}
		return;
	}
	bool tabs = layout_node_kind(node) >= LAYOUT_TABBED;
	for (size_t i = 0; i < layout_node_children(node); i++) {
		const struct layout_node *child = layout_node_child(node, i);
		if (tabs) {
			paint(fuzz, layout_node_title(child));
		}
		paint_node(fuzz, child);
	}
}

static void check_content(const struct fuzz *fuzz, const struct layout_node *leaf) {
	struct wlr_box box = layout_node_box(leaf);
	struct wlr_box content = layout_node_content(leaf);
	if (content.width == 0) {
		assert_int_equal(content.height, 0);
		return;
	}
	const int grid = fuzz->style.grid;
	const struct frame *frame = layout_node_data(leaf);
	const int border = frame->border ? fuzz->style.border : 0;
	assert_int_equal(content.x % grid, 0);
	assert_int_equal(content.y % grid, 0);
	int far_x = content.x + content.width;
	int far_y = content.y + content.height;
	bool bare_far_x = border == 0 && far_x == fuzz->area.x + fuzz->area.width;
	bool bare_far_y = border == 0 && far_y == fuzz->area.y + fuzz->area.height;
	assert_true(far_x % grid == 0 || bare_far_x);
	assert_true(far_y % grid == 0 || bare_far_y);
	assert_true(content.x - box.x >= border);
	assert_true(content.y - box.y >= border);
	assert_true(box.x + box.width - far_x >= border);
	assert_true(box.y + box.height - far_y >= border);
	// what is lost to the grid is less than a step on each side
	assert_true(content.x - box.x < border + grid);
	assert_true(box.x + box.width - far_x < border + grid);
}

// Tiles keep their distance, and it is not more than the grid wants.
static void check_gaps(const struct fuzz *fuzz, const struct layout_node *node) {
	for (size_t i = 0; i < layout_node_children(node); i++) {
		check_gaps(fuzz, layout_node_child(node, i));
	}
	enum layout_kind kind = layout_node_is_leaf(node) ? LAYOUT_TABBED : layout_node_kind(node);
	for (size_t i = 1; kind < LAYOUT_TABBED && i < layout_node_children(node); i++) {
		struct wlr_box a = layout_node_box(layout_node_child(node, i - 1));
		struct wlr_box b = layout_node_box(layout_node_child(node, i));
		bool wide = kind == LAYOUT_HORIZONTAL;
		int between = wide ? b.x - a.x - a.width : b.y - a.y - a.height;
		if ((wide ? a.width : a.height) > 0 && (wide ? b.width : b.height) > 0) {
			assert_true(between >= fuzz->style.gap);
			assert_true(between < fuzz->style.gap + fuzz->style.grid);
		}
	}
}

static void check_boxes(struct fuzz *fuzz, struct layout *layout) {
	layout_arrange(layout, &fuzz->area, &fuzz->style);
	if (layout_empty(layout)) {
		return;
	}
	size_t pixels = (size_t)fuzz->area.width * fuzz->area.height;
	memset(fuzz->painted, 0, pixels);
	paint_node(fuzz, layout_root(layout));
	assert_true(fuzz->style.gap > 0 || memchr(fuzz->painted, 0, pixels) == NULL);
	check_gaps(fuzz, layout_root(layout));
	size_t seen = 0;
	struct layout_node *leaf = NULL;
	while ((leaf = layout_next_leaf(layout, leaf)) != NULL) {
		check_content(fuzz, leaf);
		seen += layout_node_visible(leaf);
	}
	assert_int_equal(layout_seen(layout), seen);
}

static void append_node(char *text, size_t size, const struct layout_node *node) {
	if (layout_node_is_leaf(node)) {
		size_t len = strlen(text);
		snprintf(text + len, size - len, "%p", (const void *)node);
		return;
	}
	char kind[3] = {"HVTS"[layout_node_kind(node)], '[', '\0'};
	strncat(text, kind, size - strlen(text) - 1);
	for (size_t i = 0; i < layout_node_children(node); i++) {
		if (i > 0) {
			strncat(text, " ", size - strlen(text) - 1);
		}
		append_node(text, size, layout_node_child(node, i));
	}
	strncat(text, "]", size - strlen(text) - 1);
}

// Directions that lead there and back, where no tabs are: of those only one child is seen.
static void check_there_and_back(struct layout *layout, enum layout_direction dir) {
	static const enum layout_direction back[] = {
		LAYOUT_RIGHT, LAYOUT_LEFT, LAYOUT_DOWN, LAYOUT_UP};
	struct layout_node *from = layout_focused(layout);
	struct layout_node *to = from != NULL ? layout_neighbour(from, dir) : NULL;
	if (to == NULL) {
		return;
	}
	struct layout_node *node = NULL;
	while ((node = layout_next_leaf(layout, node)) != NULL) {
		for (struct layout_node *at = layout_node_parent(node); at != NULL;
			at = layout_node_parent(at)) {
			if (layout_node_kind(at) >= LAYOUT_TABBED) {
				return;
			}
		}
	}
	layout_focus(to);
	assert_ptr_equal(layout_focused(layout), to);
	assert_ptr_equal(layout_neighbour(to, back[dir]), from);

	// Two leaves beside each other change places, and back.
	if (layout_node_parent(from) == layout_node_parent(to)) {
		char before[16384] = "", after[16384] = "";
		append_node(before, sizeof(before), layout_root(layout));
		assert_true(layout_move(to, back[dir]));
		assert_ptr_equal(layout_neighbour(to, dir), from);
		assert_true(layout_move(to, dir));
		append_node(after, sizeof(after), layout_root(layout));
		assert_string_equal(before, after);
	}
}

static bool is_fully_arranged(const struct layout_node *container) {
	for (size_t i = 0; i < layout_node_children(container); i++) {
		struct wlr_box box = layout_node_box(layout_node_child(container, i));
		if (box.width <= 0 || box.height <= 0) {
			return false;
		}
	}
	return true;
}

// Dragging an edge to where it is changes no box.
static void check_drag_in_place(struct fuzz *fuzz, struct layout *layout) {
	struct layout_node *leaf = any_leaf(fuzz, layout);
	if (leaf == NULL) {
		return;
	}
	struct wlr_box before = layout_node_box(leaf);
	struct layout_node *parent = layout_node_parent(leaf);
	if (layout_node_kind(parent) != LAYOUT_HORIZONTAL || !is_fully_arranged(parent)) {
		return;
	}
	if (layout_drag(leaf, LAYOUT_RIGHT, before.x + before.width)) {
		struct wlr_box after = layout_node_box(leaf);
		assert_int_equal(before.x, after.x);
		assert_int_equal(before.width, after.width);
	}
}

static void change_places(struct fuzz *fuzz, struct layout_node *leaf, struct layout_node *node,
	struct layout *other) {
	struct layout *layout = layout_of(leaf);
	struct layout_node *there = any_leaf(fuzz, other);
	switch (any(fuzz, 7)) {
	case 0:
		layout_send(node, other);
		break;
	case 1:
		layout_swap(leaf, there != NULL ? there : leaf);
		break;
	case 2:
		layout_move_beside(leaf, any_leaf(fuzz, layout), any(fuzz, 4));
		break;
	case 3:
		layout_move_to_tabs(leaf, any_leaf(fuzz, layout));
		break;
	case 4:
		layout_move_to_edge(leaf, any(fuzz, 4));
		break;
	default:
		layout_move(node, any(fuzz, 4));
		break;
	}
}

static void change_frame(struct fuzz *fuzz, struct layout_node *leaf) {
	const struct frame *frame = &frames[any(fuzz, 4)];
	layout_node_set_data(leaf, (void *)frame);
	layout_node_set_frame(leaf, frame->border, frame->title);
}

static void change_tree(struct fuzz *fuzz, struct layout *layout, struct layout *other) {
	struct layout_node *leaf = any_leaf(fuzz, layout);
	struct layout_node *node = any_node(fuzz, layout);
	void *data = (void *)&frames[0];
	if (leaf == NULL || any(fuzz, 10) == 0) {
		layout_insert(layout, data);
		fuzz->next_data++;
		return;
	}
	switch (any(fuzz, 17)) {
	case 0:
		layout_insert_beside(leaf, any(fuzz, 4), data);
		fuzz->next_data++;
		break;
	case 1:
	case 2:
		layout_remove(leaf);
		fuzz->next_data--;
		break;
	case 3:
		layout_split(node, any(fuzz, 4));
		break;
	case 4:
		layout_set_kind(node, any(fuzz, 4));
		break;
	case 5:
		layout_unsplit(node);
		break;
	case 6:
		change_frame(fuzz, leaf);
		break;
	case 7:
		layout_node_set_weight(node, any(fuzz, 1u << 31) * 2);
		break;
	case 8:
		layout_equalize(node);
		break;
	case 9:
		layout_node_set_minimum(leaf, (int)any(fuzz, 200), (int)any(fuzz, 200));
		break;
	default:
		change_places(fuzz, leaf, node, other);
		break;
	}
}

static void change_focus_or_size(struct fuzz *fuzz, struct layout *layout) {
	struct layout_node *node = any_node(fuzz, layout);
	enum layout_direction dir = any(fuzz, 4);
	if (node == NULL) {
		return;
	}
	switch (any(fuzz, 6)) {
	case 0:
		layout_focus(node);
		break;
	case 1:
		layout_focus_parent(layout);
		break;
	case 2:
		layout_focus_child(layout);
		break;
	case 3:
		layout_resize(node, dir, (int)any(fuzz, 200) - 100);
		break;
	case 4:
		layout_drag(node, dir, (int)any(fuzz, 400) - 50);
		break;
	case 5: {
		struct layout_node *next = layout_neighbour(node, dir);
		if (next != NULL) {
			layout_focus(next);
		}
		break;
	}
	}
}

static void change_style(struct fuzz *fuzz) {
	fuzz->area = (struct wlr_box){(int)any(fuzz, 30), (int)any(fuzz, 30),
		(int)any(fuzz, 200) + 1, (int)any(fuzz, 160) + 1};
	fuzz->style = (struct layout_style){
		.border = (int)any(fuzz, 4),
		.title = (int)any(fuzz, 12),
		.grid = layout_grid(any(fuzz, 5) * 30 + 120),
		.gap = any(fuzz, 2) == 0 ? 0 : (int)any(fuzz, 14),
		.min_width = (int)any(fuzz, 30),
		.min_height = (int)any(fuzz, 30),
	};
}

static void run_fuzz(uint64_t seed, int operations) {
	struct fuzz fuzz = {
		.random = seed,
		.layouts = {layout_create(LAYOUT_HORIZONTAL), layout_create(LAYOUT_VERTICAL)},
		.painted = malloc(240 * 200),
	};
	change_style(&fuzz);
	for (int i = 0; i < operations; i++) {
		struct layout *layout = fuzz.layouts[any(&fuzz, 2)];
		struct layout *other = layout == fuzz.layouts[0] ? fuzz.layouts[1]
								 : fuzz.layouts[0];
		if (any(&fuzz, 2) == 0) {
			change_tree(&fuzz, layout, other);
		} else {
			change_focus_or_size(&fuzz, layout);
		}
		if (any(&fuzz, 50) == 0) {
			change_style(&fuzz);
		}
		fuzz.leaves = fuzz.next_data;
		for (int j = 0; j < 2; j++) {
			check_node(&fuzz, fuzz.layouts[j], layout_root(fuzz.layouts[j]));
			check_focus(fuzz.layouts[j]);
		}
		assert_int_equal(fuzz.leaves, 0);
		if (i % 8 == 0) {
			check_boxes(&fuzz, layout);
			check_drag_in_place(&fuzz, layout);
			check_there_and_back(layout, any(&fuzz, 4));
		}
	}
	layout_destroy(fuzz.layouts[0]);
	layout_destroy(fuzz.layouts[1]);
	free(fuzz.painted);
}

static void test_random_operations(void **state) {
	for (uint64_t seed = 1; seed <= 50; seed++) {
		run_fuzz(seed, 2000);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_operations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

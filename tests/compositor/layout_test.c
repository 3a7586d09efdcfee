// The layout tree, in cases that read like its documentation.

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "layout_move.h"

// cmocka.h wants the ones above
#include <cmocka.h>

static const struct wlr_box screen = {0, 0, 1280, 720};
static const struct layout_style bare = {.grid = 1};
static const struct layout_style framed = {
	.border = 2, .title = 22, .grid = 1, .min_width = 40, .min_height = 40};

// --- the tree as text: H[a V[b c]] --------------------------------------------------------

static void append_node(char *text, size_t size, const struct layout_node *node) {
	if (layout_node_is_leaf(node)) {
		strncat(text, layout_node_data(node), size - strlen(text) - 1);
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

static void assert_tree(const struct layout *layout, const char *expected) {
	char text[256] = "";
	append_node(text, sizeof(text), layout_root(layout));
	assert_string_equal(text, expected);
}

static struct layout_node *add(struct layout *layout, const char *name) {
	struct layout_node *node = layout_insert(layout, (void *)name);
	layout_focus(node);
	return node;
}

static void assert_box(struct wlr_box box, int x, int y, int width, int height) {
	assert_int_equal(box.x, x);
	assert_int_equal(box.y, y);
	assert_int_equal(box.width, width);
	assert_int_equal(box.height, height);
}

static const char *focused_name(const struct layout *layout) {
	return layout_node_data(layout_focused(layout));
}

static void test_insert_and_split(void **state) {
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	assert_true(layout_empty(layout));
	assert_null(layout_focused(layout));
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	assert_tree(layout, "H[a b]");
	layout_split(b, LAYOUT_VERTICAL);
	struct layout_node *c = add(layout, "c");
	assert_tree(layout, "H[a V[b c]]");

	layout_arrange(layout, &screen, &bare);
	assert_box(layout_node_box(a), 0, 0, 640, 720);
	assert_box(layout_node_box(b), 640, 0, 640, 360);
	assert_box(layout_node_content(c), 640, 360, 640, 360);

	layout_insert_beside(a, LAYOUT_UP, "d");
	assert_tree(layout, "H[V[d a] V[b c]]");
	layout_insert_beside(a, LAYOUT_DOWN, "e");
	assert_tree(layout, "H[V[d a e] V[b c]]");
	layout_insert_beside(c, LAYOUT_LEFT, "f");
	assert_tree(layout, "H[V[d a e] V[b H[f c]]]");
	assert_string_equal(focused_name(layout), "c");

	layout_remove(b);
	assert_tree(layout, "H[V[d a e] f c]"); // an H in an H is superfluous
	layout_remove(c);
	assert_tree(layout, "H[V[d a e] f]");
	assert_string_equal(focused_name(layout), "a");
	layout_destroy(layout);
}

static void test_only_child_becomes_root(void **state) {
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	layout_split(add(layout, "b"), LAYOUT_VERTICAL);
	add(layout, "c");
	layout_remove(a);
	assert_tree(layout, "V[b c]");
	layout_destroy(layout);
}

static void test_focus_history(void **state) {
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	struct layout_node *c = add(layout, "c");
	layout_focus(a);
	layout_focus(b);
	layout_remove(b);
	assert_string_equal(focused_name(layout), "a");
	struct layout_node *d = layout_insert(layout, "d");
	assert_string_equal(focused_name(layout), "a"); // adding does not focus
	layout_remove(a);
	assert_string_equal(focused_name(layout), "c");
	layout_remove(c);
	assert_string_equal(focused_name(layout), "d");
	layout_remove(d);
	assert_null(layout_focused(layout));
	assert_null(layout_focused_node(layout));
	layout_destroy(layout);
}

static void test_neighbours(void **state) {
	// H[a V[b c] d]: from d to the left is whichever of b and c had the focus last
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	struct layout_node *d = add(layout, "d");
	layout_focus(b);
	layout_split(b, LAYOUT_VERTICAL);
	struct layout_node *c = add(layout, "c");
	assert_tree(layout, "H[a V[b c] d]");
	assert_ptr_equal(layout_neighbour(d, LAYOUT_LEFT), c);
	layout_focus(b);
	assert_ptr_equal(layout_neighbour(d, LAYOUT_LEFT), b);
	assert_ptr_equal(layout_neighbour(a, LAYOUT_RIGHT), b);
	assert_ptr_equal(layout_neighbour(c, LAYOUT_RIGHT), d);
	assert_ptr_equal(layout_neighbour(c, LAYOUT_UP), b);
	assert_null(layout_neighbour(a, LAYOUT_LEFT));
	assert_null(layout_neighbour(a, LAYOUT_UP));
	assert_null(layout_neighbour(c, LAYOUT_DOWN));
	assert_ptr_equal(layout_enter(layout, LAYOUT_RIGHT), a);
	assert_ptr_equal(layout_enter(layout, LAYOUT_LEFT), d);
	assert_ptr_equal(layout_enter(layout, LAYOUT_DOWN), b);
	layout_destroy(layout);
}

static void test_move(void **state) {
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	assert_false(layout_move(b, LAYOUT_RIGHT));
	assert_true(layout_move(b, LAYOUT_LEFT));
	assert_tree(layout, "H[b a]");
	assert_true(layout_move(b, LAYOUT_UP)); // nothing is above: a new half
	assert_tree(layout, "V[b a]");
	struct layout_node *c = add(layout, "c");
	assert_tree(layout, "V[b c a]");
	assert_true(layout_move(c, LAYOUT_RIGHT));
	assert_tree(layout, "H[V[b a] c]");
	assert_true(layout_move(c, LAYOUT_LEFT)); // goes in after the one focused last
	assert_tree(layout, "V[b c a]");
	layout_split(b, LAYOUT_HORIZONTAL);
	assert_tree(layout, "V[H[b] c a]");
	assert_true(layout_move(a, LAYOUT_UP));
	assert_tree(layout, "V[H[b] a c]");
	assert_true(layout_move(a, LAYOUT_UP));
	assert_tree(layout, "V[H[b a] c]");
	assert_true(layout_move(a, LAYOUT_DOWN));
	assert_tree(layout, "V[b a c]");
	assert_string_equal(focused_name(layout), "c");
	layout_destroy(layout);
}

static void test_containers(void **state) {
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	layout_split(b, LAYOUT_VERTICAL);
	add(layout, "c");
	assert_true(layout_focus_parent(layout));
	assert_false(layout_focus_parent(layout)); // not the root
	assert_ptr_equal(layout_focused_node(layout), layout_node_parent(b));
	assert_string_equal(focused_name(layout), "c");
	assert_true(layout_move(layout_focused_node(layout), LAYOUT_LEFT));
	assert_tree(layout, "H[V[b c] a]");
	add(layout, "d"); // beside the container that has the focus
	assert_tree(layout, "H[V[b c] d a]");
	layout_focus(b);
	layout_set_kind(b, LAYOUT_TABBED);
	assert_tree(layout, "H[T[b c] d a]");
	layout_set_kind(layout_root(layout), LAYOUT_VERTICAL);
	assert_tree(layout, "V[T[b c] d a]");
	assert_true(layout_focus_parent(layout));
	assert_true(layout_focus_child(layout));
	assert_false(layout_focus_child(layout));

	struct layout *other = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *x = add(other, "x");
	layout_send(layout_node_parent(b), other);
	assert_tree(other, "H[x T[b c]]");
	assert_tree(layout, "V[d a]");
	assert_string_equal(focused_name(other), "x");
	assert_ptr_equal(layout_of(b), other);
	layout_send(layout_root(layout), other);
	assert_tree(other, "H[x V[d a] T[b c]]");
	assert_true(layout_empty(layout));
	layout_send(a, layout);
	layout_swap(a, x);
	assert_tree(layout, "V[x]");
	assert_tree(other, "H[a d T[b c]]");
	assert_string_equal(focused_name(other), "a");
	layout_destroy(layout);
	layout_destroy(other);
}

// Where a leaf is dropped.
static void test_move_to(void **state) {
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	struct layout_node *c = add(layout, "c");
	layout_move_beside(a, b, LAYOUT_DOWN);
	assert_tree(layout, "H[V[b a] c]");
	layout_move_beside(a, b, LAYOUT_UP);
	assert_tree(layout, "H[V[a b] c]");
	layout_move_beside(c, a, LAYOUT_LEFT);
	assert_tree(layout, "V[H[c a] b]");
	layout_move_beside(b, a, LAYOUT_RIGHT);
	assert_tree(layout, "H[c a b]");
	assert_string_equal(focused_name(layout), "c");

	layout_move_to_tabs(c, b);
	assert_tree(layout, "H[a T[b c]]");
	layout_move_to_tabs(a, b);
	assert_tree(layout, "T[b a c]");
	layout_move_to_tabs(c, b); // before it: that is where it came from
	assert_tree(layout, "T[c b a]");
	layout_move_to_tabs(c, a);
	assert_tree(layout, "T[b a c]");
	layout_move_to_tabs(c, c);
	layout_move_beside(c, c, LAYOUT_UP);
	assert_tree(layout, "T[b a c]");

	layout_move_to_edge(a, LAYOUT_LEFT);
	assert_tree(layout, "H[a T[b c]]");
	layout_move_to_edge(b, LAYOUT_RIGHT);
	assert_tree(layout, "H[a c b]");
	layout_move_to_edge(a, LAYOUT_RIGHT);
	assert_tree(layout, "H[c b a]");
	layout_move_to_edge(c, LAYOUT_DOWN);
	assert_tree(layout, "V[H[b a] c]");
	layout_remove(a);
	layout_remove(b);
	layout_move_to_edge(c, LAYOUT_LEFT);
	assert_string_equal(focused_name(layout), "c");
	layout_destroy(layout);
}

static void test_frames_and_tabs(void **state) {
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	layout_arrange(layout, &screen, &framed);
	assert_box(layout_node_box(a), 0, 0, 640, 720);
	assert_box(layout_node_content(a), 2, 24, 636, 694);
	assert_box(layout_node_title(a), 2, 2, 636, 22);

	layout_set_kind(a, LAYOUT_TABBED);
	layout_arrange(layout, &screen, &framed);
	assert_false(layout_node_visible(a));
	assert_true(layout_node_visible(b));
	assert_box(layout_node_title(a), 0, 0, 640, 24);
	assert_box(layout_node_title(b), 640, 0, 640, 24);
	assert_box(layout_node_box(b), 0, 24, 1280, 696);
	assert_box(layout_node_content(b), 2, 26, 1276, 692);
	assert_ptr_equal(layout_leaf_at(layout, 10, 10), a);
	assert_ptr_equal(layout_leaf_at(layout, 10, 30), b);
	assert_box(layout_title_at(layout, 10, 10), 0, 0, 640, 24);
	assert_box(layout_title_at(layout, 10, 30), 0, 0, 0, 0);

	layout_set_kind(a, LAYOUT_STACKED);
	layout_arrange(layout, &screen, &framed);
	assert_box(layout_node_title(b), 0, 24, 1280, 24);
	assert_box(layout_node_box(b), 0, 48, 1280, 672);
	layout_destroy(layout);
}

static void test_siblings_and_tabs(void **state) {
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	assert_null(layout_sibling(a, true));
	struct layout_node *b = add(layout, "b");
	struct layout_node *c = add(layout, "c");
	assert_ptr_equal(layout_sibling(c, true), a);
	assert_ptr_equal(layout_sibling(c, false), b);
	assert_ptr_equal(layout_sibling(a, false), c);
	layout_set_kind(a, LAYOUT_TABBED);
	layout_split(b, LAYOUT_VERTICAL);
	layout_focus(b);
	struct layout_node *d = add(layout, "d");
	assert_tree(layout, "T[a V[b d] c]");
	assert_ptr_equal(layout_sibling(a, true), d); // the one that had the focus last in it
	layout_arrange(layout, &(struct wlr_box){0, 0, 900, 700}, &framed);
	// d is seen; titles are 300 wide.
	assert_ptr_equal(layout_scroll_tabs(layout, 10, 10, 1), c);
	assert_ptr_equal(layout_scroll_tabs(layout, 400, 10, -1), a);
	assert_ptr_equal(layout_scroll_tabs(layout, 890, 10, 100), c);
	assert_null(layout_scroll_tabs(layout, 10, 10, 0));
	assert_null(layout_scroll_tabs(layout, 10, 300, 1)); // no title
	assert_null(layout_scroll_tabs(layout, 10, 40, 1)); // b's own
	// What is behind another tab has no title there.
	layout_focus(c);
	layout_arrange(layout, &(struct wlr_box){0, 0, 900, 700}, &framed);
	assert_box(layout_node_title(b), 0, 0, 0, 0);
	assert_box(layout_node_title(layout_node_parent(b)), 300, 0, 300, 24);
	assert_null(layout_scroll_tabs(layout, 10, 10, 1)); // at the end already
	layout_destroy(layout);
}

static void test_kinds_and_splits(void **state) {
	struct layout *layout = layout_create(LAYOUT_VERTICAL);
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	assert_int_equal(layout_kind_around(a), LAYOUT_VERTICAL);
	layout_set_kind(a, LAYOUT_STACKED);
	assert_int_equal(layout_kind_around(a), LAYOUT_STACKED);
	assert_int_equal(layout_split_around(a), LAYOUT_VERTICAL);
	layout_split(b, LAYOUT_TABBED);
	assert_tree(layout, "S[a T[b]]");
	assert_int_equal(layout_split_around(b), LAYOUT_HORIZONTAL);
	layout_unsplit(b);
	assert_tree(layout, "S[a b]");
	layout_unsplit(b); // not alone
	assert_tree(layout, "S[a b]");
	assert_string_equal(focused_name(layout), "b");
	layout_remove(a);
	layout_unsplit(b); // in the root
	assert_tree(layout, "S[b]");
	assert_int_equal(layout_split_around(b), LAYOUT_VERTICAL);
	layout_destroy(layout);
}

static void test_grid(void **state) {
	assert_int_equal(layout_grid(0), 1);
	assert_int_equal(layout_grid(120), 1);
	assert_int_equal(layout_grid(240), 1);
	assert_int_equal(layout_grid(150), 4);
	assert_int_equal(layout_grid(180), 2);
	assert_int_equal(layout_grid(160), 3);
	assert_int_equal(layout_grid(144), 5);
	assert_int_equal(layout_grid(121), 120);

	// At 1.25: 1366x768 is 1093x615 (rounded up); the space between contents is 4, not 8.
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	struct layout_style style = framed;
	style.grid = layout_grid(150);
	layout_arrange(layout, &(struct wlr_box){0, 0, 1093, 615}, &style);
	assert_box(layout_node_content(a), 4, 24, 540, 588);
	assert_box(layout_node_box(a), 0, 0, 546, 615);
	assert_box(layout_node_content(b), 548, 24, 540, 588);

	// At 1.1 the space is 10, and each of the two gets half of it.
	style.grid = layout_grid(132);
	layout_arrange(layout, &(struct wlr_box){0, 0, 1200, 600}, &style);
	assert_box(layout_node_content(a), 10, 30, 590, 560);
	assert_box(layout_node_box(a), 0, 0, 605, 600);
	assert_box(layout_node_content(b), 610, 30, 580, 560);

	// The border between tabs and content is whole: the tabs take what is left over.
	style.grid = layout_grid(150);
	layout_set_kind(a, LAYOUT_TABBED);
	layout_arrange(layout, &(struct wlr_box){0, 0, 1093, 615}, &style);
	assert_box(layout_node_title(b), 546, 0, 547, 26);
	assert_box(layout_node_content(b), 4, 28, 1084, 584);
	layout_destroy(layout);
}

static void test_gaps(void **state) {
	// H[a b V[c d]] with 10 between them
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	struct layout_node *c = add(layout, "c");
	layout_split(c, LAYOUT_VERTICAL);
	struct layout_node *d = add(layout, "d");
	struct layout_style style = framed;
	style.gap = 10;
	layout_arrange(layout, &(struct wlr_box){0, 0, 1200, 700}, &style);
	assert_box(layout_node_box(a), 0, 0, 395, 700);
	assert_box(layout_node_box(b), 405, 0, 390, 700);
	assert_box(layout_node_box(c), 805, 0, 395, 345);
	assert_box(layout_node_box(d), 805, 355, 395, 345);
	assert_null(layout_leaf_at(layout, 400, 100));
	assert_int_equal(layout_seen(layout), 4);
	// An edge is grabbed anywhere in the gap, and goes where the tile's edge is dragged.
	struct layout_node *leaf;
	enum layout_direction side;
	assert_true(layout_edge_at(layout, 399, 100, 2, &leaf, &side));
	assert_ptr_equal(leaf, a);
	assert_true(layout_drag(a, LAYOUT_RIGHT, 500));
	assert_box(layout_node_box(a), 0, 0, 500, 700);
	assert_box(layout_node_box(b), 510, 0, 285, 700);
	assert_true(layout_drag(b, LAYOUT_LEFT, 405));
	assert_box(layout_node_box(a), 0, 0, 395, 700);
	assert_true(layout_resize(c, LAYOUT_LEFT, 20));
	assert_box(layout_node_box(c), 785, 0, 415, 345);

	// At 1.25 contents are on the grid, 16 apart: 10 and two borders make 14.
	style.grid = layout_grid(150);
	layout_arrange(layout, &(struct wlr_box){0, 0, 1200, 700}, &style);
	struct wlr_box left = layout_node_content(a), right = layout_node_content(b);
	assert_int_equal(left.x % 4 + (left.x + left.width) % 4 + right.x % 4, 0);
	assert_int_equal(right.x - left.x - left.width, 16);
	assert_int_equal(right.x - layout_node_box(b).x, 2); // the border is whole
	layout_destroy(layout);
}

static void test_frames(void **state) {
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	layout_node_set_frame(a, false, false);
	layout_node_set_frame(b, true, false);
	layout_arrange(layout, &screen, &framed);
	assert_box(layout_node_content(a), 0, 0, 640, 720);
	assert_box(layout_node_title(a), 0, 0, 0, 0);
	assert_box(layout_node_content(b), 642, 2, 636, 716);
	// A tab it has all the same.
	layout_set_kind(a, LAYOUT_TABBED);
	layout_arrange(layout, &screen, &framed);
	assert_box(layout_node_title(a), 0, 0, 640, 24);
	assert_int_equal(layout_seen(layout), 1);
	layout_destroy(layout);
}

static void test_resize(void **state) {
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	struct layout_node *a = add(layout, "a");
	struct layout_node *b = add(layout, "b");
	struct layout_node *c = add(layout, "c");
	assert_false(layout_resize(a, LAYOUT_RIGHT, 10)); // not arranged yet
	layout_arrange(layout, &(struct wlr_box){0, 0, 1200, 700}, &framed);
	assert_false(layout_resize(a, LAYOUT_LEFT, 10));
	assert_false(layout_resize(a, LAYOUT_UP, 10));
	assert_true(layout_resize(a, LAYOUT_RIGHT, 100));
	assert_box(layout_node_box(a), 0, 0, 500, 700);
	assert_box(layout_node_box(b), 500, 0, 300, 700);
	assert_box(layout_node_box(c), 800, 0, 400, 700);
	assert_true(layout_resize(c, LAYOUT_LEFT, -50));
	assert_box(layout_node_box(b), 500, 0, 350, 700);
	assert_true(layout_drag(b, LAYOUT_LEFT, -1000)); // stops at the minimum
	assert_box(layout_node_box(a), 0, 0, 40, 700);
	int edge;
	assert_true(layout_edge(b, LAYOUT_RIGHT, &edge));
	assert_int_equal(edge, 850);
	assert_true(layout_edge(b, LAYOUT_LEFT, &edge));
	assert_int_equal(edge, 40);
	assert_false(layout_edge(c, LAYOUT_RIGHT, &edge));
	layout_node_set_minimum(c, 396, 0);
	assert_true(layout_drag(c, LAYOUT_LEFT, 5000));
	assert_box(layout_node_box(c), 800, 0, 400, 700);

	struct layout_node *leaf;
	enum layout_direction side;
	assert_true(layout_edge_at(layout, 43, 100, 5, &leaf, &side));
	assert_ptr_equal(leaf, a);
	assert_int_equal(side, LAYOUT_RIGHT);
	assert_false(layout_edge_at(layout, 0, 100, 5, &leaf, &side));
	assert_false(layout_edge_at(layout, 400, 100, 5, &leaf, &side));

	layout_equalize(a);
	layout_arrange(layout, &(struct wlr_box){0, 0, 1200, 700}, &framed);
	assert_box(layout_node_box(b), 400, 0, 400, 700);
	layout_node_set_weight(b, 3 * layout_node_weight(a));
	layout_node_set_minimum(c, 0, 0);
	layout_arrange(layout, &(struct wlr_box){0, 0, 1000, 700}, &framed);
	assert_box(layout_node_box(b), 200, 0, 600, 700);
	layout_destroy(layout);
}

static void test_no_room(void **state) {
	struct layout *layout = layout_create(LAYOUT_HORIZONTAL);
	for (int i = 0; i < 500; i++) {
		add(layout, "x");
	}
	struct layout_style style = framed;
	for (int width = 0; width <= 3; width++) {
		style.grid = 1 + width;
		layout_arrange(layout, &(struct wlr_box){0, 0, width * 100, width}, &style);
		int x = 0;
		struct layout_node *leaf = NULL;
		while ((leaf = layout_next_leaf(layout, leaf)) != NULL) {
			struct wlr_box box = layout_node_box(leaf);
			assert_int_equal(box.x, x);
			assert_true(box.width >= 0);
			x += box.width;
		}
		assert_int_equal(x, width * 100);
	}
	layout_destroy(layout);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_insert_and_split),
		cmocka_unit_test(test_only_child_becomes_root),
		cmocka_unit_test(test_focus_history),
		cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_move_to),
		cmocka_unit_test(test_frames_and_tabs),
		cmocka_unit_test(test_siblings_and_tabs),
		cmocka_unit_test(test_kinds_and_splits),
		cmocka_unit_test(test_grid),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_no_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

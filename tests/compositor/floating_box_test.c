// Places and sizes of what floats: the rules, for every grid and for random wishes.

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include "floating_box.h"

// cmocka.h wants the ones above
#include <cmocka.h>

static const struct wlr_box screen = {0, 30, 1280, 690};
static const struct layout_style framed = {.border = 3, .title = 23, .grid = 1};
static const struct floating_limits none = {0};

static struct floating_boxes place(struct wlr_box wanted) {
	return floating_box_place(&wanted, &screen, &framed, &none, false);
}

static void assert_box(struct wlr_box box, int x, int y, int width, int height) {
	assert_int_equal(box.x, x);
	assert_int_equal(box.y, y);
	assert_int_equal(box.width, width);
	assert_int_equal(box.height, height);
}

static void test_plain(void **state) {
	struct floating_boxes boxes = place((struct wlr_box){100, 100, 400, 300});
	assert_box(boxes.content, 100, 100, 400, 300);
	assert_box(boxes.box, 97, 74, 406, 329);
	assert_box(boxes.title, 100, 77, 400, 23);
	struct wlr_box centre = floating_box_centre(&screen, &framed, 400, 300);
	assert_box(centre, 440, 236, 400, 300);
}

static void test_stays_reachable(void **state) {
	// The title bar under the top edge, and wholly above the lower one.
	assert_int_equal(place((struct wlr_box){100, -500, 400, 300}).box.y, 30);
	struct wlr_box low = place((struct wlr_box){100, 5000, 400, 300}).title;
	assert_int_equal(low.y + low.height, 720);
	// A hand's breadth of it at the sides.
	struct wlr_box left = place((struct wlr_box){-5000, 100, 400, 300}).box;
	assert_int_equal(left.x + left.width, FLOATING_BOX_KEPT);
	struct wlr_box right = place((struct wlr_box){5000, 100, 400, 300}).box;
	assert_int_equal(right.x, 1280 - FLOATING_BOX_KEPT);
}

static void test_limits(void **state) {
	const struct floating_limits limits = {200, 100, 300, 0};
	int width = 1000, height = 10;
	floating_box_size(&screen, &framed, &limits, false, &width, &height);
	assert_int_equal(width, 300);
	assert_int_equal(height, 100);
	// Never larger than the screen, unless it may not be smaller.
	width = 5000, height = 5000;
	floating_box_size(&screen, &framed, &none, false, &width, &height);
	assert_int_equal(width, 1280 - 6);
	assert_int_equal(height, 690 - 29);
	const struct floating_limits large = {2000, 0, 0, 0};
	floating_box_size(&screen, &framed, &large, false, &width, &height);
	assert_int_equal(width, 2000);
	// A fixed size is what it is, on every grid.
	struct layout_style style = framed;
	style.grid = 4;
	const struct floating_limits fixed = {333, 217, 333, 217};
	width = 100, height = 1000;
	floating_box_size(&screen, &style, &fixed, false, &width, &height);
	assert_int_equal(width, 333);
	assert_int_equal(height, 217);
	// What the client has drawn is, too; what it is asked for is on the grid.
	width = 333, height = 217;
	floating_box_size(&screen, &style, &none, true, &width, &height);
	assert_int_equal(width, 333);
	floating_box_size(&screen, &style, &none, false, &width, &height);
	assert_int_equal(width, 332);
	assert_int_equal(height, 216);
	const struct floating_limits odd = {0, 0, 75, 51};
	width = 500, height = 500;
	floating_box_size(&screen, &style, &odd, false, &width, &height);
	assert_int_equal(width, 75); // the least is 75, and 76 is too much
	assert_int_equal(height, 52 - 1);
}

static void test_carry(void **state) {
	const struct wlr_box small = {0, 0, 640, 345};
	struct wlr_box middle = floating_box_centre(&screen, &framed, 400, 300);
	struct wlr_box carried = floating_box_carry(&middle, &screen, &small);
	assert_int_equal(carried.x + carried.width / 2, 320);
	struct wlr_box back = floating_box_carry(&carried, &small, &screen);
	assert_box(back, middle.x, middle.y, middle.width, middle.height);
	// From nowhere it keeps its distance from the corner.
	const struct wlr_box empty = {0};
	assert_box(floating_box_carry(&(struct wlr_box){10, 20, 30, 40}, &empty, &screen), 10, 50,
		30, 40);
}

// --- random wishes ------------------------------------------------------------------------

static uint64_t state_of_random = 1;

static int any(int least, int most) {
	state_of_random = state_of_random * 6364136223846793005u + 1442695040888963407u;
	return least + (int)((state_of_random >> 33) % (uint64_t)(most - least + 1));
}

static void check_one(void) {
	struct layout_style style = {
		.border = any(0, 6), .title = any(0, 1) * any(10, 30), .grid = any(1, 8)};
	struct wlr_box usable = {any(0, 40), any(0, 60), any(300, 2000), any(200, 1200)};
	struct wlr_box wanted = {
		any(-4000, 4000), any(-4000, 4000), any(-10, 3000), any(-10, 3000)};
	struct floating_limits limits = {any(0, 1) * any(1, 200), any(0, 1) * any(1, 150),
		any(0, 1) * any(200, 900), any(0, 1) * any(150, 900)};
	bool exact = any(0, 3) == 0;
	struct floating_boxes boxes = floating_box_place(&wanted, &usable, &style, &limits, exact);
	const struct wlr_box *content = &boxes.content, *box = &boxes.box;

	assert_int_equal(content->x % style.grid, 0);
	assert_int_equal(content->y % style.grid, 0);
	bool at_max_x = content->width == limits.max_width,
	     at_max_y = content->height == limits.max_height;
	assert_true(exact || at_max_x || content->width % style.grid == 0);
	assert_true(exact || at_max_y || content->height % style.grid == 0);
	assert_true(content->width > 0 && content->height > 0);
	assert_true(content->width >= limits.min_width && content->height >= limits.min_height);
	assert_true(limits.max_width == 0 || content->width <= limits.max_width);
	assert_true(limits.max_height == 0 || content->height <= limits.max_height);
	assert_int_equal(content->x - box->x, style.border);
	assert_int_equal(content->y - box->y, style.border + style.title);
	assert_int_equal(box->width - content->width, 2 * style.border);
	assert_int_equal(box->height - content->height, 2 * style.border + style.title);

	assert_true(box->x + box->width > usable.x);
	assert_true(box->x < usable.x + usable.width);
	assert_true(box->y >= usable.y);
	assert_true(box->y < usable.y + usable.height);
	// What was placed stays where it is.
	struct floating_boxes again = floating_box_place(content, &usable, &style, &limits, exact);
	assert_box(again.content, content->x, content->y, content->width, content->height);
}

static void test_random(void **state) {
	for (int i = 0; i < 200000; i++) {
		check_one();
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_stays_reachable),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_carry),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// Where layer-shell surfaces lie.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "layer_box.h"

// cmocka.h wants the ones above
#include <cmocka.h>

#define ALL_EDGES (LAYER_BOX_TOP | LAYER_BOX_BOTTOM | LAYER_BOX_LEFT | LAYER_BOX_RIGHT)

static const struct wlr_box output = {.x = 100, .y = 50, .width = 1000, .height = 600};

static void assert_box(const struct wlr_box *box, int x, int y, int width, int height) {
	assert_int_equal(box->x, x);
	assert_int_equal(box->y, y);
	assert_int_equal(box->width, width);
	assert_int_equal(box->height, height);
}

static struct wlr_box place(const struct layer_box_request *request, struct wlr_box *usable) {
	*usable = output;
	return layer_box_place(request, &output, usable, true);
}

static void test_anchors(void **state) {
	static const struct {
		uint32_t anchor;
		int x, y;
	} rows[] = {
		{0, 550, 330},
		{LAYER_BOX_TOP, 550, 51},
		{LAYER_BOX_BOTTOM, 550, 607},
		{LAYER_BOX_LEFT, 104, 330},
		{LAYER_BOX_RIGHT, 998, 330},
		{LAYER_BOX_TOP | LAYER_BOX_LEFT, 104, 51},
		{LAYER_BOX_BOTTOM | LAYER_BOX_RIGHT, 998, 607},
		// Between opposite edges it is in the middle.
		{LAYER_BOX_LEFT | LAYER_BOX_RIGHT, 550, 330},
		{LAYER_BOX_TOP | LAYER_BOX_BOTTOM, 550, 330},
		{ALL_EDGES, 550, 330},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct layer_box_request request = {
			.width = 100,
			.height = 40,
			.anchor = rows[i].anchor,
			.top = 1,
			.right = 2,
			.bottom = 3,
			.left = 4,
		};
		struct wlr_box usable, box = place(&request, &usable);
		assert_box(&box, rows[i].x, rows[i].y, 100, 40);
		assert_box(&usable, 100, 50, 1000, 600);
	}
}

static void test_stretched(void **state) {
	const struct layer_box_request request = {
		.anchor = ALL_EDGES, .top = 1, .right = 2, .bottom = 3, .left = 4};
	struct wlr_box usable, box = place(&request, &usable);
	assert_box(&box, 104, 51, 994, 596);
}

static void test_zones(void **state) {
	static const struct {
		enum layer_box_edge edge;
		int x, y, width, height;
	} rows[] = {
		{LAYER_BOX_TOP, 100, 81, 1000, 569},
		{LAYER_BOX_BOTTOM, 100, 50, 1000, 567},
		{LAYER_BOX_LEFT, 134, 50, 966, 600},
		{LAYER_BOX_RIGHT, 100, 50, 968, 600},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct layer_box_request request = {
			.width = 30,
			.height = 30,
			.anchor = rows[i].edge,
			.top = 1,
			.right = 2,
			.bottom = 3,
			.left = 4,
			.zone = 30,
			.zone_edge = rows[i].edge,
		};
		struct wlr_box usable;
		place(&request, &usable);
		assert_box(&usable, rows[i].x, rows[i].y, rows[i].width, rows[i].height);
		// What is not shown keeps nothing.
		usable = output;
		layer_box_place(&request, &output, &usable, false);
		assert_box(&usable, 100, 50, 1000, 600);
	}
}

static void test_zones_of_others(void **state) {
	struct wlr_box usable = {.x = 100, .y = 80, .width = 1000, .height = 570};
	struct layer_box_request request = {
		.width = 10, .height = 10, .anchor = LAYER_BOX_TOP | LAYER_BOX_LEFT};
	struct wlr_box box = layer_box_place(&request, &output, &usable, true);
	assert_box(&box, 100, 80, 10, 10);
	request.zone = -1;
	box = layer_box_place(&request, &output, &usable, true);
	assert_box(&box, 100, 50, 10, 10);
}

static void test_something_is_left(void **state) {
	struct layer_box_request request = {.width = 10,
		.height = 10,
		.anchor = LAYER_BOX_TOP,
		.zone = 600 - LAYER_BOX_USABLE_MIN,
		.zone_edge = LAYER_BOX_TOP};
	struct wlr_box usable;
	place(&request, &usable);
	assert_int_equal(usable.height, LAYER_BOX_USABLE_MIN);
	request.zone++;
	place(&request, &usable);
	assert_box(&usable, 100, 50, 1000, 600);
}

// The extremes and their neighbours in every field: the usable box only shrinks, within the
// output, and the surface has a size.
static void test_wild(void **state) {
	static const int32_t wild[] = {
		INT32_MIN, INT32_MIN + 1, -1000, -1, 0, 1, 30, 700, INT32_MAX - 1, INT32_MAX};
	const size_t len = sizeof(wild) / sizeof(wild[0]);
	uint64_t random = 1;
	for (int round = 0; round < 200000; round++) {
		uint32_t pick[8];
		for (size_t i = 0; i < 8; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			pick[i] = (uint32_t)(random >> 33);
		}
		const struct layer_box_request request = {
			.width = (uint32_t)wild[pick[0] % len],
			.height = (uint32_t)wild[pick[1] % len],
			.anchor = pick[2] % 16,
			.top = wild[pick[3] % len],
			.right = wild[pick[4] % len],
			.bottom = wild[pick[5] % len],
			.left = wild[pick[6] % len],
			.zone = wild[pick[7] % len],
			.zone_edge = pick[2] >> 8 & 1 ? 1u << (pick[2] >> 4 & 3) : 0,
		};
		struct wlr_box usable, box = place(&request, &usable);
		assert_true(box.width >= 1 && box.height >= 1);
		assert_true(usable.width >= LAYER_BOX_USABLE_MIN);
		assert_true(usable.height >= LAYER_BOX_USABLE_MIN);
		assert_true(usable.x >= output.x && usable.y >= output.y);
		assert_true(usable.x + usable.width <= output.x + output.width);
		assert_true(usable.y + usable.height <= output.y + output.height);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_anchors),
		cmocka_unit_test(test_stretched),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_zones_of_others),
		cmocka_unit_test(test_something_is_left),
		cmocka_unit_test(test_wild),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <math.h>
#include <stdlib.h>

#include "core/draw.h"
#include "core/path.h"
#include "core/region.h"
#include "unit.h"

#define SIZE 256
#define HEAP_BYTES (1 << 20)

struct rig {
	struct heap heap;
	void *memory;
	struct gk_path path;
	uint32_t pixels[SIZE * SIZE];
	struct gk_canvas canvas;
};

static int set_up(void **state) {
	struct rig *rig = calloc(1, sizeof(*rig));
	rig->memory = malloc(HEAP_BYTES);
	heap_add(&rig->heap, rig->memory, HEAP_BYTES);
	path_init(&rig->path, &rig->heap);
	rig->canvas = (struct gk_canvas){rig->pixels, SIZE, SIZE, SIZE, {0, 0, SIZE, SIZE}};
	*state = rig;
	return 0;
}

static int tear_down(void **state) {
	struct rig *rig = *state;
	free(rig->memory);
	free(rig);
	return 0;
}

// How many pixels white covers.
static double area(const struct rig *rig) {
	double sum = 0;
	for (int i = 0; i < SIZE * SIZE; i++) {
		sum += rig->pixels[i] & 0xff;
	}
	return sum / 255;
}

static void fills_the_exact_area(void **state) {
	struct rig *rig = *state;
	gk_path_circle(&rig->path, GK_FIXED(128.3), GK_FIXED(127.9), GK_FIXED(100));
	gk_path_fill(&rig->canvas, &rig->path, 0xffffffff);
	assert_true(fabs(area(rig) - 3.14159265 * 100 * 100) < 20);
	gk_path_clear(&rig->path);
	memset(rig->pixels, 0, sizeof(rig->pixels));
	gk_path_stroke(&rig->path, GK_FIXED(20.5), GK_FIXED(30), GK_FIXED(220), GK_FIXED(180.25),
		GK_FIXED(7));
	gk_path_fill(&rig->canvas, &rig->path, 0xffffffff);
	double length = hypot(199.5, 150.25);
	assert_true(fabs(area(rig) - (length * 7 + 3.14159265 * 3.5 * 3.5)) < 4);
}

static void cuts_holes(void **state) {
	struct rig *rig = *state;
	gk_path_circle(&rig->path, GK_FIXED(128), GK_FIXED(128), GK_FIXED(100));
	gk_path_circle(&rig->path, GK_FIXED(128), GK_FIXED(128), GK_FIXED(-50));
	gk_path_fill(&rig->canvas, &rig->path, 0xffffffff);
	assert_int_equal(rig->pixels[128 * SIZE + 128], 0);
	assert_true(fabs(area(rig) - 3.14159265 * (100 * 100 - 50 * 50)) < 30);
}

static void a_union_is_not_counted_twice(void **state) {
	struct rig *rig = *state;
	gk_path_round_rect(&rig->path, GK_FIXED(10), GK_FIXED(10), GK_FIXED(100), GK_FIXED(100), 0);
	gk_path_round_rect(&rig->path, GK_FIXED(60), GK_FIXED(10), GK_FIXED(100), GK_FIXED(100), 0);
	gk_path_fill(&rig->canvas, &rig->path, 0xffffffff);
	assert_true(fabs(area(rig) - 150 * 100) < 1);
}

// What a clip leaves is what the whole has there.
static void clips_without_changing(void **state) {
	struct rig *rig = *state;
	uint32_t random = 7;
	uint32_t *whole = malloc(sizeof(rig->pixels));
	for (int round = 0; round < 200; round++) {
		gk_path_clear(&rig->path);
		gk_path_move(&rig->path, 0, 0);
		for (int i = 0; i < 6; i++) {
			gk_fixed x = (gk_fixed)(random_next(&random) % 131072) - 32768;
			gk_fixed y = (gk_fixed)(random_next(&random) % 131072) - 32768;
			gk_path_line(&rig->path, x, y);
		}
		memset(rig->pixels, 0, sizeof(rig->pixels));
		gk_path_fill(&rig->canvas, &rig->path, 0xffffffff);
		memcpy(whole, rig->pixels, sizeof(rig->pixels));
		memset(rig->pixels, 0, sizeof(rig->pixels));
		struct gk_rect rect = {(int)(random_next(&random) % 200),
			(int)(random_next(&random) % 200), 50, 40};
		struct gk_canvas clipped = gk_canvas_clip(&rig->canvas, rect);
		gk_path_fill(&clipped, &rig->path, 0xffffffff);
		for (int i = 0; i < SIZE * SIZE; i++) {
			int x = i % SIZE, y = i / SIZE;
			bool inside = x >= rect.x && x < rect.x + rect.width && y >= rect.y &&
				y < rect.y + rect.height;
			int expected = inside ? (int)(whole[i] & 0xff) : 0;
			assert_int_equal(rig->pixels[i] & 0xff, expected);
		}
	}
	free(whole);
}

static void survives_absurd_shapes(void **state) {
	struct rig *rig = *state;
	static const gk_fixed values[] = {0, INT32_MAX, INT32_MIN, GK_FIXED(32000),
		GK_FIXED(-32000), 1, -1, GK_FIXED(300), 12345};
	uint32_t random = 3;
	for (int round = 0; round < 500; round++) {
		gk_path_clear(&rig->path);
		for (int i = 0; i < 5; i++) {
			gk_fixed v[4];
			for (int j = 0; j < 4; j++) {
				v[j] = values[random_next(&random) % 9];
			}
			gk_path_curve(&rig->path, v[0], v[1], v[2], v[3]);
		}
		gk_path_fill(&rig->canvas, &rig->path, 0x80ffffff);
	}
}

static void without_memory_nothing_is_drawn(void **state) {
	struct rig *rig = *state;
	// Half a shape is there, and then memory to draw it.
	void *spare = heap_allocate(&rig->heap, 8192, 16);
	gk_path_round_rect(&rig->path, 0, 0, GK_FIXED(50), GK_FIXED(50), 0);
	while (heap_allocate(&rig->heap, 64, 16) != NULL) {
	}
	gk_path_circle(&rig->path, GK_FIXED(128), GK_FIXED(128), GK_FIXED(100));
	heap_free(&rig->heap, spare);
	gk_path_fill(&rig->canvas, &rig->path, 0xffffffff);
	assert_true(area(rig) == 0);
}

static void knows_sines(void **state) {
	for (int32_t turns = -200000; turns < 200000; turns += 7) {
		double radians = turns / 65536.0 * 2 * 3.141592653589793;
		assert_true(fabs(gk_sine(turns) - 65536 * sin(radians)) < 1);
		assert_true(fabs(gk_cosine(turns) - 65536 * cos(radians)) < 1);
	}
	assert_int_equal(gk_sine(16384), 65536);
	assert_int_equal(gk_cosine(INT32_MAX), gk_cosine(-1));
}

static void blends(void **state) {
	assert_int_equal(draw_blend(0x112233, 0xaabbcc, 0), 0x112233);
	assert_int_equal(draw_blend(0x112233, 0xaabbcc, 256), 0xaabbcc);
	assert_int_equal(draw_weight(0xff000000, 255), 256);
	assert_int_equal(draw_weight(0xff000000, 0), 0);
	assert_int_equal(draw_weight(0x00000000, 255), 0);
	assert_int_equal(gk_mix(0xff000000, 0xffffffff, 255), 0xffffffff);
	assert_int_equal(gk_mix(0xff102030, 0xffffffff, 0), 0xff102030);
}

// Whatever is added is covered, by no more rectangles than there may be.
static void regions_cover(void **state) {
	uint32_t random = 5;
	for (int round = 0; round < 300; round++) {
		struct region region = {0};
		static bool wanted[64][64];
		memset(wanted, 0, sizeof(wanted));
		for (int i = 0; i < 12; i++) {
			struct gk_rect rect = {(int)(random_next(&random) % 50),
				(int)(random_next(&random) % 50), (int)(random_next(&random) % 14),
				(int)(random_next(&random) % 14)};
			region_add(&region, rect);
			for (int y = rect.y; y < rect.y + rect.height; y++) {
				for (int x = rect.x; x < rect.x + rect.width; x++) {
					wanted[y][x] = true;
				}
			}
		}
		assert_int_in_range(region.count, 0, REGION_RECTS_MAX);
		for (int i = 0; i < 64 * 64; i++) {
			bool covered = false;
			struct gk_rect pixel = {i % 64, i / 64, 1, 1};
			for (int j = 0; j < region.count; j++) {
				covered = covered ||
					gk_rect_intersect(region.rects[j], pixel).width > 0;
			}
			assert_true(covered || !wanted[i / 64][i % 64]);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(fills_the_exact_area),
		TEST(cuts_holes),
		TEST(a_union_is_not_counted_twice),
		TEST(clips_without_changing),
		TEST(survives_absurd_shapes),
		TEST(without_memory_nothing_is_drawn),
		cmocka_unit_test(knows_sines),
		cmocka_unit_test(blends),
		cmocka_unit_test(regions_cover),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
	gk_path_circle(&rig->path, 128.3f, 127.9f, 100);
	gk_path_fill(&rig->canvas, &rig->path, 0xffffffff);
	assert_true(fabs(area(rig) - 3.14159265 * 100 * 100) < 20);
	gk_path_clear(&rig->path);
	memset(rig->pixels, 0, sizeof(rig->pixels));
	gk_path_stroke(&rig->path, 20.5f, 30, 220, 180.25f, 7);
	gk_path_fill(&rig->canvas, &rig->path, 0xffffffff);
	double length = hypot(199.5, 150.25);
	assert_true(fabs(area(rig) - (length * 7 + 3.14159265 * 3.5 * 3.5)) < 4);
}

static void cuts_holes(void **state) {
	struct rig *rig = *state;
	gk_path_circle(&rig->path, 128, 128, 100);
	gk_path_circle(&rig->path, 128, 128, -50);
	gk_path_fill(&rig->canvas, &rig->path, 0xffffffff);
	assert_int_equal(rig->pixels[128 * SIZE + 128], 0);
	assert_true(fabs(area(rig) - 3.14159265 * (100 * 100 - 50 * 50)) < 30);
}

static void a_union_is_not_counted_twice(void **state) {
	struct rig *rig = *state;
	gk_path_round_rect(&rig->path, 10, 10, 100, 100, 0);
	gk_path_round_rect(&rig->path, 60, 10, 100, 100, 0);
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
			float x = (float)(random_next(&random) % 4096) / 8 - 128;
			float y = (float)(random_next(&random) % 4096) / 8 - 128;
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
			assert_int_in_range(
				(int)(rig->pixels[i] & 0xff) - expected + 2, 0, 4); // rounding
		}
	}
	free(whole);
}

static void survives_absurd_shapes(void **state) {
	struct rig *rig = *state;
	static const float values[] = {0, 1e30f, -1e30f, INFINITY, -INFINITY, NAN, 5, -5, 300};
	uint32_t random = 3;
	for (int round = 0; round < 500; round++) {
		gk_path_clear(&rig->path);
		for (int i = 0; i < 5; i++) {
			float v[4];
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
	while (heap_allocate(&rig->heap, 64, 16) != NULL) {
	}
	gk_path_circle(&rig->path, 128, 128, 100);
	gk_path_fill(&rig->canvas, &rig->path, 0xffffffff);
	assert_true(area(rig) == 0);
}

static void knows_sines(void **state) {
	for (int i = -3000; i < 3000; i++) {
		double turns = i / 777.0;
		assert_true(
			fabs(gk_sine((float)turns) - sin(turns * 2 * 3.141592653589793)) < 4e-6);
		assert_true(
			fabs(gk_cosine((float)turns) - cos(turns * 2 * 3.141592653589793)) < 4e-6);
	}
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

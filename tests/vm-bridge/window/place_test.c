// Where a frame lies in its window: whole pixels, never stretched.
#include "fake_cmocka.h"
#include "window_place.h"

static void check_axis(uint32_t frame, int32_t window, uint32_t scale120) {
	const struct window_place place = window_place_axis(frame, window, scale120);
	const uint32_t pixels = window_place_pixels(window, scale120);
	assert_true(place.position >= 0);
	assert_true(place.extent >= 1);
	assert_true(place.position + place.extent <= window);
	assert_true(place.source >= 0);
	assert_true(place.source_extent > 0);
	assert_true(place.source + place.source_extent <= frame);
	if (frame == pixels) {
		assert_int_equal(place.extent, window);
		assert_true(place.source_extent == frame);
		return;
	}
	const double covered = (double)place.extent * scale120 / WINDOW_SCALE_1;
	if (covered <= frame && place.extent > 1) {
		// One to one, and both edges on whole pixels.
		assert_true(place.source_extent == covered);
		const int64_t edge = (int64_t)place.position * scale120;
		if (covered == (double)(int64_t)covered) {
			assert_int_equal(edge % WINDOW_SCALE_1, 0);
		}
	}
}

static void test_axis(void **state) {
	static const uint32_t scales[] = {60, 120, 144, 150, 160, 180, 200, 210, 240, 300, 360};
	static const uint32_t frames[] = {1, 2, 3, 64, 639, 640, 720, 1000, 1023, 1280, 1920, 4096};
	static const int32_t windows[] = {1, 2, 5, 100, 512, 640, 799, 1000, 1001, 1280, 2560};
	for (size_t s = 0; s < sizeof(scales) / sizeof(scales[0]); s++) {
		for (size_t f = 0; f < sizeof(frames) / sizeof(frames[0]); f++) {
			for (size_t w = 0; w < sizeof(windows) / sizeof(windows[0]); w++) {
				check_axis(frames[f], windows[w], scales[s]);
			}
		}
	}
}

static void test_examples(void **state) {
	// Cropped at the far edge.
	struct window_place place = window_place_axis(1920, 1280, 120);
	assert_int_equal(place.position, 0);
	assert_int_equal(place.extent, 1280);
	assert_true(place.source_extent == 1280);
	// Centred.
	place = window_place_axis(640, 1280, 120);
	assert_int_equal(place.position, 320);
	assert_int_equal(place.extent, 640);
	// At 1.25 the grid is four units, which are five pixels.
	place = window_place_axis(1003, 1000, 150);
	assert_int_equal(place.extent, 800);
	assert_true(place.source_extent == 1000);
	assert_int_equal(place.position, 100);
	// The window's own size fills it, also where that is no whole number of units.
	place = window_place_axis(1251, 1001, 150);
	assert_int_equal(place.extent, 1001);
	assert_true(place.source_extent == 1251);
}

static void test_to_frame(void **state) {
	const struct window_place place = window_place_axis(640, 1280, 120);
	assert_true(window_place_to_frame(&place, 320, 120) == 0);
	assert_true(window_place_to_frame(&place, 959, 120) == 639);
	assert_true(window_place_to_frame(&place, 0, 120) < 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_axis),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_to_frame),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// Settings of screens as words, their places, and the scale that suits them.

#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "output_place.h"
#include "output_scale.h"
#include "output_settings.h"

#define WORDS_MAX 4

static size_t read_line(struct output_settings *settings, const char *line, size_t *wrong) {
	char text[128], why[128];
	char *words[WORDS_MAX], *rest = text;
	size_t len = 0;
	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok_r(rest, " ", &rest); word != NULL;
		word = strtok_r(NULL, " ", &rest)) {
		words[len++] = word;
	}
	return output_settings_read(settings, len, words, wrong, why, sizeof(why));
}

static void test_words(void **state) {
	static const struct {
		const char *line;
		size_t taken;
		struct output_settings expected;
	} cases[] = {
		{"enable", 1, {OUTPUT_SETTING_ENABLED, .enabled = true}},
		{"disable more", 1, {OUTPUT_SETTING_ENABLED}},
		{"power on", 2, {OUTPUT_SETTING_POWER, .powered = true}},
		{"power off", 2, {OUTPUT_SETTING_POWER}},
		{"mode preferred", 2, {OUTPUT_SETTING_MODE}},
		{"mode 1920x1080", 2, {OUTPUT_SETTING_MODE, .width = 1920, .height = 1080}},
		{"mode 800x600@59.94Hz custom", 3,
			{OUTPUT_SETTING_MODE, .width = 800, .height = 600, .refresh_mhz = 59940,
				.custom = true}},
		{"mode 800x600 scale 2", 2, {OUTPUT_SETTING_MODE, .width = 800, .height = 600}},
		{"scale auto", 2, {OUTPUT_SETTING_SCALE}},
		{"scale 1.1", 2, {OUTPUT_SETTING_SCALE, .scale120 = 132}},
		{"scale 0.5", 2, {OUTPUT_SETTING_SCALE, .scale120 = 60}},
		{"position auto", 2, {OUTPUT_SETTING_POSITION}},
		{"position -5 7", 3,
			{OUTPUT_SETTING_POSITION, .positioned = true, .x = -5, .y = 7}},
		{"transform flipped-270", 2, {OUTPUT_SETTING_TRANSFORM, .transform = 7}},
		{"adaptive-sync on", 2, {OUTPUT_SETTING_ADAPTIVE_SYNC, .adaptive_sync = true}},
		{"tearing yes", 2, {OUTPUT_SETTING_TEARING, .tearing = true}},
		{"max-render-time auto", 2, {OUTPUT_SETTING_MAX_RENDER}},
		{"max-render-time off", 2,
			{OUTPUT_SETTING_MAX_RENDER, .max_render_ms = OUTPUT_MAX_RENDER_OFF}},
		{"max-render-time 7", 2, {OUTPUT_SETTING_MAX_RENDER, .max_render_ms = 7}},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct output_settings settings = {0};
		size_t wrong = 99;
		assert_int_equal(read_line(&settings, cases[i].line, &wrong), cases[i].taken);
		assert_int_equal(output_settings_difference(&settings, &cases[i].expected), 0);
		assert_int_equal(settings.set, cases[i].expected.set);
	}
}

static void test_wrong_words(void **state) {
	static const struct {
		const char *line;
		size_t wrong;
	} cases[] = {
		{"frobnicate", 0},
		{"mode", 0},
		{"mode 0x0", 1},
		{"mode 10x", 1},
		{"mode -5x10", 1},
		{"mode 5x+10", 1},
		{"mode 16385x10", 1},
		{"mode 10x10@", 1},
		{"mode 10x10@1001", 1},
		{"mode 10x10@-1", 1},
		{"mode 10x10@60@60", 1},
		{"mode 11111111111111111111111111111111111x5", 1},
		{"scale 0.49", 1},
		{"scale 8.1", 1},
		{"scale nan", 1},
		{"position 1", 1},
		{"position 1 x", 2},
		{"position 65537 0", 1},
		{"transform 91", 1},
		{"power maybe", 1},
		{"adaptive-sync", 0},
		{"max-render-time 0", 1},
		{"max-render-time 1001", 1},
		{"max-render-time on", 1},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct output_settings before = {.set = OUTPUT_SETTING_SCALE, .scale120 = 90};
		struct output_settings settings = before;
		size_t wrong = 99;
		assert_int_equal(read_line(&settings, cases[i].line, &wrong), 0);
		assert_int_equal(wrong, cases[i].wrong);
		assert_memory_equal(&settings, &before, sizeof(before));
	}
}

static void test_merge(void **state) {
	struct output_settings settings = {.enabled = true, .powered = true};
	size_t wrong;
	struct output_settings over = {0}, same = settings;
	read_line(&over, "scale 2", &wrong);
	read_line(&over, "disable", &wrong);
	output_settings_merge(&settings, &over);
	assert_false(settings.enabled);
	assert_true(settings.powered);
	assert_int_equal(settings.scale120, 240);
	// What one says and the other does not is a difference, too.
	assert_int_equal(output_settings_difference(&settings, &same),
		OUTPUT_SETTING_SCALE | OUTPUT_SETTING_ENABLED);
	output_settings_merge(&same, &settings);
	assert_int_equal(output_settings_difference(&settings, &same), 0);
}

// --- places -------------------------------------------------------------------------------

static void assert_place(const struct output_place *place, int x, int y) {
	assert_int_equal(place->box.x, x);
	assert_int_equal(place->box.y, y);
}

static void test_row(void **state) {
	struct output_place places[] = {
		{.box = {.width = 1920, .height = 1080}},
		{.box = {.width = 800, .height = 600}},
		{.box = {.width = 1280, .height = 1024}},
	};
	output_place(places, 3);
	assert_place(&places[0], 0, 0);
	assert_place(&places[1], 1920, 0);
	assert_place(&places[2], 2720, 0);
	output_place(places, 0);
}

static void test_positions(void **state) {
	struct output_place places[] = {
		{.box = {.width = 1000, .height = 1000}},
		{true, {-500, 200, 500, 500}},
		{true, {0, 300, 800, 600}},
		{true, {799, 899, 100, 100}}, // a pixel of the one before
		{true, {800, 300, 100, 100}}, // beside it
	};
	output_place(places, 5);
	assert_place(&places[1], -500, 200);
	assert_place(&places[2], 0, 300);
	assert_place(&places[4], 800, 300);
	assert_place(&places[0], 900, 300);
	assert_false(places[3].positioned);
	assert_place(&places[3], 1900, 300);
}

static void test_row_beside_positions(void **state) {
	static const struct {
		struct wlr_box positioned;
		int x, y; // of the two others, 100x100 and 50x50
	} cases[] = {
		{{0, 100, 300, 100}, 0, 0}, // below
		{{0, -40, 20, 40}, 0, 0}, // above
		{{150, 0, 10, 10}, 0, 0}, // at the right
		{{-10, 30, 10, 10}, 0, 0}, // at the left
		{{149, 49, 10, 10}, 159, 49}, // a pixel of the second
		{{151, 0, 10, 10}, 161, 0}, // a gap
		{{150, 50, 10, 10}, 160, 50}, // a corner is no side
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct output_place places[] = {
			{.box = {.width = 100, .height = 100}},
			{true, cases[i].positioned},
			{.box = {.width = 50, .height = 50}},
		};
		output_place(places, 3);
		assert_place(&places[0], cases[i].x, cases[i].y);
		assert_place(&places[2], cases[i].x + 100, cases[i].y);
	}
}

static bool overlap(const struct wlr_box *a, const struct wlr_box *b) {
	return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
		b->y < a->y + a->height;
}

static void test_random_places(void **state) {
	uint64_t random = 7;
	for (int round = 0; round < 2000; round++) {
		struct output_place places[6];
		for (int i = 0; i < 6; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			places[i] = (struct output_place){
				.positioned = random >> 60 < 9,
				.box = {.x = (int)(random >> 30 & 1023) - 512,
					.y = (int)(random >> 20 & 1023) - 512,
					.width = 1 + (int)(random >> 40 & 511),
					.height = 1 + (int)(random >> 50 & 511)},
			};
		}
		struct output_place before[6];
		memcpy(before, places, sizeof(before));
		output_place(places, 6);
		for (int i = 0; i < 6; i++) {
			for (int j = 0; j < i; j++) {
				assert_false(overlap(&places[i].box, &places[j].box));
			}
			if (places[i].positioned) {
				assert_memory_equal(
					&places[i].box, &before[i].box, sizeof(before[i].box));
			}
		}
	}
}

// --- scales -------------------------------------------------------------------------------

static void test_scales(void **state) {
	static const struct {
		const char *what;
		int width, height, width_mm, height_mm;
		uint32_t scale120;
	} cases[] = {
		{"a monitor of 24 inches", 1920, 1080, 531, 299, 120},
		{"27 inches", 2560, 1440, 597, 336, 120},
		{"27 inches, 4K", 3840, 2160, 597, 336, 180},
		{"32 inches, 4K", 3840, 2160, 698, 393, 150},
		{"27 inches, 5K", 5120, 2880, 597, 336, 240},
		{"a laptop of 15.6 inches", 1920, 1080, 344, 193, 120},
		{"13.3 inches", 1920, 1080, 294, 165, 150},
		{"13.3 inches, 4K", 3840, 2160, 294, 165, 300},
		{"13.5 inches, high", 2256, 1504, 285, 190, 180},
		{"a television", 3840, 2160, 1210, 680, 120},
		{"a portable screen, upright", 1080, 1920, 165, 294, 150},
		{"a telephone keeps room", 720, 1440, 65, 130, 180},
		{"and another shape, too", 1000, 900, 60, 54, 150},
		{"no size", 3840, 2160, 0, 0, 120},
		{"a ratio for a size", 3840, 2160, 160, 90, 120},
		{"no mode", 0, 0, 300, 200, 120},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t scale120 = output_scale_default(
			cases[i].width, cases[i].height, cases[i].width_mm, cases[i].height_mm);
		if (scale120 != cases[i].scale120) {
			fail_msg("%s: %u", cases[i].what, scale120);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_wrong_words),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_row),
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_row_beside_positions),
		cmocka_unit_test(test_random_places),
		cmocka_unit_test(test_scales),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

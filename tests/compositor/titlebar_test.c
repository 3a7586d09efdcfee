// Title bars: what may be shown of untrusted text, and the pixels.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "titlebar.h"

// cmocka.h wants the ones above
#include <cmocka.h>
#include <drm_fourcc.h>
#include <wlr/interfaces/wlr_buffer.h>

static void assert_filtered(const char *text, size_t max_bytes, const char *expected) {
	char *filtered = titlebar_filter_text(text, max_bytes);
	assert_string_equal(filtered, expected);
	free(filtered);
}

static void test_filter(void **state) {
	assert_filtered("plain", 100, "plain");
	assert_filtered("Grüße, 世界", 100, "Grüße, 世界");
	assert_filtered("", 100, "");
	assert_filtered("abc", 2, "ab");
	assert_filtered("aü", 2, "a"); // no half letters
	assert_filtered("a\tb\r\nc", 100, "a b  c");
	assert_filtered("a\x1b[31mb\x7f", 100, "a[31mb");
	assert_filtered("a\xff\xc3", 100, "a\xef\xbf\xbd\xef\xbf\xbd");
	assert_filtered("\xc0\x80", 100, "\xef\xbf\xbd\xef\xbf\xbd");
	assert_filtered("\xed\xa0\x80", 9, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); // surrogate
	assert_filtered("safe\u202egnp.exe", 100, "safegnp.exe");
	assert_filtered("a\u200b\u2066b\u2028c\ufeff", 100, "ab c");
	assert_filtered("\u0301e\u0301\u0301\u0301\u0301\u0301", 100, "e\u0301\u0301");
}

static void test_filter_long(void **state) {
	const size_t size = 1 << 20;
	char *text = malloc(size + 1);
	memset(text, 'a', size);
	text[size] = '\0';
	char *filtered = titlebar_filter_text(text, 200);
	assert_int_equal(strlen(filtered), 200);
	free(filtered);
	memset(text, 0xff, size);
	filtered = titlebar_filter_text(text, 200);
	assert_int_equal(strlen(filtered), 198);
	free(filtered);
	free(text);
}

// Pixels of a column range that are not of that colour.
static int count_other(struct wlr_buffer *buffer, int from, int to, uint32_t colour) {
	void *data;
	uint32_t format;
	size_t stride;
	assert_true(wlr_buffer_begin_data_ptr_access(
		buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ, &data, &format, &stride));
	assert_int_equal(format, DRM_FORMAT_ARGB8888);
	int count = 0;
	for (int y = 0; y < buffer->height; y++) {
		const uint32_t *row = (const uint32_t *)((const char *)data + y * stride);
		for (int x = from; x < to; x++) {
			count += row[x] != (0xff000000 | colour);
		}
	}
	wlr_buffer_end_data_ptr_access(buffer);
	return count;
}

static const struct titlebar plain = {
	.text = "",
	.font = "monospace 10",
	.width = 400,
	.height = 22,
	.scale = 1,
	.colour = 0x335577,
	.text_colour = 0xffffff,
};

static struct wlr_buffer *draw(const struct titlebar *titlebar, int width, int height) {
	struct wlr_buffer *buffer = titlebar_draw(titlebar);
	assert_non_null(buffer);
	assert_int_equal(buffer->width, width);
	assert_int_equal(buffer->height, height);
	return buffer;
}

static void test_draw(void **state) {
	struct titlebar titlebar = plain;
	struct wlr_buffer *buffer = draw(&titlebar, 400, 22);
	assert_int_equal(count_other(buffer, 0, 400, 0x335577), 0);
	wlr_buffer_drop(buffer);

	titlebar.text = "clock";
	buffer = draw(&titlebar, 400, 22);
	assert_true(count_other(buffer, 0, 100, 0x335577) > 20);
	assert_int_equal(count_other(buffer, 100, 400, 0x335577), 0);
	wlr_buffer_drop(buffer);

	titlebar.label = "work";
	buffer = draw(&titlebar, 400, 22);
	assert_true(count_other(buffer, 300, 400, 0x335577) > 20);
	wlr_buffer_drop(buffer);
}

static void test_label_is_never_covered(void **state) {
	struct titlebar titlebar = plain;
	titlebar.label = "work";
	struct wlr_buffer *buffer = draw(&titlebar, 400, 22);
	int label = count_other(buffer, 350, 400, 0x335577);
	assert_true(label > 20);
	wlr_buffer_drop(buffer);

	char text[1000];
	memset(text, 'W', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	titlebar.text = text;
	buffer = draw(&titlebar, 400, 22);
	assert_true(count_other(buffer, 200, 300, 0x335577) > 20);
	assert_int_equal(count_other(buffer, 353, 400, 0x335577), label);
	wlr_buffer_drop(buffer);
}

static void test_scale(void **state) {
	struct titlebar titlebar = plain;
	titlebar.text = "clock";
	titlebar.scale = 1.25f;
	wlr_buffer_drop(draw(&titlebar, 500, 28));
	titlebar.scale = 1.1f; // in a float it is a little more
	titlebar.width = 1210;
	titlebar.height = 20;
	wlr_buffer_drop(draw(&titlebar, 1331, 22));
	titlebar.scale = 2;
	wlr_buffer_drop(draw(&titlebar, 2420, 40));
}

static void test_no_room(void **state) {
	struct titlebar titlebar = plain;
	titlebar.text = "clock";
	titlebar.label = "work";
	titlebar.note = "paused";
	for (int size = 1; size < 40; size++) {
		titlebar.width = size;
		titlebar.height = 40 - size;
		wlr_buffer_drop(draw(&titlebar, size, 40 - size));
	}
	titlebar.width = 0;
	assert_null(titlebar_draw(&titlebar));
	titlebar.width = 1 << 30;
	assert_null(titlebar_draw(&titlebar));
	titlebar.width = 100;
	titlebar.scale = 0;
	assert_null(titlebar_draw(&titlebar));
}

static void test_height(void **state) {
	int small = titlebar_height("sans 8", 0);
	assert_true(small >= 8 && small < 20);
	assert_int_equal(titlebar_height("sans 8", 3), small + 6);
	assert_true(titlebar_height("sans 16", 0) > small);
	assert_true(titlebar_height("no such font at all", 0) > 0);
	assert_true(titlebar_height("sans 100000", 0) <= 256);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_filter_long),
		cmocka_unit_test(test_draw),
		cmocka_unit_test(test_label_is_never_covered),
		cmocka_unit_test(test_scale),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_height),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

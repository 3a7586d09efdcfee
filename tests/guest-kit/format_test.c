#include <stdio.h>

#include "core/format.h"
#include "core/utf8.h"
#include "gk.h"
#include "unit.h"

// The host's printf is the oracle.
#define CHECK(...)                                                                                 \
	do {                                                                                       \
		char ours[64], theirs[64];                                                         \
		int length = gk_format(ours, sizeof(ours), __VA_ARGS__);                           \
		assert_int_equal(length, snprintf(theirs, sizeof(theirs), __VA_ARGS__));           \
		assert_string_equal(ours, theirs);                                                 \
	} while (0)

static void formats_as_printf_does(void **state) {
	CHECK("plain %% text");
	CHECK("%d %i %u", -12, 0, 4000000000u);
	CHECK("%5d|%-5d|%05d|%2d", 42, 42, -42, 12345);
	CHECK("%x %X %#x %08lx", 0xbeefu, 0xbeefu, 0x1fu, 0xdeadbeefcafeul);
	CHECK("%ld %lu %lld %zu", -1L, ~0UL, -5LL, (size_t)7);
	CHECK("%s|%8s|%-8s|%.2s|%c", "abc", "abc", "abc", "abc", 'z');
	CHECK("%d %ld", INT32_MIN, INT64_MIN);
	CHECK("%p", (void *)(uintptr_t)0x1234);
}

static void cuts_what_does_not_fit(void **state) {
	char buffer[8];
	memset(buffer, 'x', sizeof(buffer));
	assert_int_equal(gk_format(buffer, 5, "%s", "too long"), 8);
	assert_string_equal(buffer, "too ");
	assert_int_equal(buffer[5], 'x');
	assert_int_equal(gk_format(NULL, 0, "%d", 100), 3);
}

static void reads_and_writes_utf8(void **state) {
	for (uint32_t c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 97) {
		if (c >= 0xd800 && c < 0xe000) {
			continue;
		}
		char text[UTF8_BYTES_MAX];
		size_t length = utf8_put(text, c);
		size_t at = 0;
		assert_int_equal(utf8_next(text, length, &at), c);
		assert_int_equal(at, length);
	}
}

static void replaces_bad_utf8(void **state) {
	static const char *const bad[] = {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80",
		"\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t at = 0;
		assert_int_equal(utf8_next(bad[i], strlen(bad[i]), &at), UTF8_REPLACEMENT);
		assert_int_equal(at, 1);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_as_printf_does),
		cmocka_unit_test(cuts_what_does_not_fit),
		cmocka_unit_test(reads_and_writes_utf8),
		cmocka_unit_test(replaces_bad_utf8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

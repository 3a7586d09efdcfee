#include <string.h>

#include "fake_cmocka.h"
#include "iov.h"

static char first[3], second[1], third[4];
static const struct iovec parts[] = {{first, 3}, {NULL, 0}, {second, 1}, {third, 4}};
#define COUNT 4

static void test_length(void **state) {
	assert_int_equal(iov_length(parts, COUNT), 8);
	assert_int_equal(iov_length(parts, 0), 0);
}

static void test_every_cut(void **state) {
	for (size_t offset = 0; offset <= 9; offset++) {
		for (size_t size = 0; size <= 9; size++) {
			char in[] = "abcdefghi", out[] = "................";
			size_t left = offset < 8 ? 8 - offset : 0;
			size_t expected = size < left ? size : left;
			memset(first, '-', 3), memset(second, '-', 1), memset(third, '-', 4);
			assert_int_equal(iov_write(parts, COUNT, offset, in, size), expected);
			assert_int_equal(iov_read(parts, COUNT, offset, out, size), expected);
			assert_memory_equal(out, in, expected);
			assert_int_equal(out[expected], '.');
			char whole[8], wanted[] = "--------";
			memcpy(wanted + (offset < 8 ? offset : 0), in, expected);
			assert_int_equal(iov_read(parts, COUNT, 0, whole, 8), 8);
			assert_memory_equal(whole, wanted, 8);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_every_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

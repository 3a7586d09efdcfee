#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include "scope.h"

static void assert_unit(
	const char *prefix, const char *name, const char *suffix, const char *expected) {
	char *unit = scope_unit_name(prefix, name, suffix);
	assert_string_equal(unit, expected);
	free(unit);
}

static void test_names(void **state) {
	assert_unit("redecho-0", "clock-2", "12ab34cd", "redecho-0-clock-2-12ab34cd.scope");
	assert_unit("redecho-0", "vmd", NULL, "redecho-0-vmd.scope");
	assert_unit("my desk/1", "a@b", "\xc3\xa4", "my\\x20desk\\x2f1-a\\x40b-\\xc3\\xa4.scope");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

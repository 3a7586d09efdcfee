#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "timezone.h"

/* A TZif file with nothing but a header twice, and a footer. */
static size_t make_tzif(char *content, char version, const char *footer) {
	memset(content, 0, 44);
	memcpy(content, "TZif", 4);
	content[4] = version;
	memcpy(content + 44, content, 44);
	size_t length = strlen(footer);
	memcpy(content + 88, footer, length);
	return 88 + length;
}

static void test_footer(void **state) {
	static const struct {
		char version;
		const char *footer;
		const char *posix; // NULL: refused
	} cases[] = {
		{'2', "\nCET-1CEST,M3.5.0,M10.5.0/3\n", "CET-1CEST,M3.5.0,M10.5.0/3"},
		{'3', "\n<-03>3\n", "<-03>3"},
		{'2', "\nUTC0\n", "UTC0"},
		{'\0', "\nUTC0\n", NULL}, // version 1 has none
		{'2', "\n\n", NULL},
		{'2', "\nUTC0", NULL},
		{'2', "UTC0\n", NULL},
		{'2', "\nUT\033C0\n", NULL},
		{'2', "", NULL},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char content[256], posix[128];
		size_t size = make_tzif(content, cases[i].version, cases[i].footer);
		bool ok = timezone_footer(content, size, posix, sizeof(posix));
		assert_int_equal(ok, cases[i].posix != NULL);
		if (ok) {
			assert_string_equal(posix, cases[i].posix);
		}
	}
	char content[512], posix[128];
	char footer[202];
	memset(footer, 'A', sizeof(footer));
	footer[0] = footer[200] = '\n';
	footer[201] = '\0';
	assert_false(timezone_footer(content, make_tzif(content, '2', footer), posix, 128));
	assert_false(timezone_footer("TZif2", 5, posix, sizeof(posix)));
	assert_false(timezone_footer("", 0, posix, sizeof(posix)));
}

struct fixture {
	char folder[32];
	char *localtime, *zoneinfo;
};

static int setup(void **state) {
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	strcpy(fixture->folder, "/tmp/re-timezone.XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->localtime = format_string("%s/localtime", fixture->folder);
	fixture->zoneinfo = format_string("%s/zoneinfo", fixture->folder);
	char *europe = format_string("%s/Europe", fixture->zoneinfo);
	char *berlin = format_string("%s/Berlin", europe);
	char content[256];
	size_t size = make_tzif(content, '2', "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
	assert_int_equal(file_make_folders(europe), 0);
	assert_int_equal(file_write(berlin, content, size, 0600), 0);
	assert_int_equal(symlink("zoneinfo/../zoneinfo/Europe/Berlin", fixture->localtime), 0);
	free(berlin);
	free(europe);
	*state = fixture;
	return 0;
}

static int teardown(void **state) {
	struct fixture *fixture = *state;
	file_remove_tree(fixture->folder);
	free(fixture->localtime);
	free(fixture->zoneinfo);
	free(fixture);
	return 0;
}

static void check(struct fixture *fixture, const char *tz, const char *posix, const char *area) {
	struct timezone_names names;
	timezone_read_from(&names, tz, fixture->localtime, fixture->zoneinfo);
	assert_string_equal(names.posix, posix);
	assert_string_equal(names.area, area);
}

static void test_tz(void **state) {
	check(*state, "Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3", "Europe/Berlin");
	check(*state, ":Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3", "Europe/Berlin");
	check(*state, "EST5EDT", "EST5EDT", "");
	check(*state, "<+0330>-3:30", "<+0330>-3:30", "");
	check(*state, "", "UTC0", "");
	check(*state, "Nowhere/Land", "UTC0", "");
	check(*state, "../../etc/passwd", "UTC0", "");
	check(*state, "EST5 init=/bin/sh", "UTC0", "");
}

static void test_localtime(void **state) {
	struct fixture *fixture = *state;
	struct timezone_names names;
	timezone_read_from(&names, NULL, fixture->localtime, fixture->zoneinfo);
	assert_string_equal(names.posix, "CET-1CEST,M3.5.0,M10.5.0/3");
	assert_string_equal(names.area, "Europe/Berlin");
	unlink(fixture->localtime);
	assert_int_equal(symlink("zoneinfo/Europe/Berlin", fixture->localtime), 0);
	timezone_read_from(&names, NULL, fixture->localtime, fixture->zoneinfo);
	assert_string_equal(names.area, "");
	unlink(fixture->localtime);
	char *target = format_string("%s/Europe/Berlin", fixture->zoneinfo);
	assert_int_equal(symlink(target, fixture->localtime), 0);
	free(target);
	check(fixture, NULL, "CET-1CEST,M3.5.0,M10.5.0/3", "Europe/Berlin");
	unlink(fixture->localtime);
	check(fixture, NULL, "UTC0", "");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_footer),
		cmocka_unit_test_setup_teardown(test_tz, setup, teardown),
		cmocka_unit_test_setup_teardown(test_localtime, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

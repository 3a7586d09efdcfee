// Labels and their colours: none can pass for the host's.

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

// cmocka.h wants the ones above
#include <cmocka.h>

static struct config *parse(const char *text) {
	struct config_errors errors;
	struct config *config = config_parse("f", text, strlen(text), NULL, &errors);
	for (size_t i = 0; i < errors.len; i++) {
		char line[512];
		config_error_format(&errors.errors[i], line, sizeof(line));
		fail_msg("%s", line);
	}
	assert_non_null(config);
	return config;
}

static void assert_error(const char *text, const char *expected) {
	struct config_errors errors;
	assert_null(config_parse("f", text, strlen(text), NULL, &errors));
	assert_int_equal(errors.len, 1);
	char line[512];
	config_error_format(&errors.errors[0], line, sizeof(line));
	assert_string_equal(line, expected);
	config_errors_finish(&errors);
}

static void test_the_hosts_label_is_nobodys(void **state) {
	static const char why[] = "host is no machine's label: it says that a program runs on the "
				  "host; its colour is "
				  "that of host in border";
	char expected[256];
	snprintf(expected, sizeof(expected), "f:1:7: %s", why);
	assert_error("label host #00ff00", expected);
	assert_error("label HoSt #00ff00", expected);
	assert_error("label \" host  \" #00ff00", expected);
	assert_error("label \"\" #00ff00", "f:1:7: the label has no name");
	config_destroy(parse("label hostess #00ff00\nlabel ghost #ff0000"));
	assert_true(config_label_is_hosts("HOST"));
	assert_false(config_label_is_hosts("host x"));
	assert_false(config_label_is_hosts("hos"));
	assert_false(config_label_is_hosts(""));
}

static void test_no_colour_near_the_hosts(void **state) {
	static const char label[] =
		"the colour #%06x of label %s is too near to that of host windows, "
		"#%06x: choose another for one of them";
	char why[256], expected[300];
	snprintf(why, sizeof(why), label, 0x565c68, "x", 0x565c68);
	snprintf(expected, sizeof(expected), "f:1:9: %s", why);
	assert_error("label x #565c68", expected);
	// Nor one that is so without the focus: 45 percent of it.
	snprintf(why, sizeof(why), label, 0xbfcce0, "x", 0x565c68);
	snprintf(expected, sizeof(expected), "f:2:9: %s", why);
	assert_error("\nlabel x #bfcce0", expected);
	// Nor one like the host's without the focus.
	snprintf(why, sizeof(why), label, 0x26292e, "x", 0x565c68);
	snprintf(expected, sizeof(expected), "f:1:9: %s", why);
	assert_error("label x #26292e", expected);
	// The whole configuration counts, in whatever order it stands.
	config_destroy(parse("label x #565c68\nborder {\n\thost #20c020\n}\nlabel work #b8860b"));
	snprintf(why, sizeof(why), label, 0x3f7f4f, "work", 0x3f8050);
	snprintf(expected, sizeof(expected), "f:2:1: %s", why);
	assert_error("\nborder {\n\thost #3f8050\n}", expected);
	config_destroy(parse("border {\n\thost #3f8050\n}\nlabel work #b8860b"));
}

static void test_made_colours_keep_away(void **state) {
	static const uint32_t hosts[] = {
		0x565c68, 0x2f6f9f, 0x9f4f5f, 0x6f6f2f, 0xffffff, 0x000000};
	uint32_t seen[8] = {0};
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct config *config = config_create_default(NULL);
		config->border.host = hosts[i];
		for (int number = 0; number < 500; number++) {
			char name[16];
			snprintf(name, sizeof(name), "label%d", number);
			uint32_t colour = config_label_colour(config, name);
			assert_false(config_colour_is_hosts(config, colour));
			assert_int_equal(colour, config_label_colour(config, name));
			for (size_t j = 0; i == 0 && j < 8; j++) {
				if (seen[j] == colour || seen[j] == 0) {
					seen[j] = colour;
					break;
				}
			}
		}
		config_destroy(config);
	}
	assert_int_not_equal(seen[7], 0); // all of the palette where nothing is in the way
}

static void test_something_tells_windows_apart(void **state) {
	static const char why[] = "with neither titles nor a border nobody sees whose a window is";
	char expected[128];
	snprintf(expected, sizeof(expected), "f:1:1: %s", why);
	assert_error("border {\n\ttitles no\n\twidth 0\n}", expected);
	config_destroy(parse("border {\n\ttitles no\n\twidth 1\n}"));
	config_destroy(parse("border {\n\twidth 0\n}"));
	assert_error("border {\n\tdim 24\n}", "f:2:6: \"24\" is no number from 25 to 100");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_hosts_label_is_nobodys),
		cmocka_unit_test(test_no_colour_near_the_hosts),
		cmocka_unit_test(test_made_colours_keep_away),
		cmocka_unit_test(test_something_tells_windows_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

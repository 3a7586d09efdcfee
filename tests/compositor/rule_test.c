// Rules without a desk: patterns, what matches, what is read and what is said about mistakes.

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

// cmocka.h wants the ones above
#include <cmocka.h>

#include "pattern.h"
#include "rule.h"

static void test_patterns(void **state) {
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{"", "", true},
		{"", "a", false},
		{"abc", "abc", true},
		{"abc", "abcd", false},
		{"abc", "ABC", false},
		{"*", "", true},
		{"*", "anything", true},
		{"a*", "abc", true},
		{"a*c", "abc", true},
		{"a*c", "abd", false},
		{"*b*", "abc", true},
		{"*bc", "abcbc", true},
		{"**x", "ax", true},
		{"?", "a", true},
		{"?", "", false},
		{"?", "\u00fc", true},
		{"??", "\u00fc", false},
		{"?", "\xff", true}, // no UTF-8: a byte
		{"*\u4e16?", "hello \u4e16\u754c", true},
		{"[abc]x", "bx", true},
		{"[abc]x", "dx", false},
		{"[a-f0-3]", "2", true},
		{"[a-f0-3]", "4", false},
		{"[!a-f]", "z", true},
		{"[!a-f]", "c", false},
		{"[]]", "]", true},
		{"[!]]", "]", false},
		{"[\u00e0-\u00ff]", "\u00fc", true},
		{"[a-]", "-", true},
		{"[\\]]", "]", true},
		{"\\*", "*", true},
		{"\\*", "a", false},
		{"\\\\", "\\", true},
		{"org.example.*", "org.example.App", true},
		{"org.example.*", "orgxexample.App", false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t offset;
		const char *why;
		assert_true(pattern_check(cases[i].pattern, &offset, &why));
		if (pattern_matches(cases[i].pattern, cases[i].text) != cases[i].matches) {
			fail_msg("%s and %s", cases[i].pattern, cases[i].text);
		}
	}
}

static void test_wrong_patterns(void **state) {
	static const struct {
		const char *pattern;
		size_t offset;
	} cases[] = {{"[", 0}, {"ab[c", 2}, {"[]", 0}, {"[!]", 0}, {"a\\", 1}, {"[a\\", 0}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t offset = 99;
		const char *why = NULL;
		assert_false(pattern_check(cases[i].pattern, &offset, &why));
		assert_int_equal(offset, cases[i].offset);
		assert_non_null(why);
	}
}

// Every short pattern against every short text: none reads past an end, and a pattern without
// anything special matches itself alone.
static void test_all_short_patterns(void **state) {
	static const char letters[] = "a*?[]!-\\\xc3";
	const size_t len = sizeof(letters) - 1;
	char pattern[6] = "", text[4] = "";
	size_t checked = 0;
	for (size_t i = 0; i < len * len * len * len * len; i++) {
		size_t rest = i;
		for (int j = 0; j < 5; j++, rest /= len) {
			pattern[j] = letters[rest % len];
		}
		size_t offset;
		const char *why;
		if (!pattern_check(pattern, &offset, &why)) {
			continue;
		}
		checked++;
		bool plain = strpbrk(pattern, "*?[\\") == NULL;
		for (size_t k = 0; k < len * len * len; k += 7) {
			text[0] = letters[k % len];
			text[1] = letters[k / len % len];
			text[2] = letters[k / len / len % len];
			assert_false(pattern_matches(pattern, text) && plain);
		}
		assert_true(!plain || pattern_matches(pattern, pattern));
	}
	assert_true(checked > 10000);
}

// What takes other matchers years.
static void test_time(void **state) {
	char text[4097];
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	char pattern[201] = "";
	for (int i = 0; i < 100; i++) {
		strcat(pattern, "*a");
	}
	assert_true(pattern_matches(pattern, text));
	strcpy(pattern + 198, "*b");
	assert_false(pattern_matches(pattern, text));
}

// --- the configuration --------------------------------------------------------------------

static const struct config_options plain = {.no_defaults = true};

static struct config *parse(const char *text) {
	struct config_errors errors;
	struct config *config = config_parse("test", text, strlen(text), &plain, &errors);
	assert_non_null(config);
	return config;
}

static void assert_error(const char *text, const char *expected) {
	struct config_errors errors;
	assert_null(config_parse("test", text, strlen(text), &plain, &errors));
	char line[1024];
	config_error_format(&errors.errors[0], line, sizeof(line));
	if (strncmp(line, expected, strlen(expected)) != 0) {
		assert_string_equal(line, expected);
	}
	config_errors_finish(&errors);
}

static void test_config(void **state) {
	struct config *config = parse("rule {\n"
				      "\tmatch app-id \"org.example.*\"\n"
				      "\tmatch title \"*Preferences*\"\n"
				      "\tfloating yes\n"
				      "\tsize 600 50%\n"
				      "\tposition 10 25ppt\n"
				      "\tborder none\n"
				      "}\n"
				      "rule {\n"
				      "\tmatch label untrusted\n"
				      "\tworkspace 9:bad\n"
				      "\toutput DP-1\n"
				      "\tscratchpad\n"
				      "\tsticky no\n"
				      "\tfullscreen yes\n"
				      "\tfocus no\n"
				      "\tposition pointer\n"
				      "}\n");
	const struct rule_list *rules = &config->windows.rules;
	assert_int_equal(rules->len, 2);
	const struct rule *rule = &rules->rules[0];
	assert_int_equal(rule->matches_len, 2);
	assert_int_equal(rule->matches[1].subject, RULE_TITLE);
	assert_int_equal(rule->place.floating, RULE_YES);
	assert_int_equal(rule_length_pixels(&rule->place.width, 1000), 600);
	assert_int_equal(rule_length_pixels(&rule->place.height, 1000), 500);
	assert_int_equal(rule->place.position, RULE_POSITION_AT);
	assert_int_equal(rule_length_pixels(&rule->place.y, 1000), 250);
	assert_true(rule->place.bordered);
	rule = &rules->rules[1];
	assert_string_equal(rule->place.workspace, "9:bad");
	assert_string_equal(rule->place.output, "DP-1");
	assert_string_equal(rule->place.scratchpad, "");
	assert_int_equal(rule->place.sticky, RULE_NO);
	assert_int_equal(rule->place.fullscreen, RULE_YES);
	assert_int_equal(rule->place.focus, RULE_NO);
	assert_int_equal(rule->place.floating, RULE_UNSET);
	config_destroy(config);
}

static void test_config_errors(void **state) {
	assert_error("rule {\n\tfloating yes\n}\n", "test:1:1: a rule without match");
	assert_error("rule {\n\tmatch name x\n}\n",
		"test:2:8: \"name\" is not program, label, machine, title, app-id or kind");
	assert_error("rule {\n\tmatch title \"a[b\"\n}\n", "test:2:14: \"a[b\" has a [ that");
	assert_error("rule {\n\tmatch title a\\\\\n}\n", "test:2:14: \"a\\\" has a \\ at the end");
	assert_error("rule {\n\tmatch kind guest\n}\n", "test:2:13: \"guest\" is not machine");
	assert_error("rule {\n\tmatch title\n}\n", "test:2:2: match takes 2 parameters");
	assert_error("rule {\n\tmatch title x\n\tsize 10 big\n}\n",
		"test:3:10: \"big\" is no length as 40 or 25%");
	assert_error("rule {\n\tmatch title x\n\tposition middle\n}\n",
		"test:3:11: \"middle\" is not center or pointer");
	assert_error("rule {\n\tmatch title x\n\tfloating maybe\n}\n", "test:3:11: ");
	assert_error("rule {\n\tmatch title x\n\tworkspace \"\"\n}\n", "test:3:12: ");
	assert_error("rule {\n\tmatch title x\n\tborder thick\n}\n", "test:3:9: ");
	assert_error("rule {\n\tmatch title x\n\tfloat yes\n}\n",
		"test:3:2: unknown directive \"float\"");
	assert_error("rule x {\n}\n", "test:1:6: rule takes 0 parameters");
}

static void test_find(void **state) {
	struct config *config = parse(
		"rule {\n\tmatch title \"*\"\n\tsize 10 20\n\tborder none\n}\n"
		"rule {\n\tmatch app-id foot\n\tworkspace 3\n}\n"
		"rule {\n\tmatch kind machine\n\tmatch label \"un*\"\n"
		"\tworkspace 9\n\tfloating no\n}\n"
		"rule {\n\tmatch program clock\n\tborder pixel\n}\n");
	const struct rule_list *rules = &config->windows.rules;
	struct rule_window host = {.title = "x", .app_id = "foot"};
	struct rule_place place = rule_list_find(rules, &host);
	assert_true(place.sized);
	assert_string_equal(place.workspace, "3");
	assert_int_equal(place.floating, RULE_UNSET);

	struct rule_window machine = {
		.program = "clock", .label = "untrusted", .machine = "clock-2", .title = "Clock"};
	place = rule_list_find(rules, &machine);
	assert_string_equal(place.workspace, "9");
	assert_int_equal(place.floating, RULE_NO);
	assert_int_equal(place.border, 1); // the later rule
	unsigned matched = place.matched;
	machine.label = "work";
	place = rule_list_find(rules, &machine);
	assert_null(place.workspace);
	assert_true(place.matched != matched);

	// A program cannot be a machine, or have a label, by what it says.
	struct rule_window liar = {.title = "machine", .app_id = "machine"};
	assert_null(rule_list_find(rules, &liar).workspace);
	// Without a title, as without anything, nothing of it matches.
	struct rule_window none = {0};
	assert_int_equal(rule_list_find(rules, &none).matched, 0);
	// A title longer than is compared.
	char *text = calloc(1, 1 << 20);
	memset(text, 'a', (1 << 20) - 1);
	struct rule_window loud = {.title = text, .app_id = text};
	assert_true(rule_list_find(rules, &loud).sized);
	free(text);
	config_destroy(config);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_wrong_patterns),
		cmocka_unit_test(test_all_short_patterns),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_config_errors),
		cmocka_unit_test(test_find),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

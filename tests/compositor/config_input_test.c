// The configuration of devices and of what keys do: what is said about mistakes, and where.

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

// cmocka.h wants the ones above
#include <cmocka.h>
#include <linux/input-event-codes.h>
#include <xkbcommon/xkbcommon.h>

static bool check_command(
	void *data, size_t words_len, char *const *words, size_t *word, char *why, size_t size) {
	*word = strcmp(words[0], "close") == 0 ? words_len - 1 : 0;
	snprintf(why, size, *word > 0 ? "close takes no word" : "unknown command \"%s\"", words[0]);
	return strcmp(words[0], "close") == 0 && words_len == 1;
}

static const struct config_options plain = {.check = check_command, .no_defaults = true};

// The first error, given as the beginning of its line.
static void assert_error(const char *text, const char *expected) {
	struct config_errors errors;
	assert_null(config_parse("test", text, strlen(text), &plain, &errors));
	assert_true(errors.len >= 1);
	char line[1024];
	config_error_format(&errors.errors[0], line, sizeof(line));
	if (strncmp(line, expected, strlen(expected)) != 0) {
		assert_string_equal(line, expected);
	}
	config_errors_finish(&errors);
}

static void test_errors(void **state) {
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"\n  input {\n\tlayuot us\n}",
			"test:3:2: unknown directive \"layuot\"; known: calibration, "
			"click-method,"},
		{"input {\n tap maybe\n}", "test:2:6: \"maybe\" is not yes or no"},
		{"input type:mouse {\n tap yes\n}",
			"test:1:7: \"mouse\" is no type of device: keyboard, pointer,"},
		{"input x {\n calibration 1 0 0 0 x 0\n}",
			"test:2:22: \"x\" is no number from -100 to 100"},
		{"input x {\n calibration 1 0 0\n}",
			"test:2:2: calibration takes 6 parameters, not 3"},
		{"input x {\n map-to-region 0 0 0 10\n}",
			"test:2:20: a region has some width and height"},
		{"input x {\n repeat-rate 2.5\n}", "test:2:14: \"2.5\" is no number from 0 to 200"},
		{"input x {\n scroll-method edge two-finger\n}",
			"test:2:21: scroll-method takes 1 parameter, not 2"},
		{"input a b {\n tap yes\n}", "test:1:9: input takes 1 parameter, not 2"},
		{"bind Mod+Retrun spawn x", "test:1:6: \"Retrun\" is no key"},
		{"bind --what Mod+x close", "test:1:6: unknown option --what"},
		{"bind Mod+x", "test:1:1: bind: a command is missing"},
		{"bind --release", "test:1:1: bind: keys are missing"},
		{"bind lid:on close", "test:1:6: \"lid:on\" is for bind-switch"},
		{"bind-switch Mod+x close", "test:1:13: \"Mod+x\" is for bind"},
		{"bind-gesture swipe:9 close", "test:1:14: \"9\": a gesture has 2 to 5 fingers"},
		{"bind-gesture hold:3", "test:1:1: bind-gesture: a command is missing"},
		{"bind --titlebar Mod+x close", "test:1:6: --titlebar is not for \"Mod+x\""},
		{"bind --to-code button:left close", "test:1:6: --to-code is not for"},
		{"passthrough {\n key button:left\n}", "test:2:6: \"button:left\" is no key"},
		{"passthrough {\n key Mod+Escpae\n}", "test:2:6: \"Escpae\" is no key that"},
		{"mode default {\n bind x close\n}", "test:1:6: the bindings of the default mode"},
		{"mode m {\n bnid x close\n}",
			"test:2:2: unknown directive \"bnid\"; known: bind,"},
		{"mode m {\n unbind x\n}", "test:2:9: \"x\" is not bound"},
		{"bind Mod+x close {\n close\n}",
			"test:1:1: bind: a command in the line or a block"},
		{"bind Mod+x spwan clock", "test:1:12: unknown command \"spwan\""},
		{"bind Mod+x close a b", "test:1:20: close takes no word"},
		{"bind Mod+x {\n close\n nothing\n}", "test:3:2: unknown command \"nothing\""},
		{"unbind Mod+x", "test:1:8: \"Mod+x\" is not bound"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_error(cases[i].text, cases[i].error);
	}
}

static void test_values(void **state) {
	static const char text[] = "mod Alt\n"
				   "bind --titlebar --no-repeat button:middle close\n"
				   "bind --to-code Mod+x close\n"
				   "bind-switch lid:on close\n"
				   "bind-gesture --locked Shift+swipe:4:up close\n"
				   "mode m {\n bind x close\n bind y close\n unbind x\n}\n"
				   "mode m {\n bind z close\n}\n"
				   "mode n {\n bind x close\n unbind all\n}\n"
				   "passthrough {\n key Mod+F12\n machines-may-ask yes\n}\n"
				   "input type:touchpad {\n tap yes\n}\n"
				   "input {\n layout us,de\n}\n";
	struct config_errors errors;
	struct config *config = config_parse("test", text, sizeof(text) - 1, &plain, &errors);
	assert_non_null(config);
	const struct binding *bindings = config->bindings.bindings;
	assert_int_equal(config->bindings.len, 4);
	assert_int_equal(bindings[0].flags, BINDING_ON_TITLE | BINDING_NO_REPEAT);
	assert_int_equal(bindings[1].flags, BINDING_TO_CODE);
	assert_int_equal(bindings[2].kind, BINDING_SWITCH);
	assert_int_equal(bindings[2].flags, BINDING_LOCKED);
	assert_int_equal(bindings[3].kind, BINDING_GESTURE);
	assert_int_equal(bindings[3].modifiers, BINDING_SHIFT);
	assert_int_equal(config->modes.len, 2);
	assert_int_equal(binding_modes_find(&config->modes, "m")->bindings.len, 2);
	assert_int_equal(binding_modes_find(&config->modes, "n")->bindings.len, 0);
	assert_int_equal(config->passthrough.key.key, XKB_KEY_F12);
	assert_true(config->passthrough.machines);
	assert_true(config->passthrough.builtin_keys);
	assert_int_equal(config->devices.len, 2);
	assert_string_equal(config->devices.rules[0].pattern, "type:touchpad");
	assert_string_equal(config->input.layout, "us,de");
	config_destroy(config);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

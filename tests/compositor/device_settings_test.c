// Settings of input devices: their words, and which devices a rule is for.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// cmocka.h wants the ones above
#include <cmocka.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_settings.h"

static bool parse(const char *name, const char *line, struct device_value *value, char *why) {
	enum device_setting setting;
	char copy[256], *words[DEVICE_NUMBERS_MAX + 1];
	size_t len = 0, word;
	assert_true(device_setting_find(name, &setting));
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *at = strtok(copy, " "); at != NULL; at = strtok(NULL, " ")) {
		words[len++] = at;
	}
	assert_int_equal(len, device_setting_words(setting));
	return device_setting_parse(setting, words, value, &word, why, 256);
}

static void test_words(void **state) {
	static const struct {
		const char *name, *words;
	} cases[] = {
		{"layout", "us,de"},
		{"repeat-rate", "40"},
		{"tap", "yes"},
		{"tap-drag-lock", "sticky"},
		{"pointer-speed", "-0.25"},
		{"pointer-profile", "flat"},
		{"scroll-method", "on-button-down"},
		{"scroll-button", "middle"},
		{"click-method", "clickfinger"},
		{"send-events", "disabled-on-external-mouse"},
		{"calibration", "0 1 0 -1 0 1"},
		{"map-to-region", "-10 20 300 400"},
		{"scroll-factor", "1.5"},
		{"tool-mode", "relative"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct device_value value = {0};
		enum device_setting setting;
		char text[256], why[256];
		assert_true(parse(cases[i].name, cases[i].words, &value, why));
		assert_true(value.set);
		assert_true(device_setting_find(cases[i].name, &setting));
		assert_string_equal(device_setting_name(setting), cases[i].name);
		device_setting_format(setting, &value, text, sizeof(text));
		assert_string_equal(text, cases[i].words);
		free(value.text);
	}
}

static void test_wrong_words(void **state) {
	static const struct {
		const char *name, *words, *why;
	} cases[] = {
		{"tap", "1", "\"1\" is not yes or no"},
		{"scroll-method", "both",
			"\"both\" is not none, two-finger, edge or on-button-down"},
		{"pointer-speed", "1.01", "\"1.01\" is no number from -1 to 1"},
		{"pointer-speed", "fast", "\"fast\" is no number from -1 to 1"},
		{"repeat-rate", "1.5", "\"1.5\" is no number from 0 to 200"},
		{"calibration", "1 2 3 4 5 nan", "\"nan\" is no number from -100 to 100"},
		{"map-to-region", "0 0 10 0", "a region has some width and height"},
		{"scroll-button", "button8", "\"button8\" is not none, left, right,"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct device_value value = {0};
		char why[256] = "";
		assert_false(parse(cases[i].name, cases[i].words, &value, why));
		assert_false(value.set);
		assert_memory_equal(why, cases[i].why, strlen(cases[i].why));
	}
}

static void test_identifier(void **state) {
	char text[64];
	device_identifier_format(1133, 49970, "Logitech  Gaming\tKeyboard\xc3\xa4", text, 64);
	assert_string_equal(text, "1133:49970:Logitech__Gaming_Keyboard__");
	device_identifier_format(1, 2, "far too long", text, 8);
	assert_string_equal(text, "1:2:far");
	device_identifier_format(0, 0, "", text, 64);
	assert_string_equal(text, "0:0:");
}

static bool matches(const char *pattern, const struct device_name *device) {
	char why[256];
	assert_true(device_pattern_check(pattern, why, sizeof(why)));
	const struct device_rule rule = {.pattern = (char *)pattern};
	return device_rule_matches(&rule, device);
}

static void test_patterns(void **state) {
	const struct device_name pad = {
		.identifier = "2:7:SynPS/2_Synaptics_TouchPad",
		.name = "SynPS/2 Synaptics TouchPad",
		.type = "touchpad",
	};
	assert_true(matches("*", &pad));
	assert_true(matches("type:touchpad", &pad));
	assert_false(matches("type:pointer", &pad));
	assert_true(matches("2:7:SynPS/2_Synaptics_TouchPad", &pad));
	assert_true(matches("2:7:*", &pad));
	assert_true(matches("*TouchPad", &pad));
	assert_true(matches("SynPS/2 Synaptics TouchPad", &pad));
	assert_false(matches("Synaptics", &pad));
	assert_false(matches("2:70:*", &pad));
	char why[256];
	assert_false(device_pattern_check("type:mouse", why, sizeof(why)));
	assert_non_null(strstr(why, "\"mouse\" is no type of device"));
}

static void set(struct device_rules *rules, const char *pattern, const char *words) {
	struct device_rule *rule = device_rules_add(rules, pattern);
	char why[256];
	assert_true(parse("scroll-factor", words, &rule->values[DEVICE_SCROLL_FACTOR], why));
}

static double factor(const struct device_rules *rules, const struct device_name *device) {
	struct device_value values[DEVICE_SETTINGS];
	device_rules_resolve(rules, device, values);
	return values[DEVICE_SCROLL_FACTOR].set ? values[DEVICE_SCROLL_FACTOR].numbers[0] : 0;
}

// Whatever their order, the name goes over the type, and that over all.
static void test_precedence(void **state) {
	const struct device_name mouse = {
		.identifier = "1:2:Mouse", .name = "Mouse", .type = "pointer"};
	const struct device_name other = {
		.identifier = "1:3:Other", .name = "Other", .type = "pointer"};
	const struct device_name keys = {
		.identifier = "1:4:Keys", .name = "Keys", .type = "keyboard"};
	struct device_rules rules = {0};
	assert_true(factor(&rules, &mouse) == 0);
	set(&rules, "Mouse", "3");
	set(&rules, "type:pointer", "2");
	set(&rules, "*", "1");
	assert_true(factor(&rules, &mouse) == 3);
	assert_true(factor(&rules, &other) == 2);
	assert_true(factor(&rules, &keys) == 1);
	// Among equals the later one.
	set(&rules, "1:2:*", "4");
	set(&rules, "*", "5");
	assert_true(factor(&rules, &mouse) == 4);
	assert_true(factor(&rules, &keys) == 5);
	struct device_value values[DEVICE_SETTINGS];
	device_rules_resolve_special(&rules, &keys, values);
	assert_false(values[DEVICE_SCROLL_FACTOR].set);
	device_rules_finish(&rules);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_wrong_words),
		cmocka_unit_test(test_identifier),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_precedence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// The keyboard layout of a desk that is not told one.

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// cmocka.h wants the ones above
#include <cmocka.h>
#include <unistd.h>

#include "config.h"
#include "host_keyboard.h"

static void clear_environment(void) {
	unsetenv("XKB_DEFAULT_LAYOUT");
	unsetenv("XKB_DEFAULT_VARIANT");
	unsetenv("XKB_DEFAULT_MODEL");
	unsetenv("XKB_DEFAULT_OPTIONS");
}

static void finish(struct config_input *input) {
	free(input->model);
	free(input->layout);
	free(input->variant);
	free(input->options);
	*input = (struct config_input){0};
}

// A file with this text, which the caller unlinks.
static char *write_file(char *path, const char *text) {
	strcpy(path, "/tmp/redecho-keyboard-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return path;
}

static void read_from(struct config_input *input, const char *text) {
	char path[64];
	const char *const paths[] = {"/nonexistent/keyboard", write_file(path, text), NULL};
	host_keyboard_apply(input, paths);
	unlink(path);
}

static void test_file(void **state) {
	clear_environment();
	struct config_input input = {0};
	read_from(&input,
		"# KEYBOARD\nXKBMODEL=\"pc105\"\n XKBLAYOUT='de,us'\nXKBVARIANT=nodeadkeys,\n"
		"XKBOPTIONS=\"\"\nBACKSPACE=\"guess\"\n");
	assert_string_equal(input.model, "pc105");
	assert_string_equal(input.layout, "de,us");
	assert_string_equal(input.variant, "nodeadkeys,");
	assert_null(input.options);
	finish(&input);
}

static void test_files_without_layout(void **state) {
	clear_environment();
	static const char *const texts[] = {"", "KEYMAP=de\n", "XKBLAYOUT=\n", "XKBLAYOUT=\"",
		"#XKBLAYOUT=de\nXKBVARIANT=neo\n"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct config_input input = {0};
		read_from(&input, texts[i]);
		assert_string_equal(input.layout, "us");
		assert_null(input.variant);
		finish(&input);
	}
}

static void test_too_long(void **state) {
	clear_environment();
	char text[4096] = "XKBLAYOUT=";
	memset(text + strlen(text), 'x', 3000);
	struct config_input input = {0};
	read_from(&input, text);
	assert_string_equal(input.layout, "us");
	finish(&input);
}

static void test_environment_first(void **state) {
	clear_environment();
	setenv("XKB_DEFAULT_LAYOUT", "fr", true);
	setenv("XKB_DEFAULT_VARIANT", "bepo", true);
	setenv("XKB_DEFAULT_OPTIONS", "compose:menu", true);
	struct config_input input = {0};
	read_from(&input, "XKBLAYOUT=de\nXKBMODEL=pc104\n");
	assert_string_equal(input.layout, "fr");
	assert_string_equal(input.variant, "bepo");
	assert_string_equal(input.options, "compose:menu");
	assert_null(input.model);
	finish(&input);
	clear_environment();
}

static void test_configured_stays(void **state) {
	clear_environment();
	setenv("XKB_DEFAULT_LAYOUT", "fr", true);
	setenv("XKB_DEFAULT_VARIANT", "bepo", true);
	struct config_input input = {.layout = strdup("de")};
	host_keyboard_apply(&input, NULL);
	assert_string_equal(input.layout, "de");
	assert_null(input.variant);
	finish(&input);
	clear_environment();

	// options alone are no reason to forget the host's layout
	input.options = strdup("caps:escape");
	read_from(&input, "XKBLAYOUT=cz\nXKBVARIANT=qwerty\nXKBOPTIONS=grp:alt_shift_toggle\n");
	assert_string_equal(input.layout, "cz");
	assert_string_equal(input.variant, "qwerty");
	assert_string_equal(input.options, "caps:escape");
	finish(&input);
}

// The whole way: a desk without a configuration of its own.
static void test_config(void **state) {
	clear_environment();
	setenv("XKB_DEFAULT_LAYOUT", "pt", true);
	struct config_errors errors;
	const struct config_options options = {0};
	struct config *config = config_parse("test", "", 0, &options, &errors);
	assert_non_null(config);
	assert_string_equal(config->input.layout, "pt");
	config_destroy(config);
	const char text[] = "input {\n layout de\n}\n";
	config = config_parse("test", text, strlen(text), &options, &errors);
	assert_non_null(config);
	assert_string_equal(config->input.layout, "de");
	config_destroy(config);
	clear_environment();
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_files_without_layout),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_environment_first),
		cmocka_unit_test(test_configured_stays),
		cmocka_unit_test(test_config),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// The configuration: what is read, what is said about mistakes and where, and that no text
// makes it fall over.

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

// cmocka.h wants the ones above
#include <cmocka.h>
#include <linux/input-event-codes.h>
#include <scfg.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xkbcommon/xkbcommon.h>

#include "config_syntax.h"

static bool check_command(
	void *data, size_t words_len, char *const *words, size_t *word, char *why, size_t size) {
	static const char *const known[] = {"spawn", "exec", "close", "focus"};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(words[0], known[i]) == 0) {
			*word = words_len - 1;
			snprintf(why, size, "%s takes one word", known[i]);
			return words_len <= 2;
		}
	}
	*word = 0;
	snprintf(why, size, "unknown command \"%s\"", words[0]);
	return false;
}

static const struct config_options plain = {.check = check_command, .no_defaults = true};

static struct config *parse(const char *text) {
	struct config_errors errors;
	struct config *config = config_parse("test", text, strlen(text), &plain, &errors);
	for (size_t i = 0; i < errors.len; i++) {
		char line[1024];
		config_error_format(&errors.errors[i], line, sizeof(line));
		print_message("%s\n", line);
	}
	assert_non_null(config);
	assert_int_equal(errors.len, 0);
	return config;
}

// Asserts the first error, given as the beginning of its line.
static void assert_error_of(const char *text, size_t len, const char *expected) {
	struct config_errors errors;
	assert_null(config_parse("test", text, len, &plain, &errors));
	assert_true(errors.len >= 1);
	char line[1024];
	config_error_format(&errors.errors[0], line, sizeof(line));
	if (strncmp(line, expected, strlen(expected)) != 0) {
		assert_string_equal(line, expected);
	}
	config_errors_finish(&errors);
}

static void assert_error(const char *text, const char *expected) {
	assert_error_of(text, strlen(text), expected);
}

static void test_defaults(void **state) {
	struct config *config = config_create_default(NULL);
	assert_int_equal(config->workspaces, 10);
	assert_int_equal(config->mod, 0);
	assert_int_equal(config->input.repeat_rate, 25);
	assert_true(config->default_layout_auto);
	assert_true(config->bindings.len > 50);
	assert_int_equal(config_label_colour(config, "work"), 0x3f7f4f);
	assert_int_equal(config_label_colour(config, "x"), config_label_colour(config, "x"));
	assert_int_equal(config->grace_ms, 10000);
	size_t len = config->bindings.len;
	config_destroy(config);

	// An empty file changes nothing, and neither does a copy of the default.
	struct config_errors errors;
	const char *const texts[] = {"", "\n\n# nothing\n", config_default_text()};
	for (int i = 0; i < 3; i++) {
		config = config_parse("user", texts[i], strlen(texts[i]), NULL, &errors);
		assert_non_null(config);
		assert_int_equal(config->bindings.len, len);
		config_destroy(config);
	}
	const char *folders = "programs /a\nmachines /b\n";
	setenv("XDG_CONFIG_HOME", "/x/config", 1);
	config = config_parse("user", folders, strlen(folders), NULL, &errors);
	assert_non_null(config);
	assert_int_equal(config->programs.len, 4);
	assert_string_equal(config->programs.strings[0], "/a");
	assert_string_equal(config->programs.strings[1], "/x/config/redecho/programs");
	assert_int_equal(config->machines.len, 2);
	config_destroy(config);

	const char *text = "unbind all\nbind Mod+z spawn clock\nworkspaces 4";
	config = config_parse("user", text, strlen(text), NULL, &errors);
	assert_int_equal(config->bindings.len, 1);
	assert_int_equal(config->bindings.bindings[0].line, 2);
	assert_int_equal(config->workspaces, 4);
	config_destroy(config);
}

static void test_bindings(void **state) {
	struct config *config = parse("bind --locked --no-repeat Mod+Return spawn \"a b\"\n"
				      "bind --release Mod+code:28 {\n"
				      "\tspawn clock\n"
				      "\tclose\n"
				      "}\n"
				      "bind Mod+x close\n"
				      "unbind Mod+x\n");
	assert_int_equal(config->bindings.len, 2);
	const struct binding *binding = &config->bindings.bindings[0];
	assert_int_equal(binding->flags, BINDING_LOCKED | BINDING_NO_REPEAT);
	assert_int_equal(binding->key, XKB_KEY_Return);
	assert_int_equal(binding->commands_len, 1);
	assert_string_equal(binding->commands[0].words[1], "a b");
	binding = &config->bindings.bindings[1];
	assert_int_equal(binding->kind, BINDING_KEYCODE);
	assert_int_equal(binding->commands_len, 2);
	assert_string_equal(binding->commands[1].words[0], "close");
	assert_int_equal(binding->line, 2);
	config_destroy(config);
}

static void test_outputs(void **state) {
	struct config *config = parse(
		"output * {\n scale 1.25\n}\n"
		"output HDMI-A-1 {\n"
		" mode 1920x1080@59.94Hz\n position -1920 0\n transform 90\n"
		" adaptive-sync on\n tearing yes\n power off\n max-render-time 9\n}\n"
		"output DP-1 {\n disable\n mode 800x600 custom\n scale 2\n}\n"
		"output \"Dell U2720Q 4711\" {\n enable\n mode preferred\n position auto\n}\n");
	struct output_settings output;
	assert_true(config_find_output(config, "HDMI-A-1", NULL, &output));
	assert_int_equal(output.scale120, 150);
	assert_int_equal(output.width, 1920);
	assert_int_equal(output.height, 1080);
	assert_int_equal(output.refresh_mhz, 59940);
	assert_true(output.positioned);
	assert_int_equal(output.x, -1920);
	assert_int_equal(output.transform, 1);
	assert_true(output.enabled && output.adaptive_sync && output.tearing);
	assert_false(output.powered || output.custom);
	assert_int_equal(output.max_render_ms, 9);
	assert_true(config_find_output(config, "DP-1", "of no block", &output));
	assert_false(output.enabled);
	assert_true(output.powered && output.custom);
	assert_int_equal(output.scale120, 240);
	assert_int_equal(output.refresh_mhz, 0);
	// The screen's own name goes over that of the connector that it is at.
	assert_true(config_find_output(config, "DP-1", "Dell U2720Q 4711", &output));
	assert_true(output.enabled);
	assert_int_equal(output.width, 0);
	assert_int_equal(output.scale120, 240);
	assert_false(output.positioned);
	assert_true(config_find_output(config, "other", NULL, &output));
	assert_int_equal(output.scale120, 150);
	config_destroy(config);
	config = parse("");
	assert_false(config_find_output(config, "DP-1", NULL, &output));
	assert_true(output.enabled && output.powered);
	config_destroy(config);
}

static void test_values(void **state) {
	struct config *config = parse(
		"mod Alt\n"
		"input {\n layout de\n variant neo\n options caps:swap\n"
		" repeat-rate 0\n repeat-delay 200\n natural-scroll yes\n"
		" tap no\n pointer-speed -0.5\n num-lock yes\n}\n"
		"label work #FF8000\nlabel work 00ff00\n"
		"border {\n width 5\n font \"monospace 9\"\n dim 30\n"
		" titles no\n}\n"
		"accel tcg\nstart clock\nstart notes\nlibvirt test:///default\n"
		"default-layout stacked\nfocus-follows-pointer always\n"
		"focus-new no\nmin-tile 10 20\ngrace 2.5\nprograms /a/b\n"
		"machines /c\ncursor {\n theme x\n size 32\n}\n");
	assert_int_equal(config->mod, BINDING_ALT);
	assert_string_equal(config->input.layout, "de");
	assert_string_equal(config->input.variant, "neo");
	assert_null(config->input.model);
	assert_int_equal(config->input.repeat_rate, 0);
	assert_int_equal(config->input.repeat_delay_ms, 200);
	const struct device_value *of_all = config->devices.rules[0].values;
	assert_true(of_all[DEVICE_NATURAL_SCROLL].set);
	assert_int_equal(of_all[DEVICE_NATURAL_SCROLL].choice, 1);
	assert_int_equal(of_all[DEVICE_TAP].choice, 0);
	assert_false(of_all[DEVICE_LEFT_HANDED].set);
	assert_true(of_all[DEVICE_POINTER_SPEED].numbers[0] == -0.5);
	assert_int_equal(config->labels_len, 1);
	assert_int_equal(config_label_colour(config, "work"), 0x00ff00);
	assert_int_equal(config->border.width, 5);
	assert_false(config->border.titles);
	assert_string_equal(config->border.font, "monospace 9");
	assert_int_equal(config->accel, CONFIG_ACCEL_TCG);
	assert_int_equal(config->start.len, 2);
	assert_string_equal(config->start.strings[1], "notes");
	assert_int_equal(config->default_layout, LAYOUT_STACKED);
	assert_int_equal(config->focus_follows_pointer, CONFIG_FOLLOW_ALWAYS);
	assert_false(config->focus_new);
	assert_int_equal(config->min_tile_height, 20);
	assert_int_equal(config->grace_ms, 2500);
	assert_string_equal(config->programs.strings[0], "/a/b");
	assert_string_equal(config->cursor_theme, "x");
	config_destroy(config);
}

static void test_errors(void **state) {
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"frobnicate 1",
			"test:1:1: unknown directive \"frobnicate\"; known: accel, "
			"auto-back-and-forth, bell, bind,"},
		{"accel  maybe", "test:1:8: \"maybe\" is not auto, kvm or tcg"},
		{"accel", "test:1:1: accel takes 1 parameter, not 0"},
		{"accel auto kvm", "test:1:12: accel takes 1 parameter, not 2"},
		{"accel auto {\n x\n}", "test:1:1: accel takes no block"},
		{"workspaces 0", "test:1:12: \"0\" is no number from 1 to 32"},
		{"workspaces 3x", "test:1:12: \"3x\" is no number"},
		{"workspaces ''", "test:1:12: \"\" is no number"},
		{"workspaces 99999999999999999999",
			"test:1:12: \"99999999999999999999\" is no number"},
		{"label work red", "test:1:12: \"red\" is no colour"},
		{"label work #12345", "test:1:12: \"#12345\" is no colour"},
		{"start a/b", "test:1:7: \"a/b\" is no program"},
		{"include /nonexistent/x", "test:1:9: cannot include /nonexistent/x: No such file"},
		{"include /dev/zero", "test:1:9: cannot include /dev/zero: this is not a regular"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_error(cases[i].text, cases[i].error);
	}
}

static void test_output_errors(void **state) {
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"output DP-1 {\n mode 1920\n}", "test:2:7: \"1920\" is no mode"},
		{"output DP-1 {\n mode 0x5\n}", "test:2:7: \"0x5\" is no mode"},
		{"output DP-1 {\n mode 10x10@6000\n}", "test:2:7: \"10x10@6000\" is no mode"},
		{"output DP-1 {\n mode 10x10@60H\n}", "test:2:7: \"10x10@60H\" is no mode"},
		{"output DP-1 {\n scale 1,5\n}", "test:2:8: \"1,5\" is no scale"},
		{"output DP-1 {\n scale 100\n}", "test:2:8: \"100\" is no scale"},
		{"output DP-1 {\n mode 20000x5\n}", "test:2:7: \"20000x5\" is no mode"},
		{"output DP-1 {\n mode 10x10 exact\n}", "test:2:13: \"exact\" is too much"},
		{"output DP-1 {\n mode preferred custom\n}", "test:2:17: \"custom\" is too much"},
		{"output DP-1 {\n position 1\n}", "test:2:11: \"1\" is a position without its Y"},
		{"output DP-1 {\n position 1 1e3\n}", "test:2:13: \"1e3\" is no whole number"},
		{"output DP-1 {\n position 1 99999\n}", "test:2:13: \"99999\" is no whole"},
		{"output DP-1 {\n transform 45\n}", "test:2:12: \"45\" is none of normal"},
		{"output DP-1 {\n power toggle\n}", "test:2:8: \"toggle\" is neither on nor"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_error(cases[i].text, cases[i].error);
	}
}

static void test_syntax_errors(void **state) {
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"a {b}", "test:1:4: a new line is missing after {"},
		{"a \"b\nc\"", "test:1:3: a quote that is not closed"},
		{"a b\"c\"", "test:1:4: a quote inside a word"},
		{"a \"b\"c", "test:1:6: a blank is missing after the quote"},
		{"x\na b{\n}", "test:2:4: a blank is missing before {"},
		{"x\n}", "test:2:1: } closes nothing"},
		{"a {\n b\n", "test:1: the block that begins here is not closed"},
		{"a {\n}\nb {\n c {\n }\n", "test:3: the block that begins here is not closed"},
		{"a {\n} b", "test:2:3: only a comment may follow }"},
		{"a \\\nb", "test:1:3: a \\ at the end of the line"},
		{"a # comment", "test:1:3: comments stand on lines of their own"},
		{"{\n}", "test:1:1: a name is missing before {"},
		{"a b\r\n", "test:1:4: a carriage return"},
		{"a \x01", "test:1:3: a control character"},
		{"ab\xff", "test:1:3: this is not UTF-8"},
		{"a \xed\xa0\x80", "test:1:3: this is not UTF-8"},
		{"a {\na {\na {\na {\na {\na {\na {\na {\na {\n", "test:9:3: too many blocks"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_error(cases[i].text, cases[i].error);
	}
	assert_error_of("a b\nc\0d\n", 8, "test:2:2: a NUL byte");
}

static void test_many_errors(void **state) {
	char *text = calloc(1, 100001);
	memset(text, '\n', 100000);
	for (size_t i = 0; i < 100000; i += 2) {
		text[i] = 'x';
	}
	struct config_errors errors;
	assert_null(config_parse("test", text, 100000, &plain, &errors));
	assert_int_equal(errors.len, 20);
	assert_int_equal(errors.errors[19].line, 20);
	config_errors_finish(&errors);
	free(text);
}

// --- files --------------------------------------------------------------------------------

struct folder {
	char path[64];
};

static int make_folder(void **state) {
	struct folder *folder = calloc(1, sizeof(*folder));
	snprintf(folder->path, sizeof(folder->path), "/tmp/re-config.XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	*state = folder;
	return 0;
}

static int remove_folder(void **state) {
	static const char *const names[] = {"main", "one", "two", "fifo"};
	struct folder *folder = *state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s", folder->path, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(folder->path), 0);
	free(folder);
	return 0;
}

static void write_file(const struct folder *folder, const char *name, const char *text) {
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder->path, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static struct config *load(
	const struct folder *folder, const char *name, struct config_errors *errors) {
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder->path, name);
	return config_load(path, &plain, errors);
}

static void assert_load_error(const struct folder *folder, const char *name, const char *expected) {
	struct config_errors errors;
	assert_null(load(folder, name, &errors));
	assert_int_equal(errors.len, 1);
	char line[1024];
	config_error_format(&errors.errors[0], line, sizeof(line));
	assert_memory_equal(line, folder->path, strlen(folder->path));
	assert_string_equal(line + strlen(folder->path) + 1, expected);
	config_errors_finish(&errors);
}

static void test_include(void **state) {
	const struct folder *folder = *state;
	struct config_errors errors;
	write_file(folder, "main", "workspaces 2\ninclude one\ninclude one\nmachines x\n");
	write_file(folder, "one", "workspaces 7\n");
	struct config *config = load(folder, "main", &errors);
	assert_non_null(config);
	assert_int_equal(config->workspaces, 7);
	assert_int_equal(config->files.len, 3);
	assert_true(config->machines.strings[0][0] == '/');
	config_destroy(config);

	write_file(folder, "one", "\nworkspaces 70\n");
	write_file(folder, "main", "include one\n");
	assert_load_error(folder, "main", "one:2:12: \"70\" is no number from 1 to 32");
}

static void test_include_cycle(void **state) {
	const struct folder *folder = *state;
	char expected[256];
	write_file(folder, "main", "include one\n");
	write_file(folder, "one", "# a comment\ninclude ../re-config-none/../two\n");
	snprintf(expected, sizeof(expected),
		"one:2:9: cannot include %s/../re-config-none/../two: No such file or directory",
		folder->path);
	assert_load_error(folder, "main", expected);

	write_file(folder, "one", "  include two\n");
	write_file(folder, "two", "include ./main\n");
	snprintf(expected, sizeof(expected), "two:1:9: %s/./main includes itself", folder->path);
	assert_load_error(folder, "main", expected);
}

static void test_bad_files(void **state) {
	const struct folder *folder = *state;
	assert_load_error(folder, "main", "main: No such file or directory");

	char path[128];
	snprintf(path, sizeof(path), "%s/fifo", folder->path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_load_error(folder, "fifo", "fifo: this is not a regular file");

	write_file(folder, "main", "");
	snprintf(path, sizeof(path), "%s/main", folder->path);
	assert_int_equal(truncate(path, 100 << 20), 0);
	assert_load_error(folder, "main", "main: more than 1 MiB: this is no configuration");
	assert_int_equal(truncate(path, 3), 0);
	assert_load_error(folder, "main", "main:1:1: a NUL byte");
}

static void test_find_path(void **state) {
	const struct folder *folder = *state;
	unsetenv("REDECHO_CONFIG");
	setenv("XDG_CONFIG_HOME", folder->path, 1);
	char *path = config_find_path("/given");
	assert_string_equal(path, "/given");
	free(path);
	setenv("REDECHO_CONFIG", "/from/environment", 1);
	path = config_find_path(NULL);
	assert_string_equal(path, "/from/environment");
	free(path);
	unsetenv("REDECHO_CONFIG");

	char name[128];
	snprintf(name, sizeof(name), "%s/redecho", folder->path);
	assert_int_equal(mkdir(name, 0700), 0);
	write_file(folder, "redecho/config", "");
	path = config_find_path(NULL);
	snprintf(name, sizeof(name), "%s/redecho/config", folder->path);
	assert_string_equal(path, name);
	free(path);
	unlink(name);
	snprintf(name, sizeof(name), "%s/redecho", folder->path);
	rmdir(name);
}

// --- random texts -------------------------------------------------------------------------

struct word_count {
	size_t words;
	int lines[64];
	size_t counts[64];
	size_t len;
};

static void count_words(const struct scfg_block *block, struct word_count *count) {
	for (size_t i = 0; i < block->directives_len; i++) {
		const struct scfg_directive *directive = &block->directives[i];
		assert_true(count->len < 64);
		count->lines[count->len] = directive->lineno;
		count->counts[count->len++] = directive->params_len + 1;
		count_words(&directive->children, count);
	}
}

// Whatever is accepted, libscfg accepts with the same words on the same lines.
static void test_syntax_is_libscfgs(void **state) {
	static const char alphabet[] = "ab \t\n\n{}\"'\\#  {\n }\n\n\xc3\xa4";
	uint64_t random = 1;
	int accepted = 0;
	for (int round = 0; round < 100000; round++) {
		char text[40];
		random = random * 6364136223846793005u + 1442695040888963407u;
		size_t len = 1 + (random >> 33) % (sizeof(text) - 1);
		for (size_t i = 0; i < len; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			text[i] = alphabet[(random >> 33) % (sizeof(alphabet) - 1)];
		}
		struct config_syntax_place place;
		char why[128];
		if (!config_syntax_check(text, len, &place, why, sizeof(why))) {
			assert_true(place.line >= 1 && place.column <= (int)len + 1);
			continue;
		}
		accepted++;
		struct scfg_block block = {0};
		FILE *file = fmemopen(text, len, "r");
		assert_int_equal(scfg_parse_file(&block, file), 0);
		fclose(file);
		struct word_count count = {0};
		count_words(&block, &count);
		for (size_t i = 0; i < count.len; i++) {
			assert_true(config_syntax_column(
					    text, len, count.lines[i], count.counts[i] - 1) > 0);
		}
		scfg_block_finish(&block);
	}
	assert_true(accepted > 500);
}

// The default configuration with bytes changed, taken out and doubled: a struct or errors, each
// with a place, and never both.
static void test_damaged_texts(void **state) {
	static const char bytes[] = "{}\"'\\#\n \t09azMod+@.-\xff\0";
	const char *text = config_default_text();
	size_t len = strlen(text);
	char *damaged = malloc(len + 1);
	uint64_t random = 3;
	int good = 0, bad = 0;
	for (int round = 0; round < 1000; round++) {
		memcpy(damaged, text, len + 1);
		size_t damaged_len = len;
		for (int i = 0; i < 1 + round % 4; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			size_t at = (random >> 20) % (damaged_len - 64);
			size_t count = 1 + (random >> 50) % 32;
			if (round % 3 == 0) {
				memmove(damaged + at, damaged + at + count,
					damaged_len - at - count);
				damaged_len -= count;
			} else if (round % 3 == 1) {
				memmove(damaged + at, damaged + at + count, count);
			} else {
				damaged[at] = bytes[(random >> 40) % (sizeof(bytes) - 1)];
			}
		}
		struct config_errors errors;
		struct config *config = config_parse(
			"damaged", damaged, damaged_len, NULL, &errors);
		assert_int_equal(config != NULL, errors.len == 0);
		for (size_t i = 0; i < errors.len; i++) {
			assert_true(errors.errors[i].line > 0);
			assert_true(errors.errors[i].message[0] != '\0');
		}
		good += config != NULL;
		bad += config == NULL;
		config_destroy(config);
		config_errors_finish(&errors);
	}
	assert_true(good > 30 && bad > 30);
	free(damaged);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_bindings),
		cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_output_errors),
		cmocka_unit_test(test_syntax_errors),
		cmocka_unit_test(test_many_errors),
		cmocka_unit_test_setup_teardown(test_include, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_include_cycle, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_bad_files, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_find_path, make_folder, remove_folder),
		cmocka_unit_test(test_syntax_is_libscfgs),
		cmocka_unit_test(test_damaged_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

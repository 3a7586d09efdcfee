// Which keys run which commands.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"

// cmocka.h wants the ones above
#include <cmocka.h>
#include <linux/input-event-codes.h>
#include <xkbcommon/xkbcommon.h>

static void assert_keys(const char *text, uint32_t modifiers, enum binding_kind kind, uint32_t key,
	const char *written) {
	struct binding binding = {0};
	size_t offset;
	char why[128];
	assert_true(binding_parse_keys(text, &binding, &offset, why, sizeof(why)));
	assert_int_equal(binding.modifiers, modifiers);
	assert_int_equal(binding.kind, kind);
	assert_int_equal(binding.key, key);
	char formatted[128];
	binding_format_keys(&binding, formatted, sizeof(formatted));
	assert_string_equal(formatted, written);
}

static void test_parse_keys(void **state) {
	assert_keys("Mod+Return", BINDING_MOD, BINDING_KEYSYM, XKB_KEY_Return, "Mod+Return");
	assert_keys("$mod+shift+Q", BINDING_MOD | BINDING_SHIFT, BINDING_KEYSYM, XKB_KEY_q,
		"Mod+Shift+q");
	assert_keys("Control+Mod1+Delete", BINDING_CTRL | BINDING_ALT, BINDING_KEYSYM,
		XKB_KEY_Delete, "Ctrl+Alt+Delete");
	assert_keys("Super+code:28", BINDING_LOGO, BINDING_KEYCODE, KEY_ENTER, "Logo+code:28");
	assert_keys("Mod+button:right", BINDING_MOD, BINDING_BUTTON, BTN_RIGHT, "Mod+button:right");
	assert_keys("XF86AudioMute", 0, BINDING_KEYSYM, XKB_KEY_XF86AudioMute, "XF86AudioMute");
	assert_keys("mod+return", BINDING_MOD, BINDING_KEYSYM, XKB_KEY_Return, "Mod+Return");
	assert_keys("Mod++", BINDING_MOD, BINDING_KEYSYM, XKB_KEY_plus, "Mod+plus");
	assert_keys("+", 0, BINDING_KEYSYM, XKB_KEY_plus, "plus");
	assert_keys(
		"Mod+AltGr+e", BINDING_MOD | BINDING_MOD5, BINDING_KEYSYM, XKB_KEY_e, "Mod+Mod5+e");
}

static void assert_bad_keys(const char *text, size_t at, const char *message) {
	struct binding binding = {0};
	size_t offset = 999;
	char why[128] = "";
	assert_false(binding_parse_keys(text, &binding, &offset, why, sizeof(why)));
	assert_int_equal(offset, at);
	assert_non_null(strstr(why, message));
}

static void test_bad_keys(void **state) {
	assert_bad_keys("", 0, "missing");
	assert_bad_keys("Mod+Retrun", 4, "\"Retrun\" is no key");
	assert_bad_keys("Mod+Hyper+a", 4, "\"Hyper\" is no modifier");
	assert_bad_keys("code:0", 0, "keycode");
	assert_bad_keys("code:99999999999", 0, "keycode");
	assert_bad_keys("code:28x", 0, "keycode");
	assert_bad_keys("Mod+button:third", 4, "no button");
	assert_bad_keys("Mod+\xff\xfe", 4, "is no key");
	assert_bad_keys("+a", 0, "is no key");
}

static void assert_words(const char *line, size_t len, const char *const *words) {
	struct binding_command *command = binding_command_parse(line);
	if (len == 0) {
		assert_null(command);
		return;
	}
	assert_non_null(command);
	assert_int_equal(command->words_len, len);
	for (size_t i = 0; i < len; i++) {
		assert_string_equal(command->words[i], words[i]);
	}
	assert_null(command->words[len]);
	binding_command_destroy(command);
}

static void test_parse_command(void **state) {
	assert_words("spawn clock", 2, (const char *[]){"spawn", "clock"});
	assert_words("\t spawn   clock ", 2, (const char *[]){"spawn", "clock"});
	assert_words(
		"exec 'a b' \"c 'd\" e\\ f", 4, (const char *[]){"exec", "a b", "c 'd", "e f"});
	assert_words("x '' a\"b\"c", 3, (const char *[]){"x", "", "abc"});
	assert_words("x 'a\\'", 2, (const char *[]){"x", "a\\"});
	assert_words("", 0, NULL);
	assert_words("   ", 0, NULL);
	assert_words("x 'open", 0, NULL);
	assert_words("x \\", 0, NULL);
}

static void add(struct binding_list *list, const char *keys, uint32_t flags, const char *word) {
	struct binding binding = {.flags = flags};
	size_t offset;
	char why[128];
	assert_true(binding_parse_keys(keys, &binding, &offset, why, sizeof(why)));
	binding_add_command(&binding, 1, (char *[]){(char *)word});
	binding_list_add(list, &binding);
}

static void assert_found(
	const struct binding_list *list, const struct binding_event *event, const char *word) {
	const struct binding *binding = binding_find(list, event);
	if (word == NULL) {
		assert_null(binding);
		return;
	}
	assert_non_null(binding);
	assert_string_equal(binding->commands[0].words[0], word);
}

// An event of a key that gives raw, and shifted with what is held.
static struct binding_event key(uint32_t modifiers, const uint32_t *shifted, const uint32_t *raw) {
	return (struct binding_event){
		.modifiers = modifiers,
		.mod = BINDING_LOGO,
		.code = KEY_X,
		.syms = shifted,
		.syms_len = 1,
		.raw_syms = raw,
		.raw_syms_len = 1,
	};
}

static void test_find(void **state) {
	struct binding_list list = {0};
	add(&list, "Mod+x", 0, "x");
	add(&list, "Mod+Shift+x", 0, "shift-x");
	add(&list, "Mod+question", 0, "help");
	add(&list, "Alt+x", 0, "alt-x");
	const uint32_t x[] = {XKB_KEY_x}, big_x[] = {XKB_KEY_X};
	const uint32_t slash[] = {XKB_KEY_slash}, question[] = {XKB_KEY_question};

	struct binding_event event = key(BINDING_LOGO, x, x);
	assert_found(&list, &event, "x");
	event.modifiers |= BINDING_LOCK | BINDING_MOD2; // Caps Lock and Num Lock
	assert_found(&list, &event, "x");
	event = key(BINDING_LOGO | BINDING_CTRL, x, x);
	assert_found(&list, &event, NULL);
	event = key(BINDING_LOGO | BINDING_SHIFT, big_x, x);
	assert_found(&list, &event, "shift-x");
	event = key(BINDING_LOGO | BINDING_SHIFT, question, slash);
	assert_found(&list, &event, "help");
	event = key(BINDING_ALT, x, x);
	assert_found(&list, &event, "alt-x");
	event.mod = BINDING_ALT; // nested: Mod+x was there first
	assert_found(&list, &event, "x");
	event = key(0, x, x);
	assert_found(&list, &event, NULL);

	add(&list, "Mod+code:45", 0, "code");
	event = key(BINDING_LOGO, x, x);
	assert_found(&list, &event, "code"); // keycodes go first
	binding_list_finish(&list);
}

static void test_flags(void **state) {
	struct binding_list list = {0};
	add(&list, "Mod+x", 0, "press");
	add(&list, "Mod+x", BINDING_ON_RELEASE, "release");
	add(&list, "Mod+y", BINDING_LOCKED, "always");
	add(&list, "Mod+button:left", 0, "button");
	const uint32_t x[] = {XKB_KEY_x}, y[] = {XKB_KEY_y};

	struct binding_event event = key(BINDING_LOGO, x, x);
	assert_found(&list, &event, "press");
	event.released = true;
	assert_found(&list, &event, "release");
	event.released = false;
	event.locked = true;
	assert_found(&list, &event, NULL);
	event = key(BINDING_LOGO, y, y);
	event.locked = true;
	assert_found(&list, &event, "always");

	event = (struct binding_event){
		.modifiers = BINDING_LOGO, .mod = BINDING_LOGO, .code = BTN_LEFT, .button = true};
	assert_found(&list, &event, "button");
	event.button = false;
	assert_found(&list, &event, NULL);
	binding_list_finish(&list);
}

static void test_replace_and_remove(void **state) {
	struct binding_list list = {0};
	add(&list, "Mod+x", 0, "one");
	add(&list, "Mod+y", 0, "two");
	add(&list, "Mod+x", BINDING_NO_REPEAT, "three");
	assert_int_equal(list.len, 2);
	const uint32_t x[] = {XKB_KEY_x};
	struct binding_event event = key(BINDING_LOGO, x, x);
	assert_found(&list, &event, "three");

	struct binding keys = {.modifiers = BINDING_MOD, .key = XKB_KEY_x};
	assert_true(binding_list_remove(&list, &keys));
	assert_false(binding_list_remove(&list, &keys));
	assert_found(&list, &event, NULL);
	assert_int_equal(list.len, 1);
	binding_list_finish(&list);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_keys),
		cmocka_unit_test(test_bad_keys),
		cmocka_unit_test(test_parse_command),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_replace_and_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

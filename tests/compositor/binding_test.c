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
	assert_keys(
		"Mod+scroll:up", BINDING_MOD, BINDING_SCROLL, BINDING_SCROLL_UP, "Mod+scroll:up");
	assert_keys("lid:on", 0, BINDING_SWITCH, BINDING_LID_ON, "lid:on");
	assert_keys(
		"tablet-mode:off", 0, BINDING_SWITCH, BINDING_TABLET_MODE_OFF, "tablet-mode:off");
	assert_keys("swipe:3:left", 0, BINDING_GESTURE,
		BINDING_SWIPE | 3 << BINDING_FINGERS_SHIFT | BINDING_LEFT, "swipe:3:left");
	assert_keys("Mod+Shift+pinch:2:clockwise+inward", BINDING_MOD | BINDING_SHIFT,
		BINDING_GESTURE,
		BINDING_PINCH | 2 << BINDING_FINGERS_SHIFT | BINDING_INWARD | BINDING_CLOCKWISE,
		"Mod+Shift+pinch:2:inward+clockwise");
	assert_keys("swipe:up", 0, BINDING_GESTURE, BINDING_SWIPE | BINDING_UP, "swipe:up");
	assert_keys(
		"hold:4", 0, BINDING_GESTURE, BINDING_HOLD | 4 << BINDING_FINGERS_SHIFT, "hold:4");
	assert_keys("pinch", 0, BINDING_GESTURE, BINDING_PINCH, "pinch");
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
	assert_bad_keys("Mod+scroll:sideways", 4, "no way to scroll");
	assert_bad_keys("lid:open", 0, "is no switch");
	assert_bad_keys("swipe:1:left", 0, "2 to 5 fingers");
	assert_bad_keys("swipe:33", 0, "2 to 5 fingers");
	assert_bad_keys("swipe:3:inward", 0, "\"inward\" is no direction");
	assert_bad_keys("pinch:2:left", 0, "\"left\" is no direction");
	assert_bad_keys("hold:3:left", 0, "\"left\" is no direction");
	assert_bad_keys("swipe:3:", 0, "\"\" is no direction");
	assert_bad_keys("swipe:3:left+", 0, "\"\" is no direction");
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

	event = (struct binding_event){.modifiers = BINDING_LOGO,
		.mod = BINDING_LOGO,
		.code = BTN_LEFT,
		.kind = BINDING_BUTTON};
	assert_found(&list, &event, "button");
	event.kind = BINDING_KEYSYM;
	assert_found(&list, &event, NULL);
	binding_list_finish(&list);
}

static void test_places(void **state) {
	struct binding_list list = {0};
	add(&list, "button:middle", BINDING_ON_TITLE, "title");
	add(&list, "button:middle", BINDING_ON_DESK, "desk");
	add(&list, "button:middle", 0, "anywhere");
	add(&list, "scroll:up", BINDING_ON_WINDOW, "window");
	assert_int_equal(list.len, 4);
	struct binding_event event = {
		.kind = BINDING_BUTTON, .code = BTN_MIDDLE, .place = BINDING_ON_CONTENT};
	assert_found(&list, &event, "anywhere");
	event.place = BINDING_ON_TITLE;
	assert_found(&list, &event, "title");
	event.place = BINDING_ON_DESK;
	assert_found(&list, &event, "desk");
	event.place = 0;
	assert_found(&list, &event, "anywhere");
	event = (struct binding_event){
		.kind = BINDING_SCROLL, .code = BINDING_SCROLL_UP, .place = BINDING_ON_BORDER};
	assert_found(&list, &event, "window");
	event.code = BINDING_SCROLL_DOWN;
	assert_found(&list, &event, NULL);
	event.code = BINDING_SCROLL_UP;
	event.place = BINDING_ON_DESK;
	assert_found(&list, &event, NULL);
	binding_list_finish(&list);
}

static struct binding_event swipe(uint32_t fingers, uint32_t seen, uint32_t main) {
	return (struct binding_event){
		.kind = BINDING_GESTURE,
		.mod = BINDING_LOGO,
		.code = BINDING_SWIPE | fingers << BINDING_FINGERS_SHIFT | seen,
		.directions = main,
	};
}

static void test_gestures(void **state) {
	struct binding_list list = {0};
	add(&list, "swipe:3:left", 0, "left");
	add(&list, "swipe:up", 0, "up");
	add(&list, "swipe:3:left+up", 0, "both");
	add(&list, "Mod+swipe:4", 0, "four");
	add(&list, "lid:on", 0, "lid");
	struct binding_event event = swipe(3, BINDING_LEFT, BINDING_LEFT);
	assert_found(&list, &event, "left");
	event = swipe(3, BINDING_LEFT | BINDING_DOWN, BINDING_LEFT);
	assert_found(&list, &event, "left");
	event = swipe(3, BINDING_LEFT | BINDING_UP, BINDING_LEFT);
	assert_found(&list, &event, "both");
	event = swipe(3, BINDING_LEFT | BINDING_DOWN, BINDING_DOWN);
	assert_found(&list, &event, NULL);
	event = swipe(5, BINDING_UP, BINDING_UP);
	assert_found(&list, &event, "up");
	event = swipe(4, BINDING_RIGHT, BINDING_RIGHT);
	assert_found(&list, &event, NULL);
	event.modifiers = BINDING_LOGO;
	assert_found(&list, &event, "four");

	event = swipe(3, 0, 0);
	assert_true(binding_has_gesture(&list, &event));
	event = swipe(4, 0, 0);
	assert_true(binding_has_gesture(&list, &event)); // up, with any number
	event.code = BINDING_PINCH | 2 << BINDING_FINGERS_SHIFT;
	assert_false(binding_has_gesture(&list, &event));
	event.code = BINDING_HOLD | 3 << BINDING_FINGERS_SHIFT;
	assert_false(binding_has_gesture(&list, &event));

	event = (struct binding_event){.kind = BINDING_SWITCH, .code = BINDING_LID_ON};
	event.modifiers = BINDING_CTRL;
	assert_found(&list, &event, "lid");
	event.code = BINDING_LID_OFF;
	assert_found(&list, &event, NULL);
	binding_list_finish(&list);
}

static void test_to_code(void **state) {
	struct binding_list list = {0};
	add(&list, "Mod+x", BINDING_TO_CODE, "there");
	const uint32_t x[] = {XKB_KEY_x}, cyrillic[] = {XKB_KEY_Cyrillic_che};
	struct binding_event event = key(BINDING_LOGO, cyrillic, cyrillic);
	event.first_syms = x;
	event.first_syms_len = 1;
	assert_found(&list, &event, "there");
	event = key(BINDING_LOGO, x, x);
	event.first_syms = cyrillic;
	event.first_syms_len = 1;
	assert_found(&list, &event, NULL);
	binding_list_finish(&list);
}

static void test_modes(void **state) {
	struct binding_modes modes = {0};
	assert_null(binding_modes_find(&modes, "a"));
	add(&binding_modes_get(&modes, "a")->bindings, "x", 0, "in-a");
	add(&binding_modes_get(&modes, "b")->bindings, "x", 0, "in-b");
	add(&binding_modes_get(&modes, "a")->bindings, "y", 0, "more");
	assert_int_equal(modes.len, 2);
	assert_int_equal(binding_modes_find(&modes, "a")->bindings.len, 2);
	binding_modes_finish(&modes);
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
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_gestures),
		cmocka_unit_test(test_to_code),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_replace_and_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

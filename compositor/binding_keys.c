// How the keys of a binding are written.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <xkbcommon/xkbcommon.h>

#include "binding.h"

struct name {
	const char *name;
	uint32_t value;
};

// The first name of a value is the one that is written.
static const struct name modifier_names[] = {
	{"Mod", BINDING_MOD},
	{"$mod", BINDING_MOD},
	{"Shift", BINDING_SHIFT},
	{"Ctrl", BINDING_CTRL},
	{"Control", BINDING_CTRL},
	{"Alt", BINDING_ALT},
	{"Mod1", BINDING_ALT},
	{"Logo", BINDING_LOGO},
	{"Super", BINDING_LOGO},
	{"Mod4", BINDING_LOGO},
	{"Mod3", BINDING_MOD3},
	{"Mod5", BINDING_MOD5},
	{"AltGr", BINDING_MOD5},
};

static const struct name button_names[] = {
	{"left", BTN_LEFT},
	{"middle", BTN_MIDDLE},
	{"right", BTN_RIGHT},
	{"side", BTN_SIDE},
	{"extra", BTN_EXTRA},
	{"forward", BTN_FORWARD},
	{"back", BTN_BACK},
};

static const struct name scroll_names[] = {
	{"up", BINDING_SCROLL_UP},
	{"down", BINDING_SCROLL_DOWN},
	{"left", BINDING_SCROLL_LEFT},
	{"right", BINDING_SCROLL_RIGHT},
};

static const struct name switch_names[] = {
	{"lid:on", BINDING_LID_ON},
	{"lid:off", BINDING_LID_OFF},
	{"tablet-mode:on", BINDING_TABLET_MODE_ON},
	{"tablet-mode:off", BINDING_TABLET_MODE_OFF},
	{"keypad-slide:on", BINDING_KEYPAD_SLIDE_ON},
	{"keypad-slide:off", BINDING_KEYPAD_SLIDE_OFF},
};

static const struct name gesture_names[] = {
	{"swipe", BINDING_SWIPE},
	{"pinch", BINDING_PINCH},
	{"hold", BINDING_HOLD},
};

static const struct name direction_names[] = {
	{"left", BINDING_LEFT},
	{"right", BINDING_RIGHT},
	{"up", BINDING_UP},
	{"down", BINDING_DOWN},
	{"inward", BINDING_INWARD},
	{"outward", BINDING_OUTWARD},
	{"clockwise", BINDING_CLOCKWISE},
	{"counterclockwise", BINDING_COUNTERCLOCKWISE},
};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static bool find_name(
	const struct name *names, size_t len, const char *text, size_t text_len, uint32_t *value) {
	for (size_t i = 0; i < len; i++) {
		if (strlen(names[i].name) == text_len &&
			strncasecmp(names[i].name, text, text_len) == 0) {
			*value = names[i].value;
			return true;
		}
	}
	return false;
}

static const char *name_of(const struct name *names, size_t len, uint32_t value) {
	for (size_t i = 0; i < len; i++) {
		if (names[i].value == value) {
			return names[i].name;
		}
	}
	return "";
}

static bool parse_number(const char *text, uint32_t most, uint32_t *value) {
	uint32_t number = 0;
	if (*text == '\0' || strlen(text) > 6) {
		return false;
	}
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9') {
			return false;
		}
		number = number * 10 + (uint32_t)(*text - '0');
	}
	*value = number;
	return number <= most;
}

// Bindings name Shift, so that a letter is its small one: Mod+Shift+Q and Mod+Shift+q are one.
static bool parse_keysym(const char *text, uint32_t *sym) {
	*sym = xkb_keysym_from_name(text, XKB_KEYSYM_NO_FLAGS);
	if (*sym == XKB_KEY_NoSymbol) {
		*sym = xkb_keysym_from_name(text, XKB_KEYSYM_CASE_INSENSITIVE);
	}
	*sym = xkb_keysym_to_lower(*sym);
	return *sym != XKB_KEY_NoSymbol;
}

static bool parse_keycode(const char *text, struct binding *binding, char *why, size_t size) {
	binding->kind = BINDING_KEYCODE;
	if (parse_number(text + strlen("code:"), KEY_MAX, &binding->key) && binding->key > 0) {
		return true;
	}
	snprintf(why, size, "\"%s\" is no keycode: code: takes a number from 1 to %d", text,
		KEY_MAX);
	return false;
}

static bool parse_button(const char *text, struct binding *binding, char *why, size_t size) {
	const char *name = text + strlen("button:");
	binding->kind = BINDING_BUTTON;
	if (find_name(button_names, LEN(button_names), name, strlen(name), &binding->key)) {
		return true;
	}
	snprintf(why, size,
		"\"%s\" is no button: left, middle, right, side, extra, forward or back", name);
	return false;
}

static bool parse_scroll(const char *text, struct binding *binding, char *why, size_t size) {
	const char *name = text + strlen("scroll:");
	binding->kind = BINDING_SCROLL;
	if (find_name(scroll_names, LEN(scroll_names), name, strlen(name), &binding->key)) {
		return true;
	}
	snprintf(why, size, "\"%s\" is no way to scroll: up, down, left or right", name);
	return false;
}

static bool parse_switch(const char *text, struct binding *binding, char *why, size_t size) {
	binding->kind = BINDING_SWITCH;
	if (find_name(switch_names, LEN(switch_names), text, strlen(text), &binding->key)) {
		return true;
	}
	snprintf(why, size,
		"\"%s\" is no switch: lid, tablet-mode or keypad-slide with :on or :off", text);
	return false;
}

// What belongs to one gesture: a swipe is not turned, a hold goes nowhere.
static uint32_t directions_of(uint32_t gesture) {
	const uint32_t ways = BINDING_LEFT | BINDING_RIGHT | BINDING_UP | BINDING_DOWN;
	return gesture == BINDING_SWIPE    ? ways
		: gesture == BINDING_PINCH ? BINDING_DIRECTIONS & ~ways
					   : 0;
}

static bool parse_directions(const char *text, struct binding *binding, char *why, size_t size) {
	uint32_t allowed = directions_of(binding->key & BINDING_GESTURES);
	while (true) {
		size_t len = strcspn(text, "+");
		uint32_t direction;
		if (!find_name(direction_names, LEN(direction_names), text, len, &direction) ||
			(direction & allowed) == 0) {
			snprintf(why, size,
				"\"%.*s\" is no direction: a swipe has left, right, up and down, "
				"a pinch inward, outward, clockwise and counterclockwise",
				(int)len, text);
			return false;
		}
		binding->key |= direction;
		if (text[len] == '\0') {
			return true;
		}
		text += len + 1;
	}
}

// KIND[:FINGERS][:DIRECTION[+DIRECTION]]
static bool parse_gesture(const char *text, struct binding *binding, char *why, size_t size) {
	size_t len = strcspn(text, ":");
	binding->kind = BINDING_GESTURE;
	if (!find_name(gesture_names, LEN(gesture_names), text, len, &binding->key)) {
		return false;
	}
	text += len;
	if (text[0] == ':' && text[1] >= '0' && text[1] <= '9') {
		if (text[1] < '2' || text[1] > '5' || (text[2] != '\0' && text[2] != ':')) {
			snprintf(why, size, "\"%s\": a gesture has 2 to 5 fingers", text + 1);
			return false;
		}
		binding->key |= (uint32_t)(text[1] - '0') << BINDING_FINGERS_SHIFT;
		text += 2;
	}
	return *text == '\0' || parse_directions(text + 1, binding, why, size);
}

static bool parse_key(const char *text, struct binding *binding, char *why, size_t size) {
	static const struct {
		const char *before;
		bool (*parse)(const char *text, struct binding *binding, char *why, size_t size);
	} kinds[] = {
		{"code", parse_keycode},
		{"button", parse_button},
		{"scroll", parse_scroll},
		{"lid", parse_switch},
		{"tablet-mode", parse_switch},
		{"keypad-slide", parse_switch},
		{"swipe", parse_gesture},
		{"pinch", parse_gesture},
		{"hold", parse_gesture},
	};
	size_t len = strcspn(text, ":");
	for (size_t i = 0; i < LEN(kinds); i++) {
		if (strlen(kinds[i].before) == len && strncmp(text, kinds[i].before, len) == 0 &&
			(text[len] == ':' || kinds[i].parse == parse_gesture)) {
			return kinds[i].parse(text, binding, why, size);
		}
	}
	binding->kind = BINDING_KEYSYM;
	if (parse_keysym(text, &binding->key)) {
		return true;
	}
	snprintf(why, size, "\"%s\" is no key that xkbcommon knows", text);
	return false;
}

// Where the modifier that begins here ends: at a +, but not at one within the key itself, and a +
// at the very end is a key.
static const char *modifier_end(const char *part) {
	const char *plus = strchr(part, '+'), *colon = strchr(part, ':');
	bool within = plus == NULL || plus[1] == '\0' || plus == part;
	return within || (colon != NULL && colon < plus) ? NULL : plus;
}

bool binding_parse_keys(
	const char *text, struct binding *binding, size_t *offset, char *why, size_t size) {
	binding->modifiers = 0;
	const char *part = text;
	for (const char *plus; (plus = modifier_end(part)) != NULL; part = plus + 1) {
		uint32_t modifier;
		size_t len = (size_t)(plus - part);
		if (!find_name(modifier_names, LEN(modifier_names), part, len, &modifier)) {
			*offset = (size_t)(part - text);
			snprintf(why, size,
				"\"%.*s\" is no modifier: Mod, Shift, Ctrl, Alt, Logo, Mod3 or "
				"Mod5",
				(int)len, part);
			return false;
		}
		binding->modifiers |= modifier;
	}
	*offset = (size_t)(part - text);
	if (*part == '\0') {
		snprintf(why, size, "a key is missing");
		return false;
	}
	if (strcmp(part, "+") == 0) {
		part = "plus";
	}
	return parse_key(part, binding, why, size);
}

static void format_gesture(uint32_t key, char *text, size_t size) {
	size_t used = (size_t)snprintf(text, size, "%s",
		name_of(gesture_names, LEN(gesture_names), key & BINDING_GESTURES));
	if ((key & BINDING_FINGERS) != 0) {
		used += (size_t)snprintf(text + used, size - used, ":%u",
			(key & BINDING_FINGERS) >> BINDING_FINGERS_SHIFT);
	}
	char divider = ':';
	for (size_t i = 0; i < LEN(direction_names); i++) {
		if ((key & direction_names[i].value) != 0) {
			used += (size_t)snprintf(
				text + used, size - used, "%c%s", divider, direction_names[i].name);
			divider = '+';
		}
	}
}

static void format_key(const struct binding *binding, char *text, size_t size) {
	switch (binding->kind) {
	case BINDING_KEYSYM:
		xkb_keysym_get_name(binding->key, text, size);
		break;
	case BINDING_KEYCODE:
		snprintf(text, size, "code:%u", binding->key);
		break;
	case BINDING_BUTTON:
		snprintf(text, size, "button:%s",
			name_of(button_names, LEN(button_names), binding->key));
		break;
	case BINDING_SCROLL:
		snprintf(text, size, "scroll:%s",
			name_of(scroll_names, LEN(scroll_names), binding->key));
		break;
	case BINDING_SWITCH:
		snprintf(text, size, "%s", name_of(switch_names, LEN(switch_names), binding->key));
		break;
	case BINDING_GESTURE:
		format_gesture(binding->key, text, size);
		break;
	}
}

void binding_format_keys(const struct binding *binding, char *text, size_t size) {
	char key[96] = "";
	format_key(binding, key, sizeof(key));
	size_t used = 0;
	uint32_t written = 0;
	text[0] = '\0';
	for (size_t i = 0; i < LEN(modifier_names) && used < size; i++) {
		uint32_t value = modifier_names[i].value;
		if ((binding->modifiers & value) != 0 && (written & value) == 0) {
			written |= value;
			used += (size_t)snprintf(
				text + used, size - used, "%s+", modifier_names[i].name);
		}
	}
	if (used < size) {
		snprintf(text + used, size - used, "%s", key);
	}
}

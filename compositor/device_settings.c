#include "device_settings.h"

#include <fnmatch.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "config_values.h"

enum kind {
	KIND_TEXT,
	KIND_CHOICE,
	KIND_NUMBERS,
	KIND_WHOLE, // one number without a fraction
	KIND_BUTTON,
};

struct choice {
	const char *name; // NULL ends a list
	int value;
};

static const struct choice yes_no[] = {{"yes", 1}, {"no", 0}, {0}};
static const struct choice button_maps[] = {{"lrm", 0}, {"lmr", 1}, {0}};
static const struct choice drag_locks[] = {{"yes", 1}, {"no", 0}, {"sticky", 2}, {0}};
static const struct choice finger_drags[] = {{"yes", 1}, {"no", 0}, {"four", 2}, {0}};
static const struct choice event_modes[] = {
	{"yes", 0}, {"no", 1}, {"disabled-on-external-mouse", 2}, {0}};
static const struct choice profiles[] = {{"none", 0}, {"flat", 1}, {"adaptive", 2}, {0}};
static const struct choice scroll_methods[] = {
	{"none", 0}, {"two-finger", 1}, {"edge", 2}, {"on-button-down", 4}, {0}};
static const struct choice click_methods[] = {
	{"none", 0}, {"button-areas", 1}, {"clickfinger", 2}, {0}};
static const struct choice tool_modes[] = {
	{"absolute", DEVICE_TOOL_ABSOLUTE}, {"relative", DEVICE_TOOL_RELATIVE}, {0}};
static const struct choice buttons[] = {{"none", 0}, {"left", BTN_LEFT}, {"right", BTN_RIGHT},
	{"middle", BTN_MIDDLE}, {"side", BTN_SIDE}, {"extra", BTN_EXTRA}, {"forward", BTN_FORWARD},
	{"back", BTN_BACK}, {"task", BTN_TASK}, {0}};

static const struct setting {
	const char *name;
	enum kind kind;
	const struct choice *choices; // of a choice
	size_t numbers; // how many, of numbers
	double min, max; // of numbers
} settings[] = {
	[DEVICE_LAYOUT] = {"layout", KIND_TEXT, NULL, 0, 0, 0},
	[DEVICE_VARIANT] = {"variant", KIND_TEXT, NULL, 0, 0, 0},
	[DEVICE_OPTIONS] = {"options", KIND_TEXT, NULL, 0, 0, 0},
	[DEVICE_MODEL] = {"model", KIND_TEXT, NULL, 0, 0, 0},
	[DEVICE_RULES] = {"rules", KIND_TEXT, NULL, 0, 0, 0},
	[DEVICE_REPEAT_RATE] = {"repeat-rate", KIND_WHOLE, NULL, 1, 0, 200},
	[DEVICE_REPEAT_DELAY] = {"repeat-delay", KIND_WHOLE, NULL, 1, 1, 10000},
	[DEVICE_NUM_LOCK] = {"num-lock", KIND_CHOICE, yes_no, 0, 0, 0},
	[DEVICE_SEND_EVENTS] = {"send-events", KIND_CHOICE, event_modes, 0, 0, 0},
	[DEVICE_TAP] = {"tap", KIND_CHOICE, yes_no, 0, 0, 0},
	[DEVICE_TAP_BUTTON_MAP] = {"tap-button-map", KIND_CHOICE, button_maps, 0, 0, 0},
	[DEVICE_TAP_DRAG] = {"tap-drag", KIND_CHOICE, yes_no, 0, 0, 0},
	[DEVICE_TAP_DRAG_LOCK] = {"tap-drag-lock", KIND_CHOICE, drag_locks, 0, 0, 0},
	[DEVICE_DRAG_THREE_FINGERS] = {"drag-three-fingers", KIND_CHOICE, finger_drags, 0, 0, 0},
	[DEVICE_POINTER_SPEED] = {"pointer-speed", KIND_NUMBERS, NULL, 1, -1, 1},
	[DEVICE_POINTER_PROFILE] = {"pointer-profile", KIND_CHOICE, profiles, 0, 0, 0},
	[DEVICE_NATURAL_SCROLL] = {"natural-scroll", KIND_CHOICE, yes_no, 0, 0, 0},
	[DEVICE_SCROLL_METHOD] = {"scroll-method", KIND_CHOICE, scroll_methods, 0, 0, 0},
	[DEVICE_SCROLL_BUTTON] = {"scroll-button", KIND_BUTTON, buttons, 0, 0, 0},
	[DEVICE_SCROLL_BUTTON_LOCK] = {"scroll-button-lock", KIND_CHOICE, yes_no, 0, 0, 0},
	[DEVICE_LEFT_HANDED] = {"left-handed", KIND_CHOICE, yes_no, 0, 0, 0},
	[DEVICE_MIDDLE_EMULATION] = {"middle-emulation", KIND_CHOICE, yes_no, 0, 0, 0},
	[DEVICE_CLICK_METHOD] = {"click-method", KIND_CHOICE, click_methods, 0, 0, 0},
	[DEVICE_CLICKFINGER_MAP] = {"clickfinger-map", KIND_CHOICE, button_maps, 0, 0, 0},
	[DEVICE_DISABLE_WHILE_TYPING] = {"disable-while-typing", KIND_CHOICE, yes_no, 0, 0, 0},
	[DEVICE_DISABLE_WHILE_TRACKPOINTING] = {"disable-while-trackpointing", KIND_CHOICE, yes_no,
		0, 0, 0},
	[DEVICE_ROTATION] = {"rotation", KIND_NUMBERS, NULL, 1, 0, 359.99},
	[DEVICE_CALIBRATION] = {"calibration", KIND_NUMBERS, NULL, 6, -100, 100},
	[DEVICE_SCROLL_FACTOR] = {"scroll-factor", KIND_NUMBERS, NULL, 1, 0, 100},
	[DEVICE_MAP_TO_OUTPUT] = {"map-to-output", KIND_TEXT, NULL, 0, 0, 0},
	[DEVICE_MAP_TO_REGION] = {"map-to-region", KIND_NUMBERS, NULL, 4, -65536, 65536},
	[DEVICE_TOOL_MODE] = {"tool-mode", KIND_CHOICE, tool_modes, 0, 0, 0},
};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(LEN(settings) == DEVICE_SETTINGS, "every setting has a row");

static const char *const types[] = {
	"keyboard", "pointer", "touchpad", "touch", "tablet-tool", "tablet-pad", "switch"};

// --- settings -----------------------------------------------------------------------------

const char *device_setting_name(enum device_setting setting) {
	return settings[setting].name;
}

bool device_setting_find(const char *name, enum device_setting *setting) {
	for (size_t i = 0; i < DEVICE_SETTINGS; i++) {
		if (strcmp(settings[i].name, name) == 0) {
			*setting = (enum device_setting)i;
			return true;
		}
	}
	return false;
}

size_t device_setting_words(enum device_setting setting) {
	return settings[setting].numbers > 0 ? settings[setting].numbers : 1;
}

static bool parse_choice(
	const struct setting *setting, const char *text, int *value, char *why, size_t size) {
	char known[256] = "";
	const struct choice *choice = setting->choices;
	for (; choice->name != NULL; choice++) {
		if (strcmp(choice->name, text) == 0) {
			*value = choice->value;
			return true;
		}
		const char *before = choice == setting->choices ? ""
			: choice[1].name == NULL                ? " or "
								: ", ";
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s", before,
			choice->name);
	}
	snprintf(why, size, "\"%s\" is not %s", text, known);
	return false;
}

static bool parse_numbers(const struct setting *setting, char *const *words,
	struct device_value *value, size_t *word, char *why, size_t size) {
	double numbers[DEVICE_NUMBERS_MAX];
	for (size_t i = 0; i < setting->numbers; i++) {
		bool good = config_parse_decimal(words[i], &numbers[i]) &&
			numbers[i] >= setting->min && numbers[i] <= setting->max;
		if (!good || (setting->kind == KIND_WHOLE && strchr(words[i], '.') != NULL)) {
			*word = i;
			snprintf(why, size, "\"%s\" is no number from %g to %g", words[i],
				setting->min, setting->max);
			return false;
		}
	}
	memcpy(value->numbers, numbers, setting->numbers * sizeof(numbers[0]));
	return true;
}

bool device_setting_parse(enum device_setting setting, char *const *words,
	struct device_value *value, size_t *word, char *why, size_t size) {
	const struct setting *row = &settings[setting];
	*word = 0;
	switch (row->kind) {
	case KIND_TEXT:
		free(value->text);
		value->text = words[0][0] != '\0' ? alloc_string(words[0]) : NULL;
		break;
	case KIND_CHOICE:
	case KIND_BUTTON:
		if (!parse_choice(row, words[0], &value->choice, why, size)) {
			return false;
		}
		break;
	case KIND_NUMBERS:
	case KIND_WHOLE:
		if (!parse_numbers(row, words, value, word, why, size)) {
			return false;
		}
		if (setting == DEVICE_MAP_TO_REGION &&
			(value->numbers[2] <= 0 || value->numbers[3] <= 0)) {
			*word = value->numbers[2] <= 0 ? 2 : 3;
			snprintf(why, size, "a region has some width and height");
			return false;
		}
		break;
	}
	value->set = true;
	return true;
}

void device_setting_format(
	enum device_setting setting, const struct device_value *value, char *text, size_t size) {
	const struct setting *row = &settings[setting];
	text[0] = '\0';
	switch (row->kind) {
	case KIND_TEXT:
		snprintf(text, size, "%s", value->text != NULL ? value->text : "");
		break;
	case KIND_CHOICE:
	case KIND_BUTTON:
		snprintf(text, size, "%d", value->choice); // of one without a name
		for (const struct choice *choice = row->choices; choice->name != NULL; choice++) {
			if (choice->value == value->choice) {
				snprintf(text, size, "%s", choice->name);
			}
		}
		break;
	case KIND_NUMBERS:
	case KIND_WHOLE:
		for (size_t i = 0; i < row->numbers; i++) {
			size_t len = strlen(text);
			snprintf(text + len, size - len, "%s%g", i > 0 ? " " : "",
				value->numbers[i]);
		}
		break;
	}
}

// --- devices ------------------------------------------------------------------------------

void device_identifier_format(
	unsigned vendor, unsigned product, const char *name, char *text, size_t size) {
	int len = snprintf(text, size, "%u:%u:", vendor, product);
	for (size_t at = len > 0 ? (size_t)len : 0; at + 1 < size; at++, name++) {
		bool plain = *name > ' ' && *name < 0x7f;
		text[at] = *name == '\0' || plain ? *name : '_';
		text[at + 1] = '\0';
		if (*name == '\0') {
			break;
		}
	}
}

// How much a pattern says: 0 all devices, 1 those of a type, 2 those of a name.
static int rank_of(const char *pattern) {
	return strcmp(pattern, "*") == 0 ? 0 : strncmp(pattern, "type:", 5) == 0 ? 1 : 2;
}

bool device_pattern_check(const char *pattern, char *why, size_t size) {
	if (rank_of(pattern) != 1) {
		return true;
	}
	for (size_t i = 0; i < LEN(types); i++) {
		if (strcmp(pattern + 5, types[i]) == 0) {
			return true;
		}
	}
	snprintf(why, size,
		"\"%.64s\" is no type of device: keyboard, pointer, touchpad, touch, tablet-tool, "
		"tablet-pad or switch",
		pattern + 5);
	return false;
}

bool device_rule_matches(const struct device_rule *rule, const struct device_name *device) {
	switch (rank_of(rule->pattern)) {
	case 0:
		return true;
	case 1:
		return strcmp(rule->pattern + 5, device->type) == 0;
	default:
		return fnmatch(rule->pattern, device->identifier, 0) == 0 ||
			fnmatch(rule->pattern, device->name, 0) == 0;
	}
}

struct device_rule *device_rules_add(struct device_rules *rules, const char *pattern) {
	rules->rules = alloc_array(rules->rules, rules->len + 1, sizeof(rules->rules[0]));
	struct device_rule *rule = &rules->rules[rules->len++];
	*rule = (struct device_rule){.pattern = alloc_string(pattern)};
	return rule;
}

void device_rules_finish(struct device_rules *rules) {
	for (size_t i = 0; i < rules->len; i++) {
		for (size_t j = 0; j < DEVICE_SETTINGS; j++) {
			free(rules->rules[i].values[j].text);
		}
		free(rules->rules[i].pattern);
	}
	free(rules->rules);
	*rules = (struct device_rules){0};
}

static void resolve(const struct device_rules *rules, const struct device_name *device,
	int first_rank, struct device_value *values) {
	memset(values, 0, DEVICE_SETTINGS * sizeof(values[0]));
	for (int rank = first_rank; rank <= 2; rank++) {
		for (size_t i = 0; i < rules->len; i++) {
			const struct device_rule *rule = &rules->rules[i];
			if (rank_of(rule->pattern) != rank || !device_rule_matches(rule, device)) {
				continue;
			}
			for (size_t j = 0; j < DEVICE_SETTINGS; j++) {
				if (rule->values[j].set) {
					values[j] = rule->values[j];
				}
			}
		}
	}
}

void device_rules_resolve(const struct device_rules *rules, const struct device_name *device,
	struct device_value values[static DEVICE_SETTINGS]) {
	resolve(rules, device, 0, values);
}

void device_rules_resolve_special(const struct device_rules *rules,
	const struct device_name *device, struct device_value values[static DEVICE_SETTINGS]) {
	resolve(rules, device, 1, values);
}

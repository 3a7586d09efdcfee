#ifndef DEVICE_SETTINGS_H
#define DEVICE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * What an input device can be told, and which devices a rule is for.
 *
 * One table has the name of each setting and the words that it takes: the configuration's `input`
 * blocks, the command `input` and what the socket tells all use it.
 */
enum device_setting {
	// of keyboards
	DEVICE_LAYOUT, // XKB's names
	DEVICE_VARIANT,
	DEVICE_OPTIONS,
	DEVICE_MODEL,
	DEVICE_RULES,
	DEVICE_REPEAT_RATE, // a second; 0: none
	DEVICE_REPEAT_DELAY, // milliseconds
	DEVICE_NUM_LOCK, // on at the start
	// of what libinput drives
	DEVICE_SEND_EVENTS,
	DEVICE_TAP,
	DEVICE_TAP_BUTTON_MAP,
	DEVICE_TAP_DRAG,
	DEVICE_TAP_DRAG_LOCK,
	DEVICE_DRAG_THREE_FINGERS,
	DEVICE_POINTER_SPEED, // -1 to 1
	DEVICE_POINTER_PROFILE,
	DEVICE_NATURAL_SCROLL,
	DEVICE_SCROLL_METHOD,
	DEVICE_SCROLL_BUTTON, // BTN_* of linux/input-event-codes.h, 0: none
	DEVICE_SCROLL_BUTTON_LOCK,
	DEVICE_LEFT_HANDED,
	DEVICE_MIDDLE_EMULATION,
	DEVICE_CLICK_METHOD,
	DEVICE_CLICKFINGER_MAP,
	DEVICE_DISABLE_WHILE_TYPING,
	DEVICE_DISABLE_WHILE_TRACKPOINTING,
	DEVICE_ROTATION, // degrees, clockwise
	DEVICE_CALIBRATION, // six numbers: the first two rows of a matrix
	// of the desk's own
	DEVICE_SCROLL_FACTOR,
	DEVICE_MAP_TO_OUTPUT, // the name of an output, or none
	DEVICE_MAP_TO_REGION, // x, y, width, height in the layout
	DEVICE_TOOL_MODE,
	DEVICE_SETTINGS,
};

/** So many numbers has the setting that has the most. */
#define DEVICE_NUMBERS_MAX 6

/** The choices have the numbers of libinput's enumerations, yes is 1 and no is 0. */
enum device_tool_mode {
	DEVICE_TOOL_ABSOLUTE,
	DEVICE_TOOL_RELATIVE,
};

struct device_value {
	bool set; // otherwise it is left as the device has it
	int choice; // of one that is a choice
	double numbers[DEVICE_NUMBERS_MAX]; // of one that has numbers
	char *text; // of one that is a text; may be NULL: none
};

/** Settings for some devices. */
struct device_rule {
	char *pattern; // see device_rule_matches()
	struct device_value values[DEVICE_SETTINGS];
};

struct device_rules {
	struct device_rule *rules;
	size_t len;
};

/** What a rule's pattern is compared with. */
struct device_name {
	const char *identifier; // VENDOR:PRODUCT:NAME
	const char *name; // as the device itself has it
	const char *type; // of the first word of device_type_check()
};

/** The name of a setting, as in the configuration. */
const char *device_setting_name(enum device_setting setting);

/** False if there is none of that name. */
bool device_setting_find(const char *name, enum device_setting *setting);

/** How many words a setting takes. */
size_t device_setting_words(enum device_setting setting);

/**
 * Reads the words of a setting, as many as it takes, into *value, whose text is freed before.
 * False, with the value as it was, a line that says why and the number of the wrong word.
 */
bool device_setting_parse(enum device_setting setting, char *const *words,
	struct device_value *value, size_t *word, char *why, size_t size);

/** Writes the words of a value that is set as device_setting_parse() reads them. */
void device_setting_format(
	enum device_setting setting, const struct device_value *value, char *text, size_t size);

/** Writes VENDOR:PRODUCT:NAME; blanks, and what cannot be printed, are _ in it. */
void device_identifier_format(
	unsigned vendor, unsigned product, const char *name, char *text, size_t size);

/**
 * Whether a pattern is right: a type is one that there is. If not, a line that says why. The
 * types are keyboard, pointer, touchpad, touch, tablet-tool, tablet-pad and switch.
 */
bool device_pattern_check(const char *pattern, char *why, size_t size);

/**
 * Whether a device is meant: `*`, `type:TYPE`, or an identifier or a name, in which * ? and [...]
 * stand for other characters as in file names.
 */
bool device_rule_matches(const struct device_rule *rule, const struct device_name *device);

/** Adds an empty rule behind the others. The pointer is valid until the next one is added. */
struct device_rule *device_rules_add(struct device_rules *rules, const char *pattern);

void device_rules_finish(struct device_rules *rules);

/**
 * What the rules say of a device: those for all devices first, then those for its type, then those
 * that name it, each in their order; a later one goes over an earlier. The texts belong to the
 * rules.
 */
void device_rules_resolve(const struct device_rules *rules, const struct device_name *device,
	struct device_value values[static DEVICE_SETTINGS]);

/** The same, without the rules for all devices. */
void device_rules_resolve_special(const struct device_rules *rules,
	const struct device_name *device, struct device_value values[static DEVICE_SETTINGS]);

#endif

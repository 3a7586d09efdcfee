// Commands: keyboards, pointers and what they do.

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "command_call.h"
#include "config.h"
#include "input_device.h"
#include "input_mode.h"
#include "keyboard_group.h"
#include "manager.h"
#include "passthrough.h"
#include "seat.h"
#include "server.h"

// --- input --------------------------------------------------------------------------------

static int check_input(size_t len, char *const *words) {
	enum device_setting setting;
	struct device_value value = {0};
	char why[256];
	size_t word;
	if (!device_pattern_check(words[1], why, sizeof(why))) {
		return 1;
	}
	if (!device_setting_find(words[2], &setting)) {
		return 2;
	}
	if (len - 3 != device_setting_words(setting)) {
		return (int)len;
	}
	bool good = device_setting_parse(setting, words + 3, &value, &word, why, sizeof(why));
	free(value.text);
	return good ? -1 : (int)word + 3;
}

// The value goes over those that were said before, until the configuration is read again.
static bool run_input(struct command_call *call) {
	struct device_rules *rules = &call->server->config->devices;
	enum device_setting setting;
	if (!device_setting_find(call->words[2], &setting)) {
		return false;
	}
	struct device_rule *rule = rules->len > 0 ? &rules->rules[rules->len - 1] : NULL;
	if (rule == NULL || strcmp(rule->pattern, call->words[1]) != 0) {
		rule = device_rules_add(rules, call->words[1]);
	}
	char why[256];
	size_t word;
	device_setting_parse(
		setting, call->words + 3, &rule->values[setting], &word, why, sizeof(why));
	config_take_input(call->server->config);
	seat_reconfigure_devices(call->server->seat);
	if (call->server->manager != NULL) {
		manager_reload(call->server->manager);
	}
	return true;
}

// --- keyboard-layout ----------------------------------------------------------------------

static int check_layout(size_t len, char *const *words) {
	int number;
	return strcmp(words[1], "next") == 0 || strcmp(words[1], "previous") == 0 ||
			command_read_number(words[1], 1, INT_MAX, &number)
		? -1
		: 1;
}

static bool run_layout(struct command_call *call) {
	struct keyboard_group *group = keyboard_group_current(call->server->seat);
	uint32_t layouts = keyboard_group_layouts(group);
	int number;
	if (layouts == 0) {
		return command_fail(call, "there is no keyboard layout");
	}
	if (strcmp(call->words[1], "next") == 0) {
		keyboard_group_set_layout(group, (group->layout + 1) % layouts);
	} else if (strcmp(call->words[1], "previous") == 0) {
		keyboard_group_set_layout(group, (group->layout + layouts - 1) % layouts);
	} else if (command_read_number(call->words[1], 1, (int)layouts, &number)) {
		keyboard_group_set_layout(group, (uint32_t)number - 1);
	} else {
		return command_fail(call, "keyboard layouts are 1 to %u", layouts);
	}
	return true;
}

// --- mode ---------------------------------------------------------------------------------

static bool run_mode(struct command_call *call) {
	return input_mode_set(call->server->seat, call->words[1]) ||
		command_fail(call, "there is no binding mode %s", call->words[1]);
}

// --- passthrough --------------------------------------------------------------------------

static bool run_passthrough(struct command_call *call) {
	struct seat *seat = call->server->seat;
	bool on = call->len > 1 ? strcmp(call->words[1], "on") == 0
				: passthrough_tile(seat) == NULL;
	if (!on) {
		passthrough_stop(seat);
		return true;
	}
	return passthrough_start(seat) || command_fail(call, "no window takes keys now");
}

const struct command command_input_table[] = {
	{"input", "input DEVICES SETTING WORD...", 3, 2 + DEVICE_NUMBERS_MAX, check_input,
		run_input},
	{"keyboard-layout", "keyboard-layout N|next|previous", 1, 1, check_layout, run_layout},
	{"mode", "mode NAME", 1, 1, NULL, run_mode},
	{"passthrough", "passthrough [on|off]", 0, 1, command_check_switch, run_passthrough},
	{0},
};

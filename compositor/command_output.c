// The command `output`: the settings of a screen, and screens that are none.

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "command_call.h"
#include "output.h"
#include "output_apply.h"
#include "output_settings.h"
#include "output_virtual.h"
#include "server.h"

#define CREATE_WIDTH 1920
#define CREATE_HEIGHT 1080

// --- words --------------------------------------------------------------------------------

// Reads one setting; output says what `toggle` means, and may be NULL to check the words only.
static size_t read_setting(struct output_settings *settings, const struct output *output,
	size_t len, char *const *words, size_t *wrong, char *why, size_t size) {
	if (strcmp(words[0], "toggle") == 0) {
		settings->set |= OUTPUT_SETTING_ENABLED;
		settings->enabled = output != NULL && !output->enabled;
		return 1;
	}
	if (len > 1 && strcmp(words[0], "power") == 0 && strcmp(words[1], "toggle") == 0) {
		settings->set |= OUTPUT_SETTING_POWER;
		settings->powered = output != NULL && !output->settings.powered;
		return 2;
	}
	return output_settings_read(settings, len, words, wrong, why, size);
}

// Reads all settings from words[2] on. False with the number of the wrong word.
static bool read_settings(struct output_settings *settings, const struct output *output, size_t len,
	char *const *words, size_t *wrong, char *why, size_t size) {
	*settings = (struct output_settings){0};
	for (size_t i = 2; i < len;) {
		size_t taken = read_setting(settings, output, len - i, words + i, wrong, why, size);
		if (taken == 0) {
			*wrong += i;
			return false;
		}
		i += taken;
	}
	return true;
}

static bool read_size(const char *word, int *width, int *height) {
	char *words[] = {(char[]){"mode"}, (char *)word};
	struct output_settings settings = {0};
	size_t wrong;
	char why[128];
	if (strchr(word, 'x') == NULL || strchr(word, '@') != NULL ||
		output_settings_read(&settings, 2, words, &wrong, why, sizeof(why)) == 0) {
		return false;
	}
	*width = settings.width;
	*height = settings.height;
	return true;
}

// --- running ------------------------------------------------------------------------------

static bool run_create(struct command_call *call) {
	const char *name = NULL;
	int width = CREATE_WIDTH, height = CREATE_HEIGHT;
	for (size_t i = 2; i < call->len; i++) {
		if (!read_size(call->words[i], &width, &height)) {
			name = call->words[i];
		}
	}
	char why[128];
	return output_virtual_create(call->server, name, width, height, why, sizeof(why)) ||
		command_fail(call, "%s", why);
}

// The outputs that a name means. Free what it returns.
static struct output **find_outputs(struct server *server, const char *name, size_t *len) {
	struct wl_list *const lists[] = {&server->outputs, &server->disabled_outputs};
	bool all = strcmp(name, "*") == 0;
	struct output *one = strcmp(name, "active") == 0 ? server->active_output
							 : output_find_any(server, name);
	struct output **outputs = NULL, *output;
	*len = 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		wl_list_for_each (output, lists[i], link) {
			if (all || output == one) {
				outputs = alloc_array(outputs, *len + 1, sizeof(outputs[0]));
				outputs[(*len)++] = output;
			}
		}
	}
	return outputs;
}

static bool apply(struct command_call *call, struct output *const *outputs, size_t len) {
	struct output_change *changes = alloc_zeroed(len, sizeof(*changes));
	char why[192] = "not done";
	size_t wrong;
	bool ok = true;
	for (size_t i = 0; i < len && ok; i++) {
		changes[i].output = outputs[i];
		ok = read_settings(&changes[i].settings, outputs[i], call->len, call->words, &wrong,
			why, sizeof(why));
	}
	ok = ok && output_apply(call->server, changes, len, OUTPUT_APPLY_SET, why, sizeof(why));
	free(changes);
	return ok || command_fail(call, "%s", why);
}

static bool remove_all(struct command_call *call, struct output *const *outputs, size_t len) {
	for (size_t i = 0; i < len; i++) {
		if (!output_is_virtual(outputs[i])) {
			return command_fail(
				call, "a screen is removed by its plug; `disable` turns it off");
		}
	}
	for (size_t i = 0; i < len; i++) {
		output_virtual_remove(outputs[i]);
	}
	return true;
}

static bool run_output(struct command_call *call) {
	if (strcmp(call->words[1], "create") == 0) {
		return run_create(call);
	}
	size_t len;
	struct output **outputs = find_outputs(call->server, call->words[1], &len);
	bool ok = true;
	if (len == 0) {
		ok = command_fail(call, "there is no output %s", call->words[1]);
	} else if (strcmp(call->words[2], "remove") == 0) {
		ok = remove_all(call, outputs, len);
	} else if (strcmp(call->words[2], "reset") == 0) {
		for (size_t i = 0; i < len; i++) {
			output_forget(outputs[i]);
		}
		output_apply_all(call->server);
	} else {
		ok = apply(call, outputs, len);
	}
	free(outputs);
	return ok;
}

static int check_create(size_t len, char *const *words) {
	int width, height;
	bool has_name = false, has_size = false;
	for (size_t i = 2; i < len; i++) {
		bool *has = read_size(words[i], &width, &height) ? &has_size : &has_name;
		if (*has || (has == &has_name && !output_virtual_is_name(words[i]))) {
			return (int)i;
		}
		*has = true;
	}
	return -1;
}

static int check_output(size_t len, char *const *words) {
	struct output_settings settings;
	size_t wrong;
	char why[128];
	if (strcmp(words[1], "create") == 0) {
		return check_create(len, words);
	}
	if (len < 3) {
		return 1;
	}
	if (strcmp(words[2], "remove") == 0 || strcmp(words[2], "reset") == 0) {
		return len == 3 ? -1 : 3;
	}
	return read_settings(&settings, NULL, len, words, &wrong, why, sizeof(why)) ? -1
										    : (int)wrong;
}

const struct command command_output_table[] = {
	{"output",
		"output NAME|active|* SETTING... (mode, scale, position, transform, "
		"adaptive-sync, tearing, max-render-time, power, enable, disable, "
		"toggle, reset, remove), or output create [NAME] [SIZE]",
		1, 24, check_output, run_output},
	{0},
};

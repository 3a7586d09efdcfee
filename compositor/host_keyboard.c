#include "host_keyboard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "config.h"

// What a keyboard file or the environment says; empty where it says nothing.
struct names {
	char model[64], layout[128], variant[128], options[256];
};

static void copy_value(char *to, size_t size, const char *value) {
	size_t len = strcspn(value, " \t\n");
	if (*value == '"' || *value == '\'') {
		const char quote[] = {*value, '\n', '\0'};
		value++;
		len = strcspn(value, quote);
	}
	// What is too long is no name; XKB knows none of what else might come.
	if (len < size) {
		memcpy(to, value, len);
		to[len] = '\0';
	}
}

static void read_line(struct names *names, const char *line) {
	const struct {
		const char *key;
		char *value;
		size_t size;
	} keys[] = {
		{"XKBMODEL=", names->model, sizeof(names->model)},
		{"XKBLAYOUT=", names->layout, sizeof(names->layout)},
		{"XKBVARIANT=", names->variant, sizeof(names->variant)},
		{"XKBOPTIONS=", names->options, sizeof(names->options)},
	};
	line += strspn(line, " \t");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t len = strlen(keys[i].key);
		if (strncmp(line, keys[i].key, len) == 0) {
			copy_value(keys[i].value, keys[i].size, line + len);
		}
	}
}

static void fill(char **string, const char *by) {
	if (*string == NULL && by[0] != '\0') {
		*string = alloc_string(by);
	}
}

// A variant belongs to its layout, so what is configured without a layout does not count.
static void take_names(struct config_input *input, const struct names *names) {
	free(input->variant);
	input->variant = NULL;
	fill(&input->layout, names->layout);
	fill(&input->variant, names->variant);
	fill(&input->model, names->model);
	fill(&input->options, names->options);
}

bool host_keyboard_read(struct config_input *input, const char *path) {
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return false;
	}
	struct names names = {0};
	char line[512];
	while (fgets(line, sizeof(line), file) != NULL) {
		read_line(&names, line);
	}
	fclose(file);
	if (names.layout[0] == '\0') {
		return false;
	}
	take_names(input, &names);
	return true;
}

static bool read_environment(struct config_input *input) {
	const char *layout = getenv("XKB_DEFAULT_LAYOUT");
	if (layout == NULL || layout[0] == '\0') {
		return false;
	}
	// xkbcommon takes model and options from the environment by itself; the machines
	// have to be told.
	const char *const variables[] = {
		"XKB_DEFAULT_MODEL", "XKB_DEFAULT_VARIANT", "XKB_DEFAULT_OPTIONS"};
	struct names names = {0};
	char *const values[] = {names.model, names.variant, names.options};
	const size_t sizes[] = {sizeof(names.model), sizeof(names.variant), sizeof(names.options)};
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);
		copy_value(values[i], sizes[i], value != NULL ? value : "");
	}
	copy_value(names.layout, sizeof(names.layout), layout);
	take_names(input, &names);
	return input->layout != NULL;
}

void host_keyboard_apply(struct config_input *input, const char *const *paths) {
	static const char *const system_paths[] = {
		"/etc/default/keyboard", "/etc/vconsole.conf", NULL};
	if (input->layout != NULL || read_environment(input)) {
		return;
	}
	paths = paths != NULL ? paths : system_paths;
	for (size_t i = 0; paths[i] != NULL; i++) {
		if (host_keyboard_read(input, paths[i])) {
			return;
		}
	}
	fill(&input->layout, "us");
}

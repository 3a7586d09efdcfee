#include "machine_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "program.h"

#define STATE_MAX_BYTES 16384

static bool one_line(const char *text) {
	return text == NULL || strchr(text, '\n') == NULL;
}

static const char *text_of(const char *text) {
	return text != NULL ? text : "";
}

int machine_state_write(const struct machine_state *state, const char *path) {
	if (!one_line(state->name) || !one_line(state->program) || !one_line(state->overlay) ||
		!one_line(state->title) || !one_line(state->label) || !one_line(state->devices) ||
		!one_line(state->graphics_node) || !one_line(state->graphics_why)) {
		return -EINVAL;
	}
	char *text = format_string(
		"name %s\nprogram %s\nuuid %s\noverlay %s\ntitle %s\nlabel %s\ndevices %s\n"
		"memory-bytes %" PRIu64 "\nmemory-max-bytes %" PRIu64 "\ncpus %" PRIu32
		"\nbridge-pid %d\nbridge-start %" PRIu64
		"\ngraphics-way %s\ngraphics-node %s\ngraphics-why %s"
		"\nrenderer-pid %d\nrenderer-start %" PRIu64 "\nend\n",
		state->name, state->program, state->uuid, text_of(state->overlay),
		text_of(state->title), text_of(state->label), text_of(state->devices),
		state->memory_bytes, state->memory_max_bytes, state->cpus, (int)state->bridge_pid,
		state->bridge_start_time, text_of(state->graphics_way),
		text_of(state->graphics_node), text_of(state->graphics_why),
		(int)state->renderer_pid, state->renderer_start_time);
	int error = file_write(path, text, strlen(text), 0600);
	free(text);
	return error;
}

static bool uuid_valid(const char *uuid) {
	return strlen(uuid) == 36 && strspn(uuid, "0123456789abcdef-") == 36;
}

static void set_string(char **slot, const char *value) {
	free(*slot);
	*slot = value[0] != '\0' ? format_string("%s", value) : NULL;
}

static bool read_line(struct machine_state *state, const char *key, const char *value) {
	if (strcmp(key, "name") == 0) {
		set_string(&state->name, value);
	} else if (strcmp(key, "program") == 0) {
		set_string(&state->program, value);
	} else if (strcmp(key, "uuid") == 0) {
		set_string(&state->uuid, value);
	} else if (strcmp(key, "overlay") == 0) {
		set_string(&state->overlay, value);
	} else if (strcmp(key, "title") == 0) {
		set_string(&state->title, value);
	} else if (strcmp(key, "label") == 0) {
		set_string(&state->label, value);
	} else if (strcmp(key, "devices") == 0) {
		set_string(&state->devices, value);
	} else if (strcmp(key, "memory-bytes") == 0) {
		state->memory_bytes = strtoull(value, NULL, 10);
	} else if (strcmp(key, "memory-max-bytes") == 0) {
		state->memory_max_bytes = strtoull(value, NULL, 10);
	} else if (strcmp(key, "cpus") == 0) {
		state->cpus = (uint32_t)strtoul(value, NULL, 10);
	} else if (strcmp(key, "bridge-pid") == 0) {
		state->bridge_pid = (pid_t)strtol(value, NULL, 10);
	} else if (strcmp(key, "bridge-start") == 0) {
		state->bridge_start_time = strtoull(value, NULL, 10);
	} else if (strcmp(key, "graphics-way") == 0) {
		set_string(&state->graphics_way, value);
	} else if (strcmp(key, "graphics-node") == 0) {
		set_string(&state->graphics_node, value);
	} else if (strcmp(key, "graphics-why") == 0) {
		set_string(&state->graphics_why, value);
	} else if (strcmp(key, "renderer-pid") == 0) {
		state->renderer_pid = (pid_t)strtol(value, NULL, 10);
	} else if (strcmp(key, "renderer-start") == 0) {
		state->renderer_start_time = strtoull(value, NULL, 10);
	} else {
		return strcmp(key, "end") == 0;
	}
	return false;
}

bool machine_state_read(struct machine_state *state, const char *path) {
	*state = (struct machine_state){0};
	size_t size_bytes;
	char *text = file_read(path, STATE_MAX_BYTES, &size_bytes);
	if (text == NULL) {
		return false;
	}
	bool whole = false;
	char *rest = text;
	char *line;
	while ((line = strsep(&rest, "\n")) != NULL && !whole) {
		char *value = strchr(line, ' ');
		if (value != NULL) {
			*value++ = '\0';
		}
		whole = read_line(state, line, value != NULL ? value : "");
	}
	free(text);
	whole = whole && state->name != NULL && strchr(state->name, '/') == NULL &&
		state->program != NULL && program_name_valid(state->program) &&
		state->uuid != NULL && uuid_valid(state->uuid) && state->bridge_pid > 1;
	if (!whole) {
		machine_state_finish(state);
	}
	return whole;
}

void machine_state_finish(struct machine_state *state) {
	free(state->name);
	free(state->program);
	free(state->uuid);
	free(state->overlay);
	free(state->title);
	free(state->label);
	free(state->devices);
	free(state->graphics_way);
	free(state->graphics_node);
	free(state->graphics_why);
	*state = (struct machine_state){0};
}

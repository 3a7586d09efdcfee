#include "print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 9
#define CELL_MAX 128

typedef char cell[CELL_MAX];

// --- values -------------------------------------------------------------------------------

static const char *text_of(yyjson_val *object, const char *key) {
	const char *text = yyjson_get_str(yyjson_obj_get(object, key));
	return text != NULL ? text : "";
}

static long long int_of(yyjson_val *object, const char *key) {
	return yyjson_get_sint(yyjson_obj_get(object, key));
}

static bool is_set(yyjson_val *object, const char *key) {
	return yyjson_is_true(yyjson_obj_get(object, key));
}

static void put(cell out, const char *text) {
	snprintf(out, CELL_MAX, "%s", text[0] != '\0' ? text : "-");
}

static void put_id(cell out, yyjson_val *object, const char *key) {
	yyjson_val *value = yyjson_obj_get(object, key);
	if (yyjson_is_int(value)) {
		snprintf(out, CELL_MAX, "%lld", (long long)yyjson_get_sint(value));
	} else {
		put(out, "");
	}
}

static void put_box(cell out, yyjson_val *box) {
	snprintf(out, CELL_MAX, "%lldx%lld+%lld+%lld", int_of(box, "width"), int_of(box, "height"),
		int_of(box, "x"), int_of(box, "y"));
}

// The names of the members that are true, divided by commas.
static void put_flags(cell out, yyjson_val *object, const char *const *flags) {
	out[0] = '\0';
	for (; *flags != NULL; flags++) {
		if (is_set(object, *flags)) {
			size_t len = strlen(out);
			snprintf(out + len, CELL_MAX - len, "%s%s", len > 0 ? "," : "", *flags);
		}
	}
	if (out[0] == '\0') {
		put(out, "");
	}
}

static void put_age(cell out, long long ms) {
	long long s = ms / 1000;
	if (s < 60) {
		snprintf(out, CELL_MAX, "%llds", s);
	} else if (s < 3600) {
		snprintf(out, CELL_MAX, "%lldm%02llds", s / 60, s % 60);
	} else {
		snprintf(out, CELL_MAX, "%lldh%02lldm", s / 3600, s / 60 % 60);
	}
}

// --- rows ---------------------------------------------------------------------------------

static size_t count_windows(yyjson_val *node) {
	yyjson_val *children = yyjson_obj_get(node, "children");
	if (children == NULL) {
		return 1;
	}
	size_t count = 0, index, max;
	yyjson_val *child;
	yyjson_arr_foreach(children, index, max, child) {
		count += count_windows(child);
	}
	return count;
}

static void workspace_row(yyjson_val *workspace, cell *cells) {
	static const char *const flags[] = {"active", "visible", "urgent", NULL};
	yyjson_val *tree = yyjson_obj_get(workspace, "tree");
	put(cells[0], text_of(workspace, "name"));
	put(cells[1], text_of(workspace, "output"));
	put(cells[2], text_of(tree, "layout"));
	snprintf(cells[3], CELL_MAX, "%zu", count_windows(tree));
	put_id(cells[4], workspace, "focused");
	put_flags(cells[5], workspace, flags);
}

static void window_row(yyjson_val *window, cell *cells) {
	static const char *const flags[] = {
		"focused", "urgent", "fullscreen", "visible", "placeholder", NULL};
	put_id(cells[0], window, "id");
	put(cells[1], text_of(window, "workspace_name"));
	put(cells[2], text_of(window, "machine"));
	put(cells[3], text_of(window, "label"));
	put_box(cells[4], yyjson_obj_get(window, "content"));
	put_flags(cells[5], window, flags);
	put(cells[6], text_of(window, "title"));
}

static void machine_row(yyjson_val *machine, cell *cells) {
	put(cells[0], text_of(machine, "name"));
	put(cells[1], text_of(machine, "label"));
	put(cells[2], text_of(machine, "state"));
	const char *cause = text_of(machine, "cause");
	put(cells[3], cause[0] != '\0' ? cause : text_of(machine, "stage"));
	put_id(cells[4], machine, "window");
	put(cells[5], text_of(yyjson_obj_get(machine, "details"), "accel"));
	// Why it is no better is told by --json, and by the window's menu.
	const char *graphics = text_of(yyjson_obj_get(machine, "details"), "graphics");
	put(cells[6], graphics);
	cells[6][strcspn(cells[6], ":")] = '\0';
	put_age(cells[7], int_of(machine, "age_ms"));
	put(cells[8], text_of(machine, "message"));
}

static void put_bytes(cell out, double bytes) {
	const double mib = 1 << 20;
	if (bytes <= 0) {
		put(out, "");
	} else if (bytes < 10 * mib) {
		snprintf(out, CELL_MAX, "%.1fM", bytes / mib);
	} else if (bytes < 10000 * mib) {
		snprintf(out, CELL_MAX, "%.0fM", bytes / mib);
	} else {
		snprintf(out, CELL_MAX, "%.1fG", bytes / mib / 1024);
	}
}

static void usage_row(yyjson_val *machine, cell *cells) {
	yyjson_val *details = yyjson_obj_get(machine, "details");
	yyjson_val *usage = yyjson_obj_get(machine, "usage");
	yyjson_val *cpu = yyjson_obj_get(usage, "cpu_percent");
	put(cells[0], text_of(machine, "name"));
	put(cells[1], text_of(machine, "label"));
	put(cells[2], text_of(machine, "state"));
	put(cells[3], "");
	put(cells[6], "");
	if (yyjson_is_num(cpu)) {
		snprintf(cells[3], CELL_MAX, "%.1f", yyjson_get_num(cpu));
	}
	put_bytes(cells[4], (double)yyjson_get_uint(yyjson_obj_get(usage, "memory_bytes")));
	put_bytes(cells[5], strtod(text_of(details, "memory-bytes"), NULL));
	if (yyjson_is_obj(usage)) {
		put_age(cells[6], int_of(usage, "uptime_ms"));
	}
	put(cells[7], text_of(details, "devices"));
}

static void program_row(yyjson_val *program, cell *cells) {
	put(cells[0], text_of(program, "name"));
	put(cells[1], text_of(program, "label"));
	put(cells[2], text_of(program, "title"));
}

static void command_row(yyjson_val *command, cell *cells) {
	put(cells[0], text_of(command, "usage"));
}

// --- tables -------------------------------------------------------------------------------

struct table {
	const char *request;
	size_t columns;
	const char *heads[COLUMNS_MAX];
	void (*row)(yyjson_val *item, cell *cells);
};

static const struct table tables[] = {
	{"workspaces", 6, {"WORKSPACE", "OUTPUT", "LAYOUT", "WINDOWS", "FOCUSED", ""},
		workspace_row},
	{"windows", 7, {"ID", "WORKSPACE", "MACHINE", "LABEL", "CONTENT", "", "TITLE"}, window_row},
	{"machines", 9,
		{"MACHINE", "LABEL", "STATE", "STAGE", "WINDOW", "ACCEL", "GRAPHICS", "AGE",
			"MESSAGE"},
		machine_row},
	{"usage", 8, {"MACHINE", "LABEL", "STATE", "CPU%", "MEMORY", "GUEST", "UPTIME", "DEVICES"},
		usage_row},
	{"programs", 3, {"PROGRAM", "LABEL", "TITLE"}, program_row},
	{"commands", 1, {"COMMAND"}, command_row},
};

// In characters, for which bytes that continue one do not count.
static size_t width_of(const char *text) {
	size_t width = 0;
	for (; *text != '\0'; text++) {
		width += (*text & 0xc0) != 0x80;
	}
	return width;
}

static void print_row(const struct table *table, cell *cells, const size_t *widths) {
	for (size_t i = 0; i < table->columns; i++) {
		bool last = i + 1 == table->columns;
		int pad = last ? 0 : (int)(widths[i] - width_of(cells[i]) + 2);
		printf("%s%*s", cells[i], pad, "");
	}
	putchar('\n');
}

static void print_table(const struct table *table, yyjson_val *items) {
	size_t len = yyjson_arr_size(items);
	cell(*rows)[COLUMNS_MAX] = calloc(len + 1, sizeof(*rows));
	size_t widths[COLUMNS_MAX] = {0};
	size_t index, max;
	yyjson_val *item;
	if (rows == NULL) {
		abort();
	}
	for (size_t i = 0; i < table->columns; i++) {
		snprintf(rows[0][i], CELL_MAX, "%s", table->heads[i]);
	}
	yyjson_arr_foreach(items, index, max, item) {
		table->row(item, rows[index + 1]);
	}
	for (size_t i = 0; i <= len; i++) {
		for (size_t j = 0; j < table->columns; j++) {
			size_t width = width_of(rows[i][j]);
			widths[j] = width > widths[j] ? width : widths[j];
		}
	}
	for (size_t i = 0; i <= len; i++) {
		print_row(table, rows[i], widths);
	}
	free(rows);
}

// --- input --------------------------------------------------------------------------------

static void print_inputs(yyjson_val *inputs) {
	size_t index, max;
	yyjson_val *input;
	yyjson_arr_foreach(inputs, index, max, input) {
		size_t at, len;
		yyjson_val *key, *value;
		printf("%s  %s\n", text_of(input, "identifier"), text_of(input, "type"));
		yyjson_obj_foreach(yyjson_obj_get(input, "settings"), at, len, key, value) {
			printf("    %s %s\n", yyjson_get_str(key), yyjson_get_str(value));
		}
	}
}

static void print_seat(yyjson_val *seat) {
	size_t index, max;
	yyjson_val *layout;
	yyjson_val *passthrough = yyjson_obj_get(seat, "passthrough");
	printf("mode %s\n", text_of(seat, "mode"));
	if (yyjson_is_obj(passthrough)) {
		printf("every key to window %lld\n", int_of(passthrough, "window"));
	}
	yyjson_arr_foreach(yyjson_obj_get(seat, "layouts"), index, max, layout) {
		printf("layout %zu  %s%s\n", index + 1, yyjson_get_str(layout),
			(long long)index + 1 == int_of(seat, "layout") ? "  on" : "");
	}
}

static void print_session(yyjson_val *session) {
	bool locked = yyjson_get_bool(yyjson_obj_get(session, "locked"));
	bool locker = yyjson_get_bool(yyjson_obj_get(session, "locker"));
	bool inhibited = yyjson_get_bool(yyjson_obj_get(session, "idle_inhibited"));
	printf("%s%s%s\n", locked ? "locked" : "not locked",
		locked && !locker ? ", and the lock program has ended" : "",
		inhibited ? ", kept from being idle" : "");
}

// --- answers and events -------------------------------------------------------------------

bool print_answer(const char *request, yyjson_val *answer) {
	if (yyjson_is_null(answer)) {
		return true;
	}
	if (strcmp(request, "version") == 0) {
		printf("redecho %s on %s\n", text_of(answer, "version"),
			text_of(answer, "wayland_display"));
		return true;
	}
	if (strcmp(request, "inputs") == 0) {
		print_inputs(answer);
		return yyjson_is_arr(answer);
	}
	if (strcmp(request, "seat") == 0) {
		print_seat(answer);
		return yyjson_is_obj(answer);
	}
	if (strcmp(request, "outputs") == 0) {
		print_outputs(answer);
		return yyjson_is_arr(answer);
	}
	if (strcmp(request, "session") == 0) {
		print_session(answer);
		return true;
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (strcmp(tables[i].request, request) == 0) {
			print_table(&tables[i], answer);
			return yyjson_is_arr(answer);
		}
	}
	return false;
}

void print_event(yyjson_val *event) {
	const char *subject = text_of(event, "event");
	yyjson_val *object = yyjson_obj_get(event, subject);
	if (strcmp(subject, "state") == 0) {
		printf("state: %zu outputs, %zu workspaces, %zu windows, %zu machines\n",
			yyjson_arr_size(yyjson_obj_get(event, "outputs")),
			yyjson_arr_size(yyjson_obj_get(event, "workspaces")),
			yyjson_arr_size(yyjson_obj_get(event, "windows")),
			yyjson_arr_size(yyjson_obj_get(event, "machines")));
	} else if (strcmp(subject, "notice") == 0) {
		printf("notice: %s: %s\n", text_of(object, "severity"), text_of(object, "message"));
	} else if (strcmp(subject, "machine") == 0) {
		printf("machine %s: %s %s %s\n", text_of(event, "change"), text_of(object, "name"),
			text_of(object, "state"), text_of(object, "stage"));
	} else if (strcmp(subject, "session") == 0) {
		fputs("session: ", stdout);
		print_session(object);
	} else {
		cell name;
		put_id(name, object, "id");
		printf("%s %s: %s %s\n", subject, text_of(event, "change"),
			text_of(object, "name")[0] != '\0' ? text_of(object, "name") : name,
			text_of(object, "title"));
	}
}

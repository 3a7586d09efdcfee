#include "launcher.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_keyboard.h>

#include "alloc.h"
#include "config.h"
#include "dialog.h"
#include "machine.h"
#include "panel.h"
#include "server.h"
#include "titlebar.h"

// Of what is typed, in bytes.
#define TYPED_MAX 128
// Of a title or a name, in bytes.
#define TEXT_MAX 96
#define ROWS_SEEN 14
#define WIDTH 480

// A program as the list shows it; a copy, for redecho-vmd may read its files again meanwhile.
struct entry {
	char *name, *title, *label;
	char *folded; // name and title in lower case
	bool begins; // with what was typed
};

struct launcher {
	struct server *server;
	char typed[TYPED_MAX + 1];
	struct entry *entries; // that match
	struct panel_row *rows; // of the same
	size_t len;
	int selected;
	struct wl_listener change;
};

static const struct dialog_impl impl;

static void clear_entries(struct launcher *launcher) {
	for (size_t i = 0; i < launcher->len; i++) {
		free(launcher->entries[i].name);
		free(launcher->entries[i].title);
		free(launcher->entries[i].label);
		g_free(launcher->entries[i].folded);
	}
	free(launcher->entries);
	free(launcher->rows);
	launcher->entries = NULL;
	launcher->rows = NULL;
	launcher->len = 0;
}

static char *fold(const char *text) {
	char *folded = g_utf8_casefold(text, -1);
	return folded;
}

// What was typed stands in the title or in the name, in any case.
static bool match(const char *typed, struct entry *entry) {
	char *title = fold(entry->title), *name = fold(entry->name), *wanted = fold(typed);
	bool found = strstr(title, wanted) != NULL || strstr(name, wanted) != NULL;
	entry->begins = g_str_has_prefix(title, wanted) || g_str_has_prefix(name, wanted);
	g_free(name);
	g_free(wanted);
	entry->folded = title;
	return found;
}

static int compare(const void *a, const void *b) {
	const struct entry *first = a, *second = b;
	if (first->begins != second->begins) {
		return first->begins ? -1 : 1;
	}
	int order = strcmp(first->folded, second->folded);
	return order != 0 ? order : strcmp(first->name, second->name);
}

static void add_entry(struct launcher *launcher, const struct program *program) {
	const char *title = program->title[0] != '\0' ? program->title : program->name;
	struct entry entry = {
		.name = strdup(program->name),
		.title = titlebar_filter_text(title, TEXT_MAX),
		.label = titlebar_filter_text(program->label, TEXT_MAX),
	};
	if (entry.name == NULL) {
		abort();
	}
	if (!match(launcher->typed, &entry)) {
		free(entry.name);
		free(entry.title);
		free(entry.label);
		g_free(entry.folded);
		return;
	}
	launcher->entries = alloc_array(
		launcher->entries, launcher->len + 1, sizeof(launcher->entries[0]));
	launcher->entries[launcher->len++] = entry;
}

static void find_entries(struct launcher *launcher) {
	struct server *server = launcher->server;
	clear_entries(launcher);
	struct program *program;
	wl_list_for_each (program, &server->programs, link) {
		add_entry(launcher, program);
	}
	launcher->selected = launcher->len > 0 ? 0 : -1;
	if (launcher->len == 0) {
		return;
	}
	qsort(launcher->entries, launcher->len, sizeof(launcher->entries[0]), compare);
	launcher->rows = alloc_zeroed(launcher->len, sizeof(launcher->rows[0]));
	for (size_t i = 0; i < launcher->len; i++) {
		const struct entry *entry = &launcher->entries[i];
		launcher->rows[i] = (struct panel_row){
			.left = entry->title,
			.right = entry->label,
			.colour = config_label_colour(server->config, entry->label),
			.marked = true,
		};
	}
}

static void describe(void *data, struct panel *panel) {
	struct launcher *launcher = data;
	panel->heading = "Start a machine";
	panel->entry = launcher->typed;
	panel->rows = launcher->rows;
	panel->rows_len = launcher->len;
	panel->rows_max = ROWS_SEEN;
	panel->selected = launcher->selected;
	panel->right_at_edge = true;
	panel->min_width = panel->max_width < WIDTH ? panel->max_width : WIDTH;
	if (launcher->len > 0) {
		panel->hint = "Enter starts it    Esc closes";
	} else if (wl_list_empty(&launcher->server->programs)) {
		panel->hint = "There are no programs: see redecho-program(5)    Esc closes";
	} else {
		panel->hint = "No program has that in its name    Esc closes";
	}
}

static void start(struct launcher *launcher, int row) {
	struct server *server = launcher->server;
	char *name = row >= 0 && (size_t)row < launcher->len ? strdup(launcher->entries[row].name)
							     : NULL;
	if (name == NULL) {
		return;
	}
	dialog_close(server, &impl);
	machine_spawn(server, name);
	free(name);
}

static void retype(struct launcher *launcher) {
	find_entries(launcher);
	dialog_redraw(launcher->server);
}

static void type(struct launcher *launcher, xkb_keysym_t sym) {
	char text[8] = "";
	int bytes = xkb_keysym_to_utf8(sym, text, sizeof(text)); // with its end
	size_t len = strlen(launcher->typed);
	if (bytes < 2 || (unsigned char)text[0] < 0x20 || text[0] == 0x7f ||
		len + (size_t)bytes > sizeof(launcher->typed)) {
		return;
	}
	memcpy(launcher->typed + len, text, (size_t)bytes);
	retype(launcher);
}

static void erase(struct launcher *launcher) {
	char *end = g_utf8_find_prev_char(
		launcher->typed, launcher->typed + strlen(launcher->typed));
	if (end != NULL) {
		*end = '\0';
		retype(launcher);
	}
}

static void key(void *data, xkb_keysym_t sym, uint32_t modifiers) {
	struct launcher *launcher = data;
	if ((modifiers & WLR_MODIFIER_CTRL) != 0 && (sym == XKB_KEY_u || sym == XKB_KEY_U)) {
		launcher->typed[0] = '\0';
		retype(launcher);
	} else if (sym == XKB_KEY_Escape ||
		(modifiers & (WLR_MODIFIER_CTRL | WLR_MODIFIER_ALT | WLR_MODIFIER_LOGO)) != 0) {
		// Its own key, pressed again, closes it; a modifier alone does not.
		if (sym < XKB_KEY_Shift_L || sym > XKB_KEY_Hyper_R) {
			dialog_close(launcher->server, &impl);
		}
	} else if (sym == XKB_KEY_Return || sym == XKB_KEY_KP_Enter) {
		start(launcher, launcher->selected);
	} else if (sym == XKB_KEY_BackSpace) {
		erase(launcher);
	} else {
		int selected = dialog_move_selection(launcher->selected, (int)launcher->len, sym);
		if (selected != launcher->selected) {
			launcher->selected = selected;
			dialog_redraw(launcher->server);
		} else {
			type(launcher, sym);
		}
	}
}

static void click(void *data, int row) {
	start(data, row);
}

static void handle_close(void *data) {
	struct launcher *launcher = data;
	clear_entries(launcher);
	wl_list_remove(&launcher->change.link);
	free(launcher);
}

static const struct dialog_impl impl = {
	.describe = describe,
	.key = key,
	.click = click,
	.close = handle_close,
};

static void handle_change(struct wl_listener *listener, void *data) {
	struct launcher *launcher = wl_container_of(listener, launcher, change);
	const struct server_change *change = data;
	if (change->subject == SERVER_PROGRAM) {
		retype(launcher);
	}
}

void launcher_open(struct server *server) {
	struct launcher *launcher = calloc(1, sizeof(*launcher));
	if (launcher == NULL) {
		abort();
	}
	launcher->server = server;
	launcher->change.notify = handle_change;
	wl_signal_add(&server->events.change, &launcher->change);
	find_entries(launcher);
	dialog_open(server, &impl, launcher);
}

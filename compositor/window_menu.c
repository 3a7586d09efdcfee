#include "window_menu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "command.h"
#include "config.h"
#include "dialog.h"
#include "display.h"
#include "machine.h"
#include "meter.h"
#include "notice.h"
#include "panel.h"
#include "server.h"
#include "tile.h"
#include "titlebar.h"

#define METER_MS 1000

// Which windows an item is for.
enum {
	FOR_PROGRAM = 1 << 0,
	FOR_MACHINE = 1 << 1, // that has not ended
	FOR_PAUSED = 1 << 2, // instead of the one above
	FOR_ENDED = 1 << 3,
	FOR_TILED = 1 << 4,
	FOR_FLOATING = 1 << 5,
	FOR_FULLSCREEN = 1 << 6,
	FOR_PARTIAL = 1 << 7, // not in full screen
	FOR_HIDDEN_DISPLAYS = 1 << 8,
};
#define FOR_LIVE (FOR_MACHINE | FOR_PAUSED)

static const struct item {
	unsigned when;
	xkb_keysym_t key;
	const char *text, *sign, *command;
} items[] = {
	{FOR_MACHINE, XKB_KEY_p, "Pause", "p", "pause"},
	{FOR_PAUSED, XKB_KEY_p, "Go on", "p", "resume"},
	{FOR_LIVE, XKB_KEY_s, "Press its power button", "s", "power-off"},
	{FOR_LIVE | FOR_ENDED, XKB_KEY_r, "Start it again", "r", "restart"},
	{FOR_PROGRAM, XKB_KEY_s, "Ask it to close", "s", "close"},
	{FOR_LIVE | FOR_PROGRAM, XKB_KEY_k, "End it at once", "k", "kill"},
	{FOR_HIDDEN_DISPLAYS, XKB_KEY_a, "Show all displays", "a", "show-displays"},
	{FOR_ENDED, XKB_KEY_d, "Take it away", "d", "dismiss"},
	{FOR_PARTIAL, XKB_KEY_f, "Fill the screen", "f", "fullscreen"},
	{FOR_FULLSCREEN, XKB_KEY_f, "Leave full screen", "f", "fullscreen"},
	{FOR_TILED, XKB_KEY_t, "Float", "t", "floating on"},
	{FOR_FLOATING, XKB_KEY_t, "Tile", "t", "floating off"},
};
#define ITEMS_LEN (sizeof(items) / sizeof(items[0]))

struct window_menu {
	struct server *server;
	uint32_t tile; // its id: the window may go
	struct meter_watch watch;
	const struct item *shown[ITEMS_LEN];
	struct panel_row rows[ITEMS_LEN];
	size_t len;
	const struct item *selected; // stays when the rows around it change; NULL: the first
	char *heading;
	char hint[200], note[300];
	struct wl_event_source *closing; // may be NULL
	struct wl_listener change;
};

static const struct dialog_impl impl;

static unsigned kind_of(const struct tile *tile) {
	unsigned kind = (tile->fullscreen ? FOR_FULLSCREEN : FOR_PARTIAL) |
		(tile->floating.on ? FOR_FLOATING : FOR_TILED);
	if (tile->machine == NULL) {
		return kind | FOR_PROGRAM;
	}
	if (machine_cause_name(tile->machine) != NULL) {
		return kind | FOR_ENDED;
	}
	kind |= display_any_hidden(tile->machine) ? FOR_HIDDEN_DISPLAYS : 0;
	return kind | (machine_is_paused(tile->machine) ? FOR_PAUSED : FOR_MACHINE);
}

static int index_of_selected(const struct window_menu *menu) {
	for (size_t i = 0; i < menu->len; i++) {
		if (menu->shown[i] == menu->selected) {
			return (int)i;
		}
	}
	return 0;
}

static void format_hint(struct window_menu *menu, const struct machine *machine) {
	if (machine == NULL) {
		snprintf(menu->hint, sizeof(menu->hint), "A program of the host    Esc closes");
		return;
	}
	const struct meter_usage *usage = &machine->usage;
	int len = snprintf(menu->hint, sizeof(menu->hint), "%s", machine_state_name(machine));
	if (usage->known && machine_cause_name(machine) == NULL) {
		char cpu[32] = "";
		if (usage->rated) {
			snprintf(cpu, sizeof(cpu), "    CPU %.0f %%", usage->cpu_percent);
		}
		unsigned long long minutes = usage->uptime_ms / 60000;
		snprintf(menu->hint + len, sizeof(menu->hint) - (size_t)len,
			"%s    %llu MiB    up %llu:%02llu h", cpu,
			(unsigned long long)usage->memory_bytes >> 20, minutes / 60, minutes % 60);
	}
}

// How it draws is worth a line where that is not the plain way.
static bool format_note(struct window_menu *menu, const struct machine *machine) {
	const char *graphics = machine != NULL ? machine_detail(machine, "graphics") : NULL;
	if (graphics == NULL || strcmp(graphics, "2d") == 0) {
		return false;
	}
	char *text = titlebar_filter_text(graphics, sizeof(menu->note) - 16);
	snprintf(menu->note, sizeof(menu->note), "graphics: %s", text);
	free(text);
	return true;
}

static void describe(void *data, struct panel *panel) {
	struct window_menu *menu = data;
	struct tile *tile = tile_find(menu->server, menu->tile);
	if (tile == NULL) {
		return; // it closes soon
	}
	unsigned kind = kind_of(tile);
	const char *label = tile_label(tile);
	menu->len = 0;
	for (size_t i = 0; i < ITEMS_LEN; i++) {
		if ((items[i].when & kind) != 0) {
			menu->shown[menu->len] = &items[i];
			menu->rows[menu->len++] = (struct panel_row){
				.left = items[i].text,
				.right = items[i].sign,
				.colour = config_label_colour(menu->server->config, label),
				.marked = true,
			};
		}
	}
	free(menu->heading);
	menu->heading = titlebar_format_origin(label != NULL ? label : "", tile_title(tile));
	format_hint(menu, tile->machine);
	panel->heading = menu->heading;
	panel->rows = menu->rows;
	panel->rows_len = menu->len;
	panel->selected = index_of_selected(menu);
	panel->right_at_edge = true;
	panel->hint = menu->hint;
	panel->note = format_note(menu, tile->machine) ? menu->note : NULL;
}

static void run(struct window_menu *menu, const struct item *item) {
	struct server *server = menu->server;
	struct tile *tile = tile_find(server, menu->tile);
	dialog_close(server, &impl); // frees the menu
	char error[COMMAND_ERROR_MAX];
	if (tile != NULL && !command_run_line(server, tile, item->command, error)) {
		notice_show(server, NOTICE_WARNING, error);
	}
}

static void key(void *data, xkb_keysym_t sym, uint32_t modifiers) {
	struct window_menu *menu = data;
	sym = xkb_keysym_to_lower(sym);
	if (sym == XKB_KEY_Escape) {
		dialog_close(menu->server, &impl);
		return;
	}
	int selected = index_of_selected(menu);
	if ((sym == XKB_KEY_Return || sym == XKB_KEY_KP_Enter) && menu->len > 0) {
		run(menu, menu->shown[selected]);
		return;
	}
	for (size_t i = 0; i < menu->len; i++) {
		if (menu->shown[i]->key == sym) {
			run(menu, menu->shown[i]);
			return;
		}
	}
	if (menu->len > 0) {
		menu->selected = menu->shown[dialog_move_selection(selected, (int)menu->len, sym)];
	}
	dialog_redraw(menu->server);
}

static void click(void *data, int row) {
	struct window_menu *menu = data;
	run(menu, menu->shown[row]);
}

static void handle_close(void *data) {
	struct window_menu *menu = data;
	meter_watch_stop(menu->server, &menu->watch);
	wl_list_remove(&menu->change.link);
	if (menu->closing != NULL) {
		wl_event_source_remove(menu->closing);
	}
	free(menu->heading);
	free(menu);
}

static const struct dialog_impl impl = {
	.describe = describe,
	.key = key,
	.click = click,
	.close = handle_close,
};

static void handle_closing(void *data) {
	struct window_menu *menu = data;
	menu->closing = NULL;
	dialog_close(menu->server, &impl);
}

static void handle_change(struct wl_listener *listener, void *data) {
	struct window_menu *menu = wl_container_of(listener, menu, change);
	const struct server_change *change = data;
	const struct tile *tile = change->object;
	if (change->subject == SERVER_USAGE) {
		dialog_redraw(menu->server);
		return;
	}
	if (change->subject != SERVER_WINDOW || tile == NULL || tile->id != menu->tile) {
		return;
	}
	if (change->verb != SERVER_REMOVED) {
		dialog_redraw(menu->server);
	} else if (menu->closing == NULL) {
		// It has the keyboard still, and is not gone yet.
		menu->closing = wl_event_loop_add_idle(menu->server->loop, handle_closing, menu);
	}
}

void window_menu_open(struct tile *tile) {
	struct server *server = tile->server;
	struct window_menu *menu = calloc(1, sizeof(*menu));
	if (menu == NULL) {
		abort();
	}
	menu->server = server;
	menu->tile = tile->id;
	menu->change.notify = handle_change;
	wl_signal_add(&server->events.change, &menu->change);
	if (dialog_open(server, &impl, menu) && tile->machine != NULL) {
		meter_watch_start(server, &menu->watch, METER_MS);
	}
}

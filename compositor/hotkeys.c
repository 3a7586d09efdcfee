#include "hotkeys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_keyboard.h>

#include "alloc.h"
#include "binding.h"
#include "config.h"
#include "dialog.h"
#include "keyboard.h"
#include "panel.h"
#include "seat.h"
#include "server.h"
#include "titlebar.h"

#define BEFORE_MAX 104 // `Super+Shift+`
#define KEYS_MAX 96 // of one binding
#define ROW_KEYS_MAX 224 // of all in a row
#define TEXT_MAX 72

// Bindings that do the same, or nearly so, stand in one row.
struct row {
	char keys[ROW_KEYS_MAX];
	char text[TEXT_MAX + 1];
	uint32_t modifiers;
};

struct hotkeys {
	struct server *server;
	struct row *rows;
	struct panel_row *panel_rows;
	size_t len;
	size_t first; // that is shown
};

static const struct dialog_impl impl;

// What a command does, in words; a % stands for its last word. The first one that fits counts:
// in the pattern a * stands for any one word.
static const struct {
	const char *pattern, *text;
} phrases[] = {
	{"spawn *", "start %"},
	{"launcher", "choose a machine to start"},
	{"hotkeys", "these keys"},
	{"close", "power button, or close; again: end at once"},
	{"kill", "end at once"},
	{"menu", "what can be done to the window"},
	{"restart", "start the machine again"},
	{"pause toggle", "pause the machine; again: it goes on"},
	{"dismiss", "take away what has ended"},
	{"lock", "lock the screen"},
	{"reload", "read the configuration again"},
	{"exit", "leave the desk"},
	{"focus left", "focus the window beside"},
	{"focus right", "focus the window beside"},
	{"focus up", "focus the window beside"},
	{"focus down", "focus the window beside"},
	{"focus parent", "focus what is around it"},
	{"focus child", "and back"},
	{"move left", "move the window"},
	{"move right", "move the window"},
	{"move up", "move the window"},
	{"move down", "move the window"},
	{"resize * *", "resize the window"},
	{"fullscreen", "full screen"},
	{"identify", "show whose window fills the screen"},
	{"balance", "all the same size"},
	{"split horizontal", "the next window goes beside"},
	{"split vertical", "the next window goes below"},
	{"layout *", "lay out: %"},
	{"layout toggle split", "side by side, and one above the other"},
	{"mode resize", "arrows alone resize; Escape ends that"},
	{"floating", "float, or be a tile again"},
	{"focus mode-toggle", "focus what floats, or a tile"},
	{"sticky", "on every workspace of its screen"},
	{"scratchpad move", "move the window to the scratchpad"},
	{"scratchpad show", "show the scratchpad's"},
	{"drag move", "drag the window"},
	{"drag resize", "drag its edges"},
	{"focus older", "the window that had the focus before"},
	{"focus newer", "the one after it"},
	{"focus last", "the last one, and back"},
	{"focus urgent", "a window that wants attention"},
	{"keyboard-layout next", "next keyboard layout"},
	{"exec grim", "take a picture of the desk"},
	{"pointer-mode", "pointer through the tile, or held by the machine"},
	{"show-displays", "show all displays of the machine"},
	{"workspace next", "next workspace"},
	{"workspace previous", "previous workspace"},
	{"workspace back-and-forth", "the workspace before"},
	{"focus output *", "focus another screen"},
	{"move output *", "move the window to another screen"},
	{"move workspace to output *", "move the workspace to another screen"},
	{"move workspace next", "move the window to the next workspace"},
	{"move workspace previous", "move the window to the previous workspace"},
	{"workspace *", "go to a workspace"},
	{"move workspace *", "move the window to a workspace"},
};

static bool fits(const char *pattern, const struct binding_command *command) {
	struct binding_command *words = binding_command_parse(pattern);
	bool same = words->words_len == command->words_len;
	for (size_t i = 0; same && i < words->words_len; i++) {
		same = strcmp(words->words[i], "*") == 0 ||
			strcmp(words->words[i], command->words[i]) == 0;
	}
	binding_command_destroy(words);
	return same;
}

static void describe_command(const struct binding_command *command, char *text, size_t size) {
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (!fits(phrases[i].pattern, command)) {
			continue;
		}
		const char *mark = strchr(phrases[i].text, '%');
		int before = mark != NULL ? (int)(mark - phrases[i].text)
					  : (int)strlen(phrases[i].text);
		snprintf(text, size, "%.*s%s", before, phrases[i].text,
			mark != NULL ? command->words[command->words_len - 1] : "");
		return;
	}
	if (strcmp(command->words[0], "exec") == 0 && command->words_len > 1) {
		// What it is told is of no interest, and long.
		snprintf(text, size, "run %.*s", (int)strcspn(command->words[1], " \t"),
			command->words[1]);
		return;
	}
	size_t len = 0;
	text[0] = '\0';
	for (size_t i = 0; i < command->words_len && len < size; i++) {
		int written = snprintf(
			text + len, size - len, "%s%s", i > 0 ? " " : "", command->words[i]);
		len += written > 0 ? (size_t)written : 0;
	}
}

static const char *pretty(const char *key) {
	static const struct {
		const char *name, *sign;
	} signs[] = {{"Left", "←"}, {"Right", "→"}, {"Up", "↑"}, {"Down", "↓"}, {"equal", "="},
		{"minus", "-"}, {"plus", "+"}, {"question", "?"}, {"slash", "/"}, {"comma", ","},
		{"period", "."}, {"space", "Space"}, {"Prior", "Page↑"}, {"Next", "Page↓"},
		{"grave", "`"}, {"button:left", "left button"}, {"button:middle", "middle button"},
		{"button:right", "right button"}, {"scroll:up", "wheel ↑"},
		{"scroll:down", "wheel ↓"}};
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (strcmp(signs[i].name, key) == 0) {
			return signs[i].sign;
		}
	}
	return key;
}

// The keys without what "Mod" stands for are `Mod+Shift+Return`; what it stands for is what is
// written on the keyboard.
static void format_keys(
	const struct server *server, const struct binding *binding, char *before, char *key) {
	char keys[KEYS_MAX];
	binding_format_keys(binding, keys, sizeof(keys));
	char *last = strrchr(keys, '+');
	snprintf(key, KEYS_MAX, "%s", pretty(last != NULL ? last + 1 : keys));
	if (last != NULL) {
		last[1] = '\0';
	} else {
		keys[0] = '\0';
	}
	const char *mod = keyboard_mod(server->seat) == BINDING_LOGO ? "Super" : "Alt";
	bool has_mod = strncmp(keys, "Mod+", 4) == 0;
	snprintf(before, BEFORE_MAX, "%s%s", has_mod ? mod : "", has_mod ? keys + 3 : keys);
}

static void add_binding(struct hotkeys *hotkeys, const struct binding *binding) {
	char text[TEXT_MAX + 1], before[BEFORE_MAX], key[KEYS_MAX];
	describe_command(&binding->commands[0], text, sizeof(text));
	format_keys(hotkeys->server, binding, before, key);
	char *filtered = titlebar_filter_text(text, TEXT_MAX);
	for (size_t i = 0; i < hotkeys->len; i++) {
		struct row *row = &hotkeys->rows[i];
		if (row->modifiers == binding->modifiers && strcmp(row->text, filtered) == 0) {
			size_t len = strlen(row->keys);
			snprintf(row->keys + len, sizeof(row->keys) - len, " %s", key);
			free(filtered);
			return;
		}
	}
	hotkeys->rows = alloc_array(hotkeys->rows, hotkeys->len + 1, sizeof(hotkeys->rows[0]));
	struct row *row = &hotkeys->rows[hotkeys->len++];
	*row = (struct row){.modifiers = binding->modifiers};
	bool on_title = (binding->flags & BINDING_PLACES) == BINDING_ON_TITLE;
	snprintf(
		row->keys, sizeof(row->keys), "%s%s%s", before, key, on_title ? " on a title" : "");
	snprintf(row->text, sizeof(row->text), "%s", filtered);
	free(filtered);
}

// The keys for sound and light say themselves what they do.
static bool is_media_key(const struct binding *binding) {
	return binding->kind == BINDING_KEYSYM && binding->key >= XKB_KEY_XF86ModeLock;
}

static void find_rows(struct hotkeys *hotkeys) {
	const struct binding_list *bindings = &hotkeys->server->config->bindings;
	free(hotkeys->rows);
	free(hotkeys->panel_rows);
	hotkeys->rows = NULL;
	hotkeys->len = 0;
	for (size_t i = 0; i < bindings->len; i++) {
		const struct binding *binding = &bindings->bindings[i];
		if ((binding->flags & BINDING_ON_RELEASE) == 0 && !is_media_key(binding)) {
			add_binding(hotkeys, binding);
		}
	}
	hotkeys->panel_rows = alloc_zeroed(hotkeys->len + 1, sizeof(hotkeys->panel_rows[0]));
	for (size_t i = 0; i < hotkeys->len; i++) {
		hotkeys->panel_rows[i].left = hotkeys->rows[i].keys;
		hotkeys->panel_rows[i].right = hotkeys->rows[i].text;
	}
}

static void describe(void *data, struct panel *panel) {
	struct hotkeys *hotkeys = data;
	find_rows(hotkeys); // the configuration may have been read again
	panel->heading = "What the keys do";
	hotkeys->first = hotkeys->first < hotkeys->len ? hotkeys->first : 0;
	panel->rows = hotkeys->panel_rows + hotkeys->first;
	panel->rows_len = hotkeys->len - hotkeys->first;
	panel->in_columns = true;
	panel->hint = "↑ ↓ more    Any other key closes this. All of it: redecho(5)";
}

static void key(void *data, xkb_keysym_t sym, uint32_t modifiers) {
	struct hotkeys *hotkeys = data;
	size_t seen = dialog_rows_seen(hotkeys->server);
	bool down = sym == XKB_KEY_Down || sym == XKB_KEY_Page_Down;
	if (down || sym == XKB_KEY_Up || sym == XKB_KEY_Page_Up) {
		if (!down) {
			hotkeys->first -= seen < hotkeys->first ? seen : hotkeys->first;
		} else if (hotkeys->first + seen < hotkeys->len) {
			hotkeys->first += seen;
		}
		dialog_redraw(hotkeys->server);
	} else if (sym < XKB_KEY_Shift_L || sym > XKB_KEY_Hyper_R) {
		dialog_close(hotkeys->server, &impl);
	}
}

static void click(void *data, int row) {
	struct hotkeys *hotkeys = data;
	dialog_close(hotkeys->server, &impl);
}

static void handle_close(void *data) {
	struct hotkeys *hotkeys = data;
	free(hotkeys->rows);
	free(hotkeys->panel_rows);
	free(hotkeys);
}

static const struct dialog_impl impl = {
	.describe = describe,
	.key = key,
	.click = click,
	.close = handle_close,
};

void hotkeys_open(struct server *server) {
	struct hotkeys *hotkeys = calloc(1, sizeof(*hotkeys));
	if (hotkeys == NULL) {
		abort();
	}
	hotkeys->server = server;
	dialog_open(server, &impl, hotkeys);
}

// A user who does anything, on a desk on which everybody else does what is right: 500 actions with
// keys, pointer, windows, machines, screens, configurations and the lock. After each the desk is
// whole; in the end every machine that was not ended is there and hears its keys, no client
// believes a key to be held, and nothing is left open.
//
// What is done follows from the seed alone. Usage: user_test [seeds [seed [actions]]]
// With USER_TEST_TALK set it says what it does.

#include <dirent.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wlr/types/wlr_output.h>

#include "chance.h"
#include "command.h"
#include "desk_check.h"
#include "desk_devices.h"
#include "desk_machine.h"
#include "dialog.h"
#include "fake_manager.h"
#include "machine.h"
#include "output.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "user_world.h"
#include "workspace.h"

#define OUTPUTS_MAX 3
#define HELD_MAX 6

static uint64_t seeds = 2;
// In the second of these the last screen goes, with a bar on it: that was the end of the desk.
static uint64_t first_seed = 347;
static int actions = 500;

/** The hands: what they hold, and on which keyboard. */
struct user {
	struct user_world world;
	struct desk *desk;
	struct chance chance;
	uint32_t held[HELD_MAX];
	struct wlr_keyboard *held_on[HELD_MAX]; // NULL: the desk's own
	size_t held_len;
	struct wlr_keyboard *second; // a keyboard; NULL: it is not plugged in
	uint32_t button; // that is held; 0: none
};

// Without locker, program and exit: those are other tests' business.
#define CONFIG                                                                                     \
	"locker none\nhotkeys-at-start no\nmod Logo\nbind Mod+Shift+e nop\n"                       \
	"bind Mod+Shift+x nop\nbind Mod+Return spawn clock\nbind Mod+n spawn clock\n"

static const char *const configs[] = {
	CONFIG,
	CONFIG "gaps inner 8\ngaps outer 4\nfocus-follows-pointer yes\n",
	CONFIG "border {\n\ttitles no\n\twidth 6\n}\ndefault-layout tabbed\n",
	CONFIG "default-layout vertical\nsmart-gaps yes\nauto-back-and-forth yes\n",
	CONFIG "rule {\n\tmatch kind host\n\tfloating yes\n}\n",
	CONFIG "input {\n\tlayout us,de\n}\nfullscreen-requests allow\n",
};

static void say(const char *what, const char *detail) {
	if (getenv("USER_TEST_TALK") != NULL) {
		print_message("%s %s\n", what, detail);
	}
}

static uint32_t below(struct user *user, uint32_t number) {
	return chance_below(&user->chance, number);
}

// --- the keyboard -------------------------------------------------------------------------

static void press(struct user *user, struct wlr_keyboard *on, uint32_t key) {
	for (size_t i = 0; i < user->held_len; i++) {
		if (user->held[i] == key && user->held_on[i] == on) {
			return;
		}
	}
	if (user->held_len == HELD_MAX) {
		return;
	}
	user->held[user->held_len] = key;
	user->held_on[user->held_len++] = on;
	if (on != NULL) {
		desk_key_on(user->desk, on, key, true);
	} else {
		desk_key(user->desk, key, true);
	}
}

static void release(struct user *user, size_t index) {
	uint32_t key = user->held[index];
	struct wlr_keyboard *on = user->held_on[index];
	user->held_len--;
	user->held[index] = user->held[user->held_len];
	user->held_on[index] = user->held_on[user->held_len];
	if (on != NULL) {
		desk_key_on(user->desk, on, key, false);
	} else {
		desk_key(user->desk, key, false);
	}
}

static void release_all(struct user *user) {
	while (user->held_len > 0) {
		release(user, user->held_len - 1);
	}
}

static const uint32_t letters[] = {KEY_A, KEY_S, KEY_D, KEY_R, KEY_1, KEY_SPACE, KEY_ENTER, KEY_ESC,
	KEY_BACKSPACE, KEY_DOWN, KEY_UP, KEY_TAB};
static const uint32_t modifiers[] = {
	KEY_LEFTMETA, KEY_LEFTSHIFT, KEY_LEFTCTRL, KEY_RIGHTSHIFT, KEY_CAPSLOCK};

static void act_hold(struct user *user) {
	struct wlr_keyboard *on = below(user, 3) == 0 ? user->second : NULL;
	press(user, on,
		below(user, 2) == 0 ? chance_element(&user->chance, modifiers)
				    : chance_element(&user->chance, letters));
}

static void act_release(struct user *user) {
	if (user->held_len > 0) {
		release(user, below(user, (uint32_t)user->held_len));
	}
}

static void tap(struct user *user, uint32_t key) {
	size_t before = user->held_len;
	press(user, NULL, key);
	if (user->held_len > before) {
		release(user, user->held_len - 1);
	}
}

static void act_type(struct user *user) {
	for (uint32_t i = below(user, 4); i < 4; i++) {
		tap(user, chance_element(&user->chance, letters));
	}
}

// The keys of the default configuration.
static void act_chord(struct user *user) {
	static const uint32_t keys[] = {KEY_ENTER, KEY_N, KEY_C, KEY_D, KEY_Q, KEY_R, KEY_P,
		KEY_BACKSPACE, KEY_H, KEY_J, KEY_K, KEY_L, KEY_LEFT, KEY_DOWN, KEY_UP, KEY_RIGHT,
		KEY_F, KEY_I, KEY_B, KEY_V, KEY_E, KEY_W, KEY_S, KEY_EQUAL, KEY_A, KEY_SPACE,
		KEY_MINUS, KEY_1, KEY_2, KEY_3, KEY_4, KEY_PAGEUP, KEY_PAGEDOWN, KEY_ESC, KEY_COMMA,
		KEY_DOT, KEY_TAB, KEY_GRAVE, KEY_X, KEY_F1};
	uint32_t key = chance_element(&user->chance, keys), extra = below(user, 4);
	if ((key == KEY_ENTER || key == KEY_N) &&
		user_world_running(&user->world) >= USER_WORLD_RUNNING_MAX) {
		return;
	}
	size_t before = user->held_len;
	press(user, NULL, KEY_LEFTMETA);
	if (extra == 1) {
		press(user, NULL, KEY_LEFTSHIFT);
	} else if (extra == 2) {
		press(user, NULL, KEY_LEFTCTRL);
	}
	tap(user, key);
	while (user->held_len > before) {
		release(user, user->held_len - 1);
	}
}

static void act_keyboard(struct user *user) {
	if (user->second == NULL) {
		user->second = desk_add_keyboard(user->desk, "second");
		return;
	}
	// With whatever is held on it.
	for (size_t i = user->held_len; i > 0; i--) {
		if (user->held_on[i - 1] == user->second) {
			user->held_len--;
			user->held[i - 1] = user->held[user->held_len];
			user->held_on[i - 1] = user->held_on[user->held_len];
		}
	}
	desk_remove_keyboard(user->desk, user->second);
	user->second = NULL;
}

// --- the pointer --------------------------------------------------------------------------

static void act_move(struct user *user) {
	desk_move_to(user->desk, below(user, 2600), below(user, 1000));
}

// To a title bar, an edge, or the middle of a window.
static void act_move_to_window(struct user *user) {
	struct server *server = user->desk->server;
	int len = wl_list_length(&server->tiles);
	if (len == 0) {
		return;
	}
	uint32_t index = below(user, (uint32_t)len);
	struct tile *tile;
	wl_list_for_each (tile, &server->tiles, link) {
		if (index-- == 0) {
			break;
		}
	}
	uint32_t where = below(user, 3);
	desk_move_to(user->desk, tile->box.x + (where == 1 ? 0 : tile->box.width / 2),
		tile->box.y + (where == 2 ? tile->box.height / 2 : 5));
}

static void act_button(struct user *user) {
	if (user->button != 0) {
		uint32_t button = user->button;
		user->button = 0;
		desk_button(user->desk, button, false);
		return;
	}
	static const uint32_t buttons[] = {BTN_LEFT, BTN_LEFT, BTN_RIGHT, BTN_MIDDLE};
	user->button = chance_element(&user->chance, buttons);
	desk_button(user->desk, user->button, true);
}

static void act_drag(struct user *user) {
	bool with_key = below(user, 3) > 0;
	size_t before = user->held_len;
	if (with_key) {
		press(user, NULL, KEY_LEFTMETA);
	}
	act_button(user);
	act_move(user);
	act_move_to_window(user);
	if (below(user, 4) > 0) {
		act_button(user);
	}
	while (user->held_len > before) {
		release(user, user->held_len - 1);
	}
}

static void act_scroll(struct user *user) {
	if (below(user, 2) == 0) {
		desk_scroll(user->desk, below(user, 2) == 0 ? 120 : -120);
	} else {
		desk_swipe(user->desk, 3, below(user, 2) == 0 ? 300 : -300, 0, below(user, 4) == 0);
	}
}

// --- the desk -----------------------------------------------------------------------------

static void run(struct user *user, const char *line) {
	say("  command", line);
	char error[COMMAND_ERROR_MAX];
	command_run_line(user->desk->server, NULL, line, error);
}

static void act_command(struct user *user) {
	static const char *const lines[] = {"focus left", "focus right", "focus parent",
		"focus child", "focus last", "focus older", "focus mode-toggle",
		"focus output next", "focus urgent", "move left", "move right", "move up",
		"move down", "move workspace 1", "move workspace 2", "move workspace mail",
		"move output next", "move workspace to output next", "move position -500 4000",
		"move position center", "workspace 1", "workspace 2", "workspace next",
		"workspace mail", "workspace back-and-forth", "rename workspace to 3",
		"rename workspace to other", "split vertical", "split tabbed", "split toggle",
		"split none", "layout tabbed", "layout stacked", "layout toggle all",
		"layout horizontal", "resize left 40", "resize up 30", "resize set 5000 10",
		"resize grow width 40", "balance", "fullscreen", "fullscreen off", "floating",
		"floating off", "sticky", "scratchpad move", "scratchpad show", "scratchpad move b",
		"scratchpad show b", "gaps inner 12", "gaps inner 0", "border none",
		"border toggle", "pointer-mode", "passthrough", "pause toggle", "identify",
		"hotkeys", "launcher", "mode resize", "mode default", "keyboard-layout next",
		"urgent", "inhibit-idle focused", "nop"};
	run(user, chance_element(&user->chance, lines));
}

static void act_spawn(struct user *user) {
	if (user_world_running(&user->world) < USER_WORLD_RUNNING_MAX) {
		run(user, "spawn clock");
	}
}

static void act_end(struct user *user) {
	static const char *const lines[] = {
		"close", "kill", "restart", "dismiss", "power-off", "pause", "resume"};
	run(user, chance_element(&user->chance, lines));
}

static void act_window(struct user *user) {
	struct user_window *window = &user->world.windows[below(user, USER_WORLD_WINDOWS_MAX)];
	if (window->client == NULL) {
		user_world_open_window(&user->world, window);
	} else if (below(user, 3) == 0) {
		user_world_close_window(&user->world, window);
	} else {
		user_world_open_menu(&user->world, window);
	}
}

static void act_bar(struct user *user) {
	struct output *output;
	wl_list_for_each (output, &user->desk->server->outputs, link) {
		if (user->world.bar == NULL) {
			user_world_open_bar(&user->world, below(user, 4));
			return;
		}
	}
	if (user->world.bar != NULL) {
		user_world_close_bar(&user->world);
	}
}

static void act_configure(struct user *user) {
	const char *config = chance_element(&user->chance, configs);
	if (below(user, 4) > 0) {
		desk_configure(user->desk, config);
		return;
	}
	// A mistake: what was in force stays.
	FILE *file = fopen(user->desk->config, "w");
	assert_non_null(file);
	assert_true(fputs("gaps sideways\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_false(server_reload(user->desk->server));
}

static void act_output(struct user *user) {
	static const char *const lines[] = {"output active disable", "output * enable",
		"output * toggle", "output active scale 1.25", "output * scale 2",
		"output * scale 1", "output active transform 90", "output * transform normal",
		"output active mode 700x500", "output active mode 1920x1080",
		"output active position 100 50", "output * position auto", "output * reset",
		"output * power off", "output * power on", "output active power toggle"};
	struct server *server = user->desk->server;
	int len = wl_list_length(&server->outputs) + wl_list_length(&server->disabled_outputs);
	uint32_t what = below(user, 4);
	if (what == 0 && len < OUTPUTS_MAX) {
		desk_add_output(
			user->desk, 400 + (int)below(user, 1000), 300 + (int)below(user, 800));
	} else if (what == 1 && !wl_list_empty(&server->outputs)) {
		struct output *output = wl_container_of(server->outputs.next, output, link);
		wlr_output_destroy(output->wlr_output);
	} else {
		run(user, chance_element(&user->chance, lines));
	}
}

static void act_lock(struct user *user) {
	if (user->world.lock != NULL) {
		user_world_unlock(&user->world);
	} else if (below(user, 2) == 0) {
		user_world_lock(&user->world);
	}
}

// --- a life -------------------------------------------------------------------------------

static void act(struct user *user) {
	static const struct {
		uint32_t weight;
		const char *name;
		void (*act)(struct user *user);
	} table[] = {
		{8, "hold", act_hold},
		{8, "release", act_release},
		{6, "type", act_type},
		{14, "chord", act_chord},
		{1, "keyboard", act_keyboard},
		{6, "move", act_move},
		{8, "move to window", act_move_to_window},
		{8, "button", act_button},
		{6, "drag", act_drag},
		{3, "scroll", act_scroll},
		{14, "command", act_command},
		{3, "spawn", act_spawn},
		{3, "end", act_end},
		{5, "window", act_window},
		{1, "bar", act_bar},
		{1, "configure", act_configure},
		{3, "output", act_output},
		{2, "lock", act_lock},
	};
	uint32_t total = 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		total += table[i].weight;
	}
	uint32_t at = below(user, total);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (at < table[i].weight) {
			say(table[i].name, "");
			table[i].act(user);
			return;
		}
		at -= table[i].weight;
	}
}

static int open_files(void) {
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	int len = 0;
	const struct dirent *entry;
	while ((entry = readdir(folder)) != NULL) {
		char path[300], target[32] = "";
		snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
		// wlroots opens that one once, for its first token.
		len += readlink(path, target, sizeof(target) - 1) < 0 ||
			strcmp(target, "/dev/urandom") != 0;
	}
	closedir(folder);
	return len;
}

// Both hands in the lap, the screen unlocked and lit, and no mode on.
static void come_to_rest(struct user *user) {
	release_all(user);
	if (user->second != NULL) {
		act_keyboard(user);
	}
	if (user->button != 0) {
		act_button(user);
	}
	if (user->world.lock != NULL) {
		user_world_unlock(&user->world);
	}
	struct server *server = user->desk->server;
	if (wl_list_empty(&server->outputs) && wl_list_empty(&server->disabled_outputs)) {
		desk_add_output(user->desk, 1280, 720);
	}
	run(user, "output * enable");
	desk_configure(user->desk, CONFIG);
	run(user, "passthrough off");
	run(user, "mode default");
	dialog_close(server, NULL);
	user_world_settle(&user->world);
	desk_check(user->desk);
}

// Every machine that was not ended is there, and hears what is typed.
static void check_machines(struct user *user) {
	struct user_world *world = &user->world;
	for (size_t i = 0; i < world->guests_len; i++) {
		struct user_guest *guest = &world->guests[i];
		if (!guest->running) {
			continue;
		}
		char name[16];
		snprintf(name, sizeof(name), "clock-%d", (int)i);
		struct machine *machine = machine_find(user->desk->server, name);
		assert_non_null(machine);
		assert_non_null(machine->tile);
		assert_non_null(guest->bridge);
		tile_focus(machine->tile);
		if (machine_is_paused(machine)) {
			assert_true(machine_resume(machine, NULL));
			user_world_settle(world);
		}
		desk_settle(user->desk);
		guest->bridge->keys_len = 0;
		desk_tap(user->desk, KEY_G);
		assert_int_equal(guest->bridge->keys_len, 2);
		assert_int_equal(guest->bridge->keys[0].key, KEY_G);
	}
}

// A screen has as many buffers as were of use at once.
static void unplug_all(struct desk *desk) {
	struct wl_list *lists[] = {&desk->server->outputs, &desk->server->disabled_outputs};
	for (size_t i = 0; i < 2; i++) {
		while (!wl_list_empty(lists[i])) {
			struct output *output = wl_container_of(lists[i]->next, output, link);
			wlr_output_destroy(output->wlr_output);
		}
	}
	desk_settle(desk);
}

static void live(struct user *user, int len) {
	desk_add_output(user->desk, 1280, 720);
	for (int i = 0; i < len; i++) {
		act(user);
		user_world_settle(&user->world);
		desk_check(user->desk);
		user_world_check(&user->world);
	}
	come_to_rest(user);
	user_world_check(&user->world);
	user_world_check_released(&user->world);
	check_machines(user);
	user_world_clear(&user->world);
	unplug_all(user->desk);
	desk_check(user->desk);
}

static int play(uint64_t seed, int len) {
	struct user *user = calloc(1, sizeof(*user));
	assert_non_null(user);
	// What is opened but once, as fonts and cursors, is open after the first life.
	int files = 0;
	user->desk = desk_machine_create_with(CONFIG);
	user_world_init(&user->world, user->desk);
	for (int round = 0; round < 2; round++) {
		user->chance.state = seed;
		live(user, round == 0 ? len / 10 : len);
		assert_true(round == 0 || open_files() <= files);
		files = open_files();
	}
	int spawned = (int)user->world.guests_len;
	desk_destroy(user->desk);
	free(user);
	return spawned;
}

static void test_user(void **state) {
	int spawned = 0;
	for (uint64_t seed = first_seed; seed < first_seed + seeds; seed++) {
		print_message("seed %d\n", (int)seed);
		spawned += play(seed, actions);
	}
	// Else there was nothing to be seen.
	assert_true(actions < 500 || spawned >= 3 * (int)seeds);
}

int main(int argc, char *argv[]) {
	seeds = argc > 1 ? (uint64_t)atoll(argv[1]) : seeds;
	first_seed = argc > 2 ? (uint64_t)atoll(argv[2]) : first_seed;
	actions = argc > 3 ? atoi(argv[3]) : actions;
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_user)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

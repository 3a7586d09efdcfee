// Clients that say anything to the public socket and to a bridge's. Whatever they say, the others
// live, nothing of them is left, and the sanitizers are silent. Usage: wild_test [desks [seed]]

#include <dirent.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <wayland-client.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_xdg_foreign_registry.h>

#include "chance.h"
#include "command.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "seat.h"
#include "server.h"
#include "sigbus.h"
#include "test_client.h"
#include "tile.h"
#include "wild_client.h"

// Not more on one desk: it may be locked by then, with nobody to unlock it.
#define CLIENTS_PER_DESK 25
#define ACTIONS_MAX 200

static uint64_t desks = 16;
static uint64_t first_seed = 1;

// --- a life --------------------------------------------------------------------------------

static int open_files(void) {
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	int len = 0;
	while (readdir(folder) != NULL) {
		len++;
	}
	closedir(folder);
	return len;
}

static int connect_public(struct desk *desk) {
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_non_null(wl_client_create(desk->server->display, fds[0]));
	return fds[1];
}

static int connect_bridge(struct desk *desk, struct fake_machine *machine) {
	fake_machine_need_display(machine);
	desk_until(desk, machine->display_fd >= 0);
	int fd = machine->display_fd;
	machine->display_fd = -1;
	return fd;
}

static void use_desk(struct desk *desk, struct chance *chance) {
	static const char *const lines[] = {"focus next", "focus left", "fullscreen", "workspace 1",
		"workspace 2", "move workspace 1", "layout tabbed", "layout horizontal",
		"pointer-mode"};
	static const uint32_t keys[] = {KEY_A, KEY_ESC, KEY_ENTER};
	char error[COMMAND_ERROR_MAX];
	switch (chance_below(chance, 5)) {
	case 0:
		command_run_line(desk->server, NULL, chance_element(chance, lines), error);
		break;
	case 1:
		desk_tap(desk, chance_element(chance, keys));
		break;
	case 2:
		desk_button(desk, BTN_LEFT, true);
		desk_button(desk, BTN_LEFT, false);
		break;
	default:
		desk_move_to(desk, chance_below(chance, 1280), chance_below(chance, 720));
		break;
	}
}

// As desk_pump() does it, but nothing is waited for.
static void pump(struct desk *desk, struct wild_client *client) {
	for (int i = 0; i < 2; i++) {
		wild_client_pump(client);
		wl_event_loop_dispatch(desk->server->loop, 0);
		wl_display_flush_clients(desk->server->display);
	}
	wild_client_pump(client);
}

static void live(struct desk *desk, int fd, struct chance *chance, struct wild_language *language) {
	struct wild_client *client = wild_client_create(fd, chance, language);
	pump(desk, client);
	pump(desk, client);
	assert_true(client->globals_len > 5);
	for (int i = 0; i < ACTIONS_MAX && !client->dead; i++) {
		wild_client_act(client);
		// At once, so that it is known what was not borne.
		pump(desk, client);
		if (chance_once_in(chance, 12)) {
			use_desk(desk, chance);
		}
	}
	if (chance_once_in(chance, 3)) {
		wild_client_write_rubbish(client);
		pump(desk, client);
	}
	wild_client_destroy(client);
}

// wlroots opens /dev/urandom for the first handle of xdg-foreign, and keeps it.
static void open_random(struct desk *desk) {
	struct wlr_xdg_foreign_registry *registry = wlr_xdg_foreign_registry_create(
		desk->server->display);
	struct wlr_xdg_foreign_exported exported = {0};
	assert_non_null(registry);
	assert_true(wlr_xdg_foreign_exported_init(&exported, registry));
	wlr_xdg_foreign_exported_finish(&exported);
}

static void play(uint64_t seed, struct wild_language *language) {
	struct chance chance = {.state = seed};
	// Any key may be pressed and any lock left behind, but no program is to start.
	struct desk *desk = desk_machine_create_with("unbind all\nlocker none\n");
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *other = desk_connect_shown(desk, "other");
	open_random(desk);
	int tiles = desk_machine_tiles(desk), files = open_files();
	for (int i = 0; i < CLIENTS_PER_DESK; i++) {
		live(desk,
			chance_once_in(&chance, 3) ? connect_bridge(desk, machine)
						   : connect_public(desk),
			&chance, language);
		desk_settle(desk);
		assert_false(other->dead);
		desk_until(desk, desk_machine_tiles(desk) == tiles);
		desk_until(desk, open_files() <= files);
	}
	desk_destroy(desk);
}

// --- what was said --------------------------------------------------------------------------

// Requests that were never sent, and how many there are in all.
static void report(const struct wild_language *language, size_t *unsent, size_t *all) {
	for (size_t i = 0; i < language->len; i++) {
		const struct wild_interface *known = &language->interfaces[i];
		for (int opcode = 0; opcode < known->interface->method_count; opcode++) {
			++*all;
			if (known->sent[opcode] == 0) {
				++*unsent;
				print_message("never sent: %s.%s\n", known->interface->name,
					known->interface->methods[opcode].name);
			}
		}
	}
}

static void test_wild(void **state) {
	sigbus_guard(); // as the program has it; after cmocka's
	struct wild_language *language = wild_language_create();
	for (uint64_t seed = first_seed; seed < first_seed + desks; seed++) {
		print_message("seed %d\n", (int)seed);
		play(seed, language);
	}
	size_t unsent = 0, all = 0;
	report(language, &unsent, &all);
	print_message("%zu of %zu requests were never sent\n", unsent, all);
	// Whoever is always shown the door learns nothing of the house.
	assert_true(unsent < all / 2);
	wild_language_destroy(language);
}

int main(int argc, char *argv[]) {
	if (argc > 1) {
		desks = (uint64_t)atoll(argv[1]);
	}
	if (argc > 2) {
		first_seed = (uint64_t)atoll(argv[2]);
	}
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_wild)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

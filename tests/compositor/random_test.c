// A desk on which anything happens in any order: windows, machines, outputs, commands, keys.
// After each step the invariants hold. Usage: random_test [steps [seed]]

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wlr/types/wlr_output.h>

#include "chance.h"
#include "command.h"
#include "desk.h"
#include "desk_check.h"
#include "fake_manager.h"
#include "machine.h"
#include "output.h"
#include "redecho-manager-v1-protocol.h"
#include "server.h"
#include "test_client.h"

struct player {
	struct desk *desk;
	struct chance chance;
	int outputs_made;
};

static uint32_t draw(struct player *player, uint32_t below) {
	return chance_below(&player->chance, below);
}

static void run_command(struct player *player) {
	static const char *const lines[] = {"focus left", "focus right", "focus up", "focus down",
		"focus parent", "focus child", "move left", "move right", "move up", "move down",
		"move workspace 1", "move workspace 2", "move workspace 3", "workspace 1",
		"workspace 2", "workspace 3", "workspace next", "workspace previous-on-output",
		"workspace mail", "workspace 2:web", "workspace back-and-forth",
		"rename workspace to 3", "rename workspace to other", "move workspace mail",
		"move workspace next", "move output next", "move workspace to output next",
		"focus output next", "focus last", "focus older", "focus newer", "split vertical",
		"split horizontal", "layout tabbed", "layout stacked", "layout vertical",
		"layout horizontal", "resize left 40", "resize up 30", "resize right -20",
		"balance", "fullscreen", "close", "kill", "restart", "dismiss", "pointer-mode",
		"reload", "nop", "spawn clock", "floating", "floating off", "sticky",
		"focus mode-toggle", "scratchpad move", "scratchpad move b", "scratchpad show",
		"scratchpad show b", "move position -500 4000", "move position center",
		"gaps inner 12", "gaps inner 0", "border none", "border toggle",
		"layout toggle all", "split toggle", "split none", "focus next",
		"resize set 5000 10", "resize grow width 40", "resize shrink height 100"};
	const char *line = lines[draw(player, sizeof(lines) / sizeof(lines[0]))];
	if (strcmp(line, "spawn clock") == 0 && player->desk->manager->machines_len >= 15) {
		return;
	}
	char error[COMMAND_ERROR_MAX];
	command_run_line(player->desk->server, NULL, line, error);
}

static struct test_client **slot(struct player *player) {
	// Few, so that each comes far.
	return &player->desk->clients[draw(player, 4)];
}

static void act_client(struct player *player) {
	struct test_client **client = slot(player);
	if (*client == NULL) {
		desk_connect(player->desk);
		return;
	}
	if ((*client)->dead || draw(player, 10) == 0) {
		desk_disconnect(player->desk, *client);
		return;
	}
	if ((*client)->surface == NULL) {
		test_client_open(*client, "window");
	} else if ((*client)->configures == 0) {
		return;
	} else if (draw(player, 2) == 0) {
		test_client_show(*client, 50, 50);
	} else if (draw(player, 3) == 0) {
		test_client_hide(*client);
	} else if ((*client)->popup == NULL && draw(player, 2) > 0) {
		test_client_open_popup(*client, 5, 5, 100, 100);
	} else if ((*client)->popup == NULL) {
		test_client_close(*client);
		(*client)->configures = 0;
	}
}

static void act_machine(struct player *player) {
	struct fake_manager *manager = player->desk->manager;
	if (manager->machines_len == 0 || manager->resource == NULL) {
		return;
	}
	struct fake_machine
		*machine = &manager->machines[draw(player, (uint32_t)manager->machines_len)];
	if (machine->resource == NULL) {
		return;
	}
	char name[16];
	snprintf(name, sizeof(name), "m%d", (int)(machine - manager->machines));
	switch (draw(player, 7)) {
	case 0:
		fake_machine_identity(machine, name, "Machine", "personal");
		break;
	case 1:
		fake_machine_need_display(machine);
		break;
	case 2:
		fake_machine_state(machine, draw(player, 4));
		break;
	case 3:
		fake_machine_end(machine, draw(player, 7), "an end");
		break;
	case 4:
		fake_machine_duplicate(machine, "m0");
		break;
	default:
		if (machine->display_fd >= 0 && player->desk->clients[0] == NULL) {
			desk_connect_fd(player->desk, machine->display_fd);
			machine->display_fd = -1;
		}
		break;
	}
}

static void set_output(struct player *player) {
	static const char *const lines[] = {"output active disable", "output * enable",
		"output * toggle", "output active scale 1.25", "output * scale 2",
		"output active transform 90", "output * transform normal",
		"output active mode 700x500", "output active position 100 50",
		"output * position auto", "output * reset", "output * power off",
		"output active power toggle", "output create side 300x200", "output side remove",
		"output side mode 200x300 transform 270 scale 0.5"};
	const char *line = lines[draw(player, sizeof(lines) / sizeof(lines[0]))];
	char error[COMMAND_ERROR_MAX];
	command_run_line(player->desk->server, NULL, line, error);
}

static void act_output(struct player *player) {
	struct server *server = player->desk->server;
	int len = wl_list_length(&server->outputs);
	if (draw(player, 2) == 0) {
		set_output(player);
	} else if (len < 3 && wl_list_length(&server->disabled_outputs) < 3 &&
		draw(player, 2) == 0) {
		desk_add_output(
			player->desk, 320 + (int)draw(player, 1000), 240 + (int)draw(player, 800));
	} else if (len > 0 && draw(player, 2) == 0) {
		struct output *output = wl_container_of(server->outputs.next, output, link);
		wlr_output_destroy(output->wlr_output);
	}
}

static void act_input(struct player *player) {
	static const uint32_t keys[] = {
		KEY_A, KEY_LEFTALT, KEY_Z, KEY_R, KEY_ESC, KEY_LEFTSHIFT, KEY_Q};
	switch (draw(player, 4)) {
	case 0:
		desk_key(player->desk, keys[draw(player, 7)], draw(player, 2) == 0);
		break;
	case 1:
		desk_move_to(player->desk, draw(player, 1500), draw(player, 900));
		break;
	case 2:
		desk_button(player->desk, draw(player, 3) == 0 ? BTN_RIGHT : BTN_LEFT,
			draw(player, 2) == 0);
		break;
	default:
		desk_scroll(player->desk, 120);
		break;
	}
}

static void play(uint64_t seed, int steps) {
	const struct desk_options options = {.with_manager = true,
		.config = "mod Alt\nbind Mod+z focus left\nbind Mod+a fullscreen\n"};
	struct player player = {.desk = desk_create(&options), .chance = {.state = seed}};
	for (int i = 0; i < steps; i++) {
		switch (draw(&player, 10)) {
		case 0:
		case 1:
		case 2:
			run_command(&player);
			break;
		case 3:
		case 4:
		case 5:
			act_client(&player);
			break;
		case 6:
		case 7:
			act_machine(&player);
			break;
		case 8:
			act_output(&player);
			break;
		default:
			act_input(&player);
			break;
		}
		desk_settle(player.desk);
		desk_check(player.desk);
	}
	desk_destroy(player.desk);
}

static int steps = 80;
static uint64_t first_seed = 1;

static void test_random(void **state) {
	for (uint64_t seed = first_seed; seed < first_seed + 8; seed++) {
		print_message("seed %d\n", (int)seed);
		play(seed, steps);
	}
}

int main(int argc, char *argv[]) {
	if (argc > 1) {
		steps = atoi(argv[1]);
	}
	if (argc > 2) {
		first_seed = (uint64_t)atoll(argv[2]);
	}
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

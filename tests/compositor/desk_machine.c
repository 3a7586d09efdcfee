// Machines of the fake redecho-vmd, and their bridges.

#include "desk_machine.h"

#include <stdio.h>
#include <wayland-util.h>

#include "fake_manager.h"
#include "machine.h"
#include "placeholder.h"
#include "redecho-manager-v1-protocol.h"
#include "server.h"
#include "test_client.h"

struct desk *desk_machine_create_with(const char *config) {
	const struct desk_options with_manager = {.with_manager = true, .config = config};
	struct desk *desk = desk_create(&with_manager);
	desk->manager->program = "clock";
	desk->manager->title = "Clock";
	desk->manager->label = "personal";
	desk_run(desk, "reload");
	desk_until(desk, desk->manager->reloads == 1 && !wl_list_empty(&desk->server->programs));
	return desk;
}

struct desk *desk_machine_create(void) {
	return desk_machine_create_with(NULL);
}

struct fake_machine *desk_machine_spawn(struct desk *desk, const char *program, const char *name) {
	char line[64];
	size_t before = desk->manager->machines_len;
	snprintf(line, sizeof(line), "spawn %s", program);
	desk_run(desk, line);
	desk_until(desk, desk->manager->machines_len == before + 1);
	struct fake_machine *machine = &desk->manager->machines[before];
	fake_machine_identity(machine, name, "Clock", "personal");
	fake_machine_state(machine, REDECHO_MANAGED_MACHINE_V1_STATE_STARTING);
	desk_settle(desk);
	return machine;
}

struct test_client *desk_machine_connect(struct desk *desk, struct fake_machine *machine) {
	machine->display_fd = -1;
	fake_machine_need_display(machine);
	desk_until(desk, machine->display_fd >= 0);
	int fd = machine->display_fd;
	machine->display_fd = -1;
	return desk_connect_fd(desk, fd);
}

struct test_client *desk_machine_show(struct desk *desk, struct fake_machine *machine) {
	struct test_client *bridge = desk_machine_connect(desk, machine);
	test_client_open(bridge, "x");
	desk_settle(desk);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	return bridge;
}

int desk_machine_tiles(const struct desk *desk) {
	return wl_list_length(&desk->server->tiles);
}

void desk_machine_hear(struct desk *desk, const struct machine *machine) {
	desk_until(desk, desk_now_ms() - machine->ended_ms >= PLACEHOLDER_DEAF_MS);
}

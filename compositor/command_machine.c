// Commands that start, end and steer machines.

#include "command_call.h"
#include "machine.h"
#include "server.h"
#include "tile.h"

static bool run_spawn(struct command_call *call) {
	if (call->server->manager == NULL) {
		return command_fail(call, "this desk has no redecho-vmd");
	}
	machine_spawn(call->server, call->words[1]);
	return true;
}

static bool run_restart(struct command_call *call) {
	if (!command_need_machine(call)) {
		return false;
	}
	machine_restart(call->target->machine);
	return true;
}

static bool run_dismiss(struct command_call *call) {
	if (!command_need_machine(call)) {
		return false;
	}
	if (machine_cause_name(call->target->machine) == NULL) {
		return command_fail(call, "the machine runs");
	}
	machine_destroy(call->target->machine);
	return true;
}

static bool run_pointer_mode(struct command_call *call) {
	if (!command_need_machine(call)) {
		return false;
	}
	machine_toggle_pointer_mode(call->target->machine);
	return true;
}

const struct command command_machine_table[] = {
	{"dismiss", "dismiss", 0, 0, NULL, run_dismiss},
	{"pointer-mode", "pointer-mode", 0, 0, NULL, run_pointer_mode},
	{"restart", "restart", 0, 0, NULL, run_restart},
	{"spawn", "spawn PROGRAM", 1, 1, NULL, run_spawn},
	{0},
};

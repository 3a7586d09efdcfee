// Commands that start, end and steer machines.

#include <string.h>

#include "command_call.h"
#include "display.h"
#include "identity.h"
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

static bool run_pause(struct command_call *call) {
	if (!command_need_machine(call)) {
		return false;
	}
	struct machine *machine = call->target->machine;
	const char *why = NULL;
	bool resume = call->len > 1 && machine_is_paused(machine);
	bool ok = resume ? machine_resume(machine, &why) : machine_pause(machine, &why);
	return ok || command_fail(call, "%s", why);
}

static bool run_resume(struct command_call *call) {
	if (!command_need_machine(call)) {
		return false;
	}
	const char *why = NULL;
	return machine_resume(call->target->machine, &why) || command_fail(call, "%s", why);
}

static bool run_identify(struct command_call *call) {
	if (!command_need_target(call)) {
		return false;
	}
	identity_show(call->target); // elsewhere title and border say it
	return true;
}

static bool run_power_off(struct command_call *call) {
	if (!command_need_machine(call)) {
		return false;
	}
	if (machine_cause_name(call->target->machine) != NULL) {
		return command_fail(call, "the machine has ended");
	}
	machine_close(call->target->machine);
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

static bool run_show_displays(struct command_call *call) {
	if (!command_need_machine(call)) {
		return false;
	}
	return display_plug_all(call->target->machine) ||
		command_fail(call, "the machine has one display");
}

static int check_toggle(size_t len, char *const *words) {
	return len == 1 || strcmp(words[1], "toggle") == 0 ? -1 : 1;
}

const struct command command_machine_table[] = {
	{"dismiss", "dismiss", 0, 0, NULL, run_dismiss},
	{"identify", "identify", 0, 0, NULL, run_identify},
	{"pause", "pause [toggle]", 0, 1, check_toggle, run_pause},
	{"pointer-mode", "pointer-mode", 0, 0, NULL, run_pointer_mode},
	{"power-off", "power-off", 0, 0, NULL, run_power_off},
	{"restart", "restart", 0, 0, NULL, run_restart},
	{"resume", "resume", 0, 0, NULL, run_resume},
	{"show-displays", "show-displays", 0, 0, NULL, run_show_displays},
	{"spawn", "spawn PROGRAM", 1, 1, NULL, run_spawn},
	{0},
};

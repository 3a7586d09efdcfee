// Commands that have to do with the programs that belong to the desk.

#include <errno.h>
#include <string.h>

#include "command_call.h"
#include "config.h"
#include "idle.h"
#include "locker.h"
#include "server.h"
#include "tile.h"

static bool run_inhibit_idle(struct command_call *call) {
	if (!command_need_target(call)) {
		return false;
	}
	idle_inhibit_from_name(call->words[1], &call->target->idle_inhibit);
	server_emit(call->server, SERVER_WINDOW, SERVER_CHANGED, call->target);
	return true;
}

static int check_inhibit_idle(size_t len, char *const *words) {
	enum idle_inhibit inhibit;
	return idle_inhibit_from_name(words[1], &inhibit) ? -1 : 1;
}

static bool run_lock(struct command_call *call) {
	const char *locker = call->server->config->locker;
	if (locker == NULL || locker[0] == '\0') {
		return command_fail(call, "no lock program is configured: locker COMMAND");
	}
	return locker_run(call->server) || command_fail(call, "%s", strerror(errno));
}

const struct command command_shell_table[] = {
	{"inhibit-idle", "inhibit-idle none|focused|fullscreen|visible|open", 1, 1,
		check_inhibit_idle, run_inhibit_idle},
	{"lock", "lock", 0, 0, NULL, run_lock},
	{0},
};

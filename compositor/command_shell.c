// Commands that have to do with the programs that belong to the desk.

#include <errno.h>
#include <string.h>

#include "command_call.h"
#include "config.h"
#include "locker.h"
#include "server.h"

static bool run_lock(struct command_call *call) {
	const char *locker = call->server->config->locker;
	if (locker == NULL || locker[0] == '\0') {
		return command_fail(call, "no lock program is configured: locker COMMAND");
	}
	return locker_run(call->server) || command_fail(call, "%s", strerror(errno));
}

const struct command command_shell_table[] = {
	{"lock", "lock", 0, 0, NULL, run_lock},
	{0},
};

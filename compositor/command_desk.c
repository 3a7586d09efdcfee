// Commands that act on the desk as a whole.

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "command_call.h"
#include "exit_dialog.h"
#include "hotkeys.h"
#include "launch.h"
#include "launcher.h"
#include "server.h"

static bool run_exec(struct command_call *call) {
	char line[4096];
	size_t len = 0;
	for (size_t i = 1; i < call->len; i++) {
		int written = snprintf(
			line + len, sizeof(line) - len, "%s%s", i > 1 ? " " : "", call->words[i]);
		if (written < 0 || (size_t)written >= sizeof(line) - len) {
			return command_fail(call, "the command is too long");
		}
		len += (size_t)written;
	}
	return launch_shell(call->server, line) || command_fail(call, "%s", strerror(errno));
}

static bool run_reload(struct command_call *call) {
	return server_reload(call->server) ||
		command_fail(call, "the configuration has an error; the old one stays");
}

static bool run_exit(struct command_call *call) {
	const char *how = call->len > 1 ? call->words[1] : "ask";
	if (strcmp(how, "keep") == 0) {
		server_terminate(call->server, 0);
	} else if (strcmp(how, "shutdown") == 0) {
		server_exit(call->server);
	} else {
		exit_dialog_open(call->server);
	}
	return true;
}

static bool run_launcher(struct command_call *call) {
	launcher_open(call->server);
	return true;
}

static bool run_hotkeys(struct command_call *call) {
	hotkeys_open(call->server);
	return true;
}

static bool run_nop(struct command_call *call) {
	return true;
}

static int check_exit(size_t len, char *const *words) {
	return len == 1 || strcmp(words[1], "ask") == 0 || strcmp(words[1], "keep") == 0 ||
			strcmp(words[1], "shutdown") == 0
		? -1
		: 1;
}

const struct command command_desk_table[] = {
	{"exec", "exec COMMAND...", 1, SIZE_MAX, NULL, run_exec},
	{"exit", "exit [ask|keep|shutdown]", 0, 1, check_exit, run_exit},
	{"hotkeys", "hotkeys", 0, 0, NULL, run_hotkeys},
	{"launcher", "launcher", 0, 0, NULL, run_launcher},
	{"nop", "nop [ANYTHING...]", 0, SIZE_MAX, NULL, run_nop},
	{"reload", "reload", 0, 0, NULL, run_reload},
	{0},
};

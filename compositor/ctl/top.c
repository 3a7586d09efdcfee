#include "top.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "client.h"
#include "print.h"

#define INTERVAL_MS 1000
#define ONCE_MS 500

static volatile sig_atomic_t interrupted;

static void handle_signal(int number) {
	interrupted = 1;
}

// --- the terminal -------------------------------------------------------------------------

struct terminal {
	bool drawn; // what is printed is a terminal's
	bool raw; // keys are read as they come
	struct termios before;
};

static void terminal_open(struct terminal *terminal) {
	struct sigaction action = {.sa_handler = handle_signal};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	terminal->drawn = isatty(STDOUT_FILENO);
	terminal->raw = terminal->drawn && isatty(STDIN_FILENO) &&
		tcgetattr(STDIN_FILENO, &terminal->before) == 0;
	if (terminal->raw) {
		struct termios raw = terminal->before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	if (terminal->drawn) {
		fputs("\033[?7l", stdout); // long lines are cut, not wrapped
	}
}

static void terminal_close(struct terminal *terminal) {
	if (terminal->drawn) {
		fputs("\033[?7h", stdout);
		fflush(stdout);
	}
	if (terminal->raw) {
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal->before);
	}
}

// Waits for the desk to say something. False: the user wants no more.
static bool terminal_wait(struct terminal *terminal, struct client *client) {
	struct pollfd fds[] = {
		{.fd = client_fd(client), .events = POLLIN},
		{.fd = terminal->raw ? STDIN_FILENO : -1, .events = POLLIN},
	};
	while (!interrupted && !client_has_line(client)) {
		if (poll(fds, 2, -1) < 0) {
			continue; // a signal, which the condition looks at
		}
		char key;
		if (fds[1].revents != 0 &&
			(read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q')) {
			return false;
		}
		if (fds[0].revents != 0) {
			break;
		}
	}
	return !interrupted;
}

// --- what is shown ------------------------------------------------------------------------

static void print_sums(yyjson_val *machines) {
	size_t index, max, running = 0;
	double cpu_percent = 0;
	unsigned long long memory_bytes = 0;
	yyjson_val *machine;
	yyjson_arr_foreach(machines, index, max, machine) {
		yyjson_val *usage = yyjson_obj_get(machine, "usage");
		running += !yyjson_is_null(usage);
		cpu_percent += yyjson_get_num(yyjson_obj_get(usage, "cpu_percent"));
		memory_bytes += yyjson_get_uint(yyjson_obj_get(usage, "memory_bytes"));
	}
	printf("%zu machine%s, %zu with a process; CPU %.0f%%, memory %.0fM\n\n", max,
		max == 1 ? "" : "s", running, cpu_percent, (double)memory_bytes / (1 << 20));
}

// False when it is not what was asked for.
static bool show(const struct terminal *terminal, yyjson_val *event, bool json) {
	yyjson_val *machines = yyjson_obj_get(event, "machines");
	if (!yyjson_is_arr(machines)) {
		return false;
	}
	if (json) {
		char *text = yyjson_val_write(machines, 0, NULL);
		puts(text != NULL ? text : "[]");
		free(text);
		return true;
	}
	if (terminal->drawn) {
		fputs("\033[H\033[J", stdout);
	}
	print_sums(machines);
	print_answer("usage", machines);
	if (!terminal->drawn) {
		putchar('\n');
	}
	return true;
}

static bool watch(struct client *client, int interval_ms) {
	yyjson_mut_val *argument;
	yyjson_mut_doc *doc = client_request("usage", &argument);
	yyjson_mut_obj_add_int(doc, argument, "interval_ms", interval_ms);
	if (!client_send(client, doc)) {
		return false;
	}
	const char *line = client_read_line(client);
	yyjson_doc *reply = line != NULL ? yyjson_read(line, strlen(line), 0) : NULL;
	bool ok = yyjson_obj_get(yyjson_doc_get_root(reply), "Ok") != NULL;
	yyjson_doc_free(reply);
	if (!ok) {
		fputs("redechoctl: the desk cannot tell what its machines use\n", stderr);
	}
	return ok;
}

int top_run(struct client *client, bool json, bool once) {
	if (!watch(client, once ? ONCE_MS : INTERVAL_MS)) {
		return 2;
	}
	struct terminal terminal = {0};
	if (!once && !json) {
		terminal_open(&terminal);
	}
	int status = 0;
	for (int number = 1; terminal_wait(&terminal, client); number++) {
		const char *line = client_read_line(client);
		if (line == NULL) {
			status = once ? 2 : 0;
			break; // the desk has ended
		}
		// A load is the difference of two measurements.
		if (once && number == 1) {
			continue;
		}
		yyjson_doc *doc = yyjson_read(line, strlen(line), 0);
		bool shown = show(&terminal, yyjson_doc_get_root(doc), json);
		yyjson_doc_free(doc);
		if ((once && shown) || fflush(stdout) != 0) {
			break;
		}
	}
	terminal_close(&terminal);
	return status;
}

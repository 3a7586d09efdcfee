/**
 * manager_client: a client of redecho-vmd that is driven by lines, for tests.
 *
 *     manager_client SOCKET
 *
 * Reads commands from standard input and prints events on standard output, a line each. N is
 * a machine's number, in the order in which they came, from 0; strings come last.
 *
 *     spawn PROGRAM        -> new N
 *     display N [SOCKET]   give the bridge a connection: to a Wayland server, or to nobody
 *     power_off|kill|pause|resume|restart|usage|destroy N
 *     keyboard LAYOUT VARIANT OPTIONS   "-" is empty
 *     render_node PATH
 *     reload
 *     shutdown GRACE_MS
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-client.h>

#include "redecho-manager-v1-client-protocol.h"

#define MACHINES_MAX 256

struct client {
	struct wl_display *display;
	struct redecho_manager_v1 *manager;
	struct redecho_managed_machine_v1 *machines[MACHINES_MAX];
	int count;
};

/* The number of a machine is its proxy's user data. */
static int number_of(void *data) {
	return (int)(intptr_t)data;
}

static void handle_identity(void *data, struct redecho_managed_machine_v1 *machine,
	const char *name, const char *program, const char *title, const char *label) {
	printf("identity %d %s %s [%s] [%s]\n", number_of(data), name, program, label, title);
}

static void handle_duplicate(
	void *data, struct redecho_managed_machine_v1 *machine, const char *name) {
	printf("duplicate %d %s\n", number_of(data), name);
}

static void handle_need_display(void *data, struct redecho_managed_machine_v1 *machine) {
	printf("need_display %d\n", number_of(data));
}

static void handle_state(void *data, struct redecho_managed_machine_v1 *machine, uint32_t state) {
	static const char *const names[] = {"starting", "running", "paused", "stopping", "ended"};
	printf("state %d %s\n", number_of(data), state < 5 ? names[state] : "?");
}

static void handle_detail(void *data, struct redecho_managed_machine_v1 *machine, const char *key,
	const char *value) {
	printf("detail %d %s %s\n", number_of(data), key, value);
}

static void handle_ended(void *data, struct redecho_managed_machine_v1 *machine, uint32_t cause,
	const char *message) {
	static const char *const names[] = {
		"shutdown", "destroyed", "crashed", "panicked", "bridge_died", "start_failed"};
	printf("ended %d %s %s\n", number_of(data), cause < 6 ? names[cause] : "?", message);
}

static uint64_t join(uint32_t high, uint32_t low) {
	return (uint64_t)high << 32 | low;
}

static void handle_usage(void *data, struct redecho_managed_machine_v1 *machine, uint32_t cpu_ms_hi,
	uint32_t cpu_ms_lo, uint32_t memory_bytes_hi, uint32_t memory_bytes_lo,
	uint32_t uptime_ms_hi, uint32_t uptime_ms_lo) {
	printf("usage %d %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", number_of(data),
		join(cpu_ms_hi, cpu_ms_lo), join(memory_bytes_hi, memory_bytes_lo),
		join(uptime_ms_hi, uptime_ms_lo));
}

static const struct redecho_managed_machine_v1_listener machine_listener = {
	.identity = handle_identity,
	.duplicate = handle_duplicate,
	.need_display = handle_need_display,
	.state = handle_state,
	.detail = handle_detail,
	.ended = handle_ended,
	.usage = handle_usage,
};

static void add_machine(struct client *client, struct redecho_managed_machine_v1 *machine) {
	if (client->count == MACHINES_MAX) {
		fprintf(stderr, "too many machines\n");
		exit(EXIT_FAILURE);
	}
	int number = client->count++;
	client->machines[number] = machine;
	redecho_managed_machine_v1_add_listener(
		machine, &machine_listener, (void *)(intptr_t)number);
	printf("new %d\n", number);
}

static void handle_program(void *data, struct redecho_manager_v1 *manager, const char *name,
	const char *title, const char *label) {
	printf("program %s [%s] [%s]\n", name, label, title);
}

static void handle_machine(void *data, struct redecho_manager_v1 *manager,
	struct redecho_managed_machine_v1 *machine) {
	add_machine(data, machine);
}

static void handle_done(void *data, struct redecho_manager_v1 *manager) {
	printf("done\n");
}

static void handle_notice(
	void *data, struct redecho_manager_v1 *manager, uint32_t severity, const char *message) {
	printf("notice %u %s\n", severity, message);
}

static const struct redecho_manager_v1_listener manager_listener = {
	.program = handle_program,
	.machine = handle_machine,
	.done = handle_done,
	.notice = handle_notice,
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct client *client = data;
	if (strcmp(interface, redecho_manager_v1_interface.name) == 0) {
		client->manager = wl_registry_bind(
			registry, name, &redecho_manager_v1_interface, 3);
		redecho_manager_v1_add_listener(client->manager, &manager_listener, client);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static int connect_to(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(EXIT_FAILURE);
	}
	return fd;
}

static void give_display(struct redecho_managed_machine_v1 *machine, const char *path) {
	int fds[2];
	if (path != NULL) {
		fds[0] = connect_to(path);
	} else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		exit(EXIT_FAILURE);
	}
	// The other end of a pair stays open: a server that never answers.
	redecho_managed_machine_v1_connect_display(machine, fds[0]);
	close(fds[0]);
}

static const struct {
	const char *name;
	void (*send)(struct redecho_managed_machine_v1 *machine);
} requests[] = {
	{"power_off", redecho_managed_machine_v1_power_off},
	{"kill", redecho_managed_machine_v1_kill},
	{"pause", redecho_managed_machine_v1_pause},
	{"resume", redecho_managed_machine_v1_resume},
	{"restart", redecho_managed_machine_v1_restart},
	{"usage", redecho_managed_machine_v1_get_usage},
	{"destroy", redecho_managed_machine_v1_destroy},
};

static bool run_machine_command(
	struct client *client, const char *command, const char *first, const char *second) {
	int number = first != NULL ? atoi(first) : -1;
	if (number < 0 || number >= client->count || client->machines[number] == NULL) {
		return false;
	}
	struct redecho_managed_machine_v1 *machine = client->machines[number];
	if (strcmp(command, "display") == 0) {
		give_display(machine, second);
		return true;
	}
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strcmp(command, requests[i].name) == 0) {
			requests[i].send(machine);
			if (requests[i].send == redecho_managed_machine_v1_destroy) {
				client->machines[number] = NULL;
			}
			return true;
		}
	}
	return false;
}

static const char *name_or_empty(const char *word) {
	return word == NULL || strcmp(word, "-") == 0 ? "" : word;
}

static bool run_command(struct client *client, char *line) {
	char *rest = line;
	const char *words[4] = {NULL};
	for (int i = 0; i < 4 && rest != NULL; i++) {
		words[i] = strsep(&rest, " ");
	}
	if (strcmp(words[0], "spawn") == 0 && words[1] != NULL) {
		add_machine(client, redecho_manager_v1_spawn(client->manager, words[1]));
	} else if (strcmp(words[0], "keyboard") == 0) {
		redecho_manager_v1_set_keyboard(client->manager, name_or_empty(words[1]),
			name_or_empty(words[2]), name_or_empty(words[3]));
	} else if (strcmp(words[0], "render_node") == 0) {
		redecho_manager_v1_set_render_node(client->manager, name_or_empty(words[1]));
	} else if (strcmp(words[0], "reload") == 0) {
		redecho_manager_v1_reload(client->manager);
	} else if (strcmp(words[0], "shutdown") == 0 && words[1] != NULL) {
		redecho_manager_v1_shutdown(client->manager, (uint32_t)atoi(words[1]));
	} else {
		return run_machine_command(client, words[0], words[1], words[2]);
	}
	return true;
}

/* Runs the commands that are there, whole lines. Returns false at the end of input. */
static bool read_commands(struct client *client) {
	static char buffer[4096];
	static size_t filled;
	ssize_t got = read(STDIN_FILENO, buffer + filled, sizeof(buffer) - filled - 1);
	if (got <= 0) {
		return false;
	}
	filled += (size_t)got;
	buffer[filled] = '\0';
	char *line = buffer;
	char *end;
	while ((end = strchr(line, '\n')) != NULL) {
		*end = '\0';
		if (!run_command(client, line)) {
			printf("refused %s\n", line);
		}
		line = end + 1;
	}
	filled = strlen(line);
	memmove(buffer, line, filled + 1);
	return true;
}

static bool run(struct client *client) {
	struct pollfd fds[] = {
		{.fd = wl_display_get_fd(client->display), .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN},
	};
	while (true) {
		fflush(stdout);
		wl_display_flush(client->display);
		if (poll(fds, 2, -1) < 0 && errno != EINTR) {
			return false;
		}
		if (fds[0].revents != 0 && wl_display_dispatch(client->display) < 0) {
			return false;
		}
		if (fds[1].revents != 0 && !read_commands(client)) {
			return true;
		}
	}
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "Usage: manager_client SOCKET\n");
		return EXIT_FAILURE;
	}
	struct client client = {0};
	client.display = wl_display_connect_to_fd(connect_to(argv[1]));
	if (client.display == NULL) {
		return EXIT_FAILURE;
	}
	struct wl_registry *registry = wl_display_get_registry(client.display);
	wl_registry_add_listener(registry, &registry_listener, &client);
	if (wl_display_roundtrip(client.display) < 0 || client.manager == NULL) {
		fprintf(stderr, "%s: no redecho_manager_v1\n", argv[1]);
		return EXIT_FAILURE;
	}
	bool ok = run(&client);
	printf("closed\n");
	fflush(stdout);
	for (int i = 0; i < client.count; i++) {
		if (client.machines[i] != NULL) {
			wl_proxy_destroy((struct wl_proxy *)client.machines[i]);
		}
	}
	wl_proxy_destroy((struct wl_proxy *)client.manager);
	wl_registry_destroy(registry);
	wl_display_disconnect(client.display);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

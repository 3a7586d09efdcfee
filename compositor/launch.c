#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "activation.h"
#include "config.h"
#include "server.h"
#include "service.h"

// What we changed for ourselves is not for our children.
static void reset_child(void) {
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
}

// In the grandchild, which has no parent but init. Returns true there, false in us, with
// errno set when there is no grandchild.
static bool fork_twice(bool *failed) {
	*failed = false;
	pid_t child = fork();
	if (child < 0) {
		*failed = true;
		return false;
	}
	if (child == 0) {
		reset_child();
		pid_t grandchild = fork();
		if (grandchild == 0) {
			return true;
		}
		_exit(grandchild < 0 ? errno & 0x7f : 0);
	}
	int status = 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
		*failed = true;
	}
	return false;
}

static void set_environment(const struct server *server) {
	setenv("WAYLAND_DISPLAY", server->socket, true);
	setenv("XDG_CURRENT_DESKTOP", "redecho:wlroots", true);
	unsetenv("DISPLAY");
	unsetenv("NOTIFY_SOCKET"); // ours: what we start cannot say that the desk is ready
	if (server->runtime_dir != NULL) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/ipc.sock", server->runtime_dir);
		setenv("REDECHO_SOCKET", path, true);
	}
}

static _Noreturn void execute_shell(const struct server *server, const char *command) {
	set_environment(server);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

// What a scope is called after: the program's name, as far as it is plain.
static void name_command(const char *command, char *name, size_t size) {
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._";
	const char *word = command + strspn(command, " \t");
	size_t len = strcspn(word, " \t\n;&|<>()");
	for (size_t i = len; i > 0; i--) {
		if (word[i - 1] == '/') {
			word += i;
			len -= i;
			break;
		}
	}
	size_t used = strspn(word, plain);
	snprintf(name, size, "app-redecho-%.*s", (int)(used < len ? used : len), word);
}

bool launch_shell(struct server *server, const char *command) {
	bool failed;
	char token[ACTIVATION_TOKEN_SIZE];
	activation_create_token(server, token);
	if (!fork_twice(&failed)) {
		return !failed;
	}
	char name[64];
	name_command(command, name, sizeof(name));
	service_leave_unit(server->service, name);
	setenv("XDG_ACTIVATION_TOKEN", token, true);
	execute_shell(server, command);
}

int launch_shell_until_end(struct server *server, const char *command) {
	int end[2];
	if (pipe2(end, O_CLOEXEC) != 0) {
		return -1;
	}
	bool failed;
	if (fork_twice(&failed)) {
		fcntl(end[1], F_SETFD, 0);
		execute_shell(server, command);
	}
	int error = errno;
	close(end[1]);
	if (failed) {
		close(end[0]);
		errno = error;
		return -1;
	}
	return end[0];
}

struct arguments {
	char *words[128];
	size_t len;
};

static void add(struct arguments *arguments, const char *word) {
	const size_t max = sizeof(arguments->words) / sizeof(arguments->words[0]) - 1;
	char *copy = strdup(word);
	if (copy == NULL) {
		abort();
	}
	if (arguments->len < max) {
		arguments->words[arguments->len++] = copy;
	} else {
		free(copy);
	}
}

static void add_pair(struct arguments *arguments, const char *option, const char *value) {
	if (value != NULL) {
		add(arguments, option);
		add(arguments, value);
	}
}

static const char *accel_name(const struct server *server) {
	static const char *const names[] = {
		[CONFIG_ACCEL_AUTO] = "auto",
		[CONFIG_ACCEL_KVM] = "kvm",
		[CONFIG_ACCEL_TCG] = "tcg",
	};
	return server->options.accel != NULL ? server->options.accel : names[server->config->accel];
}

static void build_arguments(const struct server *server, const char *path, int listen_fd,
	int lock_fd, struct arguments *arguments) {
	const struct server_options *options = &server->options;
	char number[16];
	add(arguments, path);
	add_pair(arguments, "--desk-dir", server->runtime_dir);
	snprintf(number, sizeof(number), "%d", listen_fd);
	add_pair(arguments, "--listen-fd", number);
	snprintf(number, sizeof(number), "%d", lock_fd);
	add_pair(arguments, "--lock-fd", number);
	for (size_t i = 0; options->programs != NULL && options->programs[i] != NULL; i++) {
		add_pair(arguments, "--programs", options->programs[i]);
	}
	for (size_t i = 0; i < server->config->programs.len; i++) {
		add_pair(arguments, "--programs", server->config->programs.strings[i]);
	}
	for (size_t i = 0; options->machines != NULL && options->machines[i] != NULL; i++) {
		add_pair(arguments, "--machines", options->machines[i]);
	}
	for (size_t i = 0; i < server->config->machines.len; i++) {
		add_pair(arguments, "--machines", server->config->machines.strings[i]);
	}
	add_pair(arguments, "--bridge", options->bridge_path);
	add_pair(arguments, "--uri", options->uri != NULL ? options->uri : server->config->uri);
	add_pair(arguments, "--accel", accel_name(server));
}

// Beside our own executable, if it is there, else by name.
static void find_manager(const struct server *server, char *path, size_t size) {
	if (server->options.vmd_path != NULL) {
		snprintf(path, size, "%s", server->options.vmd_path);
		return;
	}
	const char *name = "redecho-vmd";
	ssize_t len = readlink("/proc/self/exe", path, size - 1);
	if (len > 0 && (size_t)len < size - strlen(name) - 1) {
		path[len] = '\0';
		char *slash = strrchr(path, '/');
		if (slash != NULL) {
			strcpy(slash + 1, name);
			if (access(path, X_OK) == 0) {
				return;
			}
		}
	}
	snprintf(path, size, "%s", name);
}

bool launch_manager(struct server *server, int listen_fd, int lock_fd) {
	char path[4096];
	find_manager(server, path, sizeof(path));
	struct arguments arguments = {0};
	build_arguments(server, path, listen_fd, lock_fd, &arguments);

	// Closed by a successful exec; else it carries the reason.
	int report[2] = {-1, -1};
	bool ok = pipe2(report, O_CLOEXEC) == 0;
	bool failed = false;
	if (ok && fork_twice(&failed)) {
		fcntl(listen_fd, F_SETFD, 0);
		fcntl(lock_fd, F_SETFD, 0);
		execvp(path, arguments.words);
		int error = errno;
		ssize_t written = write(report[1], &error, sizeof(error));
		_exit(written == sizeof(error) ? 127 : 126);
	}
	int error = errno;
	for (size_t i = 0; i < arguments.len; i++) {
		free(arguments.words[i]);
	}
	if (!ok) {
		errno = error;
		return false;
	}
	close(report[1]);
	ssize_t got = 0;
	if (!failed) {
		do {
			got = read(report[0], &error, sizeof(error));
		} while (got < 0 && errno == EINTR);
	}
	close(report[0]);
	errno = error;
	return !failed && got == 0;
}

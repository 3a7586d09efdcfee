#include "renderer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

/* The socket in the renderer, as the only file descriptor beside the standard three. */
#define SOCKET_FD 3
#define SOCKET_FD_TEXT "3"

extern char **environ;

static int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_socket(struct renderer *renderer) {
	if (renderer->socket_fd >= 0) {
		close(renderer->socket_fd);
		renderer->socket_fd = -1;
	}
}

/* Returns whether it was early. */
static bool count_end(struct renderer *renderer) {
	bool early = now_ms() - renderer->started_ms < RENDERER_EARLY_MS;
	renderer->early_ends = early ? renderer->early_ends + 1 : 0;
	return early;
}

static void handle_process_exited(struct wl_listener *listener, void *data) {
	struct renderer *renderer = wl_container_of(listener, renderer, process_exited);
	log_info("%s: its renderer ended", renderer->owner);
	close_socket(renderer);
	renderer->failed = count_end(renderer);
	wl_signal_emit_mutable(&renderer->events.ended, NULL);
}

void renderer_init(struct renderer *renderer, struct wl_event_loop *loop, const char *owner) {
	*renderer = (struct renderer){.loop = loop, .owner = owner, .socket_fd = -1};
	wl_signal_init(&renderer->events.ended);
	process_init(&renderer->process);
	renderer->process_exited.notify = handle_process_exited;
	wl_signal_add(&renderer->process.events.exited, &renderer->process_exited);
}

void renderer_finish(struct renderer *renderer) {
	assert(wl_list_empty(&renderer->events.ended.listener_list));
	close_socket(renderer);
	wl_list_remove(&renderer->process_exited.link);
	process_finish(&renderer->process);
}

char *renderer_find_obstacle(const char *executable) {
	// A filter at no address is refused for that, if filters are known at all.
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) != 0 && errno == EINVAL) {
		return format_string(
			"the kernel has no seccomp filters, which seal redecho-render");
	}
	if (strchr(executable, '/') == NULL || access(executable, X_OK) == 0) {
		return NULL;
	}
	return errno == ENOENT ? format_string("redecho-render is not installed")
			       : format_string("%s: %s", executable, strerror(errno));
}

/* Runs it with the socket. Returns its pid or -errno. */
static pid_t spawn(const char *executable, const char *node, int socket_fd) {
	const char *argv[] = {executable, SOCKET_FD_TEXT, node, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, socket_fd, SOCKET_FD);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, SOCKET_FD + 1);
	sigset_t none, defaults;
	sigemptyset(&none);
	sigfillset(&defaults);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	// As the bridge: no terminal's signal ends it, and it outlives redecho-vmd.
	posix_spawnattr_setflags(
		&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	pid_t pid;
	int error = posix_spawnp(&pid, executable, &actions, &attributes, (char **)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error == 0 ? pid : -error;
}

int renderer_start(struct renderer *renderer, const char *executable, const char *node) {
	close_socket(renderer);
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
		return -errno;
	}
	pid_t pid = spawn(executable, node, fds[1]);
	close(fds[1]);
	if (pid >= 0 && !process_watch(&renderer->process, renderer->loop, pid, 0)) {
		kill(pid, SIGKILL); // our own child that nobody has waited for
		pid = -ECHILD;
	}
	if (pid < 0) {
		close(fds[0]);
		return (int)pid;
	}
	renderer->socket_fd = fds[0];
	renderer->started_ms = now_ms();
	renderer->failed = false;
	return 0;
}

int renderer_take_socket(struct renderer *renderer) {
	int fd = renderer->socket_fd;
	renderer->socket_fd = -1;
	return fd;
}

void renderer_adopt(struct renderer *renderer, pid_t pid, uint64_t start_time) {
	if (pid > 0 && start_time != 0 &&
		process_watch(&renderer->process, renderer->loop, pid, start_time)) {
		renderer->started_ms = now_ms() - RENDERER_EARLY_MS; // its age is not known
	}
}

void renderer_kill(struct renderer *renderer) {
	close_socket(renderer);
	if (renderer->process.pid == 0) {
		return;
	}
	process_kill(&renderer->process);
	count_end(renderer);
}

bool renderer_may_start(const struct renderer *renderer) {
	return renderer->early_ends < RENDERER_EARLY_MAX;
}

void renderer_reset(struct renderer *renderer) {
	renderer->early_ends = 0;
	renderer->failed = false;
}

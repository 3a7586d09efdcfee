#include "renderer_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_FD 3

/** Try the places in turn; comes back when there is none. */
static void exec_renderer(const char *render_node) {
	static const char *const places[] = {"redecho-render", "../render/redecho-render"};
	char number[12], self[PATH_MAX];
	snprintf(number, sizeof(number), "%d", SOCKET_FD);
	char *const argv[] = {"redecho-render", number, (char *)(uintptr_t)render_node, NULL};
	const ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash = NULL;
	if (length > 0) {
		self[length] = '\0';
		slash = strrchr(self, '/');
	}
	for (size_t i = 0; slash != NULL && i < sizeof(places) / sizeof(places[0]); i++) {
		const size_t room = sizeof(self) - (size_t)(slash + 1 - self);
		if ((size_t)snprintf(slash + 1, room, "%s", places[i]) < room) {
			execv(self, argv);
		}
	}
	execvp(argv[0], argv);
}

static void run_child(int socket_fd, const char *render_node) {
	if (dup2(socket_fd, SOCKET_FD) < 0 || close_range(SOCKET_FD + 1, ~0U, 0) != 0) {
		_exit(1);
	}
	fcntl(SOCKET_FD, F_SETFD, 0); // where it had the number already
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGCHLD, SIG_DFL);
	exec_renderer(render_node);
	fprintf(stderr, "redecho-bridge: redecho-render: %s\n", strerror(errno));
	_exit(127);
}

int renderer_process_start(const char *render_node) {
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		return -1;
	}
	signal(SIGCHLD, SIG_IGN); // the kernel reaps it
	const pid_t pid = fork();
	if (pid == 0) {
		run_child(pair[1], render_node);
	}
	const int error = errno;
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		errno = error;
		return -1;
	}
	return pair[0];
}

#include "bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bridge_control.h"
#include "file.h"
#include "log.h"

#define KILL_AFTER_MS 500

/* The sockets' file descriptors in the bridge: these, and no other but the standard three. */
#define FIRST_FD 3
#define END_FD (FIRST_FD + BRIDGE_SOCKET_COUNT)

#define ARGUMENTS_MAX 16 // beside those

extern char **environ;

/* The sockets' names are one letter: their paths have 107 bytes at most. */
static const struct {
	const char *file;
	const char *option;
} sockets[BRIDGE_SOCKET_COUNT] = {
	[BRIDGE_SOCKET_GPU] = {"g", "--gpu-fd"},
	[BRIDGE_SOCKET_KEYBOARD] = {"k", "--keyboard-fd"},
	[BRIDGE_SOCKET_TABLET] = {"t", "--tablet-fd"},
	[BRIDGE_SOCKET_MOUSE] = {"m", "--mouse-fd"},
	[BRIDGE_SOCKET_CONTROL] = {"c", "--control-fd"},
};

char *bridge_socket_path(const struct bridge *bridge, enum bridge_socket socket) {
	return format_string("%s/%s", bridge->folder, sockets[socket].file);
}

static void handle_process_exited(struct wl_listener *listener, void *data) {
	struct bridge *bridge = wl_container_of(listener, bridge, process_exited);
	bridge_control_destroy(bridge->control);
	bridge->control = NULL;
	bridge->has_display = false;
	wl_signal_emit_mutable(&bridge->events.died, NULL);
}

static int handle_kill_timer(void *data) {
	struct bridge *bridge = data;
	process_signal(&bridge->process, SIGKILL);
	return 0;
}

void bridge_init(struct bridge *bridge, struct wl_event_loop *loop, const char *folder) {
	*bridge = (struct bridge){.loop = loop};
	wl_signal_init(&bridge->events.display);
	wl_signal_init(&bridge->events.died);
	wl_signal_init(&bridge->events.renderer_wanted);
	wl_signal_init(&bridge->events.renderer_lost);
	bridge->folder = format_string("%s", folder);
	process_init(&bridge->process);
	bridge->process_exited.notify = handle_process_exited;
	wl_signal_add(&bridge->process.events.exited, &bridge->process_exited);
	bridge->kill_timer = wl_event_loop_add_timer(loop, handle_kill_timer, bridge);
}

void bridge_release(struct bridge *bridge) {
	bridge_control_destroy(bridge->control);
	bridge->control = NULL;
	wl_list_remove(&bridge->process_exited.link);
	wl_list_init(&bridge->process_exited.link);
	process_finish(&bridge->process);
	process_init(&bridge->process);
}

void bridge_finish(struct bridge *bridge) {
	process_signal(&bridge->process, SIGKILL);
	bridge_control_destroy(bridge->control);
	bridge_close_kept(bridge);
	wl_list_remove(&bridge->process_exited.link);
	process_finish(&bridge->process);
	if (bridge->kill_timer != NULL) {
		wl_event_source_remove(bridge->kill_timer);
	}
	free(bridge->folder);
}

static void handle_control_display(void *data, uint32_t connected) {
	struct bridge *bridge = data;
	bridge->has_display = connected != 0;
	wl_signal_emit_mutable(&bridge->events.display, NULL);
}

static void handle_control_fd(void *data, uint32_t kind, uint32_t index, int fd) {
	struct bridge *bridge = data;
	for (size_t i = 0; i < bridge->kept_count; i++) {
		struct bridge_kept_fd *kept = &bridge->kept[i];
		if (kept->kind == kind && kept->index == index) {
			close(kept->fd);
			kept->fd = fd;
			return;
		}
	}
	if (bridge->kept_count == BRIDGE_KEPT_FDS_MAX) {
		close(fd);
		log_error("%s: the bridge sends too many file descriptors", bridge->folder);
		process_signal(&bridge->process, SIGKILL);
		return;
	}
	bridge->kept[bridge->kept_count++] = (struct bridge_kept_fd){kind, index, fd};
}

static void handle_control_broken(void *data, const char *untrusted_reason) {
	struct bridge *bridge = data;
	// Its text goes no further than the length: a log is read in terminals.
	log_error("%s: a device broke (%zu bytes of reason)", bridge->folder,
		strlen(untrusted_reason));
}

static void handle_control_renderer_wanted(void *data) {
	struct bridge *bridge = data;
	wl_signal_emit_mutable(&bridge->events.renderer_wanted, NULL);
}

static void handle_control_renderer_lost(void *data, const char *untrusted_reason) {
	struct bridge *bridge = data;
	wl_signal_emit_mutable(&bridge->events.renderer_lost, NULL);
}

static void handle_control_closed(void *data) {
	struct bridge *bridge = data;
	bridge_control_destroy(bridge->control);
	bridge->control = NULL;
	// Mostly it is dead already, and its exit comes next. If not, nobody steers it any more.
	process_signal(&bridge->process, SIGKILL);
}

static const struct bridge_control_listener control_listener = {
	.display = handle_control_display,
	.fd = handle_control_fd,
	.broken = handle_control_broken,
	.renderer_wanted = handle_control_renderer_wanted,
	.renderer_lost = handle_control_renderer_lost,
	.closed = handle_control_closed,
};

static int socket_address(
	const struct bridge *bridge, enum bridge_socket which, struct sockaddr_un *address) {
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	int length = snprintf(address->sun_path, sizeof(address->sun_path), "%s/%s", bridge->folder,
		sockets[which].file);
	return length < (int)sizeof(address->sun_path) ? 0 : -ENAMETOOLONG;
}

/* Returns the listening socket or -errno. */
static int listen_on(const struct bridge *bridge, enum bridge_socket which) {
	struct sockaddr_un address;
	int error = socket_address(bridge, which, &address);
	if (error != 0) {
		return error;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return -errno;
	}
	unlink(address.sun_path); // of a machine that had the name before
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 4) != 0) {
		error = -errno;
		close(fd);
		return error;
	}
	// Out of the way of the bridge's numbers.
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, END_FD);
	error = moved < 0 ? -errno : 0;
	close(fd);
	return error != 0 ? error : moved;
}

static int connect_control(struct bridge *bridge) {
	struct sockaddr_un address;
	int error = socket_address(bridge, BRIDGE_SOCKET_CONTROL, &address);
	if (error != 0) {
		return error;
	}
	// Non-blocking: a bridge that hangs with a full backlog is an error, not a wait.
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -errno;
	}
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		error = -errno;
		close(fd);
		return error;
	}
	bridge->control = bridge_control_create(bridge->loop, fd, &control_listener, bridge);
	return bridge->control != NULL ? 0 : -ENOMEM;
}

/* Runs the bridge with the sockets as inherited file descriptors. Returns its pid or -errno. */
static pid_t spawn(const struct bridge_options *options, const int fds[BRIDGE_SOCKET_COUNT]) {
	char numbers[BRIDGE_SOCKET_COUNT][12], displays[12];
	const char *argv[ARGUMENTS_MAX + 2 * BRIDGE_SOCKET_COUNT + 1] = {options->executable,
		"--title", options->title, "--name", options->name, "--displays", displays};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	size_t argc = 7;
	snprintf(displays, sizeof(displays), "%u", options->displays);
	if (options->virgl) {
		argv[argc++] = "--graphics";
		argv[argc++] = "virgl";
	}
	if (options->device) {
		argv[argc++] = "--transport";
		argv[argc++] = "device";
	}
	for (int i = 0; i < BRIDGE_SOCKET_COUNT; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "%d", FIRST_FD + i);
		argv[argc++] = sockets[i].option;
		argv[argc++] = numbers[i];
		posix_spawn_file_actions_adddup2(&actions, fds[i], FIRST_FD + i);
	}
	// libvirt keeps a log open without close-on-exec.
	posix_spawn_file_actions_addclosefrom_np(&actions, END_FD);
	// A session of its own: no terminal's signal, and none for us, ends it.
	sigset_t none, defaults;
	sigemptyset(&none);
	sigfillset(&defaults);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(
		&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	pid_t pid;
	int error = posix_spawnp(
		&pid, options->executable, &actions, &attributes, (char **)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error == 0 ? pid : -error;
}

int bridge_start(struct bridge *bridge, const struct bridge_options *options) {
	int fds[BRIDGE_SOCKET_COUNT];
	int count = 0, error = 0;
	while (count < BRIDGE_SOCKET_COUNT && error == 0) {
		int fd = listen_on(bridge, (enum bridge_socket)count);
		if (fd < 0) {
			error = fd;
		} else {
			fds[count++] = fd;
		}
	}
	pid_t pid = 0;
	if (error == 0) {
		pid = spawn(options, fds);
		error = pid < 0 ? (int)pid : 0;
	}
	for (int i = 0; i < count; i++) {
		close(fds[i]);
	}
	if (error != 0) {
		return error;
	}
	if (!process_watch(&bridge->process, bridge->loop, pid, 0)) {
		kill(pid,
			SIGKILL); // our own child that nobody has waited for: the number is its own
		return -ECHILD;
	}
	return connect_control(bridge);
}

int bridge_adopt(struct bridge *bridge, pid_t pid, uint64_t start_time) {
	if (!process_watch(&bridge->process, bridge->loop, pid, start_time)) {
		return -ESRCH;
	}
	return connect_control(bridge);
}

void bridge_set_wayland(struct bridge *bridge, int fd) {
	if (bridge->control == NULL) {
		close(fd);
		return;
	}
	bridge_control_set_wayland(bridge->control, fd);
}

void bridge_set_display_bus(struct bridge *bridge, int fd) {
	if (bridge->control == NULL) {
		close(fd);
		return;
	}
	bridge_control_set_display_bus(bridge->control, fd);
}

void bridge_set_renderer(struct bridge *bridge, int fd) {
	if (bridge->control == NULL) {
		close(fd);
		return;
	}
	bridge_control_set_renderer(bridge->control, fd);
}

void bridge_close_kept(struct bridge *bridge) {
	for (size_t i = 0; i < bridge->kept_count; i++) {
		close(bridge->kept[i].fd);
	}
	bridge->kept_count = 0;
}

void bridge_end(struct bridge *bridge) {
	process_signal(&bridge->process, SIGTERM);
	if (bridge->process.pid != 0 && bridge->kill_timer != NULL) {
		wl_event_source_timer_update(bridge->kill_timer, KILL_AFTER_MS);
	}
}

#include "nest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fake_cmocka.h"

#define TICK_MS 10

static void wait_a_tick(void) {
	nanosleep(&(struct timespec){.tv_nsec = TICK_MS * 1000000}, NULL);
}

static void set_path(char out[100], const struct nest *nest, const char *name) {
	snprintf(out, 100, "%s/%s", nest->folder, name);
}

pid_t nest_start_process(struct nest *nest, const char *log, const char *command) {
	char path[100];
	set_path(path, nest, log);
	const pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid > 0) {
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that crashes leaves nothing running
	const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	setenv("XDG_RUNTIME_DIR", nest->folder, 1);
	setenv("WLR_BACKENDS", "headless", 1);
	setenv("WLR_RENDERER", "pixman", 1);
	setenv("REDECHO_LOG", "debug", 1);
	unsetenv("DISPLAY");
	unsetenv("WAYLAND_SOCKET");
	if (nest->display[0] != '\0') {
		setenv("WAYLAND_DISPLAY", nest->display, 1);
	} else {
		unsetenv("WAYLAND_DISPLAY");
	}
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

bool nest_end_process(pid_t pid, int number) {
	if (pid <= 0 || kill(pid, number) != 0) {
		return false;
	}
	for (int waited = 0; waited < 3000; waited += TICK_MS) {
		if (waitpid(pid, NULL, WNOHANG) == pid) {
			return true;
		}
		wait_a_tick();
	}
	kill(pid, SIGKILL);
	return waitpid(pid, NULL, 0) == pid;
}

static bool find_display(struct nest *nest) {
	DIR *folder = opendir(nest->folder);
	assert_non_null(folder);
	struct dirent *entry;
	nest->display[0] = '\0';
	while ((entry = readdir(folder)) != NULL) {
		if (strncmp(entry->d_name, "wayland-", 8) == 0 &&
			strchr(entry->d_name, '.') == NULL) {
			snprintf(nest->display, sizeof(nest->display), "%.60s", entry->d_name);
		}
	}
	closedir(folder);
	return nest->display[0] != '\0';
}

static void show_log(const struct nest *nest, const char *name) {
	char path[100], line[512];
	set_path(path, nest, name);
	FILE *file = fopen(path, "r");
	if (file == NULL) {
		return;
	}
	print_message("--- %s\n", name);
	while (fgets(line, sizeof(line), file) != NULL) {
		print_message("%s", line);
	}
	fclose(file);
}

static void write_sway_config(const struct nest *nest) {
	char path[100];
	set_path(path, nest, "sway.conf");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file,
		"output HEADLESS-1 mode %dx%d@60Hz\n"
		"default_border none\n"
		"focus_follows_mouse no\n",
		NEST_WIDTH, NEST_HEIGHT);
	fclose(file);
}

void nest_start_compositor(struct nest *nest) {
	char command[512];
	nest->display[0] = '\0';
	if (nest->kind == NEST_SWAY) {
		snprintf(command, sizeof(command), "exec sway -c %s/sway.conf", nest->folder);
	} else {
		snprintf(command, sizeof(command),
			"exec weston --backend=headless --renderer=pixman --no-config "
			"--width=%d --height=%d --refresh-rate=%u --idle-time=0 --socket=wayland-9",
			NEST_WIDTH, NEST_HEIGHT, nest->refresh_mhz > 0 ? nest->refresh_mhz : 60000);
	}
	nest->compositor = nest_start_process(nest, "compositor.log", command);
	for (int waited = 0; !find_display(nest); waited += TICK_MS) {
		if (waited > NEST_PATIENCE_MS || waitpid(nest->compositor, NULL, WNOHANG) != 0) {
			show_log(nest, "compositor.log");
			fail_msg("the compositor did not start");
		}
		wait_a_tick();
	}
}

static void begin(struct nest *nest, enum nest_compositor kind, unsigned refresh_mhz) {
	const char *name = kind == NEST_SWAY ? "sway" : "weston";
	char command[64];
	snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", name);
	if (system(command) != 0) {
		print_message("%s is not installed\n", name);
		skip();
	}
	*nest = (struct nest){
		.kind = kind, .refresh_mhz = refresh_mhz, .folder = "/tmp/re-nest.XXXXXX"};
	assert_non_null(mkdtemp(nest->folder));
	set_path(nest->gpu_path, nest, "gpu");
	set_path(nest->keyboard_path, nest, "keyboard");
	set_path(nest->tablet_path, nest, "tablet");
	set_path(nest->control_path, nest, "control");
	set_path(nest->trace_path, nest, "trace");
	write_sway_config(nest);
	nest_start_compositor(nest);
}

void nest_begin(struct nest *nest, enum nest_compositor kind) {
	begin(nest, kind, 0);
}

void nest_begin_paced(struct nest *nest, unsigned refresh_mhz) {
	begin(nest, NEST_WESTON, refresh_mhz);
}

void nest_kill_compositor(struct nest *nest) {
	nest_end_process(nest->compositor, SIGKILL);
	nest->compositor = 0;
	char path[200];
	snprintf(path, sizeof(path), "%s/%s", nest->folder, nest->display);
	unlink(path);
}

void nest_end(struct nest *nest, bool failed) {
	if (nest->bridge > 0) {
		nest_end_process(nest->bridge, SIGTERM);
	}
	if (nest->compositor > 0) {
		nest_end_process(nest->compositor, SIGTERM);
	}
	if (failed) {
		show_log(nest, "compositor.log");
		show_log(nest, "bridge.log");
		show_log(nest, "qemu.log");
		show_log(nest, "serial.log");
	}
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", nest->folder);
	assert_int_equal(system(command), 0);
}

static void start_bridge(struct nest *nest, bool traced, unsigned displays) {
	const char *bridge = getenv("REDECHO_BRIDGE");
	assert_non_null(bridge);
	char trace[256] = "", command[1024];
	if (traced) {
		snprintf(trace, sizeof(trace), "strace -f -o %s -e trace=%s -- ", nest->trace_path,
			"open,openat,openat2,creat,socket,socketpair,connect,execve,clone,clone3,"
			"fork,vfork");
	}
	snprintf(command, sizeof(command),
		"exec %s\"%s\" --gpu %s --keyboard %s --tablet %s --title Test --displays %u",
		trace, bridge, nest->gpu_path, nest->keyboard_path, nest->tablet_path, displays);
	nest->bridge = nest_start_process(nest, "bridge.log", command);
	struct stat status;
	for (int waited = 0; stat(nest->tablet_path, &status) != 0; waited += TICK_MS) {
		if (waited > NEST_PATIENCE_MS || waitpid(nest->bridge, NULL, WNOHANG) != 0) {
			show_log(nest, "bridge.log");
			fail_msg("the bridge did not start");
		}
		wait_a_tick();
	}
}

void nest_start_bridge(struct nest *nest, bool traced) {
	start_bridge(nest, traced, 1);
}

void nest_start_bridge_displays(struct nest *nest, unsigned displays) {
	start_bridge(nest, false, displays);
}

static struct sockaddr_un to_address(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_true(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	return address;
}

/** A listening socket that a program started from here inherits. */
static int listen_on(const char *path) {
	const struct sockaddr_un address = to_address(path);
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

void nest_start_steered_bridge(struct nest *nest) {
	const char *bridge = getenv("REDECHO_BRIDGE");
	assert_non_null(bridge);
	const int fds[] = {
		listen_on(nest->gpu_path),
		listen_on(nest->keyboard_path),
		listen_on(nest->tablet_path),
		listen_on(nest->control_path),
	};
	char command[1024];
	snprintf(command, sizeof(command),
		"exec \"%s\" --gpu-fd %d --keyboard-fd %d --tablet-fd %d --control-fd %d "
		"--name test --title Test",
		bridge, fds[0], fds[1], fds[2], fds[3]);
	nest->bridge = nest_start_process(nest, "bridge.log", command);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		close(fds[i]);
	}
}

int nest_connect_to_compositor(struct nest *nest) {
	char path[200];
	snprintf(path, sizeof(path), "%s/%s", nest->folder, nest->display);
	const struct sockaddr_un address = to_address(path);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

int nest_wait_bridge(struct nest *nest) {
	for (int waited = 0; waited < NEST_PATIENCE_MS; waited += TICK_MS) {
		int status;
		if (waitpid(nest->bridge, &status, WNOHANG) == nest->bridge) {
			nest->bridge = 0;
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
		wait_a_tick();
	}
	return -1;
}

int nest_run(struct nest *nest, const char *command) {
	int status;
	char with_socket[512];
	snprintf(with_socket, sizeof(with_socket),
		"SWAYSOCK=$(echo $XDG_RUNTIME_DIR/sway-ipc.*.sock); export SWAYSOCK; %s", command);
	const pid_t pid = nest_start_process(nest, "commands.log", with_socket);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct fake_device *nest_connect_gpu(struct nest *nest, struct fake_guest *guest) {
	struct fake_device *device = fake_device_connect(guest, nest->gpu_path);
	assert_non_null(device);
	assert_true(fake_gpu_start(device,
		UINT64_C(1) << VIRTIO_GPU_F_EDID | UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX |
			UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC));
	return device;
}

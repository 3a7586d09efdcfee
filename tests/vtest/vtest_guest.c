/*
 * Runs an OpenGL program of this system as if it ran in a machine: what it draws goes through a
 * fake guest's virtio-gpu device to redecho-bridge, without QEMU.
 *
 * Usage: vtest_guest --gpu SOCKET --preload LIBRARY [--stats] -- PROGRAM [ARGUMENT...]
 *
 * SOCKET is redecho-bridge's --gpu. LIBRARY is guest_memory.c. Exits with the program's status;
 * --stats tells on standard error what the guest asked for.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fake_gl.h"
#include "fake_gpu.h"
#include "fake_vtest.h"

#define GUEST_BYTES (UINT64_C(2) << 30) // as much as is touched
#define BACKING_BYTES (UINT64_C(900) << 20)
#define CONNECT_MS 10000

struct options {
	const char *gpu, *preload;
	bool stats;
	char **program;
};

struct run {
	struct fake_guest *guest;
	struct fake_device *device;
	struct fake_gl gl;
	struct fake_vtest vtest;
	char folder[32], path[64];
	int listen_fd, signal_fd;
	pid_t pid;
	sigset_t old_signals;
};

static _Noreturn void fail(const char *what) {
	fprintf(stderr, "vtest_guest: %s\n", what);
	exit(125);
}

static bool parse(struct options *options, int argc, char *argv[]) {
	static const struct option rows[] = {
		{"gpu", required_argument, NULL, 'g'},
		{"preload", required_argument, NULL, 'p'},
		{"stats", no_argument, NULL, 's'},
		{0},
	};
	int option;
	while ((option = getopt_long(argc, argv, "+", rows, NULL)) != -1) {
		switch (option) {
		case 'g':
			options->gpu = optarg;
			break;
		case 'p':
			options->preload = optarg;
			break;
		case 's':
			options->stats = true;
			break;
		default:
			return false;
		}
	}
	options->program = &argv[optind];
	return options->gpu != NULL && options->preload != NULL && argv[optind] != NULL;
}

// --- The device ---------------------------------------------------------------------------

static void start_device(struct run *run, const char *path) {
	const uint64_t features = UINT64_C(1) << VIRTIO_GPU_F_VIRGL |
		UINT64_C(1) << VIRTIO_GPU_F_CONTEXT_INIT |
		UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC | UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX;
	run->guest = fake_guest_create(GUEST_BYTES);
	for (int i = 0; i < CONNECT_MS / 10 && run->device == NULL; i++) {
		run->device = fake_device_connect(run->guest, path);
		if (run->device == NULL) {
			nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
		}
	}
	if (run->device == NULL) {
		fail("nobody listens on the socket of --gpu");
	}
	if (!fake_gpu_start(run->device, features)) {
		fail("the bridge does not start");
	}
	if ((run->device->features & 1 << VIRTIO_GPU_F_VIRGL) == 0) {
		fail("the bridge offers no 3D");
	}
	fake_gl_init(&run->gl, run->device, BACKING_BYTES);
	if (!fake_vtest_init(&run->vtest, &run->gl)) {
		fail("the bridge has no virgl capsets");
	}
}

// --- The program --------------------------------------------------------------------------

static void listen_for_it(struct run *run) {
	strcpy(run->folder, "/tmp/re-vtest.XXXXXX");
	if (mkdtemp(run->folder) == NULL) {
		fail("no folder for the socket");
	}
	snprintf(run->path, sizeof(run->path), "%s/vtest", run->folder);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, run->path);
	run->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (run->listen_fd < 0 ||
		bind(run->listen_fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
		listen(run->listen_fd, FAKE_VTEST_CLIENTS) != 0) {
		fail("no socket for the program");
	}
}

static void start_program(struct run *run, const struct options *options) {
	struct stat memory;
	char inode[24];
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, &run->old_signals);
	run->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (run->signal_fd < 0 || fstat(run->vtest.memory_fd, &memory) != 0) {
		fail("no signals");
	}
	snprintf(inode, sizeof(inode), "%llu", (unsigned long long)memory.st_ino);
	run->pid = fork();
	if (run->pid != 0) {
		return;
	}
	sigprocmask(SIG_SETMASK, &run->old_signals, NULL);
	setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
	setenv("GALLIUM_DRIVER", "virpipe", 1);
	setenv("VIRGL_DEBUG", "nocoherent", 1); // that takes blobs; a kernel would tell
	setenv("VTEST_SOCKET_NAME", run->path, 1);
	setenv("FAKE_GUEST_MEMORY", inode, 1);
	setenv("LD_PRELOAD", options->preload, 1);
	execvp(options->program[0], options->program);
	fprintf(stderr, "vtest_guest: %s: %s\n", options->program[0], strerror(errno));
	_exit(127);
}

static void serve_until_it_ends(struct run *run) {
	struct pollfd fds[2 + FAKE_VTEST_CLIENTS] = {
		{.fd = run->listen_fd, .events = POLLIN},
		{.fd = run->signal_fd, .events = POLLIN},
	};
	while (fds[1].revents == 0) {
		for (unsigned i = 0; i < FAKE_VTEST_CLIENTS; i++) {
			fds[2 + i] = (struct pollfd){run->vtest.clients[i].fd, POLLIN, 0};
		}
		if (poll(fds, sizeof(fds) / sizeof(fds[0]), -1) < 0 && errno != EINTR) {
			fail("poll");
		}
		if (fds[0].revents != 0) {
			fake_vtest_accept(
				&run->vtest, accept4(run->listen_fd, NULL, NULL, SOCK_CLOEXEC));
		}
		for (unsigned i = 0; i < FAKE_VTEST_CLIENTS; i++) {
			if (fds[2 + i].revents != 0) {
				fake_vtest_read(&run->vtest.clients[i]);
			}
		}
	}
}

static int finish(struct run *run, bool stats) {
	int status;
	waitpid(run->pid, &status, 0);
	fake_vtest_finish(&run->vtest);
	fake_gl_finish(&run->gl);
	const struct fake_queue *queue = &run->device->queues[FAKE_GPU_CONTROL];
	if (stats) {
		fprintf(stderr,
			"vtest_guest: commands %llu submits %llu fences %llu waits %llu kicks %llu "
			"calls %llu refused %llu\n",
			(unsigned long long)run->gl.commands, (unsigned long long)run->gl.submits,
			(unsigned long long)run->gl.fences_sent, (unsigned long long)run->gl.waits,
			(unsigned long long)queue->kicks, (unsigned long long)queue->calls,
			(unsigned long long)run->gl.refused);
	}
	if (run->gl.refused > 0) {
		status = 124 << 8;
	}
	fake_device_destroy(run->device);
	fake_guest_destroy(run->guest);
	close(run->listen_fd);
	close(run->signal_fd);
	unlink(run->path);
	rmdir(run->folder);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char *argv[]) {
	static struct run run;
	struct options options = {0};
	if (!parse(&options, argc, argv)) {
		fprintf(stderr,
			"usage: vtest_guest --gpu SOCKET --preload LIBRARY [--stats] -- "
			"PROGRAM [ARGUMENT...]\n");
		return 125;
	}
	start_device(&run, options.gpu);
	listen_for_it(&run);
	start_program(&run, &options);
	serve_until_it_ends(&run);
	return finish(&run, options.stats);
}

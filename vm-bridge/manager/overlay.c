#include "overlay.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "file.h"

extern char **environ;

void overlay_copy(struct overlay *to, const struct overlay *from) {
	*to = (struct overlay){.backing_qcow2 = from->backing_qcow2};
	if (from->path != NULL) {
		to->path = format_string("%s", from->path);
		to->backing = format_string("%s", from->backing);
	}
}

void overlay_finish(struct overlay *overlay) {
	free(overlay->path);
	free(overlay->backing);
	*overlay = (struct overlay){0};
}

char *overlay_create(const struct overlay *overlay) {
	const char *argv[] = {"qemu-img", "create", "-q", "-f", "qcow2", "-F",
		overlay->backing_qcow2 ? "qcow2" : "raw", "-b", overlay->backing, "--",
		overlay->path, NULL};
	// The worker's signals are all blocked; the child's must not be.
	posix_spawnattr_t attributes;
	sigset_t none;
	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	pid_t pid;
	int error = posix_spawnp(&pid, argv[0], NULL, &attributes, (char **)argv, environ);
	posix_spawnattr_destroy(&attributes);
	if (error != 0) {
		return format_string("qemu-img: %s", strerror(error));
	}
	int status;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			return format_string("qemu-img: %s", strerror(errno));
		}
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		return format_string("qemu-img could not make an overlay of %s", overlay->backing);
	}
	return NULL;
}

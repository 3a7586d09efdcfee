#include "accel.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "kvm_probe.h"
#include "log.h"

/* How often the time-out is repeated for a child that hardly ran. */
#define PATIENCE 3

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

/* The boot's id without its newline, to be freed, or NULL. */
static char *read_boot_id(void) {
	size_t size_bytes;
	char *id = file_read(BOOT_ID_PATH, 64, &size_bytes);
	if (id != NULL) {
		id[strcspn(id, "\n")] = '\0';
	}
	return id;
}

/* What is cached: the verdicts of code that ran, by name. */
static const char *const cached_names[] = {
	[KVM_WORKS] = "works",
	[KVM_ABSENT] = NULL,
	[KVM_DENIED] = NULL,
	[KVM_BROKEN] = "broken",
	[KVM_SLOW] = "slow",
};

#define CACHED_NAME_COUNT (sizeof(cached_names) / sizeof(cached_names[0]))

/* A cached answer holds for one boot: kernel, modules and nesting cannot change within it. */
static bool read_cache(const struct accel *accel, enum kvm_verdict *verdict) {
	char *boot_id = read_boot_id();
	size_t size_bytes;
	char *cached = accel->cache_path != NULL ? file_read(accel->cache_path, 128, &size_bytes)
						 : NULL;
	bool found = false;
	for (size_t i = 0; boot_id != NULL && cached != NULL && i < CACHED_NAME_COUNT; i++) {
		if (cached_names[i] != NULL) {
			char *line = format_string("%s %s\n", boot_id, cached_names[i]);
			if (strcmp(cached, line) == 0) {
				found = true;
				*verdict = (enum kvm_verdict)i;
			}
			free(line);
		}
	}
	free(cached);
	free(boot_id);
	return found;
}

static void write_cache(const struct accel *accel, enum kvm_verdict verdict) {
	char *boot_id = read_boot_id();
	if (boot_id != NULL && accel->cache_path != NULL) {
		char *line = format_string("%s %s\n", boot_id, cached_names[verdict]);
		int error = file_write(accel->cache_path, line, strlen(line), 0600);
		if (error != 0) {
			log_debug("%s: %s", accel->cache_path, strerror(-error));
		}
		free(line);
	}
	free(boot_id);
}

static const char *notice_of(enum kvm_verdict verdict) {
	switch (verdict) {
	case KVM_WORKS:
		return "";
	case KVM_ABSENT:
		return "Machines run without KVM, slowly: there is no /dev/kvm. Turn "
		       "virtualisation "
		       "on in the firmware's set-up, or: sudo modprobe -a kvm_intel kvm_amd";
	case KVM_DENIED:
		return "Machines run without KVM, slowly: /dev/kvm may not be opened. "
		       "sudo usermod -aG kvm \"$USER\", then log in again";
	case KVM_BROKEN:
		return "Machines run without KVM: /dev/kvm does not run 64-bit code as it should. "
		       "To use it all the same: --accel kvm";
	case KVM_SLOW:
		return "Machines run without KVM: this /dev/kvm is an emulation slower than QEMU's "
		       "own. To use it all the same: --accel kvm";
	}
	return "";
}

static void set_verdict(struct accel *accel, enum kvm_verdict verdict) {
	accel->decided = true;
	accel->kvm = verdict == KVM_WORKS;
	snprintf(accel->notice, sizeof(accel->notice), "%s", notice_of(verdict));
}

static void end_probe(struct accel *accel) {
	if (accel->pipe_source != NULL) {
		wl_event_source_remove(accel->pipe_source);
		accel->pipe_source = NULL;
	}
	if (accel->timer != NULL) {
		wl_event_source_remove(accel->timer);
		accel->timer = NULL;
	}
	if (accel->pipe_fd >= 0) {
		close(accel->pipe_fd);
		accel->pipe_fd = -1;
	}
	if (accel->child > 0) {
		kill(accel->child, SIGKILL); // its end, which may take a while, is told by SIGCHLD
		accel_bury(accel);
	}
}

void accel_bury(struct accel *accel) {
	if (accel->child > 0 && waitpid(accel->child, NULL, WNOHANG) == accel->child) {
		accel->child = -1;
	}
}

static void conclude(struct accel *accel, enum kvm_verdict verdict) {
	end_probe(accel);
	set_verdict(accel, verdict);
	if (cached_names[verdict] != NULL) {
		write_cache(accel, verdict);
	}
	wl_signal_emit_mutable(&accel->events.decided, NULL);
}

static int handle_answer(int fd, uint32_t mask, void *data) {
	struct accel *accel = data;
	uint8_t verdict;
	ssize_t got = read(fd, &verdict, sizeof(verdict));
	if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
		return 0;
	}
	// End of file: the child died in the attempt.
	conclude(accel, got == 1 && verdict < KVM_SLOW ? verdict : KVM_BROKEN);
	return 0;
}

/* The processor time that a process has had, in milliseconds. */
static int64_t used_ms(pid_t pid) {
	clockid_t clock;
	struct timespec used;
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
		return INT64_MAX;
	}
	return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

static int handle_timeout(void *data) {
	struct accel *accel = data;
	// On a host that is busy, as at a log-in, the child may hardly have run yet.
	if (accel->patience > 0 && used_ms(accel->child) < accel->timeout_ms / 2) {
		accel->patience--;
		wl_event_source_timer_update(accel->timer, accel->timeout_ms);
		return 0;
	}
	conclude(accel, KVM_SLOW);
	return 0;
}

static bool start_probe(
	struct accel *accel, struct wl_event_loop *loop, const struct accel_options *options) {
	int fds[2];
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) {
		return false;
	}
	accel->pipe_fd = fds[0];
	accel->pipe_source = wl_event_loop_add_fd(
		loop, fds[0], WL_EVENT_READABLE, handle_answer, accel);
	accel->timer = wl_event_loop_add_timer(loop, handle_timeout, accel);
	if (accel->pipe_source != NULL && accel->timer != NULL) {
		accel->child = fork();
	}
	if (accel->child == 0) {
		uint8_t verdict = (uint8_t)kvm_probe(options->kvm_path);
		ssize_t written = write(fds[1], &verdict, sizeof(verdict));
		_exit(written == 1 ? 0 : 1);
	}
	close(fds[1]);
	if (accel->child < 0) {
		return false;
	}
	wl_event_source_timer_update(accel->timer, options->timeout_ms);
	return true;
}

struct accel *accel_create(struct wl_event_loop *loop, const struct accel_options *options) {
	struct accel *accel = calloc(1, sizeof(*accel));
	if (accel == NULL) {
		return NULL;
	}
	enum kvm_verdict cached;
	wl_signal_init(&accel->events.decided);
	accel->pipe_fd = -1;
	accel->child = -1;
	accel->timeout_ms = options->timeout_ms;
	accel->patience = PATIENCE;
	if (options->cache_path != NULL) {
		accel->cache_path = format_string("%s", options->cache_path);
	}
	if (options->choice != ACCEL_AUTO) {
		accel->decided = true;
		accel->kvm = options->choice == ACCEL_KVM;
	} else if (access(options->kvm_path, R_OK | W_OK) != 0) {
		// Not cached: the user can mend this at any time.
		set_verdict(accel, errno == ENOENT ? KVM_ABSENT : KVM_DENIED);
	} else if (read_cache(accel, &cached)) {
		set_verdict(accel, cached);
	} else if (!start_probe(accel, loop, options)) {
		end_probe(accel);
		set_verdict(accel, KVM_BROKEN);
	}
	return accel;
}

void accel_destroy(struct accel *accel) {
	if (accel == NULL) {
		return;
	}
	assert(wl_list_empty(&accel->events.decided.listener_list));
	end_probe(accel);
	free(accel->cache_path);
	free(accel);
}

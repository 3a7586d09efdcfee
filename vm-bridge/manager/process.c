#include "process.h"

#include <assert.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"

void process_init(struct process *process) {
	*process = (struct process){.pid_fd = -1};
	wl_signal_init(&process->events.exited);
}

void process_unwatch(struct process *process) {
	if (process->source != NULL) {
		wl_event_source_remove(process->source);
		process->source = NULL;
	}
	if (process->pid_fd >= 0) {
		close(process->pid_fd);
		process->pid_fd = -1;
	}
	process->pid = 0;
}

void process_finish(struct process *process) {
	assert(wl_list_empty(&process->events.exited.listener_list));
	process_unwatch(process);
}

static int handle_exit(int fd, uint32_t mask, void *data) {
	struct process *process = data;
	siginfo_t info = {0};
	// Only a child is ours to bury; for others this fails, which is right.
	waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG);
	process_unwatch(process);
	wl_signal_emit_mutable(&process->events.exited, NULL);
	return 0;
}

uint64_t process_start_time(pid_t pid) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	size_t size_bytes;
	char *stat = file_read(path, 4096, &size_bytes);
	if (stat == NULL) {
		return 0;
	}
	// The second field is a name in parentheses, which may hold anything. The time is the 22nd.
	char *at = strrchr(stat, ')');
	for (int field = 2; at != NULL && field < 22; field++) {
		at = strchr(at + 1, ' ');
	}
	uint64_t start_time = at != NULL ? strtoull(at + 1, NULL, 10) : 0;
	free(stat);
	return start_time;
}

bool process_watch(
	struct process *process, struct wl_event_loop *loop, pid_t pid, uint64_t start_time) {
	assert(process->pid == 0);
	if (pid <= 1) {
		return false;
	}
	process->pid_fd = pidfd_open(pid, 0);
	if (process->pid_fd < 0) {
		return false;
	}
	// After the pidfd is held: now the number's owner cannot change unnoticed.
	process->start_time = process_start_time(pid);
	if (process->start_time == 0 || (start_time != 0 && process->start_time != start_time)) {
		process_unwatch(process);
		return false;
	}
	process->pid = pid;
	process->loop = loop;
	process->source = wl_event_loop_add_fd(
		loop, process->pid_fd, WL_EVENT_READABLE, handle_exit, process);
	if (process->source == NULL) {
		process_unwatch(process);
		return false;
	}
	return true;
}

/* A process that was killed, until it has ended. */
struct killed {
	struct wl_event_source *source;
};

static int handle_killed_exit(int fd, uint32_t mask, void *data) {
	struct killed *killed = data;
	siginfo_t info = {0};
	waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG);
	wl_event_source_remove(killed->source);
	close(fd);
	free(killed);
	return 0;
}

void process_kill(struct process *process) {
	if (process->pid == 0) {
		return;
	}
	process_signal(process, SIGKILL);
	struct killed *killed = calloc(1, sizeof(*killed));
	if (killed == NULL) {
		abort();
	}
	wl_event_source_remove(process->source);
	process->source = NULL;
	killed->source = wl_event_loop_add_fd(
		process->loop, process->pid_fd, WL_EVENT_READABLE, handle_killed_exit, killed);
	if (killed->source != NULL) {
		process->pid_fd = -1; // it is the source's now
	} else {
		free(killed);
	}
	process_unwatch(process);
}

void process_signal(struct process *process, int signal) {
	if (process->pid_fd >= 0) {
		pidfd_send_signal(process->pid_fd, signal, NULL, 0);
	}
}

/* An entry of /proc/PID/stat, as far as it is needed. */
struct child {
	char command[64];
	char state;
	int parent, session;
};

static bool read_child(struct child *child, const char *number) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%.16s/stat", number);
	size_t size_bytes;
	char *stat = file_read(path, 4096, &size_bytes);
	// The name in parentheses may hold anything.
	char *name = stat != NULL ? strchr(stat, '(') : NULL;
	char *end = name != NULL ? strrchr(name, ')') : NULL;
	bool ok = false;
	if (end != NULL) {
		*end = '\0';
		snprintf(child->command, sizeof(child->command), "%s", name + 1);
		ok = sscanf(end + 1, " %c %d %*d %d", &child->state, &child->parent,
			     &child->session) == 3;
	}
	free(stat);
	return ok;
}

void process_reap_orphans(const char *command) {
	// waitid would tell of the oldest child alone, which may be one that others wait for.
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		struct child child;
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
			!read_child(&child, entry->d_name) || child.state != 'Z' ||
			child.parent != getpid() || child.session == getsid(0) ||
			strncmp(child.command, command, strlen(command)) != 0) {
			continue;
		}
		siginfo_t info;
		waitid(P_PID, (id_t)strtoul(entry->d_name, NULL, 10), &info, WEXITED | WNOHANG);
	}
	if (folder != NULL) {
		closedir(folder);
	}
}

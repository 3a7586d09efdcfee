#include "process.h"

#include <assert.h>
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
	process->source = wl_event_loop_add_fd(
		loop, process->pid_fd, WL_EVENT_READABLE, handle_exit, process);
	if (process->source == NULL) {
		process_unwatch(process);
		return false;
	}
	return true;
}

void process_signal(struct process *process, int signal) {
	if (process->pid_fd >= 0) {
		pidfd_send_signal(process->pid_fd, signal, NULL, 0);
	}
}

static bool command_begins_with(pid_t pid, const char *command) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	size_t size_bytes;
	char *comm = file_read(path, 256, &size_bytes);
	bool begins = comm != NULL && strncmp(comm, command, strlen(command)) == 0;
	free(comm);
	return begins;
}

void process_reap_orphans(const char *command) {
	siginfo_t info = {0};
	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
		if (getsid(info.si_pid) == getsid(0) ||
			!command_begins_with(info.si_pid, command)) {
			return; // somebody waits for that one; its turn ends with the next signal
		}
		waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG);
		info = (siginfo_t){0};
	}
}

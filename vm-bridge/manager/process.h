#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <wayland-server-core.h>

/**
 * A process that is watched and signalled by its pidfd: its number cannot come to mean
 * another one. It need not be a child.
 */
struct process {
	pid_t pid; // 0 when none is watched
	uint64_t start_time; // as in /proc/PID/stat, in clock ticks since boot

	struct {
		struct wl_signal exited; // data: NULL; pid is 0 by then
	} events;

	// private
	int pid_fd;
	struct wl_event_loop *loop;
	struct wl_event_source *source;
};

void process_init(struct process *process);

/** Stop watching; the process runs on. No listener may be left. */
void process_finish(struct process *process);

/**
 * Watch a process.
 *
 * start_time is what process_start_time once said, or 0 if the caller knows the process by
 * other means. Returns false when it is gone, or the number is another process's by now.
 */
bool process_watch(
	struct process *process, struct wl_event_loop *loop, pid_t pid, uint64_t start_time);

/** Forget the process; nothing is emitted. */
void process_unwatch(struct process *process);

/** Kill the process and forget it; nothing is emitted. It is buried when it has ended. */
void process_kill(struct process *process);

/** Does nothing when no process is watched. */
void process_signal(struct process *process, int signal);

/**
 * Bury the children that have ended and that nobody else waits for: orphans of our
 * descendants (the caller is their subreaper) whose command begins with this name. Daemons are
 * told from somebody's children by their session: a child that is waited for is in ours.
 */
void process_reap_orphans(const char *command);

/** Returns 0 when there is no such process. */
uint64_t process_start_time(pid_t pid);

#endif

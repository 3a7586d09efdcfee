#ifndef RENDERER_H
#define RENDERER_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "process.h"

/**
 * A machine's redecho-render: virglrenderer in a process of its own, which is replaced when it
 * ends or hangs, and is killed with the machine.
 *
 * It speaks with the bridge alone, over a socket pair that is made here.
 */
struct renderer {
	struct process process; // pid 0: none runs
	bool failed; // the last one ended early, and nobody had killed it

	struct {
		struct wl_signal ended; // by itself; data: NULL
	} events;

	// private
	struct wl_event_loop *loop;
	const char *owner; // borrowed; for the log
	int socket_fd; // the bridge's end, until it is taken; -1: none
	int64_t started_ms; // of the monotonic clock
	unsigned early_ends; // in a row
	struct wl_listener process_exited;
};

/** One that lives for less than this ended early. */
#define RENDERER_EARLY_MS 5000
/** After so many early ends in a row none is started any more. */
#define RENDERER_EARLY_MAX 3

void renderer_init(struct renderer *renderer, struct wl_event_loop *loop, const char *owner);

/** The process runs on: kill it first if it is not to. No listener may be left. */
void renderer_finish(struct renderer *renderer);

/** Why none can be started on this host, to be freed; NULL: it can be tried. */
char *renderer_find_obstacle(const char *executable);

/**
 * Start one. There must be none. node is the path of a render node; NULL: it draws in software.
 *
 * Returns 0 or -errno.
 */
int renderer_start(struct renderer *renderer, const char *executable, const char *node);

/** The bridge's end of the socket pair, which is the caller's; -1: there is none any more. */
int renderer_take_socket(struct renderer *renderer);

/** Take over one that a former redecho-vmd started. One that is gone is none. */
void renderer_adopt(struct renderer *renderer, pid_t pid, uint64_t start_time);

/** Kill it, and forget it at once. */
void renderer_kill(struct renderer *renderer);

/** Whether another one may be started: not when too many ended early. */
bool renderer_may_start(const struct renderer *renderer);

/** Begin a new count of early ends: the machine is started. */
void renderer_reset(struct renderer *renderer);

#endif

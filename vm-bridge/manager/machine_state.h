#ifndef MACHINE_STATE_H
#define MACHINE_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * What the next redecho-vmd needs to adopt a machine, kept in a file of its folder.
 *
 * It is replaced as one step, so that a reader sees the whole of it, whenever the writer died.
 */
struct machine_state {
	char *name;
	char *program;
	char *uuid; // of the domain
	char *overlay; // path; may be NULL
	// As it was started: the program file may be another by then. NULL or 0: not known.
	char *title, *label, *devices;
	uint64_t memory_bytes, memory_max_bytes;
	uint32_t cpus;
	pid_t bridge_pid;
	uint64_t bridge_start_time; // process.h
	// graphics.h; NULL: not known, or none
	char *graphics_way, *graphics_node, *graphics_why;
	pid_t renderer_pid; // 0: none
	uint64_t renderer_start_time;
};

/** Returns 0 or -errno; -EINVAL when a string has a line break. */
int machine_state_write(const struct machine_state *state, const char *path);

/** Returns false when there is none, or not a whole one. Else machine_state_finish is due. */
bool machine_state_read(struct machine_state *state, const char *path);

void machine_state_finish(struct machine_state *state);

#endif

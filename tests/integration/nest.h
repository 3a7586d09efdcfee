/*
 * A headless compositor of someone else's, and a bridge in it, in a runtime directory of their
 * own; for the fake guest to draw through.
 */
#ifndef NEST_H
#define NEST_H

#include <stdbool.h>
#include <sys/types.h>

#include "fake_gpu.h"
#include "fake_input.h"

#define NEST_WIDTH 640
#define NEST_HEIGHT 480
#define NEST_PATIENCE_MS 20000

enum nest_compositor {
	NEST_SWAY,
	NEST_WESTON,
};

struct nest {
	char folder[64]; // XDG_RUNTIME_DIR
	char display[64]; // WAYLAND_DISPLAY
	enum nest_compositor kind;
	unsigned refresh_mhz; // of weston's output; 0: 60 Hz
	pid_t compositor;
	pid_t bridge; // 0: none
	char gpu_path[100], keyboard_path[100], tablet_path[100], control_path[100];
	char trace_path[100];
};

/** Skips the test, with the reason, where the compositor is not installed. */
void nest_begin(struct nest *nest, enum nest_compositor kind);

/** The same with weston's output at that refresh. It keeps time itself, as sway's does not. */
void nest_begin_paced(struct nest *nest, unsigned refresh_mhz);

/** End everything, and remove the directory. Shows the logs if the test failed. */
void nest_end(struct nest *nest, bool failed);

/** Start a bridge for gpu, keyboard and tablet; under strace where traced is set. */
void nest_start_bridge(struct nest *nest, bool traced);

/** The same with several displays, not traced. */
void nest_start_bridge_displays(struct nest *nest, unsigned displays);

/**
 * Start a bridge as redecho-vmd does: its sockets, and that by which it is steered, are inherited
 * and listen already. It has no Wayland connection.
 */
void nest_start_steered_bridge(struct nest *nest);

/** A new connection to the compositor. */
int nest_connect_to_compositor(struct nest *nest);

/** Wait until the bridge has ended. Returns its exit code, or -1 after NEST_PATIENCE_MS. */
int nest_wait_bridge(struct nest *nest);

/** Kill the compositor and wait for it. */
void nest_kill_compositor(struct nest *nest);

/** Start it again; the display's name may be another. */
void nest_start_compositor(struct nest *nest);

/** Run a command in the nest (swaymsg, wtype). Returns its exit code. */
int nest_run(struct nest *nest, const char *command);

/** Start a shell command in the nest, its output in a log of the nest. */
pid_t nest_start_process(struct nest *nest, const char *log, const char *command);

/** Send a signal, wait, and kill what does not end. */
bool nest_end_process(pid_t pid, int number);

/** Connect, and bring the driver up. */
struct fake_device *nest_connect_gpu(struct nest *nest, struct fake_guest *guest);

#endif

#ifndef ACCEL_H
#define ACCEL_H

#include <stdbool.h>
#include <wayland-server-core.h>

/** Whether machines run on KVM, or on TCG, QEMU's own translation to host code. */
enum accel_choice {
	ACCEL_AUTO,
	ACCEL_KVM,
	ACCEL_TCG,
};

struct accel_options {
	enum accel_choice choice;
	const char *kvm_path; // "/dev/kvm"
	const char *cache_path; // a file for the answer of this boot; may be NULL
	int timeout_ms; // of the probe; some more where it got little processor time in that
};

struct accel {
	bool decided;
	bool kvm; // once decided
	char notice[320]; // one line, if the user should know why, and the way out; else empty

	struct {
		struct wl_signal decided; // data: NULL; not emitted when decided at creation
	} events;

	// private
	char *cache_path;
	int pipe_fd;
	int child; // -1 once it has been waited for
	int timeout_ms, patience;
	struct wl_event_source *pipe_source;
	struct wl_event_source *timer;
};

/**
 * Decide: at once, from the choice or the cache, or after a probe in a child process.
 *
 * Forks: to be called before there are threads. Returns NULL only without memory. A probe
 * that cannot be started decides for TCG.
 */
struct accel *accel_create(struct wl_event_loop *loop, const struct accel_options *options);

/** Wait for the probe's child, if it has ended: to be called on SIGCHLD. */
void accel_bury(struct accel *accel);

/** Ends a probe that is under way. No listener may be left. */
void accel_destroy(struct accel *accel);

#endif

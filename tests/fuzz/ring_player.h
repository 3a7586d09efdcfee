/*
 * A hostile guest and front end whose every move is read from a string of bytes, for fuzzers and
 * for random tests.
 *
 * It plays against any device of the vhost-user layer, in this process.
 */
#ifndef RING_PLAYER_H
#define RING_PLAYER_H

#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

/** The device that is played against. */
struct ring_player_target {
	/** Make it; listen_fd belongs to it. */
	void *(*create)(struct wl_event_loop *loop, int listen_fd);
	void (*destroy)(void *device);
	/** Something happens on the host's side; may be NULL. */
	void (*host)(void *device, uint8_t what, uint8_t value);
	uint64_t features; // that the guest acknowledges
};

/** Play one game, to its end. It has no result: it is lost by a crash, a hang or a leak. */
void ring_player_run(const struct ring_player_target *target, const uint8_t *bytes, size_t size);

/** The two devices of this file's folder: the echo device's likeness, and virtio-input. */
extern const struct ring_player_target ring_player_plain;
extern const struct ring_player_target ring_player_input;

#endif

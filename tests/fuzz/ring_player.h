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

#define RING_PLAYER_COMMAND_BYTES 512

/** The device that is played against. */
struct ring_player_target {
	/** Make it; listen_fd belongs to it. */
	void *(*create)(struct wl_event_loop *loop, int listen_fd);
	void (*destroy)(void *device);
	/** Something happens on the host's side; may be NULL. */
	void (*host)(void *device, uint8_t what, uint8_t value);
	/**
	 * Write a command that the device may or may not know, of at most
	 * RING_PLAYER_COMMAND_BYTES, for queue; take gives the next byte of the game. Returns its
	 * size. May be NULL: then all chains are random.
	 */
	size_t (*command)(
		uint8_t *command, unsigned queue, uint8_t (*take)(void *data), void *data);
	uint64_t features; // that the guest acknowledges
};

/** Play one game, to its end. It has no result: it is lost by a crash, a hang or a leak. */
void ring_player_run(const struct ring_player_target *target, const uint8_t *bytes, size_t size);

/** The echo device's likeness, virtio-input, and virtio-gpu with fake_window.c. */
extern const struct ring_player_target ring_player_plain;
extern const struct ring_player_target ring_player_input;
extern const struct ring_player_target ring_player_gpu;

#endif

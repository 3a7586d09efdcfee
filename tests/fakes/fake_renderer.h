/*
 * The other end of a bridge's render_link, in this process: it draws nothing, and says what the
 * test wants.
 */
#ifndef FAKE_RENDERER_H
#define FAKE_RENDERER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "render_ring.h"
#include "render_wire.h"

struct fake_renderer {
	int socket_fd; // -1: none
	bool has_rings;
	struct render_ring commands; // this side reads
	struct render_ring replies; // this side writes
	uint8_t *body; // of the last command
	uint64_t done_serial; // told last
	unsigned fds; // received with commands, and closed
};

/** Returns the device's end of the socket. */
int fake_renderer_open(struct fake_renderer *renderer);
void fake_renderer_close(struct fake_renderer *renderer);

/** Take the rings that the device sent. */
bool fake_renderer_take_rings(struct fake_renderer *renderer);

/** Say that it is ready, with both capsets. */
void fake_renderer_be_ready(struct fake_renderer *renderer);

/** The next command, in renderer->body; false: there is none. */
bool fake_renderer_next(struct fake_renderer *renderer, uint32_t *type, size_t *bytes);

/** Any reply. Returns false when there is no room. */
bool fake_renderer_reply(
	struct fake_renderer *renderer, uint32_t type, const void *body, size_t bytes);
bool fake_renderer_done(struct fake_renderer *renderer, uint64_t serial, uint32_t result);
bool fake_renderer_fenced(struct fake_renderer *renderer, uint64_t serial, bool all);

/** Run every command that is there: each is done, with this result, and its fence signals. */
unsigned fake_renderer_run(struct fake_renderer *renderer, uint32_t result);

#endif

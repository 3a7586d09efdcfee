#ifndef BRIDGE_CONTROL_H
#define BRIDGE_CONTROL_H

#include <stdint.h>

struct wl_event_loop;

/** The client's side of redecho_bridge_v1, on one connection. */
struct bridge_control;

struct bridge_control_listener {
	void (*display)(void *data, uint32_t connected);
	/** A file descriptor of QEMU's; the callee owns it. */
	void (*fd)(void *data, uint32_t kind, uint32_t index, int fd);
	void (*broken)(void *data, const char *untrusted_reason);
	void (*renderer_wanted)(void *data);
	void (*renderer_lost)(void *data, const char *untrusted_reason);
	/** The connection ended, or the bridge broke the protocol. Destroying is allowed here. */
	void (*closed)(void *data);
};

/**
 * Speak on a connected socket, which is taken. The listener is borrowed.
 *
 * Returns NULL when the event loop refuses or there is no memory; the socket is closed then.
 */
struct bridge_control *bridge_control_create(struct wl_event_loop *loop, int fd,
	const struct bridge_control_listener *listener, void *data);

void bridge_control_destroy(struct bridge_control *control);

/** Each takes the fd, and sends it as soon as the bridge has announced itself. */
void bridge_control_set_wayland(struct bridge_control *control, int fd);
void bridge_control_set_display_bus(struct bridge_control *control, int fd);
void bridge_control_set_renderer(struct bridge_control *control, int fd);

#endif

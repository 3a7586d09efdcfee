/*
 * The control socket: redecho_bridge_v1, served to redecho-vmd.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdint.h>
#include <wayland-server-core.h>

#include "vhost_user.h"

struct bridge;
struct control;

/** Serve on a listening socket, which belongs to the server from here on. Returns NULL on failure. */
struct control *control_create(struct bridge *bridge, int listen_fd);
void control_destroy(struct control *control); // may be NULL

/** Tell every client what changed. */
void control_send_display(struct control *control);
void control_send_stage(struct control *control);
void control_send_broken(struct control *control, const char *reason);

void control_send_renderer_wanted(struct control *control);
void control_send_renderer_lost(struct control *control, const char *reason);

/** An fd that QEMU sent for a device (enum bridge_device). It is duplicated. */
void control_send_fd(
	struct control *control, unsigned device, const struct vhost_user_fd_event *event);

#endif

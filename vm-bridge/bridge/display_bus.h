/*
 * QEMU's D-Bus display, peer to peer: how a vhost-user-gpu guest learns of its window's size.
 *
 * https://www.qemu.org/docs/master/interop/dbus-display.html, org.qemu.Display1.Console.
 */
#ifndef DISPLAY_BUS_H
#define DISPLAY_BUS_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "log.h"
#include "window.h"

struct display_bus;

/** Returns NULL out of memory. log must outlive the bus. */
struct display_bus *display_bus_create(struct wl_event_loop *loop, const struct log *log);
void display_bus_destroy(struct display_bus *bus);

/**
 * Speak on a connected socket, which belongs to the bus from here on, in place of the one there
 * is. The mode set last is told at once.
 */
bool display_bus_connect(struct display_bus *bus, int fd);

/**
 * Have QEMU tell the guest to read its display's mode anew. One call is under way at a time;
 * changes in between are merged.
 */
void display_bus_set_mode(struct display_bus *bus, const struct window_mode *mode);

#endif

#ifndef DEVICES_H
#define DEVICES_H

#include <wlcs/pointer.h>
#include <wlcs/touch.h>

struct server;

/**
 * A mouse, or a touch screen, that the suite moves. It is plugged in until its destroy() is
 * called, which has to be before server_destroy(). Coordinates are the layout's.
 *
 * All of it belongs to the thread of the server's event loop, but for the calls that touch, which
 * come from another and return when the server has heard of it.
 */
WlcsPointer *devices_create_pointer(struct server *server);
WlcsTouch *devices_create_touch(struct server *server);

#endif

#ifndef BRIDGE_CLIENT_H
#define BRIDGE_CLIENT_H

#include <stdbool.h>

struct machine;
struct server;

/**
 * The Wayland side of a machine: the socket that makes a client this machine's bridge, the
 * globals that a bridge may see, and redecho_machine_v1.
 */
bool bridge_client_init(struct server *server);

/**
 * Make the machine's client. Returns the bridge's end of the socket, which the caller
 * closes, or -1 with errno set.
 */
int bridge_client_create(struct machine *machine);

/** Disconnect it, if it is there. Not from within one of its requests. */
void bridge_client_destroy(struct machine *machine);

/** Tell it the pointer mode that the user asked for. */
void bridge_client_send_pointer_mode(struct machine *machine);

/** Tell it to plug in the displays that the user has closed. */
void bridge_client_send_show_displays(struct machine *machine);

#endif

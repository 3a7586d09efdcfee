#ifndef IPC_REQUEST_H
#define IPC_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct server;
struct server_change;

/**
 * One request as JSON text, answered. Returns the reply, a line with its end, to be freed.
 * Never NULL: what cannot be answered gets an Err. Sets *events if the client asked for them.
 */
char *ipc_request(struct server *server, const char *text, size_t text_bytes, bool *events);

/** The reply to a request that was too long to be read. */
char *ipc_request_too_long(void);

/** The first event of a stream: all state there is. NULL if there is no memory. */
char *ipc_event_state(struct server *server);

/** A change as an event. NULL if it is nothing to tell. */
char *ipc_event(struct server *server, const struct server_change *change);

#endif

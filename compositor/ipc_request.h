#ifndef IPC_REQUEST_H
#define IPC_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct server;
struct server_change;

/** What a client is told of without asking again. A request may change it. */
struct ipc_wants {
	bool events; // every change
	int usage_interval_ms; // what the machines use, so often; 0: not
};

/**
 * One request as JSON text, answered. Returns the reply, a line with its end, to be freed.
 * Never NULL: what cannot be answered gets an Err. Adds to *wants what it asked for.
 */
char *ipc_request(
	struct server *server, const char *text, size_t text_bytes, struct ipc_wants *wants);

/** The reply to a request that was too long to be read. */
char *ipc_request_too_long(void);

/** The first event of a stream: all state there is. NULL if there is no memory. */
char *ipc_event_state(struct server *server);

/** A change as an event. NULL if it is nothing to tell. */
char *ipc_event(struct server *server, const struct server_change *change);

#endif

#ifndef IPC_H
#define IPC_H

#include <stddef.h>

struct ipc;
struct server;

/** Longest request, with its end of line. A client that sends more is dropped. */
#define IPC_REQUEST_MAX (64 * 1024)
/** Replies and events that a client has not read. One that leaves more is dropped. */
#define IPC_UNREAD_MAX (4 * 1024 * 1024)
/** Clients at once. More are turned away. */
#define IPC_CLIENTS_MAX 64

/**
 * The socket that redechoctl talks to: JSON, one request and one reply a line.
 *
 * redecho-ipc(7) describes what is said on it. Whoever can open the socket can do what the
 * user can: it has mode 0600 and should lie in a folder of mode 0700.
 *
 * Returns NULL, with the reason logged, if the socket cannot be made, and also if somebody
 * answers on it already. A dead socket of that name is replaced.
 */
struct ipc *ipc_create(struct server *server, const char *path);

/** Sends what can be sent at once, closes every connection and removes the socket. */
void ipc_destroy(struct ipc *ipc); // may be NULL

#endif

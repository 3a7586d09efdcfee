#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include <stdbool.h>
#include <yyjson.h>

/** A connection to a desk's IPC socket. Errors are told on standard error. */
struct client;

/** path NULL: $REDECHO_SOCKET, else the socket of desk 0. Returns NULL if nobody is there. */
struct client *client_connect(const char *path);

void client_destroy(struct client *client); // may be NULL

/**
 * A new request, an object with one member of that name; *argument, which may be NULL, is the
 * member's value, an empty object. The name must outlive it.
 */
yyjson_mut_doc *client_request(const char *name, yyjson_mut_val **argument);

/** Sends a document as a request, and frees it. */
bool client_send(struct client *client, yyjson_mut_doc *request);

/**
 * The next line, without its end; valid until the next call. NULL at the end of the stream,
 * also when it ends in the middle of a line.
 */
const char *client_read_line(struct client *client);

/** To wait for something to read, unless client_has_line(). */
int client_fd(const struct client *client);

/** Whether the next line was read already. */
bool client_has_line(const struct client *client);

#endif

#ifndef MANAGER_H
#define MANAGER_H

#include <stdbool.h>
#include <stdint.h>

struct manager;
struct redecho_managed_machine_v1;
struct server;

/**
 * The connection to redecho-vmd, which outlives us: it listens, we connect, or start it with
 * the socket already listening. Nothing here waits; when the connection breaks it is made
 * anew.
 */
struct manager *manager_create(struct server *server);

/** Close the connection. The machines run on. */
void manager_destroy(struct manager *manager);

/** Connect now, if it is not connected. */
void manager_wake(struct manager *manager);

/** Ask for a machine. NULL while redecho-vmd is not there; the caller sets the listener. */
struct redecho_managed_machine_v1 *manager_spawn(struct manager *manager, const char *program);

/** Send what was asked for. Call it after requests on managed machines. manager may be NULL. */
void manager_flush(struct manager *manager);

/** Have redecho-vmd read its program files again, and know the keyboard's layout. */
void manager_reload(struct manager *manager);

/**
 * Have every machine ended. Returns false when redecho-vmd is not there; else the server's
 * exit goes on once it has closed the connection.
 */
bool manager_shutdown(struct manager *manager, uint32_t grace_ms);

#endif

#ifndef CLIENT_GUARD_H
#define CLIENT_GUARD_H

#include <stdbool.h>

struct server;

/** Of one client at a time. Browsers have some thousands, a bridge some hundreds. */
#define CLIENT_GUARD_OBJECTS_MAX 32768
/** Of one client at a time: wl_shm_pool and wl_buffer, which may hold a file each. */
#define CLIENT_GUARD_FILES_MAX 4096

/**
 * What libwayland and wlroots let a client do, and nobody would survive: objects without end, and
 * with them files and memory of ours; a popup that grabs twice, which ties wlroots' list of
 * popups into a ring. The first ends the client's connection, the second is made harmless.
 *
 * It watches every client that comes after it was made. Returns false when out of memory.
 */
bool client_guard_init(struct server *server);
void client_guard_finish(struct server *server);

#endif

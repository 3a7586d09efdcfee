#ifndef CLIENT_GUARD_H
#define CLIENT_GUARD_H

#include <stdbool.h>

struct server;

/** Of one client at a time. Browsers have some thousands, a bridge some hundreds. */
#define CLIENT_GUARD_OBJECTS_MAX 32768
/** Of one client at a time: wl_shm_pool and wl_buffer, which may hold a file each. */
#define CLIENT_GUARD_FILES_MAX 4096
/** Of one icon (xdg_toplevel_icon_v1): a theme has some ten sizes, at two scales. */
#define CLIENT_GUARD_ICON_BUFFERS_MAX 64

/**
 * What libwayland and wlroots let a client do, and nobody would survive: objects without end, and
 * with them files and memory of ours; a popup that grabs twice, which ties wlroots' list of
 * popups into a ring; a popup that is gone and is given to a layer surface, which wlroots takes
 * for one that is there. The second is made harmless, the others end the client's connection.
 *
 * It watches every client that comes after it was made. Returns false when out of memory.
 */
bool client_guard_init(struct server *server);
void client_guard_finish(struct server *server);

#endif

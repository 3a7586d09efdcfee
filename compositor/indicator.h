#ifndef INDICATOR_H
#define INDICATOR_H

#include <stdbool.h>

struct server;

/**
 * A small sign in the corner of the active output, over everything but dialogs and the lock: the
 * binding mode that is on, pass-through with the key that ends it, and for a moment what was just
 * switched to. Only the host draws there.
 */
bool indicator_init(struct server *server);
void indicator_finish(struct server *server);

/** Show a text for a moment, in the place of the one before. */
void indicator_flash(struct server *server, const char *text);

#endif

#ifndef SUSPEND_H
#define SUSPEND_H

#include <stdbool.h>

struct server;

/**
 * Windows that nobody sees are told so (xdg_toplevel's state suspended), and may stop drawing: those
 * on a workspace that is not shown, behind another tab or a full-screen window, in a scratchpad, on
 * a screen that is dark, and all of them while the session is locked. One of which a picture was
 * asked for (capture.h) may be seen elsewhere, and is not told.
 */
bool suspend_init(struct server *server);
void suspend_finish(struct server *server);

/** What can be seen may have changed: find out when the loop is idle. */
void suspend_update_later(struct server *server);

#endif

#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdbool.h>

struct server;
struct toplevel;

/**
 * Pictures and recordings of one window, ext-image-capture-source-v1. They are made from a scene
 * that holds nothing but the window: what lies over it, or in its place while it is hidden, is
 * nobody's business who was given this one. While the session is locked they are empty.
 */
bool capture_init(struct server *server);
void capture_finish(struct server *server);

/** Whether a picture of the window was asked for since it is shown. */
bool capture_has(const struct server *server, const struct toplevel *toplevel);

/** The session is locked, or not any more. */
void capture_set_shown(struct server *server, bool shown);

#endif

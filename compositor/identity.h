#ifndef IDENTITY_H
#define IDENTITY_H

#include <wlr/util/box.h>

struct identity;
struct server;
struct tile;

/**
 * Whose a machine's window is, while it fills the screen: a strip in the colour of its label along
 * the upper edge, which is never the guest's to draw on, and a bar with label and title below it
 * for a while when the window is focused so, when the pointer touches the strip, and at a key. So
 * that a guest that draws a desk, a lock screen or a launcher gives itself away.
 */

/** What the strip, if there is one, leaves of a full-screen tile's box; on the grid. */
struct wlr_box identity_content(const struct tile *tile, const struct wlr_box *box);

/** Put it where it belongs, draw it anew, or take it away. */
void identity_update(struct tile *tile);

/** The tile goes. */
void identity_destroy(struct tile *tile);

/** Show the bar for a while. Nothing happens where there is none. */
void identity_show(struct tile *tile);

/** The pointer moved: on the strip it shows the bar, which stays while it is there. */
void identity_point(struct server *server, double lx, double ly);

#endif

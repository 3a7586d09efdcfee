#ifndef TOUCH_H
#define TOUCH_H

#include <stdbool.h>

struct seat;
struct wlr_input_device;

/**
 * Fingers on touch screens.
 *
 * A finger on a surface whose client takes touch is that surface's until it is lifted, and gives
 * its window the keyboard. Anywhere else, on title bars, dialogs, edges and windows that know of
 * no touch (those of machines), the first finger is the pointer with its left button down. A
 * finger that comes while such a one is down, or the pointer's buttons are, is no one's there.
 */
bool touch_init(struct seat *seat);
void touch_finish(struct seat *seat);

/** Take a screen. Clients learn that there is touch. */
void touch_add(struct seat *seat, struct wlr_input_device *wlr_device);

/** The session is locked: what is under way belongs to nobody any more. */
void touch_let_go(struct seat *seat);

#endif

#ifndef TABLET_H
#define TABLET_H

#include <stdbool.h>

struct seat;
struct wl_client;
struct wlr_input_device;
struct wlr_tablet_v2_tablet_tool;

/**
 * Pens and other tools of graphics tablets, and the pads with their keys and rings.
 *
 * Over a window that knows of tablets (tablet-v2) a tool is the window's, with its pressure and tilt;
 * while its tip is down it stays so wherever it goes. Everywhere else, and over machines, it is the
 * pointer: the tip is the left button, the buttons of a pen are the right and the middle one. A pad
 * belongs to the window with the keyboard, if that one knows of tablets.
 */
bool tablet_init(struct seat *seat);
void tablet_finish(struct seat *seat);

/** Take a tablet, or a pad. */
void tablet_add(struct seat *seat, struct wlr_input_device *wlr_device);

/** Whether a tool, which may be gone, is over a surface of that client. */
bool tablet_is_over(const struct seat *seat, const struct wlr_tablet_v2_tablet_tool *tool,
	const struct wl_client *client);

/** The session is locked: what is under way belongs to nobody any more. */
void tablet_let_go(struct seat *seat);

#endif

#ifndef DISPLAY_H
#define DISPLAY_H

#include <stdbool.h>
#include <stdint.h>

struct machine;
struct tile;
struct toplevel;
struct wl_client;
struct wlr_surface;
struct workspace;

/** virtio 1.3, 5.7.4: the most displays that a machine can have. */
#define DISPLAY_MAX 16

/**
 * The displays of a machine that has more than one: each is a window of its bridge.
 *
 * The first has the machine's tile, and with it the placeholder. Any other has a tile while the
 * guest has it on. Which is which the bridge tells, before it shows anything; what it tells is
 * not trusted, and decides over no more than a title and a place.
 */

/** The bridge says which display a surface of its own shows, and of how many; from 1. */
void display_identify(struct machine *machine, struct wlr_surface *surface,
	uint32_t untrusted_number, uint32_t untrusted_count);

/** The machine's title has changed: those of its displays follow. */
void display_retitle(struct machine *machine);

/** True for a window of a machine beside the one that stands for it. */
bool display_is_extra(const struct tile *tile);

/** Ask the bridge to pull the display's plug. False if that has been asked already. */
bool display_unplug(struct tile *tile);

/** Ask the bridge to plug all in again. False if the machine has one display, or no bridge. */
bool display_plug_all(struct machine *machine);

/** Whether a display has no window: the guest has it off, or its plug was pulled. */
bool display_any_hidden(const struct machine *machine);

/** Where an extra window was last; NULL: it is new, or not one. */
struct workspace *display_last_workspace(const struct tile *tile);

/** Where an extra window opens that is new, and that no rule has a place for. May be NULL. */
struct workspace *display_workspace(const struct tile *tile);

/** The tile goes; remember where it was. */
void display_remember(const struct tile *tile);

/** The machine goes. */
void display_forget(struct machine *machine);

#endif

#ifndef PAUSED_H
#define PAUSED_H

#include <stdbool.h>
#include <stdint.h>

struct machine;
struct paused;
struct tile;

/**
 * What lies over the last picture of a machine that is paused: a shade and a word. It takes the
 * pointer, and with it there the machine's window has no keyboard: nothing is sent that would
 * reach the guest when it goes on.
 */

/** Put it over the tile, take it away, or draw it anew, as the tile's machine and size ask for. */
void paused_update(struct tile *tile);

/** The tile goes. */
void paused_destroy(struct tile *tile);

/** The machine was paused, or goes on: tell its tiles, and take the input away or give it back. */
void paused_changed(struct machine *machine);

/** A key was pressed on the tile: Return lets the machine go on. True: it meant that. */
bool paused_key(struct tile *tile, uint32_t keysym);

#endif

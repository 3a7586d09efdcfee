#ifndef PLACEHOLDER_H
#define PLACEHOLDER_H

#include <stdbool.h>
#include <stdint.h>

struct placeholder;
struct server;
struct tile;

/**
 * What a machine's tile shows while the machine has no window: who it is, how far it has
 * come and for how long, or why it ended and what can be done.
 */
struct placeholder *placeholder_create(struct tile *tile);
void placeholder_destroy(struct placeholder *placeholder); // may be NULL

/** The machine or the size changed: draw it anew, if what it shows differs. */
void placeholder_update(struct placeholder *placeholder);

/**
 * For so long after the end of a machine keys mean nothing to its placeholder: they were
 * still meant for the machine.
 */
#define PLACEHOLDER_DEAF_MS 700

/**
 * A key was pressed while it has the focus: `r` or Return starts the machine again, Escape and `q`
 * take the tile of one that has ended away, Return lets one that is paused go on. Returns true when the key meant something.
 */
bool placeholder_key(struct placeholder *placeholder, uint32_t keysym);

/** Call it when one may have come onto a screen. */
void placeholder_timer_start(struct server *server);

/** Once a second while a placeholder with a running time is on a screen, else never. */
void placeholder_timer_init(struct server *server);
void placeholder_timer_finish(struct server *server);

#endif

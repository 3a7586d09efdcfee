#ifndef MACHINE_GRAPHICS_H
#define MACHINE_GRAPHICS_H

#include <stdbool.h>

struct machine;
struct machine_state;

/** A machine's graphics: the way it draws, and its renderer, from start to end. */

void machine_graphics_init(struct machine *machine);

/** A renderer that runs goes on. */
void machine_graphics_finish(struct machine *machine);

/** At a machine's start, before its bridge: choose the way, and start the renderer if it has one. */
void machine_graphics_start(struct machine *machine);

/** The bridge was started or adopted: give it the renderer, and listen to it. */
void machine_graphics_connect(struct machine *machine);

/** Before the bridge is freed. */
void machine_graphics_disconnect(struct machine *machine);

/** As it was before: of a machine that a former redecho-vmd started. */
void machine_graphics_adopt(struct machine *machine, const struct machine_state *state);

/**
 * The domain could not be made. Returns whether a plainer way is left, which is told; the machine
 * is to be started again then.
 */
bool machine_graphics_refused(struct machine *machine, const char *reason);

/** The machine has ended: its renderer is killed. */
void machine_graphics_end(struct machine *machine);

/** How it draws, in words for the user; to be freed. */
char *machine_graphics_describe(const struct machine *machine);

#endif

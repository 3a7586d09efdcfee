#ifndef MACHINE_PRIVATE_H
#define MACHINE_PRIVATE_H

#include "machine.h"
#include "redecho-manager-v1-protocol.h"

/** What machine.c (life) and machine_request.c (the client's requests) have in common. */

enum {
	STARTING = REDECHO_MANAGED_MACHINE_V1_STATE_STARTING,
	RUNNING = REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING,
	PAUSED = REDECHO_MANAGED_MACHINE_V1_STATE_PAUSED,
	STOPPING = REDECHO_MANAGED_MACHINE_V1_STATE_STOPPING,
	ENDED = REDECHO_MANAGED_MACHINE_V1_STATE_ENDED,
};

/** Tells the clients, if it is another one. */
void machine_set_state(struct machine *machine, uint32_t state);

/** Takes the message. The first cause counts: what follows are its effects. */
void machine_set_cause(struct machine *machine, uint32_t cause, char *message);

/**
 * The domain is no more, or will never be: end at the end of the loop's turn. Ends come from
 * signals of the very objects that are to be freed.
 */
void machine_end_later(struct machine *machine);

/** End with the cause start_failed. Takes the message. */
void machine_fail_start(struct machine *machine, char *message);

/** Write what the next redecho-vmd needs. Returns 0 or -errno. */
int machine_write_state(struct machine *machine);

/** Free the bridge, killing its process if it runs. */
void machine_drop_bridge(struct machine *machine);

#endif

#ifndef MACHINE_SCOPE_H
#define MACHINE_SCOPE_H

#include <sys/types.h>

struct machine;
struct manager;
struct scopes;

/**
 * Where systemd runs, each machine is in a scope of its own, and so is redecho-vmd, whatever
 * becomes of the unit that it was started in. A failure is a notice, and nothing stops for it.
 */

/** Moves redecho-vmd. Returns what manager.scopes is to be; NULL: scopes are not our business. */
struct scopes *machine_scope_init(struct manager *manager);

/** Move a machine's processes, and set its memory's limit. One that is there is kept. */
void machine_scope_start(struct machine *machine);

/** Move a process that was started later, once there is a scope: machine_scope_start takes others. */
void machine_scope_add(struct machine *machine, pid_t pid);

#endif

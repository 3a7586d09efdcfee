#ifndef LOCKER_H
#define LOCKER_H

#include <stdbool.h>

struct server;

/** What the screen says while it is locked and no program shows the lock. */
struct locker_help {
	char now[256]; // what goes on; may be ""
	char where[128]; // the user can run `command`
	char command[512];
	char end[128]; // another way out
};

/**
 * The lock program of the configuration, `locker`: started by the command `lock`, and again, a few
 * times, when one has ended without unlocking.
 */
bool locker_init(struct server *server);
void locker_finish(struct server *server);

/**
 * Start it, unless the session is locked. False if there is none or it cannot be started. That it
 * does not lock is seen later, and shown.
 */
bool locker_run(struct server *server);

/** The session is locked: whatever program did it. */
void locker_locked(struct server *server);

/** It is locked, but the program that did it has ended. */
void locker_lost(struct server *server);

/** It is unlocked. */
void locker_unlocked(struct server *server);

/** Say how the user gets in. */
void locker_explain(const struct server *server, struct locker_help *help);

#endif

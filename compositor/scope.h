#ifndef SCOPE_H
#define SCOPE_H

#include <stdbool.h>

/**
 * Move this process into a transient scope of the user's systemd, out of the unit that it is in:
 * what ends or restarts that unit leaves the process alone. systemd.scope(5).
 *
 * name ends in ".scope" and is free; description is for people. When systemd ends both, it ends
 * the unit `before` first. Blocks until it is done, 2 s at most, so it is for a child that is
 * about to execute a program.
 *
 * Returns false with errno set, and the process stays where it was.
 */
bool scope_enter(const char *name, const char *description, const char *before);

/** The user's unit that this process runs in, to be freed, or NULL: it is in none. */
char *scope_current_unit(void);

#endif

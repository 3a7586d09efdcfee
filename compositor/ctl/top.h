#ifndef CTL_TOP_H
#define CTL_TOP_H

#include <stdbool.h>

struct client;

/**
 * Shows what the machines use, anew each second, until the user or the desk ends it; once: after
 * half a second, and no more. json: an array of machines a line. Returns the exit status.
 */
int top_run(struct client *client, bool json, bool once);

#endif

#ifndef WORKSPACE_NAME_H
#define WORKSPACE_NAME_H

#include <stdbool.h>

/**
 * Names of workspaces: "3", "3:web", "mail". The number that a name begins with is unique in the
 * desk, and says which workspace is meant: "3" finds "3:web".
 */

/** Longest name, in bytes. */
#define WORKSPACE_NAME_MAX 64

/** The number of a name, 3 for "3" and "3:web"; 0 for "mail"; INT_MAX if it is beyond that. */
int workspace_name_number(const char *name);

/**
 * True if a workspace can be called so: neither empty nor too long, without control characters,
 * and no word that commands have a use for, such as "next".
 */
bool workspace_name_valid(const char *name);

#endif

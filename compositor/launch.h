#ifndef LAUNCH_H
#define LAUNCH_H

#include <stdbool.h>

struct server;

/** Programs that we start, so that they outlive us and leave no zombie. */

/**
 * Run a shell command as a client of this desk (WAYLAND_DISPLAY, REDECHO_SOCKET), with a token
 * to get the focus (XDG_ACTIVATION_TOKEN).
 * Returns false with errno set when it cannot be forked.
 */
bool launch_shell(struct server *server, const char *command);

/**
 * The same, for a command whose end matters: it is in our own unit, and the file descriptor that
 * is returned, the caller's, reads end of file when it and all that it started in the foreground
 * have ended. Returns -1 with errno set.
 */
int launch_shell_until_end(struct server *server, const char *command);

/**
 * Start redecho-vmd with the desk's lock and its listening socket. It keeps both; the caller
 * closes its own. Returns false with errno set when it cannot be executed.
 */
bool launch_manager(struct server *server, int listen_fd, int lock_fd);

#endif

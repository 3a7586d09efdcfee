#ifndef EXIT_DIALOG_H
#define EXIT_DIALOG_H

struct server;

/**
 * Leave the desk: at once when no machine runs, else after the user has said whether the
 * machines run on, are shut down, or the desk stays.
 */
void exit_dialog_open(struct server *server);

#endif

#ifndef LAUNCHER_H
#define LAUNCHER_H

struct server;

/** A dialog with the programs that can be started: type to filter, Enter starts one. */
void launcher_open(struct server *server);

#endif

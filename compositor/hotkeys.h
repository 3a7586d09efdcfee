#ifndef HOTKEYS_H
#define HOTKEYS_H

struct server;

/** A dialog that tells what the keys do, from the configuration; any key closes it. */
void hotkeys_open(struct server *server);

#endif

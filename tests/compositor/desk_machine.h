#ifndef DESK_MACHINE_H
#define DESK_MACHINE_H

#include "desk.h"

struct fake_machine;
struct machine;

/** A desk whose redecho-vmd knows the program clock: "Clock", label personal. */
struct desk *desk_machine_create(void);

/** The same with a configuration, text after the built-in defaults. */
struct desk *desk_machine_create_with(const char *config);

/** `spawn PROGRAM` and redecho-vmd's first answers: it is called name, and starting. */
struct fake_machine *desk_machine_spawn(struct desk *desk, const char *program, const char *name);

/** Let the machine's bridge come: a client on the connection that redecho-vmd is given. */
struct test_client *desk_machine_connect(struct desk *desk, struct fake_machine *machine);

/** The same, with its window shown. */
struct test_client *desk_machine_show(struct desk *desk, struct fake_machine *machine);

/** How many tiles there are. */
int desk_machine_tiles(const struct desk *desk);

/** Wait until the tile of a machine that has ended takes keys. */
void desk_machine_hear(struct desk *desk, const struct machine *machine);

#endif

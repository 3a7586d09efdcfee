#ifndef SERVICE_H
#define SERVICE_H

#include <stdbool.h>

struct server;
struct service;

/**
 * What the rest of a login session learns of the desk, and who started it: makes server->service,
 * before anything is launched. Returns false when there is no memory.
 */
bool service_init(struct server *server);

/**
 * The outputs and the sockets are there.
 *
 * With options.session, and unless the desk is nested, the user's systemd and the session bus are
 * first told WAYLAND_DISPLAY, XDG_CURRENT_DESKTOP and REDECHO_SOCKET, so that what they start
 * finds the desk; a bus that does not answer is not waited for longer than 5 s. Whoever started
 * us then hears that the desk is there (sd_notify(3), READY=1), and `ready` is called, from the
 * event loop or from here.
 */
void service_start(struct service *service, void (*ready)(struct server *server));

/** Say that the desk is about to end (STOPPING=1). */
void service_stopping(struct service *service); // may be NULL

void service_finish(struct server *server);

/**
 * For a child that is about to execute a program: where we are a unit of the user's systemd, take
 * it into a scope of its own, so that it outlives a crash of the desk and has a name in `systemctl`.
 * What fails is said on standard error, and the child stays in our unit.
 */
void service_leave_unit(const struct service *service, const char *name); // may be NULL

#endif

#ifndef IDLE_H
#define IDLE_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct server;

/** When a window keeps the desk from counting as idle; the user says it, for machines too. */
enum idle_inhibit {
	IDLE_INHIBIT_NONE,
	IDLE_INHIBIT_FOCUSED,
	IDLE_INHIBIT_FULLSCREEN, // and seen
	IDLE_INHIBIT_VISIBLE,
	IDLE_INHIBIT_OPEN,
};

/**
 * How long the user has done nothing, for programs that lock or switch off after a time
 * (ext-idle-notify), and what keeps the desk from counting as idle: a surface that asks for it
 * (idle-inhibit), as long as some of it can be seen, or a window by the user's command.
 */
bool idle_init(struct server *server);
void idle_finish(struct server *server);

/** The user did something: seat_activity() tells. */
void idle_activity(struct server *server);

/** What can be seen, or what inhibits, may have changed: find out when the loop is idle. */
void idle_update_later(struct server *server);

/** True while something keeps the desk from counting as idle. */
bool idle_is_inhibited(const struct server *server);

/** "none", "focused", "fullscreen", "visible", "open". */
const char *idle_inhibit_name(enum idle_inhibit inhibit);

/** The one of that name; false: there is none. */
bool idle_inhibit_from_name(const char *name, enum idle_inhibit *inhibit);

#endif

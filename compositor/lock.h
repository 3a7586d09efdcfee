#ifndef LOCK_H
#define LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

struct output;
struct server;

/**
 * The session lock, ext-session-lock-v1.
 *
 * From the moment a client asks for it every output is covered, every layer of the scene below the
 * lock is off, no window has the keyboard, pointer or touch, and of the bindings only those with
 * --locked run. The client is told that it is locked when a frame with the cover has been
 * presented on every output. Only that client ends it: when it dies everything stays as it is, the
 * screen says how to get in, and the next lock program takes over. So it is, too, when the desk
 * itself has crashed and comes back: a file in its folder tells that it was locked.
 */
struct lock {
	struct server *server;
	struct wlr_session_lock_manager_v1 *manager;
	struct wlr_session_lock_v1 *wlr; // NULL: nothing is locked, or its client is gone
	bool locked;
	bool told; // the client knows that it is
	bool resumed; // it was locked when an earlier desk crashed, and no client has come since
	struct wl_list screens; // lock_screen.link, one for each enabled output while locked
	struct wl_event_source *overdue; // an output does not present the cover

	struct wl_listener new_lock;
	struct wl_listener new_surface;
	struct wl_listener unlock;
	struct wl_listener destroy;
};

bool lock_init(struct server *server);
void lock_finish(struct server *server);

/** Before anything is drawn: lock the session if an earlier desk crashed while it was locked. */
void lock_resume(struct server *server);

/** Locked, and the client that did it is gone. */
bool lock_is_orphaned(const struct lock *lock);

/** An output is enabled, has another box or scale, or goes. */
void lock_add_output(struct output *output);
void lock_arrange_output(struct output *output);
void lock_remove_output(struct output *output);

/** A screen shows the lock now, or never will: the client may be told. */
void lock_check_shown(struct lock *lock);

/** What the screens say has changed. */
void lock_redraw(struct lock *lock);

/** A surface of the lock came or went: who gets the keys. */
void lock_update_keyboard(struct lock *lock);

#endif

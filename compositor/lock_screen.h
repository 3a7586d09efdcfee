#ifndef LOCK_SCREEN_H
#define LOCK_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "scene_owner.h"

struct lock;
struct output;
struct wlr_session_lock_surface_v1;

/** What covers one output while the session is locked, and the lock program's surface on it. */
struct lock_screen {
	struct scene_owner owner; // SCENE_OWNER_LOCK
	struct lock *lock;
	struct output *output;
	struct wlr_scene_tree *tree; // at the output's origin
	struct wlr_scene_rect *cover;
	struct wlr_scene_buffer *message;
	struct wlr_session_lock_surface_v1 *surface; // may be NULL
	struct wlr_scene_tree *surface_tree; // NULL without a surface
	bool shown; // a frame with the cover was presented
	bool committed; // one is on its way: commit_seq is its number
	uint32_t commit_seq;
	struct wl_list link; // lock.screens

	struct wl_listener commit;
	struct wl_listener present;
	struct wl_listener surface_map;
	struct wl_listener surface_destroy;
};

struct lock_screen *lock_screen_create(struct lock *lock, struct output *output);
void lock_screen_destroy(struct lock_screen *screen);

/** Show the client's surface there; there is none yet. */
void lock_screen_set_surface(
	struct lock_screen *screen, struct wlr_session_lock_surface_v1 *surface);

/** The output's box or scale is another; or what the message says is. */
void lock_screen_arrange(struct lock_screen *screen);

/** True if nothing but the lock can be seen on the output. */
bool lock_screen_is_safe(const struct lock_screen *screen);

#endif

#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_session_lock_v1.h>

#include "capture.h"
#include "lock_screen.h"
#include "locker.h"
#include "log.h"
#include "output.h"
#include "seat.h"
#include "server.h"

// An output that has not shown the cover by then shows nothing at all: it is the window of
// another desk and hidden there, or broken.
#define OVERDUE_MS 1000

bool lock_is_orphaned(const struct lock *lock) {
	return lock->locked && lock->wlr == NULL;
}

static struct lock_screen *find_screen(struct lock *lock, const struct output *output) {
	struct lock_screen *screen;
	wl_list_for_each (screen, &lock->screens, link) {
		if (screen->output == output) {
			return screen;
		}
	}
	return NULL;
}

// --- who gets the keys ----------------------------------------------------------------------

// Without a surface the keys come here.
static void handle_key(void *data, uint32_t keycode, const xkb_keysym_t *syms, size_t syms_len) {
	struct server *server = data;
	if (lock_is_orphaned(server->lock) && syms_len > 0 && syms[0] == XKB_KEY_Return) {
		locker_run(server);
	}
}

void lock_update_keyboard(struct lock *lock) {
	if (!lock->locked) {
		return;
	}
	struct wlr_surface *surface = NULL;
	struct lock_screen *screen;
	wl_list_for_each (screen, &lock->screens, link) {
		bool mapped = screen->surface != NULL && screen->surface->surface->mapped;
		bool active = screen->output == lock->server->active_output;
		if (mapped && (surface == NULL || active)) {
			surface = screen->surface->surface;
		}
	}
	struct seat *seat = lock->server->seat;
	const struct seat_claim *now = &seat->claims[SEAT_CLAIM_LOCK];
	if (!now->active || now->surface != surface) {
		const struct seat_claim claim = {
			.surface = surface, .key = handle_key, .data = lock->server};
		seat_claim(seat, SEAT_CLAIM_LOCK, &claim);
	}
	seat_pointer_moved_later(seat);
}

// --- what outlives a crash ------------------------------------------------------------------

static void format_path(const struct server *server, char *path, size_t size) {
	snprintf(path, size, "%s/locked", server->runtime_dir);
}

static void note(const struct server *server, bool locked) {
	char path[PATH_MAX];
	format_path(server, path, sizeof(path));
	if (!locked) {
		unlink(path);
		return;
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		log_error("%s: %s: a crash would unlock the screen", path, strerror(errno));
		return;
	}
	close(fd);
}

// --- locking and unlocking ------------------------------------------------------------------

static void set_desk_shown(struct server *server, bool shown) {
	for (size_t i = 0; i < LAYER_COUNT; i++) {
		if (i != LAYER_LOCK) {
			wlr_scene_node_set_enabled(&server->layers[i]->node, shown);
		}
	}
	capture_set_shown(server, shown);
}

static void tell(struct lock *lock) {
	lock->told = true;
	wl_event_source_timer_update(lock->overdue, 0);
	wlr_session_lock_v1_send_locked(lock->wlr);
	locker_locked(lock->server);
}

void lock_check_shown(struct lock *lock) {
	if (lock->wlr == NULL || lock->told) {
		return;
	}
	struct lock_screen *screen;
	wl_list_for_each (screen, &lock->screens, link) {
		if (!lock_screen_is_safe(screen)) {
			return;
		}
	}
	tell(lock);
}

static int handle_overdue(void *data) {
	struct lock *lock = data;
	if (lock->wlr == NULL || lock->told) {
		return 0;
	}
	struct lock_screen *screen;
	wl_list_for_each (screen, &lock->screens, link) {
		if (!lock_screen_is_safe(screen)) {
			log_error("output %s has not shown the lock within %d ms",
				screen->output->wlr_output->name, OVERDUE_MS);
		}
	}
	tell(lock);
	return 0;
}

static void create_screen(struct lock *lock, struct output *output) {
	struct lock_screen *screen = lock_screen_create(lock, output);
	struct wlr_session_lock_surface_v1 *surface;
	if (lock->wlr == NULL) {
		return;
	}
	// There may be one from when the output was enabled before.
	wl_list_for_each (surface, &lock->wlr->surfaces, link) {
		if (surface->output == output->wlr_output) {
			lock_screen_set_surface(screen, surface);
		}
	}
}

static void begin(struct lock *lock) {
	struct server *server = lock->server;
	lock->locked = true;
	note(server, true);
	set_desk_shown(server, false);
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		create_screen(lock, output);
	}
	lock_update_keyboard(lock);
}

static void end(struct lock *lock) {
	struct server *server = lock->server;
	struct lock_screen *screen, *next;
	lock->locked = false;
	note(server, false);
	wl_list_for_each_safe (screen, next, &lock->screens, link) {
		lock_screen_destroy(screen);
	}
	set_desk_shown(server, true);
	seat_unclaim(server->seat, SEAT_CLAIM_LOCK);
	locker_unlocked(server);
	seat_pointer_moved_later(server->seat);
	server_emit(server, SERVER_SESSION, SERVER_CHANGED, NULL);
}

void lock_redraw(struct lock *lock) {
	struct lock_screen *screen;
	wl_list_for_each (screen, &lock->screens, link) {
		lock_screen_arrange(screen);
	}
	server_emit(lock->server, SERVER_SESSION, SERVER_CHANGED, NULL);
}

static void handle_new_surface(struct wl_listener *listener, void *data) {
	struct lock *lock = wl_container_of(listener, lock, new_surface);
	struct wlr_session_lock_surface_v1 *surface = data;
	struct lock_screen *screen = find_screen(lock, surface->output->data);
	// On an output that is configured to be off there is nothing to show it on.
	if (screen != NULL && screen->surface == NULL) {
		lock_screen_set_surface(screen, surface);
	}
}

static void handle_unlock(struct wl_listener *listener, void *data) {
	struct lock *lock = wl_container_of(listener, lock, unlock);
	end(lock);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct lock *lock = wl_container_of(listener, lock, destroy);
	wl_list_remove(&lock->new_surface.link);
	wl_list_remove(&lock->unlock.link);
	wl_list_remove(&lock->destroy.link);
	wl_event_source_timer_update(lock->overdue, 0);
	lock->wlr = NULL;
	if (lock->locked) {
		log_error("the lock program has ended without unlocking: the screen stays locked");
		locker_lost(lock->server);
		lock_redraw(lock);
	}
}

static void handle_new_lock(struct wl_listener *listener, void *data) {
	struct lock *lock = wl_container_of(listener, lock, new_lock);
	struct wlr_session_lock_v1 *wlr = data;
	if (lock->wlr != NULL) {
		wlr_session_lock_v1_destroy(wlr);
		return;
	}
	lock->wlr = wlr;
	lock->told = false;
	lock->resumed = false;
	lock->new_surface.notify = handle_new_surface;
	wl_signal_add(&wlr->events.new_surface, &lock->new_surface);
	lock->unlock.notify = handle_unlock;
	wl_signal_add(&wlr->events.unlock, &lock->unlock);
	lock->destroy.notify = handle_destroy;
	wl_signal_add(&wlr->events.destroy, &lock->destroy);
	if (!lock->locked) {
		begin(lock);
	}
	lock_redraw(lock);
	wl_event_source_timer_update(lock->overdue, OVERDUE_MS);
	lock_check_shown(lock);
}

// --- outputs --------------------------------------------------------------------------------

void lock_add_output(struct output *output) {
	struct lock *lock = output->server->lock;
	if (lock->locked) {
		create_screen(lock, output);
		lock_update_keyboard(lock);
	}
}

void lock_arrange_output(struct output *output) {
	struct lock_screen *screen = find_screen(output->server->lock, output);
	if (screen != NULL) {
		lock_screen_arrange(screen);
	}
}

void lock_remove_output(struct output *output) {
	struct lock *lock = output->server->lock;
	struct lock_screen *screen = find_screen(lock, output);
	if (screen != NULL) {
		lock_screen_destroy(screen);
		lock_update_keyboard(lock);
		lock_check_shown(lock);
	}
}

// --- the module -----------------------------------------------------------------------------

bool lock_init(struct server *server) {
	struct lock *lock = calloc(1, sizeof(*lock));
	if (lock == NULL) {
		return false;
	}
	lock->server = server;
	wl_list_init(&lock->screens);
	lock->manager = wlr_session_lock_manager_v1_create(server->display);
	lock->overdue = wl_event_loop_add_timer(server->loop, handle_overdue, lock);
	if (lock->manager == NULL || lock->overdue == NULL) {
		free(lock);
		return false;
	}
	server->lock = lock;
	lock->new_lock.notify = handle_new_lock;
	wl_signal_add(&lock->manager->events.new_lock, &lock->new_lock);
	return true;
}

void lock_resume(struct server *server) {
	char path[PATH_MAX];
	format_path(server, path, sizeof(path));
	if (access(path, F_OK) == 0) {
		log_error("the desk had ended while it was locked: it is locked again");
		server->lock->resumed = true;
		begin(server->lock);
		locker_lost(server);
	}
}

void lock_finish(struct server *server) {
	struct lock *lock = server->lock;
	if (lock == NULL) {
		return;
	}
	if (lock->locked) {
		note(server, false); // an end in good order is the session's
	}
	wl_list_remove(&lock->new_lock.link);
	wl_event_source_remove(lock->overdue);
	free(lock);
	server->lock = NULL;
}

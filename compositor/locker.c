#include "locker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "config.h"
#include "launch.h"
#include "lock.h"
#include "log.h"
#include "notice.h"
#include "server.h"

// Whoever asks for a lock and has none by then must hear of it.
#define PATIENCE_MS 5000
// A program that has just died is not started at once again.
#define PAUSE_MS 1000
// After so many starts in a row the user has to help.
#define STARTS_MAX 3
// One that has held so long is no part of a row.
#define HELD_MS 60000

struct locker {
	struct server *server;
	int starts; // since the last one that held
	int64_t locked_ms; // CLOCK_MONOTONIC; 0: not yet
	struct wl_event_source *patience; // it was started, and has not locked
	bool starting; // it is about to be started again, or just was
	struct wl_event_source *pause; // until it is
};

static const char *command(const struct server *server) {
	const char *locker = server->config->locker;
	return locker != NULL && locker[0] != '\0' ? locker : NULL;
}

static int handle_patience(void *data) {
	struct locker *locker = data;
	struct server *server = locker->server;
	if (command(server) != NULL && (!server->lock->locked || lock_is_orphaned(server->lock))) {
		char text[512];
		snprintf(text, sizeof(text),
			"The screen is not locked: %.300s has not done it in %d s", command(server),
			PATIENCE_MS / 1000);
		if (lock_is_orphaned(server->lock)) {
			locker_lost(server);
			lock_redraw(server->lock);
		} else {
			notice_show(server, NOTICE_ERROR, text);
		}
	}
	return 0;
}

static bool start(struct locker *locker) {
	if (!launch_shell(locker->server, command(locker->server))) {
		return false;
	}
	wl_event_source_timer_update(locker->patience, PATIENCE_MS);
	return true;
}

bool locker_run(struct server *server) {
	if (command(server) == NULL) {
		errno = ENOENT;
		return false;
	}
	if (server->lock->locked && !lock_is_orphaned(server->lock)) {
		return true;
	}
	return start(server->locker);
}

static int handle_pause(void *data) {
	struct locker *locker = data;
	if (lock_is_orphaned(locker->server->lock) && command(locker->server) != NULL &&
		!start(locker)) {
		log_error("%s: %s", command(locker->server), strerror(errno));
	}
	return 0;
}

void locker_locked(struct server *server) {
	server->locker->locked_ms = server_now_ms();
	wl_event_source_timer_update(server->locker->patience, 0);
	wl_event_source_timer_update(server->locker->pause, 0);
}

void locker_unlocked(struct server *server) {
	struct locker *locker = server->locker;
	locker->starts = 0;
	locker->starting = false;
	locker->locked_ms = 0;
}

void locker_lost(struct server *server) {
	struct locker *locker = server->locker;
	if (locker->locked_ms != 0 && server_now_ms() - locker->locked_ms > HELD_MS) {
		locker->starts = 0;
	}
	locker->locked_ms = 0;
	locker->starting = command(server) != NULL && locker->starts < STARTS_MAX;
	wl_event_source_timer_update(locker->patience, 0);
	if (locker->starting) {
		locker->starts++;
		wl_event_source_timer_update(locker->pause, PAUSE_MS);
	}
}

void locker_explain(const struct server *server, struct locker_help *help) {
	const char *name = command(server);
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	*help = (struct locker_help){0};
	if (name != NULL) {
		snprintf(help->now, sizeof(help->now), "%s%.200s%s",
			server->locker->starting ? "" : "Return starts ", name,
			server->locker->starting ? " is being started again." : " again.");
	}
	snprintf(help->where, sizeof(help->where), "%s%s and run:",
		name != NULL ? "If that does not help, go to " : "To get in, go to ",
		server->session != NULL ? "another virtual terminal (Ctrl+Alt+F3), log in"
					: "a terminal outside of the desk");
	snprintf(help->command, sizeof(help->command),
		"XDG_RUNTIME_DIR=%.200s WAYLAND_DISPLAY=%.64s %.200s",
		runtime != NULL ? runtime : "", server->socket != NULL ? server->socket : "",
		name != NULL ? name : "swaylock");
	snprintf(help->end, sizeof(help->end), "This ends the desk and its machines: kill %d",
		(int)getpid());
}

bool locker_init(struct server *server) {
	struct locker *locker = calloc(1, sizeof(*locker));
	if (locker == NULL) {
		return false;
	}
	locker->server = server;
	locker->patience = wl_event_loop_add_timer(server->loop, handle_patience, locker);
	locker->pause = wl_event_loop_add_timer(server->loop, handle_pause, locker);
	server->locker = locker;
	return locker->patience != NULL && locker->pause != NULL;
}

void locker_finish(struct server *server) {
	struct locker *locker = server->locker;
	if (locker == NULL) {
		return;
	}
	if (locker->patience != NULL) {
		wl_event_source_remove(locker->patience);
	}
	if (locker->pause != NULL) {
		wl_event_source_remove(locker->pause);
	}
	free(locker);
	server->locker = NULL;
}

#include "config_watch.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "alloc.h"
#include "config.h"
#include "log.h"
#include "manager.h"
#include "server.h"

// Editors write a file in several steps, and programs are often copied by the dozen.
#define SETTLE_MS 100
#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR)

// A folder, because an editor puts a new file in the place of the old one.
struct watch {
	int descriptor; // of inotify
	char *name; // of the file in it; NULL: every program file
	struct wl_list link; // config_watch.watches
};

struct config_watch {
	struct server *server;
	int fd;
	struct wl_event_source *source;
	struct wl_event_source *timer;
	struct wl_list watches; // watch.link
	bool config_changed, programs_changed;
};

static bool has_descriptor(const struct wl_list *watches, int descriptor) {
	const struct watch *entry;
	wl_list_for_each (entry, watches, link) {
		if (entry->descriptor == descriptor) {
			return true;
		}
	}
	return false;
}

// What is still watched stays so without a gap, in which a file could be saved.
static void clear(struct config_watch *watch, struct wl_list *old) {
	struct watch *entry, *next;
	wl_list_for_each_safe (entry, next, old, link) {
		wl_list_remove(&entry->link);
		if (!has_descriptor(&watch->watches, entry->descriptor) &&
			!has_descriptor(old, entry->descriptor)) {
			inotify_rm_watch(watch->fd, entry->descriptor);
		}
		free(entry->name);
		free(entry);
	}
}

static void add(struct config_watch *watch, const char *folder, const char *name) {
	int descriptor = inotify_add_watch(watch->fd, folder, EVENTS);
	if (descriptor < 0) {
		if (errno != ENOENT && errno != ENOTDIR) {
			log_error("%s cannot be watched: %s", folder, strerror(errno));
		}
		return;
	}
	struct watch *entry = alloc_zeroed(1, sizeof(*entry));
	entry->descriptor = descriptor;
	entry->name = name != NULL ? alloc_string(name) : NULL;
	wl_list_insert(&watch->watches, &entry->link);
}

static void add_file(struct config_watch *watch, const char *path) {
	char folder[PATH_MAX], name[PATH_MAX];
	if (strlen(path) >= PATH_MAX) {
		return;
	}
	strcpy(folder, path);
	strcpy(name, path);
	add(watch, dirname(folder), basename(name));
}

// A configuration is often a link to a file in another folder: both count.
static void add_file_and_target(struct config_watch *watch, const char *path) {
	add_file(watch, path);
	char *target = realpath(path, NULL);
	if (target != NULL && strcmp(target, path) != 0) {
		add_file(watch, target);
	}
	free(target);
}

void config_watch_update(struct server *server) {
	struct config_watch *watch = server->config_watch;
	if (watch == NULL) {
		return;
	}
	struct wl_list old;
	wl_list_init(&old);
	wl_list_insert_list(&old, &watch->watches);
	wl_list_init(&watch->watches);
	const struct config *config = server->config;
	for (size_t i = 0; i < config->files.len; i++) {
		add_file_and_target(watch, config->files.strings[i]);
	}
	// After a mistake these are the files of the last good one.
	if (server->config_path != NULL) {
		add_file_and_target(watch, server->config_path);
	} else {
		char *path = config_user_path("config");
		if (path != NULL) {
			add_file(watch, path);
		}
		free(path);
	}
	for (size_t i = 0; i < config->programs.len; i++) {
		add(watch, config->programs.strings[i], NULL);
	}
	clear(watch, &old);
}

static void note(struct config_watch *watch, const struct inotify_event *event) {
	const char *name = event->len > 0 ? event->name : "";
	const char *dot = strrchr(name, '.');
	struct watch *entry;
	wl_list_for_each (entry, &watch->watches, link) {
		if (entry->descriptor != event->wd) {
			continue;
		}
		if (entry->name == NULL) {
			watch->programs_changed = watch->programs_changed ||
				(dot != NULL && strcmp(dot, ".scfg") == 0);
		} else {
			watch->config_changed = watch->config_changed ||
				strcmp(entry->name, name) == 0;
		}
	}
}

static int handle_readable(int fd, uint32_t mask, void *data) {
	struct config_watch *watch = data;
	_Alignas(struct inotify_event) char buffer[4096];
	ssize_t len;
	while ((len = read(fd, buffer, sizeof(buffer))) > 0) {
		for (char *at = buffer; at < buffer + len;) {
			const struct inotify_event *event = (const struct inotify_event *)at;
			note(watch, event);
			at += sizeof(*event) + event->len;
		}
	}
	if (watch->config_changed || watch->programs_changed) {
		wl_event_source_timer_update(watch->timer, SETTLE_MS);
	}
	return 0;
}

static int handle_settled(void *data) {
	struct config_watch *watch = data;
	struct server *server = watch->server;
	bool config_changed = watch->config_changed;
	watch->config_changed = watch->programs_changed = false;
	if (config_changed) {
		log_info("the configuration was saved, reading it again");
		server_reload(server); // with the programs
	} else if (server->manager != NULL) {
		manager_reload(server->manager);
	}
	return 0;
}

bool config_watch_init(struct server *server) {
	struct config_watch *watch = calloc(1, sizeof(*watch));
	if (watch == NULL) {
		return false;
	}
	watch->server = server;
	wl_list_init(&watch->watches);
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0) {
		log_error("saved files are not noticed: %s", strerror(errno));
		free(watch);
		return true;
	}
	watch->source = wl_event_loop_add_fd(
		server->loop, watch->fd, WL_EVENT_READABLE, handle_readable, watch);
	watch->timer = wl_event_loop_add_timer(server->loop, handle_settled, watch);
	if (watch->source == NULL || watch->timer == NULL) {
		abort();
	}
	server->config_watch = watch;
	config_watch_update(server);
	return true;
}

void config_watch_finish(struct server *server) {
	struct config_watch *watch = server->config_watch;
	if (watch == NULL) {
		return;
	}
	struct watch *entry, *next;
	wl_list_for_each_safe (entry, next, &watch->watches, link) {
		free(entry->name);
		free(entry);
	}
	wl_event_source_remove(watch->source);
	wl_event_source_remove(watch->timer);
	close(watch->fd);
	free(watch);
	server->config_watch = NULL;
}

#include "idle.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_idle_inhibit_v1.h>
#include <wlr/types/wlr_idle_notify_v1.h>
#include <wlr/types/wlr_scene.h>

#include "lock.h"
#include "output.h"
#include "seat.h"
#include "server.h"
#include "tile.h"

struct idle {
	struct server *server;
	struct wlr_idle_notifier_v1 *notifier;
	struct wlr_idle_inhibit_manager_v1 *manager;
	bool inhibited;
	struct wl_list inhibitors; // inhibitor.link
	struct wl_event_source *updating; // may be NULL

	struct wl_listener new_inhibitor;
	struct wl_listener change;
};

struct inhibitor {
	struct idle *idle;
	struct wlr_idle_inhibitor_v1 *wlr;
	struct wl_list link; // idle.inhibitors

	struct wl_listener commit;
	struct wl_listener destroy;
};

static const char *const names[] = {
	[IDLE_INHIBIT_NONE] = "none",
	[IDLE_INHIBIT_FOCUSED] = "focused",
	[IDLE_INHIBIT_FULLSCREEN] = "fullscreen",
	[IDLE_INHIBIT_VISIBLE] = "visible",
	[IDLE_INHIBIT_OPEN] = "open",
};

const char *idle_inhibit_name(enum idle_inhibit inhibit) {
	return names[inhibit];
}

bool idle_inhibit_from_name(const char *name, enum idle_inhibit *inhibit) {
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			*inhibit = (enum idle_inhibit)i;
			return true;
		}
	}
	return false;
}

// --- activity -----------------------------------------------------------------------------

void idle_activity(struct server *server) {
	if (server->idle == NULL) {
		return; // the desk ends
	}
	wlr_idle_notifier_v1_notify_activity(server->idle->notifier, server->seat->wlr_seat);
}

// --- what inhibits ------------------------------------------------------------------------

static bool tile_inhibits(const struct tile *tile) {
	int lx, ly;
	bool visible = wlr_scene_node_coords(&tile->content_tree->node, &lx, &ly);
	switch (tile->idle_inhibit) {
	case IDLE_INHIBIT_FOCUSED:
		return visible && tile->focused;
	case IDLE_INHIBIT_FULLSCREEN:
		return visible && tile->fullscreen;
	case IDLE_INHIBIT_VISIBLE:
		return visible;
	case IDLE_INHIBIT_OPEN:
		return true;
	case IDLE_INHIBIT_NONE:
		break;
	}
	return false;
}

struct search {
	struct wlr_surface *root;
	bool found;
};

static void compare(struct wlr_scene_buffer *buffer, int ox, int oy, void *data) {
	struct search *search = data;
	struct wlr_scene_surface *surface = wlr_scene_surface_try_from_buffer(buffer);
	search->found = search->found ||
		(surface != NULL && wlr_surface_get_root_surface(surface->surface) == search->root);
}

// Whether anything of it, or of a subsurface beside it, can be seen: a film's own surface may
// well be covered by its picture.
static bool is_seen(struct server *server, struct wlr_surface *surface) {
	struct search search = {.root = wlr_surface_get_root_surface(surface)};
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		wlr_scene_output_for_each_buffer(output->scene_output, compare, &search);
	}
	return search.found;
}

static bool find_inhibited(const struct idle *idle) {
	const struct inhibitor *inhibitor;
	if (idle->server->lock->locked) {
		return false; // even what is called open
	}
	wl_list_for_each (inhibitor, &idle->inhibitors, link) {
		if (is_seen(idle->server, inhibitor->wlr->surface)) {
			return true;
		}
	}
	const struct tile *tile;
	wl_list_for_each (tile, &idle->server->tiles, link) {
		if (tile_inhibits(tile)) {
			return true;
		}
	}
	return false;
}

static void handle_idle(void *data) {
	struct idle *idle = data;
	idle->updating = NULL;
	bool inhibited = find_inhibited(idle);
	if (inhibited != idle->inhibited) {
		idle->inhibited = inhibited;
		wlr_idle_notifier_v1_set_inhibited(idle->notifier, inhibited);
		server_emit(idle->server, SERVER_SESSION, SERVER_CHANGED, NULL);
	}
}

void idle_update_later(struct server *server) {
	struct idle *idle = server->idle;
	if (idle->updating == NULL) {
		idle->updating = wl_event_loop_add_idle(server->loop, handle_idle, idle);
	}
}

bool idle_is_inhibited(const struct server *server) {
	return server->idle->inhibited;
}

static void handle_change(struct wl_listener *listener, void *data) {
	struct idle *idle = wl_container_of(listener, idle, change);
	idle_update_later(idle->server);
}

// A film that comes into view draws.
static void handle_commit(struct wl_listener *listener, void *data) {
	struct inhibitor *inhibitor = wl_container_of(listener, inhibitor, commit);
	if (!inhibitor->idle->inhibited) {
		idle_update_later(inhibitor->idle->server);
	}
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct inhibitor *inhibitor = wl_container_of(listener, inhibitor, destroy);
	idle_update_later(inhibitor->idle->server);
	wl_list_remove(&inhibitor->commit.link);
	wl_list_remove(&inhibitor->destroy.link);
	wl_list_remove(&inhibitor->link);
	free(inhibitor);
}

static void handle_new_inhibitor(struct wl_listener *listener, void *data) {
	struct idle *idle = wl_container_of(listener, idle, new_inhibitor);
	struct wlr_idle_inhibitor_v1 *wlr = data;
	struct inhibitor *inhibitor = calloc(1, sizeof(*inhibitor));
	if (inhibitor == NULL) {
		wl_resource_post_no_memory(wlr->resource);
		return;
	}
	inhibitor->idle = idle;
	inhibitor->wlr = wlr;
	wl_list_insert(&idle->inhibitors, &inhibitor->link);
	inhibitor->commit.notify = handle_commit;
	wl_signal_add(&wlr->surface->events.commit, &inhibitor->commit);
	inhibitor->destroy.notify = handle_destroy;
	wl_signal_add(&wlr->events.destroy, &inhibitor->destroy);
	idle_update_later(idle->server);
}

// --- the module ---------------------------------------------------------------------------

bool idle_init(struct server *server) {
	struct idle *idle = calloc(1, sizeof(*idle));
	if (idle == NULL) {
		return false;
	}
	idle->server = server;
	wl_list_init(&idle->inhibitors);
	idle->notifier = wlr_idle_notifier_v1_create(server->display);
	idle->manager = wlr_idle_inhibit_v1_create(server->display);
	if (idle->notifier == NULL || idle->manager == NULL) {
		free(idle);
		return false;
	}
	server->idle = idle;
	idle->new_inhibitor.notify = handle_new_inhibitor;
	wl_signal_add(&idle->manager->events.new_inhibitor, &idle->new_inhibitor);
	idle->change.notify = handle_change;
	wl_signal_add(&server->events.change, &idle->change);
	return true;
}

void idle_finish(struct server *server) {
	struct idle *idle = server->idle;
	if (idle == NULL) {
		return;
	}
	wl_list_remove(&idle->new_inhibitor.link);
	wl_list_remove(&idle->change.link);
	if (idle->updating != NULL) {
		wl_event_source_remove(idle->updating);
	}
	free(idle);
	server->idle = NULL;
}

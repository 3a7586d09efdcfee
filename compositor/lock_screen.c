#include "lock_screen.h"

#include <stdlib.h>
#include <wlr/backend/session.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_fractional_scale_v1.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_session_lock_v1.h>

#include "card.h"
#include "lock.h"
#include "locker.h"
#include "output.h"
#include "server.h"

#define COVER 0x101418
#define TEXT 0xe8e8e8
#define EDGE 0xa03030
#define PLAIN "Sans 11"

static void set_colour(struct wlr_scene_rect *rect, uint32_t colour) {
	const float rgba[4] = {
		(float)(colour >> 16 & 0xff) / 255,
		(float)(colour >> 8 & 0xff) / 255,
		(float)(colour & 0xff) / 255,
		1,
	};
	wlr_scene_rect_set_color(rect, rgba);
}

// --- the frame that covers the desk ---------------------------------------------------------

static void handle_commit(struct wl_listener *listener, void *data) {
	struct lock_screen *screen = wl_container_of(listener, screen, commit);
	const struct wlr_output_event_commit *event = data;
	if ((event->state->committed & WLR_OUTPUT_STATE_BUFFER) != 0 && !screen->committed) {
		screen->committed = true;
		screen->commit_seq = screen->output->wlr_output->commit_seq;
	}
	// One that was switched off shows nothing.
	lock_check_shown(screen->lock);
}

static void handle_present(struct wl_listener *listener, void *data) {
	struct lock_screen *screen = wl_container_of(listener, screen, present);
	const struct wlr_output_event_present *event = data;
	if (screen->shown || !screen->committed ||
		(int32_t)(event->commit_seq - screen->commit_seq) < 0) {
		return;
	}
	if (event->presented) {
		screen->shown = true;
		lock_check_shown(screen->lock);
	} else {
		screen->committed = false;
		wlr_output_schedule_frame(screen->output->wlr_output);
	}
}

bool lock_screen_is_safe(const struct lock_screen *screen) {
	const struct wlr_session *session = screen->lock->server->session;
	return screen->shown || !screen->output->wlr_output->enabled ||
		(session != NULL && !session->active);
}

// --- what it says without a lock program ----------------------------------------------------

static void draw_message(struct lock_screen *screen) {
	struct wlr_buffer *buffer = NULL;
	struct output *output = screen->output;
	if (lock_is_orphaned(screen->lock)) {
		struct locker_help help;
		const char *why = screen->lock->resumed
			? "The desk ended while it was locked, and is back."
			: "The lock program has ended without unlocking it.";
		locker_explain(screen->lock->server, &help);
		const struct card card = {
			.lines = {{"The screen is locked", "Sans Bold 14", TEXT},
				{why, PLAIN, TEXT}, {help.now, PLAIN, TEXT},
				{help.where, PLAIN, TEXT}, {help.command, "Monospace 10", TEXT},
				{help.end, PLAIN, TEXT}},
			.max_width = output->box.width * 9 / 10,
			.max_height = output->box.height * 9 / 10,
			.padding = 16,
			.scale = output->wlr_output->scale,
			.colour = COVER,
			.edge = EDGE,
			.edge_width = 2,
		};
		int width, height;
		buffer = card_draw(&card, &width, &height);
		if (buffer != NULL) {
			wlr_scene_buffer_set_dest_size(screen->message, width, height);
			wlr_scene_node_set_position(&screen->message->node,
				(output->box.width - width) / 2, (output->box.height - height) / 2);
		}
	}
	wlr_scene_buffer_set_buffer(screen->message, buffer);
	if (buffer != NULL) {
		wlr_buffer_drop(buffer);
	}
}

// --- the surface of the lock program --------------------------------------------------------

static void drop_surface(struct lock_screen *screen) {
	if (screen->surface == NULL) {
		return;
	}
	wl_list_remove(&screen->surface_map.link);
	wl_list_remove(&screen->surface_destroy.link);
	wlr_scene_node_destroy(&screen->surface_tree->node);
	screen->surface = NULL;
	screen->surface_tree = NULL;
}

static void handle_surface_map(struct wl_listener *listener, void *data) {
	struct lock_screen *screen = wl_container_of(listener, screen, surface_map);
	lock_update_keyboard(screen->lock);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data) {
	struct lock_screen *screen = wl_container_of(listener, screen, surface_destroy);
	drop_surface(screen);
	lock_update_keyboard(screen->lock);
}

static void configure(struct lock_screen *screen) {
	struct wlr_output *wlr_output = screen->output->wlr_output;
	struct wlr_surface *surface = screen->surface->surface;
	wlr_fractional_scale_v1_notify_scale(surface, wlr_output->scale);
	wlr_surface_set_preferred_buffer_scale(surface, (int32_t)(wlr_output->scale + 0.999f));
	wlr_surface_set_preferred_buffer_transform(surface, wlr_output->transform);
	wlr_session_lock_surface_v1_configure(screen->surface, (uint32_t)screen->output->box.width,
		(uint32_t)screen->output->box.height);
}

void lock_screen_set_surface(
	struct lock_screen *screen, struct wlr_session_lock_surface_v1 *surface) {
	screen->surface = surface;
	screen->surface_tree = wlr_scene_subsurface_tree_create(screen->tree, surface->surface);
	if (screen->surface_tree == NULL) {
		abort();
	}
	screen->surface_map.notify = handle_surface_map;
	wl_signal_add(&surface->surface->events.map, &screen->surface_map);
	screen->surface_destroy.notify = handle_surface_destroy;
	wl_signal_add(&surface->events.destroy, &screen->surface_destroy);
	configure(screen);
}

// --- its life -------------------------------------------------------------------------------

void lock_screen_arrange(struct lock_screen *screen) {
	const struct wlr_box *box = &screen->output->box;
	bool same_size = screen->cover->width == box->width && screen->cover->height == box->height;
	wlr_scene_node_set_position(&screen->tree->node, box->x, box->y);
	wlr_scene_rect_set_size(screen->cover, box->width, box->height);
	draw_message(screen);
	if (screen->surface != NULL && !same_size) {
		configure(screen);
	}
}

struct lock_screen *lock_screen_create(struct lock *lock, struct output *output) {
	struct lock_screen *screen = calloc(1, sizeof(*screen));
	if (screen == NULL) {
		abort();
	}
	const float black[4] = {0, 0, 0, 1};
	screen->lock = lock;
	screen->output = output;
	screen->owner.kind = SCENE_OWNER_LOCK;
	screen->tree = wlr_scene_tree_create(lock->server->layers[LAYER_LOCK]);
	screen->tree->node.data = &screen->owner;
	screen->cover = wlr_scene_rect_create(screen->tree, 0, 0, black);
	set_colour(screen->cover, COVER);
	screen->message = wlr_scene_buffer_create(screen->tree, NULL);
	wl_list_insert(lock->screens.prev, &screen->link);
	screen->commit.notify = handle_commit;
	wl_signal_add(&output->wlr_output->events.commit, &screen->commit);
	screen->present.notify = handle_present;
	wl_signal_add(&output->wlr_output->events.present, &screen->present);
	lock_screen_arrange(screen);
	wlr_output_schedule_frame(output->wlr_output);
	return screen;
}

void lock_screen_destroy(struct lock_screen *screen) {
	drop_surface(screen);
	wl_list_remove(&screen->commit.link);
	wl_list_remove(&screen->present.link);
	wl_list_remove(&screen->link);
	wlr_scene_node_destroy(&screen->tree->node);
	free(screen);
}

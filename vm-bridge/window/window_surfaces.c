#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fractional-scale-v1-client-protocol.h"
#include "presentation-time-client-protocol.h"
#include "redecho-machine-v1-client-protocol.h"
#include "single-pixel-buffer-v1-client-protocol.h"
#include "viewporter-client-protocol.h"
#include "window_private.h"
#include "xdg-decoration-unstable-v1-client-protocol.h"
#include "xdg-shell-client-protocol.h"

#define MAX_DAMAGE_RECTS 32
#define MIN_SCALE120 (WINDOW_SCALE_1 / 10)
#define MAX_SCALE120 (WINDOW_SCALE_1 * 100)
#define MAX_FEEDBACKS 8 // frames that may wait for their presentation

// --- frames that are on their way --------------------------------------------------------

static void feedback_destroy(struct window_feedback *feedback) {
	wl_list_remove(&feedback->link);
	if (feedback->feedback != NULL) {
		wp_presentation_feedback_destroy(feedback->feedback);
	}
	free(feedback);
}

static void feedback_done(struct window_feedback *feedback) {
	struct window *window = feedback->toplevel->window;
	uint64_t serial = feedback->serial;
	feedback_destroy(feedback);
	wl_signal_emit_mutable(&window->events.presented, &serial);
}

/** The frame callback has come, or is not waited for; where it stands in, the frames were shown. */
static void forget_frame_callback(struct window_toplevel *toplevel) {
	if (toplevel->frame_callback != NULL) {
		wl_callback_destroy(toplevel->frame_callback);
		toplevel->frame_callback = NULL;
	}
	struct window_feedback *feedback, *next;
	wl_list_for_each_safe (feedback, next, &toplevel->feedbacks, link) {
		if (feedback->feedback == NULL) {
			feedback_done(feedback);
		}
	}
}

// --- the toplevel ------------------------------------------------------------------------

static void handle_toplevel_configure(void *data, struct xdg_toplevel *xdg_toplevel, int32_t width,
	int32_t height, struct wl_array *states) {
	struct window_toplevel *toplevel = data;
	toplevel->pending_width = width > 0 ? width : 0;
	toplevel->pending_height = height > 0 ? height : 0;
	toplevel->pending_suspended = false;
	const uint32_t *state;
	wl_array_for_each (state, states) {
		if (*state == XDG_TOPLEVEL_STATE_SUSPENDED) {
			toplevel->pending_suspended = true;
		}
	}
}

static void handle_toplevel_close(void *data, struct xdg_toplevel *xdg_toplevel) {
	struct window_toplevel *toplevel = data;
	wl_signal_emit_mutable(&toplevel->window->events.close, toplevel->window);
}

static void handle_configure_bounds(
	void *data, struct xdg_toplevel *xdg_toplevel, int32_t width, int32_t height) {
	// The size is the program's or the user's.
}

static void handle_wm_capabilities(
	void *data, struct xdg_toplevel *xdg_toplevel, struct wl_array *capabilities) {
	// None of them is asked for.
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_toplevel_close,
	.configure_bounds = handle_configure_bounds,
	.wm_capabilities = handle_wm_capabilities,
};

static int32_t chosen(int32_t pending, int32_t current, uint32_t wanted_pixels, uint32_t scale120) {
	if (pending > 0) {
		return pending;
	}
	if (current > 0) {
		return current;
	}
	const int32_t wanted = (int32_t)((uint64_t)wanted_pixels * WINDOW_SCALE_1 / scale120);
	return wanted > 0 ? wanted : 1;
}

static void handle_surface_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct window_toplevel *toplevel = data;
	struct window *window = toplevel->window;
	const bool first = !toplevel->configured;
	xdg_surface_ack_configure(xdg_surface, serial);
	toplevel->configured = true;
	toplevel->width = chosen(
		toplevel->pending_width, toplevel->width, window->mode.width, toplevel->scale120);
	toplevel->height = chosen(toplevel->pending_height, toplevel->height, window->mode.height,
		toplevel->scale120);
	// Where a desk of ours stands in for the window until its first frame, it is not mapped
	// before that; any other desk gets to see black at once.
	if (toplevel->connection->globals.machine == NULL) {
		toplevel->mapped = true;
	}
	window_surfaces_update(toplevel);
	const bool resumed = window->suspended && !toplevel->pending_suspended;
	window_set_suspended(window, toplevel->pending_suspended);
	if (resumed) {
		// What was drawn unseen is shown at once, not after a frame of the old picture.
		forget_frame_callback(toplevel);
	}
	if ((first || resumed) && window_ready(window)) {
		wl_signal_emit_mutable(&window->events.ready, window);
	}
}

static const struct xdg_surface_listener surface_listener = {
	.configure = handle_surface_configure,
};

static void handle_preferred_scale(
	void *data, struct wp_fractional_scale_v1 *fractional_scale, uint32_t scale120) {
	struct window_toplevel *toplevel = data;
	if (scale120 < MIN_SCALE120 || scale120 > MAX_SCALE120 || scale120 == toplevel->scale120) {
		return;
	}
	toplevel->scale120 = scale120;
	window_cursor_rescale(toplevel->window->cursor);
	if (toplevel->configured) {
		window_surfaces_update(toplevel);
	}
}

static const struct wp_fractional_scale_v1_listener fractional_scale_listener = {
	.preferred_scale = handle_preferred_scale,
};

static void handle_enter(void *data, struct wl_surface *surface, struct wl_output *wl_output) {
	struct window_toplevel *toplevel = data;
	struct window_output *output;
	wl_list_for_each (output, &toplevel->connection->outputs, link) {
		if (output->wl_output == wl_output) {
			toplevel->output = output;
		}
	}
	window_update_mode(toplevel->window);
}

static void handle_leave(void *data, struct wl_surface *surface, struct wl_output *wl_output) {
	// Kept: a window that is hidden leaves its output, and the guest need not know.
}

static void handle_preferred_buffer_scale(void *data, struct wl_surface *surface, int32_t scale) {
	struct window_toplevel *toplevel = data;
	if (toplevel->surfaces.fractional_scale == NULL && scale > 0 && scale <= 100) {
		handle_preferred_scale(toplevel, NULL, (uint32_t)scale * WINDOW_SCALE_1);
	}
}

static void handle_preferred_transform(void *data, struct wl_surface *surface, uint32_t transform) {
	// The compositor turns the frame.
}

static const struct wl_surface_listener toplevel_surface_listener = {
	.enter = handle_enter,
	.leave = handle_leave,
	.preferred_buffer_scale = handle_preferred_buffer_scale,
	.preferred_buffer_transform = handle_preferred_transform,
};

static struct wl_buffer *black_from_shm(struct wl_shm *shm) {
	const int fd = memfd_create("black", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0) {
		return NULL;
	}
	struct wl_buffer *buffer = NULL;
	if (ftruncate(fd, 4) == 0) {
		struct wl_shm_pool *pool = wl_shm_create_pool(shm, fd, 4);
		if (pool != NULL) {
			buffer = wl_shm_pool_create_buffer(
				pool, 0, 1, 1, 4, WL_SHM_FORMAT_XRGB8888);
			wl_shm_pool_destroy(pool);
		}
	}
	close(fd);
	return buffer;
}

static void create_toplevel(struct window_toplevel *toplevel) {
	struct window_globals *globals = &toplevel->connection->globals;
	struct window_surfaces *s = &toplevel->surfaces;
	const struct window *window = toplevel->window;
	wl_surface_add_listener(s->toplevel_surface, &toplevel_surface_listener, toplevel);
	s->xdg_surface = xdg_wm_base_get_xdg_surface(globals->wm_base, s->toplevel_surface);
	xdg_surface_add_listener(s->xdg_surface, &surface_listener, toplevel);
	s->xdg_toplevel = xdg_surface_get_toplevel(s->xdg_surface);
	xdg_toplevel_add_listener(s->xdg_toplevel, &toplevel_listener, toplevel);
	xdg_toplevel_set_title(s->xdg_toplevel, window->title);
	xdg_toplevel_set_app_id(s->xdg_toplevel, window->client->options.app_id);
	if (window->client->count > 1 && globals->machine != NULL &&
		redecho_machine_v1_get_version(globals->machine) >=
			REDECHO_MACHINE_V1_SET_DISPLAY_SINCE_VERSION) {
		redecho_machine_v1_set_display(globals->machine, s->toplevel_surface,
			window->index + 1, window->client->count);
	}
	if (globals->decoration != NULL) {
		s->decoration = zxdg_decoration_manager_v1_get_toplevel_decoration(
			globals->decoration, s->xdg_toplevel);
		zxdg_toplevel_decoration_v1_set_mode(
			s->decoration, ZXDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	}
	if (globals->fractional_scale != NULL) {
		s->fractional_scale = wp_fractional_scale_manager_v1_get_fractional_scale(
			globals->fractional_scale, s->toplevel_surface);
		wp_fractional_scale_v1_add_listener(
			s->fractional_scale, &fractional_scale_listener, toplevel);
	}
}

bool window_surfaces_create(struct window_toplevel *toplevel) {
	struct window_globals *globals = &toplevel->connection->globals;
	struct window_surfaces *s = &toplevel->surfaces;
	s->toplevel_surface = wl_compositor_create_surface(globals->compositor);
	s->toplevel_viewport = wp_viewporter_get_viewport(globals->viewporter, s->toplevel_surface);
	s->frame_surface = wl_compositor_create_surface(globals->compositor);
	s->subsurface = wl_subcompositor_get_subsurface(
		globals->subcompositor, s->frame_surface, s->toplevel_surface);
	s->frame_viewport = wp_viewporter_get_viewport(globals->viewporter, s->frame_surface);
	s->black = globals->single_pixel != NULL
		? wp_single_pixel_buffer_manager_v1_create_u32_rgba_buffer(
			  globals->single_pixel, 0, 0, 0, UINT32_MAX)
		: black_from_shm(globals->shm);
	// The pointer is always over the toplevel, whatever the frame's size.
	struct wl_region *nothing = wl_compositor_create_region(globals->compositor);
	if (s->black == NULL || nothing == NULL || s->frame_viewport == NULL) {
		return false;
	}
	wl_surface_set_input_region(s->frame_surface, nothing);
	wl_region_destroy(nothing);
	wl_subsurface_set_desync(s->subsurface);
	create_toplevel(toplevel);
	wl_surface_commit(s->toplevel_surface);
	window_connection_flush(toplevel->connection);
	return true;
}

void window_surfaces_finish(struct window_toplevel *toplevel) {
	struct window_surfaces *s = &toplevel->surfaces;
	struct window_feedback *feedback, *next;
	wl_list_for_each_safe (feedback, next, &toplevel->feedbacks, link) {
		feedback_destroy(feedback);
	}
	if (toplevel->frame_callback != NULL) {
		wl_callback_destroy(toplevel->frame_callback);
	}
	if (s->decoration != NULL) {
		zxdg_toplevel_decoration_v1_destroy(s->decoration);
	}
	if (s->fractional_scale != NULL) {
		wp_fractional_scale_v1_destroy(s->fractional_scale);
	}
	if (s->frame_viewport != NULL) {
		wp_viewport_destroy(s->frame_viewport);
	}
	if (s->subsurface != NULL) {
		wl_subsurface_destroy(s->subsurface);
	}
	if (s->frame_surface != NULL) {
		wl_surface_destroy(s->frame_surface);
	}
	if (s->toplevel_viewport != NULL) {
		wp_viewport_destroy(s->toplevel_viewport);
	}
	if (s->xdg_toplevel != NULL) {
		xdg_toplevel_destroy(s->xdg_toplevel);
	}
	if (s->xdg_surface != NULL) {
		xdg_surface_destroy(s->xdg_surface);
	}
	if (s->toplevel_surface != NULL) {
		wl_surface_destroy(s->toplevel_surface);
	}
	if (s->black != NULL) {
		wl_buffer_destroy(s->black);
	}
	*s = (struct window_surfaces){0};
}

// --- placing the frame -------------------------------------------------------------------

static void set_opaque(struct window_toplevel *toplevel, struct wl_surface *surface) {
	struct wl_region *region = wl_compositor_create_region(
		toplevel->connection->globals.compositor);
	wl_region_add(region, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_set_opaque_region(surface, region);
	wl_region_destroy(region);
}

/** Place the frame in the window; true if anything changed. */
static bool place_frame(struct window_toplevel *toplevel) {
	const struct pixman_box32 *source = &toplevel->source;
	const struct window_place x = window_place_axis(
		(uint32_t)(source->x2 - source->x1), toplevel->width, toplevel->scale120);
	const struct window_place y = window_place_axis(
		(uint32_t)(source->y2 - source->y1), toplevel->height, toplevel->scale120);
	struct window_surfaces *s = &toplevel->surfaces;
	wp_viewport_set_source(s->frame_viewport, wl_fixed_from_double(source->x1 + x.source),
		wl_fixed_from_double(source->y1 + y.source), wl_fixed_from_double(x.source_extent),
		wl_fixed_from_double(y.source_extent));
	wp_viewport_set_destination(s->frame_viewport, x.extent, y.extent);
	wl_subsurface_set_position(s->subsurface, x.position, y.position);
	const bool changed = x.position != toplevel->place_x.position ||
		y.position != toplevel->place_y.position || x.extent != toplevel->place_x.extent ||
		y.extent != toplevel->place_y.extent;
	toplevel->place_x = x;
	toplevel->place_y = y;
	return changed;
}

/** Stretch the black pixel over the window. */
static void put_black(struct window_toplevel *toplevel) {
	struct window_surfaces *s = &toplevel->surfaces;
	wl_surface_attach(s->toplevel_surface, s->black, 0, 0);
	wl_surface_damage_buffer(s->toplevel_surface, 0, 0, 1, 1);
	wp_viewport_set_destination(s->toplevel_viewport, toplevel->width, toplevel->height);
	xdg_surface_set_window_geometry(s->xdg_surface, 0, 0, toplevel->width, toplevel->height);
	set_opaque(toplevel, s->toplevel_surface);
}

void window_surfaces_update(struct window_toplevel *toplevel) {
	struct window_surfaces *s = &toplevel->surfaces;
	window_update_mode(toplevel->window);
	if (toplevel->mapped) {
		put_black(toplevel);
		if (toplevel->has_frame) {
			// Both surfaces change in one step: the frame's state waits for its parent's.
			wl_subsurface_set_sync(s->subsurface);
			place_frame(toplevel);
			wl_surface_commit(s->frame_surface);
			wl_surface_commit(s->toplevel_surface);
			wl_subsurface_set_desync(s->subsurface);
		} else {
			wl_surface_commit(s->toplevel_surface);
		}
	}
	window_connection_flush(toplevel->connection);
}

// --- frames ------------------------------------------------------------------------------

static void handle_frame_done(void *data, struct wl_callback *callback, uint32_t time_ms) {
	struct window_toplevel *toplevel = data;
	struct window *window = toplevel->window;
	forget_frame_callback(toplevel);
	if (window_ready(window)) {
		wl_signal_emit_mutable(&window->events.ready, window);
	}
}

static const struct wl_callback_listener frame_listener = {
	.done = handle_frame_done,
};

static void handle_sync_output(
	void *data, struct wp_presentation_feedback *wp_feedback, struct wl_output *output) {
	// The refresh comes from the output that the toplevel entered.
}

static void handle_presented(void *data, struct wp_presentation_feedback *wp_feedback,
	uint32_t tv_sec_hi, uint32_t tv_sec_lo, uint32_t tv_nsec, uint32_t refresh, uint32_t seq_hi,
	uint32_t seq_lo, uint32_t flags) {
	feedback_done(data);
}

static void handle_discarded(void *data, struct wp_presentation_feedback *wp_feedback) {
	feedback_done(data);
}

static const struct wp_presentation_feedback_listener feedback_listener = {
	.sync_output = handle_sync_output,
	.presented = handle_presented,
	.discarded = handle_discarded,
};

/** A compositor that never tells of a frame does not make us remember it for ever. */
static void limit_feedbacks(struct window_toplevel *toplevel) {
	if (wl_list_length(&toplevel->feedbacks) >= MAX_FEEDBACKS) {
		struct window_feedback *oldest = wl_container_of(
			toplevel->feedbacks.next, oldest, link);
		feedback_done(oldest);
	}
}

static void want_presented(struct window_toplevel *toplevel) {
	limit_feedbacks(toplevel);
	struct window_feedback *feedback = calloc(1, sizeof(*feedback));
	if (feedback == NULL) {
		return; // the owner's timer stands in
	}
	feedback->toplevel = toplevel;
	feedback->serial = toplevel->window->last_serial;
	wl_list_insert(toplevel->feedbacks.prev, &feedback->link);
	if (toplevel->connection->globals.presentation != NULL) {
		feedback->feedback = wp_presentation_feedback(
			toplevel->connection->globals.presentation,
			toplevel->surfaces.frame_surface);
		wp_presentation_feedback_add_listener(
			feedback->feedback, &feedback_listener, feedback);
	}
}

static void damage_frame(struct wl_surface *surface, const pixman_region32_t *damage) {
	int count;
	const pixman_box32_t *rects = pixman_region32_rectangles(damage, &count);
	if (count > MAX_DAMAGE_RECTS) {
		rects = pixman_region32_extents(damage);
		count = 1;
	}
	for (int i = 0; i < count; i++) {
		wl_surface_damage_buffer(surface, rects[i].x1, rects[i].y1,
			rects[i].x2 - rects[i].x1, rects[i].y2 - rects[i].y1);
	}
}

static bool same_box(const struct pixman_box32 *a, const struct pixman_box32 *b) {
	return a->x1 == b->x1 && a->y1 == b->y1 && a->x2 == b->x2 && a->y2 == b->y2;
}

uint64_t window_show(struct window *window, const struct window_frame *frame) {
	struct window_toplevel *toplevel = window->toplevel;
	struct window_surfaces *s = &toplevel->surfaces;
	struct wl_buffer *wl_buffer = window_buffer_realize(
		frame->buffer, toplevel->connection->globals.shm);
	if (wl_buffer == NULL) {
		window_connection_fail(toplevel->connection, "out of memory");
		return 0;
	}
	const bool placed = toplevel->has_frame && toplevel->mapped &&
		same_box(&toplevel->source, &frame->source);
	wl_surface_attach(s->frame_surface, wl_buffer, 0, 0);
	damage_frame(s->frame_surface, frame->damage);
	toplevel->frame_callback = wl_surface_frame(s->frame_surface);
	wl_callback_add_listener(toplevel->frame_callback, &frame_listener, toplevel);
	toplevel->window->last_serial++;
	if (frame->want_presented) {
		want_presented(toplevel);
	}
	frame->buffer->busy = true;
	if (placed) {
		wl_surface_commit(s->frame_surface);
	} else {
		toplevel->source = frame->source;
		toplevel->has_frame = true;
		toplevel->mapped = true;
		set_opaque(toplevel, s->frame_surface);
		window_surfaces_update(toplevel);
	}
	window_connection_flush_now(toplevel->connection);
	return window->last_serial;
}

void window_blank(struct window *window) {
	struct window_toplevel *toplevel = window->toplevel;
	if (toplevel == NULL || !toplevel->has_frame) {
		return;
	}
	toplevel->has_frame = false;
	wl_surface_attach(toplevel->surfaces.frame_surface, NULL, 0, 0);
	wl_surface_commit(toplevel->surfaces.frame_surface);
	if (toplevel->frame_callback != NULL) {
		// It may never come for a surface that shows nothing.
		wl_callback_destroy(toplevel->frame_callback);
		toplevel->frame_callback = NULL;
	}
	window_connection_flush(toplevel->connection);
}

#include "output_frame.h"

#include <time.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_output.h>

#include "output.h"
#include "output_globals.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"

#define NS_PER_S INT64_C(1000000000)

static int64_t to_ns(const struct timespec *time) {
	return time->tv_sec * NS_PER_S + time->tv_nsec;
}

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return to_ns(&now);
}

// --- drawing ------------------------------------------------------------------------------

static bool may_tear(const struct output *output) {
	const struct tile *tile = output->workspace->fullscreen;
	struct wlr_surface *surface = tile != NULL ? toplevel_surface(tile->toplevel) : NULL;
	return output->settings.tearing && surface != NULL &&
		output_globals_may_tear(output->server, surface);
}

// False: the backend cannot, or not now.
static bool commit_tearing(struct output *output) {
	if (!wlr_scene_output_needs_frame(output->scene_output)) {
		return true;
	}
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	bool ok = wlr_scene_output_build_state(output->scene_output, &state, NULL);
	if (ok) {
		state.tearing_page_flip = true;
		if (!wlr_output_test_state(output->wlr_output, &state)) {
			state.tearing_page_flip = false;
		}
		ok = wlr_output_commit_state(output->wlr_output, &state);
	}
	wlr_output_state_finish(&state);
	return ok;
}

// Asked once: a renderer that cannot complains each time.
static bool has_gpu_timer(struct output *output) {
	struct output_frame *frame = &output->frame;
	if (!frame->gpu_asked) {
		struct wlr_render_timer *timer = wlr_render_timer_create(output->server->renderer);
		frame->gpu_asked = true;
		frame->gpu_timed = timer != NULL;
		if (timer != NULL) {
			wlr_render_timer_destroy(timer);
		}
	}
	return frame->gpu_timed;
}

static void commit(struct output *output) {
	struct output_frame *frame = &output->frame;
	const bool timed = output_frame_may_wait(output) && has_gpu_timer(output);
	const struct wlr_scene_output_state_options options = {
		.timer = timed ? &frame->gpu_timer : NULL};
	const int64_t began_ns = now_ns();
	if (wlr_scene_output_commit(output->scene_output, &options)) {
		render_delay_drew(&frame->delay, now_ns() - began_ns);
	}
}

static void draw(struct output *output) {
	if (!output_is_lit(output)) {
		return;
	}
	const bool needed = wlr_scene_output_needs_frame(output->scene_output);
	if (needed) {
		// A client can put another of its surfaces under the pointer.
		seat_pointer_moved_later(output->server->seat);
	}
	if (may_tear(output) && commit_tearing(output)) {
		render_delay_skipped(&output->frame.delay);
	} else if (needed) {
		commit(output);
	} else {
		render_delay_skipped(&output->frame.delay);
	}
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	wlr_scene_output_send_frame_done(output->scene_output, &now);
}

// --- when ---------------------------------------------------------------------------------

// In another desktop it is that one which draws late; where the refresh follows the picture there
// is nothing to wait for.
bool output_frame_may_wait(const struct output *output) {
	const int max_render_ms = output->settings.max_render_ms;
	return max_render_ms != OUTPUT_MAX_RENDER_OFF &&
		output->wlr_output->adaptive_sync_status != WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED &&
		(max_render_ms > 0 || (output->frame.on_hardware && !output->server->nested));
}

static int plan(struct output *output) {
	if (!output_is_lit(output) || !output_frame_may_wait(output) || may_tear(output)) {
		return 0;
	}
	return render_delay_plan(&output->frame.delay, output->settings.max_render_ms, now_ns());
}

static void handle_frame(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, frame.frame);
	struct output_frame *frame = &output->frame;
	frame->delay_ms = plan(output);
	frame->waiting = frame->delay_ms > 0;
	wl_event_source_timer_update(frame->timer, frame->delay_ms);
	if (!frame->waiting) {
		draw(output);
		return;
	}
	// What is damaged meanwhile waits too.
	output->wlr_output->frame_pending = true;
	frame->waiting_seq = output->wlr_output->commit_seq;
}

static int handle_timer(void *data) {
	struct output *output = data;
	struct output_frame *frame = &output->frame;
	frame->waiting = false;
	// After another commit, as of a mode, the backend tells when the next one is due.
	if (output->wlr_output->commit_seq == frame->waiting_seq) {
		output->wlr_output->frame_pending = false;
		draw(output);
	}
	return 0;
}

static void handle_present(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, frame.present);
	const struct wlr_output_event_present *event = data;
	struct output_frame *frame = &output->frame;
	if (!event->presented) {
		return;
	}
	const uint32_t clock = WLR_OUTPUT_PRESENT_HW_CLOCK | WLR_OUTPUT_PRESENT_HW_COMPLETION;
	frame->on_hardware = (event->flags & clock) == clock;
	if (frame->gpu_timer.render_timer != NULL) {
		const int64_t cost_ns = wlr_scene_timer_get_duration_ns(&frame->gpu_timer);
		if (cost_ns > frame->delay.cost_ns) {
			render_delay_drew(&frame->delay, cost_ns);
		}
	}
	render_delay_presented(&frame->delay, to_ns(&event->when), event->refresh);
}

// ------------------------------------------------------------------------------------------

void output_frame_forget(struct output *output) {
	wlr_scene_timer_finish(&output->frame.gpu_timer);
	output->frame.gpu_timer = (struct wlr_scene_timer){0};
	output->frame.gpu_asked = false;
	render_delay_reset(&output->frame.delay);
}

bool output_frame_init(struct output *output) {
	struct output_frame *frame = &output->frame;
	frame->timer = wl_event_loop_add_timer(output->server->loop, handle_timer, output);
	if (frame->timer == NULL) {
		return false;
	}
	frame->frame.notify = handle_frame;
	wl_signal_add(&output->wlr_output->events.frame, &frame->frame);
	frame->present.notify = handle_present;
	wl_signal_add(&output->wlr_output->events.present, &frame->present);
	return true;
}

void output_frame_finish(struct output *output) {
	struct output_frame *frame = &output->frame;
	wl_list_remove(&frame->frame.link);
	wl_list_remove(&frame->present.link);
	wl_event_source_remove(frame->timer);
	wlr_scene_timer_finish(&frame->gpu_timer);
}

#include "fake_screen.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/multi.h>
#include <wlr/interfaces/wlr_output.h>

#include "server.h"

#define FRAME_MS 2

static const struct wlr_output_impl impl;

static struct fake_screen *from_output(struct wlr_output *wlr_output) {
	assert_ptr_equal(wlr_output->impl, &impl);
	struct fake_screen *screen = wl_container_of(wlr_output, screen, wlr_output);
	return screen;
}

static int width_of(const struct wlr_output_state *state) {
	return state->mode_type == WLR_OUTPUT_STATE_MODE_FIXED ? state->mode->width
							       : state->custom_mode.width;
}

static bool is_lit(const struct fake_screen *screen, const struct wlr_output_state *state) {
	return (state->committed & WLR_OUTPUT_STATE_ENABLED) != 0 ? state->enabled
								  : screen->wlr_output.enabled;
}

static bool handle_test(struct wlr_output *wlr_output, const struct wlr_output_state *state) {
	struct fake_screen *screen = from_output(wlr_output);
	if ((state->committed & WLR_OUTPUT_STATE_MODE) != 0 &&
		width_of(state) == screen->options.refuses_width) {
		return false;
	}
	if ((state->committed & WLR_OUTPUT_STATE_ADAPTIVE_SYNC_ENABLED) != 0 &&
		state->adaptive_sync_enabled && screen->options.refuses_adaptive_sync) {
		return false;
	}
	return !state->tearing_page_flip || screen->options.can_tear;
}

static bool handle_commit(struct wlr_output *wlr_output, const struct wlr_output_state *state) {
	struct fake_screen *screen = from_output(wlr_output);
	if (!handle_test(wlr_output, state) || screen->fails) {
		return false;
	}
	screen->commits++;
	screen->tearing_commits += state->tearing_page_flip;
	if ((state->committed & WLR_OUTPUT_STATE_COLOR_TRANSFORM) != 0) {
		screen->gamma_commits += state->color_transform != NULL;
		screen->gamma_resets += state->color_transform == NULL;
	}
	if ((state->committed & WLR_OUTPUT_STATE_ADAPTIVE_SYNC_ENABLED) != 0) {
		wlr_output->adaptive_sync_status = state->adaptive_sync_enabled
			? WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED
			: WLR_OUTPUT_ADAPTIVE_SYNC_DISABLED;
	}
	wl_event_source_timer_update(screen->frame_timer, is_lit(screen, state) ? FRAME_MS : 0);
	return true;
}

static size_t handle_get_gamma_size(struct wlr_output *wlr_output) {
	return from_output(wlr_output)->options.gamma_size;
}

static void handle_destroy(struct wlr_output *wlr_output) {
	struct fake_screen *screen = from_output(wlr_output);
	struct wlr_output_mode *mode, *next;
	wlr_output_finish(wlr_output);
	wl_list_for_each_safe (mode, next, &wlr_output->modes, link) {
		free(mode);
	}
	wl_event_source_remove(screen->frame_timer);
	screen->gone = true;
}

static const struct wlr_output_impl impl = {
	.test = handle_test,
	.commit = handle_commit,
	.get_gamma_size = handle_get_gamma_size,
	.destroy = handle_destroy,
};

static void present(struct fake_screen *screen) {
	struct wlr_output_event_present event = {
		.commit_seq = screen->wlr_output.commit_seq,
		.presented = true,
		.refresh = screen->options.refresh_ms * 1000000,
		.flags = WLR_OUTPUT_PRESENT_VSYNC,
	};
	if (screen->options.hardware_clock) {
		event.flags |= WLR_OUTPUT_PRESENT_HW_CLOCK | WLR_OUTPUT_PRESENT_HW_COMPLETION;
	}
	wlr_output_send_present(&screen->wlr_output, &event);
}

static int handle_frame(void *data) {
	struct fake_screen *screen = data;
	if (screen->options.refresh_ms > 0) {
		present(screen);
	}
	wlr_output_send_frame(&screen->wlr_output);
	return 0;
}

static void find_headless(struct wlr_backend *backend, void *data) {
	struct wlr_backend **found = data;
	if (wlr_backend_is_headless(backend)) {
		*found = backend;
	}
}

static char *copy(const char *text) {
	return text != NULL ? strdup(text) : NULL;
}

struct fake_screen *fake_screen_plug(struct desk *desk, const struct fake_screen_options *options) {
	struct server *server = desk->server;
	struct wlr_backend *backend = NULL;
	wlr_multi_for_each_backend(server->backend, find_headless, &backend);
	assert_non_null(backend);
	struct fake_screen *screen = calloc(1, sizeof(*screen));
	assert_non_null(screen);
	screen->options = *options;
	struct wlr_output *wlr_output = &screen->wlr_output;
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	wlr_output_init(wlr_output, backend, &impl, server->loop, &state);
	wlr_output_state_finish(&state);
	wlr_output_set_name(wlr_output, options->name);
	wlr_output->make = copy(options->make);
	wlr_output->model = copy(options->model);
	wlr_output->serial = copy(options->serial);
	wlr_output->phys_width = options->width_mm;
	wlr_output->phys_height = options->height_mm;
	wlr_output->adaptive_sync_supported = options->adaptive_sync;
	for (int i = 0; i < FAKE_SCREEN_MODES && options->modes[i].width > 0; i++) {
		struct wlr_output_mode *mode = calloc(1, sizeof(*mode));
		assert_non_null(mode);
		mode->width = options->modes[i].width;
		mode->height = options->modes[i].height;
		mode->refresh = options->modes[i].refresh_mhz;
		mode->preferred = i == 0;
		wl_list_insert(wlr_output->modes.prev, &mode->link);
	}
	screen->frame_timer = wl_event_loop_add_timer(server->loop, handle_frame, screen);
	assert_non_null(screen->frame_timer);
	wl_signal_emit_mutable(&backend->events.new_output, wlr_output);
	return screen;
}

void fake_screen_unplug(struct fake_screen *screen) {
	if (!screen->gone) {
		wlr_output_destroy(&screen->wlr_output);
	}
	free(screen);
}

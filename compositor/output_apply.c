#include "output_apply.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/session.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_output_swapchain_manager.h>
#include <wlr/types/wlr_scene.h>

#include "alloc.h"
#include "config.h"
#include "log.h"
#include "notice.h"
#include "output.h"
#include "output_memory.h"
#include "output_place.h"
#include "output_scale.h"
#include "server.h"

// What one screen is to become. `lit` is apart from its settings: it may be impossible.
struct step {
	struct output *output;
	struct output_settings settings;
	bool lit;
	bool off_later; // it is lit once, so that it has a size
};

struct plan {
	struct server *server;
	struct step *steps; // in the order in which the screens were first seen
	struct wlr_backend_output_state *states;
	size_t len;
	struct wlr_output_swapchain_manager swapchains;
};

// --- one screen ---------------------------------------------------------------------------

struct output_settings output_wanted(const struct output *output) {
	struct output_settings wanted;
	config_find_output(
		output->server->config, output->wlr_output->name, output->identifier, &wanted);
	output_settings_merge(&wanted, &output->record->settings);
	return wanted;
}

static struct wlr_output_mode *find_mode(
	struct wlr_output *wlr_output, const struct output_settings *settings) {
	struct wlr_output_mode *mode, *best = NULL;
	wl_list_for_each (mode, &wlr_output->modes, link) {
		if (mode->width != settings->width || mode->height != settings->height) {
			continue;
		}
		bool better = best == NULL ||
			(settings->refresh_mhz == 0 ? mode->refresh > best->refresh
						    : abs(mode->refresh - settings->refresh_mhz) <
						abs(best->refresh - settings->refresh_mhz));
		best = better ? mode : best;
	}
	// 59.94 is meant where 60 is said, but not 30.
	const int tolerance_mhz = 1000;
	if (best != NULL && settings->refresh_mhz != 0 && settings->custom &&
		abs(best->refresh - settings->refresh_mhz) > tolerance_mhz) {
		return NULL;
	}
	return best;
}

static bool has_mode(struct wlr_output *wlr_output, const struct output_settings *settings) {
	return settings->width == 0 || settings->custom || wl_list_empty(&wlr_output->modes) ||
		find_mode(wlr_output, settings) != NULL;
}

static void set_mode(struct wlr_output *wlr_output, const struct output_settings *settings,
	struct wlr_output_state *state) {
	struct wlr_output_mode *mode = settings->width > 0 ? find_mode(wlr_output, settings) : NULL;
	if (mode == NULL && settings->width > 0 &&
		(settings->custom || wl_list_empty(&wlr_output->modes))) {
		// A window in another desktop is drawn as often as that one wants.
		bool paced = !wl_list_empty(&wlr_output->modes) ||
			wlr_output_is_headless(wlr_output);
		wlr_output_state_set_custom_mode(state, settings->width, settings->height,
			paced ? settings->refresh_mhz : 0);
		return;
	}
	if (mode == NULL) {
		mode = wlr_output_preferred_mode(wlr_output);
	}
	if (mode != NULL) {
		wlr_output_state_set_mode(state, mode);
	} else if (wlr_output_is_headless(wlr_output)) {
		const struct output *output = wlr_output->data;
		wlr_output_state_set_custom_mode(
			state, output->native_width, output->native_height, 0);
	}
}

static uint32_t scale_of(const struct output_settings *settings,
	const struct wlr_output *wlr_output, const struct wlr_output_state *state) {
	if (settings->scale120 > 0) {
		return settings->scale120;
	}
	int width = wlr_output->width, height = wlr_output->height;
	if ((state->committed & WLR_OUTPUT_STATE_MODE) != 0) {
		bool fixed = state->mode_type == WLR_OUTPUT_STATE_MODE_FIXED;
		width = fixed ? state->mode->width : state->custom_mode.width;
		height = fixed ? state->mode->height : state->custom_mode.height;
	}
	return output_scale_default(width, height, wlr_output->phys_width, wlr_output->phys_height);
}

static void build_state(const struct step *step, struct wlr_output_state *state) {
	struct wlr_output *wlr_output = step->output->wlr_output;
	const struct output_settings *settings = &step->settings;
	wlr_output_state_finish(state);
	wlr_output_state_init(state);
	wlr_output_state_set_enabled(state, step->lit);
	if (!step->lit) {
		return;
	}
	set_mode(wlr_output, settings, state);
	wlr_output_state_set_scale(state, (float)scale_of(settings, wlr_output, state) / 120);
	wlr_output_state_set_transform(state, (enum wl_output_transform)settings->transform);
	if (wlr_output->adaptive_sync_supported) {
		wlr_output_state_set_adaptive_sync_enabled(state, settings->adaptive_sync);
	}
}

// --- all of them --------------------------------------------------------------------------

static void plan_step(
	struct plan *plan, struct output *output, const struct output_change *change, bool anew) {
	struct step *step = &plan->steps[plan->len];
	struct wlr_backend_output_state *state = &plan->states[plan->len++];
	step->output = output;
	step->settings = anew || !output->configured ? output_wanted(output) : output->settings;
	if (change != NULL) {
		output_settings_merge(&step->settings, &change->settings);
	}
	step->off_later = step->settings.enabled && !step->settings.powered && !output->enabled;
	step->lit = step->settings.enabled && (step->settings.powered || step->off_later);
	state->output = output->wlr_output;
	wlr_output_state_init(&state->base);
	build_state(step, &state->base);
}

// anew: from what is wanted. Else from what is in force, which may be less, and without screens
// that nobody has set up yet.
static void plan_init(struct plan *plan, struct server *server, bool anew,
	const struct output_change *changes, size_t len) {
	size_t most = (size_t)wl_list_length(&server->output_memory->records) + 1;
	*plan = (struct plan){
		.server = server,
		.steps = alloc_zeroed(most, sizeof(struct step)),
		.states = alloc_zeroed(most, sizeof(struct wlr_backend_output_state)),
	};
	wlr_output_swapchain_manager_init(&plan->swapchains, server->backend);
	struct output_record *record;
	wl_list_for_each (record, &server->output_memory->records, link) {
		const struct output_change *change = NULL;
		for (size_t i = 0; i < len; i++) {
			change = changes[i].output == record->output ? &changes[i] : change;
		}
		if (record->output != NULL &&
			(anew || change != NULL || record->output->configured)) {
			plan_step(plan, record->output, change, anew);
		}
	}
}

static void plan_finish(struct plan *plan) {
	wlr_output_swapchain_manager_finish(&plan->swapchains);
	for (size_t i = 0; i < plan->len; i++) {
		wlr_output_state_finish(&plan->states[i].base);
	}
	free(plan->states);
	free(plan->steps);
}

static bool plan_test(struct plan *plan) {
	return plan->len == 0 ||
		wlr_output_swapchain_manager_prepare(&plan->swapchains, plan->states, plan->len);
}

// Each backend for itself: a multi-backend would tell every commit twice.
static bool plan_commit_backend(struct plan *plan, size_t first) {
	struct wlr_backend *backend = plan->states[first].output->backend;
	struct wlr_backend_output_state *states = alloc_zeroed(plan->len, sizeof(*states));
	size_t len = 0;
	for (size_t i = first; i < plan->len; i++) {
		if (plan->states[i].output->backend == backend) {
			states[len++] = plan->states[i];
		}
	}
	bool ok = wlr_backend_commit(backend, states, len);
	free(states);
	return ok;
}

// Draws what is to be shown with it: DRM takes no mode without a picture.
static bool plan_draw(struct plan *plan, size_t index) {
	struct wlr_backend_output_state *state = &plan->states[index];
	const struct wlr_scene_output_state_options options = {
		.swapchain = wlr_output_swapchain_manager_get_swapchain(
			&plan->swapchains, state->output),
	};
	if (!wlr_scene_output_build_state(
		    plan->steps[index].output->scene_output, &state->base, &options)) {
		return false;
	}
	// The scene resets the gamma of what was dark, which fails where there is none to reset;
	// unlike wlr_output_commit_state(), committing to a backend leaves nothing out.
	if (state->base.color_transform == NULL && wlr_output_get_gamma_size(state->output) == 0) {
		state->base.committed &= ~(uint32_t)WLR_OUTPUT_STATE_COLOR_TRANSFORM;
	}
	return true;
}

static bool plan_commit(struct plan *plan) {
	for (size_t i = 0; i < plan->len; i++) {
		if (plan->steps[i].lit && !plan_draw(plan, i)) {
			return false;
		}
	}
	for (size_t i = 0; i < plan->len; i++) {
		bool done = false;
		for (size_t j = 0; j < i; j++) {
			done = done ||
				plan->states[j].output->backend == plan->states[i].output->backend;
		}
		if (!done && !plan_commit_backend(plan, i)) {
			return false;
		}
	}
	wlr_output_swapchain_manager_apply(&plan->swapchains);
	return true;
}

// --- the layout ---------------------------------------------------------------------------

static void place(struct plan *plan) {
	struct server *server = plan->server;
	struct output_place *places = alloc_zeroed(plan->len + 1, sizeof(*places));
	size_t *steps = alloc_zeroed(plan->len + 1, sizeof(*steps)), len = 0;
	for (size_t i = 0; i < plan->len; i++) {
		const struct step *step = &plan->steps[i];
		if (!step->settings.enabled) {
			continue;
		}
		struct output_place *next = &places[len];
		steps[len++] = i;
		next->positioned = step->settings.positioned;
		next->box.x = step->settings.x;
		next->box.y = step->settings.y;
		wlr_output_effective_resolution(
			step->output->wlr_output, &next->box.width, &next->box.height);
	}
	output_place(places, len);
	for (size_t i = 0; i < len; i++) {
		struct output *output = plan->steps[steps[i]].output;
		if (plan->steps[steps[i]].settings.positioned && !places[i].positioned) {
			log_info("output %s: at %d,%d it would cover a part of another one",
				output->wlr_output->name, plan->steps[steps[i]].settings.x,
				plan->steps[steps[i]].settings.y);
		}
		struct wlr_output_layout_output *layout_output = wlr_output_layout_add(
			server->output_layout, output->wlr_output, places[i].box.x,
			places[i].box.y);
		alloc_check(layout_output);
		wlr_scene_output_layout_add_output(
			server->scene_layout, layout_output, output->scene_output);
	}
	free(places);
	free(steps);
}

// What was committed comes into force: places, workspaces, what everybody is told.
static void plan_settle(struct plan *plan) {
	struct server *server = plan->server;
	place(plan);
	// All of them before one comes: a workspace does not go to one whose home is the next one.
	for (size_t i = 0; i < plan->len; i++) {
		plan->steps[i].output->settings = plan->steps[i].settings;
		plan->steps[i].output->configured = true;
	}
	for (size_t i = 0; i < plan->len; i++) {
		struct step *step = &plan->steps[i];
		if (step->settings.enabled && !step->output->enabled) {
			output_enter(step->output);
		}
	}
	// After the others have come, so that the windows of one that goes have where to go.
	for (size_t i = 0; i < plan->len; i++) {
		if (!plan->steps[i].settings.enabled) {
			output_leave(plan->steps[i].output);
		}
	}
	for (size_t i = 0; i < plan->len; i++) {
		if (plan->steps[i].off_later) {
			struct wlr_output_state state;
			wlr_output_state_init(&state);
			wlr_output_state_set_enabled(&state, false);
			wlr_output_commit_state(plan->steps[i].output->wlr_output, &state);
			wlr_output_state_finish(&state);
		}
	}
	output_arrange_all(server);
}

// --- changes on request -------------------------------------------------------------------

static bool fail(char *why, size_t size, const struct output *output, const char *reason) {
	snprintf(why, size, "%s %s", output->wlr_output->name, reason);
	return false;
}

// What can be said beforehand, and better than by the backend's no.
static bool check(const struct plan *plan, const struct output_change *changes, size_t len,
	char *why, size_t size) {
	for (size_t i = 0; i < len; i++) {
		const struct output *output = changes[i].output;
		const struct output_settings *settings = &changes[i].settings;
		if ((settings->set & OUTPUT_SETTING_MODE) != 0 &&
			!has_mode(output->wlr_output, settings)) {
			return fail(why, size, output,
				"has no such mode; `custom` after the mode tries it all the same");
		}
		if ((settings->set & OUTPUT_SETTING_ADAPTIVE_SYNC) != 0 &&
			settings->adaptive_sync && !output->wlr_output->adaptive_sync_supported) {
			return fail(why, size, output, "has no adaptive sync");
		}
	}
	const struct wlr_session *session = plan->server->session;
	if (session != NULL && !session->active) {
		snprintf(why, size, "another virtual terminal has the screens");
		return false;
	}
	return true;
}

// A commit can fail half-way: those that it reached go back.
static void restore(struct server *server) {
	struct plan plan;
	plan_init(&plan, server, false, NULL, 0);
	if (!plan_test(&plan) || !plan_commit(&plan)) {
		log_error("the screens cannot be set back");
	}
	plan_finish(&plan);
}

bool output_apply(struct server *server, const struct output_change *changes, size_t len,
	enum output_apply_mode mode, char *why, size_t size) {
	struct plan plan;
	plan_init(&plan, server, false, changes, len);
	bool was_changing = server->outputs_changing;
	server->outputs_changing = true;
	bool ok = check(&plan, changes, len, why, size);
	if (ok && !plan_test(&plan)) {
		snprintf(why, size, "the screen, or its graphics card, cannot do this");
		ok = false;
	}
	if (ok && mode == OUTPUT_APPLY_SET) {
		ok = plan_commit(&plan);
		if (!ok) {
			snprintf(why, size, "the graphics card has refused it");
			restore(server);
		}
	}
	if (ok && mode == OUTPUT_APPLY_SET) {
		for (size_t i = 0; i < len; i++) {
			output_settings_merge(
				&changes[i].output->record->settings, &changes[i].settings);
		}
		plan_settle(&plan);
	}
	server->outputs_changing = was_changing;
	plan_finish(&plan);
	return ok;
}

// --- as far as it goes --------------------------------------------------------------------

// The n-th thing to try with a screen, from what is wanted to what is hardly what was meant.
static bool attempt(struct plan *plan, size_t index, int number) {
	struct step *step = &plan->steps[index];
	struct wlr_output *wlr_output = step->output->wlr_output;
	if (number > 0) {
		step->settings.adaptive_sync = false;
	}
	if (number > 1) {
		step->settings.width = step->settings.height = step->settings.refresh_mhz = 0;
	}
	build_state(step, &plan->states[index].base);
	if (number <= 2) {
		return true;
	}
	struct wlr_output_mode *mode;
	wl_list_for_each (mode, &wlr_output->modes, link) {
		if (number-- == 3) {
			wlr_output_state_set_mode(&plan->states[index].base, mode);
			return true;
		}
	}
	return false;
}

static void tell(const struct step *step, int number) {
	char text[256];
	snprintf(text, sizeof(text), "Screen %s %s", step->output->wlr_output->name,
		number < 0 ? "takes none of its modes and stays off."
			: number == 1
			? "refuses adaptive sync."
			: "refuses the mode that it is configured to have and shows another one.");
	notice_show(step->output->server, NOTICE_ERROR, text);
}

static void find_working_step(struct plan *plan, size_t index) {
	struct step *step = &plan->steps[index];
	step->lit = true;
	int number = 0;
	while (attempt(plan, index, number)) {
		if (plan_test(plan)) {
			if (number > 0) {
				tell(step, number);
			}
			return;
		}
		number++;
	}
	tell(step, -1);
	step->lit = false;
	step->settings.enabled = false;
	build_state(step, &plan->states[index].base);
}

// One screen after the other, those that are lit first: what works is not given up for more.
static bool find_working(struct plan *plan) {
	bool *wanted = alloc_zeroed(plan->len + 1, sizeof(*wanted));
	for (size_t i = 0; i < plan->len; i++) {
		wanted[i] = plan->steps[i].lit;
		plan->steps[i].lit = false;
		build_state(&plan->steps[i], &plan->states[i].base);
	}
	for (int lit = 1; lit >= 0; lit--) {
		for (size_t i = 0; i < plan->len; i++) {
			if (wanted[i] && output_is_lit(plan->steps[i].output) == lit) {
				find_working_step(plan, i);
			}
		}
	}
	free(wanted);
	return plan_test(plan);
}

static void tell_missing_modes(const struct plan *plan) {
	for (size_t i = 0; i < plan->len; i++) {
		const struct step *step = &plan->steps[i];
		bool again = step->output->enabled &&
			(output_settings_difference(&step->output->settings, &step->settings) &
				OUTPUT_SETTING_MODE) == 0;
		if (!again && step->lit && !has_mode(step->output->wlr_output, &step->settings)) {
			char text[256];
			snprintf(text, sizeof(text),
				"Screen %s has no mode %dx%d; `redechoctl outputs` lists those "
				"that it has.",
				step->output->wlr_output->name, step->settings.width,
				step->settings.height);
			notice_show(plan->server, NOTICE_WARNING, text);
		}
	}
}

void output_apply_all(struct server *server) {
	if (server->outputs_idle != NULL) {
		wl_event_source_remove(server->outputs_idle);
		server->outputs_idle = NULL;
	}
	if (server->session != NULL && !server->session->active) {
		return; // all of them come anew with the session
	}
	struct plan plan;
	plan_init(&plan, server, true, NULL, 0);
	bool was_changing = server->outputs_changing;
	server->outputs_changing = true;
	tell_missing_modes(&plan);
	if ((plan_test(&plan) || find_working(&plan)) && plan_commit(&plan)) {
		plan_settle(&plan);
	} else {
		log_error("the screens cannot be set up");
	}
	server->outputs_changing = was_changing;
	plan_finish(&plan);
}

static void handle_idle(void *data) {
	struct server *server = data;
	server->outputs_idle = NULL;
	output_apply_all(server);
}

void output_apply_later(struct server *server) {
	if (server->outputs_idle == NULL) {
		server->outputs_idle = wl_event_loop_add_idle(server->loop, handle_idle, server);
	}
}

void output_forget(struct output *output) {
	output->record->settings.set = 0;
}

void output_wake(struct server *server) {
	struct output_change changes[64];
	size_t len = 0;
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		if (output_is_lit(output)) {
			return;
		}
		if (len < sizeof(changes) / sizeof(changes[0])) {
			changes[len++] = (struct output_change){.output = output,
				.settings = {.set = OUTPUT_SETTING_POWER, .powered = true}};
		}
	}
	char why[128];
	if (len > 0 && !output_apply(server, changes, len, OUTPUT_APPLY_SET, why, sizeof(why))) {
		log_error("no screen can be lit: %s", why);
	}
}

void output_apply_finish(struct server *server) {
	if (server->outputs_idle != NULL) {
		wl_event_source_remove(server->outputs_idle);
		server->outputs_idle = NULL;
	}
}

#include "output_management.h"

#include <math.h>
#include <stdlib.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_management_v1.h>
#include <wlr/types/wlr_output_power_management_v1.h>

#include "alloc.h"
#include "log.h"
#include "output.h"
#include "output_apply.h"
#include "server.h"

// --- what a client wants ------------------------------------------------------------------

static bool is_known(struct server *server, const struct output *output) {
	struct wl_list *const lists[] = {&server->outputs, &server->disabled_outputs};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct output *other;
		wl_list_for_each (other, lists[i], link) {
			if (other == output) {
				return true;
			}
		}
	}
	return false;
}

static bool moves(const struct wlr_output_head_v1_state *head, const struct output *output) {
	return head->enabled && (head->x != output->box.x || head->y != output->box.y);
}

static bool read_mode(
	const struct wlr_output_head_v1_state *head, struct output_settings *settings) {
	const struct wlr_output *wlr_output = head->output;
	bool custom = head->mode == NULL;
	int width = custom ? head->custom_mode.width : head->mode->width;
	int height = custom ? head->custom_mode.height : head->mode->height;
	int refresh_mhz = custom ? head->custom_mode.refresh : head->mode->refresh;
	bool same = custom ? width == wlr_output->width && height == wlr_output->height &&
			refresh_mhz == wlr_output->refresh
			   : head->mode == wlr_output->current_mode;
	if (same || (custom && width == 0 && height == 0)) {
		return true;
	}
	if (width < 1 || height < 1 || width > OUTPUT_MODE_MAX || height > OUTPUT_MODE_MAX ||
		refresh_mhz < 0 || refresh_mhz > OUTPUT_REFRESH_MAX_MHZ) {
		return false;
	}
	settings->set |= OUTPUT_SETTING_MODE;
	settings->width = width;
	settings->height = height;
	settings->refresh_mhz = refresh_mhz;
	settings->custom = custom;
	return true;
}

static bool is_position(int coordinate) {
	return coordinate >= -OUTPUT_POSITION_MAX && coordinate <= OUTPUT_POSITION_MAX;
}

// Only what differs from how it is: a client gives the whole state of every head, and what it
// did not mean to set shall still follow the configuration. False: not to be had.
static bool read_head(
	const struct wlr_output_head_v1_state *head, bool positions, struct output_change *change) {
	struct output *output = change->output;
	struct output_settings *settings = &change->settings;
	settings->set |= head->enabled != output->enabled ? OUTPUT_SETTING_ENABLED : 0;
	settings->enabled = head->enabled;
	if (!head->enabled) {
		return true;
	}
	double scale120 = round((double)head->scale * 120);
	if (!read_mode(head, settings) || !(scale120 >= OUTPUT_SCALE120_MIN) ||
		!(scale120 <= OUTPUT_SCALE120_MAX) || !is_position(head->x) ||
		!is_position(head->y)) {
		return false;
	}
	if ((int)scale120 != output_scale_120(output)) {
		settings->set |= OUTPUT_SETTING_SCALE;
		settings->scale120 = (uint32_t)scale120;
	}
	if (head->transform != output->wlr_output->transform) {
		settings->set |= OUTPUT_SETTING_TRANSFORM;
		settings->transform = head->transform;
	}
	bool adaptive_sync = output->wlr_output->adaptive_sync_status ==
		WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED;
	if (head->adaptive_sync_enabled != adaptive_sync) {
		settings->set |= OUTPUT_SETTING_ADAPTIVE_SYNC;
		settings->adaptive_sync = head->adaptive_sync_enabled;
	}
	if (positions) {
		settings->set |= OUTPUT_SETTING_POSITION;
		settings->positioned = true;
		settings->x = head->x;
		settings->y = head->y;
	}
	return true;
}

static bool configure(struct output_management *management,
	const struct wlr_output_configuration_v1 *config, enum output_apply_mode mode) {
	struct server *server = management->server;
	struct output_change *changes = alloc_zeroed(
		(size_t)wl_list_length(&config->heads) + 1, sizeof(*changes));
	size_t len = 0;
	// One that moves is meant in relation to the others.
	bool positions = false, ok = true;
	const struct wlr_output_configuration_head_v1 *head;
	wl_list_for_each (head, &config->heads, link) {
		struct output *output = head->state.output->data;
		ok = ok && is_known(server, output);
		positions = positions || (ok && moves(&head->state, output));
	}
	wl_list_for_each (head, &config->heads, link) {
		if (ok) {
			changes[len].output = head->state.output->data;
			ok = read_head(&head->state, positions, &changes[len++]);
		}
	}
	char why[192] = "it asks for what no screen has";
	ok = ok && output_apply(server, changes, len, mode, why, sizeof(why));
	if (!ok) {
		log_info("a client's set-up of the screens is refused: %s", why);
	}
	free(changes);
	return ok;
}

static void answer(struct output_management *management, struct wlr_output_configuration_v1 *config,
	enum output_apply_mode mode) {
	if (configure(management, config, mode)) {
		wlr_output_configuration_v1_send_succeeded(config);
	} else {
		wlr_output_configuration_v1_send_failed(config);
	}
	wlr_output_configuration_v1_destroy(config);
}

static void handle_apply(struct wl_listener *listener, void *data) {
	struct output_management *management = wl_container_of(listener, management, apply);
	answer(management, data, OUTPUT_APPLY_SET);
}

static void handle_test(struct wl_listener *listener, void *data) {
	struct output_management *management = wl_container_of(listener, management, test);
	answer(management, data, OUTPUT_APPLY_TEST);
}

static void handle_set_mode(struct wl_listener *listener, void *data) {
	struct output_management *management = wl_container_of(listener, management, set_mode);
	const struct wlr_output_power_v1_set_mode_event *event = data;
	struct output_change change = {.output = event->output->data};
	if (!is_known(management->server, change.output)) {
		return;
	}
	change.settings = (struct output_settings){
		.set = OUTPUT_SETTING_POWER,
		.powered = event->mode == ZWLR_OUTPUT_POWER_V1_MODE_ON,
	};
	char why[192];
	if (!output_apply(management->server, &change, 1, OUTPUT_APPLY_SET, why, sizeof(why))) {
		log_error("output %s: %s", event->output->name, why);
	}
}

// --- what clients are told ----------------------------------------------------------------

static void add_head(struct wlr_output_configuration_v1 *config, struct output *output) {
	struct wlr_output_configuration_head_v1 *head = wlr_output_configuration_head_v1_create(
		config, output->wlr_output);
	alloc_check(head);
	// Without power it is still there.
	head->state.enabled = output->enabled;
	head->state.x = output->box.x;
	head->state.y = output->box.y;
}

static void handle_idle(void *data) {
	struct output_management *management = data;
	struct server *server = management->server;
	management->idle = NULL;
	struct wlr_output_configuration_v1 *config = wlr_output_configuration_v1_create();
	alloc_check(config);
	struct output *output;
	wl_list_for_each (output, &server->outputs, link) {
		add_head(config, output);
	}
	wl_list_for_each (output, &server->disabled_outputs, link) {
		add_head(config, output);
	}
	wlr_output_manager_v1_set_configuration(management->manager, config);
}

static void handle_change(struct wl_listener *listener, void *data) {
	struct output_management *management = wl_container_of(listener, management, change);
	const struct server_change *change = data;
	if ((change->subject == SERVER_SCREEN || change->subject == SERVER_OUTPUT) &&
		management->idle == NULL) {
		management->idle = wl_event_loop_add_idle(
			management->server->loop, handle_idle, management);
	}
}

bool output_management_init(struct server *server) {
	struct output_management *management = alloc_zeroed(1, sizeof(*management));
	management->server = server;
	server->output_management = management;
	wl_list_init(&management->apply.link);
	wl_list_init(&management->test.link);
	wl_list_init(&management->set_mode.link);
	management->change.notify = handle_change;
	wl_signal_add(&server->events.change, &management->change);
	management->manager = wlr_output_manager_v1_create(server->display);
	management->power = wlr_output_power_manager_v1_create(server->display);
	if (management->manager == NULL || management->power == NULL) {
		return false;
	}
	management->apply.notify = handle_apply;
	wl_signal_add(&management->manager->events.apply, &management->apply);
	management->test.notify = handle_test;
	wl_signal_add(&management->manager->events.test, &management->test);
	management->set_mode.notify = handle_set_mode;
	wl_signal_add(&management->power->events.set_mode, &management->set_mode);
	return true;
}

void output_management_finish(struct server *server) {
	struct output_management *management = server->output_management;
	if (management == NULL) {
		return;
	}
	if (management->idle != NULL) {
		wl_event_source_remove(management->idle);
	}
	wl_list_remove(&management->apply.link);
	wl_list_remove(&management->test.link);
	wl_list_remove(&management->set_mode.link);
	wl_list_remove(&management->change.link);
	free(management);
	server->output_management = NULL;
}

// Protocols about screens, on screens that can what no headless one can: gamma, tearing; and
// clients that ask for what cannot be.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wlr/types/wlr_output.h>

#include "command.h"
#include "desk.h"
#include "fake_screen.h"
#include "output.h"
#include "server.h"
#include "tearing-control-v1-client-protocol.h"
#include "test_client.h"
#include "tile.h"
#include "wlr-gamma-control-unstable-v1-client-protocol.h"
#include "wlr-output-management-unstable-v1-client-protocol.h"
#include "workspace.h"

#define HEADS_MAX 4
#define MODES_MAX 4
#define GAMMA_SIZE 64

static const struct fake_screen_options screen_options = {
	.name = "DP-1",
	.make = "Make",
	.model = "Model",
	.serial = "Serial",
	.modes = {{640, 480, 60000}, {320, 240, 30000}},
	.adaptive_sync = true,
	.gamma_size = GAMMA_SIZE,
};

// --- a client that has bound everything -----------------------------------------------------

struct head {
	struct zwlr_output_head_v1 *proxy;
	char name[32];
	struct zwlr_output_mode_v1 *modes[MODES_MAX];
	int modes_len, x, y;
	int32_t enabled;
	double scale;
	bool finished;
};

struct peer {
	struct test_client *client;
	struct wl_output *output;
	struct zwlr_output_manager_v1 *manager;
	struct zwlr_gamma_control_manager_v1 *gamma;
	struct wp_tearing_control_manager_v1 *tearing;
	struct head heads[HEADS_MAX];
	size_t heads_len;
	uint32_t serial;
	int dones;
	int succeeded, failed, cancelled;
	uint32_t gamma_size;
	int gamma_failures;
};

static void head_name(void *data, struct zwlr_output_head_v1 *proxy, const char *name) {
	struct head *head = data;
	snprintf(head->name, sizeof(head->name), "%s", name);
}

static void head_text(void *data, struct zwlr_output_head_v1 *proxy, const char *text) {}

static void head_size(void *data, struct zwlr_output_head_v1 *proxy, int32_t x, int32_t y) {}

static void head_mode(
	void *data, struct zwlr_output_head_v1 *proxy, struct zwlr_output_mode_v1 *mode) {
	struct head *head = data;
	assert_true(head->modes_len < MODES_MAX);
	head->modes[head->modes_len++] = mode;
}

static void head_enabled(void *data, struct zwlr_output_head_v1 *proxy, int32_t enabled) {
	struct head *head = data;
	head->enabled = enabled;
}

static void head_current_mode(
	void *data, struct zwlr_output_head_v1 *proxy, struct zwlr_output_mode_v1 *mode) {}

static void head_position(void *data, struct zwlr_output_head_v1 *proxy, int32_t x, int32_t y) {
	struct head *head = data;
	head->x = x;
	head->y = y;
}

static void head_number(void *data, struct zwlr_output_head_v1 *proxy, int32_t transform) {}

static void head_scale(void *data, struct zwlr_output_head_v1 *proxy, wl_fixed_t scale) {
	struct head *head = data;
	head->scale = wl_fixed_to_double(scale);
}

static void head_finished(void *data, struct zwlr_output_head_v1 *proxy) {
	struct head *head = data;
	head->finished = true;
}

static void head_adaptive_sync(void *data, struct zwlr_output_head_v1 *proxy, uint32_t state) {}

static const struct zwlr_output_head_v1_listener head_listener = {
	.name = head_name,
	.description = head_text,
	.physical_size = head_size,
	.mode = head_mode,
	.enabled = head_enabled,
	.current_mode = head_current_mode,
	.position = head_position,
	.transform = head_number,
	.scale = head_scale,
	.finished = head_finished,
	.make = head_text,
	.model = head_text,
	.serial_number = head_text,
	.adaptive_sync = head_adaptive_sync,
};

static void manager_head(
	void *data, struct zwlr_output_manager_v1 *manager, struct zwlr_output_head_v1 *proxy) {
	struct peer *peer = data;
	assert_true(peer->heads_len < HEADS_MAX);
	struct head *head = &peer->heads[peer->heads_len++];
	head->proxy = proxy;
	zwlr_output_head_v1_add_listener(proxy, &head_listener, head);
}

static void manager_done(void *data, struct zwlr_output_manager_v1 *manager, uint32_t serial) {
	struct peer *peer = data;
	peer->serial = serial;
	peer->dones++;
}

static void manager_finished(void *data, struct zwlr_output_manager_v1 *manager) {}

static const struct zwlr_output_manager_v1_listener manager_listener = {
	.head = manager_head,
	.done = manager_done,
	.finished = manager_finished,
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct peer *peer = data;
	if (strcmp(interface, "zwlr_output_manager_v1") == 0) {
		peer->manager = wl_registry_bind(
			registry, name, &zwlr_output_manager_v1_interface, 4);
		zwlr_output_manager_v1_add_listener(peer->manager, &manager_listener, peer);
	} else if (strcmp(interface, "zwlr_gamma_control_manager_v1") == 0) {
		peer->gamma = wl_registry_bind(
			registry, name, &zwlr_gamma_control_manager_v1_interface, 1);
	} else if (strcmp(interface, "wp_tearing_control_manager_v1") == 0) {
		peer->tearing = wl_registry_bind(
			registry, name, &wp_tearing_control_manager_v1_interface, 1);
	} else if (strcmp(interface, "wl_output") == 0 && peer->output == NULL) {
		peer->output = wl_registry_bind(registry, name, &wl_output_interface, 4);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static void connect_peer(struct desk *desk, struct peer *peer, struct test_client *client) {
	static const struct wl_registry_listener listener = {
		.global = handle_global, .global_remove = handle_global_remove};
	*peer = (struct peer){.client = client};
	struct wl_registry *registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(registry, &listener, peer);
	desk_settle(desk);
	wl_registry_destroy(registry);
	assert_true(peer->manager != NULL && peer->gamma != NULL && peer->tearing != NULL);
}

static void disconnect_peer(struct desk *desk, struct peer *peer) {
	for (size_t i = 0; i < peer->heads_len; i++) {
		for (int j = 0; j < peer->heads[i].modes_len; j++) {
			zwlr_output_mode_v1_release(peer->heads[i].modes[j]);
		}
		zwlr_output_head_v1_release(peer->heads[i].proxy);
	}
	zwlr_output_manager_v1_destroy(peer->manager);
	zwlr_gamma_control_manager_v1_destroy(peer->gamma);
	wp_tearing_control_manager_v1_destroy(peer->tearing);
	if (peer->output != NULL) {
		wl_output_destroy(peer->output);
	}
	desk_settle(desk);
}

static struct head *find_head(struct peer *peer, const char *name) {
	for (size_t i = 0; i < peer->heads_len; i++) {
		if (strcmp(peer->heads[i].name, name) == 0 && !peer->heads[i].finished) {
			return &peer->heads[i];
		}
	}
	fail_msg("no head %s", name);
	return NULL;
}

// --- set-ups ------------------------------------------------------------------------------

static void config_succeeded(void *data, struct zwlr_output_configuration_v1 *config) {
	struct peer *peer = data;
	peer->succeeded++;
}

static void config_failed(void *data, struct zwlr_output_configuration_v1 *config) {
	struct peer *peer = data;
	peer->failed++;
}

static void config_cancelled(void *data, struct zwlr_output_configuration_v1 *config) {
	struct peer *peer = data;
	peer->cancelled++;
}

static const struct zwlr_output_configuration_v1_listener config_listener = {
	.succeeded = config_succeeded,
	.failed = config_failed,
	.cancelled = config_cancelled,
};

struct wish {
	bool off, test, adaptive_sync;
	int width, height, refresh_mhz; // 0: as it is
	bool moved;
	int x, y;
	double scale; // 0: as it is
	uint32_t serial; // 0: the last one
};

// Asks for one head to be set up so, and the other ones to stay, and waits for the answer.
static void ask(struct desk *desk, struct peer *peer, const char *name, const struct wish *wish) {
	int before = peer->succeeded + peer->failed + peer->cancelled;
	struct zwlr_output_configuration_v1 *config = zwlr_output_manager_v1_create_configuration(
		peer->manager, wish->serial != 0 ? wish->serial : peer->serial);
	zwlr_output_configuration_v1_add_listener(config, &config_listener, peer);
	for (size_t i = 0; i < peer->heads_len; i++) {
		struct head *head = &peer->heads[i];
		bool meant = strcmp(head->name, name) == 0;
		if (head->finished) {
			continue;
		}
		if (meant ? wish->off : !head->enabled) {
			zwlr_output_configuration_v1_disable_head(config, head->proxy);
			continue;
		}
		struct zwlr_output_configuration_head_v1
			*set = zwlr_output_configuration_v1_enable_head(config, head->proxy);
		if (meant && wish->width > 0) {
			zwlr_output_configuration_head_v1_set_custom_mode(
				set, wish->width, wish->height, wish->refresh_mhz);
		}
		if (meant && wish->moved) {
			zwlr_output_configuration_head_v1_set_position(set, wish->x, wish->y);
		}
		if (meant && wish->scale > 0) {
			zwlr_output_configuration_head_v1_set_scale(
				set, wl_fixed_from_double(wish->scale));
		}
		if (meant && wish->adaptive_sync) {
			zwlr_output_configuration_head_v1_set_adaptive_sync(
				set, ZWLR_OUTPUT_HEAD_V1_ADAPTIVE_SYNC_STATE_ENABLED);
		}
		zwlr_output_configuration_head_v1_destroy(set);
	}
	if (wish->test) {
		zwlr_output_configuration_v1_test(config);
	} else {
		zwlr_output_configuration_v1_apply(config);
	}
	desk_until(desk, peer->succeeded + peer->failed + peer->cancelled > before);
	zwlr_output_configuration_v1_destroy(config);
	desk_settle(desk);
}

static void test_management(void **state) {
	const struct desk_options options = {.outputs = -1};
	struct desk *desk = desk_create(&options);
	struct fake_screen *first = fake_screen_plug(desk, &screen_options);
	struct fake_screen_options other = screen_options;
	other.name = "DP-2";
	other.serial = "Another";
	other.adaptive_sync = false;
	struct fake_screen *second = fake_screen_plug(desk, &other);
	desk_settle(desk);
	struct peer peer;
	connect_peer(desk, &peer, desk_connect(desk));
	assert_int_equal(peer.heads_len, 2);
	assert_int_equal(find_head(&peer, "DP-1")->modes_len, 2);
	assert_int_equal(find_head(&peer, "DP-2")->x, 640);

	uint32_t serial = peer.serial;
	ask(desk, &peer, "DP-1", &(struct wish){.scale = 2, .test = true});
	assert_int_equal(peer.succeeded, 1);
	assert_int_equal(output_scale_120(first->wlr_output.data), 120);
	ask(desk, &peer, "DP-1", &(struct wish){.scale = 2, .adaptive_sync = true});
	assert_int_equal(peer.succeeded, 2);
	assert_true(find_head(&peer, "DP-1")->scale == 2);
	assert_int_equal(first->wlr_output.adaptive_sync_status, WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED);
	assert_int_equal(find_head(&peer, "DP-2")->x, 320);
	// What it said is about what was before.
	assert_int_not_equal(peer.serial, serial);
	ask(desk, &peer, "DP-1", &(struct wish){.scale = 1, .serial = serial});
	assert_int_equal(peer.cancelled, 1);
	assert_int_equal(output_scale_120(first->wlr_output.data), 240);
	// One that moves: the others are where they were in relation to it.
	ask(desk, &peer, "DP-2", &(struct wish){.moved = true, .x = -640});
	assert_int_equal(find_head(&peer, "DP-1")->x, 0);
	assert_int_equal(find_head(&peer, "DP-2")->x, -640);
	// Off, and not all at once gone.
	ask(desk, &peer, "DP-2", &(struct wish){.off = true});
	assert_false(find_head(&peer, "DP-2")->enabled || second->wlr_output.enabled);
	ask(desk, &peer, "DP-2", &(struct wish){.scale = 1.5});
	assert_true(find_head(&peer, "DP-2")->enabled && second->wlr_output.enabled);
	assert_int_equal(output_scale_120(second->wlr_output.data), 180);
	assert_int_equal(find_head(&peer, "DP-2")->x, -640);
	// It goes with its plug.
	fake_screen_unplug(second);
	desk_settle(desk);
	assert_true(peer.heads[0].finished != peer.heads[1].finished);
	disconnect_peer(desk, &peer);
	fake_screen_unplug(first);
	desk_destroy(desk);
}

static void test_management_refusals(void **state) {
	const struct desk_options options = {.outputs = -1};
	struct desk *desk = desk_create(&options);
	struct fake_screen *screen = fake_screen_plug(desk, &screen_options);
	desk_settle(desk);
	struct peer peer;
	connect_peer(desk, &peer, desk_connect(desk));
	static const struct wish wishes[] = {
		{.scale = 0.01},
		{.scale = 8000000},
		{.width = 16385, .height = 1},
		{.width = 1, .height = 1 << 30},
		{.width = 100, .height = 100, .refresh_mhz = 1 << 30},
		{.moved = true, .x = 1 << 30, .y = 1 << 30},
		{.moved = true, .x = INT32_MIN, .y = INT32_MIN},
		{.width = 123, .height = 100}, // by the screen
	};
	screen->options.refuses_width = 123;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		ask(desk, &peer, "DP-1", &wishes[i]);
		assert_int_equal(peer.failed, (int)i + 1);
		assert_int_equal(screen->wlr_output.width, 640);
		assert_false(peer.client->dead);
	}
	// A screen that goes while it is asked for.
	struct zwlr_output_configuration_v1 *config = zwlr_output_manager_v1_create_configuration(
		peer.manager, peer.serial);
	zwlr_output_configuration_v1_add_listener(config, &config_listener, &peer);
	struct zwlr_output_configuration_head_v1 *set = zwlr_output_configuration_v1_enable_head(
		config, find_head(&peer, "DP-1")->proxy);
	desk_settle(desk);
	fake_screen_unplug(screen);
	desk_settle(desk);
	zwlr_output_configuration_head_v1_set_scale(set, wl_fixed_from_int(2));
	zwlr_output_configuration_head_v1_destroy(set);
	zwlr_output_configuration_v1_apply(config);
	desk_until(desk, peer.cancelled == 1);
	zwlr_output_configuration_v1_destroy(config);
	disconnect_peer(desk, &peer);
	desk_destroy(desk);
}

// --- gamma --------------------------------------------------------------------------------

static void gamma_size(void *data, struct zwlr_gamma_control_v1 *gamma, uint32_t size) {
	struct peer *peer = data;
	peer->gamma_size = size;
}

static void gamma_failed(void *data, struct zwlr_gamma_control_v1 *gamma) {
	struct peer *peer = data;
	peer->gamma_failures++;
}

static const struct zwlr_gamma_control_v1_listener gamma_listener = {
	.gamma_size = gamma_size,
	.failed = gamma_failed,
};

static struct zwlr_gamma_control_v1 *control_gamma(struct desk *desk, struct peer *peer) {
	struct zwlr_gamma_control_v1 *gamma = zwlr_gamma_control_manager_v1_get_gamma_control(
		peer->gamma, peer->output);
	zwlr_gamma_control_v1_add_listener(gamma, &gamma_listener, peer);
	desk_settle(desk);
	return gamma;
}

static void set_gamma(struct desk *desk, struct zwlr_gamma_control_v1 *gamma) {
	uint16_t table[3 * GAMMA_SIZE];
	for (size_t i = 0; i < 3 * GAMMA_SIZE; i++) {
		table[i] = (uint16_t)(i % GAMMA_SIZE * 500);
	}
	int fd = memfd_create("gamma", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, table, sizeof(table)), sizeof(table));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	zwlr_gamma_control_v1_set_gamma(gamma, fd);
	close(fd);
	desk_settle(desk);
}

static void test_gamma(void **state) {
	const struct desk_options options = {.outputs = -1};
	struct desk *desk = desk_create(&options);
	struct fake_screen *screen = fake_screen_plug(desk, &screen_options);
	desk_settle(desk);
	struct peer peer;
	connect_peer(desk, &peer, desk_connect(desk));
	struct zwlr_gamma_control_v1 *gamma = control_gamma(desk, &peer);
	assert_int_equal(peer.gamma_size, GAMMA_SIZE);
	set_gamma(desk, gamma);
	desk_until(desk, screen->gamma_commits > 0);
	// Nobody else gets it meanwhile.
	struct zwlr_gamma_control_v1 *second = control_gamma(desk, &peer);
	assert_int_equal(peer.gamma_failures, 1);
	zwlr_gamma_control_v1_destroy(second);
	zwlr_gamma_control_v1_destroy(gamma);
	desk_until(desk, screen->gamma_resets == 1);
	// A screen that goes takes its control with it.
	gamma = control_gamma(desk, &peer);
	set_gamma(desk, gamma);
	fake_screen_unplug(screen);
	desk_settle(desk);
	assert_false(peer.client->dead);
	zwlr_gamma_control_v1_destroy(gamma);
	disconnect_peer(desk, &peer);
	desk_destroy(desk);
}

// --- tearing ------------------------------------------------------------------------------

static void handle_frame_done(void *data, struct wl_callback *callback, uint32_t time_ms) {
	bool *done = data;
	*done = true;
}

// Until it is on the screen.
static void draw(struct desk *desk, struct test_client *client) {
	static const struct wl_callback_listener listener = {.done = handle_frame_done};
	bool done = false;
	struct wl_callback *callback = wl_surface_frame(client->surface);
	wl_callback_add_listener(callback, &listener, &done);
	wl_surface_damage(client->surface, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(client->surface);
	desk_until(desk, done);
	wl_callback_destroy(callback);
}

static void test_tearing(void **state) {
	const struct desk_options options = {.outputs = -1};
	struct desk *desk = desk_create(&options);
	struct fake_screen_options can = screen_options;
	can.can_tear = true;
	struct fake_screen *screen = fake_screen_plug(desk, &can);
	desk_settle(desk);
	struct test_client *client = desk_connect_shown(desk, "game");
	struct peer peer;
	connect_peer(desk, &peer, client);
	struct wp_tearing_control_v1 *control = wp_tearing_control_manager_v1_get_tearing_control(
		peer.tearing, client->surface);
	wp_tearing_control_v1_set_presentation_hint(
		control, WP_TEARING_CONTROL_V1_PRESENTATION_HINT_ASYNC);
	desk_run(desk, "fullscreen on");
	test_client_show(client, 1, 1);
	draw(desk, client);
	assert_int_equal(screen->tearing_commits, 0); // nobody has allowed it
	desk_run(desk, "output DP-1 tearing on");
	draw(desk, client);
	assert_true(screen->tearing_commits > 0);
	// Not beside other windows, nor when the screen cannot.
	desk_run(desk, "fullscreen off");
	int tearing = screen->tearing_commits;
	draw(desk, client);
	assert_int_equal(screen->tearing_commits, tearing);
	screen->options.can_tear = false;
	desk_run(desk, "fullscreen on");
	draw(desk, client);
	assert_int_equal(screen->tearing_commits, tearing);
	wp_tearing_control_v1_destroy(control);
	disconnect_peer(desk, &peer);
	fake_screen_unplug(screen);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_management),
		cmocka_unit_test(test_management_refusals),
		cmocka_unit_test(test_gamma),
		cmocka_unit_test(test_tearing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

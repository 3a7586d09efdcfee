#include "desk.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wlr/backend.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/multi.h>
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/interfaces/wlr_pointer.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/log.h>

#include "command.h"
#include "fake_manager.h"
#include "manager.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"

struct fake_devices {
	struct wlr_keyboard keyboard;
	struct wlr_pointer pointer;
};

static const struct wlr_keyboard_impl keyboard_impl = {.name = "fake-keyboard"};
static const struct wlr_pointer_impl pointer_impl = {.name = "fake-pointer"};

int64_t desk_now_ms(void) {
	return server_now_ms();
}

int64_t desk_deadline_ms(void) {
	return server_now_ms() + 5000;
}

void desk_pump(struct desk *desk) {
	wl_event_loop_dispatch(desk->server->loop, 1);
	wl_display_flush_clients(desk->server->display);
	if (desk->manager != NULL) {
		fake_manager_pump(desk->manager);
	}
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		if (desk->clients[i] != NULL) {
			test_client_pump(desk->clients[i]);
		}
	}
}

static bool all_synced(const struct desk *desk) {
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		const struct test_client *client = desk->clients[i];
		if (client != NULL && !client->synced && !client->dead) {
			return false;
		}
	}
	return true;
}

void desk_settle(struct desk *desk) {
	// Twice: what the first answer sets off is answered by the second.
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
			if (desk->clients[i] != NULL) {
				test_client_sync(desk->clients[i]);
			}
		}
		desk_pump(desk);
		desk_until(desk, all_synced(desk));
	}
	desk_pump(desk);
	desk_pump(desk);
}

static void write_config(const struct desk *desk, const char *text) {
	FILE *file = fopen(desk->config, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void add_devices(struct desk *desk) {
	desk->devices = calloc(1, sizeof(*desk->devices));
	assert_non_null(desk->devices);
	wlr_keyboard_init(&desk->devices->keyboard, &keyboard_impl, "fake-keyboard");
	wlr_pointer_init(&desk->devices->pointer, &pointer_impl, "fake-pointer");
	struct wl_signal *new_input = &desk->server->backend->events.new_input;
	wl_signal_emit_mutable(new_input, &desk->devices->keyboard.base);
	wl_signal_emit_mutable(new_input, &desk->devices->pointer.base);
}

static void start_server(struct desk *desk, bool without_manager) {
	const struct server_options options = {
		.config_path = desk->config,
		.desk = "t",
		.vmd_path = "/nonexistent/redecho-vmd",
		.without_manager = without_manager,
	};
	desk->server = server_create(&options);
	assert_non_null(desk->server);
	assert_true(server_start(desk->server));
	add_devices(desk);
	desk_settle(desk);
}

struct desk *desk_create(const struct desk_options *given) {
	const struct desk_options options = given != NULL ? *given : (struct desk_options){0};
	struct desk *desk = calloc(1, sizeof(*desk));
	assert_non_null(desk);
	snprintf(desk->folder, sizeof(desk->folder), "/tmp/re-test.XXXXXX");
	assert_non_null(mkdtemp(desk->folder));
	setenv("XDG_RUNTIME_DIR", desk->folder, true);
	setenv("XDG_CONFIG_HOME", desk->folder, true);
	setenv("WLR_BACKENDS", "headless", true);
	setenv("WLR_RENDERER", "pixman", true);
	char outputs[16];
	int len = options.outputs == 0 ? 1 : options.outputs < 0 ? 0 : options.outputs;
	snprintf(outputs, sizeof(outputs), "%d", len);
	setenv("WLR_HEADLESS_OUTPUTS", outputs, true);
	wlr_log_init(getenv("REDECHO_LOG") != NULL ? WLR_DEBUG : WLR_ERROR, NULL);

	snprintf(desk->config, sizeof(desk->config), "%s/config", desk->folder);
	write_config(desk, options.config != NULL ? options.config : "");
	char folder[128];
	snprintf(folder, sizeof(folder), "%s/redecho-t", desk->folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	if (options.with_manager) {
		desk->manager = fake_manager_create(
			folder, options.manager_version > 0 ? options.manager_version : 3);
		assert_non_null(desk->manager);
	}
	start_server(desk, !options.with_manager && !options.missing_manager);
	return desk;
}

static void stop_server(struct desk *desk) {
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		if (desk->clients[i] != NULL) {
			test_client_destroy(desk->clients[i]);
			desk->clients[i] = NULL;
		}
	}
	if (desk->devices != NULL) {
		wlr_keyboard_finish(&desk->devices->keyboard);
		wlr_pointer_finish(&desk->devices->pointer);
		free(desk->devices);
	}
	server_destroy(desk->server);
}

void desk_restart_server(struct desk *desk) {
	stop_server(desk);
	start_server(desk, desk->manager == NULL);
}

static void remove_folder(const char *folder) {
	char command[128];
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
}

void desk_destroy(struct desk *desk) {
	stop_server(desk);
	if (desk->manager != NULL) {
		fake_manager_destroy(desk->manager);
	}
	remove_folder(desk->folder);
	free(desk);
}

struct test_client *desk_connect_fd(struct desk *desk, int fd) {
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		if (desk->clients[i] == NULL) {
			desk->clients[i] = test_client_create(fd);
			desk_settle(desk);
			return desk->clients[i];
		}
	}
	fail_msg("too many clients");
	return NULL;
}

struct test_client *desk_connect(struct desk *desk) {
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_non_null(wl_client_create(desk->server->display, fds[0]));
	return desk_connect_fd(desk, fds[1]);
}

struct test_client *desk_connect_shown(struct desk *desk, const char *title) {
	struct test_client *client = desk_connect(desk);
	test_client_open(client, title);
	desk_settle(desk);
	test_client_show(client, 200, 100);
	desk_settle(desk);
	return client;
}

void desk_disconnect(struct desk *desk, struct test_client *client) {
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		if (desk->clients[i] == client) {
			desk->clients[i] = NULL;
		}
	}
	test_client_destroy(client);
	desk_settle(desk);
}

void desk_key(struct desk *desk, uint32_t key, bool pressed) {
	struct wlr_keyboard_key_event event = {
		.time_msec = (uint32_t)server_now_ms(),
		.keycode = key,
		.update_state = true,
		.state = pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED,
	};
	wlr_keyboard_notify_key(&desk->devices->keyboard, &event);
	desk_settle(desk);
}

void desk_tap(struct desk *desk, uint32_t key) {
	desk_key(desk, key, true);
	desk_key(desk, key, false);
}

static void frame(struct desk *desk) {
	wl_signal_emit_mutable(&desk->devices->pointer.events.frame, &desk->devices->pointer);
	desk_settle(desk);
}

void desk_move_by(struct desk *desk, double dx, double dy) {
	struct wlr_pointer_motion_event event = {
		.pointer = &desk->devices->pointer,
		.time_msec = (uint32_t)server_now_ms(),
		.delta_x = dx,
		.delta_y = dy,
		.unaccel_dx = dx,
		.unaccel_dy = dy,
	};
	wl_signal_emit_mutable(&desk->devices->pointer.events.motion, &event);
	frame(desk);
}

void desk_move_to(struct desk *desk, double lx, double ly) {
	const struct wlr_cursor *cursor = desk->server->seat->pointer->cursor;
	desk_move_by(desk, lx - cursor->x, ly - cursor->y);
}

void desk_button(struct desk *desk, uint32_t button, bool pressed) {
	struct wlr_pointer_button_event event = {
		.pointer = &desk->devices->pointer,
		.time_msec = (uint32_t)server_now_ms(),
		.button = button,
		.state = pressed ? WL_POINTER_BUTTON_STATE_PRESSED
				 : WL_POINTER_BUTTON_STATE_RELEASED,
	};
	wl_signal_emit_mutable(&desk->devices->pointer.events.button, &event);
	frame(desk);
}

void desk_scroll(struct desk *desk, int value120) {
	struct wlr_pointer_axis_event event = {
		.pointer = &desk->devices->pointer,
		.time_msec = (uint32_t)server_now_ms(),
		.source = WL_POINTER_AXIS_SOURCE_WHEEL,
		.orientation = WL_POINTER_AXIS_VERTICAL_SCROLL,
		.delta = value120 / 8.0,
		.delta_discrete = value120,
	};
	wl_signal_emit_mutable(&desk->devices->pointer.events.axis, &event);
	frame(desk);
}

struct wlr_pointer *desk_pointer(struct desk *desk) {
	return &desk->devices->pointer;
}

void desk_run(struct desk *desk, const char *line) {
	char error[COMMAND_ERROR_MAX];
	if (!command_run_line(desk->server, NULL, line, error)) {
		fail_msg("%s: %s", line, error);
	}
	desk_settle(desk);
}

void desk_configure(struct desk *desk, const char *config) {
	write_config(desk, config);
	assert_true(server_reload(desk->server));
	desk_settle(desk);
}

struct tile *desk_tile(struct desk *desk, const char *title) {
	struct tile *tile;
	wl_list_for_each (tile, &desk->server->tiles, link) {
		if (strcmp(tile_title(tile), title) == 0) {
			return tile;
		}
	}
	fail_msg("no window %s", title);
	return NULL;
}

static void find_headless(struct wlr_backend *backend, void *data) {
	struct wlr_backend **found = data;
	if (wlr_backend_is_headless(backend)) {
		*found = backend;
	}
}

struct wlr_output *desk_add_output(struct desk *desk, int width, int height) {
	struct wlr_backend *headless = NULL;
	wlr_multi_for_each_backend(desk->server->backend, find_headless, &headless);
	assert_non_null(headless);
	struct wlr_output *output = wlr_headless_add_output(
		headless, (unsigned)width, (unsigned)height);
	desk_settle(desk);
	return output;
}

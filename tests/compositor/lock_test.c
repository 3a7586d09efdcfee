// The session lock: who sees and hears what while it is there, and what becomes of it.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>

#include "command.h"
#include "desk.h"
#include "lock.h"
#include "lock_screen.h"
#include "output.h"
#include "scene_owner.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "test_layer.h"
#include "test_lock.h"
#include "tile.h"
#include "wlr-layer-shell-unstable-v1-client-protocol.h"
#include "workspace.h"

static bool heard(const struct test_client *client, uint32_t key) {
	for (size_t i = 0; i < client->keys_len; i++) {
		if (client->keys[i].key == key) {
			return true;
		}
	}
	return false;
}

static bool covered(struct desk *desk, double lx, double ly) {
	const struct scene_owner *owner = scene_owner_at(desk->server, lx, ly);
	return owner != NULL && owner->kind == SCENE_OWNER_LOCK;
}

// Locks, on the first output with a surface, and waits until the client knows.
static struct test_lock *lock_desk(struct desk *desk, struct test_client *client) {
	struct test_lock *lock = test_lock_create(client);
	test_lock_cover(lock, 0);
	desk_until(desk, lock->locked == 1);
	desk_settle(desk);
	return lock;
}

static void kill_client(struct desk *desk, struct test_client *client, struct test_lock *lock) {
	test_lock_destroy(lock);
	desk_disconnect(desk, client);
}

static void test_lock(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *window = desk_connect_shown(desk, "a");
	struct test_client *locker = desk_connect(desk);
	desk_move_to(desk, 100, 80);
	desk_button(desk, BTN_LEFT, true);
	desk_key(desk, KEY_A, true);
	assert_true(window->has_keyboard_focus);
	assert_true(window->has_pointer_focus);
	assert_int_equal(window->keys_len, 1);

	struct test_lock *lock = lock_desk(desk, locker);
	assert_true(seat_locked(desk->server->seat));
	assert_false(window->has_keyboard_focus || window->has_pointer_focus);
	assert_true(locker->has_keyboard_focus);
	assert_true(covered(desk, 5, 5) && covered(desk, 640, 360) && covered(desk, 1279, 719));
	int buttons = window->buttons;
	desk_key(desk, KEY_A, false);
	desk_tap(desk, KEY_B);
	desk_button(desk, BTN_LEFT, false);
	desk_move_by(desk, 10, 10);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	desk_scroll(desk, 120);
	assert_false(heard(window, KEY_B));
	assert_true(heard(locker, KEY_B));
	assert_int_equal(window->keys_len, 1);
	assert_int_equal(window->buttons, buttons);
	assert_int_equal(window->axis_value120, 0);
	// The release of what went down on the window is nobody's.
	assert_int_equal(locker->buttons, 2);

	// A window that comes meanwhile gets nothing, either.
	struct test_client *late = desk_connect_shown(desk, "b");
	assert_false(late->has_keyboard_focus);
	desk_tap(desk, KEY_C);
	assert_false(heard(late, KEY_C) || heard(window, KEY_C));

	desk_key(desk, KEY_ENTER, true);
	test_lock_unlock(lock);
	desk_settle(desk);
	desk_key(desk, KEY_ENTER, false);
	assert_false(seat_locked(desk->server->seat));
	assert_false(covered(desk, 640, 360));
	assert_true(late->has_keyboard_focus);
	desk_tap(desk, KEY_D);
	assert_true(heard(late, KEY_D));
	assert_false(heard(locker, KEY_D));
	test_lock_destroy(lock);
	desk_destroy(desk);
}

// It would hold the keyboard of the whole desk when it is unlocked.
static void test_menu_of_a_window_behind_the_lock(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *window = desk_connect_shown(desk, "a");
	desk_tap(desk, KEY_A);
	struct test_client *locker = desk_connect(desk);
	struct test_lock *lock = lock_desk(desk, locker);
	test_client_open_menu(window, 50, 50);
	desk_settle(desk);
	assert_int_equal(window->popup_dones, 1);
	test_lock_unlock(lock);
	desk_settle(desk);
	assert_true(window->has_keyboard_focus);
	desk_tap(desk, KEY_B);
	assert_true(heard(window, KEY_B));
	test_lock_destroy(lock);
	desk_destroy(desk);
}

// --- when the client is told ----------------------------------------------------------------

struct order {
	struct desk *desk;
	struct wl_listener commit;
	int frames; // with the lock in them
	bool told_before; // the first of them
};

static void handle_commit(struct wl_listener *listener, void *data) {
	struct order *order = wl_container_of(listener, order, commit);
	const struct wlr_output_event_commit *event = data;
	const struct lock *lock = order->desk->server->lock;
	if (lock->locked && (event->state->committed & WLR_OUTPUT_STATE_BUFFER) != 0 &&
		order->frames++ == 0) {
		order->told_before = lock->told;
	}
}

static void test_told_once_it_is_dark(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	struct order orders[2] = {0};
	struct output *output;
	int i = 0;
	wl_list_for_each (output, &desk->server->outputs, link) {
		orders[i].desk = desk;
		orders[i].commit.notify = handle_commit;
		wl_signal_add(&output->wlr_output->events.commit, &orders[i++].commit);
	}
	struct test_client *locker = desk_connect(desk);
	struct test_lock *lock = test_lock_create(locker);
	desk_until(desk, lock->locked == 1);
	for (i = 0; i < 2; i++) {
		assert_true(orders[i].frames > 0);
		assert_false(orders[i].told_before);
		wl_list_remove(&orders[i].commit.link);
	}
	// An output that never shows anything does not keep the user from unlocking.
	test_lock_unlock(lock);
	test_lock_destroy(lock);
	desk_settle(desk);
	lock = test_lock_create(locker);
	desk_until(desk, desk->server->lock->locked);
	struct lock_screen *screen;
	wl_list_for_each (screen, &desk->server->lock->screens, link) {
		wl_list_remove(&screen->present.link);
		wl_list_init(&screen->present.link);
	}
	assert_int_equal(lock->locked, 0);
	desk_until(desk, lock->locked == 1);
	test_lock_destroy(lock);
	desk_destroy(desk);
}

static void test_no_outputs(void **state) {
	const struct desk_options options = {.outputs = -1};
	struct desk *desk = desk_create(&options);
	struct test_client *locker = desk_connect(desk);
	struct test_lock *lock = test_lock_create(locker);
	desk_until(desk, lock->locked == 1);
	desk_add_output(desk, 800, 600);
	desk_settle(desk);
	assert_true(covered(desk, 400, 300));
	test_lock_cover(lock, 0);
	desk_settle(desk);
	assert_int_equal(lock->screens[0].width, 800);
	assert_true(locker->has_keyboard_focus);
	test_lock_destroy(lock);
	desk_destroy(desk);
}

static void test_outputs_come_and_go(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "a");
	struct test_client *locker = desk_connect(desk);
	struct test_lock *lock = lock_desk(desk, locker);
	struct wlr_output *second = desk_add_output(desk, 800, 600);
	// Before a frame can be drawn there.
	assert_true(covered(desk, 1280 + 400, 300));
	test_lock_cover(lock, 1);
	desk_settle(desk);
	assert_int_equal(lock->screens[1].width, 800);
	struct wlr_output_state output_state;
	wlr_output_state_init(&output_state);
	wlr_output_state_set_custom_mode(&output_state, 1000, 500, 0);
	assert_true(wlr_output_commit_state(second, &output_state));
	wlr_output_state_finish(&output_state);
	desk_settle(desk);
	assert_int_equal(lock->screens[1].width, 1000);
	assert_true(covered(desk, 1280 + 999, 499));
	struct output *first = wl_container_of(desk->server->outputs.next, first, link);
	wlr_output_destroy(first->wlr_output);
	desk_settle(desk);
	assert_false(locker->dead);
	assert_true(locker->has_keyboard_focus); // on the other one
	wlr_output_destroy(second);
	desk_settle(desk);
	assert_true(seat_locked(desk->server->seat));
	test_lock_unlock(lock);
	desk_settle(desk);
	assert_false(seat_locked(desk->server->seat));
	test_lock_destroy(lock);
	desk_destroy(desk);
}

// --- what else there is on a desk -----------------------------------------------------------

static void test_nothing_lies_above(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct test_layer *overlay = test_layer_create(client, ZWLR_LAYER_SHELL_V1_LAYER_OVERLAY);
	zwlr_layer_surface_v1_set_size(overlay->layer, 100, 100);
	zwlr_layer_surface_v1_set_keyboard_interactivity(
		overlay->layer, ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_EXCLUSIVE);
	wl_surface_commit(overlay->surface);
	desk_settle(desk);
	test_layer_show(overlay);
	desk_settle(desk);
	desk_run(desk, "hotkeys"); // a dialog
	struct test_client *locker = desk_connect(desk);
	struct test_lock *lock = lock_desk(desk, locker);
	for (int lx = 0; lx < 1280; lx += 40) {
		for (int ly = 0; ly < 720; ly += 40) {
			assert_true(covered(desk, lx, ly));
		}
	}
	for (size_t i = 0; i < LAYER_COUNT; i++) {
		assert_int_equal(desk->server->layers[i]->node.enabled, i == LAYER_LOCK);
	}
	desk_tap(desk, KEY_A);
	assert_true(heard(locker, KEY_A));
	assert_false(heard(client, KEY_A));
	test_layer_destroy(overlay);
	desk_settle(desk);
	assert_true(locker->has_keyboard_focus);
	test_lock_unlock(lock);
	desk_settle(desk);
	test_lock_destroy(lock);
	desk_destroy(desk);
}

static void test_bindings(void **state) {
	const struct desk_options options = {
		.config = "mod Alt\nbind Mod+z workspace 2\nbind --locked Mod+y workspace 3\n"
			  "bind Mod+button:left workspace 4\n",
	};
	struct desk *desk = desk_create(&options);
	struct test_client *locker = desk_connect(desk);
	struct test_lock *lock = lock_desk(desk, locker);
	desk_key(desk, KEY_LEFTALT, true);
	desk_tap(desk, KEY_Z);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	assert_int_equal(workspace_active(desk->server)->number, 1);
	assert_true(heard(locker, KEY_Z));
	desk_tap(desk, KEY_Y);
	assert_int_equal(workspace_active(desk->server)->number, 3);
	assert_false(heard(locker, KEY_Y));
	// It might lead to a shell.
	desk_key(desk, KEY_LEFTCTRL, true);
	desk_tap(desk, KEY_BACKSPACE);
	assert_false(desk->server->exiting);
	assert_true(heard(locker, KEY_BACKSPACE));
	desk_key(desk, KEY_LEFTCTRL, false);
	desk_key(desk, KEY_LEFTALT, false);
	test_lock_destroy(lock);
	desk_destroy(desk);
}

// --- the end of the lock program ------------------------------------------------------------

static void test_client_dies(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *window = desk_connect_shown(desk, "a");
	struct test_client *locker = desk_connect(desk);
	struct test_lock *lock = lock_desk(desk, locker);
	kill_client(desk, locker, lock);
	assert_true(seat_locked(desk->server->seat));
	assert_true(lock_is_orphaned(desk->server->lock));
	desk_tap(desk, KEY_A);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	assert_int_equal(window->keys_len, 0);
	assert_int_equal(window->buttons, 0);
	assert_true(covered(desk, 640, 360));
	struct lock_screen *screen = wl_container_of(
		desk->server->lock->screens.next, screen, link);
	assert_non_null(screen->message->buffer); // it says how to get in
	desk_add_output(desk, 800, 600);
	assert_true(covered(desk, 1280 + 400, 300));

	locker = desk_connect(desk);
	lock = lock_desk(desk, locker);
	assert_null(screen->message->buffer);
	assert_true(locker->has_keyboard_focus);
	test_lock_unlock(lock);
	desk_settle(desk);
	assert_true(window->has_keyboard_focus);
	test_lock_destroy(lock);
	desk_destroy(desk);
}

static void test_second_client(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *locker = desk_connect(desk), *other = desk_connect(desk);
	struct test_lock *lock = lock_desk(desk, locker);
	struct test_lock *second = test_lock_create(other);
	test_lock_cover(second, 0);
	desk_settle(desk);
	assert_int_equal(second->finished, 1);
	assert_int_equal(second->locked, 0);
	assert_false(other->dead);
	// What it asks for counts for nothing.
	test_lock_unlock(second);
	desk_settle(desk);
	assert_true(seat_locked(desk->server->seat));
	assert_true(locker->has_keyboard_focus);
	test_lock_destroy(second);
	test_lock_destroy(lock);
	desk_destroy(desk);
}

// It unlocks before it was told, or destroys the lock: both are errors, and it stays locked.
static void test_wrong_end(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *locker = desk_connect(desk);
	struct test_lock *lock = test_lock_create(locker);
	test_lock_unlock(lock);
	desk_until(desk, locker->dead);
	desk_settle(desk);
	assert_true(lock_is_orphaned(desk->server->lock));
	kill_client(desk, locker, lock);
	locker = desk_connect(desk);
	lock = lock_desk(desk, locker);
	wl_proxy_marshal_flags((struct wl_proxy *)lock->lock, 0, NULL, 1, WL_MARSHAL_FLAG_DESTROY);
	lock->lock = NULL;
	desk_until(desk, locker->dead);
	desk_settle(desk);
	assert_true(lock_is_orphaned(desk->server->lock));
	kill_client(desk, locker, lock);
	desk_destroy(desk);
}

// --- the command and the configured program -------------------------------------------------

static bool take_away(const char *path) {
	return unlink(path) == 0;
}

static void test_locker(void **state) {
	struct desk *desk = desk_create(NULL);
	char error[COMMAND_ERROR_MAX], path[128], config[512];
	snprintf(path, sizeof(path), "%s/started", desk->folder);
	FILE *file = fopen(desk->config, "w");
	assert_non_null(file);
	fputs("locker none\n", file);
	fclose(file);
	assert_true(server_reload(desk->server));
	assert_false(command_run_line(desk->server, NULL, "lock", error));
	assert_non_null(strstr(error, "locker"));
	snprintf(config, sizeof(config), "locker \"touch %s\"\n", path);
	file = fopen(desk->config, "w");
	assert_non_null(file);
	fputs(config, file);
	fclose(file);
	assert_true(server_reload(desk->server));
	desk_run(desk, "lock");
	desk_until(desk, take_away(path));

	struct test_client *locker = desk_connect(desk);
	struct test_lock *lock = lock_desk(desk, locker);
	kill_client(desk, locker, lock);
	// It is started again by itself, and when the user asks for it.
	desk_until(desk, take_away(path));
	desk_tap(desk, KEY_ENTER);
	desk_until(desk, take_away(path));
	desk_destroy(desk);
}

static bool is_noted(const struct desk *desk) {
	char path[256];
	snprintf(path, sizeof(path), "%s/locked", desk->server->runtime_dir);
	return access(path, F_OK) == 0;
}

// Whoever makes the desk crash is not let in by systemd, which starts it again.
static void test_crash(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *locker = desk_connect(desk);
	assert_false(is_noted(desk));
	struct test_lock *lock = lock_desk(desk, locker);
	assert_true(is_noted(desk));
	test_lock_unlock(lock);
	desk_settle(desk);
	assert_false(is_noted(desk));
	test_lock_destroy(lock);
	// What a crash leaves there.
	char path[256];
	snprintf(path, sizeof(path), "%s/locked", desk->server->runtime_dir);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	desk_restart_server(desk);
	assert_true(lock_is_orphaned(desk->server->lock));
	assert_true(covered(desk, 640, 360));
	struct test_client *window = desk_connect_shown(desk, "a");
	for (size_t i = 0; i < LAYER_COUNT; i++) {
		assert_int_equal(desk->server->layers[i]->node.enabled, i == LAYER_LOCK);
	}
	desk_tap(desk, KEY_A);
	assert_false(heard(window, KEY_A));
	assert_true(is_noted(desk));
	// The way in is the lock program's.
	locker = desk_connect(desk);
	lock = lock_desk(desk, locker);
	test_lock_unlock(lock);
	desk_settle(desk);
	assert_false(seat_locked(desk->server->seat));
	assert_false(is_noted(desk));
	test_lock_destroy(lock);
	desk_tap(desk, KEY_A);
	assert_true(heard(window, KEY_A));
	// The end of a session leaves nothing for the next one.
	locker = desk_connect(desk);
	lock = lock_desk(desk, locker);
	assert_true(is_noted(desk));
	test_lock_destroy(lock);
	desk_restart_server(desk);
	assert_false(seat_locked(desk->server->seat));
	assert_false(is_noted(desk));
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_menu_of_a_window_behind_the_lock),
		cmocka_unit_test(test_told_once_it_is_dark),
		cmocka_unit_test(test_no_outputs),
		cmocka_unit_test(test_outputs_come_and_go),
		cmocka_unit_test(test_nothing_lies_above),
		cmocka_unit_test(test_bindings),
		cmocka_unit_test(test_client_dies),
		cmocka_unit_test(test_second_client),
		cmocka_unit_test(test_wrong_end),
		cmocka_unit_test(test_locker),
		cmocka_unit_test(test_crash),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

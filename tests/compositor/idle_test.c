// Idle or not: what the user does, what inhibits, and what is not seen and does not.

#include <linux/input-event-codes.h>
#include <wayland-client.h>

#include "desk.h"
#include "ext-idle-notify-v1-client-protocol.h"
#include "idle-inhibit-unstable-v1-client-protocol.h"
#include "idle.h"
#include "server.h"
#include "test_client.h"
#include "test_lock.h"
#include "tile.h"

struct notification {
	struct ext_idle_notification_v1 *object;
	int idled, resumed;
};

// A client that wants to know when the user has done nothing for a moment, and for a longer one
// whatever inhibits.
struct watch {
	struct ext_idle_notifier_v1 *notifier;
	struct notification idle, input;
};

static void handle_idled(void *data, struct ext_idle_notification_v1 *object) {
	((struct notification *)data)->idled++;
}

static void handle_resumed(void *data, struct ext_idle_notification_v1 *object) {
	((struct notification *)data)->resumed++;
}

static const struct ext_idle_notification_v1_listener listener = {
	.idled = handle_idled,
	.resumed = handle_resumed,
};

static void watch_begin(struct watch *watch, struct test_client *client) {
	*watch = (struct watch){0};
	watch->notifier = test_client_bind(client, &ext_idle_notifier_v1_interface, 2);
	watch->idle.object = ext_idle_notifier_v1_get_idle_notification(
		watch->notifier, 20, client->seat);
	ext_idle_notification_v1_add_listener(watch->idle.object, &listener, &watch->idle);
	watch->input.object = ext_idle_notifier_v1_get_input_idle_notification(
		watch->notifier, 100, client->seat);
	ext_idle_notification_v1_add_listener(watch->input.object, &listener, &watch->input);
}

static void watch_end(struct watch *watch) {
	ext_idle_notification_v1_destroy(watch->idle.object);
	ext_idle_notification_v1_destroy(watch->input.object);
	ext_idle_notifier_v1_destroy(watch->notifier);
}

static struct zwp_idle_inhibitor_v1 *inhibit(struct test_client *client) {
	struct zwp_idle_inhibit_manager_v1 *manager = test_client_bind(
		client, &zwp_idle_inhibit_manager_v1_interface, 1);
	struct zwp_idle_inhibitor_v1 *inhibitor = zwp_idle_inhibit_manager_v1_create_inhibitor(
		manager, client->surface);
	zwp_idle_inhibit_manager_v1_destroy(manager);
	return inhibitor;
}

static bool inhibited(struct desk *desk) {
	desk_settle(desk);
	return idle_is_inhibited(desk->server);
}

static void test_activity(void **state) {
	struct desk *desk = desk_create(NULL);
	struct watch watch;
	watch_begin(&watch, desk_connect(desk));
	desk_until(desk, watch.idle.idled == 1);
	desk_move_by(desk, 1, 1);
	assert_int_equal(watch.idle.resumed, 1);
	desk_until(desk, watch.idle.idled == 2);
	desk_tap(desk, KEY_A);
	assert_int_equal(watch.idle.resumed, 2);
	desk_until(desk, watch.idle.idled == 3);
	desk_scroll(desk, 120);
	assert_int_equal(watch.idle.resumed, 3);
	desk_until(desk, watch.idle.idled == 4);
	desk_button(desk, BTN_LEFT, true);
	assert_int_equal(watch.idle.resumed, 4);
	watch_end(&watch);
	desk_destroy(desk);
}

static void test_inhibitor(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *film = desk_connect_shown(desk, "film");
	struct zwp_idle_inhibitor_v1 *inhibitor = inhibit(film);
	assert_true(inhibited(desk));
	struct watch watch;
	watch_begin(&watch, desk_connect(desk));
	desk_until(desk, watch.input.idled == 1);
	assert_int_equal(watch.idle.idled, 0);
	// Out of sight it does not count, back in sight it does.
	desk_run(desk, "workspace 2");
	assert_false(inhibited(desk));
	desk_until(desk, watch.idle.idled == 1);
	desk_run(desk, "workspace 1");
	assert_true(inhibited(desk));
	desk_run(desk, "layout tabbed");
	desk_connect_shown(desk, "in front");
	assert_false(inhibited(desk));
	desk_run(desk, "focus left");
	assert_true(inhibited(desk));
	zwp_idle_inhibitor_v1_destroy(inhibitor);
	assert_false(inhibited(desk));
	// It goes with its client.
	inhibitor = inhibit(film);
	assert_true(inhibited(desk));
	wl_proxy_destroy((struct wl_proxy *)inhibitor);
	desk_disconnect(desk, film);
	assert_false(inhibited(desk));
	watch_end(&watch);
	desk_destroy(desk);
}

static void test_hidden_from_the_beginning(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *film = desk_connect(desk);
	test_client_open(film, "film");
	struct zwp_idle_inhibitor_v1 *inhibitor = inhibit(film);
	assert_false(inhibited(desk));
	desk_settle(desk);
	test_client_show(film, 100, 100);
	assert_true(inhibited(desk));
	zwp_idle_inhibitor_v1_destroy(inhibitor);
	desk_destroy(desk);
}

static void test_command(void **state) {
	struct desk *desk = desk_create(NULL);
	desk_connect_shown(desk, "film");
	struct tile *tile = desk_tile(desk, "film");
	desk_run(desk, "inhibit-idle focused");
	assert_true(inhibited(desk));
	desk_connect_shown(desk, "other");
	assert_false(inhibited(desk));
	tile->idle_inhibit = IDLE_INHIBIT_VISIBLE;
	desk_run(desk, "nop");
	desk_run(desk, "focus left");
	assert_true(inhibited(desk));
	desk_run(desk, "inhibit-idle fullscreen");
	assert_false(inhibited(desk));
	desk_run(desk, "fullscreen");
	assert_true(inhibited(desk));
	desk_run(desk, "workspace 2");
	assert_false(inhibited(desk));
	desk_run(desk, "workspace 1");
	desk_run(desk, "inhibit-idle open");
	desk_run(desk, "workspace 2");
	assert_true(inhibited(desk));
	struct test_client *locker = desk_connect(desk);
	struct test_lock *lock = test_lock_create(locker);
	desk_until(desk, lock->locked == 1);
	assert_false(inhibited(desk));
	test_lock_unlock(lock);
	assert_true(inhibited(desk));
	desk_run(desk, "workspace 1");
	desk_run(desk, "inhibit-idle none");
	assert_false(inhibited(desk));
	test_lock_destroy(lock);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_activity),
		cmocka_unit_test(test_inhibitor),
		cmocka_unit_test(test_hidden_from_the_beginning),
		cmocka_unit_test(test_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

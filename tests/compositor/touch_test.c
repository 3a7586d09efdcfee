// Fingers: on windows that take touch, and as the pointer everywhere else.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_touch.h>

#include "desk.h"
#include "desk_devices.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "output.h"
#include "pointer.h"
#include "redecho-manager-v1-protocol.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "test_input.h"
#include "test_lock.h"
#include "tile.h"

// The desk's one output is 1280x720.
#define X(lx) ((lx) / 1280.0)
#define Y(ly) ((ly) / 720.0)

static struct test_input *touching(struct desk *desk, struct test_client *client) {
	struct test_input *input = test_input_create(client);
	desk_settle(desk);
	test_input_take_touch(input);
	desk_settle(desk);
	return input;
}

static void test_capability(void **state) {
	struct desk *desk = desk_create(NULL);
	const struct wlr_seat *seat = desk->server->seat->wlr_seat;
	assert_int_equal(seat->capabilities & WL_SEAT_CAPABILITY_TOUCH, 0);
	struct wlr_touch *touch = desk_add_touch(desk, "screen");
	assert_int_not_equal(seat->capabilities & WL_SEAT_CAPABILITY_TOUCH, 0);
	desk_remove_touch(desk, touch);
	desk_destroy(desk);
}

static void test_on_surface(void **state) {
	struct desk *desk = desk_create(NULL);
	struct wlr_touch *touch = desk_add_touch(desk, "screen");
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	test_client_show(left, 1, 1);
	test_client_show(right, 1, 1);
	struct test_input *input = touching(desk, left);
	struct test_input *other = touching(desk, right);
	struct wlr_box content = desk_tile(desk, "left")->content;
	assert_true(right->has_keyboard_focus);
	desk_touch_down(desk, touch, 0, X(content.x + 40), Y(content.y + 30));
	assert_true(left->has_keyboard_focus);
	assert_int_equal(input->downs, 1);
	assert_true(input->touch_sx > 39.9 && input->touch_sx < 40.1);
	assert_true(input->touch_sy > 29.9 && input->touch_sy < 30.1);
	assert_int_equal(input->frames, 1);
	// It is that window's wherever it goes.
	desk_touch_motion(desk, touch, 0, X(1000), Y(content.y + 30));
	assert_int_equal(input->motions, 1);
	assert_true(input->touch_sx > 1000 - content.x - 0.1);
	assert_int_equal(other->downs + other->motions, 0);
	assert_true(left->has_keyboard_focus);
	// A second one, on the other window.
	desk_touch_down(desk, touch, 1, X(1000), Y(400));
	assert_int_equal(other->downs, 1);
	assert_true(right->has_keyboard_focus);
	desk_touch_up(desk, touch, 0);
	assert_int_equal(input->ups, 1);
	assert_int_equal(other->ups, 0);
	desk_touch_up(desk, touch, 1);
	assert_int_equal(other->ups, 1);
	// Nothing of this was the pointer's.
	assert_int_equal(left->buttons + right->buttons, 0);
	desk_touch_up(desk, touch, 7);
	desk_touch_motion(desk, touch, 7, 0.5, 0.5);
	desk_remove_touch(desk, touch);
	test_input_destroy(input);
	test_input_destroy(other);
	desk_destroy(desk);
}

// Two screens number their fingers alike.
static void test_two_screens(void **state) {
	struct desk *desk = desk_create(NULL);
	struct wlr_touch *one = desk_add_touch(desk, "one"), *two = desk_add_touch(desk, "two");
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	struct test_input *input = touching(desk, client);
	desk_touch_down(desk, one, 0, 0.3, 0.5);
	int32_t first = input->touch_id;
	desk_touch_down(desk, two, 0, 0.6, 0.5);
	assert_int_equal(input->downs, 2);
	assert_int_not_equal(input->touch_id, first);
	// Unplugged with a finger on it.
	desk_remove_touch(desk, one);
	assert_int_equal(input->ups, 1);
	assert_int_equal(input->touch_id, first);
	desk_touch_up(desk, two, 0);
	assert_int_equal(input->ups, 2);
	desk_remove_touch(desk, two);
	test_input_destroy(input);
	desk_destroy(desk);
}

// A window that knows of no touch has a pointer, and so have title bars and edges.
static void test_as_pointer(void **state) {
	struct desk *desk = desk_create(NULL);
	struct wlr_touch *touch = desk_add_touch(desk, "screen");
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	test_client_show(left, 1, 1);
	test_client_show(right, 1, 1);
	desk_settle(desk);
	struct tile *tile = desk_tile(desk, "left");
	desk_touch_down(desk, touch, 3, X(tile->content.x + 40), Y(tile->content.y + 30));
	assert_true(left->has_keyboard_focus);
	assert_true(left->sx > 39.9 && left->sx < 40.1);
	assert_int_equal(left->buttons, 1);
	// A second finger is nobody's meanwhile.
	desk_touch_down(desk, touch, 4, X(1000), Y(400));
	assert_int_equal(left->buttons + right->buttons, 1);
	desk_touch_motion(desk, touch, 3, X(tile->content.x + 90), Y(tile->content.y + 30));
	assert_true(left->sx > 89.9);
	desk_touch_up(desk, touch, 4);
	assert_int_equal(left->buttons, 1);
	desk_touch_up(desk, touch, 3);
	assert_int_equal(left->buttons, 2);
	// The title bar.
	const struct tile *title = desk_tile(desk, "right");
	desk_touch_down(desk, touch, 0, X(title->box.x + 60), Y(title->box.y + 12));
	desk_touch_up(desk, touch, 0);
	assert_true(right->has_keyboard_focus);
	assert_int_equal(right->buttons, 0);
	// The edge between both.
	int width = tile->box.width;
	desk_touch_down(desk, touch, 0, X(tile->box.x + width), Y(400));
	desk_touch_motion(desk, touch, 0, X(tile->box.x + width + 100), Y(400));
	desk_touch_up(desk, touch, 0);
	assert_true(tile->box.width > width + 95 && tile->box.width < width + 105);
	assert_int_equal(desk->server->seat->pointer->held, 0);
	// Unplugged while it is the pointer.
	desk_touch_down(desk, touch, 0, X(200), Y(400));
	assert_int_equal(desk->server->seat->pointer->held, 1);
	desk_remove_touch(desk, touch);
	assert_int_equal(desk->server->seat->pointer->held, 0);
	desk_destroy(desk);
}

static void test_cancel(void **state) {
	struct desk *desk = desk_create(NULL);
	struct wlr_touch *touch = desk_add_touch(desk, "screen");
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	struct test_input *input = touching(desk, client);
	desk_touch_down(desk, touch, 0, 0.3, 0.5);
	desk_touch_down(desk, touch, 1, 0.4, 0.5);
	desk_touch_cancel(desk, touch, 0);
	assert_int_equal(input->cancels, 1);
	// All of its fingers are gone for the client.
	desk_touch_motion(desk, touch, 1, 0.5, 0.5);
	desk_touch_up(desk, touch, 1);
	assert_int_equal(input->motions + input->ups, 0);
	desk_touch_down(desk, touch, 0, 0.3, 0.5);
	assert_int_equal(input->downs, 3);
	// The session is locked under the finger.
	const struct seat_claim claim = {0};
	seat_claim(desk->server->seat, SEAT_CLAIM_LOCK, &claim);
	desk_settle(desk);
	assert_int_equal(input->cancels, 2);
	desk_touch_motion(desk, touch, 0, 0.5, 0.5);
	desk_touch_up(desk, touch, 0);
	assert_int_equal(input->motions + input->ups, 0);
	seat_unclaim(desk->server->seat, SEAT_CLAIM_LOCK);
	// The client goes under the finger.
	desk_touch_down(desk, touch, 0, 0.3, 0.5);
	test_input_destroy(input);
	desk_disconnect(desk, client);
	desk_touch_motion(desk, touch, 0, 0.4, 0.5);
	desk_touch_up(desk, touch, 0);
	assert_int_equal(wlr_seat_touch_num_points(desk->server->seat->wlr_seat), 0);
	desk_remove_touch(desk, touch);
	desk_destroy(desk);
}

static void test_mapping(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	struct wlr_touch *touch = desk_add_touch(desk, "screen");
	const struct wlr_cursor *cursor = desk->server->seat->pointer->cursor;
	const struct output *second = output_at(desk->server, 1300, 10);
	char config[128];
	snprintf(config, sizeof(config), "input screen {\n map-to-output %s\n}\n",
		second->wlr_output->name);
	desk_configure(desk, config);
	desk_touch_down(desk, touch, 0, 0.25, 0.5);
	assert_true(cursor->x == 1280 + 320 && cursor->y == 360);
	desk_touch_up(desk, touch, 0);
	desk_run(desk, "input screen map-to-output *");
	desk_touch_down(desk, touch, 0, 0.25, 0.5);
	assert_true(cursor->x == 640 && cursor->y == 360);
	desk_touch_up(desk, touch, 0);
	desk_configure(desk, "input type:touch {\n map-to-region 100 200 400 100\n}\n");
	desk_touch_down(desk, touch, 0, 0.25, 0.5);
	assert_true(cursor->x == 200 && cursor->y == 250);
	desk_touch_up(desk, touch, 0);
	desk_remove_touch(desk, touch);
	desk_destroy(desk);
}

// Its bridge knows of no touch.
static void test_machine(void **state) {
	struct desk *desk = desk_machine_create();
	struct wlr_touch *touch = desk_add_touch(desk, "screen");
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	fake_machine_state(machine, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	struct test_client *bridge = desk_machine_show(desk, machine);
	desk_touch_down(desk, touch, 0, 0.5, 0.5);
	desk_touch_motion(desk, touch, 0, 0.6, 0.5);
	desk_touch_up(desk, touch, 0);
	assert_int_equal(bridge->buttons, 2);
	assert_true(bridge->has_pointer_focus);
	desk_remove_touch(desk, touch);
	desk_destroy(desk);
}

// What the desk asked when it was locked lies below the lock, and takes no finger from it.
static void test_lock_before_dialog(void **state) {
	struct desk *desk = desk_create(NULL);
	struct wlr_touch *touch = desk_add_touch(desk, "screen");
	desk_run(desk, "hotkeys");
	struct test_client *locker = desk_connect(desk);
	struct test_input *input = touching(desk, locker);
	struct test_lock *lock = test_lock_create(locker);
	desk_settle(desk);
	test_lock_cover(lock, 0);
	desk_settle(desk);
	desk_settle(desk);
	desk_touch_down(desk, touch, 0, X(640), Y(360));
	desk_touch_up(desk, touch, 0);
	assert_int_equal(input->downs, 1);
	assert_int_equal(input->ups, 1);
	assert_int_equal(locker->buttons, 0);
	test_lock_unlock(lock);
	desk_settle(desk);
	// Now it does.
	desk_touch_down(desk, touch, 0, X(640), Y(360));
	desk_touch_up(desk, touch, 0);
	assert_int_equal(input->downs, 1);
	test_lock_destroy(lock);
	test_input_destroy(input);
	desk_remove_touch(desk, touch);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capability),
		cmocka_unit_test(test_on_surface),
		cmocka_unit_test(test_two_screens),
		cmocka_unit_test(test_as_pointer),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_mapping),
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_lock_before_dialog),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

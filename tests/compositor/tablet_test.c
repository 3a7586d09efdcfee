// Pens and pads: over windows that know of tablets, and as the pointer everywhere else.

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <wlr/backend.h>
#include <wlr/interfaces/wlr_tablet_pad.h>
#include <wlr/interfaces/wlr_tablet_tool.h>
#include <wlr/types/wlr_cursor.h>

#include "desk.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "test_tablet.h"
#include "tile.h"

#define X(lx) ((lx) / 1280.0)
#define Y(ly) ((ly) / 720.0)

struct hardware {
	struct wlr_tablet tablet;
	struct wlr_tablet_pad pad;
	struct wlr_tablet_tool pen;
};

static const struct wlr_tablet_impl tablet_impl = {.name = "fake-tablet"};
static const struct wlr_tablet_pad_impl pad_impl = {.name = "fake-pad"};

static struct hardware *plug_in(struct desk *desk) {
	struct hardware *hardware = calloc(1, sizeof(*hardware));
	assert_non_null(hardware);
	struct wl_signal *new_input = &desk->server->backend->events.new_input;
	wlr_tablet_init(&hardware->tablet, &tablet_impl, "a tablet");
	wlr_tablet_pad_init(&hardware->pad, &pad_impl, "a pad");
	hardware->pad.button_count = 4;
	hardware->pen = (struct wlr_tablet_tool){
		.type = WLR_TABLET_TOOL_TYPE_PEN, .pressure = true, .tilt = true};
	wl_signal_init(&hardware->pen.events.destroy);
	wl_signal_emit_mutable(new_input, &hardware->pad.base);
	wl_signal_emit_mutable(new_input, &hardware->tablet.base);
	desk_settle(desk);
	return hardware;
}

static void unplug(struct desk *desk, struct hardware *hardware) {
	wlr_tablet_finish(&hardware->tablet);
	// A pen may be known after its tablet has gone: what it held is up by then.
	assert_int_equal(desk->server->seat->pointer->held, 0);
	wl_signal_emit_mutable(&hardware->pen.events.destroy, &hardware->pen);
	wlr_tablet_pad_finish(&hardware->pad);
	free(hardware);
	desk_settle(desk);
}

static void near(struct desk *desk, struct hardware *hardware, double x, double y, bool in) {
	struct wlr_tablet_tool_proximity_event event = {
		.tablet = &hardware->tablet,
		.tool = &hardware->pen,
		.x = x,
		.y = y,
		.state = in ? WLR_TABLET_TOOL_PROXIMITY_IN : WLR_TABLET_TOOL_PROXIMITY_OUT,
	};
	wl_signal_emit_mutable(&hardware->tablet.events.proximity, &event);
	// wlroots sends the frames of tools when the loop is idle.
	desk_settle(desk);
}

static void move(struct desk *desk, struct hardware *hardware, double x, double y) {
	struct wlr_tablet_tool_axis_event event = {
		.tablet = &hardware->tablet,
		.tool = &hardware->pen,
		.updated_axes = WLR_TABLET_TOOL_AXIS_X | WLR_TABLET_TOOL_AXIS_Y |
			WLR_TABLET_TOOL_AXIS_PRESSURE | WLR_TABLET_TOOL_AXIS_TILT_X,
		.x = x,
		.y = y,
		.dx = 10,
		.dy = 20,
		.pressure = 0.5,
		.tilt_x = 30,
	};
	wl_signal_emit_mutable(&hardware->tablet.events.axis, &event);
	desk_settle(desk);
}

static void tip(struct desk *desk, struct hardware *hardware, bool down) {
	struct wlr_tablet_tool_tip_event event = {
		.tablet = &hardware->tablet,
		.tool = &hardware->pen,
		.state = down ? WLR_TABLET_TOOL_TIP_DOWN : WLR_TABLET_TOOL_TIP_UP,
	};
	wl_signal_emit_mutable(&hardware->tablet.events.tip, &event);
	desk_settle(desk);
}

static void button(struct desk *desk, struct hardware *hardware, bool pressed) {
	struct wlr_tablet_tool_button_event event = {
		.tablet = &hardware->tablet,
		.tool = &hardware->pen,
		.button = BTN_STYLUS,
		.state = pressed ? WLR_BUTTON_PRESSED : WLR_BUTTON_RELEASED,
	};
	wl_signal_emit_mutable(&hardware->tablet.events.button, &event);
	desk_settle(desk);
}

static void pad_button(struct desk *desk, struct hardware *hardware, bool pressed) {
	struct wlr_tablet_pad_button_event event = {
		.button = 1, .state = pressed ? WLR_BUTTON_PRESSED : WLR_BUTTON_RELEASED};
	wl_signal_emit_mutable(&hardware->pad.events.button, &event);
	desk_settle(desk);
}

static void test_on_window(void **state) {
	struct desk *desk = desk_create(NULL);
	struct hardware *hardware = plug_in(desk);
	struct test_client *left = desk_connect_shown(desk, "left");
	struct test_client *right = desk_connect_shown(desk, "right");
	test_client_show(left, 1, 1);
	test_client_show(right, 1, 1);
	struct test_tablet *test = test_tablet_create(left);
	desk_settle(desk);
	desk_settle(desk);
	assert_non_null(test->tablet);
	struct wlr_box content = desk_tile(desk, "left")->content;
	// The mouse rests on the other window, which has it no longer when the pen comes.
	desk_move_to(desk, 1000, 400);
	assert_true(right->has_pointer_focus);
	near(desk, hardware, X(content.x + 40), Y(content.y + 30), true);
	assert_true(test->near);
	assert_false(right->has_pointer_focus);
	assert_true(test->sx > 39.9 && test->sx < 40.1);
	tip(desk, hardware, true);
	assert_int_equal(test->downs, 1);
	assert_true(left->has_keyboard_focus);
	move(desk, hardware, X(content.x + 80), Y(content.y + 30));
	assert_true(test->sx > 79.9 && test->sx < 80.1);
	assert_int_equal(test->pressure, 32767);
	assert_true(test->tilt_x == 30);
	// While the tip is down it stays the window's.
	move(desk, hardware, X(1000), Y(400));
	assert_true(test->near);
	assert_true(test->sx > 990 - content.x);
	assert_false(right->has_pointer_focus);
	tip(desk, hardware, false);
	assert_int_equal(test->ups, 1);
	button(desk, hardware, true);
	button(desk, hardware, false);
	// The other one has a pointer only.
	move(desk, hardware, X(1000), Y(401));
	assert_false(test->near);
	assert_true(right->has_pointer_focus);
	tip(desk, hardware, true);
	tip(desk, hardware, false);
	button(desk, hardware, true);
	button(desk, hardware, false);
	assert_true(right->buttons >= 4);
	assert_int_equal(desk->server->seat->pointer->held, 0);
	assert_int_equal(left->buttons, 0);
	// The pen is pulled out with its tip down on either.
	tip(desk, hardware, true);
	near(desk, hardware, X(1000), Y(401), false);
	assert_int_equal(desk->server->seat->pointer->held, 0);
	unplug(desk, hardware);
	test_tablet_destroy(test);
	desk_destroy(desk);
}

// The mouse is clicked where the pen has left it, without being moved.
static void test_click_after_pen(void **state) {
	struct desk *desk = desk_create(NULL);
	struct hardware *hardware = plug_in(desk);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	struct test_tablet *test = test_tablet_create(client);
	desk_settle(desk);
	desk_settle(desk);
	near(desk, hardware, 0.5, 0.5, true);
	assert_true(test->near);
	assert_false(client->has_pointer_focus);
	near(desk, hardware, 0.5, 0.5, false);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	assert_true(client->has_pointer_focus);
	assert_int_equal(client->buttons, 2);
	unplug(desk, hardware);
	test_tablet_destroy(test);
	desk_destroy(desk);
}

static void test_unplugged_while_down(void **state) {
	struct desk *desk = desk_create(NULL);
	struct hardware *hardware = plug_in(desk);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	desk_settle(desk);
	near(desk, hardware, 0.5, 0.5, true);
	tip(desk, hardware, true);
	assert_int_equal(desk->server->seat->pointer->held, 1);
	unplug(desk, hardware);
	assert_int_equal(desk->server->seat->pointer->held, 0);
	assert_int_equal(client->buttons, 2);
	desk_destroy(desk);
}

// wlroots keeps what a tool is about for as long as it lives, and longer.
static void test_unplugged_on_window(void **state) {
	struct desk *desk = desk_create(NULL);
	struct hardware *hardware = plug_in(desk);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	struct test_tablet *test = test_tablet_create(client);
	desk_settle(desk);
	desk_settle(desk);
	near(desk, hardware, 0.5, 0.5, true);
	button(desk, hardware, true);
	tip(desk, hardware, true);
	assert_int_equal(test->downs, 1);
	unplug(desk, hardware);
	assert_int_equal(test->ups, 1);
	assert_false(test->near);
	test_tablet_destroy(test);
	desk_destroy(desk);
}

// The window goes while the tip is down on it.
static void test_window_goes(void **state) {
	struct desk *desk = desk_create(NULL);
	struct hardware *hardware = plug_in(desk);
	struct test_client *other = desk_connect_shown(desk, "other");
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(other, 1, 1);
	test_client_show(client, 1, 1);
	struct test_tablet *test = test_tablet_create(client);
	desk_settle(desk);
	desk_settle(desk);
	struct wlr_box content = desk_tile(desk, "a")->content;
	near(desk, hardware, X(content.x + 9), Y(content.y + 9), true);
	tip(desk, hardware, true);
	assert_int_equal(test->downs, 1);
	test_tablet_destroy(test);
	desk_disconnect(desk, client);
	move(desk, hardware, 0.5, 0.5);
	tip(desk, hardware, false);
	move(desk, hardware, 0.4, 0.5);
	assert_true(other->has_pointer_focus);
	unplug(desk, hardware);
	desk_destroy(desk);
}

// With the keys of a binding the pen drags the window, as the mouse does.
static void test_bound(void **state) {
	const struct desk_options options = {.config = "mod Alt\n"};
	struct desk *desk = desk_create(&options);
	struct hardware *hardware = plug_in(desk);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	struct test_tablet *test = test_tablet_create(client);
	desk_run(desk, "floating");
	desk_settle(desk);
	desk_settle(desk);
	struct wlr_box content = desk_tile(desk, "a")->content;
	near(desk, hardware, X(content.x + 40), Y(content.y + 30), true);
	desk_key(desk, KEY_LEFTALT, true);
	tip(desk, hardware, true);
	move(desk, hardware, X(content.x + 90), Y(content.y + 50));
	tip(desk, hardware, false);
	desk_key(desk, KEY_LEFTALT, false);
	assert_int_equal(test->downs, 0);
	assert_int_equal(desk_tile(desk, "a")->content.x, content.x + 50);
	assert_int_equal(desk_tile(desk, "a")->content.y, content.y + 20);
	unplug(desk, hardware);
	test_tablet_destroy(test);
	desk_destroy(desk);
}

static void test_pad(void **state) {
	struct desk *desk = desk_create(NULL);
	struct hardware *hardware = plug_in(desk);
	struct test_client *left = desk_connect_shown(desk, "left");
	desk_connect_shown(desk, "right");
	struct test_tablet *test = test_tablet_create(left);
	desk_settle(desk);
	desk_settle(desk);
	pad_button(desk, hardware, true);
	pad_button(desk, hardware, false);
	assert_false(test->has_pad);
	assert_int_equal(test->pad_buttons, 0);
	desk_run(desk, "focus left");
	assert_true(test->has_pad);
	pad_button(desk, hardware, true);
	pad_button(desk, hardware, false);
	assert_int_equal(test->pad_buttons, 2);
	desk_run(desk, "focus right");
	assert_false(test->has_pad);
	desk_run(desk, "focus left");
	unplug(desk, hardware);
	assert_false(test->has_pad);
	test_tablet_destroy(test);
	desk_destroy(desk);
}

static void test_relative(void **state) {
	const struct desk_options options = {
		.config = "input type:tablet-tool {\n tool-mode relative\n}\n"};
	struct desk *desk = desk_create(&options);
	struct hardware *hardware = plug_in(desk);
	const struct wlr_cursor *cursor = desk->server->seat->pointer->cursor;
	desk_move_to(desk, 300, 300);
	near(desk, hardware, 0.9, 0.9, true);
	move(desk, hardware, 0.1, 0.1);
	assert_true(cursor->x == 310 && cursor->y == 320);
	desk_run(desk, "input type:tablet-tool tool-mode absolute");
	move(desk, hardware, 0.5, 0.5);
	assert_true(cursor->x == 640 && cursor->y == 360);
	unplug(desk, hardware);
	desk_destroy(desk);
}

static void test_lock(void **state) {
	struct desk *desk = desk_create(NULL);
	struct hardware *hardware = plug_in(desk);
	struct test_client *client = desk_connect_shown(desk, "a");
	test_client_show(client, 1, 1);
	struct test_tablet *test = test_tablet_create(client);
	desk_settle(desk);
	desk_settle(desk);
	near(desk, hardware, 0.5, 0.5, true);
	tip(desk, hardware, true);
	assert_int_equal(test->downs, 1);
	const struct seat_claim claim = {0};
	seat_claim(desk->server->seat, SEAT_CLAIM_LOCK, &claim);
	desk_settle(desk);
	assert_int_equal(test->ups, 1);
	assert_false(test->near);
	tip(desk, hardware, false);
	seat_unclaim(desk->server->seat, SEAT_CLAIM_LOCK);
	unplug(desk, hardware);
	test_tablet_destroy(test);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_on_window),
		cmocka_unit_test(test_click_after_pen),
		cmocka_unit_test(test_unplugged_while_down),
		cmocka_unit_test(test_unplugged_on_window),
		cmocka_unit_test(test_window_goes),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_pad),
		cmocka_unit_test(test_relative),
		cmocka_unit_test(test_lock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

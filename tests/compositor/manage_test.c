// Machines that the user steers: paused, let go on, restarted, by command and by key.

#include <linux/input-event-codes.h>
#include <string.h>

#include "command.h"
#include "desk.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "machine.h"
#include "paused.h"
#include "pointer.h"
#include "redecho-machine-v1-client-protocol.h"
#include "redecho-manager-v1-protocol.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"

// A machine that runs and is shown.
struct shown {
	struct desk *desk;
	struct fake_machine *fake;
	struct test_client *bridge;
	struct tile *tile;
};

static struct shown show(struct desk *desk) {
	struct shown shown = {.desk = desk, .fake = desk_machine_spawn(desk, "clock", "clock")};
	shown.bridge = desk_machine_show(desk, shown.fake);
	redecho_machine_v1_set_stage(shown.bridge->machine, REDECHO_MACHINE_V1_STAGE_RUNNING);
	fake_machine_state(shown.fake, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	desk_settle(desk);
	shown.tile = desk_tile(desk, "Clock");
	assert_null(shown.tile->paused);
	return shown;
}

static void be_paused(struct shown *shown) {
	fake_machine_state(shown->fake, REDECHO_MANAGED_MACHINE_V1_STATE_PAUSED);
	desk_settle(shown->desk);
}

static void assert_refused(struct desk *desk, const char *line, const char *why) {
	char error[COMMAND_ERROR_MAX];
	assert_false(command_run_line(desk->server, NULL, line, error));
	assert_string_equal(error, why);
}

static void test_pause(void **state) {
	struct shown shown = show(desk_machine_create());
	struct desk *desk = shown.desk;
	struct test_client *bridge = shown.bridge;
	struct wlr_box content = shown.tile->content;
	desk_move_to(desk, content.x + 50, content.y + 50);
	desk_key(desk, KEY_A, true);
	desk_button(desk, BTN_LEFT, true);
	assert_true(bridge->has_pointer_focus);
	assert_int_equal(bridge->buttons, 1);

	desk_run(desk, "pause");
	desk_until(desk, shown.fake->pauses == 1);
	// Not before it is so.
	assert_true(bridge->has_keyboard_focus);
	be_paused(&shown);
	assert_string_equal(machine_state_name(shown.tile->machine), "paused");
	assert_non_null(shown.tile->paused);
	// Leaving releases the key and the button, and there is nothing that could stick later.
	assert_false(bridge->has_keyboard_focus);
	assert_false(bridge->has_pointer_focus);
	assert_true(shown.tile->focused);
	size_t keys = bridge->keys_len;
	int frames = bridge->pointer_frames;
	desk_move_by(desk, 20, 20);
	desk_button(desk, BTN_LEFT, false);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	desk_scroll(desk, 120);
	desk_key(desk, KEY_A, false);
	desk_tap(desk, KEY_B);
	desk_tap(desk, KEY_SPACE);
	desk_key(desk, KEY_LEFTSHIFT, true);
	assert_int_equal(bridge->keys_len, keys);
	assert_int_equal(bridge->buttons, 1);
	assert_int_equal(bridge->pointer_frames, frames);
	assert_int_equal(bridge->axis_value120, 0);

	desk_key(desk, KEY_LEFTSHIFT, false);
	desk_tap(desk, KEY_ENTER);
	desk_until(desk, shown.fake->resumes == 1);
	fake_machine_state(shown.fake, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	desk_settle(desk);
	assert_null(shown.tile->paused);
	assert_true(bridge->has_keyboard_focus);
	assert_true(bridge->has_pointer_focus);
	assert_int_equal(bridge->entered_keys_len, 0);
	desk_tap(desk, KEY_C);
	assert_int_equal(bridge->keys_len, keys + 2);
	assert_int_equal(bridge->keys[keys].key, KEY_C);
	desk_destroy(desk);
}

// A menu keeps the keyboard where it is; not with a machine that is to hear nothing.
static void test_paused_beside_a_menu(void **state) {
	struct shown shown = show(desk_machine_create());
	struct desk *desk = shown.desk;
	struct test_client *window = desk_connect_shown(desk, "a");
	desk_tap(desk, KEY_A);
	desk_run(desk, "focus left");
	assert_true(shown.bridge->has_keyboard_focus);
	test_client_open_menu(window, 50, 50);
	desk_settle(desk);
	test_client_show_popup(window);
	desk_settle(desk);
	assert_int_equal(window->popup_dones, 0);
	desk_run(desk, "pause");
	be_paused(&shown);
	assert_false(shown.bridge->has_keyboard_focus);
	desk_destroy(desk);
}

static void test_by_key(void **state) {
	struct shown shown = show(desk_machine_create());
	struct desk *desk = shown.desk;
	for (int i = 1; i <= 2; i++) {
		desk_key(desk, KEY_LEFTMETA, true);
		desk_key(desk, KEY_LEFTSHIFT, true);
		desk_tap(desk, KEY_P);
		desk_until(desk, shown.fake->pauses == i);
		// With the chord held, as it is when redecho-vmd answers.
		be_paused(&shown);
		desk_tap(desk, KEY_P);
		desk_until(desk, shown.fake->resumes == i);
		fake_machine_state(shown.fake, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
		desk_settle(desk);
		desk_key(desk, KEY_LEFTSHIFT, false);
		desk_key(desk, KEY_LEFTMETA, false);
	}
	assert_true(shown.bridge->has_keyboard_focus);
	desk_destroy(desk);
}

static void test_refusals(void **state) {
	struct desk *desk = desk_machine_create();
	assert_refused(desk, "pause", "no window has the focus");
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	assert_refused(desk, "pause", "the machine is not running yet");
	assert_refused(desk, "pause toggle", "the machine is not running yet");
	assert_refused(desk, "resume", "the machine is not running yet");
	fake_machine_state(fake, REDECHO_MANAGED_MACHINE_V1_STATE_STOPPING);
	desk_settle(desk);
	assert_refused(desk, "pause", "the machine is stopping");
	fake_machine_end(fake, REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED, "");
	desk_settle(desk);
	assert_refused(desk, "resume", "the machine has ended");
	assert_refused(desk, "power-off", "the machine has ended");
	assert_int_equal(fake->pauses + fake->resumes + fake->power_offs, 0);
	desk_connect_shown(desk, "other");
	assert_refused(desk, "pause", "the window is no machine");
	assert_refused(desk, "power-off", "the window is no machine");
	desk_destroy(desk);
}

static void test_the_lost_window_of_a_paused_machine(void **state) {
	struct shown shown = show(desk_machine_create());
	struct desk *desk = shown.desk;
	be_paused(&shown);
	desk_run(desk, "fullscreen");
	assert_non_null(shown.tile->paused);
	desk_disconnect(desk, shown.bridge);
	assert_null(shown.tile->paused);
	assert_non_null(shown.tile->placeholder);
	desk_tap(desk, KEY_ENTER);
	desk_until(desk, shown.fake->resumes == 1);
	// Its next window stands still, too.
	desk_machine_show(desk, shown.fake);
	assert_null(shown.tile->placeholder);
	assert_non_null(shown.tile->paused);
	desk_run(desk, "kill");
	desk_until(desk, shown.fake->kills == 1);
	fake_machine_end(shown.fake, REDECHO_MANAGED_MACHINE_V1_CAUSE_DESTROYED, "killed");
	desk_until(desk, desk_machine_tiles(desk) == 0);
	desk_destroy(desk);
}

static void test_a_locked_pointer_comes_free(void **state) {
	struct shown shown = show(desk_machine_create());
	struct desk *desk = shown.desk;
	desk_move_to(desk, shown.tile->content.x + 50, shown.tile->content.y + 50);
	test_client_lock_pointer(shown.bridge);
	desk_settle(desk);
	assert_true(shown.bridge->locked);
	be_paused(&shown);
	assert_false(shown.bridge->locked);
	assert_null(desk->server->seat->pointer->constraint);
	fake_machine_state(shown.fake, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	desk_settle(desk);
	assert_true(shown.bridge->locked);
	desk_destroy(desk);
}

static void test_paused_before_us(void **state) {
	struct shown shown = show(desk_machine_create());
	struct desk *desk = shown.desk;
	be_paused(&shown);
	desk->manager->announce_machines = true;
	desk_restart_server(desk);
	shown.tile = desk_tile(desk, "Clock");
	be_paused(&shown);
	desk_machine_show(desk, shown.fake);
	assert_non_null(shown.tile->paused);
	desk_run(desk, "resume");
	desk_until(desk, shown.fake->resumes == 1);
	desk_destroy(desk);
}

static void test_restart(void **state) {
	struct shown shown = show(desk_machine_create());
	struct desk *desk = shown.desk;
	struct machine *machine = shown.tile->machine;
	uint32_t id = shown.tile->id;
	desk_run(desk, "restart");
	desk_until(desk, shown.fake->restarts == 1);
	fake_machine_state(shown.fake, REDECHO_MANAGED_MACHINE_V1_STATE_STOPPING);
	desk_settle(desk);
	assert_string_equal(machine_state_name(machine), "stopping");
	desk_disconnect(desk, shown.bridge);
	fake_machine_state(shown.fake, REDECHO_MANAGED_MACHINE_V1_STATE_STARTING);
	desk_settle(desk);
	assert_string_equal(machine_state_name(machine), "starting");
	assert_non_null(shown.tile->placeholder);
	desk_machine_show(desk, shown.fake);
	assert_null(shown.tile->placeholder);
	assert_int_equal(shown.tile->id, id);

	// One that was asked to end, and then to restart, stays on the desk.
	desk_run(desk, "power-off");
	desk_run(desk, "restart");
	desk_until(desk, shown.fake->power_offs == 1 && shown.fake->restarts == 2);
	assert_false(machine->closing);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_paused_beside_a_menu),
		cmocka_unit_test(test_by_key),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_the_lost_window_of_a_paused_machine),
		cmocka_unit_test(test_a_locked_pointer_comes_free),
		cmocka_unit_test(test_paused_before_us),
		cmocka_unit_test(test_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

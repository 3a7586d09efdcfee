// What the host asks: the launcher, the keys, the way out.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "desk_devices.h"
#include "desk_machine.h"
#include "dialog.h"
#include "fake_manager.h"
#include "output.h"
#include "redecho-manager-v1-protocol.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "test_input.h"
#include "tile.h"
#include "workspace.h"

static bool is_open(const struct desk *desk) {
	return dialog_current(desk->server) != NULL;
}

// clock, and two more: in the order of their titles Clock, Notes, Terminal.
static void add_programs(struct desk *desk) {
	struct wl_resource *manager = desk->manager->resource;
	redecho_manager_v1_send_program(manager, "clock", "Clock", "personal");
	redecho_manager_v1_send_program(manager, "terminal", "Terminal", "linux");
	redecho_manager_v1_send_program(manager, "notes", "Notes", "work");
	redecho_manager_v1_send_done(manager);
	desk_until(desk, wl_list_length(&desk->server->programs) == 3);
}

static struct desk *create_desk(void) {
	struct desk *desk = desk_machine_create();
	add_programs(desk);
	return desk;
}

static const char *spawned(struct desk *desk, size_t number) {
	desk_until(desk, desk->manager->machines_len >= number);
	desk_settle(desk);
	assert_int_equal(desk->manager->machines_len, number);
	return desk->manager->machines[number - 1].program;
}

static void test_launcher_starts_what_is_typed(void **state) {
	struct desk *desk = create_desk();
	struct test_client *client = desk_connect_shown(desk, "host");
	desk_until(desk, client->has_keyboard_focus);
	desk_run(desk, "launcher");
	assert_true(is_open(desk));
	desk_until(desk, !client->has_keyboard_focus);
	desk_tap(desk, KEY_T);
	desk_tap(desk, KEY_E);
	desk_tap(desk, KEY_ENTER);
	assert_false(is_open(desk));
	assert_string_equal(spawned(desk, 1), "terminal");
	// Nothing of it was for the client.
	assert_int_equal(client->keys_len, 0);
	desk_destroy(desk);
}

static void test_launcher_list(void **state) {
	struct desk *desk = create_desk();
	// The selection goes round: up from the first is the last one.
	desk_run(desk, "launcher");
	desk_tap(desk, KEY_UP);
	desk_tap(desk, KEY_ENTER);
	assert_string_equal(spawned(desk, 1), "terminal");
	desk_run(desk, "launcher");
	desk_tap(desk, KEY_DOWN);
	desk_tap(desk, KEY_ENTER);
	assert_string_equal(spawned(desk, 2), "notes");
	// What nothing matches starts nothing; what is erased counts no more.
	desk_run(desk, "launcher");
	desk_tap(desk, KEY_X);
	desk_tap(desk, KEY_ENTER);
	assert_true(is_open(desk));
	desk_tap(desk, KEY_BACKSPACE);
	desk_tap(desk, KEY_O); // in "Clock" and in "Notes"
	desk_tap(desk, KEY_ENTER);
	assert_string_equal(spawned(desk, 3), "clock");
	// A program that comes while it is open is in the list.
	desk_run(desk, "launcher");
	desk_tap(desk, KEY_Z);
	redecho_manager_v1_send_program(desk->manager->resource, "zoo", "Zoo", "work");
	redecho_manager_v1_send_done(desk->manager->resource);
	desk_until(desk, wl_list_length(&desk->server->programs) == 1);
	desk_tap(desk, KEY_ENTER);
	assert_string_equal(spawned(desk, 4), "zoo");
	desk_destroy(desk);
}

static void test_keys_are_the_dialogs(void **state) {
	struct desk *desk = create_desk();
	struct test_client *client = desk_connect_shown(desk, "host");
	desk_until(desk, client->has_keyboard_focus);
	// A key that is held when it opens is released for the client, and stays so.
	desk_key(desk, KEY_A, true);
	desk_until(desk, client->keys_len == 1);
	desk_run(desk, "launcher");
	desk_until(desk, !client->has_keyboard_focus);
	desk_key(desk, KEY_A, false);
	// Bindings do not run; their modifier closes it, and the next one runs again.
	desk_key(desk, KEY_LEFTMETA, true);
	assert_true(is_open(desk));
	desk_tap(desk, KEY_2);
	assert_false(is_open(desk));
	assert_int_equal(workspace_active(desk->server)->number, 1);
	desk_tap(desk, KEY_2);
	assert_int_equal(workspace_active(desk->server)->number, 2);
	desk_tap(desk, KEY_1);
	desk_key(desk, KEY_LEFTMETA, false);
	desk_until(desk, client->has_keyboard_focus);
	desk_settle(desk);
	assert_int_equal(client->entered_keys_len, 0);
	assert_int_equal(client->keys_len, 1);
	desk_tap(desk, KEY_B);
	desk_until(desk, client->keys_len == 3);
	desk_destroy(desk);
}

static void test_pointer_is_the_dialogs(void **state) {
	struct desk *desk = create_desk();
	struct test_client *client = desk_connect_shown(desk, "host");
	const struct wlr_box *box = &desk->server->active_output->box;
	desk_move_to(desk, 40, 100);
	desk_until(desk, client->has_pointer_focus);
	desk_run(desk, "launcher");
	desk_until(desk, !client->has_pointer_focus);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	assert_false(is_open(desk)); // beside it
	desk_until(desk, client->has_pointer_focus);
	desk_settle(desk);
	assert_int_equal(client->buttons, 0);
	// The middle of the output is the first of three rows, or near it.
	desk_run(desk, "launcher");
	desk_move_to(desk, box->width / 2, box->height / 2);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	assert_false(is_open(desk));
	assert_non_null(spawned(desk, 1));
	assert_int_equal(client->buttons, 0);
	desk_destroy(desk);
}

// A finger chooses what it touches; a finger beside it closes it.
static void test_touch_is_the_dialogs(void **state) {
	struct desk *desk = create_desk();
	struct wlr_touch *touch = desk_add_touch(desk, "screen");
	struct test_client *client = desk_connect_shown(desk, "host");
	struct test_input *input = test_input_create(client);
	test_input_take_touch(input);
	desk_settle(desk);
	desk_run(desk, "launcher");
	desk_touch_down(desk, touch, 0, 0.01, 0.5);
	desk_touch_up(desk, touch, 0);
	assert_false(is_open(desk));
	desk_run(desk, "launcher");
	desk_touch_down(desk, touch, 0, 0.5, 376.0 / 720);
	desk_touch_up(desk, touch, 0);
	assert_false(is_open(desk));
	assert_string_equal(spawned(desk, 1), "notes");
	assert_int_equal(input->downs, 0);
	assert_int_equal(client->buttons, 0);
	test_input_destroy(input);
	desk_remove_touch(desk, touch);
	desk_destroy(desk);
}

// The wheel goes through the list, whatever it is bound to.
static void test_wheel_is_the_dialogs(void **state) {
	struct desk *desk = desk_machine_create();
	desk_configure(desk, "bind scroll:down workspace 2\n");
	desk_settle(desk);
	add_programs(desk);
	desk_run(desk, "launcher");
	desk_scroll(desk, 120);
	desk_scroll(desk, 60);
	desk_scroll(desk, 60);
	desk_tap(desk, KEY_ENTER);
	assert_string_equal(spawned(desk, 1), "terminal");
	assert_int_equal(workspace_active(desk->server)->number, 1);
	desk_run(desk, "launcher");
	desk_scroll(desk, 120);
	desk_scroll(desk, -120);
	desk_tap(desk, KEY_ENTER);
	assert_string_equal(spawned(desk, 2), "clock");
	desk_scroll(desk, 120);
	assert_int_equal(workspace_active(desk->server)->number, 2);
	desk_destroy(desk);
}

// More than there is room for comes page by page.
static void test_hotkeys_pages(void **state) {
	struct desk *desk = create_desk();
	char line[128];
	snprintf(line, sizeof(line), "output %s mode 640x400 custom",
		desk->server->active_output->wlr_output->name);
	desk_run(desk, line);
	desk_run(desk, "hotkeys");
	size_t seen = dialog_rows_seen(desk->server);
	assert_true(seen >= 5);
	for (int pages = 0; dialog_rows_seen(desk->server) == seen; pages++) {
		assert_true(pages < 20);
		desk_tap(desk, KEY_DOWN);
	}
	size_t last = dialog_rows_seen(desk->server);
	desk_tap(desk, KEY_DOWN);
	assert_int_equal(dialog_rows_seen(desk->server), last);
	desk_scroll(desk, -120);
	assert_int_equal(dialog_rows_seen(desk->server), seen);
	assert_true(is_open(desk));
	desk_tap(desk, KEY_SPACE);
	assert_false(is_open(desk));
	desk_destroy(desk);
}

static void test_hotkeys(void **state) {
	struct desk *desk = create_desk();
	desk_run(desk, "hotkeys");
	assert_true(is_open(desk));
	desk_tap(desk, KEY_LEFTSHIFT);
	assert_true(is_open(desk));
	desk_tap(desk, KEY_SPACE);
	assert_false(is_open(desk));
	desk_destroy(desk);
	// When the configuration says so, from the beginning.
	const struct desk_options options = {.config = "hotkeys-at-start yes"};
	desk = desk_create(&options);
	assert_true(is_open(desk));
	desk_destroy(desk);
}

static void test_no_output(void **state) {
	const struct desk_options options = {.with_manager = true, .outputs = 2};
	struct desk *desk = desk_create(&options);
	desk_run(desk, "hotkeys");
	assert_true(is_open(desk));
	// It goes where there is still a screen, and with the last one.
	struct output *output, *next;
	wl_list_for_each_safe (output, next, &desk->server->outputs, link) {
		assert_true(is_open(desk));
		wlr_output_destroy(output->wlr_output);
		desk_pump(desk);
	}
	assert_false(is_open(desk));
	desk_run(desk, "launcher");
	assert_false(is_open(desk));
	desk_destroy(desk);
}

static void test_exit_asks(void **state) {
	struct desk *desk = create_desk();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	fake_machine_state(fake, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	desk_settle(desk);
	desk_run(desk, "exit");
	assert_true(is_open(desk));
	desk_tap(desk, KEY_ESC);
	assert_false(is_open(desk));
	assert_false(desk->server->exiting);
	// Shut down.
	desk_run(desk, "exit");
	desk_tap(desk, KEY_S);
	assert_true(desk->server->exiting);
	desk_until(desk, desk->manager->shutdowns == 1);
	desk_destroy(desk);
}

static void test_exit_keeps(void **state) {
	struct desk *desk = create_desk();
	desk_machine_spawn(desk, "clock", "clock");
	desk_run(desk, "exit");
	desk_tap(desk, KEY_ENTER);
	assert_true(desk->server->exiting);
	desk_settle(desk);
	assert_int_equal(desk->manager->shutdowns, 0);
	assert_int_equal(desk->manager->machines[0].power_offs, 0);
	assert_int_equal(desk->manager->machines[0].kills, 0);
	desk_destroy(desk);
}

static void test_exit_without_machines(void **state) {
	struct desk *desk = create_desk();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	fake_machine_end(fake, REDECHO_MANAGED_MACHINE_V1_CAUSE_SHUTDOWN, "");
	desk_settle(desk);
	desk_run(desk, "exit");
	assert_false(is_open(desk));
	assert_true(desk->server->exiting);
	desk_destroy(desk);
	// And when nobody is to be asked.
	desk = create_desk();
	desk_machine_spawn(desk, "clock", "clock");
	desk_run(desk, "exit shutdown");
	assert_true(desk->server->exiting);
	desk_until(desk, desk->manager->shutdowns == 1);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_launcher_starts_what_is_typed),
		cmocka_unit_test(test_launcher_list),
		cmocka_unit_test(test_keys_are_the_dialogs),
		cmocka_unit_test(test_pointer_is_the_dialogs),
		cmocka_unit_test(test_touch_is_the_dialogs),
		cmocka_unit_test(test_wheel_is_the_dialogs),
		cmocka_unit_test(test_hotkeys),
		cmocka_unit_test(test_hotkeys_pages),
		cmocka_unit_test(test_no_output),
		cmocka_unit_test(test_exit_asks),
		cmocka_unit_test(test_exit_keeps),
		cmocka_unit_test(test_exit_without_machines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

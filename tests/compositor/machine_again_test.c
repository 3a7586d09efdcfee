// Machines that come again: restarted, lost and found, of a name that was there before.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "desk_machine.h"
#include "fake_manager.h"
#include "machine.h"
#include "process_age.h"
#include "redecho-machine-v1-client-protocol.h"
#include "redecho-manager-v1-protocol.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"

static struct machine *machine_number(struct desk *desk, int number) {
	struct machine *machine;
	wl_list_for_each (machine, &desk->server->machines, link) {
		if (number-- == 0) {
			return machine;
		}
	}
	fail_msg("no such machine");
	return NULL;
}

static void test_restart_is_seen_at_once(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	fake_machine_end(fake, REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED, "signal 11");
	struct machine *machine = machine_number(desk, 0);
	desk_until(desk, machine_cause_name(machine) != NULL);
	// Before redecho-vmd has said a word.
	desk_run(desk, "restart");
	assert_null(machine_cause_name(machine));
	assert_string_equal(machine_state_name(machine), "starting");
	assert_null(machine->message);
	desk_until(desk, fake->restarts == 1);
	// And of one that runs.
	fake_machine_state(fake, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	desk_machine_show(desk, fake);
	desk_run(desk, "restart");
	assert_string_equal(machine_state_name(machine), "stopping");
	desk_until(desk, fake->restarts == 2);
	desk_destroy(desk);
}

static int seen_shutdowns;

static void handle_change(struct wl_listener *listener, void *data) {
	const struct server_change *change = data;
	if (change->subject == SERVER_MACHINE) {
		const char *cause = machine_cause_name(change->object);
		seen_shutdowns += cause != NULL && strcmp(cause, "shutdown") == 0;
	}
}

static void test_no_wrong_cause(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct wl_listener listener = {.notify = handle_change};
	wl_signal_add(&desk->server->events.change, &listener);
	seen_shutdowns = 0;
	fake_machine_end(fake, REDECHO_MANAGED_MACHINE_V1_CAUSE_PANICKED, "");
	desk_until(desk, machine_cause_name(machine_number(desk, 0)) != NULL);
	assert_string_equal(machine_cause_name(machine_number(desk, 0)), "panicked");
	assert_int_equal(seen_shutdowns, 0);
	wl_list_remove(&listener.link);
	desk_destroy(desk);
}

static void test_never_made(void **state) {
	struct desk *desk = desk_machine_create();
	// As redecho-vmd answers for a program file with a mistake in it: with no name.
	struct fake_machine *fake = desk_machine_spawn(desk, "broken", "");
	fake_machine_end(fake, REDECHO_MANAGED_MACHINE_V1_CAUSE_START_FAILED, "broken.scfg:3:1");
	struct machine *machine = machine_number(desk, 0);
	desk_until(desk, machine_cause_name(machine) != NULL);
	assert_string_equal(machine->name, "broken");
	assert_ptr_equal(machine_find(desk->server, "broken"), machine);
	// The object that failed is inert: the program is asked for anew.
	desk_machine_hear(desk, machine);
	desk_tap(desk, KEY_R);
	desk_until(desk, desk->manager->machines_len == 2);
	assert_int_equal(fake->restarts, 0);
	assert_string_equal(desk->manager->machines[1].program, "broken");
	fake_machine_identity(&desk->manager->machines[1], "broken", "Broken", "personal");
	fake_machine_state(&desk->manager->machines[1], REDECHO_MANAGED_MACHINE_V1_STATE_STARTING);
	desk_settle(desk);
	assert_int_equal(desk_machine_tiles(desk), 1);
	assert_string_equal(machine_state_name(machine), "starting");
	desk_machine_show(desk, &desk->manager->machines[1]);
	assert_null(desk_tile(desk, "Broken")->placeholder);
	desk_destroy(desk);
}

// Spawned while the tile of one that a former redecho-vmd had, and that is gone, is still there.
static void test_spawned_with_a_name_that_was_lost(void **state) {
	struct desk *desk = desk_machine_create();
	desk_machine_spawn(desk, "clock", "clock");
	struct machine *lost = machine_number(desk, 0);
	fake_manager_drop_client(desk->manager);
	desk_until(desk, desk->manager->binds == 2);
	desk_until(desk, machine_cause_name(lost) != NULL);
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	assert_int_equal(desk_machine_tiles(desk), 2);
	struct machine *machine = machine_number(desk, 1);
	assert_ptr_equal(machine->tile->machine, machine);
	assert_ptr_equal(machine_find(desk->server, "clock"), machine);
	desk_machine_show(desk, fake);
	assert_null(machine->tile->placeholder);
	assert_non_null(lost->tile->placeholder);
	desk_destroy(desk);
}

// A redecho-vmd that wants a display before it has said which machine it is.
static void test_display_before_identity(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	desk_machine_show(desk, fake);
	desk->manager->announce_machines = true;
	desk->manager->display_first = true;
	fake_manager_drop_client(desk->manager);
	desk_until(desk, desk->manager->binds == 2);
	desk_settle(desk);
	assert_int_equal(wl_list_length(&desk->server->machines), 1);
	assert_int_equal(desk_machine_tiles(desk), 1);
	desk_destroy(desk);
}

static void test_manager_lost_in_mid_spawn(void **state) {
	struct desk *desk = desk_machine_create();
	desk_run(desk, "spawn clock");
	desk_until(desk, desk->manager->machines_len == 1);
	fake_manager_drop_client(desk->manager);
	struct machine *machine = machine_number(desk, 0);
	desk_until(desk, machine_cause_name(machine) != NULL);
	assert_string_equal(machine_cause_name(machine), "start_failed");
	desk_until(desk, desk->manager->binds == 2);
	desk_run(desk, "restart");
	desk_until(desk, desk->manager->machines_len == 2);
	fake_machine_identity(&desk->manager->machines[1], "clock", "Clock", "personal");
	desk_settle(desk);
	assert_int_equal(desk_machine_tiles(desk), 1);
	assert_string_equal(machine_state_name(machine), "starting");
	desk_destroy(desk);
}

static void test_adopted_machine_is_as_old_as_its_bridge(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	desk->manager->announce_machines = true;
	desk_restart_server(desk);
	desk_until(desk, desk_machine_tiles(desk) == 1);
	const struct machine *machine = machine_number(desk, 0);
	assert_true(desk_now_ms() - machine->started_ms < 10000);
	fake_machine_detail(fake, "bridge-pid", "1; rm");
	fake_machine_detail(fake, "bridge-pid", "99999999999");
	fake_machine_detail(fake, "bridge-pid", "0");
	desk_settle(desk);
	assert_true(desk_now_ms() - machine->started_ms < 10000);
	// A process that is older than we are.
	char parent[16];
	snprintf(parent, sizeof(parent), "%d", (int)getppid());
	int64_t ours_ms = process_age_ms("self") < 0 ? process_age_ms(parent) : -1;
	assert_true(ours_ms >= 0);
	fake_machine_detail(fake, "bridge-pid", parent);
	desk_settle(desk);
	int64_t age_ms = desk_now_ms() - machine->started_ms;
	assert_true(age_ms >= ours_ms && age_ms < ours_ms + 5000);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restart_is_seen_at_once),
		cmocka_unit_test(test_no_wrong_cause),
		cmocka_unit_test(test_never_made),
		cmocka_unit_test(test_spawned_with_a_name_that_was_lost),
		cmocka_unit_test(test_display_before_identity),
		cmocka_unit_test(test_manager_lost_in_mid_spawn),
		cmocka_unit_test(test_adopted_machine_is_as_old_as_its_bridge),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// What machines use: asked of redecho-vmd while somebody wants to know, and never otherwise.

#include <stdio.h>
#include <string.h>

#include "desk_machine.h"
#include "fake_manager.h"
#include "machine.h"
#include "meter.h"
#include "redecho-manager-v1-protocol.h"
#include "server.h"

struct told {
	int count;
	struct wl_listener change;
};

static void handle_change(struct wl_listener *listener, void *data) {
	struct told *told = wl_container_of(listener, told, change);
	const struct server_change *change = data;
	told->count += change->subject == SERVER_USAGE;
}

static void listen_to(struct desk *desk, struct told *told) {
	told->count = 0;
	told->change.notify = handle_change;
	wl_signal_add(&desk->server->events.change, &told->change);
}

static struct fake_machine *spawn_running(struct desk *desk, const char *name) {
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", name);
	fake_machine_state(fake, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	desk_settle(desk);
	return fake;
}

static void test_asked_while_somebody_watches(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = spawn_running(desk, "clock");
	struct machine *machine = machine_find(desk->server, "clock");
	struct told told;
	listen_to(desk, &told);
	int64_t start_ms = desk_now_ms();
	desk_until(desk, desk_now_ms() - start_ms > 250);
	assert_int_equal(fake->measurements, 0);

	struct meter_watch watch = {0}, other = {0};
	meter_watch_start(desk->server, &watch, 100);
	desk_until(desk, fake->measurements == 1);
	assert_int_equal(told.count, 0);
	fake_machine_usage(fake, 1000, UINT64_C(5) << 32, 10000);
	desk_until(desk, told.count == 1);
	assert_true(machine->usage.known);
	assert_false(machine->usage.rated);
	assert_true(machine->usage.memory_bytes == UINT64_C(5) << 32);

	// A second one changes nothing but the interval, and its end nothing at all.
	meter_watch_start(desk->server, &other, METER_INTERVAL_MAX_MS);
	desk_until(desk, fake->measurements == 2);
	fake_machine_usage(fake, 1150, 7 << 20, 10200);
	desk_until(desk, told.count == 2);
	assert_true(machine->usage.rated);
	assert_true(machine->usage.cpu_percent > 74.9 && machine->usage.cpu_percent < 75.1);
	meter_watch_stop(desk->server, &watch);
	assert_true(machine->usage.known);
	meter_watch_stop(desk->server, &other);
	meter_watch_stop(desk->server, &other);
	assert_false(machine->usage.known);

	// An answer that comes too late is nobody's.
	int asked = fake->measurements;
	fake_machine_usage(fake, 1300, 7 << 20, 10400);
	desk_settle(desk);
	assert_false(machine->usage.known);
	start_ms = desk_now_ms();
	desk_until(desk, desk_now_ms() - start_ms > 250);
	assert_int_equal(fake->measurements, asked);
	wl_list_remove(&told.change.link);
	desk_destroy(desk);
}

static void test_a_machine_that_is_silent_or_new(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = spawn_running(desk, "clock");
	struct fake_machine *silent = spawn_running(desk, "clock-2");
	struct machine *machine = machine_find(desk->server, "clock");
	struct told told;
	listen_to(desk, &told);
	struct meter_watch watch = {0};
	meter_watch_start(desk->server, &watch, 100);
	desk_until(desk, fake->measurements == 1 && silent->measurements == 1);
	fake_machine_usage(fake, 1000, 1, 1000);
	desk_until(desk, told.count == 1); // without the one that says nothing
	assert_true(machine->usage.known);
	assert_false(machine_find(desk->server, "clock-2")->usage.known);

	// Started again its processor time begins at 0: that is no load.
	desk_until(desk, fake->measurements == 2);
	fake_machine_usage(fake, 10, 1, 100);
	desk_until(desk, told.count == 2);
	assert_true(machine->usage.known);
	assert_false(machine->usage.rated);

	// One that goes while it is asked holds nothing up, nor does redecho-vmd.
	desk_until(desk, fake->measurements == 3);
	fake_machine_end(silent, REDECHO_MANAGED_MACHINE_V1_CAUSE_DESTROYED, "");
	desk_settle(desk);
	fake_machine_usage(fake, 20, 1, 200);
	desk_until(desk, told.count == 3);
	fake_machine_end(fake, REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED, "");
	desk_until(desk, told.count == 5);
	assert_false(machine->usage.known);
	fake_manager_drop_client(desk->manager);
	desk_until(desk, told.count == 7);
	wl_list_remove(&told.change.link);
	desk_destroy(desk); // with the watch there still
}

static void test_an_older_redecho_vmd(void **state) {
	const struct desk_options older = {.with_manager = true, .manager_version = 1};
	struct desk *desk = desk_create(&older);
	struct fake_machine *fake = spawn_running(desk, "clock");
	struct told told;
	listen_to(desk, &told);
	struct meter_watch watch = {0};
	meter_watch_start(desk->server, &watch, 100);
	desk_until(desk, told.count == 3);
	assert_non_null(fake->resource); // it was asked for nothing that it does not know
	assert_false(machine_find(desk->server, "clock")->usage.known);
	meter_watch_stop(desk->server, &watch);
	wl_list_remove(&told.change.link);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked_while_somebody_watches),
		cmocka_unit_test(test_a_machine_that_is_silent_or_new),
		cmocka_unit_test(test_an_older_redecho_vmd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// The menu of a window: by key and from the title, what it offers, and that it goes with it.

#include <linux/input-event-codes.h>
#include <string.h>

#include "desk_machine.h"
#include "dialog.h"
#include "fake_manager.h"
#include "machine.h"
#include "panel.h"
#include "redecho-machine-v1-client-protocol.h"
#include "redecho-manager-v1-protocol.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"

static bool is_open(const struct desk *desk) {
	return dialog_current(desk->server) != NULL;
}

static struct fake_machine *show_clock(struct desk *desk) {
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, fake);
	redecho_machine_v1_set_stage(bridge->machine, REDECHO_MACHINE_V1_STAGE_RUNNING);
	fake_machine_state(fake, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	desk_settle(desk);
	return fake;
}

static void set_state(struct desk *desk, struct fake_machine *fake, uint32_t state) {
	fake_machine_state(fake, state);
	desk_settle(desk);
}

// The letters do what the menu says for the state that the machine is in, and nothing else.
static void test_of_a_machine(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = show_clock(desk);
	desk_key(desk, KEY_LEFTMETA, true);
	desk_tap(desk, KEY_M);
	desk_key(desk, KEY_LEFTMETA, false);
	assert_true(is_open(desk));
	desk_until(desk, fake->measurements > 0);
	desk_tap(desk, KEY_D); // has not ended
	assert_true(is_open(desk));
	desk_tap(desk, KEY_P);
	assert_false(is_open(desk));
	desk_until(desk, fake->pauses == 1);
	// The menu follows the state that comes while it is open.
	desk_run(desk, "menu");
	set_state(desk, fake, REDECHO_MANAGED_MACHINE_V1_STATE_PAUSED);
	desk_tap(desk, KEY_P);
	desk_until(desk, fake->resumes == 1);
	set_state(desk, fake, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);

	desk_run(desk, "menu");
	desk_tap(desk, KEY_DOWN); // power button
	desk_tap(desk, KEY_ENTER);
	desk_until(desk, fake->power_offs == 1);
	desk_run(desk, "menu");
	desk_tap(desk, KEY_F);
	assert_true(desk_tile(desk, "Clock")->fullscreen);
	desk_run(desk, "menu");
	desk_tap(desk, KEY_F);
	assert_false(desk_tile(desk, "Clock")->fullscreen);
	desk_run(desk, "menu");
	desk_tap(desk, KEY_T);
	assert_true(desk_tile(desk, "Clock")->floating.on);
	desk_run(desk, "menu");
	desk_tap(desk, KEY_ESC);
	assert_false(is_open(desk));
	assert_int_equal(fake->kills, 0);
	// Nobody measures what nobody sees.
	int measurements = fake->measurements;
	int64_t start_ms = desk_now_ms();
	desk_until(desk, desk_now_ms() - start_ms > 1200);
	assert_int_equal(fake->measurements, measurements);
	desk_destroy(desk);
}

static void test_of_a_program(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *a = desk_connect_shown(desk, "a");
	struct test_client *b = desk_connect_shown(desk, "b");
	// By a click on a title, of that window; the menu is another's when it is opened anew.
	const struct wlr_box title = desk_tile(desk, "a")->title;
	desk_move_to(desk, title.x + 20, title.y + 4);
	desk_button(desk, BTN_RIGHT, true);
	desk_button(desk, BTN_RIGHT, false);
	assert_true(is_open(desk));
	desk_tap(desk, KEY_S);
	desk_settle(desk);
	assert_false(is_open(desk));
	assert_int_equal(a->closes, 1);
	assert_int_equal(b->closes, 0);
	// It goes with its window, not with another one.
	desk_run(desk, "focus right");
	desk_run(desk, "menu");
	test_client_close(a);
	desk_settle(desk);
	assert_true(is_open(desk));
	test_client_close(b);
	desk_until(desk, !is_open(desk));
	desk_destroy(desk);
}

static void test_end(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = show_clock(desk);
	desk_run(desk, "menu");
	desk_tap(desk, KEY_K);
	desk_until(desk, fake->kills == 1);
	// A desk that ends with the menu open.
	desk_run(desk, "menu");
	assert_true(is_open(desk));
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_a_machine),
		cmocka_unit_test(test_of_a_program),
		cmocka_unit_test(test_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// Windows that nobody sees are told so, and again when somebody does.

#include "desk.h"
#include "test_client.h"
#include "test_lock.h"
#include "tile.h"

static void assert_suspended(struct desk *desk, const char *what, const struct test_client *a,
	bool a_suspended, const struct test_client *b, bool b_suspended) {
	desk_settle(desk);
	if (a->suspended != a_suspended || b->suspended != b_suspended) {
		fail_msg("%s: a is %ssuspended, b is %ssuspended", what, a->suspended ? "" : "not ",
			b->suspended ? "" : "not ");
	}
}

static void test_hidden(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *a = desk_connect_shown(desk, "a"), *b = desk_connect_shown(desk, "b");
	test_client_show(a, 1, 1);
	test_client_show(b, 1, 1);
	static const struct {
		const char *command; // b has the focus
		bool a, b;
	} steps[] = {
		{"nop", false, false},
		{"workspace 2", true, true},
		{"workspace 1", false, false},
		{"move workspace 2", false, true},
		{"workspace 2", true, false},
		{"move workspace 1", true, true},
		{"workspace 1", false, false},
		{"layout tabbed", true, false},
		{"focus left", false, true},
		{"focus right", true, false},
		{"layout horizontal", false, false},
		{"fullscreen", true, false},
		{"floating", true, false},
		{"fullscreen", false, false},
		{"scratchpad move", false, true},
		{"scratchpad show", false, false},
		{"output * power off", true, true},
		{"output * power on", false, false},
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		desk_run(desk, steps[i].command);
		assert_suspended(desk, steps[i].command, a, steps[i].a, b, steps[i].b);
	}
	desk_destroy(desk);
}

static void test_locked(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *a = desk_connect_shown(desk, "a");
	test_client_show(a, 1, 1);
	struct test_lock *lock = test_lock_create(desk_connect(desk));
	test_lock_cover(lock, 0);
	desk_until(desk, lock->locked > 0);
	desk_until(desk, a->suspended);
	test_lock_unlock(lock);
	desk_until(desk, !a->suspended);
	test_lock_destroy(lock);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_locked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

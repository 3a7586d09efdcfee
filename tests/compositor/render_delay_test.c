// By how much a screen's picture is put off: a year's worth of refreshes in made-up time.

#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "render_delay.h"

#define MS INT64_C(1000000)
#define REFRESH (16 * MS + 666667)
#define START (1000 * MS)

// --- a screen -----------------------------------------------------------------------------

struct screen {
	struct render_delay delay;
	int64_t now_ns; // of a refresh
	int64_t drawn_at_ns; // after the refresh, when the last picture was begun
	int late;
};

/**
 * One refresh: the frame event at once after it, a picture that takes cost_ns of which
 * measured_ns are seen, and the refresh at which it is there.
 */
static void refresh(struct screen *screen, int budget_ms, int64_t cost_ns, int64_t measured_ns) {
	struct render_delay *delay = &screen->delay;
	screen->drawn_at_ns = render_delay_plan(delay, budget_ms, screen->now_ns + MS / 10) * MS +
		MS / 10;
	render_delay_drew(delay, measured_ns);
	int64_t end_ns = screen->drawn_at_ns + cost_ns, next_ns = REFRESH;
	while (next_ns < end_ns) {
		next_ns += REFRESH;
		screen->late++;
	}
	screen->now_ns += next_ns;
	render_delay_presented(delay, screen->now_ns, REFRESH);
}

static struct screen begin(void) {
	struct screen screen = {.now_ns = START};
	render_delay_presented(&screen.delay, START, REFRESH);
	return screen;
}

// --- tests --------------------------------------------------------------------------------

static void test_learns_first(void **state) {
	struct screen screen = begin();
	for (int i = 0; i < RENDER_DELAY_LEARN; i++) {
		refresh(&screen, 0, 2 * MS, 2 * MS);
		assert_true(screen.drawn_at_ns < MS);
	}
	refresh(&screen, 0, 2 * MS, 2 * MS);
	// 16.67 less 2 for the picture, 1 to spare, and whole milliseconds.
	assert_int_in_range(screen.drawn_at_ns, 12 * MS, 14 * MS);
	assert_int_equal(screen.late, 0);
}

static void test_unknown_refresh(void **state) {
	struct render_delay delay = {0};
	assert_int_equal(render_delay_plan(&delay, 0, START), 0);
	assert_int_equal(render_delay_plan(&delay, 5, START), 0);
	for (int i = 0; i < 100; i++) {
		render_delay_drew(&delay, MS);
		render_delay_presented(&delay, START, 0);
		assert_int_equal(render_delay_plan(&delay, 5, START), 0);
	}
	// A clock that runs backwards is none.
	render_delay_presented(&delay, START, REFRESH);
	assert_int_equal(render_delay_plan(&delay, 0, START - 1), 0);
	assert_true(render_delay_plan(&delay, 0, START) > 0);
}

// Who draws after a pause draws at once: the last refresh says nothing any more.
static void test_idle(void **state) {
	struct screen screen = begin();
	for (int i = 0; i < 20; i++) {
		refresh(&screen, 0, MS, MS);
	}
	assert_int_equal(render_delay_plan(&screen.delay, 0, screen.now_ns + REFRESH), 0);
	assert_int_equal(render_delay_plan(&screen.delay, 0, screen.now_ns + 1000 * REFRESH), 0);
	// And in the middle of a refresh only what is left of it is waited for.
	int whole = render_delay_plan(&screen.delay, 0, screen.now_ns);
	assert_int_equal(render_delay_plan(&screen.delay, 0, screen.now_ns + 5 * MS), whole - 5);
	assert_int_equal(render_delay_plan(&screen.delay, 0, screen.now_ns + 16 * MS), 0);
}

static void test_fixed(void **state) {
	struct screen screen = begin();
	refresh(&screen, 5, 2 * MS, 2 * MS); // it need not learn
	assert_int_in_range(screen.drawn_at_ns, 11 * MS, 12 * MS);
	for (int i = 0; i < 100; i++) {
		refresh(&screen, 5, 9 * MS, 9 * MS); // whatever it takes
		assert_int_in_range(screen.drawn_at_ns, 11 * MS, 12 * MS);
	}
	refresh(&screen, 16, 2 * MS, 2 * MS);
	assert_true(screen.drawn_at_ns < MS);
	refresh(&screen, 1000, 2 * MS, 2 * MS);
	assert_true(screen.drawn_at_ns < MS);
}

// One heavy picture is not forgotten at once, and not remembered for ever.
static void test_maximum_fades(void **state) {
	struct screen screen = begin();
	for (int i = 0; i < 20; i++) {
		refresh(&screen, 0, MS, MS);
	}
	int64_t light_ns = screen.drawn_at_ns;
	refresh(&screen, 0, 3 * MS, 3 * MS);
	screen.delay.reserve_ns = 0;
	refresh(&screen, 0, 12 * MS, 12 * MS);
	screen.delay.reserve_ns = 0;
	screen.late = 0;
	refresh(&screen, 0, 12 * MS, 12 * MS);
	assert_int_equal(screen.late, 0);
	for (int i = 0; i < 10; i++) {
		refresh(&screen, 0, MS, MS);
		assert_true(screen.drawn_at_ns < light_ns - 4 * MS);
	}
	for (int i = 0; i < 400; i++) {
		refresh(&screen, 0, MS, MS);
	}
	assert_true(screen.drawn_at_ns >= light_ns - MS);
}

// A picture that takes longer than a refresh is never put off.
static void test_too_slow(void **state) {
	struct screen screen = begin();
	for (int i = 0; i < 100; i++) {
		refresh(&screen, 0, 20 * MS, 20 * MS);
		assert_true(i < 1 || screen.drawn_at_ns < MS);
	}
	assert_int_equal(screen.late, 100);
}

// What is not measured, as a GPU without a timer: it finds out by what comes late.
static void test_unmeasured(void **state) {
	struct screen screen = begin();
	for (int i = 0; i < 300; i++) {
		refresh(&screen, 0, 9 * MS, MS);
	}
	assert_int_in_range(screen.late, 1, 10);
	screen.late = 0;
	for (int i = 0; i < 3000; i++) {
		refresh(&screen, 0, 9 * MS, MS);
	}
	// It tries again from time to time, but rarely.
	assert_int_in_range(screen.late, 0, 30);
	assert_int_in_range(screen.drawn_at_ns, 2 * MS, 8 * MS);
	// Nothing helps: it gives up but for a try now and then.
	screen.late = 0;
	for (int i = 0; i < 3000; i++) {
		refresh(&screen, 0, 16 * MS, MS);
	}
	assert_int_in_range(screen.late, 0, 60);
}

// A refresh for which nothing was drawn teaches nothing.
static void test_skipped(void **state) {
	struct screen screen = begin();
	for (int i = 0; i < 20; i++) {
		refresh(&screen, 0, MS, MS);
	}
	for (int i = 0; i < 100; i++) {
		assert_true(render_delay_plan(&screen.delay, 0, screen.now_ns) > 0);
		render_delay_skipped(&screen.delay);
		screen.now_ns += 5 * REFRESH;
		render_delay_presented(&screen.delay, screen.now_ns, REFRESH);
	}
	assert_int_equal(screen.delay.reserve_ns, 0);
	render_delay_reset(&screen.delay);
	assert_int_equal(render_delay_plan(&screen.delay, 0, screen.now_ns), 0);
}

// At every rate, and every cost: never late, and never drawn earlier than it need be.
static void test_rates(void **state) {
	for (int64_t hz = 1; hz <= 500; hz++) {
		const int64_t refresh_ns = 1000 * MS / hz;
		for (int64_t cost_ns = 0; cost_ns < 20 * MS; cost_ns += MS / 3) {
			struct render_delay delay = {0};
			render_delay_presented(&delay, START, refresh_ns);
			for (int i = 0; i < RENDER_DELAY_LEARN; i++) {
				render_delay_drew(&delay, cost_ns);
			}
			int64_t wait_ns = render_delay_plan(&delay, 0, START) * MS;
			assert_true(wait_ns >= 0);
			assert_true(wait_ns == 0 || wait_ns + cost_ns + MS <= refresh_ns);
			assert_true(wait_ns + cost_ns + 3 * MS > refresh_ns);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learns_first),
		cmocka_unit_test(test_unknown_refresh),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_maximum_fades),
		cmocka_unit_test(test_too_slow),
		cmocka_unit_test(test_unmeasured),
		cmocka_unit_test(test_skipped),
		cmocka_unit_test(test_rates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// When a screen's picture is drawn: put off on a display's own clock, and nowhere else.

#include <wayland-client.h>

#include "desk.h"
#include "fake_screen.h"
#include "output.h"
#include "server.h"
#include "test_client.h"

#define SHORT_MS 40
#define LONG_MS 2000 // a test that takes longer is stuck

static const struct fake_screen_options hardware = {
	.name = "DP-1",
	.modes = {{320, 240, 25000}, {300, 200, 25000}},
	.refresh_ms = SHORT_MS,
	.hardware_clock = true,
	.adaptive_sync = true,
};

struct scene {
	struct desk *desk;
	struct fake_screen *screen;
	struct output *output;
	struct test_client *client;
};

static struct scene begin(const struct fake_screen_options *options) {
	const struct desk_options no_outputs = {.outputs = -1};
	struct scene s = {.desk = desk_create(&no_outputs)};
	s.screen = fake_screen_plug(s.desk, options);
	desk_settle(s.desk);
	s.output = output_find(s.desk->server, "DP-1");
	assert_non_null(s.output);
	s.client = desk_connect_shown(s.desk, "a");
	test_client_show(s.client, 1, 1);
	return s;
}

static void end(struct scene *s) {
	fake_screen_unplug(s->screen);
	desk_destroy(s->desk);
}

static void handle_done(void *data, struct wl_callback *callback, uint32_t time_ms) {
	bool *done = data;
	*done = true;
}

static void damage(struct scene *s) {
	wl_surface_damage(s->client->surface, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(s->client->surface);
}

/** A frame of the client, until it is on the screen. */
static void draw(struct scene *s) {
	static const struct wl_callback_listener listener = {.done = handle_done};
	bool done = false;
	struct wl_callback *callback = wl_surface_frame(s->client->surface);
	wl_callback_add_listener(callback, &listener, &done);
	damage(s);
	desk_until(s->desk, done);
	wl_callback_destroy(callback);
}

/** What a busy machine makes slow is forgotten after some more. */
static void draw_until_put_off(struct scene *s) {
	int frames = 0;
	do {
		draw(s);
		assert_true(++frames < 200);
	} while (frames < RENDER_DELAY_LEARN + 2 || s->output->frame.delay_ms == 0);
}

/** The next refresh is far away, and a picture waits for it. */
static void wait_long(struct scene *s) {
	s->screen->options.refresh_ms = LONG_MS;
	damage(s);
	desk_until(s->desk, s->output->frame.waiting && s->output->frame.delay_ms > LONG_MS / 2);
}

static void test_put_off(void **state) {
	struct scene s = begin(&hardware);
	draw_until_put_off(&s);
	assert_true(s.output->frame.delay.cost_ns > 0);
	assert_true(s.output->frame.delay_ms < SHORT_MS);
	// What is drawn while a picture waits is in that one.
	wait_long(&s);
	const int commits = s.screen->commits;
	for (int i = 0; i < 5; i++) {
		damage(&s);
		desk_settle(s.desk);
	}
	assert_true(s.output->frame.waiting);
	assert_int_equal(s.screen->commits, commits);
	wl_event_source_timer_update(s.output->frame.timer, 1); // its time has come
	desk_until(s.desk, s.screen->commits > commits);
	desk_settle(s.desk);
	assert_int_equal(s.screen->commits, commits + 1);
	end(&s);
}

// Each time none is waiting, and all the same it is drawn.
static void assert_at_once(struct scene *s) {
	for (int i = 0; i < RENDER_DELAY_LEARN + 2; i++) {
		draw(s);
		assert_false(s->output->frame.waiting);
		assert_int_equal(s->output->frame.delay_ms, 0);
	}
}

static void test_not_put_off(void **state) {
	// By a clock that is not the display's: headless, or another desk.
	struct fake_screen_options options = hardware;
	options.hardware_clock = false;
	struct scene s = begin(&options);
	assert_at_once(&s);
	desk_run(s.desk, "output DP-1 max-render-time 5");
	draw_until_put_off(&s);
	end(&s);
	options.refresh_ms = 0;
	s = begin(&options);
	desk_run(s.desk, "output DP-1 max-render-time 5");
	assert_at_once(&s);
	end(&s);
	// By the settings.
	s = begin(&hardware);
	draw_until_put_off(&s);
	desk_run(s.desk, "output DP-1 max-render-time off");
	draw(&s);
	assert_at_once(&s);
	desk_run(s.desk, "output DP-1 max-render-time auto");
	draw_until_put_off(&s);
	desk_run(s.desk, "output DP-1 adaptive-sync on");
	draw(&s);
	assert_at_once(&s);
	end(&s);
}

// A screen that is changed, darkened or unplugged while a picture waits.
static void test_changed_meanwhile(void **state) {
	struct scene s = begin(&hardware);
	draw_until_put_off(&s);
	wait_long(&s);
	s.screen->options.refresh_ms = SHORT_MS;
	desk_run(s.desk, "output DP-1 mode 300x200");
	draw_until_put_off(&s);
	wait_long(&s);
	desk_run(s.desk, "output DP-1 power off");
	desk_settle(s.desk);
	const int dark = s.screen->commits;
	wl_event_source_timer_update(s.output->frame.timer, 1);
	desk_until(s.desk, !s.output->frame.waiting);
	assert_int_equal(s.screen->commits, dark);
	s.screen->options.refresh_ms = SHORT_MS;
	desk_run(s.desk, "output DP-1 power on");
	draw_until_put_off(&s);
	wait_long(&s);
	end(&s);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_off),
		cmocka_unit_test(test_not_put_off),
		cmocka_unit_test(test_changed_meanwhile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

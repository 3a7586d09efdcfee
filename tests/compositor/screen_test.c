// What becomes of screens and of what is on them: plugged in, unplugged, refused, dark.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/session.h>
#include <wlr/interfaces/wlr_output.h>
#include <wlr/types/wlr_output.h>

#include "command.h"
#include "desk.h"
#include "fake_screen.h"
#include "output.h"
#include "output_apply.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "workspace.h"

static const struct fake_screen_options dell = {
	.name = "DP-1",
	.make = "Dell",
	.model = "U2720Q",
	.serial = "A1",
	.modes = {{960, 540, 60000}, {480, 270, 60000}, {480, 270, 59940}},
};

static const struct fake_screen_options eizo = {
	.name = "DP-2",
	.make = "Eizo",
	.model = "EV2456",
	.serial = "B2",
	.modes = {{800, 600, 60000}, {640, 480, 60000}},
};

static struct fake_screen *plug(
	struct desk *desk, const struct fake_screen_options *options, const char *name) {
	struct fake_screen_options at = *options;
	at.name = name;
	return fake_screen_plug(desk, &at);
}

static struct output *find(struct desk *desk, const char *name) {
	struct output *output = output_find_any(desk->server, name);
	if (output == NULL) {
		fail_msg("no output %s", name);
	}
	return output;
}

static void assert_box(struct desk *desk, const char *name, int x, int y, int width, int height) {
	const struct wlr_box *box = &find(desk, name)->box;
	assert_int_equal(box->x, x);
	assert_int_equal(box->y, y);
	assert_int_equal(box->width, width);
	assert_int_equal(box->height, height);
}

static void assert_on(struct desk *desk, const char *title, const char *name, bool visible) {
	const struct workspace *workspace = desk_tile(desk, title)->workspace;
	assert_ptr_equal(workspace->output, find(desk, name));
	assert_int_equal(workspace_is_visible(workspace), visible);
}

static void assert_refused(struct desk *desk, const char *line, const char *error) {
	char text[COMMAND_ERROR_MAX];
	assert_false(command_run_line(desk->server, NULL, line, text));
	if (strstr(text, error) == NULL) {
		fail_msg("%s: %s", line, text);
	}
	desk_settle(desk);
}

static struct desk *create_without_outputs(const char *config) {
	const struct desk_options options = {.outputs = -1, .config = config};
	return desk_create(&options);
}

// --- coming and going ---------------------------------------------------------------------

static void test_new_screen(void **state) {
	struct desk *desk = create_without_outputs(NULL);
	struct fake_screen_options options = dell;
	options.modes[0].width = 3840;
	options.modes[0].height = 2160;
	options.width_mm = 597;
	options.height_mm = 336;
	struct fake_screen *screen = fake_screen_plug(desk, &options);
	desk_settle(desk);
	const struct output *output = find(desk, "DP-1");
	assert_ptr_equal(find(desk, "Dell U2720Q A1"), output);
	assert_int_equal(screen->wlr_output.width, 3840);
	// By the density of its pixels, of 27 inches.
	assert_int_equal(output_scale_120(output), 180);
	assert_box(desk, "DP-1", 0, 0, 2560, 1440);
	assert_ptr_equal(desk->server->active_output, output);
	fake_screen_unplug(screen);
	desk_destroy(desk);
}

static void fill_desk(struct desk *desk, const char *first, const char *second) {
	char line[64];
	const char *const names[] = {first, second};
	for (int i = 0; i < 4; i++) {
		static const char *const titles[] = {"a", "b", "c", "d"};
		desk->server->active_output = find(desk, names[i / 2]);
		snprintf(line, sizeof(line), "workspace %d", 5 + i);
		desk_run(desk, line);
		desk_connect_shown(desk, titles[i]);
		assert_ptr_equal(
			desk_tile(desk, titles[i])->workspace->output, find(desk, names[i / 2]));
	}
	desk_run(desk, "workspace 5");
	desk_run(desk, "fullscreen on");
}

// Two screens, two workspaces each: a and b on the Dell, a with all of it, c and d on the Eizo.
static void assert_filled(struct desk *desk) {
	assert_on(desk, "a", "Dell U2720Q A1", true);
	assert_on(desk, "b", "Dell U2720Q A1", false);
	assert_on(desk, "c", "Eizo EV2456 B2", false);
	assert_on(desk, "d", "Eizo EV2456 B2", true);
	assert_true(desk_tile(desk, "a")->fullscreen && desk_tile(desk, "a")->focused);
	assert_int_equal(desk_tile(desk, "a")->box.width, 960);
	assert_int_equal(desk_tile(desk, "a")->box.height, 540);
	assert_ptr_equal(desk->server->active_output, find(desk, "Dell U2720Q A1"));
	assert_int_equal(desk_tile(desk, "d")->box.width, 800);
	// The order of the screens is that of the first time.
	assert_box(desk, "Dell U2720Q A1", 0, 0, 960, 540);
	assert_box(desk, "Eizo EV2456 B2", 960, 0, 800, 600);
}

static void test_docks(void **state) {
	struct desk *desk = create_without_outputs(NULL);
	struct fake_screen *first = plug(desk, &dell, "DP-1"), *second = plug(desk, &eizo, "DP-2");
	desk_settle(desk);
	fill_desk(desk, "DP-1", "DP-2");
	assert_filled(desk);
	// Off the dock: all windows wait.
	fake_screen_unplug(first);
	desk_settle(desk);
	assert_on(desk, "a", "DP-2", true);
	assert_int_equal(desk_tile(desk, "a")->box.width, 800);
	assert_box(desk, "DP-2", 0, 0, 800, 600);
	fake_screen_unplug(second);
	desk_settle(desk);
	assert_null(desk_tile(desk, "a")->workspace->output);
	// The other dock: other connectors, in another order.
	second = plug(desk, &eizo, "DP-7");
	desk_settle(desk);
	assert_on(desk, "a", "DP-7", true);
	first = plug(desk, &dell, "DP-2");
	desk_settle(desk);
	assert_filled(desk);
	// And with one that stays, while the user goes on working there.
	fake_screen_unplug(first);
	desk_settle(desk);
	assert_on(desk, "a", "DP-7", true);
	desk_run(desk, "workspace 6");
	assert_on(desk, "b", "DP-7", true);
	first = plug(desk, &dell, "DP-1");
	desk_settle(desk);
	// b has the focus, and goes home as well: it is what is seen there.
	assert_on(desk, "b", "DP-1", true);
	assert_on(desk, "a", "DP-1", false);
	assert_on(desk, "d", "DP-7", true);
	assert_true(desk_tile(desk, "b")->focused);
	fake_screen_unplug(first);
	fake_screen_unplug(second);
	desk_destroy(desk);
}

// Twins cannot be told apart but by their connectors.
static void test_twins(void **state) {
	struct desk *desk = create_without_outputs(NULL);
	struct fake_screen *left = plug(desk, &eizo, "DP-1"), *right = plug(desk, &eizo, "DP-2");
	desk_settle(desk);
	fill_desk(desk, "DP-1", "DP-2");
	fake_screen_unplug(left);
	fake_screen_unplug(right);
	desk_settle(desk);
	right = plug(desk, &eizo, "DP-2");
	left = plug(desk, &eizo, "DP-1");
	desk_settle(desk);
	assert_on(desk, "a", "DP-1", true);
	assert_on(desk, "d", "DP-2", true);
	assert_box(desk, "DP-1", 0, 0, 800, 600);
	// One of them alone, at another connector, is one of them.
	fake_screen_unplug(left);
	desk_settle(desk);
	left = plug(desk, &eizo, "DP-9");
	desk_settle(desk);
	assert_on(desk, "a", "DP-9", true);
	assert_on(desk, "d", "DP-2", true);
	fake_screen_unplug(left);
	fake_screen_unplug(right);
	desk_destroy(desk);
}

// On DRM every screen goes while another virtual terminal is shown, and comes back with it.
static void test_virtual_terminal(void **state) {
	struct desk *desk = create_without_outputs(NULL);
	struct fake_screen *first = plug(desk, &dell, "DP-1"), *second = plug(desk, &eizo, "DP-2");
	desk_settle(desk);
	fill_desk(desk, "DP-1", "DP-2");
	desk_run(desk, "workspace 8");
	assert_true(desk_tile(desk, "d")->focused);
	desk_run(desk, "output DP-2 scale 2");
	desk_run(desk, "output DP-1 power off");
	int resizes[4];
	for (int i = 0; i < 4; i++) {
		resizes[i] = desk->clients[i]->resizes;
	}
	struct wlr_session session = {.active = false};
	desk->server->session = &session;
	fake_screen_unplug(first);
	desk_settle(desk);
	assert_null(desk_tile(desk, "a")->workspace->output);
	fake_screen_unplug(second);
	desk_settle(desk);
	session.active = true;
	second = plug(desk, &eizo, "DP-2");
	first = plug(desk, &dell, "DP-1");
	desk_settle(desk);
	assert_on(desk, "a", "DP-1", true);
	assert_on(desk, "b", "DP-1", false);
	assert_on(desk, "c", "DP-2", false);
	assert_on(desk, "d", "DP-2", true);
	assert_true(desk_tile(desk, "d")->focused && desk_tile(desk, "a")->fullscreen);
	assert_ptr_equal(desk->server->active_output, find(desk, "DP-2"));
	assert_int_equal(output_scale_120(find(desk, "DP-2")), 240);
	// Who comes back wants to see something.
	assert_true(output_is_lit(find(desk, "DP-1")));
	// No machine was given another size in between.
	for (int i = 0; i < 4; i++) {
		assert_int_equal(desk->clients[i]->resizes, resizes[i]);
	}
	desk->server->session = NULL;
	fake_screen_unplug(first);
	fake_screen_unplug(second);
	desk_destroy(desk);
}

// What comes to a screen that shows nothing is seen there, and goes home again; what has windows
// stays as it is.
static void test_empty_screen(void **state) {
	struct desk *desk = create_without_outputs(NULL);
	struct fake_screen *first = plug(desk, &dell, "DP-1"), *second = plug(desk, &eizo, "DP-2");
	desk_settle(desk);
	desk->server->active_output = find(desk, "DP-2");
	desk_run(desk, "workspace 5");
	desk_connect_shown(desk, "a");
	desk->server->active_output = find(desk, "DP-1");
	desk_run(desk, "workspace 4");
	assert_null(desk->server->seat->focused);
	fake_screen_unplug(second);
	desk_settle(desk);
	assert_on(desk, "a", "DP-1", true);
	assert_true(desk_tile(desk, "a")->focused);
	second = plug(desk, &eizo, "DP-2");
	desk_settle(desk);
	assert_on(desk, "a", "DP-2", true);
	assert_int_equal(find(desk, "DP-1")->workspace->number, 4);
	// With a window of its own it goes on showing that one.
	desk->server->active_output = find(desk, "DP-1");
	desk_run(desk, "workspace 4");
	desk_connect_shown(desk, "b");
	fake_screen_unplug(second);
	desk_settle(desk);
	assert_on(desk, "a", "DP-1", false);
	assert_on(desk, "b", "DP-1", true);
	assert_true(desk_tile(desk, "b")->focused);
	fake_screen_unplug(first);
	desk_destroy(desk);
}

static void test_no_screen(void **state) {
	struct desk *desk = create_without_outputs(NULL);
	struct test_client *client = desk_connect_shown(desk, "a");
	desk_tap(desk, KEY_A);
	desk_run(desk, "output create first 640x480");
	assert_box(desk, "first", 0, 0, 640, 480);
	assert_on(desk, "a", "first", true);
	assert_int_equal(client->width, desk_tile(desk, "a")->content.width);
	desk_run(desk, "output first remove");
	assert_null(desk_tile(desk, "a")->workspace->output);
	assert_refused(desk, "output first power off", "there is no output first");
	assert_refused(desk, "output * power off", "there is no output *");
	assert_false(client->dead);
	desk_destroy(desk);
}

// --- what is refused ----------------------------------------------------------------------

static void test_refused_mode(void **state) {
	struct desk *desk = create_without_outputs(
		"output DP-1 {\n\tmode 480x270\n}\noutput DP-2 {\n\tmode 700x500\n}\n");
	struct fake_screen_options options = dell;
	options.refuses_width = 480;
	struct fake_screen *first = fake_screen_plug(desk, &options);
	struct fake_screen *second = fake_screen_plug(desk, &eizo);
	desk_settle(desk);
	// The first refuses what the configuration wants, the second has no such mode.
	assert_int_equal(first->wlr_output.width, 960);
	assert_int_equal(second->wlr_output.width, 800);
	assert_refused(desk, "output DP-2 mode 700x500", "has no such mode");
	assert_refused(desk, "output DP-2 adaptive-sync on", "has no adaptive sync");
	// All or nothing: the second's scale would be possible.
	assert_refused(desk, "output * mode 480x270 custom scale 2", "cannot do this");
	assert_int_equal(first->wlr_output.width, 960);
	assert_int_equal(output_scale_120(find(desk, "DP-2")), 120);
	// What no screen lists can be tried.
	desk_run(desk, "output DP-2 mode 700x500@75 custom");
	assert_int_equal(second->wlr_output.width, 700);
	assert_int_equal(second->wlr_output.refresh, 75000);
	fake_screen_unplug(first);
	fake_screen_unplug(second);
	desk_destroy(desk);
}

static void test_nothing_works(void **state) {
	struct desk *desk = create_without_outputs(NULL);
	struct fake_screen_options options = eizo;
	options.modes[1].width = 0;
	options.refuses_width = 800;
	struct fake_screen *bad = fake_screen_plug(desk, &options);
	struct fake_screen *good = fake_screen_plug(desk, &dell);
	desk_settle(desk);
	assert_false(find(desk, "DP-2")->enabled);
	assert_true(output_is_lit(find(desk, "DP-1")));
	// It is tried again when something has changed.
	bad->options.refuses_width = 0;
	fake_screen_unplug(good);
	desk_settle(desk);
	assert_true(output_is_lit(find(desk, "DP-2")));
	fake_screen_unplug(bad);
	desk_destroy(desk);
}

static void test_adaptive_sync(void **state) {
	struct desk *desk = create_without_outputs("output * {\n\tadaptive-sync on\n}\n");
	struct fake_screen_options has = dell, refuses = eizo;
	has.adaptive_sync = refuses.adaptive_sync = refuses.refuses_adaptive_sync = true;
	struct fake_screen *first = fake_screen_plug(desk, &has);
	struct fake_screen *second = fake_screen_plug(desk, &refuses);
	desk_settle(desk);
	assert_int_equal(first->wlr_output.adaptive_sync_status, WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED);
	assert_int_equal(
		second->wlr_output.adaptive_sync_status, WLR_OUTPUT_ADAPTIVE_SYNC_DISABLED);
	assert_int_equal(second->wlr_output.width, 800);
	desk_run(desk, "output DP-1 adaptive-sync off");
	assert_int_equal(first->wlr_output.adaptive_sync_status, WLR_OUTPUT_ADAPTIVE_SYNC_DISABLED);
	fake_screen_unplug(first);
	fake_screen_unplug(second);
	desk_destroy(desk);
}

// The test of the backend says yes, and then the second of two cannot: the first goes back.
static void test_commit_fails(void **state) {
	struct desk *desk = create_without_outputs(NULL);
	struct fake_screen *first = fake_screen_plug(desk, &dell);
	struct fake_screen *second = fake_screen_plug(desk, &eizo);
	desk_settle(desk);
	second->fails = true;
	assert_refused(desk, "output * scale 2 transform 180", "has refused it");
	assert_int_equal(first->wlr_output.transform, WL_OUTPUT_TRANSFORM_NORMAL);
	assert_int_equal(output_scale_120(find(desk, "DP-1")), 120);
	assert_box(desk, "DP-1", 0, 0, 960, 540);
	second->fails = false;
	desk_run(desk, "output * scale 2 transform 180");
	assert_box(desk, "DP-1", 0, 0, 480, 270);
	assert_box(desk, "DP-2", 480, 0, 400, 300);
	fake_screen_unplug(first);
	fake_screen_unplug(second);
	desk_destroy(desk);
}

// --- settings -----------------------------------------------------------------------------

static void reload(struct desk *desk, const char *text) {
	FILE *file = fopen(desk->config, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_true(server_reload(desk->server));
	desk_settle(desk);
}

static void test_reload(void **state) {
	struct desk *desk = create_without_outputs("output * {\n\tscale 1\n\ttransform 90\n}\n");
	struct fake_screen *screen = fake_screen_plug(desk, &dell);
	desk_settle(desk);
	desk_run(desk, "output DP-1 scale 2 transform 180 mode 480x270@59.94");
	assert_int_equal(screen->wlr_output.refresh, 59940);
	// Something else was changed in the file.
	reload(desk, "output * {\n\tscale 1\n\ttransform 90\n}\nborder {\n\twidth 1\n}\n");
	assert_int_equal(output_scale_120(find(desk, "DP-1")), 240);
	assert_int_equal(screen->wlr_output.width, 480);
	// The transform was: this is what the user wants now. The scale stays.
	reload(desk, "output * {\n\tscale 1\n\ttransform 270\n}\n");
	assert_int_equal(screen->wlr_output.transform, WL_OUTPUT_TRANSFORM_270);
	assert_int_equal(output_scale_120(find(desk, "DP-1")), 240);
	// It is remembered while it is unplugged, too.
	fake_screen_unplug(screen);
	desk_settle(desk);
	screen = plug(desk, &dell, "DP-5");
	desk_settle(desk);
	assert_int_equal(output_scale_120(find(desk, "DP-5")), 240);
	assert_int_equal(screen->wlr_output.refresh, 59940);
	desk_run(desk, "output DP-5 reset");
	assert_int_equal(output_scale_120(find(desk, "DP-5")), 120);
	assert_int_equal(screen->wlr_output.width, 960);
	fake_screen_unplug(screen);
	desk_destroy(desk);
}

static void test_disable(void **state) {
	struct desk *desk = create_without_outputs(NULL);
	struct fake_screen *first = plug(desk, &dell, "DP-1"), *second = plug(desk, &eizo, "DP-2");
	desk_settle(desk);
	fill_desk(desk, "DP-1", "DP-2");
	desk_run(desk, "output DP-1 toggle");
	assert_false(find(desk, "DP-1")->enabled || first->wlr_output.enabled);
	assert_on(desk, "a", "DP-2", true);
	assert_box(desk, "DP-2", 0, 0, 800, 600);
	desk_run(desk, "output DP-1 toggle");
	assert_filled(desk);
	// The last one as well.
	desk_run(desk, "output * disable");
	assert_null(desk->server->active_output);
	desk_run(desk, "output * enable");
	assert_filled(desk);
	fake_screen_unplug(first);
	fake_screen_unplug(second);
	desk_destroy(desk);
}

static void test_power(void **state) {
	struct desk *desk = create_without_outputs("output DP-2 {\n\tpower off\n}\n");
	struct fake_screen *first = plug(desk, &dell, "DP-1"), *second = plug(desk, &eizo, "DP-2");
	desk_settle(desk);
	// Dark from the beginning, but there.
	assert_false(second->wlr_output.enabled);
	assert_box(desk, "DP-2", 960, 0, 800, 600);
	desk_run(desk, "output DP-1 power toggle");
	assert_false(first->wlr_output.enabled);
	assert_box(desk, "DP-1", 0, 0, 960, 540);
	int commits = first->commits;
	desk_connect_shown(desk, "a");
	assert_int_equal(first->commits, commits);
	// Settings wait for the light.
	desk_run(desk, "output DP-1 transform 180");
	assert_false(first->wlr_output.enabled);
	desk_tap(desk, KEY_A);
	assert_true(first->wlr_output.enabled && second->wlr_output.enabled);
	assert_int_equal(first->wlr_output.transform, WL_OUTPUT_TRANSFORM_180);
	// While one is lit the others are as the user has set them.
	desk_run(desk, "output DP-2 power off");
	desk_tap(desk, KEY_A);
	assert_false(second->wlr_output.enabled);
	desk_run(desk, "output DP-1 power off");
	desk_move_by(desk, 3, 3);
	assert_true(first->wlr_output.enabled && second->wlr_output.enabled);
	fake_screen_unplug(first);
	fake_screen_unplug(second);
	desk_destroy(desk);
}

// A window in another desktop is resized from outside: that is its mode from now on.
static void test_resized_from_outside(void **state) {
	struct desk *desk = desk_create(NULL);
	struct output *output = desk->server->active_output;
	struct wlr_output_state wanted;
	wlr_output_state_init(&wanted);
	wlr_output_state_set_custom_mode(&wanted, 900, 700, 0);
	wlr_output_send_request_state(output->wlr_output, &wanted);
	wlr_output_state_finish(&wanted);
	desk_settle(desk);
	assert_int_equal(output->box.width, 900);
	desk_run(desk, "output active scale 2");
	assert_int_equal(output->box.width, 450);
	reload(desk, "border {\n\twidth 2\n}\n");
	assert_int_equal(output->box.width, 450);
	desk_destroy(desk);
}

static void test_created(void **state) {
	struct desk *desk = desk_create(NULL);
	const struct output *first = desk->server->active_output;
	desk_run(desk, "output create side 800x600");
	assert_box(desk, "side", 1280, 0, 800, 600);
	assert_refused(desk, "output create side", "already");
	assert_refused(desk, "output create 'a b'", "usage: output");
	assert_refused(desk, "output create active", "usage: output");
	assert_refused(desk, "output create a b", "usage: output");
	assert_refused(desk, "output side frobnicate", "usage: output");
	assert_refused(desk, "output side", "usage: output");
	desk_run(desk, "output side position 0 -600 scale 1.25");
	assert_box(desk, "side", 0, -600, 640, 480);
	// The other one may be anywhere: it makes room.
	desk_run(desk, "output side position 100 100");
	assert_box(desk, "side", 100, 100, 640, 480);
	assert_int_equal(first->box.x, 740);
	assert_int_equal(first->box.y, 100);
	// Where both have a place one of them cannot have it.
	char line[128];
	snprintf(line, sizeof(line), "output %s position 0 0", first->wlr_output->name);
	desk_run(desk, line);
	assert_int_equal(first->box.x, 0);
	assert_box(desk, "side", 1280, 0, 640, 480);
	for (int i = 0; i < 30; i++) {
		desk_run(desk, "output create");
	}
	assert_refused(desk, "output create", "there are 32 outputs");
	desk_run(desk, "output * remove");
	assert_null(desk->server->active_output);
	struct fake_screen *screen = fake_screen_plug(desk, &dell);
	desk_settle(desk);
	assert_refused(desk, "output DP-1 remove", "by its plug");
	fake_screen_unplug(screen);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_screen),
		cmocka_unit_test(test_docks),
		cmocka_unit_test(test_twins),
		cmocka_unit_test(test_virtual_terminal),
		cmocka_unit_test(test_empty_screen),
		cmocka_unit_test(test_no_screen),
		cmocka_unit_test(test_refused_mode),
		cmocka_unit_test(test_nothing_works),
		cmocka_unit_test(test_adaptive_sync),
		cmocka_unit_test(test_commit_fails),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_disable),
		cmocka_unit_test(test_power),
		cmocka_unit_test(test_resized_from_outside),
		cmocka_unit_test(test_created),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

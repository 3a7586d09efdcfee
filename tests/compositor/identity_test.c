// Whose a window is: what the host says of it, and that nobody else can say so.

#include <stdio.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "config.h"
#include "desk.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "machine.h"
#include "notice.h"
#include "output.h"
#include "redecho-manager-v1-protocol.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "toplevel.h"
#include "xdg-shell-client-protocol.h"

static void write_config(const struct desk *desk, const char *text) {
	FILE *file = fopen(desk->config, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

// --- labels -------------------------------------------------------------------------------

static void test_the_hosts_label(void **state) {
	struct desk *desk = desk_machine_create();
	desk_connect_shown(desk, "other");
	struct tile *other = desk_tile(desk, "other");
	assert_string_equal(tile_label(other), "host");
	assert_int_equal(tile_border_colour(other), desk->server->config->border.host);
	// What redecho-vmd says of a machine is not the host's, whatever it says.
	static const char *const labels[] = {"host", "Host", " HOST ", "", "  "};
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct tile *tile = desk_tile(desk, "Clock");
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		fake_machine_identity(fake, "clock", "Clock", labels[i]);
		desk_settle(desk);
		assert_string_equal(tile_label(tile), "unlabelled");
		assert_false(
			config_colour_is_hosts(desk->server->config, tile_border_colour(tile)));
	}
	// Nor what its bridge says: neither title nor app_id.
	struct test_client *bridge = desk_machine_connect(desk, fake);
	test_client_open(bridge, "host");
	desk_settle(desk);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	assert_string_equal(tile_title(tile), "Clock");
	assert_string_equal(tile_label(tile), "unlabelled");
	desk_destroy(desk);
}

// --- host-windows -------------------------------------------------------------------------

struct notices {
	int count;
	char text[600];
	struct wl_listener change;
};

static void handle_change(struct wl_listener *listener, void *data) {
	struct notices *notices = wl_container_of(listener, notices, change);
	const struct server_change *change = data;
	if (change->subject == SERVER_NOTICE) {
		const struct notice_message *message = change->object;
		notices->count++;
		snprintf(notices->text, sizeof(notices->text), "%s", message->text);
	}
}

static void test_host_windows_are_refused(void **state) {
	struct desk *desk = desk_machine_create();
	struct test_client *before = desk_connect_shown(desk, "before");
	write_config(desk, "host-windows deny\n");
	desk_run(desk, "reload");
	struct notices notices = {.change.notify = handle_change};
	wl_signal_add(&desk->server->events.change, &notices.change);

	struct test_client *client = desk_connect(desk);
	test_client_open(client, "intruder");
	desk_settle(desk);
	assert_int_equal(client->closes, 1);
	assert_int_equal(client->configures, 0);
	assert_false(client->dead);
	assert_int_equal(notices.count, 1);
	assert_non_null(strstr(notices.text, "A window of intruder (process "));
	assert_non_null(strstr(notices.text, "host-windows is deny"));
	assert_int_equal(desk_machine_tiles(desk), 1);
	desk_disconnect(desk, client);

	// What was there stays, and machines have nothing to do with it.
	assert_int_equal(before->closes, 0);
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, fake);
	assert_int_equal(bridge->closes, 0);
	assert_null(desk_tile(desk, "Clock")->placeholder);

	// Shown in spite of it is an error of the client's, and nothing is seen of it.
	client = desk_connect(desk);
	test_client_open(client, "stubborn");
	desk_settle(desk);
	test_client_show_size(client, 100, 100);
	desk_until(desk, client->dead);
	assert_int_equal(desk_machine_tiles(desk), 2);

	write_config(desk, "host-windows allow\n");
	desk_run(desk, "reload");
	desk_connect_shown(desk, "welcome");
	assert_int_equal(desk_machine_tiles(desk), 3);
	wl_list_remove(&notices.change.link);
	desk_destroy(desk);
}

// --- full screen --------------------------------------------------------------------------

static void test_the_strip_of_a_machine_that_fills_the_screen(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, fake);
	struct tile *tile = desk_tile(desk, "Clock");
	desk_move_to(desk, 640, 10);
	desk_run(desk, "fullscreen");
	assert_int_equal(tile->content.y, 4);
	assert_int_equal(tile->content.height, 716);
	assert_int_equal(bridge->height, 716);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	// At first the bar is there, and later the strip alone.
	assert_false(bridge->has_pointer_focus);
	desk_until(desk, bridge->has_pointer_focus);
	assert_true(bridge->sy > 5.9 && bridge->sy < 6.1);
	desk_move_to(desk, 640, 4);
	assert_true(bridge->has_pointer_focus);

	// The edge is the host's: it shows the bar, for as long as the pointer is on it.
	desk_move_to(desk, 640, 3);
	assert_false(bridge->has_pointer_focus);
	desk_button(desk, 0x110, true);
	desk_button(desk, 0x110, false);
	assert_int_equal(bridge->buttons, 0);
	desk_move_to(desk, 640, 12);
	assert_false(bridge->has_pointer_focus);
	desk_move_to(desk, 640, 200);
	assert_true(bridge->has_pointer_focus);
	desk_move_to(desk, 640, 12);
	assert_true(bridge->has_pointer_focus);
	desk_run(desk, "identify");
	assert_false(bridge->has_pointer_focus);

	// A wider one, and none for what runs on the host or fills no screen.
	write_config(desk, "border {\n\tfullscreen-strip 9\n}\n");
	desk_run(desk, "reload");
	assert_int_equal(tile->content.y, 9);
	desk_run(desk, "fullscreen");
	assert_null(tile->identity);
	desk_connect_shown(desk, "other");
	desk_run(desk, "fullscreen");
	assert_int_equal(desk_tile(desk, "other")->content.y, 0);
	assert_null(desk_tile(desk, "other")->identity);
	desk_run(desk, "identify");
	desk_destroy(desk);
}

static void test_who_may_fill_the_screen(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, fake);
	struct tile *tile = desk_tile(desk, "Clock");
	struct notices notices = {.change.notify = handle_change};
	wl_signal_add(&desk->server->events.change, &notices.change);
	static const struct {
		const char *config;
		bool allowed, told;
	} cases[] = {
		{"", false, false},
		{"fullscreen-requests allow", true, false},
		{"fullscreen-requests allow program other", false, false},
		{"fullscreen-requests allow program clock", true, false},
		{"fullscreen-requests allow\nfullscreen-requests deny label personal", false,
			false},
		{"fullscreen-requests allow label personal", true, false},
		{"fullscreen-requests ask", false, true},
		{"fullscreen-requests ask", false, false}, // not again and again
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_config(desk, cases[i].config);
		desk_run(desk, "reload");
		notices.count = 0;
		xdg_toplevel_set_fullscreen(bridge->toplevel, NULL);
		desk_settle(desk);
		assert_int_equal(tile->fullscreen, cases[i].allowed);
		assert_int_equal(notices.count, cases[i].told);
		xdg_toplevel_unset_fullscreen(bridge->toplevel);
		desk_settle(desk);
		assert_false(tile->fullscreen);
	}
	assert_string_equal(
		notices.text, "It wants to fill the screen: the command fullscreen lets it");
	// Nobody but the machine that the user is at.
	write_config(desk, "fullscreen-requests allow");
	desk_run(desk, "reload");
	desk_connect_shown(desk, "other");
	xdg_toplevel_set_fullscreen(bridge->toplevel, NULL);
	desk_settle(desk);
	assert_false(tile->fullscreen);
	// What the user has done it cannot undo, where it may do nothing.
	write_config(desk, "");
	desk_run(desk, "reload");
	tile_focus(tile);
	desk_run(desk, "fullscreen");
	xdg_toplevel_unset_fullscreen(bridge->toplevel);
	desk_settle(desk);
	assert_true(tile->fullscreen);
	wl_list_remove(&notices.change.link);
	desk_destroy(desk);
}

static void test_identify_without_an_output(void **state) {
	struct desk *desk = desk_machine_create();
	struct test_client *bridge = desk_machine_show(
		desk, desk_machine_spawn(desk, "clock", "clock"));
	desk_run(desk, "fullscreen");
	wlr_output_destroy(desk->server->active_output->wlr_output);
	desk_settle(desk);
	desk_run(desk, "identify");
	assert_false(bridge->dead);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identify_without_an_output),
		cmocka_unit_test(test_the_hosts_label),
		cmocka_unit_test(test_host_windows_are_refused),
		cmocka_unit_test(test_the_strip_of_a_machine_that_fills_the_screen),
		cmocka_unit_test(test_who_may_fill_the_screen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

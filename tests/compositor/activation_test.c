// Who may have the focus by itself, and who is marked urgent instead.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <wayland-client.h>

#include "activation.h"
#include "command.h"
#include "desk.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "redecho-manager-v1-protocol.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "urgency.h"
#include "workspace.h"
#include "xdg-activation-v1-client-protocol.h"
#include "xdg-system-bell-v1-client-protocol.h"

static struct xdg_activation_v1 *bind_activation(struct test_client *client) {
	struct xdg_activation_v1 *activation = test_client_bind(
		client, &xdg_activation_v1_interface, 1);
	assert_non_null(activation);
	return activation;
}

static void handle_done(void *data, struct xdg_activation_token_v1 *token, const char *name) {
	snprintf(data, ACTIVATION_TOKEN_SIZE, "%s", name);
}

static const struct xdg_activation_token_v1_listener token_listener = {.done = handle_done};

// Asks for a token with a serial; 0: without one.
static void ask_token(struct desk *desk, struct test_client *client, uint32_t serial, char *name) {
	struct xdg_activation_v1 *activation = bind_activation(client);
	struct xdg_activation_token_v1 *token = xdg_activation_v1_get_activation_token(activation);
	xdg_activation_token_v1_add_listener(token, &token_listener, name);
	if (serial != 0) {
		xdg_activation_token_v1_set_serial(token, serial, client->seat);
	}
	xdg_activation_token_v1_set_app_id(token, "other");
	xdg_activation_token_v1_set_surface(token, client->surface);
	name[0] = '\0';
	xdg_activation_token_v1_commit(token);
	desk_settle(desk);
	assert_int_equal(strlen(name), ACTIVATION_TOKEN_SIZE - 1);
	xdg_activation_token_v1_destroy(token);
	xdg_activation_v1_destroy(activation);
}

static void activate(struct desk *desk, struct test_client *client, const char *name) {
	struct xdg_activation_v1 *activation = bind_activation(client);
	xdg_activation_v1_activate(activation, name, client->surface);
	desk_settle(desk);
	xdg_activation_v1_destroy(activation);
}

static struct test_client *connect_focused(struct desk *desk, const char *title) {
	struct test_client *client = desk_connect_shown(desk, title);
	tile_focus(desk_tile(desk, title));
	desk_tap(desk, KEY_A);
	assert_int_not_equal(client->key_serial, 0);
	return client;
}

static void assert_state(struct desk *desk, const char *title, bool focused, bool urgent) {
	const struct tile *tile = desk_tile(desk, title);
	assert_int_equal(tile->focused, focused);
	assert_int_equal(tile->urgent != 0, urgent);
}

// --- tokens -------------------------------------------------------------------------------

static void test_good_token(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *asked = desk_connect_shown(desk, "asked");
	struct test_client *user = connect_focused(desk, "user");
	char token[ACTIVATION_TOKEN_SIZE];
	ask_token(desk, user, user->key_serial, token);
	assert_state(desk, "asked", false, false);
	activate(desk, asked, token);
	assert_state(desk, "asked", true, false);

	// It was good once, even if it changed nothing.
	tile_focus(desk_tile(desk, "user"));
	desk_settle(desk);
	ask_token(desk, user, user->key_serial, token);
	activate(desk, user, token);
	activate(desk, asked, token);
	assert_state(desk, "asked", false, true);
	assert_state(desk, "user", true, false);
	tile_focus(desk_tile(desk, "asked"));
	assert_state(desk, "asked", true, false);
	desk_destroy(desk);
}

static void test_bad_tokens(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *thief = connect_focused(desk, "thief");
	uint32_t old_serial = thief->key_serial;
	struct test_client *user = connect_focused(desk, "user");
	char token[ACTIVATION_TOKEN_SIZE];
	const struct {
		struct test_client *client;
		uint32_t serial;
	} bad[] = {
		{thief, 0}, // no serial
		{thief, old_serial}, // without the focus
		{thief, user->key_serial}, // another's
		{user, 0},
		{user, user->key_serial + 1000}, // of an event that was never sent
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ask_token(desk, bad[i].client, bad[i].serial, token);
		activate(desk, thief, token);
		assert_state(desk, "thief", false, true);
		assert_state(desk, "user", true, false);
		urgency_set(desk_tile(desk, "thief"), false);
	}
	activate(desk, thief, "no token");
	assert_state(desk, "thief", false, true);
	activate(desk, user, "");
	assert_state(desk, "user", true, false); // it has what it asks for
	desk_destroy(desk);
}

// The user clicks on something that does not take the keyboard, as a bar does not.
static void test_pressed_upon(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *asked = desk_connect_shown(desk, "asked");
	struct test_client *bar = desk_connect_shown(desk, "bar");
	const struct tile *tile = desk_tile(desk, "bar");
	desk_move_to(desk, tile->content.x + 20, tile->content.y + 20);
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	uint32_t serial = bar->button_serial;
	assert_int_not_equal(serial, 0);
	// Nobody has the keyboard.
	const struct seat_claim nobody = {0};
	seat_claim(desk->server->seat, SEAT_CLAIM_LAYER, &nobody);
	char token[ACTIVATION_TOKEN_SIZE];
	ask_token(desk, bar, serial, token);
	activate(desk, asked, token);
	assert_state(desk, "asked", true, false);

	// An older press is none of now.
	tile_focus(desk_tile(desk, "bar"));
	desk_button(desk, BTN_LEFT, true);
	desk_button(desk, BTN_LEFT, false);
	ask_token(desk, bar, serial, token);
	activate(desk, asked, token);
	assert_state(desk, "asked", false, true);
	desk_destroy(desk);
}

// Who has gone elsewhere meanwhile is not called back.
static void test_user_moved_on(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *asked = desk_connect_shown(desk, "asked");
	struct test_client *user = connect_focused(desk, "user");
	char token[ACTIVATION_TOKEN_SIZE];
	ask_token(desk, user, user->key_serial, token);
	desk_connect_shown(desk, "elsewhere");
	assert_state(desk, "elsewhere", true, false);
	activate(desk, asked, token);
	assert_state(desk, "asked", false, true);
	assert_state(desk, "elsewhere", true, false);
	desk_destroy(desk);
}

static void test_launched(void **state) {
	const struct desk_options options = {.config = "focus-new no\n"};
	struct desk *desk = desk_create(&options);
	struct test_client *launched = desk_connect(desk);
	struct test_client *user = desk_connect_shown(desk, "user");
	tile_focus(desk_tile(desk, "user"));
	char token[ACTIVATION_TOKEN_SIZE];
	activation_create_token(desk->server, token);
	// A program may use it before its window is there.
	test_client_open(launched, "launched");
	activate(desk, launched, token);
	test_client_show(launched, 200, 100);
	desk_settle(desk);
	assert_state(desk, "launched", true, false);

	// Another one without a token does not have the focus, nor is it marked.
	struct test_client *other = desk_connect(desk);
	test_client_open(other, "other");
	activate(desk, other, token);
	test_client_show(other, 200, 100);
	desk_settle(desk);
	assert_state(desk, "other", false, false);
	assert_false(user->dead);
	desk_destroy(desk);
}

// A client that hoards tokens pushes out its own oldest ones, and harms nobody.
static void test_many_tokens(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *asked = desk_connect_shown(desk, "asked");
	struct test_client *user = connect_focused(desk, "user");
	char first[ACTIVATION_TOKEN_SIZE], last[ACTIVATION_TOKEN_SIZE];
	ask_token(desk, user, user->key_serial, first);
	for (int i = 0; i < 200; i++) {
		ask_token(desk, user, user->key_serial, last);
	}
	assert_true(wl_list_length(&desk->server->activation->tokens) <= 128);
	activate(desk, asked, first);
	assert_state(desk, "asked", false, true);
	activate(desk, asked, last);
	assert_state(desk, "asked", true, false);
	desk_destroy(desk);
}

static void test_committed_twice(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = connect_focused(desk, "user");
	char name[ACTIVATION_TOKEN_SIZE];
	struct xdg_activation_token_v1 *token = xdg_activation_v1_get_activation_token(
		bind_activation(client));
	xdg_activation_token_v1_add_listener(token, &token_listener, name);
	xdg_activation_token_v1_commit(token);
	xdg_activation_token_v1_commit(token);
	desk_until(desk, client->dead);
	assert_int_equal(wl_display_get_protocol_error(client->display, NULL, NULL),
		XDG_ACTIVATION_TOKEN_V1_ERROR_ALREADY_USED);
	desk_destroy(desk);
}

// --- what is urgent -----------------------------------------------------------------------

static void test_urgent(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *first = desk_connect_shown(desk, "first");
	struct test_client *second = desk_connect_shown(desk, "second");
	const struct workspace *there = desk_tile(desk, "first")->workspace;
	desk_run(desk, "workspace 2");
	desk_connect_shown(desk, "here");
	const struct workspace *here = desk_tile(desk, "here")->workspace;
	char error[COMMAND_ERROR_MAX];
	assert_false(command_run_line(desk->server, NULL, "focus urgent", error));
	assert_string_equal(error, "no window is urgent");

	activate(desk, first, "x");
	activate(desk, second, "x");
	assert_true(urgency_in_workspace(there));
	assert_false(urgency_in_workspace(here));
	assert_false(workspace_is_visible(there));
	desk_run(desk, "focus urgent oldest");
	assert_state(desk, "first", true, false);
	assert_true(urgency_in_workspace(there));
	desk_run(desk, "focus urgent");
	assert_state(desk, "second", true, false);
	assert_false(urgency_in_workspace(there));

	activate(desk, first, "x");
	desk_run(desk, "workspace 2");
	assert_true(command_run_line(desk->server, desk_tile(desk, "second"), "urgent", error));
	desk_run(desk, "focus urgent latest");
	assert_state(desk, "second", true, false);
	assert_false(command_run_line(desk->server, NULL, "urgent on", error));
	assert_string_equal(error, "the window has the focus");
	assert_true(command_run_line(desk->server, desk_tile(desk, "first"), "urgent off", error));
	assert_false(urgency_in_workspace(there));
	// What goes is not found any more.
	assert_true(command_run_line(desk->server, desk_tile(desk, "first"), "urgent", error));
	desk_disconnect(desk, first);
	assert_false(command_run_line(desk->server, NULL, "focus urgent", error));
	desk_destroy(desk);
}

static void test_machine(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, machine);
	assert_false(test_client_sees(bridge, xdg_activation_v1_interface.name));
	assert_false(test_client_sees(bridge, xdg_system_bell_v1_interface.name));
	// One that has ended is marked by the desk; the user may mark any.
	char error[COMMAND_ERROR_MAX];
	desk_connect_shown(desk, "other");
	assert_true(command_run_line(desk->server, desk_tile(desk, "Clock"), "urgent", error));
	assert_state(desk, "Clock", false, true);
	urgency_set(desk_tile(desk, "Clock"), false);
	fake_machine_end(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED, "gone");
	desk_settle(desk);
	assert_state(desk, "Clock", false, true);
	desk_destroy(desk);
}

// --- the bell -----------------------------------------------------------------------------

static void ring(struct desk *desk, struct test_client *client, bool with_surface) {
	struct xdg_system_bell_v1 *bell = test_client_bind(
		client, &xdg_system_bell_v1_interface, 1);
	assert_non_null(bell);
	xdg_system_bell_v1_ring(bell, with_surface ? client->surface : NULL);
	desk_settle(desk);
	xdg_system_bell_v1_destroy(bell);
}

static void test_bell(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect_shown(desk, "bell");
	struct test_client *user = desk_connect_shown(desk, "user");
	struct test_client *without = desk_connect(desk);
	ring(desk, client, true);
	assert_state(desk, "bell", false, true);
	urgency_set(desk_tile(desk, "bell"), false);
	ring(desk, client, false);
	assert_state(desk, "bell", false, true);
	urgency_set(desk_tile(desk, "bell"), false);
	ring(desk, user, true);
	assert_state(desk, "user", true, false);
	ring(desk, without, false);

	desk_configure(desk, "bell flash\n");
	ring(desk, client, true);
	assert_state(desk, "bell", false, false);
	assert_true(urgency_shows(desk_tile(desk, "bell")));
	ring(desk, user, true);
	assert_true(urgency_shows(desk_tile(desk, "user")));
	assert_false(urgency_shows(desk_tile(desk, "bell")));
	desk_until(desk, !urgency_shows(desk_tile(desk, "user")));
	// The window goes while it flashes.
	ring(desk, client, true);
	desk_disconnect(desk, client);
	desk_until(desk, desk->server->urgency->flashing == 0);

	desk_configure(desk, "bell none\n");
	desk_connect_shown(desk, "last");
	ring(desk, user, true);
	assert_state(desk, "user", false, false);
	assert_false(urgency_shows(desk_tile(desk, "user")));
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_token),
		cmocka_unit_test(test_bad_tokens),
		cmocka_unit_test(test_pressed_upon),
		cmocka_unit_test(test_user_moved_on),
		cmocka_unit_test(test_launched),
		cmocka_unit_test(test_many_tokens),
		cmocka_unit_test(test_committed_twice),
		cmocka_unit_test(test_urgent),
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_bell),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

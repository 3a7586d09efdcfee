// Text fields, and the program that writes into them.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wlr/types/wlr_input_method_v2.h>
#include <wlr/types/wlr_seat.h>

#include "desk.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "input-method-unstable-v2-client-protocol.h"
#include "redecho-manager-v1-protocol.h"
#include "scene_owner.h"
#include "seat.h"
#include "server.h"
#include "single-pixel-buffer-v1-client-protocol.h"
#include "test_client.h"
#include "text-input-unstable-v3-client-protocol.h"
#include "tile.h"

// A client with a text field, or the program, or both.
struct writer {
	struct test_client *client;
	struct wl_registry *registry;
	struct zwp_text_input_manager_v3 *fields;
	struct zwp_text_input_v3 *field;
	struct zwp_input_method_manager_v2 *methods;
	struct zwp_input_method_v2 *method;
	struct zwp_input_method_keyboard_grab_v2 *grab;
	struct zwp_input_popup_surface_v2 *popup;
	struct wl_surface *popup_surface;

	// of the field
	bool entered;
	char text[64], preedit[64];
	uint32_t before; // bytes to delete

	// of the program
	bool on, pending_on, unavailable;
	char surrounding[64];
	uint32_t dones;
	int presses, releases, modifiers, rectangles;
};

static void handle_enter(void *data, struct zwp_text_input_v3 *field, struct wl_surface *surface) {
	struct writer *writer = data;
	writer->entered = true;
}

static void handle_leave(void *data, struct zwp_text_input_v3 *field, struct wl_surface *surface) {
	struct writer *writer = data;
	writer->entered = false;
}

static void handle_preedit(
	void *data, struct zwp_text_input_v3 *field, const char *text, int32_t begin, int32_t end) {
	struct writer *writer = data;
	snprintf(writer->preedit, sizeof(writer->preedit), "%s", text != NULL ? text : "");
}

static void handle_string(void *data, struct zwp_text_input_v3 *field, const char *text) {
	struct writer *writer = data;
	snprintf(writer->text, sizeof(writer->text), "%s", text != NULL ? text : "");
}

static void handle_delete(
	void *data, struct zwp_text_input_v3 *field, uint32_t before, uint32_t after) {
	struct writer *writer = data;
	writer->before = before;
}

static void handle_field_done(void *data, struct zwp_text_input_v3 *field, uint32_t serial) {}

static const struct zwp_text_input_v3_listener field_listener = {
	.enter = handle_enter,
	.leave = handle_leave,
	.preedit_string = handle_preedit,
	.commit_string = handle_string,
	.delete_surrounding_text = handle_delete,
	.done = handle_field_done,
};

static void handle_activate(void *data, struct zwp_input_method_v2 *method) {
	struct writer *writer = data;
	writer->pending_on = true;
}

static void handle_deactivate(void *data, struct zwp_input_method_v2 *method) {
	struct writer *writer = data;
	writer->pending_on = false;
}

static void handle_surrounding(void *data, struct zwp_input_method_v2 *method, const char *text,
	uint32_t cursor, uint32_t anchor) {
	struct writer *writer = data;
	snprintf(writer->surrounding, sizeof(writer->surrounding), "%s", text);
}

static void handle_cause(void *data, struct zwp_input_method_v2 *method, uint32_t cause) {}

static void handle_content_type(
	void *data, struct zwp_input_method_v2 *method, uint32_t hint, uint32_t purpose) {}

static void handle_done(void *data, struct zwp_input_method_v2 *method) {
	struct writer *writer = data;
	writer->dones++;
	writer->on = writer->pending_on;
}

static void handle_unavailable(void *data, struct zwp_input_method_v2 *method) {
	struct writer *writer = data;
	writer->unavailable = true;
}

static const struct zwp_input_method_v2_listener method_listener = {
	.activate = handle_activate,
	.deactivate = handle_deactivate,
	.surrounding_text = handle_surrounding,
	.text_change_cause = handle_cause,
	.content_type = handle_content_type,
	.done = handle_done,
	.unavailable = handle_unavailable,
};

static void handle_keymap(void *data, struct zwp_input_method_keyboard_grab_v2 *grab,
	uint32_t format, int32_t fd, uint32_t size) {
	close(fd);
}

static void handle_key(void *data, struct zwp_input_method_keyboard_grab_v2 *grab, uint32_t serial,
	uint32_t time_ms, uint32_t key, uint32_t state) {
	struct writer *writer = data;
	writer->presses += state == WL_KEYBOARD_KEY_STATE_PRESSED;
	writer->releases += state == WL_KEYBOARD_KEY_STATE_RELEASED;
}

static void handle_modifiers(void *data, struct zwp_input_method_keyboard_grab_v2 *grab,
	uint32_t serial, uint32_t depressed, uint32_t latched, uint32_t locked, uint32_t group) {
	struct writer *writer = data;
	writer->modifiers++;
}

static void handle_repeat(
	void *data, struct zwp_input_method_keyboard_grab_v2 *grab, int32_t rate, int32_t delay) {}

static const struct zwp_input_method_keyboard_grab_v2_listener grab_listener = {
	.keymap = handle_keymap,
	.key = handle_key,
	.modifiers = handle_modifiers,
	.repeat_info = handle_repeat,
};

static void handle_rectangle(void *data, struct zwp_input_popup_surface_v2 *popup, int32_t x,
	int32_t y, int32_t width, int32_t height) {
	struct writer *writer = data;
	writer->rectangles++;
}

static const struct zwp_input_popup_surface_v2_listener popup_listener = {
	.text_input_rectangle = handle_rectangle,
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct writer *writer = data;
	if (strcmp(interface, zwp_text_input_manager_v3_interface.name) == 0) {
		writer->fields = wl_registry_bind(
			registry, name, &zwp_text_input_manager_v3_interface, 1);
	} else if (strcmp(interface, zwp_input_method_manager_v2_interface.name) == 0) {
		writer->methods = wl_registry_bind(
			registry, name, &zwp_input_method_manager_v2_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static struct writer *writer_create(struct desk *desk, struct test_client *client) {
	struct writer *writer = calloc(1, sizeof(*writer));
	assert_non_null(writer);
	writer->client = client;
	writer->registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(writer->registry, &registry_listener, writer);
	desk_settle(desk);
	return writer;
}

static void writer_destroy(struct writer *writer) {
	void *proxies[] = {writer->popup, writer->popup_surface, writer->grab, writer->method,
		writer->methods, writer->field, writer->fields, writer->registry};
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++) {
		if (proxies[i] != NULL) {
			wl_proxy_destroy(proxies[i]);
		}
	}
	free(writer);
}

static void add_field(struct desk *desk, struct writer *writer) {
	writer->field = zwp_text_input_manager_v3_get_text_input(
		writer->fields, writer->client->seat);
	zwp_text_input_v3_add_listener(writer->field, &field_listener, writer);
	desk_settle(desk);
}

static void enable(struct desk *desk, struct writer *writer, const char *around) {
	zwp_text_input_v3_enable(writer->field);
	zwp_text_input_v3_set_surrounding_text(
		writer->field, around, (int32_t)strlen(around), (int32_t)strlen(around));
	zwp_text_input_v3_set_cursor_rectangle(writer->field, 10, 20, 2, 16);
	zwp_text_input_v3_commit(writer->field);
	desk_settle(desk);
}

static void start_program(struct desk *desk, struct writer *writer) {
	writer->method = zwp_input_method_manager_v2_get_input_method(
		writer->methods, writer->client->seat);
	zwp_input_method_v2_add_listener(writer->method, &method_listener, writer);
	desk_settle(desk);
}

static void write_text(struct desk *desk, struct writer *writer, const char *text) {
	zwp_input_method_v2_commit_string(writer->method, text);
	zwp_input_method_v2_commit(writer->method, writer->dones);
	desk_settle(desk);
}

static void grab_keyboard(struct desk *desk, struct writer *program) {
	program->grab = zwp_input_method_v2_grab_keyboard(program->method);
	zwp_input_method_keyboard_grab_v2_add_listener(program->grab, &grab_listener, program);
	desk_settle(desk);
}

static void disable(struct desk *desk, struct writer *writer) {
	zwp_text_input_v3_disable(writer->field);
	zwp_text_input_v3_commit(writer->field);
	desk_settle(desk);
}

static size_t times(const struct test_client *client, uint32_t key) {
	size_t count = 0;
	for (size_t i = 0; i < client->keys_len; i++) {
		count += client->keys[i].key == key;
	}
	return count;
}

static void test_text(void **state) {
	struct desk *desk = desk_create(NULL);
	struct writer *program = writer_create(desk, desk_connect(desk));
	struct writer *left = writer_create(desk, desk_connect_shown(desk, "left"));
	struct writer *right = writer_create(desk, desk_connect_shown(desk, "right"));
	start_program(desk, program);
	add_field(desk, left);
	add_field(desk, right);
	assert_false(left->entered);
	assert_true(right->entered);
	assert_false(program->on);
	enable(desk, right, "Hel");
	assert_true(program->on);
	assert_string_equal(program->surrounding, "Hel");
	zwp_input_method_v2_set_preedit_string(program->method, "lo", 0, 2);
	zwp_input_method_v2_delete_surrounding_text(program->method, 3, 0);
	write_text(desk, program, "Hell\xc3\xb6");
	assert_string_equal(right->text, "Hell\xc3\xb6");
	assert_string_equal(right->preedit, "lo");
	assert_int_equal(right->before, 3);
	// What a window without the keyboard does with its field disturbs nobody.
	uint32_t dones = program->dones;
	enable(desk, left, "here");
	disable(desk, left);
	assert_int_equal(program->dones, dones);
	write_text(desk, program, "!");
	assert_string_equal(right->text, "!");
	// Another window: nothing of it is for that one.
	desk_run(desk, "focus left");
	assert_true(left->entered);
	assert_false(right->entered);
	assert_false(program->on);
	write_text(desk, program, "lost");
	assert_string_equal(left->text, "");
	assert_string_equal(right->text, "!");
	// There is one such program.
	struct writer *second = writer_create(desk, desk_connect(desk));
	start_program(desk, second);
	assert_true(second->unavailable);
	// It ends, and what it had begun goes.
	desk_run(desk, "focus right");
	enable(desk, right, "");
	assert_true(program->on);
	struct test_client *client = program->client;
	writer_destroy(program);
	desk_disconnect(desk, client);
	assert_string_equal(right->preedit, "");
	writer_destroy(second);
	writer_destroy(left);
	writer_destroy(right);
	desk_destroy(desk);
}

static void test_grab(void **state) {
	const struct desk_options options = {.config = "mod Alt\nbind Mod+z nop\n"};
	struct desk *desk = desk_create(&options);
	struct writer *program = writer_create(desk, desk_connect(desk));
	struct test_client *client = desk_connect_shown(desk, "a");
	struct writer *writer = writer_create(desk, client);
	start_program(desk, program);
	add_field(desk, writer);
	grab_keyboard(desk, program);
	// No field is on: keys are the window's.
	desk_tap(desk, KEY_A);
	assert_int_equal(program->presses, 0);
	assert_int_equal(times(client, KEY_A), 2);
	// One that is held when the field comes on comes up where it went down.
	desk_key(desk, KEY_B, true);
	enable(desk, writer, "");
	desk_key(desk, KEY_B, false);
	assert_int_equal(times(client, KEY_B), 2);
	assert_int_equal(program->presses + program->releases, 0);
	desk_tap(desk, KEY_C);
	assert_int_equal(program->presses, 1);
	assert_int_equal(program->releases, 1);
	assert_int_equal(times(client, KEY_C), 0);
	// Bindings go first.
	desk_key(desk, KEY_LEFTALT, true);
	desk_tap(desk, KEY_Z);
	desk_key(desk, KEY_LEFTALT, false);
	assert_int_equal(program->presses, 2); // the Alt
	assert_true(program->modifiers > 0);
	// On a locked screen it hears nothing.
	const struct seat_claim claim = {0};
	seat_claim(desk->server->seat, SEAT_CLAIM_LOCK, &claim);
	desk_tap(desk, KEY_D);
	assert_int_equal(program->presses, 2);
	seat_unclaim(desk->server->seat, SEAT_CLAIM_LOCK);
	// Not even where the surface with the field is the one that shows the lock.
	enable(desk, writer, "");
	const struct seat_claim same = {
		.surface = desk->server->seat->wlr_seat->keyboard_state.focused_surface};
	seat_claim(desk->server->seat, SEAT_CLAIM_LOCK, &same);
	desk_tap(desk, KEY_D);
	assert_int_equal(program->presses, 2);
	assert_int_equal(times(client, KEY_D), 2);
	seat_unclaim(desk->server->seat, SEAT_CLAIM_LOCK);
	// It goes while a key of it is held: nobody hears of the release.
	enable(desk, writer, "");
	desk_key(desk, KEY_E, true);
	assert_int_equal(program->presses, 3);
	struct test_client *of_program = program->client;
	writer_destroy(program);
	desk_disconnect(desk, of_program);
	desk_key(desk, KEY_E, false);
	assert_int_equal(times(client, KEY_E), 0);
	desk_tap(desk, KEY_F);
	assert_int_equal(times(client, KEY_F), 2);
	writer_destroy(writer);
	desk_destroy(desk);
}

// A modifier that comes up while the program has the keyboard comes up in the window, too.
static void test_modifiers(void **state) {
	struct desk *desk = desk_create(NULL);
	struct writer *program = writer_create(desk, desk_connect(desk));
	struct test_client *client = desk_connect_shown(desk, "a");
	struct writer *writer = writer_create(desk, client);
	start_program(desk, program);
	add_field(desk, writer);
	grab_keyboard(desk, program);
	desk_key(desk, KEY_LEFTCTRL, true);
	assert_int_equal(client->modifiers, WLR_MODIFIER_CTRL);
	enable(desk, writer, "");
	desk_key(desk, KEY_LEFTCTRL, false);
	assert_int_equal(client->modifiers, WLR_MODIFIER_CTRL);
	disable(desk, writer);
	assert_int_equal(client->modifiers, 0);
	// The grab ends while the field is on.
	enable(desk, writer, "");
	desk_key(desk, KEY_LEFTSHIFT, true);
	assert_int_equal(client->modifiers, 0);
	zwp_input_method_keyboard_grab_v2_release(program->grab);
	program->grab = NULL;
	desk_settle(desk);
	assert_int_equal(client->modifiers, WLR_MODIFIER_SHIFT);
	desk_key(desk, KEY_LEFTSHIFT, false);
	writer_destroy(program);
	writer_destroy(writer);
	desk_destroy(desk);
}

// One pixel; the text cursor of enable() is at 10, 20 and 16 high.
static struct wl_buffer *show_popup(struct writer *program) {
	struct wl_buffer *buffer = wp_single_pixel_buffer_manager_v1_create_u32_rgba_buffer(
		program->client->pixels, UINT32_MAX, 0, 0, UINT32_MAX);
	wl_surface_attach(program->popup_surface, buffer, 0, 0);
	wl_surface_damage_buffer(program->popup_surface, 0, 0, 1, 1);
	wl_surface_commit(program->popup_surface);
	return buffer;
}

static bool popup_is_beside_text(struct desk *desk) {
	const struct tile *tile = desk_tile(desk, "a");
	double sx, sy;
	struct wlr_surface *surface = scene_surface_at(
		desk->server, tile->content.x + 10.5, tile->content.y + 36.5, &sx, &sy);
	return surface != NULL && wlr_input_popup_surface_v2_try_from_wlr_surface(surface) != NULL;
}

static void test_popup(void **state) {
	struct desk *desk = desk_create(NULL);
	struct writer *program = writer_create(desk, desk_connect(desk));
	struct writer *writer = writer_create(desk, desk_connect_shown(desk, "a"));
	start_program(desk, program);
	add_field(desk, writer);
	enable(desk, writer, "");
	program->popup_surface = wl_compositor_create_surface(program->client->compositor);
	program->popup = zwp_input_method_v2_get_input_popup_surface(
		program->method, program->popup_surface);
	zwp_input_popup_surface_v2_add_listener(program->popup, &popup_listener, program);
	struct wl_buffer *buffer = show_popup(program);
	desk_settle(desk);
	assert_true(program->rectangles > 0);
	// Below the text, and there also when the window has gone elsewhere.
	assert_true(popup_is_beside_text(desk));
	desk_run(desk, "floating");
	desk_run(desk, "move position 300 200");
	desk_settle(desk);
	assert_int_equal(desk_tile(desk, "a")->box.x, 300);
	assert_true(popup_is_beside_text(desk));
	disable(desk, writer);
	assert_false(popup_is_beside_text(desk));
	enable(desk, writer, "");
	assert_true(popup_is_beside_text(desk));
	wl_buffer_destroy(buffer);
	// The field's client goes, and then the popup's.
	struct test_client *client = writer->client;
	writer_destroy(writer);
	desk_disconnect(desk, client);
	assert_false(program->on);
	client = program->client;
	writer_destroy(program);
	desk_disconnect(desk, client);
	desk_destroy(desk);
}

// A machine neither sees nor feeds any of it.
static void test_machine(void **state) {
	struct desk *desk = desk_machine_create();
	struct writer *program = writer_create(desk, desk_connect(desk));
	start_program(desk, program);
	grab_keyboard(desk, program);
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	fake_machine_state(machine, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	struct test_client *bridge = desk_machine_show(desk, machine);
	assert_false(test_client_sees(bridge, "zwp_text_input_manager_v3"));
	assert_false(test_client_sees(bridge, "zwp_input_method_manager_v2"));
	desk_tap(desk, KEY_A);
	assert_int_equal(times(bridge, KEY_A), 2);
	assert_int_equal(program->presses, 0);
	writer_destroy(program);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_grab),
		cmocka_unit_test(test_modifiers),
		cmocka_unit_test(test_popup),
		cmocka_unit_test(test_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

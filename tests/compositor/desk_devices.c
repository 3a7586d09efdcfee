#include "desk_devices.h"

#include <stdlib.h>
#include <wlr/backend.h>
#include <wlr/interfaces/wlr_keyboard.h>

#include "desk.h"
#include "server.h"

static void plug_in(struct desk *desk, struct wlr_input_device *device) {
	wl_signal_emit_mutable(&desk->server->backend->events.new_input, device);
	desk_settle(desk);
}

// --- keyboards ----------------------------------------------------------------------------

static const struct wlr_keyboard_impl keyboard_impl = {.name = "added-keyboard"};

struct wlr_keyboard *desk_add_keyboard(struct desk *desk, const char *name) {
	struct wlr_keyboard *keyboard = calloc(1, sizeof(*keyboard));
	assert_non_null(keyboard);
	wlr_keyboard_init(keyboard, &keyboard_impl, name);
	plug_in(desk, &keyboard->base);
	return keyboard;
}

void desk_remove_keyboard(struct desk *desk, struct wlr_keyboard *keyboard) {
	wlr_keyboard_finish(keyboard);
	free(keyboard);
	desk_settle(desk);
}

void desk_key_on(struct desk *desk, struct wlr_keyboard *keyboard, uint32_t key, bool pressed) {
	struct wlr_keyboard_key_event event = {
		.time_msec = (uint32_t)server_now_ms(),
		.keycode = key,
		.update_state = true,
		.state = pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED,
	};
	wlr_keyboard_notify_key(keyboard, &event);
	desk_settle(desk);
}

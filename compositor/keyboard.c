#include "keyboard.h"

#include <stdlib.h>
#include <wlr/backend/session.h>
#include <wlr/types/wlr_seat.h>
#include <xkbcommon/xkbcommon.h>

#include "binding.h"
#include "config.h"
#include "history.h"
#include "input_method.h"
#include "input_mode.h"
#include "key_binding.h"
#include "key_focus.h"
#include "log.h"
#include "passthrough.h"
#include "paused.h"
#include "placeholder.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"

// evdev codes are 8 below XKB's.
#define EVDEV_OFFSET 8

uint32_t keyboard_mod(const struct seat *seat) {
	const struct server *server = seat->server;
	if (server->config->mod != 0) {
		return server->config->mod;
	}
	return server->nested ? BINDING_ALT : BINDING_LOGO;
}

static struct keyboard_taken *find_taken(struct keyboard *keyboard, uint32_t key) {
	for (size_t i = 0; i < keyboard->taken_len; i++) {
		if (keyboard->taken[i].key == key) {
			return &keyboard->taken[i];
		}
	}
	return NULL;
}

static bool take_remove(struct keyboard *keyboard, uint32_t key, struct keyboard_taken *taken) {
	struct keyboard_taken *found = find_taken(keyboard, key);
	if (found == NULL) {
		return false;
	}
	*taken = *found;
	*found = keyboard->taken[--keyboard->taken_len];
	return true;
}

static void take(struct keyboard *keyboard, uint32_t key) {
	if (keyboard->taken_len < WLR_KEYBOARD_KEYS_CAP) {
		keyboard->taken[keyboard->taken_len++] = (struct keyboard_taken){
			.key = key,
			.modifiers = wlr_keyboard_get_modifiers(keyboard->wlr_keyboard),
			.modifier = key_binding_is_modifier(keyboard, key),
		};
	}
}

// Something else was done while they are held: they were not pressed for themselves.
static void disarm(struct keyboard *keyboard) {
	for (size_t i = 0; i < keyboard->taken_len; i++) {
		keyboard->taken[i].disarmed = true;
	}
}

void keyboard_disarm_all(struct seat *seat) {
	struct keyboard *keyboard;
	wl_list_for_each (keyboard, &seat->keyboards, link) {
		disarm(keyboard);
	}
}

void keyboard_enter(struct seat *seat, struct wlr_surface *surface) {
	struct wlr_keyboard *wlr_keyboard = wlr_seat_get_keyboard(seat->wlr_seat);
	if (wlr_keyboard == NULL) {
		key_focus_enter(seat, surface, NULL, 0, NULL);
		return;
	}
	struct keyboard *keyboard = wlr_keyboard->data;
	uint32_t held[WLR_KEYBOARD_KEYS_CAP];
	size_t held_len = 0;
	for (size_t i = 0; i < wlr_keyboard->num_keycodes; i++) {
		if (keyboard == NULL || find_taken(keyboard, wlr_keyboard->keycodes[i]) == NULL) {
			held[held_len++] = wlr_keyboard->keycodes[i];
		}
	}
	key_focus_enter(seat, surface, held, held_len, &wlr_keyboard->modifiers);
}

// --- built-in keys ------------------------------------------------------------------------

// Ctrl+Alt+Fn gives XF86Switch_VT_n in most keymaps; not in all, so the keys themselves
// count as well.
static unsigned vt_of(const xkb_keysym_t *syms, size_t syms_len, uint32_t key, bool ctrl_alt) {
	for (size_t i = 0; i < syms_len; i++) {
		if (syms[i] >= XKB_KEY_XF86Switch_VT_1 && syms[i] <= XKB_KEY_XF86Switch_VT_12) {
			return syms[i] - XKB_KEY_XF86Switch_VT_1 + 1;
		}
	}
	const uint32_t f1 = 59, f10 = 68, f11 = 87;
	if (ctrl_alt && key >= f1 && key <= f10) {
		return key - f1 + 1;
	}
	return ctrl_alt && (key == f11 || key == f11 + 1) ? key - f11 + 11 : 0;
}

static bool is_emergency_exit(
	const xkb_keysym_t *syms, size_t syms_len, uint32_t key, bool ctrl_alt) {
	const uint32_t backspace = 14;
	for (size_t i = 0; i < syms_len; i++) {
		if (syms[i] == XKB_KEY_Terminate_Server ||
			(ctrl_alt && syms[i] == XKB_KEY_BackSpace)) {
			return true;
		}
	}
	return ctrl_alt && syms_len == 0 && key == backspace;
}

// These are there whatever the configuration says: a desk that one cannot leave takes the
// machine hostage.
static bool handle_builtin(struct server *server, const xkb_keysym_t *syms, size_t syms_len,
	uint32_t key, uint32_t modifiers) {
	const uint32_t both = WLR_MODIFIER_CTRL | WLR_MODIFIER_ALT;
	bool ctrl_alt = (modifiers & both) == both;
	// It may lead to the shell that the desk was started from: not while that is locked.
	if (is_emergency_exit(syms, syms_len, key, ctrl_alt) && !seat_locked(server->seat)) {
		log_info("emergency exit: the machines run on");
		server_terminate(server, 0);
		return true;
	}
	unsigned vt = server->session != NULL ? vt_of(syms, syms_len, key, ctrl_alt) : 0;
	if (vt != 0) {
		wlr_session_change_vt(server->session, vt);
		return true;
	}
	return false;
}

// --- keys -------------------------------------------------------------------------------

static void stop_repeat(struct keyboard *keyboard) {
	keyboard->repeating = false;
	wl_event_source_timer_update(keyboard->repeat_timer, 0);
}

static void start_repeat(struct keyboard *keyboard, uint32_t key, uint32_t modifiers) {
	if (keyboard->wlr_keyboard->repeat_info.rate <= 0) {
		return;
	}
	keyboard->repeat_key = key;
	keyboard->repeat_modifiers = modifiers;
	keyboard->repeating = true;
	keyboard->repeats_in_dialog = false;
	int delay_ms = keyboard->wlr_keyboard->repeat_info.delay;
	wl_event_source_timer_update(keyboard->repeat_timer, delay_ms > 0 ? delay_ms : 1);
}

// While the host asks something it has every key.
static bool tell_dialog(struct keyboard *keyboard, uint32_t key) {
	const struct seat_claim *claim = seat_claimed(keyboard->seat);
	if (claim == NULL || claim != &keyboard->seat->claims[SEAT_CLAIM_DIALOG]) {
		return false;
	}
	const xkb_keysym_t *syms = NULL;
	int len = xkb_state_key_get_syms(
		keyboard->wlr_keyboard->xkb_state, key + EVDEV_OFFSET, &syms);
	claim->key(claim->data, key, syms, len > 0 ? (size_t)len : 0);
	return true;
}

static int handle_repeat(void *data) {
	struct keyboard *keyboard = data;
	int rate = keyboard->wlr_keyboard->repeat_info.rate;
	if (keyboard->repeating && keyboard->repeats_in_dialog && rate > 0 &&
		tell_dialog(keyboard, keyboard->repeat_key)) {
		wl_event_source_timer_update(keyboard->repeat_timer, rate < 1000 ? 1000 / rate : 1);
		return 0;
	}
	const struct binding *binding = key_binding_find(
		keyboard, keyboard->repeat_key, keyboard->repeat_modifiers, false);
	if (!keyboard->repeating || keyboard->repeats_in_dialog || rate <= 0 || binding == NULL ||
		!input_mode_repeats(binding)) {
		stop_repeat(keyboard);
		return 0;
	}
	wl_event_source_timer_update(keyboard->repeat_timer, rate < 1000 ? 1000 / rate : 1);
	input_mode_run(keyboard->seat, binding);
	return 0;
}

// What a client asked for never has the keys that are built in.
static bool has_builtin(const struct seat *seat) {
	return passthrough_tile(seat) == NULL || seat->passthrough->asked ||
		seat->server->config->passthrough.builtin_keys;
}

static bool toggle_passthrough(struct keyboard *keyboard, uint32_t key, uint32_t modifiers) {
	struct seat *seat = keyboard->seat;
	if (!passthrough_is_key(keyboard, key, modifiers)) {
		return false;
	}
	if (passthrough_tile(seat) != NULL) {
		passthrough_stop(seat);
		return true;
	}
	return passthrough_start(seat);
}

static bool handle_pressed(struct keyboard *keyboard, uint32_t key) {
	struct server *server = keyboard->seat->server;
	uint32_t modifiers = wlr_keyboard_get_modifiers(keyboard->wlr_keyboard);
	const xkb_keysym_t *syms = NULL;
	int count = xkb_state_key_get_syms(
		keyboard->wlr_keyboard->xkb_state, key + EVDEV_OFFSET, &syms);
	size_t syms_len = count > 0 ? (size_t)count : 0;
	stop_repeat(keyboard);
	if (has_builtin(keyboard->seat) && handle_builtin(server, syms, syms_len, key, modifiers)) {
		return true;
	}
	if (keyboard->seat->pointer->mode == POINTER_DRAG && syms_len > 0 &&
		syms[0] == XKB_KEY_Escape) {
		drag_cancel(keyboard->seat->pointer);
		return true;
	}
	if (tell_dialog(keyboard, key)) {
		start_repeat(keyboard, key, modifiers);
		keyboard->repeats_in_dialog = true;
		return true;
	}
	if (toggle_passthrough(keyboard, key, modifiers)) {
		return true;
	}
	const struct binding *binding = key_binding_find(keyboard, key, modifiers, false);
	if (binding != NULL) {
		if (input_mode_repeats(binding)) {
			start_repeat(keyboard, key, modifiers);
		}
		input_mode_run(keyboard->seat, binding);
		return true;
	}
	// The press of a key that does something on release is taken too: nothing leaks.
	if (key_binding_find(keyboard, key, modifiers, true) != NULL) {
		return true;
	}
	const struct seat_claim *claim = seat_claimed(keyboard->seat);
	if (claim != NULL && claim->surface == NULL) {
		if (claim->key != NULL) {
			claim->key(claim->data, key, syms, syms_len);
		}
		return true;
	}
	struct tile *focused = seat_keyboard_tile(keyboard->seat);
	if (focused == NULL || syms_len == 0) {
		return false;
	}
	if (focused->paused != NULL) {
		return paused_key(focused, syms[0]);
	}
	return focused->placeholder != NULL && placeholder_key(focused->placeholder, syms[0]);
}

// By the modifiers that were held when it was pressed: they may have come up before it. A modifier
// counts only when it was pressed and released for itself.
static void run_on_release(struct keyboard *keyboard, const struct keyboard_taken *taken) {
	const struct binding *binding = key_binding_find(
		keyboard, taken->key, taken->modifiers, true);
	if (binding != NULL && !(taken->modifier && taken->disarmed)) {
		input_mode_run(keyboard->seat, binding);
	}
}

static void handle_key(struct wl_listener *listener, void *data) {
	struct keyboard *keyboard = wl_container_of(listener, keyboard, key);
	struct wlr_keyboard_key_event *event = data;
	if (keyboard->wlr_keyboard->xkb_state == NULL || keyboard->seat->finishing) {
		return; // a virtual keyboard that has not sent its keymap, or the end
	}
	struct keyboard_taken taken;
	seat_activity(keyboard->seat);
	if (event->state == WL_KEYBOARD_KEY_STATE_PRESSED) {
		disarm(keyboard);
		// Before the command runs: it may move the focus, and the new surface must not
		// be told that this key is held.
		take(keyboard, event->keycode);
		if (handle_pressed(keyboard, event->keycode)) {
			return;
		}
		take_remove(keyboard, event->keycode, &taken);
	} else {
		if (keyboard->repeating && keyboard->repeat_key == event->keycode) {
			stop_repeat(keyboard);
		}
		if (take_remove(keyboard, event->keycode, &taken)) {
			run_on_release(keyboard, &taken);
			return;
		}
	}
	bool pressed = event->state == WL_KEYBOARD_KEY_STATE_PRESSED;
	if (input_method_key(keyboard->seat, keyboard, event->time_msec, event->keycode, pressed)) {
		return;
	}
	if (virtual_key_forward(keyboard, event->time_msec, event->keycode, pressed)) {
		return;
	}
	wlr_seat_set_keyboard(keyboard->seat->wlr_seat, keyboard->wlr_keyboard);
	key_focus_key(keyboard->seat, event->time_msec, event->keycode, pressed);
}

static void handle_modifiers(struct wl_listener *listener, void *data) {
	struct keyboard *keyboard = wl_container_of(listener, keyboard, modifiers);
	struct wlr_seat *wlr_seat = keyboard->seat->wlr_seat;
	history_modifiers_changed(keyboard->seat->server->history);
	if (input_method_modifiers(keyboard->seat, keyboard) ||
		virtual_key_forward_modifiers(keyboard)) {
		return;
	}
	wlr_seat_set_keyboard(wlr_seat, keyboard->wlr_keyboard);
	wlr_seat_keyboard_notify_modifiers(wlr_seat, &keyboard->wlr_keyboard->modifiers);
}

// --- keyboards ----------------------------------------------------------------------------

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct keyboard *keyboard = wl_container_of(listener, keyboard, destroy);
	keyboard_destroy(keyboard);
}

struct keyboard *keyboard_create(
	struct seat *seat, struct wlr_keyboard *wlr_keyboard, struct keyboard_group *group) {
	struct keyboard *keyboard = calloc(1, sizeof(*keyboard));
	if (keyboard == NULL) {
		abort();
	}
	keyboard->seat = seat;
	keyboard->wlr_keyboard = wlr_keyboard;
	keyboard->group = group;
	wlr_keyboard->data = keyboard;
	keyboard->repeat_timer = wl_event_loop_add_timer(
		seat->server->loop, handle_repeat, keyboard);
	keyboard->key.notify = handle_key;
	wl_signal_add(&wlr_keyboard->events.key, &keyboard->key);
	keyboard->modifiers.notify = handle_modifiers;
	wl_signal_add(&wlr_keyboard->events.modifiers, &keyboard->modifiers);
	keyboard->destroy.notify = handle_destroy;
	wl_signal_add(&wlr_keyboard->base.events.destroy, &keyboard->destroy);
	wl_list_insert(&seat->keyboards, &keyboard->link);
	return keyboard;
}

void keyboard_destroy(struct keyboard *keyboard) {
	wl_event_source_remove(keyboard->repeat_timer);
	wl_list_remove(&keyboard->key.link);
	wl_list_remove(&keyboard->modifiers.link);
	wl_list_remove(&keyboard->destroy.link);
	wl_list_remove(&keyboard->link);
	keyboard->wlr_keyboard->data = NULL;
	free(keyboard);
}

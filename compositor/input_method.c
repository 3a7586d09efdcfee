#include "input_method.h"

#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_input_method_v2.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_text_input_v3.h>
#include <wlr/types/wlr_virtual_keyboard_v1.h>

#include "alloc.h"
#include "input_popup.h"
#include "keyboard.h"
#include "seat.h"
#include "server.h"

struct text_input {
	struct input_method *method;
	struct wlr_text_input_v3 *wlr;
	struct wl_list link; // input_method.text_inputs

	struct wl_listener enable;
	struct wl_listener commit;
	struct wl_listener disable;
	struct wl_listener destroy;
};

struct input_method {
	struct seat *seat;
	struct wlr_input_method_v2 *wlr; // NULL: no such program runs
	const struct wlr_text_input_v3 *told; // the field that it knows to be on; may be NULL
	struct wl_list text_inputs; // text_input.link
	struct wl_list popups; // input_popup.link
	uint32_t grabbed[WLR_KEYBOARD_KEYS_CAP]; // keys whose press went to the program
	size_t grabbed_len;

	struct wl_listener new_text_input;
	struct wl_listener new_input_method;
	struct wl_listener focus_change;
	struct wl_listener commit;
	struct wl_listener new_popup;
	struct wl_listener grab_keyboard;
	struct wl_listener grab_destroy;
	struct wl_listener destroy;
};

// The text field that is on, in the window with the keyboard.
static struct wlr_text_input_v3 *active(const struct input_method *method) {
	const struct text_input *input;
	if (seat_locked(method->seat)) {
		return NULL;
	}
	wl_list_for_each (input, &method->text_inputs, link) {
		if (input->wlr->focused_surface != NULL && input->wlr->current_enabled) {
			return input->wlr;
		}
	}
	return NULL;
}

// --- to the program -----------------------------------------------------------------------

static void send_state(struct input_method *method, const struct wlr_text_input_v3 *text_input) {
	const struct wlr_text_input_v3_state *state = &text_input->current;
	if ((text_input->active_features & WLR_TEXT_INPUT_V3_FEATURE_SURROUNDING_TEXT) != 0) {
		wlr_input_method_v2_send_surrounding_text(method->wlr,
			state->surrounding.text != NULL ? state->surrounding.text : "",
			state->surrounding.cursor, state->surrounding.anchor);
	}
	wlr_input_method_v2_send_text_change_cause(method->wlr, state->text_change_cause);
	if ((text_input->active_features & WLR_TEXT_INPUT_V3_FEATURE_CONTENT_TYPE) != 0) {
		wlr_input_method_v2_send_content_type(
			method->wlr, state->content_type.hint, state->content_type.purpose);
	}
	wlr_input_method_v2_send_done(method->wlr);
}

// While the program had the keyboard the window was not told of modifiers.
static void return_modifiers(const struct input_method *method) {
	struct wlr_seat *wlr_seat = method->seat->wlr_seat;
	struct wlr_keyboard *keyboard = wlr_seat_get_keyboard(wlr_seat);
	if (keyboard != NULL && !method->seat->finishing) {
		wlr_seat_keyboard_notify_modifiers(wlr_seat, &keyboard->modifiers);
	}
}

// What the program is to know of the field that is on, if one is, after one has changed. Of any other
// field it hears nothing: it would have to begin anew what it writes.
static void update(struct input_method *method, const struct wlr_text_input_v3 *changed) {
	struct wlr_text_input_v3 *text_input = active(method);
	const struct wlr_text_input_v3 *told = method->told;
	if (method->wlr == NULL) {
		return;
	}
	method->told = text_input;
	if (text_input == NULL && told != NULL) {
		wlr_input_method_v2_send_deactivate(method->wlr);
		wlr_input_method_v2_send_done(method->wlr);
		method->grabbed_len = 0;
		if (method->wlr->keyboard_grab != NULL) {
			return_modifiers(method);
		}
	} else if (text_input != told) {
		wlr_input_method_v2_send_activate(method->wlr);
		send_state(method, text_input);
	} else if (text_input != NULL && text_input == changed) {
		send_state(method, text_input);
	}
	input_popup_place_all(&method->popups, text_input);
}

// --- text fields --------------------------------------------------------------------------

static void handle_enable(struct wl_listener *listener, void *data) {
	struct text_input *input = wl_container_of(listener, input, enable);
	update(input->method, input->wlr);
}

static void handle_text_commit(struct wl_listener *listener, void *data) {
	struct text_input *input = wl_container_of(listener, input, commit);
	update(input->method, input->wlr);
}

static void handle_disable(struct wl_listener *listener, void *data) {
	struct text_input *input = wl_container_of(listener, input, disable);
	update(input->method, NULL);
}

static void text_input_forget(struct text_input *input) {
	wl_list_remove(&input->enable.link);
	wl_list_remove(&input->commit.link);
	wl_list_remove(&input->disable.link);
	wl_list_remove(&input->destroy.link);
	wl_list_remove(&input->link);
	free(input);
}

static void handle_text_destroy(struct wl_listener *listener, void *data) {
	struct text_input *input = wl_container_of(listener, input, destroy);
	struct input_method *method = input->method;
	text_input_forget(input);
	update(method, NULL);
}

static bool is_of(const struct wlr_text_input_v3 *text_input, const struct wlr_surface *surface) {
	return surface != NULL &&
		wl_resource_get_client(text_input->resource) ==
		wl_resource_get_client(surface->resource);
}

static void handle_new_text_input(struct wl_listener *listener, void *data) {
	struct input_method *method = wl_container_of(listener, method, new_text_input);
	struct text_input *input = alloc_zeroed(1, sizeof(*input));
	input->method = method;
	input->wlr = data;
	input->enable.notify = handle_enable;
	wl_signal_add(&input->wlr->events.enable, &input->enable);
	input->commit.notify = handle_text_commit;
	wl_signal_add(&input->wlr->events.commit, &input->commit);
	input->disable.notify = handle_disable;
	wl_signal_add(&input->wlr->events.disable, &input->disable);
	input->destroy.notify = handle_text_destroy;
	wl_signal_add(&input->wlr->events.destroy, &input->destroy);
	wl_list_insert(&method->text_inputs, &input->link);
	struct wlr_surface *focused = method->seat->wlr_seat->keyboard_state.focused_surface;
	if (is_of(input->wlr, focused) && !seat_locked(method->seat)) {
		wlr_text_input_v3_send_enter(input->wlr, focused);
	}
}

static void handle_focus_change(struct wl_listener *listener, void *data) {
	struct input_method *method = wl_container_of(listener, method, focus_change);
	const struct wlr_seat_keyboard_focus_change_event *event = data;
	struct text_input *input;
	wl_list_for_each (input, &method->text_inputs, link) {
		if (input->wlr->focused_surface != NULL) {
			wlr_text_input_v3_send_leave(input->wlr);
		}
		if (is_of(input->wlr, event->new_surface) && !seat_locked(method->seat)) {
			wlr_text_input_v3_send_enter(input->wlr, event->new_surface);
		}
	}
	// What was on in another window is not on in this one.
	update(method, NULL);
}

// --- from the program ---------------------------------------------------------------------

static void handle_commit(struct wl_listener *listener, void *data) {
	struct input_method *method = wl_container_of(listener, method, commit);
	struct wlr_text_input_v3 *text_input = active(method);
	const struct wlr_input_method_v2_state *state = &method->wlr->current;
	if (text_input == NULL) {
		return;
	}
	if (state->preedit.text != NULL) {
		wlr_text_input_v3_send_preedit_string(text_input, state->preedit.text,
			state->preedit.cursor_begin, state->preedit.cursor_end);
	}
	if (state->commit_text != NULL) {
		wlr_text_input_v3_send_commit_string(text_input, state->commit_text);
	}
	if (state->delete.before_length != 0 || state->delete.after_length != 0) {
		wlr_text_input_v3_send_delete_surrounding_text(
			text_input, state->delete.before_length, state->delete.after_length);
	}
	wlr_text_input_v3_send_done(text_input);
}

static void handle_new_popup(struct wl_listener *listener, void *data) {
	struct input_method *method = wl_container_of(listener, method, new_popup);
	input_popup_create(method->seat, &method->popups, data);
	input_popup_place_all(&method->popups, active(method));
}

static void handle_grab_destroy(struct wl_listener *listener, void *data) {
	struct input_method *method = wl_container_of(listener, method, grab_destroy);
	wl_list_remove(&method->grab_destroy.link);
	wl_list_init(&method->grab_destroy.link);
	method->grabbed_len = 0;
	if (active(method) != NULL) {
		return_modifiers(method);
	}
}

static void handle_grab_keyboard(struct wl_listener *listener, void *data) {
	struct input_method *method = wl_container_of(listener, method, grab_keyboard);
	struct wlr_input_method_keyboard_grab_v2 *grab = data;
	method->grabbed_len = 0;
	wl_signal_add(&grab->events.destroy, &method->grab_destroy);
	wlr_input_method_keyboard_grab_v2_set_keyboard(
		grab, wlr_seat_get_keyboard(method->seat->wlr_seat));
}

static void forget_program(struct input_method *method) {
	if (method->wlr == NULL) {
		return;
	}
	wl_list_remove(&method->commit.link);
	wl_list_remove(&method->new_popup.link);
	wl_list_remove(&method->grab_keyboard.link);
	wl_list_remove(&method->destroy.link);
	method->wlr = NULL;
	method->told = NULL;
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct input_method *method = wl_container_of(listener, method, destroy);
	struct wlr_text_input_v3 *text_input = active(method);
	forget_program(method);
	if (text_input != NULL) {
		// What it had begun to write does not stay there for ever.
		wlr_text_input_v3_send_preedit_string(text_input, NULL, 0, 0);
		wlr_text_input_v3_send_done(text_input);
	}
}

static void handle_new_input_method(struct wl_listener *listener, void *data) {
	struct input_method *method = wl_container_of(listener, method, new_input_method);
	struct wlr_input_method_v2 *wlr = data;
	if (method->wlr != NULL) {
		wlr_input_method_v2_send_unavailable(wlr);
		return;
	}
	method->wlr = wlr;
	method->commit.notify = handle_commit;
	wl_signal_add(&wlr->events.commit, &method->commit);
	method->new_popup.notify = handle_new_popup;
	wl_signal_add(&wlr->events.new_popup_surface, &method->new_popup);
	method->grab_keyboard.notify = handle_grab_keyboard;
	wl_signal_add(&wlr->events.grab_keyboard, &method->grab_keyboard);
	method->destroy.notify = handle_destroy;
	wl_signal_add(&wlr->events.destroy, &method->destroy);
	update(method, NULL);
}

void input_method_moved_under(struct seat *seat) {
	struct input_method *method = seat->input_method;
	input_popup_place_all(&method->popups, active(method));
}

// --- keys ---------------------------------------------------------------------------------

// The program types what it has made with a virtual keyboard of its own: not to itself.
static bool is_its_own(const struct input_method *method, const struct keyboard *keyboard) {
	const struct wlr_virtual_keyboard_v1 *virtual = keyboard->group == NULL
		? wlr_input_device_get_virtual_keyboard(&keyboard->wlr_keyboard->base)
		: NULL;
	return virtual != NULL &&
		wl_resource_get_client(virtual->resource) ==
		wl_resource_get_client(method->wlr->resource);
}

static struct wlr_input_method_keyboard_grab_v2 *grab_of(
	const struct input_method *method, const struct keyboard *keyboard) {
	return method->wlr != NULL && active(method) != NULL && !is_its_own(method, keyboard)
		? method->wlr->keyboard_grab
		: NULL;
}

bool input_method_key(struct seat *seat, struct keyboard *keyboard, uint32_t time_ms, uint32_t key,
	bool pressed) {
	struct input_method *method = seat->input_method;
	struct wlr_input_method_keyboard_grab_v2 *grab = grab_of(method, keyboard);
	size_t at = 0;
	if (grab == NULL) {
		return false;
	}
	while (at < method->grabbed_len && method->grabbed[at] != key) {
		at++;
	}
	if (pressed && at == method->grabbed_len && at < WLR_KEYBOARD_KEYS_CAP) {
		method->grabbed[method->grabbed_len++] = key;
	} else if (!pressed && at < method->grabbed_len) {
		method->grabbed[at] = method->grabbed[--method->grabbed_len];
	} else {
		return pressed; // went down before the grab: its release is the window's
	}
	wlr_input_method_keyboard_grab_v2_set_keyboard(grab, keyboard->wlr_keyboard);
	wlr_input_method_keyboard_grab_v2_send_key(grab, time_ms, key,
		pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED);
	return true;
}

bool input_method_modifiers(struct seat *seat, struct keyboard *keyboard) {
	struct wlr_input_method_keyboard_grab_v2 *grab = grab_of(seat->input_method, keyboard);
	if (grab == NULL) {
		return false;
	}
	wlr_input_method_keyboard_grab_v2_set_keyboard(grab, keyboard->wlr_keyboard);
	wlr_input_method_keyboard_grab_v2_send_modifiers(grab, &keyboard->wlr_keyboard->modifiers);
	return true;
}

// --- making -------------------------------------------------------------------------------

bool input_method_init(struct seat *seat) {
	struct wl_display *display = seat->server->display;
	struct wlr_text_input_manager_v3 *text_inputs = wlr_text_input_manager_v3_create(display);
	struct wlr_input_method_manager_v2 *methods = wlr_input_method_manager_v2_create(display);
	if (text_inputs == NULL || methods == NULL) {
		return false;
	}
	struct input_method *method = alloc_zeroed(1, sizeof(*method));
	method->seat = seat;
	seat->input_method = method;
	wl_list_init(&method->text_inputs);
	wl_list_init(&method->popups);
	method->grab_destroy.notify = handle_grab_destroy;
	wl_list_init(&method->grab_destroy.link);
	method->new_text_input.notify = handle_new_text_input;
	wl_signal_add(&text_inputs->events.new_text_input, &method->new_text_input);
	method->new_input_method.notify = handle_new_input_method;
	wl_signal_add(&methods->events.new_input_method, &method->new_input_method);
	method->focus_change.notify = handle_focus_change;
	wl_signal_add(&seat->wlr_seat->keyboard_state.events.focus_change, &method->focus_change);
	return true;
}

void input_method_finish(struct seat *seat) {
	struct input_method *method = seat->input_method;
	struct text_input *input, *next;
	wl_list_for_each_safe (input, next, &method->text_inputs, link) {
		text_input_forget(input);
	}
	input_popup_finish(&method->popups);
	forget_program(method);
	wl_list_remove(&method->grab_destroy.link);
	wl_list_remove(&method->new_text_input.link);
	wl_list_remove(&method->new_input_method.link);
	wl_list_remove(&method->focus_change.link);
	free(method);
	seat->input_method = NULL;
}

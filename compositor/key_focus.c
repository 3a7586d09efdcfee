#include "key_focus.h"

#include <string.h>
#include <wlr/types/wlr_seat.h>

#include "seat.h"

static void handle_focus_change(struct wl_listener *listener, void *data) {
	struct key_focus *focus = wl_container_of(listener, focus, focus_change);
	focus->len = 0;
	if (focus->entering != NULL) {
		focus->len = focus->entering_len;
		memcpy(focus->keys, focus->entering, focus->len * sizeof(focus->keys[0]));
	}
}

void key_focus_init(struct seat *seat) {
	struct key_focus *focus = &seat->key_focus;
	focus->seat = seat;
	focus->focus_change.notify = handle_focus_change;
	wl_signal_add(&seat->wlr_seat->keyboard_state.events.focus_change, &focus->focus_change);
}

void key_focus_finish(struct seat *seat) {
	wl_list_remove(&seat->key_focus.focus_change.link);
}

void key_focus_enter(struct seat *seat, struct wlr_surface *surface, const uint32_t *keys,
	size_t len, const struct wlr_keyboard_modifiers *modifiers) {
	static const uint32_t none[1];
	struct key_focus *focus = &seat->key_focus;
	focus->entering = keys != NULL ? keys : none;
	focus->entering_len = keys != NULL && len <= WLR_KEYBOARD_KEYS_CAP ? len : 0;
	wlr_seat_keyboard_notify_enter(
		seat->wlr_seat, surface, keys, focus->entering_len, modifiers);
	focus->entering = NULL;
}

static size_t find(const struct key_focus *focus, uint32_t key) {
	size_t i = 0;
	while (i < focus->len && focus->keys[i] != key) {
		i++;
	}
	return i;
}

bool key_focus_holds(const struct key_focus *focus, uint32_t key) {
	return find(focus, key) < focus->len;
}

bool key_focus_key(struct seat *seat, uint32_t time_ms, uint32_t key, bool pressed) {
	struct key_focus *focus = &seat->key_focus;
	if (seat->wlr_seat->keyboard_state.focused_surface == NULL) {
		return false;
	}
	size_t at = find(focus, key);
	if (!pressed && at < focus->len) {
		focus->keys[at] = focus->keys[--focus->len];
		// Past any grab: that of drag and drop would keep the release to itself.
		wlr_seat_keyboard_send_key(
			seat->wlr_seat, time_ms, key, WL_KEYBOARD_KEY_STATE_RELEASED);
		return true;
	}
	if (!pressed || at < focus->len || focus->len == WLR_KEYBOARD_KEYS_CAP ||
		seat->wlr_seat->drag != NULL) {
		return false;
	}
	focus->keys[focus->len++] = key;
	wlr_seat_keyboard_notify_key(seat->wlr_seat, time_ms, key, WL_KEYBOARD_KEY_STATE_PRESSED);
	return true;
}

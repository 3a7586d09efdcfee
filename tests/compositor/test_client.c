#include "test_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client.h>

#include "pointer-constraints-unstable-v1-client-protocol.h"
#include "redecho-machine-v1-client-protocol.h"
#include "relative-pointer-unstable-v1-client-protocol.h"
#include "single-pixel-buffer-v1-client-protocol.h"
#include "viewporter-client-protocol.h"
#include "xdg-shell-client-protocol.h"

// --- keyboard -----------------------------------------------------------------------------

static void note_key(struct test_client *client, uint32_t key, bool pressed) {
	size_t at = 0;
	while (at < client->held_keys_len && client->held_keys[at] != key) {
		at++;
	}
	bool was_held = at < client->held_keys_len;
	client->key_mistakes += !client->has_keyboard_focus || was_held == pressed;
	if (was_held && !pressed) {
		client->held_keys[at] = client->held_keys[--client->held_keys_len];
	} else if (!was_held && pressed && client->held_keys_len < 32) {
		client->held_keys[client->held_keys_len++] = key;
	}
}

static void handle_keymap(
	void *data, struct wl_keyboard *keyboard, uint32_t format, int32_t fd, uint32_t size) {
	close(fd);
}

static void handle_keyboard_enter(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	struct wl_surface *surface, struct wl_array *keys) {
	struct test_client *client = data;
	client->key_mistakes += client->has_keyboard_focus;
	client->has_keyboard_focus = true;
	client->entered_keys_len = 0;
	uint32_t *key;
	wl_array_for_each (key, keys) {
		if (client->entered_keys_len < 32) {
			client->entered_keys[client->entered_keys_len++] = *key;
		}
	}
	memcpy(client->held_keys, client->entered_keys, sizeof(client->held_keys));
	client->held_keys_len = client->entered_keys_len;
}

static void handle_keyboard_leave(
	void *data, struct wl_keyboard *keyboard, uint32_t serial, struct wl_surface *surface) {
	struct test_client *client = data;
	client->has_keyboard_focus = false;
	client->held_keys_len = 0;
}

static void handle_key(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time,
	uint32_t key, uint32_t state) {
	struct test_client *client = data;
	client->key_serial = serial;
	note_key(client, key, state == WL_KEYBOARD_KEY_STATE_PRESSED);
	if (client->keys_len < sizeof(client->keys) / sizeof(client->keys[0])) {
		client->keys[client->keys_len].key = key;
		client->keys[client->keys_len++].state = state;
	}
}

static void handle_modifiers(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	uint32_t depressed, uint32_t latched, uint32_t locked, uint32_t group) {
	struct test_client *client = data;
	client->modifiers = depressed;
}

static void handle_repeat_info(
	void *data, struct wl_keyboard *keyboard, int32_t rate, int32_t delay) {}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = handle_keymap,
	.enter = handle_keyboard_enter,
	.leave = handle_keyboard_leave,
	.key = handle_key,
	.modifiers = handle_modifiers,
	.repeat_info = handle_repeat_info,
};

// --- pointer ------------------------------------------------------------------------------

static void handle_pointer_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t sx, wl_fixed_t sy) {
	struct test_client *client = data;
	client->has_pointer_focus = true;
	client->sx = wl_fixed_to_double(sx);
	client->sy = wl_fixed_to_double(sy);
}

static void handle_pointer_leave(
	void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface) {
	struct test_client *client = data;
	client->has_pointer_focus = false;
	client->held_buttons = 0;
}

static void handle_motion(
	void *data, struct wl_pointer *pointer, uint32_t time, wl_fixed_t sx, wl_fixed_t sy) {
	struct test_client *client = data;
	client->sx = wl_fixed_to_double(sx);
	client->sy = wl_fixed_to_double(sy);
}

static void handle_button(void *data, struct wl_pointer *pointer, uint32_t serial, uint32_t time,
	uint32_t button, uint32_t state) {
	struct test_client *client = data;
	client->buttons++;
	client->held_buttons += state == WL_POINTER_BUTTON_STATE_PRESSED ? 1 : -1;
	client->button_mistakes += !client->has_pointer_focus || client->held_buttons < 0;
	if (state == WL_POINTER_BUTTON_STATE_PRESSED) {
		client->button_serial = serial;
	}
}

static void handle_axis(
	void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis, wl_fixed_t value) {}

static void handle_frame(void *data, struct wl_pointer *pointer) {
	struct test_client *client = data;
	client->pointer_frames++;
}

static void handle_axis_source(void *data, struct wl_pointer *pointer, uint32_t source) {}

static void handle_axis_stop(void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis) {
}

static void handle_axis_discrete(
	void *data, struct wl_pointer *pointer, uint32_t axis, int32_t discrete) {}

static void handle_axis_value120(
	void *data, struct wl_pointer *pointer, uint32_t axis, int32_t value120) {
	struct test_client *client = data;
	if (axis == WL_POINTER_AXIS_VERTICAL_SCROLL) {
		client->axis_value120 += value120;
	}
}

static void handle_axis_relative_direction(
	void *data, struct wl_pointer *pointer, uint32_t axis, uint32_t direction) {}

static const struct wl_pointer_listener pointer_listener = {
	.enter = handle_pointer_enter,
	.leave = handle_pointer_leave,
	.motion = handle_motion,
	.button = handle_button,
	.axis = handle_axis,
	.frame = handle_frame,
	.axis_source = handle_axis_source,
	.axis_stop = handle_axis_stop,
	.axis_discrete = handle_axis_discrete,
	.axis_value120 = handle_axis_value120,
	.axis_relative_direction = handle_axis_relative_direction,
};

static void handle_relative_motion(void *data, struct zwp_relative_pointer_v1 *pointer,
	uint32_t utime_hi, uint32_t utime_lo, wl_fixed_t dx, wl_fixed_t dy, wl_fixed_t dx_unaccel,
	wl_fixed_t dy_unaccel) {
	struct test_client *client = data;
	client->relative_dx += wl_fixed_to_double(dx);
	client->relative_dy += wl_fixed_to_double(dy);
}

static const struct zwp_relative_pointer_v1_listener relative_listener = {
	.relative_motion = handle_relative_motion,
};

static void handle_locked(void *data, struct zwp_locked_pointer_v1 *lock) {
	struct test_client *client = data;
	client->locked = true;
}

static void handle_unlocked(void *data, struct zwp_locked_pointer_v1 *lock) {
	struct test_client *client = data;
	client->locked = false;
}

static const struct zwp_locked_pointer_v1_listener lock_listener = {
	.locked = handle_locked,
	.unlocked = handle_unlocked,
};

void test_client_lock_pointer(struct test_client *client) {
	client->relative_pointer = zwp_relative_pointer_manager_v1_get_relative_pointer(
		client->relative, client->pointer);
	zwp_relative_pointer_v1_add_listener(client->relative_pointer, &relative_listener, client);
	client->lock = zwp_pointer_constraints_v1_lock_pointer(client->constraints, client->surface,
		client->pointer, NULL, ZWP_POINTER_CONSTRAINTS_V1_LIFETIME_PERSISTENT);
	zwp_locked_pointer_v1_add_listener(client->lock, &lock_listener, client);
}

// --- globals ------------------------------------------------------------------------------

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	struct test_client *client = data;
	if (!client->hangs) {
		xdg_wm_base_pong(wm_base, serial);
	}
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

static void handle_capabilities(void *data, struct wl_seat *seat, uint32_t capabilities) {
	struct test_client *client = data;
	if ((capabilities & WL_SEAT_CAPABILITY_KEYBOARD) != 0 && client->keyboard == NULL) {
		client->keyboard = wl_seat_get_keyboard(seat);
		wl_keyboard_add_listener(client->keyboard, &keyboard_listener, client);
	}
	if ((capabilities & WL_SEAT_CAPABILITY_POINTER) != 0 && client->pointer == NULL) {
		client->pointer = wl_seat_get_pointer(seat);
		wl_pointer_add_listener(client->pointer, &pointer_listener, client);
	}
}

static void handle_seat_name(void *data, struct wl_seat *seat, const char *name) {}

static const struct wl_seat_listener seat_listener = {
	.capabilities = handle_capabilities,
	.name = handle_seat_name,
};

static void handle_pointer_mode(void *data, struct redecho_machine_v1 *machine, uint32_t mode) {
	struct test_client *client = data;
	client->pointer_modes++;
	client->pointer_mode = mode;
}

static void handle_show_displays(void *data, struct redecho_machine_v1 *machine) {
	struct test_client *client = data;
	client->show_displays++;
}

static const struct redecho_machine_v1_listener machine_listener = {
	.set_pointer_mode = handle_pointer_mode,
	.show_displays = handle_show_displays,
};

static void bind_shell(struct test_client *client, uint32_t name, const char *interface) {
	if (strcmp(interface, xdg_wm_base_interface.name) == 0) {
		client->wm_base = wl_registry_bind(
			client->registry, name, &xdg_wm_base_interface, 6);
		xdg_wm_base_add_listener(client->wm_base, &wm_base_listener, client);
	} else if (strcmp(interface, redecho_machine_v1_interface.name) == 0) {
		client->machine = wl_registry_bind(
			client->registry, name, &redecho_machine_v1_interface, 2);
		redecho_machine_v1_add_listener(client->machine, &machine_listener, client);
	} else if (strcmp(interface, wl_output_interface.name) == 0) {
		client->outputs++;
	}
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct test_client *client = data;
	if (client->globals_len < sizeof(client->globals) / sizeof(client->globals[0])) {
		client->global_names[client->globals_len] = name;
		client->globals[client->globals_len++] = strdup(interface);
	}
	const struct {
		const struct wl_interface *interface;
		uint32_t version;
		void **object;
	} wanted[] = {
		{&wl_compositor_interface, 6, (void **)&client->compositor},
		{&wl_shm_interface, 1, (void **)&client->shm},
		{&wl_seat_interface, 9, (void **)&client->seat},
		{&wp_viewporter_interface, 1, (void **)&client->viewporter},
		{&wp_single_pixel_buffer_manager_v1_interface, 1, (void **)&client->pixels},
		{&zwp_pointer_constraints_v1_interface, 1, (void **)&client->constraints},
		{&zwp_relative_pointer_manager_v1_interface, 1, (void **)&client->relative},
	};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strcmp(interface, wanted[i].interface->name) == 0) {
			*wanted[i].object = wl_registry_bind(
				registry, name, wanted[i].interface, wanted[i].version);
		}
	}
	if (strcmp(interface, wl_seat_interface.name) == 0) {
		wl_seat_add_listener(client->seat, &seat_listener, client);
	}
	bind_shell(client, name, interface);
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

bool test_client_sees(const struct test_client *client, const char *interface) {
	for (size_t i = 0; i < client->globals_len; i++) {
		if (strcmp(client->globals[i], interface) == 0) {
			return true;
		}
	}
	return false;
}

void *test_client_bind(
	struct test_client *client, const struct wl_interface *interface, uint32_t version) {
	for (size_t i = 0; i < client->globals_len; i++) {
		if (strcmp(client->globals[i], interface->name) == 0) {
			return wl_registry_bind(
				client->registry, client->global_names[i], interface, version);
		}
	}
	return NULL;
}

void test_client_bind_hidden(struct test_client *client, uint32_t name, const char *interface) {
	// Nothing is sent or received on it but its making and its end.
	const struct wl_interface hidden = {.name = interface, .version = 1};
	struct wl_proxy *proxy = wl_registry_bind(client->registry, name, &hidden, 1);
	wl_display_flush(client->display);
	wl_proxy_destroy(proxy);
}

// --- the connection -----------------------------------------------------------------------

// Tests provoke errors on purpose.
static void handle_client_log(const char *format, va_list args) {}

struct test_client *test_client_create(int fd) {
	wl_log_set_handler_client(handle_client_log);
	struct test_client *client = calloc(1, sizeof(*client));
	if (client == NULL) {
		abort();
	}
	client->display = wl_display_connect_to_fd(fd);
	if (client->display == NULL) {
		abort();
	}
	client->registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(client->registry, &registry_listener, client);
	return client;
}

void test_client_destroy(struct test_client *client) {
	// What is left of the objects goes with the connection, but not their memory.
	void *proxies[] = {client->sync, client->relative_pointer, client->lock, client->pointer,
		client->keyboard, client->popup, client->popup_xdg_surface, client->popup_surface,
		client->viewport, client->toplevel, client->xdg_surface, client->surface,
		client->machine, client->relative, client->constraints, client->pixels, client->shm,
		client->viewporter, client->seat, client->wm_base, client->compositor,
		client->registry};
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++) {
		if (proxies[i] != NULL) {
			wl_proxy_destroy(proxies[i]);
		}
	}
	wl_display_disconnect(client->display);
	for (size_t i = 0; i < client->globals_len; i++) {
		free(client->globals[i]);
	}
	free(client);
}

void test_client_pump(struct test_client *client) {
	if (client->dead) {
		return;
	}
	struct wl_display *display = client->display;
	while (wl_display_prepare_read(display) != 0) {
		if (wl_display_dispatch_pending(display) < 0) {
			client->dead = true;
			return;
		}
	}
	struct pollfd poll_fd = {.fd = wl_display_get_fd(display), .events = POLLIN};
	if (poll(&poll_fd, 1, 0) > 0) {
		client->dead = wl_display_read_events(display) < 0 && errno != EAGAIN;
	} else {
		wl_display_cancel_read(display);
	}
	if (wl_display_dispatch_pending(display) < 0) {
		client->dead = true;
	}
	wl_display_flush(display);
}

static void handle_sync(void *data, struct wl_callback *callback, uint32_t serial) {
	struct test_client *client = data;
	client->synced = true;
	wl_callback_destroy(callback);
	client->sync = NULL;
}

static const struct wl_callback_listener sync_listener = {.done = handle_sync};

void test_client_sync(struct test_client *client) {
	client->synced = false;
	if (client->sync == NULL) {
		client->sync = wl_display_sync(client->display);
		wl_callback_add_listener(client->sync, &sync_listener, client);
	}
}

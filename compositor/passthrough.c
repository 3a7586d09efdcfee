#include "passthrough.h"

#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_keyboard_shortcuts_inhibit_v1.h>

#include "alloc.h"
#include "binding.h"
#include "config.h"
#include "key_binding.h"
#include "keyboard.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"

struct inhibitor {
	struct passthrough *passthrough;
	struct wlr_keyboard_shortcuts_inhibitor_v1 *wlr;
	struct wl_list link; // passthrough.inhibitors

	struct wl_listener destroy;
};

struct tile *passthrough_tile(const struct seat *seat) {
	return seat->passthrough != NULL ? seat->passthrough->tile : NULL;
}

// The window that may have every key, or NULL.
static struct tile *candidate(const struct seat *seat) {
	struct tile *tile = seat_keyboard_tile(seat);
	return tile != NULL && tile->placeholder == NULL && toplevel_surface(tile->toplevel) != NULL
		? tile
		: NULL;
}

static bool belongs(const struct inhibitor *inhibitor, const struct tile *tile) {
	return wlr_surface_get_root_surface(inhibitor->wlr->surface) ==
		toplevel_surface(tile->toplevel);
}

static bool asks(const struct passthrough *passthrough, const struct tile *tile) {
	const struct inhibitor *inhibitor;
	wl_list_for_each (inhibitor, &passthrough->inhibitors, link) {
		if (belongs(inhibitor, tile)) {
			return true;
		}
	}
	return false;
}

// The clients hear whether they have what they asked for.
static void tell_inhibitors(struct passthrough *passthrough) {
	struct inhibitor *inhibitor;
	wl_list_for_each (inhibitor, &passthrough->inhibitors, link) {
		bool active = passthrough->tile != NULL && belongs(inhibitor, passthrough->tile);
		if (active && !inhibitor->wlr->active) {
			wlr_keyboard_shortcuts_inhibitor_v1_activate(inhibitor->wlr);
		} else if (!active && inhibitor->wlr->active) {
			wlr_keyboard_shortcuts_inhibitor_v1_deactivate(inhibitor->wlr);
		}
	}
}

static void set(struct passthrough *passthrough, struct tile *tile, bool asked) {
	struct tile *before = passthrough->tile;
	struct server *server = passthrough->seat->server;
	passthrough->tile = tile;
	passthrough->asked = tile != NULL && asked;
	tell_inhibitors(passthrough);
	if (before == tile) {
		return;
	}
	if (before != NULL) {
		tile_update(before);
	}
	if (tile != NULL) {
		tile_update(tile);
	}
	server_emit(server, SERVER_SEAT, SERVER_CHANGED, passthrough->seat);
}

bool passthrough_start(struct seat *seat) {
	struct tile *tile = candidate(seat);
	if (tile == NULL) {
		return false;
	}
	tile->keeps_keys = false;
	set(seat->passthrough, tile, false);
	return true;
}

void passthrough_stop(struct seat *seat) {
	if (seat->passthrough->tile != NULL) {
		seat->passthrough->tile->keeps_keys = true;
		set(seat->passthrough, NULL, false);
	}
}

void passthrough_focus_changed(struct seat *seat) {
	struct passthrough *passthrough = seat->passthrough;
	if (passthrough == NULL) {
		return; // at the end
	}
	struct tile *tile = candidate(seat);
	bool asked = tile != NULL && !tile->keeps_keys &&
		(tile->machine == NULL || seat->server->config->passthrough.machines) &&
		asks(passthrough, tile);
	if (passthrough->tile != NULL && passthrough->tile == tile &&
		(asked || !passthrough->asked)) {
		tell_inhibitors(passthrough);
		return;
	}
	set(passthrough, asked ? tile : NULL, asked);
}

void passthrough_reconfigure(struct seat *seat) {
	passthrough_focus_changed(seat);
	if (seat->passthrough->tile != NULL) {
		tile_update(seat->passthrough->tile); // it names the key
	}
}

bool passthrough_is_key(const struct keyboard *keyboard, uint32_t key, uint32_t modifiers) {
	const struct binding *wanted = &keyboard->seat->server->config->passthrough.key;
	return key_binding_matches(keyboard, key, modifiers, wanted);
}

void passthrough_format_key(const struct seat *seat, char *text, size_t size) {
	struct binding key = seat->server->config->passthrough.key;
	if ((key.modifiers & BINDING_MOD) != 0) {
		key.modifiers = (key.modifiers & ~(uint32_t)BINDING_MOD) | keyboard_mod(seat);
	}
	binding_format_keys(&key, text, size);
}

// --- inhibitors ---------------------------------------------------------------------------

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct inhibitor *inhibitor = wl_container_of(listener, inhibitor, destroy);
	struct seat *seat = inhibitor->passthrough->seat;
	wl_list_remove(&inhibitor->destroy.link);
	wl_list_remove(&inhibitor->link);
	free(inhibitor);
	passthrough_focus_changed(seat);
}

static void handle_new_inhibitor(struct wl_listener *listener, void *data) {
	struct passthrough *passthrough = wl_container_of(listener, passthrough, new_inhibitor);
	struct inhibitor *inhibitor = alloc_zeroed(1, sizeof(*inhibitor));
	inhibitor->passthrough = passthrough;
	inhibitor->wlr = data;
	inhibitor->destroy.notify = handle_destroy;
	wl_signal_add(&inhibitor->wlr->events.destroy, &inhibitor->destroy);
	wl_list_insert(&passthrough->inhibitors, &inhibitor->link);
	passthrough_focus_changed(passthrough->seat);
}

bool passthrough_init(struct seat *seat) {
	struct passthrough *passthrough = alloc_zeroed(1, sizeof(*passthrough));
	passthrough->seat = seat;
	wl_list_init(&passthrough->inhibitors);
	passthrough->manager = wlr_keyboard_shortcuts_inhibit_v1_create(seat->server->display);
	if (passthrough->manager == NULL) {
		free(passthrough);
		return false;
	}
	passthrough->new_inhibitor.notify = handle_new_inhibitor;
	wl_signal_add(&passthrough->manager->events.new_inhibitor, &passthrough->new_inhibitor);
	seat->passthrough = passthrough;
	return true;
}

void passthrough_finish(struct seat *seat) {
	struct passthrough *passthrough = seat->passthrough;
	struct inhibitor *inhibitor, *next;
	seat->passthrough = NULL;
	wl_list_for_each_safe (inhibitor, next, &passthrough->inhibitors, link) {
		wl_list_remove(&inhibitor->destroy.link);
		wl_list_remove(&inhibitor->link);
		free(inhibitor);
	}
	wl_list_remove(&passthrough->new_inhibitor.link);
	free(passthrough);
}

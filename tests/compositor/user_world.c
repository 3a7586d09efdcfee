#include "user_world.h"

#include <errno.h>
#include <stdio.h>
#include <wayland-client.h>

#include "fake_manager.h"
#include "redecho-manager-v1-protocol.h"
#include "server.h"
#include "test_client.h"
#include "test_layer.h"
#include "test_lock.h"
#include "tile.h"
#include "wlr-layer-shell-unstable-v1-client-protocol.h"

// Each round everybody has answered everybody.
#define ROUNDS_MAX 50

void user_world_init(struct user_world *world, struct desk *desk) {
	*world = (struct user_world){.desk = desk};
}

// --- machines -----------------------------------------------------------------------------

static void drop_bridge(struct user_world *world, struct user_guest *guest) {
	if (guest->bridge != NULL) {
		desk_disconnect(world->desk, guest->bridge);
		guest->bridge = NULL;
	}
}

static void begin(struct user_guest *guest) {
	guest->running = true;
	fake_machine_state(guest->fake, REDECHO_MANAGED_MACHINE_V1_STATE_STARTING);
	fake_machine_need_display(guest->fake);
}

static void end(struct user_world *world, struct user_guest *guest, uint32_t cause) {
	drop_bridge(world, guest);
	if (guest->running) {
		guest->running = false;
		fake_machine_end(guest->fake, cause, "");
	}
}

static bool heard(int *answered, int asked) {
	bool is_new = *answered != asked;
	*answered = asked;
	return is_new;
}

static bool obey(struct user_world *world, struct user_guest *guest) {
	struct fake_machine *fake = guest->fake;
	if (heard(&guest->kills, fake->kills)) {
		end(world, guest, REDECHO_MANAGED_MACHINE_V1_CAUSE_DESTROYED);
	} else if (heard(&guest->power_offs, fake->power_offs)) {
		end(world, guest, REDECHO_MANAGED_MACHINE_V1_CAUSE_SHUTDOWN);
	} else if (heard(&guest->restarts, fake->restarts)) {
		drop_bridge(world, guest);
		begin(guest);
	} else if (heard(&guest->pauses, fake->pauses)) {
		fake_machine_state(fake, REDECHO_MANAGED_MACHINE_V1_STATE_PAUSED);
	} else if (heard(&guest->resumes, fake->resumes)) {
		fake_machine_state(fake, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	} else {
		return false;
	}
	return true;
}

static bool serve_window(struct test_client *client) {
	if (client->configures == 0 || client->acked == client->serial) {
		return false;
	}
	test_client_show(client, 300, 200);
	return true;
}

static bool serve_guest(struct user_world *world, struct user_guest *guest, size_t index) {
	struct fake_machine *fake = guest->fake;
	if (fake->resource == NULL) {
		// The desk has forgotten it, which it does with what has ended.
		assert_false(guest->running);
		return false;
	}
	if (!guest->known) {
		char name[16];
		snprintf(name, sizeof(name), "clock-%d", (int)index);
		fake_machine_identity(fake, name, "Clock", "personal");
		guest->known = true;
		begin(guest);
		return true;
	}
	if (obey(world, guest)) {
		return true;
	}
	if (fake->display_fd >= 0 && guest->running && guest->bridge == NULL) {
		guest->bridge = desk_connect_fd(world->desk, fake->display_fd);
		fake->display_fd = -1;
		test_client_open(guest->bridge, "x");
		fake_machine_state(fake, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
		return true;
	}
	return guest->bridge != NULL && serve_window(guest->bridge);
}

int user_world_running(const struct user_world *world) {
	int running = 0;
	for (size_t i = 0; i < world->guests_len; i++) {
		running += world->guests[i].running;
	}
	return running;
}

// --- ordinary clients ---------------------------------------------------------------------

void user_world_open_window(struct user_world *world, struct user_window *window) {
	window->client = desk_connect(world->desk);
	test_client_open(window->client, "window");
}

void user_world_close_window(struct user_world *world, struct user_window *window) {
	if (window->client->popup != NULL) {
		test_client_close_popup(window->client);
	}
	test_client_close(window->client);
	desk_settle(world->desk);
	desk_disconnect(world->desk, window->client);
	*window = (struct user_window){0};
}

void user_world_open_menu(struct user_world *world, struct user_window *window) {
	if (window->client->popup == NULL && window->client->acked != 0) {
		test_client_open_menu(window->client, 60, 80);
		desk_settle(world->desk);
		if (window->client->popup_dones == 0) {
			test_client_show_popup(window->client);
		}
	}
}

static bool serve_client(struct user_world *world, struct user_window *window) {
	if (window->client->dead) {
		// The user may kill it; but it did nothing wrong.
		assert_int_not_equal(wl_display_get_error(window->client->display), EPROTO);
		desk_disconnect(world->desk, window->client);
		*window = (struct user_window){0};
		return true;
	}
	if (window->client->closes > 0) {
		user_world_close_window(world, window);
		return true;
	}
	if (window->client->popup != NULL && window->client->popup_dones > 0) {
		test_client_close_popup(window->client);
		return true;
	}
	return serve_window(window->client);
}

void user_world_open_bar(struct user_world *world, unsigned kind) {
	world->bar_client = desk_connect(world->desk);
	world->bar = test_layer_create(world->bar_client, kind);
	world->bar_shown = 0;
	struct zwlr_layer_surface_v1 *layer = world->bar->layer;
	zwlr_layer_surface_v1_set_size(layer, 0, 30);
	zwlr_layer_surface_v1_set_anchor(layer,
		ZWLR_LAYER_SURFACE_V1_ANCHOR_TOP | ZWLR_LAYER_SURFACE_V1_ANCHOR_LEFT |
			ZWLR_LAYER_SURFACE_V1_ANCHOR_RIGHT);
	zwlr_layer_surface_v1_set_exclusive_zone(layer, 30);
	zwlr_layer_surface_v1_set_keyboard_interactivity(
		layer, ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_ON_DEMAND);
	wl_surface_commit(world->bar->surface);
}

void user_world_close_bar(struct user_world *world) {
	test_layer_destroy(world->bar);
	desk_disconnect(world->desk, world->bar_client);
	world->bar = NULL;
	world->bar_client = NULL;
}

static bool serve_bar(struct user_world *world) {
	if (world->bar->closed) {
		user_world_close_bar(world); // its output is gone
		return true;
	}
	if (world->bar->configures == world->bar_shown) {
		return false;
	}
	world->bar_shown = world->bar->configures;
	test_layer_show(world->bar);
	return true;
}

void user_world_lock(struct user_world *world) {
	world->locker = desk_connect(world->desk);
	world->lock = test_lock_create(world->locker);
	for (uint32_t i = 0; i < world->locker->outputs && i < TEST_LOCK_SCREENS; i++) {
		test_lock_cover(world->lock, (int)i);
	}
	desk_until(world->desk, world->lock->locked == 1);
}

void user_world_unlock(struct user_world *world) {
	test_lock_unlock(world->lock);
	desk_settle(world->desk);
	test_lock_destroy(world->lock);
	desk_disconnect(world->desk, world->locker);
	world->lock = NULL;
	world->locker = NULL;
}

// --- all of them --------------------------------------------------------------------------

static bool serve(struct user_world *world) {
	struct fake_manager *manager = world->desk->manager;
	for (; world->guests_len < manager->machines_len; world->guests_len++) {
		assert_true(world->guests_len < USER_WORLD_GUESTS_MAX);
		world->guests[world->guests_len].fake = &manager->machines[world->guests_len];
	}
	bool busy = world->bar != NULL && serve_bar(world);
	for (size_t i = 0; i < world->guests_len; i++) {
		busy = serve_guest(world, &world->guests[i], i) || busy;
	}
	for (size_t i = 0; i < USER_WORLD_WINDOWS_MAX; i++) {
		struct user_window *window = &world->windows[i];
		busy = (window->client != NULL && serve_client(world, window)) || busy;
	}
	return busy;
}

void user_world_settle(struct user_world *world) {
	desk_settle(world->desk);
	for (int round = 0; serve(world); round++) {
		assert_true(round < ROUNDS_MAX);
		desk_settle(world->desk);
	}
}

void user_world_check(struct user_world *world) {
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		const struct test_client *client = world->desk->clients[i];
		if (client != NULL) {
			assert_false(client->dead);
			assert_int_equal(client->key_mistakes, 0);
			assert_int_equal(client->button_mistakes, 0);
			assert_true(client->has_keyboard_focus || client->held_keys_len == 0);
		}
	}
}

void user_world_check_released(struct user_world *world) {
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		const struct test_client *client = world->desk->clients[i];
		if (client != NULL) {
			assert_int_equal(client->held_keys_len, 0);
			assert_int_equal(client->held_buttons, 0);
		}
	}
}

void user_world_clear(struct user_world *world) {
	for (size_t i = 0; i < USER_WORLD_WINDOWS_MAX; i++) {
		if (world->windows[i].client != NULL) {
			user_world_close_window(world, &world->windows[i]);
		}
	}
	if (world->bar != NULL) {
		user_world_close_bar(world);
	}
	for (int i = 0; !wl_list_empty(&world->desk->server->tiles); i++) {
		assert_true(i < 2 * USER_WORLD_GUESTS_MAX);
		struct tile *tile = wl_container_of(world->desk->server->tiles.next, tile, link);
		tile_kill(tile);
		user_world_settle(world);
	}
}

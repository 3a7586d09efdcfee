#include "activation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/types/wlr_xdg_system_bell_v1.h>

#include "config.h"
#include "globals.h"
#include "seat.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"
#include "urgency.h"
#include "xdg-activation-v1-protocol.h"

#define TOKEN_MS 30000
#define TOKENS_MAX 128

/** One that can be used. */
struct activation_token {
	char name[ACTIVATION_TOKEN_SIZE];
	int64_t made_ms; // CLOCK_MONOTONIC
	uint64_t moves; // activation.moves when it was made
	struct wl_list link; // activation.tokens
};

/** One that a client asks for. */
struct request {
	struct activation *activation;
	struct wlr_seat_client *seat_client; // only compared; NULL: no serial was given
	uint32_t serial;
	bool committed;
};

// --- tokens -------------------------------------------------------------------------------

static void make_name(char name[static ACTIVATION_TOKEN_SIZE]) {
	unsigned char bytes[(ACTIVATION_TOKEN_SIZE - 1) / 2];
	while (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
		if (errno != EINTR) {
			abort();
		}
	}
	for (size_t i = 0; i < sizeof(bytes); i++) {
		snprintf(name + 2 * i, 3, "%02x", bytes[i]);
	}
}

static void token_destroy(struct activation_token *token) {
	wl_list_remove(&token->link);
	free(token);
}

static bool is_good(const struct activation *activation, const struct activation_token *token) {
	return token->moves == activation->moves && server_now_ms() - token->made_ms < TOKEN_MS;
}

static void keep_token(struct activation *activation, const char *name) {
	struct activation_token *token = calloc(1, sizeof(*token)), *old, *next;
	if (token == NULL) {
		abort();
	}
	int len = 0;
	wl_list_for_each_reverse_safe(old, next, &activation->tokens, link) {
		if (++len >= TOKENS_MAX || !is_good(activation, old)) {
			token_destroy(old);
		}
	}
	strcpy(token->name, name);
	token->made_ms = server_now_ms();
	token->moves = activation->moves;
	wl_list_insert(activation->tokens.prev, &token->link);
}

// A token is used up, good or not.
static bool use_token(struct activation *activation, const char *untrusted_name) {
	struct activation_token *token;
	wl_list_for_each (token, &activation->tokens, link) {
		if (strcmp(token->name, untrusted_name) == 0) {
			bool good = is_good(activation, token);
			token_destroy(token);
			return good;
		}
	}
	return false;
}

void activation_create_token(struct server *server, char name[static ACTIVATION_TOKEN_SIZE]) {
	make_name(name);
	keep_token(server->activation, name);
}

// --- xdg_activation_token_v1 --------------------------------------------------------------

// Who has the keyboard, be it a window, its menu or a launcher, or was pressed upon last.
static bool is_allowed(const struct request *request, struct wl_client *client) {
	struct wlr_seat *seat = request->activation->server->seat->wlr_seat;
	struct wlr_seat_client *seat_client = wlr_seat_client_for_wl_client(seat, client);
	if (seat_client == NULL || seat_client != request->seat_client ||
		!wlr_seat_client_validate_event_serial(seat_client, request->serial)) {
		return false;
	}
	return seat->keyboard_state.focused_client == seat_client ||
		seat->pointer_state.grab_serial == request->serial ||
		seat->touch_state.grab_serial == request->serial;
}

static bool check_open(struct request *request, struct wl_resource *resource) {
	if (request->committed) {
		wl_resource_post_error(resource, XDG_ACTIVATION_TOKEN_V1_ERROR_ALREADY_USED,
			"the token has been committed");
	}
	return !request->committed;
}

static void handle_set_serial(struct wl_client *client, struct wl_resource *resource,
	uint32_t serial, struct wl_resource *seat_resource) {
	struct request *request = wl_resource_get_user_data(resource);
	if (check_open(request, resource)) {
		request->seat_client = wlr_seat_client_from_resource(seat_resource);
		request->serial = serial;
	}
}

static void handle_set_app_id(
	struct wl_client *client, struct wl_resource *resource, const char *app_id) {
	check_open(wl_resource_get_user_data(resource), resource);
}

static void handle_set_surface(
	struct wl_client *client, struct wl_resource *resource, struct wl_resource *surface) {
	check_open(wl_resource_get_user_data(resource), resource);
}

static void handle_commit(struct wl_client *client, struct wl_resource *resource) {
	struct request *request = wl_resource_get_user_data(resource);
	char name[ACTIVATION_TOKEN_SIZE];
	if (!check_open(request, resource)) {
		return;
	}
	request->committed = true;
	make_name(name);
	if (is_allowed(request, client)) {
		keep_token(request->activation, name);
	}
	xdg_activation_token_v1_send_done(resource, name);
}

static void handle_destroy(struct wl_client *client, struct wl_resource *resource) {
	wl_resource_destroy(resource);
}

static const struct xdg_activation_token_v1_interface token_impl = {
	.set_serial = handle_set_serial,
	.set_app_id = handle_set_app_id,
	.set_surface = handle_set_surface,
	.commit = handle_commit,
	.destroy = handle_destroy,
};

// --- xdg_activation_v1 --------------------------------------------------------------------

static void handle_token_destroy(struct wl_resource *resource) {
	free(wl_resource_get_user_data(resource));
}

static void handle_get_token(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	struct wl_resource *token = wl_resource_create(
		client, &xdg_activation_token_v1_interface, wl_resource_get_version(resource), id);
	struct request *request = calloc(1, sizeof(*request));
	if (token == NULL || request == NULL) {
		free(request);
		wl_client_post_no_memory(client);
		return;
	}
	request->activation = wl_resource_get_user_data(resource);
	wl_resource_set_implementation(token, &token_impl, request, handle_token_destroy);
}

static struct toplevel *find_toplevel(struct wlr_surface *surface) {
	struct wlr_surface *root = wlr_surface_get_root_surface(surface);
	struct wlr_xdg_surface *xdg = wlr_xdg_surface_try_from_wlr_surface(root);
	while (xdg != NULL && xdg->role == WLR_XDG_SURFACE_ROLE_POPUP) {
		struct wlr_surface *parent = xdg->popup != NULL ? xdg->popup->parent : NULL;
		xdg = parent != NULL ? wlr_xdg_surface_try_from_wlr_surface(parent) : NULL;
	}
	bool found = xdg != NULL && xdg->role == WLR_XDG_SURFACE_ROLE_TOPLEVEL;
	return found ? xdg->data : NULL;
}

static void handle_activate(struct wl_client *client, struct wl_resource *resource,
	const char *untrusted_name, struct wl_resource *surface_resource) {
	struct activation *activation = wl_resource_get_user_data(resource);
	struct toplevel *toplevel = find_toplevel(wlr_surface_from_resource(surface_resource));
	bool good = use_token(activation, untrusted_name);
	if (toplevel == NULL || toplevel->machine != NULL) {
		return;
	}
	if (!toplevel->mapped) {
		toplevel->invited = good;
	} else if (good) {
		tile_focus(toplevel->tile);
	} else {
		urgency_set(toplevel->tile, true);
	}
}

static const struct xdg_activation_v1_interface activation_impl = {
	.destroy = handle_destroy,
	.get_activation_token = handle_get_token,
	.activate = handle_activate,
};

static void handle_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct wl_resource *resource = wl_resource_create(
		client, &xdg_activation_v1_interface, (int)version, id);
	if (resource == NULL) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(resource, &activation_impl, data, NULL);
}

// --- the bell -----------------------------------------------------------------------------

static struct tile *find_tile(struct server *server, const struct wl_client *client) {
	struct tile *tile;
	wl_list_for_each (tile, &server->tiles, link) {
		if (tile->toplevel != NULL && tile->machine == NULL &&
			wl_resource_get_client(tile->toplevel->xdg->resource) == client) {
			return tile;
		}
	}
	return NULL;
}

static void handle_ring(struct wl_listener *listener, void *data) {
	struct activation *activation = wl_container_of(listener, activation, ring);
	const struct wlr_xdg_system_bell_v1_ring_event *event = data;
	struct toplevel *toplevel = event->surface != NULL ? find_toplevel(event->surface) : NULL;
	struct tile *tile = toplevel != NULL && toplevel->mapped
		? toplevel->tile
		: find_tile(activation->server, event->client);
	enum config_bell bell = activation->server->config->bell;
	if (tile != NULL && bell == CONFIG_BELL_URGENT) {
		urgency_set(tile, true);
	} else if (tile != NULL && bell == CONFIG_BELL_FLASH) {
		urgency_flash(tile);
	}
}

// --- coming and going ---------------------------------------------------------------------

static void handle_change(struct wl_listener *listener, void *data) {
	struct activation *activation = wl_container_of(listener, activation, change);
	const struct server_change *change = data;
	if (change->subject == SERVER_WINDOW && change->verb == SERVER_FOCUSED) {
		activation->moves++;
	}
}

bool activation_init(struct server *server) {
	struct activation *activation = calloc(1, sizeof(*activation));
	if (activation == NULL) {
		return false;
	}
	activation->server = server;
	server->activation = activation;
	wl_list_init(&activation->tokens);
	activation->change.notify = handle_change;
	wl_signal_add(&server->events.change, &activation->change);
	activation->ring.notify = handle_ring;
	wl_signal_add(&server->globals->system_bell->events.ring, &activation->ring);
	activation->global = wl_global_create(
		server->display, &xdg_activation_v1_interface, 1, activation, handle_bind);
	return activation->global != NULL;
}

void activation_finish(struct server *server) {
	struct activation *activation = server->activation;
	if (activation == NULL) {
		return;
	}
	wl_list_remove(&activation->change.link);
	wl_list_remove(&activation->ring.link);
	struct activation_token *token, *next;
	wl_list_for_each_safe (token, next, &activation->tokens, link) {
		token_destroy(token);
	}
	if (activation->global != NULL) {
		wl_global_destroy(activation->global);
	}
	free(activation);
	server->activation = NULL;
}

// What makes sense to say: without it a wild client would never come as far as a window.

#include <string.h>
#include <unistd.h>
#include <wayland-client.h>

#include "chance.h"
#include "wild_client.h"
#include "wild_value.h"

static struct wl_proxy *make_buffer(struct wild_client *client) {
	struct wl_proxy *shm = wild_client_have(client, "wl_shm");
	if (shm == NULL) {
		return NULL;
	}
	static const int32_t sizes[] = {1, 7, 64, 300};
	int32_t width = chance_element(client->chance, sizes);
	int32_t height = chance_element(client->chance, sizes);
	int fd = wild_value_memory(4 * width * height);
	struct wl_proxy *pool = wild_client_call(client, shm, "create_pool",
		(union wl_argument[]){{.o = NULL}, {.h = fd}, {.i = 4 * width * height}});
	close(fd);
	struct wl_proxy *buffer = pool == NULL
		? NULL
		: wild_client_call(client, pool, "create_buffer",
			  (union wl_argument[]){{.o = NULL}, {.i = 0}, {.i = width}, {.i = height},
				  {.i = 4 * width}, {.u = chance_below(client->chance, 2)}});
	if (pool != NULL) {
		wild_client_call(client, pool, "destroy", (union wl_argument[1]){0});
	}
	return buffer;
}

static void show(struct wild_client *client, struct wl_proxy *surface) {
	struct wl_proxy *buffer = wild_client_find(client, "wl_buffer");
	if (buffer == NULL) {
		buffer = make_buffer(client);
	}
	if (buffer == NULL || surface == NULL) {
		return;
	}
	wild_client_call(client, surface, "attach",
		(union wl_argument[]){{.o = (struct wl_object *)buffer}, {.i = 0}, {.i = 0}});
	wild_client_call(client, surface, "damage",
		(union wl_argument[]){{.i = 0}, {.i = 0}, {.i = 1000}, {.i = 1000}});
	wild_client_call(client, surface, "commit", (union wl_argument[1]){0});
}

// A window that may be shown, and now and then something else.
static void show_any(struct wild_client *client) {
	size_t index = client->windows_len > 0
		? chance_below(client->chance, (uint32_t)client->windows_len)
		: 0;
	if (chance_once_in(client->chance, 20)) {
		show(client, wild_client_find(client, "wl_surface"));
	} else if (index < client->windows_len && client->windows[index].ready) {
		show(client, client->windows[index].surface);
	}
}

static struct wl_proxy *make_surface(struct wild_client *client) {
	struct wl_proxy *compositor = wild_client_have(client, "wl_compositor");
	return compositor != NULL
		? wild_client_call(client, compositor, "create_surface", (union wl_argument[1]){0})
		: NULL;
}

static void add_window(
	struct wild_client *client, struct wl_proxy *surface, struct wl_proxy *role) {
	if (client->windows_len < WILD_WINDOWS_MAX) {
		client->windows[client->windows_len].surface = surface;
		client->windows[client->windows_len].role = role;
		client->windows[client->windows_len++].ready = false;
	}
}

static struct wl_proxy *make_window(struct wild_client *client, struct wl_proxy *surface) {
	struct wl_proxy *shell = wild_client_have(client, "xdg_wm_base");
	if (surface == NULL || shell == NULL) {
		return NULL;
	}
	struct wl_proxy *window = wild_client_call(client, shell, "get_xdg_surface",
		(union wl_argument[]){{.o = NULL}, {.o = (struct wl_object *)surface}});
	if (window != NULL) {
		add_window(client, surface, window);
	}
	return window;
}

static void make_toplevel(struct wild_client *client) {
	struct wl_proxy *surface = make_surface(client);
	struct wl_proxy *window = make_window(client, surface);
	if (window != NULL) {
		wild_client_call(client, window, "get_toplevel", (union wl_argument[1]){0});
		wild_client_call(client, surface, "commit", (union wl_argument[1]){0});
	}
}

// A parent that is configured; it may be a popup, too.
static struct wl_proxy *find_parent(struct wild_client *client) {
	for (size_t i = 0; i < client->windows_len; i++) {
		struct wl_proxy *role = client->windows[i].role;
		if (client->windows[i].ready && chance_once_in(client->chance, 2) &&
			strcmp(wl_proxy_get_interface(role)->name, "xdg_surface") == 0) {
			return role;
		}
	}
	return NULL;
}

static void make_popup(struct wild_client *client) {
	struct wl_proxy *parent = find_parent(client);
	struct wl_proxy *shell = wild_client_have(client, "xdg_wm_base");
	if (parent == NULL || shell == NULL) {
		return;
	}
	struct wl_proxy *surface = make_surface(client);
	struct wl_proxy *window = make_window(client, surface);
	if (window == NULL) {
		return;
	}
	struct wl_proxy *positioner = wild_client_call(
		client, shell, "create_positioner", (union wl_argument[1]){0});
	if (positioner == NULL) {
		return;
	}
	wild_client_call(
		client, positioner, "set_size", (union wl_argument[]){{.i = 50}, {.i = 60}});
	wild_client_call(client, positioner, "set_anchor_rect",
		(union wl_argument[]){{.i = 5}, {.i = 5}, {.i = 20}, {.i = 20}});
	wild_client_call(client, window, "get_popup",
		(union wl_argument[]){{.o = NULL}, {.o = (struct wl_object *)parent},
			{.o = (struct wl_object *)positioner}});
	wild_client_call(client, surface, "commit", (union wl_argument[1]){0});
}

static void make_layer(struct wild_client *client) {
	struct wl_proxy *shell = wild_client_have(client, "zwlr_layer_shell_v1");
	struct wl_proxy *surface = shell != NULL ? make_surface(client) : NULL;
	if (surface == NULL) {
		return;
	}
	struct wl_proxy *layer = wild_client_call(client, shell, "get_layer_surface",
		(union wl_argument[]){{.o = NULL}, {.o = (struct wl_object *)surface}, {.o = NULL},
			{.u = chance_below(client->chance, 4)}, {.s = "wild"}});
	if (layer != NULL) {
		add_window(client, surface, layer);
		wild_client_call(
			client, layer, "set_size", (union wl_argument[]){{.u = 100}, {.u = 30}});
		wild_client_call(client, surface, "commit", (union wl_argument[1]){0});
	}
}

void wild_client_act(struct wild_client *client) {
	wild_client_make_room(client);
	switch (chance_below(client->chance, 32)) {
	case 0:
	case 1:
	case 2:
	case 3:
		wild_client_bind(
			client, chance_below(client->chance, (uint32_t)client->globals_len));
		break;
	case 4:
		make_toplevel(client);
		break;
	case 5:
		make_popup(client);
		break;
	case 6:
		make_layer(client);
		break;
	case 7:
		make_surface(client);
		break;
	case 8:
		make_buffer(client);
		break;
	case 9:
	case 10:
	case 11:
		show_any(client);
		break;
	case 12:
	case 13:
	case 14:
	case 15:
	case 16:
	case 17:
		wild_client_send_rare(client);
		break;
	default:
		wild_client_send_any(client);
		break;
	}
}

// What wlcs loads: a desk in a thread of the suite's own process. Every call but
// create_server(), get_descriptor() and destroy_server() comes through the dispatcher that
// the suite gives us, so that the compositor runs in one thread, as it is made to.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-client-core.h>
#include <wayland-server-core.h>
#include <wlcs/display_server.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/util/log.h>

#include "devices.h"
#include "place.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"

/** A client of the suite's, known by its end of the connection. */
struct suite_client {
	struct wl_client *client;
	int fd; // the suite's end: it may close it before the client's own end is gone
	struct wl_list link; // suite_server.clients
	struct wl_listener destroy;
};

struct suite_server {
	WlcsDisplayServer base;
	struct server *server;
	struct wl_event_source *dispatcher; // NULL unless running
	struct wl_list clients; // suite_client.link
};

static void handle_client_destroy(struct wl_listener *listener, void *data) {
	struct suite_client *client = wl_container_of(listener, client, destroy);
	wl_list_remove(&client->link);
	free(client);
}

static int create_client_socket(WlcsDisplayServer *base) {
	struct suite_server *suite = wl_container_of(base, suite, base);
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		return -1;
	}
	struct suite_client *client = calloc(1, sizeof(*client));
	if (client == NULL) {
		abort();
	}
	client->client = wl_client_create(suite->server->display, fds[0]);
	if (client->client == NULL) {
		abort();
	}
	client->fd = fds[1];
	client->destroy.notify = handle_client_destroy;
	wl_client_add_destroy_listener(client->client, &client->destroy);
	// The newest first: a number is used again when it is closed.
	wl_list_insert(&suite->clients, &client->link);
	return fds[1];
}

static struct wlr_surface *find_surface(
	struct suite_server *suite, struct wl_display *display, struct wl_surface *surface) {
	struct suite_client *client;
	wl_list_for_each (client, &suite->clients, link) {
		if (client->fd == wl_display_get_fd(display)) {
			struct wl_resource *resource = wl_client_get_object(
				client->client, wl_proxy_get_id((struct wl_proxy *)surface));
			return resource != NULL ? wlr_surface_from_resource(resource) : NULL;
		}
	}
	return NULL;
}

static void position_window_absolute(
	WlcsDisplayServer *base, wl_display *display, wl_surface *surface, int lx, int ly) {
	struct suite_server *suite = wl_container_of(base, suite, base);
	struct wlr_surface *wlr_surface = find_surface(suite, display, surface);
	if (wlr_surface == NULL || !place_window(wlr_surface, lx, ly)) {
		fprintf(stderr, "module: no window can be moved to %d,%d\n", lx, ly);
	}
}

static WlcsPointer *create_pointer(WlcsDisplayServer *base) {
	struct suite_server *suite = wl_container_of(base, suite, base);
	return devices_create_pointer(suite->server);
}

static WlcsTouch *create_touch(WlcsDisplayServer *base) {
	struct suite_server *suite = wl_container_of(base, suite, base);
	return devices_create_touch(suite->server);
}

// Without any: what a test wants and the desk has not is skipped, and run.py knows which tests
// may be.
static const WlcsIntegrationDescriptor *get_descriptor(const WlcsDisplayServer *base) {
	static const WlcsIntegrationDescriptor none = {
		.version = WLCS_INTEGRATION_DESCRIPTOR_VERSION};
	return &none;
}

static int handle_dispatcher(int fd, uint32_t mask, void *data) {
	wl_event_loop_dispatch(data, 0);
	return 0;
}

static void start_on_this_thread(WlcsDisplayServer *base, struct wl_event_loop *dispatcher) {
	struct suite_server *suite = wl_container_of(base, suite, base);
	if (!server_start(suite->server)) {
		abort();
	}
	suite->dispatcher = wl_event_loop_add_fd(suite->server->loop,
		wl_event_loop_get_fd(dispatcher), WL_EVENT_READABLE, handle_dispatcher, dispatcher);
	if (suite->dispatcher == NULL) {
		abort();
	}
	// The suite touches a screen that it has just plugged in, of which no client can have heard.
	WlcsTouch *screen = devices_create_touch(suite->server);
	// Where no test has a window from the beginning.
	wlr_cursor_warp(suite->server->seat->pointer->cursor, NULL, 1900, 1180);
	server_run(suite->server);
	screen->destroy(screen);
	wl_event_source_remove(suite->dispatcher);
}

static void stop(WlcsDisplayServer *base) {
	struct suite_server *suite = wl_container_of(base, suite, base);
	server_terminate(suite->server, 0);
}

static WlcsDisplayServer *create_server(int argc, const char **argv) {
	const char *config = getenv("REDECHO_WLCS_CONFIG");
	if (config == NULL) {
		fprintf(stderr, "module: REDECHO_WLCS_CONFIG names no configuration\n");
		abort();
	}
	struct suite_server *suite = calloc(1, sizeof(*suite));
	if (suite == NULL) {
		abort();
	}
	wlr_log_init(getenv("REDECHO_LOG") != NULL ? WLR_DEBUG : WLR_ERROR, NULL);
	const struct server_options options = {
		.config_path = config,
		.desk = "wlcs",
		.without_manager = true,
	};
	suite->base = (WlcsDisplayServer){
		.version = WLCS_DISPLAY_SERVER_VERSION,
		.stop = stop,
		.create_client_socket = create_client_socket,
		.position_window_absolute = position_window_absolute,
		.create_pointer = create_pointer,
		.create_touch = create_touch,
		.get_descriptor = get_descriptor,
		.start_on_this_thread = start_on_this_thread,
	};
	wl_list_init(&suite->clients);
	suite->server = server_create(&options);
	if (suite->server == NULL) {
		abort();
	}
	return &suite->base;
}

static void destroy_server(WlcsDisplayServer *base) {
	struct suite_server *suite = wl_container_of(base, suite, base);
	server_destroy(suite->server);
	free(suite);
}

const WlcsServerIntegration wlcs_server_integration = {
	.version = WLCS_SERVER_INTEGRATION_VERSION,
	.create_server = create_server,
	.destroy_server = destroy_server,
};

#include "client_guard.h"

#include <stdlib.h>
#include <string.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/types/wlr_xdg_toplevel_icon_v1.h>

#include "log.h"
#include "server.h"

// Counting walks all of a client's objects: not for each one that is made.
#define COUNT_EVERY 256

struct client_guard {
	struct wl_protocol_logger *logger;
	struct wl_list clients; // guarded_client.link
	struct wl_listener client_created;
};

struct guarded_client {
	struct wl_client *client;
	int made; // objects since they were last counted
	struct wl_resource
		*emptied; // stands without its data until the client has gone; may be NULL
	void *data; // its data
	struct wl_list link; // client_guard.clients
	struct wl_listener resource_created;
	struct wl_listener destroy;
};

struct count {
	int objects, files;
};

// --- objects ------------------------------------------------------------------------------

static bool may_hold_file(struct wl_resource *resource) {
	const char *name = wl_resource_get_class(resource);
	return strcmp(name, "wl_shm_pool") == 0 || strcmp(name, "wl_buffer") == 0;
}

static enum wl_iterator_result count_one(struct wl_resource *resource, void *data) {
	struct count *count = data;
	count->objects++;
	count->files += may_hold_file(resource);
	if (strcmp(wl_resource_get_class(resource), "xdg_toplevel_icon_v1") == 0) {
		// It keeps buffers that the client has destroyed.
		const struct wlr_xdg_toplevel_icon_v1 *icon = wl_resource_get_user_data(resource);
		count->files += icon != NULL ? wl_list_length(&icon->buffers) : 0;
	}
	return WL_ITERATOR_CONTINUE;
}

static void handle_resource_created(struct wl_listener *listener, void *data) {
	struct guarded_client *guarded = wl_container_of(listener, guarded, resource_created);
	if (++guarded->made < COUNT_EVERY) {
		return;
	}
	guarded->made = 0;
	struct count count = {0};
	wl_client_for_each_resource(guarded->client, count_one, &count);
	if (count.objects > CLIENT_GUARD_OBJECTS_MAX || count.files > CLIENT_GUARD_FILES_MAX) {
		log_error("a Wayland client is ended: it has %d objects, %d of them buffers",
			count.objects, count.files);
		wl_client_post_implementation_error(guarded->client, "too many objects");
	}
}

static void forget(struct guarded_client *guarded) {
	wl_list_remove(&guarded->resource_created.link);
	wl_list_remove(&guarded->destroy.link);
	wl_list_remove(&guarded->link);
	free(guarded);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct guarded_client *guarded = wl_container_of(listener, guarded, destroy);
	if (guarded->emptied != NULL) {
		wl_resource_set_user_data(guarded->emptied, guarded->data);
	}
	forget(guarded);
}

static void handle_client_created(struct wl_listener *listener, void *data) {
	struct client_guard *guard = wl_container_of(listener, guard, client_created);
	struct guarded_client *guarded = calloc(1, sizeof(*guarded));
	if (guarded == NULL) {
		abort();
	}
	guarded->client = data;
	wl_list_insert(&guard->clients, &guarded->link);
	guarded->resource_created.notify = handle_resource_created;
	wl_client_add_resource_created_listener(guarded->client, &guarded->resource_created);
	guarded->destroy.notify = handle_destroy;
	wl_client_add_destroy_listener(guarded->client, &guarded->destroy);
}

// --- requests -----------------------------------------------------------------------------

typedef void request_func(struct client_guard *guard, struct wl_resource *resource,
	const union wl_argument *arguments);

static void handle_grab(struct client_guard *guard, struct wl_resource *resource,
	const union wl_argument *arguments) {
	struct wlr_xdg_popup *popup = wlr_xdg_popup_from_resource(resource);
	if (popup != NULL && popup->seat != NULL) {
		// wlroots puts it into its list, where it is, once more.
		wl_list_remove(&popup->grab_link);
		wl_list_init(&popup->grab_link);
	}
}

// A popup hangs on a window or on a popup. wlroots takes a surface that was one before, or the very
// surface that is to be one: popups that hang on each other are then taken down without an end.
static void handle_get_popup(struct client_guard *guard, struct wl_resource *resource,
	const union wl_argument *arguments) {
	struct wl_resource *parent_resource = (struct wl_resource *)arguments[1].o;
	const struct wlr_xdg_surface *parent = parent_resource != NULL
		? wlr_xdg_surface_from_resource(parent_resource)
		: NULL;
	if (parent == NULL || parent->role_resource != NULL) {
		return;
	}
	wl_resource_post_error(parent->client->resource, XDG_WM_BASE_ERROR_INVALID_POPUP_PARENT,
		"the parent has no role");
	// The request is carried out all the same, for an object that nobody sees.
	((union wl_argument *)arguments)[1].o = NULL;
}

// A popup goes with what it hangs on, while the client still has the object. wlroots looks whether
// the layer surface is gone, but not whether the popup is.
static void handle_layer_popup(struct client_guard *guard, struct wl_resource *resource,
	const union wl_argument *arguments) {
	struct wl_resource *popup = (struct wl_resource *)arguments[0].o;
	void *layer = wl_resource_get_user_data(resource);
	if (layer == NULL || wl_resource_get_user_data(popup) != NULL) {
		return;
	}
	struct guarded_client *guarded;
	wl_list_for_each (guarded, &guard->clients, link) {
		if (guarded->client == wl_resource_get_client(resource)) {
			// With an error it goes as soon as this request is over.
			wl_client_post_implementation_error(
				guarded->client, "the popup is gone already");
			guarded->emptied = resource;
			guarded->data = layer;
			wl_resource_set_user_data(resource, NULL);
		}
	}
}

static void handle_icon_buffer(struct client_guard *guard, struct wl_resource *resource,
	const union wl_argument *arguments) {
	const struct wlr_xdg_toplevel_icon_v1 *icon = wl_resource_get_user_data(resource);
	if (icon != NULL && wl_list_length(&icon->buffers) >= CLIENT_GUARD_ICON_BUFFERS_MAX) {
		wl_client_post_implementation_error(
			wl_resource_get_client(resource), "too many buffers of one icon");
	}
}

static const struct {
	const char *interface, *request;
	request_func *handle; // called before the request is carried out
} requests[] = {
	{"xdg_popup", "grab", handle_grab},
	{"xdg_surface", "get_popup", handle_get_popup},
	{"xdg_toplevel_icon_v1", "add_buffer", handle_icon_buffer},
	{"zwlr_layer_surface_v1", "get_popup", handle_layer_popup},
};

static void handle_message(void *data, enum wl_protocol_logger_type direction,
	const struct wl_protocol_logger_message *message) {
	if (direction != WL_PROTOCOL_LOGGER_REQUEST) {
		return;
	}
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strcmp(message->message->name, requests[i].request) == 0 &&
			strcmp(wl_resource_get_class(message->resource), requests[i].interface) ==
				0) {
			requests[i].handle(data, message->resource, message->arguments);
		}
	}
}

bool client_guard_init(struct server *server) {
	struct client_guard *guard = calloc(1, sizeof(*guard));
	if (guard == NULL) {
		return false;
	}
	wl_list_init(&guard->clients);
	guard->client_created.notify = handle_client_created;
	wl_display_add_client_created_listener(server->display, &guard->client_created);
	guard->logger = wl_display_add_protocol_logger(server->display, handle_message, guard);
	server->client_guard = guard;
	return guard->logger != NULL;
}

void client_guard_finish(struct server *server) {
	struct client_guard *guard = server->client_guard;
	if (guard == NULL) {
		return;
	}
	struct guarded_client *guarded, *next;
	wl_list_for_each_safe (guarded, next, &guard->clients, link) {
		forget(guarded);
	}
	wl_list_remove(&guard->client_created.link);
	if (guard->logger != NULL) {
		wl_protocol_logger_destroy(guard->logger);
	}
	free(guard);
	server->client_guard = NULL;
}

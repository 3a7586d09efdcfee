#include "wild_client.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wayland-server-core.h>

#include "chance.h"
#include "desk.h"
#include "server.h"
#include "wild_value.h"

#define ARGUMENTS_MAX 20

// --- the language -------------------------------------------------------------------------

static struct wild_interface *find_interface(
	struct wild_language *language, const struct wl_interface *interface) {
	for (size_t i = 0; i < language->len; i++) {
		if (language->interfaces[i].interface == interface) {
			return &language->interfaces[i];
		}
	}
	return NULL;
}

static const struct wl_interface *find_named(
	const struct wild_language *language, const char *name) {
	for (size_t i = 0; i < language->len; i++) {
		if (strcmp(language->interfaces[i].interface->name, name) == 0) {
			return language->interfaces[i].interface;
		}
	}
	return NULL;
}

static size_t count_arguments(const char *signature) {
	size_t len = 0;
	for (; *signature != '\0'; signature++) {
		len += isalpha((unsigned char)*signature) != 0;
	}
	return len;
}

// With all that can be made by it or told with it.
static void add_interface(struct wild_language *language, const struct wl_interface *interface) {
	if (interface == NULL || find_interface(language, interface) != NULL) {
		return;
	}
	if (language->len == WILD_INTERFACES_MAX || interface->method_count > WILD_REQUESTS_MAX) {
		abort();
	}
	language->interfaces[language->len++].interface = interface;
	for (int side = 0; side < 2; side++) {
		int len = side == 0 ? interface->method_count : interface->event_count;
		const struct wl_message *messages = side == 0 ? interface->methods
							      : interface->events;
		for (int i = 0; i < len; i++) {
			size_t arguments = count_arguments(messages[i].signature);
			for (size_t argument = 0; argument < arguments; argument++) {
				add_interface(language, messages[i].types[argument]);
			}
		}
	}
}

static bool learn(const struct wl_client *client, const struct wl_global *global, void *data) {
	add_interface(data, wl_global_get_interface(global));
	return true;
}

struct wild_language *wild_language_create(void) {
	struct wild_language *language = calloc(1, sizeof(*language));
	assert_non_null(language);
	// A display has one filter only, and it is asked about everything before a client hears of it.
	struct desk *desk = desk_create(NULL);
	wl_display_set_global_filter(desk->server->display, learn, language);
	desk_connect(desk);
	desk_destroy(desk);
	assert_true(language->len > 50);
	return language;
}

void wild_language_destroy(struct wild_language *language) {
	free(language);
}

// --- objects ------------------------------------------------------------------------------

static bool ends_object(const struct wl_message *request) {
	return strstr(request->name, "destroy") != NULL || strcmp(request->name, "release") == 0;
}

static void forget(struct wild_client *client, const struct wl_proxy *proxy) {
	for (size_t i = 0; i < client->windows_len; i++) {
		if (client->windows[i].surface == proxy || client->windows[i].role == proxy) {
			client->windows[i--] = client->windows[--client->windows_len];
		}
	}
	for (size_t i = 0; i < client->objects_len; i++) {
		if (client->objects[i] == proxy) {
			client->objects[i] = client->objects[--client->objects_len];
			return;
		}
	}
}

static int handle_event(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args);

static void remember(struct wild_client *client, struct wl_proxy *proxy) {
	if (client->objects_len == WILD_OBJECTS_MAX) {
		wl_proxy_destroy(proxy);
		return;
	}
	wl_proxy_add_dispatcher(proxy, handle_event, client, client);
	client->objects[client->objects_len++] = proxy;
}

// Any of that interface that the client has, or NULL.
static struct wl_proxy *find_object(
	struct wild_client *client, const struct wl_interface *interface) {
	struct wl_proxy *found = NULL;
	uint32_t len = 0;
	for (size_t i = 0; i < client->objects_len; i++) {
		if (wl_proxy_get_interface(client->objects[i]) == interface &&
			chance_once_in(client->chance, ++len)) {
			found = client->objects[i];
		}
	}
	return found;
}

struct wl_proxy *wild_client_find(struct wild_client *client, const char *interface) {
	return find_object(client, find_named(client->language, interface));
}

// --- requests -----------------------------------------------------------------------------

// Sends it; returns what it has made, or NULL.
static struct wl_proxy *send_request(struct wild_client *client, struct wl_proxy *proxy,
	uint32_t opcode, union wl_argument *args) {
	const struct wl_interface *interface = wl_proxy_get_interface(proxy), *made = NULL;
	const struct wl_message *request = &interface->methods[opcode];
	size_t len = count_arguments(request->signature);
	const char *letter = request->signature;
	for (size_t i = 0; i < len; i++) {
		letter += strcspn(letter, "iufsonah");
		if (*letter++ == 'n') {
			made = request->types[i];
		}
	}
	bool ends = ends_object(request);
	if (ends) {
		forget(client, proxy);
	}
	struct wild_interface *known = find_interface(client->language, interface);
	known->sent[opcode]++;
	client->last = known;
	client->last_opcode = opcode;
	struct wl_proxy *result = wl_proxy_marshal_array_flags(proxy, opcode, made,
		wl_proxy_get_version(proxy), ends ? WL_MARSHAL_FLAG_DESTROY : 0, args);
	if (result != NULL) {
		assert_true(client->objects_len < WILD_OBJECTS_MAX);
		remember(client, result);
	}
	return result;
}

struct wl_proxy *wild_client_call(struct wild_client *client, struct wl_proxy *proxy,
	const char *name, union wl_argument *args) {
	const struct wl_interface *interface = wl_proxy_get_interface(proxy);
	for (int i = 0; i < interface->method_count; i++) {
		if (strcmp(interface->methods[i].name, name) == 0) {
			return send_request(client, proxy, (uint32_t)i, args);
		}
	}
	abort();
}

static void drop_one(struct wild_client *client) {
	struct wl_proxy *proxy =
		client->objects[chance_below(client->chance, (uint32_t)client->objects_len)];
	const struct wl_interface *interface = wl_proxy_get_interface(proxy);
	for (int i = 0; i < interface->method_count; i++) {
		if (ends_object(&interface->methods[i]) &&
			count_arguments(interface->methods[i].signature) == 0) {
			send_request(client, proxy, (uint32_t)i, (union wl_argument[1]){0});
			return;
		}
	}
	forget(client, proxy);
	wl_proxy_destroy(proxy);
}

void wild_client_make_room(struct wild_client *client) {
	while (client->objects_len > WILD_OBJECTS_MAX - WILD_ROOM) {
		drop_one(client);
	}
}

struct wl_proxy *wild_client_bind(struct wild_client *client, size_t index) {
	const struct wl_interface *interface = client->globals[index].interface;
	if (interface == NULL) {
		return NULL;
	}
	struct wl_proxy *proxy = wl_registry_bind(client->registry, client->globals[index].name,
		interface, client->globals[index].version);
	if (proxy != NULL) {
		remember(client, proxy);
	}
	return proxy;
}

struct wl_proxy *wild_client_have(struct wild_client *client, const char *name) {
	struct wl_proxy *proxy = wild_client_find(client, name);
	for (size_t i = 0; proxy == NULL && i < client->globals_len; i++) {
		const struct wl_interface *interface = client->globals[i].interface;
		if (interface != NULL && strcmp(interface->name, name) == 0) {
			proxy = wild_client_bind(client, i);
		}
	}
	return proxy;
}

// Returns false when there is nothing to give for an argument that has to be given.
static bool draw_object(struct wild_client *client, const struct wl_interface *interface,
	bool may_be_none, union wl_argument *argument) {
	struct wl_proxy *proxy = NULL;
	if (client->objects_len > 0 && (interface == NULL || chance_once_in(client->chance, 100))) {
		proxy = client->objects[chance_below(
			client->chance, (uint32_t)client->objects_len)];
	} else if (!may_be_none || !chance_once_in(client->chance, 3)) {
		proxy = find_object(client, interface);
	}
	argument->o = (struct wl_object *)proxy;
	return proxy != NULL || may_be_none;
}

static bool draw_arguments(struct wild_client *client, const struct wl_message *request,
	union wl_argument *args, int *fd) {
	size_t index = 0;
	bool may_be_none = false;
	*fd = -1;
	for (const char *letter = request->signature; *letter != '\0'; letter++) {
		union wl_argument *argument = &args[index];
		if (*letter == '?') {
			may_be_none = true;
			continue;
		} else if (!isalpha((unsigned char)*letter)) {
			continue;
		} else if (*letter == 'o') {
			if (!draw_object(client, request->types[index], may_be_none, argument)) {
				return false;
			}
		} else if (*letter == 'n') {
			argument->o = NULL;
		} else if (*letter == 'h') {
			argument->h = *fd = wild_value_fd(client->chance);
		} else {
			wild_value_draw(client->chance, *letter, client->serials, argument);
		}
		may_be_none = false;
		index++;
	}
	return true;
}

static uint32_t since(const struct wl_message *request) {
	int version = atoi(request->signature);
	return version > 0 ? (uint32_t)version : 1;
}

// An object of any interface: each interface is as likely, however many objects it has.
static struct wl_proxy *any_object(struct wild_client *client) {
	const struct wl_interface *interface = NULL;
	uint32_t len = 0;
	for (size_t i = 0; i < client->language->len; i++) {
		const struct wl_interface *candidate = client->language->interfaces[i].interface;
		if (candidate->method_count > 0 && find_object(client, candidate) != NULL &&
			chance_once_in(client->chance, ++len)) {
			interface = candidate;
		}
	}
	return interface != NULL ? find_object(client, interface) : NULL;
}

// What wlroots 0.20 does not survive, or does not clean up after. No machine sees these protocols,
// nor does a client of a sandbox, and a desk cannot keep the requests from wlroots.
static bool hurts_wlroots(const struct wl_interface *interface, uint32_t opcode) {
	static const char *const requests[][2] = {
		// of a popup that has been dismissed
		{"zwlr_layer_surface_v1", "get_popup"},
		// with a buffer that does not fit, which is never let go
		{"zwlr_screencopy_frame_v1", "copy"},
		{"zwlr_screencopy_frame_v1", "copy_with_damage"},
		// with a file that is no listening socket, which it keeps
		{"wp_security_context_manager_v1", "create_listener"},
	};
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strcmp(interface->name, requests[i][0]) == 0 &&
			strcmp(interface->methods[opcode].name, requests[i][1]) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_too_bold(struct wild_client *client, const struct wl_proxy *proxy, uint32_t opcode) {
	const struct wild_interface *known = find_interface(
		client->language, wl_proxy_get_interface((struct wl_proxy *)(uintptr_t)proxy));
	const struct wl_message *request = &known->interface->methods[opcode];
	if (since(request) > wl_proxy_get_version((struct wl_proxy *)(uintptr_t)proxy)) {
		return !chance_once_in(client->chance, 100);
	}
	if (ends_object(request) && !chance_once_in(client->chance, 6)) {
		return true;
	}
	return known->killed[opcode] * 20 > known->sent[opcode] + 1 &&
		!chance_once_in(client->chance, 60);
}

static void send_with_arguments(
	struct wild_client *client, struct wl_proxy *proxy, uint32_t opcode) {
	const struct wl_interface *interface = wl_proxy_get_interface(proxy);
	union wl_argument args[ARGUMENTS_MAX] = {0};
	int fd = -1;
	if (!hurts_wlroots(interface, opcode) && !is_too_bold(client, proxy, opcode) &&
		draw_arguments(client, &interface->methods[opcode], args, &fd)) {
		send_request(client, proxy, opcode, args);
	}
	if (fd >= 0) {
		close(fd);
	}
}

void wild_client_send_any(struct wild_client *client) {
	struct wl_proxy *proxy = any_object(client);
	if (proxy != NULL) {
		send_with_arguments(client, proxy,
			chance_below(client->chance,
				(uint32_t)wl_proxy_get_interface(proxy)->method_count));
	}
}

void wild_client_send_rare(struct wild_client *client) {
	struct wl_proxy *rarest = NULL;
	uint32_t rarest_opcode = 0, least = UINT32_MAX;
	for (size_t i = 0; i < client->objects_len; i++) {
		struct wl_proxy *proxy = client->objects[i];
		const struct wild_interface *known = find_interface(
			client->language, wl_proxy_get_interface(proxy));
		for (int opcode = 0; opcode < known->interface->method_count; opcode++) {
			uint32_t sent = known->tried[opcode];
			if (sent < least || (sent == least && chance_once_in(client->chance, 3))) {
				least = sent;
				rarest = proxy;
				rarest_opcode = (uint32_t)opcode;
			}
		}
	}
	if (rarest != NULL) {
		find_interface(client->language, wl_proxy_get_interface(rarest))
			->tried[rarest_opcode]++;
		send_with_arguments(client, rarest, rarest_opcode);
	}
}

// --- events -------------------------------------------------------------------------------

static void answer(struct wild_client *client, struct wl_proxy *proxy, const char *event,
	const union wl_argument *args) {
	const struct wl_interface *interface = wl_proxy_get_interface(proxy);
	const char *reply = strcmp(event, "configure") == 0 ? "ack_configure"
		: strcmp(event, "ping") == 0                ? "pong"
							    : NULL;
	for (int i = 0; reply != NULL && i < interface->method_count; i++) {
		if (strcmp(interface->methods[i].name, reply) == 0 &&
			!chance_once_in(client->chance, 20)) {
			send_request(client, proxy, (uint32_t)i,
				(union wl_argument[]){{.u = args[0].u}});
		}
	}
	for (size_t i = 0; i < client->windows_len; i++) {
		client->windows[i].ready |= client->windows[i].role == proxy;
	}
}

static int handle_event(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args) {
	struct wild_client *client = wl_proxy_get_user_data(target);
	size_t index = 0;
	for (const char *letter = message->signature; *letter != '\0'; letter++) {
		if (!isalpha((unsigned char)*letter)) {
			continue;
		}
		if (*letter == 'n' && args[index].o != NULL) {
			remember(client, (struct wl_proxy *)args[index].o);
		} else if (*letter == 'h') {
			close(args[index].h);
		} else if (*letter == 'u') {
			client->serials[chance_below(client->chance, 4)] = args[index].u;
		}
		index++;
	}
	answer(client, target, message->name, args);
	const struct wl_interface *interface = wl_proxy_get_interface(target);
	if (strcmp(interface->name, "wl_callback") == 0) {
		forget(client, target);
		wl_proxy_destroy(target);
	}
	return 0;
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct wild_client *client = data;
	if (client->globals_len < WILD_GLOBALS_MAX) {
		client->globals[client->globals_len].name = name;
		client->globals[client->globals_len].version = version;
		client->globals[client->globals_len++].interface = find_named(
			client->language, interface);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

// --- the connection -----------------------------------------------------------------------

// It is out for errors.
static void handle_log(const char *format, va_list args) {}

struct wild_client *wild_client_create(
	int fd, struct chance *chance, struct wild_language *language) {
	wl_log_set_handler_client(handle_log);
	struct wild_client *client = calloc(1, sizeof(*client));
	if (client == NULL) {
		abort();
	}
	client->chance = chance;
	client->language = language;
	client->display = wl_display_connect_to_fd(fd);
	if (client->display == NULL) {
		abort();
	}
	client->registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(client->registry, &registry_listener, client);
	return client;
}

void wild_client_destroy(struct wild_client *client) {
	for (size_t i = 0; i < client->objects_len; i++) {
		wl_proxy_destroy(client->objects[i]);
	}
	wl_registry_destroy(client->registry);
	wl_display_disconnect(client->display);
	free(client);
}

void wild_client_pump(struct wild_client *client) {
	while (!client->dead && wl_display_prepare_read(client->display) != 0) {
		client->dead = wl_display_dispatch_pending(client->display) < 0;
	}
	if (client->dead) {
		return;
	}
	struct pollfd poll_fd = {.fd = wl_display_get_fd(client->display), .events = POLLIN};
	if (poll(&poll_fd, 1, 0) > 0) {
		client->dead = wl_display_read_events(client->display) < 0 && errno != EAGAIN;
	} else {
		wl_display_cancel_read(client->display);
	}
	client->dead |= wl_display_dispatch_pending(client->display) < 0;
	wl_display_flush(client->display);
	if (client->dead && client->last != NULL) {
		client->last->killed[client->last_opcode]++;
	}
}

void wild_client_write_rubbish(struct wild_client *client) {
	uint32_t words[64];
	size_t len = 1 + chance_below(client->chance, 64);
	for (size_t i = 0; i < len; i++) {
		words[i] = chance_below(client->chance, UINT32_MAX);
	}
	// A header that may be right: an object that may be there, a length that may be true.
	words[0] = chance_below(client->chance, 40);
	if (len > 1) {
		words[1] = (uint32_t)(4 * len) << 16 | chance_below(client->chance, 8);
	}
	wl_display_flush(client->display);
	send(wl_display_get_fd(client->display), words, 4 * len - chance_below(client->chance, 3),
		MSG_DONTWAIT | MSG_NOSIGNAL);
}

#ifndef WILD_CLIENT_H
#define WILD_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chance;
struct wl_client;
struct wl_interface;
struct wl_proxy;
union wl_argument;

#define WILD_OBJECTS_MAX 64
#define WILD_ROOM 8
#define WILD_WINDOWS_MAX 16
#define WILD_GLOBALS_MAX 128
#define WILD_INTERFACES_MAX 256
#define WILD_REQUESTS_MAX 64

/** How often each request of an interface was sent. */
struct wild_interface {
	const struct wl_interface *interface;
	uint32_t sent[WILD_REQUESTS_MAX];
	uint32_t tried[WILD_REQUESTS_MAX]; // because it was rare
	uint32_t killed[WILD_REQUESTS_MAX]; // how often the client: it is asked for less then
};

/**
 * What there is to say to a compositor: every interface that can be reached from its globals.
 * They are the compositor's own tables, so that a new global needs no line here.
 */
struct wild_language {
	struct wild_interface interfaces[WILD_INTERFACES_MAX];
	size_t len;
};

/**
 * A client that says anything to anybody: well-formed requests of every protocol that it sees,
 * with arguments that are sometimes sensible and sometimes not. It answers what has to be
 * answered to come far, mostly.
 */
struct wild_client {
	struct chance *chance;
	struct wild_language *language;
	struct wl_display *display;
	struct wl_registry *registry;
	struct {
		uint32_t name, version;
		const struct wl_interface *interface; // NULL: the language lacks it
	} globals[WILD_GLOBALS_MAX];
	size_t globals_len;
	struct wl_proxy *objects[WILD_OBJECTS_MAX];
	size_t objects_len;
	struct {
		struct wl_proxy *surface, *role; // role: what is configured
		bool ready; // it was, and a buffer may come
	} windows[WILD_WINDOWS_MAX];
	size_t windows_len;
	struct wild_interface *last; // what was sent last; may be NULL
	uint32_t last_opcode;
	uint32_t serials[4]; // numbers that came in events, a new one in the place of any
	bool dead; // the connection broke
};

/** Learn it, from a desk that is made for this. */
struct wild_language *wild_language_create(void);
void wild_language_destroy(struct wild_language *language);

/** Take a connected socket. Chance and language are borrowed. */
struct wild_client *wild_client_create(
	int fd, struct chance *chance, struct wild_language *language);
void wild_client_destroy(struct wild_client *client);

/** Send and receive what there is; never waits. */
void wild_client_pump(struct wild_client *client);

/** Destroy objects until a few new ones, WILD_ROOM, can be made. */
void wild_client_make_room(struct wild_client *client);

/** Send a request of any object, with any arguments. */
void wild_client_send_any(struct wild_client *client);

/** The same, of what has been tried least; not of everything the arguments are there. */
void wild_client_send_rare(struct wild_client *client);

/** Send one request, or a few that make sense together. */
void wild_client_act(struct wild_client *client);

/** An object of that interface, by its name, that the client has; NULL: it has none. */
struct wl_proxy *wild_client_find(struct wild_client *client, const char *interface);

/** The same; if there is none, the global is bound. NULL: it is not to be seen. */
struct wl_proxy *wild_client_have(struct wild_client *client, const char *interface);

/** Bind a global. May return NULL. */
struct wl_proxy *wild_client_bind(struct wild_client *client, size_t index);

/**
 * Send a request by its name, which has to be one. args are those of its signature, with a NULL for
 * what it makes. Returns what it has made, or NULL.
 */
struct wl_proxy *wild_client_call(struct wild_client *client, struct wl_proxy *proxy,
	const char *name, union wl_argument *args);

/** Write bytes to the connection that are no message, or half of one. */
void wild_client_write_rubbish(struct wild_client *client);

#endif

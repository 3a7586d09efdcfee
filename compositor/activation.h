#ifndef ACTIVATION_H
#define ACTIVATION_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

struct server;
struct toplevel;

/**
 * xdg-activation-v1, and the bell of xdg-system-bell-v1: who may have the focus by itself.
 *
 * A token is good if the desk made it for a program that it launches, or if its client gave the
 * serial of an event that it was sent, and has the keyboard, or that event was the last press of a
 * button or a finger. It is good once, for half a minute, and only until another window gets the
 * focus. Whoever comes with a good token gets the focus; whoever comes with any other is marked
 * urgent. (wlroots' own xdg-activation does not tell of the latter.)
 */
struct activation {
	struct server *server;
	struct wl_global *global;
	struct wl_list tokens; // activation_token.link, the oldest first
	uint64_t moves; // how often the focus went to another window

	struct wl_listener change;
	struct wl_listener ring;
};

/** A token's text, with its end. */
#define ACTIVATION_TOKEN_SIZE 33

/** Make server->activation. */
bool activation_init(struct server *server);
void activation_finish(struct server *server);

/** A good token for a program that the desk launches. */
void activation_create_token(struct server *server, char name[static ACTIVATION_TOKEN_SIZE]);

#endif

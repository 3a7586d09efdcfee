#ifndef GLOBAL_FILTER_H
#define GLOBAL_FILTER_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct server;
struct wlr_security_context_v1_state;

/**
 * Which client sees which global: one table for all. A client is
 *
 * - a bridge: it came in on a machine's socket;
 * - sandboxed: it came in on the socket of a security context (security-context-v1), as a Flatpak
 *   program does, and loses what would let it look at the desk or act for the user;
 * - public otherwise.
 *
 * What a client may see never changes. A global without a row is seen by nobody, which is logged:
 * who adds a global adds its row, here and in docs/protocols.md.
 */
bool global_filter_init(struct server *server);

/** The sandbox that a client is in, or NULL. Its texts are as the sandbox's engine wrote them. */
const struct wlr_security_context_v1_state *global_filter_sandbox(
	const struct server *server, const struct wl_client *client);

#endif

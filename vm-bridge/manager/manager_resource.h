#ifndef MANAGER_RESOURCE_H
#define MANAGER_RESOURCE_H

#include <stdint.h>

struct machine;
struct manager;
struct wl_client;
struct wl_resource;

/** redecho_manager_v1: the objects by which clients steer the manager. */

/** A wl_global_bind_func_t; data is the manager. */
void manager_resource_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id);

void manager_resource_send_notice(
	struct wl_resource *resource, uint32_t severity, const char *message);

/** Tell of a machine that another client has spawned. */
void manager_resource_announce(struct wl_resource *resource, struct machine *machine);

#endif

#ifndef MACHINE_RESOURCE_H
#define MACHINE_RESOURCE_H

#include <stdint.h>

struct machine;
struct usage;
struct wl_client;

/**
 * redecho_managed_machine_v1: the objects by which clients know a machine.
 */

/**
 * Make an object of a machine, with the identity, and the state if the machine has started.
 * id 0 takes the server's next one. Returns NULL without memory; the client has been told then.
 */
struct wl_resource *machine_resource_create(
	struct machine *machine, struct wl_client *client, uint32_t version, uint32_t id);

/** Tell one object the state, details, and whether a display is needed or the machine ended. */
void machine_resource_send_all(struct machine *machine, struct wl_resource *resource);

/** An object that is no machine: for duplicate, and for what cannot be started. */
struct wl_resource *machine_resource_create_inert(
	struct wl_client *client, uint32_t version, uint32_t id);

/** Make an object inert: it has been told that it is a duplicate. */
void machine_resource_send_duplicate(struct wl_resource *resource, const char *name);

/** Tell all objects of a machine. */
void machine_send_identity(struct machine *machine);
void machine_send_plan(struct machine *machine);
void machine_send_state(struct machine *machine);
void machine_send_graphics(struct machine *machine);
void machine_send_processes(struct machine *machine);
void machine_send_need_display(struct machine *machine);
void machine_send_ended(struct machine *machine);
void machine_send_usage(struct machine *machine, const struct usage *usage);

#endif

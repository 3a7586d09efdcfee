// Prints what each kind of client sees of a desk's globals, a line each: `public wl_shm 2`. The
// kinds are public, bridge and security-context.

#include <stdio.h>
#include <wayland-client.h>

#include "desk_machine.h"
#include "test_client.h"
#include "test_sandbox.h"

struct dump {
	const char *kind;
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct dump *dump = data;
	printf("%s %s %u\n", dump->kind, interface, version);
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void print(struct desk *desk, struct test_client *client, struct dump *dump) {
	struct wl_registry *registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(registry, &listener, dump);
	desk_settle(desk);
	wl_registry_destroy(registry);
}

int main(void) {
	struct desk *desk = desk_machine_create();
	struct dump public = {.kind = "public"};
	struct test_client *client = desk_connect(desk);
	print(desk, client, &public);

	struct dump bridge = {.kind = "bridge"};
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	print(desk, desk_machine_connect(desk, machine), &bridge);

	struct dump sandboxed = {.kind = "security-context"};
	print(desk, test_sandbox_connect(desk, client, NULL), &sandboxed);
	desk_destroy(desk);
	return 0;
}

// Prints what each kind of client sees of a desk's globals, a line each: `public wl_shm 2`. The
// kinds are public, bridge, and, where security contexts can be made, security-context.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-client.h>

#include "desk_machine.h"
#include "security-context-v1-client-protocol.h"
#include "test_client.h"

struct dump {
	const char *kind;
	struct wp_security_context_manager_v1 *contexts; // NULL: there is none
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct dump *dump = data;
	printf("%s %s %u\n", dump->kind, interface, version);
	if (strcmp(interface, wp_security_context_manager_v1_interface.name) == 0) {
		dump->contexts = wl_registry_bind(
			registry, name, &wp_security_context_manager_v1_interface, 1);
	}
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

// A client of a sandbox: it comes in on the socket that the sandbox's engine has handed over.
static struct test_client *connect_sandboxed(
	struct desk *desk, struct wp_security_context_manager_v1 *contexts) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/sandbox", desk->folder);
	int ends[2];
	int listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(listen_fd >= 0 && fd >= 0);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(bind(listen_fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listen_fd, 1), 0);
	struct wp_security_context_v1 *context = wp_security_context_manager_v1_create_listener(
		contexts, listen_fd, ends[0]);
	wp_security_context_v1_set_sandbox_engine(context, "test");
	wp_security_context_v1_set_app_id(context, "test");
	wp_security_context_v1_commit(context);
	wp_security_context_v1_destroy(context);
	desk_settle(desk);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(listen_fd);
	close(ends[0]);
	return desk_connect_fd(desk, fd);
}

int main(void) {
	struct desk *desk = desk_machine_create();
	struct dump public = {.kind = "public"};
	struct test_client *client = desk_connect(desk);
	print(desk, client, &public);

	struct dump bridge = {.kind = "bridge"};
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	print(desk, desk_machine_connect(desk, machine), &bridge);

	if (public.contexts != NULL) {
		struct dump sandboxed = {.kind = "security-context"};
		print(desk, connect_sandboxed(desk, public.contexts), &sandboxed);
		assert_null(sandboxed.contexts);
		wp_security_context_manager_v1_destroy(public.contexts);
	}
	desk_destroy(desk);
	return 0;
}

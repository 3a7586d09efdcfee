// Runs a program in a security context, as Flatpak does: what it shows comes in on a socket of
// its own. Usage: sandbox SOCKET COMMAND...

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-client.h>

#include "security-context-v1-client-protocol.h"

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct wp_security_context_manager_v1 **manager = data;
	if (strcmp(interface, wp_security_context_manager_v1_interface.name) == 0) {
		*manager = wl_registry_bind(
			registry, name, &wp_security_context_manager_v1_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

// Returns the end of a pipe that keeps the context as long as it is open; -1: failed.
static int create_context(struct wp_security_context_manager_v1 *manager, const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int ends[2], listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listen_fd < 0 || pipe(ends) != 0 ||
		bind(listen_fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
		listen(listen_fd, 4) != 0) {
		return -1;
	}
	struct wp_security_context_v1 *context = wp_security_context_manager_v1_create_listener(
		manager, listen_fd, ends[0]);
	wp_security_context_v1_set_sandbox_engine(context, "org.example");
	wp_security_context_v1_set_app_id(context, "org.example.App");
	wp_security_context_v1_set_instance_id(context, "1");
	wp_security_context_v1_commit(context);
	wp_security_context_v1_destroy(context);
	close(listen_fd);
	close(ends[0]);
	return ends[1];
}

int main(int argc, char **argv) {
	struct wp_security_context_manager_v1 *manager = NULL;
	struct wl_display *display = wl_display_connect(NULL);
	if (argc < 3 || display == NULL) {
		fputs("usage: sandbox SOCKET COMMAND...\n", stderr);
		return 2;
	}
	struct wl_registry *registry = wl_display_get_registry(display);
	wl_registry_add_listener(registry, &listener, &manager);
	wl_display_roundtrip(display);
	if (manager == NULL || create_context(manager, argv[1]) < 0 ||
		wl_display_roundtrip(display) < 0) {
		fputs("sandbox: no security context\n", stderr);
		return 2;
	}
	// The program inherits the pipe, and nothing else of ours.
	setenv("WAYLAND_DISPLAY", argv[1], 1);
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}

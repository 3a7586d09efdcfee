#include "test_sandbox.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-client.h>

#include "desk.h"
#include "security-context-v1-client-protocol.h"
#include "test_client.h"

struct test_client *test_sandbox_connect(
	struct desk *desk, struct test_client *engine, int *close_fd) {
	struct wp_security_context_manager_v1 *contexts = test_client_bind(
		engine, &wp_security_context_manager_v1_interface, 1);
	if (contexts == NULL) {
		return NULL;
	}
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/sandbox", desk->folder);
	int ends[2];
	int listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(listen_fd >= 0 && fd >= 0);
	assert_int_equal(pipe(ends), 0);
	unlink(address.sun_path);
	assert_int_equal(bind(listen_fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listen_fd, 1), 0);
	struct wp_security_context_v1 *context = wp_security_context_manager_v1_create_listener(
		contexts, listen_fd, ends[0]);
	wp_security_context_v1_set_sandbox_engine(context, "test");
	wp_security_context_v1_set_app_id(context, "test.app");
	wp_security_context_v1_commit(context);
	wp_security_context_v1_destroy(context);
	wp_security_context_manager_v1_destroy(contexts);
	desk_settle(desk);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(listen_fd);
	close(ends[0]);
	struct test_client *client = desk_connect_fd(desk, fd);
	if (close_fd != NULL) {
		*close_fd = ends[1];
	} else {
		close(ends[1]);
	}
	return client;
}

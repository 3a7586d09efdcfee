// What each kind of client can reach of the globals, also by guessing their numbers.

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wlr/types/wlr_security_context_v1.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "desk.h"
#include "desk_machine.h"
#include "global_filter.h"
#include "server.h"
#include "test_client.h"
#include "test_sandbox.h"
#include "tile.h"
#include "toplevel.h"

// What would let a program look at the desk, or act for the user.
static const char *const privileged[] = {
	"ext_data_control_manager_v1",
	"ext_foreign_toplevel_image_capture_source_manager_v1",
	"ext_foreign_toplevel_list_v1",
	"ext_image_copy_capture_manager_v1",
	"ext_output_image_capture_source_manager_v1",
	"ext_session_lock_manager_v1",
	"wp_security_context_manager_v1",
	"zwlr_data_control_manager_v1",
	"zwlr_layer_shell_v1",
	"zwlr_output_manager_v1",
	"zwlr_output_power_manager_v1",
	"zwlr_screencopy_manager_v1",
	"zwlr_virtual_pointer_manager_v1",
	"zwp_virtual_keyboard_manager_v1",
};

#define PRIVILEGED_LEN (sizeof(privileged) / sizeof(privileged[0]))

static uint32_t global_name(const struct test_client *client, const char *interface) {
	for (size_t i = 0; i < client->globals_len; i++) {
		if (strcmp(client->globals[i], interface) == 0) {
			return client->global_names[i];
		}
	}
	fail_msg("no global %s", interface);
	return 0;
}

static void test_public(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect(desk);
	for (size_t i = 0; i < PRIVILEGED_LEN; i++) {
		assert_true(test_client_sees(client, privileged[i]));
	}
	assert_false(test_client_sees(client, "redecho_machine_v1"));
	desk_connect_shown(desk, "a");
	assert_null(global_filter_sandbox(desk->server,
		wl_resource_get_client(desk_tile(desk, "a")->toplevel->xdg->resource)));
	desk_destroy(desk);
}

static void test_sandbox(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *engine = desk_connect(desk);
	int close_fd;
	struct test_client *client = test_sandbox_connect(desk, engine, &close_fd);
	for (size_t i = 0; i < PRIVILEGED_LEN; i++) {
		assert_false(test_client_sees(client, privileged[i]));
	}
	assert_false(test_client_sees(client, "redecho_machine_v1"));
	// It is a program like any other in the rest.
	test_client_open(client, "sandboxed");
	desk_settle(desk);
	test_client_show(client, 100, 100);
	desk_settle(desk);
	assert_true(client->has_keyboard_focus);
	const struct wlr_security_context_v1_state *sandbox = global_filter_sandbox(desk->server,
		wl_resource_get_client(desk_tile(desk, "sandboxed")->toplevel->xdg->resource));
	assert_string_equal(sandbox->sandbox_engine, "test");
	assert_string_equal(sandbox->app_id, "test.app");
	// It lives on when the sandbox is closed to others.
	close(close_fd);
	desk_settle(desk);
	assert_false(client->dead);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/sandbox", desk->folder);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	desk_destroy(desk);
}

static void test_guessed_numbers(void **state) {
	struct desk *desk = desk_machine_create();
	struct test_client *public = desk_connect(desk);
	for (size_t i = 0; i < PRIVILEGED_LEN; i++) {
		uint32_t name = global_name(public, privileged[i]);
		struct test_client *sandboxed = test_sandbox_connect(desk, public, NULL);
		test_client_bind_hidden(sandboxed, name, privileged[i]);
		desk_until(desk, sandboxed->dead);
		desk_disconnect(desk, sandboxed);
		char machine_name[16];
		snprintf(machine_name, sizeof(machine_name), "clock-%zu", i);
		struct fake_machine *machine = desk_machine_spawn(desk, "clock", machine_name);
		struct test_client *bridge = desk_machine_connect(desk, machine);
		assert_false(test_client_sees(bridge, privileged[i]));
		test_client_bind_hidden(bridge, name, privileged[i]);
		desk_until(desk, bridge->dead);
		desk_disconnect(desk, bridge);
	}
	assert_false(public->dead);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_public),
		cmocka_unit_test(test_sandbox),
		cmocka_unit_test(test_guessed_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

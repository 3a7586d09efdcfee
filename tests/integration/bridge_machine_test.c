// A real QEMU with the kit's clock, the bridge beside it, and a tile that changes its size.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <wayland-client.h>

#include "capture.h"
#include "fake_cmocka.h"
#include "nest.h"
#include "redecho-bridge-v1-client-protocol.h"

#define PATIENCE_MS 60000
#define TICK_MS 20

struct scene {
	struct nest nest;
	struct wl_display *control;
	struct redecho_bridge_v1 *bridge;
	struct capture *capture;
	pid_t qemu;
	int qmp;
	bool done;
};

static void wait_a_tick(void) {
	nanosleep(&(struct timespec){.tv_nsec = TICK_MS * 1000000}, NULL);
}

static int connect_to(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_true(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	for (int waited = 0; waited < PATIENCE_MS; waited += TICK_MS) {
		const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
			return fd;
		}
		close(fd);
		wait_a_tick();
	}
	fail_msg("nobody listens on %s", path);
	return -1;
}

// --- QMP ---------------------------------------------------------------------------------

/** Read until a reply; events in between are skipped. */
static void qmp_reply(int fd) {
	char text[8192];
	size_t size = 0;
	while (size < sizeof(text) - 1) {
		const ssize_t got = read(fd, text + size, sizeof(text) - 1 - size);
		assert_true(got > 0);
		size += (size_t)got;
		text[size] = '\0';
		if (strstr(text, "\"error\"") != NULL) {
			fail_msg("QEMU says: %s", text);
		}
		if (strstr(text, "\"return\"") != NULL) {
			return;
		}
	}
	fail_msg("QEMU says too much");
}

/** Send a command, with a file descriptor if it is not -1. */
static void qmp(int fd, const char *command, int attached) {
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {.iov_base = (char *)command, .iov_len = strlen(command)};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	if (attached >= 0) {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &attached, sizeof(int));
	}
	assert_int_equal(sendmsg(fd, &message, 0), strlen(command));
	qmp_reply(fd);
}

/** One end of a pair on which QEMU serves its display. */
static int open_display(struct scene *s) {
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	qmp(s->qmp, "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"display\"}}\n", pair[1]);
	qmp(s->qmp,
		"{\"execute\":\"add_client\",\"arguments\":"
		"{\"protocol\":\"@dbus-display\",\"fdname\":\"display\"}}\n",
		-1);
	close(pair[1]);
	return pair[0];
}

// --- the control socket ------------------------------------------------------------------

static void ignore_number(void *data, struct redecho_bridge_v1 *bridge, uint32_t number) {}

static void ignore_reason(void *data, struct redecho_bridge_v1 *bridge, const char *reason) {}

static void ignore_fd(
	void *data, struct redecho_bridge_v1 *bridge, uint32_t kind, uint32_t index, int32_t fd) {
	close(fd);
}

static const struct redecho_bridge_v1_listener bridge_listener = {
	.display = ignore_number,
	.stage = ignore_number,
	.broken = ignore_reason,
	.fd = ignore_fd,
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct scene *s = data;
	if (strcmp(interface, redecho_bridge_v1_interface.name) == 0) {
		s->bridge = wl_registry_bind(registry, name, &redecho_bridge_v1_interface, 1);
		redecho_bridge_v1_add_listener(s->bridge, &bridge_listener, NULL);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void steer(struct scene *s) {
	s->control = wl_display_connect(s->nest.control_path);
	assert_non_null(s->control);
	struct wl_registry *registry = wl_display_get_registry(s->control);
	wl_registry_add_listener(registry, &registry_listener, s);
	wl_display_roundtrip(s->control);
	assert_non_null(s->bridge);
	wl_registry_destroy(registry);
	const int fd = nest_connect_to_compositor(&s->nest);
	redecho_bridge_v1_set_wayland(s->bridge, fd);
	wl_display_roundtrip(s->control);
	close(fd);
}

// --- the scene ---------------------------------------------------------------------------

static int set_up(void **state) {
	*state = calloc(1, sizeof(struct scene));
	return *state == NULL;
}

static int tear_down(void **state) {
	struct scene *s = *state;
	if (s->capture != NULL) {
		capture_stop(s->capture);
	}
	if (s->qemu > 0) {
		nest_end_process(s->qemu, SIGTERM);
	}
	if (s->qmp > 0) {
		close(s->qmp);
	}
	if (s->control != NULL) {
		redecho_bridge_v1_destroy(s->bridge);
		wl_display_disconnect(s->control);
	}
	if (s->nest.folder[0] != '\0') {
		nest_end(&s->nest, !s->done);
	}
	free(s);
	return 0;
}

static void start_capture(struct scene *s) {
	char path[200];
	snprintf(path, sizeof(path), "%s/%s", s->nest.folder, s->nest.display);
	s->capture = capture_start(path);
	assert_non_null(s->capture);
}

static void start_qemu(struct scene *s) {
	const char *clock = getenv("REDECHO_CLOCK");
	assert_non_null(clock);
	char command[2048], path[100];
	snprintf(command, sizeof(command),
		"exec qemu-system-x86_64 -M q35,memory-backend=mem -accel tcg -cpu max -m 64 "
		"-object memory-backend-memfd,id=mem,size=64M,share=on "
		"-nodefaults -vga none -display dbus,p2p=yes "
		"-chardev socket,path=%s,id=g -device vhost-user-gpu-pci,chardev=g "
		"-chardev socket,path=%s,id=k -device vhost-user-input-pci,chardev=k "
		"-chardev socket,path=%s,id=t -device vhost-user-input-pci,chardev=t "
		"-serial file:%s/serial.log -qmp unix:%s/qmp,server=on,wait=off -kernel \"%s\"",
		s->nest.gpu_path, s->nest.keyboard_path, s->nest.tablet_path, s->nest.folder,
		s->nest.folder, clock);
	s->qemu = nest_start_process(&s->nest, "qemu.log", command);
	snprintf(path, sizeof(path), "%s/qmp", s->nest.folder);
	s->qmp = connect_to(path);
	// The greeting has neither word in it; the answer to this has.
	qmp(s->qmp, "{\"execute\":\"qmp_capabilities\"}\n", -1);
}

static void wait_for_serial(struct scene *s, const char *text) {
	char path[200];
	snprintf(path, sizeof(path), "%s/serial.log", s->nest.folder);
	for (int waited = 0; waited < PATIENCE_MS; waited += TICK_MS) {
		static char said[65536];
		FILE *file = fopen(path, "r");
		if (file != NULL) {
			said[fread(said, 1, sizeof(said) - 1, file)] = '\0';
			fclose(file);
			if (strstr(said, text) != NULL) {
				return;
			}
		}
		wait_a_tick();
	}
	fail_msg("the clock does not say \"%s\"", text);
}

/** Every corner of the output is the clock's background: its frame is as large as the tile. */
static void wait_for_corners(struct scene *s, uint32_t width, uint32_t height) {
	for (int waited = 0; waited < PATIENCE_MS; waited += TICK_MS) {
		const uint32_t colour = capture_pixel(s->capture, 0, 0);
		if (colour != 0 && colour == capture_pixel(s->capture, width - 1, 0) &&
			colour == capture_pixel(s->capture, 0, height - 1) &&
			colour == capture_pixel(s->capture, width - 1, height - 1)) {
			return;
		}
		wait_a_tick();
	}
	fail_msg("the clock does not fill %ux%u", width, height);
}

/** The tile's size reaches the guest through QEMU's D-Bus display, also where it is odd. */
static void test_resize(void **state) {
	struct scene *s = *state;
	if (system("command -v qemu-system-x86_64 >/dev/null 2>&1") != 0) {
		print_message("qemu-system-x86_64 is not installed\n");
		skip();
	}
	nest_begin(&s->nest, NEST_SWAY);
	nest_start_steered_bridge(&s->nest);
	steer(s);
	start_qemu(s);
	const int display = open_display(s);
	redecho_bridge_v1_set_display_bus(s->bridge, display);
	wl_display_roundtrip(s->control);
	close(display);
	wait_for_serial(s, "display 640 x 480");
	start_capture(s);
	wait_for_corners(s, NEST_WIDTH, NEST_HEIGHT);
	static const struct {
		uint32_t width, height;
	} sizes[] = {{800, 600}, {1366, 767}, {333, 251}};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char text[128];
		snprintf(text, sizeof(text), "swaymsg -- output HEADLESS-1 mode --custom %ux%u",
			sizes[i].width, sizes[i].height);
		assert_int_equal(nest_run(&s->nest, text), 0);
		snprintf(text, sizeof(text), "display %u x %u", sizes[i].width, sizes[i].height);
		wait_for_serial(s, text);
		wait_for_corners(s, sizes[i].width, sizes[i].height);
	}
	s->done = true;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_resize, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

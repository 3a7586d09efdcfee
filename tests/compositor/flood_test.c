// Clients that take without end: objects, files, answers. They are ended, the others are not.

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wayland-server-core.h>

#include "client_guard.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "server.h"
#include "test_client.h"
#include "xdg-toplevel-icon-v1-client-protocol.h"

// Most of what one sendmsg() carries.
#define FILES_PER_MESSAGE 28
// See bridge_client.c.
#define BRIDGE_FILES_MAX 8192

static int open_files(void) {
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	int len = 0;
	while (readdir(folder) != NULL) {
		len++;
	}
	closedir(folder);
	return len;
}

// Both ends of every connection are in this process.
static bool raise_limit(rlim_t needed) {
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_max < needed) {
		print_message(
			"skipped: the limit of open files is %lu\n", (unsigned long)limit.rlim_max);
		return false;
	}
	limit.rlim_cur = limit.rlim_cur < needed ? needed : limit.rlim_cur;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static long resident_kib(void) {
	FILE *file = fopen("/proc/self/statm", "r");
	assert_non_null(file);
	long pages = 0;
	assert_int_equal(fscanf(file, "%*d %ld", &pages), 1);
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

// A client's own queue is not endless either.
static void flush(struct desk *desk, struct test_client *client) {
	wl_display_flush(client->display);
	desk_pump(desk);
}

// --- objects -------------------------------------------------------------------------------

static void flood_with_regions(struct desk *desk, struct test_client *client) {
	int made = 0;
	while (!client->dead && made < 2 * CLIENT_GUARD_OBJECTS_MAX) {
		wl_compositor_create_region(client->compositor);
		if (++made % 64 == 0) {
			flush(desk, client);
		}
	}
	desk_until(desk, client->dead);
	assert_true(made > CLIENT_GUARD_OBJECTS_MAX / 2);
}

static void test_objects(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *other = desk_connect_shown(desk, "other");
	flood_with_regions(desk, desk_connect(desk));
	flood_with_regions(desk, desk_machine_show(desk, fake));
	desk_settle(desk);
	assert_false(other->dead);
	desk_destroy(desk);
}

// Many in the course of time are none too many.
static void test_objects_that_go(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *client = desk_connect(desk);
	for (int i = 0; i < 2 * CLIENT_GUARD_OBJECTS_MAX; i++) {
		wl_region_destroy(wl_compositor_create_region(client->compositor));
		if (i % 64 == 0) {
			flush(desk, client);
		}
	}
	desk_settle(desk);
	assert_false(client->dead);
	desk_destroy(desk);
}

// --- files ---------------------------------------------------------------------------------

static void flood_with_pools(struct desk *desk, struct test_client *client) {
	int made = 0, fd = memfd_create("pool", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4096), 0);
	while (!client->dead && made < 2 * CLIENT_GUARD_FILES_MAX) {
		wl_shm_create_pool(client->shm, fd, 4096);
		if (++made % 16 == 0) {
			flush(desk, client);
		}
	}
	close(fd);
	desk_until(desk, client->dead);
}

static void test_pools(void **state) {
	if (!raise_limit(3 * CLIENT_GUARD_FILES_MAX)) {
		skip();
	}
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *other = desk_connect_shown(desk, "other");
	int before = open_files();
	struct test_client *clients[] = {desk_connect(desk), desk_machine_show(desk, fake)};
	for (size_t i = 0; i < 2; i++) {
		flood_with_pools(desk, clients[i]);
		desk_disconnect(desk, clients[i]);
	}
	desk_until(desk, open_files() <= before);
	assert_false(other->dead);
	desk_destroy(desk);
}

// --- icons ---------------------------------------------------------------------------------

struct icon_maker {
	struct desk *desk;
	struct test_client *client;
	struct xdg_toplevel_icon_manager_v1 *manager;
	int fd;
};

static struct icon_maker make_icons(struct desk *desk) {
	struct test_client *client = desk_connect(desk);
	struct icon_maker maker = {.desk = desk,
		.client = client,
		.manager = test_client_bind(client, &xdg_toplevel_icon_manager_v1_interface, 1),
		.fd = memfd_create("icon", MFD_CLOEXEC)};
	assert_true(maker.fd >= 0);
	assert_int_equal(ftruncate(maker.fd, 4), 0);
	return maker;
}

// Of a pool of its own; the icon alone keeps them.
static void add_buffer(
	const struct icon_maker *maker, struct xdg_toplevel_icon_v1 *icon, int scale) {
	struct wl_shm_pool *pool = wl_shm_create_pool(maker->client->shm, maker->fd, 4);
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(
		pool, 0, 1, 1, 4, WL_SHM_FORMAT_XRGB8888);
	xdg_toplevel_icon_v1_add_buffer(icon, buffer, scale);
	wl_buffer_destroy(buffer);
	wl_shm_pool_destroy(pool);
}

static void test_icon_with_many_buffers(void **state) {
	struct desk *desk = desk_create(NULL);
	struct icon_maker maker = make_icons(desk);
	struct xdg_toplevel_icon_v1 *icon = xdg_toplevel_icon_manager_v1_create_icon(maker.manager);
	int added = 0;
	for (; added < CLIENT_GUARD_ICON_BUFFERS_MAX; added++) {
		add_buffer(&maker, icon, 1 + added);
	}
	desk_settle(desk);
	assert_false(maker.client->dead);
	add_buffer(&maker, icon, 1 + added);
	desk_until(desk, maker.client->dead);
	close(maker.fd);
	xdg_toplevel_icon_v1_destroy(icon);
	xdg_toplevel_icon_manager_v1_destroy(maker.manager);
	desk_destroy(desk);
}

static void test_many_icons(void **state) {
	if (!raise_limit(3 * CLIENT_GUARD_FILES_MAX)) {
		skip();
	}
	struct desk *desk = desk_create(NULL);
	int before = open_files();
	struct icon_maker maker = make_icons(desk);
	for (int i = 0; !maker.client->dead; i++) {
		assert_true(i < 2 * CLIENT_GUARD_FILES_MAX / CLIENT_GUARD_ICON_BUFFERS_MAX);
		struct xdg_toplevel_icon_v1 *icon = xdg_toplevel_icon_manager_v1_create_icon(
			maker.manager);
		for (int j = 0; j < CLIENT_GUARD_ICON_BUFFERS_MAX; j++) {
			add_buffer(&maker, icon, 1 + j);
			if (j % 16 == 0) {
				flush(desk, maker.client);
			}
		}
	}
	close(maker.fd);
	desk_disconnect(desk, maker.client);
	desk_until(desk, open_files() <= before);
	desk_destroy(desk);
}

// --- bytes ---------------------------------------------------------------------------------

static int connect_raw(struct desk *desk) {
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_non_null(wl_client_create(desk->server->display, fds[0]));
	return fds[1];
}

// Files come with bytes that are never a whole message, so that nothing takes them.
static bool send_files(int fd, int file) {
	char byte = 0, control[CMSG_SPACE(sizeof(int) * FILES_PER_MESSAGE)] = {0};
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * FILES_PER_MESSAGE);
	int files[FILES_PER_MESSAGE];
	for (size_t i = 0; i < FILES_PER_MESSAGE; i++) {
		files[i] = file;
	}
	memcpy(CMSG_DATA(header), files, sizeof(files));
	return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

static int connect_raw_bridge(struct desk *desk, struct fake_machine *fake) {
	fake_machine_need_display(fake);
	desk_until(desk, fake->display_fd >= 0);
	int fd = fake->display_fd;
	fake->display_fd = -1;
	return fd;
}

static void test_files_without_messages(void **state) {
	if (!raise_limit(BRIDGE_FILES_MAX + 2000)) {
		skip();
	}
	struct desk *desk = desk_machine_create();
	struct fake_machine *fake = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *other = desk_connect_shown(desk, "other");
	int before = open_files(), most = before, fd = connect_raw_bridge(desk, fake);
	int file = memfd_create("file", MFD_CLOEXEC);
	// To the display, of 4000 bytes: there is room for as many messages of one byte each.
	const uint32_t header[2] = {1, 4000u << 16};
	assert_int_equal(send(fd, header, sizeof(header), MSG_NOSIGNAL), sizeof(header));
	bool dropped = false;
	for (int i = 0; i < 3000 && !dropped; i++) {
		dropped = !send_files(fd, file) && (errno == EPIPE || errno == ECONNRESET);
		wl_event_loop_dispatch(desk->server->loop, 0);
		if (i % 50 == 0) {
			int now = open_files();
			most = now > most ? now : most;
		}
	}
	assert_true(dropped);
	assert_true(most > before + 1000 && most < before + BRIDGE_FILES_MAX + 100);
	close(fd);
	close(file);
	desk_until(desk, open_files() <= before);
	desk_settle(desk);
	assert_false(other->dead);
	desk_destroy(desk);
}

static void test_never_reads(void **state) {
	struct desk *desk = desk_create(NULL);
	struct test_client *other = desk_connect_shown(desk, "other");
	int fd = connect_raw(desk);
	long before = resident_kib();
	bool dropped = false;
	for (uint32_t id = 2; id < 2000000 && !dropped; id++) {
		// wl_display.sync; the identifier is free again with the answer
		const uint32_t request[3] = {1, 12u << 16, id % 1000 + 2};
		ssize_t sent = send(fd, request, sizeof(request), MSG_DONTWAIT | MSG_NOSIGNAL);
		dropped = sent < 0 && (errno == EPIPE || errno == ECONNRESET);
		if (sent < 0 || id % 256 == 0) {
			wl_event_loop_dispatch(desk->server->loop, 0);
			wl_display_flush_clients(desk->server->display);
		}
	}
	assert_true(dropped);
	assert_true(resident_kib() - before < 32 * 1024);
	close(fd);
	desk_settle(desk);
	assert_false(other->dead);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_objects_that_go),
		cmocka_unit_test(test_pools),
		cmocka_unit_test(test_icon_with_many_buffers),
		cmocka_unit_test(test_many_icons),
		cmocka_unit_test(test_files_without_messages),
		cmocka_unit_test(test_never_reads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

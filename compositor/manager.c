#include "manager.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-client-core.h>
#include <wayland-server-core.h>

#include "backend_info.h"
#include "config.h"
#include "launch.h"
#include "log.h"
#include "machine.h"
#include "notice.h"
#include "redecho-manager-v1-client-protocol.h"
#include "server.h"
#include "titlebar.h"

// Between attempts to reach redecho-vmd.
#define RETRY_MS 250
// So many attempts in a row, then the user is told and it is left alone until asked for.
#define ATTEMPTS_MAX 20
#define TEXT_MAX 200
#define VERSION 3

/*
 * Who starts redecho-vmd: whoever has manager.lock. It is taken here, the socket is bound
 * and listens here, and both are handed over. So a second compositor on the desk finds
 * either a socket that answers or a lock that is held, and nothing in between; and our own
 * connection succeeds before redecho-vmd has run its first instruction.
 */
struct manager {
	struct server *server;
	struct wl_display *display; // NULL: not connected
	struct wl_registry *registry;
	struct redecho_manager_v1 *proxy; // NULL until its global was announced
	struct wl_event_source *source;
	struct wl_event_source *retry_timer;
	int attempts;
	bool announcing; // program events come in, until done
};

static void lose(struct manager *manager, const char *reason);

// --- events -------------------------------------------------------------------------------

static void drop_programs(struct server *server) {
	struct program *program, *next;
	wl_list_for_each_safe (program, next, &server->programs, link) {
		wl_list_remove(&program->link);
		free(program->name);
		free(program->title);
		free(program->label);
		free(program);
	}
}

static void handle_program(void *data, struct redecho_manager_v1 *proxy, const char *name,
	const char *title, const char *label) {
	struct manager *manager = data;
	struct server *server = manager->server;
	if (!manager->announcing) {
		drop_programs(server);
		manager->announcing = true;
	}
	struct program *program = calloc(1, sizeof(*program));
	if (program == NULL) {
		abort();
	}
	program->name = titlebar_filter_text(name, TEXT_MAX);
	program->title = titlebar_filter_text(title, TEXT_MAX);
	program->label = machine_label_of(label);
	wl_list_insert(server->programs.prev, &program->link);
}

static void handle_machine(
	void *data, struct redecho_manager_v1 *proxy, struct redecho_managed_machine_v1 *managed) {
	struct manager *manager = data;
	machine_adopt(manager->server, managed);
}

static void handle_done(void *data, struct redecho_manager_v1 *proxy) {
	struct manager *manager = data;
	if (!manager->announcing) {
		drop_programs(manager->server);
	}
	manager->announcing = false;
	manager->attempts = 0;
	machine_end_unknown(manager->server);
	server_emit(manager->server, SERVER_PROGRAM, SERVER_CHANGED, NULL);
}

static void handle_notice(
	void *data, struct redecho_manager_v1 *proxy, uint32_t severity, const char *message) {
	struct manager *manager = data;
	static const enum notice_severity severities[] = {
		[REDECHO_MANAGER_V1_SEVERITY_INFO] = NOTICE_INFO,
		[REDECHO_MANAGER_V1_SEVERITY_WARNING] = NOTICE_WARNING,
		[REDECHO_MANAGER_V1_SEVERITY_ERROR] = NOTICE_ERROR,
	};
	if (severity < sizeof(severities) / sizeof(severities[0])) {
		notice_show(manager->server, severities[severity], message);
	}
}

static const struct redecho_manager_v1_listener manager_listener = {
	.program = handle_program,
	.machine = handle_machine,
	.done = handle_done,
	.notice = handle_notice,
};

// A machine has one layout: the first of several.
static char *first_of(const char *list) {
	char *first = strndup(list != NULL ? list : "", list != NULL ? strcspn(list, ",") : 0);
	if (first == NULL) {
		abort();
	}
	return first;
}

static void send_keyboard(struct manager *manager) {
	const struct config_input *input = &manager->server->config->input;
	char *layout = first_of(input->layout);
	char *variant = first_of(input->variant);
	redecho_manager_v1_set_keyboard(
		manager->proxy, layout, variant, input->options != NULL ? input->options : "");
	free(layout);
	free(variant);
}

static void send_render_node(struct manager *manager) {
	if (wl_proxy_get_version((struct wl_proxy *)manager->proxy) >=
		REDECHO_MANAGER_V1_SET_RENDER_NODE_SINCE_VERSION) {
		char *node = backend_info_render_node(manager->server);
		redecho_manager_v1_set_render_node(manager->proxy, node != NULL ? node : "");
		free(node);
	}
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct manager *manager = data;
	if (manager->proxy != NULL || strcmp(interface, redecho_manager_v1_interface.name) != 0) {
		return;
	}
	// One that has run since before an update may know less.
	manager->proxy = wl_registry_bind(registry, name, &redecho_manager_v1_interface,
		version < VERSION ? version : VERSION);
	redecho_manager_v1_add_listener(manager->proxy, &manager_listener, manager);
	send_keyboard(manager);
	send_render_node(manager);
	machine_start_waiting(manager->server);
	manager_flush(manager);
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

// --- the connection -----------------------------------------------------------------------

static void disconnect(struct manager *manager) {
	if (manager->display == NULL) {
		return;
	}
	if (manager->proxy != NULL) {
		wl_proxy_destroy((struct wl_proxy *)manager->proxy);
		manager->proxy = NULL;
	}
	wl_registry_destroy(manager->registry);
	wl_event_source_remove(manager->source);
	wl_display_disconnect(manager->display);
	manager->display = NULL;
	manager->announcing = false;
}

static void retry_later(struct manager *manager) {
	wl_event_source_timer_update(manager->retry_timer, RETRY_MS);
}

static void lose(struct manager *manager, const char *reason) {
	struct server *server = manager->server;
	machine_lose_manager(server, reason);
	disconnect(manager);
	if (server->exiting) {
		server_terminate(server, server->exit_status);
		return;
	}
	log_error("%s", reason);
	if (manager->attempts == 0) {
		notice_show(server, NOTICE_WARNING, reason);
	}
	retry_later(manager);
}

static int handle_readable(int fd, uint32_t mask, void *data) {
	struct manager *manager = data;
	struct wl_display *display = manager->display;
	if ((mask & WL_EVENT_WRITABLE) != 0) {
		manager_flush(manager);
	}
	bool lost = false;
	if ((mask & (WL_EVENT_READABLE | WL_EVENT_HANGUP | WL_EVENT_ERROR)) != 0) {
		while (wl_display_prepare_read(display) != 0) {
			if (wl_display_dispatch_pending(display) < 0) {
				lost = true;
				break;
			}
		}
		if (!lost) {
			lost = wl_display_read_events(display) < 0 && errno != EAGAIN;
		}
		// What came before the end is still to be heard.
		lost = wl_display_dispatch_pending(display) < 0 || lost;
	}
	if (lost) {
		lose(manager, "redecho-vmd is gone: no machine can be started");
		return 0;
	}
	manager_flush(manager);
	return 0;
}

void manager_flush(struct manager *manager) {
	if (manager == NULL || manager->display == NULL) {
		return;
	}
	uint32_t mask = WL_EVENT_READABLE;
	if (wl_display_flush(manager->display) < 0 && errno == EAGAIN) {
		mask |= WL_EVENT_WRITABLE;
	}
	wl_event_source_fd_update(manager->source, mask);
}

static bool socket_address(const struct server *server, struct sockaddr_un *address) {
	address->sun_family = AF_UNIX;
	int len = snprintf(address->sun_path, sizeof(address->sun_path), "%s/manager.sock",
		server->runtime_dir);
	if (len < 0 || (size_t)len >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	return true;
}

static int try_connect(const struct sockaddr_un *address) {
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -1;
	}
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static int make_socket(const struct sockaddr_un *address) {
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return -1;
	}
	unlink(address->sun_path);
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 ||
		listen(fd, 8) != 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static int open_lock(const struct server *server) {
	char path[4096];
	snprintf(path, sizeof(path), "%s/manager.lock", server->runtime_dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

// Returns a connected socket, or -1 with errno set; EWOULDBLOCK: somebody else is at it.
static int start_manager(struct manager *manager, const struct sockaddr_un *address) {
	int lock_fd = open_lock(manager->server);
	if (lock_fd < 0) {
		return -1;
	}
	int fd = -1;
	int listen_fd = make_socket(address);
	if (listen_fd >= 0 && launch_manager(manager->server, listen_fd, lock_fd)) {
		fd = try_connect(address);
	}
	int error = errno;
	if (listen_fd >= 0) {
		close(listen_fd);
	}
	close(lock_fd);
	errno = error;
	return fd;
}

static bool attach(struct manager *manager, int fd) {
	manager->display = wl_display_connect_to_fd(fd);
	if (manager->display == NULL) {
		close(fd);
		return false;
	}
	manager->source = wl_event_loop_add_fd(
		manager->server->loop, fd, WL_EVENT_READABLE, handle_readable, manager);
	manager->registry = wl_display_get_registry(manager->display);
	if (manager->source == NULL || manager->registry == NULL) {
		abort();
	}
	wl_registry_add_listener(manager->registry, &registry_listener, manager);
	manager_flush(manager);
	return true;
}

static void give_up(struct manager *manager, const char *what, int error) {
	char text[256];
	snprintf(text, sizeof(text), "%s: %s", what, strerror(error));
	notice_show(manager->server, NOTICE_ERROR, text);
	machine_fail_waiting(manager->server, text);
}

void manager_wake(struct manager *manager) {
	struct sockaddr_un address;
	if (manager->display != NULL) {
		return;
	}
	if (!socket_address(manager->server, &address)) {
		give_up(manager, "redecho-vmd cannot be reached", errno);
		return;
	}
	int fd = try_connect(&address);
	if (fd < 0 && (errno == ENOENT || errno == ECONNREFUSED)) {
		fd = start_manager(manager, &address);
	}
	if (fd >= 0 && attach(manager, fd)) {
		manager->attempts++;
		return;
	}
	int error = errno;
	bool busy = error == EWOULDBLOCK || error == EAGAIN;
	if (busy && manager->attempts++ < ATTEMPTS_MAX) {
		retry_later(manager);
		return;
	}
	give_up(manager,
		busy ? "redecho-vmd holds its lock but does not answer"
		     : "redecho-vmd cannot be started",
		error);
}

static int handle_retry(void *data) {
	struct manager *manager = data;
	if (manager->attempts >= ATTEMPTS_MAX) {
		give_up(manager, "redecho-vmd ends again and again", ECONNRESET);
		return 0;
	}
	manager_wake(manager);
	return 0;
}

struct manager *manager_create(struct server *server) {
	struct manager *manager = calloc(1, sizeof(*manager));
	if (manager == NULL) {
		return NULL;
	}
	manager->server = server;
	manager->retry_timer = wl_event_loop_add_timer(server->loop, handle_retry, manager);
	return manager;
}

void manager_destroy(struct manager *manager) {
	if (manager == NULL) {
		return;
	}
	disconnect(manager);
	wl_event_source_remove(manager->retry_timer);
	free(manager);
}

struct redecho_managed_machine_v1 *manager_spawn(struct manager *manager, const char *program) {
	if (manager->proxy == NULL) {
		if (manager->display == NULL) {
			manager->attempts = 0;
			retry_later(manager);
		}
		return NULL;
	}
	return redecho_manager_v1_spawn(manager->proxy, program);
}

void manager_reload(struct manager *manager) {
	if (manager->proxy != NULL) {
		send_keyboard(manager);
		redecho_manager_v1_reload(manager->proxy);
		manager_flush(manager);
	}
}

bool manager_shutdown(struct manager *manager, uint32_t grace_ms) {
	if (manager->proxy == NULL) {
		return false;
	}
	redecho_manager_v1_shutdown(manager->proxy, grace_ms);
	manager_flush(manager);
	return true;
}

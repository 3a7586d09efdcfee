#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wlr/backend.h>
#include <wlr/render/allocator.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_scene.h>

#include "activation.h"
#include "backend_info.h"
#include "capture.h"
#include "client_guard.h"
#include "command.h"
#include "config.h"
#include "config_watch.h"
#include "dialog.h"
#include "foreign.h"
#include "global_filter.h"
#include "globals.h"
#include "hints.h"
#include "history.h"
#include "hotkeys.h"
#include "idle.h"
#include "indicator.h"
#include "ipc.h"
#include "launch.h"
#include "layer.h"
#include "lock.h"
#include "locker.h"
#include "log.h"
#include "machine.h"
#include "manager.h"
#include "meter.h"
#include "notice.h"
#include "output.h"
#include "output_apply.h"
#include "output_globals.h"
#include "output_management.h"
#include "output_memory.h"
#include "placeholder.h"
#include "scratchpad.h"
#include "seat.h"
#include "service.h"
#include "suspend.h"
#include "tile.h"
#include "toplevel.h"
#include "urgency.h"
#include "workspace.h"
#include "workspace_handle.h"
#include "workspace_output.h"

// After the machines' grace period, for redecho-vmd itself to end.
#define EXIT_SLACK_MS 5000

int64_t server_now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void server_emit(struct server *server, enum server_subject subject, enum server_verb verb,
	const void *object) {
	struct server_change change = {.subject = subject, .verb = verb, .object = object};
	wl_signal_emit_mutable(&server->events.change, &change);
}

// --- configuration ------------------------------------------------------------------------

static struct config *load_config(const struct server *server, char *text, size_t size) {
	const struct config_options options = {.check = command_check};
	if (server->config_path == NULL) {
		return config_create_default(&options);
	}
	struct config_errors errors = {0};
	struct config *config = config_load(server->config_path, &options, &errors);
	if (config != NULL) {
		return config;
	}
	size_t len = 0;
	for (size_t i = 0; i < errors.len; i++) {
		char line[512];
		config_error_format(&errors.errors[i], line, sizeof(line));
		log_error("%s", line);
		int written = len < size
			? snprintf(text + len, size - len, "%s%s", len > 0 ? "\n" : "", line)
			: 0;
		len += written > 0 ? (size_t)written : 0;
	}
	config_errors_finish(&errors);
	return NULL;
}

bool server_reload(struct server *server) {
	// There may be a file by now.
	free(server->config_path);
	server->config_path = config_find_path(server->options.config_path);
	char text[2048] = "";
	struct config *config = load_config(server, text, sizeof(text));
	if (config == NULL) {
		config_watch_update(server);
		notice_set_standing(server, text);
		return false;
	}
	output_memory_reload(server->output_memory, server->config, config);
	config_destroy(server->config);
	server->config = config;
	config_watch_update(server);
	notice_set_standing(server, NULL);
	seat_reconfigure(server->seat);
	workspace_reset_gaps(server);
	output_apply_all(server);
	if (server->manager != NULL) {
		manager_reload(server->manager);
	}
	server_emit(server, SERVER_CONFIG, SERVER_CHANGED, NULL);
	return true;
}

// A user who has no configuration gets the default one, to read and to change.
static void create_config(struct server *server) {
	if (server->config_path != NULL || !server->options.create_config) {
		return;
	}
	server->first_start = true;
	char *path = config_user_path("config");
	if (path == NULL) {
		return;
	}
	if (config_write_default(path)) {
		log_info("%s: written, for you to change", path);
		server->config_path = path;
		return;
	}
	log_error("%s cannot be written: %s", path, strerror(errno));
	free(path);
}

// --- the desk's folder --------------------------------------------------------------------

// Returns a lock on the folder, or -1 with errno set; EWOULDBLOCK: another desk has it.
static int lock_folder(const char *path) {
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		return -1;
	}
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		return -1;
	}
	struct stat status;
	if (fstat(fd, &status) != 0 || status.st_uid != geteuid()) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	if (fchmod(fd, 0700) != 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static bool take_desk(struct server *server, const char *name) {
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	free(server->runtime_dir);
	free(server->desk);
	server->desk = strdup(name);
	if (asprintf(&server->runtime_dir, "%s/redecho-%s", runtime, name) < 0 ||
		server->desk == NULL) {
		abort();
	}
	server->lock_fd = lock_folder(server->runtime_dir);
	return server->lock_fd >= 0;
}

static bool find_desk(struct server *server) {
	if (getenv("XDG_RUNTIME_DIR") == NULL) {
		log_error("XDG_RUNTIME_DIR is not set: a folder of yours for sockets is needed");
		return false;
	}
	if (server->options.desk != NULL) {
		if (take_desk(server, server->options.desk)) {
			return true;
		}
		log_error("desk %s: %s", server->options.desk,
			errno == EWOULDBLOCK ? "is in use" : strerror(errno));
		return false;
	}
	for (char name[2] = "0"; name[0] <= '9'; name[0]++) {
		if (take_desk(server, name)) {
			return true;
		}
		if (errno != EWOULDBLOCK) {
			break;
		}
	}
	log_error("%s: %s", server->runtime_dir, strerror(errno));
	return false;
}

// --- making -------------------------------------------------------------------------------

static void handle_renderer_lost(struct wl_listener *listener, void *data) {
	struct server *server = wl_container_of(listener, server, renderer_lost);
	log_error("the GPU was reset, making a new renderer");
	struct wlr_renderer *renderer = wlr_renderer_autocreate(server->backend);
	struct wlr_allocator *allocator = renderer != NULL
		? wlr_allocator_autocreate(server->backend, renderer)
		: NULL;
	if (allocator == NULL) {
		log_error("no renderer can be made");
		server_terminate(server, 1);
		return;
	}
	struct wlr_renderer *old_renderer = server->renderer;
	struct wlr_allocator *old_allocator = server->allocator;
	server->renderer = renderer;
	server->allocator = allocator;
	wl_list_remove(&server->renderer_lost.link);
	wl_signal_add(&renderer->events.lost, &server->renderer_lost);
	wlr_compositor_set_renderer(server->compositor, renderer);
	output_renew_renderer(server);
	wlr_allocator_destroy(old_allocator);
	wlr_renderer_destroy(old_renderer);
}

static bool create_backend(struct server *server) {
	server->backend = wlr_backend_autocreate(server->loop, &server->session);
	if (server->backend == NULL) {
		log_error("no backend: no screen can be used");
		return false;
	}
	server->renderer = wlr_renderer_autocreate(server->backend);
	if (server->renderer == NULL) {
		log_error("no renderer can be made; WLR_RENDERER=pixman draws without a GPU");
		return false;
	}
	server->renderer_lost.notify = handle_renderer_lost;
	wl_signal_add(&server->renderer->events.lost, &server->renderer_lost);
	server->allocator = wlr_allocator_autocreate(server->backend, server->renderer);
	if (server->allocator == NULL) {
		log_error("no allocator can be made");
		return false;
	}
	server->nested = backend_info_nested(server);
	return true;
}

static void log_first_line(const struct server *server) {
	char backend[64], gpu[128], accelerator[128];
	backend_info_backend(server, backend, sizeof(backend));
	backend_info_gpu(server, gpu, sizeof(gpu));
	backend_info_accelerator(server, accelerator, sizeof(accelerator));
	log_info("backend %s, renderer %s, accelerator %s, GPU %s", backend,
		backend_info_renderer(server), accelerator, gpu);
}

static bool create_scene(struct server *server) {
	server->output_layout = wlr_output_layout_create(server->display);
	server->scene = wlr_scene_create();
	if (server->output_layout == NULL || server->scene == NULL) {
		return false;
	}
	server->scene_layout = wlr_scene_attach_output_layout(server->scene, server->output_layout);
	for (size_t i = 0; i < LAYER_COUNT; i++) {
		server->layers[i] = wlr_scene_tree_create(&server->scene->tree);
	}
	return server->scene_layout != NULL;
}

static bool create_parts(struct server *server) {
	// In this order: a part uses those above it.
	static bool (*const parts[])(struct server *) = {
		client_guard_init,
		service_init,
		create_scene,
		global_filter_init,
		globals_init,
		output_globals_init,
		output_management_init,
		notice_init,
		indicator_init,
		history_init,
		urgency_init,
		foreign_init,
		hints_init,
		workspace_handle_init,
		seat_init,
		layer_init,
		lock_init,
		capture_init,
		locker_init,
		idle_init,
		suspend_init,
		scratchpad_init,
		activation_init,
		machine_init,
		meter_init,
		dialog_init,
		config_watch_init,
	};
	bool ok = true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		ok = ok && parts[i](server);
	}
	if (!ok) {
		log_error("out of memory");
		return false;
	}
	placeholder_timer_init(server);
	output_init(server);
	toplevel_init(server);
	const char *socket = wl_display_add_socket_auto(server->display);
	if (socket == NULL) {
		log_error("no Wayland socket in XDG_RUNTIME_DIR: %s", strerror(errno));
		return false;
	}
	server->socket = strdup(socket);
	return true;
}

struct server *server_create(const struct server_options *options) {
	struct server *server = calloc(1, sizeof(*server));
	if (server == NULL) {
		return NULL;
	}
	server->options = *options;
	server->lock_fd = -1;
	wl_list_init(&server->outputs);
	wl_list_init(&server->disabled_outputs);
	wl_list_init(&server->workspaces);
	wl_list_init(&server->tiles);
	wl_list_init(&server->machines);
	wl_list_init(&server->programs);
	wl_list_init(&server->renderer_lost.link);
	wl_list_init(&server->new_output.link);
	wl_list_init(&server->layout_change.link);
	wl_list_init(&server->new_toplevel.link);
	wl_list_init(&server->new_popup.link);
	wl_list_init(&server->new_decoration.link);
	wl_signal_init(&server->events.change);

	server->config_path = config_find_path(options->config_path);
	char text[2048] = "";
	server->config = load_config(server, text, sizeof(text));
	if (server->config == NULL && options->config_path == NULL) {
		// A mistake in it must not keep the user out.
		const struct config_options check = {.check = command_check};
		server->config = config_create_default(&check);
	}
	server->display = wl_display_create();
	if (server->config == NULL || server->display == NULL || !find_desk(server)) {
		server_destroy(server);
		return NULL;
	}
	server->loop = wl_display_get_event_loop(server->display);
	wl_display_set_default_max_buffer_size(server->display, 1024 * 1024);
	if (!create_backend(server)) {
		server_destroy(server);
		return NULL;
	}
	log_first_line(server);
	create_config(server);
	if (!create_parts(server)) {
		server_destroy(server);
		return NULL;
	}
	if (text[0] != '\0') {
		notice_set_standing(server, text);
	}
	return server;
}

// What finds the desk by the session's environment is started now.
static void run_at_start(struct server *server) {
	const struct config_strings *exec = &server->config->exec;
	for (size_t i = 0; i < exec->len; i++) {
		if (!launch_shell(server, exec->strings[i])) {
			log_error("%s: %s", exec->strings[i], strerror(errno));
		}
	}
	if (server->options.exec != NULL && !launch_shell(server, server->options.exec)) {
		log_error("%s: %s", server->options.exec, strerror(errno));
	}
}

bool server_start(struct server *server) {
	lock_resume(server);
	if (!wlr_backend_start(server->backend)) {
		log_error("the backend cannot be started");
		return false;
	}
	output_apply_all(server);
	log_info("desk %s, WAYLAND_DISPLAY=%s", server->desk, server->socket);
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/ipc.sock", server->runtime_dir);
	server->ipc = ipc_create(server, path); // without it the desk is still of use
	if (!server->options.without_manager) {
		server->manager = manager_create(server);
		if (server->manager == NULL) {
			return false;
		}
		manager_wake(server->manager);
		for (size_t i = 0; i < server->config->start.len; i++) {
			machine_spawn(server, server->config->start.strings[i]);
		}
	}
	if (server->first_start || server->config->hotkeys_at_start) {
		hotkeys_open(server);
	}
	service_start(server->service, run_at_start);
	return true;
}

int server_run(struct server *server) {
	wl_display_run(server->display);
	return server->exit_status;
}

// --- ending -------------------------------------------------------------------------------

void server_terminate(struct server *server, int status) {
	server->exiting = true;
	server->exit_status = status;
	wl_display_terminate(server->display);
}

static int handle_exit_timer(void *data) {
	log_error("redecho-vmd does not end, leaving it");
	server_terminate(data, 0);
	return 0;
}

void server_exit(struct server *server) {
	if (server->exiting) {
		server_terminate(server, 0);
		return;
	}
	server->exiting = true;
	service_stopping(server->service);
	server_emit(server, SERVER_EXIT, SERVER_CHANGED, NULL);
	int grace_ms = server->config->grace_ms;
	if (server->manager == NULL || !manager_shutdown(server->manager, (uint32_t)grace_ms)) {
		server_terminate(server, 0);
		return;
	}
	notice_set_standing(server, "The machines are ended. Once more: leave at once.");
	server->exit_timer = wl_event_loop_add_timer(server->loop, handle_exit_timer, server);
	wl_event_source_timer_update(server->exit_timer, grace_ms + EXIT_SLACK_MS);
}

// What hangs on the display, in an order in which nothing is used after it is gone.
static void destroy_parts(struct server *server) {
	service_finish(server);
	ipc_destroy(server->ipc);
	server->ipc = NULL;
	if (server->dialog != NULL) {
		dialog_close(server, NULL); // it may be about what goes now
	}
	wl_display_destroy_clients(server->display);
	client_guard_finish(server);
	machine_finish(server);
	meter_finish(server);
	manager_destroy(server->manager);
	server->manager = NULL;
	if (server->exit_timer != NULL) {
		wl_event_source_remove(server->exit_timer);
	}
	if (server->placeholder_timer != NULL) {
		output_finish(server);
		toplevel_finish(server);
		struct workspace *workspace, *next;
		wl_list_for_each_safe (workspace, next, &server->workspaces, link) {
			workspace_destroy(workspace);
		}
		placeholder_timer_finish(server);
	}
	scratchpad_finish(server);
	config_watch_finish(server);
	dialog_finish(server);
	suspend_finish(server);
	idle_finish(server);
	capture_finish(server);
	layer_finish(server);
	lock_finish(server);
	locker_finish(server);
	seat_finish(server);
	activation_finish(server);
	foreign_finish(server);
	hints_finish(server);
	workspace_handle_finish(server);
	urgency_finish(server);
	history_finish(server);
	indicator_finish(server);
	notice_finish(server);
	output_management_finish(server);
	output_globals_finish(server);
	globals_finish(server);
	if (server->scene != NULL) {
		wlr_scene_node_destroy(&server->scene->tree.node);
	}
}

void server_destroy(struct server *server) {
	if (server->display != NULL) {
		destroy_parts(server);
		wl_list_remove(&server->renderer_lost.link);
		if (server->allocator != NULL) {
			wlr_allocator_destroy(server->allocator);
		}
		if (server->renderer != NULL) {
			wlr_renderer_destroy(server->renderer);
		}
		if (server->backend != NULL) {
			wlr_backend_destroy(server->backend);
		}
		wl_display_destroy(server->display);
	}
	config_destroy(server->config);
	if (server->lock_fd >= 0) {
		close(server->lock_fd);
	}
	free(server->config_path);
	free(server->desk);
	free(server->runtime_dir);
	free(server->socket);
	free(server);
}

#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/util/box.h>

struct capture;
struct client_guard;
struct config;
struct config_watch;
struct dialog;
struct idle;
struct suspend;
struct indicator;
struct ipc;
struct layer_shell;
struct lock;
struct locker;
struct manager;
struct meter;
struct notice;
struct output;
struct output_globals;
struct output_management;
struct output_memory;
struct seat;
struct service;
struct tile;
struct workspace;
struct wlr_allocator;
struct wlr_backend;
struct wlr_compositor;
struct wlr_cursor;
struct wlr_output_layout;
struct wlr_renderer;
struct wlr_scene;
struct wlr_scene_output_layout;
struct wlr_scene_tree;
struct wlr_security_context_manager_v1;
struct wlr_session;

/**
 * What a server is started with. The strings are borrowed until server_destroy().
 */
struct server_options {
	const char *config_path; // NULL: search for it, see config.h
	const char *desk; // name of the desk; NULL: the first of "0" to "9" that is free
	const char *vmd_path; // NULL: beside our executable, then PATH
	const char **programs; // folders of program files, NULL-terminated; may be NULL
	const char **machines; // folders of machine files, NULL-terminated; may be NULL
	const char *bridge_path; // passed on to redecho-vmd; may be NULL
	const char *uri; // libvirt URI, passed on; may be NULL
	const char *accel; // auto, kvm or tcg, passed on; may be NULL
	const char *exec; // shell command run after the start; may be NULL
	bool create_config; // write the default one for a user who has none
	bool session; // the session of a login: systemd and the session bus are told of it
	bool without_manager; // no redecho-vmd: a desk for Wayland clients only
};

/** What a struct server_change is about, and the type of its object. */
enum server_subject {
	SERVER_SCREEN, // struct output: plugged in, or gone
	SERVER_OUTPUT, // struct output: it has a place in the desk, or has lost it
	SERVER_WORKSPACE, // struct workspace
	SERVER_WINDOW, // struct tile
	SERVER_MACHINE, // struct machine
	SERVER_PROGRAM, // struct program, or NULL: the list was read again
	SERVER_CONFIG, // NULL
	SERVER_NOTICE, // const struct notice_message
	SERVER_INPUT, // struct input_device
	SERVER_SEAT, // struct seat: binding mode, keyboard layout, pass-through
	SERVER_SESSION, // NULL: locked, or not any more; idle inhibited, or not
	SERVER_USAGE, // NULL: what the machines use was measured (meter.h)
	SERVER_EXIT, // NULL
};

enum server_verb {
	SERVER_ADDED,
	SERVER_REMOVED, // sent while the object can still be read
	SERVER_CHANGED,
	SERVER_FOCUSED, // object may be NULL: nothing has the focus
};

/** The data of server.events.change. */
struct server_change {
	enum server_subject subject;
	enum server_verb verb;
	const void *object;
};

/** Layers of the scene, from the bottom up. */
enum server_layer {
	LAYER_BACKGROUND, // one colour for each output
	LAYER_SHELL_BACKGROUND, // layer-shell's `background`: wallpapers
	LAYER_SHELL_BOTTOM, // layer-shell's `bottom`
	LAYER_TILES,
	LAYER_FLOATING,
	LAYER_SHELL_TOP, // layer-shell's `top`: bars
	LAYER_FULLSCREEN,
	LAYER_SHELL_OVERLAY, // layer-shell's `overlay`: launchers, messages
	LAYER_NOTICES,
	LAYER_DIALOG, // what the host asks the user
	LAYER_LOCK, // the session lock; above it only what is dragged
	LAYER_DRAG,
	LAYER_COUNT,
};

/**
 * One compositor. A process may create and destroy many, one after the other.
 */
struct server {
	struct server_options options;
	struct config *config;
	char *desk; // its name
	char *runtime_dir; // the desk's, without a slash at its end
	int lock_fd; // held on runtime_dir while we live
	char *socket; // name of the public Wayland socket

	struct wl_display *display;
	struct wl_event_loop *loop;
	struct wlr_backend *backend;
	struct wlr_session *session; // NULL unless on DRM
	struct wlr_renderer *renderer;
	struct wlr_allocator *allocator;
	struct wlr_compositor *compositor;
	struct wlr_security_context_manager_v1 *security_contexts;
	struct wlr_output_layout *output_layout;
	struct wlr_scene *scene;
	struct wlr_scene_output_layout *scene_layout;
	struct wlr_scene_tree *layers[LAYER_COUNT];
	bool nested; // inside another Wayland or X11 session
	bool first_start; // the user had no configuration
	bool exiting; // an orderly exit is under way
	int exit_status;

	struct seat *seat;
	struct manager *manager; // NULL without a manager
	struct meter *meter;
	struct notice *notice;
	struct capture *capture;
	struct idle *idle;
	struct indicator *indicator;
	struct layer_shell *layer_shell;
	struct lock *lock;
	struct locker *locker;
	struct history *history;
	struct suspend *suspend;
	struct urgency *urgency;
	struct activation *activation;
	struct foreign *foreign;
	struct hints *hints;
	struct workspace_handles *workspace_handles;
	struct ipc *ipc; // may be NULL
	struct dialog *dialog;
	struct config_watch *config_watch; // may be NULL
	struct service *service;

	char *config_path; // NULL: there is no file
	struct wl_list outputs; // output.link
	struct wl_list disabled_outputs; // output.link
	struct output_memory *output_memory;
	struct output_globals *output_globals;
	struct output_management *output_management;
	struct wl_event_source *outputs_idle; // output_apply_later(); may be NULL
	bool outputs_changing; // the layout is not what it is going to be
	struct wl_list workspaces; // workspace.link, by number
	struct workspace *shelf; // windows that are out of sight; see scratchpad.h
	struct wl_list tiles; // tile.link, in the order they were made
	struct wl_list machines; // machine.link
	struct wl_list programs; // program.link
	struct output *active_output; // where new windows go; NULL: no output is there
	uint32_t next_tile_id;
	struct wl_event_source *placeholder_timer;
	struct wl_event_source *exit_timer;

	struct globals *globals;
	struct client_guard *client_guard;

	struct {
		struct wl_signal change; // struct server_change
	} events;

	struct wl_listener renderer_lost;
	struct wl_listener new_output;
	struct wl_listener layout_change;
	struct wl_listener new_toplevel;
	struct wl_listener new_popup;
	struct wl_listener new_decoration;
};

/**
 * Make a server: display, backend, renderer, globals, socket. Nothing is shown yet.
 *
 * Returns NULL, with the reason logged, when the configuration given by name cannot be read
 * or a part of the machine is not there. The options are copied, their strings are not.
 */
struct server *server_create(const struct server_options *options);

/** Start the backend and the manager, open the first workspace, run the start-up commands. */
bool server_start(struct server *server);

/** Run until server_terminate(). Returns the exit status. */
int server_run(struct server *server);

/** Free everything. Machines are not asked to end: that is server_exit(). */
void server_destroy(struct server *server);

/**
 * Orderly exit: ends the machines, then the event loop. A second call does not wait for
 * the machines.
 */
void server_exit(struct server *server);

/** End the event loop at once; the machines run on, and the next server finds them. */
void server_terminate(struct server *server, int status);

/**
 * Read the configuration again.
 *
 * Returns false, keeps the old one and shows the reason on the screen when it has an error.
 */
bool server_reload(struct server *server);

/** Tell whoever listens to server.events.change. */
void server_emit(struct server *server, enum server_subject subject, enum server_verb verb,
	const void *object);

/** Milliseconds of CLOCK_MONOTONIC. */
int64_t server_now_ms(void);

#endif

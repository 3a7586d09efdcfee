/*
 * A machine as a Wayland client: its connection, its seat, and a window for each scanout.
 *
 * The connection may be absent, it may end at any time, and it may be replaced.
 */
#ifndef WINDOW_CLIENT_H
#define WINDOW_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "window.h"
#include "window_input.h"

/** virtio 1.3, 5.7.4: the most scanouts that a GPU can have. */
#define WINDOW_MAX_COUNT 16

struct window_connection; // private to the folder

struct window_client_options {
	const char *title; // UTF-8
	const char *app_id;
	/** How many windows; 1 to WINDOW_MAX_COUNT, 0 stands for 1. */
	unsigned count;
	/** Taken when the compositor leaves the size to the window, in physical pixels. */
	uint32_t width, height;
	struct window_input_devices devices;
};

/** How far the machine has come; as redecho_machine_v1.stage. */
enum window_stage {
	WINDOW_STAGE_STARTING,
	WINDOW_STAGE_BOOTING,
	WINDOW_STAGE_RUNNING,
};

struct window_client {
	struct wl_event_loop *loop;
	struct window_client_options options; // the strings are owned
	struct window_connection *connection; // NULL: none
	struct window_input *input;
	unsigned count;
	struct window *windows[WINDOW_MAX_COUNT]; // by scanout; of these the first is open
	enum window_stage stage;
	char *broken; // the reason; NULL: all is well

	struct {
		/** A new connection is up. data: struct window_client */
		struct wl_signal connected;
		/** data: const char *, the reason */
		struct wl_signal disconnected;
		/** .stage has changed. data: struct window_client */
		struct wl_signal stage;
		/** A window is seen again, or not any more. data: struct window_client */
		struct wl_signal suspended;
		/** The user wants to see the windows that were closed. data: struct window_client */
		struct wl_signal show_all;
	} events;
};

/** Returns NULL out of memory. The devices must outlive the client. */
struct window_client *window_client_create(
	struct wl_event_loop *loop, const struct window_client_options *options);

/** All buffers must be destroyed before. */
void window_client_destroy(struct window_client *client);

/**
 * Show the machine on the Wayland connection fd, which belongs to the client from here on, in
 * place of the one there is. Nothing waits for the compositor: it is found out later whether it
 * answers.
 *
 * Returns false when the fd cannot be used.
 */
bool window_client_connect(struct window_client *client, int fd);

/** End the connection there is, if any; every buffer is free then. */
void window_client_disconnect(struct window_client *client);

/** Whether the connection is one of Red Echo's own desk. */
bool window_client_is_on_desk(const struct window_client *client);

/** Whether the compositor says that nobody sees any of the windows that are open. */
bool window_client_is_suspended(const struct window_client *client);

void window_client_set_stage(struct window_client *client, enum window_stage stage);

/** Say that a device stopped working; NULL: it works again. */
void window_client_set_broken(struct window_client *client, const char *reason);

#endif

#include "window_client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "redecho-machine-v1-client-protocol.h"
#include "window_private.h"

struct window_client *window_client_create(
	struct wl_event_loop *loop, const struct window_client_options *options) {
	assert(options->count <= WINDOW_MAX_COUNT);
	struct window_client *client = calloc(1, sizeof(*client));
	if (client == NULL) {
		return NULL;
	}
	client->loop = loop;
	client->options = *options;
	client->count = options->count > 0 ? options->count : 1;
	wl_signal_init(&client->events.connected);
	wl_signal_init(&client->events.disconnected);
	wl_signal_init(&client->events.stage);
	wl_signal_init(&client->events.suspended);
	wl_signal_init(&client->events.show_all);
	client->options.title = strdup(options->title);
	client->options.app_id = strdup(options->app_id);
	client->input = window_input_create(client);
	bool ok = client->options.title != NULL && client->options.app_id != NULL &&
		client->input != NULL;
	for (unsigned i = 0; ok && i < client->count; i++) {
		client->windows[i] = window_create(client, i);
		ok = client->windows[i] != NULL;
	}
	if (!ok) {
		window_client_destroy(client);
		return NULL;
	}
	return client;
}

void window_client_destroy(struct window_client *client) {
	window_client_disconnect(client);
	for (unsigned i = 0; i < client->count; i++) {
		window_destroy(client->windows[i]);
	}
	window_input_destroy(client->input);
	free((char *)client->options.title);
	free((char *)client->options.app_id);
	free(client->broken);
	free(client);
}

bool window_client_is_suspended(const struct window_client *client) {
	bool seen = false;
	for (unsigned i = 0; i < client->count; i++) {
		const struct window *window = client->windows[i];
		seen = seen || (window->open && !window->suspended);
	}
	return !seen;
}

void window_client_disconnect(struct window_client *client) {
	struct window_connection *connection = client->connection;
	if (connection != NULL) {
		client->connection = NULL;
		window_connection_destroy(connection);
	}
}

bool window_client_connect(struct window_client *client, int fd) {
	window_client_disconnect(client);
	client->connection = window_connection_create(client, fd);
	return client->connection != NULL;
}

bool window_client_is_on_desk(const struct window_client *client) {
	return client->connection != NULL && client->connection->globals.machine != NULL;
}

void window_client_set_stage(struct window_client *client, enum window_stage stage) {
	if (client->stage == stage) {
		return;
	}
	client->stage = stage;
	if (window_client_is_on_desk(client)) {
		redecho_machine_v1_set_stage(client->connection->globals.machine, stage);
		window_connection_flush(client->connection);
	}
	wl_signal_emit_mutable(&client->events.stage, client);
}

void window_client_set_broken(struct window_client *client, const char *reason) {
	free(client->broken);
	client->broken = reason != NULL ? strdup(reason) : NULL;
	if (client->broken != NULL && window_client_is_on_desk(client)) {
		redecho_machine_v1_set_broken(client->connection->globals.machine, reason);
		window_connection_flush(client->connection);
	}
}

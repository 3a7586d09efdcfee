#include "input_mode.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "binding.h"
#include "command.h"
#include "config.h"
#include "keyboard.h"
#include "log.h"
#include "notice.h"
#include "passthrough.h"
#include "seat.h"
#include "server.h"

static const struct binding_list *bindings_of(const struct seat *seat) {
	const struct config *config = seat->server->config;
	const struct binding_mode *mode = seat->mode != NULL
		? binding_modes_find(&config->modes, seat->mode)
		: NULL;
	return mode != NULL ? &mode->bindings : &config->bindings;
}

bool input_mode_set(struct seat *seat, const char *name) {
	bool by_default = strcmp(name, "default") == 0;
	if (!by_default && binding_modes_find(&seat->server->config->modes, name) == NULL) {
		return false;
	}
	if (strcmp(name, input_mode_name(seat)) == 0) {
		return true;
	}
	free(seat->mode);
	seat->mode = by_default ? NULL : alloc_string(name);
	server_emit(seat->server, SERVER_SEAT, SERVER_CHANGED, seat);
	return true;
}

const char *input_mode_name(const struct seat *seat) {
	return seat->mode != NULL ? seat->mode : "default";
}

void input_mode_reconfigure(struct seat *seat) {
	if (seat->mode != NULL &&
		binding_modes_find(&seat->server->config->modes, seat->mode) == NULL) {
		input_mode_set(seat, "default");
	}
}

void input_mode_finish(struct seat *seat) {
	free(seat->mode);
	seat->mode = NULL;
}

static void complete(const struct seat *seat, struct binding_event *event) {
	event->mod = keyboard_mod(seat);
	event->locked = seat_locked(seat);
}

const struct binding *input_mode_find(const struct seat *seat, struct binding_event *event) {
	const struct binding_list *list = bindings_of(seat);
	complete(seat, event);
	if (passthrough_tile(seat) != NULL && event->kind != BINDING_SWITCH &&
		event->kind != BINDING_GESTURE) {
		return NULL;
	}
	const struct binding *binding = binding_find(list, event);
	// Whoever shuts the lid does not think of modes.
	if (binding == NULL && event->kind == BINDING_SWITCH) {
		binding = binding_find(&seat->server->config->bindings, event);
	}
	return binding;
}

bool input_mode_has_gesture(const struct seat *seat, struct binding_event *event) {
	complete(seat, event);
	return binding_has_gesture(bindings_of(seat), event);
}

bool input_mode_repeats(const struct binding *binding) {
	bool repeats = (binding->flags & BINDING_NO_REPEAT) == 0;
	for (size_t i = 0; i < binding->commands_len && repeats; i++) {
		const struct binding_command *command = &binding->commands[i];
		repeats = (binding->flags & BINDING_REPEAT) != 0 ||
			command_repeats(command->words_len, command->words);
	}
	return repeats;
}

void input_mode_run(struct seat *seat, const struct binding *binding) {
	struct server *server = seat->server;
	// A command may read the configuration again, and free the binding: hence the copies.
	size_t len = binding->commands_len;
	struct binding_command **commands = alloc_zeroed(len, sizeof(*commands));
	for (size_t i = 0; i < len; i++) {
		commands[i] = binding_command_create(
			binding->commands[i].words_len, binding->commands[i].words);
	}
	for (size_t i = 0; i < len; i++) {
		char error[COMMAND_ERROR_MAX];
		if (!command_run(server, NULL, commands[i]->words_len, commands[i]->words, error)) {
			log_info("%s: %s", commands[i]->words[0], error);
			notice_show(server, NOTICE_WARNING, error);
		}
		binding_command_destroy(commands[i]);
	}
	free(commands);
}

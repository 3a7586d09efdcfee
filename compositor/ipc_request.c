#include "ipc_request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "alloc.h"
#include "command.h"
#include "ipc.h"
#include "ipc_state.h"
#include "machine.h"
#include "meter.h"
#include "notice.h"
#include "output.h"
#include "server.h"
#include "tile.h"
#include "workspace.h"

#define WORDS_MAX 64

struct request {
	struct server *server;
	yyjson_val *argument;
	yyjson_mut_doc *doc; // of the reply
	struct ipc_wants *wants;
	char why[512]; // set by one that fails
};

// --- replies ------------------------------------------------------------------------------

// Writes the document as a line and frees it.
static char *finish(yyjson_mut_doc *doc) {
	size_t len;
	char *text = yyjson_mut_write_opts(doc, YYJSON_WRITE_NEWLINE_AT_END, NULL, &len, NULL);
	yyjson_mut_doc_free(doc);
	return text;
}

static yyjson_mut_doc *create_doc(yyjson_mut_val **root) {
	yyjson_mut_doc *doc = alloc_check(yyjson_mut_doc_new(NULL));
	*root = yyjson_mut_obj(doc);
	yyjson_mut_doc_set_root(doc, *root);
	return doc;
}

// position is in the request, from 1; 0: it is not the text that is wrong.
static char *error_reply(const char *message, size_t position) {
	yyjson_mut_val *root;
	yyjson_mut_doc *doc = create_doc(&root);
	yyjson_mut_val *error = yyjson_mut_obj_add_obj(doc, root, "Err");
	ipc_state_add_text(doc, error, "message", message);
	if (position > 0) {
		yyjson_mut_obj_add_uint(doc, error, "position", position);
	}
	return finish(doc);
}

char *ipc_request_too_long(void) {
	char message[128];
	snprintf(message, sizeof(message), "a request is longer than %d bytes", IPC_REQUEST_MAX);
	return error_reply(message, IPC_REQUEST_MAX);
}

static yyjson_mut_val *fail(struct request *request, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static yyjson_mut_val *fail(struct request *request, const char *format, ...) {
	va_list args;
	va_start(args, format);
	vsnprintf(request->why, sizeof(request->why), format, args);
	va_end(args);
	return NULL;
}

// --- requests -----------------------------------------------------------------------------

static yyjson_mut_val *get_outputs(struct request *request) {
	return ipc_state_outputs(request->doc, request->server);
}

static yyjson_mut_val *get_workspaces(struct request *request) {
	return ipc_state_workspaces(request->doc, request->server);
}

static yyjson_mut_val *get_windows(struct request *request) {
	return ipc_state_windows(request->doc, request->server);
}

static yyjson_mut_val *get_machines(struct request *request) {
	return ipc_state_machines(request->doc, request->server);
}

static yyjson_mut_val *get_programs(struct request *request) {
	return ipc_state_programs(request->doc, request->server);
}

static yyjson_mut_val *get_inputs(struct request *request) {
	return ipc_state_inputs(request->doc, request->server);
}

static yyjson_mut_val *get_seat(struct request *request) {
	return ipc_state_seat(request->doc, request->server->seat);
}

static yyjson_mut_val *get_commands(struct request *request) {
	yyjson_mut_val *array = yyjson_mut_arr(request->doc);
	for (size_t i = 0; command_name(i) != NULL; i++) {
		yyjson_mut_val *command = yyjson_mut_arr_add_obj(request->doc, array);
		yyjson_mut_obj_add_str(request->doc, command, "name", command_name(i));
		yyjson_mut_obj_add_str(request->doc, command, "usage", command_usage(i));
	}
	return array;
}

static yyjson_mut_val *get_session(struct request *request) {
	return ipc_state_session(request->doc, request->server);
}

static yyjson_mut_val *get_version(struct request *request) {
	yyjson_mut_val *value = yyjson_mut_obj(request->doc);
	yyjson_mut_obj_add_str(request->doc, value, "version", REDECHO_VERSION);
	yyjson_mut_obj_add_str(request->doc, value, "wayland_display",
		request->server->socket != NULL ? request->server->socket : "");
	return value;
}

static yyjson_mut_val *start_events(struct request *request) {
	request->wants->events = true;
	return yyjson_mut_null(request->doc);
}

// {"interval_ms": 1000}
static yyjson_mut_val *watch_usage(struct request *request) {
	yyjson_val *interval = yyjson_obj_get(request->argument, "interval_ms");
	int64_t ms = yyjson_get_sint(interval);
	if (yyjson_obj_size(request->argument) != 1 || !yyjson_is_int(interval) ||
		(ms != 0 && ms < METER_INTERVAL_MIN_MS) || ms > METER_INTERVAL_MAX_MS) {
		return fail(request, "usage takes interval_ms: %d to %d, or 0 for no more",
			METER_INTERVAL_MIN_MS, METER_INTERVAL_MAX_MS);
	}
	request->wants->usage_interval_ms = (int)ms;
	return yyjson_mut_null(request->doc);
}

static bool run_words(struct request *request, yyjson_val *command, struct tile *target) {
	char *words[WORDS_MAX + 1];
	int len = 0;
	size_t index, max;
	yyjson_val *word;
	yyjson_arr_foreach(command, index, max, word) {
		if (len == WORDS_MAX || !yyjson_is_str(word) ||
			strlen(yyjson_get_str(word)) != yyjson_get_len(word)) {
			fail(request, "a command is at most %d strings without NUL", WORDS_MAX);
			return false;
		}
		words[len++] = (char *)yyjson_get_str(word);
	}
	if (len == 0) {
		fail(request, "the command is empty");
		return false;
	}
	words[len] = NULL;
	char error[COMMAND_ERROR_MAX] = "";
	if (!command_run(request->server, target, len, words, error)) {
		fail(request, "%s", error);
		return false;
	}
	return true;
}

static bool run_line(struct request *request, yyjson_val *command, struct tile *target) {
	const char *line = yyjson_get_str(command);
	char error[COMMAND_ERROR_MAX] = "";
	if (strlen(line) != yyjson_get_len(command)) {
		fail(request, "the command has a NUL in it");
		return false;
	}
	if (!command_run_line(request->server, target, line, error)) {
		fail(request, "%s", error);
		return false;
	}
	return true;
}

// The window that is named, by its id or as the one of a machine. *target stays NULL if none is:
// the command acts on the focused one. False if there is no such window.
static bool find_target(struct request *request, struct tile **target) {
	yyjson_val *window = yyjson_obj_get(request->argument, "window");
	yyjson_val *name = yyjson_obj_get(request->argument, "machine");
	if (window != NULL && name != NULL) {
		fail(request, "run takes a window or a machine, not both");
		return false;
	}
	if (window != NULL) {
		uint64_t id = yyjson_get_uint(window);
		if (yyjson_is_uint(window) && id <= UINT32_MAX) {
			*target = tile_find(request->server, (uint32_t)id);
		}
		if (*target == NULL) {
			fail(request, "there is no such window");
		}
	}
	if (name != NULL) {
		struct machine *machine = yyjson_is_str(name)
			? machine_find(request->server, yyjson_get_str(name))
			: NULL;
		*target = machine != NULL ? machine->tile : NULL;
		if (*target == NULL) {
			fail(request, "there is no such machine");
		}
	}
	return *target != NULL || (window == NULL && name == NULL);
}

// {"command": ["focus", "left"], "window": 3}
static yyjson_mut_val *run(struct request *request) {
	yyjson_val *command = yyjson_obj_get(request->argument, "command");
	size_t index, max;
	yyjson_val *key, *value;
	yyjson_obj_foreach(request->argument, index, max, key, value) {
		if (!yyjson_equals_str(key, "command") && !yyjson_equals_str(key, "window") &&
			!yyjson_equals_str(key, "machine")) {
			return fail(request, "run takes command, and window or machine");
		}
	}
	struct tile *target = NULL;
	if (!find_target(request, &target)) {
		return NULL;
	}
	bool done;
	if (yyjson_is_arr(command)) {
		done = run_words(request, command, target);
	} else if (yyjson_is_str(command)) {
		done = run_line(request, command, target);
	} else {
		return fail(request, "command is an array of strings, or a line");
	}
	return done ? yyjson_mut_null(request->doc) : NULL;
}

static const struct {
	const char *name;
	bool argument; // an object; without it null or {} is expected
	yyjson_mut_val *(*answer)(struct request *request);
} requests[] = {
	{"outputs", false, get_outputs},
	{"workspaces", false, get_workspaces},
	{"windows", false, get_windows},
	{"machines", false, get_machines},
	{"programs", false, get_programs},
	{"inputs", false, get_inputs},
	{"seat", false, get_seat},
	{"commands", false, get_commands},
	{"session", false, get_session},
	{"version", false, get_version},
	{"events", false, start_events},
	{"usage", true, watch_usage},
	{"run", true, run},
};

static yyjson_mut_val *answer(struct request *request, const char *name) {
	const size_t len = sizeof(requests) / sizeof(requests[0]);
	char known[256] = "";
	for (size_t i = 0; i < len; i++) {
		if (strcmp(requests[i].name, name) != 0) {
			snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
				i == 0 ? "" : ", ", requests[i].name);
			continue;
		}
		bool object = yyjson_is_obj(request->argument);
		bool empty = yyjson_is_null(request->argument) ||
			(object && yyjson_obj_size(request->argument) == 0);
		if (requests[i].argument ? !object : !empty) {
			return fail(request, "%s takes %s", name,
				requests[i].argument ? "an object" : "nothing: null or {}");
		}
		return requests[i].answer(request);
	}
	return fail(request, "unknown request \"%.64s\"; known: %s", name, known);
}

char *ipc_request(
	struct server *server, const char *text, size_t text_bytes, struct ipc_wants *wants) {
	yyjson_read_err error = {0};
	yyjson_doc *in = yyjson_read_opts((char *)text, text_bytes, 0, NULL, &error);
	if (in == NULL) {
		return error_reply(error.msg, error.pos + 1);
	}
	yyjson_val *root = yyjson_doc_get_root(in);
	yyjson_obj_iter iter;
	char *reply;
	if (!yyjson_is_obj(root) || yyjson_obj_size(root) != 1) {
		reply = error_reply(
			"a request is an object with one member, as {\"outputs\":{}}", 1);
	} else {
		yyjson_obj_iter_init(root, &iter);
		yyjson_val *key = yyjson_obj_iter_next(&iter);
		yyjson_mut_val *out;
		struct request request = {
			.server = server,
			.argument = yyjson_obj_iter_get_val(key),
			.doc = create_doc(&out),
			.wants = wants,
		};
		yyjson_mut_val *value = answer(&request, yyjson_get_str(key));
		if (value != NULL) {
			yyjson_mut_obj_add_val(request.doc, out, "Ok", value);
			reply = finish(request.doc);
		} else {
			yyjson_mut_doc_free(request.doc);
			reply = error_reply(request.why, 0);
		}
	}
	yyjson_doc_free(in);
	return reply != NULL ? reply : error_reply("the reply cannot be written", 0);
}

// --- events -------------------------------------------------------------------------------

char *ipc_event_state(struct server *server) {
	yyjson_mut_val *root;
	yyjson_mut_doc *doc = create_doc(&root);
	yyjson_mut_obj_add_str(doc, root, "event", "state");
	yyjson_mut_obj_add_val(doc, root, "outputs", ipc_state_outputs(doc, server));
	yyjson_mut_obj_add_val(doc, root, "workspaces", ipc_state_workspaces(doc, server));
	yyjson_mut_obj_add_val(doc, root, "windows", ipc_state_windows(doc, server));
	yyjson_mut_obj_add_val(doc, root, "machines", ipc_state_machines(doc, server));
	yyjson_mut_obj_add_val(doc, root, "programs", ipc_state_programs(doc, server));
	yyjson_mut_obj_add_val(doc, root, "inputs", ipc_state_inputs(doc, server));
	yyjson_mut_obj_add_val(doc, root, "seat", ipc_state_seat(doc, server->seat));
	yyjson_mut_obj_add_val(doc, root, "session", ipc_state_session(doc, server));
	return finish(doc);
}

static void add_notice(
	yyjson_mut_doc *doc, yyjson_mut_val *root, const struct notice_message *notice) {
	static const char *const names[] = {"info", "warning", "error"};
	yyjson_mut_val *value = yyjson_mut_obj_add_obj(doc, root, "notice");
	yyjson_mut_obj_add_str(doc, value, "severity", names[notice->severity]);
	ipc_state_add_text(doc, value, "message", notice->text);
	ipc_state_add_text(
		doc, value, "machine", notice->machine != NULL ? notice->machine->name : NULL);
}

static void add_object(yyjson_mut_doc *doc, yyjson_mut_val *root,
	const struct server_change *change, struct server *server) {
	const void *object = change->object;
	switch (change->subject) {
	case SERVER_SCREEN:
	case SERVER_OUTPUT:
		yyjson_mut_obj_add_val(doc, root, "output",
			object != NULL ? ipc_state_output(doc, object) : yyjson_mut_null(doc));
		break;
	case SERVER_WORKSPACE:
		yyjson_mut_obj_add_val(doc, root, "workspace",
			object != NULL ? ipc_state_workspace(doc, object) : yyjson_mut_null(doc));
		break;
	case SERVER_WINDOW:
		yyjson_mut_obj_add_val(doc, root, "window",
			object != NULL ? ipc_state_window(doc, object) : yyjson_mut_null(doc));
		break;
	case SERVER_MACHINE:
		yyjson_mut_obj_add_val(doc, root, "machine",
			object != NULL ? ipc_state_machine(doc, object) : yyjson_mut_null(doc));
		break;
	case SERVER_PROGRAM:
		yyjson_mut_obj_add_val(doc, root, "programs", ipc_state_programs(doc, server));
		break;
	case SERVER_NOTICE:
		if (object != NULL) {
			add_notice(doc, root, object);
		}
		break;
	case SERVER_INPUT:
		yyjson_mut_obj_add_val(doc, root, "input",
			object != NULL ? ipc_state_input(doc, object) : yyjson_mut_null(doc));
		break;
	case SERVER_SEAT:
		yyjson_mut_obj_add_val(doc, root, "seat", ipc_state_seat(doc, server->seat));
		break;
	case SERVER_SESSION:
		yyjson_mut_obj_add_val(doc, root, "session", ipc_state_session(doc, server));
		break;
	case SERVER_USAGE:
		yyjson_mut_obj_add_val(doc, root, "machines", ipc_state_machines(doc, server));
		break;
	case SERVER_CONFIG:
	case SERVER_EXIT:
		break;
	}
}

char *ipc_event(struct server *server, const struct server_change *change) {
	static const char *const subjects[] = {
		[SERVER_SCREEN] = "output",
		[SERVER_OUTPUT] = "output",
		[SERVER_WORKSPACE] = "workspace",
		[SERVER_WINDOW] = "window",
		[SERVER_MACHINE] = "machine",
		[SERVER_PROGRAM] = "programs",
		[SERVER_CONFIG] = "config",
		[SERVER_NOTICE] = "notice",
		[SERVER_INPUT] = "input",
		[SERVER_SEAT] = "seat",
		[SERVER_SESSION] = "session",
		[SERVER_USAGE] = "usage",
		[SERVER_EXIT] = "exit",
	};
	static const char *const verbs[] = {"added", "removed", "changed", "focused"};
	enum server_verb verb = change->verb;
	if (change->subject == SERVER_OUTPUT && verb == SERVER_REMOVED) {
		return NULL; // it is still there, and SERVER_SCREEN tells what has become of it
	}
	if (change->subject == SERVER_OUTPUT && verb == SERVER_ADDED) {
		verb = SERVER_CHANGED;
	}
	yyjson_mut_val *root;
	yyjson_mut_doc *doc = create_doc(&root);
	yyjson_mut_obj_add_str(doc, root, "event", subjects[change->subject]);
	yyjson_mut_obj_add_str(doc, root, "change", verbs[verb]);
	add_object(doc, root, change, server);
	return finish(doc);
}

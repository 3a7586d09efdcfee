#ifndef IPC_STATE_H
#define IPC_STATE_H

#include <wlr/util/box.h>
#include <yyjson.h>

struct input_device;
struct machine;
struct output;
struct program;
struct seat;
struct server;
struct tile;
struct workspace;

/**
 * The state of the desk as JSON values. redecho-ipc(7) describes their members. Text that came
 * from outside is filtered, so that what is written is valid.
 */
yyjson_mut_val *ipc_state_output(yyjson_mut_doc *doc, const struct output *output);
yyjson_mut_val *ipc_state_workspace(yyjson_mut_doc *doc, const struct workspace *workspace);
yyjson_mut_val *ipc_state_window(yyjson_mut_doc *doc, const struct tile *tile);
yyjson_mut_val *ipc_state_machine(yyjson_mut_doc *doc, const struct machine *machine);
yyjson_mut_val *ipc_state_program(yyjson_mut_doc *doc, const struct program *program);
yyjson_mut_val *ipc_state_input(yyjson_mut_doc *doc, const struct input_device *device);
yyjson_mut_val *ipc_state_seat(yyjson_mut_doc *doc, const struct seat *seat);

/** The same for all there are, as arrays. */
yyjson_mut_val *ipc_state_outputs(yyjson_mut_doc *doc, struct server *server);
yyjson_mut_val *ipc_state_workspaces(yyjson_mut_doc *doc, struct server *server);
yyjson_mut_val *ipc_state_windows(yyjson_mut_doc *doc, struct server *server);
yyjson_mut_val *ipc_state_machines(yyjson_mut_doc *doc, struct server *server);
yyjson_mut_val *ipc_state_programs(yyjson_mut_doc *doc, struct server *server);
yyjson_mut_val *ipc_state_inputs(yyjson_mut_doc *doc, struct server *server);

/** Adds an object of four numbers. */
void ipc_state_add_box(
	yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, const struct wlr_box *box);

/** Adds the number and the name of a workspace, which may be NULL. */
void ipc_state_add_workspace(
	yyjson_mut_doc *doc, yyjson_mut_val *object, const struct workspace *workspace);

/** Whether the session is locked. */
yyjson_mut_val *ipc_state_session(yyjson_mut_doc *doc, const struct server *server);

/** Adds untrusted text to an object; NULL becomes null. */
void ipc_state_add_text(
	yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, const char *untrusted_text);

#endif

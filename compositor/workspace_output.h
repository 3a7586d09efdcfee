#ifndef WORKSPACE_OUTPUT_H
#define WORKSPACE_OUTPUT_H

struct output;
struct server;

/** Which output a workspace belongs to. */

/**
 * The output that a new workspace is made on: the first one configured that is there, else the
 * active one. NULL while there is none.
 */
struct output *workspace_place(struct server *server, const char *name);

/**
 * A new output shows a workspace: the one that it showed last, one that was its own, one without
 * output, or a new one. Those that belong to it more than to where they are shown come to it.
 */
void workspace_attach_output(struct output *output);

/** An output goes: its workspaces go to another output, or wait for one. */
void workspace_detach_output(struct output *output);

#endif

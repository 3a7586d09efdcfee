#ifndef OUTPUT_MEMORY_H
#define OUTPUT_MEMORY_H

#include <stdint.h>
#include <wayland-server-core.h>

#include "output_settings.h"

struct config;
struct output;
struct server;

/**
 * What the desk remembers of every screen that it has seen, so that one that is plugged in again
 * finds its place, its settings and its workspaces.
 *
 * A screen that tells a make, a model and a serial number is known by these, whichever connector
 * it is at; any other by its connector. Of several that tell the same, the one that is at its
 * former connector is taken for the one that was there.
 */
struct output_record {
	char *name; // of the connector that it was at last
	char *identifier; // "make model serial"; NULL: it tells none of them
	char *key; // no other record has it: workspaces name their home by it
	struct output *output; // NULL while it is unplugged
	struct output_settings settings; // made by commands and clients; over the configuration's
	char *workspace; // name of the one that it showed when it went; may be NULL
	struct wl_list link; // output_memory.records
};

struct output_memory {
	struct wl_list records; // output_record.link, in the order in which they were first seen
	const char *next_name; // of the output that is being made; NULL: the backend names it
};

struct output_memory *output_memory_create(void);
void output_memory_destroy(struct output_memory *memory); // may be NULL

/** Finds the record of a screen that has come, or makes one; it holds the output from now on. */
struct output_record *output_memory_claim(struct output_memory *memory, struct output *output);

/** The screen goes; its record stays. */
void output_memory_release(struct output_record *record);

/**
 * The configuration is about to be replaced. What was set since then stays, but for what the new
 * one has otherwise than the old one: a change of the file is done.
 */
void output_memory_reload(struct output_memory *memory, const struct config *old_config,
	const struct config *new_config);

#endif

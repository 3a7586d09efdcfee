#ifndef INPUT_MODE_H
#define INPUT_MODE_H

#include <stdbool.h>

struct binding;
struct binding_event;
struct seat;

/** The binding mode: which bindings count. Keys that the mode does not bind go on to windows. */

/** Switch to a mode of the configuration, or to "default". False if there is none of that name. */
bool input_mode_set(struct seat *seat, const char *name);

/** The mode that is on: "default", or one of the configuration. */
const char *input_mode_name(const struct seat *seat);

/** The configuration was read again: a mode that is no more is left. */
void input_mode_reconfigure(struct seat *seat);

/** Forget the mode. */
void input_mode_finish(struct seat *seat);

/**
 * The binding for an event in the mode that is on, or NULL. Sets what event has of the seat: mod and
 * locked. Switches that the mode does not bind are looked for in the default mode as well. During
 * pass-through there are none but of switches and gestures.
 */
const struct binding *input_mode_find(const struct seat *seat, struct binding_event *event);

/** Run the commands of a binding; what goes wrong is shown. */
void input_mode_run(struct seat *seat, const struct binding *binding);

/** Whether a binding of a key runs again while the key is held. */
bool input_mode_repeats(const struct binding *binding);

/** Whether any binding is for a gesture of which only the kind and the fingers are known. */
bool input_mode_has_gesture(const struct seat *seat, struct binding_event *event);

#endif

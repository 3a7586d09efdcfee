#ifndef OUTPUT_APPLY_H
#define OUTPUT_APPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "output_settings.h"

struct output;
struct server;

/**
 * Brings the screens to what is wanted of them: the configuration's word, over it what was set
 * since then, both merged by field. All screens are committed together, since what one can do
 * may depend on the others.
 */

/** Something to set, over what is set already. */
struct output_change {
	struct output *output;
	struct output_settings settings;
};

enum output_apply_mode {
	OUTPUT_APPLY_TEST, // only find out whether it can be done
	OUTPUT_APPLY_SET, // and remember it
};

/**
 * Makes several changes at once, or none of them: where one is refused every screen stays as it
 * was. Each output may be there once. Returns false with a line in why.
 */
bool output_apply(struct server *server, const struct output_change *changes, size_t len,
	enum output_apply_mode mode, char *why, size_t size);

/**
 * Does what is wanted as far as it can be done: a screen that refuses its mode gets one that it
 * takes, one that takes none stays off, and the user is told.
 */
void output_apply_all(struct server *server);

/** The same once this turn of the event loop is over: several screens may come at once. */
void output_apply_later(struct server *server);

/** Forget what was set of a screen since the configuration was read; applies nothing. */
void output_forget(struct output *output);

/** The screen's own settings as they are wanted, whether they are in force or not. */
struct output_settings output_wanted(const struct output *output);

/** The user is there: if no screen is lit, those that are dark for want of power are. */
void output_wake(struct server *server);

/** Free what waits to be applied. */
void output_apply_finish(struct server *server);

#endif

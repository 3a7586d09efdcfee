#ifndef DIALOG_H
#define DIALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xkbcommon/xkbcommon.h>

struct dialog;
struct panel;
struct server;

/**
 * What a dialog shows and does. data is the one of dialog_open().
 */
struct dialog_impl {
	// Fill in heading, entry, rows, selected, hint. What it points to lasts until the next
	// call or until close.
	void (*describe)(void *data, struct panel *panel);
	// A key went down, or repeats; modifiers are enum wlr_keyboard_modifier.
	void (*key)(void *data, xkb_keysym_t sym, uint32_t modifiers);
	// A row was clicked.
	void (*click)(void *data, int row);
	// It is gone: free data.
	void (*close)(void *data);
};

/**
 * What the host asks the user: a panel in the middle of the active output, above everything but
 * the lock, the rest of the desk behind a shade. No client hears of a key or of the pointer while
 * it is open. There is one at most.
 */
bool dialog_init(struct server *server);
void dialog_finish(struct server *server);

/** Open one, in the place of the one that is there. False, and close is called, while locked. */
bool dialog_open(struct server *server, const struct dialog_impl *impl, void *data);

/** Close it, if it is that one; NULL: whichever it is. */
void dialog_close(struct server *server, const struct dialog_impl *impl);

/** What it shows has changed. */
void dialog_redraw(struct server *server);

/** Which one is open, or NULL. */
const struct dialog_impl *dialog_current(const struct server *server);

/** The pointer went down at a point of the layout. True: a dialog has taken it. */
bool dialog_click(struct server *server, double lx, double ly);

/** The wheel has gone by so many steps, down or, below 0, up. True: a dialog has taken it. */
bool dialog_scroll(struct server *server, int steps);

/** How many rows have had room when the dialog was drawn last. */
size_t dialog_rows_seen(const struct server *server);

/** The row selected after that key, for lists: up, down, page, home, end go round. */
int dialog_move_selection(int selected, int rows_len, xkb_keysym_t sym);

#endif

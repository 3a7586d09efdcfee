/**
 * What notes shows: the rows of the page that fit, the caret, a line of status.
 */
#ifndef NOTES_VIEW_H
#define NOTES_VIEW_H

#include <gk.h>

#include "notes/rows.h"

struct view;

/** Returns NULL without memory. page is borrowed. Nothing is drawn before view_draw(). */
struct view *view_create(struct gk *gk, const struct page *page);
void view_destroy(struct view *view);

/** The canvas is another one, or the text's size is to change by some steps. */
void view_resize(struct view *view, int zoom_steps);

/** Lay out what the page has become; scroll so that the caret is seen. */
void view_update(struct view *view);

/** Scroll by a wheel's 120ths of three rows; down is positive. */
void view_scroll(struct view *view, int amount);

/** Draw the rows that differ from what is shown, and present them. */
void view_draw(struct view *view);

/** Returns the position on the page nearest to a pixel. */
size_t view_position(const struct view *view, int x, int y);

/** The caret's column before it went up or down through shorter rows: up, down and by pages. */
size_t view_position_below(struct view *view, int rows);

/** Forget that column, after any other movement. */
void view_forget_column(struct view *view);

/** Returns how many rows are seen at once. */
int view_row_count(const struct view *view);

/** Returns the ends of the row that the caret is in. */
size_t view_row_start(const struct view *view);
size_t view_row_end(const struct view *view);

#endif

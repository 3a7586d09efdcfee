#ifndef PANEL_H
#define PANEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wlr_buffer;

/** A line of a panel's list. Texts are UTF-8, already filtered. */
struct panel_row {
	const char *left;
	const char *right; // may be NULL
	uint32_t colour; // of the mark at its left end, 0xRRGGBB
	bool marked; // the mark is drawn
};

/**
 * A list with a heading, drawn by the host: what its dialogs look like. Lengths are in logical
 * pixels. Strings and rows are the caller's.
 */
struct panel {
	const char *heading;
	const char *entry; // what was typed so far; NULL: nothing is to be typed
	const struct panel_row *rows;
	size_t rows_len;
	int selected; // a row; below 0: none
	size_t rows_max; // as many are seen at once, around the selected one; 0: what has room
	bool in_columns; // beside each other where one column has no room for all rows
	bool right_at_edge; // right texts end at the right edge; else they begin in a line
	const char *hint; // below the rows; may be NULL
	const char *note; // below the hint, which there is then; may be NULL
	const char *font; // a Pango font description
	int min_width;
	int max_width, max_height;
	float scale; // of the output
};

/** Where the rows of a panel are. Lengths in logical pixels, relative to the panel. */
struct panel_place {
	int width, height; // of the panel
	int rows_x, rows_y; // of the first row that is seen
	int row_height, column_width;
	size_t first; // row that is seen
	size_t per_column, columns;
	size_t rows_len; // of all
};

/**
 * Draw a panel, and tell where its rows are. Returns NULL when there is no room or no memory.
 * Free with wlr_buffer_drop().
 */
struct wlr_buffer *panel_draw(const struct panel *panel, struct panel_place *place);

/** The row at a point of the panel, -1: none. */
int panel_row_at(const struct panel_place *place, double x, double y);

#endif

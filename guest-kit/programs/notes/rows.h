/**
 * How a page's lines are broken into rows of so many columns, between words where possible.
 *
 * PURE. A character takes one column.
 */
#ifndef NOTES_ROWS_H
#define NOTES_ROWS_H

#include "notes/page.h"

struct rows {
	size_t *starts; // position of each row's first character
	size_t count; // at least 1 once they are laid out
	size_t capacity;
	size_t columns; // at least 1
	size_t length; // of the page that was laid out
};

/** A place on the page; a caret at the end of a full row stands at column == columns. */
struct place {
	size_t row, column;
};

/** Use memory for capacity rows, which stays the caller's. A page of n characters has <= n + 1. */
void rows_init(struct rows *rows, size_t *memory, size_t capacity);

/** Lay out a page. Rows that do not fit into the memory are left out. */
void rows_lay_out(struct rows *rows, const struct page *page, size_t columns);

/** Returns the position behind the last character of a row, its line feed not counted. */
size_t rows_end(const struct rows *rows, const struct page *page, size_t row);

/** Returns where a position of the page is shown. */
struct place rows_place(const struct rows *rows, size_t position);

/** Returns the position nearest to a place, which may lie outside of the page. */
size_t rows_position(const struct rows *rows, const struct page *page, struct place place);

#endif

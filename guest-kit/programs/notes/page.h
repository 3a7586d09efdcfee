/**
 * A page of text, a caret in it, and what is selected.
 *
 * PURE. Positions are between characters: 0 is before the first, length behind the last.
 */
#ifndef NOTES_PAGE_H
#define NOTES_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page {
	uint32_t *text; // Unicode characters; lines end with '\n'
	size_t length;
	size_t capacity;
	size_t caret;
	size_t anchor; // the selection's other end; equal to the caret without one
};

/** Use memory of capacity characters, which stays the caller's, for an empty page. */
void page_init(struct page *page, uint32_t *memory, size_t capacity);

/** The selection; first == last without one. */
size_t page_selection_first(const struct page *page);
size_t page_selection_last(const struct page *page);

/**
 * Put characters in the place of the selection.
 *
 * Returns false, and changes nothing, if they do not fit.
 */
bool page_insert(struct page *page, const uint32_t *characters, size_t count);

/** Remove the selection or, without one, the character before or behind the caret, if any. */
void page_delete_before(struct page *page);
void page_delete_behind(struct page *page);

/** Move the caret; selecting keeps the anchor. Positions behind the end are the end. */
void page_move(struct page *page, size_t position, bool selecting);

/** Returns where the word before or behind a position begins or ends. */
size_t page_word_before(const struct page *page, size_t position);
size_t page_word_behind(const struct page *page, size_t position);

/** Select the word, or the line, around a position. */
void page_select_word(struct page *page, size_t position);
void page_select_line(struct page *page, size_t position);

#endif

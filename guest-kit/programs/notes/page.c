#include "notes/page.h"

#include <string.h>

void page_init(struct page *page, uint32_t *memory, size_t capacity) {
	*page = (struct page){.text = memory, .capacity = capacity};
}

size_t page_selection_first(const struct page *page) {
	return page->caret < page->anchor ? page->caret : page->anchor;
}

size_t page_selection_last(const struct page *page) {
	return page->caret < page->anchor ? page->anchor : page->caret;
}

static void remove_range(struct page *page, size_t first, size_t last) {
	memmove(page->text + first, page->text + last, (page->length - last) * sizeof(*page->text));
	page->length -= last - first;
	page->caret = page->anchor = first;
}

bool page_insert(struct page *page, const uint32_t *characters, size_t count) {
	size_t first = page_selection_first(page);
	size_t last = page_selection_last(page);
	if (count > page->capacity - page->length + (last - first)) {
		return false;
	}
	remove_range(page, first, last);
	memmove(page->text + first + count, page->text + first,
		(page->length - first) * sizeof(*page->text));
	memcpy(page->text + first, characters, count * sizeof(*page->text));
	page->length += count;
	page->caret = page->anchor = first + count;
	return true;
}

void page_delete_before(struct page *page) {
	if (page->caret == page->anchor && page->caret > 0) {
		page->anchor--;
	}
	remove_range(page, page_selection_first(page), page_selection_last(page));
}

void page_delete_behind(struct page *page) {
	if (page->caret == page->anchor && page->caret < page->length) {
		page->anchor++;
	}
	remove_range(page, page_selection_first(page), page_selection_last(page));
}

void page_move(struct page *page, size_t position, bool selecting) {
	page->caret = position < page->length ? position : page->length;
	if (!selecting) {
		page->anchor = page->caret;
	}
}

// Letters and digits of any script: everything that is not ASCII counts as one.
static bool is_word(uint32_t c) {
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		c == '_' || c >= 0xc0;
}

size_t page_word_before(const struct page *page, size_t position) {
	while (position > 0 && !is_word(page->text[position - 1])) {
		position--;
	}
	while (position > 0 && is_word(page->text[position - 1])) {
		position--;
	}
	return position;
}

size_t page_word_behind(const struct page *page, size_t position) {
	while (position < page->length && !is_word(page->text[position])) {
		position++;
	}
	while (position < page->length && is_word(page->text[position])) {
		position++;
	}
	return position;
}

void page_select_word(struct page *page, size_t position) {
	size_t first = position < page->length ? position : page->length;
	size_t last = first;
	while (first > 0 && is_word(page->text[first - 1])) {
		first--;
	}
	while (last < page->length && is_word(page->text[last])) {
		last++;
	}
	page->anchor = first;
	page->caret = last;
}

void page_select_line(struct page *page, size_t position) {
	size_t first = position < page->length ? position : page->length;
	size_t last = first;
	while (first > 0 && page->text[first - 1] != '\n') {
		first--;
	}
	while (last < page->length && page->text[last] != '\n') {
		last++;
	}
	page->anchor = first;
	page->caret = last < page->length ? last + 1 : last;
}

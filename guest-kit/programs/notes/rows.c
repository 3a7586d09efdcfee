#include "notes/rows.h"

void rows_init(struct rows *rows, size_t *memory, size_t capacity) {
	*rows = (struct rows){.starts = memory, .capacity = capacity, .columns = 1};
}

// Where the row that begins at start ends, and the next one begins. A space at which a row is
// broken stays at its end, and may hang over it: it is not seen there.
static size_t break_row(const struct page *page, size_t start, size_t columns) {
	size_t at = start;
	size_t word = start; // behind the last space
	while (at < page->length) {
		uint32_t c = page->text[at];
		if (c == '\n') {
			return at + 1;
		}
		if (c == ' ') {
			word = at + 1;
		} else if (at - start >= columns) {
			return word > start ? word : at;
		}
		at++;
	}
	return at;
}

void rows_lay_out(struct rows *rows, const struct page *page, size_t columns) {
	rows->columns = columns > 0 ? columns : 1;
	rows->length = page->length;
	rows->count = 0;
	size_t start = 0;
	while (rows->count < rows->capacity) {
		rows->starts[rows->count++] = start;
		size_t next = break_row(page, start, rows->columns);
		// A line feed at the very end opens an empty row, another end does not.
		if (next == page->length && (next == start || page->text[next - 1] != '\n')) {
			return;
		}
		start = next;
	}
}

size_t rows_end(const struct rows *rows, const struct page *page, size_t row) {
	size_t start = rows->starts[row];
	size_t end = row + 1 < rows->count ? rows->starts[row + 1] : page->length;
	return end > start && page->text[end - 1] == '\n' ? end - 1 : end;
}

struct place rows_place(const struct rows *rows, size_t position) {
	size_t low = 0;
	size_t high = rows->count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (rows->starts[middle] <= position) {
			low = middle;
		} else {
			high = middle;
		}
	}
	size_t column = position - rows->starts[low];
	return (struct place){low, column < rows->columns ? column : rows->columns};
}

size_t rows_position(const struct rows *rows, const struct page *page, struct place place) {
	if (place.row >= rows->count) {
		return page->length;
	}
	size_t start = rows->starts[place.row];
	size_t end = rows_end(rows, page, place.row);
	// Behind a broken row's last character is where the next row begins: stay before it.
	if (place.row + 1 < rows->count && end == rows->starts[place.row + 1] && end > start) {
		end--;
	}
	return place.column < end - start ? start + place.column : end;
}

#include "notes/view.h"

#define BACKGROUND 0xff14171d
#define TEXT 0xffdde2ea
#define HINT 0xff5b6575
#define STATUS 0xff7d8798
#define RULE 0xff242a34
#define SELECTION 0xff3a2a35
#define CARET 0xffff5f52
#define CURRENT_ROW 0xff1a1e26

#define COLUMNS_MAX 88
#define COLUMNS_LEAST 30
#define ROWS_SHOWN_MAX 512
#define NO_COLUMN SIZE_MAX

static const char hint[] = "Write something.";

struct view {
	struct gk *gk;
	const struct page *page;
	struct rows rows;
	int zoom;
	struct gk_font *font, *small; // NULL without memory
	int char_width, row_height;
	int left, top; // of the text, in pixels
	int shown; // rows that fit
	int status_height;
	size_t first; // row at the top
	int scroll_rest; // what has not made a row yet
	size_t wanted_column;
	uint64_t hashes[ROWS_SHOWN_MAX]; // of what each row shows; 0: unknown
	uint64_t status_hash;
	bool fresh;
};

static int clamp(int value, int least, int most) {
	return value < least ? least : value > most ? most : value;
}

// --- layout -------------------------------------------------------------------------------

// About 12 points on a screen whose size is known, and never tiny on one that has many pixels.
static int choose_size(struct gk_screen screen, int zoom) {
	int short_side = screen.width < screen.height ? screen.width : screen.height;
	int size = 16;
	if (screen.width_mm > 0) {
		int dpi = clamp(screen.width * 254 / (screen.width_mm * 10), 72, 400);
		size = dpi * 17 / 100;
	}
	size = size < short_side / 55 ? short_side / 55 : size;
	// COLUMNS_LEAST characters of 0.6 em, if they can still be read then.
	int most = screen.width * 10 / (6 * (COLUMNS_LEAST + 4));
	size = size > most ? most : size;
	return clamp(size + zoom * (size / 8 + 1), 9, 400);
}

static void place(struct view *view) {
	struct gk_screen screen = gk_screen(view->gk);
	view->char_width = gk_char_width(view->font, 'n');
	view->row_height = gk_font_line_height(view->font) * 115 / 100;
	view->status_height = gk_font_line_height(view->small) * 16 / 10;
	int margin = view->char_width * 2;
	int columns = clamp((screen.width - 2 * margin) / view->char_width, 1, COLUMNS_MAX);
	view->left = (screen.width - columns * view->char_width) / 2;
	view->top = margin;
	int height = screen.height - view->top - view->status_height;
	view->shown = clamp(height / view->row_height, 1, ROWS_SHOWN_MAX);
	rows_lay_out(&view->rows, view->page, (size_t)columns);
}

void view_resize(struct view *view, int zoom_steps) {
	view->zoom = clamp(view->zoom + zoom_steps, -4, 16);
	int size = choose_size(gk_screen(view->gk), view->zoom);
	gk_font_destroy(view->font);
	gk_font_destroy(view->small);
	view->font = gk_font_create(view->gk, &gk_face_mono, size);
	view->small = gk_font_create(view->gk, &gk_face_mono, clamp(size * 8 / 10, 9, 400));
	if (view->font == NULL || view->small == NULL) {
		gk_panic(view->gk, "notes needs more memory");
	}
	view->fresh = true;
	place(view);
	view_update(view);
}

static void keep_in_view(struct view *view, size_t row) {
	size_t shown = (size_t)view->shown;
	if (row < view->first) {
		view->first = row;
	} else if (row >= view->first + shown) {
		view->first = row - shown + 1;
	}
}

void view_update(struct view *view) {
	rows_lay_out(&view->rows, view->page, view->rows.columns);
	keep_in_view(view, rows_place(&view->rows, view->page->caret).row);
}

void view_scroll(struct view *view, int amount) {
	view->scroll_rest += amount * 3;
	int rows = view->scroll_rest / 120;
	view->scroll_rest -= rows * 120;
	int64_t last = (int64_t)view->rows.count - view->shown;
	int64_t first = (int64_t)view->first + rows;
	first = first > last ? last : first;
	view->first = first < 0 ? 0 : (size_t)first;
}

size_t view_position(const struct view *view, int x, int y) {
	int row = y < view->top ? -1 : (y - view->top) / view->row_height;
	int column = (x - view->left + view->char_width / 2) / view->char_width;
	int64_t at = (int64_t)view->first + row;
	struct place place = {at < 0 ? 0 : (size_t)at, column < 0 ? 0 : (size_t)column};
	return rows_position(&view->rows, view->page, place);
}

size_t view_position_below(struct view *view, int rows) {
	struct place place = rows_place(&view->rows, view->page->caret);
	if (view->wanted_column == NO_COLUMN) {
		view->wanted_column = place.column;
	}
	int64_t row = (int64_t)place.row + rows;
	if (row < 0) {
		return 0;
	}
	place.row = (size_t)row;
	place.column = view->wanted_column;
	return rows_position(&view->rows, view->page, place);
}

void view_forget_column(struct view *view) {
	view->wanted_column = NO_COLUMN;
}

int view_row_count(const struct view *view) {
	return view->shown;
}

size_t view_row_start(const struct view *view) {
	return view->rows.starts[rows_place(&view->rows, view->page->caret).row];
}

size_t view_row_end(const struct view *view) {
	struct place place = rows_place(&view->rows, view->page->caret);
	place.column = NO_COLUMN;
	return rows_position(&view->rows, view->page, place);
}

// --- drawing ------------------------------------------------------------------------------

struct row {
	size_t start, end; // characters of the page
	size_t selected_first, selected_last; // columns
	size_t caret; // column, or NO_COLUMN
	bool hint;
};

static struct row describe_row(const struct view *view, size_t index) {
	const struct page *page = view->page;
	struct row row = {.caret = NO_COLUMN};
	if (index >= view->rows.count) {
		return row;
	}
	row.start = view->rows.starts[index];
	row.end = rows_end(&view->rows, page, index);
	size_t next = index + 1 < view->rows.count ? view->rows.starts[index + 1] : page->length;
	size_t first = page_selection_first(page);
	size_t last = page_selection_last(page);
	first = first < row.start ? row.start : first;
	last = last > next ? next : last;
	if (first < last) {
		row.selected_first = first - row.start;
		row.selected_last = last - row.start;
	}
	struct place caret = rows_place(&view->rows, page->caret);
	if (caret.row == index) {
		row.caret = caret.column;
	}
	row.hint = page->length == 0;
	return row;
}

// FNV-1a; never 0, which stands for a row that is unknown.
static uint64_t hash(uint64_t state, uint64_t value) {
	return (state ^ value) * UINT64_C(0x100000001b3);
}

static uint64_t hash_row(const struct view *view, const struct row *row) {
	uint64_t state = UINT64_C(0xcbf29ce484222325);
	for (size_t i = row->start; i < row->end; i++) {
		state = hash(state, view->page->text[i]);
	}
	state = hash(state, row->selected_first);
	state = hash(state, row->selected_last);
	state = hash(state, row->caret);
	return hash(state, row->hint) | 1;
}

static void draw_row(struct view *view, int index, const struct row *row) {
	const struct gk_canvas *canvas = gk_canvas(view->gk);
	int y = view->top + index * view->row_height;
	struct gk_rect rect = {0, y, canvas->width, view->row_height};
	struct gk_canvas clipped = gk_canvas_clip(canvas, rect);
	int gap = (view->row_height - gk_font_line_height(view->font)) / 2;
	int baseline = y + gap + gk_font_ascent(view->font);
	gk_fill(&clipped, rect, row->caret != NO_COLUMN ? CURRENT_ROW : BACKGROUND);
	if (row->selected_first < row->selected_last) {
		int from = view->left + (int)row->selected_first * view->char_width;
		int width = (int)(row->selected_last - row->selected_first) * view->char_width;
		gk_fill(&clipped, (struct gk_rect){from, y, width, view->row_height}, SELECTION);
	}
	for (size_t i = row->start; i < row->end && i - row->start < view->rows.columns; i++) {
		gk_char_draw(&clipped, view->font,
			view->left + (int)(i - row->start) * view->char_width, baseline,
			view->page->text[i], TEXT);
	}
	if (row->hint && row->caret != NO_COLUMN) {
		gk_text_draw(
			&clipped, view->font, view->left, baseline, hint, sizeof(hint) - 1, HINT);
	}
	if (row->caret != NO_COLUMN) {
		int width = 1 + view->char_width / 8;
		int x = view->left + (int)row->caret * view->char_width - width / 2;
		gk_fill(&clipped, (struct gk_rect){x, y + gap / 2, width, view->row_height - gap},
			CARET);
	}
	gk_damage(view->gk, rect);
}

static void draw_status(struct view *view) {
	const struct gk_canvas *canvas = gk_canvas(view->gk);
	const struct page *page = view->page;
	size_t line = 1, column = 1;
	for (size_t i = 0; i < page->caret; i++) {
		column = page->text[i] == '\n' ? 1 : column + 1;
		line += page->text[i] == '\n';
	}
	uint64_t state = hash(hash(hash(1, line), column), page->length) | 1;
	if (state == view->status_hash) {
		return;
	}
	view->status_hash = state;
	char text[80];
	int length = gk_format(text, sizeof(text), "Line %zu, column %zu", line, column);
	char count[40];
	int count_length = gk_format(count, sizeof(count), "%zu characters", page->length);
	int y = canvas->height - view->status_height;
	struct gk_rect rect = {0, y, canvas->width, view->status_height};
	int rule = 1 + view->row_height / 32;
	gk_fill(canvas, rect, BACKGROUND);
	gk_fill(canvas, (struct gk_rect){0, y, canvas->width, rule}, RULE);
	int baseline = y + rule + (view->status_height - gk_font_line_height(view->small)) / 2 +
		gk_font_ascent(view->small);
	int count_x = canvas->width - view->left -
		gk_text_width(view->small, count, (size_t)count_length);
	int end = gk_text_draw(
		canvas, view->small, view->left, baseline, text, (size_t)length, STATUS);
	if (end + view->char_width < count_x) {
		gk_text_draw(canvas, view->small, count_x, baseline, count, (size_t)count_length,
			STATUS);
	}
	gk_damage(view->gk, rect);
}

void view_draw(struct view *view) {
	if (view->fresh) {
		const struct gk_canvas *canvas = gk_canvas(view->gk);
		gk_fill(canvas, gk_canvas_rect(canvas), BACKGROUND);
		gk_damage(view->gk, gk_canvas_rect(canvas));
		for (int i = 0; i < view->shown; i++) {
			view->hashes[i] = 0;
		}
		view->status_hash = 0;
		view->fresh = false;
	}
	for (int i = 0; i < view->shown; i++) {
		struct row row = describe_row(view, view->first + (size_t)i);
		uint64_t state = hash_row(view, &row);
		if (state != view->hashes[i]) {
			view->hashes[i] = state;
			draw_row(view, i, &row);
		}
	}
	draw_status(view);
	gk_present(view->gk);
}

// --- creation -----------------------------------------------------------------------------

struct view *view_create(struct gk *gk, const struct page *page) {
	struct view *view = gk_alloc(gk, sizeof(*view));
	size_t *starts = gk_alloc(gk, (page->capacity + 1) * sizeof(*starts));
	if (view == NULL || starts == NULL) {
		gk_free(gk, starts);
		gk_free(gk, view);
		return NULL;
	}
	view->gk = gk;
	view->page = page;
	view->wanted_column = NO_COLUMN;
	rows_init(&view->rows, starts, page->capacity + 1);
	view_resize(view, 0);
	return view;
}

void view_destroy(struct view *view) {
	gk_font_destroy(view->font);
	gk_font_destroy(view->small);
	gk_free(view->gk, view->rows.starts);
	gk_free(view->gk, view);
}

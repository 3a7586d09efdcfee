#include "panel.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <wlr/interfaces/wlr_buffer.h>

#include "cairo_buffer.h"
#include "titlebar.h"

#define PADDING 16
#define ROW_PADDING 4
#define GAP 18 // between left and right texts, and between columns
#define MARK_WIDTH 6
#define EDGE 2

// A host's dialog looks the same whatever the labels' colours are.
#define COLOUR_BACK 0x202329
#define COLOUR_EDGE 0xd8dbe2
#define COLOUR_TEXT 0xf2f3f5
#define COLOUR_QUIET 0xa4a9b4
#define COLOUR_SELECTED 0x3c4352
#define COLOUR_ENTRY 0x12141a

struct drawing {
	const struct panel *panel;
	struct panel_place *place;
	cairo_t *cairo;
	PangoLayout *layout;
	PangoFontDescription *font, *bold;
	int left_width, right_width; // of the widest texts
	int hint_height, heading_height, entry_height;
};

static void set_colour(cairo_t *cairo, uint32_t colour) {
	cairo_set_source_rgb(cairo, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
		(colour & 0xff) / 255.0);
}

static void set_text(struct drawing *drawing, const char *text, bool bold, int width) {
	PangoLayout *layout = drawing->layout;
	pango_layout_set_font_description(layout, bold ? drawing->bold : drawing->font);
	pango_layout_set_width(layout, width > 0 ? width * PANGO_SCALE : -1);
	pango_layout_set_text(layout, text, -1);
}

static int text_width(struct drawing *drawing, const char *text, bool bold) {
	int width = 0;
	if (text != NULL && text[0] != '\0') {
		set_text(drawing, text, bold, 0);
		pango_layout_get_pixel_size(drawing->layout, &width, NULL);
	}
	return width;
}

static int larger(int a, int b) {
	return a > b ? a : b;
}

static int smaller(int a, int b) {
	return a < b ? a : b;
}

static void measure_rows(struct drawing *drawing) {
	const struct panel *panel = drawing->panel;
	for (size_t i = 0; i < panel->rows_len; i++) {
		const struct panel_row *row = &panel->rows[i];
		int mark = row->marked ? MARK_WIDTH + GAP / 2 : 0;
		drawing->left_width = larger(
			drawing->left_width, mark + text_width(drawing, row->left, true));
		drawing->right_width = larger(
			drawing->right_width, text_width(drawing, row->right, false));
	}
}

// What does not fit is cut: a dialog is never larger than its output.
static bool place_rows(struct drawing *drawing) {
	const struct panel *panel = drawing->panel;
	struct panel_place *place = drawing->place;
	int around = 2 * PADDING + drawing->heading_height + drawing->entry_height +
		drawing->hint_height;
	int room = (panel->max_height - around) / place->row_height;
	size_t fits = room > 0 ? (size_t)room : 0;
	if (panel->rows_max > 0 && fits > panel->rows_max) {
		fits = panel->rows_max;
	}
	place->per_column = panel->rows_len < fits ? panel->rows_len : fits;
	place->columns = 1;
	int text = drawing->left_width + (drawing->right_width > 0 ? GAP : 0) +
		drawing->right_width + 2 * ROW_PADDING;
	int inside = panel->max_width - 2 * PADDING;
	place->column_width = smaller(text, inside);
	if (panel->in_columns && place->per_column > 0) {
		size_t wanted = (panel->rows_len + place->per_column - 1) / place->per_column;
		size_t most = (size_t)((inside + GAP) / (place->column_width + GAP));
		place->columns = wanted < most ? wanted : most;
		place->columns = place->columns > 0 ? place->columns : 1;
		size_t even = (panel->rows_len + place->columns - 1) / place->columns;
		place->per_column = even < place->per_column ? even : place->per_column;
	}
	int list_width = (int)place->columns * (place->column_width + GAP) - GAP;
	int wanted = larger(list_width, panel->min_width - 2 * PADDING);
	wanted = larger(wanted, text_width(drawing, panel->heading, true));
	wanted = larger(wanted, text_width(drawing, panel->hint, false));
	wanted = larger(wanted, text_width(drawing, panel->note, false));
	wanted = smaller(wanted, inside);
	if (place->columns == 1) {
		place->column_width = wanted;
	}
	place->width = wanted + 2 * PADDING;
	place->height = around + (int)place->per_column * place->row_height;
	place->rows_x = PADDING;
	place->rows_y = PADDING + drawing->heading_height + drawing->entry_height;
	place->first = 0;
	if (!panel->in_columns && panel->selected >= 0 &&
		(size_t)panel->selected >= place->per_column) {
		place->first = (size_t)panel->selected - place->per_column + 1;
	}
	return wanted > 0 && place->height <= panel->max_height;
}

static void show_text(struct drawing *drawing, const char *text, bool bold, uint32_t colour, int x,
	int y, int width, int height) {
	if (text == NULL || text[0] == '\0' || width <= 0) {
		return;
	}
	int text_height;
	set_text(drawing, text, bold, width);
	pango_layout_get_pixel_size(drawing->layout, NULL, &text_height);
	set_colour(drawing->cairo, colour);
	cairo_move_to(drawing->cairo, x, y + floor((height - text_height) / 2.0));
	pango_cairo_show_layout(drawing->cairo, drawing->layout);
}

static void draw_row(struct drawing *drawing, size_t index, int x, int y) {
	const struct panel *panel = drawing->panel;
	const struct panel_place *place = drawing->place;
	const struct panel_row *row = &panel->rows[index];
	int width = place->column_width, height = place->row_height;
	if ((int)index == panel->selected) {
		set_colour(drawing->cairo, COLOUR_SELECTED);
		cairo_rectangle(drawing->cairo, x, y, width, height);
		cairo_fill(drawing->cairo);
	}
	int left = x + ROW_PADDING, right = x + width - ROW_PADDING;
	if (row->marked) {
		set_colour(drawing->cairo, row->colour);
		cairo_rectangle(drawing->cairo, left, y + 3, MARK_WIDTH, height - 6);
		cairo_fill(drawing->cairo);
		left += MARK_WIDTH + GAP / 2;
	}
	int right_width = text_width(drawing, row->right, false);
	int right_x = panel->right_at_edge ? right - right_width
					   : x + ROW_PADDING + drawing->left_width + GAP;
	if (right_x < left) {
		right_x = left;
	}
	show_text(drawing, row->right, false, COLOUR_QUIET, right_x, y, right - right_x, height);
	show_text(drawing, row->left, true, COLOUR_TEXT, left, y,
		right_width > 0 ? right_x - left : right - left, height);
}

static void draw_rows(struct drawing *drawing) {
	const struct panel_place *place = drawing->place;
	for (size_t column = 0; column < place->columns; column++) {
		for (size_t i = 0; i < place->per_column; i++) {
			size_t index = place->first + column * place->per_column + i;
			if (index < place->rows_len) {
				draw_row(drawing, index,
					place->rows_x + (int)column * (place->column_width + GAP),
					place->rows_y + (int)i * place->row_height);
			}
		}
	}
}

static void draw(struct drawing *drawing) {
	const struct panel *panel = drawing->panel;
	const struct panel_place *place = drawing->place;
	cairo_t *cairo = drawing->cairo;
	int inside = place->width - 2 * PADDING;
	set_colour(cairo, COLOUR_EDGE);
	cairo_paint(cairo);
	cairo_scale(cairo, (double)panel->scale, (double)panel->scale);
	set_colour(cairo, COLOUR_BACK);
	cairo_rectangle(cairo, EDGE, EDGE, place->width - 2 * EDGE, place->height - 2 * EDGE);
	cairo_fill(cairo);
	int y = PADDING;
	show_text(
		drawing, panel->heading, true, COLOUR_TEXT, PADDING, y, inside, place->row_height);
	y += drawing->heading_height;
	if (panel->entry != NULL) {
		set_colour(cairo, COLOUR_ENTRY);
		cairo_rectangle(cairo, PADDING, y, inside, place->row_height);
		cairo_fill(cairo);
		// What was typed last is what the user looks at.
		pango_layout_set_ellipsize(drawing->layout, PANGO_ELLIPSIZE_START);
		show_text(drawing, panel->entry, false, COLOUR_TEXT, PADDING + ROW_PADDING, y,
			inside - 2 * ROW_PADDING, place->row_height);
		pango_layout_set_ellipsize(drawing->layout, PANGO_ELLIPSIZE_END);
	}
	draw_rows(drawing);
	y = place->height - PADDING - place->row_height;
	if (panel->note != NULL) {
		show_text(drawing, panel->note, false, COLOUR_QUIET, PADDING, y, inside,
			place->row_height);
		y -= place->row_height;
	}
	show_text(drawing, panel->hint, false, COLOUR_QUIET, PADDING, y, inside, place->row_height);
}

static void drawing_start(struct drawing *drawing, cairo_t *cairo) {
	drawing->cairo = cairo;
	drawing->layout = pango_cairo_create_layout(cairo);
	pango_layout_set_ellipsize(drawing->layout, PANGO_ELLIPSIZE_END);
	pango_layout_set_single_paragraph_mode(drawing->layout, TRUE);
}

struct wlr_buffer *panel_draw(const struct panel *panel, struct panel_place *place) {
	struct wlr_buffer *probe = cairo_buffer_create(1, 1);
	if (probe == NULL) {
		return NULL;
	}
	*place = (struct panel_place){
		.rows_len = panel->rows_len,
		.row_height = titlebar_height(panel->font, ROW_PADDING),
	};
	struct drawing drawing = {.panel = panel, .place = place};
	drawing.font = pango_font_description_from_string(panel->font);
	drawing.bold = pango_font_description_copy(drawing.font);
	pango_font_description_set_weight(drawing.bold, PANGO_WEIGHT_BOLD);
	drawing.heading_height = place->row_height + ROW_PADDING;
	drawing.entry_height = panel->entry != NULL ? place->row_height + 2 * ROW_PADDING : 0;
	drawing.hint_height = panel->hint != NULL ? place->row_height + ROW_PADDING : 0;
	drawing.hint_height += panel->note != NULL ? place->row_height : 0;
	drawing_start(&drawing, cairo_buffer_context(probe));
	measure_rows(&drawing);
	bool fits = place_rows(&drawing);
	g_object_unref(drawing.layout);
	wlr_buffer_drop(probe);

	struct wlr_buffer *buffer = NULL;
	if (fits) {
		buffer = cairo_buffer_create((int)ceilf((float)place->width * panel->scale),
			(int)ceilf((float)place->height * panel->scale));
	}
	if (buffer != NULL) {
		drawing_start(&drawing, cairo_buffer_context(buffer));
		draw(&drawing);
		g_object_unref(drawing.layout);
	}
	pango_font_description_free(drawing.font);
	pango_font_description_free(drawing.bold);
	return buffer;
}

int panel_row_at(const struct panel_place *place, double x, double y) {
	double right = x - place->rows_x, down = y - place->rows_y;
	if (right < 0 || down < 0 || place->row_height <= 0 || place->column_width <= 0) {
		return -1;
	}
	size_t column = (size_t)(right / (place->column_width + GAP));
	size_t line = (size_t)(down / place->row_height);
	if (column >= place->columns || line >= place->per_column ||
		right - (double)column * (place->column_width + GAP) >= place->column_width) {
		return -1;
	}
	size_t index = place->first + column * place->per_column + line;
	return index < place->rows_len ? (int)index : -1;
}

#include "card.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <wlr/interfaces/wlr_buffer.h>

#include "cairo_buffer.h"

#define LINES_MAX (sizeof(((struct card *)NULL)->lines) / sizeof(struct card_line))
// Between paragraphs, in logical pixels.
#define SPACING 6

struct measured {
	PangoLayout *layouts[LINES_MAX];
	int width, height; // logical pixels, without the padding
};

static PangoLayout *lay_out(cairo_t *cairo, const struct card_line *line, int width) {
	PangoLayout *layout = pango_cairo_create_layout(cairo);
	PangoFontDescription *font = pango_font_description_from_string(line->font);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_width(layout, width * PANGO_SCALE);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
	// As much as a few lines: the rest is in the log.
	pango_layout_set_height(layout, -6);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	pango_layout_set_text(layout, line->text, -1);
	return layout;
}

static void measure(cairo_t *cairo, const struct card *card, int width, struct measured *out) {
	out->width = 0;
	out->height = 0;
	for (size_t i = 0; i < LINES_MAX; i++) {
		const struct card_line *line = &card->lines[i];
		out->layouts[i] = NULL;
		if (line->text == NULL || line->text[0] == '\0') {
			continue;
		}
		out->layouts[i] = lay_out(cairo, line, width);
		int line_width, line_height;
		pango_layout_get_pixel_size(out->layouts[i], &line_width, &line_height);
		out->width = line_width > out->width ? line_width : out->width;
		out->height += line_height + (out->height > 0 ? SPACING : 0);
	}
}

static void finish(struct measured *measured) {
	for (size_t i = 0; i < LINES_MAX; i++) {
		if (measured->layouts[i] != NULL) {
			g_object_unref(measured->layouts[i]);
		}
	}
}

static void set_colour(cairo_t *cairo, uint32_t colour) {
	cairo_set_source_rgb(cairo, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
		(colour & 0xff) / 255.0);
}

static void draw(cairo_t *cairo, const struct card *card, int width, int height) {
	set_colour(cairo, card->edge_width > 0 ? card->edge : card->colour);
	cairo_paint(cairo);
	cairo_scale(cairo, (double)card->scale, (double)card->scale);
	set_colour(cairo, card->colour);
	cairo_rectangle(cairo, card->edge_width, card->edge_width, width - 2 * card->edge_width,
		height - 2 * card->edge_width);
	cairo_fill(cairo);

	struct measured measured;
	measure(cairo, card, width - 2 * card->padding, &measured);
	int y = card->padding;
	for (size_t i = 0; i < LINES_MAX; i++) {
		if (measured.layouts[i] == NULL) {
			continue;
		}
		int line_height;
		set_colour(cairo, card->lines[i].colour);
		cairo_move_to(cairo, card->padding, y);
		pango_cairo_show_layout(cairo, measured.layouts[i]);
		pango_layout_get_pixel_size(measured.layouts[i], NULL, &line_height);
		y += line_height + SPACING;
	}
	finish(&measured);
}

struct wlr_buffer *card_draw(const struct card *card, int *width, int *height) {
	int room = card->max_width - 2 * card->padding;
	if (room <= 0 || card->max_height <= 0) {
		return NULL;
	}
	struct wlr_buffer *probe = cairo_buffer_create(1, 1);
	if (probe == NULL) {
		return NULL;
	}
	struct measured measured;
	measure(cairo_buffer_context(probe), card, room, &measured);
	*width = measured.width + 2 * card->padding;
	*height = measured.height + 2 * card->padding;
	finish(&measured);
	wlr_buffer_drop(probe);
	if (*height > card->max_height) {
		*height = card->max_height;
	}
	struct wlr_buffer *buffer = cairo_buffer_create(
		(int)ceilf((float)*width * card->scale), (int)ceilf((float)*height * card->scale));
	if (buffer != NULL) {
		draw(cairo_buffer_context(buffer), card, *width, *height);
	}
	return buffer;
}

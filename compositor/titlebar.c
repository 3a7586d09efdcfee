#include "titlebar.h"

#include <cairo.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_buffer.h>

#include "alloc.h"
#include "cairo_buffer.h"

// A bar shows no more of a text than this, in bytes.
#define TEXT_MAX 512
#define HEIGHT_MAX 256
// Of a label or a title that stands beside another, in bytes.
#define ORIGIN_PART_MAX 80

// --- untrusted text -----------------------------------------------------------------------

// What would let a text write over its neighbours, hide a part of itself or turn its order.
static bool is_deceptive(gunichar c) {
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_PRIVATE_USE:
	case G_UNICODE_UNASSIGNED:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return true;
	default:
		return g_unichar_iszerowidth(c) && !g_unichar_ismark(c);
	}
}

char *titlebar_filter_text(const char *untrusted_text, size_t max_bytes) {
	const int max_marks = 2; // on one letter; more would grow out of the bar
	const char *from = untrusted_text;
	char *text = alloc_zeroed(max_bytes + 1, 1);
	size_t len = 0;
	int marks = 0;
	while (*from != '\0') {
		gunichar c = g_utf8_get_char_validated(from, (gssize)strnlen(from, 6));
		if (c == (gunichar)-1 || c == (gunichar)-2) {
			c = 0xfffd; // replacement character
			from++;
		} else {
			from = g_utf8_next_char(from);
		}
		bool blank = c == '\t' || c == '\n' || c == '\r' || g_unichar_isspace(c);
		if (blank) {
			c = ' ';
		} else if (is_deceptive(c)) {
			continue;
		}
		marks = g_unichar_ismark(c) ? marks + 1 : 0;
		if (marks > max_marks || (marks > 0 && len == 0)) {
			continue;
		}
		char bytes[6];
		size_t bytes_len = (size_t)g_unichar_to_utf8(c, bytes);
		if (len + bytes_len > max_bytes) {
			break;
		}
		memcpy(text + len, bytes, bytes_len);
		len += bytes_len;
	}
	text[len] = '\0';
	return text;
}

// --- drawing ------------------------------------------------------------------------------

static PangoFontDescription *parse_font(const char *font) {
	const int most = 64 * PANGO_SCALE;
	PangoFontDescription *description = pango_font_description_from_string(font);
	int size = pango_font_description_get_size(description);
	if (size <= 0 || size > most) {
		pango_font_description_set_size(description, size > most ? most : 10 * PANGO_SCALE);
	}
	return description;
}

int titlebar_height(const char *font, int padding) {
	PangoContext *context = pango_font_map_create_context(pango_cairo_font_map_get_default());
	PangoFontDescription *description = parse_font(font);
	PangoFontMetrics *metrics = pango_context_get_metrics(context, description, NULL);
	int units = pango_font_metrics_get_ascent(metrics) +
		pango_font_metrics_get_descent(metrics);
	pango_font_metrics_unref(metrics);
	pango_font_description_free(description);
	g_object_unref(context);
	int height = PANGO_PIXELS_CEIL(units) + 2 * padding;
	height = height < HEIGHT_MAX ? height : HEIGHT_MAX;
	return height > 1 ? height : 1;
}

static void set_colour(cairo_t *cairo, uint32_t colour) {
	cairo_set_source_rgb(cairo, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
		(colour & 0xff) / 255.0);
}

// Draws text in the space between left and right, cut with an ellipsis. Returns its width.
static int draw_text(cairo_t *cairo, PangoLayout *layout, const char *untrusted_text, int left,
	int right, int height, bool at_right) {
	if (right - left < height / 2) {
		return 0;
	}
	char *text = titlebar_filter_text(untrusted_text, TEXT_MAX);
	pango_layout_set_text(layout, text, -1);
	free(text);
	pango_layout_set_width(layout, (right - left) * PANGO_SCALE);
	int width, text_height;
	pango_layout_get_pixel_size(layout, &width, &text_height);
	cairo_move_to(cairo, at_right ? right - width : left, floor((height - text_height) / 2.0));
	pango_cairo_show_layout(cairo, layout);
	return width;
}

static void draw_line(cairo_t *cairo, const struct titlebar *titlebar) {
	const double faint = 0.55;
	int width = titlebar->width, height = titlebar->height;
	if (titlebar->line == TITLEBAR_LINE_NONE) {
		return;
	}
	cairo_set_source_rgba(cairo, 0, 0, 0, faint);
	if (titlebar->line == TITLEBAR_LINE_RIGHT) {
		cairo_rectangle(cairo, width - 1, 0, 1, height);
	} else {
		cairo_rectangle(cairo, 0, height - 1, width, 1);
	}
	cairo_fill(cairo);
}

// Black or white, whichever is easier to read on a colour.
static uint32_t contrast(uint32_t colour) {
	uint32_t light = 299 * (colour >> 16 & 0xff) + 587 * (colour >> 8 & 0xff) +
		114 * (colour & 0xff);
	return light > 140000 ? 0x000000 : 0xffffff;
}

// A square at the left end. Returns its width.
static int draw_mark(cairo_t *cairo, PangoLayout *layout, const struct titlebar *titlebar) {
	const int side = titlebar->height;
	if (!titlebar->marked || titlebar->width < side) {
		return 0;
	}
	set_colour(cairo, titlebar->mark);
	cairo_rectangle(cairo, 0, 0, side, side);
	cairo_fill(cairo);
	set_colour(cairo, contrast(titlebar->mark));
	pango_layout_set_text(layout, "!", -1);
	pango_layout_set_width(layout, -1);
	int width, height;
	pango_layout_get_pixel_size(layout, &width, &height);
	cairo_move_to(cairo, (side - width) / 2.0, floor((side - height) / 2.0));
	pango_cairo_show_layout(cairo, layout);
	return side;
}

static void draw_bar(cairo_t *cairo, const struct titlebar *titlebar) {
	PangoLayout *layout = pango_cairo_create_layout(cairo);
	PangoFontDescription *font = parse_font(titlebar->font);
	pango_layout_set_font_description(layout, font);
	pango_layout_set_single_paragraph_mode(layout, TRUE);
	pango_layout_set_auto_dir(layout, FALSE);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);

	const int gap = titlebar->height / 3;
	int left = gap + draw_mark(cairo, layout, titlebar);
	int right = titlebar->width - gap;
	set_colour(cairo, titlebar->text_colour);
	// The label is the desk's word on who this is: it has its place before the title has.
	if (titlebar->label != NULL) {
		int most = right - left;
		int width = draw_text(cairo, layout, titlebar->label, right - most / 2, right,
			titlebar->height, true);
		right -= width > 0 ? width + gap : 0;
	}
	if (titlebar->note != NULL && titlebar->note[0] != '\0') {
		int width = draw_text(cairo, layout, titlebar->note, left + (right - left) / 2,
			right, titlebar->height, true);
		right -= width > 0 ? width + gap : 0;
	}
	draw_text(cairo, layout, titlebar->text != NULL ? titlebar->text : "", left, right,
		titlebar->height, false);
	pango_font_description_free(font);
	g_object_unref(layout);
}

// Scales are 120ths held in a float: what exceeds a pixel by less than that is no pixel.
static int pixels(int logical, float scale) {
	return (int)ceil((double)logical * (double)scale - 0.004);
}

struct wlr_buffer *titlebar_draw(const struct titlebar *titlebar) {
	if (!(titlebar->scale > 0 && titlebar->scale < 100) || titlebar->width < 1 ||
		titlebar->height < 1) {
		return NULL;
	}
	struct wlr_buffer *buffer = cairo_buffer_create(pixels(titlebar->width, titlebar->scale),
		pixels(titlebar->height, titlebar->scale));
	if (buffer == NULL) {
		return NULL;
	}
	cairo_t *cairo = cairo_buffer_context(buffer);
	set_colour(cairo, titlebar->colour);
	cairo_paint(cairo);
	cairo_scale(cairo, (double)titlebar->scale, (double)titlebar->scale);
	draw_bar(cairo, titlebar);
	draw_line(cairo, titlebar);
	return buffer;
}

char *titlebar_format_origin(const char *label, const char *untrusted_title) {
	char *origin = NULL, *first = titlebar_filter_text(label, ORIGIN_PART_MAX);
	char *second = titlebar_filter_text(untrusted_title, ORIGIN_PART_MAX);
	if (asprintf(&origin, "%s — %s", first, second) < 0) {
		abort();
	}
	free(first);
	free(second);
	return origin;
}

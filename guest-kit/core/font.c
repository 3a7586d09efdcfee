#include "core/draw.h"
#include "core/face.h"
#include "core/machine.h"
#include "core/path.h"
#include "core/utf8.h"
#include "gk.h"

// A glyph's picture: how much of each pixel it covers.
struct picture {
	uint8_t *coverage; // NULL: not made yet, or nothing to see
	bool made;
	int x, y; // of its top left, from the pen, y downwards
	int width, height;
};

struct gk_font {
	struct heap *heap;
	const struct gk_face *face;
	int size;
	struct picture *pictures; // one a glyph of the face
	struct gk_path path;
};

struct gk_font *gk_font_create(struct gk *gk, const struct gk_face *face, int size) {
	size = size < 4 ? 4 : size > 4096 ? 4096 : size;
	struct gk_font *font = heap_allocate(&gk->heap, sizeof(*font), 16);
	if (font == NULL) {
		return NULL;
	}
	font->heap = &gk->heap;
	font->face = face;
	font->size = size;
	font->pictures = heap_allocate(
		&gk->heap, (size_t)face->glyph_count * sizeof(*font->pictures), 16);
	if (font->pictures == NULL) {
		heap_free(&gk->heap, font);
		return NULL;
	}
	path_init(&font->path, &gk->heap);
	return font;
}

void gk_font_destroy(struct gk_font *font) {
	if (font == NULL) {
		return;
	}
	for (int i = 0; i < font->face->glyph_count; i++) {
		heap_free(font->heap, font->pictures[i].coverage);
	}
	path_finish(&font->path);
	heap_free(font->heap, font->pictures);
	heap_free(font->heap, font);
}

static gk_fixed scaled_finely(const struct gk_font *font, int units) {
	return (gk_fixed)((int64_t)units * font->size * 256 / font->face->units_per_em);
}

// To the nearest pixel.
static int scaled(const struct gk_font *font, int units) {
	return (scaled_finely(font, units) + 128) >> 8;
}

int gk_font_ascent(const struct gk_font *font) {
	return scaled(font, font->face->ascent);
}

int gk_font_line_height(const struct gk_font *font) {
	const struct gk_face *face = font->face;
	return scaled(font, face->ascent) + scaled(font, face->line_gap - face->descent);
}

int gk_font_cap_height(const struct gk_font *font) {
	return scaled(font, font->face->cap_height);
}

static int find_glyph(const struct gk_face *face, uint32_t character) {
	int low = 1;
	int high = face->glyph_count;
	while (low < high) {
		int middle = (low + high) / 2;
		if (face->glyphs[middle].character < character) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < face->glyph_count && face->glyphs[low].character == character ? low : 0;
}

static void build_outline(struct gk_font *font, int glyph) {
	const int16_t *at = font->face->outlines + font->face->glyphs[glyph].outline;
	struct gk_path *path = &font->path;
	gk_path_clear(path);
	while (at[0] != FACE_END) {
		int count = at[0] == FACE_CURVE ? 4 : 2;
		gk_fixed c[4];
		for (int i = 0; i < count; i++) {
			// The em's y goes up, the screen's down.
			c[i] = scaled_finely(font, i % 2 == 0 ? at[1 + i] : -at[1 + i]);
		}
		if (at[0] == FACE_MOVE) {
			gk_path_move(path, c[0], c[1]);
		} else if (at[0] == FACE_LINE) {
			gk_path_line(path, c[0], c[1]);
		} else {
			gk_path_curve(path, c[0], c[1], c[2], c[3]);
		}
		at += 1 + count;
	}
}

static void picture_span(void *data, int x, int y, int length, int coverage) {
	const struct picture *picture = data;
	uint8_t *row = picture->coverage + (int64_t)(y - picture->y) * picture->width;
	for (int i = 0; i < length; i++) {
		row[x - picture->x + i] = (uint8_t)coverage;
	}
}

static const struct picture *get_picture(struct gk_font *font, int glyph) {
	struct picture *picture = &font->pictures[glyph];
	if (picture->made) {
		return picture;
	}
	build_outline(font, glyph);
	struct gk_rect bounds = path_bounds(&font->path);
	picture->made = true;
	if (bounds.width <= 0 || bounds.height <= 0) {
		return picture;
	}
	*picture = (struct picture){
		.coverage = heap_allocate(
			font->heap, (size_t)bounds.width * (size_t)bounds.height, 1),
		.x = bounds.x,
		.y = bounds.y,
		.width = bounds.width,
		.height = bounds.height,
	};
	if (picture->coverage == NULL) {
		return picture;
	}
	picture->made = path_rasterize(&font->path, bounds, picture_span, picture);
	if (!picture->made) {
		heap_free(font->heap, picture->coverage);
		picture->coverage = NULL;
	}
	return picture;
}

static void draw_picture(const struct gk_canvas *canvas, const struct picture *picture, int x,
	int y, uint32_t color) {
	x += picture->x;
	y += picture->y;
	struct gk_rect rect = {x, y, picture->width, picture->height};
	rect = gk_rect_intersect(rect, canvas->clip);
	for (int row = rect.y; row < rect.y + rect.height; row++) {
		const uint8_t *coverage = picture->coverage + (int64_t)(row - y) * picture->width -
			x;
		uint32_t *pixels = canvas->pixels + (int64_t)row * canvas->stride;
		for (int column = rect.x; column < rect.x + rect.width; column++) {
			if (coverage[column] != 0) {
				uint32_t weight = draw_weight(color, coverage[column]);
				pixels[column] = draw_blend(
					pixels[column], color & 0xffffff, weight);
			}
		}
	}
}

int gk_char_width(struct gk_font *font, uint32_t character) {
	return scaled(font, font->face->glyphs[find_glyph(font->face, character)].advance);
}

void gk_char_draw(const struct gk_canvas *canvas, struct gk_font *font, int x, int baseline,
	uint32_t character, uint32_t color) {
	const struct picture *picture = get_picture(font, find_glyph(font->face, character));
	if (picture->coverage != NULL) {
		draw_picture(canvas, picture, x, baseline, color);
	}
}

int gk_text_width(struct gk_font *font, const char *text, size_t length) {
	int width = 0;
	size_t at = 0;
	while (at < length) {
		width += gk_char_width(font, utf8_next(text, length, &at));
	}
	return width;
}

int gk_text_draw(const struct gk_canvas *canvas, struct gk_font *font, int x, int baseline,
	const char *text, size_t length, uint32_t color) {
	size_t at = 0;
	while (at < length) {
		uint32_t character = utf8_next(text, length, &at);
		gk_char_draw(canvas, font, x, baseline, character, color);
		x += gk_char_width(font, character);
	}
	return x;
}

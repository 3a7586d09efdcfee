/*
 * bake: run at build time. Takes the outlines of some characters out of a TrueType font and
 * writes them as a C file with one struct gk_face.
 *
 *	bake FONT.ttf NAME CHARACTERS OUTPUT.c
 *
 * CHARACTERS is a comma-separated list of hexadecimal code points and ranges: "20-7e,a0-17f".
 * Outlines take a tenth of the room of the font file, and look right in every size.
 */
#include <errno.h>
#include <stb/stb_truetype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/face.h"

struct bake {
	stbtt_fontinfo font;
	FILE *output;
	struct face_glyph *glyphs;
	size_t glyph_count;
	unsigned int outline; // values written so far
};

static unsigned char *read_file(const char *name) {
	FILE *file = fopen(name, "rb");
	if (file == NULL) {
		return NULL;
	}
	unsigned char *data = NULL;
	size_t size = 0;
	size_t count;
	do {
		unsigned char *more = realloc(data, size + 65536);
		if (more == NULL) {
			abort();
		}
		data = more;
		count = fread(data + size, 1, 65536, file);
		size += count;
	} while (count > 0);
	fclose(file);
	return data;
}

static void put(struct bake *bake, int value) {
	fprintf(bake->output, "%d,%c", value, ++bake->outline % 16 == 0 ? '\n' : ' ');
}

static void bake_glyph(struct bake *bake, unsigned int character, int index) {
	int advance, bearing;
	stbtt_GetGlyphHMetrics(&bake->font, index, &advance, &bearing);
	void *grown = realloc(bake->glyphs, (bake->glyph_count + 1) * sizeof(*bake->glyphs));
	if (grown == NULL) {
		abort();
	}
	bake->glyphs = grown;
	bake->glyphs[bake->glyph_count++] = (struct face_glyph){
		.character = character, .advance = (int16_t)advance, .outline = bake->outline};

	stbtt_vertex *vertices;
	int count = stbtt_GetGlyphShape(&bake->font, index, &vertices);
	for (int i = 0; i < count; i++) {
		const stbtt_vertex *vertex = &vertices[i];
		put(bake,
			vertex->type == STBTT_vmove            ? FACE_MOVE
				: vertex->type == STBTT_vcurve ? FACE_CURVE
							       : FACE_LINE);
		if (vertex->type == STBTT_vcurve) {
			put(bake, vertex->cx);
			put(bake, vertex->cy);
		}
		put(bake, vertex->x);
		put(bake, vertex->y);
	}
	put(bake, FACE_END);
	stbtt_FreeShape(&bake->font, vertices);
}

static bool bake_characters(struct bake *bake, const char *list) {
	bake_glyph(bake, 0, stbtt_FindGlyphIndex(&bake->font, 0xfffd));
	unsigned long previous = 0;
	while (*list != '\0') {
		char *end;
		unsigned long first = strtoul(list, &end, 16);
		unsigned long last = *end == '-' ? strtoul(end + 1, &end, 16) : first;
		if (first <= previous || last < first || last > 0x10ffff) {
			return false; // they must ascend: the kit searches by halves
		}
		for (unsigned long c = first; c <= last; c++) {
			int index = stbtt_FindGlyphIndex(&bake->font, (int)c);
			if (index != 0) {
				bake_glyph(bake, (unsigned int)c, index);
			}
		}
		previous = last;
		list = *end == ',' ? end + 1 : end;
	}
	return true;
}

// The height of H: what OS/2's sCapHeight says, in fonts that have it.
static int cap_height(const stbtt_fontinfo *font) {
	int x0, y0, x1, y1;
	return stbtt_GetCodepointBox(font, 'H', &x0, &y0, &x1, &y1) ? y1 : 0;
}

static bool bake(struct bake *bake, const char *name, const char *characters) {
	FILE *output = bake->output;
	fprintf(output,
		"// Made by font/bake.c.\n#include \"core/face.h\"\n#include \"gk/draw.h\"\n\n");
	fprintf(output, "static const int16_t outlines[] = {\n");
	if (!bake_characters(bake, characters)) {
		fprintf(stderr, "bake: bad list of characters: %s\n", characters);
		return false;
	}
	fprintf(output, "};\n\nstatic const struct face_glyph glyphs[] = {\n");
	for (size_t i = 0; i < bake->glyph_count; i++) {
		const struct face_glyph *glyph = &bake->glyphs[i];
		fprintf(output, "{%#x, %d, %u},\n", glyph->character, glyph->advance,
			glyph->outline);
	}
	int ascent, descent, line_gap;
	stbtt_GetFontVMetrics(&bake->font, &ascent, &descent, &line_gap);
	int units_per_em = (int)(1 / stbtt_ScaleForMappingEmToPixels(&bake->font, 1) + 0.5f);
	fprintf(output, "};\n\nconst struct gk_face %s = {\n", name);
	fprintf(output, "glyphs, %zu, outlines, %d, %d, %d, %d, %d\n};\n", bake->glyph_count,
		units_per_em, ascent, descent, line_gap, cap_height(&bake->font));
	return true;
}

int main(int argc, char *argv[]) {
	if (argc != 5) {
		fprintf(stderr, "usage: bake FONT.ttf NAME CHARACTERS OUTPUT.c\n");
		return 2;
	}
	struct bake state = {0};
	unsigned char *data = read_file(argv[1]);
	if (data == NULL || !stbtt_InitFont(&state.font, data, 0)) {
		fprintf(stderr, "bake: %s: %s\n", argv[1],
			data ? "not a TrueType font" : strerror(errno));
		free(data);
		return 1;
	}
	state.output = fopen(argv[4], "w");
	bool written = state.output != NULL && bake(&state, argv[2], argv[3]);
	if (state.output != NULL && fclose(state.output) != 0) {
		written = false;
	}
	free(state.glyphs);
	free(data);
	return written ? 0 : 1;
}

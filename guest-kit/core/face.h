/**
 * A typeface as font/bake.c writes it into a C file: outlines of some characters.
 */
#ifndef GK_CORE_FACE_H
#define GK_CORE_FACE_H

#include <stdint.h>

enum face_op {
	FACE_END,
	FACE_MOVE, // x, y
	FACE_LINE, // x, y
	FACE_CURVE, // control x, control y, x, y
};

struct face_glyph {
	uint32_t character;
	int16_t advance;
	uint32_t outline; // index into outlines
};

/** Coordinates are in units of the em, y upwards from the baseline. */
struct gk_face {
	const struct face_glyph *glyphs; // in order of character; the first is for all others
	int glyph_count;
	const int16_t *outlines; // ops, each followed by its coordinates
	int units_per_em;
	int ascent, descent, line_gap; // descent is negative
	int cap_height;
};

#endif

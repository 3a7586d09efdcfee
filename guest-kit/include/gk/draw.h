/**
 * Drawing: rectangles, anti-aliased shapes, and text in real fonts. All of it is cut off at the
 * canvas's clip, and none of it allocates but what is said to.
 */
#ifndef GK_DRAW_H
#define GK_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "gk/display.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gk_path;
struct gk_font;

/**
 * A coordinate or length of a shape, in 256ths of a pixel, from -32000 to 32000 pixels. The kit
 * and its programs use no floating point.
 */
typedef int32_t gk_fixed;

/** A number of pixels, such as 3 or 1.5 (a constant then). */
#define GK_FIXED(pixels) ((gk_fixed)((pixels) * 256))

/** A typeface that is part of the program; only those that are named are linked in. */
struct gk_face;
extern const struct gk_face gk_face_sans;
extern const struct gk_face gk_face_mono;

/** Returns the part that two rectangles share, empty if there is none. */
struct gk_rect gk_rect_intersect(struct gk_rect a, struct gk_rect b);

/** Returns the smallest rectangle around two; an empty one counts for nothing. */
struct gk_rect gk_rect_union(struct gk_rect a, struct gk_rect b);

/** Returns a canvas of the same pixels that is clipped to a rectangle as well. */
struct gk_canvas gk_canvas_clip(const struct gk_canvas *canvas, struct gk_rect rect);

/** Fill a rectangle; a colour that is not opaque is blended. */
void gk_fill(const struct gk_canvas *canvas, struct gk_rect rect, uint32_t color);

/** Returns a colour between two: 0 gives a, 255 gives b. */
uint32_t gk_mix(uint32_t a, uint32_t b, int weight);

/**
 * A shape bounded by lines and curves. Open contours are closed. Where contours overlap in the
 * same direction the shape is the union, in opposite directions the difference.
 *
 * Returns NULL without memory. For gk_path_destroy().
 */
struct gk_path *gk_path_create(struct gk *gk);
void gk_path_destroy(struct gk_path *path);

/** Begin anew, with an empty shape. */
void gk_path_clear(struct gk_path *path);

/**
 * Add to a shape. Without memory a shape stays what it is; gk_path_fill() then draws nothing.
 * Circles run clockwise on the screen, or counter-clockwise for a negative radius.
 */
void gk_path_move(struct gk_path *path, gk_fixed x, gk_fixed y);
void gk_path_line(struct gk_path *path, gk_fixed x, gk_fixed y);
void gk_path_curve(
	struct gk_path *path, gk_fixed control_x, gk_fixed control_y, gk_fixed x, gk_fixed y);
void gk_path_circle(struct gk_path *path, gk_fixed x, gk_fixed y, gk_fixed radius);

/** Add a line as wide as width with round ends. */
void gk_path_stroke(
	struct gk_path *path, gk_fixed x0, gk_fixed y0, gk_fixed x1, gk_fixed y1, gk_fixed width);

/** Add a rectangle with round corners. */
void gk_path_round_rect(struct gk_path *path, gk_fixed x, gk_fixed y, gk_fixed width,
	gk_fixed height, gk_fixed radius);

/** Fill a shape in one colour. Returns the pixels it may have touched, for gk_damage(). */
struct gk_rect gk_path_fill(const struct gk_canvas *canvas, struct gk_path *path, uint32_t color);

/** Returns 65536 times the sine or cosine of an angle in 65536ths of a turn, exact to 1. */
int32_t gk_sine(int32_t turns);
int32_t gk_cosine(int32_t turns);

/** Returns a length times a factor in 65536ths, such as a sine. */
gk_fixed gk_scale(gk_fixed length, int32_t factor);

/**
 * Prepare a typeface in a size: size is the height of its em, in pixels, 4 to 4096.
 *
 * Returns NULL without memory. For gk_font_destroy(). Glyphs are made when first drawn, and
 * kept.
 */
struct gk_font *gk_font_create(struct gk *gk, const struct gk_face *face, int size);
void gk_font_destroy(struct gk_font *font);

/** Metrics in pixels: of the baseline below the top of a line, and from a line to the next. */
int gk_font_ascent(const struct gk_font *font);
int gk_font_line_height(const struct gk_font *font);

/** Height of capital letters and digits, in pixels: for centring. */
int gk_font_cap_height(const struct gk_font *font);

/** Returns the width of length bytes of text on one line, in pixels. */
int gk_text_width(struct gk_font *font, const char *text, size_t length);

/** Draw length bytes of text on one line. Returns the x at which more of it would go on. */
int gk_text_draw(const struct gk_canvas *canvas, struct gk_font *font, int x, int baseline,
	const char *text, size_t length, uint32_t color);

/** Width and drawing of one character. */
int gk_char_width(struct gk_font *font, uint32_t character);
void gk_char_draw(const struct gk_canvas *canvas, struct gk_font *font, int x, int baseline,
	uint32_t character, uint32_t color);

#ifdef __cplusplus
}
#endif

#endif
